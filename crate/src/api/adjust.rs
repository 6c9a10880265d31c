//! `train --adjust`: the loop of measuring what a network would miss, moving width or ReLUs, and training a little.
//! `reluctant.adjust/1`; field names are a contract: add, never rename.

use std::time::Instant;

pub use reluctant_train::adjust::Round as AdjustRound;
use reluctant_train::adjust::{Adjust, Adjusting};
use reluctant_train::data::Task;
use reluctant_train::fit::Diverged;
use reluctant_train::methods::Options;
use reluctant_train::net::Unfit;
use reluctant_train::run::{Run, Stopped, accuracy};
use reluctant_train::utilise::Work;
use serde::Serialize;

use super::train::{TrainSettings, checked, options, shape_of, source, task};
use super::utilisation::UtilisationOf;
use crate::error::{Code, Error, Result};
use crate::limits::MAX_TRAINED_BYTES;
use crate::train::source::Source;

/// How it is adjusted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdjustSettings {
    /// Of what.
    pub of: UtilisationOf,
    /// Rounds, at most.
    pub rounds: usize,
    /// Epochs of each of the two trainings of a round; a third of those of fine-tuning where not given.
    pub epochs: Option<usize>,
    /// Mean share of a layer's work that goes where utilisation is measured.
    pub share: f64,
    /// Draws that are averaged.
    pub draws: usize,
}

/// Everything that was adjusted.
#[derive(Clone, Debug, Serialize)]
pub struct AdjustReport {
    /// Always `reluctant.adjust/1`.
    pub schema: &'static str,
    /// What it was trained on.
    pub data: &'static str,
    /// Images to train on, to choose by, to test on.
    pub images: [usize; 3],
    /// Of what.
    pub of: UtilisationOf,
    /// One a seed, of those that ended.
    pub seeds: Vec<AdjustOfSeed>,
    /// What broke the next seed off, and with it those behind it.
    #[serde(skip)]
    pub broke: Option<Error>,
}

/// Who is told of a loop while it is under way.
pub trait AdjustWatch {
    /// A round of a seed ended.
    fn round(&mut self, seed: u64, round: &AdjustRound);

    /// A seed ended, with the file of the network that is kept.
    ///
    /// # Errors
    /// What kept it from being taken: the loop ends.
    fn file(&mut self, seed: u64, bytes: &[u8]) -> Result<()>;
}

/// The loop of one seed.
#[derive(Clone, Debug, Serialize)]
pub struct AdjustOfSeed {
    /// Seed.
    pub seed: u64,
    /// Accuracy on the test images of the network with all its ReLUs that it begins from.
    pub base_accuracy: f64,
    /// The network that is begun with, then a round each.
    pub rounds: Vec<AdjustRound>,
    /// The round whose network is kept: of the least loss on the validation images.
    pub best: usize,
    /// Its accuracy on the test images.
    pub test_accuracy: f64,
    /// Seconds, the training of the network that it begins from among them.
    pub seconds: f64,
}

/// Adjusts a network for each seed: the teacher, or one that is trained first; each round and seed as it ends is told. What breaks a
/// seed off is in the report, with the seeds before it.
///
/// # Errors
/// Before anything is trained: settings and data that do not go together, a network that is not trained here or whose widths do
/// not move.
pub fn train_adjust(
    settings: &TrainSettings,
    how: &AdjustSettings,
    watch: &mut dyn AdjustWatch,
) -> Result<AdjustReport> {
    let task = task(settings)?;
    let source = source(settings, Some(shape_of(&task)), MAX_TRAINED_BYTES / 4)?.small()?;
    let (options, all) = (options(settings), source.net.activations());
    checked(settings, all)?;
    let what = match how.of {
        UtilisationOf::Relu => Work::Relu,
        UtilisationOf::Flops => Work::Flops,
    };
    let budget = match (what, settings.budgets.as_slice()) {
        (Work::Relu, [budget]) => *budget as usize,
        (Work::Flops, []) => all,
        _ => {
            let text = "ReLUs move within one budget, widths within the network's own multiplications";
            return Err(Error::new(Code::InvalidSetting, text)
                .hint("give one --budget with --adjust relu, none with --adjust flops"));
        }
    };
    let epochs = how.epochs.unwrap_or((options.tune_epochs / 3).max(1));
    let AdjustSettings { rounds, share, draws, .. } = *how;
    let of = Adjusting { what, budget, rounds, epochs, share, draws, seed: 0 };
    of.layers(&source.net).map_err(|Unfit(why)| Error::new(Code::InvalidSetting, why))?;
    let mut report = AdjustReport {
        schema: "reluctant.adjust/1",
        data: settings.data.label(),
        images: [task.train.len(), task.validation.len(), task.test.len()],
        of: how.of,
        seeds: Vec::new(),
        broke: None,
    };
    for seed in &settings.seeds {
        let begun =
            Begun { taught: settings.teacher.is_some(), source: &source, task: &task, options: &options };
        match begun.adjusted(Adjusting { seed: *seed, ..of }, watch) {
            Ok(of) => report.seeds.push(of),
            Err(error) => {
                report.broke = Some(error);
                break;
            }
        }
    }
    Ok(report)
}

/// What every seed begins with.
struct Begun<'a> {
    taught: bool,
    source: &'a Source,
    task: &'a Task<f32>,
    options: &'a Options,
}

impl Begun<'_> {
    fn adjusted(&self, of: Adjusting, watch: &mut dyn AdjustWatch) -> Result<AdjustOfSeed> {
        let Self { taught, source, task, options } = *self;
        let (start, seed) = (Instant::now(), of.seed);
        let broke = |text: String| Error::new(Code::InvalidSetting, format!("seed {seed}: {text}"));
        let base = if taught {
            source.net.clone()
        } else {
            let mut run = Run::new(options.base(), source.drawn(seed), None, seed);
            run.advance(task, &mut |_| true).map_err(|Stopped { reason, .. }| broke(reason))?;
            run.finish()
        };
        let base_accuracy = accuracy(&base, &task.test);
        let mut adjust = Adjust::new(base, of, options.clone(), task).map_err(|Unfit(why)| broke(why))?;
        let mut known = 0;
        while !adjust.advance(task, &mut || false).map_err(|Diverged(why)| broke(why))?
            || known < adjust.rounds.len()
        {
            for round in adjust.rounds.iter().skip(known) {
                watch.round(seed, round);
            }
            known = adjust.rounds.len();
        }
        let (net, best) = adjust.best();
        let test_accuracy = accuracy(net, &task.test);
        let bytes = match of.what {
            Work::Relu => source.export(net)?,
            Work::Flops => source.plain(net),
        };
        watch.file(seed, &bytes)?;
        Ok(AdjustOfSeed {
            seed,
            base_accuracy,
            rounds: adjust.rounds.clone(),
            best,
            test_accuracy,
            seconds: start.elapsed().as_secs_f64(),
        })
    }
}
