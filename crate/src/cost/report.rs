//! What an estimate says: the JSON of `reluctant.cost/1`.

use std::borrow::Cow;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::ask::Activations;
use super::ask::{Ask, Kind, SETTINGS};
use super::calibrate::Provenance;
use super::finding::{CauseShare, Finding};
use super::levels::{Homomorphic, Refreshes};
use super::link::Link;
use super::money::Money;
use super::protocols::circa::Faults;
use super::trust::Trust;

/// Schema of [`Report`].
pub const COST_SCHEMA: &str = "reluctant.cost/1";

/// Estimates side by side.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Report {
    /// Always `reluctant.cost/1`.
    pub schema: &'static str,
    /// One for each protocol and setting.
    pub estimates: Vec<Estimate>,
}

impl Phase {
    /// Bytes of all parties.
    pub fn bytes_total(&self) -> u64 {
        self.bytes_up.saturating_add(self.bytes_down).saturating_add(self.bytes_between)
    }

    /// Nothing of it has a price: of a whole estimate there is no such phase, of a bound nothing is known of it.
    pub fn is_empty(&self) -> bool {
        let busy = self.seconds.is_some_and(|seconds| seconds.iter().any(|s| *s > 0.0));
        self.bytes_total() == 0 && self.rounds == 0 && !busy
    }
}

impl Report {
    /// Whole estimates before lower bounds, which are the smaller the less of the network they price; else in their order.
    pub fn bounds_last(&mut self) {
        self.estimates.sort_by_key(|estimate| estimate.bound);
    }
}

impl Estimate {
    /// Pieces of work that a price was looked for.
    pub fn pieces(&self) -> u64 {
        let ByStatus { validated, measured, estimate, not_supported } = self.status;
        [validated.parts, measured.parts, estimate.parts, not_supported.parts].iter().sum()
    }
}

/// One phase. Up is what the client (party 0) sends, down what is sent to it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Phase {
    /// Compute and link, `[low, mid, high]`; None where the profile has no compute time.
    pub seconds: Option<[f64; 3]>,
    /// Link time alone.
    pub link_seconds: f64,
    /// Bytes from the client.
    pub bytes_up: u64,
    /// Bytes to the client.
    pub bytes_down: u64,
    /// Bytes between the other parties, where there are three.
    pub bytes_between: u64,
    /// Sequential exchanges; of a network, those of its longest chain of rows, as independent rows share theirs.
    pub rounds: u64,
}

/// One kind of work, both phases.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Part"))]
pub struct Share {
    /// Bytes of all parties.
    pub bytes: u64,
    /// Compute seconds; None where the profile has none.
    pub seconds: Option<f64>,
    /// Rounds.
    pub rounds: u64,
}

/// Parts of a total; bytes, seconds (middle) and rounds add up to it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ByKind {
    /// Convolutions, matrix products, products of two secrets.
    pub linear: Share,
    /// Activations, softmax included.
    pub activation: Share,
    /// Maxima over windows.
    pub pool: Share,
    /// Truncation after linear layers, average pools and scalings.
    pub truncation: Share,
    /// Refreshing of homomorphic ciphertexts.
    pub bootstrap: Share,
    /// Time on the link.
    pub link: Share,
}

/// What part of a total is known how well.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct StatusShare {
    /// Pieces of work whose worst term has this status.
    pub parts: u64,
    /// Bytes of terms with this status.
    pub bytes: u64,
    /// Their share of all bytes, 0 to 1.
    pub bytes_share: f64,
    /// Share of compute seconds; None where the profile has none.
    pub seconds_share: Option<f64>,
}

/// Shares by status; those of bytes add up to 1, so do those of seconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ByStatus {
    /// Checked against what it was not fitted to.
    pub validated: StatusShare,
    /// From a run or log.
    pub measured: StatusShare,
    /// Bounds and compositions.
    pub estimate: StatusShare,
    /// Work without a price.
    pub not_supported: NotSupported,
}

/// Work without a price: nothing is known of it but that it is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct NotSupported {
    /// Pieces of work.
    pub parts: u64,
}

/// A row, or a piece of it, without a price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Unpriced {
    /// Index of the row.
    pub index: u32,
    /// Why.
    pub reason: Cow<'static, str>,
}

/// What one row adds to the cost of its network. Bytes and seconds of the rows add up to the network's; rounds do over the
/// rows that are `on_path`. The seconds of a `partial` row are a lower bound.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RowCost {
    /// Index of the row.
    pub index: u32,
    /// Offline; None when nothing of the row has a price.
    pub offline: Option<Phase>,
    /// Online; None when nothing of the row has a price.
    pub online: Option<Phase>,
    /// Bytes of all parties, both phases; None when nothing of the row has a price.
    pub bytes_total: Option<u64>,
    /// Bytes that the client keeps; None where unknown.
    pub client_storage_bytes: Option<u64>,
    /// Split by kind of work.
    pub by_kind: ByKind,
    /// Split by status.
    pub status: ByStatus,
    /// Some of its work, or some of its time, has no price.
    pub partial: bool,
    /// Its rounds are among the network's; else it answers while others do, and its round trips are not in its seconds.
    pub on_path: bool,
    /// Levels, bootstraps, packing; None where the protocol has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub homomorphic: Option<Homomorphic>,
}

