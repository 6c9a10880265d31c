//! Prices under DELPHI: ciphertexts of a packed convolution, circuits of a ReLU.

use super::constants::*;
use crate::cost::ask::Machine;
use crate::cost::constant::{Constant, Status};
use crate::cost::formulas::part_of;
use crate::cost::job::{Job, log2_ceil, product};
use crate::cost::term::{Context, Part, Priced, Term, To};
use crate::count::{Activation, Conv, Kind, Work};

pub(in crate::cost) fn price_server_garbler(
    job: Job<'_>,
    context: Context<'_>,
    out: &mut Vec<Term>,
) -> Priced {
    Bill { client_garbles: false, context, out }.price(job)
}

pub(in crate::cost) fn price_client_garbler(
    job: Job<'_>,
    context: Context<'_>,
    out: &mut Vec<Term>,
) -> Priced {
    Bill { client_garbles: true, context, out }.price(job)
}

/// A price in the making.
struct Bill<'a> {
    client_garbles: bool,
    context: Context<'a>,
    out: &'a mut Vec<Term>,
}

/// Mean number of non-zero digits of 0..h-1 in non-adjacent form: key-switches of a rotation.
/// h = 2, 4, 16, 64, 256 give 0.5, 1, 1.75, 2.4375, 3.1094.
fn avg_naf(h: u64) -> f64 {
    if h <= 1 {
        return 0.0;
    }
    // The weight of i is popcount(3i xor i) (each non-zero digit is one differing bit of 3i and i).
    let h = h.min(SLOTS);
    let sum: u64 = (0..h).map(|i| u64::from(((3 * i) ^ i).count_ones())).sum();
    sum as f64 / h as f64
}

/// What a packed convolution asks for.
#[derive(Debug, PartialEq)]
struct Packing {
    up: u128,
    down: u128,
    mults: u128,
    /// Rotations that fold channels: each is `naf` key-switches.
    rotations: u128,
    naf: f64,
    inputs: u128,
    status: Status,
}

impl Packing {
    /// c_n = N / nextpow2(H W) channels share a ciphertext, at the input's resolution.
    /// 16 -> 64 channels, 3x3 at 32x32: c_n 8, c_i 2, c_o 8: 18 ciphertexts up, 8 down, 1,152 products.
    fn of(conv: &Conv) -> Result<Self, &'static str> {
        if conv.groups != 1 {
            return Err("no formula for a grouped convolution");
        }
        let pixels = product(&conv.input);
        let Some(pixels) = u64::try_from(pixels).ok().filter(|&p| p <= SLOTS) else {
            return Err("the input has more than 8,192 pixels: a channel does not fit a ciphertext");
        };
        let fit = SLOTS / pixels.max(1).next_power_of_two();
        let taps = product(&conv.kernel).saturating_mul(u128::from(conv.batch));
        let c_i = u128::from(conv.in_channels.div_ceil(fit));
        let c_o = u128::from(conv.out_channels.div_ceil(fit));
        let pairs = c_i.saturating_mul(u128::from(conv.out_channels));
        let few = conv.out_channels <= fit / 4;
        let naf = avg_naf(if few { conv.out_channels.max(1).next_power_of_two() } else { fit / 2 });
        let square = conv.kernel.len() == 2
            && conv.kernel.windows(2).all(|k| k[0] == k[1])
            && conv.dilations.iter().all(|&d| d == 1);
        Ok(Self {
            up: taps.saturating_mul(c_i),
            down: c_o.saturating_mul(u128::from(conv.batch)),
            mults: taps.saturating_mul(pairs),
            rotations: pairs.saturating_mul(u128::from(conv.batch)),
            naf,
            inputs: product(&[conv.batch, conv.in_channels, pixels]),
            status: if square && !few { Status::Validated } else { Status::Estimate },
        })
    }
}

/// What a network pays once, where a piece of work that uploads nothing carries it.
pub(in crate::cost) fn price_ends(context: Context<'_>, out: &mut Vec<Term>) {
    Bill { client_garbles: false, context, out }.ends(false);
}

