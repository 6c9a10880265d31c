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

/// Sum of a row, in sixteen lanes: a fixed order that the compiler can vectorise.
pub(crate) fn sum<T: Real>(row: impl ExactSizeIterator<Item = T>) -> T {
    let mut lanes = [T::zero(); 16];
    for (at, value) in row.enumerate() {
        lanes[at & 15] += value;
    }
    lanes.iter().fold(T::zero(), |sum, lane| sum + *lane)
}
