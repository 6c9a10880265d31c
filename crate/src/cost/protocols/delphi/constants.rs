//! Constants of DELPHI, with their sources.

use crate::cost::constant::{Constant, Status, constants, e, m, same, v};

const LOG: &str = "ASPLOS'23 artifact logs (kvgarimella/cryptonite), exact";
const CODE: &str = "read in the code (mc2-project/delphi)";
const FIT: &str = "fit to the ASPLOS'23 logs, exact on every CIFAR convolution; checked on ResNet-32 and on ResNet-18 at 64x64";
const FIT_TIME: &str = "fit to the ResNet-18/CIFAR log, 1 thread of an EPYC 7502, layer error at most 1.5 %; ResNet-32 took 6 % more, ResNet-18 at 64x64 2 %: the range covers them";
const FIT_E2E: &str = "fit to the three end-to-end logs of the ASPLOS'23 artifact, EPYC 7502 on both sides, 4 threads; no range is known";
const FIT_ONLINE: &str = "fit to the same logs; the range of the three online parts is set so that their sum, 25.3 us, spans the logs' 24.5 to 27.0 us a ReLU";
const DERIVED: &str = "derived from the traffic and the logs of one thread: two ciphertexts encrypted (4.1 to 4.9 ms) and multiplied (2.53 ms), one decrypted (1.5 to 4 ms) for 8,192 products: 17 ms";
const SPEED: &str = "ASPLOS'23 logs: 1 thread alone 102-104 us garbling, 52-55 us evaluating; 4 threads end to end 30.5 and 18.3";
const SIM: &str = "ASPLOS'23 simulator constants";

