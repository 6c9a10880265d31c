//! A section of a network priced by itself: rows between two points at which a single value is alive. Networks that share
//! sections are sums of what was priced once.
//!
//! Bytes add up, rounds do as every chain goes through those points, and seconds do but for two: the link's follow from the
//! sums, and threads share homomorphic layers of the whole network. What sections leave to the next is a [`Carry`]. Levels
//! of ciphertexts are planned over a whole network, and plans and shares of activations name its rows: these do not add up.

use super::estimate::sum_row;
use super::ledger::{Ledger, Page, he_scale};
use super::path::Path;
use super::report::Estimate;
use super::tally::{Tally, whole};
use super::tariff::Pricing;
use super::term::Ends;
use crate::count::Row;
use crate::error::Result;

/// What the sections before leave to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Carry {
    /// Scalars of the network's input and of its result, as long as no linear work with a price has carried them.
    pub ends: Option<[u64; 2]>,
    /// Products made ready that no row has used, for protocols that make them in batches.
    pub ready: u64,
}

/// What sections take. Adds up; seconds are the middle ones.
#[derive(Clone, Copy, Debug, Default)]
pub struct SectionCost {
    /// Of all parties, before the input.
    offline_bytes: u128,
    /// From the client, to it, between the others.
    online_bytes: [u128; 3],
    rounds: u128,
    /// On the link before the input.
    offline_link: f64,
    /// Compute of each phase on one thread, homomorphic linear algebra apart.
    compute: [f64; 2],
    /// That of the offline phase, and its slowest piece of work.
    homomorphic: [f64; 2],
    /// Some work, or the time of some, has no price.
    gaps: bool,
}

/// The totals of an [`Estimate`] that is no bound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Totals {
    /// Of all parties and both phases.
    pub bytes: u64,
    /// Online, of the longest chain.
    pub rounds: u64,
    /// Offline and online, the middle; None where compute times are not known.
    pub seconds: Option<[f64; 2]>,
}

impl Totals {
    /// None of a bound.
    pub fn of(estimate: &Estimate) -> Option<Self> {
        let middle = |seconds: Option<[f64; 3]>| seconds.map(|[_, middle, _]| middle);
        let seconds = middle(estimate.offline.seconds).zip(middle(estimate.online.seconds));
        (!estimate.bound).then(|| Self {
            bytes: estimate.bytes_total,
            rounds: estimate.online.rounds,
            seconds: seconds.map(Into::into),
        })
    }
}

impl Pricing<'_> {
    /// A network's price is the sum of its sections'.
    pub fn adds_up(&self) -> bool {
        let whole = self.activations.plan().is_empty() && self.activations.kept().is_none();
        whole && self.tariff.profile().levels.is_none()
    }
}

/// Prices `rows`, of which the first read what the section before makes; `last` where they end the network. Assumes a pricing
/// that [adds up](Pricing::adds_up).
///
/// # Errors
/// As [`estimate`](fn@super::estimate).
pub fn section(
    rows: &[Row],
    pricing: &Pricing<'_>,
    before: Carry,
    last: bool,
) -> Result<(SectionCost, Carry)> {
    let ends = before.ends.map(|[inputs, results]| Ends {
        inputs: inputs.into(),
        results: results.into(),
        level: 0,
    });
    let ledger = Ledger::section(rows, pricing, ends, last)?;
    let (mut page, mut path, mut total) = (Page::with(before.ready), Path::default(), Tally::default());
    let (mut unpriced, mut homomorphic) = (Vec::new(), [0.0, 0.0_f64]);
    for (position, row) in rows.iter().enumerate() {
        ledger.fill(position, &mut page);
        let sum = sum_row(row, &page, &ledger, &mut unpriced, &mut |_, _| Ok(()))?;
        path.push(row, sum.rounds())?;
        total.plus(&sum);
        for seconds in page.entries.iter().map(|entry| ledger.he_seconds_of(&page, entry)) {
            let [sum, slowest] = homomorphic;
            homomorphic = [sum + seconds, slowest.max(seconds)];
        }
    }
    let [offline, online] = total.sides();
    let cost = SectionCost {
        offline_bytes: [offline.up, offline.down, offline.between].into_iter().fold(0, u128::saturating_add),
        online_bytes: [online.up, online.down, online.between],
        rounds: path.longest().1.into_iter().fold(0, u128::saturating_add),
        offline_link: offline.link,
        compute: [offline.seconds[1] - homomorphic[0], online.seconds[1]],
        homomorphic,
        gaps: !unpriced.is_empty(),
    };
    // Without a row the page was never begun.
    let ready = if rows.is_empty() { before.ready } else { page.ready() };
    Ok((cost, Carry { ends: before.ends.filter(|_| !ledger.carries_ends()), ready }))
}

impl SectionCost {
    /// Adds the next section.
    pub fn plus(&mut self, next: &Self) {
        self.offline_bytes = self.offline_bytes.saturating_add(next.offline_bytes);
        for (sum, bytes) in self.online_bytes.iter_mut().zip(next.online_bytes) {
            *sum = sum.saturating_add(bytes);
        }
        self.rounds = self.rounds.saturating_add(next.rounds);
        self.offline_link += next.offline_link;
        self.compute.iter_mut().zip(next.compute).for_each(|(sum, seconds)| *sum += seconds);
        let [sum, slowest] = next.homomorphic;
        self.homomorphic = [self.homomorphic[0] + sum, self.homomorphic[1].max(slowest)];
        self.gaps |= next.gaps;
    }

    /// The totals, of all sections of a network; None where some work, or the time of some, has no price.
    ///
    /// # Errors
    /// `Overflow` past 64 bits.
    pub fn totals(&self, pricing: &Pricing<'_>) -> Result<Option<Totals>> {
        let [up, down, _] = self.online_bytes;
        let bytes = self.online_bytes.into_iter().fold(self.offline_bytes, u128::saturating_add);
        let (bytes, rounds) = (whole(bytes)?, whole(self.rounds)?);
        let online_link = pricing.link.seconds(whole(up)?, whole(down)?, rounds);
        let [sum, slowest] = self.homomorphic;
        let [_, scale, _] = he_scale(pricing, sum, slowest);
        let [offline, online] = self.compute;
        let seconds = [offline + sum * scale + self.offline_link, online + online_link];
        let totals = Totals { bytes, rounds, seconds: pricing.has_compute().then_some(seconds) };
        Ok((!self.gaps).then_some(totals))
    }
}
