//! Operators that make a tensor from attributes or from a few numbers.

use super::{Rule, fold};
use crate::ir::attrs::Attr;
use crate::ir::dim::Dim;
use crate::ir::dtype::DType;
use crate::ir::graph::{Const, Data, Shape};
use crate::ir::infer::{Ctx, Inferred, Why};
use crate::limits::MAX_FOLDED_ELEMENTS;

pub(super) fn find(op: &str) -> Option<Rule> {
    Some(match op {
        "Constant" => constant,
        "ConstantOfShape" => filled,
        "Range" => range,
        "EyeLike" => eye,
        _ => return None,
    })
}

/// What one of its attributes holds: a tensor, a number, numbers, a text, texts.
fn constant(ctx: &mut Ctx<'_>) -> Inferred {
    let attrs = ctx.attrs();
    let names = ["value", "sparse_value", "value_int", "value_ints", "value_float", "value_floats"];
    let names = names.iter().chain(&["value_string", "value_strings"]);
    let attr = names.filter_map(|name| attrs.get(name)).next();
    let list = |length: usize| vec![Dim::Known(length as i64)];
    let (dtype, shape, constant) = match attr {
        Some(Attr::Tensor(tensor)) => {
            let shape = tensor.dims.iter().map(|n| i64::try_from(*n).map_or(Dim::Unknown, Dim::Known));
            (tensor.dtype, shape.collect(), tensor.constant.clone())
        }
        Some(Attr::Int(value)) => (Some(DType::I64), Vec::new(), Some(Const::int(*value))),
        Some(Attr::Ints(values)) => {
            let constant = Const::ints(values.iter().copied().map(Dim::Known).collect());
            (Some(DType::I64), list(values.len()), Some(constant))
        }
        Some(Attr::Float(value)) => {
            let data = Data::Floats(vec![f64::from(*value)]);
            (Some(DType::F32), Vec::new(), Some(Const { dims: Vec::new(), data }))
        }
        Some(Attr::Floats(values)) => {
            let data = Data::Floats(values.iter().map(|v| f64::from(*v)).collect());
            (Some(DType::F32), list(values.len()), Some(Const { dims: vec![values.len() as u64], data }))
        }
        Some(Attr::Str(_)) => (Some(DType::Str), Vec::new(), None),
        Some(Attr::Strs(values)) => (Some(DType::Str), list(values.len()), None),
        _ => return Err(Why::new("this Constant holds nothing that is read")),
    };
    ctx.set(0, dtype, shape);
    ctx.fold(0, constant);
    Ok(())
}

/// The input is the shape, `value` (float32 0 by default) fills it. `[2, n]` gives 2xn.
fn filled(ctx: &mut Ctx<'_>) -> Inferred {
    let (dtype, value) = match ctx.attrs().get("value") {
        Some(Attr::Tensor(tensor)) => (tensor.dtype, tensor.constant.clone()),
        _ => (Some(DType::F32), Some(Const { dims: Vec::new(), data: Data::Floats(vec![0.0]) })),
    };
    ctx.set_dtype(0, dtype);
    let shape = match ctx.ints(0) {
        Ok(shape) => shape.to_vec(),
        Err(why) => {
            let rank = ctx.length(0)?;
            ctx.set(0, dtype, vec![Dim::Unknown; rank.min(crate::limits::MAX_RANK + 1)]);
            return Err(why);
        }
    };
    let folded = value.and_then(|value| {
        let dims = fold::sizes(&shape)?;
        let places = vec![Some(0); fold::count(&dims)?];
        fold::pick(&value, dims, &places)
    });
    ctx.set(0, dtype, shape);
    ctx.fold(0, folded);
    Ok(())
}

/// `start, start + delta, ..` below `limit`: `max(ceil((limit - start) / delta), 0)` elements.
/// 1 to 10 by 4: `[1, 5, 9]`.
fn range(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = (0..3).find_map(|i| ctx.dtype(i));
    ctx.set(0, dtype, vec![Dim::Unknown]);
    let consts = (0..3).map(|i| ctx.constant(i)).collect::<Option<Vec<_>>>();
    let consts = consts.ok_or_else(|| Why::new("the bounds of Range are computed from data"))?;
    let ints = consts.iter().map(|c| c.as_ints()?.first()).collect::<Option<Vec<&Dim>>>();
    if let Some([start, limit, delta]) = ints.as_deref() {
        let size = limit.sub(start).div_ceil(delta).max(&Dim::Known(0));
        let elements = size.known().and_then(|n| usize::try_from(n).ok());
        if let (Some(elements), Some(dtype)) = (elements.filter(|n| *n <= MAX_FOLDED_ELEMENTS), dtype) {
            let at = |i: usize| fold::fit_int(dtype, start.add(&delta.mul(&Dim::Known(i as i64))));
            ctx.fold(0, Some(Const::ints((0..elements).map(at).collect())));
        }
        ctx.set(0, dtype, vec![size]);
        return Ok(());
    }
    let scalars = consts.iter().map(|c| c.scalar()).collect::<Option<Vec<f64>>>();
    if let Some([start, limit, delta]) = scalars.as_deref() {
        let size = steps(limit - start, *delta);
        // Single precision may round the distance past a whole number of steps.
        let rounded = steps(f64::from((limit - start) as f32), *delta);
        if let (Some(size), true) = (size, size == rounded) {
            ctx.set(0, dtype, vec![Dim::Known(size)]);
            return Ok(());
        }
    }
    Err(Why::new("the bounds of Range are not exact numbers"))
}

fn steps(distance: f64, delta: f64) -> Option<i64> {
    let steps = (distance / delta).ceil().max(0.0);
    (steps.is_finite() && steps < 9e15 && delta != 0.0).then_some(steps as i64)
}

/// The matrix's shape; its element type unless `dtype` says otherwise.
fn eye(ctx: &mut Ctx<'_>) -> Inferred {
    let asked = ctx.attrs().int("dtype").and_then(|n| DType::from_onnx(i32::try_from(n).ok()?));
    let dtype = asked.or(ctx.dtype(0));
    ctx.set(0, dtype, vec![Dim::Unknown; 2]);
    let shape: Shape = ctx.shape(0)?.to_vec();
    ctx.set(0, dtype, shape);
    Ok(())
}
