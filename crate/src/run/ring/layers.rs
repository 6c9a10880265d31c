//! Operators in the ring. Each takes arrays with `fraction_bits` after the point and gives one such.

use super::arithmetic::{Array, Settings, Sums};
use super::matrix::{Raw, broadcast, conv, matmul, places, windows};
use crate::error::{Code, Error, Result};
use crate::ir::dim::Dim;
use crate::ir::graph::Node;
use crate::ir::windows::{ConvSizes, PoolSizes};
use crate::run::tensor::Tensor;

/// An operand: of the ring, or a stored floating-point tensor.
pub enum Operand<'a> {
    /// Secret.
    Ring(&'a Array),
    /// Public or shared weights: encoded where they are used.
    Stored(Tensor),
}

/// What became of a node.
pub struct Made {
    /// Its output.
    pub array: Array,
    /// Sums and encodings that left the ring.
    pub wrapped: u64,
    /// Largest magnitude before truncation.
    pub largest: u128,
}

/// Counts of one node: where its random numbers come from, and encodings that left the ring.
pub struct Ctx<'a> {
    /// The arithmetic.
    pub ring: &'a Settings,
    /// Index of the node.
    pub node: u64,
    /// Samples before this slice.
    pub first: usize,
    /// Encodings that left the ring.
    pub wrapped: u64,
    /// Which input is a whole number that the other is multiplied by as it is, and that number.
    pub whole: Option<(usize, i64)>,
}

impl Ctx<'_> {
    /// A stored tensor in the ring.
    pub fn encode(&mut self, values: &[f32], digits: u32) -> Vec<i64> {
        let one = |value: &f32| {
            let (number, wrapped) = self.ring.encode(f64::from(*value), digits);
            self.wrapped += u64::from(wrapped);
            number
        };
        values.iter().map(one).collect()
    }

    fn array(&mut self, operand: &Operand<'_>) -> Array {
        match operand {
            Operand::Ring(array) => (*array).clone(),
            Operand::Stored(tensor) => {
                let data = self.encode(&tensor.to_f32(), self.ring.fraction_bits);
                Array { shape: tensor.shape().to_vec(), data }
            }
        }
    }

    /// An operand of a sum or a product; a whole number of a product as it is.
    fn factor(&mut self, place: usize, operand: &Operand<'_>) -> Array {
        let Some((_, by)) = self.whole.filter(|(at, _)| *at == place) else { return self.array(operand) };
        let shape = match operand {
            Operand::Ring(array) => array.shape.clone(),
            Operand::Stored(tensor) => tensor.shape().to_vec(),
        };
        Array { data: vec![by; shape.iter().product()], shape }
    }

    /// Takes the excess digits off.
    fn truncated(&self, raw: Raw) -> Made {
        let samples = raw.shape.first().copied().unwrap_or(1).max(1);
        let offset = self.first as u64 * (raw.data.len() / samples) as u64;
        let cut = |(at, value): (usize, i64)| {
            self.ring.truncate(value, self.ring.noise(self.node, offset + at as u64))
        };
        let data = raw.data.into_iter().enumerate().map(cut).collect();
        Made {
            array: Array { shape: raw.shape, data },
            wrapped: raw.wrapped + self.wrapped,
            largest: raw.largest,
        }
    }

    fn plain(&self, raw: Raw) -> Made {
        let (wrapped, largest) = (raw.wrapped + self.wrapped, raw.largest);
        Made { array: Array { shape: raw.shape, data: raw.data }, wrapped, largest }
    }
}

