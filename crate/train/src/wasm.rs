//! The page's face of the engine: opaque handles, arrays and bytes, no logic. Runs in a worker.

// wasm-bindgen writes unsafe glue.
#![allow(unsafe_code)]

use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::adjust::{Adjust, Adjusting, Round, relus_moved, widths_moved};
use crate::climb::{Climb, climb, start};
use crate::data::{Set, Task};
use crate::fit::{Diverged, Epoch, Search};
use crate::masks::Held;
use crate::mcnemar::mcnemar as paired;
use crate::methods::{Method, Options};
use crate::net::{Net, Unfit};
use crate::random::Random;
use crate::run::{Run, Step, Stopped, accuracy, fits, hits};
use crate::utilise::{Ask, Layer, Move, Work, moves, utilisation, width};
use crate::{cells, look, sets};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = "
/** How far a run is, as JSON of `Training.advance`. */
export interface Progress {
  done: boolean;
  /** `train`, `search`, or what is done between phases of training. */
  phase: 'train' | 'search' | 'between';
  /** Epoch of the phase under way, and how many it has at most; 0 of 0 between phases. */
  epoch: number;
  epochs: number;
  /** Epochs of all phases, at most, and the share of them that is done. */
  all_epochs: number;
  share: number;
  /** Mean loss of this epoch so far. */
  loss: number | null;
  /** ReLUs that stay now, of each activation. */
  kept: number[];
  /** ReLUs that came or went since the last word. */
  flips: number;
  /** An epoch that ended since then. */
  ended: { epoch: number; loss: number; validation: number; relus: number } | null;
}
/** What the images are, as JSON of `Images.about`. */
export interface About { shape: [number, number, number]; classes: number; images: [number, number, number] }
/** An activation, as JSON of `Training.sites`. */
export interface TrainedSite { name: string; shape: [number, number, number] }
/** Of a channel, as JSON of `Training.inputs`. */
export interface InputHistogram { low: number; width: number; counts: number[] }
/** What a network would miss of a layer. */
export interface MissedLayer { name: string; work: number; drop: number; utilisation: number }
/** A layer whose width a step changes. */
export interface WidthMove { name: string; from: number; to: number }
/** What it would miss, as JSON of `missed`. */
export interface Missed { layers: MissedLayer[]; moves: WidthMove[] }
/** How good a network is on the validation images. */
export interface MoveScore { loss: number; accuracy: number }
/** A round of adjusting: the network after the move, the same training without it, which of both goes on. */
export interface AdjustRound {
  round: number;
  work: number;
  moved: WidthMove[];
  score: MoveScore;
  still: MoveScore | null;
  won: boolean;
  test: number;
}
/** How far a loop of adjusting is, as JSON of `Adjusted.advance`: all rounds that ended, and which network is the best. */
export interface AdjustedSoFar { done: boolean; share: number; best: number; rounds: AdjustRound[] }
/** A width that convolutions share, by the names of their weights, as JSON of `widths`. */
export interface TiedWidth { names: string[]; from: number; to: number }
/** Where a climb came to, as JSON of `climbed`: by the copy's gradients, and by the network's own. */
export interface Climbed { value: number; x: number[]; own: number }
/** A cell that is trained next, as JSON of `next_cell`: of each node what it reads, its operation, and whether a ReLU stands behind it. */
export interface NextCell { by: 'search' | 'random'; cell: { from: number; op: number; relu: boolean }[] }
/** How good a network is, as JSON of `Training.outcome`. */
export interface Outcome {
  relus: number;
  test_accuracy: number;
  validation_accuracy: number;
  accuracy_before_finetune: number | null;
}
";

/// A fault as the page knows them.
fn fault(code: &str, message: &str, hint: &str) -> JsValue {
    let object = js_sys::Object::new();
    let place = js_sys::Object::new();
    let fields =
        [("code", code.into()), ("message", message.into()), ("place", place.into()), ("hint", hint.into())];
    for (name, value) in fields {
        let (name, value): (&str, JsValue) = (name, value);
        // A plain object takes any field.
        let _ = js_sys::Reflect::set(&object, &name.into(), &value);
    }
    object.into()
}

fn unfit(Unfit(message): Unfit) -> JsValue {
    fault("invalid-setting", &message, "")
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned())
}

/// Size of the wasm memory; it never shrinks.
#[wasm_bindgen]
pub fn memory_bytes() -> f64 {
    let memory: js_sys::WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
    let buffer: js_sys::ArrayBuffer = memory.buffer().unchecked_into();
    f64::from(buffer.byte_length())
}

