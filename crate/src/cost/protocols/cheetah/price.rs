//! Prices under OpenCheetah: a polynomial product per pair of channels, comparisons by silent OT.

use super::constants::*;
use crate::cost::constant::{Constant, Status};
use crate::cost::formulas::pointwise;
use crate::cost::formulas::recipes::{Engine, Primitive, activation, pairs};
use crate::cost::job::{Job, log2_ceil, product};
use crate::cost::term::{Context, Part, Priced, Term, To};
use crate::count::{Activation, Conv, Work};

pub(in crate::cost) fn price_paper(job: Job<'_>, context: Context<'_>, out: &mut Vec<Term>) -> Priced {
    Bill { window: false, context, out }.price(job)
}

pub(in crate::cost) fn price_window16(job: Job<'_>, context: Context<'_>, out: &mut Vec<Term>) -> Priced {
    Bill { window: true, context, out }.price(job)
}

/// A price in the making.
struct Bill<'a> {
    /// ReLUs compare a window of 16 bits, and truncate.
    window: bool,
    context: Context<'a>,
    out: &'a mut Vec<Term>,
}

/// What a linear layer sends and multiplies.
#[derive(Debug, PartialEq)]
struct Packing {
    up: u128,
    down: u128,
    /// Outputs in the answers, those that a stride drops included.
    held: u128,
    mults: u128,
    /// Outputs of the layer.
    outputs: u128,
}

impl Packing {
    /// What is sent, to compare by.
    fn bytes(&self) -> u128 {
        let terms = [(&CIPHERTEXT, self.up), (&ANSWER, self.down), (&OUTPUT, self.held)];
        terms.iter().map(|(constant, n)| constant.times(0, *n)).fold(0, u128::saturating_add)
    }

    /// Padded map Hp x Wp. Up to 4,096 pixels, floor(4,096 / pixels) channels share a polynomial; larger maps are
    /// cut into tiles of 64 with a margin of k - 1, a channel each. Answers: one polynomial per output channel
    /// and tile, and 6.5 B per output at stride 1; a 1x1 convolution is subsampled first.
    /// 7x7 on 224x224 padded by 3, 3 -> 64, stride 2: 16 tiles, 48 x 62,430 B up = 2.858 MiB.
    fn of(conv: &Conv) -> Result<Self, &'static str> {
        let (&[kh, kw], &[h, w], &[oh, ow], [ph, pw]) =
            (&conv.kernel[..], &conv.input[..], &conv.output[..], &conv.pads[..])
        else {
            return Err("only two-dimensional convolutions have a formula");
        };
        if conv.groups == 0 || conv.dilations.iter().any(|&d| d != 1) {
            return Err("no formula for a dilated convolution");
        }
        if kh == 0 || kw == 0 || kh > TILE || kw > TILE {
            return Err("the kernel does not fit a tile");
        }
        let pad =
            |size: u64, &(before, after): &(u64, u64)| size.saturating_add(before).saturating_add(after);
        let [hp, wp] = if kh == 1 && kw == 1 { [oh, ow] } else { [pad(h, ph), pad(w, pw)] };
        if hp < kh || wp < kw {
            return Err("the kernel is larger than the padded map");
        }
        let [ins, outs] = [conv.in_channels / conv.groups, conv.out_channels / conv.groups];
        let pixels = product(&[hp, wp]);
        let [rows, columns] = [hp - kh + 1, wp - kw + 1];
        let (pieces, answers) = if pixels <= u128::from(SLOTS) {
            let share = u64::try_from(u128::from(SLOTS) / pixels.max(1)).unwrap_or(1).max(1);
            (u128::from(ins.div_ceil(share)), u128::from(outs))
        } else {
            let tiles = product(&[rows.div_ceil(TILE + 1 - kh), columns.div_ceil(TILE + 1 - kw)]);
            (tiles.saturating_mul(u128::from(ins)), tiles.saturating_mul(u128::from(outs)))
        };
        let times = product(&[conv.groups, conv.batch]);
        Ok(Self {
            up: pieces.saturating_mul(times),
            down: answers.saturating_mul(times),
            held: product(&[outs, rows, columns]).saturating_mul(times),
            mults: pieces.saturating_mul(u128::from(outs)).saturating_mul(times),
            outputs: product(&[conv.batch, conv.out_channels, oh, ow]),
        })
    }

    /// rows x cols weights in blocks of d0 x d1 <= 4,096, the d1 that makes ceil(cols / d1) + ceil(rows / d0)
    /// least, the first of equals. 1,000 x 2,048: 27 up and 19 down, with d1 = 76 and d0 = 53.
    fn fully_connected(vectors: u128, cols: u64, rows: u64) -> Self {
        let pieces = |d1: u64| (cols.div_ceil(d1), rows.div_ceil((SLOTS / d1).max(1)));
        // From one d1 to the next where either number of blocks changes: all between are equal, and the first counts.
        let next = |d1: &u64| {
            let same_room = SLOTS / (SLOTS / d1);
            let blocks = cols.div_ceil(*d1);
            let same_blocks = if blocks <= 1 { SLOTS } else { (cols - 1) / (blocks - 1) };
            Some(same_room.min(same_blocks).max(*d1) + 1).filter(|next| *next <= SLOTS)
        };
        let choices = std::iter::successors(Some(1), next);
        let least = choices.map(pieces).min_by_key(|(up, down)| up.saturating_add(*down));
        let (up, down) = least.map_or((0, 0), |(up, down)| (u128::from(up), u128::from(down)));
        let outputs = vectors.saturating_mul(u128::from(rows));
        Self {
            up: up.saturating_mul(vectors),
            down: down.saturating_mul(vectors),
            held: outputs,
            mults: up.saturating_mul(down).saturating_mul(vectors),
            outputs,
        }
    }
}

