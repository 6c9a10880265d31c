//! Gathering by index.

use super::{Rule, fold};
use crate::ir::dim::Dim;
use crate::ir::graph::Const;
use crate::ir::infer::{Ctx, Inferred, Why};

pub(super) fn find(op: &str) -> Option<Rule> {
    Some(match op {
        "Gather" => gather,
        "GatherElements" => elements,
        "GatherND" => gather_nd,
        _ => return None,
    })
}

/// The axis makes room for the shape of the indices. 5x4 by 2x3 indices on axis 0: 2x3x4.
fn gather(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(0);
    ctx.set_dtype(0, dtype);
    let (data, indices) = (ctx.shape(0)?, ctx.shape(1)?);
    let axis = Ctx::axis(ctx.attrs().int_or("axis", 0), data.len())?;
    let shape = [&data[..axis], indices, &data[axis + 1..]].concat();
    let folded = ctx.constant(0).zip(ctx.partial(1)).and_then(|(from, at)| picked(from, &at, axis));
    ctx.set(0, dtype, shape);
    ctx.fold(0, folded);
    Ok(())
}

fn picked(from: &Const, indices: &Const, axis: usize) -> Option<Const> {
    let along = *from.dims.get(axis)?;
    let dims = [from.dims.get(..axis)?, &indices.dims, from.dims.get(axis + 1..)?].concat();
    let (outer, inner) = (fold::count(from.dims.get(..axis)?)?, fold::count(from.dims.get(axis + 1..)?)?);
    let rows: Vec<Option<usize>> = (indices.as_ints()?.iter())
        .map(|index| {
            let index = index.known()?;
            let index = if index < 0 { index.checked_add(i64::try_from(along).ok()?)? } else { index };
            usize::try_from(index).ok().filter(|index| (*index as u64) < along)
        })
        .collect();
    let mut places = Vec::with_capacity(fold::count(&dims)?);
    for before in 0..outer {
        for row in &rows {
            let start = row.map(|row| (before * along as usize + row) * inner);
            places.extend((0..inner).map(|after| start.map(|start| start + after)));
        }
    }
    fold::pick(from, dims, &places)
}

/// The shape of the indices.
fn elements(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(0);
    ctx.set_dtype(0, dtype);
    let shape = ctx.shape(1)?.to_vec();
    ctx.set(0, dtype, shape);
    Ok(())
}

/// The last axis of the indices, of size k, names k axes after the `batch_dims` first:
/// `indices[..-1] + data[batch_dims + k..]`. 2x3x4 by 5x2 indices: 5x4.
fn gather_nd(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(0);
    ctx.set_dtype(0, dtype);
    let (data, indices) = (ctx.shape(0)?, ctx.shape(1)?);
    let (last, lead) = indices.split_last().ok_or_else(|| Why::new("GatherND by a scalar"))?;
    let batch = usize::try_from(ctx.attrs().int_or("batch_dims", 0)).unwrap_or(usize::MAX);
    let depth = last.known().and_then(|n| usize::try_from(n).ok());
    let depth = depth.ok_or_else(|| Why::new("the depth of the indices of GatherND is not known"))?;
    let rest = batch.checked_add(depth).and_then(|start| data.get(start..));
    let rest = rest.ok_or_else(|| Why::new("the indices of GatherND are deeper than its data"))?;
    let shape: Vec<Dim> = [lead, rest].concat();
    ctx.set(0, dtype, shape);
    Ok(())
}
