//! What operations take of levels, and the seconds that depend on them: what a plan of refreshes weighs.
//!
//! What has no price takes no levels: it would be refreshed for nothing. Seconds are those of `price.rs` on the reference
//! machine; another graphics processor scales them all alike.

use super::constants::*;
use super::matrix::{ciphertexts, matrix_diagonals};
use crate::cost::constant::Constant;
use crate::cost::formulas::packing::{diagonal, multiplexed};
use crate::cost::job::{Job, log2_ceil, product};
use crate::count::{Kind, Work};

/// A convolution 2, the composite ReLU 14, a degree-2 polynomial 2, an average pool 1, a last layer 1.
pub(super) fn needs_multiplexed(job: Job<'_>) -> u32 {
    match job {
        Job::Work(Work::Conv(conv)) => multiplexed(conv, SLOTS).map_or(0, |_| 2),
        Job::Poly2 { .. } | Job::Work(Work::Poly2 { .. }) => 2,
        Job::Work(Work::Activation(a)) if is_sign(a.kind) => 14,
        Job::Work(Work::Product { .. }) => 0,
        job => needs_one(job),
    }
}

/// Chebyshev of degree 119 7, a convolution 1; of stride 2, packed anew, log2(width) + 3.
pub(super) fn needs_openfhe(job: Job<'_>) -> u32 {
    match job {
        Job::Work(Work::Conv(conv)) if diagonal(conv, SLOTS).is_err() => 0,
        Job::Work(Work::Conv(conv)) if conv.strides.contains(&2) => {
            (log2_ceil(conv.output.last().copied().unwrap_or(1)) + 3).min(8)
        }
        Job::Work(Work::Conv(_)) => 1,
        Job::Poly2 { .. } | Job::Work(Work::Poly2 { .. }) => 2,
        Job::Work(Work::Activation(a)) if is_sign(a.kind) => 7,
        job => needs_one(job),
    }
}

fn needs_one(job: Job<'_>) -> u32 {
    let one = matches!(
        job,
        Job::Work(
            Work::AvgPool { .. }
                | Work::MatMul { secret: false, steps: 0 | 1, .. }
                | Work::Product { .. }
                | Work::Scale { .. }
                | Work::BatchNorm { .. }
        )
    );
    u32::from(one)
}

/// Made of the sign of a value, which is what the polynomials approximate.
pub(super) fn is_sign(kind: Kind) -> bool {
    use Kind::*;
    matches!(kind, ReLU | ReLU6 | Clip | LeakyReLU | PReLU | Abs | Sign)
}

/// Products with plaintexts, which are the dearer the higher they stand.
fn products(job: Job<'_>) -> u128 {
    match job {
        Job::Work(Work::Conv(conv)) => multiplexed(conv, SLOTS).map_or(0, |packing| packing.products),
        Job::Work(&Work::MatMul { batch, m, k, n, secret: false, steps: 0 | 1 }) => {
            matrix_diagonals(product(&[batch, m]), k, n)
        }
        Job::Work(&Work::Scale { elements } | &Work::BatchNorm { elements }) => ciphertexts(elements.into()),
        _ => 0,
    }
}

/// 88 products: 1.9 s a level above 2.
pub(super) fn above_cpu(job: Job<'_>) -> f64 {
    LEVEL.real()[1] * products(job) as f64
}

/// The CPU's, scaled.
pub(super) fn above_gpu(job: Job<'_>) -> f64 {
    above_cpu(job) * REST.real()[1]
}

/// A bootstrap by the slots that are used.
pub(super) fn boot_by_size(elements: u128) -> &'static Constant {
    match u64::try_from(elements).map_or(64, log2_ceil) {
        0..=12 => &BOOT_12,
        13 => &BOOT_13,
        14 => &BOOT_14,
        _ => &BOOT_15,
    }
}

fn refresh(each: &Constant, elements: u128) -> f64 {
    each.real()[1] * ciphertexts(elements).max(1) as f64
}

/// 16,384 elements: 102.3 s.
pub(super) fn refresh_cpu(elements: u128) -> f64 {
    refresh(boot_by_size(elements), elements)
}

/// 40 ms a ciphertext.
pub(super) fn refresh_gpu(elements: u128) -> f64 {
    refresh(&A100_80, elements)
}

/// 12.97 s a ciphertext.
pub(super) fn refresh_openfhe(elements: u128) -> f64 {
    refresh(&BOOTSTRAP.one, elements)
}
