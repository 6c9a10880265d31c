//! Prices under Trio and Quad: what each message between two parties holds of each primitive.
//!
//! A product, or an output of a matrix product, is one value in every message, and its truncation is
//! inside it. A ReLU finds the sign by an adder, then takes the bit times the value. Adds and public whole
//! numbers are local; a public fraction is a truncation, which only some messages hold.

use super::constants::{Comparison, PRODUCT_ROUNDS, VALUE};
use crate::cost::ask::{Adder, Terms, Window};
use crate::cost::constant::{Constant, Status};
use crate::cost::formulas::computed;
use crate::cost::formulas::recipes::{Engine, Primitive, activation, pairs};
use crate::cost::job::{Job, log2_ceil, product};
use crate::cost::term::{Context, Part, Priced, Term, To};
use crate::count::{Activation, Work};

/// The messages from one party to another.
pub(in crate::cost) struct Flow {
    pub to: To,
    /// Values that a ReLU sends here: of the bit times the value and, where 2, of turning the bit into shares.
    pub relu_values: u128,
    /// The bits that a comparison starts from go here.
    pub bits: bool,
    /// A truncation that is in no product goes here: of an average pool, of a public fraction.
    pub truncation: bool,
}

/// Between the two parties that compute online. At 32 bits with parallel prefix a ReLU is 4 + 86/8 = 14.75 B each way.
const TO_P1: Flow = Flow { to: To::OnlineUp, relu_values: 1, bits: false, truncation: false };
const TO_P2: Flow = Flow { to: To::OnlineDown, ..TO_P1 };

/// Trio: P2 and P1, and before them P0 to P2. Up and down are P2's.
pub(in crate::cost) static TRIO: [Flow; 3] =
    [TO_P1, TO_P2, Flow { to: To::OfflineDown, relu_values: 2, bits: true, truncation: true }];

/// Quad: what P2 shows P0 to check, and what P3 sends to P2 and to P0 before the input is known.
pub(in crate::cost) static QUAD: [Flow; 5] = [
    TO_P1,
    TO_P2,
    Flow { to: To::OnlineUp, relu_values: 2, bits: false, truncation: true },
    Flow { to: To::OfflineDown, relu_values: 2, bits: true, truncation: true },
    Flow { to: To::OfflineBetween, relu_values: 2, bits: false, truncation: false },
];

pub(in crate::cost) fn price_trio(job: Job<'_>, context: Context<'_>, out: &mut Vec<Term>) -> Priced {
    Bill { flows: &TRIO, logged: |_| true, context, out, in_product: false }.price(job)
}

pub(in crate::cost) fn price_quad(job: Job<'_>, context: Context<'_>, out: &mut Vec<Term>) -> Priced {
    let logged = |terms: &Terms| (terms.adder, terms.window) == (Adder::Ppa, Window::None);
    Bill { flows: &QUAD, logged, context, out, in_product: false }.price(job)
}

/// A price in the making.
struct Bill<'a> {
    flows: &'static [Flow],
    /// The log has a run that compares like this.
    logged: fn(&Terms) -> bool,
    context: Context<'a>,
    out: &'a mut Vec<Term>,
    /// The primitive before was a product: the truncation that follows is inside it.
    in_product: bool,
}

