//! Which buffer each tensor of a run lives in: a buffer is taken again once its tensor was read for
//! the last time, so a deep network needs the memory of its widest place, not of all its layers.

use std::collections::{BTreeMap, BTreeSet};

use super::listing::{Listing, TensorId};

impl Listing {
    /// Elements of a tensor; none where the index is out of range.
    pub fn elements(&self, id: TensorId) -> usize {
        self.elements.get(id.0 as usize).map_or(0, |n| *n as usize)
    }

    /// Bytes of its buffer: whole 16, and at least one of them, so that nothing is bound empty.
    pub fn bytes(&self, id: TensorId) -> u64 {
        (self.elements(id) as u64 * 4).next_multiple_of(16).max(16)
    }
}

/// Buffers of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Buffer of each tensor that a step of a run writes.
    pub slots: BTreeMap<TensorId, usize>,
    /// Bytes of each buffer.
    pub sizes: Vec<u64>,
}

/// Plans the steps of a run. A step never reads and writes one buffer. Inputs, constants and what is
/// done once have buffers of their own; an output's buffer is not taken again.
///
/// A chain a -> b -> c -> d of equal sizes needs two buffers.
pub fn plan(listing: &Listing) -> Plan {
    let mut last_read: BTreeMap<TensorId, usize> = BTreeMap::new();
    for (at, step) in listing.steps.iter().enumerate() {
        for read in step.reads.iter().chain([&step.writes]) {
            last_read.insert(*read, at);
        }
    }
    let kept: BTreeSet<TensorId> = listing.outputs.iter().copied().collect();
    let mut plan = Plan::default();
    let mut free: BTreeSet<usize> = BTreeSet::new();
    for (at, step) in listing.steps.iter().enumerate() {
        if !plan.slots.contains_key(&step.writes) {
            let bytes = listing.bytes(step.writes);
            let slot = take(&mut free, &mut plan.sizes, bytes);
            plan.slots.insert(step.writes, slot);
        }
        for read in step.reads.iter().chain([&step.writes]) {
            if last_read.get(read) == Some(&at)
                && !kept.contains(read)
                && let Some(slot) = plan.slots.get(read)
            {
                free.insert(*slot);
            }
        }
    }
    plan
}

/// The smallest free buffer that is large enough, else the largest one grown, else a new one.
fn take(free: &mut BTreeSet<usize>, sizes: &mut Vec<u64>, bytes: u64) -> usize {
    let size = |slot: &usize| sizes.get(*slot).copied().unwrap_or(0);
    let fits = free.iter().copied().filter(|slot| size(slot) >= bytes).min_by_key(size);
    let found = fits.or_else(|| free.iter().copied().max_by_key(size));
    match found {
        Some(slot) => {
            free.remove(&slot);
            if let Some(size) = sizes.get_mut(slot) {
                *size = (*size).max(bytes);
            }
            slot
        }
        None => {
            sizes.push(bytes);
            sizes.len() - 1
        }
    }
}
