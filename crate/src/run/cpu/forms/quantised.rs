//! The QOperator form: dequantise, compute in float32, quantise.
//!
//! Products and sums are integers below 2^24 times a scale, so that what float32 computes differs
//! from integer arithmetic by at most the rounding of a tie.

use super::{Made, attribute, input, int, output};
use crate::ir::dtype::DType;
use crate::onnx::NodeProto;

impl Made<'_> {
    /// Three inputs from `at` on: values, scale, zero point.
    fn dequantised(&mut self, node: &NodeProto, at: usize, axis: Option<i64>) -> Option<String> {
        let inputs: Vec<String> = node.input.get(at..at.checked_add(3)?)?.to_vec();
        let axis = axis.map(|axis| int("axis", axis)).into_iter().collect();
        Some(self.node("DequantizeLinear", inputs, axis, node))
    }

    /// An int32 bias: its scale is the product of the other two.
    fn bias(&mut self, node: &NodeProto, bias: &str, scales: [&str; 2]) -> String {
        let float = self.node("Cast", vec![bias.to_owned()], vec![int("to", 1)], node);
        let scale = self.node("Mul", scales.map(str::to_owned).to_vec(), Vec::new(), node);
        self.node("Mul", vec![float, scale], Vec::new(), node)
    }

    fn quantise(&mut self, node: &NodeProto, value: String, scale: &str, zero: &str) -> Option<()> {
        self.nodes.push(NodeProto {
            op_type: Some("QuantizeLinear".to_owned()),
            name: node.name.clone().filter(|name| !name.is_empty()).or_else(|| node.output.first().cloned()),
            input: vec![value, scale.to_owned(), zero.to_owned()],
            output: node.output.clone(),
            ..NodeProto::default()
        });
        Some(())
    }

    /// The nodes of a quantised operator, in `self.nodes`; None for any other.
    pub(super) fn quantised(&mut self, node: &NodeProto) -> Option<()> {
        let input = |at: usize| node.input.get(at).map(String::as_str).unwrap_or_default();
        let own = || node.attribute.clone();
        match node.op_type() {
            "QLinearConv" => {
                let x = self.dequantised(node, 0, None)?;
                let w = self.dequantised(node, 3, Some(0))?;
                let mut inputs = vec![x, w];
                if !input(8).is_empty() {
                    inputs.push(self.bias(node, input(8), [input(1), input(4)]));
                }
                let y = self.node("Conv", inputs, own(), node);
                self.quantise(node, y, input(6), input(7))
            }
            "QLinearMatMul" => {
                let (a, b) = (self.dequantised(node, 0, None)?, self.dequantised(node, 3, Some(-1))?);
                let y = self.node("MatMul", vec![a, b], Vec::new(), node);
                self.quantise(node, y, input(6), input(7))
            }
            "QGemm" => {
                let transposed = node.attribute.iter().any(|a| a.name() == "transB" && a.i() != 0);
                let a = self.dequantised(node, 0, None)?;
                let b = self.dequantised(node, 3, Some(if transposed { 0 } else { 1 }))?;
                let mut inputs = vec![a, b];
                if !input(6).is_empty() {
                    inputs.push(self.bias(node, input(6), [input(1), input(4)]));
                }
                let y = self.node("Gemm", inputs, own(), node);
                if input(7).is_empty() {
                    // Without an output scale the result stays float32.
                    let last = self.nodes.last_mut()?;
                    last.output.clone_from(&node.output);
                    return Some(());
                }
                self.quantise(node, y, input(7), input(8))
            }
            "QLinearAdd" | "QLinearMul" => {
                let (a, b) = (self.dequantised(node, 0, None)?, self.dequantised(node, 3, None)?);
                let op = node.op_type().trim_start_matches("QLinear").to_owned();
                let y = self.node(&op, vec![a, b], Vec::new(), node);
                self.quantise(node, y, input(6), input(7))
            }
            op @ ("QLinearGlobalAveragePool"
            | "QLinearAveragePool"
            | "QLinearSigmoid"
            | "QLinearLeakyRelu"
            | "QLinearSoftmax") => {
                if node.attribute.iter().any(|a| a.name() == "channels_last" && a.i() != 0) {
                    return None;
                }
                let x = self.dequantised(node, 0, None)?;
                let kept =
                    own().into_iter().filter(|a| !matches!(a.name(), "channels_last" | "opset")).collect();
                let y = self.node(op.trim_start_matches("QLinear"), vec![x], kept, node);
                self.quantise(node, y, input(3), input(4))
            }
            "QLinearConcat" => {
                let parts = (2..node.input.len()).step_by(3);
                let parts = parts.map(|at| self.dequantised(node, at, None)).collect::<Option<Vec<_>>>()?;
                let y = self.node("Concat", parts, own(), node);
                self.quantise(node, y, input(0), input(1))
            }
            _ => None,
        }
    }
}

