//! CrypTFlow2 with OT alone (SCI_OT): two parties, shares of l bits. A bound, not a measurement.
//!
//! Version 2: ReLUs, pools, truncations and fully connected layers by the log's own rows, and what it received (31.2 GB for
//! ResNet-50, where version 1 had 18.9).

mod constants;
mod price;

use crate::cost::ask::Knob;
use crate::cost::constant::Status;
use crate::cost::profile::Profile;
use crate::cost::trust::{
    ARCHITECTURE, Adversary, BOTH_FOLLOW, CLIENT_AND_SERVER, OUTCOME, Trust, TrustModel,
};
use constants::{NORM_BIT, POOL_BIT, PRODUCT_BIT, RECEIVED_BIT, RELU_BIT, ROUND, TRUNCATION_BIT, WEIGHT_BIT};
use price::price_sci_ot;

/// The profile.
pub(in crate::cost) static PROFILE: Profile = Profile {
    id: "sci-ot",
    family: "sci-ot",
    variant: "",
    version: 2,
    title: "CrypTFlow2 with OT alone: a bound",
    parties: 2,
    leaves_out: "A bound, not a measurement: one user's log of one network, taken apart. Compute time is left out: the log's seconds (2,507 for convolutions, 93 for ReLUs) hold a link that it does not name, so latency is link time. Set-up of the OTs is not counted.",
    has_compute: false,
    has_ring: false,
    has_storage: false,
    has_setup: false,
    work: &[
        ("convolution, matrix product, ReLU, max-pool, truncation, average pool", Status::Estimate),
        ("x^2, GELU, sigmoid, softmax, norms", Status::NotSupported),
    ],
    layer_overhead: None,
    levels: None,
    constants: || {
        vec![
            &PRODUCT_BIT,
            &WEIGHT_BIT,
            &RELU_BIT,
            &POOL_BIT,
            &TRUNCATION_BIT,
            &NORM_BIT,
            &RECEIVED_BIT,
            &ROUND,
        ]
    },
    price: price_sci_ot,
    knobs: &[Knob::ShareBits],
    machines: &[],
    parameter: None,
    trust: &TRUST,
    cores: None,
    uncounted: None,
    opened: None,
};

static TRUST: Trust = Trust {
    model: TrustModel::TwoParties,
    parties: CLIENT_AND_SERVER,
    adversary: Adversary::SemiHonest,
    corrupt: 1,
    trusted: &[BOTH_FOLLOW],
    leaks: &[ARCHITECTURE, OUTCOME],
    needs: &["the set-up of oblivious transfers; no other work before the input"],
    requires: &[],
};
