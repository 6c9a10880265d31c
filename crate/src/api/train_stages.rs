//! `train --criticality`: which stage's ReLUs matter, by training a network with the ReLUs of each stage alone.

use serde::Serialize;

use super::train::{TrainNet, TrainProgress, TrainSettings, shape_of, spec, task};
use super::train_runs::{Untrained, train};
use super::trained::TrainedBase;
use crate::design::Spec;
use crate::error::{Code, Error, Result};
use crate::select::criticality_order;

/// The JSON of `reluctant train --criticality --json`.
#[derive(Clone, Debug, Serialize)]
pub struct StagesTrained {
    /// What it was trained on.
    pub data: &'static str,
    /// With all ReLUs, one a seed.
    pub all: Vec<TrainedBase>,
    /// With none.
    pub none: Vec<TrainedBase>,
    /// With those of one stage alone; the stem's belong to the first.
    pub stages: Vec<StageTrained>,
    /// Stages from the most to the least critical, by the accuracy on the validation images.
    pub order: Vec<u32>,
}

/// A network with the ReLUs of one stage.
#[derive(Clone, Debug, Serialize)]
pub struct StageTrained {
    /// From 1.
    pub stage: u32,
    /// ReLUs of one image.
    pub relus: u64,
    /// Mean accuracy on the validation images.
    pub validation_accuracy: f64,
    /// DeepReDuce's metric of that: (accuracy - the first stage's) / ReLUs^0.07.
    pub criticality: f64,
    /// One a seed.
    pub seeds: Vec<TrainedBase>,
}

/// Trains the network with all ReLUs, with none, and with those of each stage alone: each from the start, for each seed.
///
/// # Errors
/// `InvalidSetting` for a network without stages; as [`train`].
pub fn train_stages(
    settings: &TrainSettings,
    progress: &mut dyn FnMut(&TrainProgress<'_>),
) -> Result<StagesTrained, Untrained> {
    let images = shape_of(&task(settings)?);
    let spec = staged(&settings.net, images, settings.teacher.is_some())?;
    let places: Vec<u32> = (1..=spec.stages.len() as u32).collect();
    let mut trained = |only: &[u32]| -> Result<Vec<TrainedBase>, Untrained> {
        let text = serde_json::to_string(&alone(spec.clone(), only)?)
            .map_err(|error| Error::new(Code::InvalidSetting, error.to_string()))?;
        let settings = TrainSettings { net: TrainNet::Spec(text), methods: Vec::new(), ..settings.clone() };
        Ok(train(&settings, progress)?.bases)
    };
    let (all, none) = (trained(&places)?, trained(&[])?);
    let mut stages = Vec::new();
    for stage in places {
        let seeds = trained(&[stage])?;
        let mean = seeds.iter().map(|of| of.validation_accuracy).sum::<f64>() / seeds.len().max(1) as f64;
        let relus = seeds.first().map_or(0, |of| of.relus);
        stages.push(StageTrained { stage, relus, validation_accuracy: mean, criticality: 0.0, seeds });
    }
    let measured: Vec<_> = stages.iter().map(|of| (of.stage, of.validation_accuracy, of.relus)).collect();
    let ranked = rank_stages(&measured);
    for (of, criticality) in stages.iter_mut().zip(ranked.criticality) {
        of.criticality = criticality;
    }
    Ok(StagesTrained { data: settings.data.label(), all, none, stages, order: ranked.order })
}

/// The network as a spec, where it is made of stages.
///
/// # Errors
/// `InvalidSetting` where it is not, or was `taught`; as the spec's.
pub(super) fn staged(net: &TrainNet, images: ([usize; 3], usize), taught: bool) -> Result<Spec> {
    spec(net, Some(images))?.filter(|_| !taught).ok_or_else(|| {
        Error::new(Code::InvalidSetting, "the network has no stages")
            .hint("give resnet-1-1-1-1 or a network as JSON")
    })
}

/// The same network with the ReLUs of these stages alone.
///
/// # Errors
/// `InvalidSetting` for a stage that it does not have.
pub(super) fn alone(spec: Spec, only: &[u32]) -> Result<Spec> {
    let all = spec.stages.len();
    if let Some(other) = only.iter().find(|place| **place == 0 || **place as usize > all) {
        let text = format!("stage {other} of a network of {all}");
        return Err(Error::new(Code::InvalidSetting, text));
    }
    let others: Vec<usize> = (1..=all).filter(|place| !only.contains(&(*place as u32))).collect();
    Ok(spec.culled(&others))
}

/// Stages by their criticality.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct StagesRanked {
    /// Of each, in the order that they came in: DeepReDuce's metric, (accuracy - the first's) / ReLUs^0.07.
    pub criticality: Vec<f64>,
    /// From the most to the least critical.
    pub order: Vec<u32>,
}

/// Ranks stages, each with the accuracy of the network with its ReLUs alone (0 to 1) and their number.
pub fn rank_stages(measured: &[(u32, f64, u64)]) -> StagesRanked {
    let first = measured.first().map_or(0.0, |(_, accuracy, _)| *accuracy);
    let metric =
        |(_, accuracy, relus): &(u32, f64, u64)| (accuracy - first) / (*relus as f64).max(1.0).powf(0.07);
    StagesRanked { criticality: measured.iter().map(metric).collect(), order: criticality_order(measured) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What docs/training.md has of the figures; (0.837 - 0.769) / 1024^0.07 = 0.068 / 1.6245.
    #[test]
    fn stages_are_ranked_by_what_each_brings_alone() {
        let measured = [(1, 0.769, 2560), (2, 0.837, 1024), (3, 0.830, 512), (4, 0.743, 256)];
        let StagesRanked { criticality, order } = rank_stages(&measured);
        assert_eq!(order, [2, 3, 1, 4]);
        for (found, expected) in criticality.iter().zip([0.0, 0.041_858, 0.039_414, -0.017_636]) {
            assert!((found - expected).abs() < 1e-5, "{criticality:?}");
        }
        assert_eq!(rank_stages(&[]), StagesRanked { criticality: Vec::new(), order: Vec::new() });
    }
}
