//! Concat.

use super::{Rule, fold};
use crate::ir::dim::Dim;
use crate::ir::dtype::DType;
use crate::ir::graph::{Const, Data, Shape};
use crate::ir::infer::{Ctx, Inferred, Why};
use crate::limits::MAX_FOLDED_ELEMENTS;

pub(super) fn find(op: &str) -> Option<Rule> {
    (op == "Concat").then_some(concat as Rule)
}

/// Sizes add along the axis, the others agree. 2x3 and 2x4 along 1: 2x7.
fn concat(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = (0..ctx.inputs()).find_map(|i| ctx.dtype(i));
    ctx.set_dtype(0, dtype);
    let rank = (0..ctx.inputs()).find_map(|i| ctx.rank(i).ok());
    let Some(rank) = rank else { return ctx.shape(0).map(drop) };
    // Before opset 4 the axis was 1 when it was not named.
    let axis = ctx.attrs().int("axis").or((ctx.opset() < 4).then_some(1));
    let axis = Ctx::axis(axis.ok_or_else(|| Why::new("Concat without an axis"))?, rank)?;
    let mut out: Shape = vec![Dim::Unknown; rank];
    let mut sum = Dim::Known(0);
    let mut why = None;
    for input in 0..ctx.inputs() {
        let shape = match ctx.shape(input) {
            Ok(shape) => shape,
            Err(reason) => {
                (sum, why) = (Dim::Unknown, Some(reason));
                continue;
            }
        };
        if shape.len() != rank {
            return Err(Why::new("Concat of different ranks"));
        }
        sum = sum.add(&shape[axis]);
        for (place, (dim, other)) in out.iter_mut().zip(shape).enumerate() {
            let known = dim.known().is_some() || *other == Dim::Unknown;
            if place != axis && !known && (*dim == Dim::Unknown || other.known().is_some()) {
                *dim = other.clone();
            }
        }
    }
    out[axis] = sum;
    ctx.set(0, dtype, out);
    let folded = folded(ctx, axis, dtype);
    ctx.fold(0, folded);
    why.map_or(Ok(()), Err)
}

/// Elements, those of inputs without values unknown.
fn folded(ctx: &Ctx<'_>, axis: usize, dtype: Option<DType>) -> Option<Const> {
    (0..ctx.inputs()).any(|i| ctx.constant(i).is_some()).then_some(())?;
    let mut parts = Vec::new();
    let mut elements = 0usize;
    for input in 0..ctx.inputs() {
        let part = ctx.partial(input)?;
        elements = elements.checked_add(part.len())?;
        if elements > MAX_FOLDED_ELEMENTS {
            return None;
        }
        parts.push(part);
    }
    let mut dims = parts.first()?.dims.clone();
    let fits = |part: &Const| {
        part.dims.len() == dims.len()
            && part.dims.iter().zip(&dims).enumerate().all(|(i, (a, b))| i == axis || a == b)
    };
    parts.iter().all(fits).then_some(())?;
    let sizes = parts.iter().map(|part| part.dims.get(axis).copied());
    dims[axis] = sizes.sum::<Option<u64>>()?;
    let outer = fold::count(dims.get(..axis)?)?;
    let is_float = dtype?.is_float();
    let (mut ints, mut floats) = (Vec::new(), Vec::new());
    for step in 0..outer {
        for part in &parts {
            let run = part.len() / outer;
            let range = step * run..(step + 1) * run;
            match &part.data {
                Data::Ints(values) if !is_float => ints.extend_from_slice(values.get(range)?),
                Data::Floats(values) if is_float => floats.extend_from_slice(values.get(range)?),
                _ => return None,
            }
        }
    }
    let data = if is_float { Data::Floats(floats) } else { Data::Ints(ints) };
    Some(Const { dims, data })
}
