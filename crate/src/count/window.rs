//! Convolutions as plain sizes, and their multiplications on real inputs.

use super::Conv;
use super::basics::{OVERFLOW, product};
use super::pairs;
use crate::ir::dim::Dim;
use crate::ir::windows::ConvSizes;

/// Which way the window slides.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// Outputs slide over inputs.
    Gather,
    /// Inputs slide over outputs (transposed).
    Scatter,
}

/// Plain sizes, once every dimension is a number.
///
/// # Errors
/// A dimension that is not known.
pub(crate) fn plain(sizes: &ConvSizes) -> Result<Conv, String> {
    let number = |dim: &Dim| {
        let known = dim.known().and_then(|n| u64::try_from(n).ok());
        known.ok_or_else(|| "a size of the convolution is not known".to_owned())
    };
    let mut conv = Conv {
        batch: number(&sizes.batch)?,
        in_channels: number(&sizes.in_channels)?,
        out_channels: number(&sizes.out_channels)?,
        groups: u64::try_from(sizes.groups).map_err(|_| "group is negative")?,
        input: Vec::new(),
        output: Vec::new(),
        kernel: Vec::new(),
        strides: Vec::new(),
        dilations: Vec::new(),
        pads: Vec::new(),
        places: None,
    };
    for axis in &sizes.axes {
        conv.input.push(number(&axis.input)?);
        conv.output.push(number(&axis.output)?);
        conv.kernel.push(number(&axis.kernel)?);
        conv.strides.push(u64::try_from(axis.stride).map_err(|_| "a stride is negative")?);
        conv.dilations.push(u64::try_from(axis.dilation).map_err(|_| "a dilation is negative")?);
        let [before, after] = &axis.pads;
        conv.pads.push((number(before)?, number(after)?));
    }
    Ok(conv)
}

/// Multiplications of one input channel against one output channel, padded positions left out:
/// the product over axes of [`pairs::inside`].
pub(crate) fn valid_taps(conv: &Conv, direction: Direction) -> Result<u64, String> {
    let mut taps = Vec::with_capacity(conv.kernel.len());
    for place in 0..conv.kernel.len() {
        let at = |sizes: &[u64]| sizes.get(place).copied().unwrap_or(1);
        let pad = i128::from(conv.pads.get(place).map_or(0, |p| p.0));
        let (steps, bound) = match direction {
            Direction::Gather => (at(&conv.output), at(&conv.input)),
            Direction::Scatter => (at(&conv.input), at(&conv.output)),
        };
        let kernel = at(&conv.kernel);
        let pairs = pairs::inside(steps, kernel, at(&conv.strides), at(&conv.dilations), pad, bound);
        taps.push(pairs.ok_or(OVERFLOW)?);
    }
    product(&taps)
}
