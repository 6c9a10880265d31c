//! Constants of ABY3, with their sources.

use crate::cost::constant::{Constant, e, m, v};
use crate::cost::protocols::sharing::{Linear, Sharing, Step};

const RUN: &str = "SPU 0.9.5 ABY3, run: bytes and messages counted by the engine";
const RELU: &str = "2.5k + 12 B, log2(k) + 5 messages: SPU 0.9.5 ABY3, run at 32 and 64 bits";
const SELECT: &str = "derived from the runs: ReLU less its comparison";
const CALL: &str = "SPU 0.9.5 ABY3, run at 64 bits; no run at other widths";
const SQUARE: &str = "3k/8 B: SPU 0.9.5 ABY3, run: x^2 less its truncation";
const DERIVED: &str = "derived from the runs: sigmoid less exp; with it softmax = exp + reciprocal + ReLU + product + truncation, to the byte";
const SOFTMAX: &str = "SPU 0.9.5 ABY3, run on rows of 64: 156 messages = 79 + 7 levels of the maximum x 11";
const PAD: &str =
    "SPU 0.9.5 ABY3, run: what is left of a padded convolution's, a max-pool's or a softmax's bytes";

pub(in crate::cost) static TABLE: Sharing = Sharing {
    relu: Step {
        bytes: Constant::bytes("relu", [m(92), v(172), e(332)], RELU),
        rounds: Constant::rounds("relu_rounds", [m(10), v(11), e(12)], RELU),
    },
    compare: Step {
        bytes: Constant::bytes("compare", [None, m(108), None], CALL),
        rounds: Constant::rounds("compare_rounds", [None, m(8), None], CALL),
    },
    select: Step {
        bytes: Constant::bytes("select", [None, m(64), None], SELECT),
        rounds: Constant::rounds("select_rounds", [None, m(3), None], SELECT),
    },
    product: Step {
        bytes: Constant::bytes("product", [m(12), m(24), None], SQUARE),
        rounds: Constant::rounds("product_rounds", [m(1), m(1), None], SQUARE),
    },
    truncation: Step {
        bytes: Constant::bytes("truncation", [m(20), m(28), None], RUN),
        rounds: Constant::rounds("truncation_rounds", [m(2), m(2), None], RUN),
    },
    gelu: Step {
        bytes: Constant::bytes("gelu", [None, m(1108), None], CALL),
        rounds: Constant::rounds("gelu_rounds", [None, m(63), None], CALL),
    },
    sigmoid: Step {
        bytes: Constant::bytes("sigmoid", [None, m(1780), None], CALL),
        rounds: Constant::rounds("sigmoid_rounds", [None, m(77), None], CALL),
    },
    exp: Step {
        bytes: Constant::bytes("exp", [None, m(444), None], CALL),
        rounds: Constant::rounds("exp_rounds", [None, m(23), None], CALL),
    },
    reciprocal: Step {
        bytes: Constant::bytes("reciprocal", [None, e(1336), None], DERIVED),
        rounds: Constant::rounds("reciprocal_rounds", [None, e(54), None], DERIVED),
    },
    softmax: Step {
        bytes: Constant::bytes("softmax", [None, m(2004), None], CALL),
        rounds: Constant::rounds("softmax_rounds", [None, m(79), None], SOFTMAX),
    },
    linear: Linear::PerOutput,
    pad_call: Some(Step {
        bytes: Constant::bytes("pad_call", [e(24), m(24), None], PAD),
        rounds: Constant::rounds("pad_call_rounds", [e(1), m(1), None], PAD),
    }),
    softmax_call: Some(Constant::bytes("softmax_call", [None, m(48), None], PAD)),
};
