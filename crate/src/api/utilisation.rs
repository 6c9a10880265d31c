//! `utilisation`: what a network would miss of each layer. `reluctant.utilisation/1`; field names are a contract: add, never
//! rename.

use reluctant_train::data::Set;
use reluctant_train::utilise::{self, Ask, Layer, Move, Work};
use serde::Serialize;

use crate::error::{Code, Error, Result};
use crate::names::names;
use crate::run::tensor::Tensor;
use crate::train::{data, source::Source};

names! { "work",
    /// What a layer's work is.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum UtilisationOf {
        /// ReLUs that stay: a random share of a site's gives way to x.
        #[default]
        Relu = "relu",
        /// Multiplications: noise on a layer's channels.
        Flops = "flops",
    }
}

/// How it is measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UtilisationSettings {
    /// Of what.
    pub of: UtilisationOf,
    /// Mean share of a layer's work that goes: 0.05 at CIFAR's sizes, 0.2 at ImageNet's.
    pub share: f64,
    /// Draws that are averaged: 5 in the released code.
    pub draws: usize,
    /// Seed of the draws.
    pub seed: u64,
}

impl Default for UtilisationSettings {
    fn default() -> Self {
        Self { of: UtilisationOf::Relu, share: 0.05, draws: 5, seed: 0 }
    }
}

/// One layer.
#[derive(Clone, Debug, Serialize)]
pub struct UtilisationSite {
    /// Name of its activation's result, or of its weight.
    pub name: String,
    /// ReLUs that stay, or multiplications of its convolution and of those that read its channels.
    pub work: u64,
    /// Share of it that goes, the same expected work for every layer.
    pub drop: f64,
    /// Rise of the loss; null where nothing was run.
    pub utilisation: Option<f64>,
    /// The same for each 1,000 of its work.
    pub per_1000: Option<f64>,
}

/// What a network would miss.
#[derive(Clone, Debug, Serialize)]
pub struct UtilisationReport {
    /// Always `reluctant.utilisation/1`.
    pub schema: &'static str,
    /// Of what.
    pub of: UtilisationOf,
    /// Images.
    pub images: usize,
    /// `labels`: rise of the cross-entropy; `outputs`: divergence from the undisturbed outputs.
    pub against: &'static str,
    /// Draws that were averaged.
    pub draws: usize,
    /// Seed.
    pub seed: u64,
    /// Layers, in the order of the network.
    pub sites: Vec<UtilisationSite>,
    /// One step of adjusting; empty where nothing was run.
    pub moves: Vec<Move>,
}

/// Works and drops alone of an example, whose weights nobody has.
///
/// # Errors
/// As opening; `NotSupported` for what the training engine has no layer for.
pub fn utilisation_of_example(id: &str, settings: &UtilisationSettings) -> Result<UtilisationReport> {
    let source = Source::example(id)?;
    let layers = utilise::layers(&source.net, checked(settings)?.what, settings.share);
    Ok(report(settings, 0, "nothing", layers, Vec::new()))
}

/// Measures a model (ONNX) on images, with their classes or against its own outputs.
///
/// # Errors
/// What is wrong with the file; `NotSupported` for what the training engine has no layer for; `LimitExceeded` for a network
/// too large; `InvalidSetting` for images or labels that do not fit.
pub fn utilisation(
    (name, bytes): (&str, &[u8]),
    x: &Tensor,
    labels: Option<&Tensor>,
    settings: &UtilisationSettings,
) -> Result<UtilisationReport> {
    let ask = Ask { labels: labels.is_some(), ..checked(settings)? };
    let net = Source::file(name, bytes)?.small()?.net;
    let set = images(x, labels)?;
    if set.shape() != net.shape(0) {
        let text = format!("the network reads {:?}, the images are {:?}", net.shape(0), set.shape());
        return Err(Error::new(Code::InvalidSetting, text));
    }
    if labels.is_some() && set.classes() > net.classes() {
        let text =
            format!("the network tells {} classes apart, a label is {}", net.classes(), set.classes() - 1);
        return Err(Error::new(Code::InvalidSetting, text));
    }
    let layers = utilise::utilisation(&net, &set, &ask);
    let widths: Vec<u64> = layers.iter().map(|layer| utilise::width(&net, ask.what, layer)).collect();
    let moves = utilise::moves(ask.what, &layers, &widths);
    let against = if ask.labels { "labels" } else { "outputs" };
    Ok(report(settings, set.len(), against, layers, moves))
}

fn checked(settings: &UtilisationSettings) -> Result<Ask> {
    let bad = |text: &str| Err(Error::new(Code::InvalidSetting, text));
    if !(settings.share > 0.0 && settings.share < 1.0) {
        return bad("the share that goes lies between 0 and 1");
    }
    if !(1..=MOST_DRAWS).contains(&settings.draws) {
        return bad("1 to 1,000 draws are averaged");
    }
    let what = match settings.of {
        UtilisationOf::Relu => Work::Relu,
        UtilisationOf::Flops => Work::Flops,
    };
    Ok(Ask { what, share: settings.share, draws: settings.draws, seed: settings.seed, labels: false })
}

const MOST_DRAWS: usize = 1000;

/// Images, with classes or without.
fn images(x: &Tensor, labels: Option<&Tensor>) -> Result<Set<f32>> {
    match labels {
        Some(y) => data::set(x, y),
        None => data::unlabelled(x),
    }
}

fn report(
    settings: &UtilisationSettings,
    images: usize,
    against: &'static str,
    layers: Vec<Layer>,
    moves: Vec<Move>,
) -> UtilisationReport {
    let site = |Layer { name, work, drop, utilisation, .. }: Layer| {
        let utilisation = Some(utilisation).filter(|rise| rise.is_finite());
        let per = |rise: f64| (work > 0).then(|| rise / work as f64 * 1000.0);
        UtilisationSite { name, work, drop, utilisation, per_1000: utilisation.and_then(per) }
    };
    UtilisationReport {
        schema: "reluctant.utilisation/1",
        of: settings.of,
        images,
        against,
        draws: settings.draws,
        seed: settings.seed,
        sites: layers.into_iter().map(site).collect(),
        moves,
    }
}
