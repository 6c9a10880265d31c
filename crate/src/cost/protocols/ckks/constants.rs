//! Constants of CKKS, with their sources.

use crate::cost::constant::{Constant, Status, e};

/// Of a ring of 2^16.
pub(in crate::cost) const SLOTS: u64 = 32_768;

const MPCNN: &str = "snu-ccl/FHE-MP-CNN log of ResNet-20: SEAL, ring 2^16, 1 thread";
const OPENFHE: &str = "UnaryLab/CryptOracle: OpenFHE, ring 2^16, depth 10, Ryzen 9 7950X, 1 thread";
const SPEEDUP: &str = "UnaryLab/CryptOracle: 1 thread over 8; Amdahl's law between and beyond";
const CHEDDAR: &str = "Cheddar repository, README table";
const MEASURED: Status = Status::Measured;
const ESTIMATE: Status = Status::Estimate;

const fn seconds(name: &'static str, at: [f64; 3], source: &'static str) -> Constant {
    Constant::seconds(name, at, MEASURED, source)
}

pub(in crate::cost) static PRODUCT: Constant = seconds(
    "plain_product",
    [0.134, 0.14, 0.1405],
    "fit to FHE-MP-CNN's log at level 2: 12.3, 14.5, 19.1 s for 88, 104, 136 products; 24 to 28 s for 176 and 208 of stride 2",
);
pub(in crate::cost) static LEVEL: Constant = Constant::seconds(
    "plain_product_level",
    [0.0, 0.021_76, 0.022],
    ESTIMATE,
    "what each level above 2 adds: fit to the first convolution of FHE-MP-CNN's log, 16.6 s for 34 products at level 18",
);
pub(in crate::cost) static NORM: Constant = seconds("norm", [0.48, 0.48, 0.48], MPCNN);
pub(in crate::cost) static COMPOSITE: Constant = seconds("composite_relu", [11.4, 11.4, 11.4], MPCNN);
pub(in crate::cost) static SQUARE: Constant = Constant::seconds(
    "square",
    [0.242, 0.8, 1.63],
    ESTIMATE,
    "no log: between OpenFHE's product on a faster machine and 2 of the 14 levels of the composite ReLU",
);
pub(in crate::cost) static POOL: Constant = seconds("average_pool", [2.4, 2.4, 2.4], MPCNN);
pub(in crate::cost) static BOOT_12: Constant = seconds("bootstrap_12", [78.8, 78.8, 78.8], MPCNN);
pub(in crate::cost) static BOOT_13: Constant = seconds("bootstrap_13", [90.5, 90.5, 90.5], MPCNN);
pub(in crate::cost) static BOOT_14: Constant = seconds("bootstrap_14", [102.3, 102.3, 102.3], MPCNN);
pub(in crate::cost) static BOOT_15: Constant = Constant::seconds(
    "bootstrap_15",
    [102.3, 114.1, 126.0],
    ESTIMATE,
    "the log's 78.8, 90.5, 102.3 s at 2^12 to 2^14 slots, one step further",
);

/// A primitive on one thread, and its time on one thread over that on eight.
pub(in crate::cost) struct Primitive {
    pub one: Constant,
    pub speedup: Constant,
}

const fn primitive(name: &'static str, one: f64, speedup: &'static str, eight: f64) -> Primitive {
    let ratio = one / eight;
    Primitive {
        one: seconds(name, [one, one, one], OPENFHE),
        speedup: Constant::factor(speedup, [ratio, ratio, ratio], MEASURED, SPEEDUP),
    }
}

pub(in crate::cost) static ADD: Primitive = primitive("add", 0.0037, "add_speedup", 0.0047);
pub(in crate::cost) static MULT_PLAIN: Primitive =
    primitive("mult_plain", 0.0108, "mult_plain_speedup", 0.0055);
pub(in crate::cost) static ROTATE: Primitive = primitive("rotate", 0.217, "rotate_speedup", 0.081);
pub(in crate::cost) static FAST_ROTATE: Primitive =
    primitive("fast_rotate", 0.114, "fast_rotate_speedup", 0.060);
pub(in crate::cost) static PRECOMPUTE: Primitive =
    primitive("fast_rotate_precompute", 0.089, "precompute_speedup", 0.019);
pub(in crate::cost) static MULT: Primitive = primitive("mult", 0.242, "mult_speedup", 0.097);
pub(in crate::cost) static BOOTSTRAP: Primitive = primitive("bootstrap", 12.97, "bootstrap_speedup", 4.94);
pub(in crate::cost) static CHEBYSHEV: Primitive = primitive("chebyshev", 6.09, "chebyshev_speedup", 2.11);
pub(in crate::cost) static IN_A_RUN: Constant = Constant::factor(
    "in_a_run",
    [0.75, 0.775, 0.8],
    MEASURED,
    "fit: the sum of ResNet-20's primitives x 0.775 is the measured run at 1 and at 8 threads (CryptOracle)",
);
pub(in crate::cost) static COUNTED: Constant = Constant::factor(
    "chebyshev_counted",
    [12.0 / 19.0, 12.0 / 19.0, 1.0],
    MEASURED,
    "12 Chebyshev evaluations counted (CryptOracle) for the 19 activations of ResNet-20",
);

const fn device(name: &'static str, ms: f64) -> Constant {
    seconds(name, [ms / 1e3, ms / 1e3, ms / 1e3], CHEDDAR)
}
pub(in crate::cost) static A100_40: Constant = device("bootstrap_a100_40", 42.5);
pub(in crate::cost) static A100_80: Constant = device("bootstrap_a100_80", 40.0);
pub(in crate::cost) static H100: Constant = device("bootstrap_h100", 31.2);
pub(in crate::cost) static RTX5090: Constant = device("bootstrap_rtx5090", 22.1);
pub(in crate::cost) static REST: Constant = Constant::factor(
    "gpu_share_of_cpu",
    [0.000_97, 0.001_07, 0.001_17],
    ESTIMATE,
    "fit on the A100-80: what the bootstraps leave of ResNet-20, 18 x 40.0 ms x 0.45 / 0.55, over FHE-MP-CNN's 550.6 s",
);

/// Two polynomials of 65,536 coefficients under one prime. A ciphertext of level L has L + 1 of them.
pub(in crate::cost) static LIMB_64: Constant = Constant::bytes(
    "limb",
    [e(1_048_576), e(1_048_576), e(1_048_576)],
    "derived: 2 x 65,536 words of 64 bits (SEAL, OpenFHE), one prime a level and one more; 19.9 MB at level 18",
);
pub(in crate::cost) static LIMB_32: Constant = Constant::bytes(
    "limb",
    [e(524_288), e(524_288), e(524_288)],
    "derived: 2 x 65,536 words of 32 bits (Cheddar), taken as one a level and one more; eleven are the 5.8 MB of a fresh ciphertext there",
);
pub(in crate::cost) static EXCHANGE: Constant =
    Constant::rounds("exchange", [e(1), e(1), e(1)], "the input goes up, the result comes down");
pub(in crate::cost) static KEYS: Constant = Constant::bytes(
    "keys",
    [e(1_000_000_000), e(1_000_000_000), e(1_000_000_000)],
    "bound: keys for rotations and bootstrapping are gigabytes, and no source says how many",
);
