//! What is kept first: each policy gives every unit a value, and the highest values stay.

use std::rc::Rc;

use super::nested::Map;
use super::random::Random;
use super::site::Site;
use crate::count::Granularity;
use crate::error::{Code, Error, Result};
use crate::names::names;

names! { "policy",
    /// How units are ordered; in the order in which they are offered.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum Policy {
        /// Expected squared error of the replacement times the layer's measured sensitivity.
        #[default]
        Error = "error",
        /// SENet: the largest difference between the activation and what replaces it, summed over a batch.
        Senet = "senet",
        /// DeepReDuce: the most critical stages stay whole (culling drops the rest); the one that no
        /// longer fits keeps every second layer first (thinning).
        Criticality = "criticality",
        /// Units that are always on or always off go first: replacing them changes nothing.
        Balance = "balance",
        /// The same share of every layer, evenly spread.
        Uniform = "uniform",
        /// Seeded.
        Random = "random",
        /// The same share of every layer, by one seeded map that is averaged to each layer's size: masks lie within one
        /// another, as semi-structured sparsity draws them (arXiv 2309.06626).
        Nested = "nested",
        /// The ratios per layer that SENet published, scaled to the budget.
        SenetRatios = "senet-ratios",
        /// Block coordinate descent: see [`super::descend`]; without evaluation it is `Error`.
        Descent = "bcd",
    }
}

/// What to decide.
#[derive(Clone, Copy, Debug)]
pub struct Problem<'a> {
    /// Activation layers in order.
    pub sites: &'a [Site],
    /// What is kept together.
    pub granularity: Granularity,
    /// Cost units that may stay.
    pub budget: u64,
    /// What is kept first.
    pub policy: Policy,
    /// What is known.
    pub evidence: &'a Evidence,
    /// Of [`Policy::Random`] and of descents.
    pub seed: u64,
}

/// What is known of the sites; an empty list is unknown.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// Per site: loss for each unit of squared error there. Unknown: 1.
    pub sensitivity: Vec<f64>,
    /// Per site and channel: expected squared error of the replacement of one element.
    pub error: Vec<Vec<f64>>,
    /// Per site and channel: share of inputs that are positive.
    pub positive: Vec<Vec<f64>>,
    /// Per site and element: |activation - replacement| over a batch.
    pub difference: Rc<[Vec<f32>]>,
    /// Stages from the most to the least critical; see [`criticality_order`]. Unknown: [`usual_order`].
    pub stage_order: Vec<u32>,
    /// Per site: share to keep, up to a factor.
    pub ratios: Vec<f64>,
}

/// Stages by DeepReDuce's metric, most critical first: C_k = (Acc_k - Acc_1) / ReLUs_k^0.07, Acc_k the
/// accuracy of the network that keeps the ReLUs of stage k only. `stages` are (stage, accuracy, ReLUs)
/// in order.
pub fn criticality_order(stages: &[(u32, f64, u64)]) -> Vec<u32> {
    let first = stages.first().map_or(0.0, |(_, accuracy, _)| *accuracy);
    let metric =
        |(_, accuracy, relus): &(u32, f64, u64)| (accuracy - first) / (*relus as f64).max(1.0).powf(0.07);
    let mut order: Vec<&(u32, f64, u64)> = stages.iter().collect();
    order.sort_by(|a, b| metric(b).total_cmp(&metric(a)).then(b.0.cmp(&a.0)));
    order.into_iter().map(|(stage, ..)| *stage).collect()
}

/// The order without measurements: of n stages n-1 down to 2, then n, then 1, the published order of
/// ResNets with four (S3 > S2 > S4 > S1); with fewer than four, from the last to the first.
pub fn usual_order(stages: u32) -> Vec<u32> {
    if stages < 4 {
        return (0..stages).rev().collect();
    }
    (1..stages - 1).rev().chain([stages - 1, 0]).collect()
}

/// The value of each unit of one site: how much is lost when all its elements are replaced.
pub(super) struct Values<'a> {
    problem: &'a Problem<'a>,
    random: Random,
    /// Stages, most critical first.
    order: Vec<u32>,
    /// Of [`Policy::Nested`].
    map: Map,
}

/// Step of evenly spread places: the golden ratio's fraction.
const GOLDEN: f64 = 0.618_033_988_749_894_9;

impl<'a> Values<'a> {
    pub(super) fn new(problem: &'a Problem<'a>) -> Self {
        let mut order = problem.evidence.stage_order.clone();
        if order.is_empty() {
            let mut stages: Vec<u32> = problem.sites.iter().map(|site| site.stage).collect();
            stages.sort_unstable();
            stages.dedup();
            let usual = usual_order(stages.len() as u32);
            order = usual.iter().filter_map(|i| stages.get(*i as usize).copied()).collect();
        }
        let mut random = Random::new(problem.seed);
        let map = match problem.policy {
            Policy::Nested => Map::over(problem.sites, &mut random),
            _ => Map::default(),
        };
        Self { problem, random, order, map }
    }

