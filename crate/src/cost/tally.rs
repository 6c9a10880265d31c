//! Sums of terms: exact for bytes and rounds, `[low, mid, high]` for seconds.

use super::constant::Status;
use super::finding::Piece;
use super::ledger::Ledger;
use super::link::Link;
use super::report::{ByKind, ByStatus, NotSupported, Phase, Share, StatusShare};
use super::term::{Part, Term, To};
use crate::error::{Code, Error, Result};

/// Kinds of work, as in `Part`.
pub(super) const PARTS: usize = Part::ALL.len();

/// A sum in the making. Saturates at 128 bits; [`whole`] reports what left 64.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    offline: Side,
    online: Side,
    /// Online bytes of parties that send alike, not split yet.
    alike: u128,
    storage: u128,
    /// By phase, offline first, and `Part`.
    kinds: [[Sum; PARTS]; 2],
    /// By `Status`.
    statuses: [Sum; 4],
    /// Pieces of work by worst `Status`; `NotSupported` are those without a price.
    parts: [u64; 4],
    /// Some work has bytes and no compute time.
    pub untimed: bool,
}

/// One phase of a sum.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Side {
    pub up: u128,
    pub down: u128,
    pub between: u128,
    rounds: u128,
    /// Of compute: low, middle, high.
    pub seconds: [f64; 3],
    /// Seconds on the link.
    pub link: f64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    bytes: u128,
    seconds: f64,
    rounds: u128,
}

fn grow(sum: &mut u128, by: u128) {
    *sum = sum.saturating_add(by);
}

/// Up, down and between the others. 100 B of three parties: 34 up, 33 down, 33 between.
fn split(alike: u128, parties: u32) -> [u128; 3] {
    match parties {
        3 => [alike.div_ceil(3), alike.saturating_add(1) / 3, alike / 3],
        _ => [alike.div_ceil(2), alike / 2, 0],
    }
}

impl Tally {
    /// The price of one piece of work.
    pub(super) fn of(terms: &[Term], ledger: &Ledger<'_>) -> Result<Self> {
        let mut sum = Self::default();
        terms.iter().filter(|term| !term.to.is_time()).for_each(|term| sum.add_whole(term, ledger));
        let [up, down, between] = split(sum.alike, ledger.profile().parties);
        grow(&mut sum.online.up, up);
        grow(&mut sum.online.down, down);
        grow(&mut sum.online.between, between);
        sum.alike = 0;
        for side in [&mut sum.offline, &mut sum.online] {
            side.link = ledger.pricing.link.seconds(whole(side.up)?, whole(side.down)?, whole(side.rounds)?);
        }
        terms.iter().filter(|term| term.to.is_time()).for_each(|term| sum.add_seconds(term, ledger));
        if let Some(worst) = terms.iter().map(|term| term.status(ledger.column)).max() {
            sum.parts[worst as usize] = 1;
        }
        sum.untimed = sum.bytes() > 0 && !terms.iter().any(|term| term.to.is_time());
        Ok(sum)
    }

    /// Work without a price.
    pub(super) fn missing() -> Self {
        Self { parts: [0, 0, 0, 1], ..Self::default() }
    }

    fn add_seconds(&mut self, term: &Term, ledger: &Ledger<'_>) {
        let online = term.to == To::OnlineSeconds;
        let side = if online { &mut self.online } else { &mut self.offline };
        // The same bytes are sent once: what takes longer, the parties or the link.
        let link = if term.sends { side.link } else { 0.0 };
        let seconds = ledger.seconds(term).map(|s| f64::max(s - link, 0.0));
        side.seconds.iter_mut().zip(seconds).for_each(|(sum, s)| *sum += s);
        let kind = &mut self.kinds[usize::from(online)][term.part as usize];
        for sum in [kind, &mut self.statuses[term.status(ledger.column) as usize]] {
            sum.seconds += seconds[1];
        }
    }

