//! What version 1 expects of a row, so that only what differs is written. Frozen: a change here
//! would change the figures of links that are already out.

use super::{Figures, Layer, Size};
use crate::count::{Conv, Kind, Work};

/// Product of the dimensions; 0 where one is not a number.
pub(super) fn elements(shape: Option<&[Size]>) -> u64 {
    shape.map_or(0, |shape| {
        shape.iter().enumerate().map(|(axis, _)| size(Some(shape), axis)).fold(1, u64::saturating_mul)
    })
}

/// Size along an axis; 0 where it is not a number.
pub(super) fn size(shape: Option<&[Size]>, axis: usize) -> u64 {
    match shape.and_then(|shape| shape.get(axis)) {
        Some(Size::Known(size)) => *size,
        _ => 0,
    }
}

/// Two-way comparisons of an activation that has one or two an element.
pub(super) fn comparisons(kind: Kind, elements: u64) -> u64 {
    match kind {
        Kind::ReLU
        | Kind::LeakyReLU
        | Kind::PReLU
        | Kind::Abs
        | Kind::Comparison
        | Kind::LessThan
        | Kind::Sign => elements,
        Kind::ReLU6 | Kind::Clip | Kind::HardSwish | Kind::HardSigmoid => elements.saturating_mul(2),
        _ => 0,
    }
}

/// The figures of a row from its work and shape. `bias` decides the parameters and is given.
pub(super) fn figures(layer: &Layer, bias: u64) -> Figures {
    let row = &layer.row;
    let shape = layer.shape.as_deref();
    let elements = elements(shape);
    let mut figures = Figures { bias, ..Figures::default() };
    let (mut macs, mut valid, mut params) = (0u64, 0u64, 0u64);
    for work in &row.work {
        match work {
            Work::Conv(conv) => {
                macs = macs.saturating_add(taps(conv, &conv.output, conv.out_channels, conv.in_channels));
                valid = valid.saturating_add(valid_taps(conv));
                params = params.saturating_add(weights(conv, conv.out_channels, conv.in_channels));
                params = params.saturating_add(if bias > 0 { conv.out_channels } else { 0 });
                truncate(&mut figures, elements);
            }
            Work::ConvTranspose(conv) => {
                let dense = taps(conv, &conv.input, conv.in_channels, conv.out_channels);
                macs = macs.saturating_add(dense);
                valid = valid.saturating_add(dense);
                params = params.saturating_add(weights(conv, conv.in_channels, conv.out_channels));
                params = params.saturating_add(if bias > 0 { conv.out_channels } else { 0 });
                truncate(&mut figures, elements);
            }
            Work::MatMul { batch, m, k, n, secret, steps } => {
                let products = multiply(&[*batch, *m, *k, *n, *steps]);
                macs = macs.saturating_add(products);
                valid = valid.saturating_add(products);
                if !secret {
                    params = params.saturating_add(multiply(&[*k, *n])).saturating_add(if bias > 0 {
                        *n
                    } else {
                        0
                    });
                }
                truncate(&mut figures, multiply(&[*batch, *m, *n, *steps]));
            }
            Work::AvgPool { elements, .. } => {
                figures.average_pool = figures.average_pool.saturating_add(*elements);
                truncate(&mut figures, *elements);
            }
            Work::Product { elements } => {
                figures.products = figures.products.saturating_add(*elements);
                truncate(&mut figures, *elements);
            }
            // Behind other work it is in that layer's weights.
            Work::BatchNorm { .. } if row.work.len() > 1 => {}
            Work::Scale { elements } | Work::BatchNorm { elements } => truncate(&mut figures, *elements),
            Work::Add { elements } => figures.adds = figures.adds.saturating_add(*elements),
            Work::Activation(_) | Work::Poly2 { .. } => {}
        }
    }
    let mut stored = params;
    if row.op == "BatchNormalization" {
        figures.batch_norm = elements;
        params = size(shape, 1).saturating_mul(2);
        stored = params.saturating_mul(2);
    }
    figures.weight_bytes = stored.saturating_mul(4);
    let known = row.unknown.is_none();
    figures.macs = known.then_some(macs);
    figures.macs_valid = known.then_some(valid);
    figures.params = known.then_some(params);
    let numbers = shape.is_some_and(|shape| shape.iter().all(|size| matches!(size, Size::Known(_))));
    figures.activation_bytes = numbers.then_some(elements.saturating_mul(4));
    figures
}

fn truncate(figures: &mut Figures, elements: u64) {
    figures.truncations = figures.truncations.saturating_add(elements);
}

fn multiply(factors: &[u64]) -> u64 {
    factors.iter().copied().fold(1, u64::saturating_mul)
}

fn weights(conv: &Conv, outer: u64, inner: u64) -> u64 {
    let kernel = multiply(&conv.kernel);
    multiply(&[outer, inner.checked_div(conv.groups).unwrap_or(0), kernel])
}

fn taps(conv: &Conv, places: &[u64], outer: u64, inner: u64) -> u64 {
    multiply(&[conv.batch, multiply(places), weights(conv, outer, inner)])
}

/// Multiplications whose input is no padding: per axis, the pairs of output and tap that meet.
fn valid_taps(conv: &Conv) -> u64 {
    let axes = conv.output.iter().enumerate().map(|(axis, output)| {
        let get = |sizes: &[u64]| sizes.get(axis).copied().unwrap_or(0);
        let (kernel, stride) = (get(&conv.kernel), get(&conv.strides).max(1));
        let before = conv.pads.get(axis).map_or(0, |pads| pads.0);
        let end = get(&conv.input).saturating_add(before);
        // Output o meets input place o * stride + offset - before, for 0 <= place < input.
        let meets = |tap: u64| {
            let offset = tap.saturating_mul(get(&conv.dilations));
            let first = before.saturating_sub(offset).div_ceil(stride);
            let last = end.saturating_sub(offset).div_ceil(stride).min(*output);
            last.saturating_sub(first)
        };
        // A longer kernel is not worth a prediction.
        (0..kernel.min(256)).map(meets).fold(0, u64::saturating_add)
    });
    let pairs = axes.fold(1, u64::saturating_mul);
    multiply(&[conv.batch, conv.out_channels, conv.in_channels.checked_div(conv.groups).unwrap_or(0), pairs])
}