    /// Values of the units of site `index`; `sizes` are their elements.
    pub(super) fn of(&mut self, index: usize, site: &Site, sizes: &[u64]) -> Result<Vec<f64>> {
        let evidence = self.problem.evidence;
        let granularity = self.problem.granularity;
        let missing = |what: &str| {
            let policy = self.problem.policy.name();
            Err(Error::new(Code::InvalidSetting, format!("{policy} needs {what} of every layer"))
                .hint("give data that the network can be run on, or choose another policy"))
        };
        let sensitivity = evidence.sensitivity.get(index).copied().unwrap_or(1.0);
        Ok(match self.problem.policy {
            Policy::Error | Policy::Descent => match evidence.error.get(index) {
                Some(error) => scale(by_channel(granularity, site, error, sizes), sensitivity),
                None => return missing("the error of its replacement"),
            },
            Policy::Balance => match evidence.positive.get(index) {
                Some(share) => {
                    let rare: Vec<f64> = share.iter().map(|p| p.min(1.0 - p).max(0.0)).collect();
                    by_channel(granularity, site, &rare, sizes)
                }
                None => return missing("the share of positive inputs"),
            },
            Policy::Senet => match evidence.difference.get(index) {
                Some(difference) => by_element(granularity, site, difference, sizes.len()),
                None => return missing("the difference that its replacement makes"),
            },
            Policy::Random => sizes.iter().map(|_| -self.random.unit()).collect(),
            Policy::Uniform => spread(sizes.len(), 1.0),
            Policy::Nested => {
                let sums = by_element(granularity, site, &self.map.elements(site), sizes.len());
                let means: Vec<f64> = sums.iter().zip(sizes).map(|(sum, n)| sum / *n as f64).collect();
                quota(&means, 1.0)
            }
            Policy::SenetRatios => {
                let ratio = evidence.ratios.get(index).copied().unwrap_or(1.0);
                match evidence.difference.get(index) {
                    Some(difference) => quota(&by_element(granularity, site, difference, sizes.len()), ratio),
                    None => spread(sizes.len(), ratio),
                }
            }
            Policy::Criticality => {
                let rank = self.order.iter().position(|stage| *stage == site.stage);
                let rank = rank.unwrap_or(self.order.len());
                let before = self.problem.sites.iter().take(index).filter(|s| s.stage == site.stage).count();
                // Stage, then the layers that thinning keeps, then an even spread.
                let tier = -1.0 - 2.0 * rank as f64 - (before % 2) as f64;
                spread(sizes.len(), 1.0).into_iter().map(|v| tier + 0.5 * (1.0 + v)).collect()
            }
        })
    }
}

fn scale(mut values: Vec<f64>, by: f64) -> Vec<f64> {
    for value in &mut values {
        *value *= by;
    }
    values
}

/// Per element values of channels, summed over units.
fn by_channel(granularity: Granularity, site: &Site, channels: &[f64], sizes: &[u64]) -> Vec<f64> {
    let of = |channel: u64| channels.get(channel as usize).or(channels.first()).copied().unwrap_or(0.0);
    let mean = || (0..site.channels()).map(of).sum::<f64>() / site.channels().max(1) as f64;
    match granularity {
        Granularity::Channel => sizes.iter().zip(0..).map(|(n, c)| *n as f64 * of(c)).collect(),
        Granularity::Layer | Granularity::Stage | Granularity::Spatial => {
            let mean = mean();
            sizes.iter().map(|n| *n as f64 * mean).collect()
        }
        Granularity::Pixel => {
            let mut values = Vec::with_capacity(sizes.len());
            while values.len() < sizes.len() {
                let channel = of(site.channel_of(values.len() as u64));
                let end = values.len() + site.inner().max(1) as usize;
                values.resize(end.min(sizes.len()), channel);
            }
            values
        }
        Granularity::Patch(_) => {
            let mut values = vec![0.0; sizes.len()];
            for element in 0..site.elements() {
                if let Some(value) = values.get_mut(granularity.unit_of(site, element) as usize) {
                    *value += of(site.channel_of(element));
                }
            }
            values
        }
    }
}

fn by_element(granularity: Granularity, site: &Site, elements: &[f32], units: usize) -> Vec<f64> {
    let mut values = vec![0.0; units];
    for (element, value) in (0..site.elements()).zip(elements) {
        if let Some(sum) = values.get_mut(granularity.unit_of(site, element) as usize) {
            *sum += f64::from(*value);
        }
    }
    values
}

/// Values that, cut at any level, leave the same share of every site that has the same ratio, evenly
/// spread: minus (fraction of (i + 1) golden) / ratio.
fn spread(units: usize, ratio: f64) -> Vec<f64> {
    (1..=units).map(|i| -((i as f64 * GOLDEN).fract() / ratio.max(1e-12))).collect()
}

/// The same, the best units of the site first.
fn quota(values: &[f64], ratio: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    let at = |i: &usize| values.get(*i).copied().unwrap_or(0.0);
    order.sort_by(|a, b| at(b).total_cmp(&at(a)).then(a.cmp(b)));
    let mut quota = vec![0.0; values.len()];
    for (rank, unit) in order.into_iter().enumerate() {
        if let Some(slot) = quota.get_mut(unit) {
            *slot = -((rank as f64 + 0.5) / values.len() as f64 / ratio.max(1e-12));
        }
    }
    quota
}
