//! Constants of CrypTFlow2 with OT, with their sources.

use crate::cost::constant::{Constant, e, same};

const LINEAR: &str = "fit to one user's log of ResNet-50 (EzPC issue 204): convolutions sent 342,519 MiB, which is l (l + 1) / 2 bits a multiplication at l = 37, to five digits";
const CHOICES: &str = "an OT of 128 bits for each bit of each weight: 592.9 B a weight sent in the log's fully connected layer at l = 37; received in a convolution, which is a composition";
const SENT: &str = "EzPC issue 204, sent at l = 37: ReLU 766.831, max-pool 136.633, truncation 945.903, batch norm 901.882 MiB for 9,608,704, 1,605,632, 11,113,984, 11,113,984; at other widths in proportion";
const RECEIVED: &str = "EzPC issue 204: what 29,783 MiB received leave after the weights of convolutions, evenly over 33.4 million comparisons, truncations and normalisations: 519 B at l = 37";
const ROUNDS: &str = "CrypTFlow2 paper: log2(l) + 2 rounds; the log has 5,579 in all";

/// One bit of a product of a weight's bit and an input.
pub(in crate::cost) static PRODUCT_BIT: Constant = Constant::bytes("product_bit", same(e(1)), LINEAR).per(8);
/// One bit of a weight.
pub(in crate::cost) static WEIGHT_BIT: Constant = Constant::bytes("weight_bit", same(e(16)), CHOICES);
/// Sent for one bit of a value that a ReLU takes: 83.68 B at l = 37.
pub(in crate::cost) static RELU_BIT: Constant = Constant::bytes("relu_bit", same(e(8_368)), SENT).per(3_700);
/// The same of a comparison of a max-pool.
pub(in crate::cost) static POOL_BIT: Constant = Constant::bytes("pool_bit", same(e(8_923)), SENT).per(3_700);
/// The same of a truncation.
pub(in crate::cost) static TRUNCATION_BIT: Constant =
    Constant::bytes("truncation_bit", same(e(8_924)), SENT).per(3_700);
/// The same of a batch normalisation that is computed.
pub(in crate::cost) static NORM_BIT: Constant = Constant::bytes("norm_bit", same(e(8_509)), SENT).per(3_700);
/// Received for one bit of any of these.
pub(in crate::cost) static RECEIVED_BIT: Constant =
    Constant::bytes("received_bit", same(e(519)), RECEIVED).per(37);
/// An exchange.
pub(in crate::cost) static ROUND: Constant = Constant::rounds("exchange", same(e(1)), ROUNDS);
