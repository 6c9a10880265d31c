//! Random numbers.

use super::Rule;
use crate::ir::dim::Dim;
use crate::ir::dtype::DType;
use crate::ir::graph::Shape;
use crate::ir::infer::{Ctx, Inferred, Why};

pub(super) fn find(op: &str) -> Option<Rule> {
    Some(match op {
        "RandomNormal" | "RandomUniform" => fresh,
        "RandomNormalLike" | "RandomUniformLike" | "Bernoulli" => like,
        "Multinomial" => multinomial,
        _ => return None,
    })
}

fn dtype(ctx: &Ctx<'_>) -> Option<DType> {
    DType::from_onnx(i32::try_from(ctx.attrs().int("dtype")?).ok()?)
}

/// The shape is an attribute; float32 unless `dtype` says otherwise.
fn fresh(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = Some(dtype(ctx).unwrap_or(DType::F32));
    ctx.set_dtype(0, dtype);
    let shape = ctx.attrs().ints("shape").ok_or_else(|| Why::new("no shape attribute"))?;
    let shape: Shape = shape.iter().copied().map(Dim::Known).collect();
    ctx.set(0, dtype, shape);
    Ok(())
}

/// The input's shape; its element type unless `dtype` says otherwise.
fn like(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = dtype(ctx).or(ctx.dtype(0));
    ctx.set_dtype(0, dtype);
    let shape = ctx.shape(0)?.to_vec();
    ctx.set(0, dtype, shape);
    Ok(())
}

/// `[batch, classes]` gives `[batch, sample_size]` of int32. 8x10 with 3 samples gives 8x3.
fn multinomial(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = Some(dtype(ctx).unwrap_or(DType::I32));
    let samples = Dim::Known(ctx.attrs().int_or("sample_size", 1));
    let batch = ctx.shape(0).map(|shape| shape.first().cloned().unwrap_or(Dim::Unknown));
    ctx.set(0, dtype, vec![batch.clone().unwrap_or(Dim::Unknown), samples]);
    batch.map(drop)
}
