//! `ascend`: the input that maximises a class. `reluctant.ascend/1`; field names are a contract: add, never rename.

use reluctant_train::climb::{Climb, climb, start};
use reluctant_train::layers::Map;
use reluctant_train::net::Net;
use reluctant_train::random::Random;
use serde::Serialize;

use crate::error::{Code, Error, Result};
use crate::run::tensor::{Data, Tensor};
use crate::train::source::Source;

/// How to climb.
#[derive(Clone, Debug, PartialEq)]
pub struct AscendSettings {
    /// Classes, one after another; all where empty.
    pub classes: Vec<usize>,
    /// Steps of each.
    pub steps: usize,
    /// What the number of largest gradient moves in a step, as a share of the box.
    pub step: f64,
    /// Slope of the copy left of 0 at first; it falls to 0.
    pub slope: f64,
    /// Smallest and largest number of an input.
    pub bounds: [f64; 2],
    /// Share of its ReLUs that stay, at random; what stands for others that are gone stands for these.
    pub keep: f64,
    /// Seed of the noise on the middle of the box, where each climb starts, and of the ReLUs that stay.
    pub seed: u64,
}

impl Default for AscendSettings {
    fn default() -> Self {
        Self {
            classes: Vec::new(),
            steps: 64,
            step: 0.05,
            slope: 0.3,
            bounds: [0.0, 1.0],
            keep: 1.0,
            seed: 0,
        }
    }
}

/// What one class reached.
#[derive(Clone, Debug, Serialize)]
pub struct AscendClass {
    /// Class.
    pub class: usize,
    /// Its logit at the start, by the network itself.
    pub start: f64,
    /// The best on the way of the copy's gradients.
    pub value: f64,
    /// The best on the way of the network's own (slope 0).
    pub own: f64,
}

/// What was reached.
#[derive(Clone, Debug, Serialize)]
pub struct AscendReport {
    /// Always `reluctant.ascend/1`.
    pub schema: &'static str,
    /// ReLUs that stay, of how many activations.
    pub relus: u64,
    /// Activations.
    pub activations: u64,
    /// Slope at first.
    pub slope: f64,
    /// Steps.
    pub steps: usize,
    /// Share of the box of a step.
    pub step: f64,
    /// The box.
    #[serde(rename = "box")]
    pub bounds: [f64; 2],
    /// Seed of the start.
    pub seed: u64,
    /// Numbers of a given start that lay outside the box and were moved to its edge.
    pub outside: usize,
    /// One a class.
    pub classes: Vec<AscendClass>,
}

/// Climbs a model (ONNX): the report, and the inputs of the copy's climbs, `[classes, channels, height, width]`.
///
/// # Errors
/// What is wrong with the file; `NotSupported` for what the training engine has no layer for; `LimitExceeded` for a network
/// too large; `InvalidSetting` for a class, a box or a start that does not fit.
pub fn ascend(
    (name, bytes): (&str, &[u8]),
    from: Option<&Tensor>,
    settings: &AscendSettings,
) -> Result<(AscendReport, Tensor)> {
    let mut net = Source::file(name, bytes)?.small()?.net;
    if !(0.0..=1.0).contains(&settings.keep) {
        return Err(Error::new(
            Code::InvalidSetting,
            "the share of the ReLUs that stay lies between 0 and 1",
        ));
    }
    if settings.keep < 1.0 {
        let stay = (net.relus() as f64 * settings.keep).round() as usize;
        net.thin(stay, &mut Random::new(settings.seed));
    }
    if !(1..=MOST_STEPS).contains(&settings.steps) {
        return Err(Error::new(Code::InvalidSetting, "1 to 100,000 steps are climbed"));
    }
    let [c, h, w] = net.shape(0);
    let begin = match from {
        Some(tensor) => given(&net, tensor)?,
        None => start(&net, settings.bounds, settings.seed),
    };
    let [low, high] = settings.bounds.map(|bound| bound as f32);
    let outside = begin.iter().filter(|v| **v < low || **v > high).count();
    let every: Vec<usize> = (0..net.classes()).collect();
    let wanted = if settings.classes.is_empty() { &every } else { &settings.classes };
    let (mut classes, mut inputs) = (Vec::new(), Vec::new());
    for class in wanted {
        let how = |slope: f64, steps: usize| Climb {
            class: *class,
            steps,
            step: settings.step,
            slope,
            bounds: settings.bounds,
        };
        let go = |slope: f64, steps: usize| {
            climb(&net, &how(slope, steps), begin.clone())
                .map_err(|unfit| Error::new(Code::InvalidSetting, unfit.0))
        };
        let top = go(settings.slope, settings.steps)?;
        inputs.extend(top.x.iter().copied());
        classes.push(AscendClass {
            class: *class,
            start: go(0.0, 0)?.value,
            value: top.value,
            own: go(0.0, settings.steps)?.value,
        });
    }
    let report = AscendReport {
        schema: "reluctant.ascend/1",
        relus: net.relus() as u64,
        activations: net.activations() as u64,
        slope: settings.slope,
        steps: settings.steps,
        step: settings.step,
        bounds: settings.bounds,
        seed: settings.seed,
        outside,
        classes,
    };
    Ok((report, Tensor::new(vec![wanted.len(), c, h, w], inputs)?))
}

const MOST_STEPS: usize = 100_000;

/// One input, where it is the network's.
fn given(net: &Net<f32>, tensor: &Tensor) -> Result<Map<f32>> {
    let [c, h, w] = net.shape(0);
    let Data::F32(numbers) = tensor.clone().cast(crate::ir::dtype::DType::F32)?.into_data() else {
        return Err(Error::new(Code::InvalidSetting, "a start is numbers"));
    };
    // The engine's maps have images last.
    Map::from_shape_vec((c, h, w, 1), numbers)
        .map_err(|_| Error::new(Code::InvalidSetting, format!("a start is one input of {c}x{h}x{w}")))
}
