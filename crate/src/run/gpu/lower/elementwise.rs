//! One element in, one out: functions of one tensor, choices, BatchNorm; and how operands broadcast.

use crate::engines::gpu::shader::File;
use crate::error::Result;
use crate::ir::graph::{Node, NodeId, ValueId};
use crate::run::gpu::activation::Activation;
use crate::run::gpu::program::{Kind, TensorId};

use super::written::Written;
use super::{GROUP_ELEMENTS, Lower, View, eight, kernel, lacking, strides};

/// A function of one tensor.
pub(super) fn map(lower: &mut Lower<'_>, node: &Node, activation: &Activation) -> Result<()> {
    let x = lower.floats(node, 0)?;
    let out = lower.first_output(node)?;
    apply(lower, &x, None, activation, out)
}

/// An activation that a plan wrote out, where no step before it takes it in.
pub(super) fn written(lower: &mut Lower<'_>, x: ValueId, written: Written) -> Result<()> {
    let x = lower.view(x)?;
    for id in written.nodes {
        lower.absorb(id);
    }
    apply(lower, &x, None, &written.activation, written.end)
}

/// A BatchNorm that no layer before it takes in: x * factor + shift by channel.
pub(super) fn batch_norm(lower: &mut Lower<'_>, node: &Node) -> Result<()> {
    if !lower.statistics_are_stored(node) {
        return Err(lacking("a BatchNorm whose statistics are computed while running"));
    }
    lower.only_first_output(node)?;
    let x = lower.floats(node, 0)?;
    let (factors, shifts) = lower.affine(node)?;
    let single = |values: Vec<f64>| values.into_iter().map(|v| v as f32).collect::<Vec<_>>();
    let tables = (lower.table(&single(factors)), lower.table(&single(shifts)));
    let tail = lower.tail(lower.first_output(node)?, false)?;
    apply(lower, &x, Some(tables), &tail.activation, tail.end)
}

fn apply(
    lower: &mut Lower<'_>,
    x: &View,
    affine: Option<(TensorId, TensorId)>,
    activation: &Activation,
    out: ValueId,
) -> Result<()> {
    let result = lower.tensor(x.dims.clone(), Kind::F32)?;
    let total = x.dims.iter().product::<usize>();
    let inner = x.dims.iter().skip(2).product::<usize>().max(1);
    let channels = x.dims.get(1).copied().unwrap_or(1).max(1);
    let (factor, shift) = affine.unwrap_or((x.tensor, x.tensor));
    let kernel = kernel(File::Map).flag("AFFINE", affine.is_some());
    let reads = (vec![x.tensor, factor, shift], x.tensor);
    let (kernel, mut params, reads) = lower.activated(kernel, activation, &x.dims, reads)?;
    params.extend([total, inner, channels].map(|n| n as u32));
    let step = lower.flat(kernel, params, reads, &result, (total, GROUP_ELEMENTS))?;
    lower.emit(vec![step]);
    lower.bind(out, result);
    Ok(())
}

impl Lower<'_> {
    /// The step in the making takes in a node, whose it then is.
    pub(super) fn absorb(&mut self, id: NodeId) {
        self.absorbed.insert(id);
        self.node = id.0;
    }

    /// Whether a BatchNorm is a fixed factor and shift by channel.
    pub(super) fn statistics_are_stored(&self, node: &Node) -> bool {
        let stored = |place: usize| node.input(place).is_some_and(|id| self.is_constant(id));
        node.attrs.int_or("training_mode", 0) == 0
            && node.attrs.int_or("spatial", 1) == 1
            && node.outputs.len() == 1
            && (1..5).all(stored)
    }

    /// Factor and shift of a BatchNorm: f = gamma / sqrt(var + epsilon), s = beta - mean * f.
    pub(super) fn affine(&self, node: &Node) -> Result<(Vec<f64>, Vec<f64>)> {
        let list = |place: usize| Ok(self.numbers(node, place)?.unwrap_or_default());
        let (gamma, beta, mean, var): (Vec<f64>, Vec<f64>, Vec<f64>, Vec<f64>) =
            (list(1)?, list(2)?, list(3)?, list(4)?);
        let epsilon = f64::from(node.attrs.float("epsilon").unwrap_or(1e-5));
        if [beta.len(), mean.len(), var.len()].iter().any(|n| *n != gamma.len()) {
            return Err(lacking("a BatchNorm whose parameters differ in size"));
        }
        let factors: Vec<f64> = gamma.iter().zip(&var).map(|(g, v)| g / (v + epsilon).sqrt()).collect();
        let shifts = beta.iter().zip(&mean).zip(&factors).map(|((b, m), f)| b - m * f).collect();
        Ok((factors, shifts))
    }
}

