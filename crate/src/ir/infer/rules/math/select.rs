//! Places and values of the largest: ArgMax, ArgMin, TopK.

use super::Rule;
use crate::ir::dim::Dim;
use crate::ir::dtype::DType;
use crate::ir::infer::{Ctx, Inferred, Why};

pub(super) fn find(op: &str) -> Option<Rule> {
    Some(match op {
        "ArgMax" | "ArgMin" => arg,
        "TopK" => top,
        _ => return None,
    })
}

/// The axis becomes 1 (`keepdims`) or goes. 2x3x4 over axis 1: 2x1x4, or 2x4.
fn arg(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = Some(DType::I64);
    ctx.set_dtype(0, dtype);
    let mut shape = ctx.shape(0)?.to_vec();
    let axis = Ctx::axis(ctx.attrs().int_or("axis", 0), shape.len())?;
    if ctx.attrs().int_or("keepdims", 1) != 0 {
        shape[axis] = Dim::Known(1);
    } else {
        shape.remove(axis);
    }
    ctx.set(0, dtype, shape);
    Ok(())
}

/// The axis becomes `k` (input 1 from opset 10), in both outputs. 5x9 with k = 3 gives 5x3.
fn top(ctx: &mut Ctx<'_>) -> Inferred {
    let (dtype, places) = (ctx.dtype(0), Some(DType::I64));
    ctx.set_dtype(0, dtype);
    ctx.set_dtype(1, places);
    let mut shape = ctx.shape(0)?.to_vec();
    let axis = Ctx::axis(ctx.attrs().int_or("axis", -1), shape.len())?;
    let k = match ctx.ints_or_attr(1, "k") {
        Ok(Some(k)) => k.first().cloned(),
        Ok(None) => ctx.attrs().int("k").map(Dim::Known),
        Err(_) => None,
    };
    shape[axis] = k.clone().unwrap_or(Dim::Unknown);
    ctx.set(0, dtype, shape.clone());
    ctx.set(1, places, shape);
    k.map(drop).ok_or_else(|| Why::new("k of TopK is computed from data"))
}
