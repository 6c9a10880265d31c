//! Whom a protocol trusts with what: the other half of its price.
//!
//! An estimate without it compares what cannot be compared: a dealer saves gigabytes, and reads everything
//! together with one party.

use serde::Serialize;

use crate::names::names;

names! {
    "adversary",
    /// What a corrupt party may do.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Adversary {
        /// It follows the protocol and keeps what it sees.
        SemiHonest = "semi-honest",
        /// It sends what it likes, and is noticed.
        Malicious = "malicious",
    }
}

names! {
    "trust model",
    /// How many compute, and whom one must trust, in a word: what protocols are grouped by.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum TrustModel {
        /// Client and server, or two that hold shares.
        TwoParties = "two-parties",
        /// Two, and somebody else who makes their randomness.
        Dealer = "two-parties-and-dealer",
        /// Three of which no two work together.
        ThreeHonest = "three-honest-majority",
        /// Four of which one may do what it likes.
        FourMalicious = "four-malicious",
        /// Everything is under one key, and who holds it decrypts.
        KeyHolder = "key-holder",
    }
}

impl TrustModel {
    /// For people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::TwoParties => "two parties",
            Self::Dealer => "two parties and a dealer",
            Self::ThreeHonest => "three parties, honest majority",
            Self::FourMalicious => "four parties, one malicious",
            Self::KeyHolder => "the key holder alone",
        }
    }
}

names! {
    "need",
    /// What has to be there, in a word: what protocols are chosen by.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Need {
        /// A graphics processor.
        Gpu = "gpu",
        /// Work before the input, for each inference.
        Preprocessing = "preprocessing",
        /// Keys that are sent once.
        Keys = "keys",
    }
}

/// Somebody that has to be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Trusted {
    /// Who.
    pub who: &'static str,
    /// With what.
    pub with: &'static str,
}

/// What a protocol assumes, and what it gives away all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Trust {
    /// How many compute, and whom one must trust.
    pub model: TrustModel,
    /// Who computes, one by one.
    pub parties: &'static [&'static str],
    /// What a corrupt one of them may do.
    pub adversary: Adversary,
    /// How many of them may be corrupt, and work together.
    pub corrupt: u32,
    /// Who is trusted with what beyond that.
    pub trusted: &'static [Trusted],
    /// What is not hidden, and from whom.
    pub leaks: &'static [&'static str],
    /// What has to be there besides the parties: keys, processors, work before the input.
    pub needs: &'static [&'static str],
    /// The same in a word each.
    pub requires: &'static [Need],
}

/// Two parties of which each has something to hide.
pub(in crate::cost) const CLIENT_AND_SERVER: &[&str] = &["client: its input", "server: its weights"];

/// Nothing checks what a semi-honest party sends.
pub(in crate::cost) const BOTH_FOLLOW: Trusted =
    Trusted { who: "both parties", with: "following the protocol: nothing checks what they send" };

/// What every protocol tells that computes layer by layer with the client.
pub(in crate::cost) const ARCHITECTURE: &str =
    "the client learns the architecture: kinds, sizes and order of layers";

/// What no protocol hides.
pub(in crate::cost) const OUTCOME: &str =
    "the client learns the result: enough of them tell about the weights and the training data";

impl Trust {
    /// A line for each part, for people.
    pub fn lines(&self) -> [String; 6] {
        let trusted: Vec<String> =
            self.trusted.iter().map(|trusted| format!("{} ({})", trusted.who, trusted.with)).collect();
        [
            format!("trust model: {}", self.model.title()),
            format!("parties: {}", self.parties.join("; ")),
            format!(
                "adversary: {}, at most {} of {} parties",
                self.adversary.name(),
                self.corrupt,
                self.parties.len()
            ),
            format!("trusts: {}", trusted.join("; ")),
            format!("leaks: {}", self.leaks.join("; ")),
            format!("needs: {}", self.needs.join("; ")),
        ]
    }
}
