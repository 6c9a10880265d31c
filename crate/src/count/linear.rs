//! Linear layers: Conv, ConvTranspose, Gemm, MatMul, MatMulNBits.
//!
//! Conv: N*Cout*Hout*Wout*(Cin/group)*kh*kw. The 3x3 stem of a CIFAR ResNet-18, 3 to 64 channels on
//! 32x32: 64*1024*27 = 1,769,472. ConvTranspose: input elements*(Cout/group)*kh*kw, since every
//! input meets every tap once: 1x3x2x2 with a 2x2 kernel and one output channel: 12*1*4 = 48.

use super::basics::product;
use super::view::View;
use super::window::{self, Direction};
use super::{Conv, Counted, Kind, NodeCount, Work};
use crate::ir::attrs::Attrs;
use crate::ir::dim::Dim;
use crate::ir::infer::Why;
use crate::ir::windows::ConvSizes;

pub(super) fn find(domain: &str, op: &str) -> Option<fn(&View<'_>) -> Counted> {
    Some(match (domain, op) {
        ("", "Conv") => |v| conv(v, Operands::PLAIN),
        ("com.microsoft", "FusedConv") => |v| fused(v, conv(v, Operands::PLAIN)?),
        ("com.microsoft", "FusedGemm") => |v| fused(v, gemm_at(v, 1, 2)?),
        ("", "ConvTranspose") => conv_transpose,
        ("", "Gemm") => gemm,
        ("", "MatMul") => |v| matmul(v, 0, 1),
        ("com.microsoft", "FusedMatMul" | "TransposeMatMul") => fused_matmul,
        ("com.microsoft", "MatMulNBits" | "MatMulBnb4") => packed,
        _ => return None,
    })
}

/// Where a convolution's operands stand among a node's inputs.
#[derive(Clone, Copy)]
pub(super) struct Operands {
    /// Input.
    pub x: usize,
    /// Weight.
    pub w: usize,
    /// Bias.
    pub b: Option<usize>,
}

impl Operands {
    pub const PLAIN: Self = Self { x: 0, w: 1, b: Some(2) };
}

pub(super) fn conv(view: &View<'_>, at: Operands) -> Counted {
    let (sizes, outputs) = convolution(view, (at.x, at.w), ConvSizes::conv)?;
    let in_per_group = sizes.in_channels.checked_div(sizes.groups).unwrap_or(0);
    let macs = product(&[outputs, in_per_group, product(&sizes.kernel)?])?;
    let pairs = window::valid_taps(&sizes, Direction::Gather)?;
    let macs_valid = product(&[sizes.batch, sizes.out_channels, in_per_group, pairs])?;
    let bias = at.b.is_some_and(|b| view.has(b));
    let count = NodeCount { rule: "conv", macs, macs_valid, ..NodeCount::default() };
    let work = if view.secret(at.w) {
        let taps = product(&[in_per_group, product(&sizes.kernel)?])?;
        unfolded(&sizes, view.secret(at.x), product(&sizes.output)?, taps, out_per_group(&sizes))?
    } else {
        Work::Conv(sizes)
    };
    Ok(linear(count, outputs, bias, work))
}

fn out_per_group(sizes: &Conv) -> u64 {
    sizes.out_channels.checked_div(sizes.groups).unwrap_or(0)
}

/// A convolution whose weight is computed from the data: the product of its unfolded input and the weight, one a sample
/// and group. 2 samples of 3x8x8, 4 kernels of 3x3 without padding: 2 products of (36 x 27) by (27 x 4). An input that is
/// public stands on the side of the weights.
fn unfolded(sizes: &Conv, both: bool, positions: u64, taps: u64, columns: u64) -> Result<Work, String> {
    let groups = product(&[sizes.batch, sizes.groups])?;
    let (batch, m, k, n) = match both {
        true => (groups, positions, taps, columns),
        false => (groups, columns, taps, positions),
    };
    Ok(Work::MatMul { batch, m, k, n, secret: both, steps: 1 })
}

