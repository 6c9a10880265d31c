//! `equalise`: multipliers that put the ReLUs of stages in order of criticality, with the networks that they make.

use serde::{Deserialize, Serialize};

use super::diff::WholeCost;
use crate::cost::{Ask, Detail, cost_of};
use crate::design::equalise::{Question, Weight, equalise as solve};
use crate::design::{Block, Head, Spec, Stage, Stem, count, parts, rows};
use crate::error::{Code, Error, Result};
use crate::names::names;

names! { "rank",
    /// What solutions are sorted by, the least first.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum RankBy {
        /// Multiply-accumulates.
        #[default]
        Macs = "macs",
        /// ReLUs.
        Relus = "relus",
        /// Bytes under the first protocol.
        Bytes = "bytes",
        /// Seconds of both phases under it; what is not known or a lower bound comes last.
        Seconds = "seconds",
    }
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct EqualiseSettings {
    /// Blocks of each stage, 2 to 6 stages.
    pub blocks: Vec<u32>,
    /// Stages from the most critical to the least, from 1.
    pub order: Vec<u32>,
    /// Least multiplier.
    pub min_mult: u32,
    /// Largest multiplier.
    pub max_mult: u32,
    /// Kind of block.
    pub block: Block,
    /// Stride of each stage; empty is 1, then 2 each.
    pub strides: Vec<u32>,
    /// Channels of the stem and of the first stage.
    pub base: u32,
    /// Channels, height and width of the input.
    pub input: [u32; 3],
    /// Classes.
    pub classes: u32,
    /// Puts another first multiplier in each solution: 2 makes the family for low budgets.
    pub alpha: Option<u32>,
    /// Leaves out networks of more ReLUs.
    pub max_relus: Option<u64>,
    /// What comes first.
    pub rank: RankBy,
    /// Under what to price; no protocol, no prices.
    pub cost: Ask,
}

impl Default for EqualiseSettings {
    fn default() -> Self {
        Self {
            blocks: vec![2; 4],
            order: vec![3, 2, 4, 1],
            min_mult: 2,
            max_mult: 64,
            block: Block::Basic,
            strides: Vec::new(),
            base: 16,
            input: [3, 32, 32],
            classes: 100,
            alpha: None,
            max_relus: None,
            rank: RankBy::Macs,
            cost: Ask::default(),
        }
    }
}

/// The JSON of `reluctant design equalise --json`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct EqualiseReport {
    /// Always `reluctant.equalise/1`.
    pub schema: &'static str,
    /// Networks, ranked.
    pub solutions: Vec<Solution>,
    /// There are, or may be, tuples with a multiplier above the largest.
    pub bounded: bool,
    /// Tuples before `max_relus` took some away.
    pub found: u64,
}

/// One network.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Solution {
    /// Channels of each stage over those of the stage before.
    pub multipliers: Vec<u32>,
    /// `HRN-5x5x3x`.
    pub name: String,
    /// Of the stages.
    pub channels: Vec<u32>,
    /// ReLUs of the stages.
    pub stage_relus: Vec<u64>,
    /// ReLUs, the stem's included.
    pub relus: u64,
    /// Multiply-accumulates.
    pub macs: u64,
    /// Parameters.
    pub params: u64,
    /// Share of the least critical stage in the ReLUs of stages.
    pub least_critical_share: f64,
    /// Its price under each protocol that was asked for.
    pub costs: Vec<WholeCost>,
    /// The same share, the stem counted with the least critical stage and with the whole.
    pub least_critical_share_with_stem: f64,
}

