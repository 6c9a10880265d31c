//! The activations of a graph. Counts, replacements and the statistics of a run ask here, so that
//! what is one of them is one to all.
//!
//! [`function`] says what one node computes element by element; [`find`] lists those that networks
//! put between layers, composites included. Max(x, 0) and Clip(x, 0) are ReLUs whoever wrote them.
//! Assumes that shapes and constants were inferred; never reads weights.

use super::graph::{Const, Graph, Node, ValueId};
use super::kind::Kind;
use super::{composites, graph::NodeId};

/// An activation: one function of each element of one value that depends on the network's input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activation {
    /// The node that makes the result; of a composite, the one that closes it.
    pub node: NodeId,
    /// The other nodes of a composite.
    pub inner: Vec<NodeId>,
    /// The pre-activation.
    pub input: ValueId,
    /// The result.
    pub output: ValueId,
    /// The function.
    pub kind: Kind,
}

/// All activations, bodies included, in graph order. `secret` says of each value whether it depends on
/// the input ([`super::depend`]). A composite that reads two such values is left out.
pub fn find(graph: &Graph, secret: &[bool]) -> Vec<Activation> {
    let composites = composites::find(graph, &graph.consumers());
    let one = |(index, node): (usize, &Node)| {
        let id = NodeId(index as u32);
        if composites.part_of(id).is_some() {
            return None;
        }
        let (kind, input, inner) = match composites.closed_by(id) {
            Some(composite) => {
                let inner = composite.nodes().iter().copied().filter(|n| *n != id).collect();
                (composite.kind, only_input(graph, composite.nodes(), secret)?, inner)
            }
            None => function(graph, secret, node).map(|(kind, input)| (kind, input, Vec::new()))?,
        };
        let output = node.output(0).filter(|_| kind.is_pointwise() && depends(secret, input))?;
        Some(Activation { node: id, inner, input, output, kind })
    };
    graph.nodes.iter().enumerate().filter_map(one).collect()
}

/// The one value from outside that these nodes read and that depends on the input.
fn only_input(graph: &Graph, nodes: &[NodeId], secret: &[bool]) -> Option<ValueId> {
    let inside = |v: ValueId| graph.producer(v).is_some_and(|(id, _)| nodes.contains(&id));
    let mut outside = nodes
        .iter()
        .flat_map(|id| graph.node(*id).inputs.iter().flatten().copied())
        .filter(|v| depends(secret, *v) && !inside(*v));
    let first = outside.next()?;
    outside.all(|v| v == first).then_some(first)
}

/// The function that a node computes of each element of one of its inputs, and which input; None where
/// it computes none, or one of several values.
pub fn function(graph: &Graph, secret: &[bool], node: &Node) -> Option<(Kind, ValueId)> {
    if node.is("Max") {
        return Some((Kind::ReLU, rectified(graph, secret, node)?));
    }
    let kind = match named(&node.domain, &node.op)? {
        Kind::Clip => match bounds(graph, node) {
            [Bound::Open, Bound::Open] => return None,
            [Bound::At(0.0), Bound::At(6.0)] => Kind::ReLU6,
            [Bound::At(0.0), Bound::Open] => Kind::ReLU,
            _ => Kind::Clip,
        },
        Kind::GELU if node.is("Gelu") && node.attrs.str("approximate") == Some("tanh") => Kind::GELUTanh,
        // What enters the function is a sum that no value holds.
        _ if ["BiasGelu", "FastGelu"].contains(&node.op.as_str()) && node.input(1).is_some() => return None,
        kind => kind,
    };
    Some((kind, node.input(0)?))
}

/// Operators that are one function of each element. Attributes and bounds may make it a narrower one:
/// see [`function`].
pub fn named(domain: &str, op: &str) -> Option<Kind> {
    Some(match (domain, op) {
        ("", "Relu") => Kind::ReLU,
        ("", "Clip") => Kind::Clip,
        ("", "LeakyRelu") => Kind::LeakyReLU,
        ("", "PRelu") => Kind::PReLU,
        ("", "ThresholdedRelu") => Kind::ThresholdedReLU,
        ("", "Swish") => Kind::SiLU,
        ("com.microsoft", "QuickGelu") => Kind::QuickGELU,
        ("", "Gelu") | ("com.microsoft", "Gelu" | "BiasGelu") => Kind::GELU,
        ("com.microsoft", "FastGelu") => Kind::GELUTanh,
        ("", "Mish") => Kind::Mish,
        ("", "HardSwish") => Kind::HardSwish,
        ("", "HardSigmoid") => Kind::HardSigmoid,
        ("", "Sigmoid") => Kind::Sigmoid,
        ("", "Tanh") => Kind::Tanh,
        ("", "Elu") => Kind::ELU,
        ("", "Selu") => Kind::SELU,
        ("", "Celu") => Kind::CELU,
        ("", "Softplus") => Kind::Softplus,
        ("", "Softsign") => Kind::Softsign,
        ("", "Shrink") => Kind::Shrink,
        ("", "Erf") => Kind::Erf,
        ("", "Exp") => Kind::Exp,
        ("", "Log") => Kind::Log,
        ("", "Sqrt") => Kind::Sqrt,
        ("", "Reciprocal") => Kind::Reciprocal,
        (
            "",
            "Sin" | "Cos" | "Tan" | "Asin" | "Acos" | "Atan" | "Sinh" | "Cosh" | "Asinh" | "Acosh" | "Atanh",
        ) => Kind::Trigonometric,
        ("", "Floor" | "Ceil" | "Round") => Kind::Rounding,
        ("", "Sign") => Kind::Sign,
        ("", "Abs") => Kind::Abs,
        _ => return None,
    })
}

/// One side of a Clip.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// There is none, or one that every number meets.
    Open,
    /// There is one; folding does not know it.
    Unknown,
    /// This one.
    At(f64),
}

/// The lower and the upper bound of a Clip: inputs, or before operator set 11 attributes.
pub fn bounds(graph: &Graph, node: &Node) -> [Bound; 2] {
    [(1, "min"), (2, "max")].map(|(place, name)| {
        let value = match node.input(place) {
            Some(id) => constant(graph, id).and_then(Const::scalar),
            None => match node.attrs.float(name) {
                Some(value) => Some(f64::from(value)),
                None => return Bound::Open,
            },
        };
        match value {
            None => Bound::Unknown,
            Some(value) if value.abs() >= f64::from(f32::MAX) => Bound::Open,
            Some(value) => Bound::At(value),
        }
    })
}

/// x of Max(x, 0), in either order; the zero may be a tensor of zeros.
fn rectified(graph: &Graph, secret: &[bool], node: &Node) -> Option<ValueId> {
    let [Some(a), Some(b)] = *node.inputs.as_slice() else { return None };
    let (x, other) = if depends(secret, a) { (a, b) } else { (b, a) };
    let zeros = constant(graph, other)?.to_floats()?;
    let zero = !zeros.is_empty() && zeros.iter().all(|v| *v == 0.0);
    (zero && !depends(secret, other)).then_some(x)
}

fn constant(graph: &Graph, id: ValueId) -> Option<&Const> {
    graph.value(id).constant.as_ref()
}

fn depends(secret: &[bool], id: ValueId) -> bool {
    secret.get(id.0 as usize).copied().unwrap_or(false)
}
