//! CKKS: one server computes on ciphertexts, nobody answers in between.
//!
//! Three machines. `ckks:cpu` is the log of FHE-MP-CNN (SEAL, ring 2^16, 32,768 slots, one thread) on ResNet-20:
//! its convolutions follow one rule, 0.14 s a plaintext product at level 2, within 4 % of the five shapes
//! in the log and, with what a level adds, the first convolution at level 18. `ckks:openfhe` is primitives of
//! OpenFHE (ring 2^16, depth 10) and the operations of LowMemoryFHEResNet20. `ckks:gpu` is Cheddar: bootstraps as
//! measured, all else the CPU's seconds scaled so that 18 bootstraps are 55 % of ResNet-20 on an A100-80.

mod constants;
mod levels;
mod matrix;
mod price;
#[cfg(test)]
mod tests;

use crate::cost::ask::{Knob, Machine};
use crate::cost::constant::Constant;
use crate::cost::constant::Status;
use crate::cost::formulas::packing::{diagonal, multiplexed};
use crate::cost::levels::Levels;
use crate::cost::profile::Profile;
use crate::cost::trust::{Adversary, CLIENT_AND_SERVER, Need, OUTCOME, Trust, TrustModel, Trusted};
use constants::*;
use levels::{
    above_cpu, above_gpu, needs_multiplexed, needs_openfhe, refresh_cpu, refresh_gpu, refresh_openfhe,
};
use price::{price_cpu, price_gpu, price_openfhe};

static MULTIPLEXED: Levels = Levels {
    fresh: 18,
    fresh_low: 12,
    refreshed: 16,
    needs: needs_multiplexed,
    above: above_cpu,
    refresh: refresh_cpu,
    packing: multiplexed,
    slots: SLOTS,
};
/// The same operations, and what a graphics processor makes of their seconds.
static ON_GPU: Levels = Levels { above: above_gpu, refresh: refresh_gpu, ..MULTIPLEXED };
static CHEBYSHEV_119: Levels = Levels {
    fresh: 9,
    fresh_low: 8,
    refreshed: 8,
    needs: needs_openfhe,
    // The log has one time for each primitive, whatever its level.
    above: |_| 0.0,
    refresh: refresh_openfhe,
    packing: diagonal,
    slots: SLOTS,
};

const TRAFFIC: [&Constant; 2] = [&EXCHANGE, &KEYS];
const CPU_SECONDS: [&Constant; 6] = [&PRODUCT, &LEVEL, &NORM, &COMPOSITE, &SQUARE, &POOL];

const WORK: &[(&str, Status)] = &[
    ("ResNet-20's 3x3 convolutions, activations, bootstraps, pool and last layer", Status::Measured),
    ("convolutions of other sizes, matrix products, average pools", Status::Estimate),
    ("degree-2 activations, ReLU6, leaky and clipped ReLU", Status::Estimate),
    (
        "max-pool, GELU, softmax, norms, grouped and transposed convolutions, products of two secrets",
        Status::NotSupported,
    ),
];

/// FHE-MP-CNN on one thread.
pub(in crate::cost) static CPU: Profile = Profile {
    id: "ckks:cpu",
    family: "ckks",
    variant: "cpu",
    version: 2,
    title: "CKKS on one processor thread (FHE-MP-CNN)",
    parties: 2,
    leaves_out: "Encryption and decryption, and additions of ciphertexts. Keys are gigabytes: set-up shows a lower bound. One thread whatever the setting; memory (384 GB for one image in the log). Activations stay as accurate as the composite polynomial on [-1, 1] is.",
    has_compute: true,
    has_ring: false,
    has_storage: false,
    has_setup: true,
    work: WORK,
    knobs: &[Knob::Inferences],
    machines: &[],
    parameter: None,
    trust: &TRUST,
    cores: Some(1),
    uncounted: None,
    opened: None,
    layer_overhead: None,
    levels: Some(&MULTIPLEXED),
    constants: || [&CPU_SECONDS[..], &[&BOOT_12, &BOOT_13, &BOOT_14, &BOOT_15, &LIMB_64], &TRAFFIC].concat(),
    price: price_cpu,
};

