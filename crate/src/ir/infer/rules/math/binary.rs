//! Element-wise operators of two inputs that broadcast: arithmetic, comparisons, logic, bits.

use super::{Rule, fold};
use crate::ir::dim::Dim;
use crate::ir::dtype::DType;
use crate::ir::graph::{Const, Data};
use crate::ir::infer::{Ctx, Inferred, broadcast};

/// One element from two: of integers, and of floating-point numbers.
#[derive(Clone, Copy)]
struct Op {
    int: fn(&Dim, &Dim) -> Dim,
    float: Option<fn(f64, f64) -> f64>,
    /// Whether the result is true or false.
    test: bool,
}

pub(super) fn find(op: &str) -> Option<Rule> {
    Some(match op {
        "Add" => |ctx| arithmetic(ctx, Dim::add, Some(|a, b| a + b)),
        "Sub" => |ctx| arithmetic(ctx, Dim::sub, Some(|a, b| a - b)),
        "Mul" => |ctx| arithmetic(ctx, Dim::mul, Some(|a, b| a * b)),
        "Div" => |ctx| arithmetic(ctx, quotient, Some(|a, b| a / b)),
        "Mod" => modulo,
        "Pow" => |ctx| arithmetic(ctx, power, None),
        "BitShift" | "BitwiseAnd" | "BitwiseOr" | "BitwiseXor" => {
            |ctx| arithmetic(ctx, |_, _| Dim::Unknown, None)
        }
        "Equal" => |ctx| test(ctx, |a, b| truth(a.same(b)), Some(|a, b| a == b)),
        "Greater" => |ctx| test(ctx, |a, b| truth(less(b, a)), Some(|a, b| a > b)),
        "Less" => |ctx| test(ctx, |a, b| truth(less(a, b)), Some(|a, b| a < b)),
        "GreaterOrEqual" => |ctx| test(ctx, |a, b| truth(less(a, b).map(|l| !l)), Some(|a, b| a >= b)),
        "LessOrEqual" => |ctx| test(ctx, |a, b| truth(less(b, a).map(|l| !l)), Some(|a, b| a <= b)),
        "And" => |ctx| test(ctx, and, None),
        "Or" => |ctx| test(ctx, or, None),
        "Xor" => |ctx| test(ctx, |a, b| truth(a.known().zip(b.known()).map(|(a, b)| a != b)), None),
        _ => return None,
    })
}

fn arithmetic(ctx: &mut Ctx<'_>, int: fn(&Dim, &Dim) -> Dim, float: Option<fn(f64, f64) -> f64>) -> Inferred {
    binary(ctx, Op { int, float, test: false })
}

fn test(ctx: &mut Ctx<'_>, int: fn(&Dim, &Dim) -> Dim, float: Option<fn(f64, f64) -> bool>) -> Inferred {
    let result = binary(ctx, Op { int, float: None, test: true });
    let folded = float.and_then(|float| {
        let (a, b) = (ctx.constant(0)?, ctx.constant(1)?);
        let (Data::Floats(_), Data::Floats(_)) = (&a.data, &b.data) else { return None };
        let (dims, a, b) = both(a, b)?;
        let (Data::Floats(a), Data::Floats(b)) = (a.data, b.data) else { return None };
        let values = a.iter().zip(b).map(|(a, b)| Dim::Known(i64::from(float(*a, b)))).collect();
        Some(Const { dims, data: Data::Ints(values) })
    });
    ctx.fold(0, folded);
    result
}

/// Shapes align at the right; where one is 1, the other holds. 2x1x4 with 3x1 gives 2x3x4.
///
/// Before opset 7 the second input was stretched to the first, at `axis` when given: the first
/// input's shape holds.
fn binary(ctx: &mut Ctx<'_>, op: Op) -> Inferred {
    let dtype = if op.test { Some(DType::Bool) } else { ctx.dtype(0).or(ctx.dtype(1)) };
    ctx.set_dtype(0, dtype);
    if ctx.opset() < 7 {
        let shape = ctx.shape(0)?.to_vec();
        ctx.set(0, dtype, shape);
        return Ok(());
    }
    let folded = folded(ctx, op, dtype);
    let shape = broadcast(ctx.shape(0)?, ctx.shape(1)?)?;
    ctx.set(0, dtype, shape);
    ctx.fold(0, folded);
    Ok(())
}

