//! Under which protocols a network opens where nobody has chosen one.
//!
//! DELPHI is what the ReLU literature measured, not what private inference costs today: networks that Cheetah prices whole,
//! at full width, open under it, with DELPHI beside it. What has work that it leaves without a price (attention, products
//! of two secrets, GELU, batch norms that no weights take in) opens under SEMI2K, unless that leaves more.

use super::ask::{Activations, Terms};
use super::estimate::estimate;
use super::tariff::{Pricing, Tariff};
use crate::count::Row;

const TODAY: &str = "cheetah:paper";
const YARDSTICK: &str = "delphi:server-garbler";
const GENERAL: &str = "semi2k";

/// Ids of profiles, the one that is shown first.
pub fn opens_under(rows: &[Row]) -> Vec<String> {
    let terms = Terms::default();
    let gaps = |id: &str| -> Option<usize> {
        let tariff = Tariff::of(id, &terms).ok()?;
        let priced = estimate(rows, &Pricing::new(&tariff, &terms, &Activations::Keep), false);
        priced.ok().map(|estimate| estimate.unpriced.len())
    };
    let general = match (gaps(TODAY), gaps(GENERAL)) {
        (Some(0), _) => false,
        (Some(today), Some(general)) => general <= today,
        (None, Some(_)) => true,
        _ => false,
    };
    let ids: &[&str] = if general { &[GENERAL] } else { &[TODAY, YARDSTICK] };
    ids.iter().map(|id| (*id).to_owned()).collect()
}