impl Bill<'_> {
    fn price(&mut self, job: Job<'_>) -> Priced {
        let steps = self.context.steps;
        match job {
            Job::Poly2 { .. } | Job::Work(Work::Poly2 { .. }) => {
                Err("no polynomial activation in the OpenCheetah code")
            }
            Job::Work(Work::Conv(conv)) => {
                let status = if conv.groups == 1 { Status::Validated } else { Status::Estimate };
                self.linear(&Packing::of(conv)?, 1, status)
            }
            Job::Work(Work::ConvTranspose(_)) => Err("no formula for a transposed convolution"),
            Job::Work(Work::MatMul { secret: true, .. }) => {
                Err("no product of two secret matrices in the OpenCheetah code")
            }
            Job::Work(&Work::MatMul { batch, m, k, n, steps, .. }) => {
                let vectors = product(&[batch, m, steps.max(1)]);
                let status = if vectors == 1 { Status::Validated } else { Status::Estimate };
                let apart = Packing::fully_connected(vectors, k, n);
                let pixels = pointwise(product(&[batch, m]), k, n).filter(|_| steps <= 1);
                let pixels = pixels.and_then(|conv| Packing::of(&conv).ok());
                let packing = pixels.filter(|pixels| pixels.bytes() < apart.bytes()).unwrap_or(apart);
                self.linear(&packing, steps.max(1), status)
            }
            Job::Work(Work::Activation(a)) => activation(self, a),
            Job::Work(&Work::AvgPool { elements, .. } | &Work::Scale { elements }) => self.step(
                Part::Truncation,
                Primitive::Truncation,
                u128::from(elements),
                steps,
                Status::Estimate,
            ),
            Job::Work(Work::Product { .. }) => Err("no product of two secrets in the OpenCheetah code"),
            Job::Work(Work::BatchNorm { .. }) => {
                Err("no formula for a BatchNorm that no linear layer absorbs")
            }
            Job::Work(Work::Add { .. }) => Ok(()),
        }
    }

    fn push(&mut self, part: Part, to: To, rate: &'static Constant, n: u128, of: &'static str, s: Status) {
        if n > 0 {
            self.out.push(Term::new(part, to, rate, n, of).at_best(s));
        }
    }

    /// Widths that were not run are estimates: the formulas know l, the ciphertexts do not.
    fn width(&self) -> (u128, Status) {
        let bits = self.context.terms.share_bits;
        (bits.into(), if bits == RUN_BITS { Status::Validated } else { Status::Estimate })
    }

    fn linear(&mut self, p: &Packing, steps: u64, status: Status) -> Priced {
        let (part, s) = (Part::Linear, status.max(self.width().1));
        self.push(part, To::OnlineUp, &CIPHERTEXT, p.up, "ciphertexts", s);
        self.push(part, To::OnlineDown, &ANSWER, p.down, "answers", s);
        self.push(part, To::OnlineDown, &OUTPUT, p.held, "outputs", s);
        self.push(part, To::OnlineSeconds, &POLY_MULT, p.mults, "polynomial products", s);
        self.push(part, To::Rounds, &LINEAR_ROUNDS, u128::from(steps), "calls in turn", s);
        if self.window {
            return Ok(());
        }
        self.step(Part::Truncation, Primitive::Truncation, p.outputs, steps, Status::Estimate)
    }

    /// Digits that a ReLU compares: 9 at l = 37, 4 in the window.
    fn digits(&self, window: bool) -> u32 {
        let bits = self.context.terms.share_bits.saturating_sub(1);
        (if window { bits.min(WINDOW_BITS) } else { bits }).div_ceil(DIGIT_BITS).max(1)
    }

    /// A comparison of so many bits, 398.4 at 37 and 174.2 in the window of 16, and a choice of 2 (l + 1): 59.3 B of both
    /// parties at l = 37. A comparison of a max-pool was run there: 60.0.
    fn compare_and_choose(&mut self, part: Part, n: u128, compared: u128, s: Status) {
        let of = |bits: u128| n.saturating_mul(bits);
        if compared < 32 {
            self.push(part, To::OnlineAll, &COMPARE_BIT, of(compared), "bits compared", s);
        } else {
            self.push(part, To::OnlineAll, &COMPARE_32, n, "comparisons", s);
            self.push(part, To::OnlineAll, &COMPARE_TO_40, of(compared.min(40) - 32), "bits above 32", s);
            self.push(
                part,
                To::OnlineAll,
                &COMPARE_TO_64,
                of(compared.saturating_sub(40)),
                "bits above 40",
                s,
            );
        }
        self.push(part, To::OnlineAll, &CHOICE, of(self.width().0 + 1), "bits chosen", s);
    }

    /// 424.9 bits of both parties at l = 37; where the sign is known 34.8.
    fn truncate(&mut self, part: Part, n: u128, sign_known: bool, s: Status) {
        let bits = self.width().0;
        let (least, each) =
            if sign_known { (&KNOWN_32, &KNOWN_TO_64) } else { (&TRUNCATE_32, &TRUNCATE_TO_64) };
        if bits < 32 && !sign_known {
            self.push(part, To::OnlineAll, &TRUNCATE_BIT, n.saturating_mul(bits), "bits truncated", s);
        } else {
            self.push(part, To::OnlineAll, least, n, "truncations", s);
            self.push(
                part,
                To::OnlineAll,
                each,
                n.saturating_mul(bits.saturating_sub(32)),
                "bits above 32",
                s,
            );
        }
        if !sign_known {
            self.push(part, To::OnlineSeconds, &TRUNCATION_TIME, n, "truncations", s);
        } else if n > 0 {
            let term = Term::new(part, To::OnlineSeconds, &TRUNCATION_TIME, n, "truncations").at_best(s);
            self.out.push(term.scaled(self.known_share(), "known sign's bits").at_best(Status::Estimate));
        }
    }

    /// Bits of a truncation where the sign is known over those where it is not: 34.8 / 424.9 at l = 37.
    fn known_share(&self) -> f64 {
        let above = f64::from(self.context.terms.share_bits.saturating_sub(32));
        let of = |least: &Constant, each: &Constant| {
            let bytes = |constant: &Constant| constant.view(0).value.unwrap_or(0.0);
            bytes(least) + above * bytes(each)
        };
        of(&KNOWN_32, &KNOWN_TO_64) / of(&TRUNCATE_32, &TRUNCATE_TO_64)
    }

    /// Bits that a ReLU compares.
    fn compared(&self, window: bool) -> u128 {
        let bits = self.width().0;
        if window { bits.min(WINDOW_BITS.into()) } else { bits }
    }

    /// 1 + ceil(log2 q) + 1 exchanges: 6 at l = 37, 4 in the window.
    fn rounds(&mut self, part: Part, digits: u32, times: u64, s: Status) {
        let depth = u128::from(log2_ceil(digits.into()) + 2);
        self.push(part, To::Rounds, &LEVEL, depth.saturating_mul(u128::from(times)), "exchanges", s);
    }
}

