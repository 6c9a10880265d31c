//! Sums of terms: exact for bytes and rounds, `[low, mid, high]` for seconds.

use serde::Serialize;

use super::constant::Status;
use super::estimate::{ByKind, ByStatus, Phase, Share, StatusShare};
use super::ledger::Ledger;
use super::link::Link;
use super::term::{Part, Term, To};
use crate::error::{Code, Error, Result};

/// A sum in the making; saturates, and [`whole`] reports what left 64 bits.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    offline: Side,
    online: Side,
    storage: u128,
    kinds: [Kind; 4],
    statuses: [Kind; 3],
    /// Pieces of work by status, the last without a price.
    pub parts: [u64; 4],
    /// Bytes without a time beside them.
    pub untimed: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Side {
    up: u128,
    down: u128,
    between: u128,
    rounds: u128,
    seconds: [f64; 3],
    link: f64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Kind {
    bytes: u128,
    seconds: f64,
    rounds: u128,
}

/// Client, server, and the two other links of three parties, of traffic that all send alike.
/// 100 B of three parties: 34 up, 33 down, 33 between the others.
fn split(all: u128, parties: u32) -> (u128, u128, u128) {
    match parties {
        3 => (all.div_ceil(3), all.saturating_add(1) / 3, all / 3),
        _ => (all.div_ceil(2), all / 2, 0),
    }
}

fn position(status: Status) -> usize {
    match status {
        Status::Validated => 0,
        Status::Measured => 1,
        Status::Estimate => 2,
        Status::NotSupported => 3,
    }
}

impl Tally {
    /// The price of one piece of work.
    pub(super) fn of(terms: &[Term], ledger: &Ledger, parties: u32, link: &Link) -> Result<Self> {
        let mut sum = Self::default();
        let (mut all, mut timed) = (0_u128, false);
        let mut worst = Status::Validated;
        for term in terms {
            let status = term.status(ledger.column);
            worst = worst.max(status);
            timed |= sum.add(term, status, ledger, &mut all);
        }
        let (up, down, between) = split(all, parties);
        let online = &mut sum.online;
        online.up = online.up.saturating_add(up);
        online.down = online.down.saturating_add(down);
        online.between = between;
        sum.untimed = !timed && sum.bytes() > 0;
        for side in [&mut sum.offline, &mut sum.online] {
            side.link = link.seconds(whole(side.up)?, whole(side.down)?, whole(side.rounds)?);
        }
        if let (false, Some(part)) = (terms.is_empty(), sum.parts.get_mut(position(worst))) {
            *part = 1;
        }
        Ok(sum)
    }

    /// Adds a term; true when it is a time.
    fn add(&mut self, term: &Term, status: Status, ledger: &Ledger, all: &mut u128) -> bool {
        let kind = match term.part {
            Part::Linear => 0,
            Part::Activation => 1,
            Part::Pool => 2,
            Part::Truncation => 3,
        };
        let mut shares = [self.kinds[kind], Kind::default()];
        let graded = position(status).min(2);
        shares[1] = self.statuses[graded];
        let amount =
            term.rate.whole(ledger.column).map_or(0, |(rate, _)| u128::from(rate).saturating_mul(term.count));
        let time = matches!(term.to, To::OfflineSeconds | To::OnlineSeconds);
        if time {
            let seconds = ledger.seconds(term);
            let side = if term.to == To::OnlineSeconds { &mut self.online } else { &mut self.offline };
            side.seconds.iter_mut().zip(seconds).for_each(|(sum, s)| *sum += s);
            shares.iter_mut().for_each(|share| share.seconds += seconds[1]);
        } else {
            let slot = match term.to {
                To::OfflineUp => &mut self.offline.up,
                To::OfflineDown => &mut self.offline.down,
                To::OnlineUp => &mut self.online.up,
                To::OnlineDown => &mut self.online.down,
                To::Rounds => &mut self.online.rounds,
                To::Storage => &mut self.storage,
                To::OnlineAll => all,
                // Once for all work: the estimate sees to it.
                To::Setup | To::OfflineSeconds | To::OnlineSeconds => return time,
            };
            *slot = slot.saturating_add(amount);
            match term.to {
                To::Storage => {}
                To::Rounds => {
                    shares.iter_mut().for_each(|share| share.rounds = share.rounds.saturating_add(amount))
                }
                _ => shares.iter_mut().for_each(|share| share.bytes = share.bytes.saturating_add(amount)),
            }
        }
        [self.kinds[kind], self.statuses[graded]] = shares;
        time
    }

    /// Adds another sum.
    pub(super) fn plus(&mut self, other: &Self) {
        for (a, b) in [(&mut self.offline, &other.offline), (&mut self.online, &other.online)] {
            a.up = a.up.saturating_add(b.up);
            a.down = a.down.saturating_add(b.down);
            a.between = a.between.saturating_add(b.between);
            a.rounds = a.rounds.saturating_add(b.rounds);
            a.link += b.link;
            a.seconds.iter_mut().zip(b.seconds).for_each(|(a, b)| *a += b);
        }
        self.storage = self.storage.saturating_add(other.storage);
        let (mine, theirs) =
            (self.kinds.iter_mut().chain(&mut self.statuses), other.kinds.iter().chain(&other.statuses));
        for (a, b) in mine.zip(theirs) {
            a.bytes = a.bytes.saturating_add(b.bytes);
            a.rounds = a.rounds.saturating_add(b.rounds);
            a.seconds += b.seconds;
        }
        self.parts.iter_mut().zip(other.parts).for_each(|(a, b)| *a += b);
        self.untimed |= other.untimed;
    }

    fn bytes(&self) -> u128 {
        [&self.offline, &self.online].iter().fold(0, |sum: u128, side| {
            sum.saturating_add(side.up).saturating_add(side.down).saturating_add(side.between)
        })
    }

    /// Bytes of all parties, both phases, set-up apart.
    pub(super) fn bytes_total(&self) -> Result<u64> {
        whole(self.bytes())
    }

    /// Bytes that the client keeps.
    pub(super) fn storage(&self) -> Result<u64> {
        whole(self.storage)
    }

    /// Offline and online; seconds where the profile has compute times.
    pub(super) fn phases(&self, has_compute: bool) -> Result<[Phase; 2]> {
        let phase = |side: &Side| -> Result<Phase> {
            Ok(Phase {
                seconds: has_compute.then(|| side.seconds.map(|s| s + side.link)),
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
    pub(super) fn by_kind(&self, has_compute: bool) -> Result<ByKind> {
        let share = |kind: &Kind| -> Result<Share> {
            Ok(Share {
                bytes: whole(kind.bytes)?,
                seconds: has_compute.then_some(kind.seconds),
                rounds: whole(kind.rounds)?,
            })
        };
        let [linear, activation, pool, truncation] = &self.kinds;
        Ok(ByKind {
            linear: share(linear)?,
            activation: share(activation)?,
            pool: share(pool)?,
            truncation: share(truncation)?,
            link: Share { bytes: 0, seconds: Some(self.offline.link + self.online.link), rounds: 0 },
        })
    }

    /// Shares of bytes and of compute seconds under each status.
    pub(super) fn by_status(&self, has_compute: bool) -> Result<ByStatus> {
        let bytes: u128 = self.statuses.iter().fold(0, |sum: u128, s| sum.saturating_add(s.bytes));
        let seconds: f64 = self.statuses.iter().map(|s| s.seconds).sum();
        let of = |part: f64, all: f64| if all > 0.0 { part / all } else { 0.0 };
        let share = |kind: &Kind, parts: u64| -> Result<StatusShare> {
            Ok(StatusShare {
                parts,
                bytes: whole(kind.bytes)?,
                bytes_share: of(kind.bytes as f64, bytes as f64),
                seconds_share: has_compute.then(|| of(kind.seconds, seconds)),
            })
        };
        let [validated, measured, estimate] = &self.statuses;
        Ok(ByStatus {
            validated: share(validated, self.parts[0])?,
            measured: share(measured, self.parts[1])?,
            estimate: share(estimate, self.parts[2])?,
            not_supported: NotSupported { parts: self.parts[3] },
        })
    }
}

/// Work without a price: nothing is known of it but that it is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NotSupported {
    /// Pieces of work.
    pub parts: u64,
}

/// A sum that must fit 64 bits.
pub(super) fn whole(sum: u128) -> Result<u64> {
    u64::try_from(sum).map_err(|_| {
        Error::new(Code::Overflow, "the cost does not fit 64 bits").hint("make the layers smaller")
    })
}
