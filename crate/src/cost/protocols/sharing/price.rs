//! Prices on additive shares (SEMI2K, ABY3): every kind of work is a few primitives in a row.
//!
//! Bytes are of all parties. Linear layers are the matrix product of their im2col at the output
//! positions, then one truncation per output. Adds and multiplications by public numbers are local.

use super::{Calls, Linear, Sharing, Step};
use crate::cost::constant::{Constant, Status};
use crate::cost::formulas::recipes::{Engine, Primitive, activation};
use crate::cost::formulas::{computed, padded};
use crate::cost::job::{Job, product};
use crate::cost::protocols::spu::functions::{self, Call, Function, Spu};
use crate::cost::protocols::spu::time::Clock;
use crate::cost::term::{Context, Part, Priced, Term, To};
use crate::count::{Activation, Conv, Kind, Work};

/// The price of a job by a table.
pub(in crate::cost) fn price(
    table: &'static Sharing,
    job: Job<'_>,
    context: Context<'_>,
    out: &mut Vec<Term>,
) -> Priced {
    Bill { table, context, out }.price(job)
}

/// `times` matrix products of m x k by k x n.
struct Layer {
    times: u64,
    m: u64,
    k: u64,
    n: u64,
    /// Its left side is the unrolled input of a convolution.
    unrolled: bool,
}

/// A price in the making.
struct Bill<'a> {
    table: &'static Sharing,
    context: Context<'a>,
    out: &'a mut Vec<Term>,
}

impl<'a> Bill<'a> {
    fn price(&mut self, job: Job<'_>) -> Priced {
        let t = self.table;
        match job {
            Job::Poly2 { elements, secret } | Job::Work(&Work::Poly2 { elements, secret }) => {
                self.poly2(elements, secret)
            }
            Job::Work(Work::Conv(conv)) => self.conv(conv, false),
            Job::Work(Work::ConvTranspose(conv)) => self.conv(conv, true),
            Job::Work(&Work::MatMul { batch, m, k, n, secret, steps }) => {
                // Sizes are of one step. A weight is opened once a step, a secret right side once a product.
                let steps = steps.max(1);
                let right = if secret { batch } else { 1 };
                let opened = product(&[batch, m, k]).saturating_add(product(&[right, k, n]));
                let of_all = |one: u128| one.saturating_mul(u128::from(steps));
                // Of two secrets one product was run, of weights many; a batch of them is a composition.
                let status = match steps == 1 && batch == 1 {
                    true if secret => Status::Measured,
                    true => Status::Validated,
                    false => Status::Estimate,
                };
                let layer = Layer { times: batch, m, k, n, unrolled: false };
                self.matmul(of_all(opened), of_all(product(&[batch, m, n])), steps, status);
                self.linear_time(&layer, steps, status);
                Ok(())
            }
            Job::Work(Work::Activation(a)) => activation(self, a),
            Job::Work(&Work::AvgPool { elements, window }) => {
                self.once(Part::Truncation, &t.truncation, elements, Status::Validated);
                self.windows(Part::Truncation, elements, window);
                self.pad_call(Part::Truncation, Status::Measured);
                Ok(())
            }
            Job::Work(&Work::Scale { elements }) => {
                self.once(Part::Truncation, &t.truncation, elements, Status::Validated);
                Ok(())
            }
            Job::Work(&Work::Product { elements }) => {
                self.multiply(Part::Linear, elements, Status::Measured);
                Ok(())
            }
            // The scale of each channel is a secret weight.
            Job::Work(&Work::BatchNorm { elements }) => {
                self.multiply(Part::Linear, elements, Status::Estimate);
                Ok(())
            }
            Job::Work(Work::Add { .. }) => Ok(()),
        }
    }

    /// One primitive on `n` elements: bytes x n, and its rounds (once a step of a recurrent row).
    fn once(&mut self, part: Part, step: &'static Step, n: u64, status: Status) {
        self.step_in_turn(part, step, u128::from(n), self.context.steps, status);
    }

    /// One primitive on `n` elements in all, `times` calls one after another.
    fn step_in_turn(&mut self, part: Part, step: &'static Step, n: u128, times: u64, status: Status) {
        self.traffic(part, step, n, times, status);
        if let Some(time) = step.time.as_ref().filter(|_| n > 0) {
            self.clock(part, status).time(self.out, time, times, n);
        }
    }

