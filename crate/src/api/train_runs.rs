//! Carries out what [`train`] asks for: seeds side by side, runs one after another, and a journal from which
//! a command that broke off goes on.

use std::time::Instant;

use reluctant_train::Held;
use reluctant_train::data::Task;
use reluctant_train::journal::{Begun, Done, Journal, Which};
use reluctant_train::methods::Options;
use reluctant_train::net::{Net, Unfit};
use reluctant_train::random::Random;
use reluctant_train::run::{Run, Step, Stopped, accuracy, hits};
use sha2::{Digest, Sha256};

use super::train::{TrainMethod, TrainProgress, TrainSettings, checked, options, shape_of, source, task};
use super::trained::{TrainResult, Trained, TrainedBase, TrainedFile, paired, share};
use crate::error::{Code, Error, Result};
use crate::limits::MAX_TRAINED_BYTES;
use crate::rewrite::Plan;
use crate::train::source::Source;

/// Why nothing was trained.
#[derive(Clone, Debug)]
pub struct Untrained {
    /// What is wrong.
    pub error: Error,
    /// Where training diverged: what was made until the last good epoch before it, as [`train_on`] takes it up.
    pub checkpoint: Option<Vec<u8>>,
}

impl From<Error> for Untrained {
    fn from(error: Error) -> Self {
        Self { error, checkpoint: None }
    }
}

