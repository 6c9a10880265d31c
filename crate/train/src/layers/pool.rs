//! Average, maximum and global average pooling.

use super::{Map, Window, flat, flat_mut};
use crate::real::Real;

/// Calls `each(output row, input row)` for each tap inside the input: a row holds the images at a pixel of a channel.
fn taps<T>(x: &Map<T>, window: Window, mut each: impl FnMut(usize, usize)) {
    let (c, h, w, _) = x.dim();
    let (oh, ow) = (window.out(h), window.out(w));
    let range = |at: usize, size: usize| {
        let start = at * window.stride;
        (start.max(window.pad) - window.pad)..(start + window.kernel).saturating_sub(window.pad).min(size)
    };
    for channel in 0..c {
        for oy in 0..oh {
            for ox in 0..ow {
                let out = (channel * oh + oy) * ow + ox;
                for y in range(oy, h) {
                    for x in range(ox, w) {
                        each(out, (channel * h + y) * w + x);
                    }
                }
            }
        }
    }
}

fn output<T: Real>(x: &Map<T>, window: Window, fill: T) -> Map<T> {
    let (c, h, w, n) = x.dim();
    Map::from_elem((c, window.out(h), window.out(w), n), fill)
}

/// Numbers of a row.
fn span(row: usize, images: usize) -> std::ops::Range<usize> {
    row * images..(row + 1) * images
}

/// Mean of each window, the padding's zeros among it.
pub fn average<T: Real>(x: &Map<T>, window: Window) -> Map<T> {
    let n = x.dim().3;
    let mut y = output(x, window, T::zero());
    let (to, from) = (flat_mut(&mut y), flat(x));
    taps(x, window, |out, at| {
        to[span(out, n)].iter_mut().zip(&from[span(at, n)]).for_each(|(to, from)| *to += *from);
    });
    let share = T::of(1.0 / (window.kernel * window.kernel) as f64);
    to.iter_mut().for_each(|v| *v *= share);
    y
}

/// Gradient of [`average`].
pub fn average_backward<T: Real>(x: &Map<T>, window: Window, dy: &Map<T>) -> Map<T> {
    let n = x.dim().3;
    let mut dx = Map::zeros(x.dim());
    let (to, from) = (flat_mut(&mut dx), flat(dy));
    let share = T::of(1.0 / (window.kernel * window.kernel) as f64);
    taps(x, window, |out, at| {
        to[span(at, n)].iter_mut().zip(&from[span(out, n)]).for_each(|(to, from)| *to += *from * share);
    });
    dx
}

/// Largest of each window and where it stands, the first among equals.
pub fn maximum<T: Real>(x: &Map<T>, window: Window) -> (Map<T>, Vec<u32>) {
    let n = x.dim().3;
    let mut y = output(x, window, T::neg_infinity());
    let mut places = vec![0u32; y.len()];
    let (to, from) = (flat_mut(&mut y), flat(x));
    taps(x, window, |out, at| {
        let targets = to[span(out, n)].iter_mut().zip(&mut places[span(out, n)]);
        for ((to, place), (from, at)) in targets.zip(from[span(at, n)].iter().zip(span(at, n))) {
            if *from > *to {
                (*to, *place) = (*from, at as u32);
            }
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
    let (c, h, w, n) = x.dim();
    let pixels = T::of((h * w) as f64);
    let mut y = Map::zeros((c, 1, 1, n));
    let channels = flat(x).chunks_exact((h * w * n).max(1));
    for (to, channel) in flat_mut(&mut y).chunks_exact_mut(n.max(1)).zip(channels) {
        for row in channel.chunks_exact(n.max(1)) {
            to.iter_mut().zip(row).for_each(|(to, from)| *to += *from);
        }
        to.iter_mut().for_each(|v| *v /= pixels);
    }
    y
}

/// Gradient of [`global`].
pub fn global_backward<T: Real>(x: &Map<T>, dy: &Map<T>) -> Map<T> {
    let (_, h, w, n) = x.dim();
    let pixels = T::of((h * w) as f64);
    let mut dx = Map::zeros(x.dim());
    let channels = flat_mut(&mut dx).chunks_exact_mut((h * w * n).max(1));
    for (channel, from) in channels.zip(flat(dy).chunks_exact(n.max(1))) {
        for row in channel.chunks_exact_mut(n.max(1)) {
            row.iter_mut().zip(from).for_each(|(to, from)| *to = *from / pixels);
        }
    }
    dx
}
