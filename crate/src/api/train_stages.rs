//! `train --criticality`: which stage's ReLUs matter, by training a network with the ReLUs of each stage alone.

use serde::Serialize;

use super::train::{TrainNet, TrainProgress, TrainSettings, shape_of, spec, task};
use super::train_runs::{Untrained, train};
use super::trained::TrainedBase;
use crate::error::{Code, Error};
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
    let spec =
        spec(&settings.net, Some(images))?.filter(|_| settings.teacher.is_none()).ok_or_else(|| {
            Error::new(Code::InvalidSetting, "the network has no stages")
                .hint("give resnet-1-1-1-1 or a network as JSON")
        })?;
    let places: Vec<usize> = (1..=spec.stages.len()).collect();
    let mut trained = |culled: &[usize]| -> Result<Vec<TrainedBase>, Untrained> {
        let text = serde_json::to_string(&spec.clone().culled(culled))
            .map_err(|error| Error::new(Code::InvalidSetting, error.to_string()))?;
        let settings = TrainSettings { net: TrainNet::Spec(text), methods: Vec::new(), ..settings.clone() };
        Ok(train(&settings, progress)?.bases)
    };
    let (all, none) = (trained(&[])?, trained(&places)?);
    let mut stages = Vec::new();
    for stage in &places {
        let others: Vec<usize> = places.iter().copied().filter(|other| other != stage).collect();
        let seeds = trained(&others)?;
        let mean = seeds.iter().map(|of| of.validation_accuracy).sum::<f64>() / seeds.len().max(1) as f64;
        let relus = seeds.first().map_or(0, |of| of.relus);
        stages.push(StageTrained {
            stage: *stage as u32,
            relus,
            validation_accuracy: mean,
            criticality: 0.0,
            seeds,
        });
    }
    let measured: Vec<_> = stages.iter().map(|of| (of.stage, of.validation_accuracy, of.relus)).collect();
    let first = measured.first().map_or(0.0, |(_, accuracy, _)| *accuracy);
    for of in &mut stages {
        of.criticality = (of.validation_accuracy - first) / (of.relus as f64).max(1.0).powf(0.07);
    }
    Ok(StagesTrained { data: settings.data.label(), all, none, stages, order: criticality_order(&measured) })
}