/// Computes a node; None for an operator that has no form in the ring.
///
/// # Errors
/// `InvalidGraph` where sizes disagree.
pub fn compute(ctx: &mut Ctx<'_>, node: &Node, inputs: &[Option<Operand<'_>>]) -> Result<Option<Made>> {
    let input = |at: usize| inputs.get(at).and_then(Option::as_ref);
    let Some(first) = input(0) else { return Ok(None) };
    let made = match node.op.as_str() {
        "Conv" => convolution(ctx, node, first, input(1), input(2))?,
        "Gemm" => gemm(ctx, node, first, input(1), input(2))?,
        "MatMul" => match input(1) {
            Some(second) => {
                let (a, b) = (ctx.array(first), ctx.array(second));
                let raw = matmul(ctx.ring, &a, &b)?;
                Some(ctx.truncated(raw))
            }
            None => None,
        },
        "Add" | "Sub" => pairwise(ctx, node, first, input(1), false)?,
        "Mul" => pairwise(ctx, node, first, input(1), true)?,
        "Div" => match input(1) {
            Some(Operand::Stored(by)) => {
                let values: Vec<f32> = by.to_f32().iter().map(|v| 1.0 / v).collect();
                let inverse = Operand::Stored(Tensor::new(by.shape().to_vec(), values)?);
                pairwise(ctx, node, first, Some(&inverse), true)?
            }
            _ => None,
        },
        "BatchNormalization" => normalised(ctx, node, first, inputs)?,
        "Relu" => Some(each(ctx, first, |x| x.max(0))),
        "LeakyRelu" => {
            let slope = ctx.encode(&[node.attrs.float("alpha").unwrap_or(0.01)], ctx.ring.fraction_bits);
            let slope = slope.first().copied().unwrap_or(0);
            let x = ctx.array(first);
            let negative =
                Array { shape: x.shape.clone(), data: x.data.iter().map(|v| (*v).min(0)).collect() };
            let mut sums = Sums::new(ctx.ring, negative.largest(), slope.unsigned_abs(), 1, 0);
            let data = negative.data.iter().map(|v| sums.sum(0, std::iter::once((*v, slope)))).collect();
            let mut made = ctx.truncated(Raw::new(x.shape.clone(), data, &sums));
            for (out, value) in made.array.data.iter_mut().zip(&x.data) {
                *out = if *value < 0 { *out } else { *value };
            }
            Some(made)
        }
        "Clip" => {
            let bound = |at: usize, attr: &str, none: i64| {
                match input(at) {
                    Some(Operand::Stored(t)) => Some(t.to_f32().first().copied()),
                    Some(Operand::Ring(_)) => None,
                    None => Some(node.attrs.float(attr)),
                }
                .map(|bound| bound.map_or(none, |b| ctx.ring.encode(f64::from(b), ctx.ring.fraction_bits).0))
            };
            match (bound(1, "min", i64::MIN), bound(2, "max", i64::MAX)) {
                (Some(low), Some(high)) => Some(each(ctx, first, |x| x.max(low).min(high))),
                _ => None,
            }
        }
        "MaxPool" if node.output(1).is_none() => {
            let x = ctx.array(first);
            let (windows, shape) = pool(node, &x)?;
            Some(pooled(&x, &windows, shape, |plane, window| {
                window.iter().filter_map(|(_, at)| plane.get(*at)).copied().max().unwrap_or(0)
            }))
        }
        "AveragePool" => {
            let x = ctx.array(first);
            let (windows, shape) = pool(node, &x)?;
            let all =
                node.attrs.ints("kernel_shape").unwrap_or_default().iter().product::<i64>().max(1) as usize;
            let padded = node.attrs.int_or("count_include_pad", 0) != 0;
            Some(averaged(ctx, &x, &windows, shape, |window| if padded { all } else { window.len() }))
        }
        "GlobalAveragePool" => {
            let x = ctx.array(first);
            let inner: usize = x.shape.iter().skip(2).product();
            let shape = x.shape.iter().enumerate().map(|(axis, n)| if axis < 2 { *n } else { 1 }).collect();
            let windows = vec![(0..inner).map(|at| (at, at)).collect()];
            Some(averaged(ctx, &x, &windows, shape, Vec::len))
        }
        _ => None,
    };
    Ok(made)
}

fn each(ctx: &mut Ctx<'_>, operand: &Operand<'_>, f: impl Fn(i64) -> i64) -> Made {
    let mut array = ctx.array(operand);
    array.data.iter_mut().for_each(|x| *x = f(*x));
    let largest = u128::from(array.largest());
    Made { array, wrapped: 0, largest }
}

fn convolution(
    ctx: &mut Ctx<'_>,
    node: &Node,
    x: &Operand<'_>,
    w: Option<&Operand<'_>>,
    bias: Option<&Operand<'_>>,
) -> Result<Option<Made>> {
    let (Some(w), None | Some(Operand::Stored(_))) = (w, bias) else { return Ok(None) };
    let (x, w) = (ctx.array(x), ctx.array(w));
    let dims = |array: &Array| array.shape.iter().map(|n| Dim::Known(*n as i64)).collect::<Vec<_>>();
    let sizes = ConvSizes::conv(&node.attrs, &dims(&x), &dims(&w))
        .map_err(|_| Error::new(Code::InvalidGraph, "a convolution whose sizes disagree"))?;
    let bias = match bias {
        Some(Operand::Stored(bias)) => Some(ctx.encode(&bias.to_f32(), 2 * ctx.ring.fraction_bits)),
        _ => None,
    };
    let space = sizes.axes.iter().filter_map(|axis| usize::try_from(axis.output.known()?).ok()).collect();
    let groups = usize::try_from(sizes.groups).unwrap_or(1);
    let raw = conv(ctx.ring, &x, &w, bias.as_deref(), &windows(&sizes.axes)?, (groups, space))?;
    Ok(Some(ctx.truncated(raw)))
}

