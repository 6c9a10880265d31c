//! Prices under CrypTen: Beaver products on whole operands, comparisons on binary shares.

use super::constants::*;
use crate::cost::constant::{Constant, Status};
use crate::cost::formulas::recipes::{Engine, Primitive, activation};
use crate::cost::job::{Job, product};
use crate::cost::term::{Context, Part, Priced, Term, To};
use crate::count::{Activation, Conv, Kind, Work};

pub(in crate::cost) fn price_crypten(job: Job<'_>, context: Context<'_>, out: &mut Vec<Term>) -> Priced {
    Bill { context, out }.price(job)
}

/// A price in the making.
struct Bill<'a> {
    context: Context<'a>,
    out: &'a mut Vec<Term>,
}

impl Bill<'_> {
    fn price(&mut self, job: Job<'_>) -> Priced {
        let steps = self.context.steps;
        match job {
            Job::Poly2 { elements, secret } | Job::Work(&Work::Poly2 { elements, secret }) => {
                self.poly2(u128::from(elements), secret)
            }
            Job::Work(Work::Conv(conv)) => {
                let plain = if conv.groups == 1 { Status::Measured } else { Status::Estimate };
                self.conv(conv, plain)
            }
            Job::Work(Work::ConvTranspose(conv)) => self.conv(conv, Status::Estimate),
            Job::Work(&Work::MatMul { batch, m, k, n, secret, steps }) => {
                // Sizes are of one step. A weight is opened once a step, a secret right side once a product.
                let right = if secret { batch } else { 1 };
                let entries = product(&[batch, m, k]).saturating_add(product(&[right, k, n]));
                let plain = !secret && steps <= 1 && batch == 1;
                let status = if plain { Status::Measured } else { Status::Estimate };
                let entries = entries.saturating_mul(u128::from(steps.max(1)));
                self.push(Part::Linear, &OPERAND, &PRODUCT_ROUNDS, entries, steps.max(1), status);
                Ok(())
            }
            Job::Work(Work::Activation(a)) => activation(self, a),
            // Truncation is local, and so is everything with public numbers.
            Job::Work(Work::AvgPool { .. } | Work::Scale { .. } | Work::Add { .. }) => Ok(()),
            Job::Work(&Work::Product { elements }) => {
                self.step(Part::Linear, Primitive::Product, u128::from(elements), steps, Status::Measured)
            }
            Job::Work(&Work::BatchNorm { elements }) => {
                self.step(Part::Linear, Primitive::Product, u128::from(elements), steps, Status::Estimate)
            }
        }
    }

    fn push(
        &mut self,
        part: Part,
        bytes: &'static Constant,
        rounds: &'static Constant,
        n: u128,
        times: u64,
        s: Status,
    ) {
        if n > 0 {
            self.out.push(Term::new(part, To::OnlineAll, bytes, n, "elements").at_best(s));
            self.out.push(Term::new(part, To::Rounds, rounds, u128::from(times), "calls in turn").at_best(s));
        }
    }

    /// 16 B for each entry of the input and of the weights. 3x3, 64 -> 64 at 32x32: 16 x (65,536 + 36,864) = 1,638,400 B.
    fn conv(&mut self, conv: &Conv, s: Status) -> Priced {
        if conv.groups == 0 {
            return Err("a convolution needs at least one group");
        }
        let input = product(&[conv.batch, conv.in_channels]).saturating_mul(product(&conv.input));
        let weights = product(&conv.kernel)
            .saturating_mul(product(&[conv.in_channels / conv.groups, conv.out_channels]));
        self.push(Part::Linear, &OPERAND, &PRODUCT_ROUNDS, input.saturating_add(weights), 1, s);
        Ok(())
    }

    /// Public coefficients cost the square alone, 16 B. Secret ones: (a x + b) x + c, two products, 64 B.
    fn poly2(&mut self, n: u128, secret: bool) -> Priced {
        let (part, steps) = (Part::Activation, self.context.steps);
        if secret {
            self.step(part, Primitive::Product, n, steps, Status::Estimate)?;
            return self.step(part, Primitive::Product, n, steps, Status::Estimate);
        }
        self.push(part, &SQUARE, &PRODUCT_ROUNDS, n, steps, Status::Measured);
        Ok(())
    }
}

impl Engine for Bill<'_> {
    fn step(&mut self, part: Part, what: Primitive, n: u128, times: u64, s: Status) -> Priced {
        let (bytes, rounds) = match what {
            Primitive::Relu => (&RELU, &RELU_ROUNDS),
            Primitive::Select => (&SELECT, &SELECT_ROUNDS),
            Primitive::Product => (&PRODUCT, &PRODUCT_ROUNDS),
            Primitive::Truncation => return Ok(()),
            Primitive::Gelu => (&GELU, &GELU_ROUNDS),
            Primitive::Sigmoid => (&SIGMOID, &SIGMOID_ROUNDS),
            Primitive::Exp => (&EXP, &EXP_ROUNDS),
            Primitive::Reciprocal => (&RECIPROCAL, &RECIPROCAL_ROUNDS),
        };
        self.push(part, bytes, rounds, n, times, s);
        Ok(())
    }

    fn steps(&self) -> u64 {
        self.context.steps
    }

    fn softmax(&mut self, a: &Activation) -> Priced {
        if a.row_length != 64 {
            return Err("only rows of 64 were run, and its parts are not known");
        }
        self.push(Part::Activation, &SOFTMAX, &SOFTMAX_ROUNDS, u128::from(a.rows), 1, Status::Measured);
        Ok(())
    }

    fn maximum(&mut self, a: &Activation) -> Priced {
        if a.kind != Kind::MaxPool || a.row_length != 4 {
            return Err("only a max-pool of 2x2 was run, and the engine's maximum is no tournament of ReLUs");
        }
        let inputs = u128::from(a.elements).saturating_mul(4);
        self.push(Part::Pool, &POOL, &POOL_ROUNDS, inputs, 1, Status::Measured);
        Ok(())
    }
}