fn folded(ctx: &Ctx<'_>, op: Op, dtype: Option<DType>) -> Option<Const> {
    // One side may be unknown: zero times anything is zero, false and anything is false.
    if ctx.constant(0).is_none() && ctx.constant(1).is_none() {
        return None;
    }
    let (dims, a, b) = both(&ctx.partial(0)?, &ctx.partial(1)?)?;
    let data = match (a.data, b.data) {
        (Data::Ints(a), Data::Ints(b)) => {
            let one = |(a, b): (&Dim, &Dim)| dtype.map_or(Dim::Unknown, |d| fold::fit_int(d, (op.int)(a, b)));
            Data::Ints(a.iter().zip(&b).map(one).collect())
        }
        (Data::Floats(a), Data::Floats(b)) => {
            let (float, dtype) = (op.float?, dtype?);
            let one = |(a, b): (&f64, &f64)| fold::fit_float(dtype, float(*a, *b));
            Data::Floats(a.iter().zip(&b).map(one).collect::<Option<_>>()?)
        }
        _ => return None,
    };
    Some(Const { dims, data })
}

/// Both tensors, stretched to their common sizes.
fn both(a: &Const, b: &Const) -> Option<(Vec<u64>, Const, Const)> {
    let dims = fold::broadcast_sizes(&[&a.dims, &b.dims])?;
    let (a, b) = (fold::stretched(a, &dims)?, fold::stretched(b, &dims)?);
    Some((dims, a, b))
}

fn truth(value: Option<bool>) -> Dim {
    value.map_or(Dim::Unknown, |value| Dim::Known(i64::from(value)))
}

/// Integer division cuts towards zero: -7 / 2 is -3.
fn quotient(a: &Dim, b: &Dim) -> Dim {
    match (a.known(), b.known()) {
        (Some(a), Some(b)) => a.checked_div(b).map_or(Dim::Unknown, Dim::Known),
        _ => a.div_exact(b),
    }
}

/// Non-negative powers of numbers.
fn power(a: &Dim, b: &Dim) -> Dim {
    let exponent = b.known().and_then(|b| u32::try_from(b).ok());
    let power = a.known().zip(exponent).and_then(|(a, b)| a.checked_pow(b));
    power.map_or(Dim::Unknown, Dim::Known)
}

fn less(a: &Dim, b: &Dim) -> Option<bool> {
    let gap = b.sub(a);
    if gap.at_least(1) {
        return Some(true);
    }
    gap.at_most(0).then_some(false)
}

fn and(a: &Dim, b: &Dim) -> Dim {
    match (a.known(), b.known()) {
        (Some(0), _) | (_, Some(0)) => Dim::Known(0),
        (Some(_), Some(_)) => Dim::Known(1),
        _ => Dim::Unknown,
    }
}

fn or(a: &Dim, b: &Dim) -> Dim {
    match (a.known(), b.known()) {
        (Some(0), Some(0)) => Dim::Known(0),
        (Some(1), _) | (_, Some(1)) => Dim::Known(1),
        _ => Dim::Unknown,
    }
}

/// Remainder with the sign of the divisor, or (`fmod`) of the dividend: -7 mod 3 is 2, or -1.
fn modulo(ctx: &mut Ctx<'_>) -> Inferred {
    if ctx.attrs().int_or("fmod", 0) != 0 {
        return arithmetic(ctx, |a, b| remainder(a, b, false), None);
    }
    arithmetic(ctx, |a, b| remainder(a, b, true), None)
}

fn remainder(a: &Dim, b: &Dim, sign_of_divisor: bool) -> Dim {
    match (a.known(), b.known()) {
        (Some(a), Some(b)) => {
            let Some(rest) = a.checked_rem(b) else { return Dim::Unknown };
            let shift = sign_of_divisor && rest != 0 && (rest < 0) != (b < 0);
            Dim::Known(if shift { rest + b } else { rest })
        }
        _ if a.div_exact(b) != Dim::Unknown => Dim::Known(0),
        _ => Dim::Unknown,
    }
}
