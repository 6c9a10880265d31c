//! Average, maximum and global average pooling.

use super::{Map, Window, flat, flat_mut};
use crate::real::{Real, sum};

/// Calls `each(output place, input place)` for each tap inside the input.
fn taps<T>(x: &Map<T>, window: Window, mut each: impl FnMut(usize, usize)) {
    let (c, n, h, w) = x.dim();
    let (oh, ow) = (window.out(h), window.out(w));
    let range = |at: usize, size: usize| {
        let start = at * window.stride;
        (start.max(window.pad) - window.pad)..(start + window.kernel).saturating_sub(window.pad).min(size)
    };
    for plane in 0..c * n {
        for oy in 0..oh {
            for ox in 0..ow {
                let out = (plane * oh + oy) * ow + ox;
                for y in range(oy, h) {
                    for x in range(ox, w) {
                        each(out, (plane * h + y) * w + x);
                    }
                }
            }
        }
    }
}

fn output<T: Real>(x: &Map<T>, window: Window, fill: T) -> Map<T> {
    let (c, n, h, w) = x.dim();
    Map::from_elem((c, n, window.out(h), window.out(w)), fill)
}

/// Mean of each window, the padding's zeros among it.
pub fn average<T: Real>(x: &Map<T>, window: Window) -> Map<T> {
    let mut y = output(x, window, T::zero());
    let (to, from) = (flat_mut(&mut y), flat(x));
    taps(x, window, |out, at| to[out] += from[at]);
    let share = T::of(1.0 / (window.kernel * window.kernel) as f64);
    to.iter_mut().for_each(|v| *v *= share);
    y
}

/// Gradient of [`average`].
pub fn average_backward<T: Real>(x: &Map<T>, window: Window, dy: &Map<T>) -> Map<T> {
    let mut dx = Map::zeros(x.dim());
    let (to, from) = (flat_mut(&mut dx), flat(dy));
    let share = T::of(1.0 / (window.kernel * window.kernel) as f64);
    taps(x, window, |out, at| to[at] += from[out] * share);
    dx
}

/// Largest of each window and where it stands, the first among equals.
pub fn maximum<T: Real>(x: &Map<T>, window: Window) -> (Map<T>, Vec<u32>) {
    let mut y = output(x, window, T::neg_infinity());
    let mut places = vec![0u32; y.len()];
    let (to, from) = (flat_mut(&mut y), flat(x));
    taps(x, window, |out, at| {
        if from[at] > to[out] {
            to[out] = from[at];
            places[out] = at as u32;
        }
    });
    (y, places)
}

/// Gradient of [`maximum`].
pub fn maximum_backward<T: Real>(x: &Map<T>, places: &[u32], dy: &Map<T>) -> Map<T> {
    let mut dx = Map::zeros(x.dim());
    let to = flat_mut(&mut dx);
    flat(dy).iter().zip(places).for_each(|(g, at)| to[*at as usize] += *g);
    dx
}

/// Mean of each channel of each image.
pub fn global<T: Real>(x: &Map<T>) -> Map<T> {
    let (c, n, h, w) = x.dim();
    let pixels = T::of((h * w) as f64);
    let mut y = Map::zeros((c, n, 1, 1));
    for (to, from) in flat_mut(&mut y).iter_mut().zip(flat(x).chunks_exact((h * w).max(1))) {
        *to = sum(from.iter().copied()) / pixels;
    }
    y
}

/// Gradient of [`global`].
pub fn global_backward<T: Real>(x: &Map<T>, dy: &Map<T>) -> Map<T> {
    let (_, _, h, w) = x.dim();
    let pixels = T::of((h * w) as f64);
    let mut dx = Map::zeros(x.dim());
    for (to, from) in flat_mut(&mut dx).chunks_exact_mut((h * w).max(1)).zip(flat(dy)) {
        to.fill(*from / pixels);
    }
    dx
}
