//! Element-wise operators: activations, adds, products, comparisons; and composites that stand for
//! one of them.

use super::basics::{activates, activation, adds, free, products, scales};
use super::norm::rows_of;
use super::view::View;
use super::{Counted, Kind, NodeCount, Work};
use crate::ir::composites::{Composite, Pattern};

pub(super) fn find(domain: &str, op: &str) -> Option<fn(&View<'_>) -> Counted> {
    if kind_of(domain, op).is_some() {
        return Some(plain);
    }
    Some(match (domain, op) {
        ("", "Add" | "Sub" | "Sum" | "Mean") => add,
        ("", "Mul") => multiply,
        ("", "Div") => divide,
        ("", "Pow") => power,
        ("", "Max" | "Min") => extremum,
        ("", "Clip") => clip,
        ("", "Gelu") => gelu,
        ("", "And" | "Or" | "Xor") => logic,
        ("com.microsoft", "BiasGelu" | "FastGelu") => bias_gelu,
        _ => return None,
    })
}

/// Operators that are one function of each element.
fn kind_of(domain: &str, op: &str) -> Option<Kind> {
    Some(match (domain, op) {
        ("", "Relu") => Kind::ReLU,
        ("", "LeakyRelu") => Kind::LeakyReLU,
        ("", "PRelu") => Kind::PReLU,
        ("", "ThresholdedRelu") => Kind::ThresholdedReLU,
        ("", "Swish") => Kind::SiLU,
        ("com.microsoft", "QuickGelu") => Kind::QuickGELU,
        ("com.microsoft", "Gelu") => Kind::GELU,
        ("", "Mish") => Kind::Mish,
        ("", "HardSwish") => Kind::HardSwish,
        ("", "HardSigmoid") => Kind::HardSigmoid,
        ("", "Sigmoid") => Kind::Sigmoid,
        ("", "Tanh") => Kind::Tanh,
        ("", "Elu") => Kind::ELU,
        ("", "Selu") => Kind::SELU,
        ("", "Celu") => Kind::CELU,
        ("", "Softplus") => Kind::Softplus,
        ("", "Softsign") => Kind::Softsign,
        ("", "Shrink") => Kind::Shrink,
        ("", "Erf") => Kind::Erf,
        ("", "Exp") => Kind::Exp,
        ("", "Log") => Kind::Log,
        ("", "Sqrt") => Kind::Sqrt,
        ("", "Reciprocal") => Kind::Reciprocal,
        (
            "",
            "Sin" | "Cos" | "Tan" | "Asin" | "Acos" | "Atan" | "Sinh" | "Cosh" | "Asinh" | "Acosh" | "Atanh",
        ) => Kind::Trigonometric,
        ("", "Floor" | "Ceil" | "Round" | "Sign") => Kind::Rounding,
        ("", "Abs") => Kind::Abs,
        (
            "",
            "Greater" | "GreaterOrEqual" | "Less" | "LessOrEqual" | "Equal" | "IsNaN" | "IsInf" | "OneHot",
        ) => Kind::Comparison,
        _ => return None,
    })
}

fn plain(view: &View<'_>) -> Counted {
    let kind = kind_of(&view.node.domain, &view.node.op).unwrap_or(Kind::Comparison);
    Ok(activates("activation", activation(kind, view.out_elements()?)?))
}

/// Adds of secret values; a constant right after a matrix product is its bias.
fn add(view: &View<'_>) -> Counted {
    let elements = view.out_elements()?;
    let secrets = view.secrets();
    if secrets > 1 {
        let mut count = adds(super::basics::product(&[elements, secrets - 1])?);
        if view.node.is("Mean") {
            count.truncations = elements;
            count.work.push(Work::Scale { elements });
        }
        return Ok(count);
    }
    if is_bias(view) {
        return Ok(NodeCount { rule: "bias", bias: elements, ..NodeCount::default() });
    }
    Ok(adds(elements))
}

/// `MatMul + constant of rank 1`: how a linear layer on sequences is written.
fn is_bias(view: &View<'_>) -> bool {
    let (from, other) = if view.secret(0) { (0, 1) } else { (1, 0) };
    let product = view.producer(from).is_some_and(|(_, node)| {
        ["MatMul", "MatMulInteger", "Conv", "ConvTranspose", "Gemm"].iter().any(|op| node.is(op))
    });
    let vector = view.sizes(other).is_ok_and(|sizes| sizes.iter().filter(|n| **n > 1).count() <= 1);
    product && vector && view.node.is("Add")
}

fn multiply(view: &View<'_>) -> Counted {
    let elements = view.out_elements()?;
    Ok(if view.secret(0) && view.secret(1) { products(elements) } else { scales(elements) })
}

fn divide(view: &View<'_>) -> Counted {
    let elements = view.out_elements()?;
    if view.secret(1) {
        return Ok(activates("activation", activation(Kind::Division, elements)?));
    }
    Ok(scales(elements))
}

