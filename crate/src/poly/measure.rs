//! How wrong given coefficients are, under a distribution and on a range.

use serde::Serialize;

use super::distribution::Distribution;
use super::target::Target;
use super::value;

/// How wrong coefficients are.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Measured {
    /// Expected squared error under the distribution.
    pub mse: f64,
    /// Largest error on the range.
    pub max_error: f64,
    /// Where that is.
    pub max_error_at: f64,
    /// Share of the distribution outside the range.
    pub outside: f64,
}

/// Points looked at on the range, kinks besides.
const POINTS: usize = 2000;

/// Error of P in place of the target.
pub fn measure(target: Target, coefficients: &[f64], law: &Distribution, range: [f64; 2]) -> Measured {
    let nodes = law.nodes(target.kinks(), 2 * coefficients.len());
    let error = |x: f64| target.value(x) - value(coefficients, x);
    let mse = nodes.iter().map(|(x, w)| w * error(*x).powi(2)).sum();
    let (max_error_at, max_error) = largest(&error, range, target.kinks());
    Measured { mse, max_error, max_error_at, outside: law.outside(range) }
}

/// (place, size) of the largest |error| on a range.
pub(super) fn largest(error: &dyn Fn(f64) -> f64, [low, high]: [f64; 2], kinks: &[f64]) -> (f64, f64) {
    let step = (high - low) / POINTS as f64;
    let grid = (0..=POINTS).map(|i| low + step * i as f64);
    let inside = kinks.iter().copied().filter(|k| (low..=high).contains(k));
    let highest = |a: (f64, f64), x: f64| if error(x).abs() > a.1 { (x, error(x).abs()) } else { a };
    let (mut at, _) = grid.chain(inside).fold((low, error(low).abs()), highest);
    // A few halvings around the best point find a smooth peak to 1e-12 of the step.
    let mut width = step;
    for _ in 0..40 {
        width *= 0.5;
        let near = [at - width, at, at + width].into_iter().map(|x| x.clamp(low, high));
        at = near.fold((at, error(at).abs()), highest).0;
    }
    (at, error(at).abs())
}
