//! Constants of Cheetah in SPU, with their sources.

use crate::cost::constant::{Constant, constants, e, m, v};

const RUN: &str = "SPU 0.9.5 CHEETAH (Ferret), run at 32 and 64 bits: bytes counted by the engine, exact";
const ROUNDS: &str = "messages of one party in calls of up to 16,384 elements; larger calls send more pieces, strict rounds may be fewer";
const SOFT: &str = "SPU 0.9.5 CHEETAH (Softspoken), run at 64 bits, four sizes, exact; no run at 32";
const DERIVED: &str = "derived from the runs: ReLU less its comparison";
const DIRECT: &str = "SPU 0.9.5 CHEETAH, run: x^2 less its truncation at 16,384 to 262,144 elements, mean rounded to 0.01 B; runs differ by 0.01 %";
const POOL: &str =
    "SPU 0.9.5 CHEETAH, run: x^2 at 4,096 elements less opening and truncation; runs differ by 0.02 %";
const LINEAR: &str = "fit to four runs with weights private to one party (conv 3x3, conv 1x1, fully connected; 64 bits): reproduces them to 1e-4, and those with shared weights, which it was not fitted to";
const PRIVATE: &str = "SPU 0.9.5 CHEETAH, run: product with a private value, 16,384 elements, less its truncation: two batches of 8,192";
const ONE_SIZE: &str = "SPU 0.9.5 CHEETAH, run at 4,096 elements only; a large call needs less per element";
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
    SIGMOID_UP = Constant::bytes("sigmoid_up", [None, m(11_313_616), None], ONE_SIZE).per(4_096);
    SIGMOID_DOWN = Constant::bytes("sigmoid_down", [None, m(12_021_657), None], ONE_SIZE).per(4_096);
    SIGMOID_ROUNDS = Constant::rounds("sigmoid_rounds", [None, e(1_413), None], ROUNDS);
    EXP_UP = Constant::bytes("exp_up", [None, m(4_103_030), None], ONE_SIZE).per(4_096);
    EXP_DOWN = Constant::bytes("exp_down", [None, m(5_154_717), None], ONE_SIZE).per(4_096);
    EXP_ROUNDS = Constant::rounds("exp_rounds", [None, m(41), None], ROUNDS);
    RECIPROCAL_UP = Constant::bytes("reciprocal_up", [None, e(7_210_586), None], RECIPROCAL).per(4_096);
    RECIPROCAL_DOWN = Constant::bytes("reciprocal_down", [None, e(6_866_940), None], RECIPROCAL).per(4_096);
    SOFTMAX_UP = Constant::bytes("softmax_up", [None, m(5_580_986), None], SOFTMAX).per(3_072);
    SOFTMAX_DOWN = Constant::bytes("softmax_down", [None, m(5_266_709), None], SOFTMAX).per(3_072);
    SOFTMAX_CALL_UP = Constant::bytes("softmax_call_up", [None, m(4_500_965), None], SOFTMAX);
    SOFTMAX_CALL_DOWN = Constant::bytes("softmax_call_down", [None, m(5_795_168), None], SOFTMAX);
    SOFTMAX_ROUNDS = Constant::rounds("softmax_rounds", [None, m(278), None], ROUNDS);
}

const GELU: &str = "fit to SPU 0.9.5 CHEETAH, run at 16,384 elements, as 12 products and this; a run at 4,096, from the pool, is 1.2 % above";
const RECIPROCAL: &str = "derived from the runs: sigmoid less exp, at 4,096 elements";
const SOFTMAX: &str =
    "the line through SPU 0.9.5 CHEETAH runs of 1,024 and 4,096 elements in rows of 64; nothing else was run";

/// Products in a call from which they are made under encryption.
pub(in crate::cost) const DIRECT_FROM: u128 = 16_384;
/// Triples of one filling of the pool.
pub(in crate::cost) const TRIPLES: u128 = 4_096;
/// Products with a private value in one batch.
pub(in crate::cost) const PRIVATE_BATCH: u128 = 8_192;
/// Products in a GELU.
pub(in crate::cost) const GELU_PRODUCTS: u64 = 12;
