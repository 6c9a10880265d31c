//! Operators of com.microsoft that optimised and quantised exports carry; attention stands beside.

use super::{like, like_input};
use crate::ir::dim::Dim;
use crate::ir::dtype::DType;
use crate::ir::graph::Shape;
use crate::ir::infer::rules::Rule;
use crate::ir::infer::rules::math;
use crate::ir::infer::{Ctx, Inferred, Why, broadcast};
use crate::ir::windows::agree;

pub(super) fn find(domain: &str, op: &str) -> Option<Rule> {
    if domain != "com.microsoft" {
        return None;
    }
    Some(match op {
        "MoE" | "QMoE" | "Inverse" | "Gelu" | "FastGelu" | "BiasGelu" | "QuickGelu" | "BiasAdd"
        | "BiasSoftmax" | "RotaryEmbedding" | "QLinearLeakyRelu" | "QLinearSigmoid" | "QLinearSoftmax"
        | "Trilu" => like_input,
        "SkipLayerNormalization" | "SkipSimplifiedLayerNormalization" => skip_layer,
        "EmbedLayerNormalization" => embed_layer,
        "SkipGroupNorm" => |ctx| ctx.same_as(1, 0).and(ctx.same_as(0, 0)),
        "GatherBlockQuantized" => gather_blocks,
        "QLinearAdd" | "QLinearMul" => |ctx| stretched(ctx, 0, 3),
        "QLinearWhere" => choose,
        "QLinearConcat" => concat,
        "QGemm" => quantized_gemm,
        "FusedGemm" => fused_gemm,
        "FusedMatMul" | "TransposeMatMul" | "FusedMatMulActivation" => fused_product,
        "DynamicQuantizeMatMul" => |ctx| product(ctx, 2),
        "MatMulIntegerToFloat" => |ctx| product(ctx, 2),
        "MatMulNBits" | "MatMulBnb4" => few_bits,
        _ => return None,
    })
}

/// Output and sum like the input; mean and inverse deviation with a last axis of 1.
fn skip_layer(ctx: &mut Ctx<'_>) -> Inferred {
    ctx.set_type(0, ctx.ty(0).clone());
    ctx.set_type(3, ctx.ty(0).clone());
    let mut shape = ctx.shape(0)?.to_vec();
    if let Some(last) = shape.last_mut() {
        *last = Dim::Known(1);
    }
    ctx.set(1, Some(DType::F32), shape.clone());
    ctx.set(2, Some(DType::F32), shape);
    Ok(())
}

/// `[N, T, hidden]`, mask lengths `[N]`, the sum `[N, T, hidden]`. Ids 2x7, words 1000x64: 2x7x64.
fn embed_layer(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(2);
    ctx.set_dtype(0, dtype);
    let ids = super::of_rank(ctx, 0, &[2])?;
    let [_, hidden] = super::of_rank(ctx, 2, &[2])? else {
        return Err(Why::new("the word embedding needs rank 2"));
    };
    let shape: Shape = ids.iter().chain([hidden]).cloned().collect();
    ctx.set(0, dtype, shape.clone());
    ctx.set(1, Some(DType::I32), ids.iter().take(1).cloned().collect());
    ctx.set(2, dtype, shape);
    Ok(())
}

fn stretched(ctx: &mut Ctx<'_>, a: usize, b: usize) -> Inferred {
    let dtype = ctx.dtype(a);
    ctx.set_dtype(0, dtype);
    let shape = broadcast(ctx.shape(a)?, ctx.shape(b)?)?;
    ctx.set(0, dtype, shape.clone());
    super::whole(&shape)
}

/// Condition 0, values 1 and 4, each with scale and zero point.
fn choose(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(1);
    ctx.set_dtype(0, dtype);
    let shape = broadcast(&broadcast(ctx.shape(0)?, ctx.shape(1)?)?, ctx.shape(4)?)?;
    ctx.set(0, dtype, shape.clone());
    super::whole(&shape)
}

/// Inputs after the output's scale and zero point come in threes: tensor, scale, zero point.
fn concat(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(1);
    ctx.set_dtype(0, dtype);
    let mut shape = ctx.shape(2)?.to_vec();
    let axis = ctx.attrs().int("axis").ok_or_else(|| Why::new("axis is missing"))?;
    let axis = Ctx::axis(axis, shape.len())?;
    for input in (5..ctx.inputs()).step_by(3) {
        let other = super::of_rank(ctx, input, &[shape.len()])?;
        for (place, (dim, other)) in shape.iter_mut().zip(other).enumerate() {
            if place == axis {
                *dim = dim.add(other);
            } else {
                agree(dim, other, "sizes of joined tensors")?;
                *dim = super::attention::either(dim, other);
            }
        }
    }
    ctx.set(0, dtype, shape);
    Ok(())
}

