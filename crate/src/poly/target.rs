//! The activations that are replaced.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Code, Error, Result};

/// An activation of one variable.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// max(x, 0).
    Relu,
    /// min(max(x, 0), 6).
    Relu6,
    /// x where positive, slope * x elsewhere.
    LeakyRelu(f64),
    /// x sigmoid(x).
    Silu,
    /// x Phi(x).
    Gelu,
    /// x relu6(x + 3) / 6.
    HardSwish,
    /// 1 / (1 + e^-x).
    Sigmoid,
    /// tanh(x).
    Tanh,
}

/// LeakyReLU's slope where none is given: ONNX's default.
pub const DEFAULT_SLOPE: f64 = 0.01;

/// slope * x + sum of weight * max(x - knot, 0): a target made of straight lines.
pub(super) struct Hinges {
    pub(super) slope: f64,
    /// (weight, knot)
    pub(super) hinges: &'static [(f64, f64)],
    /// Factor of the hinges.
    pub(super) scale: f64,
}

impl Target {
    /// Its value at x.
    pub fn value(self, x: f64) -> f64 {
        match self {
            Self::Relu => x.max(0.0),
            Self::Relu6 => x.clamp(0.0, 6.0),
            Self::LeakyRelu(slope) => {
                if x > 0.0 {
                    x
                } else {
                    slope * x
                }
            }
            Self::Silu => x * sigmoid(x),
            Self::Gelu => 0.5 * x * libm::erfc(-x / std::f64::consts::SQRT_2),
            Self::HardSwish => x * (x + 3.0).clamp(0.0, 6.0) / 6.0,
            Self::Sigmoid => sigmoid(x),
            Self::Tanh => x.tanh(),
        }
    }

    /// Its slope at x; the mean of both sides at a kink.
    pub fn slope(self, x: f64) -> f64 {
        let step = 1e-5 * x.abs().max(1.0);
        match self {
            Self::Relu => 0.5 + 0.5 * sign_or_zero(x),
            Self::LeakyRelu(slope) => 0.5 * (1.0 + slope) + 0.5 * (1.0 - slope) * sign_or_zero(x),
            // Central difference: 1e-10 off where smooth.
            _ => (self.value(x + step) - self.value(x - step)) / (2.0 * step),
        }
    }

    /// Where it is not smooth.
    pub fn kinks(self) -> &'static [f64] {
        match self {
            Self::Relu | Self::LeakyRelu(_) => &[0.0],
            Self::Relu6 => &[0.0, 6.0],
            Self::HardSwish => &[-3.0, 3.0],
            Self::Silu | Self::Gelu | Self::Sigmoid | Self::Tanh => &[],
        }
    }

    pub(super) fn hinges(self) -> Option<Hinges> {
        match self {
            Self::Relu => Some(Hinges { slope: 0.0, hinges: &[(1.0, 0.0)], scale: 1.0 }),
            Self::LeakyRelu(slope) => Some(Hinges { slope, hinges: &[(1.0, 0.0)], scale: 1.0 - slope }),
            Self::Relu6 => Some(Hinges { slope: 0.0, hinges: &[(1.0, 0.0), (-1.0, 6.0)], scale: 1.0 }),
            _ => None,
        }
    }

    /// As settings write it; a LeakyReLU's slope stands apart.
    pub fn name(self) -> &'static str {
        match self {
            Self::Relu => "relu",
            Self::Relu6 => "relu6",
            Self::LeakyRelu(_) => "leaky-relu",
            Self::Silu => "silu",
            Self::Gelu => "gelu",
            Self::HardSwish => "hard-swish",
            Self::Sigmoid => "sigmoid",
            Self::Tanh => "tanh",
        }
    }
}

impl FromStr for Target {
    type Err = Error;

    /// Case and separators do not matter: `HardSwish`, `hard-swish`, `leaky_relu`.
    fn from_str(text: &str) -> Result<Self> {
        let plain: String = text.chars().filter(|c| c.is_alphanumeric()).collect();
        Ok(match plain.to_ascii_lowercase().as_str() {
            "relu" => Self::Relu,
            "relu6" => Self::Relu6,
            "leakyrelu" => Self::LeakyRelu(DEFAULT_SLOPE),
            "silu" | "swish" => Self::Silu,
            "gelu" => Self::Gelu,
            "hardswish" => Self::HardSwish,
            "sigmoid" => Self::Sigmoid,
            "tanh" => Self::Tanh,
            _ => {
                return Err(Error::new(Code::InvalidSetting, format!("no activation is called {text}"))
                    .hint("relu, relu6, leaky-relu, silu, gelu, hard-swish, sigmoid or tanh"));
            }
        })
    }
}

fn sigmoid(x: f64) -> f64 {
    if x >= 0.0 {
        1.0 / (1.0 + (-x).exp())
    } else {
        let e = x.exp();
        e / (1.0 + e)
    }
}

fn sign_or_zero(x: f64) -> f64 {
    if x == 0.0 { 0.0 } else { x.signum() }
}
