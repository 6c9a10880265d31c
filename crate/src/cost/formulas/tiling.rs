//! How SPU's Cheetah cuts a matrix product into ciphertexts.
//!
//! m x k by k x n, N = 8,192 slots, blocks of d0 x d1 by d1 x d2 with d0 d1 d2 <= N. The smaller of the two
//! operands, in blocks, is sent; answers of d1 blocks share a ciphertext. The choice minimises
//! 1000 (sent + answers) + ceil(m n / N) d1 + blocks / 10, and of equals the last wins, counting
//! d0 = 1, 2, ... and in it d1 = 1, 2, 4, .... Fitted to runs: it reproduces four shapes to 1e-4.

use std::cell::RefCell;

const SLOTS: u64 = 8_192;

/// What a matrix product sends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::cost) struct Tiling {
    /// Ciphertexts of the smaller operand.
    pub sent: u128,
    /// Ciphertexts that come back.
    pub answers: u128,
    /// The k x n side is the smaller one.
    pub weights_sent: bool,
    /// The product fits one block of outputs: its answer is not packed.
    pub small: bool,
    /// Products of two polynomials.
    pub products: u128,
    /// Blocks of outputs, before they are packed.
    pub blocks: u128,
    /// Places of the answers that blocks are folded into; 0 where nothing is packed.
    pub folds: u128,
}

/// A choice of blocks: ten times its objective, d0, d1 and the tiling.
type Choice = (u128, u64, u64, Tiling);

/// The most tilings that are remembered: more than a network has shapes.
const REMEMBERED: usize = 256;

type Shape = [u64; 3];

thread_local! {
    /// What was chosen for the shapes asked for last. Two profiles, the layers of a network and every step of a slider
    /// ask for the same few; a choice hangs on nothing but its shape.
    static CHOSEN: RefCell<Vec<(Shape, Tiling)>> = const { RefCell::new(Vec::new()) };
}

impl Tiling {
    /// 1,024 x 576 by 576 x 64: d = (1, 128, 64), blocks 1,024 x 5 x 1: 5 ciphertexts of weights, 8 answers.
    pub(in crate::cost) fn of(m: u64, k: u64, n: u64) -> Self {
        let shape = [m, k, n];
        CHOSEN.with_borrow_mut(|chosen| {
            if let Some((_, tiling)) = chosen.iter().find(|(known, _)| *known == shape) {
                return *tiling;
            }
            let tiling = Self::choose(m, k, n);
            if chosen.len() >= REMEMBERED {
                chosen.clear();
            }
            chosen.push((shape, tiling));
            tiling
        })
    }

    fn choose(m: u64, k: u64, n: u64) -> Self {
        // No choice of d1 sends or answers less, folds excepted: [`packed`] and [`plain`] score no lower.
        let full = (u128::from(m) * u128::from(n)).div_ceil(u128::from(SLOTS));
        let least = |d1: u64, answers: u128, folds: u128| {
            let b1 = u128::from(k.div_ceil(d1));
            (b1.saturating_add(answers)).saturating_mul(10_000).saturating_add(folds)
        };
        let powers = (0..=SLOTS.ilog2()).map(|bit| 1 << bit).take_while(|&d1| d1 <= k);
        let folds = |d1: u64| full.saturating_mul(u128::from(d1) * 10);
        let mut packings: Vec<(u128, u64)> = powers.map(|d1| (least(d1, full, folds(d1)), d1)).collect();
        packings.sort_unstable();
        let Some(tiling) = best(m, n, packings, |d0, d1| packed(m, k, n, d0, d1)) else {
            return Self::default();
        };
        if !tiling.small {
            return tiling;
        }
        let plainly = (1..=k.min(SLOTS)).rev().map(|d1| (least(d1, 1, 0), d1));
        best(m, n, plainly, |d0, d1| plain(m, k, n, d0, d1)).unwrap_or(tiling)
    }
}

/// The last of the best choices. `inner` are values of d1 by the least that any choice with them scores, rising: behind
/// one that is above the best there is nothing. Between two values of d0 where no number of blocks changes, all are equal:
/// only the last is looked at.
fn best(
    m: u64,
    n: u64,
    inner: impl IntoIterator<Item = (u128, u64)>,
    choice: impl Fn(u64, u64) -> (u128, Tiling),
) -> Option<Tiling> {
    let mut best: Option<Choice> = None;
    for (bound, d1) in inner {
        if best.as_ref().is_some_and(|(least, ..)| bound > *least) {
            break;
        }
        let room = SLOTS / d1.max(1);
        let last = m.min(room);
        let mut d0 = 1;
        while d0 <= last {
            let blocks = m.div_ceil(d0);
            let same_rows = if blocks <= 1 { last } else { (m - 1) / (blocks - 1) };
            let wide = room / d0;
            let same_columns = if wide >= n { room / n.max(1) } else { room / wide.max(1) };
            let end = last.min(same_rows).min(same_columns).max(d0);
            let (score, tiling) = choice(end, d1);
            let better = best
                .as_ref()
                .is_none_or(|(least, a, b, _)| score < *least || (score == *least && (end, d1) > (*a, *b)));
            if better {
                best = Some((score, end, d1, tiling));
            }
            d0 = end + 1;
        }
    }
    best.map(|(.., tiling)| tiling)
}

