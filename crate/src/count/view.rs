//! What a counting rule sees of a node: sizes (or why there are none), constants, and which inputs
//! are secret.

use super::basics::product;
use crate::ir::graph::{Const, Graph, Node, NodeId, ValueId};

/// Facts about the whole graph, computed once.
pub(crate) struct Facts {
    /// Per value: it depends on the data that enters.
    pub secret: Vec<bool>,
    /// Per value: the nodes that read it.
    pub consumers: Vec<Vec<NodeId>>,
}

impl Facts {
    /// From the flags of [`crate::ir::depend`].
    pub fn of(graph: &Graph, secret: Vec<bool>) -> Self {
        Self { secret, consumers: graph.consumers() }
    }

    /// Whether a value depends on the data that enters.
    pub fn is_secret(&self, id: ValueId) -> bool {
        self.secret.get(id.0 as usize).copied().unwrap_or(true)
    }
}

/// A node and what surrounds it.
pub(crate) struct View<'a> {
    /// The graph.
    pub graph: &'a Graph,
    /// Facts about it.
    pub facts: &'a Facts,
    /// The node.
    pub node: &'a Node,
    /// Its index.
    pub id: NodeId,
}

impl<'a> View<'a> {
    /// The view of one node.
    pub fn new(graph: &'a Graph, facts: &'a Facts, id: NodeId) -> Self {
        Self { graph, facts, node: graph.node(id), id }
    }

    /// Whether data flows in or out of the node.
    pub fn touches_secret(&self) -> bool {
        let all = self.node.inputs.iter().chain(&self.node.outputs).flatten();
        if self.node.is("Shape") || self.node.is("Size") {
            return false;
        }
        // A node whose outputs are all known needs no computation.
        self.node.outputs.iter().flatten().any(|v| self.facts.is_secret(*v))
            || (self.node.outputs.iter().flatten().next().is_none()
                && all.into_iter().any(|v| self.facts.is_secret(*v)))
    }

    /// Whether an input is there.
    pub fn has(&self, place: usize) -> bool {
        self.node.input(place).is_some()
    }

    /// Whether an input is there and secret.
    pub fn secret(&self, place: usize) -> bool {
        self.node.input(place).is_some_and(|v| self.facts.is_secret(v))
    }

    /// Number of secret inputs.
    pub fn secrets(&self) -> u64 {
        self.node.inputs.iter().flatten().filter(|v| self.facts.is_secret(**v)).count() as u64
    }

    /// An input, or why there is none.
    pub fn input(&self, place: usize) -> Result<ValueId, String> {
        self.node.input(place).ok_or_else(|| format!("input {place} is missing"))
    }

    /// Sizes of an input.
    pub fn sizes(&self, place: usize) -> Result<Vec<u64>, String> {
        self.sizes_of(self.input(place)?)
    }

    /// Sizes of an output.
    pub fn out_sizes(&self, place: usize) -> Result<Vec<u64>, String> {
        self.sizes_of(self.node.output(place).ok_or_else(|| format!("output {place} is missing"))?)
    }

    /// Elements of an input.
    pub fn elements(&self, place: usize) -> Result<u64, String> {
        product(&self.sizes(place)?)
    }

    /// Elements of the first output.
    pub fn out_elements(&self) -> Result<u64, String> {
        let first = self.node.outputs.iter().position(Option::is_some).unwrap_or(0);
        product(&self.out_sizes(first)?)
    }

    /// Sizes of a value, or the root cause why they are not known.
    pub fn sizes_of(&self, id: ValueId) -> Result<Vec<u64>, String> {
        self.graph.sizes(id).ok_or_else(|| {
            let value = self.graph.value(id);
            if let Some(why) = &value.why {
                return why.clone();
            }
            let open = value.ty.shape().and_then(|shape| shape.iter().find(|dim| dim.known().is_none()));
            match open {
                Some(dim) => {
                    let size = dim.display(&self.graph.symbols);
                    format!("the shape of {} depends on {size}, which has no value", value.name)
                }
                None => format!("the shape of {} is not known", value.name),
            }
        })
    }

    /// Elements of an input that folding knows.
    pub fn constant(&self, place: usize) -> Option<&'a Const> {
        self.graph.value(self.node.input(place)?).constant.as_ref()
    }

    /// The only element of an input that folding knows.
    pub fn scalar(&self, place: usize) -> Option<f64> {
        self.constant(place)?.scalar()
    }

    /// The node that makes an input, seen through nodes that change nothing.
    pub fn producer(&self, place: usize) -> Option<(NodeId, &'a Node)> {
        self.graph.producer(see_through(self.graph, self.node.input(place)?))
    }

    /// An axis in `0..rank`, counted from the end where negative.
    pub fn axis(axis: i64, rank: usize) -> Result<usize, String> {
        let place = if axis < 0 { axis.checked_add(rank as i64) } else { Some(axis) };
        place
            .and_then(|place| usize::try_from(place).ok())
            .filter(|place| *place < rank)
            .ok_or_else(|| format!("axis {axis} is outside rank {rank}"))
    }
}

/// The value before Identity, Dropout and Cast.
pub(crate) fn see_through(graph: &Graph, mut id: ValueId) -> ValueId {
    for _ in 0..8 {
        match graph.producer(id) {
            Some((_, node))
                if ["Identity", "Dropout", "Cast"].iter().any(|op| node.is(op))
                    && node.output(0) == Some(id) =>
            {
                match node.input(0) {
                    Some(before) => id = before,
                    None => return id,
                }
            }
            _ => return id,
        }
    }
    id
}
