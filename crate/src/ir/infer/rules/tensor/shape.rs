//! Operators that read a shape.

use super::Rule;
use crate::ir::dim::Dim;
use crate::ir::dtype::DType;
use crate::ir::graph::Const;
use crate::ir::infer::{Ctx, Inferred};

pub(super) fn find(op: &str) -> Option<Rule> {
    Some(match op {
        "Shape" => shape,
        "Size" => size,
        _ => return None,
    })
}

/// The dimensions from `start` to `end` (opset 15; negative ones from the end, both clamped). Of
/// 2xnx4, start 1: `[n, 4]`.
fn shape(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = Some(DType::I64);
    ctx.set(0, dtype, vec![Dim::Unknown]);
    let shape = ctx.shape(0)?;
    let rank = shape.len() as i64;
    let place = |value: i64| {
        let value = if value < 0 { value.saturating_add(rank) } else { value };
        usize::try_from(value.clamp(0, rank)).unwrap_or(0)
    };
    let start = place(ctx.attrs().int_or("start", 0));
    let end = place(ctx.attrs().int_or("end", rank));
    let dims = shape.get(start..end.max(start)).unwrap_or_default().to_vec();
    ctx.set(0, dtype, vec![Dim::Known(dims.len() as i64)]);
    ctx.set_constant(0, Const::ints(dims));
    Ok(())
}

/// Product of the dimensions. Of 2xnx4: `8*n`.
fn size(ctx: &mut Ctx<'_>) -> Inferred {
    ctx.set(0, Some(DType::I64), Vec::new());
    let elements = Dim::product(ctx.shape(0)?);
    ctx.set_constant(0, Const::int(elements));
    Ok(())
}
