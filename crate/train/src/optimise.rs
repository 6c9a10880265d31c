//! Optimisers, schedules and clipping, as PyTorch's, so that one step is the same.

use ndarray::Array1;
use serde::{Deserialize, Serialize};

use crate::pass::Gradients;
use crate::real::Real;

/// How parameters move along their gradients.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Optimiser {
    /// v <- momentum v + g; w <- w - rate v.
    Sgd {
        /// 0.9, usually.
        momentum: f64,
    },
    /// Adam (Kingma and Ba, 2015) with betas 0.9 and 0.999, eps 1e-8.
    Adam,
}

/// Learning rates by epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Schedule {
    /// From the first to the second along half a cosine: at epoch e of n, to + (from - to)(1 + cos(pi e / n)) / 2.
    Cosine(f64, f64),
    /// From the first, times the second at each of these epochs.
    Steps(f64, f64, Vec<usize>),
    /// The same throughout.
    Constant(f64),
}

impl Schedule {
    /// From this rate, down to a hundredth of it along half a cosine.
    pub fn cosine(rate: f64) -> Self {
        Self::Cosine(rate, rate / 100.0)
    }

    /// The same kind of schedule from another rate.
    pub(crate) fn from(&self, rate: f64) -> Self {
        match self {
            Self::Cosine(..) => Self::cosine(rate),
            Self::Steps(_, factor, at) => Self::Steps(rate, *factor, at.clone()),
            Self::Constant(_) => Self::Constant(rate),
        }
    }

    /// The rate in an epoch, from 0, of so many.
    pub fn rate(&self, epoch: usize, epochs: usize) -> f64 {
        match self {
            Self::Cosine(from, to) => {
                let along = epoch as f64 / epochs.max(1) as f64;
                to + (from - to) * (1.0 + libm::cos(std::f64::consts::PI * along)) / 2.0
            }
            Self::Steps(from, factor, at) => {
                at.iter().filter(|at| epoch >= **at).fold(*from, |rate, _| rate * factor)
            }
            Self::Constant(rate) => *rate,
        }
    }
}

/// What an optimiser remembers of each parameter.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Memory<T: Real> {
    first: Vec<Array1<T>>,
    second: Vec<Array1<T>>,
    steps: i32,
}

/// The parameters of one step: numbers, gradients, rate; a rate of 0 leaves a parameter as it is.
pub(crate) struct Moved<'a, T> {
    pub(crate) value: &'a mut [T],
    pub(crate) gradient: &'a [T],
    pub(crate) rate: f64,
    /// Weight decay: decay x value is added to the gradient.
    pub(crate) decay: f64,
}

impl<T: Real> Memory<T> {
    /// Moves the parameters one step.
    pub(crate) fn step(&mut self, by: Optimiser, moved: Vec<Moved<'_, T>>) {
        self.first.resize_with(moved.len(), || Array1::zeros(0));
        self.second.resize_with(moved.len(), || Array1::zeros(0));
        self.steps = self.steps.saturating_add(1);
        let (b1, b2) = (0.9f64, 0.999f64);
        let (bias1, bias2) = (1.0 - b1.powi(self.steps), 1.0 - b2.powi(self.steps));
        for (place, Moved { value, gradient, rate, decay }) in moved.into_iter().enumerate() {
            if rate == 0.0 {
                continue;
            }
            let zeros = |held: &mut Array1<T>| {
                if held.len() != value.len() {
                    *held = Array1::zeros(value.len());
                }
            };
            zeros(&mut self.first[place]);
            let first = self.first[place].iter_mut();
            let decay = T::of(decay);
            match by {
                Optimiser::Sgd { momentum } => {
                    let (rate, momentum) = (T::of(rate), T::of(momentum));
                    for ((w, g), v) in value.iter_mut().zip(gradient).zip(first) {
                        *v = momentum * *v + (*g + decay * *w);
                        *w -= rate * *v;
                    }
                }
                Optimiser::Adam => {
                    zeros(&mut self.second[place]);
                    let (rate, root, eps) = (T::of(rate / bias1), T::of(bias2.sqrt()), T::of(1e-8));
                    let [b1, c1, b2, c2] = [b1, 1.0 - b1, b2, 1.0 - b2].map(T::of);
                    let held = first.zip(self.second[place].iter_mut());
                    for ((w, g), (m, v)) in value.iter_mut().zip(gradient).zip(held) {
                        let g = *g + decay * *w;
                        *m = b1 * *m + c1 * g;
                        *v = b2 * *v + c2 * g * g;
                        *w -= rate * *m / (v.sqrt() / root + eps);
                    }
                }
            }
        }
    }
}

/// Length of all gradients together.
pub fn norm<T: Real>(gradients: &Gradients<T>) -> f64 {
    gradients.iter().flatten().map(|g| g.f64() * g.f64()).sum::<f64>().sqrt()
}

/// Shortens gradients of length `norm` to `most`.
pub fn clip<T: Real>(gradients: &mut Gradients<T>, norm: f64, most: f64) {
    if norm > most {
        let factor = T::of(most / (norm + 1e-6));
        gradients.iter_mut().for_each(|g| g.mapv_inplace(|v| v * factor));
    }
}
