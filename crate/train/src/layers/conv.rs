//! Convolution as direct sums, many images side by side: a weight meets a row of images, and a few channels share what
//! was read. Taps outside the image are left out, which is most of a small map. Nothing is unfolded: in the narrow
//! networks that are trained here that costs more than the products. A dense layer is the 1x1 case.

use super::{Map, Window, flat, flat_mut};
use crate::real::{Real, sum};
use crate::wide::{Work, wide};

/// Output channels of a gradient's block: as many as registers hold.
const ROWS: usize = if cfg!(target_arch = "wasm32") { 2 } else { 4 };
/// Input channels of it.
const COLUMNS: usize = 2;
/// Parts in which a gradient is summed: the same everywhere, since they decide how it is rounded.
const PARTS: usize = 8;

/// What a convolution's sums run over.
struct Plan {
    images: usize,
    /// Height and width of the input.
    from: [usize; 2],
    /// Height and width of the output.
    to: [usize; 2],
    window: Window,
    groups: usize,
    /// Input channels of a group.
    inputs: usize,
    /// Output channels of a group.
    outputs: usize,
}

impl Plan {
    fn new<T>(x: &Map<T>, outputs: usize, window: Window, groups: usize) -> Self {
        let (channels, h, w, images) = x.dim();
        let to = [window.out(h), window.out(w)];
        let (inputs, outputs) = (channels / groups, outputs / groups);
        Self { images, from: [h, w], to, window, groups, inputs, outputs }
    }

    fn taps(&self) -> usize {
        self.window.kernel * self.window.kernel
    }

    /// What a row of pixels sums, of the output over inputs or, `back`, of the input's gradient over outputs.
    fn runs(&self, row: usize, back: bool, into: &mut Vec<Run>) {
        let Window { kernel, stride, pad } = self.window;
        let ([_, width], [h, w]) = if back { (self.from, self.to) } else { (self.to, self.from) };
        let along = |at: usize, tap: usize, size: usize| {
            let place = if back {
                (at + pad).checked_sub(tap).filter(|place| place.is_multiple_of(stride)).map(|p| p / stride)
            } else {
                (at * stride + tap).checked_sub(pad)
            };
            place.filter(|place| *place < size)
        };
        into.clear();
        for ky in 0..kernel {
            let Some(y) = along(row, ky, h) else { continue };
            for kx in 0..kernel {
                let mut last: Option<Run> = None;
                for target in 0..width {
                    let Some(source) = along(target, kx, w).map(|x| y * w + x) else { continue };
                    match &mut last {
                        Some(run)
                            if run.source + run.pixels == source && run.target + run.pixels == target =>
                        {
                            run.pixels += 1;
                        }
                        _ => {
                            into.extend(last.take());
                            last = Some(Run { tap: ky * kernel + kx, target, source, pixels: 1 });
                        }
                    }
                }
                into.extend(last);
            }
        }
    }
}

/// Pixels side by side that meet a tap.
#[derive(Clone, Copy)]
struct Run {
    tap: usize,
    /// First pixel in its row.
    target: usize,
    /// First pixel of the source.
    source: usize,
    pixels: usize,
}

/// Every pixel of every target channel as a sum over taps and source channels.
struct Gather<'a, T> {
    plan: &'a Plan,
    back: bool,
    weight: &'a [T],
    source: &'a [T],
    /// Zeros.
    target: &'a mut [T],
}

