//! The best polynomial under measured values: weighted least squares with a ridge.
//!
//! The basis is made for the weights (Stieltjes: each polynomial orthogonal to all before it), so no
//! matrix is ever solved and nothing cancels. The ridge shrinks what lies above the constant;
//! powers that the values cannot tell apart (one bin, few values) come out as 0.

use super::hermite::shift;

/// Ridge where none is set, relative to a basis polynomial of norm 1.
pub const DEFAULT_RIDGE: f64 = 1e-9;
/// A basis polynomial that keeps less than this of its norm is noise.
const RANK: f64 = 1e-12;

/// Coefficients in ascending powers of x that minimise sum of w (f(x) - P(x))^2 + ridge * |c|^2,
/// c in the orthonormal basis. `nodes` are (x, w) with weights that add up to 1.
pub fn least_squares(nodes: &[(f64, f64)], f: impl Fn(f64) -> f64, degree: usize, ridge: f64) -> Vec<f64> {
    let mean: f64 = nodes.iter().map(|(x, w)| w * x).sum();
    let std = nodes.iter().map(|(x, w)| w * (x - mean).powi(2)).sum::<f64>().sqrt();
    let scale = if std > 0.0 { std } else { 1.0 };
    let z: Vec<f64> = nodes.iter().map(|(x, _)| (x - mean) / scale).collect();
    let mean_of = |values: &dyn Fn(usize) -> f64| -> f64 {
        nodes.iter().enumerate().map(|(i, (_, w))| w * values(i)).sum()
    };
    // Values at the nodes and coefficients in z, of this basis polynomial and the one before.
    let (mut here, mut before) = (vec![1.0; z.len()], vec![0.0; z.len()]);
    let (mut powers, mut powers_before) = (vec![1.0], vec![0.0]);
    let mut norm = 1.0;
    let mut sum = vec![0.0; degree + 1];
    let at = |values: &[f64], i: usize| values.get(i).copied().unwrap_or(0.0);
    let mut last_norm = 1.0;
    for k in 0..=degree {
        let top = mean_of(&|i| nodes.get(i).map_or(0.0, |(x, _)| f(*x)) * at(&here, i));
        let shrink = if k == 0 { norm } else { norm * (1.0 + ridge) };
        let c = top / shrink;
        for (slot, p) in sum.iter_mut().zip(&powers) {
            *slot += c * p;
        }
        let alpha = mean_of(&|i| at(&z, i) * at(&here, i).powi(2)) / norm;
        let beta = if k == 0 { 0.0 } else { norm / last_norm };
        let next: Vec<f64> =
            (0..z.len()).map(|i| (at(&z, i) - alpha) * at(&here, i) - beta * at(&before, i)).collect();
        let next_powers: Vec<f64> = (0..=powers.len())
            .map(|p| {
                let raised = p.checked_sub(1).map_or(0.0, |p| at(&powers, p));
                raised - alpha * at(&powers, p) - beta * at(&powers_before, p)
            })
            .collect();
        (last_norm, norm) = (norm, mean_of(&|i| at(&next, i).powi(2)));
        if norm <= RANK * last_norm {
            break;
        }
        before = std::mem::replace(&mut here, next);
        powers_before = std::mem::replace(&mut powers, next_powers);
    }
    let mut unit = 1.0;
    for c in &mut sum {
        *c /= unit;
        unit *= scale;
    }
    shift(&sum, -mean)
}
