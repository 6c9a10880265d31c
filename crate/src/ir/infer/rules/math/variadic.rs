//! Element-wise operators of any number of inputs, and the choice between two.

use super::{Rule, fold};
use crate::ir::dim::Dim;
use crate::ir::graph::{Const, Data, Shape};
use crate::ir::infer::{Ctx, Inferred, broadcast};
use crate::limits::MAX_FOLDED_INPUTS;

pub(super) fn find(op: &str) -> Option<Rule> {
    Some(match op {
        "Max" => |ctx| variadic(ctx, Dim::max),
        "Min" => |ctx| variadic(ctx, Dim::min),
        "Sum" => |ctx| variadic(ctx, Dim::add),
        "Mean" => |ctx| variadic(ctx, |_, _| Dim::Unknown),
        "Where" => choose,
        _ => return None,
    })
}

/// All inputs broadcast together. 1x3, 2x1 and a scalar give 2x3.
fn variadic(ctx: &mut Ctx<'_>, join: fn(&Dim, &Dim) -> Dim) -> Inferred {
    let dtype = (0..ctx.inputs()).find_map(|i| ctx.dtype(i));
    ctx.set_dtype(0, dtype);
    let shape = (0..ctx.inputs()).try_fold(Shape::new(), |shape, i| broadcast(&shape, ctx.shape(i)?))?;
    ctx.set(0, dtype, shape);
    if ctx.inputs() > MAX_FOLDED_INPUTS {
        return Ok(());
    }
    let folded = (0..ctx.inputs()).map(|i| ctx.partial(i)).collect::<Option<Vec<Const>>>().and_then(|all| {
        let sizes: Vec<&[u64]> = all.iter().map(|c| c.dims.as_slice()).collect();
        let dims = fold::broadcast_sizes(&sizes)?;
        let mut parts = all.iter().map(|c| Some(fold::stretched(c, &dims)?.as_ints()?.to_vec()));
        let first = parts.next()??;
        let fit = |value: Dim| dtype.map_or(Dim::Unknown, |dtype| fold::fit_int(dtype, value));
        let values = parts.try_fold(first, |values, part| {
            Some(values.iter().zip(part?).map(|(a, b)| fit(join(a, &b))).collect())
        })?;
        Some(Const { dims, data: Data::Ints(values) })
    });
    ctx.fold(0, folded);
    Ok(())
}

/// Condition and both choices broadcast together. `Where([1, 0], [n, 5], [2, 2])` is `[n, 2]`.
fn choose(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(1).or(ctx.dtype(2));
    ctx.set_dtype(0, dtype);
    let choices = broadcast(ctx.shape(1)?, ctx.shape(2)?)?;
    let shape = broadcast(ctx.shape(0)?, &choices)?;
    ctx.set(0, dtype, shape);
    let parts = (ctx.partial(0), ctx.partial(1), ctx.partial(2));
    let folded = match parts {
        (Some(condition), Some(a), Some(b)) => chosen(&condition, &a, &b),
        _ => None,
    };
    ctx.fold(0, folded);
    Ok(())
}

fn chosen(condition: &Const, a: &Const, b: &Const) -> Option<Const> {
    let dims = fold::broadcast_sizes(&[&condition.dims, &a.dims, &b.dims])?;
    let condition = fold::stretched(condition, &dims)?;
    let conditions = condition.as_ints()?.iter().map(Dim::known);
    let (a, b) = (fold::stretched(a, &dims)?, fold::stretched(b, &dims)?);
    let data = match (&a.data, &b.data) {
        (Data::Ints(a), Data::Ints(b)) => {
            let one = |((c, a), b): ((Option<i64>, &Dim), &Dim)| match c {
                Some(0) => b.clone(),
                Some(_) => a.clone(),
                None if a.same(b) == Some(true) => a.clone(),
                None => Dim::Unknown,
            };
            Data::Ints(conditions.zip(a).zip(b).map(one).collect())
        }
        (Data::Floats(a), Data::Floats(b)) => {
            let one = |((c, a), b): ((Option<i64>, &f64), &f64)| Some(if c? == 0 { *b } else { *a });
            Data::Floats(conditions.zip(a).zip(b).map(one).collect::<Option<_>>()?)
        }
        _ => return None,
    };
    Some(Const { dims, data })
}