/// Answers what is asked.
///
/// # Errors
/// `InvalidSetting` for settings that contradict each other, `LimitExceeded` for too many solutions.
pub fn equalise(settings: &EqualiseSettings) -> Result<EqualiseReport> {
    let count_of = settings.blocks.len();
    if !settings.strides.is_empty() && settings.strides.len() != count_of {
        return Err(Error::new(Code::InvalidSetting, format!("{count_of} stages take {count_of} strides")));
    }
    let priced = matches!(settings.rank, RankBy::Bytes | RankBy::Seconds);
    if priced && settings.cost.terms.protocols.is_empty() {
        return Err(Error::new(Code::InvalidSetting, "a rank by price needs a protocol"));
    }
    let weights = weights(settings)?;
    // What no multiplier mends is said, not passed over.
    equalised_spec(settings, &vec![1; count_of.saturating_sub(1)])?;
    let range = [settings.min_mult, settings.max_mult];
    let answer = solve(&Question { weights: &weights, order: &settings.order, range })?;
    let found = answer.multipliers.len() as u64;
    let mut solutions = Vec::new();
    for mut multipliers in answer.multipliers {
        if let (Some(alpha), Some(first)) = (settings.alpha, multipliers.first_mut()) {
            *first = alpha;
        }
        // A network past the limits of specs is no solution that could be built.
        if let Ok(spec) = equalised_spec(settings, &multipliers) {
            let mut solution = solution(settings, multipliers, &spec);
            if settings.max_relus.is_some_and(|most| solution.relus > most) {
                continue;
            }
            if !settings.cost.terms.protocols.is_empty() {
                let estimates = cost_of(&rows(&spec), &settings.cost, Detail::Totals)?.estimates;
                solution.costs = estimates.iter().map(WholeCost::of).collect();
            }
            solutions.push(solution);
        }
    }
    let key = |s: &Solution| {
        let whole = s.costs.first().filter(|cost| !cost.bound);
        let price = match settings.rank {
            RankBy::Bytes => whole.map(|cost| cost.bytes as f64),
            RankBy::Seconds => {
                whole.and_then(|cost| Some(cost.offline_seconds?[1] + cost.online_seconds?[1]))
            }
            RankBy::Macs => Some(s.macs as f64),
            RankBy::Relus => Some(s.relus as f64),
        };
        price.unwrap_or(f64::INFINITY)
    };
    solutions.sort_by(|a, b| key(a).total_cmp(&key(b)).then((a.macs, a.relus).cmp(&(b.macs, b.relus))));
    Ok(EqualiseReport { schema: "reluctant.equalise/1", solutions, bounded: answer.bounded, found })
}

/// The network of a tuple of multipliers.
///
/// # Errors
/// `InvalidSetting`, or `LimitExceeded` for a network past the limits.
pub fn equalised_spec(settings: &EqualiseSettings, multipliers: &[u32]) -> Result<Spec> {
    let too_wide = || Error::new(Code::LimitExceeded, "a width passes 32 bits");
    let mut width = settings.base;
    let mut stages = Vec::new();
    for (place, blocks) in settings.blocks.iter().enumerate() {
        let factor = place.checked_sub(1).and_then(|before| multipliers.get(before));
        width = width.checked_mul(factor.copied().unwrap_or(1)).ok_or_else(too_wide)?;
        let stride = settings.strides.get(place).copied().unwrap_or(if place == 0 { 1 } else { 2 });
        // The width of a bottleneck is that of its 3x3 convolution.
        let out = if settings.block == Block::Bottleneck {
            width.checked_mul(4).ok_or_else(too_wide)?
        } else {
            width
        };
        stages.push(Stage::new(settings.block, *blocks, out, stride));
    }
    let stem = Some(Stem { relu: settings.block != Block::Wide, ..Stem::new(settings.base) });
    let spec = Spec { input: settings.input, classes: settings.classes, stem, stages, head: Head::Gap };
    spec.check()?;
    Ok(spec)
}

/// ReLUs of a stage for each channel: those of networks whose maps stay whole at every halving.
fn weights(settings: &EqualiseSettings) -> Result<Vec<Weight>> {
    if settings.block == Block::Inverted {
        let message =
            "inverted residuals have their ReLUs on the channels that they read: no order of stages follows";
        return Err(Error::new(Code::NotSupported, message));
    }
    let strides = |at: usize| settings.strides.get(at).copied().unwrap_or(if at == 0 { 1 } else { 2 });
    let count = settings.blocks.len();
    if settings.blocks.contains(&0) {
        return Err(Error::new(Code::InvalidSetting, "a stage has at least one block"));
    }
    // Area of the maps of a stage, in those of the last.
    let area = |at: usize| {
        (at + 1..count).try_fold(1u64, |area, later| {
            let side = u64::from(strides(later));
            area.checked_mul(side.checked_mul(side)?)
        })
    };
    let too_large = || Error::new(Code::LimitExceeded, "the strides are too large");
    let mut all = Vec::new();
    for (at, blocks) in settings.blocks.iter().enumerate() {
        let (own, blocks) = (area(at).ok_or_else(too_large)?, u64::from(*blocks));
        let side = u64::from(strides(at));
        let read = own.checked_mul(side * side).ok_or_else(too_large)?;
        let weight = |before: u64, of: Option<u64>| Some(Weight { before, own: of? });
        let weight = match settings.block {
            Block::Basic => weight(0, own.checked_mul(2 * blocks)),
            Block::Vgg => weight(0, own.checked_mul(blocks)),
            // The first convolution of the stage has the map that the stage reads.
            Block::Bottleneck => weight(0, own.checked_mul(6 * blocks - 1).and_then(|n| n.checked_add(read))),
            _ => weight(read, own.checked_mul(2 * blocks - 1)),
        };
        all.push(weight.ok_or_else(too_large)?);
    }
    Ok(all)
}

