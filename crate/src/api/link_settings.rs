//! Settings in a link: cost settings as pairs of text, and what the sender saw under them.
//!
//! A key is never reused for another meaning; an unknown key is kept for the page. Keys that start
//! with `name.` hold text of the model's author: they are left out with the names.

use serde::Serialize;

use super::link_calibration::{own_from_pairs, pairs_from_own};
use super::pairs::{Pairs, invalid};
use crate::cost::calibrate::CALIBRATED;
use crate::cost::{self, Ask, Detail, Draft, SETTINGS, cost_of};
use crate::count::Row;
use crate::error::Result;

/// A cost profile that is not the one that the sender saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ProfileChange {
    /// Its id.
    pub id: String,
    /// The sender's version.
    pub was: u32,
    /// The version here; None where this release has no such profile.
    pub now: Option<u32>,
    /// What has changed since.
    pub what: Vec<&'static str>,
}

/// What the sender saw of an estimate: shown where its profile has changed since.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "SentFigures"))]
pub struct Sent {
    /// Id of the profile.
    pub protocol: String,
    /// Offline, in the middle of its range; the link alone where compute is not known.
    pub offline_seconds: f64,
    /// Online, likewise.
    pub online_seconds: f64,
    /// Offline and online bytes of all parties.
    pub bytes_total: u64,
}

const SENT: &str = "sent.";

/// Settings that are not what the link's version means anyway; protocols and threads always.
pub(super) fn pairs_from_ask(ask: &Ask) -> Pairs {
    let pairs_of = |setting: &'static cost::Setting| {
        let texts = setting.in_link(ask).into_iter();
        texts.map(|text| (setting.name.to_owned(), text))
    };
    let pairs = SETTINGS.iter().flat_map(pairs_of);
    let pairs = pairs.chain(ask.terms.own.iter().flat_map(pairs_from_own));
    pairs.collect()
}

/// Takes the cost settings out of the pairs; the rest stays. What is not said is what the link's version means by that,
/// whatever the default is by now. A protocol that this release does not have is dropped: [`changes`] names it.
pub(super) fn ask_from_pairs(pairs: &mut Pairs) -> Result<Ask> {
    let mut draft = Draft::of_r1()?;
    if let Some(own) = own_from_pairs(pairs)? {
        draft.own(own);
    }
    let mut rest = Vec::new();
    for (key, value) in pairs.drain(..) {
        let Some(setting) = SETTINGS.iter().find(|setting| setting.name == key) else {
            rest.push((key, value));
            continue;
        };
        let is_own = value == CALIBRATED && draft.has_own();
        if key == "protocol" && !is_own && cost::profile(&value).is_err() {
            continue;
        }
        draft.read_link(setting, &value).map_err(|error| invalid(&error.message))?;
    }
    *pairs = rest;
    draft.finish_link().map_err(|error| invalid(&error.message))
}

/// Profiles whose version here is not the sender's, among those that the sender used.
pub(super) fn changes(sent: &[(String, u32)]) -> Vec<ProfileChange> {
    let change = |(id, was): &(String, u32)| {
        let now = cost::profile(id).ok().map(|profile| profile.version);
        (now != Some(*was)).then(|| ProfileChange {
            id: id.clone(),
            was: *was,
            now,
            what: cost::changes_since(id, *was),
        })
    };
    sent.iter().filter_map(change).collect()
}

/// Seconds as whole microseconds: a link holds no fractions of them.
fn millionths(value: f64) -> String {
    ((value * 1e6).round() as u64).to_string()
}

/// What the rows cost under the settings, for a reader with other profiles.
pub(super) fn pairs_from_estimates(rows: &[Row], ask: &Ask) -> Result<Pairs> {
    let pair = |estimate: cost::Estimate| {
        let seconds = |phase: cost::Phase| phase.seconds.map_or(phase.link_seconds, |[_, middle, _]| middle);
        let [offline, online] = [seconds(estimate.offline), seconds(estimate.online)];
        let value = format!("{} {} {}", millionths(offline), millionths(online), estimate.bytes_total);
        (format!("{SENT}{}", estimate.protocol), value)
    };
    Ok(cost_of(rows, ask, Detail::Totals)?.estimates.into_iter().map(pair).collect())
}

/// Takes what the sender saw out of the pairs.
pub(super) fn sent_from_pairs(pairs: &mut Pairs) -> Vec<Sent> {
    let mut sent = Vec::new();
    pairs.retain(|(key, value)| {
        let Some(protocol) = key.strip_prefix(SENT) else { return true };
        let mut parts = value.split(' ').map(str::parse::<u64>);
        if let (Some(Ok(offline)), Some(Ok(online)), Some(Ok(bytes_total))) =
            (parts.next(), parts.next(), parts.next())
        {
            let [offline_seconds, online_seconds] = [offline, online].map(|micros| micros as f64 / 1e6);
            sent.push(Sent { protocol: protocol.to_owned(), offline_seconds, online_seconds, bytes_total });
        }
        false
    });
    sent
}
