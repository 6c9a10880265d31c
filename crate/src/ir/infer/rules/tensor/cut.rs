//! Split.

use super::{Rule, fold};
use crate::ir::dim::Dim;
use crate::ir::graph::{Const, Shape};
use crate::ir::infer::{Ctx, Inferred, Why};

pub(super) fn find(op: &str) -> Option<Rule> {
    (op == "Split").then_some(split as Rule)
}

/// Parts of named sizes (an attribute, input 1 from opset 13), or equal ones; with `num_outputs`
/// (opset 18) the last may be smaller. 7 in 3 parts: 3, 3, 1.
fn split(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(0);
    let parts = ctx.outputs();
    for part in 0..parts {
        ctx.set_dtype(part, dtype);
    }
    let shape = ctx.shape(0)?;
    let axis = Ctx::axis(ctx.attrs().int_or("axis", 0), shape.len())?;
    let dim = shape[axis].clone();
    let (sizes, why) = match ctx.ints_or_attr(1, "split") {
        Ok(Some(sizes)) if sizes.len() == parts => (sizes, None),
        Ok(Some(sizes)) => return Err(Why::new(format!("Split names {} sizes", sizes.len()))),
        Ok(None) => (equal(ctx, &dim, parts), None),
        Err(why) => (vec![Dim::Unknown; parts], Some(why)),
    };
    let mut start = Dim::Known(0);
    for (part, size) in sizes.into_iter().enumerate() {
        let mut out: Shape = shape.to_vec();
        out[axis] = size.clone();
        ctx.set(part, dtype, out);
        let folded = ctx.constant(0).zip(start.known().zip(size.known()));
        let folded = folded.and_then(|(from, (start, size))| run(from, axis, start, size));
        ctx.fold(part, folded);
        start = start.add(&size);
    }
    why.map_or(Ok(()), Err)
}

fn equal(ctx: &Ctx<'_>, dim: &Dim, parts: usize) -> Vec<Dim> {
    let uneven = ctx.attrs().int("num_outputs").is_some();
    let count = Dim::Known(parts as i64);
    let exact = dim.div_exact(&count);
    if exact != Dim::Unknown || !uneven {
        return vec![exact; parts];
    }
    let size = dim.div_ceil(&count);
    let mut sizes = vec![size.clone(); parts];
    if let Some(last) = sizes.last_mut() {
        *last = dim.sub(&size.mul(&count.sub(&Dim::Known(1))));
        if !last.at_least(0) {
            *last = Dim::Unknown;
        }
    }
    sizes
}

fn run(from: &Const, axis: usize, start: i64, size: i64) -> Option<Const> {
    let (start, size) = (usize::try_from(start).ok()?, u64::try_from(size).ok()?);
    let mut dims = from.dims.clone();
    *dims.get_mut(axis)? = size;
    let strides = fold::strides(&from.dims);
    let place = |at: Vec<usize>| {
        let moved = at.iter().enumerate().map(|(i, at)| if i == axis { at + start } else { *at });
        Some(moved.zip(&strides).map(|(at, stride)| at * stride).sum())
    };
    let places: Vec<_> = fold::coordinates(&dims)?.into_iter().map(place).collect();
    fold::pick(from, dims, &places)
}
