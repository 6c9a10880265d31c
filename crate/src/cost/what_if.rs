//! What one change to one layer does to the cost of the network: signed, so that a change that costs more says so.
//!
//! The whole network is priced again with the change in it, since a layer's price can depend on
//! others: rounds are those of the longest chain, a pool of triples lasts over rows, a
//! homomorphic level that a layer leaves spares a bootstrap elsewhere. Never says what a change
//! does to accuracy.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::ask::{Activations, Keep, Replacement, Terms};
use super::estimate::{Detail, UNTIMED, estimate};
use super::keep::{self, stays, without};
use super::report::Estimate;
use super::tariff::{Pricing, Tariff};
use crate::count::{Activation, Granularity, Kind, Row, Work};
use crate::error::Result;

/// What becomes of a layer's function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum Change {
    /// An element-wise activation becomes a x^2 + b x + c with public coefficients.
    #[serde(rename = "poly2:public")]
    Poly2,
    /// A max-pool becomes the average over the same windows.
    #[serde(rename = "average-pool")]
    AveragePool,
    /// A ReLU6 becomes a ReLU.
    #[serde(rename = "relu")]
    Relu,
}

/// What a change to one row does to the whole network: after, less before.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Effect {
    /// Index of the row.
    pub index: u32,
    /// The change.
    pub change: Change,
    /// Scalars that come out of the function.
    pub elements: u64,
    /// The differences; None where the row has no price before or after.
    pub difference: Option<Difference>,
    /// Why there is none, or why seconds are missing.
    pub reason: Option<Cow<'static, str>>,
}

/// Differences of totals; negative is a saving.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Difference {
    /// Bytes of all parties, both phases, set-up apart.
    pub bytes: i64,
    /// Bytes before the input is known.
    pub offline_bytes: i64,
    /// Bytes that the client keeps; None where unknown.
    pub storage_bytes: Option<i64>,
    /// Rounds of the longest chain.
    pub rounds: i64,
    /// Time on the link, both phases.
    pub link_seconds: f64,
    /// Compute and link, both phases, in the middle of the range; None where the time of either is not known.
    pub seconds: Option<f64>,
}

/// The changes that a piece of work allows.
fn changes(a: &Activation) -> impl Iterator<Item = Change> {
    let relu = (a.kind == Kind::ReLU6).then_some(Change::Relu);
    let poly = a.kind.is_pointwise().then_some(Change::Poly2);
    let pool = (a.kind == Kind::MaxPool).then_some(Change::AveragePool);
    [relu, poly, pool].into_iter().flatten()
}

/// A max-pool's windows are whole; where the padding cuts one, the average is of what is left, as the pool is.
pub(super) fn changed(a: &Activation, change: Change) -> Work {
    let elements = a.elements;
    match change {
        Change::Poly2 => Work::Poly2 { elements, secret: false },
        Change::AveragePool => Work::AvgPool { elements, window: a.row_length },
        Change::Relu => Work::Activation(Activation { kind: Kind::ReLU, comparisons: elements, ..*a }),
    }
}

/// The effect of each change that each row allows, by itself, in the order of the rows, on the network with what is in
/// force: what a plan replaced already is no change any more.
///
/// # Errors
/// As [`estimate`].
pub fn what_if(
    rows: &[Row],
    tariff: &Tariff,
    terms: &Terms,
    activations: &Activations,
) -> Result<Vec<Effect>> {
    let pricing = Pricing::new(tariff, terms, activations);
    let before = estimate(rows, &pricing, Detail::Totals)?;
    let kept = activations.kept().map(|keep| keep::kept(rows, keep));
    let kept = |position: usize, place: usize| kept.as_ref()?.get(position)?.get(place).copied();
    let mut net = rows.to_vec();
    let mut effects = Vec::new();
    for (position, row) in rows.iter().enumerate() {
        for (place, work) in row.work.iter().enumerate() {
            let Work::Activation(a) = work else { continue };
            let part = kept(position, place).filter(|_| a.kind.is_pointwise());
            let gone = a.kind.is_pointwise() && (!stays(row, activations) || part == Some(0));
            for change in changes(a).filter(|_| !gone) {
                let rest = if change == Change::Poly2 { &[row.index][..] } else { &[] };
                let rest = without(activations, rest);
                let pricing = Pricing { activations: &rest, ..pricing.clone() };
                let Some(slot) = net.get_mut(position) else { continue };
                let works = match (change, part) {
                    (Change::Poly2, Some(part)) => beside(a, part, activations.others()),
                    _ => vec![changed(a, change)],
                };
                slot.work.splice(place..=place, works);
                let after = estimate(&net, &pricing, Detail::Totals)?;
                if let Some(slot) = net.get_mut(position) {
                    slot.clone_from(row);
                }
                effects.push(effect(row, a, change, &before, &after, shared(activations)));
            }
        }
    }
    Ok(effects)
}

/// What a layer is of which `part` stayed and now is a polynomial too, while the others are what they were.
fn beside(a: &Activation, part: u64, others: Option<Replacement>) -> Vec<Work> {
    let polynomial = |elements, secret| Work::Poly2 { elements, secret };
    match others {
        Some(Replacement::Identity) => vec![polynomial(part, false)],
        Some(Replacement::Poly2Secret) => {
            vec![polynomial(part, false), polynomial(a.elements.saturating_sub(part), true)]
        }
        _ => vec![polynomial(a.elements, false)],
    }
}

/// Why no layer by itself can change, where a share of whole layers stays: which of them do hangs on all.
fn shared(activations: &Activations) -> Option<&'static str> {
    let Activations::Share { kept: Keep { granularity, .. }, .. } = activations else { return None };
    matches!(granularity, Granularity::Layer | Granularity::Stage)
        .then_some("a share of whole layers is in force: which of them stay hangs on all")
}

fn effect(
    row: &Row,
    a: &Activation,
    change: Change,
    before: &Estimate,
    after: &Estimate,
    shared: Option<&'static str>,
) -> Effect {
    let gap = |e: &Estimate, untimed: bool| {
        let of_row = e.unpriced.iter().filter(|u| u.index == row.index);
        of_row.map(|u| u.reason.clone()).find(|reason| (reason == UNTIMED) == untimed)
    };
    let unpriced = shared.map(Cow::Borrowed).or_else(|| gap(after, false)).or_else(|| gap(before, false));
    let untimed = gap(after, true).or_else(|| gap(before, true));
    let difference = unpriced.is_none().then(|| difference(before, after, untimed.is_none()));
    Effect { index: row.index, change, elements: a.elements, difference, reason: unpriced.or(untimed) }
}

fn difference(before: &Estimate, after: &Estimate, timed: bool) -> Difference {
    let signed = |after: u64, before: u64| after.wrapping_sub(before).cast_signed();
    let offline = |e: &Estimate| e.offline.bytes_total();
    let link = |e: &Estimate| e.offline.link_seconds + e.online.link_seconds;
    let seconds = |e: &Estimate| Some(e.offline.seconds?[1] + e.online.seconds?[1]);
    let both = seconds(after).zip(seconds(before)).filter(|_| timed);
    Difference {
        bytes: signed(after.bytes_total, before.bytes_total),
        offline_bytes: signed(offline(after), offline(before)),
        storage_bytes: after
            .client_storage_bytes
            .zip(before.client_storage_bytes)
            .map(|(after, before)| signed(after, before)),
        rounds: signed(after.online.rounds, before.online.rounds),
        link_seconds: link(after) - link(before),
        seconds: both.map(|(after, before)| after - before),
    }
}
