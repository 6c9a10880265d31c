//! Axes folded away, and rows brought to one scale: reductions, global pools, Softmax, the norms.

use crate::engines::gpu::shader::File;
use crate::error::Result;
use crate::ir::graph::Node;
use crate::run::gpu::program::Kind;

use super::layout::{alias, permuted};
use super::{GROUP_ROWS, Lower, View, axis_of, kernel, lacking, pairwise};
use pairwise::Passing;

/// How a reduction folds.
struct Fold {
    before: &'static str,
    fold: &'static str,
    after: &'static str,
    start: f32,
    mean: bool,
    shifted: bool,
}

impl Fold {
    fn of(op: &str) -> Option<Self> {
        let sum =
            |before, after| Self { before, fold: "sum", after, start: 0.0, mean: false, shifted: false };
        let best = |fold, start| Self { fold, start, ..sum("identity", "identity") };
        Some(match op {
            "ReduceSum" => sum("identity", "identity"),
            "ReduceMean" => Self { mean: true, ..sum("identity", "identity") },
            "ReduceMax" => best("maximum", f32::NEG_INFINITY),
            "ReduceMin" => best("minimum", f32::INFINITY),
            "ReduceProd" => best("product", 1.0),
            "ReduceL1" => sum("absolute", "identity"),
            "ReduceL2" => sum("square", "square_root"),
            "ReduceSumSquare" => sum("square", "identity"),
            "ReduceLogSum" => sum("identity", "logarithm"),
            "ReduceLogSumExp" => Self { shifted: true, ..sum("exponential", "logarithm") },
            _ => return None,
        })
    }
}

pub(super) fn reduce(lower: &mut Lower<'_>, node: &Node) -> Result<()> {
    let fold = Fold::of(&node.op);
    let mut fold = fold.ok_or_else(|| lacking("the GPU engine has no kernel for this operator"))?;
    let id = node.input(0).ok_or_else(|| lacking("input 0 is missing"))?;
    // An order is the same among floats.
    let (x, back) = match node.op.as_str() {
        "ReduceMax" | "ReduceMin" => pairwise::as_floats(lower, id)?,
        _ => (lower.floats(node, 0)?, None),
    };
    if let Some(Passing { range: [least, greatest], .. }) = back {
        fold.start = fold.start.clamp(least, greatest);
    }
    let rank = x.dims.len();
    let given = match node.attrs.ints("axes") {
        Some(axes) => Some(axes.to_vec()),
        None => lower.wholes(node, 1)?,
    };
    let given = given.unwrap_or_default();
    if given.is_empty() && node.attrs.int_or("noop_with_empty_axes", 0) != 0 {
        // Nothing is folded, but what stands before and after a fold is done.
        if fold.before != "identity" || fold.after != "identity" {
            return Err(lacking("a reduction over no axes"));
        }
        return alias(lower, node);
    }
    let mut axes: Vec<usize> = given.iter().map(|axis| axis_of(*axis, rank)).collect::<Result<_>>()?;
    if axes.is_empty() {
        axes = (0..rank).collect();
    }
    axes.sort_unstable();
    axes.dedup();
    let result = folded(lower, node, &x, &axes, &fold)?;
    let result = pairwise::from_floats(lower, result, back)?;
    let out = lower.first_output(node)?;
    lower.bind(out, result);
    Ok(())
}

/// Pools over whole planes.
pub(super) fn global(lower: &mut Lower<'_>, node: &Node) -> Result<()> {
    let x = lower.floats(node, 0)?;
    let op = if node.op == "GlobalMaxPool" { "ReduceMax" } else { "ReduceMean" };
    let fold = Fold::of(op).ok_or_else(|| lacking("no such fold"))?;
    let axes: Vec<usize> = (2..x.dims.len()).collect();
    let result = folded(lower, node, &x, &axes, &fold)?;
    let out = lower.first_output(node)?;
    lower.bind(out, result);
    Ok(())
}

fn folded(lower: &mut Lower<'_>, node: &Node, x: &View, axes: &[usize], fold: &Fold) -> Result<View> {
    let out = lower.first_output(node)?;
    // Axes that lie apart are brought to the end.
    let together = axes.windows(2).all(|pair| matches!(pair, [a, b] if a + 1 == *b));
    let (x, first, count) = match axes.first() {
        Some(first) if together => (x.clone(), *first, axes.len()),
        _ => {
            let mut order: Vec<usize> = (0..x.dims.len()).filter(|at| !axes.contains(at)).collect();
            let first = order.len();
            order.extend(axes);
            (permuted(lower, x, &order)?, first, axes.len())
        }
    };
    let product = |from: usize, to: usize| x.dims.iter().take(to).skip(from).product::<usize>();
    let (size, inner) = (product(first, first + count), product(first + count, x.dims.len()));
    let result = lower.output(out, Kind::F32)?;
    let total = result.dims.iter().product::<usize>();
    let factor = if fold.mean { 1.0 / size as f32 } else { 1.0 };
    let mut params = [total, inner.max(1), size].map(|n| n as u32).to_vec();
    params.extend([factor, fold.start, f32::NEG_INFINITY].map(f32::to_bits));
    let kernel = kernel(File::Reduce)
        .apply("before", fold.before)
        .combine("fold", fold.fold)
        .apply("after", fold.after)
        .flag("SHIFTED", fold.shifted);
    let step = lower.flat(kernel, params, vec![x.tensor], &result, (total, GROUP_ROWS))?;
    lower.emit(vec![step]);
    Ok(result)
}

