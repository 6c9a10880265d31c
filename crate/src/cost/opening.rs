//! Under which protocols a network opens where nobody has chosen one.
//!
//! DELPHI is what the ReLU literature measured, not what private inference costs today: networks that Cheetah prices whole,
//! at full width, open under it, with DELPHI beside it. What has work that it leaves without a price (attention, products
//! of two secrets, GELU, batch norms that no weights take in) opens under SEMI2K, unless that leaves more.

use serde::Serialize;

use super::ask::{Activations, Terms};
use super::estimate::{Detail, estimate};
use super::tariff::{Pricing, Tariff};
use crate::count::Row;

/// A protocol that a network opens under, or that stands one click beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Opening {
    /// Id of its profile.
    pub protocol: &'static str,
    /// Why this one, after a comma or a colon.
    pub why: &'static str,
}

const TODAY: Opening = Opening { protocol: "cheetah:paper", why: "what convolutional networks cost today" };
const YARDSTICK: Opening =
    Opening { protocol: "delphi:server-garbler", why: "as the ReLU papers measured it" };
const GENERAL: Opening =
    Opening { protocol: "semi2k", why: "Cheetah and DELPHI have no price for some of this network's work" };

/// Openings, the one that is shown first.
pub fn opens_under(rows: &[Row]) -> &'static [Opening] {
    let terms = Terms::default();
    let gaps = |opening: Opening| -> Option<usize> {
        let tariff = Tariff::of(opening.protocol, &terms).ok()?;
        let priced = estimate(rows, &Pricing::new(&tariff, &terms, &Activations::Keep), Detail::Totals);
        priced.ok().map(|estimate| estimate.unpriced.len())
    };
    let general = match gaps(TODAY) {
        Some(0) => false,
        Some(today) => gaps(GENERAL).is_some_and(|general| general <= today),
        None => gaps(GENERAL).is_some(),
    };
    if general { &[GENERAL] } else { &[TODAY, YARDSTICK] }
}
