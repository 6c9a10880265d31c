//! What `train` made, and methods against each other.

use reluctant_train::mcnemar::mcnemar;
use serde::Serialize;

use super::train::{ChosenOn, TrainMethod};

/// A network with all ReLUs.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct TrainedBase {
    /// Seed.
    pub seed: u64,
    /// ReLUs of one image.
    pub relus: u64,
    /// Accuracy on the test images.
    pub test_accuracy: f64,
    /// Accuracy on the validation images.
    pub validation_accuracy: f64,
    /// Seconds of training.
    pub seconds: f64,
}

/// What a method made.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct TrainResult {
    /// Method.
    pub method: TrainMethod,
    /// ReLUs that it was given.
    pub budget: u64,
    /// Seed.
    pub seed: u64,
    /// ReLUs that stay.
    pub relus: u64,
    /// Accuracy on the test images.
    pub test_accuracy: f64,
    /// The same before fine-tuning.
    pub accuracy_before_finetune: f64,
    /// Accuracy on the validation images.
    pub validation_accuracy: f64,
    /// The test accuracy of the network with all ReLUs.
    pub base_accuracy: f64,
    /// Seconds of search and fine-tuning.
    pub seconds: f64,
}

/// Two methods at one budget and seed, on the same test images.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Paired {
    /// One.
    pub first: TrainMethod,
    /// The other.
    pub second: TrainMethod,
    /// Budget.
    pub budget: u64,
    /// Seed; none: all seeds together.
    pub seed: Option<u64>,
    /// Images that only the first got right.
    pub only_first: usize,
    /// Images that only the second got right.
    pub only_second: usize,
    /// McNemar's exact two-sided probability.
    pub p: f64,
}

/// A trained network as a file.
#[derive(Clone, Debug)]
pub struct TrainedFile {
    /// Method.
    pub method: TrainMethod,
    /// Budget.
    pub budget: u64,
    /// Seed.
    pub seed: u64,
    /// ONNX.
    pub bytes: Vec<u8>,
}

/// Everything that was trained.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Trained {
    /// What it was trained on: `digits`, `shapes`, `own`.
    pub data: &'static str,
    /// Images to train on, to choose by, to test on.
    pub images: [usize; 3],
    /// ReLUs of one image when all stay.
    pub relus: u64,
    /// What chose checkpoints; `test` flatters.
    pub chosen_on: ChosenOn,
    /// One a seed: where a teacher was given, that for each.
    pub bases: Vec<TrainedBase>,
    /// One a method, budget and seed.
    pub results: Vec<TrainResult>,
    /// Methods against each other, where there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub paired: Vec<Paired>,
    /// The networks, in the order of the results.
    #[serde(skip)]
    pub files: Vec<TrainedFile>,
}

/// Share of images that are right.
pub(super) fn share(right: &[bool]) -> f64 {
    right.iter().filter(|hit| **hit).count() as f64 / right.len().max(1) as f64
}

/// Each pair of methods at each budget: each seed, then all seeds together.
pub(super) fn paired(results: &[TrainResult], answers: &[Vec<bool>]) -> Vec<Paired> {
    let mut found: Vec<Paired> = Vec::new();
    let mut together: Vec<((TrainMethod, TrainMethod, u64), Vec<bool>, Vec<bool>)> = Vec::new();
    for (at, (a, first)) in results.iter().zip(answers).enumerate() {
        for (b, second) in results.iter().zip(answers).skip(at + 1) {
            if a.budget != b.budget || a.seed != b.seed || a.method == b.method {
                continue;
            }
            let key = (a.method, b.method, a.budget);
            found.push(pair(key, Some(a.seed), first, second));
            match together.iter_mut().find(|(k, ..)| *k == key) {
                Some((_, all_first, all_second)) => {
                    all_first.extend(first);
                    all_second.extend(second);
                }
                None => together.push((key, first.clone(), second.clone())),
            }
        }
    }
    found.extend(together.iter().map(|(key, first, second)| pair(*key, None, first, second)));
    found
}

fn pair(
    (first, second, budget): (TrainMethod, TrainMethod, u64),
    seed: Option<u64>,
    a: &[bool],
    b: &[bool],
) -> Paired {
    let (only_first, only_second, p) = mcnemar(a, b);
    Paired { first, second, budget, seed, only_first, only_second, p }
}
