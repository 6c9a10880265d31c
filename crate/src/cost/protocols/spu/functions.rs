//! Functions as SPU composes them: of primitives that it was run with, in the order in which it calls them.
//!
//! Assumes rows and their lengths are known where a function works on rows. A composition whose sum meets a run of the
//! whole to the byte is measured; one that nobody ran is an estimate.

use crate::cost::constant::Status;
use crate::cost::formulas::recipes::{Engine, Primitive, pairs};
use crate::cost::job::product;
use crate::cost::term::{Part, Priced};
use crate::count::{Activation, Kind};

/// What SPU was run with besides the common primitives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cost) enum Function {
    /// Whether a value is below another, as a shared bit.
    Less,
    /// Whether two values are equal, as a shared bit.
    Equal,
    ReciprocalRoot,
    Root,
    Log,
    Tanh,
    Erf,
    /// The greater of two values, and its index with it.
    Winner,
}

/// What a call costs beside its elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cost) enum Call {
    Norm,
    Softmax,
    /// A search for the index of the greatest, so many rows, so many levels deep.
    Winner {
        rows: u64,
        levels: u64,
    },
}

/// A protocol of SPU.
pub(in crate::cost) trait Spu: Engine {
    /// `n` elements in all, in `times` calls one after another.
    fn function(&mut self, part: Part, what: Function, n: u128, times: u64, s: Status) -> Priced;

    /// What a call costs whatever its elements.
    fn call(&mut self, part: Part, what: Call, s: Status);

    /// Products of two secret matrices without a truncation: `m` x `k` by `k` x `n`, the second a weight.
    fn look_up(&mut self, sizes: [u64; 3], s: Status) -> Priced;
}

/// Levels of SPU's maximum of `n` values: halves are compared, and the odd ones out come in at the end, one by one:
/// floor(log2 n) + (ones in n's binary form) - 1. 128: 7; 197 = 11000101b: 7 + 3 = 10; 10 = 1010b: 3 + 1 = 4.
pub(in crate::cost) fn levels(n: u64) -> u64 {
    n.checked_ilog2().map_or(0, |log| u64::from(log + n.count_ones() - 1))
}

/// The price of a function that SPU was run with as a whole or composes otherwise; None for the common recipes.
pub(in crate::cost) fn own(engine: &mut impl Spu, a: &Activation) -> Option<Priced> {
    use Status::{Estimate, Measured};
    let n = u128::from(a.elements);
    let part = Part::Activation;
    let times = engine.steps();
    let mut call = Calls { engine, part, times, priced: Ok(()) };
    match a.kind {
        Kind::Tanh => call.function(Function::Tanh, n, Measured),
        Kind::Erf => call.function(Function::Erf, n, Measured),
        Kind::Sqrt => call.function(Function::Root, n, Measured),
        Kind::Log => call.function(Function::Log, n, Measured),
        Kind::Reciprocal => call.step(Primitive::Reciprocal, n, Measured),
        // Their runs are the sums of their parts, to the byte.
        Kind::ReLU6 => call.steps(&[Primitive::Relu, Primitive::Relu], n, Measured),
        Kind::SiLU => {
            call.steps(&[Primitive::Sigmoid, Primitive::Product, Primitive::Truncation], n, Measured);
        }
        Kind::HardSwish => {
            use Primitive::{Product, Relu, Truncation};
            call.steps(&[Truncation, Relu, Relu, Product, Truncation], n, Measured);
        }
        // max(x, 0) + log(1 + exp(-|x|)).
        Kind::Softplus => call.softplus(n),
        Kind::Mish => {
            call.softplus(n);
            call.function(Function::Tanh, n, Estimate);
            call.steps(&[Primitive::Product, Primitive::Truncation], n, Estimate);
        }
        // x - max - log(sum of exp(x - max)).
        Kind::LogSoftmax => {
            let rows = u128::from(a.rows.max(1));
            call.row_maximum(a, Estimate);
            call.step(Primitive::Exp, n, Estimate);
            call.function(Function::Log, rows, Estimate);
        }
        Kind::LayerNorm => call.norm(a, true, Measured),
        Kind::RMSNorm => call.norm(a, false, Measured),
        Kind::InstanceNorm | Kind::GroupNorm => call.norm(a, true, Estimate),
        Kind::ArgMax => call.winner(a),
        Kind::LookUp => call.look_up(a),
        Kind::LessThan => call.function(Function::Less, n, Measured),
        // 2 [x > 0] - 1, local on the bit.
        Kind::Sign => call.function(Function::Less, n, Estimate),
        // Its run is a look-up's, less a matrix product.
        Kind::Equality => call.function(Function::Equal, n, Estimate),
        _ => return None,
    }
    Some(call.priced)
}

