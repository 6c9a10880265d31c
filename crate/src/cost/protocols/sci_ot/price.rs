//! Bounds under CrypTFlow2 with OT alone.

use super::constants::*;
use crate::cost::constant::{Constant, Status};
use crate::cost::formulas::computed;
use crate::cost::formulas::recipes::{Engine, Primitive, activation, tournament};
use crate::cost::job::{Job, elements, log2_ceil, product};
use crate::cost::term::{Context, Part, Priced, Term, To};
use crate::count::{Activation, Work};

pub(in crate::cost) fn price_sci_ot(job: Job<'_>, context: Context<'_>, out: &mut Vec<Term>) -> Priced {
    Bill { context, out }.price(job)
}

/// Outputs of a linear layer, each of which is truncated.
fn outputs(job: Job<'_>) -> u128 {
    elements(job).unwrap_or(0)
}

/// A price in the making.
struct Bill<'a> {
    context: Context<'a>,
    out: &'a mut Vec<Term>,
}

impl Bill<'_> {
    fn price(&mut self, job: Job<'_>) -> Priced {
        match job {
            Job::Work(Work::Conv(conv)) if conv.groups > 0 => {
                let weights = product(&conv.kernel)
                    .saturating_mul(product(&[conv.in_channels / conv.groups, conv.out_channels]));
                let outputs = computed(conv).saturating_mul(conv.out_channels.into());
                self.linear(weights, computed(conv), 1);
                self.step(Part::Truncation, Primitive::Truncation, outputs, 1, Status::Estimate)
            }
            Job::Work(&Work::MatMul { batch, m, k, n, secret: false, steps }) => {
                let (weights, steps) = (product(&[k, n, steps.max(1)]), steps.max(1));
                match product(&[batch, m]) {
                    1 => self.fully_connected(weights, steps),
                    vectors => self.linear(weights, vectors, steps),
                }
                self.step(Part::Truncation, Primitive::Truncation, outputs(job), steps, Status::Estimate)
            }
            Job::Work(Work::Activation(a)) => activation(self, a),
            Job::Work(Work::Add { .. }) => Ok(()),
            Job::Work(&Work::AvgPool { elements, .. } | &Work::Scale { elements }) => {
                let steps = self.context.steps;
                self.step(Part::Truncation, Primitive::Truncation, elements.into(), steps, Status::Estimate)
            }
            Job::Poly2 { .. }
            | Job::Work(Work::Poly2 { .. } | Work::Product { .. } | Work::MatMul { .. }) => {
                Err("no formula for a product of two secrets in this bound")
            }
            Job::Work(Work::Conv(_) | Work::ConvTranspose(_)) => {
                Err("no formula for a transposed convolution")
            }
            Job::Work(&Work::BatchNorm { elements }) => {
                self.compare(Part::Linear, &NORM_BIT, elements.into(), 1);
                Ok(())
            }
        }
    }

    fn push(&mut self, part: Part, to: To, rate: &'static Constant, n: u128, of: &'static str) {
        if n > 0 {
            self.out.push(Term::new(part, to, rate, n, of).at_best(Status::Estimate));
        }
    }

    fn bits(&self) -> u128 {
        self.context.terms.share_bits.into()
    }

    /// Down: l (l + 1) / 2 bits a multiplication, 87.9 B at l = 37. Up: 16 l B a weight.
    fn linear(&mut self, weights: u128, uses: u128, steps: u64) {
        let (part, l) = (Part::Linear, self.bits());
        let bits = l * (l + 1) / 2;
        let macs = weights.saturating_mul(uses);
        self.push(part, To::OnlineDown, &PRODUCT_BIT, macs.saturating_mul(bits), "bits of products");
        self.push(part, To::OnlineUp, &WEIGHT_BIT, weights.saturating_mul(l), "bits of weights");
        self.push(part, To::Rounds, &ROUND, steps.into(), "calls in turn");
    }

    /// One vector: 16 l B a weight, 592 B at l = 37, all of it down.
    fn fully_connected(&mut self, weights: u128, steps: u64) {
        let (part, l) = (Part::Linear, self.bits());
        self.push(part, To::OnlineDown, &WEIGHT_BIT, weights.saturating_mul(l), "bits of weights");
        self.push(part, To::Rounds, &ROUND, steps.into(), "calls in turn");
    }

    /// n values of l bits. A ReLU at l = 37: 83.68 B down, 519 B up, 8 rounds.
    fn compare(&mut self, part: Part, sent: &'static Constant, n: u128, times: u64) {
        let bits = n.saturating_mul(self.bits());
        let depth = u128::from(log2_ceil(u64::from(self.context.terms.share_bits)) + 2);
        self.push(part, To::OnlineDown, sent, bits, "bits");
        self.push(part, To::OnlineUp, &RECEIVED_BIT, bits, "bits");
        if n > 0 {
            self.push(part, To::Rounds, &ROUND, depth.saturating_mul(times.into()), "exchanges");
        }
    }
}

impl Engine for Bill<'_> {
    fn step(&mut self, part: Part, what: Primitive, n: u128, times: u64, _: Status) -> Priced {
        match what {
            Primitive::Relu if part == Part::Pool => self.compare(part, &POOL_BIT, n, times),
            Primitive::Relu => self.compare(part, &RELU_BIT, n, times),
            Primitive::Truncation => self.compare(part, &TRUNCATION_BIT, n, times),
            _ => return Err("no formula for this function in this bound"),
        }
        Ok(())
    }

    fn steps(&self) -> u64 {
        self.context.steps
    }

    fn softmax(&mut self, _: &Activation) -> Priced {
        Err("no formula for this function in this bound")
    }

    fn maximum(&mut self, a: &Activation) -> Priced {
        tournament(self, a)
    }
}
