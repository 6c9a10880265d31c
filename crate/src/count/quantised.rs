//! Quantised operators. They count as what they compute in the clear; changing a scale is what fixed
//! point does anyway. A quantiser whose zero point lies at the bottom of its range, right after a
//! linear layer, an add or a BatchNorm, cuts off what is negative: a ReLU folded into it. After
//! pooling or reshaping the same picture says only that the values were never negative.

use super::basics::{OVERFLOW, activation, adds, free, products, scales};
use super::linear::{self, Operands};
use super::view::View;
use super::{Counted, Kind, NodeCount, Work};
use crate::ir::dtype::DType;

pub(super) fn find(domain: &str, op: &str) -> Option<fn(&View<'_>) -> Counted> {
    Some(match (domain, op) {
        ("" | "com.microsoft", "QuantizeLinear") => quantize,
        ("" | "com.microsoft", "DequantizeLinear") => |_| Ok(free()),
        ("" | "com.microsoft", "DynamicQuantizeLinear") => |v| {
            let mut count = NodeCount { rule: "range", ..NodeCount::default() };
            quantised_anew(&mut count, v.elements(0)?, 1)?;
            Ok(count)
        },
        ("", "ConvInteger") => |v| linear::conv(v, Operands { x: 0, w: 1, b: None }),
        ("", "MatMulInteger") | ("com.microsoft", "MatMulIntegerToFloat") => |v| linear::matmul(v, 0, 1),
        ("com.microsoft", "DynamicQuantizeMatMul") => |v| {
            let mut count = linear::matmul(v, 0, 1)?;
            quantised_anew(&mut count, v.elements(0)?, 1)?;
            count.bias = if v.has(4) { v.out_elements()? } else { 0 };
            Ok(count)
        },
        ("" | "com.microsoft", "QLinearConv") => {
            |v| folded(v, 7, linear::conv(v, Operands { x: 0, w: 3, b: Some(8) })?)
        }
        ("" | "com.microsoft", "QLinearMatMul") => |v| folded(v, 7, linear::matmul(v, 0, 3)?),
        ("com.microsoft", "QGemm") => |v| folded(v, 8, linear::gemm_at(v, 3, 6)?),
        ("com.microsoft", "QLinearAdd") => |v| {
            let elements = v.out_elements()?;
            folded(v, 7, adds(elements))
        },
        ("com.microsoft", "QLinearMul") => |v| {
            let elements = v.out_elements()?;
            Ok(if v.secret(0) && v.secret(3) { products(elements) } else { scales(elements) })
        },
        ("com.microsoft", "QLinearConcat") => |_| Ok(free()),
        ("com.microsoft", "QLinearSigmoid") => |v| one(v, Kind::Sigmoid),
        ("com.microsoft", "QLinearLeakyRelu") => |v| one(v, Kind::LeakyReLU),
        ("com.microsoft", "QLinearGlobalAveragePool") => |v| {
            let sizes = v.sizes(0)?;
            let outputs = v.out_elements()?;
            let window = super::basics::product(&sizes)?.checked_div(outputs).unwrap_or(0);
            Ok(super::basics::averages(outputs, window))
        },
        ("com.microsoft", "QLinearAveragePool") => |v| {
            let kernel = v.node.attrs.ints("kernel_shape").ok_or("kernel_shape is missing")?;
            let sizes: Vec<u64> = kernel.iter().map(|k| u64::try_from(*k).unwrap_or(0)).collect();
            Ok(super::basics::averages(v.out_elements()?, super::basics::product(&sizes)?))
        },
        _ => return None,
    })
}

/// Puts before the work what a quantiser does whose scale hangs on the data, `times` one after another: the greatest and
/// the least of `n` values and 0, the reciprocal of the scale, and a product a value. 192 values: 2 * 192 comparisons.
/// Rounding is a truncation.
pub(super) fn quantised_anew(count: &mut NodeCount, n: u64, times: u64) -> Result<(), String> {
    let row_length = n.checked_add(1).ok_or(OVERFLOW)?;
    let ends = super::basics::product(&[2, times])?;
    let comparisons = super::basics::product(&[ends, n])?;
    let kind = Kind::ReduceMax;
    let ends = super::Activation { kind, elements: ends, rows: ends, row_length, comparisons, folded: false };
    let scaled = super::basics::product(&[n, times])?;
    let work = [
        Work::Activation(ends),
        Work::Activation(activation(Kind::Reciprocal, times)?),
        Work::Product { elements: scaled },
    ];
    count.work.splice(0..0, work);
    count.activation.get_or_insert(ends);
    count.products = count.products.checked_add(scaled).ok_or(OVERFLOW)?;
    count.truncations = count.truncations.checked_add(scaled).ok_or(OVERFLOW)?;
    count.marks.push(format!("quantised by a range that the data has: {} values searched", scaled));
    Ok(())
}

fn one(view: &View<'_>, kind: Kind) -> Counted {
    Ok(super::basics::activates("activation", activation(kind, view.out_elements()?)?))
}

fn quantize(view: &View<'_>) -> Counted {
    let cuts = view.producer(0).is_some_and(|(_, node)| {
        ["Conv", "ConvTranspose", "Gemm", "MatMul", "Add", "BatchNormalization"].iter().any(|op| node.is(op))
    });
    if !cuts {
        return Ok(free());
    }
    let mut count = folded(view, 2, free())?;
    if count.activation.is_some() {
        count.rule = "folded-relu";
    }
    Ok(count)
}

/// Adds the ReLU of a quantiser whose zero point, at that input, is the bottom of its range.
fn folded(view: &View<'_>, zero_point: usize, mut count: NodeCount) -> Counted {
    if at_bottom(view, zero_point) {
        let mut relu = activation(Kind::ReLU, view.out_elements()?)?;
        relu.folded = true;
        count.activation = Some(relu);
        count.work.push(Work::Activation(relu));
        count.marks.push("ReLU folded into the quantiser".to_owned());
    }
    Ok(count)
}

fn at_bottom(view: &View<'_>, place: usize) -> bool {
    let Some(id) = view.node.input(place) else {
        // No zero point: unsigned 0 (or what output_dtype says).
        let signed = view.node.attrs.int("output_dtype").is_some_and(|code| {
            i32::try_from(code).ok().and_then(DType::from_onnx).is_some_and(|d| bottom(d) != Some(0))
        });
        return view.node.op == "QuantizeLinear" && !signed;
    };
    let value = view.graph.value(id);
    let dtype = value.ty.dtype().or_else(|| value.weight.as_ref().and_then(|w| w.dtype));
    let (Some(bottom), Some(points)) = (dtype.and_then(bottom), view.constant(place)) else { return false };
    points.as_ints().is_some_and(|all| !all.is_empty() && all.iter().all(|p| p.known() == Some(bottom)))
}

/// Smallest value of a quantised type.
fn bottom(dtype: DType) -> Option<i64> {
    Some(match dtype {
        DType::U8 | DType::U16 | DType::U4 | DType::U2 => 0,
        DType::I8 => -128,
        DType::I16 => -32_768,
        DType::I4 => -8,
        DType::I2 => -2,
        _ => return None,
    })
}