/// What a row is in its network.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// On the longest chain of rows.
    pub on_path: bool,
    /// The network's seconds hold compute.
    pub timed: bool,
}

impl RowCost {
    /// Makes the row's seconds what it adds to those of its network. Off the longest chain its round trips pass while others'
    /// do; where its own compute time is not known but others' are, its time on the link is in the network's all the same.
    pub(super) fn take_place(&mut self, place: Place, link: &Link) {
        self.on_path = place.on_path;
        if let Some(online) = self.online.as_mut().filter(|_| !place.on_path) {
            let trips = link.seconds(0, 0, online.rounds);
            online.link_seconds -= trips;
            online.seconds = online.seconds.map(|all| all.map(|s| s - trips));
        }
        for phase in [&mut self.offline, &mut self.online].into_iter().flatten() {
            let link = [phase.link_seconds; 3];
            phase.seconds = place.timed.then(|| phase.seconds.unwrap_or(link));
        }
    }
}

/// The cost of a network.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Estimate {
    /// Id of the profile: `delphi:server-garbler`.
    pub protocol: &'static str,
    /// Variant in its family; empty where there is one only.
    pub variant: &'static str,
    /// Version of constants and formulas.
    pub profile_version: u32,
    /// Id of the link.
    pub link: Cow<'static, str>,
    /// Before the input is known, set-up apart.
    pub offline: Phase,
    /// Afterwards.
    pub online: Phase,
    /// Sent once: keys, base OTs; None where unknown.
    pub setup_bytes: Option<u64>,
    /// What each of `inferences` carries of them, rounded up; only where several share one set-up that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub setup_bytes_each: Option<u64>,
    /// Bytes that the client keeps between the phases; None where unknown.
    pub client_storage_bytes: Option<u64>,
    /// Offline and online bytes of all parties, set-up apart.
    pub bytes_total: u64,
    /// Seconds hold compute; else they are null and `link_seconds` is all that is known.
    pub compute_included: bool,
    /// Some work, or the time of some work, has no price: see `unpriced`.
    pub partial: bool,
    /// The totals are lower bounds, as the estimate is partial: in no ranking, and no percentage of them says anything.
    pub bound: bool,
    /// Split by kind of work, both phases together: no share of it says what waits for the input.
    pub by_kind: ByKind,
    /// The same of what happens before the input is known.
    pub offline_by_kind: ByKind,
    /// The same of what happens afterwards.
    pub online_by_kind: ByKind,
    /// What each phase is for, the largest first: finer than kinds of work, and the link's time with whoever sends.
    pub causes: Vec<CauseShare>,
    /// What stands in the way, a sentence for each phase; then what else is worth one.
    pub findings: Vec<Finding>,
    /// Split by status.
    pub status: ByStatus,
    /// What has no price, and why.
    pub unpriced: Vec<Unpriced>,
    /// How often values are refreshed; None where the protocol has no levels.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub refreshes: Option<Refreshes>,
    /// How often signs are wrong, of a protocol that lets them be.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub faults: Option<Faults>,
    /// What was measured in place of the base's prices, under `calibrated`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub calibration: Option<Provenance>,
    /// What every figure leaves out.
    pub leaves_out: Cow<'static, str>,
    /// Whom the protocol trusts with what.
    pub trust: &'static Trust,
    /// The cost of 1,000 inferences, where a price was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub money: Option<Money>,
    /// The settings.
    pub settings: SettingsView,
    /// One for each row, in their order, when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub layers: Option<Vec<RowCost>>,
}

/// The settings that an estimate was made with.
#[derive(Clone, Debug, PartialEq)]
pub struct SettingsView {
    /// The link in full.
    pub link: Link,
    /// The others; without protocols and measurements, which the estimate names itself.
    pub ask: Ask,
    /// The width of the ring is heeded; it is null elsewhere.
    pub has_ring: bool,
    /// Costs of a call were added.
    pub per_call: bool,
}

impl serde::Serialize for SettingsView {
    /// A flat object: the link in full, and every setting by its key.
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("link", &self.link)?;
        for setting in SETTINGS {
            match (setting.kind, setting.name) {
                (Kind::Word | Kind::Words | Kind::Real, _) => {}
                (Kind::Profile, _) => {}
                (_, "ring-bits") if !self.has_ring => map.serialize_entry("ring_bits", &())?,
                (Kind::Plan, _) => {
                    if let Activations::Plan(plan) = &self.ask.activations {
                        map.serialize_entry(&setting.key(), plan)?;
                    }
                }
                _ => {
                    for value in setting.said(&self.ask) {
                        map.serialize_entry(&setting.key(), &value)?;
                    }
                }
            }
        }
        map.serialize_entry("per_call", &self.per_call)?;
        let changed: Vec<String> = SETTINGS.iter().filter_map(|setting| setting.changed(&self.ask)).collect();
        map.serialize_entry("changed", &changed)?;
        map.end()
    }
}
