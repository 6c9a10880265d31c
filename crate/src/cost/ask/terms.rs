//! The terms: under which protocols, over which link, on which machines.

use crate::cost::calibrate::OwnProfile;
use crate::cost::link::{LAN, Link};
use crate::error::{Code, Error, Result};
use crate::names::names;

names! {
    "machine",
    /// Whose processor the seconds are for.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum Machine {
        /// AMD EPYC 7502 on both sides, two processes on one host.
        #[default]
        Epyc = "epyc",
        /// Server EPYC 7502 with 32 threads for circuits, client Intel Atom Z8350: the ASPLOS'23 simulator.
        Atom = "atom",
        /// Graphics processors, for the protocols that run on one; elsewhere as [`Machine::Epyc`].
        A100x40 = "a100-40",
        /// What a protocol for graphics processors takes where none is named.
        A100x80 = "a100-80",
        #[allow(missing_docs)]
        H100 = "h100",
        #[allow(missing_docs)]
        Rtx5090 = "rtx5090",
    }
}

names! {
    "ot",
    /// Which oblivious transfer SPU's Cheetah runs on.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum Ot {
        /// Silent: little traffic, much computing.
        #[default]
        Ferret = "ferret",
        /// Much traffic, little computing.
        Softspoken = "softspoken",
    }
}

names! {
    "faults",
    /// Which side of zero errs where a stochastic ReLU is unsure.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum FaultMode {
        /// Small positive values may become 0.
        #[default]
        PosZero = "pos-zero",
        /// Small negative values may pass.
        NegPass = "neg-pass",
    }
}

names! {
    "batch-norm",
    /// What is done with batch normalisations beside linear layers.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum Norms {
        /// They go into the weights of the layers before or after them.
        #[default]
        Weights = "weights",
        /// Into those of the layer before, and are computed elsewhere.
        Folded = "folded",
        /// All are computed.
        Separate = "separate",
    }
}

names! {
    "adder",
    /// Which circuit finds the sign of a sum of shares (Trio, Quad).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum Adder {
        /// Parallel prefix: few rounds.
        #[default]
        Ppa = "ppa",
        /// Ripple carry: few bytes.
        Rca = "rca",
    }
}

names! {
    "window",
    /// Bits of a value that a comparison looks at (Trio, Quad).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum Window {
        /// All: right for every value.
        #[default]
        None = "none",
        /// Eight: wrong for values outside them.
        Eight = "8",
    }
}

names! {
    "knob",
    /// A setting that some profiles heed and others pass over, by its key.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Knob {
        /// [`Terms::he_threads`]
        HeThreads = "he_threads",
        /// [`Terms::gc_threads`]
        GcThreads = "gc_threads",
        /// [`Terms::ring_bits`]
        RingBits = "ring_bits",
        /// [`Terms::share_bits`]
        ShareBits = "share_bits",
        /// [`Terms::ot`]
        Ot = "ot",
        /// [`Terms::faults`]
        Faults = "faults",
        /// [`Terms::adder`]
        Adder = "adder",
        /// [`Terms::window`]
        Window = "window",
        /// [`Terms::fss_bits`]
        FssBits = "fss_bits",
        /// [`Terms::fraction`]
        Fraction = "fraction",
        /// [`Terms::machine_factor`]
        MachineFactor = "machine_factor",
        /// [`Terms::inferences`]
        Inferences = "inferences",
    }
}

/// The link as it was asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Line {
    /// One of the presets, `crate::cost::LINKS`.
    Preset(&'static Link),
    /// A line of one's own.
    Custom {
        /// MB/s (1e6 B) from the client.
        up: f64,
        /// MB/s to the client.
        down: f64,
        /// Round-trip time in ms.
        rtt: f64,
    },
}

impl Line {
    /// A preset by its id.
    ///
    /// # Errors
    /// `InvalidSetting` for an id that is none.
    pub fn preset(id: &str) -> Result<Self> {
        Link::preset(id).map(Self::Preset)
    }

    /// The line itself.
    pub fn link(self) -> Link {
        match self {
            Self::Preset(link) => link.clone(),
            Self::Custom { up, down, rtt } => Link::custom(up, down, rtt),
        }
    }
}

impl Default for Line {
    fn default() -> Self {
        Self::Preset(LAN)
    }
}

/// Everything that can be chosen besides what becomes of the network.
#[derive(Clone, Debug, PartialEq)]
pub struct Terms {
    /// Profile ids, `delphi:server-garbler`; an estimate is made under each.
    pub protocols: Vec<String>,
    /// The line between the parties.
    pub link: Line,
    /// Threads for homomorphic linear layers; whole layers run side by side.
    pub he_threads: u32,
    /// Threads for garbled circuits (of the client, on [`Machine::Atom`]).
    pub gc_threads: u32,
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
    /// Which circuit finds a sign under Trio and Quad.
    pub adder: Adder,
    /// Bits that their comparisons look at.
    pub window: Window,
    /// Bits that comparisons of function secret sharing look at.
    pub fss_bits: u32,
    /// Bits of the fraction that its truncations take off.
    pub fraction: u32,
    /// The class is chosen under encryption: an argmax over the outputs of the last linear layer.
    pub argmax: bool,
    /// What is done with batch normalisations.
    pub norms: Norms,
    /// What a gigabyte (1e9 B) costs that one party sends another, in the person's own money.
    pub price_gb: Option<f64>,
    /// What an hour of a core costs.
    pub price_core_hour: Option<f64>,
    /// How many times slower than the machine that was measured: seconds are multiplied by it.
    pub machine_factor: f64,
    /// How many inferences one set-up serves: from 2 on, an estimate says what each of them carries of it.
    pub inferences: u32,
    /// The profile `calibrated`: measurements on top of a base.
    pub own: Option<OwnProfile>,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            protocols: Vec::new(),
            link: Line::default(),
            he_threads: 4,
            gc_threads: 4,
            machine: Machine::Epyc,
            ring_bits: 64,
            share_bits: 37,
            ot: Ot::Ferret,
            faults: FaultMode::PosZero,
            adder: Adder::Ppa,
            window: Window::None,
            fss_bits: 64,
            fraction: 12,
            argmax: false,
            norms: Norms::Weights,
            price_gb: None,
            price_core_hour: None,
            machine_factor: 1.0,
            inferences: 1,
            own: None,
        }
    }
}

impl Terms {
    /// The default terms under one protocol.
    pub fn under(protocol: &str) -> Self {
        Self { protocols: vec![protocol.to_owned()], ..Self::default() }
    }

    /// These terms under one protocol.
    #[must_use]
    pub fn with(&self, protocol: &str) -> Self {
        Self { protocols: vec![protocol.to_owned()], ..self.clone() }
    }

    /// What an estimate repeats of its terms: it names its protocol itself, and where its measurements come from.
    pub(in crate::cost) fn without_protocols(&self) -> Self {
        Self { protocols: Vec::new(), own: None, ..*self }
    }

    /// Each thread by itself, and nobody asks for the price of it.
    pub(in crate::cost) fn on_one_thread(&self) -> Self {
        Self { he_threads: 1, gc_threads: 1, price_core_hour: None, ..self.clone() }
    }

    /// The first protocol.
    ///
    /// # Errors
    /// `InvalidSetting` where there is none.
    pub fn first(&self) -> Result<&str> {
        let none = || {
            Error::new(Code::InvalidSetting, "no protocol is chosen")
                .hint("name one, as in --protocol semi2k")
        };
        self.protocols.first().map(String::as_str).ok_or_else(none)
    }
}
