//! Function secret sharing on a graphics processor: two parties and a trusted dealer, as Orca and SIGMA run it.
//!
//! The dealer makes a key for each piece of work, which is used once; online a comparison of any width opens a
//! bit and a value. Everything here is read in the code (GPU-MPC); nobody ran it for these figures. A ReLU of n bits
//! has 16 (n - 8) + 32 + (n - 8)/8 + 1/8 + 40 B of key a party: n = 64, 50, 37, 32 give 975.125, 749.375, 539.75
//! and 459.125 B.

mod constants;
mod price;
#[cfg(test)]
mod tests;

use crate::cost::ask::Knob;
use crate::cost::constant::Status;
use crate::cost::profile::Profile;
use crate::cost::trust::{Adversary, BOTH_FOLLOW, Need, OUTCOME, Trust, TrustModel, Trusted};
use constants::ALL;
use price::price_fss;

/// The profile.
pub(in crate::cost) static PROFILE: Profile = Profile {
    id: "fss",
    family: "fss",
    variant: "",
    version: 1,
    title: "Function secret sharing: two parties and a dealer, on GPUs (Orca, SIGMA)",
    parties: 2,
    leaves_out: "No compute time: online is link time, and offline is at least the time that the client's keys take from the dealer; how long they take to make and to read is not public. Key sizes and rounds are read in the code, not measured. Keys of linear layers hold 8 B for each input, weight and output; figures that leave the inputs out are lower by 8 B an input of each layer. Sharing the input and opening the result are not counted.",
    has_compute: false,
    has_ring: false,
    has_storage: true,
    has_setup: false,
    work: &[
        ("linear, ReLU, truncation, average pool", Status::Estimate),
        ("max-pool, argmax, ReLU6, LeakyReLU, PReLU", Status::Estimate),
        ("products of two secrets, polynomials, batch norm", Status::Estimate),
        ("GELU", Status::Estimate),
        ("sigmoid, exp, softmax, division, norms", Status::NotSupported),
    ],
    layer_overhead: None,
    levels: None,
    constants: || ALL.to_vec(),
    price: price_fss,
    knobs: &[Knob::FssBits, Knob::Fraction],
    machines: &[],
    parameter: None,
    trust: &TRUST,
    cores: None,
    uncounted: None,
    opened: None,
};

static TRUST: Trust = Trust {
    model: TrustModel::Dealer,
    parties: &["first party: a share of the input", "second party: the other share"],
    adversary: Adversary::SemiHonest,
    corrupt: 1,
    trusted: &[
        BOTH_FOLLOW,
        Trusted {
            who: "a dealer",
            with: "making all the keys: together with either party it reads everything",
        },
    ],
    leaks: &["both parties and the dealer learn the architecture: kinds, sizes and order of layers", OUTCOME],
    needs: &[
        "keys from the dealer for each inference, used once: their traffic and room are counted",
        "a graphics processor at each party, and memory that reads keys as fast as it computes",
    ],
    requires: &[Need::Preprocessing, Need::Gpu],
};
