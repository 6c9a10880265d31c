//! One activation for the eye: what flows in, its polynomial, and what other degrees would give.

use serde::Serialize;

use super::fit::Way;
use super::flow::{Flow, Spread};
use super::network::Network;
use super::question::Question;
use crate::error::{Code, Error, Result};
use crate::poly::{self, Spec, Steps, Target};

/// Points of a curve.
const POINTS: usize = 161;
/// Degrees that are compared.
const DEGREES: std::ops::RangeInclusive<usize> = 1..=8;

/// What flows into one activation, and its polynomial.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LayerView {
    /// Its node, as the score counts them.
    pub index: u32,
    /// Name of its result.
    pub output: String,
    /// What it computes.
    pub target: &'static str,
    /// Channels there are to see.
    pub channels: usize,
    /// None: all together.
    pub channel: Option<usize>,
    /// Of what flows in.
    pub mean: f64,
    /// Standard deviation.
    pub std: f64,
    /// What was seen; None without data.
    pub histogram: Option<Bins>,
    /// How it is fitted.
    #[cfg_attr(test, ts(as = "crate::poly::Method"))]
    pub method: &'static str,
    /// Degree.
    pub degree: usize,
    /// Ascending powers of x.
    pub coefficients: Vec<f64>,
    /// Where it was fitted.
    pub range: [f64; 2],
    /// Expected squared error.
    pub mse: f64,
    /// Largest error on the range.
    pub max_error: f64,
    /// Where that is.
    pub max_error_at: f64,
    /// Share of the input outside the range.
    pub outside: f64,
    /// For drawing.
    pub curve: Curve,
    /// By Horner.
    pub horner: Option<Operations>,
    /// By baby and giant steps.
    pub paterson_stockmeyer: Operations,
    /// Errors of other degrees; empty where the method has none.
    pub by_degree: Vec<DegreeError>,
}

/// A histogram of equal bins.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Bins {
    /// Where the first bin starts.
    pub low: f64,
    /// Width of each.
    pub width: f64,
    /// Values in each.
    pub counts: Vec<u64>,
}

/// Points over what was seen and fitted.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Curve {
    /// Places.
    pub x: Vec<f64>,
    /// The activation there.
    pub activation: Vec<f64>,
    /// The polynomial there.
    pub polynomial: Vec<f64>,
}

/// What one evaluation takes.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Operations {
    /// Products of two secrets and with coefficients.
    pub multiplications: usize,
    /// The longest chain of them.
    pub depth: usize,
}

/// Errors of one degree.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DegreeError {
    /// Degree.
    pub degree: usize,
    /// Expected squared error.
    pub mse: f64,
    /// Largest error on the range.
    pub max_error: f64,
}

impl From<Steps> for Operations {
    fn from(steps: Steps) -> Self {
        Self { multiplications: steps.products + steps.scalings, depth: steps.depth }
    }
}

/// One activation under a question, and what flows into it in the original.
///
/// # Errors
/// `InvalidSetting` for a layer or channel that is none; as fitting.
pub fn view(
    network: &Network,
    question: &Question,
    flows: &[Flow],
    output: &str,
    channel: Option<usize>,
) -> Result<LayerView> {
    let none = |what: &str| Error::new(Code::InvalidSetting, format!("the model has no such {what}"));
    let mut layers = question.sites.iter().zip(&question.ways).zip(flows);
    let layer = layers.find(|((activation, _), _)| network.output(activation) == output);
    let ((activation, way), flow) = layer.ok_or_else(|| none("activation").value(output))?;
    let spread = flow.spread(channel).ok_or_else(|| none("channel").value(output))?;
    let (target, way) = (activation.target, *way);
    let fit = poly::fit(&spec(target, way, spread))?;
    let histogram = spread.histogram();
    let [mut low, mut high] = fit.range;
    if let Some(seen) = histogram {
        (low, high) = (low.min(seen.low), high.max(seen.high));
    }
    let x: Vec<f64> = (0..POINTS).map(|i| low + (high - low) * i as f64 / (POINTS - 1) as f64).collect();
    let curve = Curve {
        activation: x.iter().map(|x| target.value(*x)).collect(),
        polynomial: x.iter().map(|x| poly::value(&fit.coefficients, *x)).collect(),
        x,
    };
    let degrees = DEGREES.filter(|_| way.has_degrees()).filter_map(|degree| {
        // A method may lack a degree.
        let fit = poly::fit(&spec(target, Way { degree, ..way }, spread)).ok()?;
        Some(DegreeError { degree, mse: fit.measured.mse, max_error: fit.measured.max_error })
    });
    let degree = if way.has_degrees() { way.degree } else { fit.coefficients.len().saturating_sub(1) };
    Ok(LayerView {
        index: activation.node.0,
        output: output.to_owned(),
        target: target.name(),
        channels: flow.spreads(true).len(),
        channel,
        mean: spread.mean,
        std: spread.std,
        histogram: histogram.map(|h| Bins {
            low: h.low,
            width: (h.high - h.low) / h.counts.len().max(1) as f64,
            counts: h.counts.clone(),
        }),
        method: way.method.name(),
        degree,
        outside: spread.seen.as_ref().map_or(fit.measured.outside, |seen| seen.outside(fit.range)),
        coefficients: fit.coefficients,
        range: fit.range,
        mse: fit.measured.mse,
        max_error: fit.measured.max_error,
        max_error_at: fit.measured.max_error_at,
        curve,
        horner: fit.horner.map(Operations::from),
        paterson_stockmeyer: fit.paterson_stockmeyer.into(),
        by_degree: degrees.collect(),
    })
}

fn spec(target: Target, way: Way, spread: &Spread) -> Spec {
    Spec::new(target, way.method, way.degree, spread.law(way.method))
}
