//! Operators that hand their input on.

use super::Rule;
use crate::ir::dtype::DType;
use crate::ir::infer::{Ctx, Inferred};

pub(super) fn find(op: &str) -> Option<Rule> {
    Some(match op {
        "Identity" => identity,
        "Dropout" => dropout,
        "Trilu" | "ReverseSequence" => |ctx| ctx.same_as(0, 0),
        _ => return None,
    })
}

/// The input, elements included.
fn identity(ctx: &mut Ctx<'_>) -> Inferred {
    let constant = ctx.constant(0).cloned();
    ctx.fold(0, constant);
    ctx.set_type(0, ctx.ty(0).clone());
    match ctx.ty(0).as_tensor() {
        Some(_) => ctx.shape(0).map(drop),
        None => Ok(()),
    }
}

/// The input, and its mask: true or false from opset 10, of the input's type before.
fn dropout(ctx: &mut Ctx<'_>) -> Inferred {
    let mask = if ctx.opset() >= 10 { Some(DType::Bool) } else { ctx.dtype(0) };
    ctx.set_dtype(1, mask);
    ctx.same_as(0, 0)?;
    let shape = ctx.shape(0)?.to_vec();
    ctx.set(1, mask, shape);
    Ok(())
}
