//! Operators whose output size depends on the data, and OneHot.

use super::{Rule, fold};
use crate::ir::dim::Dim;
use crate::ir::dtype::DType;
use crate::ir::graph::{Const, Data};
use crate::ir::infer::{Ctx, Inferred, Why};

pub(super) fn find(op: &str) -> Option<Rule> {
    Some(match op {
        "NonZero" => nonzero,
        "Unique" => unique,
        "Compress" => compress,
        "OneHot" => one_hot,
        _ => return None,
    })
}

/// `[rank, how many]`: the coordinates of what is not zero. Of `[0, 5, 7]`: `[[1, 2]]`.
fn nonzero(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = Some(DType::I64);
    // A scalar counts as one axis in some runtimes, as none in others.
    let rank = ctx.rank(0).ok().filter(|rank| *rank > 0);
    let rows = rank.map_or(Dim::Unknown, |rank| Dim::Known(rank as i64));
    ctx.set(0, dtype, vec![rows.clone(), Dim::Unknown]);
    let found = ctx.constant(0).filter(|_| rank.is_some()).and_then(places);
    let found = found.ok_or_else(|| Why::new("NonZero finds as many places as the data holds"))?;
    let columns = found.len();
    let axes = rank.unwrap_or(0);
    let values = (0..axes).flat_map(|axis| found.iter().map(move |at| at.get(axis).copied().unwrap_or(0)));
    let data = Data::Ints(values.map(|v| Dim::Known(v as i64)).collect());
    ctx.set(0, dtype, vec![rows, Dim::Known(columns as i64)]);
    ctx.set_constant(0, Const { dims: vec![axes as u64, columns as u64], data });
    Ok(())
}

fn places(from: &Const) -> Option<Vec<Vec<usize>>> {
    let nonzero: Vec<bool> = match &from.data {
        Data::Ints(values) => {
            values.iter().map(|v| v.same(&Dim::Known(0)).map(|zero| !zero)).collect::<Option<_>>()?
        }
        Data::Floats(values) => values.iter().map(|v| *v != 0.0).collect(),
    };
    let all = fold::coordinates(&from.dims)?;
    Some(all.into_iter().zip(nonzero).filter(|(_, nonzero)| *nonzero).map(|(at, _)| at).collect())
}

/// Distinct elements (or slices along an axis), and three lists of places; how many, the data says.
fn unique(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(0);
    for list in 1..ctx.outputs() {
        ctx.set(list, Some(DType::I64), vec![Dim::Unknown]);
    }
    ctx.set_dtype(0, dtype);
    let mut shape = vec![Dim::Unknown];
    let elements = match ctx.attrs().int("axis") {
        None => ctx.shape(0).map_or(Dim::Unknown, Dim::product),
        Some(axis) => {
            shape = ctx.shape(0)?.to_vec();
            let axis = Ctx::axis(axis, shape.len())?;
            std::mem::replace(&mut shape[axis], Dim::Unknown)
        }
    };
    ctx.set(0, dtype, shape);
    // The third output says for each element (or slice) which of the distinct ones it is.
    ctx.set(2, Some(DType::I64), vec![elements]);
    let kept = ctx.constant(0).and_then(|from| distinct(from, ctx.attrs().int("axis")));
    let kept = kept.ok_or_else(|| Why::new("Unique keeps as many elements as the data holds"))?;
    let known = Dim::Known(i64::try_from(kept).unwrap_or(i64::MAX));
    let mut shape = ctx.shape(0)?.to_vec();
    match ctx.attrs().int("axis") {
        None => shape = vec![known.clone()],
        Some(axis) => {
            let axis = Ctx::axis(axis, shape.len())?;
            shape[axis] = known.clone();
        }
    }
    ctx.set(0, dtype, shape);
    ctx.set(1, Some(DType::I64), vec![known.clone()]);
    ctx.set(3, Some(DType::I64), vec![known]);
    Ok(())
}

/// Slices of a constant up to which they are compared.
const MAX_SLICES: usize = 1024;

/// Distinct elements, or slices along an axis, of a constant. [2, 1, 1, 3]: 3.
fn distinct(from: &Const, axis: Option<i64>) -> Option<usize> {
    let elements: Vec<u64> = match &from.data {
        Data::Ints(values) => values.iter().map(|v| Some(v.known()? as u64)).collect::<Option<_>>()?,
        Data::Floats(values) => values.iter().map(|v| v.to_bits()).collect(),
    };
    let mut slices: Vec<Vec<u64>> = match axis {
        None => elements.into_iter().map(|element| vec![element]).collect(),
        Some(axis) => {
            let axis = Ctx::axis(axis, from.dims.len()).ok()?;
            let size =
                |dims: &[u64]| dims.iter().try_fold(1usize, |n, d| n.checked_mul(usize::try_from(*d).ok()?));
            let (count, inner) = (size(from.dims.get(axis..=axis)?)?, size(from.dims.get(axis + 1..)?)?);
            if count > MAX_SLICES {
                return None;
            }
            let of = |at: usize| {
                let own = elements
                    .iter()
                    .enumerate()
                    .filter(|(i, _)| i.checked_div(inner).unwrap_or(0) % count == at);
                own.map(|(_, element)| *element).collect()
            };
            (0..count).map(of).collect()
        }
    };
    slices.sort_unstable();
    slices.dedup();
    Some(slices.len())
}

/// Elements (or slices along an axis) where the condition holds. 3x2 on axis 0 by `[0, 1, 1]`: 2x2.
fn compress(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(0);
    ctx.set_dtype(0, dtype);
    let kept = ctx.ints(1).and_then(|condition| {
        let known: Option<Vec<i64>> = condition.iter().map(Dim::known).collect();
        let kept = known.map(|values| values.iter().filter(|v| **v != 0).count());
        kept.ok_or_else(|| Why::new("the condition of Compress is computed from data"))
    });
    let size = kept.as_ref().map_or(Dim::Unknown, |kept| Dim::Known(*kept as i64));
    let shape = match ctx.attrs().int("axis") {
        None => vec![size],
        Some(axis) => {
            let mut shape = ctx.shape(0)?.to_vec();
            let axis = Ctx::axis(axis, shape.len())?;
            shape[axis] = size;
            shape
        }
    };
    ctx.set(0, dtype, shape);
    kept.map(drop)
}

/// An axis of `depth` is put in at `axis` (the end by default). 2x3 with depth 5: 2x3x5.
fn one_hot(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(2);
    ctx.set_dtype(0, dtype);
    let mut shape = ctx.shape(0)?.to_vec();
    let axis = Ctx::axis(ctx.attrs().int_or("axis", -1), shape.len() + 1)?;
    let depth = match ctx.constant(1).map(|c| (c.as_ints().and_then(<[Dim]>::first).cloned(), c.scalar())) {
        Some((Some(depth), _)) => depth,
        // A depth of floating point is cut to an integer.
        Some((None, Some(depth))) if (0.0..1e15).contains(&depth) => Dim::Known(depth as i64),
        _ => Dim::Unknown,
    };
    let known = depth != Dim::Unknown;
    shape.insert(axis, depth);
    ctx.set(0, dtype, shape);
    if known { Ok(()) } else { Err(Why::new("the depth of OneHot is computed from data")) }
}
