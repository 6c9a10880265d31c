//! Sequences and optionals.

use super::Rule;
use crate::ir::attrs::Attr;
use crate::ir::dim::Dim;
use crate::ir::dtype::DType;
use crate::ir::graph::{Const, Shape, Type};
use crate::ir::infer::{Ctx, Inferred, Why};
use crate::ir::types::join;

pub(super) fn find(op: &str) -> Option<Rule> {
    Some(match op {
        "SequenceConstruct" => construct,
        "SequenceEmpty" => empty,
        "SequenceAt" => at,
        "SequenceInsert" => insert,
        "SequenceErase" => erase,
        "SequenceLength" => length,
        "SplitToSequence" => split,
        "ConcatFromSequence" => concat,
        "Optional" => optional,
        "OptionalHasElement" => has_element,
        "OptionalGetElement" => element,
        _ => return None,
    })
}

/// Element type of a sequence input, and how many it holds.
fn sequence<'a>(ctx: &Ctx<'a>) -> Result<(&'a Type, &'a Dim), Why> {
    match ctx.ty(0) {
        Type::Sequence(one, length) => Ok((one, length)),
        _ => Err(Why::new("input 0 is not known to be a sequence")),
    }
}

fn set_sequence(ctx: &mut Ctx<'_>, one: Type, length: Dim) {
    ctx.set_type(0, Type::Sequence(Box::new(one), length));
}

/// What holds of all inputs. 2x3 and 2x4 give a sequence of two 2x?.
fn construct(ctx: &mut Ctx<'_>) -> Inferred {
    let all = (0..ctx.inputs()).map(|i| ctx.ty(i).clone());
    let one = all.reduce(|a, b| join(&a, &b)).unwrap_or_default();
    let length = Dim::Known(ctx.inputs() as i64);
    set_sequence(ctx, one, length);
    Ok(())
}

fn empty(ctx: &mut Ctx<'_>) -> Inferred {
    let number = ctx.attrs().int_or("dtype", DType::F32 as i64);
    let dtype = i32::try_from(number).ok().and_then(DType::from_onnx);
    set_sequence(ctx, Type::tensor(dtype, None), Dim::Known(0));
    Ok(())
}

fn at(ctx: &mut Ctx<'_>) -> Inferred {
    let one = sequence(ctx)?.0.clone();
    let known = one.shape().is_some_and(|shape| !shape.contains(&Dim::Unknown));
    ctx.set_type(0, one);
    if known { Ok(()) } else { Err(Why::new("the tensors of this sequence differ in shape")) }
}

fn insert(ctx: &mut Ctx<'_>) -> Inferred {
    let (one, length) = sequence(ctx)?;
    let new = ctx.ty(1);
    let one = if *length == Dim::Known(0) { new.clone() } else { join(one, new) };
    set_sequence(ctx, one, length.add(&Dim::Known(1)));
    Ok(())
}

fn erase(ctx: &mut Ctx<'_>) -> Inferred {
    let (one, length) = sequence(ctx)?;
    if *length == Dim::Known(0) {
        return Err(Why::broken("nothing can be taken out of an empty sequence"));
    }
    set_sequence(ctx, one.clone(), length.sub(&Dim::Known(1)));
    Ok(())
}

fn length(ctx: &mut Ctx<'_>) -> Inferred {
    ctx.set(0, Some(DType::I64), Vec::new());
    if let Ok((_, length)) = sequence(ctx) {
        ctx.set_constant(0, Const::int(length.clone()));
    }
    Ok(())
}

/// Parts of one size (a scalar; the last may be smaller), of named sizes, or of 1; without `split`
/// and with `keepdims` 0 the axis goes. 6x4 by 3: a sequence of two 3x4.
fn split(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(0);
    set_sequence(ctx, Type::tensor(dtype, None), Dim::Unknown);
    let mut shape: Shape = ctx.shape(0)?.to_vec();
    let axis = Ctx::axis(ctx.attrs().int_or("axis", 0), shape.len())?;
    let parts = match ctx.ints(1) {
        _ if !ctx.has(1) => shape[axis].clone(),
        Ok([size]) if ctx.rank(1) == Ok(0) => shape[axis].div_ceil(size),
        _ => ctx.length(1).map_or(Dim::Unknown, |parts| Dim::Known(parts as i64)),
    };
    if !ctx.has(1) && ctx.attrs().int_or("keepdims", 1) == 0 {
        shape.remove(axis);
    } else {
        let sizes =
            if ctx.has(1) { ctx.ints(1).ok().map(<[Dim]>::to_vec) } else { Some(vec![Dim::Known(1)]) };
        let scalar = !ctx.has(1) || ctx.rank(1) == Ok(0);
        shape[axis] = match sizes.as_deref() {
            Some([size]) if scalar && shape[axis].div_exact(size) == Dim::Unknown => Dim::Unknown,
            Some([size, rest @ ..]) if rest.iter().all(|s| s == size) => size.clone(),
            _ => Dim::Unknown,
        };
    }
    set_sequence(ctx, Type::tensor(dtype, Some(shape)), parts);
    Ok(())
}

/// The axis adds up; `new_axis` makes it. Three of 2x4 along axis 0: 6x4, or 3x2x4.
fn concat(ctx: &mut Ctx<'_>) -> Inferred {
    let (one, length) = sequence(ctx)?;
    let dtype = one.dtype();
    ctx.set_dtype(0, dtype);
    let why = Why::new("how many tensors this sequence holds, or of which shapes, is not known");
    let mut shape = one.shape().ok_or_else(|| why.clone())?.to_vec();
    let new = ctx.attrs().int_or("new_axis", 0) != 0;
    let axis = ctx.attrs().int("axis").ok_or_else(|| Why::new("ConcatFromSequence without an axis"))?;
    if new {
        shape.insert(Ctx::axis(axis, shape.len() + 1)?, length.clone());
    } else {
        let axis = Ctx::axis(axis, shape.len())?;
        shape[axis] = shape[axis].mul(length);
    }
    let open = shape.contains(&Dim::Unknown);
    ctx.set(0, dtype, shape);
    if open { Err(why) } else { Ok(()) }
}

fn optional(ctx: &mut Ctx<'_>) -> Inferred {
    let inner = match ctx.attrs().get("type") {
        _ if ctx.has(0) => ctx.ty(0).clone(),
        Some(Attr::Type(ty)) => ty.clone(),
        _ => Type::Unknown,
    };
    ctx.set_type(0, Type::Optional(Box::new(inner)));
    Ok(())
}

fn has_element(ctx: &mut Ctx<'_>) -> Inferred {
    ctx.set(0, Some(DType::Bool), Vec::new());
    Ok(())
}

/// What the optional holds; from opset 18 a tensor or sequence stands for itself.
fn element(ctx: &mut Ctx<'_>) -> Inferred {
    let inner = match ctx.ty(0) {
        Type::Optional(inner) => inner.as_ref(),
        other => other,
    };
    ctx.set_type(0, inner.clone());
    match inner {
        Type::Tensor(tensor) if tensor.shape.is_none() => Err(Why::new("the optional's shape is not known")),
        Type::Unknown => Err(Why::new("what this optional holds is not known")),
        _ => Ok(()),
    }
}
