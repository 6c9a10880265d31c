//! How an activation's input is spread: a normal law, or a measured histogram.

use serde::{Deserialize, Serialize};

use super::quadrature::{NODES, cut, gauss};
use crate::error::{Code, Error, Result};
use crate::limits::MAX_HISTOGRAM_BINS;

/// Measured values in bins of equal width; inside a bin they count as evenly spread.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Histogram {
    /// Lower edge of the first bin.
    pub low: f64,
    /// Upper edge of the last bin.
    pub high: f64,
    /// Values in each bin.
    pub counts: Vec<u64>,
}

/// How the input is spread.
#[derive(Clone, Debug, PartialEq)]
pub enum Distribution {
    /// Mean and standard deviation; 0 for a constant.
    Normal {
        /// Mean.
        mean: f64,
        /// Standard deviation.
        std: f64,
    },
    /// Measured.
    Histogram(Histogram),
}

/// Beyond |x| = 40 every target is a straight line in double precision.
const CURVED: f64 = 40.0;

impl Distribution {
    /// Finite numbers, a deviation that is not negative, bins that hold something.
    ///
    /// # Errors
    /// `InvalidSetting`, `LimitExceeded`.
    pub fn check(&self) -> Result<()> {
        let invalid = |text: &str| Err(Error::new(Code::InvalidSetting, text));
        match self {
            Self::Normal { mean, std } => {
                let sane = |x: f64| x.is_finite() && x.abs() <= 1e30;
                if !sane(*mean) || !sane(*std) || *std < 0.0 {
                    return invalid("mean and std must be numbers below 1e30, std not negative");
                }
            }
            Self::Histogram(h) => {
                if h.counts.len() > MAX_HISTOGRAM_BINS {
                    return Err(Error::new(Code::LimitExceeded, "the histogram has too many bins")
                        .hint(format!("at most {MAX_HISTOGRAM_BINS}")));
                }
                if !(h.low.is_finite() && h.high.is_finite() && h.low < h.high) {
                    return invalid("the histogram needs two finite edges, low below high");
                }
                if h.total() == 0.0 {
                    return invalid("the histogram is empty");
                }
            }
        }
        Ok(())
    }

    /// Mean and standard deviation.
    pub fn moments(&self) -> (f64, f64) {
        match self {
            Self::Normal { mean, std } => (*mean, *std),
            Self::Histogram(h) => {
                let (total, width) = (h.total(), h.width());
                let mean = h.bins().map(|(low, n)| n * (low + 0.5 * width)).sum::<f64>() / total;
                let of_bin = |(low, n): (f64, f64)| n * (low + 0.5 * width - mean).powi(2);
                let var = h.bins().map(of_bin).sum::<f64>() / total + width * width / 12.0;
                (mean, var.sqrt())
            }
        }
    }

    /// The range that it is used on unless another is set: mean +- 4 std, or the histogram's edges.
    pub fn range(&self) -> [f64; 2] {
        match self {
            Self::Normal { mean, std } if *std > 0.0 => [mean - 4.0 * std, mean + 4.0 * std],
            Self::Normal { mean, .. } => [mean - 1.0, mean + 1.0],
            Self::Histogram(h) => [h.low, h.high],
        }
    }

    /// Share of it below or above a range. Normal (0, 1) outside [-4, 4]: 6.3e-5.
    pub fn outside(&self, [low, high]: [f64; 2]) -> f64 {
        match self {
            Self::Normal { mean, std } if *std == 0.0 => f64::from(*mean < low || *mean > high),
            Self::Normal { mean, std } => cdf((low - mean) / std) + cdf((mean - high) / std),
            Self::Histogram(h) => {
                let width = h.width();
                let part = |(at, n): (f64, f64)| {
                    let inside = (at + width).min(high) - at.max(low);
                    n * (1.0 - (inside / width).clamp(0.0, 1.0))
                };
                h.bins().map(part).sum::<f64>() / h.total()
            }
        }
    }

    /// (x, weight) whose sums are expectations: exact to about 1e-15 for polynomials up to this
    /// degree times a function that is smooth between the kinks. Weights add up to 1.
    pub(super) fn nodes(&self, kinks: &[f64], degree: usize) -> Vec<(f64, f64)> {
        match self {
            Self::Normal { mean, std } if *std == 0.0 => vec![(*mean, 1.0)],
            Self::Normal { mean, std } => normal_nodes(*mean, *std, kinks, degree),
            Self::Histogram(h) => h.nodes(kinks),
        }
    }
}

impl Histogram {
    fn total(&self) -> f64 {
        self.counts.iter().map(|n| *n as f64).sum()
    }

    fn width(&self) -> f64 {
        (self.high - self.low) / self.counts.len().max(1) as f64
    }

    /// (lower edge, values) of each bin.
    fn bins(&self) -> impl Iterator<Item = (f64, f64)> {
        let width = self.width();
        self.counts.iter().enumerate().map(move |(i, n)| (self.low + i as f64 * width, *n as f64))
    }

    fn nodes(&self, kinks: &[f64]) -> Vec<(f64, f64)> {
        let (rule, total, width) = (gauss::<4>(), self.total(), self.width());
        let mut nodes = Vec::new();
        for (low, n) in self.bins().filter(|(_, n)| *n > 0.0) {
            for part in cut(low, low + width, kinks).windows(2) {
                let [a, b] = part else { continue };
                let half = 0.5 * (b - a);
                nodes.extend(rule.iter().map(|(z, w)| (a + half * (1.0 + z), w * half / width * n / total)));
            }
        }
        nodes
    }
}

fn normal_nodes(mean: f64, std: f64, kinks: &[f64], degree: usize) -> Vec<(f64, f64)> {
    // He_n oscillates out to 2 sqrt(n), and decays like the density behind it.
    let reach = 10.0 + 2.0 * (degree as f64).sqrt();
    let (low, high) = (mean - reach * std, mean + reach * std);
    let mut points = kinks.to_vec();
    points.extend([-CURVED, CURVED]);
    let rule = gauss::<NODES>();
    let mut nodes = Vec::new();
    for part in cut(low, high, &points).windows(2) {
        let [a, b] = part else { continue };
        let curved = a.abs().max(b.abs()) <= CURVED;
        let step = if curved { (0.5 * std).min(1.0) } else { 0.5 * std };
        let panels = ((b - a) / step).ceil().max(1.0);
        let half = 0.5 * (b - a) / panels;
        for panel in 0..panels as usize {
            let middle = a + half * (2 * panel + 1) as f64;
            nodes.extend(rule.iter().map(|(t, w)| {
                let x = middle + half * t;
                (x, w * half / std * pdf((x - mean) / std))
            }));
        }
    }
    nodes
}

/// Standard normal density.
pub(super) fn pdf(z: f64) -> f64 {
    const ROOT: f64 = 0.398_942_280_401_432_7;
    ROOT * (-0.5 * z * z).exp()
}

/// Share of a standard normal below z; accurate in the lower tail.
pub(super) fn cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2)
}