/// Images to train on, to choose by, to test on.
#[wasm_bindgen]
pub struct Images {
    task: Task<f32>,
}

#[wasm_bindgen]
impl Images {
    /// Of channels, height and width: numbers and classes to train on, then to test on.
    pub fn arrays(
        shape: &[u32],
        x: Vec<f32>,
        y: Vec<u16>,
        test_x: Vec<f32>,
        test_y: Vec<u16>,
    ) -> Result<Self, JsValue> {
        let &[c, h, w] = shape else {
            return Err(unfit(Unfit("images have channels, height and width".to_owned())));
        };
        let shape = [c, h, w].map(|size| size as usize);
        let set = |x, y| Set::new(shape, x, y).map_err(unfit);
        let task = sets::held(set(x, y)?, set(test_x, test_y)?).map_err(unfit)?;
        Ok(Self { task })
    }

    /// Drawn figures.
    pub fn figures(train: u32, test: u32) -> Result<Self, JsValue> {
        Ok(Self { task: sets::figures(train as usize, test as usize).map_err(unfit)? })
    }

    /// Drawn figures to train on, and so many to score by and others to test on.
    pub fn scored(train: u32, score: u32) -> Result<Self, JsValue> {
        Ok(Self { task: sets::scored(train as usize, score as usize).map_err(unfit)? })
    }

    /// JSON of `About`.
    pub fn about(&self) -> String {
        #[derive(Serialize)]
        struct About {
            shape: [usize; 3],
            classes: usize,
            images: [usize; 3],
        }
        let Task { train, validation, test } = &self.task;
        json(&About {
            shape: train.shape(),
            classes: train.classes().max(test.classes()),
            images: [train.len(), validation.len(), test.len()],
        })
    }
}

#[derive(Serialize)]
struct Progress {
    done: bool,
    phase: &'static str,
    epoch: usize,
    epochs: usize,
    all_epochs: usize,
    share: f64,
    loss: Option<f64>,
    kept: Vec<usize>,
    flips: usize,
    ended: Option<Epoch>,
}

/// A run: the network with all ReLUs, or a method.
#[wasm_bindgen]
pub struct Training {
    run: Run,
    /// What stayed at the last word.
    last: Vec<Vec<bool>>,
}

/// A network as bytes that fits the images.
fn network(bytes: &[u8], images: &Images) -> Result<Net<f32>, JsValue> {
    let net = Net::from_bytes(bytes).map_err(unfit)?;
    net.sound().and_then(|()| fits(&net, &images.task)).map_err(unfit)?;
    Ok(net)
}

fn settings(options: &str) -> Result<Options, JsValue> {
    serde_json::from_str(options)
        .map_err(|error| unfit(Unfit(format!("the settings do not decode: {error}"))))
}

#[wasm_bindgen]
impl Training {
    /// Trains a network with all its ReLUs, weights drawn from the seed.
    pub fn base(images: &Images, net: &[u8], options: &str, seed: u32) -> Result<Self, JsValue> {
        let mut net = network(net, images)?;
        net.init(&mut Random::new(seed.into()));
        Ok(Self::of(Run::new(settings(options)?.base(), net, None, seed.into())))
    }

    /// Reduces the ReLUs of a trained network, its own teacher.
    pub fn reduce(
        images: &Images,
        net: &[u8],
        options: &str,
        method: &str,
        budget: u32,
        seed: u32,
    ) -> Result<Self, JsValue> {
        let net = network(net, images)?;
        let (all, budget) = (net.activations(), budget as usize);
        if budget > all {
            return Err(unfit(Unfit(format!("a budget of {budget} is above the network's {all} ReLUs"))));
        }
        let method: Method = serde_json::from_value(method.into())
            .map_err(|_| unfit(Unfit(format!("there is no method {method}"))))?;
        Ok(Self::of(Run::new(settings(options)?.method(method, budget, all), net, None, seed.into())))
    }

    /// A network that was trained before, as it is: at its end at once.
    pub fn given(images: &Images, net: &[u8]) -> Result<Self, JsValue> {
        Ok(Self::of(Run::new(Vec::new(), network(net, images)?, None, 0)))
    }

    /// Fine-tunes a trained network, its own teacher, under masks and polynomials that were decided elsewhere: JSON of
    /// `Held[]`, one for each activation.
    pub fn hold(images: &Images, net: &[u8], options: &str, held: &str, seed: u32) -> Result<Self, JsValue> {
        let teacher = network(net, images)?;
        let held: Vec<Held> =
            serde_json::from_str(held).map_err(|_| unfit(Unfit("the masks do not decode".to_owned())))?;
        let mut net = teacher.clone();
        net.hold(&held).map_err(unfit)?;
        Ok(Self::of(Run::new(settings(options)?.held(), net, Some(teacher), seed.into())))
    }

