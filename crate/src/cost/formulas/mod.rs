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

/// Those of them that are computed: a plan may drop places of all channels. Where each output, or each row of the
/// unfolded input, is paid for by itself, the others cost nothing; packed ciphertexts hold all places whatever is wanted.
pub(in crate::cost) fn computed(conv: &Conv) -> u128 {
    let all = positions(conv);
    conv.places.map_or(all, |places| all.min(places.into()))
}

/// A k x n matrix and several vectors that are there at once, as a 1x1 convolution: a vector is a pixel. None of one.
pub(in crate::cost) fn pointwise(vectors: u128, k: u64, n: u64) -> Option<Conv> {
    let pixels = u64::try_from(vectors).ok().filter(|pixels| *pixels > 1)?;
    Some(Conv {
        batch: 1,
        in_channels: k,
        out_channels: n,
        groups: 1,
        input: vec![pixels, 1],
        output: vec![pixels, 1],
        kernel: vec![1, 1],
        strides: vec![1, 1],
        dilations: vec![1, 1],
        pads: vec![(0, 0); 2],
        places: None,
    })
}

/// Whether any side is padded.
pub(in crate::cost) fn padded(conv: &Conv) -> bool {
    conv.pads.iter().any(|&(before, after)| before > 0 || after > 0)
}