/// Powers with a public exponent: small whole ones are products by repeated squaring.
fn power(view: &View<'_>) -> Counted {
    let elements = view.out_elements()?;
    let exponent = if view.secret(1) { None } else { view.scalar(1) };
    Ok(match exponent {
        Some(1.0) => free(),
        Some(0.5) => activates("activation", activation(Kind::Sqrt, elements)?),
        Some(-1.0) => activates("activation", activation(Kind::Reciprocal, elements)?),
        Some(e) if e.fract() == 0.0 && (2.0..=64.0).contains(&e) => {
            let e = e as u64;
            let steps = u64::from(e.ilog2() + e.count_ones() - 1);
            products(super::basics::product(&[elements, steps])?)
        }
        _ => activates("activation", activation(Kind::Power, elements)?),
    })
}

/// Max and Min: `Max(x, 0)` is ReLU; against another constant it is a one-sided Clip; between secret
/// values one comparison an element and operand.
fn extremum(view: &View<'_>) -> Counted {
    let elements = view.out_elements()?;
    let secrets = view.secrets();
    if secrets > 1 {
        let all = super::basics::product(&[elements, secrets - 1])?;
        return Ok(activates("activation", activation(Kind::Comparison, all)?));
    }
    let place = usize::from(view.secret(0));
    if view.node.inputs.len() == 1 {
        return Ok(free());
    }
    let zero = view.node.is("Max") && view.node.inputs.len() == 2 && is_zero(view, place);
    let kind = if zero { Kind::ReLU } else { Kind::Clip };
    let mut one = activation(kind, elements)?;
    one.comparisons = elements;
    Ok(activates("activation", one))
}

fn is_zero(view: &View<'_>, place: usize) -> bool {
    let floats = view.constant(place).and_then(crate::ir::graph::Const::to_floats);
    floats.is_some_and(|values| !values.is_empty() && values.iter().all(|v| *v == 0.0))
}

/// Clip: bounds are attributes (opset < 11) or inputs; (0, 6) is ReLU6, (0, none) is ReLU.
fn clip(view: &View<'_>) -> Counted {
    let elements = view.out_elements()?;
    let attr = |name: &str| view.node.attrs.float(name).map(f64::from);
    let widest = f64::from(f32::MAX);
    let bound = |place: usize, name: &str| -> Option<Option<f64>> {
        if view.has(place) {
            // A bound whose value is not kept is still a bound.
            return Some(view.scalar(place));
        }
        attr(name).map(Some)
    };
    let real = |bound: Option<Option<f64>>| bound.filter(|b| b.is_none_or(|v| v.abs() < widest));
    let (low, high) = (real(bound(1, "min")), real(bound(2, "max")));
    let bounds = u64::from(low.is_some()) + u64::from(high.is_some());
    if bounds == 0 {
        return Ok(free());
    }
    let kind = match (low, high) {
        (Some(Some(0.0)), Some(Some(6.0))) => Kind::ReLU6,
        (Some(Some(0.0)), None) => Kind::ReLU,
        _ => Kind::Clip,
    };
    let mut clip = activation(kind, elements)?;
    clip.comparisons = super::basics::product(&[elements, bounds])?;
    Ok(activates("activation", clip))
}

fn gelu(view: &View<'_>) -> Counted {
    let tanh = view.node.attrs.str("approximate") == Some("tanh");
    let kind = if tanh { Kind::GELUTanh } else { Kind::GELU };
    Ok(activates("activation", activation(kind, view.out_elements()?)?))
}

fn bias_gelu(view: &View<'_>) -> Counted {
    let kind = if view.node.op == "FastGelu" { Kind::GELUTanh } else { Kind::GELU };
    let elements = view.out_elements()?;
    let mut count = activates("activation", activation(kind, elements)?);
    count.bias = if view.has(1) { elements } else { 0 };
    Ok(count)
}

/// Boolean logic of two secret values is a product of bits; with a public one it is free.
fn logic(view: &View<'_>) -> Counted {
    if view.secret(0) && view.secret(1) && !view.node.is("Xor") {
        return Ok(activates("activation", activation(Kind::Logic, view.out_elements()?)?));
    }
    Ok(free())
}

/// The activation that a composite stands for, on the node that closes it.
pub(super) fn composite(view: &View<'_>, composite: &Composite) -> Counted {
    let elements = super::basics::product(&view.sizes_of(composite.output)?)?;
    let kind = match composite.pattern {
        Pattern::ReLU => Kind::ReLU,
        Pattern::LeakyReLU => Kind::LeakyReLU,
        Pattern::SiLU => Kind::SiLU,
        Pattern::QuickGELU => Kind::QuickGELU,
        Pattern::GELU => Kind::GELU,
        Pattern::GELUTanh => Kind::GELUTanh,
        Pattern::Mish => Kind::Mish,
        Pattern::HardSwish => Kind::HardSwish,
        Pattern::HardSigmoid => Kind::HardSigmoid,
        Pattern::Softplus => Kind::Softplus,
        Pattern::Softmax | Pattern::LayerNorm | Pattern::RMSNorm => {
            let rows = super::basics::product(&view.sizes_of(composite.rows.unwrap_or(composite.output))?)?;
            let row_length = elements.checked_div(rows).unwrap_or(0);
            return Ok(match composite.pattern {
                Pattern::Softmax => rows_of("softmax", Kind::Softmax, elements, row_length),
                Pattern::LayerNorm => rows_of("norm", Kind::LayerNorm, elements, row_length),
                _ => rows_of("norm", Kind::RMSNorm, elements, row_length),
            });
        }
    };
    Ok(activates("composite", activation(kind, elements)?))
}
