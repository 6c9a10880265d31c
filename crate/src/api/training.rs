//! Training in the page, whose engine is a package of its own: here a network becomes what that package starts from, and
//! what it trained becomes a file.

use serde::{Deserialize, Serialize};

use super::train::{
    ChosenOn, TrainData, TrainMethod, TrainNet, TrainSettings, folder, options, source, spec,
};
use super::train_stages::{alone, staged};
use crate::design::Spec;
use crate::error::{Code, Error, Result};
use crate::limits::MAX_TRAINED_BYTES;
use crate::rewrite::Plan;
use crate::run::{npy, npz};
use crate::train::{data, source::Source};
use reluctant_train::data::Set;
use reluctant_train::net::{Net, Role};

/// Which network.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum TrainingNet {
    /// The network of the digits, for any images.
    DigitsCnn,
    /// So many blocks a stage, channels of the first stage.
    Resnet {
        /// Blocks of each stage.
        blocks: [u32; 4],
        /// Channels of the first.
        width: u32,
    },
    /// One that was designed.
    Spec {
        /// It.
        spec: Spec,
    },
    /// A trained one, in a file of its own ([`Taught`]): it is the network with all ReLUs.
    Given,
}

/// A trained network, as a file, and what it is to be fine-tuned to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Taught<'a> {
    /// ONNX with its weights; empty where the ask names another network.
    pub file: &'a [u8],
    /// A plan for it (`reluctant.plan/1`); empty where there is none.
    pub plan: &'a str,
}

/// What a training begins from.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct TrainingAsk {
    /// Channels, height and width of the images.
    pub shape: [usize; 3],
    /// Their classes.
    pub classes: usize,
    /// They are the drawn figures, which are trained on more slowly.
    pub figures: bool,
    /// Which network.
    pub net: TrainingNet,
    /// Epochs of the network with all ReLUs, of a search, of fine-tuning; null: as the command line takes them.
    pub epochs: [Option<usize>; 3],
    /// What chooses checkpoints.
    pub chosen_on: ChosenOn,
    /// AutoReP's degree: 2, 1, or 0 for x.
    pub degree: usize,
    /// AutoReP decides by channels.
    pub channels: bool,
    /// The ReLUs of these stages alone, from 1; the stem's belong to the first. Null: all.
    pub only: Option<Vec<u32>>,
}

/// What a network that is to be trained is like.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct TrainingView {
    /// ReLUs of one image.
    pub relus: u64,
    /// Numbers that training the network with all ReLUs moves: weights and biases, normalisations' scale and shift, not their
    /// running moments.
    pub params: u64,
    /// Stages that the network has; 0 where it was not made of stages.
    pub stages: u32,
    /// Epochs of the network with all ReLUs, of a search, of fine-tuning, at most.
    pub epochs: [usize; 3],
    /// All sizes and rates, as the engine reads them.
    pub options: String,
    /// The network as a spec, where it is one.
    pub spec: Option<Spec>,
    /// What the plan keeps, and its masks and polynomials as the engine reads them.
    pub held: Option<HeldView>,
}

/// A plan that is to be fine-tuned.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct HeldView {
    /// ReLUs that stay.
    pub kept: u64,
    /// Linear outputs go with the others.
    pub drops: bool,
    /// For the engine.
    pub masks: String,
}

/// A trained network as a file with all its ReLUs, and a plan that takes them.
#[derive(Clone, Debug)]
pub struct TrainedPlan {
    /// ONNX.
    pub file: Vec<u8>,
    /// `reluctant.plan/1`.
    pub plan: String,
}

/// A network that is to be trained.
#[derive(Clone, Debug)]
pub struct TrainingStart {
    /// For people.
    pub view: TrainingView,
    /// For the engine.
    pub net: Vec<u8>,
}

fn of(ask: &TrainingAsk, given: Taught<'_>) -> Result<(TrainSettings, Source)> {
    let settings = settings_of(ask, given)?;
    let source = source(&settings, Some((ask.shape, ask.classes)), MAX_TRAINED_BYTES / 4)?.small()?;
    Ok((settings, source))
}

