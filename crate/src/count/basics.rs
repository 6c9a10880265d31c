//! Pieces that rules are made of: exact products, and counts of the common shapes.

use super::{Activation, Kind, NodeCount, Work};

/// Why a count is not known that is too large.
pub(crate) const OVERFLOW: &str = "overflow: a count leaves 63 bits";

/// Sum, or the reason `overflow`.
pub(crate) fn sum(parts: &[u64]) -> Result<u64, String> {
    let sum = parts.iter().try_fold(0u64, |sum, part| sum.checked_add(*part));
    sum.ok_or_else(|| OVERFLOW.to_owned())
}

/// Product within 63 bits, or the reason `overflow`.
pub(crate) fn product(factors: &[u64]) -> Result<u64, String> {
    let product = factors.iter().try_fold(1u64, |product, factor| product.checked_mul(*factor));
    // A zero after an overflow is still a zero.
    let product = if factors.contains(&0) { Some(0) } else { product };
    product.filter(|n| *n <= i64::MAX as u64).ok_or_else(|| OVERFLOW.to_owned())
}

/// An activation without rows.
pub(crate) fn activation(kind: Kind, elements: u64) -> Result<Activation, String> {
    let comparisons = product(&[elements, comparisons(kind)])?;
    Ok(Activation { kind, elements, rows: 0, row_length: 0, comparisons, folded: false })
}

/// Two-way comparisons of one element; 0 where the kind is priced as a function of its own.
fn comparisons(kind: Kind) -> u64 {
    match kind {
        Kind::ReLU
        | Kind::LeakyReLU
        | Kind::PReLU
        | Kind::ThresholdedReLU
        | Kind::Abs
        | Kind::Comparison
        | Kind::LessThan
        | Kind::Sign => 1,
        Kind::ReLU6 | Kind::Clip | Kind::HardSwish | Kind::HardSigmoid | Kind::Shrink => 2,
        _ => 0,
    }
}

/// A node that is one activation.
pub(crate) fn activates(rule: &'static str, activation: Activation) -> NodeCount {
    NodeCount {
        rule,
        activation: Some(activation),
        work: vec![Work::Activation(activation)],
        ..NodeCount::default()
    }
}

/// A node without work.
pub(crate) fn free() -> NodeCount {
    NodeCount { rule: "free", ..NodeCount::default() }
}

/// Adds that stay local.
pub(crate) fn adds(elements: u64) -> NodeCount {
    NodeCount { rule: "add", adds: elements, work: vec![Work::Add { elements }], ..NodeCount::default() }
}

/// Products with a constant.
pub(crate) fn scales(elements: u64) -> NodeCount {
    NodeCount {
        rule: "scale",
        truncations: elements,
        work: vec![Work::Scale { elements }],
        ..NodeCount::default()
    }
}

/// Products of two secret values.
pub(crate) fn products(elements: u64) -> NodeCount {
    NodeCount {
        rule: "product",
        products: elements,
        truncations: elements,
        work: vec![Work::Product { elements }],
        ..NodeCount::default()
    }
}

/// Local sums with a truncation each.
pub(crate) fn averages(elements: u64, window: u64) -> NodeCount {
    NodeCount {
        rule: "average",
        average_pool: elements,
        average_pool_window: window,
        truncations: elements,
        work: vec![Work::AvgPool { elements, window }],
        ..NodeCount::default()
    }
}
