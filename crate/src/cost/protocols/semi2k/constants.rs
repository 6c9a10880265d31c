//! Constants of SEMI2K, with their sources.

use crate::cost::constant::{Constant, e, m, v};
use crate::cost::protocols::sharing::{Linear, LinearTime, Sharing, Step};
use crate::cost::protocols::spu::time::{seconds, time};

const RELU: &str =
    "2k + 16 B, log2(k) + 2 rounds: SPU 0.9.5 SEMI2K, run: bytes and messages counted by the engine";
const TIME: &str = "fit to SPU 0.9.5 SEMI2K, run: CPU seconds of the busiest party, one thread, 64 bits, measured on one cloud VM, this is not your machine";
const RUN: &str = "SPU 0.9.5 SEMI2K, run: bytes and messages counted by the engine";
const SQUARE: &str = "k/2 B: SPU 0.9.5 SEMI2K, run: x^2 less its truncation; the same at each ring width";
const COMPARE: &str = "1.5k + 16 B, log2(k) + 1 rounds: SPU 0.9.5 SEMI2K, run at 32 and 64 bits";
const SELECT: &str = "derived from the runs: ReLU less its comparison";
const CALL: &str = "SPU 0.9.5 SEMI2K, run at 64 bits; no run at other widths";
const GELU: &str = "SPU 0.9.5 SEMI2K, run at 32 and 64 bits; no run at 128";
const EQUAL: &str = "SPU 0.9.5 SEMI2K, run: a look-up of 16 places in tables of 1,000 and 4,000 rows, less its matrix product";
const ARGMAX: &str = "SPU 0.9.5 SEMI2K, run: argmax of one row of 10 and of 64 rows of 128, the same per comparison; rounds per level";

pub(in crate::cost) static TABLE: Sharing = Sharing {
    relu: Step {
        bytes: Constant::bytes("relu", [m(80), v(144), m(272)], RELU),
        rounds: Constant::rounds("relu_rounds", [m(7), v(8), m(9)], RELU),
        time: Some(time!("relu", 7.1e-3, 2.97e-6, TIME)),
    },
    compare: Step {
        bytes: Constant::bytes("compare", [m(64), m(112), e(208)], COMPARE),
        rounds: Constant::rounds("compare_rounds", [m(6), m(7), e(8)], COMPARE),
        time: Some(time!("compare", 1.9e-2, 1.88e-6, TIME)),
    },
    select: Step {
        bytes: Constant::bytes("select", [m(16), m(32), e(64)], SELECT),
        rounds: Constant::rounds("select_rounds", [m(1), m(1), e(1)], SELECT),
        time: None,
    },
    product: Step {
        bytes: Constant::bytes("product", [m(16), m(32), m(64)], SQUARE),
        rounds: Constant::rounds("product_rounds", [m(1), m(1), m(1)], SQUARE),
        time: Some(time!("product", 1e-4, 3.56e-7, TIME)),
    },
    truncation: Step {
        bytes: Constant::bytes("truncation", [m(8), v(8), m(8)], RUN),
        rounds: Constant::rounds("truncation_rounds", [m(1), v(1), m(1)], RUN),
        time: Some(time!("truncation", 1.5e-3, 8e-8, TIME)),
    },
    gelu: Step {
        bytes: Constant::bytes("gelu", [m(480), m(792), None], GELU),
        rounds: Constant::rounds("gelu_rounds", [m(43), m(45), None], GELU),
        time: Some(time!("gelu", 4.02e-2, 1.25e-5, TIME)),
    },
    sigmoid: Step {
        bytes: Constant::bytes("sigmoid", [None, m(1210), None], CALL),
        rounds: Constant::rounds("sigmoid_rounds", [None, m(53), None], CALL),
        time: Some(time!("sigmoid", 3.71e-2, 1.563e-5, TIME)),
    },
    exp: Step {
        bytes: Constant::bytes("exp", [None, m(200), None], CALL),
        rounds: Constant::rounds("exp_rounds", [None, m(17), None], CALL),
        time: Some(time!("exp", 1.11e-2, 3.03e-6, TIME)),
    },
    reciprocal: Step {
        bytes: Constant::bytes("reciprocal", [None, m(1010), None], CALL),
        rounds: Constant::rounds("reciprocal_rounds", [None, m(36), None], CALL),
        time: Some(time!("reciprocal", 2.6e-2, 1.26e-5, TIME)),
    },
    reciprocal_root: Step {
        bytes: Constant::bytes("rsqrt", [None, m(858), None], CALL),
        rounds: Constant::rounds("rsqrt_rounds", [None, m(26), None], CALL),
        time: Some(time!("rsqrt", 2.4e-2, 9.61e-6, TIME)),
    },
    root: Step {
        bytes: Constant::bytes("sqrt", [None, m(1026), None], CALL),
        rounds: Constant::rounds("sqrt_rounds", [None, m(35), None], CALL),
        time: Some(time!("sqrt", 2.23e-2, 1.38e-5, TIME)),
    },
    log: Step {
        bytes: Constant::bytes("log", [None, m(1020), None], CALL),
        rounds: Constant::rounds("log_rounds", [None, m(26), None], CALL),
        time: Some(time!("log", 2.7e-2, 1.6e-5, TIME)),
    },
    tanh: Step {
        bytes: Constant::bytes("tanh", [None, m(648), None], CALL),
        rounds: Constant::rounds("tanh_rounds", [None, m(36), None], CALL),
        time: Some(time!("tanh", 2.64e-2, 1.03e-5, TIME)),
    },
    erf: Step {
        bytes: Constant::bytes("erf", [None, m(1442), None], CALL),
        rounds: Constant::rounds("erf_rounds", [None, m(60), None], CALL),
        time: Some(time!("erf", 4.06e-2, 2.01e-5, TIME)),
    },
    equal: Step {
        bytes: Constant::bytes("equal", [None, m(224), None], EQUAL),
        rounds: Constant::rounds("equal_rounds", [None, m(8), None], EQUAL),
        time: Some(time!("equal", 1.02e-2, 2.3e-5, TIME)),
    },
    winner: Step {
        bytes: Constant::bytes("argmax", [None, m(748), None], ARGMAX),
        rounds: Constant::rounds("argmax_rounds", [None, m(35), None], ARGMAX),
        time: Some(time!("argmax", 2.32e-2, 1.71e-5, TIME)),
    },
    linear: Linear::Opened(Constant::bytes(
        "opened",
        [e(8), v(16), e(32)],
        "k/4 B, a ring element from each party: SPU 0.9.5 SEMI2K, run at 64 bits, checked on ResNet-20",
    )),
    linear_time: LinearTime {
        call: seconds("linear_call_seconds", 2.57e-3, TIME),
        weights: seconds("weights_seconds", 7.6e-8, TIME),
        outputs: seconds("outputs_seconds", 1.65e-6, TIME),
        positions: seconds("positions_seconds", 4.4e-5, TIME),
        unrolled_only: true,
        columns: seconds("columns_seconds", 1e-5, TIME),
        window: seconds("window_seconds", 5.45e-6, TIME),
        start: seconds("start_seconds", 5e-3, TIME),
    },
    calls: None,
};
