//! Element-wise operators: activations, adds, products, comparisons; and composites that stand for
//! one of them.

use super::basics::{activates, activation, adds, free, products, scales};
use super::norm::rows_of;
use super::view::View;
use super::{Counted, Kind, NodeCount, Work};
use crate::ir::activations::{Bound, bounds, function, named};
use crate::ir::composites::Composite;
use crate::ir::whole::whole_factor;

pub(super) fn find(domain: &str, op: &str) -> Option<fn(&View<'_>) -> Counted> {
    Some(match (domain, op) {
        ("", "Add" | "Sub" | "Sum" | "Mean") => add,
        ("", "Mul") => multiply,
        ("", "Div") => divide,
        ("", "Pow") => power,
        ("", "Max" | "Min") => extremum,
        ("", "Clip") => clip,
        ("", "And" | "Or" | "Xor") => logic,
        ("", "Greater" | "GreaterOrEqual" | "Less" | "LessOrEqual") => less_than,
        ("", "Equal" | "OneHot") => equality,
        // No number of fixed point is one.
        ("", "IsNaN" | "IsInf") => |_| Ok(free()),
        ("com.microsoft", "BiasGelu" | "FastGelu") => bias_gelu,
        _ => return named(domain, op).map(|_| plain as fn(&View<'_>) -> Counted),
    })
}

/// The function of each element that a node is.
fn kind_of(view: &View<'_>) -> Option<Kind> {
    function(view.graph, &view.facts.secret, view.node).map(|(kind, _)| kind)
}

fn plain(view: &View<'_>) -> Counted {
    view.input(0)?;
    let kind = kind_of(view).ok_or("this function has no count")?;
    Ok(activates("activation", activation(kind, view.out_elements()?)?))
}

/// The sign of a difference; or not, or equal, is local on its bit.
fn less_than(view: &View<'_>) -> Counted {
    Ok(activates("activation", activation(Kind::LessThan, view.out_elements()?)?))
}

/// Each element that comes out is a test of its own.
fn equality(view: &View<'_>) -> Counted {
    Ok(activates("activation", activation(Kind::Equality, view.out_elements()?)?))
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

/// Products of two secret values; by a public number a truncation, by a whole one nothing but local sums.
fn multiply(view: &View<'_>) -> Counted {
    let elements = view.out_elements()?;
    if view.secret(0) && view.secret(1) {
        return Ok(products(elements));
    }
    Ok(if whole_factor(view.graph, view.node).is_some() { free() } else { scales(elements) })
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
    if view.node.inputs.len() == 1 {
        return Ok(free());
    }
    let mut one = activation(kind_of(view).unwrap_or(Kind::Clip), elements)?;
    one.comparisons = elements;
    Ok(activates("activation", one))
}

/// Clip: a comparison an element for each bound.
fn clip(view: &View<'_>) -> Counted {
    let elements = view.out_elements()?;
    let Some(kind) = kind_of(view) else { return Ok(free()) };
    let bounds = bounds(view.graph, view.node).iter().filter(|bound| **bound != Bound::Open).count();
    let mut clip = activation(kind, elements)?;
    clip.comparisons = super::basics::product(&[elements, bounds as u64])?;
    Ok(activates("activation", clip))
}

fn bias_gelu(view: &View<'_>) -> Counted {
    let kind = named(&view.node.domain, &view.node.op).unwrap_or(Kind::GELU);
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
    let kind = match composite.kind {
        Kind::Softmax | Kind::LayerNorm | Kind::RMSNorm => {
            let rows = super::basics::product(&view.sizes_of(composite.rows.unwrap_or(composite.output))?)?;
            let row_length = elements.checked_div(rows).unwrap_or(0);
            let rule = if composite.kind == Kind::Softmax { "softmax" } else { "norm" };
            return Ok(rows_of(rule, composite.kind, elements, row_length));
        }
        kind => kind,
    };
    Ok(activates("composite", activation(kind, elements)?))
}
