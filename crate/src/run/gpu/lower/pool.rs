//! Pooling over windows of one or two axes.

use crate::engines::gpu::shader::File;
use crate::error::Result;
use crate::ir::dim::Dim;
use crate::ir::graph::Node;
use crate::ir::windows::PoolSizes;
use crate::run::gpu::program::Kind;

use super::conv::{each, number, two_axes};
use super::pairwise::{as_floats, from_floats};
use super::{GROUP_ELEMENTS, Lower, kernel, lacking};

pub(super) fn pool(lower: &mut Lower<'_>, node: &Node) -> Result<()> {
    lower.only_first_output(node)?;
    let id = node.input(0).ok_or_else(|| lacking("input 0 is missing"))?;
    // An order is the same among floats.
    let (x, back) = match node.op.as_str() {
        "MaxPool" => as_floats(lower, id)?,
        _ => (lower.floats(node, 0)?, None),
    };
    let dims: Vec<Dim> = x.dims.iter().map(|n| Dim::Known(*n as i64)).collect();
    let sizes = PoolSizes::pool(&node.attrs, &dims).map_err(|why| lacking(why.0))?;
    let axes = two_axes(&sizes.axes)?;
    let out = lower.first_output(node)?;
    let result = lower.output(out, Kind::F32)?;
    let mode = match node.op.as_str() {
        "MaxPool" => 0,
        "AveragePool" => 1,
        _ => 2,
    };
    let counts = node.attrs.int_or("count_include_pad", 0) != 0;
    let total = result.dims.iter().product::<usize>();
    let power = node.attrs.int_or("p", 2) as f32;
    let mut params = vec![total as u32, power.to_bits()];
    params.extend(each(&axes, |axis| number(&axis.input))?);
    params.extend(each(&axes, |axis| number(&axis.output))?);
    params.extend(each(&axes, |axis| number(&axis.kernel))?);
    params.extend(each(&axes, |axis| Ok(axis.stride as u32))?);
    params.extend(each(&axes, |axis| Ok(axis.dilation as u32))?);
    params.extend(each(&axes, |axis| number(&axis.pads[0]))?);
    params.extend(each(&axes, |axis| number(&axis.input.add(&axis.pads[0]).add(&axis.pads[1])))?);
    params.push(f32::NEG_INFINITY.to_bits());
    let kernel = kernel(File::Pool).set("MODE", mode).flag("COUNT_PADS", counts);
    let step = lower.flat(kernel, params, vec![x.tensor], &result, (total, GROUP_ELEMENTS))?;
    lower.emit(vec![step]);
    let result = from_floats(lower, result, back)?;
    lower.bind(out, result);
    Ok(())
}
