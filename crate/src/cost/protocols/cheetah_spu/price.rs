//! Prices under Cheetah in SPU: homomorphic matrix products, silent OT, a pool of triples.

use super::constants::*;
use super::made::*;
use crate::cost::ask::Ot;
use crate::cost::constant::{Constant, Status};
use crate::cost::formulas::recipes::{Engine, Primitive, activation};
use crate::cost::formulas::tiling::Tiling;
use crate::cost::formulas::{part_of, positions};
use crate::cost::job::{Job, product};
use crate::cost::protocols::spu::functions::{self, Call, Function, Spu};
use crate::cost::protocols::spu::time::{Clock, Time};
use crate::cost::term::{Context, Part, Priced, Term, To};
use crate::count::{Activation, Conv, Kind, Work};

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
                let run = if secret { Status::Measured } else { Status::Validated };
                let status = if batch == 1 && steps <= 1 { run } else { Status::Estimate };
                // A weight meets the rows of all products at once.
                let (times, rows) = if secret { (batch, m) } else { (1, m.saturating_mul(batch)) };
                self.matmul(times.saturating_mul(steps.max(1)), steps, [rows, k, n], secret, status)
            }
            Job::Work(Work::Activation(a)) => activation(self, a),
            Job::Work(&Work::AvgPool { elements, window }) => {
                self.windows(Part::Truncation, elements, window);
                self.truncation(Part::Truncation, u128::from(elements), steps, Status::Measured)
            }
            Job::Work(&Work::Scale { elements }) => {
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

    /// A function: its products, and what it sends beside them.
    fn made(&mut self, part: Part, made: &'static Made, n: u128, times: u64, s: Status) -> Priced {
        self.ferret()?;
        if n == 0 {
            return Ok(());
        }
        if made.products > 0 {
            let all = u128::from(made.products).saturating_mul(n);
            self.products(part, all, times.saturating_mul(made.products), s);
        }
        if made.private > 0 {
            let call = n.div_ceil(u128::from(times.max(1)));
            self.private_batches(part, call, times.saturating_mul(made.private), s);
        }
        for (to, rate) in made.rest {
            self.push(part, *to, rate, n, "elements", s);
        }
        if let Some(time) = made.time {
            self.time(part, time, times, n, s);
        }
        if made.refills {
            self.push(part, To::OnlineUp, &FUNCTION_REFILL, n, "elements", s);
        }
        self.push(part, To::Rounds, made.rounds, u128::from(times), "calls in turn", s);
        self.push(part, To::Setup, &OT_SETUP, 1, "set-ups", s);
        Ok(())
    }

    fn time(&mut self, part: Part, time: &'static Time, calls: u64, n: u128, status: Status) {
        if self.ferret().is_ok() {
            Clock { context: self.context, part, status }.time(self.out, time, calls, n);
        }
    }

    /// Seconds of one kind.
    fn clock(&mut self, part: Part, status: Status, rate: &'static Constant, n: u128, of: &'static str) {
        if self.ferret().is_ok() {
            Clock { context: self.context, part, status }.push(self.out, rate, n, of, 1.0, "");
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
        self.time(part, &RELU_TIME, times, n, s);
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
        self.time(part, &TRUNCATION_TIME, times, n, s);
        self.truncation_traffic(part, n, times, s);
        Ok(())
    }

    /// Its bytes and rounds.
    fn truncation_traffic(&mut self, part: Part, n: u128, times: u64, s: Status) {
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
    }

    /// Products of two secrets, `n` in all. 16,384 in a call: 218.2 B each, 3,574,989 B. 1,024 with
    /// 1,024 triples ready: 32 B each, 32,768 B; with fewer, a batch of 4,096 first, 1,143,679 B. Rounds apart.
    fn products(&mut self, part: Part, n: u128, times: u64, s: Status) {
        let times = times.max(1);
        let call = n.div_ceil(u128::from(times));
        if call >= DIRECT_FROM {
            self.push(part, To::OnlineUp, &PRODUCT, n, "products", s);
            self.push(part, To::OnlineDown, &PRODUCT, n, "products", s);
            self.clock(part, s, &PRODUCT_S, n, "products");
        } else {
            let batches = self.fill_pool(call, times);
            self.push(part, To::OnlineUp, &OPENING, n, "products", s);
            self.push(part, To::OnlineDown, &OPENING, n, "products", s);
            self.push(part, To::OnlineUp, &TRIPLES_UP, batches, "batches of triples", s);
            self.push(part, To::OnlineDown, &TRIPLES_DOWN, batches, "batches of triples", s);
            self.clock(part, s, &TRIPLES_S, batches, "batches of triples");
            self.clock(part, s, &OPENING_S, n, "products");
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
        self.private_batches(part, n, 1, s);
        self.push(part, To::Rounds, &PRODUCT_ROUNDS, u128::from(self.context.steps), "calls in turn", s);
        Ok(())
    }

    /// `times` calls of them, `n` in each.
    fn private_batches(&mut self, part: Part, n: u128, times: u64, s: Status) {
        let batches = n.div_ceil(PRIVATE_BATCH).saturating_mul(u128::from(times));
        self.push(part, To::OnlineUp, &PRIVATE_UP, batches, "batches of products", s);
        self.push(part, To::OnlineDown, &PRIVATE_DOWN, batches, "batches of products", s);
        self.clock(part, s, &PRIVATE_S, batches, "batches of products");
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
    fn matmul(&mut self, times: u64, steps: u64, sizes: [u64; 3], secret: bool, s: Status) -> Priced {
        let [m, k, n] = sizes;
        let outputs = if k == 0 { 0 } else { product(&[times, m, n]) };
        self.products_of_matrices(times, steps, sizes, secret, s);
        if outputs > 0 {
            self.matrix_time(times, sizes, s);
            self.truncation_traffic(Part::Truncation, outputs, steps.max(1), s);
        }
        Ok(())
    }

    /// Seconds of matrix products: by polynomial products, blocks of outputs, the places these are folded into, and the
    /// inner side. 3x3, 64 -> 64 at 32x32: 5,120 x 0.89 ms + 1,024 x 6.02 + 1,024 x 0.36 + 576 x 0.31 = 11.3 s (run: 11.0).
    fn matrix_time(&mut self, times: u64, [m, k, n]: [u64; 3], s: Status) {
        let (part, times, tiling) = (Part::Linear, u128::from(times), Tiling::of(m, k, n));
        if self.context.ends.is_some() {
            self.clock(part, s, &START_S, 1, "programs");
        }
        for (rate, n, of) in [
            (&POLYNOMIALS_S, tiling.products, "polynomial products"),
            (&BLOCKS_S, tiling.blocks, "blocks of outputs"),
            (&FOLDS_S, tiling.folds, "places folded"),
            (&COLUMNS_S, u128::from(k), "columns"),
        ] {
            self.clock(part, s.max(Status::Measured), rate, n.saturating_mul(times), of);
        }
    }

    /// Seconds of cutting a pool's windows out.
    fn windows(&mut self, part: Part, outputs: u64, window: u64) {
        self.clock(part, Status::Measured, &WINDOW_S, product(&[outputs, window]), "elements");
    }

    /// The same without its truncation.
    fn products_of_matrices(&mut self, times: u64, steps: u64, [m, k, n]: [u64; 3], secret: bool, s: Status) {
        let outputs = product(&[times, m, n]);
        if outputs == 0 || k == 0 {
            return;
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
    }
}

impl Engine for Bill<'_> {
    fn step(&mut self, part: Part, what: Primitive, n: u128, times: u64, s: Status) -> Priced {
        if n == 0 {
            return Ok(());
        }
        let made = match what {
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
            Primitive::Select => &SELECT,
            Primitive::Gelu => &GELU,
            Primitive::Exp => &EXP,
            Primitive::Reciprocal => &RECIPROCAL,
            // 1 / (1 + exp(-x)): 12,630,640 B at 1,024 elements are those of its parts.
            Primitive::Sigmoid => {
                self.step(part, Primitive::Exp, n, times, s)?;
                return self.step(part, Primitive::Reciprocal, n, times, s);
            }
        };
        self.made(part, made, n, times, s)
    }

    fn steps(&self) -> u64 {
        self.context.steps
    }

    fn softmax(&mut self, a: &Activation) -> Priced {
        functions::softmax(self, a)
    }

    fn maximum(&mut self, a: &Activation) -> Priced {
        debug_assert_eq!(part_of(a), Part::Pool);
        if a.kind == Kind::MaxPool {
            self.windows(Part::Pool, a.elements, a.row_length);
        }
        functions::maximum(self, a)
    }

    fn own(&mut self, a: &Activation) -> Option<Priced> {
        functions::own(self, a)
    }
}

impl Spu for Bill<'_> {
    fn function(&mut self, part: Part, what: Function, n: u128, times: u64, s: Status) -> Priced {
        let made = match what {
            Function::Less => &LESS,
            Function::Equal => &EQUALITY,
            Function::ReciprocalRoot => &RECIPROCAL_ROOT,
            Function::Root => &ROOT,
            Function::Log => &LOGARITHM,
            Function::Tanh => &HYPERBOLIC,
            Function::Erf => &ERROR_FUNCTION,
            Function::Winner => &WINNER,
        };
        self.made(part, made, n, times, s)
    }

    fn call(&mut self, part: Part, what: Call, s: Status) {
        if let Call::Winner { levels, .. } = what {
            self.push(part, To::OnlineAll, &ARGMAX_LEVEL, levels.into(), "levels", s);
        }
    }

    fn look_up(&mut self, sizes: [u64; 3], s: Status) -> Priced {
        self.products_of_matrices(1, self.context.steps, sizes, false, s);
        Ok(())
    }
}
