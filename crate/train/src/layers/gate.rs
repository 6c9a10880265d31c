//! The activation whose ReLU may give way: y = k relu(x) + (1 - k) P(x), with k per pixel (or all ones) and P of
//! degree 2 at most per channel.
//!
//! k = alpha is SNL's with P(x) = x, k = 0 or 1 AutoReP's. `below` is the slope of the ReLU left of 0 and at it: 0, but in a
//! copy of a network through which a gradient is taken.

use super::{Map, flat, flat_mut};
use crate::real::{Real, sum, sum_both};

/// Coefficients of a channel: constant, x, x^2.
pub const COEFFICIENTS: usize = 3;

/// P(x) = x.
pub const IDENTITY: [f64; COEFFICIENTS] = [0.0, 1.0, 0.0];

/// What an activation's gradients are added to, in the order of `keep` and of the coefficients.
pub struct Gradients<'a, T> {
    /// Of k.
    pub keep: Option<&'a mut [T]>,
    /// Of the coefficients.
    pub coefficients: Option<&'a mut [T]>,
}

/// max(x, 0), and NaN of NaN: what went wrong is to be seen.
fn positive<T: Real>(x: T) -> T {
    if x < T::zero() { T::zero() } else { x }
}

fn row<T: Real>(coefficients: &[T], channel: usize) -> [T; COEFFICIENTS] {
    std::array::from_fn(|power| coefficients[channel * COEFFICIENTS + power])
}

/// The same of a slope left of 0. Apart from [`positive`], whose zeros have no sign.
fn leaky<T: Real>(x: T, below: T) -> T {
    if x < T::zero() { below * x } else { x }
}

/// `keep` is `[channels, height, width]`, `coefficients` `[channels, 3]`.
pub fn forward<T: Real>(x: &Map<T>, keep: &[T], coefficients: &[T], below: T) -> Map<T> {
    match below == T::zero() {
        true => mixed(x, keep, coefficients, positive),
        false => mixed(x, keep, coefficients, |v| leaky(v, below)),
    }
}

fn mixed<T: Real>(x: &Map<T>, keep: &[T], coefficients: &[T], relu: impl Fn(T) -> T) -> Map<T> {
    let (_, h, w, n) = x.dim();
    let mut y = x.clone();
    for (place, (images, k)) in flat_mut(&mut y).chunks_exact_mut(n.max(1)).zip(keep).enumerate() {
        let [c0, c1, c2] = row(coefficients, place / (h * w).max(1));
        for v in images {
            let poly = c0 + *v * (c1 + *v * c2);
            *v = *k * relu(*v) + (T::one() - *k) * poly;
        }
    }
    y
}

/// Adds the gradients of k and of the coefficients where they are asked for; returns the input's.
pub fn backward<T: Real>(
    x: &Map<T>,
    keep: &[T],
    coefficients: &[T],
    mut dy: Map<T>,
    mut to: Gradients<'_, T>,
    below: T,
) -> Map<T> {
    let (_, h, w, n) = x.dim();
    let (zero, one, two) = (T::zero(), T::one(), T::of(2.0));
    let rows = flat_mut(&mut dy).chunks_exact_mut(n.max(1)).zip(flat(x).chunks_exact(n.max(1)));
    for (place, ((dy, x), k)) in rows.zip(keep).enumerate() {
        let channel = place / (h * w).max(1);
        let [c0, c1, c2] = row(coefficients, channel);
        if let Some(dk) = to.keep.as_deref_mut() {
            let relu = |v: T| if below == zero { positive(v) } else { leaky(v, below) };
            dk[place] += sum_both(dy, x, |g, v| g * (relu(v) - (c0 + v * (c1 + v * c2))));
        }
        if let Some(dc) = to.coefficients.as_deref_mut() {
            let sums = [sum(dy, |g| g), sum_both(dy, x, |g, v| g * v), sum_both(dy, x, |g, v| g * v * v)];
            for (dc, sum) in dc[channel * COEFFICIENTS..].iter_mut().zip(sums) {
                *dc += (one - *k) * sum;
            }
        }
        for (g, v) in dy.iter_mut().zip(x) {
            let slope = if *v > zero { one } else { below };
            *g *= *k * slope + (one - *k) * (c1 + two * *v * c2);
        }
    }
    dy
}

/// x where `keep` is not 0, else 0, whatever x is there. The gradient goes the same way.
pub fn dropped<T: Real>(mut x: Map<T>, keep: &[T]) -> Map<T> {
    let images = x.dim().3.max(1);
    for (row, k) in flat_mut(&mut x).chunks_exact_mut(images).zip(keep) {
        if *k == T::zero() {
            row.fill(T::zero());
        }
    }
    x
}

/// relu(x).
pub fn relu<T: Real>(x: &Map<T>, below: T) -> Map<T> {
    if below == T::zero() { x.mapv(positive) } else { x.mapv(|v| leaky(v, below)) }
}

/// Gradient of [`relu`].
pub fn relu_backward<T: Real>(x: &Map<T>, mut dy: Map<T>, below: T) -> Map<T> {
    for (g, v) in flat_mut(&mut dy).iter_mut().zip(flat(x)) {
        *g = if *v > T::zero() { *g } else { *g * below };
    }
    dy
}
