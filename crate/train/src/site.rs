//! A site: one activation of the network, which of its ReLUs stay, and what stands for the others.

use serde::{Deserialize, Serialize};

use crate::dapa::{self, Start};
use crate::layers::norm::{Moments, track};
use crate::real::Real;

/// One activation.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Site<T: Real> {
    /// Its name, for exports.
    pub name: String,
    /// Channels, height, width.
    pub shape: [usize; 3],
    /// Place of the parameter k, `[channels, height, width]`.
    pub keep: usize,
    /// Place of the coefficients, `[channels, 3]`.
    pub coefficients: usize,
    /// Whether all of k is 1 and stays so: a plain ReLU.
    pub plain: bool,
    /// Highest power whose coefficient is trained; none is where this is `None`.
    pub degree: Option<usize>,
    /// AutoReP's state while it searches.
    pub search: Option<Search<T>>,
}

/// AutoReP's state of a site: the auxiliary parameter, and what its inputs are like.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Search<T: Real> {
    /// Place of the parameter m: as k, or one a channel.
    pub auxiliary: usize,
    /// Hysteresis threshold t.
    pub threshold: f64,
    /// Running mean of the inputs, momentum 0.1.
    pub mean: Vec<T>,
    /// Running variance.
    pub variance: Vec<T>,
    /// Training passes so far.
    pub passes: u32,
    /// How coefficients start; nothing keeps them as they are.
    pub start: Option<Start>,
}

impl<T: Real> Site<T> {
    /// A plain ReLU.
    pub(crate) fn new(name: &str, shape: [usize; 3], keep: usize, coefficients: usize) -> Self {
        Self { name: name.to_owned(), shape, keep, coefficients, plain: true, degree: None, search: None }
    }

    /// Elements of one image.
    pub fn elements(&self) -> usize {
        self.shape.iter().product()
    }
}

impl<T: Real> Search<T> {
    /// A search that begins.
    pub fn new(auxiliary: usize, threshold: f64, channels: usize, start: Option<Start>) -> Self {
        let (mean, variance) = (vec![T::zero(); channels], vec![T::one(); channels]);
        Self { auxiliary, threshold, mean, variance, passes: 0, start }
    }

    /// Takes note of a training pass, by the moments of its inputs; the new coefficients where they are due: on
    /// every tenth of the first 508 passes.
    pub(crate) fn saw(&mut self, batch: &Moments<T>, count: usize) -> Option<Vec<T>> {
        track(&mut self.mean, &mut self.variance, batch, count, 0.1);
        self.passes = self.passes.saturating_add(1);
        let start = self.start.filter(|_| dapa::due(self.passes))?;
        let each = self.mean.iter().zip(&self.variance);
        Some(each.flat_map(|(m, v)| start.coefficients(m.f64(), v.f64()).map(T::of)).collect())
    }

    /// The state of each ReLU after hysteresis; `keep` has an element for each pixel, `m` for each pixel or channel.
    pub(crate) fn states(&self, keep: &mut [T], m: &[T]) {
        let per = keep.len() / m.len().max(1);
        for (states, m) in keep.chunks_exact_mut(per.max(1)).zip(m) {
            let on = hysteresis(states.first().is_some_and(|s| *s != T::zero()), m.f64(), self.threshold);
            states.fill(if on { T::one() } else { T::zero() });
        }
    }
}

/// `s <- s [m > -t] + (1 - s) [m > t]`: a ReLU that is on goes at -t, one that is off comes back at t.
pub fn hysteresis(on: bool, m: f64, t: f64) -> bool {
    m > if on { -t } else { t }
}

/// ln(1 + e^m): the pseudo-gradient of the state in m.
pub fn softplus(m: f64) -> f64 {
    m.max(0.0) + libm::log1p(libm::exp(-m.abs()))
}