    fn add_whole(&mut self, term: &Term, ledger: &Ledger<'_>) {
        let amount = term.rate.times(ledger.column, term.count);
        let slot = match term.to {
            To::OfflineUp => &mut self.offline.up,
            To::OfflineDown => &mut self.offline.down,
            To::OfflineBetween => &mut self.offline.between,
            To::OnlineUp => &mut self.online.up,
            To::OnlineDown => &mut self.online.down,
            To::OnlineAll => &mut self.alike,
            To::Rounds => &mut self.online.rounds,
            To::Storage => &mut self.storage,
            // Set-up is paid once for all work: the estimate sees to it.
            To::Setup | To::OfflineSeconds | To::OnlineSeconds => return,
        };
        grow(slot, amount);
        let online = !matches!(term.to, To::OfflineUp | To::OfflineDown | To::OfflineBetween);
        let kind = &mut self.kinds[usize::from(online)][term.part as usize];
        for sum in [kind, &mut self.statuses[term.status(ledger.column) as usize]] {
            match term.to {
                To::Storage => {}
                To::Rounds => grow(&mut sum.rounds, amount),
                _ => grow(&mut sum.bytes, amount),
            }
        }
    }

    /// Adds another sum.
    pub(super) fn plus(&mut self, other: &Self) {
        for (a, b) in [(&mut self.offline, &other.offline), (&mut self.online, &other.online)] {
            grow(&mut a.up, b.up);
            grow(&mut a.down, b.down);
            grow(&mut a.between, b.between);
            grow(&mut a.rounds, b.rounds);
            a.link += b.link;
            a.seconds.iter_mut().zip(b.seconds).for_each(|(a, b)| *a += b);
        }
        grow(&mut self.storage, other.storage);
        let mine = self.kinds.iter_mut().flatten().chain(&mut self.statuses);
        for (a, b) in mine.zip(other.kinds.iter().flatten().chain(&other.statuses)) {
            grow(&mut a.bytes, b.bytes);
            grow(&mut a.rounds, b.rounds);
            a.seconds += b.seconds;
        }
        self.parts.iter_mut().zip(other.parts).for_each(|(a, b)| *a += b);
        self.untimed |= other.untimed;
    }

    /// What each kind of work takes in each phase, offline first. The link's time of an entry is shared out by bytes.
    pub(super) fn pieces(&self, link: &Link) -> Result<[[Piece; PARTS]; 2]> {
        let mut pieces = [[Piece::default(); PARTS]; 2];
        for ((pieces, kinds), side) in pieces.iter_mut().zip(&self.kinds).zip([&self.offline, &self.online]) {
            let sending = link.seconds(whole(side.up)?, whole(side.down)?, 0);
            let all = kinds.iter().fold(0, |all: u128, kind| all.saturating_add(kind.bytes));
            for (piece, kind) in pieces.iter_mut().zip(kinds) {
                let part = if all > 0 { kind.bytes as f64 / all as f64 } else { 0.0 };
                let Sum { bytes, seconds, rounds } = *kind;
                *piece = Piece { bytes, seconds, rounds, sending: sending * part };
            }
        }
        Ok(pieces)
    }

    /// Rounds by kind of work.
    pub(super) fn rounds(&self) -> [u128; PARTS] {
        self.kinds[1].map(|sum| sum.rounds)
    }

    /// Rounds of the whole network in place of the sum of its rows', and the link's time with them.
    pub(super) fn share_rounds(&mut self, rounds: [u128; PARTS], link: &Link) -> Result<()> {
        self.online.rounds = rounds.iter().fold(0, |sum, rounds| sum.saturating_add(*rounds));
        self.kinds[1].iter_mut().zip(rounds).for_each(|(kind, rounds)| kind.rounds = rounds);
        let side = &mut self.online;
        side.link = link.seconds(whole(side.up)?, whole(side.down)?, whole(side.rounds)?);
        Ok(())
    }

    fn bytes(&self) -> u128 {
        let mut sum = 0;
        for side in [&self.offline, &self.online] {
            [side.up, side.down, side.between].into_iter().for_each(|bytes| grow(&mut sum, bytes));
        }
        sum
    }

    /// The sums of the phases, offline first.
    pub(super) fn sides(&self) -> [&Side; 2] {
        [&self.offline, &self.online]
    }

    /// Some work has no price.
    pub(super) fn has_missing(&self) -> bool {
        self.parts[Status::NotSupported as usize] > 0
    }

    /// Compute seconds mean something: all of the work has them, or at least some (a partial sum).
    pub(super) fn is_timed(&self, has_compute: bool) -> bool {
        let some = self.statuses.iter().any(|sum| sum.seconds > 0.0);
        has_compute && (some || !(self.untimed || self.has_missing()))
    }

