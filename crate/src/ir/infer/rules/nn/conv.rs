//! Convolutions. The arithmetic stands in `windows`; here it meets the operators' inputs.

use super::{channels_first, channels_last, unknown, whole};
use crate::ir::attrs::Attrs;
use crate::ir::dim::Dim;
use crate::ir::dtype::DType;
use crate::ir::infer::rules::Rule;
use crate::ir::infer::{Ctx, Inferred, Why};
use crate::ir::windows::ConvSizes;

pub(super) fn find(domain: &str, op: &str) -> Option<Rule> {
    Some(match (domain, op) {
        ("", "Conv" | "DeformConv") | ("com.microsoft", "FusedConv") => conv,
        ("com.microsoft", "NhwcFusedConv") => channels_last_conv,
        ("", "ConvTranspose") => transposed,
        ("", "ConvInteger") => integer,
        ("" | "com.microsoft", "QLinearConv") => quantized,
        ("" | "com.microsoft", "CausalConvWithState") => causal,
        _ => return None,
    })
}

/// `[N, M, floor((in + pads - dilation*(k-1) - 1)/stride) + 1, ...]`. 1x3x224x224 with 64x3x7x7,
/// stride 2, pads 3: 1x64x112x112.
fn conv(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(0);
    run(ctx, 0, 1, dtype, false, ConvSizes::conv)
}

/// As Conv with channels last: `[N, ..., C]` to `[N, ..., M]`; the weight is laid out as ever.
fn channels_last_conv(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(0);
    run(ctx, 0, 1, dtype, true, ConvSizes::conv)
}

/// `[N, M, stride*(in-1) + output_padding + dilation*(k-1) + 1 - pads, ...]`. 1x4x3x3 with 4x2x3x3,
/// stride 2: 1x2x7x7.
fn transposed(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(0);
    run(ctx, 0, 1, dtype, false, ConvSizes::transposed)
}

/// As Conv, with int32 sums.
fn integer(ctx: &mut Ctx<'_>) -> Inferred {
    run(ctx, 0, 1, Some(DType::I32), false, ConvSizes::conv)
}

/// As Conv on inputs 0 and 3; the element type is that of the output's zero point.
fn quantized(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(7);
    let last = ctx.attrs().int_or("channels_last", 0) != 0;
    run(ctx, 0, 3, dtype, last, ConvSizes::conv)
}

type Sizes = fn(&Attrs, &[Dim], &[Dim]) -> Result<ConvSizes, Why>;

/// Where one of both shapes is not known, the other still gives the rank and its channels.
fn run(
    ctx: &mut Ctx<'_>,
    input: usize,
    weight: usize,
    dtype: Option<DType>,
    last: bool,
    sizes: Sizes,
) -> Inferred {
    ctx.set_dtype(0, dtype);
    let (x, w) = (ctx.shape(input), ctx.shape(weight));
    let rank = match (&x, &w) {
        (Ok(shape), _) | (_, Ok(shape)) => shape.len(),
        (Err(why), _) => return Err(why.clone()),
    };
    let dims = |shape: &Result<&[Dim], Why>| shape.as_ref().map_or_else(|_| unknown(rank), |s| s.to_vec());
    let x_dims = if last { channels_first(&dims(&x)) } else { dims(&x) };
    let output = sizes(ctx.attrs(), &x_dims, &dims(&w))?.output();
    let output = if last { channels_last(&output) } else { output };
    ctx.set(0, dtype, output.clone());
    x.and(w)?;
    whole(&output)
}

/// Output like the input; state `[N, C, k - 1]`. 2x8x5 with kernels 8x1x4: state 2x8x3.
fn causal(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(0);
    ctx.set_type(0, ctx.ty(0).clone());
    ctx.set_dtype(1, dtype);
    let [batch, channels, _] = ctx.shape(0)? else {
        return Err(Why::new("the input needs rank 3"));
    };
    let kernel = ctx.shape(1)?.last().cloned().unwrap_or(Dim::Unknown);
    ctx.set(1, dtype, vec![batch.clone(), channels.clone(), kernel.sub(&Dim::Known(1))]);
    Ok(())
}
