//! Constants of CrypTen, with their sources.

use crate::cost::constant::{Cell, Constant, constants, e, m};

const RUN: &str = "CrypTen 0.4.1 (TFP provider), run: bytes and rounds counted, exact";
const DERIVED: &str = "derived from the runs: ReLU less its comparison";
const ONE_SHAPE: &str = "CrypTen 0.4.1 (TFP provider), run, exact; of this shape only";

const fn at64(cell: Cell) -> [Cell; 3] {
    [None, cell, None]
}

constants! {
    RELU = Constant::bytes("relu", at64(m(464)), RUN);
    RELU_ROUNDS = Constant::rounds("relu_rounds", at64(m(9)), RUN);
    SELECT = Constant::bytes("select", at64(m(32)), DERIVED);
    SELECT_ROUNDS = Constant::rounds("select_rounds", at64(m(1)), DERIVED);
    PRODUCT = Constant::bytes("product", at64(m(32)), RUN);
    SQUARE = Constant::bytes("square", at64(m(16)), RUN);
    PRODUCT_ROUNDS = Constant::rounds("product_rounds", at64(m(1)), RUN);
    /// Each entry of both operands of a convolution or matrix product, once: no im2col.
    OPERAND = Constant::bytes("operand", at64(m(16)), RUN);
    GELU = Constant::bytes("gelu", at64(m(784)), RUN);
    GELU_ROUNDS = Constant::rounds("gelu_rounds", at64(m(35)), RUN);
    SIGMOID = Constant::bytes("sigmoid", at64(m(752)), RUN);
    SIGMOID_ROUNDS = Constant::rounds("sigmoid_rounds", at64(m(23)), RUN);
    EXP = Constant::bytes("exp", at64(m(128)), RUN);
    EXP_ROUNDS = Constant::rounds("exp_rounds", at64(m(8)), RUN);
    RECIPROCAL = Constant::bytes("reciprocal", at64(e(624)), "derived from the runs: sigmoid less exp");
    RECIPROCAL_ROUNDS = Constant::rounds("reciprocal_rounds", at64(e(15)), "derived from the runs: sigmoid less exp");
    /// Of a window of 2x2, for each input element.
    POOL = Constant::bytes("max_pool_2x2", at64(m(1_480)), ONE_SHAPE);
    POOL_ROUNDS = Constant::rounds("max_pool_rounds", at64(m(46)), ONE_SHAPE);
    /// Of rows of 64, for each row.
    SOFTMAX = Constant::bytes("softmax_row_of_64", at64(m(88_432)), ONE_SHAPE);
    SOFTMAX_ROUNDS = Constant::rounds("softmax_rounds", at64(m(115)), ONE_SHAPE);
}
