//! Constants of ABY3, with their sources.

use crate::cost::constant::{Constant, e, m, v};
use crate::cost::protocols::sharing::{Calls, Linear, LinearTime, Sharing, Step};
use crate::cost::protocols::spu::time::{seconds, time};

const TIME: &str = "fit to SPU 0.9.5 ABY3, run: CPU seconds of the busiest party, one thread, 64 bits, measured on one cloud VM, this is not your machine";
const RUN: &str = "SPU 0.9.5 ABY3, run: bytes and messages counted by the engine";
const RELU: &str = "2.5k + 12 B, log2(k) + 5 messages: SPU 0.9.5 ABY3, run at 32 and 64 bits";
const SELECT: &str = "derived from the runs: ReLU less its comparison";
const CALL: &str = "SPU 0.9.5 ABY3, run at 64 bits; no run at other widths";
const SQUARE: &str = "3k/8 B: SPU 0.9.5 ABY3, run: x^2 less its truncation";
const RECIPROCAL: &str =
    "SPU 0.9.5 ABY3, run: 51 and 52 messages, and 54 as a part of sigmoid, 53 of softmax";
const EQUAL: &str =
    "SPU 0.9.5 ABY3, run: a look-up of 16 places in tables of 1,000 and 4,000 rows, less its matrix product";
const ARGMAX: &str = "SPU 0.9.5 ABY3, run: argmax of one row of 10 and of 64 rows of 128: the whole numbers that give both; rounds per level";
const PAD: &str = "SPU 0.9.5 ABY3, run: what is left of a padded convolution's, a pool's, a maximum's, a norm's or a softmax's bytes; of padding once a program, as whole networks show";

pub(in crate::cost) static TABLE: Sharing = Sharing {
    relu: Step {
        bytes: Constant::bytes("relu", [m(92), v(172), e(332)], RELU),
        rounds: Constant::rounds("relu_rounds", [m(10), v(11), e(12)], RELU),
        time: Some(time!("relu", 8.46e-3, 2.35e-6, TIME)),
    },
    compare: Step {
        bytes: Constant::bytes("compare", [None, m(108), None], CALL),
        rounds: Constant::rounds("compare_rounds", [None, m(8), None], CALL),
        time: Some(time!("compare", 1.03e-2, 2e-6, TIME)),
    },
    select: Step {
        bytes: Constant::bytes("select", [None, m(64), None], SELECT),
        rounds: Constant::rounds("select_rounds", [None, m(3), None], SELECT),
        time: None,
    },
    product: Step {
        bytes: Constant::bytes("product", [m(12), m(24), None], SQUARE),
        rounds: Constant::rounds("product_rounds", [m(1), m(1), None], SQUARE),
        time: Some(time!("product", 1e-4, 9.4e-8, TIME)),
    },
    truncation: Step {
        bytes: Constant::bytes("truncation", [m(20), m(28), None], RUN),
        rounds: Constant::rounds("truncation_rounds", [m(2), m(2), None], RUN),
        time: Some(time!("truncation", 2.5e-3, 9.2e-8, TIME)),
    },
    gelu: Step {
        bytes: Constant::bytes("gelu", [None, m(1108), None], CALL),
        rounds: Constant::rounds("gelu_rounds", [None, m(63), None], CALL),
        time: Some(time!("gelu", 5.02e-2, 8.14e-6, TIME)),
    },
    sigmoid: Step {
        bytes: Constant::bytes("sigmoid", [None, m(1780), None], CALL),
        rounds: Constant::rounds("sigmoid_rounds", [None, m(77), None], CALL),
        time: Some(time!("sigmoid", 4.54e-2, 1.046e-5, TIME)),
    },
    exp: Step {
        bytes: Constant::bytes("exp", [None, m(444), None], CALL),
        rounds: Constant::rounds("exp_rounds", [None, m(23), None], CALL),
        time: Some(time!("exp", 1.24e-2, 1.59e-6, TIME)),
    },
    reciprocal: Step {
        bytes: Constant::bytes("reciprocal", [None, m(1336), None], CALL),
        rounds: Constant::rounds("reciprocal_rounds", [None, m(53), None], RECIPROCAL),
        time: Some(time!("reciprocal", 3.3e-2, 8.87e-6, TIME)),
    },
    reciprocal_root: Step {
        bytes: Constant::bytes("rsqrt", [None, m(1548), None], CALL),
        rounds: Constant::rounds("rsqrt_rounds", [None, m(48), None], CALL),
        time: Some(time!("rsqrt", 2.69e-2, 9.94e-6, TIME)),
    },
    root: Step {
        bytes: Constant::bytes("sqrt", [None, m(1784), None], CALL),
        rounds: Constant::rounds("sqrt_rounds", [None, m(60), None], CALL),
        time: Some(time!("sqrt", 4.16e-2, 1.12e-5, TIME)),
    },
    log: Step {
        bytes: Constant::bytes("log", [None, m(2524), None], CALL),
        rounds: Constant::rounds("log_rounds", [None, m(41), None], CALL),
        time: Some(time!("log", 3.2e-2, 1.61e-5, TIME)),
    },
    tanh: Step {
        bytes: Constant::bytes("tanh", [None, m(868), None], CALL),
        rounds: Constant::rounds("tanh_rounds", [None, m(50), None], CALL),
        time: Some(time!("tanh", 3.55e-2, 8.33e-6, TIME)),
    },
    erf: Step {
        bytes: Constant::bytes("erf", [None, m(1944), None], CALL),
        rounds: Constant::rounds("erf_rounds", [None, m(84), None], CALL),
        time: Some(time!("erf", 5.31e-2, 1.34e-5, TIME)),
    },
    equal: Step {
        bytes: Constant::bytes("equal", [None, m(262), None], EQUAL),
        rounds: Constant::rounds("equal_rounds", [None, m(9), None], EQUAL),
        time: Some(time!("equal", 8.2e-3, 1.12e-5, TIME)),
    },
    winner: Step {
        bytes: Constant::bytes("argmax", [None, m(821), None], ARGMAX),
        rounds: Constant::rounds("argmax_rounds", [None, m(39), None], ARGMAX),
        time: Some(time!("argmax", 2.45e-2, 1.05e-5, TIME)),
    },
    linear: Linear::PerOutput,
    linear_time: LinearTime {
        call: seconds("linear_call_seconds", 4.1e-3, TIME),
        weights: seconds("weights_seconds", 5.2e-9, TIME),
        outputs: seconds("outputs_seconds", 1.9e-7, TIME),
        positions: seconds("positions_seconds", 4.9e-5, TIME),
        unrolled_only: false,
        columns: seconds("columns_seconds", 6.2e-6, TIME),
        window: seconds("window_seconds", 5.41e-6, TIME),
        start: seconds("start_seconds", 5e-3, TIME),
    },
    calls: Some(Calls {
        pad: Step {
            bytes: Constant::bytes("pad_call", [e(24), m(24), None], PAD),
            rounds: Constant::rounds("pad_call_rounds", [e(1), m(1), None], PAD),
            time: None,
        },
        softmax: Constant::bytes("softmax_call", [None, m(48), None], PAD),
        norm: Constant::bytes("norm_call", [None, m(24), None], PAD),
        winner: Step {
            bytes: Constant::bytes("argmax_call", [None, m(48), None], ARGMAX),
            rounds: Constant::rounds("argmax_call_rounds", [None, m(1), None], ARGMAX),
            time: None,
        },
        winner_row: Constant::bytes("argmax_row", [None, m(24), None], ARGMAX),
    }),
};
