//! The activations of a graph that a polynomial can stand for.
//!
//! An activation is one node or a composite (SiLU as x * Sigmoid(x)); it must read one value that
//! depends on the input, of a floating-point type and of known sizes. Sigmoid and Tanh are gates
//! more often than activations and are marked so. What a PRelu, a quantised node or an unusual
//! composite computes has no [`Target`]; it is not listed.

use super::site::Site;
use crate::ir::channels::channel_axis;
use crate::ir::composites::{Composites, Pattern, find};
use crate::ir::depend::depends_on_input;
use crate::ir::dtype::DType;
use crate::ir::graph::{Graph, Node, NodeId, ValueId};
use crate::ir::stages::stages;
use crate::poly::Target;

/// An activation that can be replaced.
#[derive(Clone, Debug)]
pub struct Activation {
    /// The node that makes its result.
    pub node: NodeId,
    /// The other nodes of a composite.
    pub inner: Vec<NodeId>,
    /// What it reads.
    pub input: ValueId,
    /// Its result.
    pub output: ValueId,
    /// What it computes.
    pub target: Target,
    /// A Sigmoid or Tanh by itself.
    pub gate: bool,
    /// Element type.
    pub dtype: DType,
    /// Sizes, channels, stage; a cost of 1 for each element.
    pub site: Site,
}

/// All activations, in graph order.
pub fn activations(graph: &Graph) -> Vec<Activation> {
    let secret = depends_on_input(graph);
    let composites = find(graph, &graph.consumers());
    let staged = stages(graph, &secret);
    let mut found = Vec::new();
    for (index, node) in graph.nodes.iter().enumerate() {
        let id = NodeId(index as u32);
        let is_secret = |v: ValueId| secret.get(v.0 as usize).copied().unwrap_or(false);
        let Some((target, gate, input, inner)) = target_of(graph, &composites, id, node, &is_secret) else {
            continue;
        };
        let Some(output) = node.output(0) else { continue };
        let (Some(dtype), Some(sizes)) = (graph.value(output).ty.dtype(), graph.sizes(output)) else {
            continue;
        };
        let same =
            graph.value(input).ty.dtype() == Some(dtype) && graph.sizes(input).as_ref() == Some(&sizes);
        let float = matches!(dtype, DType::F32 | DType::F16 | DType::BF16 | DType::F64);
        if !is_secret(input) || !same || !float || graph.elements(output).is_none_or(|n| n == 0) {
            continue;
        }
        let shape = match sizes.as_slice() {
            [_, rest @ ..] if !rest.is_empty() => rest.to_vec(),
            all => all.to_vec(),
        };
        // Without the batch; a value of one axis is one channel to statistics, as many to a mask.
        let channel_axis = channel_axis(graph, output).map_or(0, |axis| axis.saturating_sub(1));
        let stage = staged.node.get(index).map_or(0, |(stage, _)| *stage);
        let site = Site { shape, channel_axis, stage, unit_cost: 1 };
        found.push(Activation { node: id, inner, input, output, target, gate, dtype, site });
    }
    found
}

type Found = (Target, bool, ValueId, Vec<NodeId>);

fn target_of(
    graph: &Graph,
    composites: &Composites,
    id: NodeId,
    node: &Node,
    is_secret: &dyn Fn(ValueId) -> bool,
) -> Option<Found> {
    if composites.part_of(id).is_some() {
        return None;
    }
    if let Some(composite) = composites.closed_by(id) {
        let target = match composite.pattern {
            Pattern::ReLU => Target::Relu,
            Pattern::SiLU => Target::Silu,
            Pattern::GELU | Pattern::GELUTanh => Target::Gelu,
            Pattern::HardSwish => Target::HardSwish,
            _ => return None,
        };
        let nodes = composite.nodes();
        let input = only_input(graph, nodes, is_secret)?;
        return Some((target, false, input, nodes.iter().copied().filter(|n| *n != id).collect()));
    }
    let scalar = |place: usize| graph.value(node.input(place)?).constant.as_ref()?.scalar();
    let plain = |target| Some((target, false, node.input(0)?, Vec::new()));
    match (node.domain.as_str(), node.op.as_str()) {
        ("", "Relu") => plain(Target::Relu),
        ("", "LeakyRelu") => plain(Target::LeakyRelu(f64::from(node.attrs.float("alpha").unwrap_or(0.01)))),
        ("", "HardSwish") => plain(Target::HardSwish),
        ("", "Swish") if node.attrs.float("alpha").unwrap_or(1.0) == 1.0 => plain(Target::Silu),
        ("" | "com.microsoft", "Gelu") => plain(Target::Gelu),
        ("", "Sigmoid") => Some((Target::Sigmoid, true, node.input(0)?, Vec::new())),
        ("", "Tanh") => Some((Target::Tanh, true, node.input(0)?, Vec::new())),
        ("", "Clip") => {
            let bound = |place: usize, name: &str| match node.input(place) {
                Some(_) => scalar(place),
                None => Some(node.attrs.float(name).map_or(f64::INFINITY, f64::from)),
            };
            match (bound(1, "min")?, bound(2, "max")?) {
                (0.0, 6.0) => plain(Target::Relu6),
                (0.0, high) if high >= f64::from(f32::MAX) => plain(Target::Relu),
                _ => None,
            }
        }
        ("", "Max") if node.inputs.len() == 2 => match (scalar(0), scalar(1)) {
            (Some(0.0), None) => Some((Target::Relu, false, node.input(1)?, Vec::new())),
            (None, Some(0.0)) => plain(Target::Relu),
            _ => None,
        },
        _ => None,
    }
}

/// The one value from outside that a composite reads and that is no constant.
fn only_input(graph: &Graph, nodes: &[NodeId], is_secret: &dyn Fn(ValueId) -> bool) -> Option<ValueId> {
    let inside = |v: ValueId| graph.producer(v).is_some_and(|(id, _)| nodes.contains(&id));
    let mut outside = nodes
        .iter()
        .flat_map(|id| graph.node(*id).inputs.iter().flatten().copied())
        .filter(|v| is_secret(*v) && !inside(*v));
    let first = outside.next()?;
    outside.all(|v| v == first).then_some(first)
}
