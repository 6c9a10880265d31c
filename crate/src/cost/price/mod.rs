//! Formulas per kind of work. Each emits terms (constant x count); none knows a number.

#[cfg(feature = "all")]
pub(super) mod cheetah;
#[cfg(feature = "all")]
pub(super) mod cheetah_spu;
#[cfg(feature = "all")]
pub(super) mod circa;
#[cfg(feature = "all")]
pub(super) mod ckks;
#[cfg(feature = "all")]
pub(super) mod crypten;
pub(super) mod delphi;
#[cfg(feature = "all")]
pub(super) mod packing;
mod recipes;
#[cfg(feature = "all")]
pub(super) mod sci_ot;
pub(super) mod sharing;
#[cfg(feature = "all")]
mod tiling;

use super::term::Part;
use crate::count::{Activation, Conv, Kind};

/// Element-wise activations: those that the activation setting replaces.
pub(super) fn is_pointwise(kind: Kind) -> bool {
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
pub(super) fn part_of(activation: &Activation) -> Part {
    match activation.kind {
        Kind::MaxPool | Kind::ReduceMax => Part::Pool,
        _ => Part::Activation,
    }
}

/// Output positions of a convolution, batch included.
pub(super) fn positions(conv: &Conv) -> u128 {
    super::term::product(&conv.output).saturating_mul(u128::from(conv.batch))
}

/// Whether any side is padded.
pub(super) fn padded(conv: &Conv) -> bool {
    conv.pads.iter().any(|&(before, after)| before > 0 || after > 0)
}
