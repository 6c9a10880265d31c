//! Constants of Circa, with their sources.

use crate::cost::constant::{Constant, e, same};

const BOUND: &str = "composition from the DELPHI logs and the Circa paper: 48 B a gate, 28 B a label; no log";

/// A gate of the garbled circuit.
pub(in crate::cost) static GATE: Constant = Constant::bytes("gate", same(e(48)), BOUND);
/// A label of one bit of one share.
pub(in crate::cost) static LABEL: Constant = Constant::bytes("label", same(e(28)), BOUND);
/// The circuit, then the product.
pub(in crate::cost) static ROUNDS: Constant =
    Constant::rounds("stochastic_relu_rounds", same(e(2)), "circuit, then opening of the product; no log");

/// Bits of DELPHI's field.
pub(in crate::cost) const FIELD_BITS: u32 = 41;
/// DELPHI's field.
pub(in crate::cost) const PRIME: f64 = 2_061_584_302_081.0;
