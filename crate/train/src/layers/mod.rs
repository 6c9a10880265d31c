//! Layers, forward and backward, as functions of arrays. No layer holds state.
//!
//! A map is `[channels, height, width, images]`: a channel is one row, and images lie side by side, so that what is done
//! at a pixel is done to all of them at once, however small the map. Dense layers are maps of 1x1. Maps are in standard
//! order.

pub mod conv;
pub mod gate;
pub mod loss;
pub mod norm;
pub mod pool;
pub mod react;

use ndarray::Array4;

use crate::real::Real;

/// Channels, height, width, images.
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
