//! Fourier transforms and windows.

use super::{dtype_attr, of_rank, scalar, whole};
use crate::ir::dim::Dim;
use crate::ir::dtype::DType;
use crate::ir::infer::rules::Rule;
use crate::ir::infer::{Ctx, Inferred, Why};
use crate::ir::windows::agree;

pub(super) fn find(domain: &str, op: &str) -> Option<Rule> {
    Some(match (domain, op) {
        ("", "DFT") => dft,
        ("", "STFT") => stft,
        ("", "MelWeightMatrix") => mel_weights,
        ("", "BlackmanWindow" | "HammingWindow" | "HannWindow") => window,
        _ => return None,
    })
}

/// Bins of a one-sided transform: `floor(length/2) + 1`.
fn one_sided(length: &Dim) -> Dim {
    length.div_floor(&Dim::Known(2)).add(&Dim::Known(1))
}

/// The input with `dft_length` along the axis (one-sided: half of it plus 1; its inverse: all of it)
/// and 2 numbers an element (1 for the one-sided inverse). 1x10x10x1 along axis 1, one-sided:
/// 1x6x10x2.
fn dft(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(0);
    ctx.set_dtype(0, dtype);
    let mut shape = ctx.shape(0)?.to_vec();
    let rank = shape.len();
    let axis = if ctx.opset() < 20 {
        ctx.attrs().int_or("axis", 1)
    } else if ctx.has(2) {
        scalar(ctx, 2)?.known().ok_or_else(|| Why::new("the axis is not a number"))?
    } else {
        -2
    };
    let axis = Ctx::axis(axis, rank)?;
    if axis + 1 == rank {
        return Err(Why::new("the last axis holds real and imaginary parts"));
    }
    let flag = |name| ctx.attrs().int_or(name, 0) != 0;
    let (half, inverse) = (flag("onesided"), flag("inverse"));
    let along = shape.get(axis).cloned().unwrap_or(Dim::Unknown);
    let default = match half && inverse {
        true => along.sub(&Dim::Known(1)).mul(&Dim::Known(2)),
        false => along,
    };
    let length = if ctx.has(1) { scalar(ctx, 1).unwrap_or(Dim::Unknown) } else { default };
    let bins = if half && !inverse { one_sided(&length) } else { length };
    let parts = if half && inverse { 1 } else { 2 };
    if let Some(dim) = shape.get_mut(axis) {
        *dim = bins;
    }
    if let Some(dim) = shape.last_mut() {
        *dim = Dim::Known(parts);
    }
    ctx.set(0, dtype, shape.clone());
    whole(&shape)
}

/// `[N, floor((signal - frame)/step) + 1, bins, 2]`. 1x128x1, frame 16, step 8, one-sided: 1x15x9x2.
fn stft(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(0);
    ctx.set_dtype(0, dtype);
    let [batch, signal, _] = of_rank(ctx, 0, &[3])? else {
        return Err(Why::new("the signal needs rank 3"));
    };
    let window = if ctx.has(2) { ctx.shape(2).ok().and_then(|w| w.first()).cloned() } else { None };
    let said = if ctx.has(3) { scalar(ctx, 3).ok() } else { None };
    let frame = match (&window, &said) {
        (Some(window), Some(said)) => {
            agree(window, said, "window and frame_length")?;
            super::attention::either(said, window)
        }
        (Some(one), None) | (None, Some(one)) => one.clone(),
        (None, None) if ctx.has(2) || ctx.has(3) => Dim::Unknown,
        (None, None) => signal.clone(),
    };
    let step = scalar(ctx, 1).unwrap_or(Dim::Unknown);
    let room = signal.sub(&frame);
    if room.known().is_some_and(|room| room < 0) || step.known().is_some_and(|step| step < 1) {
        return Err(Why::new("no frame fits into the signal"));
    }
    let frames = room.div_floor(&step).add(&Dim::Known(1));
    let half = ctx.attrs().int_or("onesided", 1) != 0;
    let bins = if half { one_sided(&frame) } else { frame };
    let shape = vec![batch.clone(), frames, bins, Dim::Known(2)];
    ctx.set(0, dtype, shape.clone());
    whole(&shape)
}

/// `[floor(dft_length/2) + 1, bins]`. Length 16, 8 bins: 9x8.
fn mel_weights(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = dtype_attr(ctx, "output_datatype", Some(DType::F32));
    let at = |input| scalar(ctx, input).unwrap_or(Dim::Unknown);
    let shape = vec![one_sided(&at(1)), at(0)];
    ctx.set(0, dtype, shape.clone());
    whole(&shape)
}

/// `[size]`.
fn window(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = dtype_attr(ctx, "output_datatype", Some(DType::F32));
    let size = scalar(ctx, 0);
    ctx.set(0, dtype, vec![size.clone().unwrap_or(Dim::Unknown)]);
    size.map(drop)
}
