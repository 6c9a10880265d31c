//! DaPa: the polynomial of least expected squared error for a normal input.
//!
//! With z = (x - mean) / std and the Hermite polynomials He_k, orthogonal under the normal law, the
//! best polynomial of degree n is the sum over k <= n of h_k He_k(z), h_k = E[f He_k] / k!. For ReLU
//! and a = mean / std: h_0 = std (phi + a Phi), h_1 = std Phi, h_k = std He_{k-2}(-a) phi / k!.
//! Mean 0, std 1, degree 2: 0.199471140 + 0.5 x + 0.199471140 x^2.
//!
//! Stable for any |a|: a positive mean is turned over by relu(x) = x + relu(-x), so only tails are
//! ever added and subtracted.

use super::distribution::{Distribution, cdf, pdf};
use super::target::Target;

/// A normal law.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Normal {
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    pub std: f64,
}

impl Normal {
    /// Coefficients of the best polynomial of this degree, ascending powers of x. A deviation of 0
    /// gives the tangent.
    pub fn dapa(self, target: Target, degree: usize) -> Vec<f64> {
        let Self { mean, std } = self;
        if std == 0.0 {
            let slope = if degree == 0 { 0.0 } else { target.slope(mean) };
            let mut line = vec![target.value(mean) - slope * mean, slope];
            line.resize(degree + 1, 0.0);
            return line;
        }
        let Some(lines) = target.hinges() else {
            return self.powers(&self.projection(target, degree));
        };
        let mut sum = vec![0.0; degree + 1];
        add_line(&mut sum, self, lines.slope, 0.0);
        for (weight, knot) in lines.hinges {
            // max(x - t, 0) at a mean m is relu at m - t, moved by t.
            let moved = Self { mean: mean - knot, std };
            let relu = shift(&moved.relu(degree), -knot);
            for (s, r) in sum.iter_mut().zip(relu) {
                *s += lines.scale * weight * r;
            }
        }
        sum
    }

    /// Least expected squared error of a polynomial of this degree in place of ReLU:
    /// std^2 [(1 + a^2) Phi + a phi] - sum over k of k! h_k^2. Mean 0, std 1, degree 2:
    /// 1/4 - 3 / (4 pi) = 0.011267585.
    pub fn relu_error(self, degree: usize) -> f64 {
        let Self { mean, std } = self;
        if std == 0.0 {
            return 0.0;
        }
        // The error is even in the mean, and small numbers are exact on the negative side.
        let a = -(mean / std).abs();
        let mut left = (1.0 + a * a) * cdf(a) + a * pdf(a);
        let mut factorial = 1.0;
        for (k, h) in relu_projection(a, degree).into_iter().enumerate() {
            factorial *= k.max(1) as f64;
            left -= factorial * h * h;
        }
        std * std * left.max(0.0)
    }

    fn relu(self, degree: usize) -> Vec<f64> {
        let Self { mean, std } = self;
        let a = -(mean / std).abs();
        let h: Vec<f64> = relu_projection(a, degree).into_iter().map(|h| h * std).collect();
        let mut tail = Self { mean: -mean.abs(), std }.powers(&h);
        if mean > 0.0 {
            for odd in tail.iter_mut().skip(1).step_by(2) {
                *odd = -*odd;
            }
            add_line(&mut tail, self, 1.0, 0.0);
        }
        tail
    }

    /// h_k by quadrature, for the targets without a closed form.
    fn projection(self, target: Target, degree: usize) -> Vec<f64> {
        let Self { mean, std } = self;
        let nodes = Distribution::Normal { mean, std }.nodes(target.kinks(), degree);
        let mut h = vec![0.0; degree + 1];
        for (x, weight) in nodes {
            let (z, f) = ((x - mean) / std, target.value(x));
            let (mut before, mut he) = (0.0, 1.0);
            let mut factorial = 1.0;
            for (k, sum) in h.iter_mut().enumerate() {
                factorial *= k.max(1) as f64;
                *sum += weight * f * he / factorial;
                (before, he) = (he, z * he - k as f64 * before);
            }
        }
        h
    }

    /// Sum of h_k He_k((x - mean) / std) in powers of x.
    fn powers(self, h: &[f64]) -> Vec<f64> {
        // Clenshaw's backward recurrence on polynomials in z: He_{k+1} = z He_k - k He_{k-1}.
        let size = h.len();
        let (mut after, mut here) = (vec![0.0; size + 1], vec![0.0; size + 1]);
        for (k, h) in h.iter().enumerate().rev() {
            let mut next = vec![0.0; size + 1];
            for (place, slot) in next.iter_mut().enumerate() {
                let raised = place.checked_sub(1).and_then(|p| here.get(p)).copied().unwrap_or(0.0);
                *slot = raised - (k + 1) as f64 * after.get(place).copied().unwrap_or(0.0);
            }
            if let Some(first) = next.first_mut() {
                *first += h;
            }
            after = std::mem::replace(&mut here, next);
        }
        here.truncate(size);
        let mut scale = 1.0;
        for c in &mut here {
            *c /= scale;
            scale *= self.std;
        }
        shift(&here, -self.mean)
    }
}

/// h_k / std of ReLU at mean / std = a <= 0.
fn relu_projection(a: f64, degree: usize) -> Vec<f64> {
    let density = pdf(a);
    let mut h = vec![density + a * cdf(a), cdf(a)];
    let (mut before, mut he, mut factorial) = (0.0, 1.0, 1.0);
    for k in 2..=degree {
        factorial *= k as f64;
        h.push(he * density / factorial);
        (before, he) = (he, -a * he - (k - 2) as f64 * before);
    }
    h.truncate(degree + 1);
    h
}

/// Adds slope * x + offset, or its mean where the degree is 0.
fn add_line(sum: &mut [f64], law: Normal, slope: f64, offset: f64) {
    match sum {
        [only] => *only += slope * law.mean + offset,
        [constant, linear, ..] => {
            *constant += offset;
            *linear += slope;
        }
        [] => {}
    }
}

/// P(x + by).
pub(super) fn shift(coefficients: &[f64], by: f64) -> Vec<f64> {
    let mut out = vec![0.0; coefficients.len()];
    for (k, c) in coefficients.iter().enumerate().rev() {
        // out <- out * (x + by) + c
        for place in (0..coefficients.len() - k).rev() {
            let lower = place.checked_sub(1).and_then(|p| out.get(p)).copied().unwrap_or(0.0);
            if let Some(slot) = out.get_mut(place) {
                *slot = *slot * by + lower;
            }
        }
        if let Some(first) = out.first_mut() {
            *first += c;
        }
    }
    out
}
