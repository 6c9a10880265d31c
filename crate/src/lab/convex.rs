//! Two-layer networks of gated ReLUs as a convex programme, after arXiv 2309.15096: our reconstruction.
//!
//! Gates g_i(x) = 1 where x.h_i >= 0 are fixed, f(x) = sum_i g_i(x) x.w_i. With D_i the pattern of gate i over the points X,
//!
//! min_w 1/2 |sum_i D_i X w_i - y|^2 + (lambda/2) (sum_i |w_i|)^2
//!   = min over eta in the simplex of (lambda/2) y'(K(eta) + lambda I)^-1 y,   K(eta) = sum_i eta_i D_i X X' D_i.
//!
//! The neural tangent kernel is eta_i = the Gaussian measure of gate i. Iterating alpha = (K + lambda I)^-1 y,
//! w_i = eta_i X' D_i alpha, eta_i = |w_i| / sum |w| repairs it. At the optimum alpha' K_i alpha is equal wherever eta_i > 0,
//! and not larger elsewhere; (lambda/2) (largest - average) bounds what is left to gain.

use serde::Serialize;

use super::gates::{Mask, in_plane, in_space};

/// At most so many points: 2 + n (n - 1) gates in space, a system of n each step.
pub const MOST_POINTS: usize = 64;
/// What is left to gain where the iteration ends, of the objective.
const GAP: f64 = 1e-12;
/// Steps at most.
const STEPS: u32 = 200_000;

/// What is solved.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "NtkFound"))]
pub struct Convex {
    /// Patterns of the gates, 1 where a gate is open at a point; on a line by the angle of their directions.
    pub masks: Vec<Vec<u8>>,
    /// Share of Gaussian directions that make each.
    pub measure: Vec<f64>,
    /// The neural tangent kernel of the points, row by row.
    pub kernel: Vec<Vec<f64>>,
    /// The objective with it.
    pub objective_ntk: f64,
    /// What it fits, point by point.
    pub fit_ntk: Vec<f64>,
    /// The objective after each step asked for.
    pub objective_after: Vec<f64>,
    /// The optimum.
    pub objective: f64,
    /// What it fits.
    pub fit: Vec<f64>,
    /// Weight of each gate at the optimum.
    pub eta: Vec<f64>,
    /// That it is one.
    pub certificate: Certificate,
}

/// alpha' K_i alpha at the optimum: equal on the support, not larger off it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "NtkCertificate"))]
pub struct Certificate {
    /// The largest where eta_i > 0: all are equal there.
    pub support: f64,
    /// The least there.
    pub least: f64,
    /// The largest elsewhere; None where all gates are used.
    pub off: Option<f64>,
    /// At most so much is left to gain.
    pub gap: f64,
}

/// Solves for points of one or two numbers each, a constant 1 appended, and reports the objective after each of `steps`
/// steps. None for points that are none, of more than two numbers, or more than [`MOST_POINTS`]; for lambda not above 0.
pub fn convex(points: &[Vec<f64>], y: &[f64], lambda: f64, steps: usize) -> Option<Convex> {
    let width = points.first()?.len();
    let finite = points.iter().flatten().chain(y).chain([&lambda]).all(|x| x.is_finite());
    let shaped = points.len() == y.len() && points.iter().all(|point| point.len() == width);
    if !finite || !shaped || points.len() > MOST_POINTS || lambda <= 0.0 {
        return None;
    }
    let gates = match width {
        1 => in_plane(&points.iter().map(|p| [p[0], 1.0]).collect::<Vec<_>>()),
        2 => in_space(&points.iter().map(|p| [p[0], p[1], 1.0]).collect::<Vec<_>>()),
        _ => return None,
    };
    let points: Vec<Vec<f64>> = points.iter().map(|p| [p, &[1.0][..]].concat()).collect();
    let problem = Problem { points, y, lambda, gates };
    problem.solve(steps)
}

struct Problem<'a> {
    points: Vec<Vec<f64>>,
    y: &'a [f64],
    lambda: f64,
    gates: Vec<(Mask, f64)>,
}

/// One solution of the ridge for given weights.
struct Ridge {
    objective: f64,
    fit: Vec<f64>,
    /// |X' D_i alpha|^2 = alpha' K_i alpha of each gate.
    powers: Vec<f64>,
}

