//! The plan of a network: where its values are refreshed, and the level that each operation runs at.

use super::greedy::greedy;
use super::ops::{Choice, Ops};
use super::scheme::Levels;
use super::search::{Pay, search};
use super::step::{Refreshes, Step, Steps};
use crate::cost::job::Job;
use crate::count::{Row, Work};

/// Where the values of a network are refreshed.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::cost) struct Plan {
    pub steps: Steps,
    pub refreshes: Refreshes,
    /// Seconds of refreshes and of levels above 2, on the reference machine; None of a greedy plan.
    #[cfg_attr(not(test), allow(dead_code, reason = "tests hold what is billed to it"))]
    pub seconds: Option<f64>,
}

impl Plan {
    /// What a piece of work meets, by row and place.
    pub(in crate::cost) fn step(&self, row: usize, place: usize) -> Option<&Step> {
        self.steps.get(row)?.get(place)
    }
}

/// `job` gives what a piece of work, by row and place, became; None where it was dropped. Polynomials in the place of
/// activations take one level where their scale is `folded`.
pub(in crate::cost) fn plan<'a>(
    rows: &'a [Row],
    levels: &Levels,
    folded: bool,
    job: impl Fn(usize, usize, &'a Work) -> Option<Job<'a>>,
) -> Plan {
    let network = Ops::of(rows, levels, folded, job);
    let Ops { ops, fresh, .. } = &network;
    let searched = search(ops, *fresh, levels.refreshed, Pay::Seconds);
    let fewest = search(ops, *fresh, levels.refreshed, Pay::Refreshes);
    let count = |choices: &[Choice]| choices.iter().map(|choice| choice.refreshes.len() as u64).sum();
    let exact = searched.is_some();
    let (choices, seconds) = match searched {
        Some((choices, seconds)) => (choices, Some(seconds)),
        None => (greedy(ops, *fresh, levels.refreshed), None),
    };
    let planned = count(&choices);
    let fewest = fewest.map_or(planned, |(choices, _)| count(&choices));
    Plan { steps: network.steps(&choices), refreshes: Refreshes { planned, fewest, exact }, seconds }
}
