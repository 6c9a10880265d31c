//! What stands in the way, phase by phase: which cause takes more than half, and by how much.
//!
//! Offline and online are never mixed: a second before the input is another second than one after it. A phase of an
//! estimate that leaves work out is a lower bound, and shares of it are of what is priced. The link's time belongs to
//! whoever sends; where the link itself is more than half, its rate or its round trips are the cause, and the sentence says
//! who fills them. Never says what removing something would do: `advice` prices that.

mod parts;
mod words;

use serde::Serialize;

use super::cause::Cause;
use super::link::Link;
pub use parts::{CauseShare, PhaseName};
pub(super) use parts::{Parts, Piece};

/// What a share is a share of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "FindingOf"))]
pub enum Of {
    /// Compute and link.
    Time,
    /// Link time: the profile has no compute time.
    LinkTime,
    /// Traffic: no time is known at all.
    Bytes,
}

/// What dominates a phase; after the two of these, what else is worth a sentence.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Finding {
    /// When.
    pub phase: PhaseName,
    /// What takes most of it.
    pub cause: Cause,
    /// Its part of the phase, 0 to 1; of what is priced, where the phase is a bound. None where there is nothing to
    /// share.
    pub share: Option<f64>,
    /// What that is a share of.
    pub of: Of,
    /// Seconds of the whole phase, in the middle of the range; None where its compute time is not known.
    pub seconds: Option<f64>,
    /// Bytes of the whole phase, of all parties.
    pub bytes: u64,
    /// Seconds and bytes are lower bounds.
    pub at_least: bool,
    /// Of masks: calls of comparisons as priced, a layer each, and the most that an engine makes which does not gather what
    /// they keep, an element each.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub calls: Option<[u64; 2]>,
    /// In a sentence.
    pub text: String,
}

/// A phase as an estimate has it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Whole {
    pub seconds: Option<f64>,
    pub link_seconds: f64,
    pub bytes: u64,
    pub rounds: u64,
}

/// What findings are made of besides the shares.
pub(super) struct Ground<'a> {
    /// Offline and online.
    pub phases: [Whole; 2],
    pub link: &'a Link,
    pub bound: bool,
    /// Threads of homomorphic linear algebra, where the profile heeds them.
    pub he_threads: Option<u32>,
    /// How often values are refreshed.
    pub bootstraps: Option<u64>,
    /// What no figure holds.
    pub uncounted: Option<&'static str>,
    /// Batch norms behind linear layers are computed, as the setting says.
    pub separate_norms: bool,
    /// Calls of layers of which a mask keeps a part, and what it keeps in all of them.
    pub masked: [u64; 2],
}

/// A cause that does not dominate has a sentence from this share on.
const WORTH_SAYING: f64 = 0.02;

/// One for each phase, offline first; then what else is worth saying.
pub(super) fn findings(ground: &Ground<'_>, shares: &[CauseShare]) -> Vec<Finding> {
    let of_phase = |phase: PhaseName| -> Vec<CauseShare> {
        shares.iter().filter(|share| share.phase == phase).copied().collect()
    };
    let whens = [PhaseName::Offline, PhaseName::Online];
    let sides: Vec<Side<'_>> = whens
        .into_iter()
        .zip(ground.phases)
        .map(|(phase, whole)| Side { phase, whole, ground, shares: of_phase(phase) })
        .collect();
    let main = sides.iter().map(Side::dominant);
    let notes = sides.iter().flat_map(Side::notes);
    main.chain(notes).collect()
}

/// One phase and what it is made of.
struct Side<'a> {
    phase: PhaseName,
    whole: Whole,
    ground: &'a Ground<'a>,
    /// The largest first.
    shares: Vec<CauseShare>,
}

impl Side<'_> {
    fn of(&self) -> Of {
        match self.whole.seconds {
            Some(_) => Of::Time,
            None if self.whole.link_seconds > 0.0 => Of::LinkTime,
            None => Of::Bytes,
        }
    }

    /// All of the phase, in the unit of its shares.
    fn total(&self) -> f64 {
        match self.of() {
            Of::Time => self.whole.seconds.unwrap_or(0.0),
            Of::LinkTime => self.whole.link_seconds,
            Of::Bytes => self.whole.bytes as f64,
        }
    }

    fn amount(&self, share: &CauseShare) -> f64 {
        match self.of() {
            Of::Time => share.seconds.unwrap_or(0.0),
            Of::LinkTime => share.link_seconds,
            Of::Bytes => share.bytes as f64,
        }
    }

    /// Seconds of waiting for messages.
    fn waiting(&self) -> f64 {
        self.whole.rounds as f64 * self.ground.link.rtt_ms / 1e3
    }

    fn finding(&self, cause: Cause, share: Option<f64>, text: String) -> Finding {
        Finding {
            phase: self.phase,
            cause,
            share,
            of: self.of(),
            seconds: self.whole.seconds,
            bytes: self.whole.bytes,
            at_least: self.ground.bound,
            calls: (cause == Cause::Masks).then_some(self.ground.masked),
            text,
        }
    }

    fn dominant(&self) -> Finding {
        let total = self.total();
        let Some(first) = self.shares.first().filter(|_| total > 0.0) else {
            return self.finding(Cause::Nothing, None, self.says_nothing());
        };
        let (waiting, link) = (self.waiting() / total, self.whole.link_seconds / total);
        let (cause, share) = match self.of() {
            Of::Time | Of::LinkTime if waiting > 0.5 => (Cause::Rounds, waiting),
            Of::Time | Of::LinkTime if link - waiting > 0.5 => (Cause::Bandwidth, link - waiting),
            Of::Time | Of::LinkTime if link > 0.5 => (Cause::Link, link),
            _ => (first.cause, self.amount(first) / total),
        };
        // Sums of parts and of the whole may differ in the last bits.
        let share = share.clamp(0.0, 1.0);
        self.finding(cause, Some(share), self.says(cause, share))
    }

    /// What does not dominate, and matters all the same.
    fn notes(&self) -> Vec<Finding> {
        let mut notes = Vec::new();
        let total = self.total();
        let norms = self.shares.iter().skip(1).find(|share| share.cause == Cause::BatchNorm);
        let part = norms.map(|share| self.amount(share) / total).filter(|part| *part >= WORTH_SAYING);
        if let Some(part) = part.filter(|_| total > 0.0) {
            notes.push(self.finding(Cause::BatchNorm, Some(part), self.says_norms(part)));
        }
        if self.phase == PhaseName::Online && self.ground.masked[0] > 0 {
            notes.push(self.finding(Cause::Masks, None, self.says_masks()));
        }
        notes
    }
}
