//! Constants of OpenCheetah, with their sources.

use crate::cost::constant::{Constant, Status, constants, e, m, same, v};

const LINEAR: &str = "OpenCheetah, code and fit; uploads of held-out ResNet-50 convolutions within 0.03 %";
const FIT: &str = "fit to OpenCheetah runs, total of both parties: 36 q + 36 (q - 1) / 7 + 2 (l + 1) bits, q digits of 4 bits; split evenly, as the parties swap roles from thread to thread";
const TRUNCATE: &str = "Cheetah paper: truncation with an error of one bit, 13 l bits of both parties";
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
    /// One digit of four bits: 16 leaves.
    DIGIT = Constant::bytes("digit", same(m(36)), FIT).per(8);
    /// One gate that joins two digits: 36 / 7 bits.
    JOIN = Constant::bytes("join", same(m(36)), FIT).per(56);
    /// One bit of a value that is chosen.
    CHOICE = Constant::bytes("choice", same(m(2)), FIT).per(8);
    /// One bit of a value that is truncated.
    TRUNCATION = Constant::bytes("truncation", same(e(13)), TRUNCATE).per(8);
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
