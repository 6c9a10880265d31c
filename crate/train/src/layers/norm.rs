//! Batch normalisation over images and pixels, a channel at a time, as PyTorch's.

use super::{Map, flat, flat_mut};
use crate::real::{Real, sum, sum_both};

/// What each channel was shifted and scaled by.
#[derive(Clone, Debug)]
pub struct Moments<T> {
    /// Mean.
    pub mean: Vec<T>,
    /// Variance, divided by the count.
    pub variance: Vec<T>,
}

/// Mean and variance of each channel.
pub fn moments<T: Real>(x: &Map<T>) -> Moments<T> {
    let numbers = x.len() / x.dim().0.max(1);
    let count = T::of(numbers as f64);
    let rows = || flat(x).chunks_exact(numbers.max(1));
    let mean: Vec<T> = rows().map(|row| sum(row, |v| v) / count).collect();
    let variance = rows().zip(&mean).map(|(row, m)| sum(row, |v| (v - *m) * (v - *m)) / count);
    Moments { variance: variance.collect(), mean }
}

/// Moves running moments towards a batch's: r += momentum (b - r), the variance as of a sample (n - 1).
pub fn track<T: Real>(mean: &mut [T], variance: &mut [T], batch: &Moments<T>, count: usize, momentum: f64) {
    let unbiased = T::of(count as f64 / (count.max(2) - 1) as f64);
    let step = T::of(momentum);
    mean.iter_mut().zip(&batch.mean).for_each(|(r, b)| *r += step * (*b - *r));
    variance.iter_mut().zip(&batch.variance).for_each(|(r, b)| *r += step * (*b * unbiased - *r));
}

/// y = scale (x - mean) / sqrt(variance + eps) + shift.
pub fn forward<T: Real>(x: &Map<T>, by: &Moments<T>, scale: &[T], shift: &[T], eps: f64) -> Map<T> {
    let numbers = x.len() / x.dim().0.max(1);
    let mut y = x.clone();
    for (channel, row) in flat_mut(&mut y).chunks_exact_mut(numbers.max(1)).enumerate() {
        let factor = scale[channel] / (by.variance[channel] + T::of(eps)).sqrt();
        let (mean, shift) = (by.mean[channel], shift[channel]);
        row.iter_mut().for_each(|v| *v = (*v - mean) * factor + shift);
    }
    y
}

/// Adds the gradients of scale and shift; returns the input's. `by` is the batch's own moments where `batch`,
/// which then depend on the input.
#[allow(clippy::too_many_arguments)] // a layer's operands
pub fn backward<T: Real>(
    x: &Map<T>,
    by: &Moments<T>,
    scale: &[T],
    eps: f64,
    batch: bool,
    mut dy: Map<T>,
    dscale: &mut [T],
    dshift: &mut [T],
) -> Map<T> {
    let count = (x.len() / x.dim().0.max(1)).max(1);
    let rows = flat_mut(&mut dy).chunks_exact_mut(count).zip(flat(x).chunks_exact(count));
    for (channel, (dy, x)) in rows.enumerate() {
        let inverse = T::one() / (by.variance[channel] + T::of(eps)).sqrt();
        let mean = by.mean[channel];
        let total = sum(dy, |g| g);
        let along = sum_both(dy, x, |g, v| g * (v - mean)) * inverse;
        dscale[channel] += along;
        dshift[channel] += total;
        let factor = scale[channel] * inverse;
        if batch {
            let (total, along) = (total / T::of(count as f64), along * inverse / T::of(count as f64));
            dy.iter_mut().zip(x).for_each(|(g, v)| *g = factor * (*g - total - (*v - mean) * along));
        } else {
            dy.iter_mut().for_each(|g| *g *= factor);
        }
    }
    dy
}
