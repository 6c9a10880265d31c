//! ABY3: three parties, honest majority, replicated shares modulo 2^k, as SPU 0.9.5 runs it.
//!
//! Bytes are those that the three parties send per element; they were read off runs of the engine
//! and are exact. With w = k/8: product 3w, ReLU 20w + 12, truncation 28 at 64 bits and 20 at 32.
//! At k = 64: 24, 172 and 28 B; x^2 = 24 + 28 = 52 B. The parties share a truncation's
//! bytes unevenly and not always alike, so the messages of one party vary by one between runs.

pub(in crate::cost) mod constants;
mod price;

use crate::cost::ask::Knob;
use crate::cost::constant::Status;
use crate::cost::profile::Profile;
use crate::cost::trust::{Adversary, OUTCOME, Trust, TrustModel, Trusted};
use constants::TABLE;
use price::price_aby3;

/// The profile. Version 2: seconds; every function that SPU was run with by itself; maxima as deep as SPU's (of 197
/// values 10 levels, not 8); argmax as it was run.
pub(in crate::cost) static PROFILE: Profile = Profile {
    id: "aby3",
    family: "aby3",
    variant: "",
    version: 2,
    title: "ABY3: three parties, honest majority (SPU)",
    parties: 3,
    leaves_out: "Up and down are one party's: a third of the traffic each, as if all sent alike (in the runs a party was up to 9 % off that in a ReLU, 31 % in a linear layer, and which party changed from run to run); the rest runs between the other two. Seconds are those of one thread, measured on one cloud VM, this is not your machine. Sharing the input and opening the result are not counted.",
    has_compute: true,
    has_ring: true,
    has_storage: false,
    has_setup: false,
    work: &[
        ("linear", Status::Measured),
        ("grouped or transposed convolution, batches of secret products", Status::Estimate),
        ("ReLU", Status::Validated),
        ("ReLU6, HardSwish, SiLU, GELU, sigmoid, tanh, erf, exp, log, roots, 1/x", Status::Measured),
        ("softmax, LayerNorm, RMSNorm, argmax, row maximum, look-up at secret places", Status::Measured),
        ("compositions: division, softplus, Mish, log-softmax, group norms", Status::Estimate),
        ("max-pool", Status::Measured),
        ("average pool, truncation", Status::Validated),
        ("powers, trigonometry, rounding, boolean logic, top-k", Status::NotSupported),
    ],
    layer_overhead: None,
    levels: None,
    constants: || TABLE.constants(),
    price: price_aby3,
    knobs: &[Knob::RingBits, Knob::MachineFactor],
    machines: &[],
    parameter: None,
    trust: &TRUST,
    cores: Some(3),
    uncounted: None,
    opened: Some(3),
};

static TRUST: Trust = Trust {
    model: TrustModel::ThreeHonest,
    parties: &[
        "first server: two of the three shares",
        "second server: another two",
        "third server: the last two",
    ],
    adversary: Adversary::SemiHonest,
    corrupt: 1,
    trusted: &[
        Trusted { who: "all three", with: "following the protocol: nothing checks what they send" },
        Trusted { who: "any two", with: "never working together: two read everything" },
    ],
    leaks: &["all three learn the architecture: kinds, sizes and order of layers", OUTCOME],
    needs: &[
        "three machines under different hands",
        "a seed that each two of them share; no other work before the input",
    ],
    requires: &[],
};
