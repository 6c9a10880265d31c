//! `train`: a network, data, a method and budgets become trained networks and their accuracy.

use reluctant_train::data::Task;
use reluctant_train::fit::Choose;
use reluctant_train::mcnemar::mcnemar;
use reluctant_train::methods::{Method, Options};
use reluctant_train::net::Net;
use reluctant_train::run::{Run, Step, Stopped, accuracy, hits};
use serde::Serialize;

use crate::design::{Images, Spec, hybrid};
use crate::error::{Code, Error, Result};
use crate::limits::{MAX_SPEC_PARAMS, MAX_TRAINED_BYTES};
use crate::names::names;
use crate::run::{npy, npz};
use crate::train::data;
use crate::train::pytorch::Folder;
use crate::train::source::Source;

names! { "method",
    /// What reduces ReLUs.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum TrainMethod {
        /// Selective network linearisation.
        Snl = "snl",
        /// AutoReP.
        Autorep = "autorep",
        /// A random mask, x elsewhere.
        Random = "random",
        /// A random mask, polynomials elsewhere.
        RandomPoly = "random-poly",
        /// Block coordinate descent.
        Bcd = "bcd",
    }
}

names! { "choice of a checkpoint",
    /// Which images choose the checkpoint that is kept.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum ChosenOn {
        /// Training images that were held out.
        #[default]
        Validation = "validation",
        /// The test images, as released code does: the accuracy flatters.
        Test = "test",
        /// None: the last epoch.
        Last = "last",
    }
}

names! { "set of torchvision",
    /// A set that the folder for PyTorch reads by a path.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Torchvision {
        /// CIFAR-10.
        Cifar10 = "cifar10",
        /// CIFAR-100.
        Cifar100 = "cifar100",
        /// Folders of images, one a class.
        Images = "images",
    }
}

impl Torchvision {
    /// As published points call it.
    fn label(self) -> &'static str {
        match self {
            Self::Cifar10 => "CIFAR-10",
            Self::Cifar100 => "CIFAR-100",
            Self::Images => "images",
        }
    }

    /// Channels, height, width, and classes, where the set says.
    fn shape(self) -> Option<([usize; 3], usize)> {
        match self {
            Self::Cifar10 => Some(([3, 32, 32], 10)),
            Self::Cifar100 => Some(([3, 32, 32], 100)),
            Self::Images => None,
        }
    }
}

/// Where images and labels come from.
#[derive(Clone, Debug)]
pub enum TrainData {
    /// Handwritten digits, 8x8, built in.
    Digits,
    /// Drawn figures, 3x16x16: so many to train on and to test on.
    Shapes(usize, usize),
    /// Two archives (.npz) of arrays x and y: to train on, to test on.
    Archives(Vec<u8>, Vec<u8>),
    /// Four arrays (.npy): x and y to train on, x and y to test on.
    Arrays([Vec<u8>; 4]),
    /// Read there: only for [`pytorch_folder`].
    Torchvision(Torchvision),
}

impl TrainData {
    fn label(&self) -> &'static str {
        match self {
            Self::Digits => "digits",
            Self::Shapes(..) => "shapes",
            Self::Archives(..) | Self::Arrays(..) => "own",
            Self::Torchvision(set) => set.label(),
        }
    }
}

/// Which network.
#[derive(Clone, Debug)]
pub enum TrainNet {
    /// The network of the digits, for the data's shape and classes.
    DigitsCnn,
    /// A ResNet with so many blocks a stage and channels in the first, twice as many in each next one; its stem strides.
    ResNet([u32; 4], u32),
    /// A residual network as text (JSON).
    Spec(String),
}

/// What is trained.
#[derive(Clone, Debug)]
pub struct TrainSettings {
    /// Images and labels.
    pub data: TrainData,
    /// The network, where no teacher is given.
    pub net: TrainNet,
    /// A trained network (ONNX) that is taken as it is, by name and bytes.
    pub teacher: Option<(String, Vec<u8>)>,
    /// Methods, one after another.
    pub methods: Vec<TrainMethod>,
    /// ReLUs that stay.
    pub budgets: Vec<u64>,
    /// Seeds: of weights, order and masks.
    pub seeds: Vec<u64>,
    /// Epochs of the network with all ReLUs, of a search, of fine-tuning; the method's own where not given.
    pub epochs: [Option<usize>; 3],
    /// What chooses checkpoints.
    pub chosen_on: ChosenOn,
    /// AutoReP from the released code's start values.
    pub code_start: bool,
    /// AutoReP's degree: 2, 1, or 0 for x.
    pub degree: usize,
    /// AutoReP decides by channels.
    pub channels: bool,
    /// Training labels in random order: a control, which must end at chance.
    pub permuted: bool,
    /// Adam's rate in every phase; each phase's own where not given.
    pub rate: Option<f64>,
    /// Seeds that are trained at once; what comes out is the same.
    pub jobs: usize,
}

