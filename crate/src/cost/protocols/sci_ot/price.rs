//! Bounds under CrypTFlow2 with OT alone.

use super::constants::*;
use crate::cost::constant::{Constant, Status};
use crate::cost::formulas::positions;
use crate::cost::formulas::recipes::{Engine, Primitive, activation, tournament};
use crate::cost::job::{Job, log2_ceil, product};
use crate::cost::term::{Context, Part, Priced, Term, To};
use crate::count::{Activation, Work};

pub(in crate::cost) fn price_sci_ot(job: Job<'_>, context: Context<'_>, out: &mut Vec<Term>) -> Priced {
    Bill { context, out }.price(job)
}

const NO_TRUNCATION: &str = "no formula for a truncation in this bound";

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
                self.linear(weights, positions(conv), 1)
            }
            Job::Work(&Work::MatMul { batch, m, k, n, secret: false, steps }) => {
                self.linear(product(&[k, n, steps.max(1)]), product(&[batch, m]), steps.max(1))
            }
            Job::Work(Work::Activation(a)) => activation(self, a),
            Job::Work(Work::Add { .. }) => Ok(()),
            Job::Work(Work::AvgPool { .. } | Work::Scale { .. }) => Err(NO_TRUNCATION),
            Job::Poly2 { .. }
            | Job::Work(Work::Poly2 { .. } | Work::Product { .. } | Work::MatMul { .. }) => {
                Err("no formula for a product of two secrets in this bound")
            }
            Job::Work(Work::Conv(_) | Work::ConvTranspose(_)) => {
                Err("no formula for a transposed convolution")
            }
            Job::Work(Work::BatchNorm { .. }) => {
                Err("no formula for a BatchNorm that no linear layer absorbs")
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
    fn linear(&mut self, weights: u128, uses: u128, steps: u64) -> Priced {
        let (part, l) = (Part::Linear, self.bits());
        let bits = l * (l + 1) / 2;
        let macs = weights.saturating_mul(uses);
        self.push(part, To::OnlineDown, &PRODUCT_BIT, macs.saturating_mul(bits), "bits of products");
        self.push(part, To::OnlineUp, &WEIGHT_BIT, weights.saturating_mul(l), "bits of weights");
        self.push(part, To::Rounds, &ROUND, steps.into(), "calls in turn");
        Ok(())
    }
}

impl Engine for Bill<'_> {
    fn step(&mut self, part: Part, what: Primitive, n: u128, times: u64, _: Status) -> Priced {
        match what {
            // 675.25 B and 8 rounds at l = 37.
            Primitive::Relu => {
                let depth = u128::from(log2_ceil(u64::from(self.context.terms.share_bits)) + 2);
                self.push(part, To::OnlineAll, &RELU_BIT, n.saturating_mul(self.bits()), "bits");
                if n > 0 {
                    self.push(part, To::Rounds, &ROUND, depth.saturating_mul(times.into()), "exchanges");
                }
                Ok(())
            }
            Primitive::Truncation => Err(NO_TRUNCATION),
            _ => Err("no formula for this function in this bound"),
        }
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
