//! Windows over three axes, with the windows over two that rten has; and padding of integers with a zero point.

use super::{Made, attribute, input, int, int_list, without};
use crate::ir::dim::Dim;
use crate::ir::windows::{ConvSizes, PoolSizes, WindowAxis};
use crate::limits::MAX_TENSOR_BYTES;
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
    /// Elements that windows of a transposed convolution reach together.
    fn spread(&self) -> Option<i64> {
        let first = (self.input - 1).checked_mul(self.stride)?;
        first.checked_add((self.kernel - 1).checked_mul(self.dilation)?)?.checked_add(1)
    }

    /// Elements that they reach or that are asked for, before the padding is cut off.
    fn uncut(&self) -> Option<i64> {
        self.output.checked_add(self.before)?.checked_add(self.after)
    }

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
            ("MaxPool", _) if node.output.get(1).is_some_and(|name| !name.is_empty()) => {
                let sizes = PoolSizes::pool(&known.attrs, &shape).ok()?;
                self.pool_by_taps(node, &sizes, x, y)
            }
            ("MaxPool" | "AveragePool", 5) if node.output.iter().skip(1).all(String::is_empty) => {
                let sizes = PoolSizes::pool(&known.attrs, &shape).ok()?;
                if sizes.axes.iter().any(|axis| axis.dilation > 1) {
                    return self.pool_by_taps(node, &sizes, x, y);
                }
                self.pool_in_two(node, three(&sizes.axes)?, sizes.channels.known()?, x, y)
            }
            ("MaxPool" | "AveragePool", _) if node.output.iter().skip(1).all(String::is_empty) => {
                let sizes = PoolSizes::pool(&known.attrs, &shape).ok()?;
                let dilated = sizes.axes.iter().any(|axis| axis.dilation > 1);
                if dilated { self.pool_by_taps(node, &sizes, x, y) } else { None }
            }
            ("Conv", 5) => {
                let sizes = ConvSizes::conv(&known.attrs, &shape, self.known.shape(known.input(1)?)?).ok()?;
                self.unfold_depth(node, &sizes, x, y)
            }
            ("ConvTranspose", 5) => {
                let weight = self.known.shape(known.input(1)?)?;
                let sizes = ConvSizes::transposed(&known.attrs, &shape, weight).ok()?;
                self.spread_depth(node, &sizes, x, y)
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

    /// A pool whose taps lie apart: a slice a tap, and their greatest or their mean.
    fn pool_by_taps(&mut self, node: &NodeProto, sizes: &PoolSizes, mut x: String, y: String) -> Option<()> {
        const MAX_TAPS: i64 = 256;
        let axes = sizes.axes.iter().map(Axis::of).collect::<Option<Vec<_>>>()?;
        let taps = axes.iter().try_fold(1i64, |n, axis| n.checked_mul(axis.kernel))?;
        if !(1..=MAX_TAPS).contains(&taps) {
            return None;
        }
        let greatest = node.op_type() == "MaxPool";
        // The last window may reach past the padding, where sizes are rounded up.
        let reach = |axis: &Axis| (axis.output - 1) * axis.stride + (axis.kernel - 1) * axis.dilation + 1;
        let after = |axis: &Axis| axis.after.max(reach(axis) - axis.input - axis.before);
        let ends =
            |side: &dyn Fn(&Axis) -> i64| [0, 0].into_iter().chain(axes.iter().map(side)).collect::<Vec<_>>();
        let pads = [ends(&|axis| axis.before), ends(&after)].concat();
        if pads.iter().any(|n| *n > 0) {
            let pads = self.ints(&pads, false, node);
            let fill = self.floats(&[if greatest { f32::NEG_INFINITY } else { 0.0 }], true, node);
            x = self.node("Pad", vec![x, pads, fill], Vec::new(), node);
        }
        let indices = node.output.get(1).filter(|name| !name.is_empty()).cloned();
        let column_major = attribute(node, "storage_order").is_some_and(|a| a.i() != 0);
        let mut found: Option<String> = None;
        let places: Vec<i64> = (2..2 + axes.len() as i64).collect();
        let mut all: Option<String> = None;
        for tap in 0..taps {
            let mut rest = tap;
            let mut starts = vec![0; axes.len()];
            for (start, axis) in starts.iter_mut().zip(&axes).rev() {
                *start = rest % axis.kernel * axis.dilation;
                rest /= axis.kernel;
            }
            let stops: Vec<i64> = starts
                .iter()
                .zip(&axes)
                .map(|(start, axis)| start + (axis.output - 1) * axis.stride + 1)
                .collect();
            let strides: Vec<i64> = axes.iter().map(|axis| axis.stride).collect();
            let index = match &indices {
                Some(_) => {
                    let values = tap_indices(&axes, &starts, column_major)?;
                    let shape: Vec<i64> =
                        [1, 1].into_iter().chain(axes.iter().map(|axis| axis.output)).collect();
                    let (values, shape) = (self.ints(&values, false, node), self.ints(&shape, false, node));
                    Some(self.node("Reshape", vec![values, shape], Vec::new(), node))
                }
                None => None,
            };
            let cut = [starts, stops, places.clone(), strides].map(|list| self.ints(&list, false, node));
            let slice = self.node("Slice", [vec![x.clone()], cut.to_vec()].concat(), Vec::new(), node);
            let join = if greatest { "Max" } else { "Add" };
            if let Some(index) = index {
                found = Some(match (&all, found) {
                    (Some(all), Some(found)) => {
                        let more = self.node("Greater", vec![slice.clone(), all.clone()], Vec::new(), node);
                        self.node("Where", vec![more, index, found], Vec::new(), node)
                    }
                    _ => index,
                });
            }
            all = Some(match all {
                Some(all) => self.node(join, vec![all, slice], Vec::new(), node),
                None => slice,
            });
        }
        let padded = attribute(node, "count_include_pad").is_some_and(|a| a.i() != 0);
        let counts = (!greatest).then(|| counts(&axes, padded)).flatten();
        match counts {
            Some(counts) => {
                let shape: Vec<i64> = [1, 1].into_iter().chain(axes.iter().map(|axis| axis.output)).collect();
                let counts = self.floats(&counts, false, node);
                let shape = self.ints(&shape, false, node);
                let counts = self.node("Reshape", vec![counts, shape], Vec::new(), node);
                self.put("Div", vec![all?, counts], Vec::new(), node, y);
            }
            None if greatest => {
                if let (Some(found), Some(name)) = (found, indices) {
                    // Places in the whole tensor, those of samples and channels before them.
                    let (samples, channels) = (sizes.batch.known()?, sizes.channels.known()?);
                    let inner: i64 = axes.iter().map(|axis| axis.input).product();
                    let before: Vec<i64> = (0..samples.checked_mul(channels)?).map(|at| at * inner).collect();
                    let shape: Vec<i64> =
                        [samples, channels].into_iter().chain(axes.iter().map(|_| 1)).collect();
                    let (before, shape) = (self.ints(&before, false, node), self.ints(&shape, false, node));
                    let before = self.node("Reshape", vec![before, shape], Vec::new(), node);
                    self.put("Add", vec![found, before], Vec::new(), node, name);
                }
                self.put("Identity", vec![all?], Vec::new(), node, y);
            }
            None => return None,
        }
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

    /// Each slice of a kernel's depth spreads every face of the input by itself. What it makes lies a stride apart, from the
    /// slice's own place on; the sum of all is cut to the output.
    fn spread_depth(&mut self, node: &NodeProto, sizes: &ConvSizes, x: String, y: String) -> Option<()> {
        const MAX_TAPS: i64 = 256;
        let [depth, rows, columns] = three(&sizes.axes)?;
        let (inputs, outputs) = (sizes.in_channels.known()?, sizes.out_channels.known()?);
        // Padding cuts the output, not what lies between: that is as long as the strides take it.
        let all = depth.uncut()?.max(depth.spread()?);
        let faces = [sizes.batch.known()?, outputs, rows.output, columns.output];
        let longest = all.max(depth.input.checked_mul(depth.stride)?);
        let bytes = faces.into_iter().try_fold(longest.checked_mul(4)?, i64::checked_mul)?;
        if depth.kernel > MAX_TAPS || bytes > MAX_TENSOR_BYTES as i64 {
            return None;
        }
        let faces = vec![int_list("perm", vec![0, 2, 1, 3, 4])];
        let x = self.node("Transpose", vec![x], faces.clone(), node);
        let shape = self.ints(&[-1, inputs, rows.input, columns.input], false, node);
        let x = self.node("Reshape", vec![x, shape], Vec::new(), node);
        let names =
            ["kernel_shape", "pads", "strides", "dilations", "auto_pad", "output_padding", "output_shape"];
        // What no window meets behind the last one stays zero, as output_padding says.
        let extra = |axis: Axis| axis.uncut()?.checked_sub(axis.spread()?);
        let pads = [rows.before, columns.before, rows.after, columns.after];
        let mut attributes = without(node, &names);
        attributes.push(int_list("kernel_shape", vec![rows.kernel, columns.kernel]));
        attributes.push(int_list("strides", vec![rows.stride, columns.stride]));
        attributes.push(int_list("dilations", vec![rows.dilation, columns.dilation]));
        attributes.push(int_list("pads", pads.to_vec()));
        attributes.push(int_list("output_padding", vec![extra(rows)?, extra(columns)?]));
        let mut sum: Option<String> = None;
        for tap in 0..depth.kernel {
            let index = self.ints(&[tap], true, node);
            let w = self.node("Gather", vec![input(node, 1).to_owned(), index], vec![int("axis", 2)], node);
            let made = self.node("ConvTranspose", vec![x.clone(), w], attributes.clone(), node);
            // Each face, and zeros up to the next one.
            let shape = [-1, depth.input, 1, outputs, rows.output, columns.output];
            let shape = self.ints(&shape, false, node);
            let made = self.node("Reshape", vec![made, shape], Vec::new(), node);
            let made = self.lengthened(made, 2, [0, depth.stride - 1], 6, node);
            let shape = [-1, depth.input.checked_mul(depth.stride)?, outputs, rows.output, columns.output];
            let shape = self.ints(&shape, false, node);
            let made = self.node("Reshape", vec![made, shape], Vec::new(), node);
            let first = tap.checked_mul(depth.dilation)?;
            let behind = all.checked_sub(first)?.checked_sub(depth.input.checked_mul(depth.stride)?)?;
            let made = self.lengthened(made, 1, [first, behind], 5, node);
            sum = Some(match sum {
                Some(sum) => self.node("Add", vec![sum, made], Vec::new(), node),
                None => made,
            });
        }
        let cut =
            [depth.before, depth.before.checked_add(depth.output)?, 1].map(|n| self.ints(&[n], false, node));
        let made = self.node("Slice", [vec![sum?], cut.to_vec()].concat(), Vec::new(), node);
        match node.input.get(2).filter(|bias| !bias.is_empty()) {
            Some(bias) => {
                let shape = self.ints(&[outputs, 1, 1], false, node);
                let bias = self.node("Reshape", vec![bias.clone(), shape], Vec::new(), node);
                let made = self.node("Add", vec![made, bias], Vec::new(), node);
                self.put("Transpose", vec![made], faces, node, y);
            }
            None => self.put("Transpose", vec![made], faces, node, y),
        }
        Some(())
    }

    /// Zeros before and after along an axis; a number below 0 cuts them off.
    fn lengthened(
        &mut self,
        x: String,
        axis: usize,
        ends: [i64; 2],
        rank: usize,
        node: &NodeProto,
    ) -> String {
        if ends == [0, 0] {
            return x;
        }
        let mut pads = vec![0; 2 * rank];
        for (pad, end) in pads.iter_mut().skip(axis).step_by(rank).zip(ends) {
            *pad = end;
        }
        let pads = self.ints(&pads, false, node);
        self.node("Pad", vec![x, pads], Vec::new(), node)
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

/// How many inputs each mean is of, row-major: those of the padding count where `padded`.
fn counts(axes: &[Axis], padded: bool) -> Option<Vec<f32>> {
    const MAX_OUTPUTS: usize = 1 << 20;
    let mut all = vec![1.0f32];
    for axis in axes {
        let (low, high) = if padded { (-axis.before, axis.input + axis.after) } else { (0, axis.input) };
        let of = |output: i64| {
            let place = |tap: i64| output * axis.stride - axis.before + tap * axis.dilation;
            (0..axis.kernel).filter(|tap| (low..high).contains(&place(*tap))).count() as f32
        };
        let own: Vec<f32> = (0..axis.output).map(of).collect();
        if all.len().checked_mul(own.len())? > MAX_OUTPUTS {
            return None;
        }
        all = all.iter().flat_map(|n| own.iter().map(move |m| n * m)).collect();
    }
    Some(all)
}

/// Where the input of each output lies that a tap meets, in one channel; `starts` are the tap's own places with padding.
fn tap_indices(axes: &[Axis], starts: &[i64], column_major: bool) -> Option<Vec<i64>> {
    const MAX_OUTPUTS: usize = 1 << 20;
    let mut all = vec![0i64];
    let inner = |axes: &[Axis]| axes.iter().map(|axis| axis.input).product::<i64>();
    for (place, (axis, start)) in axes.iter().zip(starts).enumerate() {
        let (before, behind) = axes.split_at(place);
        let step = if column_major { inner(before) } else { inner(behind.get(1..)?) };
        let own: Vec<i64> =
            (0..axis.output).map(|o| (o * axis.stride + start - axis.before) * step).collect();
        if all.len().checked_mul(own.len())? > MAX_OUTPUTS {
            return None;
        }
        all = all.iter().flat_map(|n| own.iter().map(move |m| n + m)).collect();
    }
    Some(all)
}
