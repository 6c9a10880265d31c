//! Operators that rten lacks, said with operators that it has; the numbers stay the same.
//!
//! Quantised operators (the QOperator form) become their definition: dequantise, compute in
//! float32, quantise. Their products and sums are integers below 2^24 times a scale, so that what
//! float32 computes differs from integer arithmetic by at most the rounding of a tie.

use std::collections::HashMap;

use crate::ir::graph::Graph;
use crate::onnx::{AttributeProto, GraphProto, NodeProto, attribute_proto};

/// Rewrites the main graph; returns a sentence for each kind of rewriting.
pub fn rewrite(graph: &mut GraphProto, known: &Graph) -> Vec<String> {
    complete(graph, known);
    let mut out = Vec::with_capacity(graph.node.len());
    let mut made = Made { nodes: Vec::new(), count: 0 };
    let mut quantised = 0usize;
    for node in std::mem::take(&mut graph.node) {
        if made.quantised(&node).is_some() {
            quantised += 1;
            out.append(&mut made.nodes);
        } else {
            made.nodes.clear();
            out.push(node);
        }
    }
    graph.node = out;
    for node in &mut graph.node {
        // Faults are told by name.
        if node.name().is_empty() {
            node.name = node.output.iter().find(|name| !name.is_empty()).cloned();
        }
    }
    if quantised == 0 {
        return Vec::new();
    }
    vec![format!("{quantised} quantised operators run as dequantise, float32, quantise")]
}

/// rten counts the axes of a convolution by `kernel_shape`, which the standard lets out.
fn complete(graph: &mut GraphProto, known: &Graph) {
    let bare = |node: &NodeProto| {
        matches!(node.op_type(), "Conv" | "ConvTranspose" | "ConvInteger" | "QLinearConv")
            && !node.attribute.iter().any(|a| a.name() == "kernel_shape")
    };
    if !graph.node.iter().any(bare) {
        return;
    }
    let sizes: HashMap<&str, Vec<u64>> = known
        .nodes
        .iter()
        .flat_map(|node| node.inputs.iter().flatten())
        .filter_map(|id| Some((known.value(*id).name.as_str(), known.sizes(*id)?)))
        .collect();
    for node in graph.node.iter_mut().filter(|node| bare(node)) {
        let weight = node.input.get(if node.op_type() == "QLinearConv" { 3 } else { 1 });
        let kernel = weight.and_then(|name| sizes.get(name.as_str())?.get(2..));
        if let Some(kernel) = kernel {
            node.attribute.push(AttributeProto {
                name: Some("kernel_shape".to_owned()),
                ints: kernel.iter().filter_map(|n| i64::try_from(*n).ok()).collect(),
                r#type: Some(attribute_proto::AttributeType::Ints as i32),
                ..AttributeProto::default()
            });
        }
    }
}

struct Made {
    nodes: Vec<NodeProto>,
    count: usize,
}

impl Made {
    fn name(&mut self, after: &str) -> String {
        self.count += 1;
        format!("{after}/reluctant_{}", self.count)
    }

    fn node(
        &mut self,
        op: &str,
        inputs: Vec<String>,
        attribute: Vec<AttributeProto>,
        owner: &NodeProto,
    ) -> String {
        let output = self.name(owner.output.first().map_or("", String::as_str));
        self.nodes.push(NodeProto {
            op_type: Some(op.to_owned()),
            name: Some(output.clone()),
            input: inputs,
            output: vec![output.clone()],
            attribute,
            ..NodeProto::default()
        });
        output
    }

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
    fn quantised(&mut self, node: &NodeProto) -> Option<()> {
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

fn int(name: &str, value: i64) -> AttributeProto {
    AttributeProto {
        name: Some(name.to_owned()),
        i: Some(value),
        r#type: Some(attribute_proto::AttributeType::Int as i32),
        ..AttributeProto::default()
    }
}