impl Problem<'_> {
    fn solve(&self, steps: usize) -> Option<Convex> {
        let measure: Vec<f64> = self.gates.iter().map(|(_, measure)| *measure).collect();
        let start = self.ridge(&measure)?;
        let mut eta = measure.clone();
        let mut now = self.ridge(&eta)?;
        let mut after = Vec::with_capacity(steps);
        for step in 0..STEPS as usize {
            if step >= steps && self.gap(&eta, &now) <= GAP * now.objective {
                break;
            }
            let lengths: Vec<f64> =
                eta.iter().zip(&now.powers).map(|(eta, power)| eta * power.sqrt()).collect();
            let sum: f64 = lengths.iter().sum();
            if sum <= 0.0 {
                // Nothing to fit: every weight is zero.
                after.resize(steps, now.objective);
                break;
            }
            eta = lengths.iter().map(|length| length / sum).collect();
            now = self.ridge(&eta)?;
            if step < steps {
                after.push(now.objective);
            }
        }
        let used = |eta: f64| eta > 1e-9;
        let powers = || eta.iter().zip(&now.powers);
        let on = || powers().filter(|(eta, _)| used(**eta)).map(|(_, power)| *power);
        let off = powers().filter(|(eta, _)| !used(**eta)).map(|(_, power)| *power).reduce(f64::max);
        let certificate = Certificate {
            support: on().fold(0.0, f64::max),
            least: on().fold(f64::INFINITY, f64::min),
            off,
            gap: self.gap(&eta, &now),
        };
        Some(Convex {
            masks: self.gates.iter().map(|(mask, _)| mask.iter().map(|on| u8::from(*on)).collect()).collect(),
            kernel: self.kernel(&measure),
            measure,
            objective_ntk: start.objective,
            fit_ntk: start.fit,
            objective_after: after,
            objective: now.objective,
            fit: now.fit,
            // What was driven towards zero all along.
            eta: eta.into_iter().map(|eta| if used(eta) { eta } else { 0.0 }).collect(),
            certificate,
        })
    }

    /// (lambda/2) (max_i alpha' K_i alpha - alpha' K(eta) alpha): the objective less a lower bound of the optimum.
    fn gap(&self, eta: &[f64], ridge: &Ridge) -> f64 {
        let most = ridge.powers.iter().copied().fold(0.0, f64::max);
        let average: f64 = eta.iter().zip(&ridge.powers).map(|(eta, power)| eta * power).sum();
        self.lambda / 2.0 * (most - average)
    }

    fn kernel(&self, eta: &[f64]) -> Vec<Vec<f64>> {
        let n = self.points.len();
        let mut kernel = vec![vec![0.0; n]; n];
        for (a, row) in kernel.iter_mut().enumerate() {
            for (b, entry) in row.iter_mut().enumerate() {
                let both = self.gates.iter().zip(eta).filter(|((mask, _), _)| mask[a] && mask[b]);
                let weight: f64 = both.map(|(_, eta)| eta).sum();
                *entry = weight * self.points[a].iter().zip(&self.points[b]).map(|(x, z)| x * z).sum::<f64>();
            }
        }
        kernel
    }

    /// None where the system is not positive: sizes past what f64 holds.
    fn ridge(&self, eta: &[f64]) -> Option<Ridge> {
        let kernel = self.kernel(eta);
        let mut system = kernel.clone();
        for (i, row) in system.iter_mut().enumerate() {
            row[i] += self.lambda;
        }
        let alpha = solve(system, self.y)?;
        let product = |row: &Vec<f64>| row.iter().zip(&alpha).map(|(k, a)| k * a).sum::<f64>();
        let fit: Vec<f64> = kernel.iter().map(product).collect();
        let objective = self.lambda / 2.0 * self.y.iter().zip(&alpha).map(|(y, a)| y * a).sum::<f64>();
        let powers = self
            .gates
            .iter()
            .map(|(mask, _)| {
                let width = self.points.first().map_or(0, Vec::len);
                let along = |k: usize| {
                    let on = self.points.iter().zip(&alpha).zip(mask).filter(|(_, on)| **on);
                    on.map(|((point, a), _)| a * point[k]).sum::<f64>()
                };
                (0..width).map(|k| along(k).powi(2)).sum()
            })
            .collect();
        Some(Ridge { objective, fit, powers })
    }
}

/// Solves a symmetric positive system by Cholesky's method.
fn solve(mut a: Vec<Vec<f64>>, y: &[f64]) -> Option<Vec<f64>> {
    let n = y.len();
    for j in 0..n {
        for i in j..n {
            let below: f64 = (0..j).map(|k| a[i][k] * a[j][k]).sum();
            let rest = a[i][j] - below;
            a[i][j] = if i == j { Some(rest.sqrt()).filter(|root| *root > 0.0)? } else { rest / a[j][j] };
        }
    }
    let mut x = y.to_vec();
    for i in 0..n {
        let below: f64 = (0..i).map(|k| a[i][k] * x[k]).sum();
        x[i] = (x[i] - below) / a[i][i];
    }
    for i in (0..n).rev() {
        let above: f64 = (i + 1..n).map(|k| a[k][i] * x[k]).sum();
        x[i] = (x[i] - above) / a[i][i];
    }
    Some(x)
}