    /// Takes up a checkpoint.
    pub fn resume(images: &Images, bytes: &[u8]) -> Result<Self, JsValue> {
        let run = Run::resume(bytes, &images.task);
        let hint = "Start the run anew.";
        Ok(Self::of(run.map_err(|Unfit(message)| fault("invalid-setting", &message, hint))?))
    }

    /// Goes on for so many milliseconds, one step at least, or to the end of an epoch: JSON of `Progress`. After a divergence the
    /// run is at its last good checkpoint.
    pub fn advance(&mut self, images: &Images, ms: f64) -> Result<String, JsValue> {
        let start = js_sys::Date::now();
        let mut more = |run: &Run| run.ended.is_none() && js_sys::Date::now() - start < ms;
        if let Err(Stopped { reason, checkpoint }) = self.run.advance(&images.task, &mut more) {
            if let Ok(run) = Run::restore(&checkpoint) {
                self.run = run;
            }
            return Err(fault("diverged", &reason, "The last good checkpoint is kept."));
        }
        Ok(json(&self.progress()))
    }

    /// JSON of `TrainedSite[]`.
    pub fn sites(&self) -> String {
        #[derive(Serialize)]
        struct View<'a> {
            name: &'a str,
            shape: [usize; 3],
        }
        let sites = self.run.net().sites.iter();
        json(&sites.map(|site| View { name: &site.name, shape: site.shape }).collect::<Vec<_>>())
    }

    /// What decides each ReLU of an activation, from 0 (gone) to 255.
    pub fn mask(&self, site: usize) -> Vec<u8> {
        let net = self.run.net();
        let Some(param) = net.sites.get(site).and_then(|site| net.params.get(site.keep)) else {
            return Vec::new();
        };
        param.value.iter().map(|keep| (keep.clamp(0.0, 1.0) * 255.0).round() as u8).collect()
    }

    /// Constant, x and x^2 of each channel of an activation.
    pub fn polynomials(&self, site: usize) -> Vec<f32> {
        let net = self.run.net();
        let of = net.sites.get(site).and_then(|site| net.params.get(site.coefficients));
        of.map(|param| param.slice().to_vec()).unwrap_or_default()
    }

    /// What goes into each channel of an activation: JSON of `InputHistogram[]`.
    pub fn inputs(&self, images: &Images, site: usize, bins: usize) -> String {
        json(&look::inputs(self.run.net(), &images.task.validation, site, bins))
    }

    /// Everything, to be taken up by `resume`.
    pub fn checkpoint(&self) -> Vec<u8> {
        self.run.bytes()
    }

    /// The network as it is.
    pub fn network(&self) -> Vec<u8> {
        self.run.net().bytes()
    }

    /// JSON of `Outcome`.
    pub fn outcome(&self, images: &Images) -> String {
        #[derive(Serialize)]
        struct Outcome {
            relus: usize,
            test_accuracy: f64,
            validation_accuracy: f64,
            accuracy_before_finetune: Option<f64>,
        }
        let net = self.run.net();
        json(&Outcome {
            relus: net.relus(),
            test_accuracy: accuracy(net, &images.task.test),
            validation_accuracy: accuracy(net, &images.task.validation),
            accuracy_before_finetune: self.run.noted,
        })
    }

    /// Whether each test image gets its class.
    pub fn hits(&self, images: &Images) -> Vec<u8> {
        hits(self.run.net(), &images.task.test).into_iter().map(u8::from).collect()
    }
}

impl Training {
    fn of(run: Run) -> Self {
        let last = (0..run.net().sites.len()).map(|site| run.net().kept(site)).collect();
        Self { run, last }
    }

