//! `design cells`: a micro-search over small cells at a ReLU budget. `reluctant.cells/1`; fields are only ever added.
//!
//! After Sphynx (arXiv 2106.11755): a search over convolutional cells whose ReLUs are fixed. The operations, the frame, the
//! search and its scores by short training on drawn figures are ours; the paper's networks and accuracies are not reproduced.
//! Which cell is trained next is [`reluctant_train::cells`]; here is what budgets mean and what a cell's network is.

use prost::Message;
use reluctant_train::cells::CellNode as Drawn;
#[cfg(feature = "cli")]
use reluctant_train::cells::{self, By, Sizes};
use reluctant_train::methods::Options;
#[cfg(feature = "cli")]
use reluctant_train::run::{Run, accuracy};
#[cfg(feature = "cli")]
use reluctant_train::sets;
use reluctant_train::shapes::{CLASSES, SIDE};
use serde::{Deserialize, Serialize};

#[cfg(feature = "cli")]
use super::model::Model;
#[cfg(feature = "cli")]
use crate::cost::{Ask, Estimate};
use crate::design::{Cell, CellNode, CellOp, cell_network, cell_relus};
use crate::error::{Code, Error, Result};
#[cfg(feature = "cli")]
use crate::open::{NamedFile, Settings};
use crate::train::{data, source::Source};

/// What is searched.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CellsSettings {
    /// ReLUs of a network, at most.
    pub relus: u64,
    /// Channels of the first stage.
    pub width: u32,
    /// Nodes of a cell.
    pub nodes: usize,
    /// Cells that are trained in the search, and as many drawn at random beside it.
    pub evaluations: usize,
    /// Epochs of each.
    pub epochs: usize,
    /// Figures to train on, and to score on.
    pub images: [usize; 2],
    /// Seed of cells, weights and orders.
    pub seed: u64,
}

impl Default for CellsSettings {
    fn default() -> Self {
        Self { relus: 2304, width: 8, nodes: 4, evaluations: 12, epochs: 8, images: [1500, 400], seed: 0 }
    }
}

/// A cell and how good its network is.
#[cfg(feature = "cli")]
#[derive(Clone, Debug, Serialize)]
pub struct CellScore {
    /// `1 conv3+relu(0); 2 skip(1)`: number, operation, what it reads (0 is the cell's input).
    pub cell: String,
    /// ReLUs of the network.
    pub relus: u64,
    /// Parameters.
    pub params: u64,
    /// MACs of an image.
    pub macs: u64,
    /// Share of the figures to score on that it gets right; what the search goes by.
    pub score: f64,
    /// Share of other figures that it gets right.
    pub test: f64,
}

/// What came out.
#[cfg(feature = "cli")]
#[derive(Clone, Debug, Serialize)]
pub struct CellsReport {
    /// Always `reluctant.cells/1`.
    pub schema: &'static str,
    /// ReLU layers of a cell under the budget.
    pub layers: usize,
    /// ReLUs of every network.
    pub relus: u64,
    /// The cells of the search, in the order in which they were trained.
    pub searched: Vec<CellScore>,
    /// Cells drawn at random, of as many ReLUs.
    pub random: Vec<CellScore>,
    /// The best of the search, by its score.
    pub best: CellScore,
    /// The best of the random ones, by the same.
    pub best_random: CellScore,
    /// What the best of the search costs.
    pub estimates: Vec<Estimate>,
    /// The same of the best random one.
    pub estimates_random: Vec<Estimate>,
}

/// What a budget allows.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CellsStart {
    /// ReLU layers of a cell.
    pub layers: usize,
    /// ReLUs of every network.
    pub relus: u64,
    /// Operations that a node may be.
    pub ops: usize,
    /// Sizes and rates, as the engine reads them.
    pub options: String,
}

/// What a cell's network is like.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CellView {
    /// `1 conv3+relu(0); 2 skip(1)`: number, operation, what it reads (0 is the cell's input).
    pub text: String,
    /// Parameters.
    pub params: u64,
    /// MACs of an image.
    pub macs: u64,
}

/// A cell's network.
#[derive(Clone, Debug)]
pub struct CellMade {
    /// For people.
    pub view: CellView,
    /// For the engine.
    pub net: Vec<u8>,
    /// ONNX; weights are in it where they were given.
    pub file: Vec<u8>,
}