/// How far a run is.
#[derive(Clone, Debug)]
pub struct TrainProgress<'a> {
    /// `base` or the method.
    pub what: &'a str,
    /// Budget, where there is one.
    pub budget: Option<u64>,
    /// Seed.
    pub seed: u64,
    /// Epoch of the phase.
    pub epoch: usize,
    /// Epochs that it has, at most.
    pub epochs: usize,
    /// Mean loss.
    pub loss: f64,
    /// Accuracy on the validation images.
    pub validation: f64,
    /// Elements that count as ReLUs.
    pub relus: usize,
}

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
    /// One a seed; one in all where a teacher was given.
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

impl From<TrainMethod> for Method {
    fn from(method: TrainMethod) -> Self {
        match method {
            TrainMethod::Snl => Self::Snl,
            TrainMethod::Autorep => Self::Autorep,
            TrainMethod::Random => Self::Random,
            TrainMethod::RandomPoly => Self::RandomPoly,
            TrainMethod::Bcd => Self::Bcd,
        }
    }
}

/// Seconds from a start that nothing else depends on.
fn since(start: std::time::Instant) -> f64 {
    start.elapsed().as_secs_f64()
}

fn task(settings: &TrainSettings) -> Result<Task<f32>> {
    let mut task = match &settings.data {
        TrainData::Digits => data::digits()?,
        TrainData::Shapes(train, test) => data::shapes(*train, *test)?,
        TrainData::Archives(train, test) => data::task(data::archive(train)?, data::archive(test)?)?,
        TrainData::Arrays([x, y, test_x, test_y]) => {
            let array = |bytes: &Vec<u8>| {
                if npz::is_npz(bytes) {
                    Err(Error::new(Code::InvalidSetting, "an archive where an array (.npy) is needed"))
                } else {
                    npy::read(bytes)
                }
            };
            data::task(data::set(&array(x)?, &array(y)?)?, data::set(&array(test_x)?, &array(test_y)?)?)?
        }
        TrainData::Torchvision(set) => {
            let text = format!("{} is not read here", set.label());
            return Err(Error::new(Code::InvalidSetting, text).hint("add --pytorch DIR: the folder reads it"));
        }
    };
    if settings.permuted {
        task = data::permuted(task);
    }
    Ok(task)
}

/// Channels, height, width and classes of a task.
fn shape_of(task: &Task<f32>) -> ([usize; 3], usize) {
    (task.train.shape(), task.train.classes().max(task.test.classes()))
}

/// The network, for images of a shape and so many classes, where they are known; a spec of so many parameters at most.
pub(super) fn source(
    settings: &TrainSettings,
    images: Option<([usize; 3], usize)>,
    most: u64,
) -> Result<Source> {
    let known = || {
        let error = Error::new(Code::InvalidSetting, "the size of the images is not known");
        images.ok_or_else(|| error.hint("give a network as JSON or a teacher"))
    };
    let source = match (&settings.teacher, &settings.net) {
        (Some((name, bytes)), _) => Source::file(name, bytes)?.unmasked()?,
        (None, TrainNet::DigitsCnn) => {
            let (shape, classes) = known()?;
            Source::digits(shape, classes)?
        }
        (None, TrainNet::ResNet(blocks, width)) => {
            let ([_, height, _], classes) = known()?;
            let size = |size: usize| u32::try_from(size).unwrap_or(u32::MAX);
            let images = Images { side: size(height), classes: size(classes) };
            let mut spec = hybrid(*width, &[2; 3], blocks, images)?;
            // A stem that strides: a quarter of the time.
            spec.stem.iter_mut().for_each(|stem| stem.stride = 2);
            Source::spec(&spec, most)?
        }
        (None, TrainNet::Spec(text)) => Source::spec(&Spec::parse(text)?, most)?,
    };
    let Some((shape, classes)) = images else { return Ok(source) };
    let input = source.net.shape(0);
    if input != shape {
        let text = format!("the network reads {input:?}, the images are {shape:?}");
        return Err(Error::new(Code::InvalidSetting, text));
    }
    if source.net.classes() < classes {
        let text =
            format!("the network tells {} classes apart, the data has {classes}", source.net.classes());
        return Err(Error::new(Code::InvalidSetting, text));
    }
    Ok(source)
}

/// No budget above the network's ReLUs, a rate that is one.
fn checked(settings: &TrainSettings, all: usize) -> Result<()> {
    if settings.rate.is_some_and(|rate| !rate.is_finite() || rate <= 0.0) {
        return Err(Error::new(Code::InvalidSetting, "a learning rate is a positive number"));
    }
    match settings.budgets.iter().find(|budget| **budget > all as u64) {
        Some(budget) => {
            let text = format!("a budget of {budget} is above the network's {all} ReLUs");
            Err(Error::new(Code::InvalidSetting, text))
        }
        None => Ok(()),
    }
}

