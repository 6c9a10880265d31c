//! The plan of refreshes that costs least, by dynamic programming over the cuts of the graph.
//!
//! A cut holds the values that are alive between two operations; what matters of the past is their levels. A ciphertext
//! may be dropped to a lower level for nothing, so of two ways to a cut the one that costs no more and stands no lower in
//! any value is kept; and a value keeps no more levels than what follows can use. At each operation: which of the values that it reads are refreshed, and the level it runs at.

use super::ops::{Choice, Op};

/// The most values alive at once that are searched over.
pub(super) const WIDEST: usize = 4;

/// The most ways to a cut that are kept.
const MOST_WAYS: usize = 1_000;

/// What a plan pays for.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Pay {
    /// Refreshes and levels above 2, in seconds.
    Seconds,
    /// Refreshes, one each.
    Refreshes,
}

/// A way to a cut.
#[derive(Clone, Copy, Debug)]
struct Way {
    cost: f64,
    /// Of the values alive, in their order.
    levels: [u32; WIDEST],
    /// The way to the cut before.
    from: usize,
    /// Level that the operation runs at.
    level: u32,
    /// Which of its reads are refreshed.
    refreshed: usize,
}

impl Way {
    fn dominates(&self, other: &Self, width: usize) -> bool {
        self.levels.iter().zip(other.levels).take(width).all(|(mine, theirs)| *mine >= theirs)
    }
}

/// A choice for each operation and what they cost together; None where a cut is wider than [`WIDEST`], or has too many
/// ways to it.
pub(super) fn search(ops: &[Op], fresh: u32, refreshed: u32, pay: Pay) -> Option<(Vec<Choice>, f64)> {
    let mut last_reader: Vec<Option<usize>> = vec![None; ops.len()];
    for (reader, op) in ops.iter().enumerate() {
        for read in &op.reads {
            *last_reader.get_mut(*read)? = Some(reader);
        }
    }
    let useful = useful(ops, fresh.max(refreshed));
    let start = Way { cost: 0.0, levels: [0; WIDEST], from: 0, level: 0, refreshed: 0 };
    let (mut alive, mut history): (Vec<usize>, Vec<Vec<Way>>) = (Vec::new(), vec![vec![start]]);
    for (position, op) in ops.iter().enumerate() {
        let lives = |value: usize| last_reader.get(value).is_some_and(|last| *last > Some(position));
        // Places in the cut before: of the values read, and of those that live on.
        let reads: Vec<usize> = op
            .reads
            .iter()
            .map(|read| alive.iter().position(|value| value == read))
            .collect::<Option<_>>()?;
        let stay: Vec<usize> =
            (0..alive.len()).filter(|place| lives(*alive.get(*place).unwrap_or(&0))).collect();
        let is_read = lives(position);
        let width = stay.len() + usize::from(is_read);
        if width > WIDEST {
            return None;
        }
        let costs: Vec<f64> = op.reads.iter().map(|read| refresh_cost(ops, *read, pay)).collect();
        let useful = *useful.get(position)?;
        let mut ways: Vec<Way> = Vec::new();
        for (from, before) in history.last()?.iter().enumerate() {
            for mask in 0..if op.refreshes { 1_usize << reads.len() } else { 1 } {
                let (mut levels, mut cost) = (before.levels, before.cost);
                let mut useless = false;
                for (bit, place) in reads.iter().enumerate().filter(|(bit, _)| mask >> bit & 1 == 1) {
                    let level = levels.get_mut(*place)?;
                    useless |= *level >= refreshed;
                    *level = refreshed;
                    cost += costs.get(bit)?;
                }
                let most = reads.iter().filter_map(|place| levels.get(*place)).copied().min();
                let most = if op.opens { Some(refreshed) } else { most };
                let most = most.unwrap_or(if fresh < op.need { refreshed } else { fresh });
                // What takes more than a refresh gives runs at what there is, as it has no right level.
                let lacks = most < op.need && op.need <= refreshed;
                if useless || lacks {
                    continue;
                }
                let above = if pay == Pay::Seconds { op.above } else { 0.0 };
                let left = most.saturating_sub(op.need);
                let leaves = (0..=left).rev().filter(|level| useful >> level & 1 == 1);
                // Higher is no dearer where no level costs: the highest is enough.
                for leaves in leaves.take(if above > 0.0 { usize::MAX } else { 1 }) {
                    let level = leaves + op.need;
                    let mut next = [0; WIDEST];
                    let values = stay.iter().filter_map(|place| levels.get(*place).copied());
                    let values = values.chain(is_read.then_some(leaves));
                    next.iter_mut().zip(values).for_each(|(slot, value)| *slot = value);
                    let cost = cost + above * f64::from(level.saturating_sub(2));
                    ways.push(Way { cost, levels: next, from, level: level.min(most), refreshed: mask });
                }
            }
        }
        alive = stay
            .iter()
            .filter_map(|place| alive.get(*place).copied())
            .chain(is_read.then_some(position))
            .collect();
        let ways = best(ways, width)?;
        history.push(ways);
    }
    let cost = history.last()?.first()?.cost;
    Some((trace(ops, &history)?, cost))
}

fn refresh_cost(ops: &[Op], value: usize, pay: Pay) -> f64 {
    match pay {
        Pay::Seconds => ops.get(value).map_or(0.0, |op| op.refresh),
        Pay::Refreshes => 1.0,
    }
}

/// Those that no other is as good as; None of too many.
fn best(mut ways: Vec<Way>, width: usize) -> Option<Vec<Way>> {
    let order = |a: &Way, b: &Way| a.cost.total_cmp(&b.cost).then_with(|| b.levels.cmp(&a.levels));
    ways.sort_by(order);
    let mut kept: Vec<Way> = Vec::new();
    for way in ways {
        // The one that was as good once is likely to be again: it is asked first.
        match kept.iter().position(|better| better.dominates(&way, width)) {
            Some(better) => kept.swap(0, better),
            None => kept.push(way),
        }
        if kept.len() > MOST_WAYS {
            return None;
        }
    }
    Some(kept)
}

/// Levels that a value may be asked for, as bits: none, or the needs of what follows in a row until a refresh. What it
/// holds beyond the next lower of them is of no use to anybody.
fn useful(ops: &[Op], most: u32) -> Vec<u64> {
    let all = u64::MAX >> 63_u32.saturating_sub(most);
    let mut useful = vec![1_u64; ops.len()];
    for (position, op) in ops.iter().enumerate().rev() {
        let asked = useful.get(position).map_or(0, |after| after.checked_shl(op.need).unwrap_or(0) & all);
        let asked = if op.opens { 1 } else { asked };
        for read in &op.reads {
            if let Some(useful) = useful.get_mut(*read) {
                *useful |= asked;
            }
        }
    }
    useful
}

/// The choices of the cheapest way, from the end.
fn trace(ops: &[Op], history: &[Vec<Way>]) -> Option<Vec<Choice>> {
    let (mut at, mut choices) = (0, Vec::with_capacity(ops.len()));
    for (op, ways) in ops.iter().zip(history.get(1..)?).rev() {
        let way = ways.get(at)?;
        let taken = op.reads.iter().enumerate().filter(|(bit, _)| way.refreshed >> bit & 1 == 1);
        choices.push(Choice { level: way.level, refreshes: taken.map(|(_, read)| *read).collect() });
        at = way.from;
    }
    choices.reverse();
    Some(choices)
}