impl Bill<'_> {
    fn price(&mut self, job: Job<'_>) -> Priced {
        match job {
            Job::Poly2 { elements, secret } | Job::Work(&Work::Poly2 { elements, secret }) => {
                self.poly2(elements.into(), secret);
            }
            Job::Work(Work::Conv(conv)) => {
                let outputs = computed(conv).saturating_mul(conv.out_channels.into());
                let status = if conv.groups == 1 && conv.places.is_none() {
                    Status::Validated
                } else {
                    Status::Estimate
                };
                self.products(Part::Linear, outputs, 1, status);
            }
            Job::Work(Work::ConvTranspose(conv)) => {
                let outputs = computed(conv).saturating_mul(conv.out_channels.into());
                self.products(Part::Linear, outputs, 1, Status::Estimate);
            }
            Job::Work(&Work::MatMul { batch, m, n, secret, steps, .. }) => {
                let steps = steps.max(1);
                let status = if secret || steps > 1 { Status::Estimate } else { Status::Validated };
                self.products(Part::Linear, product(&[batch, m, n, steps]), steps, status);
            }
            Job::Work(Work::Activation(a)) => activation(self, a)?,
            // A window of one is the value itself.
            Job::Work(&Work::AvgPool { elements, window }) => {
                let elements = if window == 1 { 0 } else { elements };
                self.truncation(elements.into(), Status::Validated);
            }
            Job::Work(&Work::Scale { elements }) => self.truncation(elements.into(), Status::Estimate),
            Job::Work(&Work::Product { elements }) => {
                self.products(Part::Linear, elements.into(), self.context.steps, Status::Estimate);
            }
            // The scale of each channel is a secret weight.
            Job::Work(&Work::BatchNorm { elements }) => {
                self.products(Part::Linear, elements.into(), 1, Status::Validated);
            }
            Job::Work(Work::Add { .. }) => {}
        }
        Ok(())
    }

    fn push(
        &mut self,
        part: Part,
        to: To,
        rate: &'static Constant,
        n: u128,
        of: &'static str,
        status: Status,
    ) {
        if n > 0 {
            self.out.push(Term::new(part, to, rate, n, of).at_best(status));
        }
    }

    fn rounds(&mut self, part: Part, rate: &'static Constant, times: u64, status: Status) {
        self.push(part, To::Rounds, rate, times.into(), "calls in turn", status);
    }

    /// One value in every message, whatever the inner size. 64 -> 64, 3x3 at 32x32 in Trio, 32 bits:
    /// 65,536 x 4 = 262,144 B each way and as much before; 1 round.
    fn products(&mut self, part: Part, n: u128, times: u64, status: Status) {
        if n == 0 {
            return;
        }
        for flow in self.flows {
            self.push(part, flow.to, &VALUE, n, "products", status);
        }
        self.rounds(part, &PRODUCT_ROUNDS, times, status);
    }

    /// A truncation that no product holds waits for nobody.
    fn truncation(&mut self, n: u128, status: Status) {
        for flow in self.flows.iter().filter(|flow| flow.truncation) {
            self.push(Part::Truncation, flow.to, &VALUE, n, "truncations", status);
        }
    }

    /// Horner: (a x + b) x + c. Public coefficients: a truncation, then a product; secret ones: two products.
    fn poly2(&mut self, n: u128, secret: bool) {
        let part = Part::Activation;
        if secret {
            self.products(part, n, 1, Status::Estimate);
        } else {
            self.truncation(n, Status::Estimate);
        }
        self.products(part, n, 1, Status::Estimate);
    }

    /// Adder, then bit times value. Trio at 32 bits with parallel prefix: 14.75 B each way, and before it
    /// 4 + 86/8 + 2 x 4 = 22.75 B; 6 + 1 rounds.
    fn relu(&mut self, part: Part, n: u128, times: u64, status: Status) {
        let terms = self.context.terms;
        let how = Comparison::of(terms.adder, terms.window);
        let status = if (self.logged)(terms) { status } else { status.max(Status::Estimate) };
        for flow in self.flows {
            self.push(part, flow.to, &VALUE, n.saturating_mul(flow.relu_values), "values of ReLUs", status);
            self.push(part, flow.to, how.adder, n, "ReLUs", status);
            if flow.bits {
                self.push(part, flow.to, how.bits, n, "ReLUs", status);
            }
        }
        if n > 0 {
            self.rounds(part, how.depth, times, status);
            self.rounds(part, &PRODUCT_ROUNDS, times, status);
        }
    }

    /// A ReLU less its adder.
    fn select(&mut self, part: Part, n: u128, times: u64, status: Status) {
        for flow in self.flows {
            self.push(part, flow.to, &VALUE, n.saturating_mul(flow.relu_values), "values chosen", status);
        }
        if n > 0 {
            self.rounds(part, &PRODUCT_ROUNDS, times, status);
        }
    }
}

impl Engine for Bill<'_> {
    fn step(&mut self, part: Part, what: Primitive, n: u128, times: u64, at_best: Status) -> Priced {
        let in_product = std::mem::replace(&mut self.in_product, what == Primitive::Product);
        match what {
            Primitive::Relu => self.relu(part, n, times, at_best),
            Primitive::Select => self.select(part, n, times, at_best),
            Primitive::Product => self.products(part, n, times, at_best),
            Primitive::Truncation if in_product => {}
            Primitive::Truncation => self.truncation(n, at_best),
            Primitive::Gelu | Primitive::Sigmoid | Primitive::Exp | Primitive::Reciprocal => {
                return Err("its authors give no run of an exponential, a sigmoid, a GELU or a division");
            }
        }
        Ok(())
    }

    fn steps(&self) -> u64 {
        self.context.steps
    }

    fn softmax(&mut self, _: &Activation) -> Priced {
        Err("its authors give no run of a softmax")
    }

    /// window - 1 ReLUs in ceil(log2 window) levels. Derived: the logged networks have average pools instead.
    fn maximum(&mut self, a: &Activation) -> Priced {
        let levels = u64::from(log2_ceil(a.row_length));
        self.relu(Part::Pool, pairs(a)?, levels, Status::Estimate);
        Ok(())
    }
}
