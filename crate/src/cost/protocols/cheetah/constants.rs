//! Constants of OpenCheetah, with their sources.

use crate::cost::constant::{Constant, Status, constants, e, m, same, v};

const LINEAR: &str = "OpenCheetah, code and fit; uploads of held-out ResNet-50 convolutions within 0.03 %";
const BITS: &str = "the authors' statistics (AntCPLab/OpenBumbleBee, libspu/mpc/cheetah/nonlinear): a comparison in digits of four bits sends 348.377, 428.377, 690.503 bits of both parties at 32, 40, 64; a line between them, and below 32 in proportion. Split evenly, as the parties swap roles from thread to thread";
const CHOOSE: &str = "fit to OpenCheetah runs, total of both parties: 2 (l + 1) bits";
const TRUNCATE: &str = "the authors' statistics (AntCPLab/OpenBumbleBee, libspu/mpc/cheetah/nonlinear): a truncation with an error of one bit sends 369.503 bits of both parties at 32, 723.754 at 64; a line between them, and below 32 in proportion";
const KNOWN: &str =
    "the same statistics: where the sign is known, 32.252 bits at 32, 36.252 at 40; the same line onwards";
const SPEED: &str = "OpenCheetah issue 26, 4 threads: 46.977 s for ResNet-50's 9,608,704 on a user's machine, 0.049 to 0.207 s for 50,176 to 200,704 on the authors'; the middle is the geometric mean";
const SCALED: &str = "OpenCheetah issue 26, 4 threads: a user's machine at the high end (32.28 s for 11,113,984 truncations, 7.566 s for 1,605,632 comparisons of a max-pool); lower ends in the ratio of its ReLUs";
const WINDOW: &str = "OpenCheetah, run at l = 37: 15.7 B sent by the client for a ReLU and its truncation; the server is taken to send as much";
const POOL: &str = "OpenCheetah, run at l = 37: 30.0 B sent by the client for a comparison of a max-pool; the server is taken to send as much";
const DEPTH: &str = "read in the code: an exchange for the leaves of a comparison, one for each level of its tree, one for the choice; a maximum is taken one comparison after another";

constants! {
    /// An encrypted piece of the input.
    CIPHERTEXT = Constant::bytes("ciphertext", same(v(62_430)), LINEAR);
    /// The common part of an answer.
    ANSWER = Constant::bytes("answer", same(v(30_452)), LINEAR);
    /// What an answer holds for each output: 52 bits.
    OUTPUT = Constant::bytes("answer_output", same(v(52)), LINEAR).per(8);
    LINEAR_ROUNDS = Constant::rounds("linear_rounds", same(m(1)), "OpenCheetah, code: input up, answer down");
    POLY_MULT = Constant::seconds("poly_mult", [0.087e-3, 0.095e-3, 0.103e-3], Status::Measured, "OpenCheetah logs: 4 threads, x86 without AVX512; the middle is the mean of the ends");
    /// A comparison of 32 bits: 348.377 bits.
    COMPARE_32 = Constant::bytes("compare_32", same(m(348_377)), BITS).per(8_000);
    /// Each bit from there to 40.
    COMPARE_TO_40 = Constant::bytes("compare_to_40", same(m(10)), BITS).per(8);
    /// Each bit from there on: 262.126 / 24 bits.
    COMPARE_TO_64 = Constant::bytes("compare_to_64", same(m(262_126)), BITS).per(192_000);
    /// Each bit of a narrower comparison.
    COMPARE_BIT = Constant::bytes("compare_bit", same(e(348_377)), BITS).per(256_000);
    /// One bit of a value that is chosen.
    CHOICE = Constant::bytes("choice", same(m(2)), CHOOSE).per(8);
    /// A truncation of 32 bits: 369.503 bits.
    TRUNCATE_32 = Constant::bytes("truncate_32", same(m(369_503)), TRUNCATE).per(8_000);
    /// Each bit from there on: 354.251 / 32 bits.
    TRUNCATE_TO_64 = Constant::bytes("truncate_to_64", same(m(354_251)), TRUNCATE).per(256_000);
    /// Each bit of a narrower one.
    TRUNCATE_BIT = Constant::bytes("truncate_bit", same(e(369_503)), TRUNCATE).per(256_000);
    /// Behind a ReLU, where the sign is known: 32.252 bits at 32.
    KNOWN_32 = Constant::bytes("truncate_known_32", same(m(32_252)), KNOWN).per(8_000);
    /// Half a bit each from there on.
    KNOWN_TO_64 = Constant::bytes("truncate_known_to_64", same(m(1)), KNOWN).per(16);
    RELU_TIME = Constant::seconds("relu_time", [0.98e-6, 2.2e-6, 4.9e-6], Status::Measured, SPEED);
    TRUNCATION_TIME = Constant::seconds("truncation_time", [0.6e-6, 1.3e-6, 2.9e-6], Status::Estimate, SCALED);
    POOL_TIME = Constant::seconds("pool_time", [0.94e-6, 2.1e-6, 4.71e-6], Status::Estimate, SCALED);
    /// ReLU and truncation on a window of 16 bits, at l = 37.
    WINDOW_UP = Constant::bytes("window_relu_up", same(m(157)), WINDOW).per(10);
    WINDOW_DOWN = Constant::bytes("window_relu_down", same(e(157)), WINDOW).per(10);
    /// A comparison and choice of a max-pool, at l = 37.
    POOL_UP = Constant::bytes("pool_up", same(m(30)), POOL);
    POOL_DOWN = Constant::bytes("pool_down", same(e(30)), POOL);
    LEVEL = Constant::rounds("compare_rounds", same(e(1)), DEPTH);
}

/// Coefficients of a polynomial.
pub(in crate::cost) const SLOTS: u64 = 4_096;
/// Side of a tile of a large map, with its margin.
pub(in crate::cost) const TILE: u64 = 64;
/// Width of shares that was run.
pub(in crate::cost) const RUN_BITS: u32 = 37;
/// Bits of a digit of a comparison.
pub(in crate::cost) const DIGIT_BITS: u32 = 4;
/// Bits that the window compares.
pub(in crate::cost) const WINDOW_BITS: u32 = 16;
