//! Rounds of the network: independent rows answer in the same messages, so what counts is the
//! longest chain of rows, each of which reads the one before.
//!
//! Two branches of 8 and 5 rounds that an Add joins, then a ReLU of 8: 8 + 0 + 8 = 16 rounds, not 21.

use super::tally::PARTS;
use crate::count::Row;
use crate::error::{Code, Error, Result};

/// Chains so far, one end for each row.
#[derive(Default)]
pub(super) struct Path {
    ends: Vec<End>,
}

/// The longest chain that ends in a row.
struct End {
    rounds: u128,
    /// The row before it in that chain.
    via: Option<usize>,
    /// Rounds of the row itself, by kind of work.
    own: [u128; PARTS],
}

impl Path {
    /// Adds the next row. Fails where it reads a row that is not before it.
    pub(super) fn push(&mut self, row: &Row, own: [u128; PARTS]) -> Result<()> {
        let position = self.ends.len();
        let mut before: Option<(u128, usize)> = None;
        for read in row.reads(position) {
            let end = self.ends.get(read).ok_or_else(|| {
                Error::new(Code::InvalidSetting, format!("row {position} reads row {read}"))
                    .hint("a row can read only rows before it")
            })?;
            if before.is_none_or(|(longest, _)| longest < end.rounds) {
                before = Some((end.rounds, read));
            }
        }
        let sum = own.iter().fold(0, |sum: u128, rounds| sum.saturating_add(*rounds));
        let rounds = before.map_or(0, |(longest, _)| longest).saturating_add(sum);
        self.ends.push(End { rounds, via: before.map(|(_, read)| read), own });
        Ok(())
    }

    /// Which rows are on the longest chain (the first of several), and its rounds by kind of work.
    pub(super) fn longest(&self) -> (Vec<bool>, [u128; PARTS]) {
        let mut on = vec![false; self.ends.len()];
        let mut sum = [0_u128; PARTS];
        let ends = self.ends.iter().enumerate().rev();
        let mut at = ends.max_by_key(|(_, end)| end.rounds).map(|(last, _)| last);
        while let Some((position, end)) = at.and_then(|at| Some((at, self.ends.get(at)?))) {
            if let Some(on) = on.get_mut(position) {
                *on = end.own.iter().any(|rounds| *rounds > 0);
            }
            sum.iter_mut().zip(end.own).for_each(|(sum, own)| *sum = sum.saturating_add(own));
            at = end.via;
        }
        (on, sum)
    }
}
