//! What a person may choose: link, threads, machines, ring, and what becomes of activations.

use std::str::FromStr;
#[cfg(feature = "all")]
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Link;
#[cfg(feature = "all")]
use super::calibrate::Calibration;
use super::constant::RING_BITS;
#[cfg(feature = "all")]
use super::keep::{Granularity, Keep, Stay};
use super::profiles::Profile;
use crate::error::{Code, Error, Result};

/// What becomes of every element-wise activation (softmax, pooling and norms stay).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ActivationPlan {
    /// As in the model.
    #[default]
    #[serde(rename = "keep")]
    Keep,
    /// Dropped.
    #[serde(rename = "identity")]
    Identity,
    /// a x^2 + b x + c with coefficients that both parties know, by Horner.
    #[serde(rename = "poly2:public")]
    Poly2Public,
    /// The same with secret coefficients per channel.
    #[serde(rename = "poly2:secret")]
    Poly2Secret,
}

impl ActivationPlan {
    /// As settings write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Identity => "identity",
            Self::Poly2Public => "poly2:public",
            Self::Poly2Secret => "poly2:secret",
        }
    }
}

impl FromStr for ActivationPlan {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "keep" => Ok(Self::Keep),
            "identity" => Ok(Self::Identity),
            "poly2:public" => Ok(Self::Poly2Public),
            "poly2:secret" => Ok(Self::Poly2Secret),
            _ => Err(unknown("activation", text, "keep, identity, poly2:public or poly2:secret")),
        }
    }
}

/// Whose processor the seconds are for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Machine {
    /// AMD EPYC 7502 on both sides, two processes on one host.
    #[default]
    Epyc,
    /// Server EPYC 7502 with 32 threads for circuits, client Intel Atom Z8350: the ASPLOS'23 simulator.
    Atom,
    /// Graphics processors, for the protocols that run on one; elsewhere as [`Machine::Epyc`].
    #[serde(rename = "a100-40")]
    A100x40,
    /// What a protocol for graphics processors takes where none is named.
    #[serde(rename = "a100-80")]
    A100x80,
    #[allow(missing_docs)]
    H100,
    #[allow(missing_docs)]
    Rtx5090,
}

impl Machine {
    /// As settings write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Epyc => "epyc",
            Self::Atom => "atom",
            Self::A100x40 => "a100-40",
            Self::A100x80 => "a100-80",
            Self::H100 => "h100",
            Self::Rtx5090 => "rtx5090",
        }
    }
}

impl FromStr for Machine {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        const ALL: [Machine; 6] = [
            Machine::Epyc,
            Machine::Atom,
            Machine::A100x40,
            Machine::A100x80,
            Machine::H100,
            Machine::Rtx5090,
        ];
        let found = ALL.into_iter().find(|machine| machine.name() == text);
        found.ok_or_else(|| unknown("machine", text, "epyc, atom, a100-40, a100-80, h100 or rtx5090"))
    }
}

/// Which oblivious transfer SPU's Cheetah runs on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ot {
    /// Silent: little traffic, much computing.
    #[default]
    Ferret,
    /// Much traffic, little computing.
    Softspoken,
}

impl Ot {
    /// As settings write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ferret => "ferret",
            Self::Softspoken => "softspoken",
        }
    }
}

impl FromStr for Ot {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "ferret" => Ok(Self::Ferret),
            "softspoken" => Ok(Self::Softspoken),
            _ => Err(unknown("ot", text, "ferret or softspoken")),
        }
    }
}

/// Which side of zero errs where a stochastic ReLU is unsure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultMode {
    /// Small positive values may become 0.
    #[default]
    PosZero,
    /// Small negative values may pass.
    NegPass,
}

impl FaultMode {
    /// As settings write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::PosZero => "pos-zero",
            Self::NegPass => "neg-pass",
        }
    }
}

impl FromStr for FaultMode {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "pos-zero" => Ok(Self::PosZero),
            "neg-pass" => Ok(Self::NegPass),
            _ => Err(unknown("faults", text, "pos-zero or neg-pass")),
        }
    }
}

/// A setting that some profiles heed and others pass over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Knob {
    /// [`Settings::he_threads`]
    HeThreads,
    /// [`Settings::gc_threads`]
    GcThreads,
    /// [`Settings::ring_bits`]
    RingBits,
    /// [`Settings::share_bits`]
    ShareBits,
    /// [`Settings::ot`]
    Ot,
    /// [`Settings::faults`]
    Faults,
}

pub(super) fn unknown(what: &str, text: &str, known: &str) -> Error {
    Error::new(Code::InvalidSetting, format!("{what} cannot be {text}")).hint(known)
}