    /// Bytes of all parties, both phases, set-up apart.
    pub(super) fn bytes_total(&self) -> Result<u64> {
        whole(self.bytes())
    }

    /// Bytes that the client keeps.
    pub(super) fn storage(&self) -> Result<u64> {
        whole(self.storage)
    }

    /// Offline and online; seconds only where compute times are known (`timed`).
    pub(super) fn phases(&self, timed: bool) -> Result<[Phase; 2]> {
        let phase = |side: &Side| -> Result<Phase> {
            Ok(Phase {
                seconds: timed.then(|| side.seconds.map(|s| s + side.link)),
                link_seconds: side.link,
                bytes_up: whole(side.up)?,
                bytes_down: whole(side.down)?,
                bytes_between: whole(side.between)?,
                rounds: whole(side.rounds)?,
            })
        };
        Ok([phase(&self.offline)?, phase(&self.online)?])
    }

    /// Split by kind of work; the parts add up to the total.
    pub(super) fn by_kind(&self, timed: bool) -> Result<ByKind> {
        let [offline, online] = &self.kinds;
        let mut both = *offline;
        for (sum, more) in both.iter_mut().zip(online) {
            grow(&mut sum.bytes, more.bytes);
            grow(&mut sum.rounds, more.rounds);
            sum.seconds += more.seconds;
        }
        Self::shares(&both, self.offline.link + self.online.link, timed)
    }

    /// The same of each phase by itself, offline first.
    pub(super) fn by_phase(&self, timed: bool) -> Result<[ByKind; 2]> {
        let [offline, online] = &self.kinds;
        Ok([Self::shares(offline, self.offline.link, timed)?, Self::shares(online, self.online.link, timed)?])
    }

    fn shares(kinds: &[Sum; PARTS], link: f64, timed: bool) -> Result<ByKind> {
        let share = |sum: &Sum| -> Result<Share> {
            Ok(Share {
                bytes: whole(sum.bytes)?,
                seconds: timed.then_some(sum.seconds),
                rounds: whole(sum.rounds)?,
            })
        };
        let [linear, activation, pool, truncation, bootstrap] = kinds;
        Ok(ByKind {
            linear: share(linear)?,
            activation: share(activation)?,
            pool: share(pool)?,
            truncation: share(truncation)?,
            bootstrap: share(bootstrap)?,
            link: Share { bytes: 0, seconds: Some(link), rounds: 0 },
        })
    }

    /// Shares of bytes and of compute seconds under each status.
    pub(super) fn by_status(&self, timed: bool) -> Result<ByStatus> {
        let bytes = self.bytes() as f64;
        let seconds: f64 = self.statuses.iter().map(|sum| sum.seconds).sum();
        let of = |part: f64, all: f64| if all > 0.0 { part / all } else { 0.0 };
        let share = |status: Status| -> Result<StatusShare> {
            let sum = &self.statuses[status as usize];
            Ok(StatusShare {
                parts: self.parts[status as usize],
                bytes: whole(sum.bytes)?,
                bytes_share: of(sum.bytes as f64, bytes),
                seconds_share: timed.then(|| of(sum.seconds, seconds)),
            })
        };
        Ok(ByStatus {
            validated: share(Status::Validated)?,
            measured: share(Status::Measured)?,
            estimate: share(Status::Estimate)?,
            not_supported: NotSupported { parts: self.parts[Status::NotSupported as usize] },
        })
    }
}

/// A sum that must fit 64 bits.
pub(super) fn whole(sum: u128) -> Result<u64> {
    u64::try_from(sum).map_err(|_| {
        Error::new(Code::Overflow, "the cost does not fit 64 bits").hint("make the layers smaller")
    })
}

#[cfg(test)]
mod tests {
    use super::split;

    /// What does not divide goes up first, then down: the parts add up, and never differ by more than one.
    #[test]
    fn parties_that_send_alike_split_evenly() {
        for (alike, parties, want) in [
            (100, 3, [34, 33, 33]),
            (101, 3, [34, 34, 33]),
            (102, 3, [34, 34, 34]),
            (101, 2, [51, 50, 0]),
            (100, 2, [50, 50, 0]),
            (0, 3, [0; 3]),
        ] {
            assert_eq!(split(alike, parties), want, "{alike} B of {parties}");
        }
    }
}
