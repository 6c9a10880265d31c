//! Operators on images: sampling grids, blocks, boxes, decoding.

use super::{of_rank, whole};
use crate::ir::dim::Dim;
use crate::ir::dtype::DType;
use crate::ir::infer::rules::Rule;
use crate::ir::infer::{Ctx, Inferred, Why};

pub(super) fn find(domain: &str, op: &str) -> Option<Rule> {
    Some(match (domain, op) {
        ("" | "com.microsoft", "GridSample") => grid_sample,
        ("", "AffineGrid") => affine_grid,
        ("", "Col2Im") => col2im,
        ("", "ImageDecoder") => image_decoder,
        _ => return None,
    })
}

/// `[N, C, grid...]`. 1x3x4x4 sampled on a grid 1x6x5x2: 1x3x6x5.
fn grid_sample(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(0);
    ctx.set_dtype(0, dtype);
    let (input, grid) = (ctx.shape(0)?, ctx.shape(1)?);
    let (Some(outer), [_, places @ .., _]) = (input.get(..2), grid) else {
        return Err(Why::new("GridSample needs an input and a grid of rank 3 or more"));
    };
    if input.len() != grid.len() {
        return Err(Why::new("the grid has another rank than the input"));
    }
    ctx.set(0, dtype, outer.iter().chain(places).cloned().collect());
    Ok(())
}

/// Size `[N, C, H, W]` gives `[N, H, W, 2]`, `[N, C, D, H, W]` gives `[N, D, H, W, 3]`.
fn affine_grid(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(0);
    ctx.set_dtype(0, dtype);
    let size = ctx.ints(1)?;
    let ([batch, _, spatial @ ..], 4 | 5) = (size, size.len()) else {
        return Err(Why::new("the size of a grid needs 4 or 5 numbers"));
    };
    let coordinates = Dim::Known(spatial.len() as i64);
    let shape = std::iter::once(batch).chain(spatial).cloned().chain([coordinates]).collect();
    ctx.set(0, dtype, shape);
    Ok(())
}

/// `[N, C*block, L]` to `[N, C, image...]`. 1x10x5 with blocks of 1x5 on an image of 5x5: 10/5 channels,
/// 1x2x5x5.
fn col2im(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(0);
    ctx.set_dtype(0, dtype);
    let image = ctx.ints(1)?.to_vec();
    let block = ctx.ints(2).map(Dim::product).unwrap_or(Dim::Unknown);
    let input = of_rank(ctx, 0, &[3]);
    let at = |axis: usize| input.as_ref().ok().and_then(|s| s.get(axis)).cloned().unwrap_or(Dim::Unknown);
    let channels = at(1).div_exact(&block);
    let shape: Vec<Dim> = [at(0), channels].into_iter().chain(image).collect();
    ctx.set(0, dtype, shape.clone());
    input?;
    whole(&shape)
}

/// `[H, W, 3]`, or `[H, W, 1]` for grey; the size is in the image.
fn image_decoder(ctx: &mut Ctx<'_>) -> Inferred {
    let channels = match ctx.attrs().str("pixel_format").unwrap_or("RGB") {
        "RGB" | "BGR" => Dim::Known(3),
        "Grayscale" => Dim::Known(1),
        _ => Dim::Unknown,
    };
    ctx.set(0, Some(DType::U8), vec![Dim::Unknown, Dim::Unknown, channels]);
    Err(Why::new("the size of a decoded image is in the image"))
}
