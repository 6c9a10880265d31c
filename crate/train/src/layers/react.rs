//! ReActNet's activations (arXiv 2003.03488; liuzechun/ReActNet at a6cd08d), whose places are learnt, one a channel.
//!
//! RPReLU: with u = x + a, u + z above 0, b u + z at 0 and below; the paper's g is -a, and its code adds a as an export does.
//! a = -0.2, z = 0.3, b = 0.25: 1 -> 1.1, -1 -> 0, 0.2 -> 0.3.
//! RSign: y = sign(x + a), 0 at 0. Its own gradient is 0 everywhere; in its place stands that of the estimator, a parabola on
//! each side: with u = x + a, 2 + 2u for -1 <= u < 0, 2 - 2u for 0 <= u < 1, else 0.

use super::{Map, flat, flat_mut};
use crate::real::Real;

/// Numbers of a channel in a map.
fn row<T>(x: &Map<T>) -> usize {
    let (_, h, w, n) = x.dim();
    (h * w * n).max(1)
}

/// RPReLU of shift a, slope b and lift z.
pub fn rprelu<T: Real>(x: &Map<T>, shift: &[T], slope: &[T], lift: &[T]) -> Map<T> {
    let mut y = x.clone();
    let each = shift.iter().zip(slope).zip(lift);
    for (values, ((a, b), z)) in flat_mut(&mut y).chunks_exact_mut(row(x)).zip(each) {
        for v in values {
            let u = *v + *a;
            *v = if u > T::zero() { u } else { *b * u } + *z;
        }
    }
    y
}

/// Adds the gradients of a, b and z; returns the input's.
pub fn rprelu_backward<T: Real>(
    x: &Map<T>,
    shift: &[T],
    slope: &[T],
    mut dy: Map<T>,
    to: &mut [Vec<T>; 3],
) -> Map<T> {
    let row = row(x);
    let rows = flat_mut(&mut dy).chunks_exact_mut(row).zip(flat(x).chunks_exact(row));
    let [dshift, dslope, dlift] = to;
    for (channel, (dy, x)) in rows.enumerate() {
        for (g, v) in dy.iter_mut().zip(x) {
            let u = *v + shift[channel];
            dlift[channel] += *g;
            if u <= T::zero() {
                dslope[channel] += *g * u;
                *g *= slope[channel];
            }
            dshift[channel] += *g;
        }
    }
    dy
}

fn sign<T: Real>(u: T) -> T {
    match () {
        () if u > T::zero() => T::one(),
        () if u < T::zero() => -T::one(),
        // 0 stays 0, and what is no number none.
        () => u,
    }
}

/// The estimator's gradient in u.
pub fn estimate<T: Real>(u: T) -> T {
    let two = T::of(2.0);
    match () {
        () if u >= -T::one() && u < T::zero() => two + two * u,
        () if u >= T::zero() && u < T::one() => two - two * u,
        () => T::zero(),
    }
}

/// RSign of shift a.
pub fn rsign<T: Real>(x: &Map<T>, shift: &[T]) -> Map<T> {
    let mut y = x.clone();
    for (values, a) in flat_mut(&mut y).chunks_exact_mut(row(x)).zip(shift) {
        values.iter_mut().for_each(|v| *v = sign(*v + *a));
    }
    y
}

/// Adds the estimated gradient of a; returns the input's.
pub fn rsign_backward<T: Real>(x: &Map<T>, shift: &[T], mut dy: Map<T>, dshift: &mut [T]) -> Map<T> {
    let row = row(x);
    let rows = flat_mut(&mut dy).chunks_exact_mut(row).zip(flat(x).chunks_exact(row));
    for (channel, (dy, x)) in rows.enumerate() {
        for (g, v) in dy.iter_mut().zip(x) {
            *g *= estimate(*v + shift[channel]);
            dshift[channel] += *g;
        }
    }
    dy
}
