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
use crate::cost::trust::{Adversary, BOTH_FOLLOW, Need, OUTCOME, Trust, TrustModel, Trusted};
use constants::TABLE;
use price::price_semi2k;

/// The profile. Version 2: seconds; every function that SPU was run with by itself; maxima as deep as SPU's (of 197
/// values 10 levels, not 8); argmax as it was run.
pub(in crate::cost) static PROFILE: Profile = Profile {
    id: "semi2k",
    family: "semi2k",
    variant: "",
    version: 2,
    title: "SEMI2K: two parties and a dealer (SPU)",
    parties: 2,
    leaves_out: "Online only: the dealer's triples are free here. Seconds are those of one thread, measured on one cloud VM, this is not your machine; the dealer is party 0 there, so its work is in them. Sharing the input and opening the result are not counted.",
    has_compute: true,
    has_ring: true,
    has_storage: false,
    has_setup: false,
    work: &[
        ("linear", Status::Validated),
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
    price: price_semi2k,
    knobs: &[Knob::RingBits, Knob::MachineFactor],
    machines: &[],
    parameter: None,
    trust: &TRUST,
    cores: Some(2),
    uncounted: Some("the dealer's triples are not counted: there is more traffic"),
    opened: Some(2),
};

static TRUST: Trust = Trust {
    model: TrustModel::Dealer,
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
    requires: &[Need::Preprocessing],
};