/// alpha A B + beta C: alpha goes into B, beta into C, before encoding.
fn gemm(
    ctx: &mut Ctx<'_>,
    node: &Node,
    a: &Operand<'_>,
    b: Option<&Operand<'_>>,
    c: Option<&Operand<'_>>,
) -> Result<Option<Made>> {
    let (Some(Operand::Stored(b)), None | Some(Operand::Stored(_))) = (b, c) else { return Ok(None) };
    let scaled = |tensor: &Tensor, by: f32| tensor.to_f32().iter().map(|v| v * by).collect::<Vec<f32>>();
    let factor = |name: &str| node.attrs.float(name).unwrap_or(1.0);
    let mut a = ctx.array(a);
    if node.attrs.int_or("transA", 0) != 0 {
        a = transposed(&a);
    }
    let data = ctx.encode(&scaled(b, factor("alpha")), ctx.ring.fraction_bits);
    let mut b = Array { shape: b.shape().to_vec(), data };
    if node.attrs.int_or("transB", 0) != 0 {
        b = transposed(&b);
    }
    let mut raw = matmul(ctx.ring, &a, &b)?;
    if let Some(Operand::Stored(c)) = c {
        let bias = ctx.encode(&scaled(c, factor("beta")), 2 * ctx.ring.fraction_bits);
        let mut sums = Sums::new(ctx.ring, 0, 0, 0, u64::MAX);
        for (value, place) in raw.data.iter_mut().zip(places(&raw.shape, c.shape())) {
            *value = sums.whole(i128::from(*value) + i128::from(bias.get(place).copied().unwrap_or(0)));
        }
        raw.wrapped += sums.wrapped;
        raw.largest = raw.largest.max(sums.largest);
    }
    Ok(Some(ctx.truncated(raw)))
}

fn transposed(of: &Array) -> Array {
    let [rows, columns] = of.shape[..] else { return of.clone() };
    let at =
        |place: usize| of.data.get(place % rows.max(1) * columns + place / rows.max(1)).copied().unwrap_or(0);
    Array { shape: vec![columns, rows], data: (0..of.data.len()).map(at).collect() }
}

/// Add, Sub, or Mul (which is truncated, but by a whole number), with broadcasting.
fn pairwise(
    ctx: &mut Ctx<'_>,
    node: &Node,
    a: &Operand<'_>,
    b: Option<&Operand<'_>>,
    multiply: bool,
) -> Result<Option<Made>> {
    let Some(b) = b else { return Ok(None) };
    let (a, b) = (ctx.factor(0, a), ctx.factor(1, b));
    let disagree = || Error::new(Code::InvalidGraph, "two arrays whose sizes disagree");
    let shape = broadcast(&a.shape, &b.shape).ok_or_else(disagree)?;
    let pairs = places(&shape, &a.shape)
        .into_iter()
        .zip(places(&shape, &b.shape))
        .map(|(i, j)| (a.data.get(i).copied().unwrap_or(0), b.data.get(j).copied().unwrap_or(0)));
    if multiply {
        let mut sums = Sums::new(ctx.ring, a.largest(), b.largest(), 1, 0);
        let data = pairs.map(|pair| sums.sum(0, std::iter::once(pair))).collect();
        let raw = Raw::new(shape, data, &sums);
        return Ok(Some(if ctx.whole.is_some() { ctx.plain(raw) } else { ctx.truncated(raw) }));
    }
    let sign = if node.op == "Sub" { -1 } else { 1 };
    let mut sums = Sums::new(ctx.ring, 0, 0, 0, u64::MAX);
    let data = pairs.map(|(a, b)| sums.whole(i128::from(a) + sign * i128::from(b))).collect();
    let raw = Raw::new(shape, data, &sums);
    Ok(Some(ctx.plain(raw)))
}

