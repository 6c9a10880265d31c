//! `design cells`: a micro-search over small cells at a ReLU budget. `reluctant.cells/1`; fields are only ever added.
//!
//! After Sphynx (arXiv 2106.11755): a search over convolutional cells whose ReLUs are fixed. The operations, the frame, the
//! search and its scores by short training on drawn figures are ours; the paper's networks and accuracies are not reproduced.

use prost::Message;
use reluctant_train::data::Task;
use reluctant_train::methods::Options;
use reluctant_train::random::Random;
use reluctant_train::run::{Run, accuracy};
use reluctant_train::shapes::{CLASSES, SIDE, shapes};
use serde::Serialize;

use super::model::Model;
use crate::cost::{Ask, Estimate};
use crate::design::{Cell, CellNode, CellOp, cell_network, cell_relus};
use crate::error::{Code, Error, Result};
use crate::onnx::ModelProto;
use crate::open::{NamedFile, Settings};
use crate::train::{data, source::Source};

/// What is searched.
#[derive(Clone, Debug, PartialEq)]
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

/// Cells that are drawn before one that was had already is taken again.
const PATIENCE: usize = 200;
/// The oldest goes when there are more.
const POPULATION: usize = 4;

/// Searches, trains, prices. `told` hears of each network that was trained.
///
/// # Errors
/// `InvalidSetting` for a budget below the stem's ReLUs and one layer a cell, and for sizes out of bounds.
pub fn cells(
    settings: &CellsSettings,
    ask: &Ask,
    told: &mut dyn FnMut(&str, &CellScore),
) -> Result<CellsReport> {
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
    let task = task(settings)?;
    let mut random = Random::new(settings.seed);
    let mut seen: Vec<Cell> = Vec::new();
    let mut population: Vec<(Cell, f64)> = Vec::new();
    let (mut searched, mut best): (Vec<CellScore>, Option<(Cell, CellScore)>) = (Vec::new(), None);
    for _ in 0..settings.evaluations {
        let cell = fresh(&mut seen, || match population.len() < POPULATION {
            true => drawn(settings.nodes, layers, &mut random),
            false => changed(parent(&population, &mut random), &mut random),
        });
        let score = scored(&cell, settings, &task)?;
        told("search", &score);
        population.push((cell.clone(), score.score));
        if population.len() > POPULATION {
            population.remove(0);
        }
        keep_best(&mut best, &cell, &score);
        searched.push(score);
    }
    // Of their own numbers: how long the search was does not change them.
    let mut random = Random::new(settings.seed ^ 0x5EED_CE11);
    let (mut seen, mut drawn_cells, mut best_random) = (Vec::new(), Vec::new(), None);
    for _ in 0..settings.evaluations {
        let cell = fresh(&mut seen, || drawn(settings.nodes, layers, &mut random));
        let score = scored(&cell, settings, &task)?;
        told("random", &score);
        keep_best(&mut best_random, &cell, &score);
        drawn_cells.push(score);
    }
    let (Some((cell, best)), Some((random_cell, best_random))) = (best, best_random) else {
        return Err(bad("nothing was trained".to_owned()));
    };
    Ok(CellsReport {
        schema: "reluctant.cells/1",
        layers,
        relus: of(layers),
        searched,
        random: drawn_cells,
        best,
        best_random,
        estimates: priced(&cell, settings, ask)?,
        estimates_random: priced(&random_cell, settings, ask)?,
    })
}

/// Figures to train on, to score on, and others: each of a seed of its own.
fn task(settings: &CellsSettings) -> Result<Task<f32>> {
    let [train, score] = settings.images;
    let set = |images, seed| shapes(images, seed).map_err(|unfit| Error::new(Code::InvalidSetting, unfit.0));
    Ok(Task { train: set(train, 1)?, validation: set(score, 3)?, test: set(score, 2)? })
}

