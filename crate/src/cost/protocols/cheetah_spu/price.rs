//! Prices under Cheetah in SPU: homomorphic matrix products, silent OT, a pool of triples.

use super::constants::*;
use crate::cost::ask::Ot;
use crate::cost::constant::{Constant, Status};
use crate::cost::formulas::recipes::{Engine, Primitive, activation, tournament};
use crate::cost::formulas::tiling::Tiling;
use crate::cost::formulas::{part_of, positions};
use crate::cost::job::{Job, product};
use crate::cost::term::{Context, Part, Priced, Term, To};
use crate::count::{Activation, Conv, Work};

pub(in crate::cost) fn price_private(job: Job<'_>, context: Context<'_>, out: &mut Vec<Term>) -> Priced {
    Bill { shared: false, context, out }.price(job)
}

pub(in crate::cost) fn price_shared(job: Job<'_>, context: Context<'_>, out: &mut Vec<Term>) -> Priced {
    Bill { shared: true, context, out }.price(job)
}

/// A price in the making.
struct Bill<'a> {
    /// Weights are shared, not one party's.
    shared: bool,
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
            Job::Work(Work::Conv(conv)) => self.conv(conv, false),
            Job::Work(Work::ConvTranspose(conv)) => self.conv(conv, true),
            Job::Work(&Work::MatMul { batch, m, k, n, secret, steps }) => {
                let status = if batch == 1 && steps <= 1 { Status::Validated } else { Status::Estimate };
                // A weight meets the rows of all products at once.
                let (times, rows) = if secret { (batch, m) } else { (1, m.saturating_mul(batch)) };
                self.matmul(times.saturating_mul(steps.max(1)), steps, [rows, k, n], secret, status)
            }
            Job::Work(Work::Activation(a)) => activation(self, a),
            Job::Work(&Work::AvgPool { elements, .. } | &Work::Scale { elements }) => {
                self.truncation(Part::Truncation, u128::from(elements), steps, Status::Measured)
            }
            Job::Work(&Work::Product { elements }) => {
                self.multiply(Part::Linear, u128::from(elements), steps, Status::Measured)
            }
            // The scale of each channel is a weight.
            Job::Work(&Work::BatchNorm { elements }) => {
                let n = u128::from(elements);
                if self.shared {
                    return self.multiply(Part::Linear, n, steps, Status::Estimate);
                }
                self.private(Part::Linear, n, Status::Estimate)?;
                self.truncation(Part::Truncation, n, steps, Status::Estimate)
            }
            Job::Work(Work::Add { .. }) => Ok(()),
        }
    }

    fn push(&mut self, part: Part, to: To, rate: &'static Constant, n: u128, of: &'static str, s: Status) {
        if n > 0 {
            self.out.push(Term::new(part, to, rate, n, of).at_best(s));
        }
    }

    fn ferret(&self) -> Result<(), &'static str> {
        match self.context.terms.ot {
            Ot::Ferret => Ok(()),
            Ot::Softspoken => Err("no run of this function over Softspoken OT"),
        }
    }

    /// 64 bits, Ferret: 77.25 B up, 21.25 B down, and 1 B of Ferret's own. 65,536 ReLUs: 6,455,296 B and 65,536 B.
    /// Softspoken: 205.125 B up and 653.125 B down, and 17,408 B a call.
    fn relu(&mut self, part: Part, n: u128, times: u64, s: Status) {
        let calls = u128::from(times);
        match self.context.terms.ot {
            Ot::Ferret => {
                self.push(part, To::OnlineUp, &RELU_UP, n, "elements", s);
                self.push(part, To::OnlineDown, &RELU_DOWN, n, "elements", s);
                self.push(part, To::OnlineUp, &REFILL, n, "elements", s);
                self.push(part, To::Rounds, &RELU_ROUNDS, calls, "calls in turn", s);
            }
            Ot::Softspoken => {
                self.push(part, To::OnlineUp, &SOFT_RELU_UP, n, "elements", s);
                self.push(part, To::OnlineDown, &SOFT_RELU_DOWN, n, "elements", s);
                if self.context.per_call {
                    self.push(part, To::OnlineUp, &SOFT_RELU_CALL_UP, calls, "calls in turn", s);
                    self.push(part, To::OnlineDown, &SOFT_RELU_CALL_DOWN, calls, "calls in turn", s);
                }
                self.push(part, To::Rounds, &RELU_ROUNDS, calls, "calls in turn", s.max(Status::Estimate));
            }
        }
        self.push(part, To::Setup, &OT_SETUP, 1, "set-ups", s);
    }

    /// 64 bits: 3 B up and 1 bit down; over Softspoken 8 B down, and 1,024 B a call.
    fn truncation(&mut self, part: Part, n: u128, times: u64, s: Status) -> Priced {
        if n == 0 {
            return Ok(());
        }
        self.push(part, To::OnlineUp, &TRUNCATION_UP, n, "elements", s);
        match self.context.terms.ot {
            Ot::Ferret => self.push(part, To::OnlineDown, &TRUNCATION_DOWN, n, "elements", s),
            Ot::Softspoken => {
                self.push(part, To::OnlineDown, &SOFT_TRUNCATION_DOWN, n, "elements", s);
                if self.context.per_call {
                    let to = To::OnlineDown;
                    self.push(part, to, &SOFT_TRUNCATION_CALL_DOWN, u128::from(times), "calls in turn", s);
                }
            }
        }
        self.push(part, To::Rounds, &TRUNCATION_ROUNDS, u128::from(times), "calls in turn", s);
        self.push(part, To::Setup, &OT_SETUP, 1, "set-ups", s);
        Ok(())
    }

    /// Products of two secrets, `n` in all. 16,384 in a call: 218.2 B each, 3,574,989 B. 1,024 with
    /// 1,024 triples ready: 32 B each, 32,768 B; with fewer, a batch of 4,096 first, 1,143,679 B. Rounds apart.
    fn products(&mut self, part: Part, n: u128, times: u64, s: Status) {
        let times = times.max(1);
        let call = n.div_ceil(u128::from(times));
        if call >= DIRECT_FROM {
            self.push(part, To::OnlineUp, &PRODUCT, n, "products", s);
            self.push(part, To::OnlineDown, &PRODUCT, n, "products", s);
        } else {
            let batches = self.fill_pool(call, times);
            self.push(part, To::OnlineUp, &OPENING, n, "products", s);
            self.push(part, To::OnlineDown, &OPENING, n, "products", s);
            self.push(part, To::OnlineUp, &TRIPLES_UP, batches, "batches of triples", s);
            self.push(part, To::OnlineDown, &TRIPLES_DOWN, batches, "batches of triples", s);
        }
    }

    /// Takes `times` x `call` triples; a call that finds too few fills in ceil(call / 4,096) batches first.
    /// A filling always suffices for its call, so that after all calls there were
    /// ceil((times x call - ready) / filling) of them.
    fn fill_pool(&self, call: u128, times: u64) -> u128 {
        let ready = u128::from(self.context.ready.get());
        let taken = call.saturating_mul(u128::from(times));
        let batches = call.div_ceil(TRIPLES);
        let fillings = taken.saturating_sub(ready).div_ceil((batches * TRIPLES).max(1));
        let left = fillings.saturating_mul(batches * TRIPLES).saturating_add(ready).saturating_sub(taken);
        self.context.ready.set(u64::try_from(left).unwrap_or(0));
        fillings.saturating_mul(batches)
    }

    fn multiply(&mut self, part: Part, n: u128, times: u64, s: Status) -> Priced {
        self.step(part, Primitive::Product, n, times, s)?;
        self.truncation(part, n, times, s)
    }

    /// Products with a value that one party has. 16,384: two batches, 2,286,878 B.
    fn private(&mut self, part: Part, n: u128, s: Status) -> Priced {
        let batches = n.div_ceil(PRIVATE_BATCH);
        self.push(part, To::OnlineUp, &PRIVATE_UP, batches, "batches of products", s);
        self.push(part, To::OnlineDown, &PRIVATE_DOWN, batches, "batches of products", s);
        self.push(part, To::Rounds, &PRODUCT_ROUNDS, u128::from(self.context.steps), "calls in turn", s);
        Ok(())
    }

    /// Horner: (a x + b) x + c. Public: truncation, product, truncation, 224.45 B in a large call. Shared coefficients:
    /// two products of two secrets, 442.65 B (run: 442.66); a private one and a product: 364.03 B (run: 364.06).
    fn poly2(&mut self, n: u128, secret: bool) -> Priced {
        let (part, steps, s) = (Part::Activation, self.context.steps, Status::Measured);
        match (secret, self.shared) {
            (false, _) => self.truncation(part, n, steps, s)?,
            (true, true) => self.multiply(part, n, steps, s)?,
            (true, false) => {
                self.private(part, n, s)?;
                self.truncation(part, n, steps, s)?;
            }
        }
        self.multiply(part, n, steps, s)
    }

    fn conv(&mut self, conv: &Conv, transposed: bool) -> Priced {
        const TOO_LARGE: &str = "its matrix product is too large";
        if conv.groups == 0 {
            return Err("a convolution needs at least one group");
        }
        let plain = conv.groups == 1 && !transposed;
        let status = if plain { Status::Validated } else { Status::Estimate };
        let columns = product(&conv.kernel).saturating_mul(u128::from(conv.in_channels / conv.groups));
        let [m, k] = [positions(conv), columns].map(u64::try_from);
        let (Ok(m), Ok(k)) = (m, k) else { return Err(TOO_LARGE) };
        self.matmul(conv.groups, 1, [m, k, conv.out_channels / conv.groups], false, status)
    }

    /// `times` products of m x k by k x n. 3x3, 64 -> 64 at 32x32, weights of one party: 5 ciphertexts of weights down,
    /// 8 answers up, 3.125 B of truncation per output: 3,164,440 B (run: 3,164,427).
    fn matmul(&mut self, times: u64, steps: u64, [m, k, n]: [u64; 3], secret: bool, s: Status) -> Priced {
        let outputs = product(&[times, m, n]);
        if outputs == 0 || k == 0 {
            return Ok(());
        }
        let tiling = Tiling::of(m, k, n);
        let (part, times) = (Part::Linear, u128::from(times));
        // Whoever has the smaller operand encrypts it; the other answers. Where both operands are shared, both do both.
        let both = self.shared || secret;
        let (there, back) =
            if tiling.weights_sent { (To::OnlineDown, To::OnlineUp) } else { (To::OnlineUp, To::OnlineDown) };
        let ways = [(there, back), (back, there)];
        for (there, back) in ways.into_iter().take(if both { 2 } else { 1 }) {
            let sent = tiling.sent.saturating_mul(times);
            let answers = tiling.answers.saturating_mul(times);
            self.push(part, there, &CIPHERTEXT, sent, "ciphertexts", s);
            if tiling.small {
                self.push(part, back, &SMALL_RESPONSE, answers, "answers", s);
                self.push(part, back, &SMALL_ENTRY, outputs, "outputs", s);
            } else {
                self.push(part, back, &RESPONSE, answers, "answers", s);
            }
        }
        self.push(part, To::Rounds, &LINEAR_ROUNDS, u128::from(steps.max(1)), "calls in turn", s);
        self.push(part, To::Setup, &GALOIS_KEYS, 1, "key sets", s);
        self.truncation(Part::Truncation, outputs, steps.max(1), s)
    }
}

