//! What operations take of a ciphertext's levels under a scheme, and what a row asks of homomorphic encryption.

use serde::Serialize;

use super::step::Step;
use crate::cost::formulas::packing::Packing;
use crate::cost::job::Job;
use crate::count::{Conv, Row, Work};

/// Levels that operations take under a scheme.
pub(in crate::cost) struct Levels {
    /// Of the input, where an activation stays in its high degree.
    pub fresh: u32,
    /// Of the input, where none does.
    pub fresh_low: u32,
    /// After a bootstrap.
    pub refreshed: u32,
    /// Of one piece of work; 0 for what is only added up, or has no price.
    pub needs: fn(Job<'_>) -> u32,
    /// Seconds that each level above 2 adds to one piece of work, on the reference machine.
    pub above: fn(Job<'_>) -> f64,
    /// Seconds of refreshing a value of so many elements there.
    pub refresh: fn(u128) -> f64,
    /// What a convolution asks for.
    pub packing: fn(&Conv, slots: u64) -> Result<Packing, &'static str>,
    /// Slots of a ciphertext.
    pub slots: u64,
}

/// What a row asks of homomorphic encryption.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
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
    pub(in crate::cost) fn of_row(&self, row: &Row, steps: &[Step]) -> Homomorphic {
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
