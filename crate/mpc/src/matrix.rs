//! Matrix products in the ring, and the unrolled input of a convolution.

use crate::net::{Sizes, Windows};

/// `left` x `right`, group by group, modulo 2^64.
pub fn product(left: &[u64], right: &[u64], sizes: Sizes) -> Vec<u64> {
    let Sizes { m, k, n, .. } = sizes;
    let mut out = vec![0u64; sizes.numbers()[2]];
    let groups = left.chunks_exact(m * k).zip(right.chunks_exact(k * n)).zip(out.chunks_exact_mut(m * n));
    for ((left, right), out) in groups {
        for (row, sums) in left.chunks_exact(k).zip(out.chunks_exact_mut(n)) {
            for (factor, line) in row.iter().zip(right.chunks_exact(n)) {
                sums.iter_mut()
                    .zip(line)
                    .for_each(|(sum, x)| *sum = sum.wrapping_add(factor.wrapping_mul(*x)));
            }
        }
    }
    out
}

/// For each group: a row for each channel and tap, a column for each position; 0 in the padding.
pub fn unrolled(x: &[u64], windows: &Windows) -> Vec<u64> {
    let inner = windows.input[0] * windows.input[1];
    let places: Vec<Option<usize>> = (0..windows.taps())
        .flat_map(|tap| (0..windows.positions()).map(move |position| windows.place(position, tap)))
        .collect();
    let read = |plane: &[u64]| -> Vec<u64> {
        places.iter().map(|place| place.and_then(|at| plane.get(at).copied()).unwrap_or(0)).collect()
    };
    x.chunks_exact(inner).flat_map(read).collect()
}

/// The elements of each window, padding left out; windows of the first channel first.
pub fn windows(windows: &Windows) -> Vec<Vec<usize>> {
    let inner = windows.input[0] * windows.input[1];
    let one = |channel: usize, position: usize| -> Vec<usize> {
        (0..windows.taps()).filter_map(|tap| Some(channel * inner + windows.place(position, tap)?)).collect()
    };
    (0..windows.channels)
        .flat_map(|channel| (0..windows.positions()).map(move |position| one(channel, position)))
        .collect()
}