/// A cell that was not had before; one that was where none is left.
fn fresh(seen: &mut Vec<Cell>, mut next: impl FnMut() -> Cell) -> Cell {
    let mut cell = next();
    for _ in 0..PATIENCE {
        if !seen.contains(&cell) {
            break;
        }
        cell = next();
    }
    seen.push(cell.clone());
    cell
}

fn one_of(random: &mut Random) -> CellOp {
    CellOp::ALL.get(random.below(CellOp::ALL.len())).copied().unwrap_or(CellOp::Skip)
}

/// A random cell with so many ReLU layers.
fn drawn(nodes: usize, layers: usize, random: &mut Random) -> Cell {
    let mut order: Vec<usize> = (0..nodes).collect();
    random.shuffle(&mut order);
    let with: Vec<usize> = order.into_iter().take(layers).collect();
    let node = |at: usize, random: &mut Random| CellNode {
        from: random.below(at + 1),
        op: one_of(random),
        relu: with.contains(&at),
    };
    Cell((0..nodes).map(|at| node(at, random)).collect())
}

/// The better of two of the population.
fn parent<'a>(population: &'a [(Cell, f64)], random: &mut Random) -> &'a Cell {
    let (a, b) = (random.below(population.len()), random.below(population.len()));
    if population[a].1 >= population[b].1 { &population[a].0 } else { &population[b].0 }
}

/// One node reads another, does another thing, or gives its ReLU to one that has none.
fn changed(cell: &Cell, random: &mut Random) -> Cell {
    let mut nodes = cell.0.clone();
    let at = random.below(nodes.len());
    match random.below(3) {
        0 => nodes[at].op = one_of(random),
        1 => nodes[at].from = random.below(at + 1),
        _ => {
            let other = random.below(nodes.len());
            let (a, b) = (nodes[at].relu, nodes[other].relu);
            (nodes[at].relu, nodes[other].relu) = (b, a);
        }
    }
    Cell(nodes)
}

fn keep_best(best: &mut Option<(Cell, CellScore)>, cell: &Cell, score: &CellScore) {
    if best.as_ref().is_none_or(|(_, known)| score.score > known.score) {
        *best = Some((cell.clone(), score.clone()));
    }
}

fn network(cell: &Cell, settings: &CellsSettings) -> ModelProto {
    cell_network(cell, settings.width, [3, SIDE as u32], CLASSES as u32)
}

/// Trains the network of a cell for a short while.
fn scored(cell: &Cell, settings: &CellsSettings, task: &Task<f32>) -> Result<CellScore> {
    let source = Source::messages(network(cell, settings))?.small()?;
    let options = Options { base_epochs: settings.epochs, ..data::shapes_options() };
    let mut run = Run::new(options.base(), source.drawn(settings.seed), None, settings.seed);
    run.advance(task, &mut |_| true).map_err(|stopped| {
        Error::new(Code::InvalidSetting, format!("{}: {}", cell.text(), stopped.reason))
    })?;
    let net = run.finish();
    let learnt = net.params.iter().filter(|param| !param.name.contains('/'));
    Ok(CellScore {
        cell: cell.text(),
        relus: net.activations() as u64,
        params: learnt.map(|param| param.value.len() as u64).sum(),
        macs: source.macs(),
        score: accuracy(&net, &task.validation),
        test: accuracy(&net, &task.test),
    })
}

fn priced(cell: &Cell, settings: &CellsSettings, ask: &Ask) -> Result<Vec<Estimate>> {
    let bytes = network(cell, settings).encode_to_vec();
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

    #[test]
    fn changes_keep_the_relus_and_what_a_node_may_read() {
        let mut random = Random::new(3);
        let mut cell = drawn(5, 2, &mut random);
        for _ in 0..500 {
            cell = changed(&cell, &mut random);
            assert_eq!(cell.relus(), 2);
            assert!(cell.0.iter().enumerate().all(|(at, node)| node.from <= at));
        }
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
