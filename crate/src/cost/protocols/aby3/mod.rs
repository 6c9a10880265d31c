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
use crate::cost::trust::{Adversary, OUTCOME, Trust, Trusted};
use constants::TABLE;
use price::price_aby3;

/// The profile.
pub(in crate::cost) static PROFILE: Profile = Profile {
    id: "aby3",
    family: "aby3",
    variant: "",
    version: 1,
    title: "ABY3: three parties, honest majority (SPU)",
    parties: 3,
    leaves_out: "Up and down are one party's: a third of the traffic each, as if all sent alike (in the runs a party was up to 9 % off that in a ReLU, 31 % in a linear layer, and which party changed from run to run); the rest runs between the other two. No compute time: latency is link time until calibrated. Sharing the input and opening the result are not counted.",
    has_compute: false,
    has_ring: true,
    has_storage: false,
    work: &[
        ("linear", Status::Measured),
        ("grouped or transposed convolution", Status::Estimate),
        ("ReLU", Status::Validated),
        ("GELU, sigmoid, exp, softmax", Status::Measured),
        ("compositions: ReLU6, HardSwish, SiLU, division", Status::Estimate),
        ("max-pool", Status::Measured),
        ("average pool, truncation", Status::Measured),
        ("tanh, erf, log, sqrt, norms, recurrent cells", Status::NotSupported),
    ],
    layer_overhead: None,
    levels: None,
    constants: || TABLE.constants(),
    price: price_aby3,
    knobs: &[Knob::RingBits],
    machines: &[],
    parameter: None,
    trust: &TRUST,
    cores: None,
    uncounted: None,
};

static TRUST: Trust = Trust {
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
};