/// The files of a folder in which PyTorch trains the same, by their paths in it.
///
/// # Errors
/// As [`train`]'s, but a network may be larger than what is trained here.
pub fn pytorch_folder(settings: &TrainSettings) -> Result<Vec<(String, Vec<u8>)>> {
    let (task, images) = match &settings.data {
        TrainData::Torchvision(_) if settings.permuted => {
            let text = "labels that are read there are not put in another order";
            return Err(Error::new(Code::InvalidSetting, text));
        }
        TrainData::Torchvision(set) => (None, set.shape()),
        _ => {
            let task = task(settings)?;
            let images = shape_of(&task);
            (Some(task), Some(images))
        }
    };
    let source = source(settings, images, MAX_SPEC_PARAMS)?;
    let (options, all) = (options(settings), source.net.activations());
    checked(settings, all)?;
    let taught = settings.teacher.is_some();
    let begins = |seed: &u64| (*seed, if taught { source.net.clone() } else { source.drawn(*seed) });
    let jobs = settings.methods.iter().flat_map(|method| {
        let of =
            |budget: &u64| (method.name(), *budget, options.method((*method).into(), *budget as usize, all));
        settings.budgets.iter().map(of).collect::<Vec<_>>()
    });
    Folder {
        data: settings.data.label(),
        chosen_on: settings.chosen_on.name(),
        net: &source.net,
        seeds: settings.seeds.iter().map(begins).collect(),
        base: if taught { Vec::new() } else { options.base() },
        jobs: jobs.collect(),
        task: task.as_ref(),
    }
    .files()
}

/// Sizes of phases for the data, then as they are asked for.
pub(super) fn options(settings: &TrainSettings) -> Options {
    let mut options = match settings.data {
        TrainData::Shapes(..) => data::shapes_options(),
        _ => Options::default(),
    };
    let [base, search, tune] = settings.epochs;
    options.base_epochs = base.unwrap_or(options.base_epochs);
    options.search_epochs = search.unwrap_or(options.search_epochs);
    options.tune_epochs = tune.unwrap_or(options.tune_epochs);
    if let Some(rate) = settings.rate {
        (options.base_rate, options.search_rate, options.tune_rate) = (rate, rate, rate);
    }
    options.choose = match settings.chosen_on {
        ChosenOn::Validation => Choose::Validation,
        ChosenOn::Test => Choose::Test,
        ChosenOn::Last => Choose::Last,
    };
    options.autorep.code_start = settings.code_start;
    options.autorep.degree = Some(settings.degree.min(2)).filter(|degree| *degree > 0);
    options.autorep.channels = settings.channels;
    options
}

