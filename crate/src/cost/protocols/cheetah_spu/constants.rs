//! Constants of Cheetah in SPU, with their sources.

use crate::cost::constant::{Constant, constants, e, m, v};
use crate::cost::protocols::spu::time::{Time, seconds, time};

const RUN: &str = "SPU 0.9.5 CHEETAH (Ferret), run at 32 and 64 bits: bytes counted by the engine, exact";
const ROUNDS: &str = "messages of one party in calls of up to 16,384 elements; larger calls send more pieces, strict rounds may be fewer";
const SOFT: &str = "SPU 0.9.5 CHEETAH (Softspoken), run at 64 bits, four sizes, exact; no run at 32";
const DERIVED: &str = "derived from the runs: ReLU less its comparison";
const DIRECT: &str = "SPU 0.9.5 CHEETAH, run: x^2 less its truncation at 16,384 to 262,144 elements, mean rounded to 0.01 B; runs differ by 0.01 %";
const POOL: &str =
    "SPU 0.9.5 CHEETAH, run: x^2 at 4,096 elements less opening and truncation; runs differ by 0.02 %";
const LINEAR: &str = "fit to four runs with weights private to one party (conv 3x3, conv 1x1, fully connected; 64 bits): reproduces them to 1e-4, and those with shared weights, which it was not fitted to";
const PRIVATE: &str = "SPU 0.9.5 CHEETAH, run: product with a private value, 16,384 elements, less its truncation: two batches of 8,192";
const EXCHANGE: &str =
    "ciphertexts go and answers come: one exchange; the engine sends them in several pieces";

