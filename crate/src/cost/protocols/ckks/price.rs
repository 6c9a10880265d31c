//! Prices under CKKS: seconds of ciphertext operations; traffic is the input and the result.
//!
//! Levels and bootstraps come from the plan (`levels.rs`); a bootstrap is billed to the row that could
//! not go on without it. What no public run or code has is an error with its reason.

use super::constants::*;
use super::levels::{boot_by_size, is_sign};
use super::matrix::{ciphertexts, matrix_diagonals, matrix_openfhe};
use crate::cost::ask::Machine;
use crate::cost::constant::{Constant, Status};
use crate::cost::formulas::packing::{Packing, diagonal, multiplexed};
use crate::cost::job::{Job, log2_ceil, product};
use crate::cost::levels::Step;
use crate::cost::term::{Context, Part, Priced, Term, To};
use crate::count::{Activation, Conv, Kind, Work};

pub(in crate::cost) fn price_cpu(job: Job<'_>, context: Context<'_>, out: &mut Vec<Term>) -> Priced {
    Bill { engine: Engine::Cpu, context, out }.price(job)
}

pub(in crate::cost) fn price_gpu(job: Job<'_>, context: Context<'_>, out: &mut Vec<Term>) -> Priced {
    Bill { engine: Engine::Gpu, context, out }.price(job)
}

pub(in crate::cost) fn price_openfhe(job: Job<'_>, context: Context<'_>, out: &mut Vec<Term>) -> Priced {
    Bill { engine: Engine::OpenFhe, context, out }.price(job)
}

#[derive(Clone, Copy, PartialEq)]
enum Engine {
    Cpu,
    OpenFhe,
    Gpu,
}

/// A price in the making.
struct Bill<'a> {
    engine: Engine,
    context: Context<'a>,
    out: &'a mut Vec<Term>,
}

