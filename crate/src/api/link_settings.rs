//! Settings in a link: cost settings as pairs of text, and what the sender saw under them.
//!
//! A key is never reused for another meaning; an unknown key is kept for the page. Keys that start
//! with `name.` hold text of the model's author: they are left out with the names.

use serde::Serialize;

#[cfg(feature = "all")]
use super::calibrate::CALIBRATED;
use super::cost::{ActivationPlan, CostSettings, Machine, cost_of};
#[cfg(feature = "all")]
use super::cost::{FaultMode, Granularity, Ot, Stay};
#[cfg(feature = "all")]
use super::link_calibration::{own_from_pairs, pairs_from_own};
use crate::cost;
use crate::count::Row;
use crate::error::{Code, Error, Result};

pub(super) type Pairs = Vec<(String, String)>;

/// A cost profile that is not the one that the sender saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProfileChange {
    /// Its id.
    pub id: String,
    /// The sender's version.
    pub was: u32,
    /// The version here; None where this release has no such profile.
    pub now: Option<u32>,
}

/// What the sender saw of an estimate: shown where its profile has changed since.
#[derive(Clone, Debug, PartialEq, Serialize)]
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

/// Settings that differ from the default.
pub(super) fn pairs_from_cost(settings: &CostSettings) -> Pairs {
    let mut pairs: Pairs = Vec::new();
    let mut put = |key: &str, value: Option<String>| pairs.extend(value.map(|value| (key.to_owned(), value)));
    for protocol in &settings.protocols {
        put("protocol", Some(protocol.clone()));
    }
    put("link", settings.link.clone());
    put("up", settings.up.map(millionths));
    put("down", settings.down.map(millionths));
    put("rtt", settings.rtt.map(millionths));
    put("he-threads", settings.he_threads.map(|threads| threads.to_string()));
    put("gc-threads", settings.gc_threads.map(|threads| threads.to_string()));
    let plan = (settings.activation != ActivationPlan::Keep).then(|| settings.activation.name().to_owned());
    put("activation", plan);
    put("machine", (settings.machine != Machine::Epyc).then(|| settings.machine.name().to_owned()));
    put("ring-bits", settings.ring_bits.map(|bits| bits.to_string()));
    #[cfg(feature = "all")]
    {
        let mut put = |key: &str, value: Option<String>| {
            pairs.extend(value.map(|value| (key.to_owned(), value)));
        };
        put("share-bits", settings.share_bits.map(|bits| bits.to_string()));
        put("ot", (settings.ot != Ot::default()).then(|| settings.ot.name().to_owned()));
        put("faults", (settings.faults != FaultMode::default()).then(|| settings.faults.name().to_owned()));
        put("activation-share", settings.activation_share.map(millionths));
        let granularity = settings.granularity;
        put("granularity", (granularity != Granularity::default()).then(|| granularity.name().to_owned()));
        let plan = settings.replaced.iter().map(text_from_stay).collect::<Vec<_>>().join(",");
        put("replaced", (!plan.is_empty()).then_some(plan));
        put("argmax", settings.argmax.then(|| "1".to_owned()));
        pairs.extend(settings.calibration.iter().flat_map(pairs_from_own));
    }
    pairs
}