impl Engine for Bill<'_> {
    fn step(&mut self, part: Part, what: Primitive, n: u128, times: u64, s: Status) -> Priced {
        if n == 0 {
            return Ok(());
        }
        let (up, down, rounds) = match what {
            Primitive::Relu => {
                self.relu(part, n, times, s);
                return Ok(());
            }
            Primitive::Product => {
                self.products(part, n, times, s);
                self.push(part, To::Rounds, &PRODUCT_ROUNDS, u128::from(times), "calls in turn", s);
                return Ok(());
            }
            Primitive::Truncation => return self.truncation(part, n, times, s),
            Primitive::Select => (&SELECT_UP, &SELECT_DOWN, &SELECT_ROUNDS),
            Primitive::Gelu => {
                let s = if n == DIRECT_FROM { s } else { s.max(Status::Estimate) };
                let products = u128::from(GELU_PRODUCTS).saturating_mul(n);
                self.products(part, products, times.saturating_mul(GELU_PRODUCTS), s);
                (&GELU_UP, &GELU_DOWN, &GELU_ROUNDS)
            }
            Primitive::Sigmoid => (&SIGMOID_UP, &SIGMOID_DOWN, &SIGMOID_ROUNDS),
            Primitive::Exp => (&EXP_UP, &EXP_DOWN, &EXP_ROUNDS),
            Primitive::Reciprocal => (&RECIPROCAL_UP, &RECIPROCAL_DOWN, &EXP_ROUNDS),
        };
        self.ferret()?;
        let one_size = matches!(what, Primitive::Sigmoid | Primitive::Exp) && n != TRIPLES;
        let s = if one_size { s.max(Status::Estimate) } else { s };
        self.push(part, To::OnlineUp, up, n, "elements", s);
        self.push(part, To::OnlineDown, down, n, "elements", s);
        self.push(part, To::Rounds, rounds, u128::from(times), "calls in turn", s);
        self.push(part, To::Setup, &OT_SETUP, 1, "set-ups", s);
        Ok(())
    }

    fn steps(&self) -> u64 {
        self.context.steps
    }

    /// A line through two runs: 3,531.2 B an element and 10,296,133 B a call.
    fn softmax(&mut self, a: &Activation) -> Priced {
        self.ferret()?;
        let (part, n) = (Part::Activation, u128::from(a.elements));
        let run = a.row_length == 64 && matches!(a.elements, 1_024 | 4_096);
        let s = if run { Status::Measured } else { Status::Estimate };
        if n == 0 {
            return Ok(());
        }
        self.push(part, To::OnlineUp, &SOFTMAX_UP, n, "elements", s);
        self.push(part, To::OnlineDown, &SOFTMAX_DOWN, n, "elements", s);
        self.push(part, To::OnlineUp, &SOFTMAX_CALL_UP, 1, "calls", s);
        self.push(part, To::OnlineDown, &SOFTMAX_CALL_DOWN, 1, "calls", s);
        self.push(part, To::Rounds, &SOFTMAX_ROUNDS, 1, "calls", s);
        self.push(part, To::Setup, &OT_SETUP, 1, "set-ups", s);
        Ok(())
    }

    fn maximum(&mut self, a: &Activation) -> Priced {
        debug_assert_eq!(part_of(a), Part::Pool);
        tournament(self, a)
    }
}
