//! Each operation on numbers of the whole ring, against whole numbers without bounds.

use num_bigint::BigInt;
use proptest::prelude::*;

use super::{Numbers, big, both, joined, rings, shared, wrapped};
use crate::material::{Need, adder};
use crate::net::Sizes;
use crate::ring::Ring;
use crate::wire::Kind;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn products(n in 1usize..40, at in 0usize..2, seed: u64) {
        let ring = rings()[at];
        let mut numbers = Numbers::new(seed);
        let (x, y) = (numbers.any(n, &ring), numbers.any(n, &ring));
        let (xs, ys) = (shared(&ring, &x, seed), shared(&ring, &y, !seed));
        let (made, _) = both(ring, &[Need::Product(n)], seed, |mut me, at| {
            let (x, y) = (xs[at].clone(), ys[at].clone());
            async move { me.product(Kind::Product, &x, &y).await }
        });
        let wanted: Vec<u64> = x.iter().zip(&y).map(|(x, y)| wrapped(&ring, &(big(&ring, *x) * big(&ring, *y)))).collect();
        prop_assert_eq!(joined(&ring, &made), wanted);
    }

    #[test]
    fn matrix_products(groups in 1usize..4, m in 1usize..6, k in 1usize..8, n in 1usize..6, at in 0usize..2, seed: u64) {
        let (ring, sizes) = (rings()[at], Sizes { groups, m, k, n });
        let mut numbers = Numbers::new(seed);
        let (left, right) = (numbers.any(groups * m * k, &ring), numbers.any(groups * k * n, &ring));
        let (ls, rs) = (shared(&ring, &left, seed), shared(&ring, &right, !seed));
        let (made, _) = both(ring, &[Need::Matrix(sizes)], seed, |mut me, at| {
            let (left, right) = (ls[at].clone(), rs[at].clone());
            async move { me.matrices(&left, &right, sizes).await }
        });
        let mut wanted = Vec::new();
        for g in 0..groups {
            for row in 0..m {
                for column in 0..n {
                    let one = |i: usize| big(&ring, left[(g * m + row) * k + i]) * big(&ring, right[(g * k + i) * n + column]);
                    wanted.push(wrapped(&ring, &(0..k).map(one).sum::<BigInt>()));
                }
            }
        }
        prop_assert_eq!(joined(&ring, &made), wanted);
    }

    /// Any number has a sign, and so have those at the ends of the ring and around 0.
    #[test]
    fn signs_choices_and_numbers(n in 1usize..40, at in 0usize..2, seed: u64) {
        let ring = rings()[at];
        let mut x = Numbers::new(seed).any(n, &ring);
        x.extend([0, 1, ring.mask(), ring.mask() >> 1, (ring.mask() >> 1) + 1]);
        let xs = shared(&ring, &x, seed);
        let (bits, _) = both(ring, &adder(x.len(), &ring), seed, |mut me, at| {
            let x = xs[at].clone();
            async move { me.negative(&x).await }
        });
        let negative: Vec<u64> = x.iter().map(|x| u64::from(big(&ring, *x) < BigInt::ZERO)).collect();
        let bits_of: Vec<u64> = bits[0].iter().zip(&bits[1]).map(|(a, b)| a ^ b).collect();
        prop_assert_eq!(&bits_of, &negative);
        prop_assert!(bits.iter().flatten().all(|bit| *bit < 2));

        let needs = [adder(x.len(), &ring), vec![Need::Product(x.len())]].concat();
        let (made, _) = both(ring, &needs, !seed, |mut me, at| {
            let x = xs[at].clone();
            async move { me.relu(&x).await }
        });
        let wanted: Vec<u64> = x.iter().map(|x| wrapped(&ring, &big(&ring, *x).max(BigInt::ZERO))).collect();
        prop_assert_eq!(joined(&ring, &made), wanted);

        let (made, _) = both(ring, &[Need::Bit(x.len())], seed, |mut me, at| {
            let bits = bits[at].clone();
            async move { me.numbers(&bits).await }
        });
        prop_assert_eq!(joined(&ring, &made), negative);
    }

    /// The floor or one above, for every number below a quarter of the ring, at any point.
    #[test]
    fn truncations(n in 1usize..40, at in 0usize..2, part in 1u32..=16, seed: u64) {
        let bits = rings()[at].bits;
        let ring = Ring::new(bits, part * bits / 32).unwrap();
        let mut x = Numbers::new(seed).small(n, ring.bits - 1, &ring);
        let quarter = 1i64 << (ring.bits - 2);
        x.extend([0, -1, 1, quarter - 1, -quarter].map(|x| ring.of(x)));
        let xs = shared(&ring, &x, seed);
        let (made, _) = both(ring, &[Need::Wrap(x.len())], seed, |mut me, at| {
            let x = xs[at].clone();
            async move { me.truncate(&x).await }
        });
        for (x, found) in x.iter().zip(joined(&ring, &made)) {
            let floor = big(&ring, *x) >> ring.fraction;
            let found = big(&ring, found);
            let exact = ring.signed(*x) & ((1 << ring.fraction) - 1) == 0;
            prop_assert!(found == floor || !exact && found == &floor + 1, "{x} at {ring:?}: {found} for {floor}");
        }
    }
}

