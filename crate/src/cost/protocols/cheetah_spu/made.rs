//! Functions of Cheetah in SPU: how many products each makes, and what it sends beside them.
//!
//! Read off two or three sizes of each: products of two secrets come from the pool in small calls and under encryption
//! in large ones, those with a private value in batches, and the rest goes by the element.

use super::constants::*;
use crate::cost::constant::Constant;
use crate::cost::protocols::spu::time::Time;
use crate::cost::term::To;

/// A function.
pub(super) struct Made {
    /// Products of two secrets.
    pub products: u64,
    /// Products of a secret and a value that one party has.
    pub private: u64,
    /// What it sends beside them, by the element.
    pub rest: &'static [(To, &'static Constant)],
    pub rounds: &'static Constant,
    /// Large calls fill Ferret's store.
    pub refills: bool,
    /// Seconds beside those of its products.
    pub time: Option<&'static Time>,
}

const BY_TRANSFER: Made =
    Made { products: 0, private: 0, rest: &[], rounds: &SELECT_ROUNDS, refills: false, time: None };

pub(super) static SELECT: Made = Made {
    rest: &[(To::OnlineUp, &SELECT_UP), (To::OnlineDown, &SELECT_DOWN)],
    rounds: &SELECT_ROUNDS,
    ..BY_TRANSFER
};

/// SPU's generic one, piecewise polynomials: protocols made for transformers say 80 to 95 % less.
pub(super) static GELU: Made = Made {
    products: GELU_PRODUCTS,
    rest: &[(To::OnlineUp, &GELU_UP), (To::OnlineDown, &GELU_DOWN)],
    rounds: &GELU_ROUNDS,
    time: Some(&GELU_TIME),
    ..BY_TRANSFER
};

pub(super) static EXP: Made = Made {
    private: EXP_PRIVATE,
    rest: &[(To::OnlineUp, &EXP_UP), (To::OnlineDown, &EXP_DOWN)],
    rounds: &EXP_ROUNDS,
    time: Some(&EXP_TIME),
    ..BY_TRANSFER
};

pub(super) static RECIPROCAL: Made = Made {
    products: RECIPROCAL_PRODUCTS,
    rest: &[(To::OnlineUp, &RECIPROCAL_UP), (To::OnlineDown, &RECIPROCAL_DOWN)],
    rounds: &RECIPROCAL_ROUNDS,
    time: Some(&RECIPROCAL_TIME),
    refills: true,
    ..BY_TRANSFER
};

pub(super) static RECIPROCAL_ROOT: Made = Made {
    products: 6,
    rest: &[(To::OnlineAll, &RSQRT)],
    rounds: &RSQRT_ROUNDS,
    time: Some(&RSQRT_TIME),
    refills: true,
    ..BY_TRANSFER
};

pub(super) static ROOT: Made = Made {
    products: 10,
    rest: &[(To::OnlineAll, &SQRT)],
    rounds: &SQRT_ROUNDS,
    time: Some(&SQRT_TIME),
    refills: true,
    ..BY_TRANSFER
};

pub(super) static LOGARITHM: Made = Made {
    products: 8,
    rest: &[(To::OnlineAll, &LOG)],
    rounds: &LOG_ROUNDS,
    time: Some(&LOG_TIME),
    refills: true,
    ..BY_TRANSFER
};

pub(super) static HYPERBOLIC: Made = Made {
    products: 8,
    private: 1,
    rest: &[(To::OnlineAll, &TANH)],
    rounds: &TANH_ROUNDS,
    time: Some(&TANH_TIME),
    ..BY_TRANSFER
};

pub(super) static ERROR_FUNCTION: Made = Made {
    products: 10,
    private: 2,
    rest: &[(To::OnlineAll, &ERF)],
    rounds: &ERF_ROUNDS,
    time: Some(&ERF_TIME),
    refills: true,
};

/// Its runs' seconds are their refills', by which they differ tenfold: those of a ReLU, which holds one.
pub(super) static LESS: Made = Made {
    rest: &[(To::OnlineUp, &LESS_UP), (To::OnlineDown, &LESS_DOWN)],
    rounds: &LESS_ROUNDS,
    time: Some(&RELU_TIME),
    ..BY_TRANSFER
};

pub(super) static EQUALITY: Made =
    Made { rest: &[(To::OnlineAll, &EQUAL)], rounds: &EQUAL_ROUNDS, time: Some(&EQUAL_TIME), ..BY_TRANSFER };

pub(super) static WINNER: Made = Made {
    rest: &[(To::OnlineAll, &ARGMAX)],
    rounds: &ARGMAX_ROUNDS,
    time: Some(&ARGMAX_TIME),
    ..BY_TRANSFER
};
