//! Constants of CrypTFlow2 with OT, with their sources.

use crate::cost::constant::{Constant, e, same};

const RELU: &str = "CrypTFlow2 paper: 128 l + 18 l bits for a ReLU, log2(l) + 2 rounds; the log of EzPC issue 204 is far below it";
const LINEAR: &str = "fit to one user's log of ResNet-50 (EzPC issue 204): convolutions sent 342,519 MiB, which is l (l + 1) / 2 bits a multiplication at l = 37, to five digits";
const CHOICES: &str = "composition: an OT of 128 bits for each bit of each weight; with it and ReLUs, ResNet-50 comes to 3 % below the log's 376,212 MiB in all";

/// One bit of a product of a weight's bit and an input.
pub(in crate::cost) static PRODUCT_BIT: Constant = Constant::bytes("product_bit", same(e(1)), LINEAR).per(8);
/// One bit of a weight.
pub(in crate::cost) static WEIGHT_BIT: Constant = Constant::bytes("weight_bit", same(e(16)), CHOICES);
/// One bit of a value that a ReLU takes.
pub(in crate::cost) static RELU_BIT: Constant = Constant::bytes("relu_bit", same(e(146)), RELU).per(8);
/// An exchange.
pub(in crate::cost) static ROUND: Constant = Constant::rounds("exchange", same(e(1)), RELU);
