//! Conversions between element types.

use super::{Rule, fold};
use crate::ir::dim::Dim;
use crate::ir::dtype::DType;
use crate::ir::graph::{Const, Data};
use crate::ir::infer::{Ctx, Inferred};

pub(super) fn find(op: &str) -> Option<Rule> {
    Some(match op {
        "Cast" => cast,
        "CastLike" => |ctx| convert(ctx, ctx.dtype(1), true),
        "BitCast" => |ctx| convert(ctx, target(ctx), false),
        _ => return None,
    })
}

/// The type that `to` names: a number from opset 6, a name (`FLOAT`) before.
fn target(ctx: &Ctx<'_>) -> Option<DType> {
    ctx.attrs().int("to").and_then(|to| DType::from_onnx(i32::try_from(to).ok()?))
}

/// The shape stays, the element type becomes `to`. 2x3 of float32 to int64 gives 2x3 of int64.
fn cast(ctx: &mut Ctx<'_>) -> Inferred {
    convert(ctx, target(ctx), true)
}

fn convert(ctx: &mut Ctx<'_>, to: Option<DType>, values: bool) -> Inferred {
    ctx.set_dtype(0, to);
    let shape = ctx.shape(0)?.to_vec();
    ctx.set(0, to, shape);
    let folded = to.zip(ctx.constant(0).filter(|_| values)).and_then(|(to, from)| converted(from, to));
    ctx.fold(0, folded);
    Ok(())
}

/// Floating point to integers cuts towards zero; anything but zero is true; what the type cannot
/// hold is unknown. `[2.7, -2.7]` to int64 is `[2, -2]`.
fn converted(from: &Const, to: DType) -> Option<Const> {
    let data = match &from.data {
        Data::Ints(values) if to.is_int() => Data::Ints(values.iter().map(|v| int_as(v, to)).collect()),
        Data::Floats(values) if to.is_int() => {
            Data::Ints(values.iter().map(|v| float_as_int(*v, to)).collect())
        }
        _ if to.is_float() => {
            Data::Floats(from.to_floats()?.iter().map(|v| fold::fit_float(to, *v)).collect::<Option<_>>()?)
        }
        _ => return None,
    };
    Some(Const { dims: from.dims.clone(), data })
}

fn int_as(value: &Dim, to: DType) -> Dim {
    if to == DType::Bool {
        let nonzero = value.same(&Dim::Known(0)).map(|zero| !zero);
        return nonzero.map_or(Dim::Unknown, |v| Dim::Known(i64::from(v)));
    }
    fold::fit_int(to, value.clone())
}

fn float_as_int(value: f64, to: DType) -> Dim {
    if to == DType::Bool {
        return if value.is_nan() { Dim::Unknown } else { Dim::Known(i64::from(value != 0.0)) };
    }
    // Doubles hold integers exactly up to 2^53.
    if value.is_nan() || value.abs() > 9_007_199_254_740_992.0 {
        return Dim::Unknown;
    }
    fold::fit_int(to, Dim::Known(value.trunc() as i64))
}
