//! `diff`: two networks side by side, structure and cost aligned by stage.

use std::collections::BTreeMap;

use serde::Serialize;

use super::model::Scored;
use super::score::{Extent, Layer, Score, Stage};
use crate::cost::{Ask, Estimate, Phase, RowCost};
use crate::error::Result;

/// The JSON of `reluctant diff --json`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Diff {
    /// Always `reluctant.diff/1`.
    pub schema: &'static str,
    /// The first network.
    pub a: DiffSide,
    /// The second.
    pub b: DiffSide,
    /// Both have the same structure: operators, attributes, wiring, shapes.
    pub same_structure: bool,
    /// Stages by name, in order; a side that lacks one is null.
    pub stages: Vec<DiffStage>,
    /// Costs of the whole, a protocol each.
    pub costs: Vec<DiffCost>,
}

/// One network as a whole.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DiffSide {
    /// File name, or the name of the example.
    pub name: String,
    /// Hash of the structure.
    pub hash: String,
    /// ReLUs.
    pub relus: u64,
    /// Multiply-accumulates.
    pub macs: u64,
    /// Parameters.
    pub params: u64,
    /// Nodes that were not counted: then the figures are lower bounds.
    pub unknown: u64,
}

/// A stage of both.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DiffStage {
    /// `stem`, `S1`, ..., `head`.
    pub name: String,
    /// In the first.
    pub a: Option<StageFigures>,
    /// In the second.
    pub b: Option<StageFigures>,
}

/// A stage of one.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct StageFigures {
    /// Height and width; None in a head.
    pub resolution: Option<Vec<u64>>,
    /// Channels of its last image; None where it has none.
    pub channels: Option<i64>,
    /// Blocks.
    pub blocks: u64,
    /// Layers with work, by operator.
    pub layers: BTreeMap<String, u64>,
    /// ReLUs.
    pub relus: u64,
    /// Multiply-accumulates.
    pub macs: u64,
    /// Parameters.
    pub params: u64,
    /// Costs of its rows, a protocol each, in the order of `costs`.
    pub costs: Vec<StageCost>,
}

/// What a stage costs.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct StageCost {
    /// Profile id.
    pub protocol: &'static str,
    /// Bytes of all parties, both phases; those of stages add up to the network's.
    pub bytes: u64,
    /// Offline seconds; None where they are not known.
    pub offline_seconds: Option<f64>,
    /// Online seconds; None where they are not known.
    pub online_seconds: Option<f64>,
    /// Some work has no price: lower bounds.
    pub bound: bool,
}

/// What both cost.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DiffCost {
    /// Profile id.
    pub protocol: &'static str,
    /// The first.
    pub a: WholeCost,
    /// The second.
    pub b: WholeCost,
}

/// What a network costs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct WholeCost {
    /// Bytes of all parties, both phases.
    pub bytes: u64,
    /// Rounds.
    pub rounds: u64,
    /// Offline seconds, `[low, mid, high]`; None where they are not known.
    pub offline_seconds: Option<[f64; 3]>,
    /// Online seconds.
    pub online_seconds: Option<[f64; 3]>,
    /// Some work has no price: lower bounds.
    pub bound: bool,
}

impl WholeCost {
    pub(super) fn of(estimate: &Estimate) -> Self {
        Self {
            bytes: estimate.bytes_total,
            rounds: estimate.online.rounds,
            offline_seconds: estimate.offline.seconds,
            online_seconds: estimate.online.seconds,
            bound: estimate.bound,
        }
    }
}

/// Two scored networks side by side, priced under the protocols that are asked for.
///
/// # Errors
/// As [`cost_of`](crate::cost::cost_of).
pub fn diff(a: &Scored, b: &Scored, ask: &Ask) -> Result<Diff> {
    let priced = [a.cost_by_row(ask)?.estimates, b.cost_by_row(ask)?.estimates];
    let [first, second] = &priced;
    let mut names: Vec<&str> = a.score.stages.iter().map(|stage| stage.name.as_str()).collect();
    // What only the second has stands before what follows it there.
    for (place, stage) in b.score.stages.iter().enumerate() {
        if !names.contains(&stage.name.as_str()) {
            let later = b.score.stages.iter().skip(place + 1).map(|stage| stage.name.as_str());
            let at = later.filter_map(|name| names.iter().position(|known| *known == name)).next();
            names.insert(at.unwrap_or(names.len()), &stage.name);
        }
    }
    let stages = names.iter().map(|name| DiffStage {
        name: (*name).to_owned(),
        a: figures(&a.score, name, first),
        b: figures(&b.score, name, second),
    });
    let costs = first.iter().zip(second).map(|(a, b)| DiffCost {
        protocol: a.protocol,
        a: WholeCost::of(a),
        b: WholeCost::of(b),
    });
    Ok(Diff {
        schema: "reluctant.diff/1",
        same_structure: a.score.model.hash == b.score.model.hash,
        stages: stages.collect(),
        costs: costs.collect(),
        a: side(&a.score),
        b: side(&b.score),
    })
}

fn side(score: &Score) -> DiffSide {
    DiffSide {
        name: score.model.name.clone(),
        hash: score.model.hash.clone(),
        relus: score.totals.relu.elements,
        macs: score.totals.macs,
        params: score.totals.params,
        unknown: score.coverage.unknown.len() as u64,
    }
}

fn figures(score: &Score, name: &str, estimates: &[Estimate]) -> Option<StageFigures> {
    let stage: &Stage = score.stages.iter().find(|stage| stage.name == name)?;
    let mine = || score.layers.iter().filter(|layer| layer.stage == name);
    let mut layers: BTreeMap<String, u64> = BTreeMap::new();
    mine().for_each(|layer| *layers.entry(layer.op.clone()).or_default() += 1);
    let channels = |layer: &Layer| match layer.shape.as_deref()? {
        [_, Extent::Known(channels), _, _] => Some(*channels),
        _ => None,
    };
    let is_mine = |index: u32| mine().any(|layer| layer.index == index);
    Some(StageFigures {
        resolution: stage.resolution.clone(),
        channels: mine().filter_map(channels).next_back(),
        blocks: stage.blocks,
        relus: stage.relu.elements,
        macs: stage.macs,
        params: stage.params,
        costs: estimates.iter().map(|estimate| stage_cost(estimate, &is_mine)).collect(),
        layers,
    })
}

fn stage_cost(estimate: &Estimate, is_mine: &dyn Fn(u32) -> bool) -> StageCost {
    let known = estimate.compute_included.then_some(0.0);
    let mut sum = StageCost {
        protocol: estimate.protocol,
        offline_seconds: known,
        online_seconds: known,
        ..StageCost::default()
    };
    let rows = estimate.layers.iter().flatten().filter(|row: &&RowCost| is_mine(row.index));
    for row in rows {
        sum.bytes = sum.bytes.saturating_add(row.bytes_total.unwrap_or(0));
        sum.bound |= row.partial;
        for (sum, phase) in [(&mut sum.offline_seconds, row.offline), (&mut sum.online_seconds, row.online)] {
            let seconds = phase.and_then(|phase: Phase| phase.seconds).map_or(0.0, |[_, middle, _]| middle);
            *sum = sum.map(|sum| sum + seconds);
        }
    }
    sum
}
