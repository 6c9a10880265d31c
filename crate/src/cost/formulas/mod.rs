//! What the prices of several protocols share: functions as primitives in a row, packing and tiling of ciphertexts.

pub(in crate::cost) mod packing;
pub(in crate::cost) mod recipes;
pub(in crate::cost) mod tiling;

use super::job::product;
use super::term::Part;
use crate::count::{Activation, Conv, Kind};

/// Pooling stands apart from activations in every table.
pub(in crate::cost) fn part_of(activation: &Activation) -> Part {
    match activation.kind {
        Kind::MaxPool | Kind::ReduceMax => Part::Pool,
        _ => Part::Activation,
    }
}

/// Output positions of a convolution, batch included.
pub(in crate::cost) fn positions(conv: &Conv) -> u128 {
    product(&conv.output).saturating_mul(u128::from(conv.batch))
}

/// Whether any side is padded.
pub(in crate::cost) fn padded(conv: &Conv) -> bool {
    conv.pads.iter().any(|&(before, after)| before > 0 || after > 0)
}
