//! `poly`: the polynomial that stands for an activation, and how wrong it is.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::poly::{self, Distribution, Histogram, Method, SignStage, Spec, Steps, Target};

/// What to fit; what is left out takes the default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PolySettings {
    /// `relu`, `relu6`, `leaky-relu`, `silu`, `gelu`, `hard-swish`, `sigmoid`, `tanh`.
    pub target: String,
    /// Slope of a LeakyReLU.
    pub slope: Option<f64>,
    /// `dapa`, `fit`, `minimax`, `chebyshev`, `sign`, `autorep`, `pillar`, `0.25x2+0.5x`, `x2+x`,
    /// `identity`.
    pub method: String,
    /// Degree; fixed coefficients have their own.
    pub degree: usize,
    /// Mean of the input.
    pub mean: f64,
    /// Its standard deviation.
    pub std: f64,
    /// Measured values, instead of mean and standard deviation.
    pub histogram: Option<Histogram>,
    /// Where minimax and Chebyshev fit, and where the largest error is looked for; by default
    /// mean +- 4 std, or the histogram's edges.
    pub range: Option<[f64; 2]>,
    /// Ridge of `fit`.
    pub ridge: Option<f64>,
    /// Degrees of the chain of `sign`.
    pub sign_degrees: Option<Vec<usize>>,
    /// Least |x| / range that the sign tells apart.
    pub sign_epsilon: Option<f64>,
}

impl Default for PolySettings {
    fn default() -> Self {
        Self {
            target: "relu".to_owned(),
            slope: None,
            method: Method::Dapa.name().to_owned(),
            degree: 2,
            mean: 0.0,
            std: 1.0,
            histogram: None,
            range: None,
            ridge: None,
            sign_degrees: None,
            sign_epsilon: None,
        }
    }
}

/// The JSON of `reluctant poly --json`: fields are only ever added.
#[derive(Clone, Debug, Serialize)]
pub struct PolyReport {
    /// Always `reluctant.poly/1`.
    pub schema: &'static str,
    /// The activation.
    pub target: &'static str,
    /// How it was found.
    pub method: &'static str,
    /// Ascending powers of x; empty for a chain.
    pub coefficients: Vec<f64>,
    /// Expected squared error.
    pub mse: f64,
    /// Largest error on `range`.
    pub max_error: f64,
    /// Where that is.
    pub max_error_at: f64,
    /// Share of the input outside `range`.
    pub outside: f64,
    /// Where it was fitted or judged.
    pub range: [f64; 2],
    /// Mean of the input.
    pub mean: f64,
    /// Its standard deviation.
    pub std: f64,
    /// Multiplications by Horner; None for a chain.
    pub horner: Option<Steps>,
    /// By baby and giant steps; of all stages, for a chain.
    pub paterson_stockmeyer: Steps,
    /// The chain of `sign`: each polynomial on what the one before leaves, the first on x / bound.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<SignStage>,
}

/// Fits a polynomial.
///
/// # Errors
/// `InvalidSetting`, `LimitExceeded`, `Overflow`.
pub fn polynomial(settings: &PolySettings) -> Result<PolyReport> {
    let mut target: Target = settings.target.parse()?;
    if let (Target::LeakyRelu(slope), Some(set)) = (&mut target, settings.slope) {
        *slope = set;
    }
    let law = match &settings.histogram {
        Some(histogram) => Distribution::Histogram(histogram.clone()),
        None => Distribution::Normal { mean: settings.mean, std: settings.std },
    };
    let mut spec = Spec::new(target, Method::written(&settings.method)?, settings.degree, law);
    spec.range = settings.range;
    spec.ridge = settings.ridge;
    spec.sign_degrees = settings.sign_degrees.clone().unwrap_or(spec.sign_degrees);
    spec.sign_epsilon = settings.sign_epsilon.unwrap_or(spec.sign_epsilon);
    let fit = poly::fit(&spec)?;
    let (mean, std) = spec.law.moments();
    Ok(PolyReport {
        schema: "reluctant.poly/1",
        target: target.name(),
        method: spec.method.name(),
        coefficients: fit.coefficients,
        mse: fit.measured.mse,
        max_error: fit.measured.max_error,
        max_error_at: fit.measured.max_error_at,
        outside: fit.measured.outside,
        range: fit.range,
        mean,
        std,
        horner: fit.horner,
        paterson_stockmeyer: fit.paterson_stockmeyer,
        stages: fit.stages,
    })
}