fn conv_transpose(view: &View<'_>) -> Counted {
    let (sizes, outputs) = convolution(view, (0, 1), ConvSizes::transposed)?;
    let out_per_group = out_per_group(&sizes);
    let macs = product(&[view.elements(0)?, out_per_group, product(&sizes.kernel)?])?;
    let pairs = window::valid_taps(&sizes, Direction::Scatter)?;
    let macs_valid = product(&[sizes.batch, sizes.in_channels, out_per_group, pairs])?;
    let count = NodeCount { rule: "conv-transpose", macs, macs_valid, ..NodeCount::default() };
    let work = if view.secret(1) {
        let in_per_group = sizes.in_channels.checked_div(sizes.groups).unwrap_or(0);
        let columns = product(&[out_per_group, product(&sizes.kernel)?])?;
        unfolded(&sizes, view.secret(0), product(&sizes.input)?, in_per_group, columns)?
    } else {
        Work::ConvTranspose(sizes)
    };
    Ok(linear(count, outputs, view.has(2), work))
}

type Resolve = fn(&Attrs, &[Dim], &[Dim]) -> Result<ConvSizes, Why>;

/// Sizes of a (transposed) convolution, and its output elements.
fn convolution(view: &View<'_>, (x, w): (usize, usize), resolve: Resolve) -> Result<(Conv, u64), String> {
    // The root cause of an unknown shape first.
    view.sizes(x)?;
    view.sizes(w)?;
    let dims = |place| view.input(place).map(|v| view.graph.shape(v).unwrap_or_default());
    let sizes = resolve(&view.node.attrs, dims(x)?, dims(w)?).map_err(|why| why.0)?;
    let sizes = window::plain(&sizes)?;
    let outputs = product(&[sizes.batch, sizes.out_channels, product(&sizes.output)?])?;
    Ok((sizes, outputs))
}

/// A linear layer with its activation inside, and for convolutions an add before it.
fn fused(view: &View<'_>, mut count: NodeCount) -> Counted {
    let elements = view.out_elements()?;
    if view.node.op == "FusedConv" && view.has(3) {
        count.adds = elements;
        count.work.push(Work::Add { elements });
    }
    let kind = match view.node.attrs.str("activation").unwrap_or_default() {
        "" => return Ok(count),
        "Relu" => Kind::ReLU,
        "LeakyRelu" => Kind::LeakyReLU,
        "Tanh" => Kind::Tanh,
        "Sigmoid" => Kind::Sigmoid,
        "HardSigmoid" => Kind::HardSigmoid,
        other => return Err(format!("the fused activation {other} has no rule")),
    };
    let activation = super::basics::activation(kind, elements)?;
    count.activation = Some(activation);
    count.work.push(Work::Activation(activation));
    Ok(count)
}

/// Fills in what every linear layer has: a truncation per output, and a bias add where it has one.
fn linear(mut count: NodeCount, outputs: u64, bias: bool, work: Work) -> NodeCount {
    count.truncations = outputs;
    count.bias = if bias { outputs } else { 0 };
    count.work = vec![work];
    count
}

/// Gemm: M*N*K.
fn gemm(view: &View<'_>) -> Counted {
    gemm_at(view, 1, 2)
}

/// Gemm whose second operand and bias stand at other places.
pub(super) fn gemm_at(view: &View<'_>, b: usize, c: usize) -> Counted {
    let (a_sizes, y) = (view.sizes(0)?, view.out_sizes(0)?);
    let (Some([m, n]), Some([rows, columns])) = (y.first_chunk::<2>(), a_sizes.first_chunk::<2>()) else {
        return Err("Gemm needs matrices".to_owned());
    };
    let k = if view.node.attrs.int_or("transA", 0) == 0 { columns } else { rows };
    let mut count = matrix(1, *m, *k, *n, view.secret(0) && view.secret(b))?;
    if view.has(c) {
        let outputs = product(&y)?;
        if view.secret(c) {
            count.adds = outputs;
            count.work.push(Work::Add { elements: outputs });
        } else {
            count.bias = outputs;
        }
    }
    Ok(count)
}

