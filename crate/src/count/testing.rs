//! Small graphs by hand, for tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::{NodeCount, count};
use crate::ir::attrs::{Attr, Attrs};
use crate::ir::dim::Dim;
use crate::ir::dtype::DType;
use crate::ir::graph::{
    Const, Data, Graph, Node, NodeId, Scope, ScopeId, Shape, Source, Stored, Type, Value, ValueId, Weight,
};
use crate::ir::infer;

pub(super) fn int(value: i64) -> Attr {
    Attr::Int(value)
}

pub(super) fn ints(values: &[i64]) -> Attr {
    Attr::Ints(values.to_vec())
}

pub(super) fn text(value: &str) -> Attr {
    Attr::Str(value.to_owned())
}

/// A graph that grows node by node, at opset 20.
pub(crate) struct Net(pub Graph);

impl Net {
    pub fn new() -> Self {
        let opsets = [(String::new(), 20)].into();
        Self(Graph { scopes: vec![Scope::default()], opsets, ..Graph::default() })
    }

    fn value(&mut self, source: Source, ty: Type) -> ValueId {
        let id = ValueId(self.0.values.len() as u32);
        let (declared, constant, weight, why) = (None, None, None, None);
        let name = format!("v{}", id.0);
        self.0.values.push(Value { name, source, ty, declared, constant, weight, why, fault: None });
        id
    }

    pub fn input(&mut self, dims: &[i64]) -> ValueId {
        let shape: Shape = dims.iter().copied().map(Dim::Known).collect();
        let id = self.value(Source::Input, Type::tensor(Some(DType::F32), Some(shape)));
        self.0.inputs.push(id);
        id
    }

    pub fn weight(&mut self, dims: &[i64]) -> ValueId {
        let shape: Shape = dims.iter().copied().map(Dim::Known).collect();
        let id = self.value(Source::Initializer, Type::tensor(Some(DType::F32), Some(shape)));
        let dims = dims.iter().map(|d| *d as u64).collect();
        self.0.value_mut(id).weight =
            Some(Weight { dtype: Some(DType::F32), dims, stored: Stored::Inline, id: id.0 });
        id
    }

    pub fn number(&mut self, value: f64) -> ValueId {
        let id = self.weight(&[]);
        self.0.value_mut(id).constant = Some(Const { dims: Vec::new(), data: Data::Floats(vec![value]) });
        id
    }

    pub fn op(&mut self, op: &str, inputs: &[ValueId], attrs: &[(&str, Attr)]) -> ValueId {
        let node = NodeId(self.0.nodes.len() as u32);
        let output = self.value(Source::Node(node, 0), Type::Unknown);
        self.0.nodes.push(Node {
            name: String::new(),
            domain: String::new(),
            op: op.to_owned(),
            opset: 20,
            inputs: inputs.iter().copied().map(Some).collect(),
            outputs: vec![Some(output)],
            attrs: Attrs(attrs.iter().map(|(name, attr)| ((*name).to_owned(), attr.clone())).collect()),
            scope: ScopeId(0),
            bodies: Vec::new(),
        });
        output
    }

    /// Infers and counts with one output.
    pub fn counted(mut self, output: ValueId) -> (Graph, Vec<NodeCount>) {
        self.0.outputs = vec![output];
        infer::infer(&mut self.0);
        let counts = count(&self.0);
        (self.0, counts)
    }
}
