//! Quantisation: element types change, shapes stay.

use super::{dtype_attr, like};
use crate::ir::dtype::DType;
use crate::ir::infer::rules::{Rule, math};
use crate::ir::infer::{Ctx, Inferred};

pub(super) fn find(domain: &str, op: &str) -> Option<Rule> {
    Some(match (domain, op) {
        ("" | "com.microsoft", "QuantizeLinear") => quantize,
        ("" | "com.microsoft", "DequantizeLinear") => dequantize,
        ("", "DynamicQuantizeLinear") => dynamic,
        ("", "QLinearMatMul") => product,
        _ => return None,
    })
}

/// Like the input, in the zero point's type, else `output_dtype`, else uint8.
fn quantize(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = if ctx.has(2) { ctx.dtype(2) } else { dtype_attr(ctx, "output_dtype", Some(DType::U8)) };
    like(ctx, 0, 0, dtype)
}

/// Like the input, in `output_dtype`, else the scale's type.
fn dequantize(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = dtype_attr(ctx, "output_dtype", ctx.dtype(1));
    like(ctx, 0, 0, dtype)
}

/// Like the input in uint8; a scale and a zero point, both scalars.
fn dynamic(ctx: &mut Ctx<'_>) -> Inferred {
    ctx.set(1, Some(DType::F32), Vec::new());
    ctx.set(2, Some(DType::U8), Vec::new());
    like(ctx, 0, 0, Some(DType::U8))
}

/// Matrix product of inputs 0 and 3, in the type of the output's zero point.
fn product(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(7);
    ctx.set_dtype(0, dtype);
    let shape = math::product(ctx.shape(0)?, ctx.shape(3)?)?;
    ctx.set(0, dtype, shape);
    Ok(())
}