constants! {
    RELU_UP = Constant::bytes("relu_up", [m(307), m(618), None], RUN).per(8);
    RELU_DOWN = Constant::bytes("relu_down", [m(83), m(170), None], RUN).per(8);
    RELU_ROUNDS = Constant::rounds("relu_rounds", [m(15), m(20), None], ROUNDS);
    /// Ferret's own traffic, which comes in pieces of half a megabyte: a mean.
    REFILL = Constant::bytes("ot_refill", [e(1), e(1), None], "SPU 0.9.5 CHEETAH, run: 0 B a ReLU up to 65,536 elements, 2.03 at 262,144; 1 is typical, rounded");
    SELECT_UP = Constant::bytes("select_up", [None, m(65), None], DERIVED).per(8);
    SELECT_DOWN = Constant::bytes("select_down", [None, m(65), None], DERIVED).per(8);
    SELECT_ROUNDS = Constant::rounds("select_rounds", [None, m(2), None], DERIVED);
    TRUNCATION_UP = Constant::bytes("truncation_up", [m(8), m(24), None], RUN).per(8);
    TRUNCATION_DOWN = Constant::bytes("truncation_down", [m(1), m(1), None], RUN).per(8);
    TRUNCATION_ROUNDS = Constant::rounds("truncation_rounds", [m(1), m(1), None], RUN);

    SOFT_RELU_UP = Constant::bytes("soft_relu_up", [None, m(1_641), None], SOFT).per(8);
    SOFT_RELU_DOWN = Constant::bytes("soft_relu_down", [None, m(5_225), None], SOFT).per(8);
    SOFT_RELU_CALL_UP = Constant::bytes("soft_relu_call_up", [None, m(8_192), None], SOFT);
    SOFT_RELU_CALL_DOWN = Constant::bytes("soft_relu_call_down", [None, m(9_216), None], SOFT);
    SOFT_TRUNCATION_DOWN = Constant::bytes("soft_truncation_down", [None, m(8), None], SOFT);
    SOFT_TRUNCATION_CALL_DOWN = Constant::bytes("soft_truncation_call_down", [None, m(1_024), None], SOFT);

    /// A product of two secrets in a large call, each way.
    PRODUCT = Constant::bytes("product", [m(8_183), m(10_910), None], DIRECT).per(100);
    /// The same from a ready triple: each party opens two shares.
    OPENING = Constant::bytes("opening", [m(8), m(16), None], RUN);
    /// 4,096 triples.
    TRIPLES_UP = Constant::bytes("triples_up", [None, m(499_758), None], POOL);
    TRIPLES_DOWN = Constant::bytes("triples_down", [None, m(643_921), None], POOL);
    PRODUCT_ROUNDS = Constant::rounds("product_rounds", [m(1), m(1), None], EXCHANGE);
    /// Up to 8,192 products of a secret and a value that one party has.
    PRIVATE_UP = Constant::bytes("private_up", [None, m(499_870), None], PRIVATE);
    PRIVATE_DOWN = Constant::bytes("private_down", [None, m(643_569), None], PRIVATE);

    /// An encrypted operand.
    CIPHERTEXT = Constant::bytes("ciphertext", [None, v(184_960), None], LINEAR);
    /// An encrypted result.
    RESPONSE = Constant::bytes("response", [None, v(254_355), None], LINEAR);
    /// An encrypted result of a product that fits one ciphertext, and 16 B for each of its entries.
    SMALL_RESPONSE = Constant::bytes("small_response", [None, m(127_178), None], LINEAR);
    SMALL_ENTRY = Constant::bytes("small_entry", [None, m(16), None], LINEAR);
    LINEAR_ROUNDS = Constant::rounds("linear_rounds", [None, e(1), None], EXCHANGE);
    GALOIS_KEYS = Constant::bytes("galois_keys", [None, m(19_400_000), None], "SPU 0.9.5 CHEETAH, run: once, with the first matrix product; rounded to 0.1 MB");
    OT_SETUP = Constant::bytes("ot_setup", [m(1_470_000), m(1_470_000), None], "SPU 0.9.5 CHEETAH, run: once, with the first OT; rounded to 10 kB");

    /// What a GELU sends beside its 12 products of two secrets.
    GELU_UP = Constant::bytes("gelu_up", [None, m(2_724_332), None], GELU).per(16_384);
    GELU_DOWN = Constant::bytes("gelu_down", [None, m(93_813), None], GELU).per(16_384);
    GELU_ROUNDS = Constant::rounds("gelu_rounds", [None, e(116), None], ROUNDS);
    /// The start of a program.
    START_S = seconds("start_seconds", 5e-3, TIME);
    /// A product of two secrets in a large call.
    PRODUCT_S = seconds("product_seconds", 7.2e-6, TIME);
    /// 4,096 triples.
    TRIPLES_S = seconds("triples_seconds", 3e-2, TIME);
    OPENING_S = seconds("opening_seconds", 2e-7, TIME);
    /// Up to 8,192 products with a private value.
    PRIVATE_S = seconds("private_seconds", 4.5e-2, TIME);
    /// Of matrix products: a product of two polynomials, a block of outputs, a place it is folded into, a column of the inner side.
    POLYNOMIALS_S = seconds("polynomials_seconds", 8.94e-4, TIME);
    BLOCKS_S = seconds("blocks_seconds", 6.02e-3, TIME);
    FOLDS_S = seconds("folds_seconds", 3.61e-4, TIME);
    COLUMNS_S = seconds("columns_seconds", 3.12e-4, TIME);
    /// An element in a window of a pool.
    WINDOW_S = seconds("window_seconds", 6.4e-6, TIME);
    /// What functions send beside their products.
    EXP_UP = Constant::bytes("exp_up", [None, m(104_070), None], FUNCTION).per(4_096);
    EXP_DOWN = Constant::bytes("exp_down", [None, m(6_165), None], FUNCTION).per(4_096);
    EXP_ROUNDS = Constant::rounds("exp_rounds", [None, m(41), None], ROUNDS);
    RECIPROCAL_UP = Constant::bytes("reciprocal_up", [None, m(2_421_975), None], RECIPROCAL).per(4_096);
    RECIPROCAL_DOWN = Constant::bytes("reciprocal_down", [None, m(1_191_284), None], RECIPROCAL).per(4_096);
    RECIPROCAL_ROUNDS = Constant::rounds("reciprocal_rounds", [None, m(85), None], RECIPROCAL);
    RSQRT = Constant::bytes("rsqrt", [None, m(9_987), None], FUNCTION).per(10);
    RSQRT_ROUNDS = Constant::rounds("rsqrt_rounds", [None, m(43), None], ROUNDS);
    SQRT = Constant::bytes("sqrt", [None, m(10_145), None], FUNCTION).per(10);
    SQRT_ROUNDS = Constant::rounds("sqrt_rounds", [None, m(56), None], ROUNDS);
    LOG = Constant::bytes("log", [None, m(11_819), None], FUNCTION).per(10);
    LOG_ROUNDS = Constant::rounds("log_rounds", [None, m(47), None], ROUNDS);
    TANH = Constant::bytes("tanh", [None, m(2_315), None], FUNCTION).per(10);
    TANH_ROUNDS = Constant::rounds("tanh_rounds", [None, m(71), None], ROUNDS);
    ERF = Constant::bytes("erf", [None, m(10_842), None], FUNCTION).per(10);
    ERF_ROUNDS = Constant::rounds("erf_rounds", [None, m(125), None], ROUNDS);
    /// A comparison without a choice.
    LESS_UP = Constant::bytes("less_up", [None, m(553), None], RUN).per(8);
    LESS_DOWN = Constant::bytes("less_down", [None, m(105), None], RUN).per(8);
    LESS_ROUNDS = Constant::rounds("less_rounds", [None, m(18), None], RUN);
    EQUAL = Constant::bytes("equal", [None, m(445), None], LOOK_UP).per(8);
    EQUAL_ROUNDS = Constant::rounds("equal_rounds", [None, m(12), None], LOOK_UP);
    /// The greater of two values and its index: by the pair, and by the level.
    ARGMAX = Constant::bytes("argmax", [None, m(29_273), None], WINNER).per(100);
    ARGMAX_LEVEL = Constant::bytes("argmax_level", [None, m(901), None], WINNER);
    ARGMAX_ROUNDS = Constant::rounds("argmax_rounds", [None, m(64), None], WINNER);
    /// Ferret's own traffic for functions of many comparisons.
    FUNCTION_REFILL = Constant::bytes("function_refill", [None, e(266_259), None], "SPU 0.9.5 CHEETAH, run: no refill of 266,259 B in calls of 1,024, one in a sigmoid of 4,096, two of 16,384").per(8_192);
}

