//! Convolutions that read where the data says: DeformConv.
//!
//! Each tap of each output is a look-up at a secret place: four corners, mixed by their distances, times the mask where
//! there is one. What comes of it meets the kernel as in any convolution. 1x4x6x6 in two groups, 6 kernels of 3x3: 6 * 36 *
//! (4 / 2) * 9 = 3,888 MACs, and 36 * 9 places of 4 corners that are looked up among 36, 4 channels each.

use super::basics::{product, sum};
use super::view::View;
use super::{Activation, Counted, Kind, NodeCount, Work, window};
use crate::ir::windows::ConvSizes;

/// Inputs: x, weight, offset, bias, mask.
const OFFSET: usize = 2;
const BIAS: usize = 3;
const MASK: usize = 4;

pub(super) fn find(domain: &str, op: &str) -> Option<fn(&View<'_>) -> Counted> {
    (domain.is_empty() && op == "DeformConv").then_some(deform as fn(&View<'_>) -> Counted)
}

fn deform(view: &View<'_>) -> Counted {
    if view.secret(1) {
        return Err("a deformed convolution whose weight depends on the input has no rule".to_owned());
    }
    view.sizes(0)?;
    view.sizes(1)?;
    let dims = |place| view.input(place).map(|v| view.graph.shape(v).unwrap_or_default());
    let sizes = ConvSizes::conv(&view.node.attrs, dims(0)?, dims(1)?).map_err(|why| why.0)?;
    let sizes = window::plain(&sizes)?;
    let (positions, taps) = (product(&sizes.output)?, product(&sizes.kernel)?);
    let in_per_group = sizes.in_channels.checked_div(sizes.groups).unwrap_or(0);
    let out_per_group = sizes.out_channels.checked_div(sizes.groups).unwrap_or(0);
    let outputs = product(&[sizes.batch, sizes.out_channels, positions])?;
    let macs = product(&[outputs, in_per_group, taps])?;
    let offsets = u64::try_from(view.node.attrs.int_or("offset_group", 1)).unwrap_or(0).max(1);
    let places = product(&[sizes.batch, positions, taps, offsets])?;
    let sampled = product(&[sizes.batch, positions, taps, sizes.in_channels])?;
    let mut count = NodeCount { rule: "conv", macs, macs_valid: macs, ..NodeCount::default() };
    if view.secret(OFFSET) {
        let look_up = Activation {
            kind: Kind::LookUp,
            elements: product(&[sampled, 4])?,
            rows: product(&[places, 4])?,
            row_length: product(&sizes.input)?,
            comparisons: 0,
            folded: false,
        };
        // The four shares of each place are products of its two distances; each corner is then weighted.
        let mixed = sum(&[product(&[sampled, 4])?, places])?;
        count.activation = Some(look_up);
        count.products = mixed;
        count.work.extend([Work::Activation(look_up), Work::Product { elements: mixed }]);
    } else {
        count.work.push(Work::Scale { elements: product(&[sampled, 4])? });
    }
    let mut truncations = product(&[sampled, 4])?;
    if view.secret(MASK) {
        count.products = sum(&[count.products, sampled])?;
        count.work.push(Work::Product { elements: sampled });
        truncations = sum(&[truncations, sampled])?;
    }
    let (batch, m) = (sizes.groups, product(&[sizes.batch, positions])?);
    let k = product(&[in_per_group, taps])?;
    count.work.push(Work::MatMul { batch, m, k, n: out_per_group, secret: false, steps: 1 });
    count.bias = if view.has(BIAS) { outputs } else { 0 };
    count.truncations = sum(&[truncations, outputs])?;
    Ok(count)
}