/// `batch` products of (m x k) by (k x n).
pub(super) fn matrix(batch: u64, m: u64, k: u64, n: u64, secret: bool) -> Counted {
    let macs = product(&[batch, m, k, n])?;
    let truncations = product(&[batch, m, n])?;
    let work = vec![Work::MatMul { batch, m, k, n, secret, steps: 1 }];
    Ok(NodeCount { rule: "matmul", macs, macs_valid: macs, truncations, work, ..NodeCount::default() })
}

/// MatMul with operands at places `a` and `b`, broadcast as numpy does.
pub(super) fn matmul(view: &View<'_>, a: usize, b: usize) -> Counted {
    product_of(view.sizes(a)?, view.sizes(b)?, view.secret(a), view.secret(b))
}

fn product_of(mut x: Vec<u64>, mut y: Vec<u64>, x_secret: bool, y_secret: bool) -> Counted {
    if x.len() == 1 {
        x.insert(0, 1);
    }
    if y.len() == 1 {
        y.push(1);
    }
    let (Some((x_batch, [m, k])), Some((y_batch, [k_y, n]))) =
        (x.split_last_chunk::<2>(), y.split_last_chunk::<2>())
    else {
        return Err("MatMul needs a rank of 1 or more".to_owned());
    };
    if k != k_y {
        return Err(format!("inner sizes {k} and {k_y} differ"));
    }
    let batch = product(&broadcast(x_batch, y_batch))?;
    if x_secret && y_secret {
        return matrix(batch, *m, *k, *n, true);
    }
    // A weight without batches serves all of them at once.
    if x_secret && y_batch.iter().all(|size| *size == 1) {
        return matrix(1, product(&[batch, *m])?, *k, *n, false);
    }
    if x_secret {
        return matrix(batch, *m, *k, *n, false);
    }
    // The weight stands left: the same work, transposed.
    if x_batch.iter().all(|size| *size == 1) {
        return matrix(1, product(&[batch, *n])?, *k, *m, false);
    }
    matrix(batch, *n, *k, *m, false)
}

fn broadcast(a: &[u64], b: &[u64]) -> Vec<u64> {
    let rank = a.len().max(b.len());
    let at = |sizes: &[u64], place: usize| {
        (place + sizes.len()).checked_sub(rank).and_then(|i| sizes.get(i)).copied().unwrap_or(1)
    };
    (0..rank)
        .map(|place| match (at(a, place), at(b, place)) {
            (1, size) | (size, _) => size,
        })
        .collect()
}

/// MatMul with either side transposed.
fn fused_matmul(view: &View<'_>) -> Counted {
    let (mut x, mut y) = (view.sizes(0)?, view.sizes(1)?);
    for (name, sizes) in [("transA", &mut x), ("transB", &mut y)] {
        let rank = sizes.len();
        if view.node.attrs.int_or(name, 0) != 0 && rank >= 2 {
            sizes.swap(rank - 1, rank - 2);
        }
    }
    for name in ["transBatchA", "transBatchB"] {
        if view.node.attrs.int_or(name, 0) != 0 {
            return Err(format!("{name} has no counting rule"));
        }
    }
    product_of(x, y, view.secret(0), view.secret(1))
}

/// A matrix product whose weight is packed, a few bits each: `K` inputs and `N` outputs by the attributes. 5 rows of 64 to
/// 128: 5 * 64 * 128 = 40,960. Unpacking is the server's own.
fn packed(view: &View<'_>) -> Counted {
    let attr = |name: &str| {
        let value = view.node.attrs.int(name).and_then(|n| u64::try_from(n).ok());
        value.filter(|n| *n > 0).ok_or_else(|| format!("{name} is missing"))
    };
    let (k, n) = (attr("K")?, attr("N")?);
    let inputs = view.elements(0)?;
    if inputs % k != 0 {
        return Err(format!("the last axis is not {k}"));
    }
    let mut count = matrix(1, inputs / k, k, n, view.secret(0) && view.secret(1))?;
    // The bias is input 5 of MatMulNBits.
    count.bias = if view.node.op == "MatMulNBits" && view.has(5) { count.truncations } else { 0 };
    Ok(count)
}
