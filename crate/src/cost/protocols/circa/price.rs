//! Prices under Circa on DELPHI: ReLUs as a short comparison and a product; the rest is DELPHI's.

use super::constants::*;
use crate::cost::constant::{Constant, Status};
use crate::cost::formulas::recipes::{Engine, Primitive, activation, tournament};
use crate::cost::job::Job;
use crate::cost::protocols::delphi::constants::{
    BASE_OT, ENCODE, EVALUATE, EVALUATE_SPEEDUP, GARBLE, GARBLE_SPEEDUP, OPEN, OPENING, OT, REST, SEND,
    TRIPLE, TRIPLE_DOWN, TRIPLE_ROUNDS, TRIPLE_UP, WAIT,
};
use crate::cost::protocols::delphi::price::{price_ends, price_server_garbler, thread_scale};
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

    /// K = 12: 30 gates x 48 B, 29 labels x 28 B and 41 wires x 40 B down offline, 29 x 28 B down online, and a triple:
    /// 3,892 B stored, 4.69 times less than DELPHI. More bits dropped are taken to cost the same.
    fn relu(&mut self, part: Part, n: u128, times: u64) {
        let kept = FIELD_BITS.saturating_sub(self.context.parameter.min(MOST_GAIN));
        let [gates, labels, wires] =
            [kept + 1, kept, FIELD_BITS].map(|each| n.saturating_mul(u128::from(each)));
        for to in [To::OfflineDown, To::Storage] {
            self.push(part, to, &WIRE, wires, "wires of the sign");
        }
        self.seconds(part, n, kept);
        self.push(part, To::OfflineDown, &GATE, gates, "gates");
        self.push(part, To::OfflineDown, &LABEL, labels, "labels");
        self.push(part, To::OnlineDown, &LABEL, labels, "labels");
        self.push(part, To::Storage, &GATE, gates, "gates");
        self.push(part, To::Storage, &LABEL, labels, "labels");
        self.triple(part, n);
        self.push(part, To::Rounds, &ROUNDS, u128::from(times), "calls in turn");
        self.push(part, To::Setup, &BASE_OT, 1, "base OTs");
    }

    /// DELPHI's seconds, by the size of the circuit. Garbling and evaluation go with the gates (K = 12: 30 and, of the
    /// sign's wires, as many as their bytes make: 64 of 331), encoding, waiting and OT with the labels (29 of 42), sending
    /// with the bytes. An evaluation gains no more than the abstract's whole online phase.
    fn seconds(&mut self, part: Part, n: u128, kept: u32) {
        let bytes = |constant: &Constant| constant.view(0).value.unwrap_or(0.0);
        let sign = f64::from(FIELD_BITS) * bytes(&WIRE);
        let gates = (f64::from(kept + 1) + sign / bytes(&GATE)) / DELPHI_GATES;
        let labels = f64::from(kept) / DELPHI_LABELS;
        let sent = f64::from(kept + 1) * bytes(&GATE) + f64::from(kept) * bytes(&LABEL) + sign;
        let sent = (sent + bytes(&TRIPLE_UP) + bytes(&TRIPLE_DOWN)) / DELPHI_BYTES;
        let threads = self.context.terms.gc_threads;
        let [garbling, evaluating] = [&GARBLE_SPEEDUP, &EVALUATE_SPEEDUP].map(|s| thread_scale(s, threads));
        let (off, on) = (&OFFLINE_BY_SIZE, &ONLINE_BY_SIZE);
        let term =
            |to: To, rate: &'static Constant, scale: f64, what: &'static str, by: &'static Constant| {
                let term = Term::new(part, to, rate, n, "circuits").scaled(scale, what);
                term.fitted_by(by).at_best(Status::Estimate)
            };
        let (before, after) = (To::OfflineSeconds, To::OnlineSeconds);
        self.out.extend([
            term(before, &GARBLE, gates * garbling, "gates, threads", off),
            term(before, &ENCODE, labels, "labels", off),
            term(before, &SEND, sent, "bytes", off).sends(),
            term(before, &OT, labels, "labels", off),
            term(after, &EVALUATE, gates.max(1.0 / ONLINE_GAIN) * evaluating, "gates, threads", on),
            term(after, &WAIT, labels, "labels", on),
            term(after, &REST, 1.0, "", on),
        ]);
    }

    fn triple(&mut self, part: Part, n: u128) {
        self.push(part, To::OfflineSeconds, &TRIPLE, n, "products");
        self.push(part, To::OnlineSeconds, &OPEN, n, "products");
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
