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
    /// Gates, kernel, objectives and the optimum.
    #[serde(flatten)]
    pub found: lab::Convex,
}

/// The best point of a climb.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct AscentReport {
    /// Always `reluctant.ascent/1`.
    pub schema: &'static str,
    /// It.
    #[serde(flatten)]
    pub best: lab::Ascent,
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
    Ok(NtkReport { schema: "reluctant.ntk/1", found })
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
    Ok(AscentReport { schema: "reluctant.ascent/1", best: lab::ascent(slope, start, steps, mu) })
}