fn solution(settings: &EqualiseSettings, multipliers: Vec<u32>, spec: &Spec) -> Solution {
    let mut relus = Vec::new();
    parts(spec, &mut |part| relus.push(part.counts.relus));
    let stem = relus.first().copied().unwrap_or(0);
    let stage_relus: Vec<u64> = relus.iter().skip(1).take(spec.stages.len()).copied().collect();
    let stages: u64 = stage_relus.iter().sum();
    let least = settings.order.last().and_then(|stage| stage_relus.get((*stage as usize).checked_sub(1)?));
    let least = least.copied().unwrap_or(0) as f64;
    let counts = count(spec);
    let factors: Vec<String> = multipliers.iter().map(|factor| format!("{factor}x")).collect();
    Solution {
        name: format!("HRN-{}", factors.concat()),
        channels: spec.stages.iter().map(|stage| stage.channels.at(0)).collect(),
        multipliers,
        relus: counts.relus,
        macs: counts.macs,
        params: counts.params,
        costs: Vec::new(),
        least_critical_share: least / stages.max(1) as f64,
        least_critical_share_with_stem: (least + stem as f64) / (stages + stem).max(1) as f64,
        stage_relus,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn solutions_are_ranked_and_counted() {
        let report = equalise(&EqualiseSettings::default()).unwrap();
        let names: Vec<&str> = report.solutions.iter().map(|s| s.name.as_str()).collect();
        assert_eq!(names, ["HRN-5x5x3x", "HRN-5x7x2x", "HRN-7x5x2x", "HRN-6x6x2x"]);
        let first = &report.solutions[0];
        assert_eq!((first.relus, first.macs, first.params), (343_040, 1_053_353_152, 48_652_308));
        assert_eq!(first.stage_relus, [65_536, 81_920, 102_400, 76_800]);
        // 65,536 of 326,656; with the stem's 16,384: 81,920 of 343,040.
        assert!((first.least_critical_share - 0.2006).abs() < 5e-5);
        assert!((first.least_critical_share_with_stem - 0.2388).abs() < 5e-5);
        let few = EqualiseSettings { max_relus: Some(343_040), ..Default::default() };
        assert_eq!(equalise(&few).unwrap().solutions.len(), 1);
        let low = EqualiseSettings { alpha: Some(2), base: 32, ..Default::default() };
        let low = equalise(&low).unwrap().solutions.into_iter().find(|s| s.name == "HRN-2x5x3x").unwrap();
        assert_eq!((low.relus, low.macs, low.params), (372_736, 709_621_504, 31_203_460));
    }

    /// A protocol can order them otherwise than MACs; prices are those of the built network.
    #[test]
    fn solutions_are_ranked_by_price() {
        use crate::api::{Model, Settings, Terms};
        let cost: Ask = Terms::under("semi2k").into();
        let settings = EqualiseSettings { rank: RankBy::Bytes, cost: cost.clone(), ..Default::default() };
        let report = equalise(&settings).unwrap();
        let bytes: Vec<u64> = report.solutions.iter().map(|s| s.costs[0].bytes).collect();
        assert!(bytes.is_sorted() && bytes.len() == 4);
        for solution in &report.solutions {
            let spec = equalised_spec(&settings, &solution.multipliers).unwrap();
            let scored = Model::of_spec(&spec, "net").unwrap().score(&Settings::default()).unwrap();
            assert_eq!(solution.costs[0], WholeCost::of(&scored.cost(&cost).unwrap().estimates[0]));
        }
        assert!(equalise(&EqualiseSettings { rank: RankBy::Seconds, ..Default::default() }).is_err());
        assert!(equalise(&EqualiseSettings { blocks: vec![0, 2, 2, 2], ..Default::default() }).is_err());
        assert!(equalise(&EqualiseSettings { base: 0, ..Default::default() }).is_err());
        assert!(equalise(&EqualiseSettings { blocks: vec![u32::MAX; 4], ..Default::default() }).is_err());
    }

    /// Whatever the block, the stages of what is built stand in the order that was asked for.
    #[test]
    fn networks_of_every_block_stand_in_order() {
        for block in [Block::Basic, Block::Bottleneck, Block::Wide, Block::Vgg] {
            for (blocks, order) in [
                (vec![2, 3, 1], vec![3, 2, 1]),
                (vec![1, 2, 2, 1], vec![2, 3, 4, 1]),
                (vec![3, 1], vec![1, 2]),
            ] {
                let settings = EqualiseSettings {
                    blocks,
                    order: order.clone(),
                    block,
                    max_mult: 24,
                    min_mult: 1,
                    base: 4,
                    input: [3, 64, 64],
                    ..Default::default()
                };
                let report = equalise(&settings).unwrap();
                assert!(!report.solutions.is_empty(), "{block:?} {order:?}");
                for solution in report.solutions {
                    let at = |stage: &u32| solution.stage_relus[*stage as usize - 1];
                    assert!(
                        order.windows(2).all(|w| at(&w[0]) > at(&w[1])),
                        "{block:?} {order:?} {solution:?}"
                    );
                }
            }
        }
    }
}