fn settings_of(ask: &TrainingAsk, given: Taught<'_>) -> Result<TrainSettings> {
    let net = match &ask.net {
        TrainingNet::DigitsCnn => TrainNet::DigitsCnn,
        TrainingNet::Resnet { blocks, width } => TrainNet::ResNet(*blocks, *width),
        TrainingNet::Spec { spec } => TrainNet::Spec(json(spec)?),
        TrainingNet::Given => TrainNet::DigitsCnn,
    };
    let taught = matches!(ask.net, TrainingNet::Given);
    if taught && given.file.is_empty() {
        let text = "the trained network that this begins from is not here";
        return Err(Error::new(Code::MissingData, text).hint("open it again, then train it from Replace"));
    }
    let images = (ask.shape, ask.classes);
    let net = match &ask.only {
        None => net,
        Some(only) => TrainNet::Spec(json(&alone(staged(&net, images, taught)?, only)?)?),
    };
    Ok(TrainSettings {
        teacher: taught.then(|| ("network.onnx".to_owned(), given.file.to_vec())),
        epochs: ask.epochs,
        chosen_on: ask.chosen_on,
        degree: ask.degree,
        channels: ask.channels,
        // The engine has the images; only their sizes of phases are asked for.
        ..TrainSettings::new(if ask.figures { TrainData::Shapes(0, 0) } else { TrainData::Digits }, net)
    })
}

fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::new(Code::InvalidSetting, error.to_string()))
}

/// What the engine starts from.
///
/// # Errors
/// A network that is none, that does not fit the images, or that is too large to train here.
pub fn training_start(ask: &TrainingAsk, given: Taught<'_>) -> Result<TrainingStart> {
    let (settings, source) = of(ask, given)?;
    let options = options(&settings);
    let learnt = source.net.params.iter().filter(|param| matches!(param.role, Role::Weight | Role::Bias));
    let stages = match settings.teacher {
        Some(_) => 0,
        None => spec(&settings.net, Some((ask.shape, ask.classes)))?.map_or(0, |spec| spec.stages.len()),
    };
    let held = match given.plan {
        "" => None,
        text => {
            let held = source.held(&Plan::from_json(text)?)?;
            let kept = held.iter().flat_map(|of| &of.kept).filter(|kept| **kept).count() as u64;
            let drops = held.iter().any(|of| of.drops);
            Some(HeldView { kept, drops, masks: json(&held)? })
        }
    };
    let taught = settings.teacher.is_some();
    let spec = if taught { None } else { spec(&settings.net, Some((ask.shape, ask.classes)))? };
    let view = TrainingView {
        spec,
        held,
        relus: source.net.activations() as u64,
        params: learnt.map(|param| param.value.len() as u64).sum(),
        stages: stages as u32,
        epochs: [options.base_epochs, options.search_epochs, options.tune_epochs],
        options: json(&options)?,
    };
    Ok(TrainingStart { view, net: source.net.bytes() })
}

/// What the engine trained: the numbers of all parameters of a network, in order.
#[derive(Clone, Copy, Debug)]
pub struct TrainedNumbers<'a> {
    /// They.
    pub all: &'a [f32],
    /// Whether linear outputs are dropped where ReLUs are.
    pub drops: bool,
}

/// The ONNX file of a network that the engine trained.
///
/// # Errors
/// As [`training_start`]; `InvalidSetting` where the numbers are another network's, or one of them is none.
pub fn training_file(ask: &TrainingAsk, given: Taught<'_>, numbers: TrainedNumbers<'_>) -> Result<Vec<u8>> {
    let (source, net) = trained(ask, given, numbers)?;
    source.export(&net)
}

