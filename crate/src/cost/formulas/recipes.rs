//! Functions as primitives in a row, alike for every engine on shares; each engine prices its primitives.
//!
//! A function that an engine ran is one primitive. A composition that nobody ran is an estimate.
//! What no primitive makes has no price, and the reason names what is missing. Doubling and
//! multiplying by public whole numbers are local; a public fraction costs a truncation.

use super::part_of;
use crate::cost::constant::Status;
use crate::cost::job::{log2_ceil, product};
use crate::cost::term::{Part, Priced};
use crate::count::{Activation, Kind};

/// What an engine prices by the element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cost) enum Primitive {
    Relu,
    /// One of two values by a shared bit.
    Select,
    /// A product of two secrets, before its truncation.
    Product,
    Truncation,
    Gelu,
    Sigmoid,
    Exp,
    Reciprocal,
}

/// Prices primitives.
pub(in crate::cost) trait Engine {
    /// `n` elements in all, in `times` calls one after another.
    fn step(&mut self, part: Part, what: Primitive, n: u128, times: u64, at_best: Status) -> Priced;

    /// Steps of a recurrent row, one after another; 1 elsewhere.
    fn steps(&self) -> u64;

    /// A softmax.
    fn softmax(&mut self, a: &Activation) -> Priced;

    /// A maximum over windows or rows.
    fn maximum(&mut self, a: &Activation) -> Priced;

    /// The price of a function that this engine was run with as a whole, or composes in its own way; None where the
    /// common recipe holds.
    fn own(&mut self, _: &Activation) -> Option<Priced> {
        None
    }
}

/// The primitives of an element-wise function, and how well the row of them is known at best.
fn recipe(a: &Activation) -> Result<(&'static [Primitive], Status), &'static str> {
    use Kind::*;
    use Primitive::*;
    const RUN: Status = Status::Validated;
    const COMPOSED: Status = Status::Estimate;
    Ok(match a.kind {
        Kind::ReLU => (&[Relu], RUN),
        Kind::GELU => (&[Gelu], RUN),
        Kind::Sigmoid => (&[Primitive::Sigmoid], RUN),
        Kind::Exp => (&[Primitive::Exp], RUN),
        GELUTanh => (&[Gelu], COMPOSED),
        // |x| = 2 ReLU(x) - x.
        Abs | ThresholdedReLU | Comparison => (&[Relu], COMPOSED),
        // A ReLU holds one, and a choice: no more than that.
        // The sign is 2 [x > 0] - 1, local on the bit.
        LessThan | Sign => (&[Relu], COMPOSED),
        Choice => (&[Select], COMPOSED),
        ReLU6 | Shrink => (&[Relu, Relu], COMPOSED),
        Clip if a.comparisons <= a.elements => (&[Relu], COMPOSED),
        Clip => (&[Relu, Relu], COMPOSED),
        LeakyReLU => (&[Relu, Truncation], COMPOSED),
        PReLU => (&[Relu, Product, Truncation], COMPOSED),
        HardSigmoid => (&[Truncation, Relu, Relu], COMPOSED),
        HardSwish => (&[Truncation, Relu, Relu, Product, Truncation], COMPOSED),
        SiLU => (&[Primitive::Sigmoid, Product, Truncation], COMPOSED),
        QuickGELU => (&[Truncation, Primitive::Sigmoid, Product, Truncation], COMPOSED),
        // tanh(x) = 2 sigmoid(2x) - 1.
        Tanh => (&[Primitive::Sigmoid], COMPOSED),
        // ReLU(x) + a (exp(x - ReLU(x)) - 1).
        ELU | SELU | CELU => (&[Relu, Primitive::Exp, Truncation], COMPOSED),
        Softsign => (&[Relu, Primitive::Reciprocal, Product, Truncation], COMPOSED),
        Kind::Reciprocal => (&[Primitive::Reciprocal], COMPOSED),
        Division => (&[Primitive::Reciprocal, Product, Truncation], COMPOSED),
        Softplus | Mish | Log | LogSoftmax => return Err("it needs a logarithm, of which there is no run"),
        Sqrt => return Err("no run of a square root"),
        Erf => return Err("no run of the error function alone"),
        Power | LRN => return Err("it needs a general power, of which there is no run"),
        Trigonometric => return Err("no run of a trigonometric function"),
        Rounding => return Err("no run of a rounding"),
        Logic => return Err("no run of secret boolean logic"),
        TopK => return Err("no run of a selection of the k largest"),
        LayerNorm | RMSNorm | InstanceNorm | GroupNorm => {
            return Err("it needs a reciprocal square root, of which there is no run");
        }
        LSTM | GRU | RNN => return Err("a recurrent cell is priced by its parts"),
        Equality => return Err("no run of a test of equality"),
        LookUp => return Err("no run of a look-up at a secret place"),
        Softmax | MaxPool | ReduceMax | ArgMax => return Err("it works on rows, not on elements"),
    })
}

/// The price of a non-linear function.
pub(in crate::cost) fn activation(engine: &mut impl Engine, a: &Activation) -> Priced {
    if let Some(priced) = engine.own(a) {
        return priced;
    }
    match a.kind {
        Kind::Softmax => engine.softmax(a),
        Kind::MaxPool | Kind::ReduceMax => engine.maximum(a),
        Kind::ArgMax => winner(engine, a),
        _ => {
            let (steps, status) = recipe(a)?;
            let times = engine.steps();
            steps
                .iter()
                .try_for_each(|what| engine.step(part_of(a), *what, u128::from(a.elements), times, status))
        }
    }
}

/// A tournament: one ReLU a comparison, ceil(log2(window)) levels. 2x2: 3 ReLUs per output, 2 levels:
/// SEMI2K at 64 bits 432 B per output, 16 rounds.
pub(in crate::cost) fn tournament(engine: &mut impl Engine, a: &Activation) -> Priced {
    let pairs = pairs(a)?;
    let status =
        if a.kind == Kind::MaxPool && a.row_length == 4 { Status::Measured } else { Status::Estimate };
    let levels = u64::from(log2_ceil(a.row_length));
    engine.step(Part::Pool, Primitive::Relu, pairs, levels, status)
}

/// Two-way comparisons of a maximum: outputs x (window - 1).
pub(in crate::cost) fn pairs(a: &Activation) -> Result<u128, &'static str> {
    match a.kind {
        _ if a.row_length == 0 => Err("the window's size is not known"),
        Kind::MaxPool => Ok(u128::from(a.comparisons)),
        _ => Ok(product(&[a.rows.max(1), a.row_length - 1])),
    }
}

/// The index of the greatest: a tournament of ReLUs, each with a second choice, that of the index.
/// 10 classes on SEMI2K at 64 bits: 9 x (144 + 32) B, 4 x (8 + 1) rounds.
fn winner(engine: &mut impl Engine, a: &Activation) -> Priced {
    let (pairs, levels) = (pairs(a)?, u64::from(log2_ceil(a.row_length)));
    engine.step(Part::Activation, Primitive::Relu, pairs, levels, Status::Estimate)?;
    engine.step(Part::Activation, Primitive::Select, pairs, levels, Status::Estimate)
}
