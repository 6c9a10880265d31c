//! The numbers that layers are made of: f32 to train, f64 to check gradients.

use ndarray::NdFloat;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// f32 or f64.
pub trait Real: NdFloat + Default + Serialize + DeserializeOwned {
    /// Rounded from f64.
    fn of(value: f64) -> Self;
    /// As f64, exactly.
    fn f64(self) -> f64;
}

impl Real for f32 {
    fn of(value: f64) -> Self {
        value as Self
    }

    fn f64(self) -> f64 {
        f64::from(self)
    }
}

impl Real for f64 {
    fn of(value: f64) -> Self {
        value
    }

    fn f64(self) -> f64 {
        self
    }
}

/// Parts in which a row is summed: a fixed order that the compiler can vectorise.
const PARTS: usize = 16;

/// Sum over a row.
#[inline]
pub(crate) fn sum<T: Real>(row: &[T], of: impl Fn(T) -> T) -> T {
    sum_both(row, row, |v, _| of(v))
}

/// Sum over two rows of one length.
#[inline]
pub(crate) fn sum_both<T: Real>(a: &[T], b: &[T], of: impl Fn(T, T) -> T) -> T {
    let mut parts = [T::zero(); PARTS];
    let ((a, rest_a), (b, rest_b)) = (a.as_chunks::<PARTS>(), b.as_chunks::<PARTS>());
    for (a, b) in a.iter().zip(b) {
        for ((part, a), b) in parts.iter_mut().zip(a).zip(b) {
            *part += of(*a, *b);
        }
    }
    for ((part, a), b) in parts.iter_mut().zip(rest_a).zip(rest_b) {
        *part += of(*a, *b);
    }
    parts.iter().fold(T::zero(), |sum, part| sum + *part)
}
