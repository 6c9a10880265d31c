//! What a network costs under one profile and one set of settings: the JSON of `reluctant.cost/1`.

use std::borrow::Cow;

use serde::Serialize;

#[cfg(feature = "all")]
use super::calibrate::Provenance;
use super::ledger::{Ledger, Page};
#[cfg(feature = "all")]
use super::levels::Homomorphic;
use super::path::Path;
use super::profiles::Profile;
#[cfg(feature = "all")]
use super::profiles::circa::Faults;
use super::settings::{Settings, SettingsView};
use super::tally::{Tally, whole};
use super::term::{Term, To};
use crate::count::Row;
use crate::error::Result;

/// Schema of [`Report`].
pub const COST_SCHEMA: &str = "reluctant.cost/1";

/// Estimates side by side.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Always `reluctant.cost/1`.
    pub schema: &'static str,
    /// One for each protocol and setting.
    pub estimates: Vec<Estimate>,
}

/// One phase. Up is what the client (party 0) sends, down what is sent to it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
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
pub struct NotSupported {
    /// Pieces of work.
    pub parts: u64,
}

/// A row, or a piece of it, without a price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unpriced {
    /// Index of the row.
    pub index: u32,
    /// Why.
    pub reason: Cow<'static, str>,
}

/// The cost of one row.
#[derive(Clone, Debug, Serialize)]
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
    /// Its rounds are among the network's; else it answers while others do.
    pub on_path: bool,
    /// Levels, bootstraps, packing; None where the protocol has none.
    #[cfg(feature = "all")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub homomorphic: Option<Homomorphic>,
}

/// The cost of a network.
#[derive(Clone, Debug, Serialize)]
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
    /// Sent once: keys, base OTs.
    pub setup_bytes: u64,
    /// Bytes that the client keeps between the phases; None where unknown.
    pub client_storage_bytes: Option<u64>,
    /// Offline and online bytes of all parties, set-up apart.
    pub bytes_total: u64,
    /// Seconds hold compute; else they are null and `link_seconds` is all that is known.
    pub compute_included: bool,
    /// Some work, or the time of some work, has no price: see `unpriced`.
    pub partial: bool,
    /// Split by kind of work.
    pub by_kind: ByKind,
    /// Split by status.
    pub status: ByStatus,
    /// What has no price, and why.
    pub unpriced: Vec<Unpriced>,
    /// How often signs are wrong, of a protocol that lets them be.
    #[cfg(feature = "all")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub faults: Option<Faults>,
    /// What was measured in place of the base's prices, under `calibrated`.
    #[cfg(feature = "all")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Provenance>,
    /// What every figure leaves out.
    pub leaves_out: Cow<'static, str>,
    /// The settings.
    pub settings: SettingsView,
    /// One for each row, in their order, when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layers: Option<Vec<RowCost>>,
}

pub(super) const UNTIMED: &str = "its traffic is priced, its compute time is not known";

/// Prices `rows` under `profile`. Fails on settings out of range and on sums past 64 bits; a row
/// without a price makes the estimate partial, never smaller in silence.
pub fn estimate(rows: &[Row], profile: &'static Profile, settings: &Settings) -> Result<Estimate> {
    let ledger = Ledger::new(rows, profile, settings)?;
    let (mut page, mut total, mut setup) = (Page::default(), Tally::default(), Setup::default());
    let mut unpriced = Vec::new();
    let mut layers = settings.layers.then(|| Vec::with_capacity(rows.len()));
    let mut path = Path::default();
    for (position, row) in rows.iter().enumerate() {
        ledger.fill(position, &mut page);
        let sum = sum_row(row, &page, &ledger, &mut unpriced)?;
        if let Some(layers) = &mut layers {
            #[allow(unused_mut, reason = "what follows is not in every build")]
            let mut cost = row_cost(row, &sum, &page, &ledger)?;
            #[cfg(feature = "all")]
            {
                cost.homomorphic = ledger.homomorphic(position);
            }
            layers.push(cost);
        }
        path.push(row, sum.rounds())?;
        total.plus(&sum);
        setup.add(page.all(), ledger.column);
    }
    let (on_path, rounds) = path.longest();
    total.share_rounds(rounds, &settings.link)?;
    for (layer, on_path) in layers.iter_mut().flatten().zip(on_path) {
        layer.on_path = on_path;
    }
    let timed = total.is_timed(ledger.has_compute());
    let [offline, online] = total.phases(timed)?;
    Ok(Estimate {
        protocol: settings.id(profile),
        variant: profile.variant,
        profile_version: profile.version,
        link: settings.link.id.clone(),
        offline,
        online,
        setup_bytes: whole(setup.bytes)?,
        client_storage_bytes: profile.has_storage.then(|| total.storage()).transpose()?,
        bytes_total: total.bytes_total()?,
        compute_included: timed,
        partial: !unpriced.is_empty(),
        by_kind: total.by_kind(timed)?,
        status: total.by_status(timed)?,
        unpriced,
        #[cfg(feature = "all")]
        faults: Faults::of(profile, settings.faults),
        #[cfg(feature = "all")]
        calibration: settings.own.as_ref().map(|own| own.provenance()),
        leaves_out: ledger.leaves_out(),
        settings: settings.view(profile.has_ring),
        layers,
    })
}

