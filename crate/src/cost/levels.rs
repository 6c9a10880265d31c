//! Levels of homomorphic ciphertexts over the graph of rows, and where they are bootstrapped.
//!
//! Greedy: a value is refreshed only when the next operation lacks levels; levels travel along the
//! edges, an Add takes the least of what it reads, and a value that was refreshed once is fresh for
//! all who read it. A convolution (2) and an activation (14) leave 0 of 16 levels, so each activation
//! but the first of ResNet-20 begins with a bootstrap: 18.

use serde::Serialize;

use super::formulas::packing::Packing;
use super::job::{Job, elements};
use crate::count::{Conv, Row, Work};

/// Levels that operations take under a scheme.
pub(super) struct Levels {
    /// Of the input, where an activation stays in its high degree.
    pub fresh: u32,
    /// Of the input, where none does.
    pub fresh_low: u32,
    /// After a bootstrap.
    pub refreshed: u32,
    /// Of one piece of work; 0 for what is only added up, or has no price.
    pub needs: fn(Job<'_>) -> u32,
    /// What a convolution asks for.
    pub packing: fn(&Conv, slots: u64) -> Result<Packing, &'static str>,
    /// Slots of a ciphertext.
    pub slots: u64,
}

/// What a row asks of homomorphic encryption.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Homomorphic {
    /// Level at which it begins, refreshed where it had to be.
    pub level: u32,
    /// Level of what it makes.
    pub leaves: u32,
    /// Ciphertexts that are bootstrapped before it.
    pub bootstraps: u64,
    /// Ciphertexts of what it makes.
    pub ciphertexts: u64,
    /// Part of their slots that is used, 0 to 1.
    pub slot_use: f64,
    /// Products with plaintexts of a convolution; None where no formula is known.
    pub products: Option<u64>,
    /// Its rotations.
    pub rotations: Option<u64>,
}

impl Levels {
    /// What a row asks for, given its steps.
    pub(super) fn of_row(&self, row: &Row, steps: &[Step]) -> Homomorphic {
        let ciphertexts = |elements: u128| elements.div_ceil(self.slots.into()).max(1);
        let narrow = |n: u128| u64::try_from(n).unwrap_or(u64::MAX);
        let (first, last) = (steps.first(), steps.last());
        let made = last.map_or(0, |step| step.makes);
        let mut sum = Homomorphic {
            level: first.map_or(0, |step| step.level),
            leaves: last.map_or(0, |step| step.leaves),
            bootstraps: narrow(steps.iter().flat_map(|step| &step.refreshes).map(|n| ciphertexts(*n)).sum()),
            ciphertexts: narrow(ciphertexts(made)),
            slot_use: made as f64 / (ciphertexts(made) as f64 * self.slots as f64),
            ..Homomorphic::default()
        };
        for work in &row.work {
            let Work::Conv(conv) = work else { continue };
            let Ok(packing) = (self.packing)(conv, self.slots) else { continue };
            let rotations = packing.rotations.saturating_add(packing.fast);
            for (sum, more) in [(&mut sum.products, packing.products), (&mut sum.rotations, rotations)] {
                *sum = Some(sum.unwrap_or(0).saturating_add(narrow(more)));
            }
        }
        sum
    }
}

/// What one piece of work meets.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Step {
    /// Level of what it reads, refreshed where it had to be.
    pub level: u32,
    /// Level of what it makes.
    pub leaves: u32,
    /// Elements of what it makes.
    pub makes: u128,
    /// Elements of each value that is refreshed for it.
    pub refreshes: Vec<u128>,
}

/// Steps of each row's work, in order.
pub(super) type Plan = Vec<Vec<Step>>;

/// A value: what a row makes.
#[derive(Clone, Copy)]
struct Made {
    level: u32,
    elements: u128,
}

/// `job` gives what a piece of work, by row and place, became; None where it was dropped.
pub(super) fn plan<'a>(
    rows: &'a [Row],
    levels: &Levels,
    job: impl Fn(usize, usize, &'a Work) -> Option<Job<'a>>,
) -> Plan {
    let is_high = |job: Job<'_>| matches!(job, Job::Work(Work::Activation(_))) && (levels.needs)(job) > 2;
    let high = rows.iter().enumerate().any(|(position, row)| {
        row.work.iter().enumerate().any(|(place, work)| job(position, place, work).is_some_and(is_high))
    });
    let fresh = if high { levels.fresh } else { levels.fresh_low };
    let mut made: Vec<Made> = Vec::with_capacity(rows.len());
    let mut plan = Plan::with_capacity(rows.len());
    for (position, row) in rows.iter().enumerate() {
        let reads: Vec<usize> = row.reads(position).filter(|read| *read < made.len()).collect();
        let least = |made: &[Made]| reads.iter().filter_map(|read| made.get(*read)).map(|m| m.level).min();
        let largest = reads.iter().filter_map(|read| made.get(*read)).map(|made| made.elements).max();
        let mut state = Made { level: least(&made).unwrap_or(fresh), elements: largest.unwrap_or(0) };
        let mut steps = Vec::with_capacity(row.work.len());
        for (place, work) in row.work.iter().enumerate() {
            let mut step = Step::default();
            let job = job(position, place, work);
            let need = job.map_or(0, levels.needs);
            if state.level < need && need <= levels.refreshed {
                if place == 0 {
                    for read in &reads {
                        if let Some(made) = made.get_mut(*read).filter(|made| made.level < need) {
                            step.refreshes.push(made.elements);
                            made.level = levels.refreshed;
                        }
                    }
                    state.level = least(&made).unwrap_or(levels.refreshed);
                } else {
                    step.refreshes.push(state.elements);
                    state.level = levels.refreshed;
                }
            }
            step.level = state.level;
            state.level = state.level.saturating_sub(need);
            state.elements = job.and_then(elements).unwrap_or(state.elements);
            (step.leaves, step.makes) = (state.level, state.elements);
            steps.push(step);
        }
        made.push(state);
        plan.push(steps);
    }
    plan
}