/// Everything that can be set.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The line between the parties.
    pub link: Link,
    /// Threads for homomorphic linear layers; whole layers run side by side.
    pub he_threads: u32,
    /// Threads for garbled circuits (of the client, on [`Machine::Atom`]).
    pub gc_threads: u32,
    /// What becomes of activations.
    pub activation: ActivationPlan,
    /// Whose processor.
    pub machine: Machine,
    /// Width of the ring: 32, 64 or 128; protocols with a field of their own ignore it.
    pub ring_bits: u32,
    /// Bits of a share in protocols that choose them freely (OpenCheetah, SCI).
    pub share_bits: u32,
    /// Which oblivious transfer SPU's Cheetah runs on.
    pub ot: Ot,
    /// Which side errs under Circa.
    pub faults: FaultMode,
    /// The class is chosen under encryption: an argmax over the outputs of the last linear layer.
    pub argmax: bool,
    /// Add the constants that a call costs whatever its size (ABY3: 24 B per padded convolution).
    pub per_call: bool,
    /// List the cost of each row.
    pub layers: bool,
    /// A share of the activations that stays; None is all of them or none, as `activation` says.
    #[cfg(feature = "all")]
    pub keep: Option<Keep>,
    /// A plan, layer by layer, in the order of the rows; empty is none.
    #[cfg(feature = "all")]
    pub replaced: Vec<Stay>,
    /// What was measured, in place of the profile's prices.
    #[cfg(feature = "all")]
    pub own: Option<Arc<Calibration>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            link: Link::default(),
            he_threads: 1,
            gc_threads: 4,
            activation: ActivationPlan::Keep,
            machine: Machine::Epyc,
            ring_bits: 64,
            share_bits: 37,
            ot: Ot::Ferret,
            faults: FaultMode::PosZero,
            argmax: false,
            per_call: true,
            layers: false,
            #[cfg(feature = "all")]
            keep: None,
            #[cfg(feature = "all")]
            replaced: Vec::new(),
            #[cfg(feature = "all")]
            own: None,
        }
    }
}

/// The settings that an estimate was made with.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SettingsView {
    /// The link in full.
    pub link: Link,
    /// Threads for homomorphic layers.
    pub he_threads: u32,
    /// Threads for circuits.
    pub gc_threads: u32,
    /// What became of activations.
    pub activation: ActivationPlan,
    /// Whose processor.
    pub machine: Machine,
    /// Ring width; None where the protocol has a field of its own.
    pub ring_bits: Option<u32>,
    /// Bits of a share, for protocols that choose them freely.
    pub share_bits: u32,
    /// Oblivious transfer of SPU's Cheetah.
    pub ot: Ot,
    /// Which side errs under Circa.
    pub faults: FaultMode,
    /// An argmax was added at the end.
    pub argmax: bool,
    /// Part of the activations that stayed, where it is neither all nor none.
    #[cfg(feature = "all")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub activation_share: Option<f64>,
    /// What was kept or replaced together.
    #[cfg(feature = "all")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub granularity: Option<Granularity>,
    /// The plan.
    #[cfg(feature = "all")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub replaced: Vec<Stay>,
    /// Costs of a call were added.
    pub per_call: bool,
}

/// More threads than any machine of the logs had.
const MAX_THREADS: u32 = 1024;

impl Settings {
    /// Threads in range, a known ring, a sound link.
    pub fn check(&self) -> Result<()> {
        self.link.check()?;
        for (name, threads) in [("he_threads", self.he_threads), ("gc_threads", self.gc_threads)] {
            if !(1..=MAX_THREADS).contains(&threads) {
                return Err(Error::new(Code::InvalidSetting, format!("{name} is {threads}"))
                    .hint(format!("1 to {MAX_THREADS}")));
            }
        }
        if !(8..=64).contains(&self.share_bits) {
            return Err(Error::new(Code::InvalidSetting, format!("share_bits is {}", self.share_bits))
                .hint("8 to 64"));
        }
        #[cfg(feature = "all")]
        if let Some(keep) = &self.keep {
            keep.check()?;
            if self.activation == ActivationPlan::Keep {
                return Err(Error::new(
                    Code::InvalidSetting,
                    "a share of the activations stays, and the others do too",
                )
                .hint("say what the others become: identity, poly2:public or poly2:secret"));
            }
        }
        #[cfg(feature = "all")]
        if !self.replaced.is_empty() && self.activation != ActivationPlan::Keep {
            return Err(Error::new(
                Code::InvalidSetting,
                "a plan and a setting both say what becomes of the activations",
            )
            .hint("give one of activation and replaced"));
        }
        self.column().map(|_| ())
    }

    /// Id of what is priced: the profile's, or `calibrated` where measurements stand on it.
    pub fn id(&self, profile: &Profile) -> &'static str {
        #[cfg(feature = "all")]
        if self.own.is_some() {
            return super::calibrate::CALIBRATED;
        }
        profile.id
    }

    /// The settings as an estimate reports them.
    pub(super) fn view(&self, has_ring: bool) -> SettingsView {
        SettingsView {
            link: self.link.clone(),
            he_threads: self.he_threads,
            gc_threads: self.gc_threads,
            activation: self.activation,
            machine: self.machine,
            ring_bits: has_ring.then_some(self.ring_bits),
            share_bits: self.share_bits,
            ot: self.ot,
            faults: self.faults,
            argmax: self.argmax,
            #[cfg(feature = "all")]
            activation_share: self.keep.map(|keep| keep.share),
            #[cfg(feature = "all")]
            granularity: self.keep.map(|keep| keep.granularity),
            #[cfg(feature = "all")]
            replaced: self.replaced.clone(),
            per_call: self.per_call,
        }
    }

    /// Column of the ring in a constant.
    pub(super) fn column(&self) -> Result<usize> {
        RING_BITS.iter().position(|bits| *bits == self.ring_bits).ok_or_else(|| {
            Error::new(Code::InvalidSetting, format!("no ring has {} bits here", self.ring_bits))
                .hint("32, 64 or 128")
        })
    }
}