/// The same as a network with all its ReLUs, and the plan that takes them; `settings` say how, for people.
///
/// # Errors
/// As [`training_file`].
pub fn training_plan(
    ask: &TrainingAsk,
    given: Taught<'_>,
    numbers: TrainedNumbers<'_>,
    settings: Vec<(String, String)>,
) -> Result<TrainedPlan> {
    let (source, net) = trained(ask, given, numbers)?;
    Ok(TrainedPlan { file: source.plain(&net), plan: source.plan(&net, settings)?.to_json()? })
}

fn trained(ask: &TrainingAsk, given: Taught<'_>, numbers: TrainedNumbers<'_>) -> Result<(Source, Net<f32>)> {
    let (_, source) = of(ask, given)?;
    let TrainedNumbers { all, drops } = numbers;
    let mut net = source.with(all)?;
    if drops {
        net.drop_outputs(|_| true);
    }
    Ok((source, net))
}

/// Channels, height and width, numbers and classes: of an archive (.npz) of x and y, or of two arrays (.npy).
///
/// # Errors
/// What is no such archive, or no such array.
pub fn training_arrays(first: &[u8], second: &[u8]) -> Result<([usize; 3], Vec<f32>, Vec<u16>)> {
    let set = match second {
        [] => data::archive(first)?,
        _ => {
            let (first, second) = (npy::read(first)?, npy::read(second)?);
            let labels_first = first.shape().len() < second.shape().len();
            let (x, y) = if labels_first { (second, first) } else { (first, second) };
            data::set(&x, &y)?
        }
    };
    Ok((set.shape(), set.numbers().to_vec(), set.labels().to_vec()))
}

/// What PyTorch trains elsewhere.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct FolderAsk {
    /// Network, phases, and what is chosen how.
    pub of: TrainingAsk,
    /// What the images are called.
    pub data: String,
    /// Figures drawn to train and to test on; null: the images are given.
    pub figures: Option<[usize; 2]>,
    /// Methods.
    pub methods: Vec<TrainMethod>,
    /// ReLUs that stay, for each method.
    pub budgets: Vec<u64>,
    /// Seeds; each begins with weights of its own.
    pub seeds: Vec<u64>,
}

/// Numbers and classes to train on, then to test on.
pub type GivenImages = [(Vec<f32>, Vec<u16>); 2];

/// Networks with weights of their own that one folder holds.
const MOST_SEEDS: usize = 64;