/// Softmax per row: maximum from minus infinity on, exp, sum, the reciprocal of each element, product. Rows of 64 under
/// SEMI2K at 64 bits: 144 + 200 + 1,010 + 40 = 1,394 B an element, 7 x 8 + 17 + 36 + 2 = 111 rounds.
pub(in crate::cost) fn softmax(engine: &mut impl Spu, a: &Activation) -> Priced {
    if a.row_length == 0 {
        return Err("the rows' length is not known");
    }
    let (n, times) = (u128::from(a.elements), engine.steps());
    let mut call = Calls { engine, part: Part::Activation, times, priced: Ok(()) };
    call.row_maximum(a, Status::Measured);
    for what in [Primitive::Exp, Primitive::Reciprocal, Primitive::Product, Primitive::Truncation] {
        call.step(what, n, Status::Measured);
    }
    if call.priced.is_ok() {
        call.engine.call(Part::Activation, Call::Softmax, Status::Measured);
    }
    call.priced
}

/// A maximum over windows or rows: a ReLU a comparison, [`levels`] deep. 2x2 under SEMI2K at 64 bits: 3 x 144 B and 16
/// rounds.
pub(in crate::cost) fn maximum(engine: &mut impl Spu, a: &Activation) -> Priced {
    let run = a.kind != Kind::MaxPool || a.row_length == 4;
    let status = if run { Status::Measured } else { Status::Estimate };
    let times = levels(a.row_length).saturating_mul(engine.steps());
    engine.step(Part::Pool, Primitive::Relu, pairs(a)?, times, status)
}

/// Primitives of one function, one after another; the first without a price ends it.
struct Calls<'a, E> {
    engine: &'a mut E,
    part: Part,
    times: u64,
    priced: Priced,
}

impl<E: Spu> Calls<'_, E> {
    fn step(&mut self, what: Primitive, n: u128, s: Status) {
        let (part, times) = (self.part, self.times);
        self.priced = self.priced.and_then(|()| self.engine.step(part, what, n, times, s));
    }

    fn steps(&mut self, steps: &[Primitive], n: u128, s: Status) {
        steps.iter().for_each(|what| self.step(*what, n, s));
    }

    fn function(&mut self, what: Function, n: u128, s: Status) {
        let (part, times) = (self.part, self.times);
        self.priced = self.priced.and_then(|()| self.engine.function(part, what, n, times, s));
    }

    fn softplus(&mut self, n: u128) {
        self.steps(&[Primitive::Relu, Primitive::Relu, Primitive::Exp], n, Status::Estimate);
        self.function(Function::Log, n, Status::Estimate);
    }

    /// The maximum of each row and of minus infinity: a comparison for each element, one level more.
    fn row_maximum(&mut self, a: &Activation, s: Status) {
        let (part, deep) = (self.part, levels(a.row_length) + 1);
        let times = deep.saturating_mul(self.times);
        let n = u128::from(a.elements);
        self.priced = self.priced.and_then(|()| self.engine.step(part, Primitive::Relu, n, times, s));
    }

    /// (x - mean) rsqrt(variance) g + b: means are local sums and a truncation a row, the variance's squares, the product
    /// with the root and that with g are products of secrets. Rows of 64 under SEMI2K: 3 x 40 B an element and
    /// 858 + 2 x 8 B a row, 34 rounds; without the mean 33.
    fn norm(&mut self, a: &Activation, centred: bool, s: Status) {
        use Primitive::{Product, Truncation};
        let (n, rows) = (u128::from(a.elements), u128::from(a.rows.max(1)));
        if centred {
            self.step(Truncation, rows, s);
        }
        self.steps(&[Product, Truncation], n, s);
        self.step(Truncation, rows, s);
        self.function(Function::ReciprocalRoot, rows, s);
        self.steps(&[Product, Truncation, Product, Truncation], n, s);
        if self.priced.is_ok() {
            self.engine.call(self.part, Call::Norm, s);
        }
    }

    /// The index of the greatest in each row. 10 classes under SEMI2K at 64 bits: 9 x 748 B, 4 x 35 rounds.
    fn winner(&mut self, a: &Activation) {
        let pairs = match pairs(a) {
            Ok(pairs) => pairs,
            Err(reason) => return self.priced = Err(reason),
        };
        let deep = levels(a.row_length).saturating_mul(self.times);
        let (part, s) = (self.part, Status::Measured);
        self.priced = self.priced.and_then(|()| self.engine.function(part, Function::Winner, pairs, deep, s));
        if self.priced.is_ok() {
            self.engine.call(part, Call::Winner { rows: a.rows.max(1), levels: deep }, s);
        }
    }

    /// Rows of a table at secret places: each place is compared with every index, and the bits select by a matrix
    /// product. 16 places of 1,000 rows of 64 under SEMI2K at 64 bits:
    /// 16,000 x 224 + 16 x (16,000 + 64,000) = 4,864,000 B, 8 + 1 rounds.
    fn look_up(&mut self, a: &Activation) {
        let (Some(width), 1..) = (a.elements.checked_div(a.rows), a.row_length) else {
            return self.priced = Err("the table's size is not known");
        };
        let pairs = product(&[a.rows, a.row_length]);
        self.function(Function::Equal, pairs, Status::Measured);
        let sizes = [a.rows, a.row_length, width];
        self.priced = self.priced.and_then(|()| self.engine.look_up(sizes, Status::Measured));
    }
}
