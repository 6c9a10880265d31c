//! Constants of Trio and Quad: what each message of the code holds.

use crate::cost::ask::{Adder, Window};
use crate::cost::constant::{Constant, constants, e, same, v};

const CODE: &str = "chart21/hpmpc at 29c3c54, code; its log.txt has Trio within 0.2 % and Quad within 0.05 %";
const PPA: &str = "AND gates of the parallel-prefix adder that finds the sign (programs/functions/adders), a bit each; log.txt at 32 and 64 bits";
const RCA: &str = "r - 1 AND gates of the ripple-carry adder that finds the sign, a bit each; log.txt at 32 bits, none at 64";
const WINDOWED: &str = "the same adder on 8 bits; log.txt in a ring of 32 bits, none in one of 64";
const DEPTH: &str =
    "read in the code, not measured: parallel prefix ceil(log2 r) + 1 levels, ripple carry r - 1";
const MESSAGES: &str = "read in the code, not measured";

constants! {
    /// A value of the ring: k / 8 B.
    VALUE = Constant::bytes("value", [v(4), v(8), None], CODE);
    /// The bits of a value that are compared.
    BITS = Constant::bytes("compared_bits", [v(32), v(64), None], CODE).per(8);
    BITS_8 = Constant::bytes("window_bits", [v(8), e(8), None], CODE).per(8);
    ADDER_PPA = Constant::bytes("adder_ppa", [v(86), v(181), None], PPA).per(8);
    ADDER_RCA = Constant::bytes("adder_rca", [v(31), e(63), None], RCA).per(8);
    ADDER_PPA_8 = Constant::bytes("adder_ppa_window", [v(16), e(16), None], WINDOWED).per(8);
    ADDER_RCA_8 = Constant::bytes("adder_rca_window", [v(7), e(7), None], WINDOWED).per(8);
    DEPTH_PPA = Constant::rounds("adder_ppa_rounds", [e(6), e(7), None], DEPTH);
    DEPTH_RCA = Constant::rounds("adder_rca_rounds", [e(31), e(63), None], DEPTH);
    DEPTH_PPA_8 = Constant::rounds("adder_ppa_window_rounds", [e(4), e(4), None], DEPTH);
    DEPTH_RCA_8 = Constant::rounds("adder_rca_window_rounds", [e(7), e(7), None], DEPTH);
    /// A product, a matrix product, or a bit times a value.
    PRODUCT_ROUNDS = Constant::rounds("product_rounds", same(e(1)), MESSAGES);
}

/// How a sign is found.
#[derive(Clone, Copy)]
pub(super) struct Comparison {
    /// Bytes of the adder's gates in each message.
    pub adder: &'static Constant,
    pub depth: &'static Constant,
    /// Bytes of the bits that go into it.
    pub bits: &'static Constant,
}

impl Comparison {
    pub(super) fn of(adder: Adder, window: Window) -> Self {
        let (adder, depth) = match (adder, window) {
            (Adder::Ppa, Window::None) => (&ADDER_PPA, &DEPTH_PPA),
            (Adder::Rca, Window::None) => (&ADDER_RCA, &DEPTH_RCA),
            (Adder::Ppa, Window::Eight) => (&ADDER_PPA_8, &DEPTH_PPA_8),
            (Adder::Rca, Window::Eight) => (&ADDER_RCA_8, &DEPTH_RCA_8),
        };
        let bits = if window == Window::None { &BITS } else { &BITS_8 };
        Self { adder, depth, bits }
    }
}
