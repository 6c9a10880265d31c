//! Block coordinate descent: from everything kept, replace the block that hurts least, by
//! evaluation on a batch, until the budget is met. Forward passes only.

use super::choose::{Selection, selection, units};
use super::fill::Unit;
use super::policy::Problem;
use super::random::Random;
use super::site::Mask;
use crate::error::Result;

/// How a descent walks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Descent {
    /// Rounds: each replaces one block; the blocks share what must go evenly.
    pub rounds: usize,
    /// Blocks drawn and evaluated in a round.
    pub candidates: usize,
}

impl Default for Descent {
    fn default() -> Self {
        Self { rounds: 16, candidates: 8 }
    }
}

/// Walks down to the budget. `evaluate` gives the loss of a plan; each round the candidate of least
/// loss is taken, the earlier one among equals. `rounds` x `candidates` evaluations at most.
///
/// A block is a random set of kept units: of two that are drawn, the one of lower value goes.
///
/// # Errors
/// As [`super::select`], and what `evaluate` answers.
pub fn descend(
    problem: &Problem<'_>,
    walk: Descent,
    evaluate: &mut dyn FnMut(&[Mask]) -> Result<f64>,
) -> Result<Selection> {
    let units = units(problem)?;
    let mut random = Random::new(problem.seed);
    let mut bits = vec![true; units.len()];
    let cost =
        |bits: &[bool]| -> u64 { units.iter().zip(bits).filter(|(_, b)| **b).map(|(u, _)| u.cost).sum() };
    let mut at = cost(&bits);
    let rounds = walk.rounds.max(1) as u64;
    let excess = at.saturating_sub(problem.budget);
    for round in 1..=rounds {
        // Where this round must end: the last one at the budget.
        let goal =
            problem.budget + excess - (u128::from(excess) * u128::from(round) / u128::from(rounds)) as u64;
        if at <= goal {
            continue;
        }
        let mut best: Option<(f64, Vec<bool>)> = None;
        for _ in 0..walk.candidates.max(1) {
            let block = draw(&units, &bits, at - goal, &mut random);
            let loss = evaluate(&selection(problem, &block, false).masks)?;
            if best.as_ref().is_none_or(|(least, _)| loss < *least) {
                best = Some((loss, block));
            }
        }
        if let Some((_, block)) = best {
            bits = block;
            at = cost(&bits);
        }
    }
    // Blocks round up: what was replaced beyond the goal comes back while it fits.
    let mut order: Vec<usize> = (0..units.len()).filter(|i| bits.get(*i) == Some(&false)).collect();
    let value = |i: &usize| units.get(*i).map_or(0.0, |u| u.value);
    order.sort_by(|a, b| value(b).total_cmp(&value(a)).then(a.cmp(b)));
    for index in order {
        let (Some(unit), Some(bit)) = (units.get(index), bits.get_mut(index)) else { continue };
        if at.saturating_add(unit.cost) <= problem.budget {
            at += unit.cost;
            *bit = true;
        }
    }
    Ok(selection(problem, &bits, false))
}

/// The bits without a random block that costs at least `goal`.
fn draw(units: &[Unit], bits: &[bool], goal: u64, random: &mut Random) -> Vec<bool> {
    let mut kept: Vec<usize> = (0..units.len()).filter(|i| bits.get(*i) == Some(&true)).collect();
    let mut out = bits.to_vec();
    let mut gone = 0u64;
    while gone < goal && !kept.is_empty() {
        let (a, b) = (random.below(kept.len()), random.below(kept.len()));
        let value = |place: usize| kept.get(place).and_then(|i| units.get(*i)).map_or(0.0, |u| u.value);
        let place = if value(a) <= value(b) { a } else { b };
        let index = kept.swap_remove(place);
        if let (Some(unit), Some(bit)) = (units.get(index), out.get_mut(index)) {
            gone = gone.saturating_add(unit.cost);
            *bit = false;
        }
    }
    out
}
