//! Statistics of a value, channel by channel, batch by batch: count, mean, standard deviation,
//! range, zeros, histogram.
//!
//! Sums are in f64: each batch's mean and squared deviations are computed in two passes over the
//! batch and joined with what came before (Chan, Golub and LeVeque), so that no large sum of
//! squares is ever taken. Standard deviations are of the population, as numpy's default. What is
//! not finite is counted and left out.

use super::histogram::{BINS, Histogram};
use super::tensor::Tensor;
use crate::ir::channels::channel_axis;
use crate::ir::graph::{Graph, ValueId};

/// Bins of a whole value.
const VALUE_BINS: usize = 2 * BINS;

/// Moments, range and histogram of some numbers.
#[derive(Clone, Debug)]
pub struct Summary {
    /// Finite numbers.
    pub count: u64,
    /// Numbers that are not finite.
    pub not_finite: u64,
    /// Mean.
    pub mean: f64,
    /// Sum of squared deviations from the mean.
    squares: f64,
    /// Smallest.
    pub min: f64,
    /// Largest.
    pub max: f64,
    /// Exact zeros, negative ones included.
    pub zeros: u64,
    /// Histogram.
    pub histogram: Histogram,
}

impl Default for Summary {
    fn default() -> Self {
        let (min, max) = (f64::INFINITY, f64::NEG_INFINITY);
        let histogram = Histogram::default();
        Self { count: 0, not_finite: 0, mean: 0.0, squares: 0.0, min, max, zeros: 0, histogram }
    }
}

impl Summary {
    /// Standard deviation of the population.
    pub fn std(&self) -> f64 {
        if self.count == 0 { 0.0 } else { (self.squares / self.count as f64).sqrt() }
    }

    /// Share of exact zeros.
    pub fn zero_share(&self) -> f64 {
        if self.count == 0 { 0.0 } else { self.zeros as f64 / self.count as f64 }
    }

    /// Adds numbers.
    pub fn add(&mut self, values: &[f64]) {
        let finite = || values.iter().copied().filter(|v| v.is_finite());
        let count = finite().count() as u64;
        self.not_finite += values.len() as u64 - count;
        if count == 0 {
            return;
        }
        let mean = finite().sum::<f64>() / count as f64;
        let (squares, rest) = finite().fold((0.0, 0.0), |(squares, rest), v| {
            let d = v - mean;
            (squares + d * d, rest + d)
        });
        // The deviations should sum to 0; what they do sum to corrects both.
        let (mean, squares) = (mean + rest / count as f64, squares - rest * rest / count as f64);
        self.join(count, mean, squares.max(0.0));
        self.min = finite().fold(self.min, f64::min);
        self.max = finite().fold(self.max, f64::max);
        self.zeros += finite().filter(|v| *v == 0.0).count() as u64;
        self.histogram.add(values);
    }

    /// Adds what another has seen.
    pub fn merge(&mut self, other: &Self, bins: usize) {
        self.not_finite += other.not_finite;
        if other.count == 0 {
            return;
        }
        self.join(other.count, other.mean, other.squares);
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.zeros += other.zeros;
        self.histogram.merge(&other.histogram, bins);
    }

    /// Mean and squares of the union: n = a + b, d = mean_b - mean_a, mean = mean_a + d b/n,
    /// squares = squares_a + squares_b + d^2 ab/n.
    fn join(&mut self, count: u64, mean: f64, squares: f64) {
        let (a, b) = (self.count as f64, count as f64);
        let (n, d) = (a + b, mean - self.mean);
        self.mean += d * b / n;
        self.squares += squares + d * d * a * b / n;
        self.count += count;
    }
}

/// Statistics of one value.
#[derive(Clone, Debug)]
pub struct ValueStats {
    /// Which value.
    pub value: ValueId,
    /// The axis whose indices are the channels; None where the value has one axis or none.
    pub axis: Option<usize>,
    /// Sizes of a sample: of the last batch, without the first axis.
    pub sample: Vec<usize>,
    /// By channel; one where there is no axis.
    pub channels: Vec<Summary>,
    scratch: Vec<f64>,
}

impl ValueStats {
    /// Nothing seen yet.
    pub fn new(graph: &Graph, value: ValueId) -> Self {
        let axis = channel_axis(graph, value);
        Self { value, axis, sample: Vec::new(), channels: Vec::new(), scratch: Vec::new() }
    }

    /// Adds a batch.
    pub fn add(&mut self, tensor: &Tensor) {
        let shape = tensor.shape();
        self.sample = shape.get(1..).unwrap_or_default().to_vec();
        let axis = self.axis.filter(|axis| *axis < shape.len());
        let channels = axis.and_then(|axis| shape.get(axis).copied()).unwrap_or(1);
        let inner: usize = axis.map_or(tensor.len(), |axis| shape.iter().skip(axis + 1).product());
        if self.channels.len() < channels {
            self.channels.resize_with(channels, Summary::default);
        }
        let step = inner.saturating_mul(channels).max(1);
        let values = tensor.data().to_f32();
        for (channel, summary) in self.channels.iter_mut().take(channels).enumerate() {
            self.scratch.clear();
            for outer in values.chunks(step) {
                let from = channel.saturating_mul(inner);
                self.scratch
                    .extend(outer.get(from..from + inner).unwrap_or_default().iter().map(|v| f64::from(*v)));
            }
            summary.add(&self.scratch);
        }
    }

    /// All channels together.
    pub fn total(&self) -> Summary {
        let mut total = Summary::default();
        self.channels.iter().for_each(|channel| total.merge(channel, VALUE_BINS));
        total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_survive_a_large_offset() {
        // 1e9 + {0, 1, 2, 3}: a sum of squares in f64 would lose the variance of 1.25.
        let mut summary = Summary::default();
        summary.add(&[1e9, 1e9 + 1.0]);
        summary.add(&[1e9 + 2.0, 1e9 + 3.0, f64::NAN]);
        assert_eq!(summary.mean, 1e9 + 1.5);
        assert!((summary.std() - 1.25f64.sqrt()).abs() < 1e-9, "{}", summary.std());
        assert_eq!((summary.count, summary.not_finite), (4, 1));
        assert_eq!((summary.min, summary.max), (1e9, 1e9 + 3.0));
    }

    #[test]
    fn nothing_seen_is_no_number() {
        let mut summary = Summary::default();
        summary.add(&[f64::NAN]);
        assert_eq!((summary.count, summary.not_finite, summary.std()), (0, 1, 0.0));
    }
}
