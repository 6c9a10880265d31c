//! Operators, or forms of them, that rten lacks, said with operators that it has; the numbers stay
//! the same.
//!
//! `attention` and `quantised` have one operator family each, `standard` what rten reads differently
//! from the standard or not at all, `activations` functions that it has no operator for.

mod activations;
mod attention;
mod quantised;
mod standard;

use std::collections::HashMap;

use crate::ir::dtype::DType;
use crate::ir::graph::{Graph, ValueId};
use crate::onnx::{AttributeProto, GraphProto, NodeProto, TensorProto, attribute_proto::AttributeType};

/// What names the nodes that rten sees: a value may have the same name, and must stay its own.
pub const NODE: &str = "#node";

/// Rewrites the main graph; returns a sentence for each kind of rewriting that changes arithmetic.
pub fn rewrite(graph: &mut GraphProto, known: &Graph) -> Vec<String> {
    let names = known.values.iter().enumerate().rev();
    let names = names.map(|(at, value)| (value.name.as_str(), ValueId(at as u32))).collect();
    let mut made = Made { nodes: Vec::new(), count: 0, known, names };
    let mut out = Vec::with_capacity(graph.node.len());
    let mut quantised = 0usize;
    for mut node in std::mem::take(&mut graph.node) {
        made.complete(&mut node);
        made.nodes.clear();
        if made.quantised(&node).is_some() {
            quantised += 1;
            out.append(&mut made.nodes);
            continue;
        }
        made.nodes.clear();
        if made.form(&node).is_some() || {
            made.nodes.clear();
            made.activation(&node).is_some()
        } {
            out.append(&mut made.nodes);
        } else {
            out.push(node);
        }
    }
    graph.node = out;
    for node in &mut graph.node {
        // Faults are told by name.
        if node.name().is_empty() {
            let output = node.output.iter().find(|name| !name.is_empty()).cloned().unwrap_or_default();
            node.name = Some(format!("{output}{NODE}"));
        }
    }
    if quantised == 0 {
        return Vec::new();
    }
    vec![format!("{quantised} quantised operators run as dequantise, float32, quantise")]
}

/// The nodes that stand for one node.
struct Made<'a> {
    nodes: Vec<NodeProto>,
    count: usize,
    known: &'a Graph,
    names: HashMap<&'a str, ValueId>,
}

impl Made<'_> {
    fn sizes(&self, name: &str) -> Option<Vec<i64>> {
        let sizes = self.known.sizes(*self.names.get(name)?)?;
        sizes.into_iter().map(|n| i64::try_from(n).ok()).collect()
    }

    fn rank(&self, name: &str) -> Option<i64> {
        self.known.shape(*self.names.get(name)?).map(|shape| shape.len() as i64)
    }

    fn dtype(&self, name: &str) -> Option<DType> {
        self.known.value(*self.names.get(name)?).ty.dtype()
    }

    fn name(&mut self, after: &str) -> String {
        self.count += 1;
        format!("{after}/reluctant_{}", self.count)
    }

    /// A node inside; returns its output.
    fn node(
        &mut self,
        op: &str,
        inputs: Vec<String>,
        attribute: Vec<AttributeProto>,
        owner: &NodeProto,
    ) -> String {
        let output = self.name(owner.output.first().map_or("", String::as_str));
        self.put(op, inputs, attribute, owner, output.clone());
        output
    }

    /// The node that makes an output of the one that is replaced.
    fn put(
        &mut self,
        op: &str,
        inputs: Vec<String>,
        attribute: Vec<AttributeProto>,
        owner: &NodeProto,
        output: String,
    ) {
        let last = owner.output.first() == Some(&output);
        let name = owner.name.clone().filter(|name| last && !name.is_empty());
        self.nodes.push(NodeProto {
            op_type: Some(op.to_owned()),
            name: Some(name.unwrap_or_else(|| format!("{output}{NODE}"))),
            input: inputs,
            output: vec![output],
            attribute,
            ..NodeProto::default()
        });
    }

    fn ints(&mut self, values: &[i64], scalar: bool, owner: &NodeProto) -> String {
        let dims = if scalar { Vec::new() } else { vec![values.len() as i64] };
        let tensor = TensorProto {
            data_type: Some(DType::I64 as i32),
            dims,
            int64_data: values.to_vec(),
            ..TensorProto::default()
        };
        self.constant(tensor, owner)
    }

    fn floats(&mut self, values: &[f32], scalar: bool, owner: &NodeProto) -> String {
        let dims = if scalar { Vec::new() } else { vec![values.len() as i64] };
        let tensor = TensorProto {
            data_type: Some(DType::F32 as i32),
            dims,
            float_data: values.to_vec(),
            ..TensorProto::default()
        };
        self.constant(tensor, owner)
    }

    fn constant(&mut self, tensor: TensorProto, owner: &NodeProto) -> String {
        let value = AttributeProto {
            name: Some("value".to_owned()),
            t: Some(Box::new(tensor)),
            r#type: Some(AttributeType::Tensor as i32),
            ..AttributeProto::default()
        };
        self.node("Constant", Vec::new(), vec![value], owner)
    }
}

fn input(node: &NodeProto, at: usize) -> &str {
    node.input.get(at).map(String::as_str).unwrap_or_default()
}

fn output(node: &NodeProto, at: usize) -> &str {
    node.output.get(at).map(String::as_str).unwrap_or_default()
}

fn attribute<'a>(node: &'a NodeProto, name: &str) -> Option<&'a AttributeProto> {
    node.attribute.iter().find(|a| a.name() == name)
}

fn without(node: &NodeProto, names: &[&str]) -> Vec<AttributeProto> {
    node.attribute.iter().filter(|a| !names.contains(&a.name())).cloned().collect()
}

fn int(name: &str, value: i64) -> AttributeProto {
    let r#type = Some(AttributeType::Int as i32);
    AttributeProto { name: Some(name.to_owned()), i: Some(value), r#type, ..AttributeProto::default() }
}

fn int_list(name: &str, values: Vec<i64>) -> AttributeProto {
    let r#type = Some(AttributeType::Ints as i32);
    AttributeProto { name: Some(name.to_owned()), ints: values, r#type, ..AttributeProto::default() }
}

fn float(name: &str, value: f32) -> AttributeProto {
    let r#type = Some(AttributeType::Float as i32);
    AttributeProto { name: Some(name.to_owned()), f: Some(value), r#type, ..AttributeProto::default() }
}
