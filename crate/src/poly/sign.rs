//! The sign as a chain of odd minimax polynomials, and ReLU = (x + x sign(x)) / 2 from it: what FHE
//! does without a comparison.
//!
//! The first polynomial brings [epsilon, 1] close to 1 (and the negative side close to -1), each next
//! one works on what the one before left: [1 - e, 1 + e]. A chain of short polynomials is far
//! shallower than one long one of the same error. Each stage is odd, so it is the exchange over odd
//! Chebyshev polynomials with the constant 1 as target.

use serde::Serialize;

use super::minimax::remez;
use super::steps::{Steps, ceil_log2};
use crate::error::{Code, Error, Result};
use crate::limits::MAX_SIGN_DEGREE;

/// One polynomial of the chain.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SignStage {
    /// Degree, odd.
    pub degree: usize,
    /// It is used on [-bound, bound].
    pub bound: f64,
    /// Coefficients of T_1, T_3, ... at x / bound.
    pub chebyshev: Vec<f64>,
    /// Largest distance of its result from the sign.
    pub error: f64,
}

impl SignStage {
    /// Its value at x.
    pub fn value(&self, x: f64) -> f64 {
        let mut row = vec![0.0; self.chebyshev.len()];
        odd_row(x / self.bound, &mut row);
        row.iter().zip(&self.chebyshev).map(|(t, c)| t * c).sum()
    }
}

/// The chain for these degrees, minimax on epsilon <= |x| <= 1.
///
/// # Errors
/// `InvalidSetting` for even or too large degrees, an epsilon outside (0, 1).
pub fn sign(degrees: &[usize], epsilon: f64) -> Result<Vec<SignStage>> {
    let odd = |d: &usize| d % 2 == 1 && *d <= MAX_SIGN_DEGREE;
    if degrees.is_empty() || degrees.len() > 16 || !degrees.iter().all(odd) {
        return Err(Error::new(Code::InvalidSetting, "the degrees of a sign must be odd")
            .hint(format!("up to 16 of them, each at most {MAX_SIGN_DEGREE}; 15,15,27 is common")));
    }
    if !(1e-9..1.0).contains(&epsilon) {
        return Err(Error::new(Code::InvalidSetting, "epsilon must lie between 1e-9 and 1"));
    }
    let (mut low, mut bound) = (epsilon, 1.0);
    let mut stages = Vec::new();
    for degree in degrees.iter().copied() {
        let points = 128 * (degree + 2);
        // Peaks crowd towards both ends, towards the low one by orders of magnitude.
        let ratio = f64::ln(bound / low);
        let place = |i: usize| 0.5 - 0.5 * (std::f64::consts::PI * i as f64 / points as f64).cos();
        let mut grid: Vec<f64> = (0..=points).map(|i| low / bound * (ratio * place(i)).exp()).collect();
        grid.extend((1..points).map(|i| low / bound + (1.0 - low / bound) * place(i)));
        grid.sort_by(f64::total_cmp);
        grid.dedup();
        let found = remez(&|_| 1.0, &odd_row, degree.div_ceil(2), &grid)?;
        let error = found.error;
        stages.push(SignStage { degree, bound, chebyshev: found.coefficients, error });
        // Nothing is left to gain below double precision.
        (low, bound) = ((1.0 - error).min(1.0 - 1e-15), (1.0 + error).max(1.0 + 1e-15));
        if error >= 1.0 {
            return Err(Error::new(Code::InvalidSetting, "these degrees cannot tell the signs apart")
                .hint("take a larger epsilon or longer polynomials"));
        }
    }
    Ok(stages)
}

/// Multiplications and depth of ReLU by the chain: x (1 + sign) / 2 takes one product more.
pub fn sign_steps(stages: &[SignStage]) -> Steps {
    let mut sum = Steps { products: 1, scalings: 0, depth: 1 };
    for stage in stages {
        let steps = odd_steps(stage.degree);
        sum.products += steps.products;
        sum.scalings += steps.scalings;
        sum.depth += steps.depth;
    }
    sum
}

/// An odd polynomial by halving: P = Q x^(2^j) + R down to degrees below k = 2^l, whose odd powers
/// are at hand. The k of least depth, then fewest products. Degree 15, k = 2: 10 products, depth 4.
pub(super) fn odd_steps(degree: usize) -> Steps {
    let all = (1..=ceil_log2(degree + 1)).map(|l| {
        let k = 1usize << l;
        let squares = (degree.ilog2()) as usize;
        let (splits, depth) = halve(degree, k);
        let odd_powers = k.min(degree + 1) / 2 - 1;
        // An odd power needs the squares below it even where no split does.
        Steps { products: squares + odd_powers + splits, scalings: degree.div_ceil(2), depth }
    });
    all.min_by_key(|steps| (steps.depth, steps.products)).unwrap_or_default()
}

/// (products, depth) below the powers.
fn halve(degree: usize, k: usize) -> (usize, usize) {
    if degree < k {
        return (0, ceil_log2(degree) + 1);
    }
    let log = degree.ilog2() as usize;
    let (high, high_depth) = halve(degree - (1 << log), k);
    let (low, low_depth) = halve((1 << log) - 1, k);
    (high + low + 1, (high_depth.max(log) + 1).max(low_depth))
}

/// T_1, T_3, ... at t.
fn odd_row(t: f64, row: &mut [f64]) {
    let (mut before, mut here) = (1.0, t);
    for slot in row {
        *slot = here;
        for _ in 0..2 {
            (before, here) = (here, 2.0 * t * here - before);
        }
    }
}
