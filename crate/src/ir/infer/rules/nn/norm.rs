//! Normalisation: the output is like the input; statistics keep the axes that are not normalised.

use super::{dtype_attr, like, like_input};
use crate::ir::dim::Dim;
use crate::ir::dtype::DType;
use crate::ir::infer::rules::Rule;
use crate::ir::infer::{Ctx, Inferred};

pub(super) fn find(domain: &str, op: &str) -> Option<Rule> {
    Some(match (domain, op) {
        ("", "BatchNormalization") => batch,
        ("", "LayerNormalization") => layer,
        ("", "SimplifiedLayerNormalization") => simplified,
        ("", "RMSNormalization") => rms,
        ("", "InstanceNormalization" | "GroupNormalization" | "LRN" | "LpNormalization") => like_input,
        ("", "MeanVarianceNormalization") | ("com.microsoft", "GroupNorm") => like_input,
        _ => return None,
    })
}

/// Output like the input; every further output like the mean (input 3): running mean and variance
/// since version 14, and the saved ones before. 1x64x8x8 with 64 means: 1x64x8x8, 64, 64.
fn batch(ctx: &mut Ctx<'_>) -> Inferred {
    ctx.set_type(0, ctx.ty(0).clone());
    for output in 1..ctx.outputs() {
        ctx.set_type(output, ctx.ty(3).clone());
    }
    ctx.shape(0).map(drop)
}

/// Output like the input; mean and inverse deviation with ones from `axis` on, in the type
/// `stash_type`. 2x5x64, axis -1: 2x5x64, 2x5x1, 2x5x1.
fn layer(ctx: &mut Ctx<'_>) -> Inferred {
    ctx.set_dtype(0, ctx.dtype(0));
    statistics(ctx, &[1, 2])?;
    ctx.same_as(0, 0)
}

/// As layer normalisation without the mean; the output has the scale's type.
fn simplified(ctx: &mut Ctx<'_>) -> Inferred {
    ctx.set_dtype(0, ctx.dtype(1));
    statistics(ctx, &[1])?;
    like(ctx, 0, 0, ctx.dtype(1))
}

/// Like the input, in the scale's type.
fn rms(ctx: &mut Ctx<'_>) -> Inferred {
    like(ctx, 0, 0, ctx.dtype(1))
}

fn statistics(ctx: &mut Ctx<'_>, outputs: &[usize]) -> Inferred {
    let dtype = dtype_attr(ctx, "stash_type", Some(DType::F32));
    for output in outputs {
        ctx.set_dtype(*output, dtype);
    }
    let mut shape = ctx.shape(0)?.to_vec();
    let axis = Ctx::axis(ctx.attrs().int_or("axis", -1), shape.len())?;
    for dim in shape.iter_mut().skip(axis) {
        *dim = Dim::Known(1);
    }
    for output in outputs {
        ctx.set(*output, dtype, shape.clone());
    }
    Ok(())
}
