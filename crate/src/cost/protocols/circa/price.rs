//! Prices under Circa on DELPHI: ReLUs as a short comparison and a product; the rest is DELPHI's.

use super::constants::*;
use crate::cost::constant::{Constant, Status};
use crate::cost::formulas::recipes::{Engine, Primitive, activation, tournament};
use crate::cost::job::Job;
use crate::cost::protocols::delphi::constants::{BASE_OT, OPENING, TRIPLE_DOWN, TRIPLE_ROUNDS, TRIPLE_UP};
use crate::cost::protocols::delphi::price::{price_ends, price_server_garbler};
use crate::cost::term::{Context, Part, Priced, Term, To};
use crate::count::{Activation, Work};

pub(in crate::cost) fn price_circa(job: Job<'_>, context: Context<'_>, out: &mut Vec<Term>) -> Priced {
    match job {
        Job::Work(Work::Activation(a)) => {
            activation(&mut Bill { context, out }, a)?;
            price_ends(context, out);
            Ok(())
        }
        job => price_server_garbler(job, context, out),
    }
}

/// A price in the making.
struct Bill<'a> {
    context: Context<'a>,
    out: &'a mut Vec<Term>,
}

impl Bill<'_> {
    fn push(&mut self, part: Part, to: To, rate: &'static Constant, n: u128, of: &'static str) {
        self.out.push(Term::new(part, to, rate, n, of).at_best(Status::Estimate));
    }

    /// K = 12: 30 gates x 48 B and 29 labels x 28 B down offline, 29 x 28 B down online, and a triple.
    fn relu(&mut self, part: Part, n: u128, times: u64) {
        let kept = FIELD_BITS.saturating_sub(self.context.parameter);
        let [gates, labels] = [kept + 1, kept].map(|each| n.saturating_mul(u128::from(each)));
        self.push(part, To::OfflineDown, &GATE, gates, "gates");
        self.push(part, To::OfflineDown, &LABEL, labels, "labels");
        self.push(part, To::OnlineDown, &LABEL, labels, "labels");
        self.push(part, To::Storage, &GATE, gates, "gates");
        self.push(part, To::Storage, &LABEL, labels, "labels");
        self.triple(part, n);
        self.push(part, To::Rounds, &ROUNDS, u128::from(times), "calls in turn");
        self.push(part, To::Setup, &BASE_OT, 1, "base OTs");
    }

    fn triple(&mut self, part: Part, n: u128) {
        self.push(part, To::OfflineUp, &TRIPLE_UP, n, "products");
        self.push(part, To::OfflineDown, &TRIPLE_DOWN, n, "products");
        self.push(part, To::OnlineUp, &OPENING, n, "products");
        self.push(part, To::OnlineDown, &OPENING, n, "products");
    }
}

impl Engine for Bill<'_> {
    fn step(&mut self, part: Part, what: Primitive, n: u128, times: u64, _: Status) -> Priced {
        match what {
            Primitive::Relu if n > 0 => self.relu(part, n, times),
            Primitive::Product if n > 0 => {
                self.triple(part, n);
                self.push(part, To::Rounds, &TRIPLE_ROUNDS, times.into(), "calls in turn");
            }
            // Each party works on its own share.
            Primitive::Relu | Primitive::Product | Primitive::Truncation => {}
            Primitive::Select => return Err("no choice of an index in the DELPHI code"),
            Primitive::Gelu | Primitive::Sigmoid | Primitive::Exp | Primitive::Reciprocal => {
                return Err("no circuit for this function in the DELPHI code");
            }
        }
        Ok(())
    }

    fn steps(&self) -> u64 {
        self.context.steps
    }

    fn softmax(&mut self, _: &Activation) -> Priced {
        Err("not in the DELPHI code")
    }

    fn maximum(&mut self, a: &Activation) -> Priced {
        tournament(self, a)
    }
}
