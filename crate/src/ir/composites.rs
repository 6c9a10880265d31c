//! Functions that exporters write as several nodes, found again: SiLU as x*Sigmoid(x), GELU around
//! an Erf, LayerNorm from means and a root. So a network counts the same whichever exporter wrote it.
//!
//! The closing node stands for the whole; the others are its parts. A pattern holds only where no
//! value inside it is read from outside: a Sigmoid that also gates something else stays a Sigmoid.
//! A squeeze-excite gate is no SiLU: in SiLU both factors come from one value. Identity, Dropout and
//! Cast are seen through. Linear in the graph: each node looks at a bounded neighbourhood.

mod norms;
mod products;

use std::collections::HashMap;

use super::graph::{Graph, Node, NodeId, ValueId};
use super::kind::Kind;

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
            "Clip" => products::clipped(&finder, id),
            "Max" | "Where" => products::choice(&finder, id),
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

/// A match before it is checked: what, rows, nodes.
type Match = (Kind, Option<ValueId>, Vec<NodeId>);

struct Finder<'a> {
    graph: &'a Graph,
    consumers: &'a [Vec<NodeId>],
    /// Values that leave their scope.
    leaves: Vec<bool>,
}

impl<'a> Finder<'a> {
    /// Whether no inner value is read outside.
    fn closed(&self, nodes: &[NodeId], closing: NodeId) -> bool {
        nodes.iter().filter(|id| **id != closing).all(|id| self.stays_inside(*id, nodes, 4))
    }

    fn stays_inside(&self, id: NodeId, nodes: &[NodeId], depth: u32) -> bool {
        self.graph.node(id).outputs.iter().flatten().all(|value| {
            let readers = self.readers(*value);
            let inside = |reader: &NodeId| {
                let passed = depth > 0 && passes(self.graph.node(*reader));
                nodes.contains(reader) || (passed && self.stays_inside(*reader, nodes, depth - 1))
            };
            // No composite reads one value this often; a hostile graph would make this walk long.
            let few = readers.len() <= nodes.len() + 8;
            few && !self.leaves.get(value.0 as usize).copied().unwrap_or(true) && readers.iter().all(inside)
        })
    }

    fn readers(&self, value: ValueId) -> &'a [NodeId] {
        self.consumers.get(value.0 as usize).map_or(&[], Vec::as_slice)
    }

    /// The value before nodes that change nothing.
    fn through(&self, mut id: ValueId) -> ValueId {
        for _ in 0..8 {
            match self.graph.producer(id) {
                Some((_, node)) if passes(node) && node.output(0) == Some(id) => match node.input(0) {
                    Some(before) => id = before,
                    None => break,
                },
                _ => break,
            }
        }
        id
    }

    fn maker(&self, id: ValueId) -> Option<(NodeId, &'a Node)> {
        self.graph.producer(self.through(id)).filter(|(_, node)| node.domain.is_empty())
    }

    /// The node and input of `op(x)`.
    fn unary(&self, id: ValueId, op: &str) -> Option<(NodeId, ValueId)> {
        let (node_id, node) = self.maker(id).filter(|(_, node)| node.op == op)?;
        Some((node_id, self.through(node.input(0)?)))
    }

    /// A constant of one element.
    fn scalar(&self, id: ValueId) -> Option<f64> {
        let here = |id: ValueId| self.graph.value(id).constant.as_ref()?.scalar();
        here(id).or_else(|| here(self.through(id)))
    }

    /// `x + c` with that constant: the node and x.
    fn shifted(&self, id: ValueId, by: f64) -> Option<(NodeId, ValueId)> {
        let (node_id, node) = self.maker(id)?;
        let (a, b) = (node.input(0)?, node.input(1)?);
        let (x, shift) = match node.op.as_str() {
            "Add" => match (self.scalar(a), self.scalar(b)) {
                (_, Some(shift)) => (a, shift),
                (Some(shift), _) => (b, shift),
                _ => return None,
            },
            "Sub" => (a, -self.scalar(b)?),
            _ => return None,
        };
        near(shift, by).then(|| (node_id, self.through(x)))
    }

    /// Bounds and input of a Clip.
    fn clip(&self, id: ValueId) -> Option<(NodeId, ValueId, f64, f64)> {
        let (node_id, node) = self.maker(id)?;
        let (x, low, high) = self.clip_of(node)?;
        Some((node_id, x, low, high))
    }

    fn clip_of(&self, node: &Node) -> Option<(ValueId, f64, f64)> {
        if !node.is("Clip") {
            return None;
        }
        let bound = |place: usize, name: &str| match node.input(place) {
            Some(value) => self.scalar(value),
            None => node.attrs.float(name).map(f64::from),
        };
        Some((self.through(node.input(0)?), bound(1, "min")?, bound(2, "max")?))
    }
}

fn passes(node: &Node) -> bool {
    ["Identity", "Dropout", "Cast"].iter().any(|op| node.is(op))
}

/// Equal within what half precision keeps.
fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-3 * b.abs().max(1e-3)
}
