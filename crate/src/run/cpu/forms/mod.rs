//! Operators, or forms of them, that rten lacks, said with operators that it has; the numbers stay
//! the same.
//!
//! `attention`, `quantised`, `recurrent` and `windows` have one operator family each, `standard` what rten reads differently
//! from the standard or not at all, `activations` functions that it has no operator for.

mod activations;
mod attention;
mod quantised;
mod recurrent;
mod scan;
mod standard;
mod suppress;
#[cfg(test)]
mod tests;
mod windows;

use std::collections::HashMap;

use crate::ir::dtype::DType;
use crate::ir::graph::{Graph, ScopeId, Source, ValueId};
use crate::onnx::{AttributeProto, GraphProto, NodeProto, TensorProto, attribute_proto::AttributeType};

/// What names the nodes that rten sees: a value may have the same name, and must stay its own.
pub const NODE: &str = "#node";

/// Rewrites the graph and its bodies; returns a sentence for each kind of rewriting that changes arithmetic.
pub fn rewrite(graph: &mut GraphProto, known: &Graph) -> Vec<String> {
    let mut names: HashMap<&str, Vec<ValueId>> = HashMap::new();
    for (at, value) in known.values.iter().enumerate() {
        names.entry(value.name.as_str()).or_default().push(ValueId(at as u32));
    }
    let mut made = Made {
        nodes: Vec::new(),
        count: 0,
        known,
        names,
        scopes: vec![ScopeId(0)],
        tensors: Vec::new(),
        quantised: 0,
    };
    made.graph(graph);
    graph.initializer.append(&mut made.tensors);
    for node in &mut graph.node {
        // Faults are told by name.
        if node.name().is_empty() {
            let output = node.output.iter().find(|name| !name.is_empty()).cloned().unwrap_or_default();
            node.name = Some(format!("{output}{NODE}"));
        }
    }
    match made.quantised {
        0 => Vec::new(),
        n => vec![format!("{n} quantised operators run as dequantise, float32, quantise")],
    }
}

/// The nodes that stand for one node.
struct Made<'a> {
    nodes: Vec<NodeProto>,
    count: usize,
    known: &'a Graph,
    /// Values by name: bodies may use one name for several.
    names: HashMap<&'a str, Vec<ValueId>>,
    /// Where the node stands, innermost last.
    scopes: Vec<ScopeId>,
    /// Weights of bodies that are written out.
    tensors: Vec<TensorProto>,
    /// Quantised operators that were rewritten.
    quantised: usize,
}

impl Made<'_> {
    /// Rewrites the nodes of a graph or body, and the bodies in it first.
    fn graph(&mut self, graph: &mut GraphProto) {
        let mut out = Vec::with_capacity(graph.node.len());
        for mut node in std::mem::take(&mut graph.node) {
            self.bodies(&mut node);
            self.complete(&mut node);
            let forms: [fn(&mut Self, &NodeProto) -> Option<()>; 5] =
                [Self::quantised, Self::recurrent, Self::scan, Self::form, Self::activation];
            let found = forms.iter().position(|form| {
                self.nodes.clear();
                form(self, &node).is_some()
            });
            match found {
                Some(place) => {
                    self.quantised += usize::from(place == 0);
                    out.append(&mut self.nodes);
                }
                None => out.push(node),
            }
        }
        graph.node = out;
    }

    fn bodies(&mut self, node: &mut NodeProto) {
        let owner = node.output.iter().find(|name| !name.is_empty()).and_then(|name| self.lookup(name));
        let owner = owner.and_then(|value| self.known.producer(value)).map(|(_, node)| node);
        for attribute in node.attribute.iter_mut().filter(|attribute| attribute.g.is_some()) {
            let body = owner.and_then(|node| node.bodies.iter().find(|body| body.attr == attribute.name()));
            let Some((body, graph)) = body.zip(attribute.g.as_mut()) else { continue };
            self.scopes.push(body.scope);
            self.graph(graph);
            self.scopes.pop();
        }
    }

    /// The value of that name that is nearest around the node.
    fn lookup(&self, name: &str) -> Option<ValueId> {
        let all = self.names.get(name)?;
        let scope = |id: &ValueId| match self.known.value(*id).source {
            Source::Node(node, _) => self.known.node(node).scope,
            Source::BodyInput(scope, _) => scope,
            Source::Input | Source::Initializer => ScopeId(0),
        };
        let near = self.scopes.iter().rev().find_map(|here| all.iter().find(|id| scope(id) == *here));
        near.or_else(|| all.first()).copied()
    }

    fn sizes(&self, name: &str) -> Option<Vec<i64>> {
        let sizes = self.known.sizes(self.lookup(name)?)?;
        sizes.into_iter().map(|n| i64::try_from(n).ok()).collect()
    }

    fn rank(&self, name: &str) -> Option<i64> {
        self.known.shape(self.lookup(name)?).map(|shape| shape.len() as i64)
    }

    fn dtype(&self, name: &str) -> Option<DType> {
        self.known.value(self.lookup(name)?).ty.dtype()
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