    fn clock(&self, part: Part, status: Status) -> Clock<'a> {
        Clock { context: self.context, part, status }
    }

    /// Its bytes and rounds.
    fn traffic(&mut self, part: Part, step: &'static Step, n: u128, times: u64, status: Status) {
        if n == 0 {
            return;
        }
        self.out.push(Term::new(part, To::OnlineAll, &step.bytes, n, "elements").at_best(status));
        self.out.push(
            Term::new(part, To::Rounds, &step.rounds, u128::from(times), "calls in turn").at_best(status),
        );
    }

    /// Secret product and its truncation. SEMI2K, 64 bits, 16,384 elements: (32 + 8) x 16,384 = 655,360 B, 2 rounds.
    fn multiply(&mut self, part: Part, n: u64, status: Status) {
        self.once(part, &self.table.product, n, status);
        self.once(part, &self.table.truncation, n, status);
    }

    /// Horner: (a x + b) x + c. Public coefficients: truncation, then a secret product (SEMI2K 48 B,
    /// ABY3 80 B at 64 bits); secret ones: two secret products (80 and 104 B).
    fn poly2(&mut self, n: u64, secret: bool) -> Priced {
        if secret {
            self.multiply(Part::Activation, n, Status::Measured);
            self.multiply(Part::Activation, n, Status::Measured);
        } else {
            self.once(Part::Activation, &self.table.truncation, n, Status::Measured);
            self.multiply(Part::Activation, n, Status::Measured);
        }
        Ok(())
    }

    /// m x k by k x n with m = output positions, k = kernel taps x channels of a group.
    /// SEMI2K, 64 bits, 3x3 64 -> 64 at 32x32: 16 x (1,024 x 576 + 576 x 64) + 8 x 65,536 = 10,551,296 B.
    fn conv(&mut self, conv: &Conv, transposed: bool) -> Priced {
        if conv.groups == 0 {
            return Err("a convolution needs at least one group");
        }
        let taps = product(&conv.kernel);
        let m = computed(conv);
        let in_of_group = u128::from(conv.in_channels / conv.groups);
        let weights = taps.saturating_mul(in_of_group).saturating_mul(u128::from(conv.out_channels));
        let columns = m.saturating_mul(taps).saturating_mul(u128::from(conv.in_channels));
        let plain = conv.groups == 1 && !transposed && conv.places.is_none();
        let status = if plain { Status::Validated } else { Status::Estimate };
        self.matmul(
            columns.saturating_add(weights),
            m.saturating_mul(u128::from(conv.out_channels)),
            1,
            status,
        );
        let fits = |n: u128| u64::try_from(n).unwrap_or(u64::MAX);
        let layer = Layer {
            times: conv.groups,
            m: fits(m),
            k: fits(taps.saturating_mul(in_of_group)),
            n: conv.out_channels / conv.groups,
            unrolled: taps > 1,
        };
        self.linear_time(&layer, 1, status);
        if padded(conv) {
            self.pad_call(Part::Linear, status);
        }
        Ok(())
    }

    /// A matrix product and one truncation per output.
    fn matmul(&mut self, opened: u128, outputs: u128, steps: u64, status: Status) {
        self.products(opened, outputs, steps, status);
        self.traffic(Part::Truncation, &self.table.truncation, outputs, steps, status);
    }

    /// Seconds of m x k by k x n, truncation included: a part each for calls, weights, outputs, rows, and k by the cube
    /// root of m n. SEMI2K, 3x3 64 -> 64 at 32x32: 0.0026 + 0.0028 + 0.108 + 0.045 + 0.232 = 0.39 s (run: 0.337).
    fn linear_time(&mut self, layer: &Layer, steps: u64, status: Status) {
        let l = &self.table.linear_time;
        let &Layer { times, m, k, n, unrolled } = layer;
        let (clock, steps) = (self.clock(Part::Linear, status.max(Status::Measured)), steps.max(1));
        if self.context.ends.is_some() {
            clock.push(self.out, &l.start, 1, "programs", 1.0, "");
        }
        let all = |sizes: &[u64]| product(sizes).saturating_mul(product(&[times, steps]));
        clock.push(self.out, &l.call, steps.into(), "calls in turn", 1.0, "");
        clock.push(self.out, &l.weights, all(&[k, n]), "weights", 1.0, "");
        clock.push(self.out, &l.outputs, all(&[m, n]), "outputs", 1.0, "");
        if unrolled || !l.unrolled_only {
            clock.push(self.out, &l.positions, all(&[m]), "rows", 1.0, "");
        }
        if m > 1 {
            let root = (m as f64 * n as f64).cbrt();
            clock.push(self.out, &l.columns, all(&[k]), "columns", root, "cube root of outputs");
        }
    }

    /// Seconds of cutting a pool's windows out.
    fn windows(&mut self, part: Part, outputs: u64, window: u64) {
        let clock = self.clock(part, Status::Measured);
        clock.push(
            self.out,
            &self.table.linear_time.window,
            product(&[outputs, window]),
            "elements",
            1.0,
            "",
        );
    }

    /// A matrix product before its truncation. SEMI2K pays per opened entry, ABY3 per output.
    fn products(&mut self, opened: u128, outputs: u128, steps: u64, status: Status) {
        match &self.table.linear {
            Linear::Opened(rate) => {
                self.out.push(
                    Term::new(Part::Linear, To::OnlineAll, rate, opened, "opened entries").at_best(status),
                );
                let rounds = &self.table.product.rounds;
                self.out.push(
                    Term::new(Part::Linear, To::Rounds, rounds, u128::from(steps), "calls in turn")
                        .at_best(status),
                );
            }
            Linear::PerOutput => self.traffic(Part::Linear, &self.table.product, outputs, steps, status),
        }
    }

    /// Where calls cost something beside their elements, and it is asked for.
    fn calls(&self) -> Option<&'static Calls> {
        self.table.calls.as_ref().filter(|_| self.context.per_call)
    }

    /// What padding shares is there for all that follows: the digits networks, of four padded convolutions and two pools,
    /// have its 24 B once.
    fn pad_call(&mut self, part: Part, status: Status) {
        if let (Some(calls), 0) = (self.calls(), self.context.ready.replace(1)) {
            self.once(part, &calls.pad, 1, status);
        }
    }
}

