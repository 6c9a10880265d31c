//! `lab`: demonstrations with plain numbers. `reluctant.ntk/1` and `reluctant.ascent/1`; field names are a contract: add,
//! never rename.

use serde::Serialize;

use crate::error::{Code, Error, Result};
use crate::lab;

/// Gated ReLUs as a convex programme.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct NtkReport {
    /// Always `reluctant.ntk/1`.
    pub schema: &'static str,
    /// Patterns of the gates, 1 where a gate is open at a point; by the angle of their directions on a line.
    pub masks: Vec<Vec<u8>>,
    /// Share of Gaussian directions that make each.
    pub measure: Vec<f64>,
    /// The neural tangent kernel of the points, row by row.
    pub kernel: Vec<Vec<f64>>,
    /// The objective with the kernel as it is.
    pub objective_ntk: f64,
    /// What that fits.
    pub fit_ntk: Vec<f64>,
    /// After each step of the reweighting.
    pub objective_after: Vec<f64>,
    /// The optimum.
    pub objective: f64,
    /// What it fits.
    pub fit: Vec<f64>,
    /// Weight of each gate at the optimum.
    pub eta: Vec<f64>,
    /// That it is the optimum.
    pub certificate: NtkCertificate,
}

/// alpha' K_i alpha at the optimum: equal on the support, not larger off it.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct NtkCertificate {
    /// On the support, the largest.
    pub support: f64,
    /// On the support, the least.
    pub least: f64,
    /// Off it, the largest; None where every gate is used.
    pub off: Option<f64>,
    /// At most so much of the objective is left to gain.
    pub gap: f64,
}

/// The best point of a climb.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct AscentReport {
    /// Always `reluctant.ascent/1`.
    pub schema: &'static str,
    /// Where.
    pub x: f64,
    /// The true function there.
    pub value: f64,
}

/// From the neural tangent kernel of some points to the optimum of gated ReLUs on them; a constant 1 is appended to each.
///
/// # Errors
/// `InvalidSetting` for points of other than one or two numbers, too many of them, labels that are not one a point, and
/// lambda that is not above 0.
pub fn ntk(points: &[Vec<f64>], y: &[f64], lambda: f64, steps: usize) -> Result<NtkReport> {
    let refuse = |text: &str| Error::new(Code::InvalidSetting, text);
    if points.len() != y.len() {
        return Err(refuse("each point has one label: lists of x and y are of one length"));
    }
    if steps > MOST_STEPS {
        return Err(refuse("at most 10,000 steps are reported"));
    }
    let found = lab::convex(points, y, lambda, steps).ok_or_else(|| {
        refuse("points are 1 to 64 of one or two finite numbers each, and lambda lies above 0")
    })?;
    let certificate = found.certificate;
    Ok(NtkReport {
        schema: "reluctant.ntk/1",
        masks: found.masks.iter().map(|mask| mask.iter().map(|on| u8::from(*on)).collect()).collect(),
        measure: found.measure,
        kernel: found.kernel,
        objective_ntk: found.objective_ntk,
        fit_ntk: found.fit_ntk,
        objective_after: found.objective_after,
        objective: found.objective,
        fit: found.fit,
        eta: found.eta,
        certificate: NtkCertificate {
            support: certificate.support,
            least: certificate.least,
            off: certificate.off,
            gap: certificate.gap,
        },
    })
}

const MOST_STEPS: usize = 10_000;

/// Climbs the toy function with a gradient through slope `slope`, `steps` times `mu`.
///
/// # Errors
/// `InvalidSetting` for numbers that are not finite, or more than a million steps.
pub fn ascent(slope: f64, start: f64, steps: u32, mu: f64) -> Result<AscentReport> {
    if ![slope, start, mu].iter().all(|x| x.is_finite()) || steps > 1_000_000 {
        return Err(Error::new(
            Code::InvalidSetting,
            "slope, start and mu are finite, steps at most 1,000,000",
        ));
    }
    let lab::Ascent { x, value } = lab::ascent(slope, start, steps, mu);
    Ok(AscentReport { schema: "reluctant.ascent/1", x, value })
}
