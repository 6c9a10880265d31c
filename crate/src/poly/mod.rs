//! Polynomials in place of activations: what to put there, and how wrong it is.
//!
//! A [`Target`] is approximated under a [`Distribution`] of its input (normal, or a measured
//! histogram) by one of the [`Method`]s; [`fit()`] answers with a [`Fit`]: coefficients in ascending
//! powers of x, error, and what an evaluation takes. Assumes nothing of the numbers; what is not
//! finite or out of range is an error. Never sees a model: means, deviations and histograms come in
//! as plain numbers.
//!
//! | file | what |
//! |---|---|
//! | target | the activations |
//! | distribution, quadrature | how the input is spread; sums over it |
//! | hermite | DaPa: the best polynomial under a normal input |
//! | least_squares | the best under measured values |
//! | minimax, sign | least largest error on an interval; the sign as a chain of polynomials |
//! | presets | fixed coefficients from the literature |
//! | steps | multiplications and depth |
//! | measure | error of any coefficients |

mod distribution;
mod fit;
mod hermite;
mod least_squares;
mod measure;
mod minimax;
mod presets;
mod quadrature;
mod sign;
mod steps;
mod target;
#[cfg(test)]
mod tests;

pub use distribution::{Distribution, Histogram};
pub use fit::{Fit, Method, Spec, fit};
pub use measure::{Measured, measure};
pub use sign::SignStage;
pub use steps::Steps;
pub use target::Target;

/// P(x) for coefficients in ascending powers, by Horner. [1, 2, 3] at 2: 17.
pub fn value(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c)
}
