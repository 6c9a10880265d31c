//! Prices of function secret sharing: keys from the dealer, and what the two parties open.
//!
//! A key goes to both parties and is used once: it is traffic before the input is known, and what the client
//! keeps. Online both parties send alike. Adds and products with public whole numbers are local.

use super::constants::*;
use crate::cost::constant::{Constant, Status};
use crate::cost::formulas::computed;
use crate::cost::formulas::recipes::{Engine, Primitive, activation, pairs};
use crate::cost::job::{Job, log2_ceil, product};
use crate::cost::term::{Context, Part, Priced, Term, To};
use crate::count::{Activation, Conv, Work};

pub(in crate::cost) fn price_fss(job: Job<'_>, context: Context<'_>, out: &mut Vec<Term>) -> Priced {
    Bill { context, out }.price(job)
}

/// A price in the making.
struct Bill<'a> {
    context: Context<'a>,
    out: &'a mut Vec<Term>,
}

impl Bill<'_> {
    fn price(&mut self, job: Job<'_>) -> Priced {
        match job {
            Job::Poly2 { elements, secret } | Job::Work(&Work::Poly2 { elements, secret }) => {
                self.poly2(elements.into(), secret);
            }
            Job::Work(Work::Conv(conv)) => self.conv(conv),
            Job::Work(Work::ConvTranspose(conv)) => self.conv(conv),
            Job::Work(&Work::MatMul { batch, m, k, n, secret, steps }) => {
                let steps = steps.max(1);
                // The weights' mask is one for the whole batch; a secret right side has one for each product.
                let right = if secret { batch } else { 1 };
                let of_all = |one: u128| one.saturating_mul(steps.into());
                self.linear(
                    of_all(product(&[batch, m, k])),
                    of_all(product(&[right, k, n])),
                    of_all(product(&[batch, m, n])),
                    steps,
                );
            }
            Job::Work(Work::Activation(a)) => activation(self, a)?,
            Job::Work(&Work::AvgPool { elements, .. } | &Work::Scale { elements }) => {
                self.truncation(Part::Truncation, elements.into(), self.context.steps);
            }
            Job::Work(&Work::Product { elements }) => {
                self.multiply(Part::Linear, elements.into(), self.context.steps);
            }
            Job::Work(&Work::BatchNorm { elements }) => self.multiply(Part::Linear, elements.into(), 1),
            Job::Work(Work::Add { .. }) => {}
        }
        Ok(())
    }

    fn push(&mut self, part: Part, to: To, rate: &'static Constant, n: u128, of: &'static str) {
        if n > 0 {
            self.out.push(Term::new(part, to, rate, n, of).at_best(Status::Estimate));
        }
    }

    /// Key material for both parties; the client keeps its own.
    fn key(&mut self, part: Part, rate: &'static Constant, n: u128, of: &'static str) {
        for to in [To::OfflineDown, To::OfflineBetween, To::Storage] {
            self.push(part, to, rate, n, of);
        }
    }

    /// Both parties open the same.
    fn open(&mut self, part: Part, rate: &'static Constant, n: u128, of: &'static str) {
        for to in [To::OnlineUp, To::OnlineDown] {
            self.push(part, to, rate, n, of);
        }
    }

    fn rounds(&mut self, part: Part, rate: &'static Constant, times: u64) {
        self.push(part, To::Rounds, rate, times.into(), "calls in turn");
    }

    /// Trees on `bits` bits, each with the share of its outcome: 63 bits take 16 x 56 + 32 + 57/8 B.
    fn trees(&mut self, part: Part, bits: u32, n: u128) {
        let levels = u128::from(bits.saturating_sub(EARLY));
        self.key(part, &LEVEL, n.saturating_mul(levels), "levels of trees");
        self.key(part, &LEAF, n, "trees");
        self.key(part, &KEY_BIT, n.saturating_mul(levels + 1), "bits of trees");
    }

    /// A x B = C: masks of the input (not unrolled), the weights and the outputs; the outputs are opened. 512 -> 100: 8 x (512 + 51,200 + 100) B
    /// of key, 800 B each way, 1 round, then a truncation of each output.
    fn linear(&mut self, inputs: u128, weights: u128, outputs: u128, times: u64) {
        let part = Part::Linear;
        self.key(part, &KEY_WORD, inputs, "inputs");
        self.key(part, &KEY_WORD, weights, "weights");
        self.key(part, &KEY_WORD, outputs, "outputs");
        self.open(part, &WORD, outputs, "outputs");
        if outputs > 0 {
            self.rounds(part, &LINEAR_ROUNDS, times);
        }
        self.truncation(Part::Truncation, outputs, times);
    }

    fn conv(&mut self, conv: &Conv) {
        let in_of_group = conv.in_channels / conv.groups.max(1);
        let weights = product(&conv.kernel).saturating_mul(product(&[in_of_group, conv.out_channels]));
        let inputs = product(&conv.input).saturating_mul(product(&[conv.batch, conv.in_channels]));
        self.linear(inputs, weights, computed(conv).saturating_mul(conv.out_channels.into()), 1);
    }

    /// With f bits taken off: 16 (f - 7) + 32 + (f - 7)/8 + 1/8 + 24 B of key, 8.125 B each way, 2 rounds. f = 12: 136.75 B.
    fn truncation(&mut self, part: Part, n: u128, times: u64) {
        if n == 0 {
            return;
        }
        self.trees(part, self.context.terms.fraction, n);
        self.key(part, &KEY_WORD, n.saturating_mul(TRUNCATION_WORDS), "words of truncations");
        self.open(part, &BIT, n, "truncations");
        self.open(part, &WORD, n, "truncations");
        self.rounds(part, &TRUNCATION_ROUNDS, times);
    }

    /// A comparison of n bits, which is a tree on n - 1, then a choice. n = 64: 975.125 B of key, 8.125 B each way, 2 rounds.
    fn relu(&mut self, part: Part, n: u128, times: u64) {
        if n == 0 {
            return;
        }
        self.trees(part, self.context.terms.fss_bits.saturating_sub(1), n);
        self.open(part, &BIT, n, "comparisons");
        self.choice(part, n);
        self.rounds(part, &RELU_ROUNDS, times);
    }

    /// A bit times a value.
    fn choice(&mut self, part: Part, n: u128) {
        self.key(part, &KEY_WORD, n.saturating_mul(SELECT_WORDS), "words of choices");
        self.open(part, &WORD, n, "choices");
    }

    /// A product of two secrets: a matrix product of size one.
    fn product(&mut self, part: Part, n: u128, times: u64) {
        if n == 0 {
            return;
        }
        self.key(part, &KEY_WORD, n.saturating_mul(PRODUCT_WORDS), "words of products");
        self.open(part, &WORD, n, "products");
        self.rounds(part, &LINEAR_ROUNDS, times);
    }

    fn multiply(&mut self, part: Part, n: u128, times: u64) {
        self.product(part, n, times);
        self.truncation(part, n, times);
    }

    /// Horner: (a x + b) x + c. Public coefficients: a truncation, then a product; secret ones: two products.
    fn poly2(&mut self, n: u128, secret: bool) {
        if secret {
            self.multiply(Part::Activation, n, 1);
        } else {
            self.truncation(Part::Activation, n, 1);
        }
        self.multiply(Part::Activation, n, 1);
    }
}

