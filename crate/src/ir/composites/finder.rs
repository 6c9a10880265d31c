//! What patterns ask of the graph around a node: who makes a value, who reads it, what changes nothing on the way.

use crate::ir::graph::{Graph, Node, NodeId, ValueId};
use crate::ir::kind::Kind;

/// A match before it is checked: what, rows, nodes.
pub(super) type Match = (Kind, Option<ValueId>, Vec<NodeId>);

/// The graph, as patterns look at it.
pub(super) struct Finder<'a> {
    pub(super) graph: &'a Graph,
    pub(super) consumers: &'a [Vec<NodeId>],
    /// Values that leave their scope.
    pub(super) leaves: Vec<bool>,
}

impl<'a> Finder<'a> {
    /// Whether no inner value is read outside.
    pub(super) fn closed(&self, nodes: &[NodeId], closing: NodeId) -> bool {
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

    pub(super) fn readers(&self, value: ValueId) -> &'a [NodeId] {
        self.consumers.get(value.0 as usize).map_or(&[], Vec::as_slice)
    }

    /// The value before nodes that change nothing.
    pub(super) fn through(&self, mut id: ValueId) -> ValueId {
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

    pub(super) fn maker(&self, id: ValueId) -> Option<(NodeId, &'a Node)> {
        self.graph.producer(self.through(id)).filter(|(_, node)| node.domain.is_empty())
    }

    /// The node and input of `op(x)`.
    pub(super) fn unary(&self, id: ValueId, op: &str) -> Option<(NodeId, ValueId)> {
        let (node_id, node) = self.maker(id).filter(|(_, node)| node.op == op)?;
        Some((node_id, self.through(node.input(0)?)))
    }

    /// A constant of one element.
    pub(super) fn scalar(&self, id: ValueId) -> Option<f64> {
        let here = |id: ValueId| self.graph.value(id).constant.as_ref()?.scalar();
        here(id).or_else(|| here(self.through(id)))
    }

    /// `x + c` with that constant: the node and x.
    pub(super) fn shifted(&self, id: ValueId, by: f64) -> Option<(NodeId, ValueId)> {
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
    pub(super) fn clip(&self, id: ValueId) -> Option<(NodeId, ValueId, f64, f64)> {
        let (node_id, node) = self.maker(id)?;
        let (x, low, high) = self.clip_of(node)?;
        Some((node_id, x, low, high))
    }

    pub(super) fn clip_of(&self, node: &Node) -> Option<(ValueId, f64, f64)> {
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

pub(super) fn passes(node: &Node) -> bool {
    ["Identity", "Dropout", "Cast"].iter().any(|op| node.is(op))
}

/// Equal within what half precision keeps.
pub(super) fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-3 * b.abs().max(1e-3)
}
