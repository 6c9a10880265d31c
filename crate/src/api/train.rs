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
use crate::names::names;
use crate::run::{npy, npz};
use crate::train::data;
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
    };
    if settings.permuted {
        task = data::permuted(task);
    }
    Ok(task)
}

/// The network, for images of channels, height and width.
pub(super) fn source(
    settings: &TrainSettings,
    [channels, height, width]: [usize; 3],
    classes: usize,
) -> Result<Source> {
    let source = match (&settings.teacher, &settings.net) {
        (Some((name, bytes)), _) => Source::file(name, bytes)?,
        (None, TrainNet::DigitsCnn) => Source::digits([channels, height, width], classes)?,
        (None, TrainNet::ResNet(blocks, width)) => {
            let size = |size: usize| u32::try_from(size).unwrap_or(u32::MAX);
            let images = Images { side: size(height), classes: size(classes) };
            let mut spec = hybrid(*width, &[2; 3], blocks, images)?;
            // A stem that strides: a quarter of the time.
            spec.stem.iter_mut().for_each(|stem| stem.stride = 2);
            Source::spec(&spec)?
        }
        (None, TrainNet::Spec(text)) => Source::spec(&Spec::parse(text)?)?,
    };
    let input = source.net.shape(0);
    if input != [channels, height, width] {
        let text = format!("the network reads {input:?}, the images are {:?}", [channels, height, width]);
        return Err(Error::new(Code::InvalidSetting, text));
    }
    if source.net.classes() < classes {
        let text =
            format!("the network tells {} classes apart, the data has {classes}", source.net.classes());
        return Err(Error::new(Code::InvalidSetting, text));
    }
    Ok(source)
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
) -> Result<(Net<f32>, Option<f64>)> {
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
    run.advance(task, &mut more)
        .map_err(|Stopped { reason, .. }| Error::new(Code::InvalidSetting, reason))?;
    let noted = run.noted;
    Ok((run.finish(), noted))
}

/// Trains: the network with all ReLUs for each seed, where no teacher is given, then each method at each budget.
///
/// # Errors
/// Settings and data that do not go together, a network that is not trained here, a divergence.
pub fn train(settings: &TrainSettings, progress: &mut dyn FnMut(&TrainProgress<'_>)) -> Result<Trained> {
    let task = task(settings)?;
    let classes = task.train.classes().max(task.test.classes());
    let source = source(settings, task.train.shape(), classes)?;
    let all = source.net.activations();
    if let Some(budget) = settings.budgets.iter().find(|budget| **budget > all as u64) {
        let text = format!("a budget of {budget} is above the network's {all} ReLUs");
        return Err(Error::new(Code::InvalidSetting, text));
    }
    let options = options(settings);
    let mut trained = Trained {
        images: [task.train.len(), task.validation.len(), task.test.len()],
        relus: all as u64,
        chosen_on: settings.chosen_on,
        bases: Vec::new(),
        results: Vec::new(),
        paired: Vec::new(),
        files: Vec::new(),
    };
    let mut answers = Vec::new();
    for seed in &settings.seeds {
        let mut told = TrainProgress {
            what: "base",
            budget: None,
            seed: *seed,
            epoch: 0,
            epochs: 0,
            loss: 0.0,
            validation: 0.0,
            relus: all,
        };
        let start = std::time::Instant::now();
        let base = match settings.teacher {
            Some(_) => source.net.clone(),
            None => carry_out(options.base(), source.drawn(*seed), &task, &told, progress)?.0,
        };
        let base_accuracy = accuracy(&base, &task.test);
        trained.bases.push(TrainedBase {
            seed: *seed,
            relus: all as u64,
            test_accuracy: base_accuracy,
            validation_accuracy: accuracy(&base, &task.validation),
            seconds: since(start),
        });
        for method in &settings.methods {
            for budget in &settings.budgets {
                (told.what, told.budget) = (method.name(), Some(*budget));
                let start = std::time::Instant::now();
                let steps = options.method((*method).into(), *budget as usize, all);
                let (net, noted) = carry_out(steps, base.clone(), &task, &told, progress)?;
                let seconds = since(start);
                let right = hits(&net, &task.test);
                trained.results.push(TrainResult {
                    method: *method,
                    budget: *budget,
                    seed: *seed,
                    relus: net.relus() as u64,
                    test_accuracy: share(&right),
                    accuracy_before_finetune: noted.unwrap_or(base_accuracy),
                    validation_accuracy: accuracy(&net, &task.validation),
                    base_accuracy,
                    seconds,
                });
                answers.push(right);
                let bytes = source.export(&net)?;
                trained.files.push(TrainedFile { method: *method, budget: *budget, seed: *seed, bytes });
            }
        }
    }
    trained.paired = paired(&trained.results, &answers);
    Ok(trained)
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