const GELU: &str = "SPU's generic GELU (BumbleBee says 80 to 95 % less): fit to SPU 0.9.5 CHEETAH, run at 16,384 elements, as 12 products and this; a run at 4,096, from the pool, is 1.2 % above";
const TIME: &str = "fit to SPU 0.9.5 CHEETAH, run: CPU seconds of the busiest party, one thread, 64 bits, measured on one cloud VM, this is not your machine";
const FUNCTION: &str = "SPU 0.9.5 CHEETAH, run at 1,024 and 16,384 elements (exp and sigmoid also at 4,096): what its products and refills do not explain, with the number of products that meets both sizes best";
const RECIPROCAL: &str =
    "SPU 0.9.5 CHEETAH, run: sigmoid less exp at 4,096 elements, less its products and a refill";
const LOOK_UP: &str = "SPU 0.9.5 CHEETAH, run: a look-up of 16 places in tables of 1,000 and 4,000 rows, less its matrix product";
const WINNER: &str = "SPU 0.9.5 CHEETAH, run: argmax of one row of 10 and of 64 rows of 128";

/// Products in a call from which they are made under encryption.
pub(in crate::cost) const DIRECT_FROM: u128 = 16_384;
/// Triples of one filling of the pool.
pub(in crate::cost) const TRIPLES: u128 = 4_096;
/// Products with a private value in one batch.
pub(in crate::cost) const PRIVATE_BATCH: u128 = 8_192;
/// Products in a GELU.
pub(in crate::cost) const GELU_PRODUCTS: u64 = 12;
/// Products in a reciprocal.
pub(in crate::cost) const RECIPROCAL_PRODUCTS: u64 = 8;
/// Products with a value of one party in an exponential.
pub(in crate::cost) const EXP_PRIVATE: u64 = 8;

pub(in crate::cost) static RELU_TIME: Time = time!("relu", 6.8e-3, 3.1e-5, TIME);
pub(in crate::cost) static TRUNCATION_TIME: Time = time!("truncation", 1e-3, 7.9e-7, TIME);
pub(in crate::cost) static GELU_TIME: Time = time!("gelu", 5e-2, 1.05e-4, TIME);
pub(in crate::cost) static EXP_TIME: Time = time!("exp", 1e-3, 2e-6, TIME);
pub(in crate::cost) static RECIPROCAL_TIME: Time = time!("reciprocal", 1e-3, 4.2e-4, TIME);
pub(in crate::cost) static RSQRT_TIME: Time = time!("rsqrt", 4e-2, 2.7e-4, TIME);
pub(in crate::cost) static SQRT_TIME: Time = time!("sqrt", 1e-3, 3.3e-4, TIME);
pub(in crate::cost) static LOG_TIME: Time = time!("log", 1e-3, 3.8e-4, TIME);
pub(in crate::cost) static TANH_TIME: Time = time!("tanh", 8e-2, 5.1e-5, TIME);
pub(in crate::cost) static ERF_TIME: Time = time!("erf", 1e-3, 4.5e-4, TIME);
pub(in crate::cost) static EQUAL_TIME: Time = time!("equal", 1.17, 4.7e-5, TIME);
pub(in crate::cost) static ARGMAX_TIME: Time = time!("argmax", 4.1e-2, 1e-4, TIME);

/// The times of functions, for a listing.
pub(in crate::cost) static TIMES: &[&Time] = &[
    &RELU_TIME,
    &TRUNCATION_TIME,
    &GELU_TIME,
    &EXP_TIME,
    &RECIPROCAL_TIME,
    &RSQRT_TIME,
    &SQRT_TIME,
    &LOG_TIME,
    &TANH_TIME,
    &ERF_TIME,
    &EQUAL_TIME,
    &ARGMAX_TIME,
];
