//! Prices on additive shares (SEMI2K, ABY3): every kind of work is a few primitives in a row.
//!
//! Bytes are of all parties. Linear layers are the matrix product of their im2col at the output
//! positions, then one truncation per output. Adds and multiplications by public numbers are local.

use super::{Linear, Sharing, Step};
use crate::cost::constant::Status;
use crate::cost::formulas::recipes::{Engine, Primitive, activation, tournament};
use crate::cost::formulas::{padded, positions};
use crate::cost::job::{Job, log2_ceil, product};
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

/// A price in the making.
struct Bill<'a> {
    table: &'static Sharing,
    context: Context<'a>,
    out: &'a mut Vec<Term>,
}

impl Bill<'_> {
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
                let plain = !secret && steps == 1 && batch == 1;
                let status = if plain { Status::Validated } else { Status::Estimate };
                self.matmul(of_all(opened), of_all(product(&[batch, m, n])), steps, status);
                Ok(())
            }
            Job::Work(Work::Activation(a)) => activation(self, a),
            Job::Work(&Work::AvgPool { elements, .. } | &Work::Scale { elements }) => {
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
        let m = positions(conv);
        let in_of_group = u128::from(conv.in_channels / conv.groups);
        let weights = taps.saturating_mul(in_of_group).saturating_mul(u128::from(conv.out_channels));
        let columns = m.saturating_mul(taps).saturating_mul(u128::from(conv.in_channels));
        let plain = conv.groups == 1 && !transposed;
        let status = if plain { Status::Validated } else { Status::Estimate };
        self.matmul(
            columns.saturating_add(weights),
            m.saturating_mul(u128::from(conv.out_channels)),
            1,
            status,
        );
        if padded(conv) {
            self.pad_call(Part::Linear, status);
        }
        Ok(())
    }

    /// A matrix product and one truncation per output. SEMI2K pays per opened entry, ABY3 per output.
    fn matmul(&mut self, opened: u128, outputs: u128, steps: u64, status: Status) {
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
            Linear::PerOutput => self.step_in_turn(Part::Linear, &self.table.product, outputs, steps, status),
        }
        self.step_in_turn(Part::Truncation, &self.table.truncation, outputs, steps, status);
    }

    fn pad_call(&mut self, part: Part, status: Status) {
        if let (true, Some(call)) = (self.context.per_call, &self.table.pad_call) {
            self.once(part, call, 1, status);
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

    /// Softmax per row: maximum, exp, sum, reciprocal of each element, product. Its bytes per element
    /// are taken not to depend on the row's length L, as the parts add up to the byte with one ReLU an
    /// element; rounds are fixed + ceil(log2(L + 1)) x ReLU's. Only rows of 64 were run.
    /// SEMI2K: 55 + 7 x 8 = 111 rounds.
    fn softmax(&mut self, a: &Activation) -> Priced {
        let status = if a.row_length == 64 { Status::Measured } else { Status::Estimate };
        let t = self.table;
        self.once(Part::Activation, &t.softmax, a.elements, status);
        let levels = log2_ceil(a.row_length.saturating_add(1));
        self.out.push(
            Term::new(
                Part::Activation,
                To::Rounds,
                &t.relu.rounds,
                u128::from(levels),
                "levels of the maximum",
            )
            .at_best(status),
        );
        if let (true, Some(call)) = (self.context.per_call, &t.softmax_call) {
            self.out.push(Term::new(Part::Activation, To::OnlineAll, call, 1, "calls").at_best(status));
        }
        Ok(())
    }

    fn maximum(&mut self, a: &Activation) -> Priced {
        tournament(self, a)?;
        let run = a.kind == Kind::MaxPool && a.row_length == 4;
        self.pad_call(Part::Pool, if run { Status::Measured } else { Status::Estimate });
        Ok(())
    }
}
