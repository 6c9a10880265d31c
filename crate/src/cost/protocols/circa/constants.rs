//! Constants of Circa, with their sources.

use crate::cost::constant::{Constant, Status, e, same};

const BOUND: &str = "composition from the DELPHI logs and the Circa paper: 48 B a gate, 28 B a label; no log";
const FITTED: &str = "fitted to the abstract, which stores up to 4.7 times less than DELPHI's 18,248 B: what turns the sign into a share of 41 bits, 40 B a wire";

/// A gate of the garbled circuit.
pub(in crate::cost) static GATE: Constant = Constant::bytes("gate", same(e(48)), BOUND);
/// A label of one bit of one share.
pub(in crate::cost) static LABEL: Constant = Constant::bytes("label", same(e(28)), BOUND);
/// A wire of the share that the sign becomes.
pub(in crate::cost) static WIRE: Constant = Constant::bytes("sign_wire", same(e(40)), FITTED);
/// The circuit, then the product.
pub(in crate::cost) static ROUNDS: Constant =
    Constant::rounds("stochastic_relu_rounds", same(e(2)), "circuit, then opening of the product; no log");
pub(in crate::cost) static OFFLINE_BY_SIZE: Constant = Constant::factor(
    "offline_by_size",
    [0.7, 1.0, 1.5],
    Status::Estimate,
    "DELPHI's logged seconds by gates, labels and bytes: nobody timed this circuit by its parts",
);
pub(in crate::cost) static ONLINE_BY_SIZE: Constant = Constant::factor(
    "online_by_size",
    [0.9, 1.0, 1.5],
    Status::Estimate,
    "DELPHI's logged seconds by gates and labels; at the low end cut so that no gain is above the abstract's 3 times",
);

/// Bits of DELPHI's field.
pub(in crate::cost) const FIELD_BITS: u32 = 41;
/// DELPHI's field.
pub(in crate::cost) const PRIME: f64 = 2_061_584_302_081.0;
/// Dropped bits at which the abstract's gain is reached: of more, no further gain is published, and none is taken.
pub(in crate::cost) const MOST_GAIN: u32 = 12;
/// Gates and labels of DELPHI's circuit: 331 x 48 + 42 x 28 + 8 = 17,072 B.
pub(in crate::cost) const DELPHI_GATES: f64 = 331.0;
pub(in crate::cost) const DELPHI_LABELS: f64 = 42.0;
/// DELPHI's offline bytes of a ReLU.
pub(in crate::cost) const DELPHI_BYTES: f64 = 19_088.0;
/// The abstract's gain of the online phase.
pub(in crate::cost) const ONLINE_GAIN: f64 = 3.0;
