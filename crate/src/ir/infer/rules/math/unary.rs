//! Element-wise operators of one input, and those that keep the shape of their first input.

use super::{Rule, fold};
use crate::ir::dim::Dim;
use crate::ir::dtype::DType;
use crate::ir::graph::{Const, Data};
use crate::ir::infer::{Ctx, Inferred};

pub(super) fn find(op: &str) -> Option<Rule> {
    Some(match op {
        "Acos" | "Acosh" | "Asin" | "Asinh" | "Atan" | "Atanh" | "Celu" | "Cos" | "Cosh" | "CumProd"
        | "CumSum" | "Elu" | "Erf" | "Exp" | "Gelu" | "HardSigmoid" | "HardSwish" | "Hardmax"
        | "LeakyRelu" | "Log" | "LogSoftmax" | "Mish" | "PRelu" | "Reciprocal" | "Selu" | "Shrink"
        | "Sigmoid" | "Sin" | "Sinh" | "Softmax" | "Softplus" | "Softsign" | "SwiGLU" | "Swish" | "Tan"
        | "Tanh" | "ThresholdedRelu" | "BitwiseNot" | "Sign" => same,
        "Abs" => |ctx| mapped(ctx, abs, f64::abs),
        "Neg" => |ctx| mapped(ctx, |v| v.mul(&Dim::Known(-1)), |v| -v),
        "Ceil" => |ctx| mapped(ctx, Dim::clone, f64::ceil),
        "Floor" => |ctx| mapped(ctx, Dim::clone, f64::floor),
        // Halves go to the even neighbour.
        "Round" => |ctx| mapped(ctx, Dim::clone, f64::round_ties_even),
        "Sqrt" => |ctx| mapped(ctx, |_| Dim::Unknown, f64::sqrt),
        "Relu" => |ctx| mapped(ctx, |v| v.max(&Dim::Known(0)), |v| if v < 0.0 { 0.0 } else { v }),
        "Not" => |ctx| mapped(ctx, not, |v| v),
        "Clip" => clip,
        "IsInf" | "IsNaN" => test,
        _ => return None,
    })
}

/// Shape and type of input 0: `y[i] = f(x[i])`. 2x3 gives 2x3.
fn same(ctx: &mut Ctx<'_>) -> Inferred {
    ctx.same_as(0, 0)
}

/// Shape and type of input 0, elements mapped one by one. `Neg` of `[n, 2]` is `[-n, -2]`.
fn mapped(ctx: &mut Ctx<'_>, int: fn(&Dim) -> Dim, float: fn(f64) -> f64) -> Inferred {
    let result = ctx.same_as(0, 0);
    let folded = ctx.dtype(0).zip(ctx.constant(0)).and_then(|(dtype, constant)| {
        let data = match &constant.data {
            Data::Ints(values) => Data::Ints(values.iter().map(|v| fold::fit_int(dtype, int(v))).collect()),
            Data::Floats(values) => {
                Data::Floats(values.iter().map(|v| fold::fit_float(dtype, float(*v))).collect::<Option<_>>()?)
            }
        };
        Some(Const { dims: constant.dims.clone(), data })
    });
    ctx.fold(0, folded);
    result
}

fn abs(value: &Dim) -> Dim {
    if value.at_least(0) {
        value.clone()
    } else if value.at_most(0) {
        value.mul(&Dim::Known(-1))
    } else {
        Dim::Unknown
    }
}

fn not(value: &Dim) -> Dim {
    value.known().map_or(Dim::Unknown, |v| Dim::Known(i64::from(v == 0)))
}

/// `y = min(max(x, low), high)`; the bounds are inputs from opset 11, attributes before. `[n, 9]`
/// clipped at 0 from below stays `[n, 9]`.
fn clip(ctx: &mut Ctx<'_>) -> Inferred {
    let result = ctx.same_as(0, 0);
    let bound = |place: usize| match ctx.has(place) {
        false => Some(None),
        true => ctx.constant(place)?.as_ints()?.first().cloned().map(Some),
    };
    let folded = (ctx.opset() >= 11).then(|| (bound(1), bound(2))).and_then(|(low, high)| {
        let (low, high) = (low?, high?);
        let constant = ctx.constant(0)?;
        let clipped = |value: &Dim| {
            let value = low.as_ref().map_or_else(|| value.clone(), |low| value.max(low));
            high.as_ref().map_or_else(|| value.clone(), |high| value.min(high))
        };
        let values = constant.as_ints()?.iter().map(clipped).collect();
        Some(Const { dims: constant.dims.clone(), data: Data::Ints(values) })
    });
    ctx.fold(0, folded);
    result
}

/// Shape of input 0, elements true or false.
fn test(ctx: &mut Ctx<'_>) -> Inferred {
    ctx.set_dtype(0, Some(DType::Bool));
    let shape = ctx.shape(0)?.to_vec();
    ctx.set(0, Some(DType::Bool), shape);
    Ok(())
}
