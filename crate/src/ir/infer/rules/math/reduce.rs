//! Reductions over axes.

use super::{Rule, fold};
use crate::ir::dim::Dim;
use crate::ir::graph::{Const, Shape};
use crate::ir::infer::{Ctx, Inferred, Why};

pub(super) fn find(op: &str) -> Option<Rule> {
    Some(match op {
        "ReduceL1" | "ReduceL2" | "ReduceLogSum" | "ReduceLogSumExp" | "ReduceMean" | "ReduceSumSquare" => {
            |ctx| reduce(ctx, None)
        }
        "ReduceSum" => |ctx| reduce(ctx, Some((Some(Dim::Known(0)), Dim::add))),
        "ReduceProd" => |ctx| reduce(ctx, Some((Some(Dim::Known(1)), Dim::mul))),
        "ReduceMax" => |ctx| reduce(ctx, Some((None, Dim::max))),
        "ReduceMin" => |ctx| reduce(ctx, Some((None, Dim::min))),
        _ => return None,
    })
}

/// Value of nothing, where there is one, and how two elements join.
type Join = (Option<Dim>, fn(&Dim, &Dim) -> Dim);

/// Reduced axes become 1 (`keepdims`, the default) or go. 2x3x4 over axis 1: 2x1x4, or 2x4.
///
/// Axes are an attribute, or input 1 from opset 18 (13 for `ReduceSum`). No axes: all of them, or
/// none with `noop_with_empty_axes`.
fn reduce(ctx: &mut Ctx<'_>, join: Option<Join>) -> Inferred {
    let dtype = ctx.dtype(0);
    ctx.set_dtype(0, dtype);
    let keep = ctx.attrs().int_or("keepdims", 1) != 0;
    let axes = match ctx.ints_or_attr(1, "axes") {
        Ok(axes) => axes.unwrap_or_default(),
        Err(why) => {
            let shape = axes_unknown(ctx, keep)?;
            ctx.set(0, dtype, shape);
            return Err(why);
        }
    };
    if axes.is_empty() && ctx.attrs().int_or("noop_with_empty_axes", 0) != 0 {
        return ctx.same_as(0, 0);
    }
    if axes.is_empty() && !keep {
        ctx.set(0, dtype, Vec::new());
    }
    let shape = ctx.shape(0)?;
    let mut reduced = vec![axes.is_empty(); shape.len()];
    for axis in &axes {
        let axis = axis.known().ok_or_else(|| Why::new("an axis is computed from data"))?;
        reduced[Ctx::axis(axis, shape.len())?] = true;
    }
    let out: Shape = (shape.iter().zip(&reduced))
        .filter(|(_, gone)| keep || !**gone)
        .map(|(dim, gone)| if *gone { Dim::Known(1) } else { dim.clone() })
        .collect();
    let folded = join.zip(ctx.constant(0)).and_then(|(join, from)| {
        let mut values = reduced_values(from, &reduced, &join)?;
        for value in &mut values {
            *value = dtype.map_or(Dim::Unknown, |dtype| fold::fit_int(dtype, value.clone()));
        }
        fold::reshaped(&Const::ints(values), &out)
    });
    ctx.set(0, dtype, out);
    ctx.fold(0, folded);
    Ok(())
}

/// Axes from data: kept dimensions of 1 stay 1; the rank follows from their number.
fn axes_unknown(ctx: &Ctx<'_>, keep: bool) -> Result<Shape, Why> {
    let shape = ctx.shape(0)?;
    if keep {
        let one = |dim: &Dim| if *dim == Dim::Known(1) { Dim::Known(1) } else { Dim::Unknown };
        return Ok(shape.iter().map(one).collect());
    }
    let axes = ctx.length(1)?;
    let rank = shape.len().checked_sub(axes).filter(|_| axes > 0);
    Ok(vec![Dim::Unknown; rank.ok_or_else(|| Why::new("the axes are computed from data"))?])
}

fn reduced_values(from: &Const, reduced: &[bool], (start, join): &Join) -> Option<Vec<Dim>> {
    let values = from.as_ints()?;
    let sizes: Vec<u64> =
        from.dims.iter().zip(reduced).map(|(dim, gone)| if *gone { 1 } else { *dim }).collect();
    let places = fold::broadcast_places(&sizes, &from.dims)?;
    let mut out: Vec<Option<Dim>> = vec![start.clone(); fold::count(&sizes)?];
    for (value, place) in values.iter().zip(places) {
        let slot = out.get_mut(place?)?;
        *slot = Some(slot.as_ref().map_or_else(|| value.clone(), |sum| join(sum, value)));
    }
    Some(out.into_iter().map(|value| value.unwrap_or(Dim::Unknown)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::graph::Data;

    #[test]
    fn values_reduce_over_any_axes() {
        let from = Const { dims: vec![2, 3], data: Data::Ints((1..=6).map(Dim::Known).collect()) };
        let sum: Join = (Some(Dim::Known(0)), Dim::add);
        let cases = [([true, true], vec![21]), ([true, false], vec![5, 7, 9]), ([false, true], vec![6, 15])];
        for (reduced, wanted) in cases {
            let values = reduced_values(&from, &reduced, &sum);
            assert_eq!(values, Some(wanted.into_iter().map(Dim::Known).collect()), "{reduced:?}");
        }
    }
}
