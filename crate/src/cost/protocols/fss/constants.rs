//! Constants of function secret sharing on a graphics processor, with their sources.

use crate::cost::constant::{Constant, constants, e, same};

const CODE: &str = "mpc-msri/EzPC at f24bf3e, GPU-MPC (dpf, fss, backend), code; nobody ran it here";
const DPF: &str = "mpc-msri/EzPC at f24bf3e, GPU-MPC/dpf, code: a tree on b > 7 bits is 16 (b - 7) + 32 B and b - 7 bits; nobody ran it here";
const GELU: &str = "estimate: truncation, comparison, interval bit, table of 8 bits and choice in GPU-MPC's code; not all of its terms were traced";
const GELU_DEPTH: &str =
    "estimate: truncation 2, comparison 1, interval bit 1, table 1, choice 1, one after another";

constants! {
    /// A level of a tree below its first seven: a correction word and a bit.
    LEVEL = Constant::bytes("dpf_level", same(e(16)), DPF);
    LEAF = Constant::bytes("dpf_leaf", same(e(32)), DPF);
    /// A correction bit of a level, or the share of the bit that comes out.
    KEY_BIT = Constant::bytes("key_bit", same(e(1)), DPF).per(8);
    /// A word of key material: all shares are 64 bits wide.
    KEY_WORD = Constant::bytes("key_word", same(e(8)), CODE);
    /// What a party sends the other of a masked value.
    WORD = Constant::bytes("opened_word", same(e(8)), CODE);
    /// What it sends of a masked bit.
    BIT = Constant::bytes("opened_bit", same(e(1)), CODE).per(8);
    GELU_KEY = Constant::bytes("gelu_key", same(e(650)), GELU);
    GELU_OPENED = Constant::bytes("gelu_opened", same(e(26)), GELU);
    LINEAR_ROUNDS = Constant::rounds("linear_rounds", same(e(1)), CODE);
    /// A comparison, then a choice.
    RELU_ROUNDS = Constant::rounds("relu_rounds", same(e(2)), CODE);
    SELECT_ROUNDS = Constant::rounds("select_rounds", same(e(1)), CODE);
    TRUNCATION_ROUNDS = Constant::rounds("truncation_rounds", same(e(2)), CODE);
    GELU_ROUNDS = Constant::rounds("gelu_rounds", same(e(6)), GELU_DEPTH);
}

/// Levels of a tree that lie in its last block.
pub(super) const EARLY: u32 = 7;
/// Words of the key of a bit times a value.
pub(super) const SELECT_WORDS: u128 = 5;
/// Words of the key of a truncation, its tree apart.
pub(super) const TRUNCATION_WORDS: u128 = 3;
/// Words of the key of a product: two masks and that of the outcome.
pub(super) const PRODUCT_WORDS: u128 = 3;