    fn progress(&mut self) -> Progress {
        let run = &mut self.run;
        let ended = run.ended.take();
        let (now, at, steps) = run.at();
        let phase = match now {
            Some(Step::Fit(recipe)) if recipe.search == Search::None => "train",
            Some(Step::Fit(_)) => "search",
            _ => "between",
        };
        let epochs_of = |step: &Step| if let Step::Fit(recipe) = step { recipe.epochs } else { 0 };
        let (before, all): (usize, usize) =
            (steps.iter().take(at).map(epochs_of).sum(), steps.iter().map(epochs_of).sum());
        let fit = run.fit();
        let along = fit.and_then(|fit| fit.along());
        let epoch = fit.map_or(0, |fit| fit.epoch());
        let far = (before + epoch) as f64 + along.map_or(0.0, |(share, _)| share);
        let net = run.net();
        let threshold = match now {
            Some(Step::Fit(recipe)) => match recipe.search {
                Search::Snl { threshold, .. } => threshold,
                _ => 0.0,
            },
            _ => 0.0,
        };
        let kept = |site: &crate::site::Site<f32>| -> Vec<bool> {
            net.params.get(site.keep).map_or_else(Vec::new, |param| {
                param.value.iter().map(|keep| f64::from(*keep) > threshold).collect()
            })
        };
        let states: Vec<Vec<bool>> = net.sites.iter().map(kept).collect();
        let both = self.last.iter().flatten().zip(states.iter().flatten());
        let progress = Progress {
            done: run.done(),
            phase,
            epoch,
            epochs: now.map_or(0, epochs_of),
            all_epochs: all,
            share: if run.done() { 1.0 } else { far / all.max(1) as f64 },
            loss: along.map(|(_, loss)| loss),
            kept: states.iter().map(|site| site.iter().filter(|on| **on).count()).collect(),
            flips: both.filter(|(was, is)| was != is).count(),
            ended,
        };
        self.last = states;
        progress
    }
}

/// The numbers of all parameters of a network, in order.
#[wasm_bindgen]
pub fn numbers(net: &[u8]) -> Result<Vec<f32>, JsValue> {
    let net: Net<f32> = Net::from_bytes(net).map_err(unfit)?;
    Ok(net.params.iter().flat_map(|param| param.slice()).copied().collect())
}

/// Two networks on the same images: right only in the first, only in the second, McNemar's exact probability.
#[wasm_bindgen]
pub fn mcnemar(first: &[u8], second: &[u8]) -> Vec<f64> {
    let right = |hits: &[u8]| hits.iter().map(|hit| *hit != 0).collect::<Vec<_>>();
    let (a, b, p) = paired(&right(first), &right(second));
    vec![a as f64, b as f64, p]
}

/// What a network would miss of each layer (`relu` or `flops`), on the first test images with their classes: JSON of `Missed`.
#[wasm_bindgen]
pub fn missed(
    images: &Images,
    net: &[u8],
    of: &str,
    share: f64,
    draws: u32,
    seed: u32,
) -> Result<String, JsValue> {
    /// Images that tell enough.
    const IMAGES: usize = 256;
    #[derive(Serialize)]
    struct Missed {
        layers: Vec<Layer>,
        moves: Vec<Move>,
    }
    let net = network(net, images)?;
    let what = if of == "flops" { Work::Flops } else { Work::Relu };
    let test = &images.task.test;
    let set = test.part(&(0..test.len().min(IMAGES)).collect::<Vec<_>>());
    if !(share > 0.0 && share < 1.0 && (1..=100).contains(&draws)) {
        return Err(unfit(Unfit("a share between 0 and 1 goes, in 1 to 100 draws".to_owned())));
    }
    let ask = Ask { what, share, draws: draws as usize, seed: seed.into(), labels: true };
    let layers = utilisation(&net, &set, &ask);
    let widths: Vec<u64> = layers.iter().map(|layer| width(&net, what, layer)).collect();
    let moves = moves(what, &layers, &widths);
    Ok(json(&Missed { layers, moves }))
}

/// A loop of adjusting.
#[wasm_bindgen]
pub struct Adjusted {
    adjust: Adjust,
}

#[wasm_bindgen]
impl Adjusted {
    /// Begins from a trained network with all its ReLUs: `relu` within a budget, or `flops` within its own multiplications.
    #[allow(clippy::too_many_arguments)]
    pub fn begin(
        images: &Images,
        net: &[u8],
        options: &str,
        of: &str,
        budget: u32,
        rounds: u32,
        epochs: u32,
        seed: u32,
    ) -> Result<Self, JsValue> {
        let net = network(net, images)?;
        let of = Adjusting {
            what: if of == "flops" { Work::Flops } else { Work::Relu },
            budget: budget as usize,
            rounds: rounds as usize,
            epochs: epochs as usize,
            share: 0.05,
            draws: 5,
            seed: seed.into(),
        };
        Ok(Self { adjust: Adjust::new(net, of, settings(options)?, &images.task).map_err(unfit)? })
    }

    /// Goes on for so many milliseconds, one step at least: JSON of `AdjustedSoFar`.
    pub fn advance(&mut self, images: &Images, ms: f64) -> Result<String, JsValue> {
        #[derive(Serialize)]
        struct SoFar<'a> {
            done: bool,
            share: f64,
            best: usize,
            rounds: &'a [Round],
        }
        let start = js_sys::Date::now();
        let done = self.adjust.advance(&images.task, &mut || js_sys::Date::now() - start < ms);
        let done = done.map_err(|Diverged(why)| fault("diverged", &why, "Take fewer epochs a round."))?;
        let (share, best) = (self.adjust.along(), self.adjust.best().1);
        Ok(json(&SoFar { done, share, best, rounds: &self.adjust.rounds }))
    }

    /// The best network so far.
    pub fn network(&self) -> Vec<u8> {
        self.adjust.best().0.bytes()
    }
}

