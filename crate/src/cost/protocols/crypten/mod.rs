//! CrypTen 0.4.1: two parties and a trusted provider of triples, arithmetic and binary shares of 64 bits.
//!
//! Bytes are those that both parties send; they were counted in runs and are exact. A square opens
//! one value where a product opens two: x^2 is 16 B, a product 32 B. Truncation is local.

mod constants;
mod price;
#[cfg(test)]
mod tests;

use crate::cost::ask::Knob;
use crate::cost::constant::Status;
use crate::cost::profile::Profile;
use crate::cost::trust::{Adversary, BOTH_FOLLOW, Need, OUTCOME, Trust, TrustModel, Trusted};
use constants::ALL;
use price::price_crypten;

/// The profile.
pub(in crate::cost) static PROFILE: Profile = Profile {
    id: "crypten",
    family: "crypten",
    variant: "",
    version: 1,
    title: "CrypTen: two parties and a provider of triples",
    parties: 2,
    leaves_out: "Online only: the provider's triples are free here. No compute time: latency is link time until calibrated. Rings of 64 bits only. Sharing the input and opening the result are not counted.",
    has_compute: false,
    has_ring: true,
    has_storage: false,
    has_setup: false,
    work: &[
        ("convolution, matrix product, x^2, ReLU", Status::Measured),
        ("grouped or transposed convolution", Status::Estimate),
        ("GELU, sigmoid, exp", Status::Measured),
        ("max-pool of 2x2, softmax of rows of 64", Status::Measured),
        ("compositions: ReLU6, HardSwish, SiLU, division, argmax", Status::Estimate),
        ("max-pool of other windows, softmax of other rows", Status::NotSupported),
        ("log, sqrt, erf, norms, boolean logic, top-k", Status::NotSupported),
    ],
    layer_overhead: None,
    levels: None,
    constants: || ALL.to_vec(),
    price: price_crypten,
    knobs: &[Knob::RingBits],
    machines: &[],
    parameter: None,
    trust: &TRUST,
    cores: None,
    uncounted: Some("the provider's triples are not counted: there is more traffic"),
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
            who: "the provider of triples",
            with: "making all the randomness: together with either party it reads everything (in the runs it was the first party itself)",
        },
    ],
    leaks: &[
        "both parties and the provider learn the architecture: kinds, sizes and order of layers",
        OUTCOME,
    ],
    needs: &[
        "a third machine for the provider, and its triples for each inference: their traffic is not counted",
    ],
    requires: &[Need::Preprocessing],
};