impl Bill<'_> {
    fn price(&mut self, job: Job<'_>) -> Priced {
        let start = self.out.len();
        let priced = self.work(job);
        if priced.is_ok()
            && (self.out.len() > start || self.context.step.is_some_and(|s| !s.refreshes.is_empty()))
        {
            self.refresh();
        }
        if priced.is_ok() {
            self.ends();
        }
        priced
    }

    fn work(&mut self, job: Job<'_>) -> Priced {
        match job {
            Job::Poly2 { elements, .. } | Job::Work(&Work::Poly2 { elements, .. }) => {
                self.poly2(self.among(elements))
            }
            Job::Work(Work::Conv(conv)) => self.conv(conv),
            Job::Work(&Work::MatMul { batch, m, k, n, secret: false, steps: 0 | 1 }) => {
                self.matmul(product(&[batch, m]), k, n);
                Ok(())
            }
            Job::Work(Work::MatMul { secret: false, .. }) => Err("no run of a recurrent cell under CKKS"),
            Job::Work(Work::MatMul { .. }) => Err("no formula for a product of two secret matrices"),
            Job::Work(Work::ConvTranspose(_)) => Err("no formula for a transposed convolution"),
            Job::Work(Work::Activation(a)) => self.activation(a),
            Job::Work(&Work::AvgPool { elements, window }) => {
                self.pool(elements, window);
                Ok(())
            }
            Job::Work(&Work::Product { elements }) if self.engine == Engine::OpenFhe => {
                self.primitive(
                    Part::Linear,
                    &MULT,
                    ciphertexts(elements.into()),
                    "products",
                    Status::Estimate,
                );
                Ok(())
            }
            Job::Work(Work::Product { .. }) => Err("no time of a product of two ciphertexts in this log"),
            Job::Work(&Work::Scale { elements } | &Work::BatchNorm { elements }) => {
                self.products(Part::Linear, ciphertexts(elements.into()), Status::Estimate);
                Ok(())
            }
            Job::Work(&Work::Add { elements }) => {
                if self.engine == Engine::OpenFhe {
                    let n = ciphertexts(elements.into());
                    self.primitive(Part::Linear, &ADD, n, "sums", Status::Measured);
                    self.primitive(Part::Linear, &MULT_PLAIN, n, "scalings", Status::Measured);
                }
                Ok(())
            }
        }
    }

    /// Seconds of a CPU's log; on a graphics processor the same, scaled.
    fn seconds(&mut self, part: Part, rate: &'static Constant, n: u128, of: &'static str, status: Status) {
        if n == 0 {
            return;
        }
        let term = Term::new(part, To::OnlineSeconds, rate, n, of).at_best(status);
        self.out.push(match self.engine {
            Engine::Gpu => {
                let faster = self.device().real()[1] / A100_80.real()[1];
                term.scaled(REST.real()[1] * faster, "GPU's share").fitted_by(&REST).at_best(Status::Estimate)
            }
            _ => term,
        });
    }

    /// n calls of a primitive, on the threads that were set, as they run among others.
    fn primitive(&mut self, part: Part, p: &'static Primitive, n: u128, of: &'static str, status: Status) {
        self.primitive_scaled(part, p, n, of, 1.0, status);
    }

    fn primitive_scaled(
        &mut self,
        part: Part,
        p: &'static Primitive,
        n: u128,
        of: &'static str,
        calls: f64,
        status: Status,
    ) {
        if n == 0 {
            return;
        }
        let threads = self.context.terms.he_threads;
        let logged = if threads == 1 || threads == 8 { Status::Measured } else { Status::Estimate };
        let scale = thread_scale(&p.speedup, threads) * IN_A_RUN.real()[1] * calls;
        let term = Term::new(part, To::OnlineSeconds, &p.one, n, of).at_best(status.max(logged));
        self.out.push(term.scaled(scale, "threads, in a run").fitted_by(&IN_A_RUN));
    }

    /// Plaintext products at the level of what they read: 88 at level 2 take 0.14 x 88 = 12.3 s,
    /// 34 at level 18 (0.14 + 16 x 0.0218) x 34 = 16.6 s.
    fn products(&mut self, part: Part, n: u128, status: Status) {
        if self.engine == Engine::OpenFhe {
            return self.primitive(part, &MULT_PLAIN, n, "products", status);
        }
        self.seconds(part, &PRODUCT, n, "products", status);
        let above = self.context.step.map_or(0, |step| step.level.saturating_sub(2));
        self.seconds(part, &LEVEL, n.saturating_mul(above.into()), "products x levels above 2", status);
    }

    fn conv(&mut self, conv: &Conv) -> Priced {
        let part = Part::Linear;
        let known = if is_logged(conv) { Status::Measured } else { Status::Estimate };
        let packing: Packing;
        if self.engine == Engine::OpenFhe {
            packing = diagonal(conv, SLOTS)?;
            let known =
                if is_logged(conv) || is_shortcut(conv) { Status::Measured } else { Status::Estimate };
            self.primitive(part, &MULT_PLAIN, packing.products, "products", known);
            self.primitive(part, &ROTATE, packing.rotations, "rotations", known);
            self.primitive(part, &ADD, packing.adds, "sums", known);
            if packing.fast > 0 {
                self.primitive(part, &PRECOMPUTE, packing.inputs, "inputs", known);
                self.primitive(part, &FAST_ROTATE, packing.fast, "rotations of one input", known);
            }
        } else {
            packing = multiplexed(conv, SLOTS)?;
            self.products(part, packing.products, known);
            self.seconds(part, &NORM, packing.outputs, "ciphertexts", known);
        }
        Ok(())
    }

    /// A matrix and one vector, or several side by side.
    fn matmul(&mut self, vectors: u128, k: u64, n: u64) {
        let part = Part::Linear;
        let known = if vectors == 1 && (k, n) == (64, 10) { Status::Measured } else { Status::Estimate };
        if self.engine == Engine::OpenFhe {
            let packing = matrix_openfhe(vectors, k, n);
            self.primitive(part, &MULT_PLAIN, packing.products, "products", known);
            self.primitive(part, &ROTATE, packing.rotations, "rotations", known);
            self.primitive(part, &ADD, packing.adds, "sums", known);
        } else {
            self.products(part, matrix_diagonals(vectors, k, n), known);
        }
    }

    /// One pool a ciphertext of what it reads.
    fn pool(&mut self, elements: u64, window: u64) {
        let part = Part::Truncation;
        let known = if (elements, window) == (64, 64) { Status::Measured } else { Status::Estimate };
        let inputs = ciphertexts(product(&[elements, window]));
        if self.engine == Engine::OpenFhe {
            let folds = inputs.saturating_mul(log2_ceil(window).into());
            self.primitive(part, &ROTATE, folds, "rotations", known);
            self.primitive(part, &ADD, folds, "sums", known);
            self.primitive(part, &MULT_PLAIN, inputs, "masks", known);
        } else {
            self.seconds(part, &POOL, inputs, "ciphertexts", known);
        }
    }

    /// One polynomial a ciphertext, whatever its slots hold.
    fn activation(&mut self, a: &Activation) -> Priced {
        match a.kind {
            kind if is_sign(kind) => {}
            Kind::MaxPool | Kind::ReduceMax => {
                return Err("no run of a maximum under CKKS: an average pool has a price");
            }
            kind if kind.is_pointwise() => return Err("no polynomial of a known degree for this function"),
            _ => return Err("no run of this function under CKKS"),
        }
        let (part, elements) = (Part::Activation, self.among(a.elements));
        let known = if a.kind == Kind::ReLU && is_logged_size(elements) {
            Status::Measured
        } else {
            Status::Estimate
        };
        // Two bounds are two polynomials, side by side.
        let bounds = if a.comparisons > a.elements { 2 } else { 1 };
        let n = ciphertexts(elements).saturating_mul(bounds);
        if self.engine == Engine::OpenFhe {
            self.primitive_scaled(part, &CHEBYSHEV, n, "activations", COUNTED.real()[1], known);
        } else {
            self.seconds(part, &COMPOSITE, n, "ciphertexts", known);
        }
        Ok(())
    }

    /// A ciphertext is activated whole: the elements of a part lie among those of the layer, and masks go into
    /// coefficients.
    fn among(&self, elements: u64) -> u128 {
        self.context.among.unwrap_or(elements).into()
    }

    /// a x^2 + b x + c: one product of ciphertexts, two with plaintexts; x (x + b) + c, its scale folded: none.
    fn poly2(&mut self, elements: u128) -> Priced {
        let (part, n, status) = (Part::Activation, ciphertexts(elements), Status::Estimate);
        if self.engine == Engine::OpenFhe {
            self.primitive(part, &MULT, n, "squares", status);
            let plain = if self.context.folded { 0 } else { n.saturating_mul(2) };
            self.primitive(part, &MULT_PLAIN, plain, "products", status);
            self.primitive(part, &ADD, n.saturating_mul(2), "sums", status);
        } else {
            self.seconds(part, &SQUARE, n, "ciphertexts", status);
        }
        Ok(())
    }

    /// What had to be refreshed before this could run.
    fn refresh(&mut self) {
        let refreshes = self.context.step.map(|step: &Step| &step.refreshes[..]).unwrap_or_default();
        for elements in refreshes {
            let n = ciphertexts(*elements).max(1);
            let known = if is_logged_size(*elements) { Status::Measured } else { Status::Estimate };
            let part = Part::Bootstrap;
            match self.engine {
                Engine::OpenFhe => self.primitive(part, &BOOTSTRAP, n, "bootstraps", known),
                Engine::Gpu => {
                    let rate = self.device();
                    self.out.push(Term::new(part, To::OnlineSeconds, rate, n, "bootstraps").at_best(known));
                }
                Engine::Cpu => {
                    let rate = boot_by_size(*elements);
                    self.out.push(Term::new(part, To::OnlineSeconds, rate, n, "bootstraps").at_best(known));
                }
            }
        }
    }

    /// The input goes up at the level that the plan takes it at, the result comes down at its last; keys once.
    /// 3 x 32 x 32 at level 18 in words of 64 bits: 19 x 1,048,576 = 19.9 MB.
    fn ends(&mut self) {
        let Some(ends) = self.context.ends else { return };
        let limb = if self.engine == Engine::Gpu { &LIMB_32 } else { &LIMB_64 };
        let fresh = u128::from(ends.level) + 1;
        let [inputs, results] = [ends.inputs, ends.results].map(|elements| ciphertexts(elements).max(1));
        let part = Part::Linear;
        self.out.extend([
            Term::new(part, To::OnlineUp, limb, inputs.saturating_mul(fresh), "limbs of the input"),
            Term::new(part, To::OnlineDown, limb, results, "limbs of the result"),
            Term::new(part, To::Rounds, &EXCHANGE, 1, "exchanges"),
            Term::new(part, To::Setup, &KEYS, 1, "key sets"),
        ]);
    }

    fn device(&self) -> &'static Constant {
        match self.context.terms.machine {
            Machine::A100x40 => &A100_40,
            Machine::H100 => &H100,
            Machine::Rtx5090 => &RTX5090,
            Machine::Epyc | Machine::Atom | Machine::A100x80 => &A100_80,
        }
    }
}

