//! Sums of products: convolutions, matrix products, pools with a mean. Every result carries twice
//! the fraction bits and is still to be truncated.

use super::arithmetic::{Array, Settings, Sums};
use crate::error::{Code, Error, Result};
use crate::ir::windows::WindowAxis;

/// What a layer gives before truncation.
pub struct Raw {
    /// Dimensions.
    pub shape: Vec<usize>,
    /// Numbers of the ring.
    pub data: Vec<i64>,
    /// Sums that left the ring.
    pub wrapped: u64,
    /// Largest magnitude of a sum.
    pub largest: u128,
}

impl Raw {
    pub(super) fn new(shape: Vec<usize>, data: Vec<i64>, sums: &Sums<'_>) -> Self {
        Self { shape, data, wrapped: sums.wrapped, largest: sums.largest }
    }
}

/// The taps of each window: (index of the tap, offset of the element), padding left out.
pub fn windows(axes: &[WindowAxis]) -> Result<Vec<Vec<(usize, usize)>>> {
    let unknown = || Error::new(Code::NotSupported, "a window of unknown size");
    let mut all: Vec<Vec<(usize, usize)>> = vec![vec![(0, 0)]];
    for axis in axes {
        let number = |dim: &crate::ir::dim::Dim| dim.known().ok_or_else(unknown);
        let (input, output, kernel) = (number(&axis.input)?, number(&axis.output)?, number(&axis.kernel)?);
        let before = axis.pads.first().map_or(Ok(0), number)?;
        let mut next = Vec::new();
        for window in &all {
            for place in 0..output {
                let mut taps = Vec::new();
                for (tap, offset) in window {
                    for k in 0..kernel {
                        let at = place * axis.stride - before + k * axis.dilation;
                        if (0..input).contains(&at) {
                            taps.push((
                                tap * kernel as usize + k as usize,
                                offset * input as usize + at as usize,
                            ));
                        }
                    }
                }
                next.push(taps);
            }
        }
        all = next;
    }
    Ok(all)
}

/// Convolution: `x` samples x channels x space, `w` out x channels/groups x taps; `bias` has twice the
/// fraction bits.
pub fn conv(
    ring: &Settings,
    x: &Array,
    w: &Array,
    bias: Option<&[i64]>,
    windows: &[Vec<(usize, usize)>],
    (groups, space): (usize, Vec<usize>),
) -> Result<Raw> {
    let bad = || Error::new(Code::InvalidGraph, "a convolution whose sizes disagree");
    let ([samples, channels, ..], [out, each, ..]) = (x.shape.as_slice(), w.shape.as_slice()) else {
        return Err(bad());
    };
    let inner: usize = x.shape.iter().skip(2).product();
    let taps: usize = w.shape.iter().skip(2).product();
    let per_group = out.checked_div(groups).filter(|n| *n > 0).ok_or_else(bad)?;
    let largest_bias = bias.unwrap_or_default().iter().map(|b| b.unsigned_abs()).max().unwrap_or(0);
    let mut sums = Sums::new(ring, x.largest(), w.largest(), each * taps, largest_bias);
    let mut data = Vec::with_capacity(samples * out * windows.len());
    for sample in 0..*samples {
        for m in 0..*out {
            let start = bias.and_then(|b| b.get(m)).copied().unwrap_or(0);
            let first = (sample * channels + (m / per_group) * each) * inner;
            let planes = x.data.get(first..first + each * inner).ok_or_else(bad)?;
            let kernel = w.data.get(m * each * taps..(m + 1) * each * taps).ok_or_else(bad)?;
            for window in windows {
                let pairs = planes.chunks_exact(inner.max(1)).zip(kernel.chunks_exact(taps.max(1))).flat_map(
                    |(plane, kernel)| {
                        window.iter().map(|(tap, at)| {
                            (plane.get(*at).copied().unwrap_or(0), kernel.get(*tap).copied().unwrap_or(0))
                        })
                    },
                );
                data.push(sums.sum(start, pairs));
            }
        }
    }
    let shape = [*samples, *out].into_iter().chain(space).collect();
    Ok(Raw::new(shape, data, &sums))
}

/// Matrix product with numpy's broadcasting of what stands before the last two axes.
pub fn matmul(ring: &Settings, a: &Array, b: &Array) -> Result<Raw> {
    let bad = || Error::new(Code::InvalidGraph, "a matrix product whose sizes disagree");
    let split = |shape: &[usize]| shape.split_last_chunk::<2>().map(|(outer, last)| (outer.to_vec(), *last));
    let ((outer_a, [m, k]), (outer_b, [k2, n])) = split(&a.shape)
        .zip(split(&b.shape))
        .ok_or_else(|| Error::new(Code::NotSupported, "a matrix product with a vector"))?;
    if k != k2 {
        return Err(bad());
    }
    let outer = broadcast(&outer_a, &outer_b).ok_or_else(bad)?;
    let mut sums = Sums::new(ring, a.largest(), b.largest(), k, 0);
    let mut data = Vec::new();
    for (at, bt) in places(&outer, &outer_a).into_iter().zip(places(&outer, &outer_b)) {
        let (a, b) = (a.data.get(at * m * k..), b.data.get(bt * k * n..));
        let (a, b) = a.zip(b).ok_or_else(bad)?;
        for row in a.chunks_exact(k.max(1)).take(m) {
            for column in 0..n {
                let down = b.iter().skip(column).step_by(n.max(1));
                data.push(sums.sum(0, row.iter().copied().zip(down.copied())));
            }
        }
    }
    let shape = outer.into_iter().chain([m, n]).collect();
    Ok(Raw::new(shape, data, &sums))
}

/// numpy's joint shape; None where two sizes differ and neither is 1.
pub fn broadcast(a: &[usize], b: &[usize]) -> Option<Vec<usize>> {
    let rank = a.len().max(b.len());
    let size = |shape: &[usize], axis: usize| {
        (axis + shape.len()).checked_sub(rank).and_then(|i| shape.get(i).copied()).unwrap_or(1)
    };
    (0..rank)
        .map(|axis| match (size(a, axis), size(b, axis)) {
            (x, y) if x == y || y == 1 => Some(x),
            (1, y) => Some(y),
            _ => None,
        })
        .collect()
}

/// For each element of `shape`, row-major, the element of a smaller shape that it is broadcast from.
pub fn places(shape: &[usize], from: &[usize]) -> Vec<usize> {
    let mut all = vec![0usize];
    for (axis, size) in shape.iter().enumerate() {
        let own =
            (axis + from.len()).checked_sub(shape.len()).and_then(|i| from.get(i).copied()).unwrap_or(1);
        all = all
            .iter()
            .flat_map(|place| (0..*size).map(move |i| if own == 1 { *place } else { place * own + i }))
            .collect();
    }
    all
}