/// What the budget allows, where the sizes are sound.
///
/// # Errors
/// `InvalidSetting` for a budget below the stem's ReLUs and one layer a cell, and for sizes out of bounds.
pub fn cells_start(settings: &CellsSettings) -> Result<CellsStart> {
    let bad = |text: String| Error::new(Code::InvalidSetting, text);
    let sound = (1..=6).contains(&settings.nodes)
        && (1..=500).contains(&settings.evaluations)
        && (1..=100).contains(&settings.epochs)
        && (1..=32).contains(&settings.width)
        && settings.images.iter().all(|images| (20..=100_000).contains(images));
    if !sound {
        return Err(bad(
            "1 to 6 nodes, 500 evaluations, 100 epochs, 32 channels, 20 to 100,000 figures".to_owned()
        ));
    }
    let of = |layers: usize| cell_relus(layers, settings.width, SIDE as u32);
    let layers = (1..=settings.nodes).rev().find(|layers| of(*layers) <= settings.relus);
    let layers = layers.ok_or_else(|| {
        bad(format!(
            "a network of these cells has {} ReLUs at least, the budget is {}",
            of(1),
            settings.relus
        ))
    })?;
    let options = serde_json::to_string(&options(settings)).map_err(|error| bad(error.to_string()))?;
    Ok(CellsStart { layers, relus: of(layers), ops: CellOp::ALL.len(), options })
}

fn options(settings: &CellsSettings) -> Options {
    Options { base_epochs: settings.epochs, ..data::shapes_options() }
}

/// The cell of drawn numbers.
fn cell_of(drawn: &[Drawn]) -> Cell {
    let node = |node: &Drawn| CellNode {
        from: node.from,
        op: CellOp::ALL.get(node.op).copied().unwrap_or(CellOp::Skip),
        relu: node.relu,
    };
    Cell(drawn.iter().map(node).collect())
}

fn source_of(cell: &Cell, width: u32) -> Result<Source> {
    Source::messages(cell_network(cell, width, [3, SIDE as u32], CLASSES as u32))?.small()
}

fn params_of(source: &Source) -> u64 {
    let learnt = source.net.params.iter().filter(|param| !param.name.contains('/'));
    learnt.map(|param| param.value.len() as u64).sum()
}

/// The network of a cell, with the numbers of all its parameters where they are given.
///
/// # Errors
/// `InvalidSetting` for more than six nodes, channels out of bounds, and numbers that are another network's.
pub fn cell_made(drawn: &[Drawn], width: u32, numbers: &[f32]) -> Result<CellMade> {
    if !(1..=6).contains(&drawn.len()) || !(1..=32).contains(&width) {
        return Err(Error::new(Code::InvalidSetting, "a cell has 1 to 6 nodes, of 1 to 32 channels"));
    }
    let cell = cell_of(drawn);
    let source = source_of(&cell, width)?;
    let view = CellView { text: cell.text(), params: params_of(&source), macs: source.macs() };
    let file = match numbers {
        [] => cell_network(&cell, width, [3, SIDE as u32], CLASSES as u32).encode_to_vec(),
        numbers => source.plain(&source.with(numbers)?),
    };
    Ok(CellMade { view, net: source.net.bytes(), file })
}

/// Searches, trains, prices. `told` hears of each network that was trained.
///
/// # Errors
/// As [`cells_start`].
#[cfg(feature = "cli")]
pub fn cells(
    settings: &CellsSettings,
    ask: &Ask,
    told: &mut dyn FnMut(&str, &CellScore),
) -> Result<CellsReport> {
    let CellsStart { layers, relus, ops, .. } = cells_start(settings)?;
    let [train, score] = settings.images;
    let task = sets::scored(train, score).map_err(|unfit| Error::new(Code::InvalidSetting, unfit.0))?;
    let sizes = Sizes { nodes: settings.nodes, layers, ops, evaluations: settings.evaluations };
    let (mut scores, mut searched, mut random) = (Vec::new(), Vec::new(), Vec::new());
    let mut best: [Option<(Cell, CellScore)>; 2] = [None, None];
    while let Some((by, drawn)) = cells::next(sizes, settings.seed, &scores) {
        let cell = cell_of(&drawn);
        let score = scored(&cell, settings, &task)?;
        let (name, list, best) = match by {
            By::Search => ("search", &mut searched, &mut best[0]),
            By::Random => ("random", &mut random, &mut best[1]),
        };
        told(name, &score);
        scores.push(score.score);
        if best.as_ref().is_none_or(|(_, known)| score.score > known.score) {
            *best = Some((cell, score.clone()));
        }
        list.push(score);
    }
    let [Some((cell, best)), Some((random_cell, best_random))] = best else {
        return Err(Error::new(Code::InvalidSetting, "nothing was trained"));
    };
    Ok(CellsReport {
        schema: "reluctant.cells/1",
        layers,
        relus,
        searched,
        random,
        best,
        best_random,
        estimates: priced(&cell, settings, ask)?,
        estimates_random: priced(&random_cell, settings, ask)?,
    })
}

