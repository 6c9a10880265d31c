//! One door to all methods.

use super::distribution::Distribution;
use super::hermite::Normal;
use super::least_squares::{DEFAULT_RIDGE, least_squares};
use super::measure::{Measured, largest, measure};
use super::sign::{SignStage, sign, sign_steps};
use super::steps::{Steps, horner, paterson_stockmeyer};
use super::target::Target;
use super::{minimax, presets};
use crate::error::{Code, Error, Result};
use crate::limits::MAX_POLY_DEGREE;
use crate::names::names;

names! { "method",
    /// How coefficients are found; in the order in which methods are offered.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum Method {
        /// Least expected squared error under a normal input (Hermite projection).
        #[default]
        Dapa = "dapa",
        /// Least squared error on the measured histogram.
        Fit = "fit",
        /// Least largest error on the range (Remez).
        Minimax = "minimax",
        /// Interpolation at the Chebyshev nodes of the range.
        Chebyshev = "chebyshev",
        /// x (1 + sign(x)) / 2, the sign as a chain of minimax polynomials. ReLU only.
        Sign = "sign",
        /// What AutoReP's released code starts from.
        Autorep = "autorep",
        /// 0.293262 + 0.5 x + 0.163899 x^2 - 0.00327145 x^4.
        Pillar = "pillar",
        /// 0.25 x^2 + 0.5 x.
        Quarter = "0.25x2+0.5x",
        /// x^2 + x.
        Square = "x2+x",
        /// x.
        Identity = "identity",
    }
}

impl Method {
    /// A method as a person writes it: `x^2 + x` is [`Method::Square`].
    ///
    /// # Errors
    /// `InvalidSetting` for any other text.
    pub fn written(text: &str) -> Result<Self> {
        text.parse().or_else(|as_typed| text.replace(['^', ' '], "").parse().map_err(|_| as_typed))
    }
}

/// What to fit.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    /// The activation.
    pub target: Target,
    /// How.
    pub method: Method,
    /// Degree; presets have their own.
    pub degree: usize,
    /// How the input is spread.
    pub law: Distribution,
    /// Where minimax and Chebyshev fit, and where the largest error is taken; None for the law's.
    pub range: Option<[f64; 2]>,
    /// Weight of the ridge of [`Method::Fit`]; None for 1e-9.
    pub ridge: Option<f64>,
    /// Degrees of the chain of [`Method::Sign`].
    pub sign_degrees: Vec<usize>,
    /// Least |x| / range that the sign must tell apart.
    pub sign_epsilon: f64,
}

impl Spec {
    /// A fit with everything else at its default.
    pub fn new(target: Target, method: Method, degree: usize, law: Distribution) -> Self {
        Self {
            target,
            method,
            degree,
            law,
            range: None,
            ridge: None,
            sign_degrees: vec![15, 15, 27],
            // Error 1e-4.
            sign_epsilon: 1.0 / 512.0,
        }
    }
}

/// A polynomial in place of an activation.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// Ascending powers of x; empty for a chain.
    pub coefficients: Vec<f64>,
    /// The chain of [`Method::Sign`], for x / bound where bound is the range's larger end.
    pub stages: Vec<SignStage>,
    /// The range that it was fitted to or judged on.
    pub range: [f64; 2],
    /// How wrong it is.
    pub measured: Measured,
    /// By Horner; None for a chain.
    pub horner: Option<Steps>,
    /// By baby and giant steps.
    pub paterson_stockmeyer: Steps,
}

