//! What the prices of several protocols share: functions as primitives in a row, packing and tiling of ciphertexts.

pub(in crate::cost) mod packing;
pub(in crate::cost) mod recipes;
pub(in crate::cost) mod tiling;

use super::job::product;
use super::term::Part;
use crate::count::{Activation, Conv, Kind};

/// Element-wise activations: those that the activation setting replaces.
pub(in crate::cost) fn is_pointwise(kind: Kind) -> bool {
    use Kind::*;
    matches!(
        kind,
        ReLU | ReLU6
            | Clip
            | LeakyReLU
            | PReLU
            | ThresholdedReLU
            | SiLU
            | QuickGELU
            | GELU
            | GELUTanh
            | Mish
            | HardSwish
            | HardSigmoid
            | Sigmoid
            | Tanh
            | ELU
            | SELU
            | CELU
            | Softplus
            | Softsign
            | Shrink
    )
}

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
