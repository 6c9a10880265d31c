//! Windows over three axes, with the windows over two that rten has; and padding of integers with a zero point.

use super::{Made, attribute, input, int, int_list, without};
use crate::ir::dim::Dim;
use crate::ir::windows::{ConvSizes, PoolSizes, WindowAxis};
use crate::onnx::NodeProto;

/// One axis, in numbers.
#[derive(Clone, Copy)]
struct Axis {
    input: i64,
    output: i64,
    kernel: i64,
    stride: i64,
    dilation: i64,
    before: i64,
    after: i64,
}

impl Axis {
    fn of(axis: &WindowAxis) -> Option<Self> {
        let [before, after] = &axis.pads;
        Some(Self {
            input: axis.input.known()?,
            output: axis.output.known()?,
            kernel: axis.kernel.known()?,
            stride: axis.stride,
            dilation: axis.dilation,
            before: before.known()?,
            after: after.known()?,
        })
    }
}

fn three(axes: &[WindowAxis]) -> Option<[Axis; 3]> {
    let [a, b, c] = axes else { return None };
    Some([Axis::of(a)?, Axis::of(b)?, Axis::of(c)?])
}

impl Made<'_> {
    /// The nodes of a window that rten lacks; None for one that it has.
    pub(super) fn window(&mut self, node: &NodeProto, x: String, y: String) -> Option<()> {
        let (_, known) = self.known.producer(self.lookup(&y)?)?;
        let shape = self.known.shape(known.input(0)?)?.to_vec();
        match (node.op_type(), shape.len()) {
            ("MaxPool" | "AveragePool", 5) if node.output.iter().skip(1).all(String::is_empty) => {
                let sizes = PoolSizes::pool(&known.attrs, &shape).ok()?;
                self.pool_in_two(node, three(&sizes.axes)?, sizes.channels.known()?, x, y)
            }
            ("Conv", 5) => {
                let sizes = ConvSizes::conv(&known.attrs, &shape, self.known.shape(known.input(1)?)?).ok()?;
                self.unfold_depth(node, &sizes, x, y)
            }
            ("ConvInteger", _) if !input(node, 2).is_empty() => {
                let sizes = ConvSizes::conv(&known.attrs, &shape, self.known.shape(known.input(1)?)?).ok()?;
                self.padded_by_zero_point(node, &sizes, x, y)
            }
            _ => None,
        }
    }

    /// The greatest of a box is the greatest along its depth of the greatest of its faces; a mean likewise, since what
    /// counts along one axis does not hang on the others.
    fn pool_in_two(
        &mut self,
        node: &NodeProto,
        axes: [Axis; 3],
        channels: i64,
        x: String,
        y: String,
    ) -> Option<()> {
        let [depth, rows, columns] = axes;
        let names = ["kernel_shape", "pads", "strides", "dilations", "auto_pad"];
        let window = |a: Axis, b: Option<Axis>| {
            let of = |pick: fn(Axis) -> i64, other: i64| vec![pick(a), b.map_or(other, pick)];
            let mut attributes = without(node, &names);
            attributes.push(int_list("kernel_shape", of(|a| a.kernel, 1)));
            attributes.push(int_list("strides", of(|a| a.stride, 1)));
            attributes.push(int_list("pads", [of(|a| a.before, 0), of(|a| a.after, 0)].concat()));
            if attribute(node, "dilations").is_some() {
                attributes.push(int_list("dilations", of(|a| a.dilation, 1)));
            }
            attributes
        };
        let faces =
            self.ints(&[0, channels.checked_mul(depth.input)?, rows.input, columns.input], false, node);
        let faces = self.node("Reshape", vec![x, faces], Vec::new(), node);
        let faces = self.node(node.op_type(), vec![faces], window(rows, Some(columns)), node);
        let lines = [0, channels, depth.input, rows.output.checked_mul(columns.output)?];
        let lines = self.ints(&lines, false, node);
        let lines = self.node("Reshape", vec![faces, lines], Vec::new(), node);
        let pooled = self.node(node.op_type(), vec![lines], window(depth, None), node);
        let all = self.ints(&[0, channels, depth.output, rows.output, columns.output], false, node);
        self.put("Reshape", vec![pooled, all], Vec::new(), node, y);
        Some(())
    }

    /// The slices that a kernel's depth meets become channels, next to those of their own group: what is left is a
    /// convolution over faces, and the weight is the same numbers in another shape.
    fn unfold_depth(&mut self, node: &NodeProto, sizes: &ConvSizes, mut x: String, y: String) -> Option<()> {
        let [depth, rows, columns] = three(&sizes.axes)?;
        let (inputs, outputs) = (sizes.in_channels.known()?, sizes.out_channels.known()?);
        if depth.before > 0 || depth.after > 0 {
            let pads = self.ints(&[0, 0, depth.before, 0, 0, 0, 0, depth.after, 0, 0], false, node);
            x = self.node("Pad", vec![x, pads], Vec::new(), node);
        }
        let mut taps = Vec::new();
        for tap in 0..depth.kernel {
            let first = tap.checked_mul(depth.dilation)?;
            let end = (depth.output - 1).checked_mul(depth.stride)?.checked_add(first)?.checked_add(1)?;
            let cut = [first, end, 2, depth.stride].map(|n| self.ints(&[n], false, node));
            let slice = self.node("Slice", [vec![x.clone()], cut.to_vec()].concat(), Vec::new(), node);
            let axis = self.ints(&[2], false, node);
            taps.push(self.node("Unsqueeze", vec![slice, axis], Vec::new(), node));
        }
        let taps = self.node("Concat", taps, vec![int("axis", 2)], node);
        let order = vec![int_list("perm", vec![0, 3, 1, 2, 4, 5])];
        let faces = self.node("Transpose", vec![taps], order, node);
        let shape =
            self.ints(&[-1, inputs.checked_mul(depth.kernel)?, rows.input, columns.input], false, node);
        let faces = self.node("Reshape", vec![faces, shape], Vec::new(), node);
        let per_group = inputs.checked_div(sizes.groups)?.checked_mul(depth.kernel)?;
        let shape = self.ints(&[outputs, per_group, rows.kernel, columns.kernel], false, node);
        let w = self.node("Reshape", vec![input(node, 1).to_owned(), shape], Vec::new(), node);
        let names = ["kernel_shape", "pads", "strides", "dilations", "auto_pad"];
        let mut attributes = without(node, &names);
        attributes.push(int_list("kernel_shape", vec![rows.kernel, columns.kernel]));
        attributes.push(int_list("strides", vec![rows.stride, columns.stride]));
        attributes.push(int_list("dilations", vec![rows.dilation, columns.dilation]));
        attributes.push(int_list("pads", vec![rows.before, columns.before, rows.after, columns.after]));
        let operands = [vec![faces, w], node.input.get(2).cloned().into_iter().collect()].concat();
        let made = self.node("Conv", operands, attributes, node);
        let shape = self.ints(&[-1, depth.output, outputs, rows.output, columns.output], false, node);
        let made = self.node("Reshape", vec![made, shape], Vec::new(), node);
        self.put("Transpose", vec![made], vec![int_list("perm", vec![0, 2, 1, 3, 4])], node, y);
        Some(())
    }

    /// rten pads with zeros where the standard pads with the zero point.
    fn padded_by_zero_point(
        &mut self,
        node: &NodeProto,
        sizes: &ConvSizes,
        x: String,
        y: String,
    ) -> Option<()> {
        let pads: Vec<[Dim; 2]> = sizes.axes.iter().map(|axis| axis.pads.clone()).collect();
        let side = |at: usize| -> Option<Vec<i64>> {
            let own = pads.iter().map(|pads| pads.get(at)?.known());
            [Some(0), Some(0)].into_iter().chain(own).collect()
        };
        let (before, after) = (side(0)?, side(1)?);
        if before.iter().chain(&after).all(|n| *n == 0) {
            return None;
        }
        let pads = self.ints(&[before, after].concat(), false, node);
        let scalar = self.ints(&[], false, node);
        let point = self.node("Reshape", vec![input(node, 2).to_owned(), scalar], Vec::new(), node);
        let x = self.node("Pad", vec![x, pads, point], Vec::new(), node);
        let mut inputs = node.input.clone();
        *inputs.first_mut()? = x;
        let mut attributes = without(node, &["pads", "auto_pad"]);
        attributes.push(int_list("pads", vec![0; sizes.axes.len() * 2]));
        self.put("ConvInteger", inputs, attributes, node, y);
        Some(())
    }
}