impl<T: Real> Work for Gather<'_, T> {
    #[inline(always)]
    fn run(self) {
        let Plan { images: n, inputs, outputs, groups, from, to, .. } = *self.plan;
        let (sources, targets, [h, w], [sh, sw]) =
            if self.back { (outputs, inputs, from, to) } else { (inputs, outputs, to, from) };
        let (row, plane) = (w * n, sh * sw * n);
        let weight = |group: usize, target: usize, source: usize, tap: usize| {
            let (o, c) = if self.back { (source, target) } else { (target, source) };
            self.weight[((group * outputs + o) * inputs + c) * self.plan.taps() + tap]
        };
        let mut runs = Vec::new();
        for y in 0..h {
            self.plan.runs(y, self.back, &mut runs);
            for group in 0..groups {
                let source = &self.source[group * sources * plane..(group + 1) * sources * plane];
                for pair in (0..targets).step_by(2) {
                    let start = ((group * targets + pair) * h + y) * row;
                    let (first, rest) = self.target[start..].split_at_mut(row);
                    // The next channel's row, where there is one.
                    let second = if pair + 1 < targets { &mut rest[(h - 1) * row..h * row] } else { &mut [] };
                    for run in &runs {
                        let (at, length) = (run.target * n, run.pixels * n);
                        let first = &mut first[at..at + length];
                        let of = |source_channel: usize| {
                            &source[source_channel * plane + run.source * n..][..length]
                        };
                        let by = |target: usize, channel: usize| weight(group, target, channel, run.tap);
                        let quads = sources / 4 * 4;
                        if second.is_empty() {
                            for c in (0..quads).step_by(4) {
                                let weights = std::array::from_fn(|place| by(pair, c + place));
                                one(first, weights, of(c), of(c + 1), of(c + 2), of(c + 3));
                            }
                            for c in quads..sources {
                                single(first, by(pair, c), of(c));
                            }
                        } else {
                            let second = &mut second[at..at + length];
                            for c in (0..quads).step_by(4) {
                                let weights = [pair, pair + 1]
                                    .map(|row| std::array::from_fn(|place| by(row, c + place)));
                                two(first, second, weights, of(c), of(c + 1), of(c + 2), of(c + 3));
                            }
                            for c in quads..sources {
                                single(first, by(pair, c), of(c));
                                single(second, by(pair + 1, c), of(c));
                            }
                        }
                    }
                }
            }
        }
    }
}

/// y += a x, for each of four.
#[inline(always)]
fn one<T: Real>(y: &mut [T], weights: [T; 4], a: &[T], b: &[T], c: &[T], d: &[T]) {
    for ((((y, a), b), c), d) in y.iter_mut().zip(a).zip(b).zip(c).zip(d) {
        *y = add(*y, weights, [*a, *b, *c, *d]);
    }
}

/// The same of two rows that share what is read.
#[inline(always)]
fn two<T: Real>(y: &mut [T], z: &mut [T], weights: [[T; 4]; 2], a: &[T], b: &[T], c: &[T], d: &[T]) {
    for (((((y, z), a), b), c), d) in y.iter_mut().zip(z).zip(a).zip(b).zip(c).zip(d) {
        let read = [*a, *b, *c, *d];
        *y = add(*y, weights[0], read);
        *z = add(*z, weights[1], read);
    }
}

#[inline(always)]
fn single<T: Real>(y: &mut [T], weight: T, x: &[T]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y += weight * *x;
    }
}

/// One after another: the order is the same everywhere.
#[inline(always)]
fn add<T: Real>(sum: T, weights: [T; 4], read: [T; 4]) -> T {
    let [a, b, c, d] = weights;
    sum + a * read[0] + b * read[1] + c * read[2] + d * read[3]
}

/// The weight's gradient: of each tap, the sum over pixels and images of what it met.
struct Weigh<'a, T> {
    plan: &'a Plan,
    x: &'a [T],
    dy: &'a [T],
    dw: &'a mut [T],
}

impl<T: Real> Work for Weigh<'_, T> {
    #[inline(always)]
    fn run(self) {
        let Plan { groups, inputs, outputs, .. } = *self.plan;
        if inputs == 1 && outputs == 1 {
            return self.blocks::<1, 1>(groups);
        }
        self.blocks::<ROWS, COLUMNS>(groups);
    }
}

