//! `train`: a network, data, a method and budgets become trained networks and their accuracy.

use reluctant_train::data::Task;
use reluctant_train::fit::Choose;
use reluctant_train::methods::{Method, Options};

use crate::design::{Block, Head, Images, Spec, Stage, hybrid};
use crate::error::{Code, Error, Result};
use crate::limits::MAX_SPEC_PARAMS;
use crate::names::names;
use crate::run::{npy, npz};
use crate::train::data;
#[cfg(feature = "cli")]
pub use crate::train::pictures::Picture;
#[cfg(feature = "cli")]
use crate::train::pictures::pictures;
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
        /// Masks and polynomials of a plan, as they are.
        Plan = "plan",
        /// One random map of places for all layers, drawn once and frozen; the linear outputs go with them.
        Nested = "nested",
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
    /// Pictures to train on, to test on.
    #[cfg(feature = "cli")]
    Pictures(Vec<Picture>, Vec<Picture>),
    /// Four arrays (.npy): x and y to train on, x and y to test on.
    Arrays([Vec<u8>; 4]),
    /// Read there: only for [`pytorch_folder`].
    Torchvision(Torchvision),
}

impl TrainData {
    pub(super) fn label(&self) -> &'static str {
        match self {
            Self::Digits => "digits",
            Self::Shapes(..) => "shapes",
            Self::Archives(..) | Self::Arrays(..) => "own",
            #[cfg(feature = "cli")]
            Self::Pictures(..) => "own",
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
    /// Three convolutions of 4, 4 and 6 channels, the second of which strides: 14 channels of ReLUs, every mask of
    /// which can be tried.
    Plain,
    /// A residual network as text (JSON).
    Spec(String),
    /// That of a file, by name and bytes (ONNX): its weights are drawn, biases and places of activations stay where they begin.
    #[cfg(feature = "cli")]
    Onnx(String, Vec<u8>),
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
    /// A plan for the network (`reluctant.plan/1`): what the method `plan` fine-tunes, at its own number of ReLUs.
    pub plan: Option<String>,
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
    /// SNL's lambda at the start; the data's own where not given.
    pub snl_lambda: Option<f64>,
    /// Seeds that are trained at once; what comes out is the same.
    pub jobs: usize,
}

impl TrainSettings {
    /// Of these images and this network, seed 0, everything else as the command line has it unless it is told: no method yet.
    pub fn new(data: TrainData, net: TrainNet) -> Self {
        Self {
            data,
            net,
            teacher: None,
            plan: None,
            methods: Vec::new(),
            budgets: Vec::new(),
            seeds: vec![0],
            epochs: [None; 3],
            chosen_on: ChosenOn::Validation,
            code_start: false,
            degree: 2,
            channels: false,
            permuted: false,
            rate: None,
            snl_lambda: None,
            jobs: 1,
        }
    }
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

impl From<TrainMethod> for Method {
    fn from(method: TrainMethod) -> Self {
        match method {
            TrainMethod::Snl => Self::Snl,
            TrainMethod::Autorep => Self::Autorep,
            TrainMethod::Random => Self::Random,
            TrainMethod::RandomPoly => Self::RandomPoly,
            TrainMethod::Bcd => Self::Bcd,
            TrainMethod::Plan => Self::Plan,
            TrainMethod::Nested => Self::Nested,
        }
    }
}

/// Images and labels, as the settings ask for them.
pub(super) fn task(settings: &TrainSettings) -> Result<Task<f32>> {
    let mut task = match &settings.data {
        TrainData::Digits => data::digits()?,
        TrainData::Shapes(train, test) => data::shapes(*train, *test)?,
        TrainData::Archives(train, test) => data::task(data::archive(train)?, data::archive(test)?)?,
        #[cfg(feature = "cli")]
        TrainData::Pictures(train, test) => pictures(train, test)?,
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
pub(super) fn shape_of(task: &Task<f32>) -> ([usize; 3], usize) {
    (task.train.shape(), task.train.classes().max(task.test.classes()))
}

fn unknown() -> Error {
    Error::new(Code::InvalidSetting, "the size of the images is not known")
        .hint("give a network as JSON or a teacher")
}

/// The network as a spec, where it is one.
pub(super) fn spec(net: &TrainNet, images: Option<([usize; 3], usize)>) -> Result<Option<Spec>> {
    let size = |size: usize| u32::try_from(size).unwrap_or(u32::MAX);
    Ok(Some(match net {
        TrainNet::DigitsCnn => return Ok(None),
        #[cfg(feature = "cli")]
        TrainNet::Onnx(..) => return Ok(None),
        TrainNet::ResNet(blocks, width) => {
            let ([_, height, _], classes) = images.ok_or_else(unknown)?;
            let images = Images { side: size(height), classes: size(classes) };
            let mut spec = hybrid(*width, &[2; 3], blocks, images)?;
            // A stem that strides: a quarter of the time.
            spec.stem.iter_mut().for_each(|stem| stem.stride = 2);
            spec
        }
        TrainNet::Plain => {
            let (input, classes) = images.ok_or_else(unknown)?;
            let stages = [(4, 1), (4, 2), (6, 1)];
            let stages = stages.map(|(width, stride)| Stage::new(Block::Vgg, 1, width, stride)).to_vec();
            Spec { input: input.map(size), classes: size(classes), stem: None, stages, head: Head::Gap }
        }
        TrainNet::Spec(text) => Spec::parse(text)?,
    }))
}

/// The network, for images of a shape and so many classes, where they are known; a spec of so many parameters at most.
pub(super) fn source(
    settings: &TrainSettings,
    images: Option<([usize; 3], usize)>,
    most: u64,
) -> Result<Source> {
    let source = match &settings.teacher {
        Some((name, bytes)) => Source::file(name, bytes)?.unmasked()?,
        None => match (spec(&settings.net, images)?, &settings.net) {
            (Some(spec), _) => Source::spec(&spec, most)?,
            #[cfg(feature = "cli")]
            (_, TrainNet::Onnx(name, bytes)) => Source::file(name, bytes)?.unmasked()?,
            _ => {
                let (shape, classes) = images.ok_or_else(unknown)?;
                Source::digits(shape, classes)?
            }
        },
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

/// A budget for each method that needs one, none above the network's ReLUs; a rate that is one.
pub(super) fn checked(settings: &TrainSettings, all: usize) -> Result<()> {
    if settings.rate.is_some_and(|rate| !rate.is_finite() || rate <= 0.0) {
        return Err(Error::new(Code::InvalidSetting, "a learning rate is a positive number"));
    }
    if settings.snl_lambda.is_some_and(|lambda| !lambda.is_finite() || lambda < 0.0) {
        return Err(Error::new(Code::InvalidSetting, "SNL's lambda is a number from 0"));
    }
    if settings.methods.contains(&TrainMethod::Plan) != settings.plan.is_some() {
        let text = "a plan and the method plan go together";
        return Err(Error::new(Code::InvalidSetting, text).hint("give --plan FILE and --method plan"));
    }
    // A plan says itself what stays; every other method is told.
    let told = settings.methods.iter().find(|method| **method != TrainMethod::Plan);
    if let Some(method) = told.filter(|_| settings.budgets.is_empty()) {
        let text = format!("{} is given no budget", method.name());
        return Err(Error::new(Code::InvalidSetting, text).hint("give --budget N: the ReLUs that stay"));
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
/// As of `train`, but a network may be larger than what is trained here.
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
    folder(settings, settings.data.label(), task.as_ref(), images)
}

/// The same of images that are at hand, if they go along; `data` is what they are called.
pub(super) fn folder(
    settings: &TrainSettings,
    data: &str,
    task: Option<&Task<f32>>,
    images: Option<([usize; 3], usize)>,
) -> Result<Vec<(String, Vec<u8>)>> {
    let source = source(settings, images, MAX_SPEC_PARAMS)?;
    let (options, all) = (options(settings), source.net.activations());
    checked(settings, all)?;
    if settings.plan.is_some() {
        let text = "the folder for PyTorch has no method plan";
        return Err(Error::new(Code::NotSupported, text).hint("leave --plan out"));
    }
    if settings.methods.contains(&TrainMethod::Nested) {
        let text = "the folder for PyTorch has no method nested";
        return Err(Error::new(Code::NotSupported, text).hint("train it here, or take other methods"));
    }
    let taught = settings.teacher.is_some();
    let begins = |seed: &u64| (*seed, if taught { source.net.clone() } else { source.drawn(*seed) });
    let jobs = settings.methods.iter().flat_map(|method| {
        let of =
            |budget: &u64| (method.name(), *budget, options.method((*method).into(), *budget as usize, all));
        settings.budgets.iter().map(of).collect::<Vec<_>>()
    });
    Folder {
        data,
        chosen_on: settings.chosen_on.name(),
        net: &source.net,
        seeds: settings.seeds.iter().map(begins).collect(),
        base: if taught { Vec::new() } else { options.base() },
        jobs: jobs.collect(),
        task,
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
    options.snl_lambda = settings.snl_lambda.unwrap_or(options.snl_lambda);
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
