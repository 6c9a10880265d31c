//! Tensors that grow or fold: expanding, tiling, padding, filling, blocks of pixels as channels.

use crate::engines::gpu::shader::File;
use crate::error::Result;
use crate::ir::graph::{Data, Node};
use crate::run::gpu::program::Kind;

use super::layout::{Side, copy};
use super::{GROUP_ELEMENTS, Lower, axis_of, eight, kernel, lacking, strides};

/// Expand: axes of one element, and missing ones, repeat.
pub(super) fn expand(lower: &mut Lower<'_>, node: &Node) -> Result<()> {
    let x = lower.input(node, 0)?;
    let out = lower.first_output(node)?;
    let result = lower.output(out, x.kind)?;
    let lead = result.dims.len() - x.dims.len().min(result.dims.len());
    let mut steps = vec![0i64; lead];
    let own = x.dims.iter().zip(strides(&x.dims));
    steps.extend(own.map(|(dim, step)| if *dim == 1 { 0 } else { step as i64 }));
    let from = Side { offset: 0, steps };
    let step = copy(lower, &result.dims, (&x, &from), (&result, &Side::whole(&result.dims)))?;
    lower.emit(vec![step]);
    lower.bind(out, result);
    Ok(())
}

/// Tile: each axis is two, the repetition with a step of 0 and the axis itself.
pub(super) fn tile(lower: &mut Lower<'_>, node: &Node) -> Result<()> {
    let x = lower.input(node, 0)?;
    let out = lower.first_output(node)?;
    let result = lower.output(out, x.kind)?;
    let mut dims = Vec::new();
    let mut steps = Vec::new();
    for ((dim, whole), step) in x.dims.iter().zip(&result.dims).zip(strides(&x.dims)) {
        dims.extend([whole.checked_div(*dim).unwrap_or(0), *dim]);
        steps.extend([0, step as i64]);
    }
    let from = Side { offset: 0, steps };
    let step = copy(lower, &dims, (&x, &from), (&result, &Side::whole(&dims)))?;
    lower.emit(vec![step]);
    lower.bind(out, result);
    Ok(())
}

pub(super) fn pad(lower: &mut Lower<'_>, node: &Node) -> Result<()> {
    let x = lower.input(node, 0)?;
    let rank = x.dims.len();
    let out = lower.first_output(node)?;
    let result = lower.output(out, x.kind)?;
    let mode = match node.attrs.str("mode").unwrap_or("constant") {
        "constant" => 0,
        "reflect" => 1,
        "edge" => 2,
        "wrap" => 3,
        other => return Err(lacking(format!("padding mode {other}"))),
    };
    let given = node.attrs.ints("pads").or_else(|| node.attrs.ints("paddings")).map(<[i64]>::to_vec);
    let given = match given {
        Some(given) => given,
        None => lower.wholes(node, 1)?.unwrap_or_default(),
    };
    let value = match node.attrs.float("value") {
        Some(value) => f64::from(value),
        None => lower.numbers(node, 2)?.and_then(|all| all.first().copied()).unwrap_or(0.0),
    };
    let axes: Vec<usize> = match lower.wholes(node, 3)? {
        Some(axes) => axes.iter().map(|axis| axis_of(*axis, rank)).collect::<Result<_>>()?,
        None => (0..rank).collect(),
    };
    let mut begin = vec![0i64; rank];
    for (axis, pad) in axes.iter().zip(&given) {
        if let Some(slot) = begin.get_mut(*axis) {
            *slot = *pad;
        }
    }
    if rank > 8 {
        return Err(lacking("padding of more than eight axes"));
    }
    let word = match x.kind {
        Kind::F32 => (value as f32).to_bits(),
        Kind::I32 => value as i32 as u32,
    };
    let total = result.dims.iter().product::<usize>();
    let short = |dims: &[usize]| dims.iter().map(|n| *n as u32).collect::<Vec<_>>();
    let mut params = vec![total as u32, word, 0, 0];
    params.extend(eight(&short(&result.dims), 1));
    params.extend(eight(&short(&x.dims), 1));
    params.extend(eight(&begin.iter().map(|n| *n as u32).collect::<Vec<_>>(), 0));
    let kernel = kernel(File::Pad).set("RANK", rank as u32).set("MODE", mode);
    let step = lower.flat(kernel, params, vec![x.tensor], &result, (total, GROUP_ELEMENTS))?;
    lower.emit(vec![step]);
    lower.bind(out, result);
    Ok(())
}

/// ConstantOfShape, too large for folding to hold.
pub(super) fn fill(lower: &mut Lower<'_>, node: &Node) -> Result<()> {
    let out = lower.first_output(node)?;
    let kind = lower.kind(out)?;
    let result = lower.output(out, kind)?;
    let value = match node.attrs.get("value") {
        Some(crate::ir::attrs::Attr::Tensor(tensor)) => match tensor.constant.as_ref().map(|c| &c.data) {
            Some(Data::Floats(values)) => values.first().copied(),
            Some(Data::Ints(values)) => values.first().and_then(|v| v.known()).map(|v| v as f64),
            None => None,
        },
        _ => Some(0.0),
    };
    let value = value.ok_or_else(|| lacking("a value that is not known"))?;
    let word = if kind == Kind::F32 { (value as f32).to_bits() } else { value as i32 as u32 };
    let total = result.dims.iter().product::<usize>();
    let params = vec![total as u32, word];
    let step = lower.flat(kernel(File::Fill), params, Vec::new(), &result, (total, GROUP_ELEMENTS))?;
    lower.emit(vec![step]);
    lower.bind(out, result);
    Ok(())
}

/// DepthToSpace and SpaceToDepth: six axes in another order.
pub(super) fn blocks(lower: &mut Lower<'_>, node: &Node) -> Result<()> {
    let x = lower.input(node, 0)?;
    let out = lower.first_output(node)?;
    let result = lower.output(out, x.kind)?;
    let size = usize::try_from(node.attrs.int_or("blocksize", 1)).unwrap_or(1).max(1);
    let [n, c, h, w] = *x.dims.as_slice() else { return Err(lacking("blocks of another rank than 4")) };
    let (dims, order): ([usize; 6], [usize; 6]) = match (node.op.as_str(), node.attrs.str("mode")) {
        ("SpaceToDepth", Some("CRD")) => ([n, c, h / size, size, w / size, size], [0, 1, 3, 5, 2, 4]),
        ("SpaceToDepth", _) => ([n, c, h / size, size, w / size, size], [0, 3, 5, 1, 2, 4]),
        (_, Some("CRD")) => ([n, c / (size * size), size, size, h, w], [0, 1, 4, 2, 5, 3]),
        _ => ([n, size, size, c / (size * size), h, w], [0, 3, 4, 1, 5, 2]),
    };
    let steps = strides(&dims);
    let pick = |list: &[usize]| order.iter().filter_map(|at| list.get(*at).copied()).collect::<Vec<_>>();
    let from = Side { offset: 0, steps: pick(&steps).into_iter().map(|n| n as i64).collect() };
    let dims = pick(&dims);
    let step = copy(lower, &dims, (&x, &from), (&result, &Side::whole(&dims)))?;
    lower.emit(vec![step]);
    lower.bind(out, result);
    Ok(())
}
