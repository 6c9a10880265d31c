//! The QOperator form: dequantise, compute in float32, quantise.
//!
//! Products and sums are integers below 2^24 times a scale, so that what float32 computes differs
//! from integer arithmetic by at most the rounding of a tie.

use super::{Made, int};
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
