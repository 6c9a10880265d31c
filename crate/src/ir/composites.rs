//! Functions that exporters write as several nodes, found again: SiLU as x*Sigmoid(x), GELU around
//! an Erf, LayerNorm from means and a root. So a network counts the same whichever exporter wrote it.
//!
//! The closing node stands for the whole; the others are its parts. A pattern holds only where no
//! value inside it is read from outside: a Sigmoid that also gates something else stays a Sigmoid.
//! A squeeze-excite gate is no SiLU: in SiLU both factors come from one value. Identity, Dropout and
//! Cast are seen through. Linear in the graph: each node looks at a bounded neighbourhood.

mod bounds;
mod finder;
mod norms;
mod products;

use std::collections::HashMap;

use super::graph::{Graph, NodeId, ValueId};
use super::kind::Kind;
use finder::{Finder, Match, near, passes};

/// Several nodes that are one function.
#[derive(Clone, Debug)]
pub struct Composite {
    /// What it computes.
    pub kind: Kind,
    /// Its result: the first output of the closing node.
    pub output: ValueId,
    /// A value with one scalar per row, for Softmax and the norms.
    pub rows: Option<ValueId>,
    /// Its nodes, the closing one included.
    nodes: Vec<NodeId>,
}

impl Composite {
    /// Its nodes, the closing one included.
    pub fn nodes(&self) -> &[NodeId] {
        &self.nodes
    }
}

/// All composites of a graph.
#[derive(Debug, Default)]
pub struct Composites {
    closing: HashMap<NodeId, Composite>,
    part: HashMap<NodeId, NodeId>,
}

impl Composites {
    /// The composite that a node closes.
    pub fn closed_by(&self, id: NodeId) -> Option<&Composite> {
        self.closing.get(&id)
    }

    /// The closing node of the composite that a node is an inner part of.
    pub fn part_of(&self, id: NodeId) -> Option<NodeId> {
        self.part.get(&id).copied().filter(|closing| *closing != id)
    }

    /// Takes nodes for a composite; one that lies wholly inside gives way.
    fn claim(&mut self, closing: NodeId, composite: Composite) {
        let mut inner = Vec::new();
        for node in &composite.nodes {
            if let Some(other) = self.part.get(node) {
                let held = self.closing.get(other);
                if held.is_some_and(|held| !held.nodes.iter().all(|n| composite.nodes.contains(n))) {
                    return;
                }
                inner.push(*other);
            }
        }
        for other in inner {
            self.closing.remove(&other);
        }
        for node in &composite.nodes {
            self.part.insert(*node, closing);
        }
        self.closing.insert(closing, composite);
    }
}

/// Finds the composites; `consumers` as [`Graph::consumers`] gives them.
pub fn find(graph: &Graph, consumers: &[Vec<NodeId>]) -> Composites {
    let mut leaves = vec![false; graph.values.len()];
    let bodies = graph.nodes.iter().flat_map(|node| &node.bodies).flat_map(|body| &body.outputs);
    for output in graph.outputs.iter().chain(bodies) {
        if let Some(flag) = leaves.get_mut(output.0 as usize) {
            *flag = true;
        }
    }
    let finder = Finder { graph, consumers, leaves };
    let mut found = Composites::default();
    for (index, node) in graph.nodes.iter().enumerate() {
        if !node.domain.is_empty() {
            continue;
        }
        let id = NodeId(index as u32);
        let candidate = match node.op.as_str() {
            "Mul" | "Div" => products::find(&finder, id).or_else(|| norms::find(&finder, id)),
            "Log" => products::softplus(&finder, id),
            "Clip" => products::clipped(&finder, id).or_else(|| bounds::find(&finder, id)),
            "Max" => bounds::find(&finder, id).or_else(|| products::choice(&finder, id)),
            "Min" => bounds::find(&finder, id),
            "Where" => products::choice(&finder, id),
            _ => None,
        };
        if let Some((kind, rows, nodes)) = candidate
            && let Some(closing) = nodes.iter().copied().max()
            && let Some(output) = graph.node(closing).output(0)
            && finder.closed(&nodes, closing)
        {
            found.claim(closing, Composite { kind, output, rows, nodes });
        }
    }
    found
}
