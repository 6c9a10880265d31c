//! References as plain loops in double precision, written from the operators' definitions.

/// A tensor of doubles.
#[derive(Clone, Debug)]
pub(super) struct Array {
    pub(super) dims: Vec<usize>,
    pub(super) values: Vec<f64>,
}

impl Array {
    /// Numbers from -1 to 1 by a small generator.
    pub(super) fn random(dims: &[usize], seed: u64) -> Self {
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0xD1B5_4A32_D192_ED03;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            // Values that a single float holds.
            f64::from(((state >> 40) as i32 - (1 << 23)) as f32 / (1 << 23) as f32)
        };
        Self { dims: dims.to_vec(), values: (0..dims.iter().product()).map(|_| next()).collect() }
    }

    pub(super) fn floats(&self) -> Vec<f32> {
        self.values.iter().map(|v| *v as f32).collect()
    }

    pub(super) fn tensor(&self) -> crate::run::tensor::Tensor {
        crate::run::tensor::Tensor::new(self.dims.clone(), self.floats()).unwrap()
    }
}

/// A convolution's form: two axes.
#[derive(Clone, Debug)]
pub(super) struct Form {
    pub(super) groups: usize,
    pub(super) stride: [usize; 2],
    pub(super) dilation: [usize; 2],
    /// Before and after, of each axis.
    pub(super) pads: [[usize; 2]; 2],
}

/// y[b, m, i, j] = sum over c, u, v of w[m, c, u, v] x[b, group*C + c, i*s + u*d - p, ...].
pub(super) fn conv(x: &Array, w: &Array, form: &Form) -> Array {
    let (&[n, c, h, wd], &[m, cg, kh, kw]) =
        (x.dims.as_slice().try_into().unwrap(), w.dims.as_slice().try_into().unwrap());
    let size = |input: usize, k: usize, axis: usize| {
        let padded = input + form.pads[axis][0] + form.pads[axis][1];
        (padded - form.dilation[axis] * (k - 1) - 1) / form.stride[axis] + 1
    };
    let (oh, ow) = (size(h, kh, 0), size(wd, kw, 1));
    let mut y = Array { dims: vec![n, m, oh, ow], values: vec![0.0; n * m * oh * ow] };
    for b in 0..n {
        for f in 0..m {
            let first = f / (m / form.groups) * cg;
            for i in 0..oh {
                for j in 0..ow {
                    let mut sum = 0.0;
                    for ch in 0..cg {
                        for u in 0..kh {
                            for v in 0..kw {
                                let r =
                                    (i * form.stride[0] + u * form.dilation[0]).checked_sub(form.pads[0][0]);
                                let s =
                                    (j * form.stride[1] + v * form.dilation[1]).checked_sub(form.pads[1][0]);
                                if let (Some(r), Some(s)) = (r, s)
                                    && r < h
                                    && s < wd
                                {
                                    sum += w.values[((f * cg + ch) * kh + u) * kw + v]
                                        * x.values[((b * c + first + ch) * h + r) * wd + s];
                                }
                            }
                        }
                    }
                    y.values[((b * m + f) * oh + i) * ow + j] = sum;
                }
            }
        }
    }
    y
}

/// The adjoint: each input element is spread over its window.
pub(super) fn conv_transposed(x: &Array, w: &Array, form: &Form) -> Array {
    let (&[n, c, h, wd], &[_, mg, kh, kw]) =
        (x.dims.as_slice().try_into().unwrap(), w.dims.as_slice().try_into().unwrap());
    let size = |input: usize, k: usize, axis: usize| {
        form.stride[axis] * (input - 1) + form.dilation[axis] * (k - 1) + 1
            - form.pads[axis][0]
            - form.pads[axis][1]
    };
    let (oh, ow, m) = (size(h, kh, 0), size(wd, kw, 1), mg * form.groups);
    let mut y = Array { dims: vec![n, m, oh, ow], values: vec![0.0; n * m * oh * ow] };
    for b in 0..n {
        for ch in 0..c {
            let first = ch / (c / form.groups) * mg;
            for r in 0..h {
                for s in 0..wd {
                    for f in 0..mg {
                        for u in 0..kh {
                            for v in 0..kw {
                                let i =
                                    (r * form.stride[0] + u * form.dilation[0]).checked_sub(form.pads[0][0]);
                                let j =
                                    (s * form.stride[1] + v * form.dilation[1]).checked_sub(form.pads[1][0]);
                                if let (Some(i), Some(j)) = (i, j)
                                    && i < oh
                                    && j < ow
                                {
                                    y.values[((b * m + first + f) * oh + i) * ow + j] += x.values
                                        [((b * c + ch) * h + r) * wd + s]
                                        * w.values[((ch * mg + f) * kh + u) * kw + v];
                                }
                            }
                        }
                    }
                }
            }
        }
    }
    y
}

/// a (or its transpose) times b (or its transpose).
pub(super) fn product(a: &Array, b: &Array, [ta, tb]: [bool; 2]) -> Array {
    let at = |x: &Array, t: bool, i: usize, j: usize| {
        if t { x.values[j * x.dims[1] + i] } else { x.values[i * x.dims[1] + j] }
    };
    let (m, k) = if ta { (a.dims[1], a.dims[0]) } else { (a.dims[0], a.dims[1]) };
    let n = if tb { b.dims[0] } else { b.dims[1] };
    let mut y = Array { dims: vec![m, n], values: Vec::new() };
    for i in 0..m {
        for j in 0..n {
            y.values.push((0..k).map(|l| at(a, ta, i, l) * at(b, tb, l, j)).sum());
        }
    }
    y
}

/// Largest difference, in units of the reference's largest magnitude (at least 1).
pub(super) fn difference(got: &crate::run::tensor::Tensor, want: &Array) -> f64 {
    assert_eq!(got.shape(), want.dims, "shape");
    let top = want.values.iter().fold(1.0f64, |top, v| top.max(v.abs()));
    let pairs =
        got.to_f32().iter().zip(&want.values).map(|(a, b)| (f64::from(*a) - b).abs()).collect::<Vec<_>>();
    assert!(pairs.iter().all(|d| !d.is_nan()), "NaN");
    pairs.into_iter().fold(0.0, f64::max) / top
}
