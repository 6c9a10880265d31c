//! Layers, forward and backward, as functions of arrays. No layer holds state.
//!
//! A map is `[channels, images, height, width]`: channels first, so that a convolution of a whole batch is one
//! matrix product and a channel is one row. Dense layers are maps of 1x1. Maps are in standard order.

pub mod conv;
pub mod gate;
pub mod loss;
pub mod norm;
pub mod pool;
pub mod react;

use ndarray::{Array4, ArrayView2, ArrayViewMut2};

use crate::real::Real;

/// Channels, images, height, width.
pub type Map<T> = Array4<T>;

/// A square window that slides over height and width.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Window {
    /// Side.
    pub kernel: usize,
    /// Step, at least 1.
    pub stride: usize,
    /// Zeros (for a maximum: nothing) on each side.
    pub pad: usize,
}

impl Window {
    /// Outputs along an axis: (size + 2 pad - kernel) / stride + 1. 8 with kernel 3, stride 2, pad 1: 4.
    pub fn out(self, size: usize) -> usize {
        (size + 2 * self.pad).saturating_sub(self.kernel) / self.stride.max(1) + 1
    }

    /// Outputs along an axis whose tap `tap` lies inside: [low, high).
    fn inside(self, tap: usize, size: usize, out: usize) -> (usize, usize) {
        let low = self.pad.saturating_sub(tap).div_ceil(self.stride);
        let high = (size + self.pad).saturating_sub(tap).div_ceil(self.stride);
        (low.min(out), high.min(out))
    }
}

/// Numbers of a map, in order.
pub(crate) fn flat<T: Real>(map: &Map<T>) -> &[T] {
    map.as_slice().unwrap_or_default()
}

/// Numbers of a map, in order.
pub(crate) fn flat_mut<T: Real>(map: &mut Map<T>) -> &mut [T] {
    map.as_slice_mut().unwrap_or_default()
}

/// Rows by columns over a slice that has as many numbers.
pub(crate) fn matrix<T>(rows: usize, columns: usize, of: &[T]) -> ArrayView2<'_, T> {
    let fits = ArrayView2::from_shape((rows, columns), of);
    debug_assert!(fits.is_ok(), "{rows} x {columns} over {}", of.len());
    fits.unwrap_or_else(|_| ArrayView2::from_shape((0, 0), &of[..0]).unwrap_or_else(|_| unreachable!()))
}

/// Rows by columns over a slice that has as many numbers.
pub(crate) fn matrix_mut<T>(rows: usize, columns: usize, of: &mut [T]) -> ArrayViewMut2<'_, T> {
    debug_assert_eq!(rows * columns, of.len());
    ArrayViewMut2::from_shape((rows, columns), of)
        .unwrap_or_else(|_| unreachable!("a slice of rows x columns"))
}
