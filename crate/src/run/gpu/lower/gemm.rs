//! Matrix products: Gemm and MatMul, with any strides and outer dimensions.

use crate::engines::gpu::shader::File;
use crate::error::Result;
use crate::ir::graph::{Node, ValueId};
use crate::run::gpu::program::{Kind, Step, TensorId};

use super::layout::permuted;
use super::{Lower, View, kernel, lacking, strides};

/// result[o, m, n] = alpha * sum_k a[o, m, k] * b[o, k, n] + beta * bias[m, n].
struct Product {
    m: usize,
    n: usize,
    k: usize,
    a: Operand,
    b: Operand,
    /// Up to four outer dimensions.
    outer: Vec<usize>,
    alpha: f32,
    bias: Option<(TensorId, [usize; 2], f32)>,
    end: ValueId,
}

struct Operand {
    tensor: TensorId,
    /// Elements from one row, column to the next.
    step: [usize; 2],
    /// Elements along the outer dimensions; 0 where broadcast.
    outer: Vec<usize>,
}

pub(super) fn gemm(lower: &mut Lower<'_>, node: &Node) -> Result<()> {
    let (a, b) = (lower.floats(node, 0)?, lower.floats(node, 1)?);
    let flag = |name: &str| node.attrs.int_or(name, 0) != 0;
    let ([rows_a, columns_a], [_, _]) = (matrix(&a)?, matrix(&b)?);
    let (m, k) = if flag("transA") { (columns_a, rows_a) } else { (rows_a, columns_a) };
    let a_step = if flag("transA") { [1, columns_a] } else { [columns_a, 1] };
    // Neighbours read neighbouring columns: a stored matrix is turned once.
    let (b, turned) = if flag("transB") && lower.is_fixed(&b) {
        (permuted(lower, &b, &[1, 0])?, false)
    } else {
        (b, flag("transB"))
    };
    let [rows_b, columns_b] = matrix(&b)?;
    let n = if turned { rows_b } else { columns_b };
    let b_step = if turned { [1, columns_b] } else { [columns_b, 1] };
    let float = |name: &str| node.attrs.float(name).unwrap_or(1.0);
    let bias = match node.input(2) {
        None => None,
        Some(_) => {
            let c = lower.floats(node, 2)?;
            Some((c.tensor, spread(&c.dims, [m, n])?, float("beta")))
        }
    };
    let (a, b) = (
        Operand { tensor: a.tensor, step: a_step, outer: Vec::new() },
        Operand { tensor: b.tensor, step: b_step, outer: Vec::new() },
    );
    let end = lower.first_output(node)?;
    product(lower, Product { m, n, k, a, b, outer: Vec::new(), alpha: float("alpha"), bias, end })
}

pub(super) fn matmul(lower: &mut Lower<'_>, node: &Node) -> Result<()> {
    let (a, b) = (lower.floats(node, 0)?, lower.floats(node, 1)?);
    let (mut a_dims, mut b_dims) = (a.dims.clone(), b.dims.clone());
    if a_dims.len() == 1 {
        a_dims.insert(0, 1);
    }
    if b_dims.len() == 1 {
        b_dims.push(1);
    }
    let (Some([.., m, k]), Some([.., _, n])) = (a_dims.last_chunk::<2>(), b_dims.last_chunk::<2>()) else {
        return Err(lacking("a product of scalars"));
    };
    let (mut m, k, n) = (*m, *k, *n);
    let end = lower.first_output(node)?;
    let (a_outer, b_outer) = (&a_dims[..a_dims.len() - 2], &b_dims[..b_dims.len() - 2]);
    let (outer, a_steps, b_steps) = if b_outer.iter().all(|d| *d == 1) {
        // One matrix for all: the outer dimensions are more rows.
        m *= a_outer.iter().product::<usize>();
        (Vec::new(), Vec::new(), Vec::new())
    } else {
        let rank = a_outer.len().max(b_outer.len());
        let (a_full, b_full) = (padded(a_outer, rank), padded(b_outer, rank));
        let outer: Vec<usize> = a_full.iter().zip(&b_full).map(|(a, b)| *a.max(b)).collect();
        if rank > 4 {
            return Err(lacking("a product with more than four outer dimensions"));
        }
        (outer, outer_steps(&a_full, m * k), outer_steps(&b_full, k * n))
    };
    let a = Operand { tensor: a.tensor, step: [k, 1], outer: a_steps };
    let b = Operand { tensor: b.tensor, step: [n, 1], outer: b_steps };
    // A bias of one row behind it, as exporters write a linear layer of rank 3.
    let mut bias = None;
    let mut last = end;
    if let Some((id, add)) = lower.sole_reader(end)
        && add.op == "Add"
    {
        let add = add.clone();
        let other = add.inputs.iter().flatten().copied().find(|input| *input != end);
        if let (Some(other), Some(sum)) = (other, add.output(0))
            && lower.is_constant(other)
            && lower.sizes(other)? == [n]
            && lower.kind(other)? == Kind::F32
            && lower.sizes(sum)? == lower.sizes(end)?
        {
            bias = Some((lower.view(other)?.tensor, [0, 1], 1.0));
            lower.absorb(id);
            last = sum;
        }
    }
    product(lower, Product { m, n, k, a, b, outer, alpha: 1.0, bias, end: last })
}

