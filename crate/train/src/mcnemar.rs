//! McNemar's test of two networks on the same images.

/// Images that only the first got right, that only the second did, and the two-sided exact probability of a split at
/// least as uneven were they equally good. 8 and 2: 112 / 1024 = 0.109375.
pub fn mcnemar(first: &[bool], second: &[bool]) -> (usize, usize, f64) {
    let pairs = || first.iter().zip(second);
    let a = pairs().filter(|(a, b)| **a && !**b).count();
    let b = pairs().filter(|(a, b)| !**a && **b).count();
    let n = a + b;
    let ln_choose = |k: usize| {
        let ln = |m: usize| libm::lgamma(m as f64 + 1.0);
        ln(n) - ln(k) - ln(n - k) - n as f64 * std::f64::consts::LN_2
    };
    let tail: f64 = (0..=a.min(b)).map(|k| libm::exp(ln_choose(k))).sum();
    (a, b, (2.0 * tail).min(1.0))
}