impl<T: Real> Weigh<'_, T> {
    #[inline(always)]
    fn blocks<const R: usize, const C: usize>(self, groups: usize) {
        let Plan { inputs, outputs, .. } = *self.plan;
        let taps = self.plan.taps();
        for group in 0..groups {
            for row in (0..outputs).step_by(R) {
                for column in (0..inputs).step_by(C) {
                    // Past the last channel the last one is summed again, and not written.
                    let rows = std::array::from_fn(|r| group * outputs + (row + r).min(outputs - 1));
                    let columns = std::array::from_fn(|c| group * inputs + (column + c).min(inputs - 1));
                    for tap in 0..taps {
                        let sums = self.sums::<R, C>(tap, rows, columns);
                        for (r, sums) in sums.iter().enumerate().take(outputs - row) {
                            for (c, sums) in sums.iter().enumerate().take(inputs - column) {
                                let at = ((group * outputs + row + r) * inputs + column + c) * taps + tap;
                                self.dw[at] += sums.iter().fold(T::zero(), |sum, part| sum + *part);
                            }
                        }
                    }
                }
            }
        }
    }

    #[inline(always)]
    fn sums<const R: usize, const C: usize>(
        &self,
        tap: usize,
        rows: [usize; R],
        columns: [usize; C],
    ) -> [[[T; PARTS]; C]; R] {
        let Plan { images: n, from: [h, w], to: [oh, ow], window, .. } = *self.plan;
        let Window { kernel, stride, pad } = window;
        let (ky, kx) = (tap / kernel, tap % kernel);
        let ((top, bottom), (left, right)) = (window.inside(ky, h, oh), window.inside(kx, w, ow));
        let mut sums = [[[T::zero(); PARTS]; C]; R];
        // Pixels of a row are side by side, in steps of one.
        let run = if stride == 1 { right.saturating_sub(left) } else { 1 };
        for oy in top..bottom {
            for ox in (left..right).step_by(run.max(1)) {
                let (iy, ix) = (oy * stride + ky - pad, ox * stride + kx - pad);
                let dy = rows.map(|row| &self.dy[((row * oh + oy) * ow + ox) * n..][..run * n]);
                let x = columns.map(|column| &self.x[((column * h + iy) * w + ix) * n..][..run * n]);
                sums = dots(sums, dy, x);
            }
        }
        sums
    }
}

/// Adds the products of each of some rows with each of others, all of one length.
#[inline(always)]
fn dots<T: Real, const R: usize, const C: usize>(
    mut sums: [[[T; PARTS]; C]; R],
    rows: [&[T]; R],
    columns: [&[T]; C],
) -> [[[T; PARTS]; C]; R] {
    let numbers = rows.first().map_or(0, |row| row.len());
    let (chunks, rest) = (numbers / PARTS, numbers % PARTS);
    let (a, b) = (
        rows.map(|row| &row.as_chunks::<PARTS>().0[..chunks]),
        columns.map(|row| &row.as_chunks::<PARTS>().0[..chunks]),
    );
    for at in 0..chunks {
        let (a, b) = (a.map(|row| row[at]), b.map(|row| row[at]));
        for (sums, a) in sums.iter_mut().zip(&a) {
            for (sums, b) in sums.iter_mut().zip(&b) {
                for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
                    *sum += *a * *b;
                }
            }
        }
    }
    for (sums, a) in sums.iter_mut().zip(&rows) {
        for (sums, b) in sums.iter_mut().zip(&columns) {
            let (a, b) = (&a[numbers - rest..], &b[numbers - rest..]);
            for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
                *sum += *a * *b;
            }
        }
    }
    sums
}

/// y = w * x + b. The weight is `[outputs, channels / groups, kernel, kernel]`.
pub fn forward<T: Real>(
    x: &Map<T>,
    weight: &[T],
    bias: Option<&[T]>,
    outputs: usize,
    window: Window,
    groups: usize,
) -> Map<T> {
    let plan = Plan::new(x, outputs, window, groups);
    let mut y = Map::zeros((outputs, plan.to[0], plan.to[1], plan.images));
    wide(Gather { plan: &plan, back: false, weight, source: flat(x), target: flat_mut(&mut y) });
    if let Some(bias) = bias {
        let row = plan.to[0] * plan.to[1] * plan.images;
        for (row, b) in flat_mut(&mut y).chunks_exact_mut(row.max(1)).zip(bias) {
            row.iter_mut().for_each(|v| *v += *b);
        }
    }
    y
}

/// Adds the weight's and the bias's gradients to `dw` and `db`; returns the input's where it is asked for.
#[allow(clippy::too_many_arguments)] // a layer's operands
pub fn backward<T: Real>(
    x: &Map<T>,
    weight: &[T],
    dy: &Map<T>,
    window: Window,
    groups: usize,
    dw: &mut [T],
    db: Option<&mut [T]>,
    wants_input: bool,
) -> Option<Map<T>> {
    let plan = Plan::new(x, dy.dim().0, window, groups);
    if let Some(db) = db {
        let row = plan.to[0] * plan.to[1] * plan.images;
        for (row, b) in flat(dy).chunks_exact(row.max(1)).zip(db) {
            *b += sum(row, |v| v);
        }
    }
    wide(Weigh { plan: &plan, x: flat(x), dy: flat(dy), dw });
    wants_input.then(|| {
        let mut dx = Map::zeros(x.dim());
        wide(Gather { plan: &plan, back: true, weight, source: flat(dy), target: flat_mut(&mut dx) });
        dx
    })
}
