//! Shapes that rules of several families give.

use crate::ir::dim::Dim;
use crate::ir::dtype::DType;
use crate::ir::graph::Shape;
use crate::ir::infer::{Ctx, Inferred, Why};

/// Shape and type of input 0.
pub(super) fn like_input(ctx: &mut Ctx<'_>) -> Inferred {
    ctx.same_as(0, 0)
}

/// Sets output `output` to the shape of input `input`, with an element type.
pub(super) fn like(ctx: &mut Ctx<'_>, output: usize, input: usize, dtype: Option<DType>) -> Inferred {
    ctx.set_dtype(output, dtype);
    let shape = ctx.shape(input)?.to_vec();
    ctx.set(output, dtype, shape);
    Ok(())
}

/// Element type named by an integer attribute; its default where absent or 0.
pub(super) fn dtype_attr(ctx: &Ctx<'_>, name: &str, default: Option<DType>) -> Option<DType> {
    match ctx.attrs().int_or(name, 0) {
        0 => default,
        number => i32::try_from(number).ok().and_then(DType::from_onnx),
    }
}

/// A shape of the rank that a rule needs.
pub(super) fn of_rank<'a>(ctx: &Ctx<'a>, input: usize, ranks: &[usize]) -> Result<&'a [Dim], Why> {
    let shape = ctx.shape(input)?;
    if ranks.contains(&shape.len()) {
        return Ok(shape);
    }
    Err(Why::new(format!("input {input} has rank {}, not {ranks:?}", shape.len())))
}

/// Unknown dimensions.
pub(super) fn unknown(rank: usize) -> Shape {
    vec![Dim::Unknown; rank]
}

/// Batch and channels moved: `[N, ..., C]` to `[N, C, ...]`.
pub(super) fn channels_first(shape: &[Dim]) -> Shape {
    let mut shape = shape.to_vec();
    if let [_, rest @ ..] = shape.as_mut_slice()
        && !rest.is_empty()
    {
        rest.rotate_right(1);
    }
    shape
}

/// `[N, C, ...]` to `[N, ..., C]`.
pub(super) fn channels_last(shape: &[Dim]) -> Shape {
    let mut shape = shape.to_vec();
    if let [_, rest @ ..] = shape.as_mut_slice()
        && !rest.is_empty()
    {
        rest.rotate_left(1);
    }
    shape
}

/// A reason where symbols left a dimension open.
pub(super) fn whole(shape: &[Dim]) -> Inferred {
    if shape.contains(&Dim::Unknown) {
        return Err(Why::new("a size is not an exact function of the symbolic dimensions"));
    }
    Ok(())
}
