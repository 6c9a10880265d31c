//! What each cause takes of each phase: bytes, rounds, seconds of compute and of the link, which belongs to whoever sends.
//!
//! The parts of a phase add up to it. 100 MB of ReLUs and 25 MB of linear layers at 50 MB/s: 2 s and 0.5 s of the link.

use serde::Serialize;

use crate::cost::cause::Cause;
use crate::cost::term::Part;
use crate::names::names;

names! { "phase",
    /// When something is done.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum PhaseName {
        /// Before the input is known.
        Offline = "offline",
        /// Afterwards.
        Online = "online",
    }
}

/// What one kind of work takes of one phase.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::cost) struct Piece {
    pub bytes: u128,
    /// Of compute.
    pub seconds: f64,
    /// Its bytes' time on the link.
    pub sending: f64,
    pub rounds: u128,
}

/// What a cause takes of a phase.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CauseShare {
    /// When.
    pub phase: PhaseName,
    /// What it is for.
    pub cause: Cause,
    /// Compute and link, in the middle of the range; None where the profile has no compute time.
    pub seconds: Option<f64>,
    /// Of them on the link: its bytes' time, and its rounds'.
    pub link_seconds: f64,
    /// Bytes of all parties.
    pub bytes: u64,
    /// Rounds on the longest chain.
    pub rounds: u64,
}

impl CauseShare {
    /// By what it takes: seconds, else link time, else bytes.
    fn weight(&self) -> [f64; 3] {
        [self.seconds.unwrap_or(0.0), self.link_seconds, self.bytes as f64]
    }
}

/// Sums by cause in the making.
#[derive(Default)]
pub(in crate::cost) struct Parts {
    sums: [[Piece; Cause::ALL.len()]; 2],
    /// Rounds of each row, as only those on the longest chain count.
    rounds: Vec<(usize, Cause, u128)>,
}

impl Parts {
    /// Adds the pieces of one piece of work, by phase and `Part`.
    pub(in crate::cost) fn add(
        &mut self,
        position: usize,
        cause: Cause,
        pieces: [[Piece; Part::ALL.len()]; 2],
    ) {
        for (sums, pieces) in self.sums.iter_mut().zip(pieces) {
            for (part, piece) in Part::ALL.into_iter().zip(pieces) {
                let cause = cause.within(part);
                let Some(sum) = sums.get_mut(cause as usize) else { continue };
                sum.bytes = sum.bytes.saturating_add(piece.bytes);
                sum.seconds += piece.seconds;
                sum.sending += piece.sending;
                if piece.rounds > 0 {
                    self.rounds.push((position, cause, piece.rounds));
                }
            }
        }
    }

    /// What each cause takes, the largest first, offline before online. `rtt` in seconds.
    pub(in crate::cost) fn shares(&self, on_path: &[bool], rtt: f64, timed: bool) -> Vec<CauseShare> {
        let mut sums = self.sums;
        for (position, cause, rounds) in &self.rounds {
            let on = on_path.get(*position).is_some_and(|on| *on);
            if let Some(sum) = sums[1].get_mut(*cause as usize).filter(|_| on) {
                sum.rounds = sum.rounds.saturating_add(*rounds);
            }
        }
        let whole = |sum: u128| u64::try_from(sum).unwrap_or(u64::MAX);
        let mut shares = Vec::new();
        for (phase, sums) in [PhaseName::Offline, PhaseName::Online].into_iter().zip(sums) {
            let share = |(cause, sum): (&Cause, Piece)| {
                let link = sum.sending + sum.rounds as f64 * rtt;
                CauseShare {
                    phase,
                    cause: *cause,
                    seconds: timed.then_some(sum.seconds + link),
                    link_seconds: link,
                    bytes: whole(sum.bytes),
                    rounds: whole(sum.rounds),
                }
            };
            let all = Cause::ALL.iter().zip(sums).map(share);
            let mut of_phase: Vec<CauseShare> = all.filter(|share| share.weight() != [0.0; 3]).collect();
            of_phase.sort_by(|a, b| {
                let pairs = a.weight().into_iter().zip(b.weight());
                pairs.fold(std::cmp::Ordering::Equal, |order, (a, b)| order.then(b.total_cmp(&a)))
            });
            shares.append(&mut of_phase);
        }
        shares
    }
}
