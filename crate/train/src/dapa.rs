//! Distribution-aware polynomial approximation: the polynomial that is nearest to ReLU in mean square where x is
//! normal, from a channel's mean and variance.

use serde::{Deserialize, Serialize};

/// How coefficients are made of a channel's moments.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Start {
    /// The best fit of this degree (0 to 2).
    Best(usize),
    /// As the released code: the variance, at least this much, in the place of the deviation, the constant by 5, the
    /// square by 10 and times the scale.
    Code {
        /// `var_min`, 0.5 in the scripts.
        least: f64,
        /// `scale_x2`, 0.1 in the CIFAR scripts.
        scale: f64,
    },
}

/// As the CIFAR scripts of the released code start.
pub const CODE: Start = Start::Code { least: 0.5, scale: 0.1 };

impl Start {
    /// Constant, x, x^2.
    pub fn coefficients(self, mean: f64, variance: f64) -> [f64; 3] {
        match self {
            Self::Best(degree) => best(mean, variance.max(1e-12).sqrt(), degree),
            Self::Code { least, scale } => {
                let [c0, c1, c2] = best(mean, variance.max(least), 2);
                [c0 / 5.0, c1, c2 / 10.0 * scale]
            }
        }
    }
}

/// Whether a training pass, counted from 1, overwrites the coefficients: every tenth of the first 508.
pub fn due(pass: u32) -> bool {
    pass <= 508 && pass.is_multiple_of(10)
}

/// The best constant, line or parabola for relu(x), x normal of this mean and deviation.
pub fn best(mean: f64, deviation: f64, degree: usize) -> [f64; 3] {
    let a = mean / deviation;
    let density = libm::exp(-a * a / 2.0) / std::f64::consts::TAU.sqrt();
    let below = libm::erfc(-a / std::f64::consts::SQRT_2) / 2.0;
    match degree {
        0 => [deviation * (density + a * below), 0.0, 0.0],
        1 => [deviation * density, below, 0.0],
        _ => [deviation * density * (1.0 + a * a) / 2.0, below - a * density, density / (2.0 * deviation)],
    }
}
