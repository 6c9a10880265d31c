//! Where activations stand in a graph: what goes into each and what comes out, composites included.

use crate::ir::composites::{Pattern, find};
use crate::ir::graph::{Graph, NodeId, ScopeId, Source, ValueId};

/// An element-wise activation of the main graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// The node; of a composite, the one that closes it.
    pub node: NodeId,
    /// Its operator, or the name of the composite (`SiLU`).
    pub op: String,
    /// The pre-activation.
    pub input: ValueId,
    /// The activation.
    pub output: ValueId,
}

const OPERATORS: [&str; 19] = [
    "Relu",
    "LeakyRelu",
    "PRelu",
    "ThresholdedRelu",
    "Clip",
    "Swish",
    "QuickGelu",
    "FastGelu",
    "Gelu",
    "Mish",
    "HardSwish",
    "HardSigmoid",
    "Sigmoid",
    "Tanh",
    "Elu",
    "Selu",
    "Celu",
    "Softplus",
    "Softsign",
];

/// All activations of the main graph, in its order.
pub fn sites(graph: &Graph) -> Vec<Site> {
    let composites = find(graph, &graph.consumers());
    let mut sites = Vec::new();
    for (index, node) in graph.nodes.iter().enumerate() {
        let id = NodeId(index as u32);
        if node.scope != ScopeId(0) || composites.part_of(id).is_some() {
            continue;
        }
        if let Some(composite) = composites.closed_by(id) {
            if matches!(composite.pattern, Pattern::Softmax | Pattern::LayerNorm | Pattern::RMSNorm) {
                continue;
            }
            if let Some(input) = only_input(graph, composite.nodes()) {
                let op = format!("{:?}", composite.pattern);
                sites.push(Site { node: id, op, input, output: composite.output });
            }
            continue;
        }
        let known =
            matches!(node.domain.as_str(), "" | "com.microsoft") && OPERATORS.contains(&node.op.as_str());
        if let (true, Some(input), Some(output)) = (known, node.input(0), node.output(0)) {
            sites.push(Site { node: id, op: node.op.clone(), input, output });
        }
    }
    sites
}

/// The one computed value that some nodes read from outside.
fn only_input(graph: &Graph, nodes: &[NodeId]) -> Option<ValueId> {
    let inside =
        |id: &ValueId| matches!(graph.value(*id).source, Source::Node(node, _) if nodes.contains(&node));
    let stored = |id: &ValueId| {
        let value = graph.value(*id);
        value.weight.is_some() || value.constant.is_some() || value.source == Source::Initializer
    };
    let mut outside = nodes.iter().flat_map(|id| graph.node(*id).inputs.iter().flatten().copied());
    let first = outside.find(|id| !inside(id) && !stored(id))?;
    outside.all(|id| id == first || inside(&id) || stored(&id)).then_some(first)
}
