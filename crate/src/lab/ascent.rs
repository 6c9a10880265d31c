//! Activation maximisation with a proxy slope, after arXiv 2410.16958: the toy function is ours.
//!
//! f(x) = relu(x) + relu(-3 x - 1) on [-1, 1]: a local maximum 1 at x = 1, the global one 2 at x = -1, flat on
//! [-1/3, 0]. The gradient is taken through a copy whose negative side has slope b: left of 0 it is never flat, and right
//! of 0 it is 1 - 3 b, which turns round at b = 1/3.

use serde::Serialize;

/// The best point of a climb.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Ascent {
    /// Where.
    pub x: f64,
    /// The true function there.
    pub value: f64,
}

/// The true function.
fn value(x: f64) -> f64 {
    x.max(0.0) + (-3.0 * x - 1.0).max(0.0)
}

/// The gradient through the copy.
pub(super) fn proxy(x: f64, slope: f64) -> f64 {
    let side = |z: f64| if z > 0.0 { 1.0 } else { slope };
    side(x) - 3.0 * side(-3.0 * x - 1.0)
}

/// The best true value on the way of `steps` steps of `mu` times the proxy gradient, from `start`; x stays in [-1, 1].
pub fn ascent(slope: f64, start: f64, steps: u32, mu: f64) -> Ascent {
    let at = |x: f64| Ascent { x, value: value(x) };
    let mut x = start.clamp(-1.0, 1.0);
    let mut best = at(x);
    for _ in 0..steps {
        x = (x + mu * proxy(x, slope)).clamp(-1.0, 1.0);
        let now = at(x);
        if now.value > best.value {
            best = now;
        }
    }
    best
}
