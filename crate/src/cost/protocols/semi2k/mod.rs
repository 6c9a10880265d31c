//! SEMI2K: two parties and a trusted dealer, additive shares modulo 2^k, as SPU 0.9.5 runs it.
//!
//! Bytes are those that both parties send per element; they were read off runs of the engine and
//! are exact. With w = k/8 bytes a ring element and k the ring width:
//! compare 12w + 16, product 4w (two openings by two parties), truncation 8, ReLU 16w + 16.
//! At k = 64: 112, 32, 8 and 144 B; x^2 = 32 + 8 = 40 B.

pub(in crate::cost) mod constants;
mod price;

use crate::cost::ask::Knob;
use crate::cost::constant::Status;
use crate::cost::profile::Profile;
use crate::cost::trust::{Adversary, BOTH_FOLLOW, OUTCOME, Trust, Trusted};
use constants::TABLE;
use price::price_semi2k;

/// The profile.
pub(in crate::cost) static PROFILE: Profile = Profile {
    id: "semi2k",
    family: "semi2k",
    variant: "",
    version: 1,
    title: "SEMI2K: two parties and a dealer (SPU)",
    parties: 2,
    leaves_out: "Online only: the dealer's triples are free here. No compute time: latency is link time until calibrated. Sharing the input and opening the result are not counted.",
    has_compute: false,
    has_ring: true,
    has_storage: false,
    work: &[
        ("linear", Status::Validated),
        ("grouped or transposed convolution", Status::Estimate),
        ("ReLU", Status::Validated),
        ("GELU, sigmoid, exp, softmax", Status::Measured),
        ("compositions: ReLU6, HardSwish, SiLU, division", Status::Estimate),
        ("max-pool", Status::Measured),
        ("average pool, truncation", Status::Validated),
        ("tanh, erf, log, sqrt, norms, recurrent cells", Status::NotSupported),
    ],
    layer_overhead: None,
    levels: None,
    constants: || TABLE.constants(),
    price: price_semi2k,
    knobs: &[Knob::RingBits],
    machines: &[],
    parameter: None,
    trust: &TRUST,
    cores: None,
    uncounted: Some("the dealer's triples are not counted: there is more traffic"),
};

static TRUST: Trust = Trust {
    parties: &["first party: shares of the input and the weights", "second party: the other shares"],
    adversary: Adversary::SemiHonest,
    corrupt: 1,
    trusted: &[
        BOTH_FOLLOW,
        Trusted {
            who: "a dealer",
            with: "making all the randomness: together with either party it reads everything",
        },
    ],
    leaks: &["both parties and the dealer learn the architecture: kinds, sizes and order of layers", OUTCOME],
    needs: &[
        "a third machine for the dealer, and its triples for each inference: their traffic is not counted",
    ],
};
