//! Cheetah as its authors' code runs it (OpenCheetah): two parties, BFV with N = 4,096 and no
//! rotations, silent OT, shares of l bits (37 by default).
//!
//! `paper` compares l - 1 bits and truncates on its own; `window16` is the repository since 2023-09, which compares a
//! window of 16 bits and truncates after the ReLU, where the sign is known. Up is the client, which encrypts its share.
//!
//! Version 2: comparisons and truncations as the authors' statistics have them (at l = 37 a ReLU 59.3 B instead of 55.1, a
//! truncation 53.1 instead of 60.1), and seconds of ReLUs, truncations and pools as a range.

mod constants;
mod price;
#[cfg(test)]
mod tests;

use crate::cost::ask::Knob;
use crate::cost::constant::Status;
use crate::cost::profile::Profile;
use crate::cost::trust::{
    ARCHITECTURE, Adversary, BOTH_FOLLOW, CLIENT_AND_SERVER, Need, OUTCOME, Trust, TrustModel,
};
use constants::ALL;
use price::{price_paper, price_window16};

const WORK: &[(&str, Status)] = &[
    ("convolution, fully connected", Status::Validated),
    ("grouped convolution", Status::Estimate),
    ("ReLU", Status::Measured),
    ("max-pool, window - 1 comparisons", Status::Measured),
    ("truncation, average pool", Status::Measured),
    ("ReLU6, LeakyReLU, argmax", Status::Estimate),
    ("x^2, products of two secrets, GELU, sigmoid, softmax, norms", Status::NotSupported),
];

/// As the paper counts.
pub(in crate::cost) static PAPER: Profile = Profile {
    id: "cheetah:paper",
    family: "cheetah",
    variant: "paper",
    version: 2,
    title: "Cheetah, comparisons at full width (paper)",
    parties: 2,
    leaves_out: "Seconds on 4 threads; those of ReLUs, truncations and pools are logs of two machines five times apart, which the range spans. Set-up of the silent OT is not counted. Rounds of ReLUs are read from the code, not measured.",
    has_compute: true,
    has_ring: false,
    has_storage: false,
    has_setup: false,
    work: WORK,
    layer_overhead: None,
    levels: None,
    constants: || ALL.to_vec(),
    price: price_paper,
    knobs: &[Knob::ShareBits],
    machines: &[],
    parameter: None,
    trust: &TRUST,
    cores: Some(4),
    uncounted: None,
    opened: None,
};

/// As the repository runs.
pub(in crate::cost) static WINDOW16: Profile = Profile {
    id: "cheetah:window16",
    variant: "window16",
    title: "Cheetah, comparisons on a window of 16 bits (OpenCheetah)",
    leaves_out: "Truncation goes with the ReLU that follows: a linear layer without one (the last) is not charged for it. A window of 16 bits is wrong for values outside it. Seconds on 4 threads; those of ReLUs, truncations and pools are logs of two machines five times apart, which the range spans. Set-up of the silent OT is not counted. Rounds of ReLUs are read from the code, not measured.",
    price: price_window16,
    ..PAPER
};

static TRUST: Trust = Trust {
    model: TrustModel::TwoParties,
    parties: CLIENT_AND_SERVER,
    adversary: Adversary::SemiHonest,
    corrupt: 1,
    trusted: &[BOTH_FOLLOW],
    leaks: &[ARCHITECTURE, OUTCOME],
    needs: &[
        "the client's keys of BFV, sent once",
        "the set-up of silent oblivious transfers; no other work before the input",
    ],
    requires: &[Need::Keys],
};