/// Carries out steps and tells of each epoch; the network and the accuracy that was noted.
fn carry_out(
    steps: Vec<Step>,
    net: Net<f32>,
    task: &Task<f32>,
    told: &TrainProgress<'_>,
    progress: &mut dyn FnMut(&TrainProgress<'_>),
) -> Result<(Net<f32>, Option<f64>), Untrained> {
    let mut run = Run::new(steps, net, None, told.seed);
    let mut last = 0;
    let mut more = |run: &Run| {
        let fit = run.fit();
        let epoch = fit.map_or(0, |fit| fit.epoch());
        if epoch != last
            && let Some((fit, entry)) = fit.and_then(|fit| Some((fit, fit.history.last()?)))
        {
            let (epochs, what) = (fit.recipe.epochs, told.what);
            let (loss, validation, relus) = (entry.loss, entry.validation, entry.relus);
            progress(&TrainProgress { what, epoch, epochs, loss, validation, relus, ..*told });
        }
        last = epoch;
        true
    };
    run.advance(task, &mut more).map_err(|Stopped { reason, checkpoint }| {
        let text = format!("{}, seed {}: {reason}", told.what, told.seed);
        Untrained { error: Error::new(Code::InvalidSetting, text), checkpoint: Some(checkpoint) }
    })?;
    let noted = run.noted;
    Ok((run.finish(), noted))
}

/// Why nothing was trained.
#[derive(Clone, Debug)]
pub struct Untrained {
    /// What is wrong.
    pub error: Error,
    /// Where training diverged: the last good checkpoint before it.
    pub checkpoint: Option<Vec<u8>>,
}

impl From<Error> for Untrained {
    fn from(error: Error) -> Self {
        Self { error, checkpoint: None }
    }
}

/// What one seed gave: its results, which test images each got right, its files.
struct OfSeed {
    base: TrainedBase,
    results: Vec<TrainResult>,
    answers: Vec<Vec<bool>>,
    files: Vec<TrainedFile>,
}

/// Trains: the network with all ReLUs for each seed, where no teacher is given, then each method at each budget.
///
/// # Errors
/// Settings and data that do not go together, a network that is not trained here, a divergence.
pub fn train(
    settings: &TrainSettings,
    progress: &mut dyn FnMut(&TrainProgress<'_>),
) -> Result<Trained, Untrained> {
    let task = task(settings)?;
    let source = source(settings, Some(shape_of(&task)), MAX_TRAINED_BYTES / 4)?.small()?;
    let all = source.net.activations();
    checked(settings, all)?;
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
    for some in settings.seeds.chunks(settings.jobs.max(1)) {
        for of in at_once(some, progress, &|seed, tell| of_seed(settings, &task, &source, seed, tell)) {
            let of = of?;
            trained.bases.push(of.base);
            trained.results.extend(of.results);
            trained.files.extend(of.files);
            answers.extend(of.answers);
        }
    }
    trained.paired = paired(&trained.results, &answers);
    Ok(trained)
}

/// A seed's work, and how it tells of itself.
type Work<'a> = &'a (dyn Fn(u64, &mut dyn FnMut(&TrainProgress<'_>)) -> Result<OfSeed, Untrained> + Sync);

/// Each seed on a thread of its own, in their order; progress is told here.
fn at_once(
    seeds: &[u64],
    progress: &mut dyn FnMut(&TrainProgress<'_>),
    work: Work<'_>,
) -> Vec<Result<OfSeed, Untrained>> {
    let (send, told) = std::sync::mpsc::channel::<(String, TrainProgress<'static>)>();
    std::thread::scope(|scope| {
        let spawn = |seed: &u64| {
            let (seed, send) = (*seed, send.clone());
            scope.spawn(move || {
                work(seed, &mut |at| {
                    // Nobody listens any more: nothing is lost.
                    let _ = send.send((at.what.to_owned(), TrainProgress { what: "", ..*at }));
                })
            })
        };
        let threads: Vec<_> = seeds.iter().map(spawn).collect();
        drop(send);
        for (what, at) in told {
            progress(&TrainProgress { what: &what, ..at });
        }
        let broke = || Error::new(Code::InvalidSetting, "a seed's thread broke off").into();
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err(broke()))).collect()
    })
}

fn of_seed(
    settings: &TrainSettings,
    task: &Task<f32>,
    source: &Source,
    seed: u64,
    progress: &mut dyn FnMut(&TrainProgress<'_>),
) -> Result<OfSeed, Untrained> {
    let (options, all) = (options(settings), source.net.activations());
    let mut told = TrainProgress {
        what: "base",
        budget: None,
        seed,
        epoch: 0,
        epochs: 0,
        loss: 0.0,
        validation: 0.0,
        relus: all,
    };
    let start = std::time::Instant::now();
    let base = match settings.teacher {
        Some(_) => source.net.clone(),
        None => carry_out(options.base(), source.drawn(seed), task, &told, progress)?.0,
    };
    let base_accuracy = accuracy(&base, &task.test);
    let mut of = OfSeed {
        base: TrainedBase {
            seed,
            relus: all as u64,
            test_accuracy: base_accuracy,
            validation_accuracy: accuracy(&base, &task.validation),
            seconds: since(start),
        },
        results: Vec::new(),
        answers: Vec::new(),
        files: Vec::new(),
    };
    for method in &settings.methods {
        for budget in &settings.budgets {
            (told.what, told.budget) = (method.name(), Some(*budget));
            let start = std::time::Instant::now();
            let steps = options.method((*method).into(), *budget as usize, all);
            let (net, noted) = carry_out(steps, base.clone(), task, &told, progress)?;
            let seconds = since(start);
            let right = hits(&net, &task.test);
            of.results.push(TrainResult {
                method: *method,
                budget: *budget,
                seed,
                relus: net.relus() as u64,
                test_accuracy: share(&right),
                accuracy_before_finetune: noted.unwrap_or(base_accuracy),
                validation_accuracy: accuracy(&net, &task.validation),
                base_accuracy,
                seconds,
            });
            of.answers.push(right);
            let bytes = source.export(&net)?;
            of.files.push(TrainedFile { method: *method, budget: *budget, seed, bytes });
        }
    }
    Ok(of)
}

fn share(right: &[bool]) -> f64 {
    right.iter().filter(|hit| **hit).count() as f64 / right.len().max(1) as f64
}

/// Each pair of methods at each budget: each seed, then all seeds together.
fn paired(results: &[TrainResult], answers: &[Vec<bool>]) -> Vec<Paired> {
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
