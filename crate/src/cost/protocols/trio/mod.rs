//! Trio: three parties, honest majority, semi-honest, as HPMPC runs it for PIGEON.
//!
//! With w bytes a value, m outputs of linear layers, P of average pools, R ReLUs, r bits compared and A gates
//! of the adder: w m + R (w + A/8) from P1 to P2 and as much back, and w m + w P + R (r/8 + A/8 + 2w) from P0
//! before the input is known. Nothing here was fitted: the formulas come from the code, and the log meets them.

pub(in crate::cost) mod constants;
pub(in crate::cost) mod price;
#[cfg(test)]
mod tests;

use crate::cost::ask::Knob;
use crate::cost::constant::Status;
use crate::cost::profile::Profile;
use crate::cost::trust::{Adversary, Need, OUTCOME, Trust, TrustModel, Trusted};
use constants::ALL;
use price::price_trio;

/// The profile.
pub(in crate::cost) static PROFILE: Profile = Profile {
    id: "trio",
    family: "trio",
    variant: "",
    version: 1,
    title: "Trio: three parties, honest majority (HPMPC, PIGEON)",
    parties: 3,
    leaves_out: "No compute time: latency is link time; the authors' seconds are of one machine with all parties on it. Up and down are those of the party that the helper sends to. Sharing the input and opening the result are not counted. Rounds are read in the code, not measured, and max-pools are derived: the logged networks have average pools in their place. Truncation is probabilistic. With a window the sign of a value outside it is wrong.",
    has_compute: false,
    has_ring: true,
    has_storage: false,
    has_setup: false,
    work: &[
        ("convolution, fully connected, batch norm", Status::Validated),
        ("grouped or transposed convolution, products of two secrets, polynomials", Status::Estimate),
        ("ReLU, average pool", Status::Validated),
        ("max-pool, argmax, ReLU6, LeakyReLU, PReLU", Status::Estimate),
        ("GELU, sigmoid, exp, softmax, division, norms", Status::NotSupported),
    ],
    layer_overhead: None,
    levels: None,
    constants: || ALL.to_vec(),
    price: price_trio,
    knobs: &[Knob::RingBits, Knob::Adder, Knob::Window],
    machines: &[],
    parameter: None,
    trust: &TRUST,
    cores: None,
    uncounted: None,
    opened: None,
};

static TRUST: Trust = Trust {
    model: TrustModel::ThreeHonest,
    parties: &["helper: works before the input is known", "first server", "second server"],
    adversary: Adversary::SemiHonest,
    corrupt: 1,
    trusted: &[
        Trusted { who: "all three", with: "following the protocol: nothing checks what they send" },
        Trusted { who: "any two", with: "never working together: two read everything" },
    ],
    leaks: &["all three learn the architecture: kinds, sizes and order of layers", OUTCOME],
    needs: &[
        "three machines under different hands, and a seed that each two of them share",
        "the helper's messages before the input, for each inference",
    ],
    requires: &[Need::Preprocessing],
};
