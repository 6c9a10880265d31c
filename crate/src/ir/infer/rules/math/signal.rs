//! Windows, mel weights, Fourier transforms.

use super::Rule;
use crate::ir::dim::Dim;
use crate::ir::dtype::DType;
use crate::ir::infer::{Ctx, Inferred, Why};

pub(super) fn find(op: &str) -> Option<Rule> {
    Some(match op {
        "BlackmanWindow" | "HammingWindow" | "HannWindow" => window,
        "MelWeightMatrix" => mel,
        "DFT" => dft,
        "STFT" => stft,
        _ => return None,
    })
}

fn output_dtype(ctx: &Ctx<'_>) -> Option<DType> {
    let number = ctx.attrs().int_or("output_datatype", DType::F32 as i64);
    DType::from_onnx(i32::try_from(number).ok()?)
}

/// The single integer of an input.
fn one(ctx: &Ctx<'_>, input: usize) -> Result<Dim, Why> {
    let first = ctx.ints(input)?.first().cloned();
    first.ok_or_else(|| Why::new(format!("input {input} is empty")))
}

/// `size` elements.
fn window(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = output_dtype(ctx);
    let size = one(ctx, 0);
    ctx.set(0, dtype, vec![size.clone().unwrap_or(Dim::Unknown)]);
    size.map(drop)
}

/// `[dft_length / 2 + 1, mel_bins]`. 16 samples and 8 bins give 9x8.
fn mel(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = output_dtype(ctx);
    let bins = one(ctx, 0);
    let rows = one(ctx, 1).map(|length| half(&length));
    let known = |size: &Result<Dim, Why>| size.clone().unwrap_or(Dim::Unknown);
    ctx.set(0, dtype, vec![known(&rows), known(&bins)]);
    rows.and(bins).map(drop)
}

/// Frequencies of a real signal that are not mirrored: 16 gives 9, 5 gives 3.
fn half(length: &Dim) -> Dim {
    length.div_floor(&Dim::Known(2)).add(&Dim::Known(1))
}

/// `[.., n, 1 or 2]` gives `[.., dft_length or n, 2]`; one-sided: half of it, and back for the
/// inverse, which gives real numbers. The axis is an attribute (opset 17) or input 2.
fn dft(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(0);
    ctx.set_dtype(0, dtype);
    let mut shape = ctx.shape(0)?.to_vec();
    let onesided = ctx.attrs().int_or("onesided", 0) != 0;
    let inverse = ctx.attrs().int_or("inverse", 0) != 0;
    let axis = match ctx.opset() {
        ..20 => Dim::Known(ctx.attrs().int_or("axis", 1)),
        _ if ctx.has(2) => one(ctx, 2)?,
        _ => Dim::Known(-2),
    };
    let axis = axis.known().ok_or_else(|| Why::new("the axis of DFT is computed from data"))?;
    let axis = Ctx::axis(axis, shape.len())?;
    let parts = shape.len().checked_sub(1).filter(|last| *last != axis);
    let parts = parts.ok_or_else(|| Why::new("DFT needs an axis before the last"))?;
    let length = if ctx.has(1) { one(ctx, 1).unwrap_or(Dim::Unknown) } else { shape[axis].clone() };
    shape[axis] = match (onesided, inverse) {
        (false, _) => length,
        (true, false) => half(&length),
        (true, true) if ctx.has(1) => length,
        (true, true) => length.sub(&Dim::Known(1)).mul(&Dim::Known(2)),
    };
    shape[parts] = Dim::Known(if onesided && inverse { 1 } else { 2 });
    ctx.set(0, dtype, shape);
    Ok(())
}

/// `[batch, n, 1 or 2]` gives `[batch, frames, frequencies, 2]`,
/// `frames = (n - frame_length) / frame_step + 1`. 1x128x1, frames of 16 every 8: 1x15x9x2.
fn stft(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(0);
    let onesided = ctx.attrs().int_or("onesided", 1) != 0;
    let signal = ctx.shape(0).ok();
    let at = |axis: usize| signal.and_then(|shape| shape.get(axis)).cloned().unwrap_or(Dim::Unknown);
    let window = ctx.shape(2).ok().filter(|_| ctx.has(2)).and_then(|shape| shape.first()).cloned();
    let length = match ctx.has(3) {
        true => one(ctx, 3).unwrap_or(Dim::Unknown),
        false => window.unwrap_or(Dim::Unknown),
    };
    let step = one(ctx, 1);
    let frames = match &step {
        Ok(step) => at(1).sub(&length).div_floor(step).add(&Dim::Known(1)),
        Err(_) => Dim::Unknown,
    };
    let frequencies = if onesided { half(&length) } else { length };
    ctx.set(0, dtype, vec![at(0), frames, frequencies, Dim::Known(2)]);
    step.and(ctx.shape(0)).map(drop)
}