/// A network and what moves in it: JSON of `WidthMove[]`.
fn moving(net: &[u8], moves: &str) -> Result<(Net<f32>, Vec<Move>), JsValue> {
    let net = Net::from_bytes(net).map_err(unfit)?;
    net.sound().map_err(unfit)?;
    let moves =
        serde_json::from_str(moves).map_err(|_| unfit(Unfit("the step does not decode".to_owned())))?;
    Ok((net, moves))
}

/// The network after a step's moves of ReLUs.
#[wasm_bindgen]
pub fn relus(net: &[u8], moves: &str, seed: u32) -> Result<Vec<u8>, JsValue> {
    let (net, moves) = moving(net, moves)?;
    Ok(relus_moved(&net, &moves, seed.into()).map_err(unfit)?.bytes())
}

/// The widths after a step's moves, scaled to the network's own multiplications: JSON of `TiedWidth[]`.
#[wasm_bindgen]
pub fn widths(net: &[u8], moves: &str) -> Result<String, JsValue> {
    let (net, moves) = moving(net, moves)?;
    Ok(json(&widths_moved(&net, &moves).map_err(unfit)?))
}

/// A network under masks that were decided elsewhere (JSON of `Held[]`; nothing: as it is), with a share of the ReLUs that stay
/// under them, at random: its bytes.
#[wasm_bindgen]
pub fn thinned(net: &[u8], held: &str, share: f64, seed: u32) -> Result<Vec<u8>, JsValue> {
    let mut net: Net<f32> = Net::from_bytes(net).map_err(unfit)?;
    net.sound().map_err(unfit)?;
    if !held.is_empty() {
        let held: Vec<Held> =
            serde_json::from_str(held).map_err(|_| unfit(Unfit("the masks do not decode".to_owned())))?;
        net.hold(&held).map_err(unfit)?;
    }
    if share < 1.0 {
        let stay = (net.relus() as f64 * share.max(0.0)).round() as usize;
        net.thin(stay, &mut Random::new(seed.into()));
    }
    Ok(net.bytes())
}

/// The cell that a search of these sizes trains next, where those before it scored so: JSON of `NextCell`, `null` at its end.
#[wasm_bindgen]
pub fn next_cell(
    nodes: u32,
    layers: u32,
    ops: u32,
    evaluations: u32,
    seed: u32,
    scores: &[f64],
) -> Result<String, JsValue> {
    /// The longest search: what comes next is found from its beginning.
    const MOST: u32 = 500;
    #[derive(Serialize)]
    struct Next {
        by: cells::By,
        cell: cells::Cell,
    }
    if !((1..=6).contains(&nodes) && layers <= nodes && (1..=16).contains(&ops) && evaluations <= MOST) {
        return Err(unfit(Unfit(
            "a cell has 1 to 6 nodes and no more ReLU layers; 500 are searched at most".to_owned(),
        )));
    }
    let [nodes, layers, ops, evaluations] = [nodes, layers, ops, evaluations].map(|size| size as usize);
    let sizes = cells::Sizes { nodes, layers, ops, evaluations };
    let next = cells::next(sizes, seed.into(), scores);
    Ok(json(&next.map(|(by, cell)| Next { by, cell })))
}

/// Climbs a class of a network in the box that its inputs lie in, from the middle: JSON of `Climbed`.
#[wasm_bindgen]
pub fn climbed(
    net: &[u8],
    class: usize,
    slope: f64,
    steps: u32,
    low: f64,
    high: f64,
) -> Result<String, JsValue> {
    #[derive(Serialize)]
    struct Climbed {
        value: f64,
        x: Vec<f32>,
        own: f64,
    }
    let net: Net<f32> = Net::from_bytes(net).map_err(unfit)?;
    net.sound().map_err(unfit)?;
    let bounds = [low, high];
    let go = |slope: f64| {
        let how = Climb { class, steps: steps.min(1000) as usize, step: 0.05, slope, bounds };
        climb(&net, &how, start(&net, bounds, 0)).map_err(unfit)
    };
    let top = go(slope)?;
    Ok(json(&Climbed { value: top.value, x: top.x.iter().copied().collect(), own: go(0.0)?.value }))
}