/// Takes the cost settings out of the pairs; the rest stays. A protocol that this release does not
/// have is dropped: [`changes`] names it.
pub(super) fn cost_from_pairs(pairs: &mut Pairs) -> Result<Option<CostSettings>> {
    let mut settings = CostSettings::default();
    let mut found = false;
    #[cfg(feature = "all")]
    if let Some(own) = own_from_pairs(pairs)? {
        (settings.calibration, found) = (Some(own), true);
    }
    let mut rest = Vec::new();
    for (key, value) in pairs.drain(..) {
        match key.as_str() {
            #[cfg(feature = "all")]
            "protocol" if value == CALIBRATED && settings.calibration.is_some() => {
                settings.protocols.push(value)
            }
            "protocol" if cost::profile(&value).is_err() => {}
            "protocol" => settings.protocols.push(value),
            "link" => settings.link = Some(value),
            "up" => settings.up = Some(units(&key, &value)?),
            "down" => settings.down = Some(units(&key, &value)?),
            "rtt" => settings.rtt = Some(units(&key, &value)?),
            "he-threads" => settings.he_threads = Some(number(&key, &value)?),
            "gc-threads" => settings.gc_threads = Some(number(&key, &value)?),
            "activation" => settings.activation = number(&key, &value)?,
            "machine" => settings.machine = number(&key, &value)?,
            "ring-bits" => settings.ring_bits = Some(number(&key, &value)?),
            #[cfg(feature = "all")]
            "activation-share" => settings.activation_share = Some(units(&key, &value)?),
            #[cfg(feature = "all")]
            "granularity" => settings.granularity = number(&key, &value)?,
            #[cfg(feature = "all")]
            "replaced" => settings.replaced = value.split(',').map(stay_from_text).collect::<Result<_>>()?,
            #[cfg(feature = "all")]
            "share-bits" => settings.share_bits = Some(number(&key, &value)?),
            #[cfg(feature = "all")]
            "ot" => settings.ot = number(&key, &value)?,
            #[cfg(feature = "all")]
            "faults" => settings.faults = number(&key, &value)?,
            #[cfg(feature = "all")]
            "argmax" => settings.argmax = number::<u8>(&key, &value)? != 0,
            _ => {
                rest.push((key, value));
                continue;
            }
        }
        found = true;
    }
    *pairs = rest;
    settings.resolved().and_then(|resolved| resolved.check()).map_err(|error| invalid(&error.message))?;
    Ok(found.then_some(settings))
}

/// `12:4096:1:1`: index, kept, scales, products.
#[cfg(feature = "all")]
fn text_from_stay(stay: &Stay) -> String {
    format!("{}:{}:{}:{}", stay.index, stay.kept, stay.scales, stay.products)
}

#[cfg(feature = "all")]
fn stay_from_text(text: &str) -> Result<Stay> {
    let numbers: Vec<&str> = text.split(':').collect();
    let &[index, kept, scales, products] = numbers.as_slice() else {
        return Err(invalid(&format!("replaced cannot hold {text:?}")));
    };
    let key = "replaced";
    Ok(Stay {
        index: number(key, index)?,
        kept: number(key, kept)?,
        scales: number(key, scales)?,
        products: number(key, products)?,
    })
}

/// Rates and times as whole B/s and ns: a link holds no fractions, and the page no code to read them.
fn millionths(value: f64) -> String {
    ((value * 1e6).round() as u64).to_string()
}

fn units(key: &str, value: &str) -> Result<f64> {
    number::<u64>(key, value).map(|millionths| millionths as f64 / 1e6)
}

pub(super) fn number<T: std::str::FromStr>(key: &str, value: &str) -> Result<T> {
    value.parse().map_err(|_| invalid(&format!("{key} cannot be {value:?}")))
}

pub(super) fn invalid(what: &str) -> Error {
    Error::new(Code::InvalidLink, format!("the link holds a setting that does not work: {what}"))
}

/// Profiles whose version here is not the sender's, among those that the sender used.
pub(super) fn changes(sent: &[(String, u32)]) -> Vec<ProfileChange> {
    let change = |(id, was): &(String, u32)| {
        let now = cost::profile(id).ok().map(|profile| profile.version);
        (now != Some(*was)).then(|| ProfileChange { id: id.clone(), was: *was, now })
    };
    sent.iter().filter_map(change).collect()
}

/// What the rows cost under the settings, for a reader with other profiles.
pub(super) fn pairs_from_estimates(rows: &[Row], settings: &CostSettings) -> Result<Pairs> {
    let plain = CostSettings { layers: false, ..settings.clone() };
    let pair = |estimate: cost::Estimate| {
        let seconds = |phase: cost::Phase| phase.seconds.map_or(phase.link_seconds, |[_, middle, _]| middle);
        let [offline, online] = [seconds(estimate.offline), seconds(estimate.online)];
        let value = format!("{} {} {}", millionths(offline), millionths(online), estimate.bytes_total);
        (format!("{SENT}{}", estimate.protocol), value)
    };
    Ok(cost_of(rows, &plain)?.estimates.into_iter().map(pair).collect())
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
