//! Convolution by unfolding (im2col) and a matrix product, a few images at a time so that the unfolded part stays
//! in cache. A dense layer is the 1x1 case.

use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, s};

use super::{Map, Window, flat, flat_mut, matrix, matrix_mut};
use crate::real::{Real, sum};

/// Unfolded numbers that are held at once.
const HELD: usize = 1 << 17;

/// What a convolution's sums run over.
struct Plan {
    channels: usize,
    images: usize,
    size: [usize; 2],
    out: [usize; 2],
    window: Window,
    groups: usize,
    outputs: usize,
}

impl Plan {
    fn new<T>(x: &Map<T>, outputs: usize, window: Window, groups: usize) -> Self {
        let (channels, images, h, w) = x.dim();
        Self { channels, images, size: [h, w], out: [window.out(h), window.out(w)], window, groups, outputs }
    }

    fn pixels(&self) -> usize {
        self.out[0] * self.out[1]
    }

    /// Numbers that one output sums: channels of a group times taps.
    fn sums(&self) -> usize {
        self.channels / self.groups * self.window.kernel * self.window.kernel
    }

    /// The input is its own unfolding.
    fn plain(&self) -> bool {
        self.window == Window { kernel: 1, stride: 1, pad: 0 }
    }

    /// Runs of images that are unfolded together.
    fn runs(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let (images, step) = (self.images, (HELD / (self.sums() * self.pixels()).max(1)).max(1));
        (0..images).step_by(step).map(move |from| (from, (from + step).min(images)))
    }

    /// Calls `each(row of the unfolding, input place, output place, outputs, tap step)` for each run of taps along a
    /// row of pixels that lies inside the input.
    fn taps(&self, group: usize, (from, to): (usize, usize), mut each: impl FnMut(usize, usize, usize)) {
        let per = self.channels / self.groups;
        let Window { kernel, stride, pad } = self.window;
        let ([h, w], [oh, ow]) = (self.size, self.out);
        let columns = (to - from) * self.pixels();
        let mut row = 0;
        for channel in group * per..(group + 1) * per {
            for ky in 0..kernel {
                let (top, bottom) = self.window.inside(ky, h, oh);
                for kx in 0..kernel {
                    let (left, right) = self.window.inside(kx, w, ow);
                    for image in from..to {
                        let plane = (channel * self.images + image) * h * w;
                        for oy in top..bottom {
                            if left < right {
                                let at = plane + (oy * stride + ky - pad) * w + left * stride + kx - pad;
                                let unfolded = row * columns + ((image - from) * oh + oy) * ow + left;
                                each(at, unfolded, right - left);
                            }
                        }
                    }
                    row += 1;
                }
            }
        }
    }

    fn unfold<T: Real>(&self, x: &[T], group: usize, run: (usize, usize), into: &mut [T]) {
        into.fill(T::zero());
        let stride = self.window.stride;
        self.taps(group, run, |at, unfolded, count| {
            let target = &mut into[unfolded..unfolded + count];
            if stride == 1 {
                target.copy_from_slice(&x[at..at + count]);
            } else {
                target.iter_mut().zip(x[at..].iter().step_by(stride)).for_each(|(to, from)| *to = *from);
            }
        });
    }

    fn fold<T: Real>(&self, unfolded: &[T], group: usize, run: (usize, usize), into: &mut [T]) {
        let stride = self.window.stride;
        self.taps(group, run, |at, place, count| {
            let source = &unfolded[place..place + count];
            into[at..].iter_mut().step_by(stride).zip(source).for_each(|(to, from)| *to += *from);
        });
    }
}

/// Output channels of a group by the numbers that each sums.
fn weights<'a, T>(weight: &'a [T], plan: &Plan, group: usize) -> ArrayView2<'a, T> {
    let (rows, columns) = (plan.outputs / plan.groups, plan.sums());
    matrix(rows, columns, &weight[group * rows * columns..(group + 1) * rows * columns])
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
    let (pixels, per) = (plan.pixels(), outputs / groups);
    let mut y = Map::zeros((outputs, plan.images, plan.out[0], plan.out[1]));
    let columns = plan.images * pixels;
    let mut held = Vec::new();
    for group in 0..groups {
        let w = weights(weight, &plan, group);
        let out = &mut flat_mut(&mut y)[group * per * columns..(group + 1) * per * columns];
        let mut out = matrix_mut(per, columns, out);
        if plan.plain() {
            let inputs = plan.channels / groups;
            let rows = &flat(x)[group * inputs * columns..(group + 1) * inputs * columns];
            general_mat_mul(T::one(), &w, &matrix(inputs, columns, rows), T::zero(), &mut out);
            continue;
        }
        for run in plan.runs() {
            let count = (run.1 - run.0) * pixels;
            held.resize(plan.sums() * count, T::zero());
            plan.unfold(flat(x), group, run, &mut held);
            let mut part = out.slice_mut(s![.., run.0 * pixels..run.1 * pixels]);
            general_mat_mul(T::one(), &w, &matrix(plan.sums(), count, &held), T::zero(), &mut part);
        }
    }
    if let Some(bias) = bias {
        for (row, b) in flat_mut(&mut y).chunks_exact_mut(columns.max(1)).zip(bias) {
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
    let outputs = dy.dim().0;
    let plan = Plan::new(x, outputs, window, groups);
    let (pixels, per, sums) = (plan.pixels(), outputs / groups, plan.sums());
    let columns = plan.images * pixels;
    if let Some(db) = db {
        for (row, b) in flat(dy).chunks_exact(columns.max(1)).zip(db) {
            *b += sum(row.iter().copied());
        }
    }
    let mut dx = wants_input.then(|| Map::zeros(x.dim()));
    let (mut held, mut back) = (Vec::new(), Vec::new());
    for group in 0..groups {
        let w = weights(weight, &plan, group);
        let dy = matrix(per, columns, &flat(dy)[group * per * columns..(group + 1) * per * columns]);
        let mut dw = matrix_mut(per, sums, &mut dw[group * per * sums..(group + 1) * per * sums]);
        if plan.plain() {
            let range = group * sums * columns..(group + 1) * sums * columns;
            general_mat_mul(
                T::one(),
                &dy,
                &matrix(sums, columns, &flat(x)[range.clone()]).t(),
                T::one(),
                &mut dw,
            );
            if let Some(dx) = &mut dx {
                let mut part = matrix_mut(sums, columns, &mut flat_mut(dx)[range]);
                general_mat_mul(T::one(), &w.t(), &dy, T::zero(), &mut part);
            }
            continue;
        }
        for run in plan.runs() {
            let count = (run.1 - run.0) * pixels;
            let part = dy.slice(s![.., run.0 * pixels..run.1 * pixels]);
            held.resize(sums * count, T::zero());
            plan.unfold(flat(x), group, run, &mut held);
            general_mat_mul(T::one(), &part, &matrix(sums, count, &held).t(), T::one(), &mut dw);
            if let Some(dx) = &mut dx {
                back.resize(sums * count, T::zero());
                let mut unfolded = matrix_mut(sums, count, &mut back);
                general_mat_mul(T::one(), &w.t(), &part, T::zero(), &mut unfolded);
                plan.fold(&back, group, run, flat_mut(dx));
            }
        }
    }
    dx
}