impl Engine for Bill<'_> {
    fn step(&mut self, part: Part, what: Primitive, n: u128, times: u64, _: Status) -> Priced {
        match what {
            Primitive::Relu => self.relu(part, n, times),
            Primitive::Select => {
                self.choice(part, n);
                self.rounds(part, &SELECT_ROUNDS, if n > 0 { times } else { 0 });
            }
            Primitive::Product => self.product(part, n, times),
            Primitive::Truncation => self.truncation(part, n, times),
            Primitive::Gelu => {
                self.key(part, &GELU_KEY, n, "GELUs");
                self.open(part, &GELU_OPENED, n, "GELUs");
                self.rounds(part, &GELU_ROUNDS, if n > 0 { times } else { 0 });
            }
            Primitive::Sigmoid | Primitive::Exp | Primitive::Reciprocal => {
                return Err("it is a table in the code, whose keys were not traced");
            }
        }
        Ok(())
    }

    fn steps(&self) -> u64 {
        self.context.steps
    }

    fn softmax(&mut self, _: &Activation) -> Priced {
        Err("its exponentials and its division are tables in the code, whose keys were not traced")
    }

    /// window - 1 ReLUs in ceil(log2 window) levels.
    fn maximum(&mut self, a: &Activation) -> Priced {
        self.relu(Part::Pool, pairs(a)?, u64::from(log2_ceil(a.row_length)));
        Ok(())
    }
}