/// Who is told how training goes.
pub trait TrainWatch {
    /// An epoch ended.
    fn epoch(&mut self, at: &TrainProgress<'_>);

    /// What [`train_on`] goes on from, were training to break off now: after each epoch and each run.
    fn keep(&mut self, _bytes: &dyn Fn() -> Vec<u8>) {}

    /// The same, once, when nothing more is trained: all is done, or a seed failed.
    fn last(&mut self, _bytes: &dyn Fn() -> Vec<u8>) {}
}

/// Tells of epochs and keeps nothing.
struct Tell<F>(F);

impl<F: FnMut(&TrainProgress<'_>)> TrainWatch for Tell<F> {
    fn epoch(&mut self, at: &TrainProgress<'_>) {
        self.0(at);
    }
}

/// Trains: the network with all ReLUs for each seed, where no teacher is given, then each method at each budget.
///
/// # Errors
/// Settings and data that do not go together, a network that is not trained here, a divergence.
pub fn train(
    settings: &TrainSettings,
    progress: &mut dyn FnMut(&TrainProgress<'_>),
) -> Result<Trained, Untrained> {
    train_on(settings, None, &mut Tell(progress))
}

/// As [`train`], from what [`TrainWatch::keep`] was given. Methods, budgets and seeds may be others: what is there is taken as
/// it is. So may the rate: what is under way goes on at it.
///
/// # Errors
/// As [`train`]; `InvalidSetting` where the bytes are of other data, another network or other settings.
pub fn train_on(
    settings: &TrainSettings,
    from: Option<&[u8]>,
    watch: &mut dyn TrainWatch,
) -> Result<Trained, Untrained> {
    let task = task(settings)?;
    let source = source(settings, Some(shape_of(&task)), MAX_TRAINED_BYTES / 4)?.small()?;
    let (options, all) = (options(settings), source.net.activations());
    checked(settings, all)?;
    let held = match &settings.plan {
        Some(text) => Some(source.held(&Plan::from_json(text)?)?),
        None => None,
    };
    // What the file could not say is refused before it is trained.
    if settings.methods.contains(&TrainMethod::Nested) {
        let mut net = source.net.clone();
        net.nest(0, &mut Random::new(0));
        source.says(&net)?;
    }
    if let Some(held) = &held {
        let mut net = source.net.clone();
        net.hold(held).map_err(|Unfit(why)| Error::new(Code::InvalidSetting, why))?;
        source.says(&net)?;
    }
    let digest = digest(&task, &source.net, &options, settings.plan.as_deref());
    let mut journal = match from {
        Some(bytes) => Journal::read(bytes, digest, &source.net, &task).map_err(refused)?,
        None => Journal::new(digest),
    };
    let mut trained = Trained {
        data: settings.data.label(),
        images: [task.train.len(), task.validation.len(), task.test.len()],
        relus: all as u64,
        chosen_on: settings.chosen_on,
        bases: Vec::new(),
        results: Vec::new(),
        paired: Vec::new(),
        files: Vec::new(),
    };
    let mut answers = Vec::new();
    let begun = journal.clone();
    for some in settings.seeds.chunks(settings.jobs.max(1)) {
        let work = |seed: u64, told: Told<'_>| {
            let held = held.as_deref();
            let all =
                Seed { settings, options: &options, task: &task, source: &source, held, from: &begun, seed };
            all.run(told)
        };
        for of in at_once(some, &mut journal, watch, &work) {
            let of = of.map_err(|Untrained { error, checkpoint }| {
                watch.last(&|| journal.bytes());
                Untrained { error, checkpoint: checkpoint.map(|_| journal.bytes()) }
            })?;
            trained.bases.push(of.base);
            trained.results.extend(of.results);
            trained.files.extend(of.files);
            answers.extend(of.answers);
        }
    }
    watch.last(&|| journal.bytes());
    trained.paired = paired(&trained.results, &answers);
    Ok(trained)
}

fn refused(Unfit(why): Unfit) -> Error {
    Error::new(Code::InvalidSetting, why).hint(
        "give the arguments that it was made with; methods, budgets, seeds, jobs and the rate may be others",
    )
}

/// Of what a checkpoint goes on with: images, network and settings, the rate aside.
fn digest(task: &Task<f32>, net: &Net<f32>, options: &Options, plan: Option<&str>) -> [u8; 32] {
    let mut digest = Sha256::new();
    for set in [&task.train, &task.validation, &task.test] {
        set.shape().iter().for_each(|size| digest.update(size.to_le_bytes()));
        set.numbers().iter().for_each(|number| digest.update(number.to_le_bytes()));
        set.labels().iter().for_each(|label| digest.update(label.to_le_bytes()));
    }
    digest.update(net.bytes());
    let paced = Options { base_rate: 0.0, search_rate: 0.0, tune_rate: 0.0, ..options.clone() };
    digest.update(format!("{paced:?}"));
    digest.update(plan.unwrap_or_default());
    digest.finalize().into()
}

/// What a seed's thread says.
enum Word {
    Epoch(String, TrainProgress<'static>),
    Begun(Begun),
    Done(Done),
}

type Told<'a> = &'a dyn Fn(Word);

/// A seed's work, and how it tells of itself.
type Work<'a> = &'a (dyn Fn(u64, Told<'_>) -> Result<OfSeed, Untrained> + Sync);

/// Each seed on a thread of its own, in their order; progress is told and noted here.
fn at_once(
    seeds: &[u64],
    journal: &mut Journal,
    watch: &mut dyn TrainWatch,
    work: Work<'_>,
) -> Vec<Result<OfSeed, Untrained>> {
    let (send, words) = std::sync::mpsc::channel::<Word>();
    std::thread::scope(|scope| {
        let spawn = |seed: &u64| {
            let (seed, send) = (*seed, send.clone());
            scope.spawn(move || {
                work(seed, &|word| {
                    // Nobody listens any more: nothing is lost.
                    let _ = send.send(word);
                })
            })
        };
        let threads: Vec<_> = seeds.iter().map(spawn).collect();
        drop(send);
        for word in words {
            match word {
                Word::Epoch(what, at) => {
                    watch.epoch(&TrainProgress { what: &what, ..at });
                    continue;
                }
                Word::Begun(begun) => journal.note(begun),
                Word::Done(done) => journal.end(done),
            }
            watch.keep(&|| journal.bytes());
        }
        let broke = || Error::new(Code::InvalidSetting, "a seed's thread broke off").into();
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err(broke()))).collect()
    })
}

/// What one seed gave: its results, which test images each got right, its files.
struct OfSeed {
    base: TrainedBase,
    results: Vec<TrainResult>,
    answers: Vec<Vec<bool>>,
    files: Vec<TrainedFile>,
}

/// A seed's work.
struct Seed<'a> {
    settings: &'a TrainSettings,
    options: &'a Options,
    task: &'a Task<f32>,
    source: &'a Source,
    /// What the plan says of each activation.
    held: Option<&'a [Held]>,
    from: &'a Journal,
    seed: u64,
}

impl Seed<'_> {
    fn run(&self, told: Told<'_>) -> Result<OfSeed, Untrained> {
        let Self { settings, options, task, source, seed, .. } = *self;
        let all = source.net.activations();
        let which = Which { seed, method: None };
        let base = match settings.teacher {
            Some(_) => Done { which, net: source.net.clone(), noted: None, seconds: 0.0 },
            None => self.carry_out(
                "base",
                which,
                || Ok(Run::new(options.base(), source.drawn(seed), None, seed)),
                told,
            )?,
        };
        let base_accuracy = accuracy(&base.net, &task.test);
        let mut of = OfSeed {
            base: TrainedBase {
                seed,
                relus: all as u64,
                test_accuracy: base_accuracy,
                validation_accuracy: accuracy(&base.net, &task.validation),
                seconds: base.seconds,
            },
            results: Vec::new(),
            answers: Vec::new(),
            files: Vec::new(),
        };
        for method in &settings.methods {
            let planned = self.held.filter(|_| *method == TrainMethod::Plan).map(|held| [kept(held)]);
            for budget in planned.as_ref().map_or(&settings.budgets[..], |own| own) {
                let (kind, stay) = ((*method).into(), *budget as usize);
                let which = Which { seed, method: Some((kind, stay)) };
                let begin = || {
                    let (mut net, mut teacher) = (base.net.clone(), None);
                    if planned.is_some() {
                        teacher = Some(net.clone());
                        net.hold(self.held.unwrap_or_default())?;
                    }
                    Ok(Run::new(options.method(kind, stay, all), net, teacher, seed))
                };
                let done = self.carry_out(method.name(), which, begin, told)?;
                let right = hits(&done.net, &task.test);
                of.results.push(TrainResult {
                    method: *method,
                    budget: *budget,
                    seed,
                    relus: done.net.relus() as u64,
                    test_accuracy: share(&right),
                    accuracy_before_finetune: done.noted.unwrap_or(base_accuracy),
                    validation_accuracy: accuracy(&done.net, &task.validation),
                    base_accuracy,
                    seconds: done.seconds,
                });
                of.answers.push(right);
                let bytes = source.export(&done.net)?;
                of.files.push(TrainedFile { method: *method, budget: *budget, seed, bytes });
            }
        }
        Ok(of)
    }

