//! Cheetah as SPU 0.9.5 runs it: two parties, shares modulo 2^k, homomorphic products, silent OT.
//!
//! Bytes were counted by the engine. Up is party 0, the client; down is party 1, which owns the
//! weights. Rates that are not whole bytes are kept in parts, so that a sum is exact where the runs are: a ReLU at
//! 64 bits is 618 + 170 bits, 98.5 B. What is rounded says so in its source.
//!
//! A product of two secrets has two regimes. A call of 16,384 elements and more multiplies under encryption, 218.2 B each.
//! A smaller one takes triples from a pool, 32 B each, and the pool is filled by batches of 4,096.

mod constants;
mod made;
mod price;

use crate::cost::ask::Knob;
use crate::cost::constant::Status;
use crate::cost::profile::Profile;
use crate::cost::trust::{
    ARCHITECTURE, Adversary, BOTH_FOLLOW, CLIENT_AND_SERVER, Need, OUTCOME, Trust, TrustModel, Trusted,
};
use constants::{ALL, TIMES};
use price::{price_private, price_shared};

const WORK: &[(&str, Status)] = &[
    ("matrix product, convolution", Status::Validated),
    ("grouped or transposed convolution, attention", Status::Estimate),
    ("ReLU, truncation, average pool", Status::Measured),
    ("x^2, product of two secrets", Status::Measured),
    ("max-pool, a tournament of ReLUs", Status::Measured),
    ("GELU (SPU's generic one), sigmoid, tanh, erf, exp, log, roots, 1/x", Status::Measured),
    ("softmax, LayerNorm, RMSNorm, argmax, row maximum, look-up at secret places", Status::Measured),
    ("compositions: division, softplus, Mish, log-softmax, group norms", Status::Estimate),
    ("powers, trigonometry, rounding, boolean logic, top-k", Status::NotSupported),
];

const LEAVES_OUT: &str = "Seconds are those of one thread, measured on one cloud VM, this is not your machine: within a factor of two, as refills of OT make single calls jump. Keys and the first OTs are set-up, apart. Rounds are messages of one party, at least the strict rounds; refills of OT are bytes and no rounds (1,287 messages that wait for no answer). GELU is SPU's generic one: protocols made for transformers (BumbleBee) say 80 to 95 % less. Sharing the input and opening the result are not counted. The pool of triples starts empty.";

/// Weights that one party has. Version 2: seconds; functions by their products, so that small and large calls both meet
/// their runs; refills of OT are no rounds; roots, logarithm, tanh, erf, norms, argmax, look-ups; maxima as deep as SPU's.
pub(in crate::cost) static PRIVATE_WEIGHTS: Profile = Profile {
    id: "cheetah:spu",
    family: "cheetah",
    variant: "spu",
    version: 2,
    title: "Cheetah in SPU, weights private to one party",
    parties: 2,
    leaves_out: LEAVES_OUT,
    has_compute: true,
    has_ring: true,
    has_storage: false,
    has_setup: true,
    work: WORK,
    layer_overhead: None,
    levels: None,
    constants: || {
        let times = TIMES.iter().flat_map(|time| [&time.call, &time.each]);
        ALL.iter().copied().chain(times).collect()
    },
    price: price_private,
    knobs: &[Knob::RingBits, Knob::Ot, Knob::MachineFactor, Knob::Inferences],
    machines: &[],
    parameter: None,
    trust: &TRUST,
    cores: Some(2),
    uncounted: None,
    opened: None,
};

/// Weights that are shared like the input.
pub(in crate::cost) static SHARED_WEIGHTS: Profile = Profile {
    id: "cheetah:spu-shared",
    variant: "spu-shared",
    title: "Cheetah in SPU, weights secret-shared",
    price: price_shared,
    trust: &SHARED,
    ..PRIVATE_WEIGHTS
};

static TRUST: Trust = Trust {
    model: TrustModel::TwoParties,
    parties: CLIENT_AND_SERVER,
    adversary: Adversary::SemiHonest,
    corrupt: 1,
    trusted: &[BOTH_FOLLOW],
    leaks: &[ARCHITECTURE, OUTCOME],
    needs: &["keys of BFV, sent once", "the set-up of silent oblivious transfers, refilled as they are used"],
    requires: &[Need::Keys],
};

static SHARED: Trust = Trust {
    parties: &["first party: shares of the input and the weights", "second party: the other shares"],
    trusted: &[
        BOTH_FOLLOW,
        Trusted {
            who: "either party",
            with: "never giving its shares to the other, where neither owns the input or the weights",
        },
    ],
    leaks: &["both parties learn the architecture: kinds, sizes and order of layers", OUTCOME],
    ..TRUST
};