impl Engine for Bill<'_> {
    fn step(&mut self, part: Part, what: Primitive, n: u128, times: u64, at_best: Status) -> Priced {
        if n == 0 {
            return Ok(());
        }
        let (bits, known) = self.width();
        let s = at_best.max(known);
        match what {
            Primitive::Relu => {
                let digits = self.digits(self.window);
                if self.window && known == Status::Validated {
                    self.push(part, To::OnlineUp, &WINDOW_UP, n, "elements", s);
                    self.push(part, To::OnlineDown, &WINDOW_DOWN, n, "elements", s);
                    let term =
                        Term::new(part, To::OnlineSeconds, &TRUNCATION_TIME, n, "truncations").at_best(s);
                    self.out
                        .push(term.scaled(self.known_share(), "known sign's bits").at_best(Status::Estimate));
                } else {
                    self.compare_and_choose(part, n, self.compared(self.window), s);
                    if self.window {
                        self.truncate(part, n, true, s);
                    }
                }
                self.push(part, To::OnlineSeconds, &RELU_TIME, n, "elements", s);
                self.rounds(part, digits, times, s);
            }
            Primitive::Select => {
                self.push(part, To::OnlineAll, &CHOICE, n.saturating_mul(bits + 1), "bits chosen", s);
                self.push(part, To::Rounds, &LEVEL, u128::from(times), "exchanges", s);
                // No more than a comparison and a choice.
                self.push(part, To::OnlineSeconds, &RELU_TIME, n, "elements", s.max(Status::Estimate));
            }
            // A comparison of the low bits, and an exchange that makes the carry a number.
            Primitive::Truncation => {
                self.truncate(part, n, false, s);
                self.rounds(part, self.digits(false), times, s);
            }
            Primitive::Product => return Err("no product of two secrets in the OpenCheetah code"),
            Primitive::Gelu | Primitive::Sigmoid | Primitive::Exp | Primitive::Reciprocal => {
                return Err("not in the OpenCheetah code");
            }
        }
        Ok(())
    }

    fn steps(&self) -> u64 {
        self.context.steps
    }

    fn softmax(&mut self, _: &Activation) -> Priced {
        Err("not in the OpenCheetah code")
    }

    /// window - 1 comparisons at full width, one after another. 3x3: 8 x 30.0 B up for each output.
    fn maximum(&mut self, a: &Activation) -> Priced {
        let (pairs, (_, s)) = (pairs(a)?, self.width());
        let (part, digits) = (Part::Pool, self.digits(false));
        if s == Status::Validated {
            self.push(part, To::OnlineUp, &POOL_UP, pairs, "comparisons", s);
            self.push(part, To::OnlineDown, &POOL_DOWN, pairs, "comparisons", s);
        } else {
            self.compare_and_choose(part, pairs, self.compared(false), s);
        }
        self.push(part, To::OnlineSeconds, &POOL_TIME, pairs, "comparisons", s);
        if pairs > 0 {
            self.rounds(part, digits, a.row_length.saturating_sub(1), s);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fully_connected_layer() {
        let packing = Packing::fully_connected(1, 2_048, 1_000);
        assert_eq!((packing.up, packing.down, packing.mults), (27, 19, 513));
        let packing = Packing::fully_connected(3, 64, 10);
        assert_eq!((packing.up, packing.down, packing.held), (3, 3, 30));
    }

    #[test]
    fn skips_no_block_that_matters() {
        let sizes =
            [1_u64, 2, 3, 10, 63, 64, 65, 100, 512, 768, 1_000, 2_048, 3_072, 4_095, 4_096, 4_097, 25_088];
        for (cols, rows) in sizes.iter().flat_map(|cols| sizes.map(|rows| (*cols, rows))) {
            let pieces = |d1: u64| (cols.div_ceil(d1), rows.div_ceil(4_096 / d1));
            let want = (1..=4_096)
                .map(pieces)
                .min_by_key(|(up, down)| up + down)
                .map(|(up, down)| (u128::from(up), u128::from(down)));
            let packing = Packing::fully_connected(1, cols, rows);
            assert_eq!(Some((packing.up, packing.down)), want, "{cols} x {rows}");
        }
    }
}