/// Softmax along an axis; before operator set 13 over all axes from it on.
pub(super) fn softmax(lower: &mut Lower<'_>, node: &Node) -> Result<()> {
    let x = lower.floats(node, 0)?;
    let old = node.opset < 13;
    let axis = axis_of(node.attrs.int_or("axis", if old { 1 } else { -1 }), x.dims.len())?;
    let after = x.dims.iter().skip(axis + 1).product::<usize>();
    let along = x.dims.get(axis).copied().unwrap_or(1);
    let (size, inner) = if old { (along * after, 1) } else { (along, after) };
    let rows = x.dims.iter().product::<usize>().checked_div(size).unwrap_or(0);
    let result = lower.tensor(x.dims.clone(), Kind::F32)?;
    let mut params = [rows, inner.max(1), size].map(|n| n as u32).to_vec();
    params.push(f32::NEG_INFINITY.to_bits());
    let kernel = kernel(File::Softmax).flag("LOG", node.op == "LogSoftmax");
    let step = lower.flat(kernel, params, vec![x.tensor], &result, (rows, GROUP_ROWS))?;
    lower.emit(vec![step]);
    let out = lower.first_output(node)?;
    lower.bind(out, result);
    Ok(())
}

/// Rows that are normalised, and which scale and shift each element takes.
struct Rows {
    rows: usize,
    size: usize,
    /// Scale of element i: (row % period) * step + i / inner.
    period: usize,
    step: usize,
    inner: usize,
}

pub(super) fn layer_norm(lower: &mut Lower<'_>, node: &Node) -> Result<()> {
    lower.only_first_output(node)?;
    let (x, scale) = (lower.floats(node, 0)?, lower.floats(node, 1)?);
    let axis = axis_of(node.attrs.int_or("axis", -1), x.dims.len())?;
    let size = x.dims.iter().skip(axis).product::<usize>();
    if scale.dims.iter().product::<usize>() != size {
        return Err(lacking("a scale that is broadcast"));
    }
    let rows = x.dims.iter().take(axis).product();
    let shift = match node.input(2) {
        Some(_) => Some(lower.floats(node, 2)?),
        None => None,
    };
    let rows = Rows { rows, size, period: 1, step: 0, inner: 1 };
    norm(lower, node, &x, rows, (scale, shift))
}

/// InstanceNorm: a row for each plane. GroupNorm: for each group of channels; its scale is by group
/// before operator set 21, by channel since.
pub(super) fn group_norm(lower: &mut Lower<'_>, node: &Node) -> Result<()> {
    let (x, scale, shift) = (lower.floats(node, 0)?, lower.floats(node, 1)?, lower.floats(node, 2)?);
    let batch = x.dims.first().copied().unwrap_or(1);
    let channels = x.dims.get(1).copied().unwrap_or(1).max(1);
    let area = x.dims.iter().skip(2).product::<usize>();
    let groups = match node.op.as_str() {
        "InstanceNormalization" => channels,
        _ => usize::try_from(node.attrs.int_or("num_groups", 1)).unwrap_or(1).clamp(1, channels),
    };
    let each = channels / groups;
    let by_channel = scale.dims.iter().product::<usize>() == channels;
    let (step, inner) = if by_channel { (each, area) } else { (1, each * area) };
    let rows = Rows { rows: batch * groups, size: each * area, period: groups, step, inner: inner.max(1) };
    norm(lower, node, &x, rows, (scale, Some(shift)))
}

fn norm(
    lower: &mut Lower<'_>,
    node: &Node,
    x: &View,
    rows: Rows,
    (scale, shift): (View, Option<View>),
) -> Result<()> {
    let result = lower.tensor(x.dims.clone(), Kind::F32)?;
    let epsilon = node.attrs.float("epsilon").unwrap_or(1e-5);
    let mut params = [rows.rows, rows.size, rows.period, rows.step, rows.inner].map(|n| n as u32).to_vec();
    params.push(epsilon.to_bits());
    let kernel = kernel(File::Norm).flag("RMS", node.op == "RMSNormalization").flag("SHIFT", shift.is_some());
    let reads = vec![x.tensor, scale.tensor, shift.map_or(scale.tensor, |shift| shift.tensor)];
    let step = lower.flat(kernel, params, reads, &result, (rows.rows, GROUP_ROWS))?;
    lower.emit(vec![step]);
    let out = lower.first_output(node)?;
    lower.bind(out, result);
    Ok(())
}
