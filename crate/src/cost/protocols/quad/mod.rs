//! Quad: four parties, one of which may be malicious, as HPMPC runs it for PIGEON.
//!
//! Trio's three flows, with P3 in the helper's place, and two that let the others check: with Trio's letters
//! w m + w P + R (2w + A/8) from P2 to P0, and w m + R (2w + A/8) from P3 to P0 before the input is known.
//! ResNet-50 at 32 bits with parallel prefix: 230.6, 230.6, 269.9, 308.3 and 269.1 MB. Its logged runs are of parallel prefix at
//! full width, on made-up weights, and print that the views did not compare: they tell traffic, and no more.

#[cfg(test)]
mod tests;

use crate::cost::profile::Profile;
use crate::cost::protocols::trio::PROFILE as TRIO;
use crate::cost::protocols::trio::price::price_quad;
use crate::cost::trust::{Adversary, Need, OUTCOME, Trust, TrustModel, Trusted};

/// The profile.
pub(in crate::cost) static PROFILE: Profile = Profile {
    id: "quad",
    family: "quad",
    title: "Quad: four parties, one may be malicious (HPMPC, PIGEON)",
    parties: 4,
    leaves_out: "No compute time: latency is link time; the authors' seconds are of one machine with all parties on it. Up and down are those of the party that all others send to (P2), without messages that only the others exchange. Comparing hashes of what was sent, sharing the input and opening the result are not counted. Rounds are read in the code, not measured, and max-pools are derived: the logged networks have average pools in their place. Truncation is probabilistic. With a window the sign of a value outside it is wrong.",
    price: price_quad,
    trust: &TRUST,
    ..TRIO
};

static TRUST: Trust = Trust {
    model: TrustModel::FourMalicious,
    parties: &[
        "first server",
        "second server",
        "third server, which checks",
        "helper: works before the input is known",
    ],
    adversary: Adversary::Malicious,
    corrupt: 1,
    trusted: &[Trusted {
        who: "any two",
        with: "never working together: two read everything, and could change it",
    }],
    leaks: &["all four learn the architecture: kinds, sizes and order of layers", OUTCOME],
    needs: &[
        "four machines under different hands, and seeds that some of them share",
        "the helper's messages before the input, for each inference",
    ],
    requires: &[Need::Preprocessing],
};
