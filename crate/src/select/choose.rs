//! Budget and order become masks.

use serde::Serialize;

use super::fill::{Unit, fill};
use super::knapsack::{Choice, relaxed_front, solve};
use super::policy::{Policy, Problem, Values};
use super::site::{Mask, Site, spans};
use crate::count::Granularity;
use crate::error::{Code, Error, Result};
use crate::limits::MAX_UNITS;

/// What stays.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Selection {
    /// One mask a site.
    #[serde(skip)]
    pub masks: Vec<Mask>,
    /// Elements of each site that stay.
    pub kept: Vec<u64>,
    /// Cost units that stay; never above the budget.
    pub cost: u64,
    /// Proven best by the policy's own measure; a greedy order is not.
    pub exact: bool,
    /// Of a choice among whole layers or stages: (cost, loss) of the relaxed problem's corners.
    pub front: Vec<(u64, f64)>,
}

/// Chooses what stays.
///
/// # Errors
/// `InvalidSetting` where the policy lacks evidence, `LimitExceeded`, `Overflow`.
pub fn select(problem: &Problem<'_>) -> Result<Selection> {
    let units = units(problem)?;
    let whole = matches!(problem.granularity, Granularity::Layer | Granularity::Stage);
    let ordered = matches!(
        problem.policy,
        Policy::Uniform | Policy::Random | Policy::Nested | Policy::SenetRatios | Policy::Criticality
    );
    if whole && !ordered {
        let (bits, exact, front) = knapsack(&units, problem.budget)?;
        return Ok(Selection { front, ..selection(problem, &bits, exact) });
    }
    // Among units of one price the best first is the best.
    let one_price = units.windows(2).all(|pair| matches!(pair, [a, b] if a.cost == b.cost));
    Ok(selection(problem, &fill(&units, problem.budget), one_price && !ordered))
}

/// Units with cost and value: of consecutive sites, or of stages.
pub(super) fn units(problem: &Problem<'_>) -> Result<Vec<Unit>> {
    let overflow = || Error::new(Code::Overflow, "the cost of what may stay leaves 63 bits");
    let count: u64 = problem.sites.iter().map(|site| problem.granularity.units(site)).sum();
    if count > MAX_UNITS {
        return Err(Error::new(Code::LimitExceeded, format!("{count} units are too many to order"))
            .hint("choose channels or layers instead of pixels"));
    }
    let mut units: Vec<Unit> = Vec::with_capacity(count as usize);
    let mut stages: Vec<(u32, usize)> = Vec::new();
    let mut values = Values::new(problem);
    let mut total = 0u64;
    for (index, site) in problem.sites.iter().enumerate() {
        let sizes = problem.granularity.sizes(site);
        for (size, value) in sizes.iter().zip(values.of(index, site, &sizes)?) {
            let cost = size.checked_mul(site.unit_cost).ok_or_else(overflow)?;
            total = total.checked_add(cost).filter(|t| *t <= i64::MAX as u64).ok_or_else(overflow)?;
            let value = if value.is_nan() { 0.0 } else { value };
            if problem.granularity == Granularity::Stage {
                match stages
                    .iter()
                    .find(|(stage, _)| *stage == site.stage)
                    .and_then(|(_, at)| units.get_mut(*at))
                {
                    Some(unit) => {
                        unit.cost += cost;
                        // An order as such (values at or below 0) is not summed.
                        unit.value =
                            if unit.value > 0.0 { unit.value + value } else { unit.value.max(value) };
                    }
                    None => {
                        stages.push((site.stage, units.len()));
                        units.push(Unit { cost, value });
                    }
                }
            } else {
                units.push(Unit { cost, value });
            }
        }
    }
    Ok(units)
}

/// Each unit stays or goes, at the least sum of what goes.
fn knapsack(units: &[Unit], budget: u64) -> Result<(Vec<bool>, bool, Vec<(u64, f64)>)> {
    let of = |unit: &Unit| vec![Choice { cost: 0, loss: unit.value }, Choice { cost: unit.cost, loss: 0.0 }];
    let layers: Vec<Vec<Choice>> = units.iter().map(of).collect();
    let none = || Error::new(Code::InvalidSetting, "the budget holds nothing");
    let solved = solve(&layers, budget).ok_or_else(none)?;
    // What is lost without loss need not stay, yet what fits for nothing may.
    let bits = solved.picks.iter().map(|pick| *pick == 1).collect();
    Ok((bits, solved.exact, relaxed_front(&layers)))
}

/// Bits of units as masks of sites.
pub(super) fn selection(problem: &Problem<'_>, bits: &[bool], exact: bool) -> Selection {
    let Problem { sites, granularity, .. } = *problem;
    let masks: Vec<Mask> = if granularity == Granularity::Stage {
        let mut stages: Vec<u32> = Vec::new();
        let keep = |site: &Site| {
            let at = stages.iter().position(|stage| *stage == site.stage).unwrap_or_else(|| {
                stages.push(site.stage);
                stages.len() - 1
            });
            Mask::whole(site, bits.get(at).copied().unwrap_or(false))
        };
        sites.iter().map(keep).collect()
    } else {
        let mask = |(site, span): (&Site, std::ops::Range<usize>)| {
            granularity.mask(site, bits.get(span).unwrap_or_default())
        };
        sites.iter().zip(spans(sites, granularity)).map(mask).collect()
    };
    let kept: Vec<u64> = masks.iter().zip(sites).map(|(mask, site)| mask.kept(site)).collect();
    // Within the total of `units`, which was checked.
    let cost = kept.iter().zip(sites).map(|(kept, site)| kept * site.unit_cost).sum();
    Selection { masks, kept, cost, exact, front: Vec::new() }
}
