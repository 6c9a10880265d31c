//! The activations of a graph that a polynomial can stand for.
//!
//! An activation is one node or a composite (SiLU as x * Sigmoid(x)); it must read one value that
//! depends on the input, of a floating-point type and of known sizes. Sigmoid and Tanh are gates
//! more often than activations and are marked so. What a PRelu, a quantised node or an unusual
//! composite computes has no [`Target`]; it is not listed.

use super::site::Site;
use crate::ir::activations::{self, find};
use crate::ir::channels::channel_axis;
use crate::ir::depend::depends_on_input;
use crate::ir::dtype::DType;
use crate::ir::graph::{Graph, NodeId, ScopeId, ValueId};
use crate::ir::kind::Kind;
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
    /// Linear outputs that go with its places, where that is asked for; see [`super::drops()`].
    pub drops: Vec<Dropped>,
}

/// A value of which places can be dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dropped {
    /// It.
    pub value: ValueId,
    /// The convolution that makes it, and the BatchNorm behind that where there is one.
    pub made_by: Vec<NodeId>,
}

/// All activations, in graph order.
pub fn activations(graph: &Graph) -> Vec<Activation> {
    let secret = depends_on_input(graph);
    let staged = stages(graph, &secret);
    let mut found = Vec::new();
    let idle = idle(graph);
    for one in find(graph, &secret) {
        if idle.contains(&graph.node(one.node).scope) {
            continue;
        }
        let Some((target, gate)) = target_of(graph, &one) else { continue };
        let activations::Activation { node, inner, input, output, .. } = one;
        let (Some(dtype), Some(sizes)) = (graph.value(output).ty.dtype(), graph.sizes(output)) else {
            continue;
        };
        let same =
            graph.value(input).ty.dtype() == Some(dtype) && graph.sizes(input).as_ref() == Some(&sizes);
        let float = matches!(dtype, DType::F32 | DType::F16 | DType::BF16 | DType::F64);
        if !same || !float || graph.elements(output).is_none_or(|n| n == 0) {
            continue;
        }
        let shape = match sizes.as_slice() {
            [_, rest @ ..] if !rest.is_empty() => rest.to_vec(),
            all => all.to_vec(),
        };
        // Without the batch; a value of one axis is one channel to statistics, as many to a mask.
        let channel_axis = channel_axis(graph, output).map_or(0, |axis| axis.saturating_sub(1));
        let stage = staged.node.get(node.0 as usize).map_or(0, |(stage, _)| *stage);
        let site = Site { shape, channel_axis, stage, unit_cost: 1 };
        found.push(Activation { node, inner, input, output, target, gate, dtype, site, drops: Vec::new() });
    }
    found
}

/// Bodies of branches that do not run under these sizes: a condition that is known picks the other one, or a shape in it is in
/// contradiction. What a plan put there would count for nothing, and fix sizes that the branch cannot have.
fn idle(graph: &Graph) -> Vec<ScopeId> {
    let mut idle = Vec::new();
    for node in graph.nodes.iter().filter(|node| node.is("If")) {
        let condition = node.input(0).and_then(|v| graph.value(v).constant.as_ref()?.scalar());
        let taken = condition.map(|c| if c == 0.0 { "else_branch" } else { "then_branch" });
        for body in &node.bodies {
            let inside =
                graph.nodes.get(body.nodes.start as usize..body.nodes.end as usize).unwrap_or_default();
            let outputs = inside.iter().flat_map(|node| &node.outputs).flatten();
            let broken = outputs.filter(|v| graph.value(**v).fault.is_some()).count() > 0;
            if taken.map_or(broken, |taken| body.attr != taken) {
                // With what is nested in it.
                idle.push(body.scope);
                idle.extend(inside.iter().flat_map(|node| &node.bodies).map(|body| body.scope));
            }
        }
    }
    idle
}

/// The function that a polynomial stands for, and whether it may be a gate.
fn target_of(graph: &Graph, one: &activations::Activation) -> Option<(Target, bool)> {
    let attrs = &graph.node(one.node).attrs;
    let alpha = |default: f32| attrs.float("alpha").unwrap_or(default);
    let target = match one.kind {
        Kind::ReLU => Target::Relu,
        Kind::ReLU6 => Target::Relu6,
        // The slope of a composite stands in one of its constants.
        Kind::LeakyReLU if one.inner.is_empty() => Target::LeakyRelu(f64::from(alpha(0.01))),
        Kind::SiLU if alpha(1.0) == 1.0 => Target::Silu,
        Kind::GELU | Kind::GELUTanh => Target::Gelu,
        Kind::HardSwish => Target::HardSwish,
        Kind::Sigmoid => return Some((Target::Sigmoid, true)),
        Kind::Tanh => return Some((Target::Tanh, true)),
        _ => return None,
    };
    Some((target, false))
}
