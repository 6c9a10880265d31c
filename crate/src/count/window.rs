//! Sliding windows as resolved sizes: kernel, strides, dilations and padding of each spatial axis,
//! from a node's attributes and the shapes in force.

use super::Conv;
use super::basics::product;
use super::pairs;
use crate::ir::graph::Node;

/// Stride, dilation and padding of one spatial axis.
type Axis = (u64, u64, (u64, u64));

/// Which way the window slides.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// Outputs slide over inputs.
    Gather,
    /// Inputs slide over outputs (transposed).
    Scatter,
}

/// Sizes of a (transposed) convolution.
///
/// # Errors
/// Shapes that do not fit each other, or attributes that no size satisfies.
pub(crate) fn resolve(
    node: &Node,
    x: &[u64],
    y: &[u64],
    kernel: &[u64],
    groups: u64,
    direction: Direction,
) -> Result<Conv, String> {
    let (Some((head, input)), Some((out_head, output))) = (x.split_at_checked(2), y.split_at_checked(2))
    else {
        return Err("a convolution needs a batch, channels and at least one axis".to_owned());
    };
    if input.len() != output.len() || input.len() != kernel.len() {
        return Err("the ranks of input, weight and output differ".to_owned());
    }
    let mut conv = Conv {
        batch: head.first().copied().unwrap_or(0),
        in_channels: head.get(1).copied().unwrap_or(0),
        out_channels: out_head.get(1).copied().unwrap_or(0),
        groups,
        input: input.to_vec(),
        output: output.to_vec(),
        kernel: kernel.to_vec(),
        strides: Vec::new(),
        dilations: Vec::new(),
        pads: Vec::new(),
    };
    for (place, ((input, output), kernel)) in input.iter().zip(output).zip(kernel).enumerate() {
        let axis = axis(node, place, (*input, *output, *kernel), conv.input.len(), direction)?;
        conv.strides.push(axis.0);
        conv.dilations.push(axis.1);
        conv.pads.push(axis.2);
    }
    Ok(conv)
}

fn axis(
    node: &Node,
    place: usize,
    (input, output, kernel): (u64, u64, u64),
    rank: usize,
    direction: Direction,
) -> Result<Axis, String> {
    let positive = |name: &str| match node.attrs.ints(name).and_then(|v| v.get(place)).copied() {
        None => Ok(1),
        Some(value) => u64::try_from(value)
            .ok()
            .filter(|v| *v > 0)
            .ok_or_else(|| format!("{name} = {value} is not positive")),
    };
    let (stride, dilation) = (positive("strides")?, positive("dilations")?);
    let span = (i128::from(kernel) - 1) * i128::from(dilation) + 1;
    let overlap = |steps: u64, covered: u64| -> Option<i128> {
        let reach = (i128::from(steps) - 1).checked_mul(i128::from(stride))?.checked_add(span)?;
        Some(reach.checked_sub(i128::from(covered))?.max(0))
    };
    let given = |place: usize| node.attrs.ints("pads").and_then(|p| p.get(place)).copied().unwrap_or(0);
    let auto = node.attrs.str("auto_pad").unwrap_or("NOTSET");
    let fixed_output = direction == Direction::Scatter
        && node.attrs.ints("output_shape").is_some_and(|shape| !shape.is_empty());
    let total = match direction {
        Direction::Gather => overlap(output, input),
        Direction::Scatter => overlap(input, output),
    };
    let total = u64::try_from(total.ok_or("overflow: padding")?).map_err(|_| "overflow: padding")?;
    let pads = match auto {
        "SAME_UPPER" => (total / 2, total - total / 2),
        "SAME_LOWER" => (total - total / 2, total / 2),
        "VALID" => (0, 0),
        _ if fixed_output => (total / 2, total - total / 2),
        _ => {
            // A negative pad crops; it is clamped here and costs a few valid MACs at most.
            let clamp = |pad: i64| u64::try_from(pad).unwrap_or(0);
            (clamp(given(place)), clamp(given(place + rank)))
        }
    };
    Ok((stride, dilation, pads))
}

/// Multiplications of one input channel against one output channel, padded positions left out:
/// the product over axes of [`pairs::inside`].
pub(crate) fn valid_taps(conv: &Conv, direction: Direction) -> Result<u64, String> {
    let mut taps = Vec::with_capacity(conv.kernel.len());
    for place in 0..conv.kernel.len() {
        let at = |sizes: &[u64]| sizes.get(place).copied().unwrap_or(1);
        let pad = i128::from(conv.pads.get(place).map_or(0, |p| p.0));
        let (steps, bound) = match direction {
            Direction::Gather => (at(&conv.output), at(&conv.input)),
            Direction::Scatter => (at(&conv.input), at(&conv.output)),
        };
        let kernel = at(&conv.kernel);
        let pairs = pairs::inside(steps, kernel, at(&conv.strides), at(&conv.dilations), pad, bound);
        taps.push(pairs.ok_or("overflow: a count leaves 63 bits")?);
    }
    product(&taps)
}
