//! A network's work as operations on ciphertexts, each of which makes one value.

use super::scheme::Levels;
use super::step::{Step, Steps};
use crate::cost::job::{Job, elements};
use crate::count::{Row, Work};

/// One piece of work, or a row without any, which hands on what it reads.
#[derive(Clone, Debug, Default)]
pub(super) struct Op {
    /// The operations whose values it reads; none reads the input.
    pub reads: Vec<usize>,
    /// Levels that it takes.
    pub need: u32,
    /// Seconds that each level above 2 adds.
    pub above: f64,
    /// Elements of its value.
    pub makes: u128,
    /// Seconds of refreshing that value.
    pub refresh: f64,
    /// What it reads may be refreshed for it: it takes levels, or adds up. What was dropped, or has no price, bills nothing.
    pub refreshes: bool,
    /// It has no price: whatever computes it asks for no levels here and leaves a fresh value, so that what is planned
    /// stays a lower bound.
    pub opens: bool,
}

/// What a plan chose for an operation.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Choice {
    /// Level that it runs at.
    pub level: u32,
    /// Which of the values that it reads are refreshed for it.
    pub refreshes: Vec<usize>,
}

/// Operations in order, and how many there are of each row.
pub(super) struct Ops {
    pub ops: Vec<Op>,
    /// Of the input.
    pub fresh: u32,
    rows: Vec<usize>,
}

impl Ops {
    /// `job` gives what a piece of work, by row and place, became; None where it was dropped.
    pub(super) fn of<'a>(
        rows: &'a [Row],
        levels: &Levels,
        folded: bool,
        job: impl Fn(usize, usize, &'a Work) -> Option<Job<'a>>,
    ) -> Self {
        let mut high = false;
        let mut ops: Vec<Op> = Vec::new();
        let mut last: Vec<usize> = Vec::with_capacity(rows.len());
        for (position, row) in rows.iter().enumerate() {
            let mut reads: Vec<usize> =
                row.reads(position).filter_map(|read| last.get(read).copied()).collect();
            reads.sort_unstable();
            reads.dedup();
            let nothing = row.work.is_empty().then_some(None);
            let jobs = row.work.iter().enumerate().map(|(place, work)| job(position, place, work));
            for job in jobs.chain(nothing) {
                let need = match job {
                    Some(Job::Poly2 { .. }) if folded => 1,
                    job => job.map_or(0, levels.needs),
                };
                high |= need > 2 && matches!(job, Some(Job::Work(Work::Activation(_))));
                let largest = reads.iter().filter_map(|read| ops.get(*read)).map(|op| op.makes).max();
                let makes = job.and_then(elements).or(largest).unwrap_or(0);
                let adds = matches!(job, Some(Job::Work(Work::Add { .. })));
                let op = Op {
                    reads: std::mem::replace(&mut reads, vec![ops.len()]),
                    need,
                    above: job.map_or(0.0, levels.above),
                    makes,
                    refresh: (levels.refresh)(makes),
                    refreshes: need > 0 || adds,
                    opens: need == 0 && !adds && job.is_some(),
                };
                ops.push(op);
            }
            last.push(ops.len() - 1);
        }
        let rows = rows.iter().map(|row| row.work.len()).collect();
        Self { ops, fresh: if high { levels.fresh } else { levels.fresh_low }, rows }
    }

    /// The steps of each row, given a choice for each operation.
    pub(super) fn steps(&self, choices: &[Choice]) -> Steps {
        let makes = |read: &usize| self.ops.get(*read).map_or(0, |op| op.makes);
        let mut steps = self.ops.iter().zip(choices).map(|(op, choice)| Step {
            level: choice.level,
            leaves: choice.level.saturating_sub(op.need),
            makes: op.makes,
            refreshes: choice.refreshes.iter().map(makes).collect(),
        });
        let of_row = |works: &usize| -> Vec<Step> {
            let of_row = steps.by_ref().take((*works).max(1)).collect();
            if *works == 0 { Vec::new() } else { of_row }
        };
        self.rows.iter().map(of_row).collect()
    }
}
