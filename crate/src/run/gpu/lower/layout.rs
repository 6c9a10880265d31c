//! Elements that move and do not change: views, transposing, slicing, splitting, joining, gathering.

use crate::engines::gpu::shader::File;
use crate::error::Result;
use crate::ir::graph::Node;
use crate::run::gpu::program::Step;

use super::{GROUP_ELEMENTS, Lower, View, axis_of, eight, kernel, lacking, strides};

/// The same elements under other dimensions: no step.
pub(super) fn alias(lower: &mut Lower<'_>, node: &Node) -> Result<()> {
    lower.only_first_output(node)?;
    if node.op == "Dropout" && lower.numbers(node, 2)?.is_some_and(|mode| mode != [0.0]) {
        return Err(lacking("Dropout in training"));
    }
    let x = lower.input(node, 0)?;
    let out = lower.first_output(node)?;
    let dims = lower.sizes(out)?;
    if dims.iter().product::<usize>() != x.dims.iter().product::<usize>() {
        return Err(lacking("a view of another size"));
    }
    lower.bind(out, View { dims, ..x });
    Ok(())
}

/// One side of a copy: where it begins, and the step along each axis.
pub(super) struct Side {
    pub(super) offset: i64,
    pub(super) steps: Vec<i64>,
}

impl Side {
    /// A whole tensor, row by row.
    pub(super) fn whole(dims: &[usize]) -> Self {
        Self { offset: 0, steps: strides(dims).into_iter().map(|n| n as i64).collect() }
    }
}

/// A step that copies a box of elements.
pub(super) fn copy(
    lower: &Lower<'_>,
    dims: &[usize],
    (source, from): (&View, &Side),
    (result, to): (&View, &Side),
) -> Result<Step> {
    // Axes that both sides pass evenly are one; those of one element are none.
    let mut axes: Vec<(usize, i64, i64)> = Vec::new();
    for ((dim, from), to) in dims.iter().zip(&from.steps).zip(&to.steps) {
        match axes.last_mut() {
            _ if *dim == 1 => {}
            Some(last) if last.1 == from * *dim as i64 && last.2 == to * *dim as i64 => {
                *last = (last.0 * dim, *from, *to);
            }
            _ => axes.push((*dim, *from, *to)),
        }
    }
    if axes.len() > 8 {
        return Err(lacking("a copy over more than eight axes"));
    }
    let total = dims.iter().product::<usize>();
    let list =
        |pick: fn(&(usize, i64, i64)) -> u32, fill| eight(&axes.iter().map(pick).collect::<Vec<_>>(), fill);
    let mut params = vec![total as u32, from.offset as u32, to.offset as u32, 0];
    params.extend(list(|axis| axis.0 as u32, 1));
    params.extend(list(|axis| axis.1 as u32, 0));
    params.extend(list(|axis| axis.2 as u32, 0));
    let kernel = kernel(File::Copy).set("RANK", axes.len() as u32);
    lower.flat(kernel, params, vec![source.tensor], result, (total, GROUP_ELEMENTS))
}

/// A tensor with its axes in another order.
pub(super) fn permuted(lower: &mut Lower<'_>, x: &View, order: &[usize]) -> Result<View> {
    let steps = strides(&x.dims);
    let pick =
        |list: &[usize]| -> Vec<usize> { order.iter().filter_map(|at| list.get(*at).copied()).collect() };
    let dims = pick(&x.dims);
    if dims.len() != x.dims.len() {
        return Err(lacking("an order of axes that does not fit"));
    }
    if order.iter().enumerate().all(|(at, axis)| at == *axis) {
        return Ok(x.clone());
    }
    let result = lower.tensor(dims.clone(), x.kind)?;
    let from = Side { offset: 0, steps: pick(&steps).into_iter().map(|n| n as i64).collect() };
    let step = copy(lower, &dims, (x, &from), (&result, &Side::whole(&dims)))?;
    lower.emit(vec![step]);
    Ok(result)
}

pub(super) fn transpose(lower: &mut Lower<'_>, node: &Node) -> Result<()> {
    let x = lower.input(node, 0)?;
    let order: Vec<usize> = match node.attrs.ints("perm") {
        Some(order) => order.iter().map(|at| axis_of(*at, x.dims.len())).collect::<Result<_>>()?,
        None => (0..x.dims.len()).rev().collect(),
    };
    let result = permuted(lower, &x, &order)?;
    let out = lower.first_output(node)?;
    lower.bind(out, result);
    Ok(())
}