fn product(lower: &mut Lower<'_>, product: Product) -> Result<()> {
    let Product { m, n, k, a, b, outer, alpha, bias, end } = product;
    let tail = lower.tail(end, true)?;
    let result = lower.output(tail.end, Kind::F32)?;
    let tall = match m {
        0 | 1 => 1,
        2..=4 => 4,
        // A device in software loads one word at a time: what serves more rows pays. Not for half a tile.
        _ if lower.limits.software && (m > 64 || (m - 1) % 16 >= 8) => 16,
        _ => 8,
    };
    let lanes = n.div_ceil(4).next_power_of_two().clamp(4, 64);
    let rows = (64 / lanes).min(m.div_ceil(tall).next_power_of_two()).max(1);
    let kernel = kernel(File::Gemm)
        .set("LANES", lanes as u32)
        .set("ROWS", rows as u32)
        .set("TALL", tall as u32)
        .flag("BIAS", bias.is_some())
        .flag("RESIDUAL", tail.residual.is_some());
    let absent = a.tensor;
    let (table, bias_step, beta) = bias.unwrap_or((absent, [0, 0], 0.0));
    let reads = vec![a.tensor, b.tensor, table, tail.residual.unwrap_or(absent)];
    let (kernel, mut params, reads) =
        lower.activated(kernel, &tail.activation, &result.dims, (reads, absent))?;
    params.extend([m as u32, n as u32, k as u32, alpha.to_bits()]);
    for step in [a.step, b.step, bias_step] {
        params.extend(step.map(|n| n as u32));
    }
    params.extend([beta.to_bits(), 0]);
    for (list, fill) in [(&outer, 1), (&a.outer, 0), (&b.outer, 0)] {
        let mut four = vec![fill; 4 - list.len().min(4)];
        four.extend(list.iter().map(|n| *n as u32));
        params.extend(four);
    }
    let batches = outer.iter().product::<usize>();
    let groups = lower.groups([n.div_ceil(4 * lanes), m.div_ceil(rows * tall), batches])?;
    let macs = (batches * m * n) as u64 * k as u64;
    let (writes, node) = (result.tensor, lower.node_index());
    lower.emit(vec![Step { kernel, params, reads, writes, groups, node, macs }]);
    lower.bind(tail.end, result);
    Ok(())
}

fn matrix(view: &View) -> Result<[usize; 2]> {
    match view.dims.as_slice() {
        [rows, columns] => Ok([*rows, *columns]),
        _ => Err(lacking("a matrix of another rank than 2")),
    }
}

/// Dimensions with ones before them.
fn padded(dims: &[usize], rank: usize) -> Vec<usize> {
    let mut all = vec![1; rank - dims.len().min(rank)];
    all.extend(dims);
    all
}

/// Elements along outer dimensions; 0 where there is one for all.
fn outer_steps(dims: &[usize], inner: usize) -> Vec<usize> {
    let steps = strides(dims);
    dims.iter().zip(steps).map(|(dim, step)| if *dim == 1 { 0 } else { step * inner }).collect()
}

/// Steps of a bias that is spread over a matrix.
fn spread(dims: &[usize], [m, n]: [usize; 2]) -> Result<[usize; 2]> {
    let columns = dims.last().copied().unwrap_or(1);
    let rows = dims.len().checked_sub(2).and_then(|at| dims.get(at)).copied().unwrap_or(1);
    if dims.len() > 2 || (columns != 1 && columns != n) || (rows != 1 && rows != m) {
        return Err(lacking("a bias of another shape"));
    }
    let step = |size: usize, step: usize| if size == 1 { 0 } else { step };
    Ok([step(rows, columns), step(columns, 1)])
}
