//! Operators of networks: convolution, pooling, normalisation, recurrent cells, attention, resizing,
//! images, quantisation, losses, training steps, classic machine learning.

use super::Rule;
use crate::ir::dim::Dim;
use crate::ir::dtype::DType;
use crate::ir::graph::Shape;
use crate::ir::infer::{Ctx, Inferred, Why};

mod attention;
mod contrib;
mod contrib_attention;
mod conv;
mod image;
mod loss;
mod ml;
mod norm;
mod pool;
mod quant;
mod recurrent;
mod resize;
#[cfg(test)]
mod tests;
mod training;

pub(super) fn find(domain: &str, op: &str) -> Option<Rule> {
    let families = [
        conv::find,
        pool::find,
        norm::find,
        recurrent::find,
        attention::find,
        resize::find,
        image::find,
        quant::find,
        loss::find,
        training::find,
        ml::find,
        contrib::find,
        contrib_attention::find,
    ];
    families.iter().find_map(|family| family(domain, op))
}

/// Shape and type of input 0.
fn like_input(ctx: &mut Ctx<'_>) -> Inferred {
    ctx.same_as(0, 0)
}

/// Sets output `output` to the shape of input `input`, with an element type.
fn like(ctx: &mut Ctx<'_>, output: usize, input: usize, dtype: Option<DType>) -> Inferred {
    ctx.set_dtype(output, dtype);
    let shape = ctx.shape(input)?.to_vec();
    ctx.set(output, dtype, shape);
    Ok(())
}

/// Element type named by an integer attribute; its default where absent or 0.
fn dtype_attr(ctx: &Ctx<'_>, name: &str, default: Option<DType>) -> Option<DType> {
    match ctx.attrs().int_or(name, 0) {
        0 => default,
        number => i32::try_from(number).ok().and_then(DType::from_onnx),
    }
}

/// A shape of the rank that a rule needs.
fn of_rank<'a>(ctx: &Ctx<'a>, input: usize, ranks: &[usize]) -> Result<&'a [Dim], Why> {
    let shape = ctx.shape(input)?;
    if ranks.contains(&shape.len()) {
        return Ok(shape);
    }
    Err(Why::new(format!("input {input} has rank {}, not {ranks:?}", shape.len())))
}

/// Unknown dimensions.
fn unknown(rank: usize) -> Shape {
    vec![Dim::Unknown; rank]
}

/// Batch and channels moved: `[N, ..., C]` to `[N, C, ...]`.
fn channels_first(shape: &[Dim]) -> Shape {
    let mut shape = shape.to_vec();
    if let [_, rest @ ..] = shape.as_mut_slice()
        && !rest.is_empty()
    {
        rest.rotate_right(1);
    }
    shape
}

/// `[N, C, ...]` to `[N, ..., C]`.
fn channels_last(shape: &[Dim]) -> Shape {
    let mut shape = shape.to_vec();
    if let [_, rest @ ..] = shape.as_mut_slice()
        && !rest.is_empty()
    {
        rest.rotate_left(1);
    }
    shape
}

/// A reason where symbols left a dimension open.
fn whole(shape: &[Dim]) -> Inferred {
    if shape.contains(&Dim::Unknown) {
        return Err(Why::new("a size is not an exact function of the symbolic dimensions"));
    }
    Ok(())
}