/// Slice: along each axis from `start` in steps; the number of steps is the output's size.
pub(super) fn slice(lower: &mut Lower<'_>, node: &Node) -> Result<()> {
    let x = lower.input(node, 0)?;
    let out = lower.first_output(node)?;
    let dims = lower.sizes(out)?;
    let list = |name: &str, place: usize| -> Result<Option<Vec<i64>>> {
        match node.attrs.ints(name) {
            Some(list) => Ok(Some(list.to_vec())),
            None => lower.wholes(node, place),
        }
    };
    let starts = list("starts", 1)?.unwrap_or_default();
    let axes = list("axes", 3)?.unwrap_or_else(|| (0..starts.len() as i64).collect());
    let steps = list("steps", 4)?.unwrap_or_else(|| vec![1; starts.len()]);
    let mut from = Side::whole(&x.dims);
    for ((axis, start), step) in axes.iter().zip(&starts).zip(&steps) {
        let axis = axis_of(*axis, x.dims.len())?;
        let (Some(size), Some(stride)) = (x.dims.get(axis), from.steps.get_mut(axis)) else { continue };
        let size = *size as i64;
        let start = if *start < 0 { start.saturating_add(size) } else { *start };
        let start = if *step < 0 { start.clamp(-1, size - 1) } else { start.clamp(0, size) };
        from.offset += start * *stride;
        *stride *= step;
    }
    let result = lower.tensor(dims.clone(), x.kind)?;
    let step = copy(lower, &dims, (&x, &from), (&result, &Side::whole(&dims)))?;
    lower.emit(vec![step]);
    lower.bind(out, result);
    Ok(())
}

pub(super) fn split(lower: &mut Lower<'_>, node: &Node) -> Result<()> {
    let x = lower.input(node, 0)?;
    let axis = axis_of(node.attrs.int_or("axis", 0), x.dims.len())?;
    let mut from = Side::whole(&x.dims);
    let stride = from.steps.get(axis).copied().unwrap_or(0);
    for out in &node.outputs {
        let Some(out) = out else { return Err(lacking("a part that is left out")) };
        let dims = lower.sizes(*out)?;
        let result = lower.tensor(dims.clone(), x.kind)?;
        let step = copy(lower, &dims, (&x, &from), (&result, &Side::whole(&dims)))?;
        lower.emit(vec![step]);
        from.offset += stride * dims.get(axis).copied().unwrap_or(0) as i64;
        lower.bind(*out, result);
    }
    Ok(())
}

pub(super) fn concat(lower: &mut Lower<'_>, node: &Node) -> Result<()> {
    let out = lower.first_output(node)?;
    let kind = lower.input(node, 0)?.kind;
    let result = lower.output(out, kind)?;
    let axis = axis_of(node.attrs.int_or("axis", 1), result.dims.len())?;
    let mut to = Side::whole(&result.dims);
    let stride = to.steps.get(axis).copied().unwrap_or(0);
    let mut steps = Vec::new();
    for place in 0..node.inputs.len() {
        let x = lower.input(node, place)?;
        steps.push(copy(lower, &x.dims, (&x, &Side::whole(&x.dims)), (&result, &to))?);
        to.offset += stride * x.dims.get(axis).copied().unwrap_or(0) as i64;
    }
    lower.emit(steps);
    lower.bind(out, result);
    Ok(())
}

pub(super) fn gather(lower: &mut Lower<'_>, node: &Node) -> Result<()> {
    let (data, indices) = (lower.input(node, 0)?, lower.input(node, 1)?);
    let axis = axis_of(node.attrs.int_or("axis", 0), data.dims.len())?;
    let out = lower.first_output(node)?;
    let result = lower.output(out, data.kind)?;
    let inner: usize = data.dims.iter().skip(axis + 1).product();
    let size = data.dims.get(axis).copied().unwrap_or(1);
    let count: usize = indices.dims.iter().product();
    let total = result.dims.iter().product::<usize>();
    let params = [total, inner.max(1), count.max(1), size].map(|n| n as u32).to_vec();
    let reads = vec![data.tensor, indices.tensor];
    let step = lower.flat(kernel(File::Gather), params, reads, &result, (total, GROUP_ELEMENTS))?;
    lower.emit(vec![step]);
    lower.bind(out, result);
    Ok(())
}