/// Fits.
///
/// # Errors
/// `InvalidSetting` for what is out of range, `Overflow` where coefficients leave double precision.
pub fn fit(spec: &Spec) -> Result<Fit> {
    spec.law.check()?;
    let invalid = |text: String| Err(Error::new(Code::InvalidSetting, text));
    if spec.degree > MAX_POLY_DEGREE {
        return invalid(format!("degree {} is above {MAX_POLY_DEGREE}", spec.degree));
    }
    let preset_range = (spec.method == Method::Pillar).then_some(presets::PILLAR_RANGE);
    let range = spec.range.or(preset_range).unwrap_or_else(|| spec.law.range());
    let [low, high] = range;
    if !(low.is_finite() && high.is_finite() && low < high && low.abs().max(high.abs()) <= 1e9) {
        return invalid("the range needs two ends, low below high, up to 1e9".to_owned());
    }
    if spec.method == Method::Sign {
        return chain(spec, range);
    }
    let (mean, std) = spec.law.moments();
    let (target, degree) = (spec.target, spec.degree);
    let relu_only = |coefficients: Vec<f64>| match target {
        Target::Relu => Ok(coefficients),
        other => Err(Error::new(
            Code::InvalidSetting,
            format!("{} stands for ReLU, not for {}", spec.method.name(), other.name()),
        )),
    };
    let coefficients = match spec.method {
        Method::Dapa => Normal { mean, std }.dapa(target, degree),
        Method::Fit => {
            let nodes = spec.law.nodes(target.kinks(), 2 * degree);
            least_squares(&nodes, |x| target.value(x), degree, spec.ridge.unwrap_or(DEFAULT_RIDGE))
        }
        Method::Minimax => minimax::minimax(target, degree, range)?,
        Method::Chebyshev => minimax::chebyshev(target, degree, range),
        Method::Autorep => relu_only(presets::autorep(mean, std, degree)?)?,
        Method::Pillar => relu_only(presets::PILLAR.to_vec())?,
        Method::Quarter => presets::QUARTER.to_vec(),
        Method::Square => presets::SQUARE.to_vec(),
        Method::Identity | Method::Sign => presets::IDENTITY.to_vec(),
    };
    let mut measured = measure(target, &coefficients, &spec.law, range);
    if let (Method::Dapa, Target::Relu, Distribution::Normal { .. }) = (spec.method, target, &spec.law) {
        // Keeps tails that a sum of squares loses.
        measured.mse = Normal { mean, std }.relu_error(degree);
    }
    if !coefficients.iter().chain([&measured.mse, &measured.max_error]).all(|c| c.is_finite()) {
        return Err(Error::new(Code::Overflow, "the coefficients leave double precision")
            .hint("take a lower degree, or a range nearer to 1"));
    }
    let (horner, paterson_stockmeyer) = (Some(horner(&coefficients)), paterson_stockmeyer(&coefficients));
    Ok(Fit { coefficients, stages: Vec::new(), range, measured, horner, paterson_stockmeyer })
}

/// ReLU by the sign.
fn chain(spec: &Spec, range: [f64; 2]) -> Result<Fit> {
    if spec.target != Target::Relu {
        return Err(Error::new(Code::InvalidSetting, "the sign stands for ReLU"));
    }
    let stages = sign(&spec.sign_degrees, spec.sign_epsilon)?;
    let [low, high] = range;
    let bound = low.abs().max(high.abs());
    let relu = |x: f64| {
        let sign = stages.iter().fold(x / bound, |at, stage| stage.value(at));
        0.5 * x * (1.0 + sign)
    };
    let error = |x: f64| x.max(0.0) - relu(x);
    // Outside the bound the chain explodes; the share outside tells how often.
    let inside = |x: f64| x.abs() <= bound;
    let nodes = spec.law.nodes(&[0.0, -bound, bound], 2);
    let mse = nodes.iter().filter(|(x, _)| inside(*x)).map(|(x, w)| w * error(*x).powi(2)).sum();
    let edges = [0.0, spec.sign_epsilon * bound, -spec.sign_epsilon * bound];
    let (max_error_at, max_error) = largest(&error, range, &edges);
    let outside = spec.law.outside([-bound, bound]);
    Ok(Fit {
        coefficients: Vec::new(),
        paterson_stockmeyer: sign_steps(&stages),
        stages,
        range,
        measured: Measured { mse, max_error, max_error_at, outside },
        horner: None,
    })
}