/// Truncates a number very often.
fn many(ring: Ring, x: i64, n: usize) -> Vec<i64> {
    let xs = shared(&ring, &vec![ring.of(x); n], 7);
    let (made, _) = both(ring, &[Need::Wrap(n)], 7, |mut me, at| {
        let x = xs[at].clone();
        async move { me.truncate(&x).await }
    });
    joined(&ring, &made).into_iter().map(|x| ring.signed(x)).collect()
}

/// How often it happened, against how often it should: within five standard deviations.
fn at_rate(count: usize, n: usize, rate: f64) -> bool {
    let off = count as f64 - n as f64 * rate;
    off.abs() <= 5.0 * (n as f64 * rate * (1.0 - rate)).sqrt()
}

/// One unit too much at the share of what is cut off: as the simulation's probabilistic truncation.
#[test]
fn a_truncation_is_off_by_one_at_the_share_of_what_it_cuts() {
    let n = 40_000;
    for (bits, fraction) in [(64, 18), (64, 3), (32, 8)] {
        let ring = Ring::new(bits, fraction).unwrap();
        for (whole, eighths) in [(5i64, 1i64), (-3, 5), (0, 7), (1 << 20, 0)] {
            let found = many(ring, (whole << fraction) + (eighths << (fraction - 3)), n);
            let above = found.iter().filter(|x| **x == whole + 1).count();
            let at = found.iter().filter(|x| **x == whole).count();
            assert_eq!(above + at, n, "{ring:?} {whole}");
            assert!(at_rate(above, n, eighths as f64 / 8.0), "{ring:?} {whole} {eighths}: {above}");
        }
    }
}

/// From a quarter of the ring on, x + 2^(bits - 2) = u is no longer positive, and the wrap is guessed wrong in
/// 2 u / 2^bits - 1 of all cases: by 2^(bits - fraction).
#[test]
fn a_number_too_large_is_wrong_at_the_rate_of_the_formula() {
    let n = 40_000;
    for ring in rings() {
        for (eighths, rate) in [(2i64, 0.0), (3, 0.25), (4 - 8, 0.5)] {
            let x = eighths << (ring.bits - 3);
            let found = many(ring, x, n);
            let right = x >> ring.fraction;
            let far = 1i64.wrapping_shl(ring.bits - ring.fraction);
            let wrong =
                found.iter().filter(|found| (found.abs_diff(right)) >= far.unsigned_abs() - 1).count();
            let near = found.iter().filter(|found| (0..2).contains(&(**found - right))).count();
            // -2^(bits - 1) + 2^(bits - 2) = -2^(bits - 2): u is three quarters of the ring.
            assert!(at_rate(wrong, n, rate), "{ring:?} {eighths}: {wrong}");
            assert_eq!(near + wrong, n, "{ring:?} {eighths}");
        }
    }
}

#[test]
fn the_even_bits_of_a_word() {
    for word in Numbers::new(1).any(200, &rings()[0]) {
        let slow = (0..32).fold(0u64, |all, at| all | (word >> (2 * at) & 1) << at);
        assert_eq!(crate::adder::evens(word), slow);
    }
}
