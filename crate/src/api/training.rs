//! Training in the page, whose engine is a package of its own: here a network becomes what that package starts from, and
//! what it trained becomes a file.

use serde::{Deserialize, Serialize};

use super::train::{ChosenOn, TrainData, TrainNet, TrainSettings, options, source};
use crate::design::Spec;
use crate::error::{Code, Error, Result};
use crate::limits::MAX_TRAINED_BYTES;
use crate::train::{data, source::Source};

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
}

/// What a network that is to be trained is like.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct TrainingView {
    /// ReLUs of one image.
    pub relus: u64,
    /// Weights, without those that decide masks.
    pub params: u64,
    /// Epochs of the network with all ReLUs, of a search, of fine-tuning, at most.
    pub epochs: [usize; 3],
    /// All sizes and rates, as the engine reads them.
    pub options: String,
}

/// A network that is to be trained.
#[derive(Clone, Debug)]
pub struct TrainingStart {
    /// For people.
    pub view: TrainingView,
    /// For the engine.
    pub net: Vec<u8>,
}

fn of(ask: &TrainingAsk) -> Result<(TrainSettings, Source)> {
    let net = match &ask.net {
        TrainingNet::DigitsCnn => TrainNet::DigitsCnn,
        TrainingNet::Resnet { blocks, width } => TrainNet::ResNet(*blocks, *width),
        TrainingNet::Spec { spec } => TrainNet::Spec(json(spec)?),
    };
    let settings = TrainSettings {
        // The engine has the images; only their sizes of phases are asked for.
        data: if ask.figures { TrainData::Shapes(0, 0) } else { TrainData::Digits },
        net,
        teacher: None,
        methods: Vec::new(),
        budgets: Vec::new(),
        seeds: Vec::new(),
        epochs: ask.epochs,
        chosen_on: ask.chosen_on,
        code_start: false,
        degree: ask.degree,
        channels: ask.channels,
        permuted: false,
        rate: None,
        snl_lambda: None,
        jobs: 1,
    };
    let source = source(&settings, Some((ask.shape, ask.classes)), MAX_TRAINED_BYTES / 4)?.small()?;
    Ok((settings, source))
}

fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::new(Code::InvalidSetting, error.to_string()))
}

/// What the engine starts from.
///
/// # Errors
/// A network that is none, that does not fit the images, or that is too large to train here.
pub fn training_start(ask: &TrainingAsk) -> Result<TrainingStart> {
    let (settings, source) = of(ask)?;
    let options = options(&settings);
    let learnt = source.net.params.iter().filter(|param| !param.name.contains('/'));
    let view = TrainingView {
        relus: source.net.activations() as u64,
        params: learnt.map(|param| param.value.len() as u64).sum(),
        epochs: [options.base_epochs, options.search_epochs, options.tune_epochs],
        options: json(&options)?,
    };
    Ok(TrainingStart { view, net: source.net.bytes() })
}

/// The ONNX file of a network that the engine trained, from the numbers of all its parameters, in order.
///
/// # Errors
/// As [`training_start`]; `InvalidSetting` where the numbers are another network's, or one of them is none.
pub fn training_file(ask: &TrainingAsk, numbers: &[f32]) -> Result<Vec<u8>> {
    let (_, source) = of(ask)?;
    let mut net = source.net.clone();
    let mut rest = numbers;
    for param in &mut net.params {
        let to = param.slice_mut();
        let Some((own, after)) = rest.split_at_checked(to.len()) else { break };
        to.copy_from_slice(own);
        rest = after;
    }
    let all: usize = net.params.iter().map(|param| param.value.len()).sum();
    if all != numbers.len() || numbers.iter().any(|number| !number.is_finite()) {
        let text = "the trained network is another one than the settings say";
        return Err(Error::new(Code::InvalidSetting, text));
    }
    source.export(&net)
}

/// Channels, height and width, numbers and classes of an archive (.npz) of x and y.
///
/// # Errors
/// What is no such archive.
pub fn training_arrays(bytes: &[u8]) -> Result<([usize; 3], Vec<f32>, Vec<u16>)> {
    let set = data::archive(bytes)?;
    Ok((set.shape(), set.numbers().to_vec(), set.labels().to_vec()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

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
        }
    }

    fn numbers(ask: &TrainingAsk) -> Vec<f32> {
        let (_, source) = of(ask).unwrap();
        source.net.params.iter().flat_map(|param| param.slice().to_vec()).collect()
    }

    #[test]
    fn what_starts_comes_back_as_a_file() {
        let ask = ask(TrainingNet::DigitsCnn);
        let start = training_start(&ask).unwrap();
        assert_eq!((start.view.relus, start.view.epochs), (1568, [1, 60, 2]));
        let numbers = numbers(&ask);
        let file = training_file(&ask, &numbers).unwrap();
        let back = Source::file("net.onnx", &file).unwrap().net;
        assert_eq!(back.activations(), 1568);
        // Weights alone: what decides masks stands in the file as a mask.
        let weights = back.params.iter().filter(|param| !param.name.contains('/'));
        assert_eq!(weights.map(|param| param.value.len() as u64).sum::<u64>(), start.view.params);
    }

    #[test]
    fn numbers_of_another_network_are_refused() {
        let digits = ask(TrainingNet::DigitsCnn);
        let mut figures = ask(TrainingNet::Resnet { blocks: [1; 4], width: 4 });
        figures.shape = [3, 16, 16];
        let mut numbers = numbers(&digits);
        assert!(training_file(&figures, &numbers).unwrap_err().message.contains("another one"));
        for end in [0, 1, numbers.len() - 1] {
            assert!(training_file(&digits, &numbers[..end]).is_err(), "{end}");
        }
        numbers[7] = f32::NAN;
        assert!(training_file(&digits, &numbers).is_err());
    }

    #[test]
    fn a_network_of_a_link_is_counted_before_it_is_made() {
        let mut wide = ask(TrainingNet::Resnet { blocks: [2; 4], width: 8192 });
        wide.shape = [3, 16, 16];
        assert_eq!(training_start(&wide).unwrap_err().code, Code::LimitExceeded);
    }
}