constants! {
    /// Garbled circuit and mask labels of one ReLU.
    CIRCUIT = Constant::bytes("circuit", same(m(17_072)), LOG);
    /// Message header of each 8,192 circuits: 557,056 ReLUs have 68.
    CHUNK = Constant::bytes("chunk", same(m(16)), LOG);
    OT_MATRIX = Constant::bytes("ot_matrix", same(m(672)), LOG);
    OT_PAIRS = Constant::bytes("ot_pairs", same(m(1_344)), LOG);
    /// Labels of the server's input.
    LABELS = Constant::bytes("labels", same(m(1_184)), LOG);
    STORED_BY_EVALUATOR = Constant::bytes("stored_by_evaluator", same(m(18_248)), LOG);
    STORED_BY_GARBLER = Constant::bytes("stored_by_garbler", same(m(3_590)), LOG);
    BASE_OT = Constant::bytes("base_ot", same(m(4_096)), LOG);
    KEYS = Constant::bytes("keys", same(m(33_180_308)), LOG);
    /// One BFV ciphertext on the wire.
    CIPHERTEXT = Constant::bytes("ciphertext", same(v(524_393)), FIT);
    HE_MESSAGE = Constant::bytes("he_message", same(v(8)), FIT);
    INPUT = Constant::bytes("input", same(m(9)), LOG);
    INPUT_MESSAGE = Constant::bytes("input_message", same(m(41)), LOG);
    /// Beaver triple of a quadratic activation, client to server and back.
    TRIPLE_UP = Constant::bytes("triple_up", same(e(128)), CODE);
    TRIPLE_DOWN = Constant::bytes("triple_down", same(e(64)), CODE);
    OPENING = Constant::bytes("opening", same(e(16)), CODE);
    RELU_ROUNDS = Constant::rounds("relu_rounds", same(m(1)), "logs: 2 messages a linear and ReLU layer");
    TRIPLE_ROUNDS = Constant::rounds("triple_rounds", same(e(1)), CODE);
    RESULT_ROUNDS = Constant::rounds("result_rounds", same(m(1)), "logs: first input up, last share down");

    MULT = Constant::seconds("mult", [2.49e-3, 2.53e-3, 2.70e-3], Status::Validated, FIT_TIME);
    KEY_SWITCH = Constant::seconds("key_switch", [3.35e-3, 3.40e-3, 3.63e-3], Status::Validated, FIT_TIME);
    FC_KEY_SWITCH = Constant::seconds("fc_key_switch", [0.0, 3.40e-3, 6.80e-3], Status::Estimate,
        "assumed, not sourced: none, half or all of log2(inputs) key-switches a product; the middle gives 47 s for 4,096 x 4,096; layers of VGG's size took 43-59 s in a log");
    WEIGHT = Constant::seconds("weight", [0.107e-3; 3], Status::Measured, FIT_E2E);
    ENCRYPT = Constant::seconds("encrypt", [4.1e-3, 4.5e-3, 4.9e-3], Status::Measured, LOG);
    DECRYPT = Constant::seconds("decrypt", [1.5e-3, 2.0e-3, 4.0e-3], Status::Measured, LOG);
    START = Constant::seconds("start", [0.34; 3], Status::Measured, FIT_E2E);
    GARBLE = Constant::seconds("garble", [30.5e-6; 3], Status::Measured, FIT_E2E);
    ENCODE = Constant::seconds("encode", [7.5e-6; 3], Status::Measured, FIT_E2E);
    SEND = Constant::seconds("send", [12.5e-6; 3], Status::Measured, FIT_E2E);
    /// A product of two shared values: two ciphertexts up and one down for 8,192 of them.
    TRIPLE = Constant::seconds("triple", [1e-6, 2e-6, 4e-6], Status::Estimate, DERIVED);
    OPEN = Constant::seconds("open", [0.0, 0.05e-6, 0.1e-6], Status::Estimate, "two local products and an opening: below 0.1 us; no log");
    OT = Constant::seconds("ot", [5.0e-6; 3], Status::Measured, FIT_E2E);
    EVALUATE = Constant::seconds("evaluate", [17.7e-6, 18.3e-6, 19.5e-6], Status::Measured, FIT_ONLINE);
    WAIT = Constant::seconds("wait", [4.5e-6, 4.7e-6, 5.0e-6], Status::Measured, FIT_ONLINE);
    REST = Constant::seconds("rest", [2.2e-6, 2.3e-6, 2.6e-6], Status::Measured, FIT_ONLINE);
    GARBLE_SPEEDUP = Constant::factor("garble_speedup", [3.3, 3.3, 3.4], Status::Measured, SPEED);
    EVALUATE_SPEEDUP = Constant::factor("evaluate_speedup", [2.8, 2.9, 3.0], Status::Measured, SPEED);

    EPYC_GARBLE = Constant::seconds("epyc_garble", [102e-6, 103.7e-6, 104e-6], Status::Measured, SIM);
    EPYC_EVALUATE = Constant::seconds("epyc_evaluate", [52e-6, 54.6e-6, 55e-6], Status::Measured, SIM);
    ATOM_GARBLE = Constant::seconds("atom_garble", [567e-6, 686.8e-6, 687e-6], Status::Measured, SIM);
    ATOM_EVALUATE = Constant::seconds("atom_evaluate", [282e-6, 346.0e-6, 346.0e-6], Status::Measured, SIM);
    SIM_ENCODE = Constant::seconds("sim_encode", [7.6e-6; 3], Status::Measured, SIM);
    SIM_LABELS = Constant::seconds("sim_labels", [3.6e-6; 3], Status::Measured, SIM);

    HE_OVERHEAD_2 = Constant::factor("he_overhead_2", [1.04, 1.04, 1.06], Status::Measured,
        "ResNet-18/CIFAR logs: 292.4 s on 1 thread, 151.8 on 2; least against the logged thread, greatest against the formula's 286.4 s");
    HE_OVERHEAD_MANY = Constant::factor("he_overhead_many", [1.10, 1.11, 1.14], Status::Measured,
        "ResNet-18/CIFAR logs: 107.7 s on 3 threads, 64.4 on 5, 36.1 on 13, where the slowest layer is the floor; least against the logged thread, greatest against the formula");
}

/// Slots of a ciphertext.
pub(in crate::cost) const SLOTS: u64 = 8_192;
/// Circuits in one message.
pub(in crate::cost) const CHUNK_RELUS: u64 = 8_192;
/// Threads of the logs.
pub(in crate::cost) const LOG_THREADS: u32 = 4;
/// Threads of the simulator's server.
pub(in crate::cost) const SIM_SERVER_THREADS: f64 = 32.0;