/// Rounded up; numbers of blocks fit 64 bits, where a division is quick.
fn div_ceil(n: u128, by: u64) -> u128 {
    u64::try_from(n).map_or_else(|_| n.div_ceil(u128::from(by)), |n| u128::from(n.div_ceil(by)))
}

/// Blocks along m, k and n.
fn blocks(m: u64, k: u64, n: u64, d0: u64, d1: u64) -> [u128; 3] {
    let d2 = n.min(SLOTS / d0.saturating_mul(d1).max(1)).max(1);
    [m.div_ceil(d0), k.div_ceil(d1), n.div_ceil(d2)].map(u128::from)
}

fn packed(m: u64, k: u64, n: u64, d0: u64, d1: u64) -> (u128, Tiling) {
    let [b0, b1, b2] = blocks(m, k, n, d0, d1);
    let outputs = u128::from(m) * u128::from(n);
    let full = div_ceil(outputs, SLOTS);
    let fits = outputs <= u128::from(d1);
    let answers = if fits { full } else { div_ceil(b0.saturating_mul(b2), d1) };
    let tiling = Tiling {
        sent: b0.min(b2).saturating_mul(b1),
        answers,
        weights_sent: b2 < b0,
        small: b0 * b2 == 1,
        products: b0.saturating_mul(b1).saturating_mul(b2),
        blocks: b0.saturating_mul(b2),
        folds: answers.saturating_mul(d1.into()),
    };
    let traffic = tiling.sent.saturating_add(answers).saturating_mul(10_000);
    let folds = full.saturating_mul(u128::from(d1) * 10);
    (traffic.saturating_add(folds).saturating_add(b0.saturating_mul(b1).saturating_mul(b2)), tiling)
}

fn plain(m: u64, k: u64, n: u64, d0: u64, d1: u64) -> (u128, Tiling) {
    let [b0, b1, b2] = blocks(m, k, n, d0, d1);
    let answers = b0.saturating_mul(b2);
    let tiling = Tiling {
        sent: b0.min(b2).saturating_mul(b1),
        answers,
        weights_sent: b2 < b0,
        small: true,
        products: b0.saturating_mul(b1).saturating_mul(b2),
        blocks: answers,
        folds: 0,
    };
    let traffic = tiling.sent.saturating_add(answers).saturating_mul(10_000);
    (traffic.saturating_add(answers.saturating_mul(b1)), tiling)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Every d0 and d1, as the rule is written.
    fn by_hand(
        m: u64,
        k: u64,
        n: u64,
        d1s: &[u64],
        choice: fn(u64, u64, u64, u64, u64) -> (u128, Tiling),
    ) -> Tiling {
        let mut best: Option<(u128, Tiling)> = None;
        for d0 in 1..=m.min(SLOTS) {
            for &d1 in d1s.iter().filter(|&&d1| d0 * d1 <= SLOTS) {
                let (score, tiling) = choice(m, k, n, d0, d1);
                if best.is_none_or(|(least, _)| score <= least) {
                    best = Some((score, tiling));
                }
            }
        }
        best.unwrap().1
    }

    #[test]
    fn skips_nothing_that_matters() {
        let shapes = [
            (1, 512, 100),
            (1, 512, 1000),
            (1, 512, 10),
            (256, 64, 128),
            (1024, 576, 64),
            (256, 1152, 128),
            (1, 64, 10),
            (49, 64, 32),
            (12_544, 147, 64),
            (197, 768, 64),
            (3, 5, 7),
            (8193, 3, 1),
            (1, 1, 1),
            (100, 8192, 3),
            (12_544, 9, 1),
            (50_176, 27, 32),
            (49, 4608, 512),
            (3136, 576, 64),
            (1, 1280, 1000),
            (1, 9216, 4096),
            (197, 197, 64),
            (7, 8191, 2),
            (2, 100_000, 2),
        ];
        for (m, k, n) in shapes {
            let powers: Vec<u64> = (0..14).map(|bit| 1 << bit).filter(|&d1| d1 <= k).collect();
            let mut want = by_hand(m, k, n, &powers, packed);
            if want.small {
                let all: Vec<u64> = (1..=k.min(SLOTS)).collect();
                want = by_hand(m, k, n, &all, plain);
            }
            assert_eq!(Tiling::choose(m, k, n), want, "{m} x {k} x {n}");
            // Asked once and again.
            assert_eq!([Tiling::of(m, k, n), Tiling::of(m, k, n)], [want; 2], "{m} x {k} x {n}");
        }
    }

    #[test]
    fn the_worked_number() {
        let tiling = Tiling::of(1024, 576, 64);
        assert_eq!((tiling.sent, tiling.answers, tiling.weights_sent), (5, 8, true));
    }
}