/// Trains the network of a cell for a short while.
#[cfg(feature = "cli")]
fn scored(
    cell: &Cell,
    settings: &CellsSettings,
    task: &reluctant_train::data::Task<f32>,
) -> Result<CellScore> {
    let source = source_of(cell, settings.width)?;
    let mut run = Run::new(options(settings).base(), source.drawn(settings.seed), None, settings.seed);
    run.advance(task, &mut |_| true).map_err(|stopped| {
        Error::new(Code::InvalidSetting, format!("{}: {}", cell.text(), stopped.reason))
    })?;
    let net = run.finish();
    Ok(CellScore {
        cell: cell.text(),
        relus: net.activations() as u64,
        params: params_of(&source),
        macs: source.macs(),
        score: accuracy(&net, &task.validation),
        test: accuracy(&net, &task.test),
    })
}

#[cfg(feature = "cli")]
fn priced(cell: &Cell, settings: &CellsSettings, ask: &Ask) -> Result<Vec<Estimate>> {
    let bytes = cell_network(cell, settings.width, [3, SIDE as u32], CLASSES as u32).encode_to_vec();
    let file = NamedFile { name: "cells".to_owned(), bytes: &bytes };
    let go_on = &mut |_, _| std::ops::ControlFlow::Continue(());
    let scored = Model::open(&file, Vec::new(), go_on)?.score(&Settings::default())?;
    Ok(scored.cost(ask)?.estimates)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::cost::Terms;

    /// The page trains the same cells in parts: what it is given is what the command line trains.
    #[test]
    fn a_cell_is_made_with_the_numbers_it_was_trained_to() {
        let node = |from, op, relu| Drawn { from, op, relu };
        let cell = [node(0, 0, true), node(1, 3, false), node(1, 2, true)];
        let made = cell_made(&cell, 4, &[]).unwrap();
        assert_eq!(made.view.text, "1 conv3+relu(0); 2 skip(1); 3 dw3+relu(1)");
        let net = reluctant_train::net::Net::<f32>::from_bytes(&made.net).unwrap();
        let layers = cells_start(&CellsSettings { relus: 1500, width: 4, nodes: 3, ..Default::default() });
        assert_eq!(net.activations() as u64, layers.unwrap().relus);
        let mut drawn = net.clone();
        drawn.init(&mut reluctant_train::random::Random::new(1));
        let numbers: Vec<f32> = drawn.params.iter().flat_map(|param| param.slice().to_vec()).collect();
        let file = cell_made(&cell, 4, &numbers).unwrap().file;
        let back = Source::file("cell.onnx", &file).unwrap().net;
        for (a, b) in back.params.iter().zip(&drawn.params) {
            assert_eq!((&a.name, a.slice()), (&b.name, b.slice()));
        }
        assert!(cell_made(&cell, 4, &numbers[1..]).is_err());
        assert!(cell_made(&[], 4, &[]).is_err() && cell_made(&cell, 0, &[]).is_err());
    }

    #[test]
    fn a_small_search_beside_random_cells_of_equal_relus() {
        let settings = CellsSettings {
            relus: 1500,
            width: 4,
            nodes: 3,
            evaluations: 6,
            epochs: 1,
            images: [60, 40],
            ..CellsSettings::default()
        };
        let ask = Ask::from(Terms::under("semi2k"));
        let mut heard = 0;
        let report = cells(&settings, &ask, &mut |_, _| heard += 1).unwrap();
        // A stem of 256, and 256 + 128 + 64 for each layer: two fit under 1,500.
        assert_eq!((report.layers, report.relus, heard), (2, 256 + 2 * 448, 12));
        for score in report.searched.iter().chain(&report.random) {
            assert_eq!(score.relus, report.relus, "{}", score.cell);
            assert!((0.0..=1.0).contains(&score.score));
        }
        let most = report.searched.iter().map(|score| score.score).fold(0.0, f64::max);
        assert_eq!(report.best.score, most);
        let one = &report.estimates[0];
        assert!(one.bytes_total > 144 * report.relus && !one.partial);
        let again = cells(&settings, &ask, &mut |_, _| {}).unwrap();
        assert_eq!(again.best.cell, report.best.cell);
        let few = CellsSettings { relus: 700, ..settings };
        assert!(cells(&few, &ask, &mut |_, _| {}).unwrap_err().message.contains("704 ReLUs at least"));
    }
}
