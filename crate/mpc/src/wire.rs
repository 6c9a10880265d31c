//! The wire: messages, and what it counts of them. Everything that one party learns of another goes through it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Who sends and receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Who {
    /// The first party; has the input, learns the result.
    Client,
    /// The second party; has the weights.
    Server,
    /// Makes randomness; receives nothing.
    Dealer,
}

/// What a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A seed of the dealer's.
    Seed,
    /// What a seed cannot make: the correction of a triple, from the dealer.
    Correction,
    /// The server's share of the input.
    Input,
    /// The client's share of the weights.
    Weights,
    /// Both masked operands of a matrix product.
    Linear,
    /// Both masked operands of products.
    Product,
    /// The masked top bit of a share that is truncated.
    Truncation,
    /// Masked operands of ANDs in the adder.
    Comparison,
    /// Both masked operands of a choice by a shared bit.
    Choice,
    /// Masked bits that become numbers.
    Bit,
    /// The server's share of the result.
    Output,
}

impl Who {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
            Self::Dealer => "dealer",
        }
    }

    /// Whose name this is.
    pub fn of(name: &str) -> Option<Self> {
        [Self::Client, Self::Server, Self::Dealer].into_iter().find(|who| who.name() == name)
    }
}

impl Kind {
    /// All, in order.
    pub const ALL: [Self; 11] = [
        Self::Seed,
        Self::Correction,
        Self::Input,
        Self::Weights,
        Self::Linear,
        Self::Product,
        Self::Truncation,
        Self::Comparison,
        Self::Choice,
        Self::Bit,
        Self::Output,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Seed => "seed",
            Self::Correction => "correction",
            Self::Input => "input",
            Self::Weights => "weights",
            Self::Linear => "linear",
            Self::Product => "product",
            Self::Truncation => "truncation",
            Self::Comparison => "comparison",
            Self::Choice => "choice",
            Self::Bit => "bit",
            Self::Output => "output",
        }
    }

    /// The one of this name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Part of an inference as protocols are priced: between the parties, neither sharing nor opening.
    pub fn online(self) -> bool {
        !matches!(self, Self::Seed | Self::Correction | Self::Input | Self::Weights | Self::Output)
    }
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Who sent it.
    pub from: Who,
    /// Who gets it.
    pub to: Who,
    /// The layer that it belongs to; its index in the network. Sharing belongs to the first, opening to the last.
    pub layer: usize,
    /// What it is for.
    pub kind: Kind,
    /// What it says.
    pub bytes: Vec<u8>,
}

/// How fast the wire is. As links are priced: what both send goes one after the other, and a round waits for a round trip.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Link {
    /// Bytes a second from the client; None takes no time.
    pub up: Option<f64>,
    /// Bytes a second to the client; None takes no time.
    pub down: Option<f64>,
    /// Seconds of a round trip.
    pub round_trip: f64,
}

/// What went one way in one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// Messages.
    pub messages: u64,
    /// Bytes.
    pub bytes: u64,
}

/// Counts messages and bytes by layer, kind and sender.
#[derive(Clone, Debug, Default)]
pub struct Wire {
    counts: BTreeMap<(usize, Kind, Who), Count>,
}

impl Wire {
    /// Nothing sent yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts a message that goes over it.
    pub fn carry(&mut self, message: &Message) {
        let count = self.counts.entry((message.layer, message.kind, message.from)).or_default();
        count.messages += 1;
        count.bytes += message.bytes.len() as u64;
    }

    /// All counts, by layer, kind and sender.
    pub fn counts(&self) -> impl Iterator<Item = (usize, Kind, Who, Count)> {
        self.counts.iter().map(|((layer, kind, who), count)| (*layer, *kind, *who, *count))
    }

    /// The sum over what is asked for.
    pub fn sum(&self, of: impl Fn(usize, Kind, Who) -> bool) -> Count {
        let wanted = self.counts().filter(|(layer, kind, who, _)| of(*layer, *kind, *who));
        wanted.fold(Count::default(), |sum, (.., count)| Count {
            messages: sum.messages + count.messages,
            bytes: sum.bytes + count.bytes,
        })
    }

    /// Rounds of an inference: both parties send, and wait for one another. Neither sends twice in a round.
    pub fn rounds(&self) -> u64 {
        self.sum(|_, kind, who| kind.online() && who == Who::Client).messages
    }

    /// Seconds on a link of what was sent of an inference.
    pub fn seconds(&self, link: &Link) -> f64 {
        let side = |from: Who| self.sum(|_, kind, who| kind.online() && who == from).bytes;
        link.seconds(side(Who::Client), side(Who::Server), self.rounds())
    }
}

impl Link {
    /// Seconds of so many bytes each way and rounds.
    pub fn seconds(&self, up: u64, down: u64, rounds: u64) -> f64 {
        let time = |bytes: u64, rate: Option<f64>| rate.map_or(0.0, |rate| bytes as f64 / rate);
        time(up, self.up) + time(down, self.down) + rounds as f64 * self.round_trip
    }
}
