//! Pooling, its inverse, and pooling over regions.

use super::{channels_first, channels_last, of_rank, whole};
use crate::ir::dim::Dim;
use crate::ir::dtype::DType;
use crate::ir::graph::Shape;
use crate::ir::infer::rules::Rule;
use crate::ir::infer::{Ctx, Inferred, Why};
use crate::ir::windows::{PoolSizes, unpooled};

pub(super) fn find(domain: &str, op: &str) -> Option<Rule> {
    Some(match (domain, op) {
        ("", "MaxPool" | "AveragePool" | "LpPool") => pool,
        ("com.microsoft", "QLinearAveragePool" | "NhwcMaxPool") => quantized_pool,
        ("", "GlobalAveragePool" | "GlobalMaxPool" | "GlobalLpPool") => global,
        ("com.microsoft", "QLinearGlobalAveragePool") => global,
        ("", "MaxUnpool") => unpool,
        ("", "MaxRoiPool") => max_roi,
        ("", "RoiAlign") => roi_align,
        _ => return None,
    })
}

/// `[N, C, floor((in + pads - extent)/stride) + 1, ...]`, rounded up with `ceil_mode`; indices of
/// MaxPool the same in int64. 1x3x32x32, 3x3, stride 2: 1x3x15x15.
fn pool(ctx: &mut Ctx<'_>) -> Inferred {
    windows(ctx, false)
}

fn quantized_pool(ctx: &mut Ctx<'_>) -> Inferred {
    let last = ctx.node.op == "NhwcMaxPool" || ctx.attrs().int_or("channels_last", 0) != 0;
    windows(ctx, last)
}

fn windows(ctx: &mut Ctx<'_>, last: bool) -> Inferred {
    let dtype = ctx.dtype(0);
    ctx.set_dtype(0, dtype);
    ctx.set_dtype(1, Some(DType::I64));
    let input = ctx.shape(0)?;
    let first = if last { channels_first(input) } else { input.to_vec() };
    let output = PoolSizes::pool(ctx.attrs(), &first)?.output();
    let output = if last { channels_last(&output) } else { output };
    ctx.set(0, dtype, output.clone());
    ctx.set(1, Some(DType::I64), output.clone());
    whole(&output)
}

/// `[N, C, 1, ...]`. 1x512x7x7: 1x512x1x1.
fn global(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(0);
    ctx.set_dtype(0, dtype);
    let last = ctx.attrs().int_or("channels_last", 0) != 0;
    let input = ctx.shape(0)?;
    let mut shape = if last { channels_first(input) } else { input.to_vec() };
    let Some(spatial) = shape.get_mut(2..) else {
        return Err(Why::new("pooling needs at least rank 2"));
    };
    spatial.fill(Dim::Known(1));
    ctx.set(0, dtype, if last { channels_last(&shape) } else { shape });
    Ok(())
}

/// `stride*(in-1) + kernel - pads`, or the shape that input 2 says. 1x1x2x2, 2x2, stride 2: 1x1x4x4.
fn unpool(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(0);
    ctx.set_dtype(0, dtype);
    let input = ctx.shape(0)?;
    if ctx.has(2) {
        let shape = ctx.ints(2)?.to_vec();
        if shape.len() != input.len() {
            return Err(Why::new("output_shape has another length than the input's rank"));
        }
        ctx.set(0, dtype, shape);
        return Ok(());
    }
    let shape = unpooled(ctx.attrs(), input)?;
    ctx.set(0, dtype, shape);
    Ok(())
}

/// `[rois, C, pooled_h, pooled_w]`. 1x256x50x50, 100 regions, pooled 7x7: 100x256x7x7.
fn max_roi(ctx: &mut Ctx<'_>) -> Inferred {
    let Some([height, width]) = ctx.attrs().ints("pooled_shape") else {
        return Err(Why::new("pooled_shape needs two numbers"));
    };
    regions(ctx, *height, *width)
}

/// `[rois, C, output_height, output_width]`, both 1 by default.
fn roi_align(ctx: &mut Ctx<'_>) -> Inferred {
    let side = |name| ctx.attrs().int_or(name, 1);
    let (height, width) = (side("output_height"), side("output_width"));
    regions(ctx, height, width)
}

fn regions(ctx: &mut Ctx<'_>, height: i64, width: i64) -> Inferred {
    let dtype = ctx.dtype(0);
    let pooled = [Dim::Known(height), Dim::Known(width)];
    let input = of_rank(ctx, 0, &[4]);
    let rois = of_rank(ctx, 1, &[2]);
    let at = |shape: &Result<&[Dim], Why>, axis: usize| {
        shape.as_ref().ok().and_then(|shape| shape.get(axis)).cloned().unwrap_or(Dim::Unknown)
    };
    let shape: Shape = [at(&rois, 0), at(&input, 1)].into_iter().chain(pooled).collect();
    ctx.set(0, dtype, shape);
    input.and(rois).map(drop)
}
