//! `train --gap`: a small network, its every mask, and the regret of each selector.

use std::time::Instant;

use reluctant_train::run::{Run, Stopped, accuracy};
use serde::Serialize;

use super::train::{TrainSettings, checked, options, shape_of, source, task};
use crate::error::{Code, Error, Result};
use crate::limits::MAX_TRAINED_BYTES;
use crate::train::gap::front;
pub use crate::train::gap::{GapBudget, Instead, MaskFront, Selector, SelectorKept};

/// The JSON of `reluctant train --gap --json`.
#[derive(Clone, Debug, Serialize)]
pub struct Gap {
    /// What it was trained on.
    pub data: &'static str,
    /// Images to train on, to choose by, to test on.
    pub images: [usize; 3],
    /// ReLUs of one image when all stay.
    pub relus: u64,
    /// Channels of all activations: two to this power masks were tried.
    pub channels: usize,
    /// One a seed.
    pub seeds: Vec<GapOfSeed>,
}

/// One trained network.
#[derive(Clone, Debug, Serialize)]
pub struct GapOfSeed {
    /// Seed.
    pub seed: u64,
    /// Accuracy on the test images with all ReLUs.
    pub test_accuracy: f64,
    /// With x and with polynomials for ReLUs that go.
    pub fronts: Vec<MaskFront>,
    /// Seconds, training among them.
    pub seconds: f64,
}

/// Trains a small network for each seed, tries every mask of whole channels on the test images without fine-tuning, and holds
/// what selectors keep against the best.
///
/// # Errors
/// As training; `LimitExceeded` for a network of too many channels.
pub fn train_gap(settings: &TrainSettings, told: &mut dyn FnMut(&str)) -> Result<Gap> {
    let task = task(settings)?;
    let source = source(settings, Some(shape_of(&task)), MAX_TRAINED_BYTES / 4)?.small()?;
    let (options, all) = (options(settings), source.net.activations());
    checked(settings, all)?;
    let mut seeds = Vec::new();
    for seed in &settings.seeds {
        let start = Instant::now();
        told(&format!("seed {seed}: training"));
        let mut run = Run::new(options.base(), source.drawn(*seed), None, *seed);
        let why = |Stopped { reason, .. }: Stopped| Error::new(Code::InvalidSetting, reason);
        run.advance(&task, &mut |_| true).map_err(why)?;
        let base = run.finish();
        let mut fronts = Vec::new();
        for instead in Instead::ALL {
            told(&format!("seed {seed}: every mask, {} for ReLUs that go", instead.name()));
            fronts.push(front(&base, &task, &options, &settings.budgets, *instead, *seed)?);
        }
        let (seconds, test_accuracy) = (start.elapsed().as_secs_f64(), accuracy(&base, &task.test));
        seeds.push(GapOfSeed { seed: *seed, test_accuracy, fronts, seconds });
    }
    Ok(Gap {
        data: settings.data.label(),
        images: [task.train.len(), task.validation.len(), task.test.len()],
        relus: all as u64,
        channels: source.net.sites.iter().map(|site| site.shape[0]).sum(),
        seeds,
    })
}
