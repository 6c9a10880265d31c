//! Operators that rten has, in forms that it reads differently from the standard or not at all.

use super::{Made, attribute, input, int, int_list, output, without};
use crate::ir::dtype::DType;
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
        self.lower_pads(node);
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
            "Resize" if attribute(node, "axes").is_some() => self.resized(node, x, y),
            "OneHot" => self.indices(node, y),
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

    /// Scales or sizes of some axes become those of all.
    fn resized(&mut self, node: &NodeProto, x: String, y: String) -> Option<()> {
        let axes = attribute(node, "axes")?.ints.clone();
        let sizes = self.sizes(&x)?;
        let rank = sizes.len() as i64;
        let axes: Vec<i64> = axes.into_iter().map(|axis| if axis < 0 { axis + rank } else { axis }).collect();
        let places = self.ints(&axes, false, node);
        let mut inputs = vec![x, String::new(), String::new(), String::new()];
        let (at, all) = if input(node, 3).is_empty() {
            (2, self.floats(&vec![1.0; sizes.len()], false, node))
        } else {
            (3, self.ints(&sizes, false, node))
        };
        let scattered =
            self.node("ScatterElements", vec![all, places, input(node, at).to_owned()], Vec::new(), node);
        *inputs.get_mut(at)? = scattered;
        self.put("Resize", inputs, without(node, &["axes"]), node, y);
        Some(())
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