/// OpenFHE's primitives on one thread or several.
pub(in crate::cost) static OPENFHE_RUN: Profile = Profile {
    id: "ckks:openfhe",
    family: "ckks",
    variant: "openfhe",
    version: 2,
    title: "CKKS on OpenFHE, one thread or several",
    parties: 2,
    leaves_out: "Encryption and decryption. Keys are gigabytes: set-up shows a lower bound. Times were measured on 1 and 8 threads. One factor, fitted to ResNet-20, stands for what primitives save in a run.",
    has_compute: true,
    has_ring: false,
    has_storage: false,
    has_setup: true,
    work: WORK,
    knobs: &[Knob::HeThreads, Knob::Inferences],
    machines: &[],
    parameter: None,
    trust: &TRUST,
    cores: Some(1),
    uncounted: None,
    opened: None,
    layer_overhead: None,
    levels: Some(&CHEBYSHEV_119),
    constants: || {
        let all = [&ADD, &MULT_PLAIN, &ROTATE, &FAST_ROTATE, &PRECOMPUTE, &MULT, &BOOTSTRAP, &CHEBYSHEV];
        let both = all.into_iter().flat_map(|primitive| [&primitive.one, &primitive.speedup]);
        both.chain([&IN_A_RUN, &COUNTED, &LIMB_64]).chain(TRAFFIC).collect()
    },
    price: price_openfhe,
};

/// Cheddar on a graphics processor.
pub(in crate::cost) static GPU: Profile = Profile {
    id: "ckks:gpu",
    family: "ckks",
    variant: "gpu",
    version: 2,
    title: "CKKS on a graphics processor (Cheddar)",
    parties: 2,
    leaves_out: "Encryption and decryption. Keys are gigabytes: set-up shows a lower bound. Only bootstraps were timed apart: the seconds of all else are a CPU's, scaled to ResNet-20 on an A100-80. Other libraries on the same processors were 4 to 6 times slower.",
    has_compute: true,
    has_ring: false,
    has_storage: false,
    has_setup: true,
    work: &[
        ("bootstraps", Status::Measured),
        ("all else", Status::Estimate),
        (
            "max-pool, GELU, softmax, norms, grouped and transposed convolutions, products of two secrets",
            Status::NotSupported,
        ),
    ],
    knobs: &[Knob::Inferences],
    machines: &[Machine::A100x80, Machine::A100x40, Machine::H100, Machine::Rtx5090],
    parameter: None,
    trust: &ON_A_GPU,
    cores: None,
    uncounted: None,
    opened: None,
    layer_overhead: None,
    levels: Some(&ON_GPU),
    constants: || {
        [&[&A100_40, &A100_80, &H100, &RTX5090, &REST, &LIMB_32], &CPU_SECONDS[..], &TRAFFIC].concat()
    },
    price: price_gpu,
};

static TRUST: Trust = Trust {
    model: TrustModel::KeyHolder,
    parties: CLIENT_AND_SERVER,
    adversary: Adversary::SemiHonest,
    corrupt: 1,
    trusted: &[
        Trusted { who: "the server", with: "computing what was asked: nothing checks it" },
        Trusted {
            who: "the client",
            with: "showing its decryptions to nobody: their errors tell about its key",
        },
    ],
    leaks: &["the client learns the errors of the result, which tell something of the circuit", OUTCOME],
    needs: &[
        "the client's keys for rotations and bootstraps, gigabytes, sent once",
        "memory at the server: 384 GB for one image where ckks:cpu was logged",
    ],
    requires: &[Need::Keys],
};

static ON_A_GPU: Trust = Trust {
    needs: &[
        "the client's keys for rotations and bootstraps, gigabytes, sent once",
        "a graphics processor at the server, with room for keys and encoded weights",
    ],
    requires: &[Need::Keys, Need::Gpu],
    ..TRUST
};