/// The sum of a row; what has no price goes to `unpriced`.
pub(super) fn sum_row(
    row: &Row,
    page: &Page,
    ledger: &Ledger<'_>,
    unpriced: &mut Vec<Unpriced>,
) -> Result<Tally> {
    let mut sum = Tally::default();
    let mut miss = |reason| unpriced.push(Unpriced { index: row.index, reason });
    if let Some(reason) = &row.unknown {
        sum.plus(&Tally::missing());
        miss(Cow::Owned(reason.clone()));
    }
    for entry in &page.entries {
        let cost = match entry.missing {
            Some(reason) => {
                miss(Cow::Borrowed(reason));
                Tally::missing()
            }
            None => Tally::of(page.terms(entry), ledger)?,
        };
        if cost.untimed && ledger.has_compute() {
            miss(Cow::Borrowed(UNTIMED));
        }
        sum.plus(&cost);
    }
    Ok(sum)
}

/// Which rows are on the longest chain.
pub(super) fn on_path(rows: &[Row], ledger: &Ledger<'_>) -> Result<Vec<bool>> {
    let (mut path, mut page) = (Path::default(), Page::default());
    for (position, row) in rows.iter().enumerate() {
        ledger.fill(position, &mut page);
        path.push(row, sum_row(row, &page, ledger, &mut Vec::new())?.rounds())?;
    }
    Ok(path.longest().0)
}

/// The sum of a row as the table shows it: null where nothing of it has a price. Whether it is on
/// the longest chain is the network's to say.
pub(super) fn row_cost(row: &Row, sum: &Tally, page: &Page, ledger: &Ledger<'_>) -> Result<RowCost> {
    let priced = !sum.has_missing() || page.entries.iter().any(|entry| entry.missing.is_none());
    let timed = sum.is_timed(ledger.has_compute());
    let [offline, online] = sum.phases(timed)?;
    Ok(RowCost {
        index: row.index,
        offline: priced.then_some(offline),
        online: priced.then_some(online),
        bytes_total: priced.then(|| sum.bytes_total()).transpose()?,
        client_storage_bytes: (priced && ledger.profile.has_storage).then(|| sum.storage()).transpose()?,
        by_kind: sum.by_kind(timed)?,
        status: sum.by_status(timed)?,
        partial: sum.has_missing() || (sum.untimed && ledger.has_compute()),
        on_path: false,
        #[cfg(feature = "all")]
        homomorphic: None,
    })
}

/// What is sent once: each set-up constant counts once, however many layers ask for it.
#[derive(Default)]
struct Setup {
    seen: Vec<&'static str>,
    bytes: u128,
}

impl Setup {
    fn add(&mut self, terms: &[Term], column: usize) {
        for rate in terms.iter().filter(|term| term.to == To::Setup).map(|term| &*term.rate) {
            if !self.seen.contains(&rate.name) {
                self.seen.push(rate.name);
                self.bytes += rate.times(column, 1);
            }
        }
    }
}