/// scale/sqrt(var + eps) x + (bias - mean scale/sqrt(var + eps)): one product and one truncation.
fn normalised(
    ctx: &mut Ctx<'_>,
    node: &Node,
    x: &Operand<'_>,
    inputs: &[Option<Operand<'_>>],
) -> Result<Option<Made>> {
    let stored = |at: usize| match inputs.get(at) {
        Some(Some(Operand::Stored(tensor))) => Some(tensor.to_f32().into_owned()),
        _ => None,
    };
    let (Some(scale), Some(bias), Some(mean), Some(var)) = (stored(1), stored(2), stored(3), stored(4))
    else {
        return Ok(None);
    };
    let epsilon = node.attrs.float("epsilon").unwrap_or(1e-5);
    let factors: Vec<f32> = scale.iter().zip(&var).map(|(s, v)| s / (v + epsilon).sqrt()).collect();
    let offsets: Vec<f32> = bias.iter().zip(&mean).zip(&factors).map(|((b, m), f)| b - m * f).collect();
    let factors = ctx.encode(&factors, ctx.ring.fraction_bits);
    let offsets = ctx.encode(&offsets, 2 * ctx.ring.fraction_bits);
    let x = ctx.array(x);
    let largest = |values: &[i64]| values.iter().map(|v| v.unsigned_abs()).max().unwrap_or(0);
    let mut sums = Sums::new(ctx.ring, x.largest(), largest(&factors), 1, largest(&offsets));
    let (channels, inner) = (factors.len().max(1), x.shape.iter().skip(2).product::<usize>().max(1));
    let one = |(at, value): (usize, &i64)| {
        let channel = at / inner % channels;
        let (factor, offset) = (factors.get(channel).copied(), offsets.get(channel).copied());
        sums.sum(offset.unwrap_or(0), std::iter::once((*value, factor.unwrap_or(0))))
    };
    let data = x.data.iter().enumerate().map(one).collect();
    let raw = Raw::new(x.shape.clone(), data, &sums);
    Ok(Some(ctx.truncated(raw)))
}

type Windows = Vec<Vec<(usize, usize)>>;

fn pool(node: &Node, x: &Array) -> Result<(Windows, Vec<usize>)> {
    let dims: Vec<Dim> = x.shape.iter().map(|n| Dim::Known(*n as i64)).collect();
    let sizes = PoolSizes::pool(&node.attrs, &dims)
        .map_err(|_| Error::new(Code::InvalidGraph, "a pooling layer whose sizes disagree"))?;
    let shape = sizes.output().iter().filter_map(|n| usize::try_from(n.known()?).ok()).collect();
    Ok((windows(&sizes.axes)?, shape))
}

fn pooled(
    x: &Array,
    windows: &Windows,
    shape: Vec<usize>,
    f: impl Fn(&[i64], &Vec<(usize, usize)>) -> i64,
) -> Made {
    let inner = x.shape.iter().skip(2).product::<usize>().max(1);
    let planes = x.data.chunks_exact(inner);
    let data =
        planes.flat_map(|plane| windows.iter().map(|window| f(plane, window)).collect::<Vec<_>>()).collect();
    Made { array: Array { shape, data }, wrapped: 0, largest: u128::from(x.largest()) }
}

/// Sum times the encoded 1/n, truncated.
fn averaged(
    ctx: &mut Ctx<'_>,
    x: &Array,
    windows: &Windows,
    shape: Vec<usize>,
    count: impl Fn(&Vec<(usize, usize)>) -> usize,
) -> Made {
    let inner = x.shape.iter().skip(2).product::<usize>().max(1);
    let terms = windows.iter().map(Vec::len).max().unwrap_or(0);
    let shares: Vec<i64> = windows
        .iter()
        .map(|window| ctx.ring.encode(1.0 / count(window).max(1) as f64, ctx.ring.fraction_bits).0)
        .collect();
    let largest = shares.iter().map(|s| s.unsigned_abs()).max().unwrap_or(0);
    let mut sums = Sums::new(ctx.ring, x.largest(), largest, terms, 0);
    let mut data = Vec::new();
    for plane in x.data.chunks_exact(inner) {
        for (window, share) in windows.iter().zip(&shares) {
            let pairs = window.iter().map(|(_, at)| (plane.get(*at).copied().unwrap_or(0), *share));
            data.push(sums.sum(0, pairs));
        }
    }
    let raw = Raw::new(shape, data, &sums);
    ctx.truncated(raw)
}
