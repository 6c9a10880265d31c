//! The resolved graph.
//!
//! Holds after import: functions are inlined; nodes stand in an order in which every value is made
//! before it is read; a body's nodes follow the node that owns it; every name is an index; every
//! value that a node reads exists. Holds after inference: every value has a type, or a reason why not.

use std::collections::BTreeMap;

use super::attrs::Attrs;
use super::dim::{Dim, Symbols};
use super::dtype::DType;
pub use super::types::{Const, Data, Shape, TensorType, Type};

/// Index of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

/// Index of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ValueId(pub u32);

/// Index of a scope; 0 is the main graph.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeId(pub u32);

/// The resolved graph.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// All nodes, bodies included.
    pub nodes: Vec<Node>,
    /// All values.
    pub values: Vec<Value>,
    /// Inputs of the main graph that are not weights.
    pub inputs: Vec<ValueId>,
    /// Outputs of the main graph.
    pub outputs: Vec<ValueId>,
    /// Body scopes; 0 is the main graph.
    pub scopes: Vec<Scope>,
    /// Names of symbolic dimensions.
    pub symbols: Symbols,
    /// The side of the images that the network was made for, where the file's metadata say so, and the entry.
    pub image_side: Option<(String, i64)>,
    /// Operator set versions by domain ("" is ai.onnx).
    pub opsets: BTreeMap<String, i64>,
}

/// One operation.
#[derive(Clone, Debug)]
pub struct Node {
    /// Name in the file; may be empty.
    pub name: String,
    /// Domain, "" for ai.onnx.
    pub domain: String,
    /// Operator.
    pub op: String,
    /// Version of the domain's operator set.
    pub opset: i64,
    /// Inputs; None where an optional one is left out.
    pub inputs: Vec<Option<ValueId>>,
    /// Outputs; None where an optional one is left out.
    pub outputs: Vec<Option<ValueId>>,
    /// Attributes but graphs.
    pub attrs: Attrs,
    /// Where the node stands.
    pub scope: ScopeId,
    /// Graph attributes (If, Loop, Scan, SequenceMap).
    pub bodies: Vec<Body>,
}

/// A graph attribute.
#[derive(Clone, Debug)]
pub struct Body {
    /// Attribute name: `then_branch`, `else_branch`, `body`.
    pub attr: String,
    /// Its scope.
    pub scope: ScopeId,
    /// Its inputs, in order.
    pub inputs: Vec<ValueId>,
    /// Its outputs, in order.
    pub outputs: Vec<ValueId>,
    /// Its nodes (nested bodies included): a range of `Graph::nodes`.
    pub nodes: std::ops::Range<u32>,
}

/// Where nodes stand.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// The scope around it, and the node that owns it; None for the main graph.
    pub parent: Option<(ScopeId, NodeId)>,
    /// `body of Loop loop_1`, for people.
    pub label: String,
}

/// A tensor (or sequence, or optional) that flows.
#[derive(Clone, Debug)]
pub struct Value {
    /// Name in the file; made unique by the call's prefix when inlined.
    pub name: String,
    /// Who makes it.
    pub source: Source,
    /// Type in force.
    pub ty: Type,
    /// Type that the file declares in value_info; a fallback where there is no rule.
    pub declared: Option<Type>,
    /// Elements, where small and at least partly known.
    pub constant: Option<Const>,
    /// Present on weights (initializers, Constant nodes).
    pub weight: Option<Weight>,
    /// Why the type is not fully known.
    pub why: Option<String>,
    /// Why its node cannot run: shapes that contradict each other.
    pub fault: Option<String>,
}

/// Who makes a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Input of the main graph.
    Input,
    /// Stored in the file.
    Initializer,
    /// Output `1` of node `0`.
    Node(NodeId, u32),
    /// Input `1` of a body in scope `0`.
    BodyInput(ScopeId, u32),
}

/// A stored tensor.
#[derive(Clone, Debug)]
pub struct Weight {
    /// Element type.
    pub dtype: Option<DType>,
    /// Dimensions.
    pub dims: Vec<u64>,
    /// Where its bytes are.
    pub stored: Stored,
    /// Distinguishes tensors: two values with one id share the tensor (a function called twice).
    pub id: u32,
}

/// Where a weight's bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stored {
    /// In the skeleton.
    Inline,
    /// In the model file: index into the payload table.
    Payload(u32),
    /// In a file beside the model.
    External {
        /// Location as the file says.
        location: String,
        /// Byte offset.
        offset: u64,
        /// Bytes; None when the file does not say.
        length: Option<u64>,
    },
}

impl Weight {
    /// Elements; the importer holds the product within 63 bits.
    pub fn elements(&self) -> u64 {
        self.dims.iter().fold(1u64, |product, dim| product.saturating_mul(*dim))
    }
}

impl Graph {
    /// A value.
    pub fn value(&self, id: ValueId) -> &Value {
        &self.values[id.0 as usize]
    }

    /// A value, to change.
    pub fn value_mut(&mut self, id: ValueId) -> &mut Value {
        &mut self.values[id.0 as usize]
    }

    /// What people call a node: its name, or its first output where the name is empty.
    pub fn label(&self, node: &Node) -> String {
        match (node.name.as_str(), node.outputs.iter().flatten().next()) {
            ("", Some(output)) => self.value(*output).name.clone(),
            (name, _) => name.to_owned(),
        }
    }

    /// A node.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// Shape of a value, where it is a tensor of known rank.
    pub fn shape(&self, id: ValueId) -> Option<&[Dim]> {
        self.value(id).ty.shape()
    }

    /// Shape of a value, where every dimension is a number.
    pub fn sizes(&self, id: ValueId) -> Option<Vec<u64>> {
        self.shape(id)?.iter().map(|dim| dim.known().and_then(|n| u64::try_from(n).ok())).collect()
    }

    /// Element count of a value, where every dimension is a number and the product fits 63 bits.
    pub fn elements(&self, id: ValueId) -> Option<u64> {
        self.sizes(id)?
            .iter()
            .try_fold(1u64, |product, size| product.checked_mul(*size))
            .filter(|n| *n <= i64::MAX as u64)
    }

    /// The node that makes a value.
    pub fn producer(&self, id: ValueId) -> Option<(NodeId, &Node)> {
        match self.value(id).source {
            Source::Node(node, _) => Some((node, self.node(node))),
            _ => None,
        }
    }

    /// Which nodes read each value, by value; a graph or body output is not a reader.
    pub fn consumers(&self) -> Vec<Vec<NodeId>> {
        let mut consumers = vec![Vec::new(); self.values.len()];
        for (index, node) in self.nodes.iter().enumerate() {
            for input in node.inputs.iter().flatten() {
                let readers: &mut Vec<NodeId> = &mut consumers[input.0 as usize];
                if readers.last() != Some(&NodeId(index as u32)) {
                    readers.push(NodeId(index as u32));
                }
            }
        }
        consumers
    }
}

impl Node {
    /// Input at a place, where given.
    pub fn input(&self, place: usize) -> Option<ValueId> {
        self.inputs.get(place).copied().flatten()
    }

    /// Output at a place, where given.
    pub fn output(&self, place: usize) -> Option<ValueId> {
        self.outputs.get(place).copied().flatten()
    }

    /// Whether it is that operator of ai.onnx.
    pub fn is(&self, op: &str) -> bool {
        self.domain.is_empty() && self.op == op
    }
}