impl Made<'_> {
    /// Quantisers in blocks, and to 16 bits: scaled, rounded and cut off, or the other way.
    pub(super) fn scaled(&mut self, node: &NodeProto, x: String, y: String) -> Option<()> {
        let quantises = node.op_type() == "QuantizeLinear";
        let block = attribute(node, "block_size").map_or(0, |a| a.i());
        let told = attribute(node, "output_dtype").and_then(|a| DType::from_onnx(i32::try_from(a.i()).ok()?));
        let zero = input(node, 2);
        let dtype = if quantises { self.dtype(zero).or(told).unwrap_or(DType::U8) } else { self.dtype(&x)? };
        let eighth = matches!(dtype, DType::F8E4M3FN | DType::F8E4M3FNUZ | DType::F8E5M2 | DType::F8E5M2FNUZ);
        let wide = match quantises {
            true => matches!(dtype, DType::I16 | DType::U16 | DType::I4 | DType::U4),
            false => matches!(dtype, DType::I16 | DType::U16) || eighth,
        };
        if !wide && block == 0 {
            return None;
        }
        let (low, high) = match dtype {
            DType::I8 => (-128.0, 127.0),
            DType::U8 => (0.0, 255.0),
            DType::I16 => (-32_768.0, 32_767.0),
            DType::U16 => (0.0, 65_535.0),
            DType::I4 => (-8.0, 7.0),
            DType::U4 => (0.0, 15.0),
            _ if eighth && !quantises => (0.0, 0.0),
            _ => return None,
        };
        let to = |dtype: DType| vec![int("to", dtype as i64)];
        let sizes = self.sizes(&x)?;
        let rank = sizes.len() as i64;
        let axis = attribute(node, "axis").map_or(1, |a| a.i());
        let axis = usize::try_from(if axis < 0 { axis + rank } else { axis }).ok()?;
        // What scale and zero point have an entry for: an axis, or blocks along it.
        let mut around = vec![1; sizes.len()];
        let mut cut = sizes.clone();
        if block > 0 {
            let along = *sizes.get(axis)?;
            if along % block != 0 {
                return None;
            }
            cut.splice(axis..=axis, [along / block, block]);
            around = cut.clone();
            *around.get_mut(axis + 1)? = 1;
        } else if self.rank(input(node, 1)) == Some(1) && self.sizes(input(node, 1))? != [1] {
            *around.get_mut(axis)? = *sizes.get(axis)?;
        }
        let around = self.ints(&around, false, node);
        let stretched = |made: &mut Self, name: &str| {
            let value = made.node("Cast", vec![name.to_owned()], to(DType::F32), node);
            made.node("Reshape", vec![value, around.clone()], Vec::new(), node)
        };
        let scale = stretched(self, input(node, 1));
        let zero = (!zero.is_empty()).then(|| stretched(self, zero));
        let shape = self.ints(&cut, false, node);
        let x = self.node("Cast", vec![x], to(DType::F32), node);
        let mut value = self.node("Reshape", vec![x, shape], Vec::new(), node);
        let op = |made: &mut Self, op: &str, a: String, b: &String| {
            made.node(op, vec![a, b.clone()], Vec::new(), node)
        };
        if quantises {
            value = op(self, "Div", value, &scale);
            value = self.node("Round", vec![value], Vec::new(), node);
            if let Some(zero) = &zero {
                value = op(self, "Add", value, zero);
            }
            let ends = [low, high].map(|end| self.floats(&[end], true, node));
            value = self.node("Clip", [vec![value], ends.to_vec()].concat(), Vec::new(), node);
            let held = match dtype {
                DType::I8 | DType::I4 => DType::I8,
                DType::U8 | DType::U4 => DType::U8,
                _ => DType::I32,
            };
            value = self.node("Cast", vec![value], to(held), node);
        } else {
            if let Some(zero) = &zero {
                value = op(self, "Sub", value, zero);
            }
            value = op(self, "Mul", value, &scale);
        }
        let whole = self.ints(&sizes, false, node);
        self.put("Reshape", vec![value, whole], Vec::new(), node, y);
        Some(())
    }

    /// A quantiser by the values' own range. rten rounds a tie of the zero point the other way.
    pub(super) fn quantised_by_range(&mut self, node: &NodeProto, x: String) -> Option<()> {
        let op = |made: &mut Self, op: &str, inputs: &[&String]| {
            made.node(op, inputs.iter().map(|name| (*name).clone()).collect(), Vec::new(), node)
        };
        let to = || vec![int("to", DType::U8 as i64)];
        let (scale, point) = self.range(&x, node);
        // By a single number rten multiplies by its inverse, which rounds a tie away.
        let shape = op(self, "Shape", &[&x]);
        let each = op(self, "Expand", &[&scale, &shape]);
        let steps = op(self, "Div", &[&x, &each]);
        let steps = op(self, "Round", &[&steps]);
        let steps = op(self, "Add", &[&steps, &point]);
        let [zero, levels] = [0.0, 255.0].map(|n| self.floats(&[n], true, node));
        let steps = op(self, "Clip", &[&steps, &zero, &levels]);
        for (place, op, value, attributes) in
            [(0, "Cast", steps, to()), (1, "Identity", scale, Vec::new()), (2, "Cast", point, to())]
        {
            if !output(node, place).is_empty() {
                self.put(op, vec![value], attributes, node, output(node, place).to_owned());
            }
        }
        Some(())
    }

    /// Scale and zero point of 8 bits for the range of a value and 0; a scale of 1 where it is nothing but 0.
    pub(super) fn range(&mut self, x: &str, node: &NodeProto) -> (String, String) {
        let op = |made: &mut Self, op: &str, inputs: &[&String]| {
            made.node(op, inputs.iter().map(|name| (*name).clone()).collect(), Vec::new(), node)
        };
        let [zero, one, levels] = [0.0, 1.0, 255.0].map(|n| self.floats(&[n], true, node));
        let whole = || vec![int("keepdims", 0)];
        let high = self.node("ReduceMax", vec![x.to_owned()], whole(), node);
        let high = op(self, "Max", &[&high, &zero]);
        let low = self.node("ReduceMin", vec![x.to_owned()], whole(), node);
        let low = op(self, "Min", &[&low, &zero]);
        let range = op(self, "Sub", &[&high, &low]);
        let scale = op(self, "Div", &[&range, &levels]);
        let none = op(self, "Equal", &[&scale, &zero]);
        let scale = op(self, "Where", &[&none, &one, &scale]);
        let below = op(self, "Div", &[&low, &scale]);
        let point = op(self, "Neg", &[&below]);
        let point = op(self, "Round", &[&point]);
        (scale, op(self, "Clip", &[&point, &zero, &levels]))
    }
}
