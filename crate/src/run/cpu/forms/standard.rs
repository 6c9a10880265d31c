//! Operators that rten has, in forms that it reads differently from the standard or not at all.

use super::{Made, attribute, input, int, int_list, output, without};
use crate::ir::dtype::DType;
use crate::ir::windows::ConvSizes;
use crate::onnx::NodeProto;

impl Made<'_> {
    /// Adds attributes whose defaults rten does not know: it counts axes by `kernel_shape`.
    pub(super) fn complete(&self, node: &mut NodeProto) {
        let weight = match node.op_type() {
            "Conv" | "ConvTranspose" | "ConvInteger" => Some(1),
            "QLinearConv" => Some(3),
            _ => None,
        };
        if let (Some(at), None) = (weight, attribute(node, "kernel_shape")) {
            let sizes = self.sizes(input(node, at));
            if let Some(kernel) = sizes.as_deref().and_then(|sizes| sizes.get(2..)) {
                node.attribute.push(int_list("kernel_shape", kernel.to_vec()));
            }
        }
        // bfloat16 runs as float32.
        if node.op_type() == "Cast" {
            let bf16 = node.attribute.iter_mut().filter(|a| a.name() == "to" && a.i() == DType::BF16 as i64);
            bf16.for_each(|a| a.i = Some(DType::F32 as i64));
        }
        self.lower_pads(node);
        if matches!(node.op_type(), "QuantizeLinear" | "DequantizeLinear")
            && attribute(node, "axis").is_none()
        {
            node.attribute.push(int("axis", 1));
        }
        if matches!(node.op_type(), "MaxPool" | "AveragePool") && attribute(node, "strides").is_none() {
            let rank = attribute(node, "kernel_shape").map_or(0, |a| a.ints.len());
            node.attribute.push(int_list("strides", vec![1; rank]));
        }
    }

    /// rten pads SAME_LOWER as SAME_UPPER: the pads are written out. total = (ceil(n/s) - 1) s + extent - n.
    fn lower_pads(&self, node: &mut NodeProto) {
        let lower = attribute(node, "auto_pad").is_some_and(|a| a.s() == b"SAME_LOWER");
        let pools = matches!(node.op_type(), "MaxPool" | "AveragePool" | "Conv" | "ConvInteger");
        let (Some(sizes), Some(kernel)) = (self.sizes(input(node, 0)), attribute(node, "kernel_shape"))
        else {
            return;
        };
        let (true, true, Some(spatial)) = (lower, pools, sizes.get(2..)) else { return };
        let list = |name: &str| attribute(node, name).map(|a| a.ints.clone());
        let (strides, dilations) =
            (list("strides").unwrap_or_default(), list("dilations").unwrap_or_default());
        let at = |values: &[i64], axis: usize| values.get(axis).copied().unwrap_or(1).max(1);
        let total: Vec<i64> = (spatial.iter().zip(&kernel.ints).enumerate())
            .map(|(axis, (size, kernel))| {
                let (stride, extent) = (at(&strides, axis), (kernel - 1) * at(&dilations, axis) + 1);
                ((size.max(&1) - 1) / stride * stride + extent - size).max(0)
            })
            .collect();
        let pads = total.iter().map(|t| t - t / 2).chain(total.iter().map(|t| t / 2)).collect();
        node.attribute.retain(|a| !matches!(a.name(), "auto_pad" | "pads"));
        node.attribute.push(int_list("pads", pads));
    }

    /// The nodes of another form, in `self.nodes`; None where rten reads the node right.
    pub(super) fn form(&mut self, node: &NodeProto) -> Option<()> {
        if !node.domain().is_empty() && node.domain() != "ai.onnx" {
            return None;
        }
        let (x, y) = (input(node, 0).to_owned(), output(node, 0).to_owned());
        match node.op_type() {
            // Without training it hands on; the mask is all ones.
            "Dropout" if output(node, 1).is_empty() && input(node, 2).is_empty() => {
                self.put("Identity", vec![x], Vec::new(), node, y);
                Some(())
            }
            "ArgMax" | "ArgMin" => self.first_or_last(node, x, y),
            "LayerNormalization" if node.output.len() > 1 => self.with_moments(node, x, y),
            "Pad" if !input(node, 3).is_empty() => self.padded(node, x, y),
            "Resize" => self.resized(node, x, y),
            "LSTM" | "GRU" if attribute(node, "layout").is_some_and(|a| a.i() != 0) => {
                self.batch_second(node)
            }
            "ConvTranspose" if attribute(node, "output_shape").is_some() && self.rank(&x)? < 5 => {
                self.wanted_shape(node, y)
            }
            "Conv" | "ConvTranspose" | "ConvInteger" | "AveragePool" => self.window(node, x, y),
            "MaxPool" if self.is_float(&x)? => self.window(node, x, y),
            "BitCast" if self.dtype(&x) == Some(DType::U16) && self.dtype(&y) == Some(DType::I16) => {
                let [most, turn] = [32_767, 65_536].map(|n| self.ints(&[n], true, node));
                let above = self.node("Greater", vec![x.clone(), most], Vec::new(), node);
                let turned = self.node("Sub", vec![x.clone(), turn], Vec::new(), node);
                self.put("Where", vec![above, turned, x], Vec::new(), node, y);
                Some(())
            }
            "QuantizeLinear" | "DequantizeLinear" => self.scaled(node, x, y),
            "DynamicQuantizeLinear" => self.quantised_by_range(node, x),
            "NonMaxSuppression" => self.suppressed(node),
            "Clip" if !self.is_float(&x)? => self.clip_integers(node, x, y),
            "MatMulInteger" => self.one_zero_point(node, y),
            "BatchNormalization" if attribute(node, "training_mode").is_some_and(|a| a.i() != 0) => {
                self.with_batch_moments(node, x, y)
            }
            "OneHot" => self.indices(node, y),
            "Attention" => self.attention(node),
            "IsInf" => self.one_sided(node, x, y),
            "SpaceToDepth" => self.space_to_depth(node, x, y),
            "Unsqueeze" | "Squeeze" if self.rank(input(node, 1)) == Some(0) => {
                let one = self.ints(&[1], false, node);
                let axes = self.node("Reshape", vec![input(node, 1).to_owned(), one], Vec::new(), node);
                self.put(node.op_type(), vec![x, axes], Vec::new(), node, y);
                Some(())
            }
            "Pow" if self.is_float(&x)? && !self.is_float(input(node, 1))? => {
                let to = vec![int("to", DType::F32 as i64)];
                let exponent = self.node("Cast", vec![input(node, 1).to_owned()], to, node);
                self.put("Pow", vec![x, exponent], Vec::new(), node, y);
                Some(())
            }
            // A product with a vector: rten leaves an axis of size 1 behind.
            "MatMul" if self.rank(input(node, 1)) == Some(1) && self.rank(&x)? > 2 => {
                let axis = self.ints(&[-1], false, node);
                let column = vec![input(node, 1).to_owned(), axis.clone()];
                let column = self.node("Unsqueeze", column, Vec::new(), node);
                let product = self.node("MatMul", vec![x, column], Vec::new(), node);
                self.put("Squeeze", vec![product, axis], Vec::new(), node, y);
                Some(())
            }
            "MaxPool" if !self.is_float(&x)? && output(node, 1).is_empty() => {
                let to = |dtype: DType| vec![int("to", dtype as i64)];
                let float = self.node("Cast", vec![x], to(DType::F32), node);
                let pooled = self.node("MaxPool", vec![float], node.attribute.clone(), node);
                self.put("Cast", vec![pooled], to(DType::I32), node, y);
                Some(())
            }
            _ => None,
        }
    }

    /// Of equal elements rten takes the last; the standard takes the first, unless asked for the last.
    /// The first is the last of the reversed axis.
    fn first_or_last(&mut self, node: &NodeProto, x: String, y: String) -> Option<()> {
        let last = attribute(node, "select_last_index").is_some_and(|a| a.i() != 0);
        let kept = without(node, &["select_last_index"]);
        if last {
            self.put(node.op_type(), vec![x], kept, node, y);
            return Some(());
        }
        let rank = self.rank(&x)?;
        let axis = attribute(node, "axis").map_or(0, |a| a.i());
        let axis = if axis < 0 { axis + rank } else { axis };
        let size = *self.sizes(&x)?.get(usize::try_from(axis).ok()?)?;
        let [start, end, axes, step] = [-1, i64::MIN, axis, -1].map(|v| self.ints(&[v], false, node));
        let turned = self.node("Slice", vec![x, start, end, axes, step], Vec::new(), node);
        let found = self.node(node.op_type(), vec![turned], kept, node);
        let top = self.ints(&[size - 1], true, node);
        self.put("Sub", vec![top, found], Vec::new(), node, y);
        Some(())
    }

    /// Mean and inverse deviation, which rten does not give.
    fn with_moments(&mut self, node: &NodeProto, x: String, y: String) -> Option<()> {
        let rank = self.rank(&x)?;
        let axis = attribute(node, "axis").map_or(-1, |a| a.i());
        let first = if axis < 0 { axis + rank } else { axis };
        let epsilon = attribute(node, "epsilon").map_or(1e-5, |a| a.f());
        self.put("LayerNormalization", node.input.clone(), node.attribute.clone(), node, y);
        let axes = (first..rank).collect::<Vec<i64>>();
        // As an attribute up to opset 17, as an input after; rten reads both at any.
        let axes = int_list("axes", axes);
        let mean = self.node("ReduceMean", vec![x.clone()], vec![axes.clone()], node);
        if !output(node, 1).is_empty() {
            self.put("Identity", vec![mean.clone()], Vec::new(), node, output(node, 1).to_owned());
        }
        if !output(node, 2).is_empty() {
            let centred = self.node("Sub", vec![x, mean], Vec::new(), node);
            let squared = self.node("Mul", vec![centred.clone(), centred], Vec::new(), node);
            let variance = self.node("ReduceMean", vec![squared], vec![axes], node);
            let epsilon = self.floats(&[epsilon], true, node);
            let sum = self.node("Add", vec![variance, epsilon], Vec::new(), node);
            let root = self.node("Sqrt", vec![sum], Vec::new(), node);
            self.put("Reciprocal", vec![root], Vec::new(), node, output(node, 2).to_owned());
        }
        Some(())
    }

    /// Pads of some axes become pads of all: scattered into zeros.
    fn padded(&mut self, node: &NodeProto, x: String, y: String) -> Option<()> {
        let rank = self.rank(&x)?;
        let [size, zeros] =
            [vec![rank], vec![0; 2 * usize::try_from(rank).ok()?]].map(|v| self.ints(&v, false, node));
        let axes = self.node("Add", vec![input(node, 3).to_owned(), size.clone()], Vec::new(), node);
        let begin = self.node("Mod", vec![axes, size.clone()], Vec::new(), node);
        let end = self.node("Add", vec![begin.clone(), size], Vec::new(), node);
        let places = self.node("Concat", vec![begin, end], vec![int("axis", 0)], node);
        let scattered = vec![zeros, places, input(node, 1).to_owned()];
        let pads = self.node("ScatterElements", scattered, Vec::new(), node);
        let mut inputs = vec![x, pads];
        if !input(node, 2).is_empty() {
            inputs.push(input(node, 2).to_owned());
        }
        self.put("Pad", inputs, node.attribute.clone(), node, y);
        Some(())
    }

    /// Scales or sizes of some axes become those of all; sizes that keep the aspect are worked out.
    fn resized(&mut self, node: &NodeProto, x: String, y: String) -> Option<()> {
        let policy = attribute(node, "keep_aspect_ratio_policy").map(|a| a.s().to_vec());
        let reduce = match policy.as_deref() {
            Some(b"not_larger") if !input(node, 3).is_empty() => Some("ReduceMin"),
            Some(b"not_smaller") if !input(node, 3).is_empty() => Some("ReduceMax"),
            _ => None,
        };
        let some_axes = attribute(node, "axes").is_some();
        if reduce.is_none() && !some_axes {
            return None;
        }
        let sizes = self.sizes(&x)?;
        let rank = sizes.len() as i64;
        let axes = attribute(node, "axes").map_or_else(|| (0..rank).collect(), |a| a.ints.clone());
        let axes: Vec<i64> = axes.into_iter().map(|axis| if axis < 0 { axis + rank } else { axis }).collect();
        let at = if input(node, 3).is_empty() { 2 } else { 3 };
        let mut given = input(node, at).to_owned();
        if let Some(reduce) = reduce {
            // One scale for all axes: the least, or the largest, of wanted / present; sizes are rounded.
            let present = axes.iter().map(|axis| sizes.get(usize::try_from(*axis).ok()?).map(|n| *n as f32));
            let present = self.floats(&present.collect::<Option<Vec<f32>>>()?, false, node);
            let wanted = self.node("Cast", vec![given], vec![int("to", DType::F32 as i64)], node);
            let scales = self.node("Div", vec![wanted, present.clone()], Vec::new(), node);
            let scale = self.node(reduce, vec![scales], vec![int("keepdims", 0)], node);
            let exact = self.node("Mul", vec![present, scale], Vec::new(), node);
            let half = self.floats(&[0.5], true, node);
            let above = self.node("Add", vec![exact, half], Vec::new(), node);
            let whole = self.node("Floor", vec![above], Vec::new(), node);
            given = self.node("Cast", vec![whole], vec![int("to", DType::I64 as i64)], node);
        }
        if some_axes {
            let places = self.ints(&axes, false, node);
            let all = if at == 2 {
                self.floats(&vec![1.0; sizes.len()], false, node)
            } else {
                self.ints(&sizes, false, node)
            };
            given = self.node("ScatterElements", vec![all, places, given], Vec::new(), node);
        }
        let mut inputs = vec![x, String::new(), String::new(), String::new()];
        *inputs.get_mut(at)? = given;
        self.put("Resize", inputs, without(node, &["axes", "keep_aspect_ratio_policy"]), node, y);
        Some(())
    }

    /// Recurrent cells over samples x steps: rten has steps x samples.
    fn batch_second(&mut self, node: &NodeProto) -> Option<()> {
        let mut inputs = node.input.clone();
        for name in
            inputs.iter_mut().enumerate().filter(|(at, name)| matches!(at, 0 | 5 | 6) && !name.is_empty())
        {
            let turned = vec![name.1.clone()];
            *name.1 = self.node("Transpose", turned, vec![int_list("perm", vec![1, 0, 2])], node);
        }
        let inner: Vec<String> = node
            .output
            .iter()
            .map(|name| if name.is_empty() { String::new() } else { self.name(name) })
            .collect();
        self.nodes.push(NodeProto {
            input: inputs,
            output: inner.clone(),
            attribute: without(node, &["layout"]),
            ..node.clone()
        });
        for (at, (inner, outer)) in inner.into_iter().zip(node.output.clone()).enumerate() {
            if !outer.is_empty() {
                let order = if at == 0 { vec![2, 0, 1, 3] } else { vec![1, 0, 2] };
                self.put("Transpose", vec![inner], vec![int_list("perm", order)], node, outer);
            }
        }
        Some(())
    }

    /// The pads that give the wanted shape, as the shape rules work them out.
    fn wanted_shape(&mut self, node: &NodeProto, y: String) -> Option<()> {
        let (_, known) = self.known.producer(self.lookup(y.as_str())?)?;
        let (x, w) = (self.known.shape(known.input(0)?)?, self.known.shape(known.input(1)?)?);
        let sizes = ConvSizes::transposed(&known.attrs, x, w).ok()?;
        let (mut before, mut after, mut extra) = (Vec::new(), Vec::new(), Vec::new());
        for axis in &sizes.axes {
            let [begin, end] = &axis.pads;
            let (begin, end, kernel) = (begin.known()?, end.known()?, axis.kernel.known()?);
            let full = (axis.input.known()? - 1) * axis.stride + (kernel - 1) * axis.dilation + 1;
            before.push(begin);
            after.push(end);
            extra.push((axis.output.known()? - (full - begin - end)).max(0));
        }
        before.append(&mut after);
        let mut attributes = without(node, &["output_shape", "auto_pad", "pads", "output_padding"]);
        attributes.push(int_list("pads", before));
        attributes.push(int_list("output_padding", extra));
        self.put("ConvTranspose", node.input.clone(), attributes, node, y);
        Some(())
    }

    /// Normalises by the batch's own moments, and mixes them into the running ones.
    fn with_batch_moments(&mut self, node: &NodeProto, x: String, y: String) -> Option<()> {
        let rank = usize::try_from(self.rank(&x)?).ok().filter(|rank| *rank >= 2)?;
        let number = |name: &str, default: f32| attribute(node, name).map_or(default, |a| a.f());
        let (epsilon, momentum) = (number("epsilon", 1e-5), number("momentum", 0.9));
        let axes = int_list("axes", (0..rank as i64).filter(|axis| *axis != 1).collect());
        let mean = self.node("ReduceMean", vec![x.clone()], vec![axes.clone()], node);
        let centred = self.node("Sub", vec![x, mean.clone()], Vec::new(), node);
        let squared = self.node("Mul", vec![centred.clone(), centred.clone()], Vec::new(), node);
        let variance = self.node("ReduceMean", vec![squared], vec![axes], node);
        let epsilon = self.floats(&[epsilon], true, node);
        let sum = self.node("Add", vec![variance.clone(), epsilon], Vec::new(), node);
        let root = self.node("Sqrt", vec![sum], Vec::new(), node);
        let normal = self.node("Div", vec![centred, root], Vec::new(), node);
        let mut shape = vec![1; rank];
        *shape.get_mut(1)? = -1;
        let shape = self.ints(&shape, false, node);
        let scale = self.node("Reshape", vec![input(node, 1).to_owned(), shape.clone()], Vec::new(), node);
        let bias = self.node("Reshape", vec![input(node, 2).to_owned(), shape], Vec::new(), node);
        let scaled = self.node("Mul", vec![normal, scale], Vec::new(), node);
        self.put("Add", vec![scaled, bias], Vec::new(), node, y);
        for (at, moment) in [(1, mean), (2, variance)] {
            if output(node, at).is_empty() {
                continue;
            }
            let flat = self.ints(&[-1], false, node);
            let flat = self.node("Reshape", vec![moment, flat], Vec::new(), node);
            let (old, new) =
                (self.floats(&[momentum], true, node), self.floats(&[1.0 - momentum], true, node));
            let old = self.node("Mul", vec![input(node, at + 2).to_owned(), old], Vec::new(), node);
            let new = self.node("Mul", vec![flat, new], Vec::new(), node);
            self.put("Add", vec![old, new], Vec::new(), node, output(node, at).to_owned());
        }
        Some(())
    }

    /// A zero point of one element is a scalar.
    fn one_zero_point(&mut self, node: &NodeProto, y: String) -> Option<()> {
        let mut inputs = node.input.clone();
        let mut changed = false;
        for name in inputs.iter_mut().skip(2) {
            if self.sizes(name).as_deref() == Some(&[1]) {
                let axis = self.ints(&[0], false, node);
                *name = self.node("Squeeze", vec![name.clone(), axis], Vec::new(), node);
                changed = true;
            }
        }
        changed.then(|| self.put("MatMulInteger", inputs, node.attribute.clone(), node, y))
    }

    /// Indices and depth may be floats.
    fn indices(&mut self, node: &NodeProto, y: String) -> Option<()> {
        let mut inputs = node.input.clone();
        let float = |made: &Self, name: &str| made.dtype(name).is_none_or(DType::is_float);
        if !inputs.iter().take(2).any(|name| float(self, name)) {
            return None;
        }
        for name in inputs.iter_mut().take(2) {
            *name = self.node("Cast", vec![name.clone()], vec![int("to", DType::I64 as i64)], node);
        }
        self.put("OneHot", inputs, node.attribute.clone(), node, y);
        Some(())
    }

    /// rten clips floats and int32: small integers pass through int32.
    fn clip_integers(&mut self, node: &NodeProto, x: String, y: String) -> Option<()> {
        let dtype = self.dtype(&x)?;
        let (low, high) = match dtype {
            DType::I8 => (-128, 127),
            DType::U8 => (0, 255),
            _ => return None,
        };
        let to = |dtype: DType| vec![int("to", dtype as i64)];
        let mut inputs = vec![self.node("Cast", vec![x], to(DType::I32), node)];
        for (place, end) in [(1, low), (2, high)] {
            let bound = match input(node, place) {
                "" => self.ints(&[end], true, node),
                name => name.to_owned(),
            };
            inputs.push(self.node("Cast", vec![bound], to(DType::I32), node));
        }
        let clipped = self.node("Clip", inputs, Vec::new(), node);
        self.put("Cast", vec![clipped], to(dtype), node, y);
        Some(())
    }

    fn is_float(&self, name: &str) -> Option<bool> {
        self.dtype(name).map(DType::is_float)
    }

    fn one_sided(&mut self, node: &NodeProto, x: String, y: String) -> Option<()> {
        let asked = |name: &str| attribute(node, name).is_none_or(|a| a.i() != 0);
        let side = match (asked("detect_positive"), asked("detect_negative")) {
            (true, false) => "Greater",
            (false, true) => "Less",
            _ => return None,
        };
        let zero = self.floats(&[0.0], true, node);
        let both = self.node("IsInf", vec![x.clone()], Vec::new(), node);
        let right = self.node(side, vec![x, zero], Vec::new(), node);
        self.put("And", vec![both, right], Vec::new(), node, y);
        Some(())
    }

    fn space_to_depth(&mut self, node: &NodeProto, x: String, y: String) -> Option<()> {
        let sizes = self.sizes(&x)?;
        let ([_, c, h, w], b) = (<[i64; 4]>::try_from(sizes).ok()?, attribute(node, "blocksize")?.i());
        let (rows, columns) = (h.checked_div(b)?, w.checked_div(b)?);
        let cut = self.ints(&[0, c, rows, b, columns, b], false, node);
        let cut = self.node("Reshape", vec![x, cut], Vec::new(), node);
        let columns_first = attribute(node, "mode").is_some_and(|a| a.s() == b"CRD");
        let order = if columns_first { vec![0, 1, 3, 5, 2, 4] } else { vec![0, 3, 5, 1, 2, 4] };
        let order = int_list("perm", order);
        let moved = self.node("Transpose", vec![cut], vec![order], node);
        let joined = self.ints(&[0, c * b * b, rows, columns], false, node);
        self.put("Reshape", vec![moved, joined], Vec::new(), node, y);
        Some(())
    }
}
