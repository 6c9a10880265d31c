//! Fixed coefficients from the literature and from released code.

use super::hermite::Normal;
use super::target::Target;
use crate::error::{Code, Error, Result};

/// PILLAR's degree 4 on [-5, 5]: the least-squares fit that its code starts from.
pub const PILLAR: [f64; 5] = [0.293262, 0.5, 0.163899, 0.0, -0.003_271_45];
/// The range that [`PILLAR`] was fitted to.
pub const PILLAR_RANGE: [f64; 2] = [-5.0, 5.0];
/// 0.25 x^2 + 0.5 x.
pub const QUARTER: [f64; 3] = [0.0, 0.5, 0.25];
/// x^2 + x.
pub const SQUARE: [f64; 3] = [0.0, 1.0, 1.0];
/// x.
pub const IDENTITY: [f64; 2] = [0.0, 1.0];

/// AutoReP's least variance, the `var_min` of its released code.
const AUTOREP_VAR_MIN: f64 = 0.5;

/// The values that AutoReP's released code starts training from: the closed form with the running
/// *variance*, at least 0.5, where the deviation belongs; then c0 / 5 and, in degree 2, c2 / 10.
/// A nearly linear start, not an optimum. Mean 0, std 1: 0.079788456 / 2 + 0.5 x + 0.0199471140 x^2.
///
/// # Errors
/// `InvalidSetting` for a degree that the code does not have.
pub fn autorep(mean: f64, std: f64, degree: usize) -> Result<Vec<f64>> {
    if !(1..=2).contains(&degree) {
        return Err(Error::new(Code::InvalidSetting, "AutoReP's code has degrees 1 and 2"));
    }
    let variance = (std * std).max(AUTOREP_VAR_MIN);
    let mut start = Normal { mean, std: variance }.dapa(Target::Relu, degree);
    for (c, divisor) in start.iter_mut().zip([5.0, 1.0, 10.0]) {
        *c /= divisor;
    }
    Ok(start)
}
