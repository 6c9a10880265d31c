//! Resize and its forerunner Upsample.

use super::whole;
use crate::ir::dim::Dim;
use crate::ir::graph::{Const, Shape};
use crate::ir::infer::rules::Rule;
use crate::ir::infer::{Ctx, Inferred, Why};

pub(super) fn find(domain: &str, op: &str) -> Option<Rule> {
    Some(match (domain, op) {
        ("", "Resize") => resize,
        ("", "Upsample") => upsample,
        _ => return None,
    })
}

/// `floor(in*scale)`, scales from the attribute (version 7) or input 1. 1x1x2x3 with 1, 1, 2, 3:
/// 1x1x4x9.
fn upsample(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(0);
    ctx.set_dtype(0, dtype);
    let input = ctx.shape(0)?;
    let scales = match ctx.attrs().floats("scales") {
        Some(scales) if !ctx.has(1) => scales.to_vec(),
        _ => floats(ctx, 1)?,
    };
    let axes: Vec<usize> = (0..input.len()).collect();
    let shape = scaled(input, &axes, &scales)?;
    ctx.set(0, dtype, shape.clone());
    whole(&shape)
}

/// What input `sizes` says, or `floor(in*scale)`; axes that are not named stay. Version 10 has
/// scales only. 1x1x4x4 with scales 0.6: 1x1x2x2.
fn resize(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(0);
    ctx.set_dtype(0, dtype);
    let input = ctx.shape(0)?;
    let axes = axes(ctx, input.len())?;
    let (scales, sizes) = if ctx.opset() < 11 { (Some(1), None) } else { (given(ctx, 2), given(ctx, 3)) };
    // Known before the sizes are: the axes that stay.
    let mut shape = input.to_vec();
    for axis in &axes {
        set(&mut shape, *axis, Dim::Unknown);
    }
    ctx.set(0, dtype, shape);
    let shape = match (scales, sizes) {
        (Some(place), None) => {
            if ctx.attrs().str("coordinate_transformation_mode") == Some("tf_crop_and_resize") {
                return Err(Why::new("scales with a cropped region"));
            }
            scaled(input, &axes, &floats(ctx, place)?)?
        }
        (None, Some(place)) => {
            let policy = ctx.attrs().str("keep_aspect_ratio_policy").unwrap_or("stretch");
            sized(input, &axes, ctx.ints(place)?, policy)?
        }
        _ => return Err(Why::new("Resize needs either scales or sizes")),
    };
    ctx.set(0, dtype, shape.clone());
    whole(&shape)
}

/// An input that is there and not the empty tensor, which stands for "left out".
fn given(ctx: &Ctx<'_>, input: usize) -> Option<usize> {
    let empty = ctx.shape(input).is_ok_and(|shape| shape == [Dim::Known(0)]);
    (ctx.has(input) && !empty).then_some(input)
}

fn axes(ctx: &Ctx<'_>, rank: usize) -> Result<Vec<usize>, Why> {
    match ctx.attrs().ints("axes") {
        Some(axes) => axes.iter().map(|axis| Ctx::axis(*axis, rank)).collect(),
        None => Ok((0..rank).collect()),
    }
}

fn floats(ctx: &Ctx<'_>, input: usize) -> Result<Vec<f32>, Why> {
    let values = ctx.constant(input).and_then(Const::to_floats);
    let values = values.ok_or_else(|| Why::new("the scales are computed from data"))?;
    Ok(values.into_iter().map(|value| value as f32).collect())
}

fn set(shape: &mut Shape, axis: usize, dim: Dim) {
    if let Some(place) = shape.get_mut(axis) {
        *place = dim;
    }
}

fn scaled(input: &[Dim], axes: &[usize], scales: &[f32]) -> Result<Shape, Why> {
    if scales.len() != axes.len() || !scales.iter().all(|scale| *scale > 0.0) {
        return Err(Why::new(format!("{} scales above 0 are needed", axes.len())));
    }
    let mut shape = input.to_vec();
    for (axis, scale) in axes.iter().zip(scales) {
        let dim = input.get(*axis).unwrap_or(&Dim::Unknown);
        set(&mut shape, *axis, times(dim, *scale));
    }
    Ok(shape)
}

/// `floor(in*scale)` in 32-bit floating point, as runtimes and the standard's own checker compute it:
/// 10 by 0.7 is 7, though the nearest 32-bit number to 0.7 lies below it. Symbols stay where the scale
/// is whole or one over a power of two.
fn times(dim: &Dim, scale: f32) -> Dim {
    let whole = |x: f32| (1.0..=1e6).contains(&x) && x.fract() == 0.0;
    match dim {
        Dim::Known(n) => {
            let size = (*n as f32 * scale).floor();
            // Past 2^24 a 32-bit number does not hold every whole one.
            if (0.0..16_777_216.0).contains(&size) { Dim::Known(size as i64) } else { Dim::Unknown }
        }
        _ if whole(scale) => dim.mul(&Dim::Known(scale as i64)),
        _ if whole(1.0 / scale) && (1.0 / scale).log2().fract() == 0.0 => {
            dim.div_floor(&Dim::Known((1.0 / scale) as i64))
        }
        _ => Dim::Unknown,
    }
}

fn sized(input: &[Dim], axes: &[usize], sizes: &[Dim], policy: &str) -> Result<Shape, Why> {
    if sizes.len() != axes.len() {
        return Err(Why::new(format!("{} sizes for {} axes", sizes.len(), axes.len())));
    }
    let mut shape = input.to_vec();
    if policy == "stretch" {
        for (axis, size) in axes.iter().zip(sizes) {
            set(&mut shape, *axis, size.clone());
        }
        return Ok(shape);
    }
    let larger = match policy {
        "not_larger" => false,
        "not_smaller" => true,
        other => return Err(Why::new(format!("keep_aspect_ratio_policy {other} is not known"))),
    };
    let number = |dim: &Dim| dim.known().filter(|n| (1..1 << 31).contains(n));
    let pairs: Option<Vec<(i64, i64)>> = axes
        .iter()
        .zip(sizes)
        .map(|(axis, size)| Some((number(size)?, number(input.get(*axis)?)?)))
        .collect();
    let pairs = pairs.ok_or_else(|| Why::new("keeping the aspect ratio needs numbers"))?;
    // Ratios compared by cross products, below 2^62.
    let ratio = pairs.iter().copied().reduce(|best, one| {
        let above = one.0 * best.1 > best.0 * one.1;
        if above == larger { one } else { best }
    });
    let Some((size, length)) = ratio else { return Ok(shape) };
    for (axis, (_, dim)) in axes.iter().zip(&pairs) {
        set(&mut shape, *axis, rounded(*dim, size, length));
    }
    Ok(shape)
}

/// `dim*size/length` to the nearest, halves up; unknown where 32-bit floating point says otherwise.
fn rounded(dim: i64, size: i64, length: i64) -> Dim {
    let exact = (2 * i128::from(dim) * i128::from(size) + i128::from(length)) / (2 * i128::from(length));
    let short = (dim as f32 * (size as f32 / length as f32) + 0.5).floor();
    match i64::try_from(exact) {
        Ok(exact) if exact as f32 == short => Dim::Known(exact),
        _ => Dim::Unknown,
    }
}