/// Time on so many threads over that on one, from the logged speed-up to eight (Amdahl's law). A speed-up of
/// 2.63 on 8 threads: 4 threads take 0.47 times as long.
fn thread_scale(speedup: &Constant, threads: u32) -> f64 {
    let serial = (8.0 / speedup.real()[1] - 1.0) / 7.0;
    serial + (1.0 - serial) / f64::from(threads.max(1))
}

/// Values that the logs bootstrap and activate: 16 x 32^2, 32 x 16^2, 64 x 8^2.
fn is_logged_size(elements: u128) -> bool {
    matches!(elements, 4_096 | 8_192 | 16_384)
}

/// The 3x3 convolutions of ResNet-20: channels in and out, input, stride.
fn is_logged(conv: &Conv) -> bool {
    let sizes = (conv.in_channels, conv.out_channels, &conv.input[..], &conv.strides[..]);
    conv.kernel == [3, 3]
        && conv.batch == 1
        && conv.dilations.iter().all(|dilation| *dilation == 1)
        && conv.pads.iter().all(|pad| *pad == (1, 1))
        && matches!(
            sizes,
            (3 | 16, 16, [32, 32], [1, 1])
                | (16, 32, [32, 32], [2, 2])
                | (32, 32, [16, 16], [1, 1])
                | (32, 64, [16, 16], [2, 2])
                | (64, 64, [8, 8], [1, 1])
        )
}

/// Its shortcuts, where they are convolutions.
fn is_shortcut(conv: &Conv) -> bool {
    let sizes = (conv.in_channels, conv.out_channels, &conv.input[..], &conv.strides[..]);
    conv.kernel == [1, 1]
        && conv.batch == 1
        && matches!(sizes, (16, 32, [32, 32], [2, 2]) | (32, 64, [16, 16], [2, 2]))
}