    /// Carries out a run, from where the journal left it.
    fn carry_out(
        &self,
        what: &str,
        which: Which,
        begin: impl FnOnce() -> std::result::Result<Run, Unfit>,
        told: Told<'_>,
    ) -> Result<Done, Untrained> {
        if let Some(done) = self.from.done(which) {
            return Ok(done.clone());
        }
        let (mut run, before) = match self.from.resume(which, &self.source.net, self.task).map_err(refused)? {
            Some((mut run, before)) => {
                if let Some(rate) = self.settings.rate {
                    run.pace(rate);
                }
                (run, before)
            }
            None => (begin().map_err(|Unfit(why)| Error::new(Code::InvalidSetting, why))?, 0.0),
        };
        let start = Instant::now();
        let seconds = || before + start.elapsed().as_secs_f64();
        let begun = |run: &[u8]| Word::Begun(Begun { which, run: run.to_vec(), seconds: seconds() });
        loop {
            let until_an_epoch = &mut |run: &Run| run.ended.is_none();
            let done = run.advance(self.task, until_an_epoch).map_err(|Stopped { reason, checkpoint }| {
                told(begun(&checkpoint));
                let text = format!("{what}, seed {}: {reason}", self.seed);
                Untrained { error: Error::new(Code::InvalidSetting, text), checkpoint: Some(checkpoint) }
            })?;
            if let Some(entry) = run.ended.take() {
                told(Word::Epoch(
                    what.to_owned(),
                    TrainProgress {
                        what: "",
                        budget: which.method.map(|(_, budget)| budget as u64),
                        seed: self.seed,
                        epoch: entry.epoch,
                        epochs: epochs(&run),
                        loss: entry.loss,
                        validation: entry.validation,
                        relus: entry.relus,
                    },
                ));
            }
            if done {
                let noted = run.noted;
                let done = Done { which, net: run.finish(), noted, seconds: seconds() };
                told(Word::Done(done.clone()));
                return Ok(done);
            }
            told(begun(run.good()));
        }
    }
}

/// ReLUs that a plan keeps.
fn kept(held: &[Held]) -> u64 {
    held.iter().flat_map(|of| &of.kept).filter(|kept| **kept).count() as u64
}

/// Epochs, at most, of the phase whose epoch ended last.
fn epochs(run: &Run) -> usize {
    let (now, at, steps) = run.at();
    let phase = if run.fit().is_some() { now } else { at.checked_sub(1).and_then(|last| steps.get(last)) };
    match phase {
        Some(Step::Fit(recipe)) => recipe.epochs,
        _ => 0,
    }
}
