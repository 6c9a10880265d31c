//! Operators that repeat, pad or crop.

use super::{Rule, fold};
use crate::ir::dim::Dim;
use crate::ir::graph::Shape;
use crate::ir::infer::{Ctx, Inferred, Why, broadcast};
use crate::limits::MAX_RANK;

pub(super) fn find(op: &str) -> Option<Rule> {
    Some(match op {
        "Expand" => expand,
        "Tile" => tile,
        "Pad" => pad,
        "CenterCropPad" => crop,
        _ => return None,
    })
}

/// The input broadcast with a shape. 3x1 with `[2, 1, 6]`: 2x3x6.
fn expand(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(0);
    ctx.set_dtype(0, dtype);
    let shape = ctx.shape(0)?;
    let (target, why) = match ctx.ints(1) {
        Ok(target) => (target.to_vec(), None),
        Err(why) => (vec![Dim::Unknown; ctx.length(1)?.min(MAX_RANK + 1)], Some(why)),
    };
    if target.iter().any(|dim| dim.at_most(-1)) {
        return Err(Why::new("Expand to a negative size"));
    }
    let out = broadcast(shape, &target)?;
    let folded = ctx.constant(0).and_then(|from| fold::stretched(from, &fold::sizes(&out)?));
    ctx.set(0, dtype, out);
    ctx.fold(0, folded);
    why.map_or(Ok(()), Err)
}

/// Sizes times repeats. 2x3 by `[1, 2]`: 2x6.
fn tile(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(0);
    ctx.set_dtype(0, dtype);
    let shape = ctx.shape(0)?.to_vec();
    if ctx.opset() < 6 {
        return Err(Why::new("Tile of opset 1 is not read"));
    }
    let repeats = match ctx.ints(1) {
        Ok(repeats) => repeats,
        Err(why) => {
            ctx.set(0, dtype, vec![Dim::Unknown; shape.len()]);
            return Err(why);
        }
    };
    if repeats.len() != shape.len() {
        return Err(Why::new("the repeats of Tile do not fit its input"));
    }
    let out: Shape = shape.iter().zip(repeats).map(|(dim, times)| dim.mul(times)).collect();
    let folded = ctx.constant(0).and_then(|from| {
        let dims = fold::sizes(&out)?;
        let strides = fold::strides(&from.dims);
        let place = |at: Vec<usize>| {
            let steps = at.iter().zip(&from.dims).zip(&strides);
            Some(steps.map(|((at, dim), stride)| at % (*dim).max(1) as usize * stride).sum())
        };
        let places: Vec<_> = fold::coordinates(&dims)?.into_iter().map(place).collect();
        fold::pick(from, dims, &places)
    });
    ctx.set(0, dtype, out);
    ctx.fold(0, folded);
    Ok(())
}

/// Size plus both paddings; all begins stand before all ends. 3x4 with `[0, 1, 0, 2]`: 3x7.
///
/// Pads are an attribute before opset 11 (`paddings` in opset 1), input 1 from then on; input 3
/// (opset 18) names the axes that they are for.
fn pad(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(0);
    ctx.set_dtype(0, dtype);
    let shape = ctx.shape(0)?.to_vec();
    let rank = shape.len();
    let name = if ctx.opset() < 2 { "paddings" } else { "pads" };
    let given = if ctx.opset() < 11 {
        Ok(ctx.attrs().ints(name).map(|pads| pads.iter().copied().map(Dim::Known).collect()))
    } else {
        ctx.ints(1).map(|pads| Some(pads.to_vec()))
    };
    let axes = if ctx.has(3) { ctx.numbers(3).map(Some) } else { Ok(None) };
    let (pads, axes): (Vec<Dim>, Option<Vec<i64>>) = match (given, axes) {
        (Ok(pads), Ok(axes)) => (pads.ok_or_else(|| Why::new("Pad without pads"))?, axes),
        (Err(why), _) | (_, Err(why)) => {
            ctx.set(0, dtype, vec![Dim::Unknown; rank]);
            return Err(why);
        }
    };
    let axes = axes.unwrap_or_else(|| (0..rank as i64).collect());
    if pads.len() != axes.len().saturating_mul(2) {
        return Err(Why::new("the pads of Pad do not fit its input"));
    }
    let mut out: Shape = shape;
    let (begins, ends) = pads.split_at(axes.len());
    for ((axis, begin), end) in axes.iter().zip(begins).zip(ends) {
        let dim = &mut out[Ctx::axis(*axis, rank)?];
        *dim = dim.add(begin).add(end);
    }
    ctx.set(0, dtype, out);
    Ok(())
}

/// Each named axis (all by default) takes the size that input 1 gives. 20x10x3 to `[10, 10]` on
/// axes 0 and 1: 10x10x3.
fn crop(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(0);
    ctx.set_dtype(0, dtype);
    let mut shape = ctx.shape(0)?.to_vec();
    let rank = shape.len();
    let axes = ctx.attrs().ints("axes").map_or_else(|| (0..rank as i64).collect(), <[i64]>::to_vec);
    let sizes = ctx.ints(1);
    let known = match &sizes {
        Ok(sizes) if sizes.len() == axes.len() => sizes.to_vec(),
        Ok(_) => return Err(Why::new("the sizes of CenterCropPad do not fit its axes")),
        Err(_) => vec![Dim::Unknown; axes.len()],
    };
    for (axis, size) in axes.iter().zip(known) {
        shape[Ctx::axis(*axis, rank)?] = size;
    }
    let why = sizes.err();
    ctx.set(0, dtype, shape);
    why.map_or(Ok(()), Err)
}
