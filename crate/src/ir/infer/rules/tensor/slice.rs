//! Slice.

use super::{Rule, fold};
use crate::ir::dim::Dim;
use crate::ir::graph::{Const, Shape};
use crate::ir::infer::{Ctx, Inferred, Why};

pub(super) fn find(op: &str) -> Option<Rule> {
    (op == "Slice").then_some(slice as Rule)
}

/// A bound this far out means the end (or the begin): exporters write the largest integer.
const FAR: i64 = i32::MAX as i64;

/// One axis of a slice.
struct Cut {
    start: Dim,
    end: Dim,
    step: Dim,
}

/// Elements `start, start + step, ..` before `end` along each axis, bounds clamped, negative ones
/// from the end: `max(ceil((end - start) / step), 0)`. 10 from 2 to -1 by 3: 3 elements.
///
/// Bounds are attributes before opset 10, inputs 1 to 4 from then on.
fn slice(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(0);
    ctx.set_dtype(0, dtype);
    let shape = ctx.shape(0)?.to_vec();
    let rank = shape.len();
    let cuts = cuts(ctx, rank);
    let cuts = match cuts {
        Ok(cuts) => cuts,
        Err(why) => {
            ctx.set(0, dtype, vec![Dim::Unknown; rank]);
            return Err(why);
        }
    };
    let mut out: Shape = shape.clone();
    let mut starts: Vec<Option<(i64, i64)>> = vec![Some((0, 1)); rank];
    for (axis, cut) in cuts.iter().enumerate() {
        let Some(cut) = cut else { continue };
        let (start, size) = extent(cut, &shape[axis]);
        starts[axis] = start.known().zip(cut.step.known());
        out[axis] = size;
    }
    let folded = ctx.constant(0).and_then(|from| picked(from, &out, &starts));
    let whole = !out.contains(&Dim::Unknown) || shape.contains(&Dim::Unknown);
    ctx.set(0, dtype, out);
    ctx.fold(0, folded);
    if whole { Ok(()) } else { Err(Why::new("a bound of Slice is computed from data")) }
}

/// The cut of each axis, None where it stays whole.
fn cuts(ctx: &Ctx<'_>, rank: usize) -> Result<Vec<Option<Cut>>, Why> {
    let old = ctx.opset() < 10;
    let list = |input: usize, attr: &str| -> Result<Option<Vec<Dim>>, Why> {
        if old {
            let values = ctx.attrs().ints(attr);
            return Ok(values.map(|v| v.iter().copied().map(Dim::Known).collect()));
        }
        if !ctx.has(input) {
            return Ok(None);
        }
        match ctx.ints(input) {
            Ok(values) => Ok(Some(values.to_vec())),
            Err(_) => Ok(Some(vec![Dim::Unknown; ctx.length(input)?.min(rank)])),
        }
    };
    let missing = || Why::new("Slice without bounds");
    let starts = list(1, "starts")?.ok_or_else(missing)?;
    let ends = list(2, "ends")?.ok_or_else(missing)?;
    let axes = list(3, "axes")?;
    let axes = axes.unwrap_or_else(|| (0..starts.len()).map(|i| Dim::Known(i as i64)).collect());
    let steps = if old { None } else { list(4, "steps")? };
    let steps = steps.unwrap_or_else(|| vec![Dim::Known(1); starts.len()]);
    if starts.len() != ends.len() || starts.len() != axes.len() || starts.len() != steps.len() {
        return Err(Why::new("the bounds of Slice differ in length"));
    }
    let mut cuts: Vec<Option<Cut>> = (0..rank).map(|_| None).collect();
    for (((start, end), axis), step) in starts.into_iter().zip(ends).zip(axes).zip(steps) {
        let axis = axis.known().ok_or_else(|| Why::new("an axis of Slice is computed from data"))?;
        cuts[Ctx::axis(axis, rank)?] = Some(Cut { start, end, step });
    }
    Ok(cuts)
}

/// First place and number of elements.
fn extent(cut: &Cut, dim: &Dim) -> (Dim, Dim) {
    let zero = Dim::Known(0);
    let last = dim.sub(&Dim::Known(1));
    let (start, end) = match cut.step.known() {
        Some(1..) => (bound(&cut.start, dim, &zero, dim), bound(&cut.end, dim, &zero, dim)),
        Some(..=-1) => (bound(&cut.start, dim, &zero, &last), bound(&cut.end, dim, &Dim::Known(-1), &last)),
        _ => return (Dim::Unknown, Dim::Unknown),
    };
    let size = end.sub(&start).div_ceil(&cut.step).max(&zero);
    (start, size)
}

/// A bound in `low..=high`, negative ones counted from the end of `dim`.
fn bound(value: &Dim, dim: &Dim, low: &Dim, high: &Dim) -> Dim {
    if let Some(number) = value.known() {
        if number >= FAR && dim.known().is_none() {
            return high.clone();
        }
        if number <= -FAR && dim.known().is_none() {
            return low.clone();
        }
    }
    let value = if value.at_least(0) {
        value.clone()
    } else if value.at_most(-1) {
        value.add(dim)
    } else {
        return Dim::Unknown;
    };
    value.max(low).min(high)
}

fn picked(from: &Const, out: &[Dim], starts: &[Option<(i64, i64)>]) -> Option<Const> {
    let dims = fold::sizes(out)?;
    let strides = fold::strides(&from.dims);
    let place = |at: Vec<usize>| {
        let mut place = 0usize;
        for ((at, stride), start) in at.iter().zip(&strides).zip(starts) {
            let (start, step) = (*start)?;
            let along = start.checked_add(step.checked_mul(*at as i64)?)?;
            place = place.checked_add(usize::try_from(along).ok()?.checked_mul(*stride)?)?;
        }
        Some(place)
    };
    let places: Vec<_> = fold::coordinates(&dims)?.into_iter().map(place).collect();
    fold::pick(from, dims, &places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extents() {
        let n = Dim::symbol(crate::ir::dim::Symbols::default().intern("n"));
        let k = Dim::Known;
        let minus = |by: i64| n.sub(&k(by));
        let cases = [
            (k(10), k(2), k(-1), k(3), k(3)),
            (k(10), k(0), k(i64::MAX), k(1), k(10)),
            (k(10), k(-3), k(i64::MAX), k(1), k(3)),
            (k(10), k(-1), k(i64::MIN), k(-1), k(10)),
            (k(10), k(20), k(0), k(-4), k(3)),
            (k(10), k(5), k(2), k(1), k(0)),
            (k(10), k(0), k(10), k(0), Dim::Unknown),
            (n.clone(), k(0), k(i64::MAX), k(1), n.clone()),
            (n.clone(), k(0), n.clone(), k(1), n.clone()),
            (n.clone(), k(1), k(i64::MAX), k(1), minus(1)),
            (n.clone(), k(0), k(-1), k(1), minus(1)),
            (n.clone(), k(-1), k(i64::MIN), k(-1), n.clone()),
            (n.clone(), k(0), k(5), k(1), Dim::Unknown),
            (n.clone(), Dim::Unknown, k(5), k(1), Dim::Unknown),
        ];
        let failed: Vec<_> = cases
            .into_iter()
            .filter(|(dim, start, end, step, wanted)| {
                let cut = Cut { start: start.clone(), end: end.clone(), step: step.clone() };
                extent(&cut, dim).1 != *wanted
            })
            .collect();
        assert!(failed.is_empty(), "{failed:?}");
    }
}
