//! What a thousand inferences cost at a person's own prices: of a gigabyte sent, of an hour of a core.
//!
//! Nobody's prices are assumed: without one there is no figure. 60 MB and 20 s of cores an inference, at 0.05 a
//! GB and 0.04 an hour: 60 GB, 5.56 hours, 3.00 + 0.22 = 3.22.

use std::borrow::Cow;

use serde::Serialize;

use super::ask::Terms;

/// The cost of a thousand inferences, what comes before the input included and set-up apart.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Money {
    /// The sum of what is known; None where nothing is.
    pub per_1000: Option<f64>,
    /// Something that was asked for is not known, or not whole: the sum is a lower bound.
    pub at_least: bool,
    /// One for each price that was given.
    pub parts: Vec<MoneyPart>,
}

/// What one price comes to.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct MoneyPart {
    /// What is paid for: `traffic` or `core time`.
    pub of: &'static str,
    /// How much of it a thousand inferences take, of all parties; None where it is not known.
    pub quantity: Option<f64>,
    /// `GB` (1e9 B) or `core hours`.
    pub unit: &'static str,
    /// Of one unit.
    pub price: f64,
    /// Quantity times price.
    pub amount: Option<f64>,
    /// Why it is not known, or not whole.
    pub reason: Option<Cow<'static, str>>,
}

/// What an inference takes.
pub(super) struct Taken {
    /// Bytes of all parties.
    pub bytes: u64,
    /// Seconds of cores of all parties, or why they are not known.
    pub core_seconds: Result<f64, &'static str>,
    /// Why there is more traffic than that, where there is.
    pub more_traffic: Option<&'static str>,
    /// Work without a time that is known.
    pub seconds_partial: bool,
}

impl Money {
    /// None where no price was given.
    pub(super) fn of(terms: &Terms, taken: &Taken) -> Option<Self> {
        const INFERENCES: f64 = 1000.0;
        let traffic = terms.price_gb.map(|price| {
            let gigabytes = taken.bytes as f64 * INFERENCES / 1e9;
            part("traffic", "GB", price, Ok(gigabytes), taken.more_traffic)
        });
        let cores = terms.price_core_hour.map(|price| {
            let hours = taken.core_seconds.map(|seconds| seconds * INFERENCES / 3600.0);
            let reason = taken.seconds_partial.then_some("the time of some work is not known: it takes more");
            part("core time", "core hours", price, hours, reason)
        });
        let parts: Vec<MoneyPart> = traffic.into_iter().chain(cores).collect();
        if parts.is_empty() {
            return None;
        }
        let known: Vec<f64> = parts.iter().filter_map(|part| part.amount).collect();
        let at_least = parts.iter().any(|part| part.reason.is_some());
        Some(Self { per_1000: (!known.is_empty()).then(|| known.iter().sum()), at_least, parts })
    }
}

fn part(
    of: &'static str,
    unit: &'static str,
    price: f64,
    quantity: Result<f64, &'static str>,
    not_whole: Option<&'static str>,
) -> MoneyPart {
    let reason = quantity.err().or(not_whole).map(Cow::Borrowed);
    let quantity = quantity.ok();
    MoneyPart { of, quantity, unit, price, amount: quantity.map(|quantity| quantity * price), reason }
}