/// The folder in which PyTorch trains the same, as a zip; `file` is the trained network that it begins from, if it does.
///
/// # Errors
/// As `pytorch_folder`; images that do not go together; more than 64 seeds.
pub fn training_folder(ask: &FolderAsk, file: &[u8], [train, test]: GivenImages) -> Result<Vec<u8>> {
    if ask.seeds.len() > MOST_SEEDS {
        let text = format!("a folder holds networks of {MOST_SEEDS} seeds at most");
        return Err(Error::new(Code::LimitExceeded, text));
    }
    let settings = TrainSettings {
        methods: ask.methods.clone(),
        budgets: ask.budgets.clone(),
        seeds: ask.seeds.clone(),
        ..settings_of(&ask.of, Taught { file, plan: "" })?
    };
    let set =
        |(x, y)| Set::new(ask.of.shape, x, y).map_err(|unfit| Error::new(Code::InvalidSetting, unfit.0));
    let task = match ask.figures {
        Some([train, test]) => data::shapes(train, test)?,
        None => data::task(set(train)?, set(test)?)?,
    };
    let files = folder(&settings, &ask.data, Some(&task), Some((ask.of.shape, ask.of.classes)))?;
    npz::zip(files.iter().map(|(name, bytes)| (format!("pytorch/{name}"), &bytes[..])))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::ops::ControlFlow;

    use prost::Message;
    use reluctant_train::Held;
    use reluctant_train::site::Site;

    use super::super::{Model, NamedFile, Settings};
    use super::*;
    use crate::onnx::ModelProto;
    use crate::run::tensor::Tensor;

    fn ask(net: TrainingNet) -> TrainingAsk {
        let (epochs, chosen_on) = ([Some(1), None, Some(2)], ChosenOn::Validation);
        TrainingAsk {
            shape: [1, 8, 8],
            classes: 10,
            figures: false,
            net,
            epochs,
            chosen_on,
            degree: 2,
            channels: false,
            only: None,
        }
    }

    fn all(numbers: &[f32]) -> TrainedNumbers<'_> {
        TrainedNumbers { all: numbers, drops: false }
    }

    fn numbers(ask: &TrainingAsk) -> Vec<f32> {
        let (_, source) = of(ask, Taught::default()).unwrap();
        source.net.params.iter().flat_map(|param| param.slice().to_vec()).collect()
    }

    #[test]
    fn what_starts_comes_back_as_a_file() {
        let ask = ask(TrainingNet::DigitsCnn);
        let start = training_start(&ask, Taught::default()).unwrap();
        assert_eq!((start.view.relus, start.view.epochs), (1568, [1, 60, 2]));
        let numbers = numbers(&ask);
        let file = training_file(&ask, Taught::default(), all(&numbers)).unwrap();
        assert_eq!(Source::file("net.onnx", &file).unwrap().net.activations(), 1568);
    }

    /// What a file stores, but for the running moments of its normalisations.
    fn stored(file: &[u8]) -> u64 {
        let graph = ModelProto::decode(file).unwrap().graph.unwrap();
        let normalised = graph.node.iter().filter(|node| node.op_type() == "BatchNormalization");
        let running: Vec<&String> = normalised.flat_map(|node| &node.input[3..]).collect();
        let learnt =
            graph.initializer.iter().filter(|tensor| !running.iter().any(|name| *name == tensor.name()));
        learnt.map(|tensor| tensor.dims.iter().product::<i64>() as u64).sum()
    }

    #[test]
    fn parameters_are_what_the_file_stores_whatever_their_names() {
        let own = ask(TrainingNet::DigitsCnn);
        let file = training_file(&own, Taught::default(), all(&numbers(&own))).unwrap();
        let params = training_start(&own, Taught::default()).unwrap().view.params;
        assert_eq!(params, stored(&file));
        // As the page's Score counts them.
        let named = NamedFile { name: "net.onnx".to_owned(), bytes: &file };
        let model = Model::open(&named, Vec::new(), &mut |_, _| ControlFlow::Continue(())).unwrap();
        assert_eq!(params, model.score(&Settings::default()).unwrap().score.totals.params);

        // Its normalisations folded, but for one of 32 channels.
        let folded = include_bytes!("../../../tests/corpus/digits/digits_cnn.onnx");
        let start = training_start(&ask(TrainingNet::Given), Taught { file: folded, plan: "" }).unwrap();
        assert_eq!((start.view.params, stored(folded)), (6_626, 6_626));

        // As TensorFlow names them.
        let mut slashed = ModelProto::decode(&file[..]).unwrap();
        let graph = slashed.graph.as_mut().unwrap();
        let names: Vec<String> = graph.initializer.iter().map(|tensor| tensor.name().to_owned()).collect();
        let inputs = graph.node.iter_mut().flat_map(|node| &mut node.input);
        inputs.filter(|name| names.contains(name)).for_each(|name| *name = format!("model/{name}"));
        graph
            .initializer
            .iter_mut()
            .for_each(|tensor| tensor.name = Some(format!("model/{}", tensor.name())));
        let file = slashed.encode_to_vec();
        let start = training_start(&ask(TrainingNet::Given), Taught { file: &file, plan: "" }).unwrap();
        assert_eq!((start.view.params, start.view.stages), (params, 0));
    }

    #[test]
    fn the_relus_of_some_stages_are_asked_for_alone() {
        let mut of = ask(TrainingNet::Resnet { blocks: [1; 4], width: 4 });
        of.shape = [3, 16, 16];
        let relus = |only: Option<Vec<u32>>| {
            let ask = TrainingAsk { only, ..of.clone() };
            training_start(&ask, Taught::default()).map(|start| (start.view.relus, start.view.stages))
        };
        // The stem's 4 channels of 8x8, then two activations a block: 4 of 8x8, 8 of 4x4, 16 of 2x2, 32 of 1x1.
        let of_stage = [3 * 256, 2 * 128, 2 * 64, 2 * 32];
        assert_eq!(relus(None).unwrap(), (of_stage.iter().sum(), 4));
        assert_eq!(relus(Some(Vec::new())).unwrap(), (0, 4));
        for (place, expected) in of_stage.into_iter().enumerate() {
            assert_eq!(relus(Some(vec![place as u32 + 1])).unwrap(), (expected, 4));
        }
        for net in [TrainingNet::DigitsCnn, TrainingNet::Given] {
            let ask = TrainingAsk { only: Some(vec![1]), ..ask(net) };
            let file = training_file(&own_digits(), Taught::default(), all(&numbers(&own_digits()))).unwrap();
            let refused = training_start(&ask, Taught { file: &file, plan: "" }).unwrap_err();
            assert!(refused.message.contains("no stages"), "{refused:?}");
        }
        of.only = Some(vec![5]);
        assert_eq!(training_start(&of, Taught::default()).unwrap_err().code, Code::InvalidSetting);
    }

    fn own_digits() -> TrainingAsk {
        ask(TrainingNet::DigitsCnn)
    }

    #[test]
    fn a_trained_network_and_its_plan_come_back_to_be_fine_tuned() {
        let own = ask(TrainingNet::DigitsCnn);
        let (_, source) = of(&own, Taught::default()).unwrap();
        // Of each site two in five stay; each channel has a polynomial of its own.
        let mut net = source.net.clone();
        let held = |site: &Site<f32>| Held {
            kept: (0..site.elements()).map(|at| at % 5 < 2).collect(),
            coefficients: (0..site.shape[0]).map(|at| [0.125, 0.5, at as f32 / 64.0]).collect(),
            drops: false,
        };
        let masks: Vec<Held> = net.sites.iter().map(held).collect();
        net.hold(&masks).unwrap();
        let numbers: Vec<f32> = net.params.iter().flat_map(|param| param.slice().to_vec()).collect();
        let settings = vec![("policy".to_owned(), "snl".to_owned())];
        let TrainedPlan { file, plan } =
            training_plan(&own, Taught::default(), all(&numbers), settings).unwrap();
        // The file holds every ReLU: the plan takes them.
        let read = Plan::from_json(&plan).unwrap();
        assert_eq!((read.total, read.kept), (1568, net.relus() as u64));
        let given = ask(TrainingNet::Given);
        let start = training_start(&given, Taught { file: &file, plan: &plan }).unwrap();
        assert_eq!(start.view.relus, 1568);
        let view = start.view.held.unwrap();
        assert_eq!(view.kept, net.relus() as u64);
        let back: Vec<Held> = serde_json::from_str(&view.masks).unwrap();
        assert_eq!(back, masks);

        let refused = |plan: &str| training_start(&given, Taught { file: &file, plan }).unwrap_err();
        let other = plan.replacen(&read.layers[0].output, "another", 1);
        assert!(refused(&other).message.contains("another model"));
        let mut cubic = read.clone();
        cubic.layers[1].coefficients[0] = vec![0.0, 1.0, 0.5, 0.25];
        assert_eq!(refused(&cubic.to_json().unwrap()).code, Code::NotSupported);
        assert_eq!(training_start(&given, Taught::default()).unwrap_err().code, Code::MissingData);
    }

    #[test]
    fn arrays_come_in_an_archive_or_by_themselves() {
        let x = npy::write(&Tensor::new(vec![3, 1, 2, 2], (0..12).map(|v| v as f32).collect()).unwrap());
        let y = npy::write(&Tensor::new(vec![3], vec![2i64, 0, 1]).unwrap());
        let both = training_arrays(&x, &y).unwrap();
        assert_eq!((both.0, both.2.clone()), ([1, 2, 2], vec![2, 0, 1]));
        assert_eq!(training_arrays(&y, &x).unwrap(), both);
        assert!(training_arrays(&x, b"").is_err());
        assert!(training_arrays(&x, &x).is_err());
    }

    #[test]
    fn numbers_of_another_network_are_refused() {
        let digits = ask(TrainingNet::DigitsCnn);
        let mut figures = ask(TrainingNet::Resnet { blocks: [1; 4], width: 4 });
        figures.shape = [3, 16, 16];
        let mut numbers = numbers(&digits);
        assert!(
            training_file(&figures, Taught::default(), all(&numbers))
                .unwrap_err()
                .message
                .contains("another one")
        );
        for end in [0, 1, numbers.len() - 1] {
            assert!(training_file(&digits, Taught::default(), all(&numbers[..end])).is_err(), "{end}");
        }
        numbers[7] = f32::NAN;
        assert!(training_file(&digits, Taught::default(), all(&numbers)).is_err());
    }

    #[test]
    fn a_network_of_a_link_is_counted_before_it_is_made() {
        let mut wide = ask(TrainingNet::Resnet { blocks: [2; 4], width: 8192 });
        wide.shape = [3, 16, 16];
        assert_eq!(training_start(&wide, Taught::default()).unwrap_err().code, Code::LimitExceeded);
    }

    /// Beside what the command line writes: the same files, to the byte.
    #[test]
    fn a_folder_of_the_page_is_that_of_the_command_line() {
        let digits = data::digits().unwrap();
        let wanted = TrainSettings {
            methods: vec![TrainMethod::Autorep],
            budgets: vec![78],
            seeds: vec![0, 3],
            epochs: [Some(1), None, Some(2)],
            ..TrainSettings::new(TrainData::Digits, TrainNet::DigitsCnn)
        };
        let wanted = super::super::train::pytorch_folder(&wanted).unwrap();
        let figures = |set: &Set<f32>| (set.numbers().to_vec(), set.labels().to_vec());
        // The page has what stands in the files: held out is what `task` holds out of it.
        let whole = |bytes: &[u8]| figures(&data::archive(bytes).unwrap());
        let files = ["digits_train", "digits"].map(|name| {
            let path = format!("{}/../tests/corpus/digits/{name}.npz", env!("CARGO_MANIFEST_DIR"));
            whole(&std::fs::read(path).unwrap())
        });
        assert_eq!(files[1], figures(&digits.test));
        let ask = FolderAsk {
            of: TrainingAsk { epochs: [Some(1), None, Some(2)], ..ask(TrainingNet::DigitsCnn) },
            data: "digits".to_owned(),
            figures: None,
            methods: vec![TrainMethod::Autorep],
            budgets: vec![78],
            seeds: vec![0, 3],
        };
        let zip = training_folder(&ask, &[], files.clone()).unwrap();
        let found = rawzip::ZipArchive::from_slice(&zip[..]).unwrap();
        let mut names = Vec::new();
        let mut entries = found.entries();
        while let Some(entry) = entries.next_entry().unwrap() {
            let name = String::from_utf8(entry.file_path().as_ref().to_vec()).unwrap();
            let data = found.get_entry(entry.wayfinder()).unwrap().data();
            let (_, bytes) = wanted.iter().find(|(of, _)| format!("pytorch/{of}") == name).unwrap();
            assert!(data == &bytes[..], "{name}");
            names.push(name);
        }
        assert_eq!(names.len(), wanted.len());
        // Bounds before anything is drawn.
        let many = FolderAsk { seeds: (0..65).collect(), ..ask.clone() };
        assert_eq!(training_folder(&many, &[], files.clone()).unwrap_err().code, Code::LimitExceeded);
        let short = [(vec![0.0; 63], vec![0]), files[1].clone()];
        assert_eq!(training_folder(&ask, &[], short).unwrap_err().code, Code::InvalidSetting);
    }
}