/// Where.
pub(super) fn choose(lower: &mut Lower<'_>, node: &Node) -> Result<()> {
    let (condition, a, b) = (lower.input(node, 0)?, lower.input(node, 1)?, lower.input(node, 2)?);
    let dims = broadcast(&[&condition.dims, &a.dims, &b.dims])?;
    let result = lower.tensor(dims.clone(), a.kind)?;
    let total = dims.iter().product::<usize>();
    let (loops, steps) = walk(&dims, [&condition.dims, &a.dims, &b.dims])?;
    let mut params = vec![total as u32, 0, 0, 0];
    params.extend(eight(&loops, 1));
    for list in &steps {
        params.extend(eight(list, 0));
    }
    let kernel = kernel(File::Choose).set("RANK", loops.len() as u32);
    let reads = vec![condition.tensor, a.tensor, b.tensor];
    let step = lower.flat(kernel, params, reads, &result, (total, GROUP_ELEMENTS))?;
    lower.emit(vec![step]);
    let out = lower.first_output(node)?;
    lower.bind(out, result);
    Ok(())
}

/// Dimensions that all operands stretch to. 3x1 and 4: 3x4.
pub(super) fn broadcast(all: &[&[usize]]) -> Result<Vec<usize>> {
    let rank = all.iter().map(|dims| dims.len()).max().unwrap_or(0);
    let mut out = vec![1usize; rank];
    for dims in all {
        for (slot, dim) in out.iter_mut().rev().zip(dims.iter().rev()) {
            match (*slot, *dim) {
                (a, b) if a == b || b == 1 => {}
                (1, b) => *slot = b,
                _ => return Err(lacking("shapes that do not broadcast")),
            }
        }
    }
    Ok(out)
}

/// Loops over the result and each operand's steps (0: broadcast), with neighbouring axes joined
/// where all operands go on evenly. 2x3x4x4 against 3x1x1: loops 2, 3, 16.
pub(super) fn walk<const N: usize>(
    dims: &[usize],
    operands: [&[usize]; N],
) -> Result<(Vec<u32>, [Vec<u32>; N])> {
    let mut steps: Vec<Vec<usize>> = Vec::new();
    for operand in operands {
        let own = strides(operand);
        let lead = dims.len() - operand.len().min(dims.len());
        let step = |axis: usize| match axis.checked_sub(lead).map(|at| (operand.get(at), own.get(at))) {
            Some((Some(1), _)) | None => 0,
            Some((_, step)) => step.copied().unwrap_or(0),
        };
        steps.push((0..dims.len()).map(step).collect());
    }
    let mut loops: Vec<usize> = Vec::new();
    let mut joined: Vec<Vec<usize>> = vec![Vec::new(); N];
    for (axis, dim) in dims.iter().enumerate().filter(|(_, dim)| **dim != 1) {
        let at = |operand: usize| steps.get(operand).and_then(|s| s.get(axis)).copied().unwrap_or(0);
        let even = |(operand, list): (usize, &Vec<usize>)| list.last().copied() == Some(at(operand) * dim);
        if !loops.is_empty() && joined.iter().enumerate().all(even) {
            if let Some(last) = loops.last_mut() {
                *last *= dim;
            }
            for (operand, list) in joined.iter_mut().enumerate() {
                if let Some(last) = list.last_mut() {
                    *last = at(operand);
                }
            }
        } else {
            loops.push(*dim);
            for (operand, list) in joined.iter_mut().enumerate() {
                list.push(at(operand));
            }
        }
    }
    if loops.len() > 8 {
        return Err(lacking("more than eight axes that broadcast differently"));
    }
    let short = |list: Vec<usize>| list.into_iter().map(|n| n as u32).collect::<Vec<u32>>();
    let mut lists = joined.into_iter().map(short);
    Ok((short(loops), std::array::from_fn(|_| lists.next().unwrap_or_default())))
}