impl Bill<'_> {
    fn price(&mut self, job: Job<'_>) -> Priced {
        self.work(job)?;
        self.ends(matches!(job, Job::Work(Work::Conv(_) | Work::MatMul { .. })) && !self.client_garbles);
        Ok(())
    }

    /// The network's own: a start, the input that goes up and the result that comes down. Where the server garbles, each
    /// linear layer uploads what it reads (`uploaded`); where the client does, only the input goes up (the artifact's
    /// simulator).
    fn ends(&mut self, uploaded: bool) {
        let Some(ends) = self.context.ends else { return };
        let (part, status) = (Part::Linear, Status::Validated);
        if !uploaded {
            self.push(part, To::OnlineUp, &INPUT, ends.inputs, "inputs", status);
            self.push(part, To::OnlineUp, &INPUT_MESSAGE, 1, "layers", status);
        }
        self.push(part, To::OfflineSeconds, &START, 1, "starts", status);
        self.push(part, To::Rounds, &RESULT_ROUNDS, 1, "results", status);
    }

    fn work(&mut self, job: Job<'_>) -> Priced {
        match job {
            Job::Poly2 { elements, secret } | Job::Work(&Work::Poly2 { elements, secret }) => {
                // x^2 costs a triple; a secret leading coefficient costs another.
                self.triples(Part::Activation, elements, if secret { 2 } else { 1 });
                Ok(())
            }
            Job::Work(Work::Conv(conv)) => {
                let packing = Packing::of(conv)?;
                self.linear(&packing);
                Ok(())
            }
            Job::Work(Work::ConvTranspose(_)) => Err("no formula for a transposed convolution"),
            Job::Work(Work::MatMul { secret: true, .. }) => {
                Err("no product of two secret matrices in this protocol")
            }
            Job::Work(&Work::MatMul { batch, m, k, n, steps, .. }) => {
                self.matrix(product(&[batch, m]), k, n, steps.max(1));
                Ok(())
            }
            Job::Work(Work::Activation(a)) => self.activation(a),
            Job::Work(&Work::Product { elements }) => {
                self.triples(Part::Linear, elements, 1);
                Ok(())
            }
            Job::Work(Work::BatchNorm { .. }) => {
                Err("no formula for a BatchNorm that no linear layer absorbs")
            }
            // Each party works on its own share.
            Job::Work(Work::AvgPool { .. } | Work::Scale { .. } | Work::Add { .. }) => Ok(()),
        }
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

    /// up = ciphertext x k^2 c_i + 8, down = ciphertext x c_o + 8; 2.53 ms x products + 3.40 ms x key-switches.
    fn linear(&mut self, p: &Packing) {
        self.ciphertexts(p.up, p.down, p.inputs, p.status);
        let part = Part::Linear;
        self.out.push(Term::new(part, To::OfflineSeconds, &MULT, p.mults, "products").at_best(p.status).he());
        if p.naf > 0.0 {
            let term = Term::new(part, To::OfflineSeconds, &KEY_SWITCH, p.rotations, "rotations");
            self.out.push(term.scaled(p.naf, "avgNAF").at_best(p.status).he());
        }
        self.push(part, To::OfflineSeconds, &WEIGHT, p.mults, "products", p.status);
    }

    /// Vectors that are there at once are pixels of a 1x1 convolution, as the code packs those: 32 channels of 197 tokens
    /// share a ciphertext, so that 768 -> 3,072 takes 24 up, 96 down and 73,728 products. A product of ciphertexts works
    /// on 8,192 slots, which a fully connected layer fills with one vector: side by side, vectors would share
    /// ciphertexts but no products. More vectors than slots come in parts.
    fn matrix(&mut self, vectors: u128, k: u64, n: u64, steps: u64) {
        if vectors <= 1 {
            return self.fully_connected(vectors.saturating_mul(steps.into()), k, n, steps > 1);
        }
        let parts = vectors.div_ceil(SLOTS.into());
        let pixels = u64::try_from(vectors.div_ceil(parts)).unwrap_or(SLOTS);
        let conv = Conv {
            batch: u64::try_from(parts).unwrap_or(u64::MAX).saturating_mul(steps),
            in_channels: k,
            out_channels: n,
            groups: 1,
            input: vec![pixels],
            output: vec![pixels],
            kernel: vec![1],
            strides: vec![1],
            dilations: vec![1],
            pads: vec![(0, 0)],
            places: None,
        };
        if let Ok(packing) = Packing::of(&conv) {
            let inputs = product(&[k, steps]).saturating_mul(vectors);
            self.linear(&Packing { inputs, status: Status::Estimate, ..packing });
        }
    }

    /// One ciphertext each way per 8,192 entries. 4,096 -> 4,096: 2,048 products and up to 12 key-switches each.
    fn fully_connected(&mut self, vectors: u128, k: u64, n: u64, recurrent: bool) {
        let status = if k <= SLOTS && n <= SLOTS && vectors == 1 && !recurrent {
            Status::Measured
        } else {
            Status::Estimate
        };
        let each = |entries: u64| u128::from(entries.div_ceil(SLOTS)).saturating_mul(vectors);
        self.ciphertexts(each(k), each(n), vectors.saturating_mul(u128::from(k)), status);
        let padded = u128::from(k.max(1).checked_next_power_of_two().unwrap_or(u64::MAX));
        let mults = padded.saturating_mul(u128::from(n)).div_ceil(u128::from(SLOTS)).saturating_mul(vectors);
        let half_levels = f64::from(log2_ceil(k.min(SLOTS))) / 2.0;
        let part = Part::Linear;
        self.out.push(
            Term::new(part, To::OfflineSeconds, &MULT, mults, "products").at_best(Status::Estimate).he(),
        );
        self.out.push(
            Term::new(part, To::OfflineSeconds, &FC_KEY_SWITCH, mults, "products")
                .scaled(half_levels, "log2(inputs)/2")
                .he(),
        );
        self.push(part, To::OfflineSeconds, &WEIGHT, mults, "products", Status::Estimate);
    }

    /// Traffic of a linear layer, and the seconds of encryption; keys once.
    fn ciphertexts(&mut self, up: u128, down: u128, inputs: u128, status: Status) {
        let part = Part::Linear;
        self.push(part, To::OfflineUp, &CIPHERTEXT, up, "ciphertexts", status);
        self.push(part, To::OfflineUp, &HE_MESSAGE, 1, "layers", status);
        self.push(part, To::OfflineDown, &CIPHERTEXT, down, "ciphertexts", status);
        self.push(part, To::OfflineDown, &HE_MESSAGE, 1, "layers", status);
        if !self.client_garbles {
            self.push(part, To::OnlineUp, &INPUT, inputs, "inputs", status);
            self.push(part, To::OnlineUp, &INPUT_MESSAGE, 1, "layers", status);
        }
        self.push(part, To::OfflineSeconds, &ENCRYPT, up, "ciphertexts", status);
        self.push(part, To::OfflineSeconds, &DECRYPT, down, "ciphertexts", status);
        self.push(part, To::Setup, &KEYS, 1, "key sets", Status::Validated);
    }

    fn activation(&mut self, a: &Activation) -> Priced {
        let n = u128::from(a.elements);
        match a.kind {
            // The code's one circuit is ReLU6's.
            Kind::ReLU | Kind::ReLU6 => self.circuits(Part::Activation, n, Status::Validated),
            // One comparison circuit for each, two-way.
            Kind::MaxPool => self.circuits(Part::Pool, u128::from(a.comparisons), Status::Estimate),
            Kind::ReduceMax => {
                self.circuits(
                    Part::Pool,
                    product(&[a.rows.max(1), a.row_length.saturating_sub(1)]),
                    Status::Estimate,
                );
            }
            Kind::Clip | Kind::LeakyReLU | Kind::Abs | Kind::ThresholdedReLU | Kind::Sign => {
                self.circuits(part_of(a), n, Status::Estimate)
            }
            // b x + (1 - b) ReLU(x), b the server's.
            Kind::PReLU => {
                self.circuits(part_of(a), n, Status::Estimate);
                self.triples(part_of(a), a.elements, 1);
            }
            other if other.is_pointwise() => return Err("no circuit for this function in the DELPHI code"),
            _ => return Err("not in the DELPHI code"),
        }
        Ok(())
    }

    /// n circuits. 65,536 ReLUs, server garbles: 17,072 x 65,536 + 16 x 8 B of circuits,
    /// 1,344 x 65,536 B of OT pairs down and 672 x 65,536 up offline; 1,184 x 65,536 B down online.
    fn circuits(&mut self, part: Part, n: u128, status: Status) {
        if n == 0 {
            return;
        }
        let to_evaluator = if self.client_garbles { To::OfflineUp } else { To::OfflineDown };
        self.push(part, to_evaluator, &CIRCUIT, n, "circuits", status);
        self.push(part, to_evaluator, &CHUNK, n.div_ceil(u128::from(CHUNK_RELUS)), "chunks", status);
        if self.client_garbles {
            self.push(part, To::OnlineDown, &OT_MATRIX, n, "circuits", status);
            self.push(part, To::OnlineUp, &OT_PAIRS, n, "circuits", status);
            self.push(part, To::Storage, &STORED_BY_GARBLER, n, "circuits", status);
        } else {
            self.push(part, To::OfflineUp, &OT_MATRIX, n, "circuits", status);
            self.push(part, To::OfflineDown, &OT_PAIRS, n, "circuits", status);
            self.push(part, To::OnlineDown, &LABELS, n, "circuits", status);
            self.push(part, To::Storage, &STORED_BY_EVALUATOR, n, "circuits", status);
        }
        self.push(part, To::Rounds, &RELU_ROUNDS, u128::from(self.context.steps), "calls", status);
        self.push(part, To::Setup, &BASE_OT, 1, "base OTs", status);
        match self.context.terms.machine {
            Machine::Atom => self.circuit_seconds_atom(part, n, status),
            _ => self.circuit_seconds_epyc(part, n, status),
        }
    }

    /// Offline 55.5 us a circuit: garble 30.5, encode 7.5, send 12.5 (on a link that takes longer, the link's time
    /// instead), OT 5; online 25.3: evaluate 18.3,
    /// wait 4.7, rest 2.3. The OT moves online when the client garbles, which no log has.
    fn circuit_seconds_epyc(&mut self, part: Part, n: u128, status: Status) {
        let threads = self.context.terms.gc_threads;
        let logged =
            if threads == LOG_THREADS || threads == 1 { Status::Validated } else { Status::Estimate };
        let status = status.max(if self.client_garbles { Status::Estimate } else { Status::Validated });
        let (off, on) = (To::OfflineSeconds, To::OnlineSeconds);
        let term = |to: To, rate: &'static Constant| Term::new(part, to, rate, n, "circuits").at_best(status);
        let threaded = |to: To, rate: &'static Constant, speedup: &'static Constant| {
            let scale = thread_scale(speedup, threads);
            term(to, rate).at_best(logged).scaled(scale, "threads").factor_by(speedup)
        };
        self.out.extend([
            threaded(off, &GARBLE, &GARBLE_SPEEDUP),
            term(off, &ENCODE),
            term(off, &SEND).sends(),
            term(if self.client_garbles { on } else { off }, &OT),
            threaded(on, &EVALUATE, &EVALUATE_SPEEDUP),
            term(on, &WAIT),
            term(on, &REST),
        ]);
    }

    /// The simulator: one-thread times over the threads, 32 of the server, `gc_threads` of the client.
    fn circuit_seconds_atom(&mut self, part: Part, n: u128, status: Status) {
        let status = status.max(Status::Estimate);
        let client = f64::from(self.context.terms.gc_threads);
        let server = SIM_SERVER_THREADS;
        let (garble, evaluate) = if self.client_garbles {
            ((&ATOM_GARBLE, client), (&EPYC_EVALUATE, server))
        } else {
            ((&EPYC_GARBLE, server), (&ATOM_EVALUATE, client))
        };
        let term = |to: To, rate: &'static Constant, threads: f64| {
            Term::new(part, to, rate, n, "circuits").scaled(1.0 / threads, "1/threads").at_best(status)
        };
        self.out.extend([
            term(To::OfflineSeconds, garble.0, garble.1),
            term(To::OfflineSeconds, &SIM_ENCODE, 1.0),
            term(To::OnlineSeconds, evaluate.0, evaluate.1),
            term(To::OnlineSeconds, &SIM_LABELS, 1.0),
        ]);
    }

    /// Products by Beaver triple: 128 B up and 64 B down offline, 16 B each way online; about 2 us offline, from 1 to 4.
    fn triples(&mut self, part: Part, elements: u64, calls: u64) {
        let n = product(&[elements, calls]);
        let status = Status::Estimate;
        self.push(part, To::OfflineUp, &TRIPLE_UP, n, "products", status);
        self.push(part, To::OfflineDown, &TRIPLE_DOWN, n, "products", status);
        self.push(part, To::OnlineUp, &OPENING, n, "products", status);
        self.push(part, To::OnlineDown, &OPENING, n, "products", status);
        self.push(part, To::OfflineSeconds, &TRIPLE, n, "products", status);
        self.push(part, To::OnlineSeconds, &OPEN, n, "products", status);
        if n > 0 {
            self.push(part, To::Rounds, &TRIPLE_ROUNDS, u128::from(calls), "calls in turn", status);
        }
    }
}

