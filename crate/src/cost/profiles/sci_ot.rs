//! CrypTFlow2 with OT alone (SCI_OT): two parties, shares of l bits. A bound, not a measurement.

use super::{Profile, Status};
use crate::cost::constant::{Constant, e, same};
use crate::cost::price::sci_ot::price_sci_ot;
use crate::cost::settings::Knob;

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

/// The profile.
pub(in crate::cost) static PROFILE: Profile = Profile {
    id: "sci-ot",
    family: "sci-ot",
    variant: "",
    version: 1,
    title: "CrypTFlow2 with OT alone: a bound",
    parties: 2,
    leaves_out: "A bound, not a measurement. Truncation after linear layers is left out, and so is compute time: latency is link time. Set-up of the OTs is not counted.",
    has_compute: false,
    has_ring: false,
    has_storage: false,
    work: &[
        ("convolution, matrix product, ReLU, max-pool", Status::Estimate),
        ("truncation, average pool", Status::NotSupported),
        ("x^2, GELU, sigmoid, softmax, norms", Status::NotSupported),
    ],
    layer_overhead: None,
    #[cfg(feature = "all")]
    levels: None,
    constants: || vec![&PRODUCT_BIT, &WEIGHT_BIT, &RELU_BIT, &ROUND],
    price: price_sci_ot,
    knobs: &[Knob::ShareBits],
    machines: &[],
    parameter: 0,
};
