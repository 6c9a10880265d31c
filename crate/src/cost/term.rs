//! The one shape of every formula: a constant times a count, sent one way or spent in one phase.
//!
//! A price is a list of terms; sums, shares and cards are all made from that list, so a card
//! cannot disagree with the table.

use std::cell::Cell;
use std::ops::Deref;

use super::ask::Terms;
use super::constant::{Constant, Status};
use super::levels::Step;

/// Where a term goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum To {
    /// Bytes from client to server before the input is known.
    OfflineUp,
    /// Bytes from server to client before the input is known.
    OfflineDown,
    /// Bytes from client to server.
    OnlineUp,
    /// Bytes from server to client.
    OnlineDown,
    /// Bytes between the other parties before the input is known.
    OfflineBetween,
    /// Online bytes of all parties, of a protocol whose parties send alike.
    OnlineAll,
    /// Sequential exchanges online.
    Rounds,
    /// Compute before the input is known.
    OfflineSeconds,
    /// Compute afterwards.
    OnlineSeconds,
    /// Bytes that the client keeps between the phases.
    Storage,
    /// Bytes sent once, whatever the number of layers or inferences.
    Setup,
}

impl To {
    /// Seconds, not bytes or rounds.
    pub(super) fn is_time(self) -> bool {
        matches!(self, Self::OfflineSeconds | Self::OnlineSeconds)
    }
}

/// What kind of work a term belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Linear,
    Activation,
    Pool,
    Truncation,
    /// Refreshing of homomorphic ciphertexts.
    Bootstrap,
}

impl Part {
    /// Every part, in the order of the enumeration.
    pub(super) const ALL: [Self; 5] =
        [Self::Linear, Self::Activation, Self::Pool, Self::Truncation, Self::Bootstrap];
}

/// What a term multiplies.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rate {
    /// Of a profile.
    Known(&'static Constant),
    /// Fitted to measurements.
    Fitted(Constant),
}

impl Deref for Rate {
    type Target = Constant;

    fn deref(&self) -> &Constant {
        match self {
            Self::Known(constant) => constant,
            Self::Fitted(constant) => constant,
        }
    }
}

/// `rate x count x scale`; the scale is 1 for bytes and rounds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Term {
    pub part: Part,
    pub to: To,
    pub rate: Rate,
    pub count: u128,
    /// What is counted: `ReLUs`, `ciphertexts`.
    pub of: &'static str,
    /// A real factor on seconds: threads, key-switches per product.
    pub scale: f64,
    /// What that factor is; empty where it is 1.
    pub factor: &'static str,
    /// The constant behind that factor.
    pub factor_by: Option<&'static Constant>,
    /// How far down and up the factor may be off: parts of it.
    pub spread: [f64; 2],
    /// Never better than this.
    pub at_best: Status,
    /// Seconds of homomorphic linear algebra, which whole layers in parallel share.
    pub he: bool,
    /// Seconds of sending its work's bytes where they were logged: counted as far as they exceed the link's own time.
    pub sends: bool,
}

impl Term {
    pub(super) fn new(part: Part, to: To, rate: &'static Constant, count: u128, of: &'static str) -> Self {
        Self::at(part, to, Rate::Known(rate), count, of)
    }

    /// A term of a rate that was fitted to measurements.
    pub(super) fn fitted(part: Part, to: To, rate: Constant, count: u128, of: &'static str) -> Self {
        Self::at(part, to, Rate::Fitted(rate), count, of)
    }

    fn at(part: Part, to: To, rate: Rate, count: u128, of: &'static str) -> Self {
        Self {
            part,
            to,
            rate,
            count,
            of,
            scale: 1.0,
            factor: "",
            factor_by: None,
            spread: [1.0; 2],
            at_best: Status::Validated,
            he: false,
            sends: false,
        }
    }

    pub(super) fn scaled(mut self, scale: f64, factor: &'static str) -> Self {
        (self.scale, self.factor) = (scale, factor);
        self
    }

    pub(super) fn factor_by(mut self, constant: &'static Constant) -> Self {
        self.factor_by = Some(constant);
        self
    }

    /// A fitted factor, whose range is the term's too. 0.775 in 0.75 to 0.8: from 0.968 to 1.032 of the middle.
    pub(super) fn fitted_by(mut self, constant: &'static Constant) -> Self {
        let [low, mid, high] = constant.real();
        if mid > 0.0 {
            self.spread = [low / mid, high / mid];
        }
        self.factor_by(constant)
    }

    pub(super) fn at_best(mut self, status: Status) -> Self {
        self.at_best = self.at_best.max(status);
        self
    }

    pub(super) fn he(mut self) -> Self {
        self.he = true;
        self
    }

    pub(super) fn sends(mut self) -> Self {
        self.sends = true;
        self
    }

    pub(super) fn status(&self, column: usize) -> Status {
        self.rate.status(column).max(self.at_best)
    }
}

/// The input and the result of a network. Their traffic is the network's own: it is there wherever any layer has a price.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ends {
    /// Scalars of the input: of several rows that read it, the one that reads most.
    pub inputs: u128,
    /// Scalars of the result.
    pub results: u128,
    /// Level at which the input is encrypted, where the protocol has levels.
    pub level: u32,
}

/// What a formula may see besides its job.
#[derive(Clone, Copy, Debug)]
pub(super) struct Context<'a> {
    pub terms: &'a Terms,
    /// Constants that a call costs whatever its size are added (ABY3: 24 B a padded convolution).
    pub per_call: bool,
    /// What the network pays once, whatever its layers; with one piece of work.
    pub ends: Option<Ends>,
    /// Steps of a recurrent row, one after another: its calls, and so its rounds, come once a step.
    pub steps: u64,
    /// The number in the profile's id; 0 where there is none.
    pub parameter: u32,
    /// What the calls before made ready: products, for protocols that make them in batches; 1 where what padding takes is
    /// there. A price takes from it.
    pub ready: &'a Cell<u64>,
    /// Levels, where the protocol has them.
    pub step: Option<&'a Step>,
    /// Elements among which those of the job lie, where it is a part of a layer.
    pub among: Option<u64>,
    /// A polynomial in the place of an activation has its scale in the weights of the next layer.
    pub folded: bool,
}

/// A price, or why there is none.
pub(super) type Priced = Result<(), &'static str>;