/// Time on `threads` over time on four, from the logged speed-up to four (Amdahl's law).
/// Speed-up 3.3: 1 thread takes 3.3 times as long, 8 threads 0.66 times.
pub(in crate::cost) fn thread_scale(speedup: &Constant, threads: u32) -> f64 {
    let four = f64::from(LOG_THREADS);
    let at_four = 1.0 / speedup.real()[1];
    let serial = (at_four * four - 1.0) / (four - 1.0);
    let time = |t: f64| serial + (1.0 - serial) / t;
    time(f64::from(threads.max(1))) / time(four)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn non_adjacent_form_weights() {
        let got: Vec<f64> = [1, 2, 4, 16, 64, 256].into_iter().map(avg_naf).collect();
        assert_eq!(got, [0.0, 0.5, 1.0, 1.75, 2.4375, 3.109_375]);
    }

    #[test]
    fn threads_scale_as_logged() {
        assert_eq!(thread_scale(&GARBLE_SPEEDUP, 4), 1.0);
        let one = thread_scale(&GARBLE_SPEEDUP, 1) * 30.5;
        assert!((100.0..104.5).contains(&one), "{one}");
        let one = thread_scale(&EVALUATE_SPEEDUP, 1) * 18.3;
        assert!((52.0..55.0).contains(&one), "{one}");
    }
}
