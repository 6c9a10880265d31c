//! Constants of SEMI2K, with their sources.

use crate::cost::constant::{Constant, e, m, v};
use crate::cost::protocols::sharing::{Linear, Sharing, Step};

const RELU: &str =
    "2k + 16 B, log2(k) + 2 rounds: SPU 0.9.5 SEMI2K, run: bytes and messages counted by the engine";
const RUN: &str = "SPU 0.9.5 SEMI2K, run: bytes and messages counted by the engine";
const SQUARE: &str = "k/2 B: SPU 0.9.5 SEMI2K, run: x^2 less its truncation; the same at each ring width";
const COMPARE: &str = "1.5k + 16 B, log2(k) + 1 rounds: SPU 0.9.5 SEMI2K, run at 32 and 64 bits";
const SELECT: &str = "derived from the runs: ReLU less its comparison";
const CALL: &str = "SPU 0.9.5 SEMI2K, run at 64 bits; no run at other widths";
const GELU: &str = "SPU 0.9.5 SEMI2K, run at 32 and 64 bits; no run at 128";
const DERIVED: &str = "derived from the runs: sigmoid less exp; with it softmax = exp + reciprocal + ReLU + product + truncation, to the byte";
const SOFTMAX: &str = "SPU 0.9.5 SEMI2K, run on rows of 64: 111 rounds = 55 + 7 levels of the maximum x 8";

pub(in crate::cost) static TABLE: Sharing = Sharing {
    relu: Step {
        bytes: Constant::bytes("relu", [m(80), v(144), m(272)], RELU),
        rounds: Constant::rounds("relu_rounds", [m(7), v(8), m(9)], RELU),
    },
    compare: Step {
        bytes: Constant::bytes("compare", [m(64), m(112), e(208)], COMPARE),
        rounds: Constant::rounds("compare_rounds", [m(6), m(7), e(8)], COMPARE),
    },
    select: Step {
        bytes: Constant::bytes("select", [m(16), m(32), e(64)], SELECT),
        rounds: Constant::rounds("select_rounds", [m(1), m(1), e(1)], SELECT),
    },
    product: Step {
        bytes: Constant::bytes("product", [m(16), m(32), m(64)], SQUARE),
        rounds: Constant::rounds("product_rounds", [m(1), m(1), m(1)], SQUARE),
    },
    truncation: Step {
        bytes: Constant::bytes("truncation", [m(8), v(8), m(8)], RUN),
        rounds: Constant::rounds("truncation_rounds", [m(1), v(1), m(1)], RUN),
    },
    gelu: Step {
        bytes: Constant::bytes("gelu", [m(480), m(792), None], GELU),
        rounds: Constant::rounds("gelu_rounds", [m(43), m(45), None], GELU),
    },
    sigmoid: Step {
        bytes: Constant::bytes("sigmoid", [None, m(1210), None], CALL),
        rounds: Constant::rounds("sigmoid_rounds", [None, m(53), None], CALL),
    },
    exp: Step {
        bytes: Constant::bytes("exp", [None, m(200), None], CALL),
        rounds: Constant::rounds("exp_rounds", [None, m(17), None], CALL),
    },
    reciprocal: Step {
        bytes: Constant::bytes("reciprocal", [None, e(1010), None], DERIVED),
        rounds: Constant::rounds("reciprocal_rounds", [None, e(36), None], DERIVED),
    },
    softmax: Step {
        bytes: Constant::bytes("softmax", [None, m(1394), None], CALL),
        rounds: Constant::rounds("softmax_rounds", [None, m(55), None], SOFTMAX),
    },
    linear: Linear::Opened(Constant::bytes(
        "opened",
        [e(8), v(16), e(32)],
        "k/4 B, a ring element from each party: SPU 0.9.5 SEMI2K, run at 64 bits, checked on ResNet-20",
    )),
    pad_call: None,
    softmax_call: None,
};