/// `A*B` of rank 2, each transposed on demand; float without an output zero point.
fn quantized_gemm(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = if ctx.has(8) { ctx.dtype(8) } else { Some(DType::F32) };
    gemm(ctx, dtype, 3)
}

fn fused_gemm(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(0);
    gemm(ctx, dtype, 1)
}

fn gemm(ctx: &mut Ctx<'_>, dtype: Option<DType>, second: usize) -> Inferred {
    ctx.set_dtype(0, dtype);
    let flag = |name| ctx.attrs().int_or(name, 0) != 0;
    let side = |input, flip| -> Result<Shape, Why> {
        let shape = super::of_rank(ctx, input, &[2])?;
        Ok(if flip { transposed(shape) } else { shape.to_vec() })
    };
    let shape = math::product(&side(0, flag("transA"))?, &side(second, flag("transB"))?)?;
    ctx.set(0, dtype, shape);
    Ok(())
}

/// Matrix product with transposes of the last two axes; batch transposes are not told apart.
fn fused_product(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(0);
    ctx.set_dtype(0, dtype);
    let flag = |name| ctx.attrs().int_or(name, 0) != 0;
    if flag("transBatchA") || flag("transBatchB") {
        return Err(Why::new("transposed batches"));
    }
    let side = |input, flip| -> Result<Shape, Why> {
        let shape = ctx.shape(input)?;
        Ok(if flip { transposed(shape) } else { shape.to_vec() })
    };
    let shape = math::product(&side(0, flag("transA"))?, &side(1, flag("transB"))?)?;
    ctx.set(0, dtype, shape);
    Ok(())
}

/// Product of inputs 0 and 1 in the type of a scale.
fn product(ctx: &mut Ctx<'_>, scale: usize) -> Inferred {
    let dtype = ctx.dtype(scale);
    ctx.set_dtype(0, dtype);
    let shape = math::product(ctx.shape(0)?, ctx.shape(1)?)?;
    ctx.set(0, dtype, shape);
    Ok(())
}

/// `[..., K]` by a packed `[K, N]`, both from attributes: `[..., N]`. 2x7x64, N 128: 2x7x128.
fn few_bits(ctx: &mut Ctx<'_>) -> Inferred {
    let (Some(k), Some(n)) = (ctx.attrs().int("K"), ctx.attrs().int("N")) else {
        return Err(Why::new("K or N is missing"));
    };
    if ctx.attrs().int_or("transB", 1) == 0 {
        return Err(Why::new("this packing is not known"));
    }
    like(ctx, 0, 0, ctx.dtype(0))?;
    let mut shape = ctx.shape(0)?.to_vec();
    if let Some(last) = shape.last_mut() {
        agree(last, &Dim::Known(k), "K against the input")?;
        *last = Dim::Known(n);
    }
    ctx.set(0, ctx.dtype(0), shape);
    Ok(())
}

/// Rows of a table picked by indices, in the scales' type; bytes that hold several numbers are spread
/// along the last axis. 900x16 bytes of 4 bits, indices 2x7: 2x7x32.
fn gather_blocks(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(2);
    ctx.set_dtype(0, dtype);
    let bits = ctx.attrs().int_or("bits", 4);
    let each = match (ctx.dtype(0), bits) {
        (Some(DType::U8), 2 | 4 | 8) => 8 / bits,
        (Some(DType::I4 | DType::U4), _) => 1,
        _ => return Err(Why::new("this packing is not known")),
    };
    let mut table = ctx.shape(0)?.to_vec();
    if let Some(last) = table.last_mut() {
        *last = last.mul(&Dim::Known(each));
    }
    let axis = Ctx::axis(ctx.attrs().int_or("gather_axis", 0), table.len())?;
    let (lead, rest) = (table.get(..axis), table.get(axis + 1..));
    let rows = ctx.shape(1)?;
    let shape = [lead.unwrap_or_default(), rows, rest.unwrap_or_default()].concat();
    ctx.set(0, dtype, shape);
    Ok(())
}

/// Last two axes swapped.
fn transposed(shape: &[Dim]) -> Shape {
    let mut shape = shape.to_vec();
    if let [.., a, b] = shape.as_mut_slice() {
        std::mem::swap(a, b);
    }
    shape
}