impl Engine for Bill<'_> {
    fn step(&mut self, part: Part, what: Primitive, n: u128, times: u64, at_best: Status) -> Priced {
        let t = self.table;
        let step = match what {
            Primitive::Relu => &t.relu,
            Primitive::Select => &t.select,
            Primitive::Product => &t.product,
            Primitive::Truncation => &t.truncation,
            Primitive::Gelu => &t.gelu,
            Primitive::Sigmoid => &t.sigmoid,
            Primitive::Exp => &t.exp,
            Primitive::Reciprocal => &t.reciprocal,
        };
        self.step_in_turn(part, step, n, times, at_best);
        Ok(())
    }

    fn steps(&self) -> u64 {
        self.context.steps
    }

    fn softmax(&mut self, a: &Activation) -> Priced {
        functions::softmax(self, a)
    }

    fn maximum(&mut self, a: &Activation) -> Priced {
        functions::maximum(self, a)?;
        if a.kind == Kind::MaxPool {
            self.windows(Part::Pool, a.elements, a.row_length);
        }
        let run = a.kind != Kind::MaxPool || a.row_length == 4;
        self.pad_call(Part::Pool, if run { Status::Measured } else { Status::Estimate });
        Ok(())
    }

    fn own(&mut self, a: &Activation) -> Option<Priced> {
        functions::own(self, a)
    }
}

impl Spu for Bill<'_> {
    fn function(&mut self, part: Part, what: Function, n: u128, times: u64, s: Status) -> Priced {
        let t = self.table;
        let step = match what {
            Function::Less => &t.compare,
            Function::Equal => &t.equal,
            Function::ReciprocalRoot => &t.reciprocal_root,
            Function::Root => &t.root,
            Function::Log => &t.log,
            Function::Tanh => &t.tanh,
            Function::Erf => &t.erf,
            Function::Winner => &t.winner,
        };
        self.step_in_turn(part, step, n, times, s);
        Ok(())
    }

    fn call(&mut self, part: Part, what: Call, s: Status) {
        let Some(calls) = self.calls() else { return };
        let mut bytes = |rate: &'static Constant, n: u64, of: &'static str| {
            self.out.push(Term::new(part, To::OnlineAll, rate, n.into(), of).at_best(s));
        };
        match what {
            Call::Norm => bytes(&calls.norm, 1, "calls"),
            Call::Softmax => bytes(&calls.softmax, 1, "calls"),
            Call::Winner { rows, .. } => {
                bytes(&calls.winner_row, rows, "rows");
                self.once(part, &calls.winner, 1, s);
            }
        }
    }

    fn look_up(&mut self, [m, k, n]: [u64; 3], s: Status) -> Priced {
        let opened = product(&[m, k]).saturating_add(product(&[k, n]));
        self.products(opened, product(&[m, n]), self.context.steps, s);
        Ok(())
    }
}
