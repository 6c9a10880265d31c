//! Which layers must have the same number of channels: widen one and all of them widen.
//!
//! A set is closed where every layer that makes or reads its channels has a rule here; what reshapes, joins or cuts
//! channels leaves it open, with the reason. Channels of the network's inputs and outputs are never widened.

use crate::ir::channels::channel_axis;
use crate::ir::graph::{Graph, Node, ValueId};

/// Sets of channels, one for each value that has any.
pub(super) struct Tied {
    /// By value.
    set: Vec<usize>,
    /// Why a set may not be widened, by its root.
    open: Vec<Option<&'static str>>,
}

impl Tied {
    /// Of a graph whose shapes are known.
    pub(super) fn of(graph: &Graph) -> Self {
        let count = graph.values.len();
        let mut tied = Self { set: (0..count).collect(), open: vec![None; count] };
        for node in &graph.nodes {
            tied.node(graph, node);
        }
        graph.inputs.iter().for_each(|value| tied.bar(*value, "channels of the network's input"));
        graph.outputs.iter().for_each(|value| tied.bar(*value, "outputs of the network"));
        tied
    }

    /// The root of a value's set.
    pub(super) fn root(&self, value: ValueId) -> usize {
        let mut at = value.0 as usize;
        while let Some(next) = self.set.get(at).filter(|next| **next != at) {
            at = *next;
        }
        at
    }

    /// Why a set may not be widened; None where it may.
    pub(super) fn open(&self, root: usize) -> Option<&'static str> {
        self.open.get(root).copied().flatten()
    }

    fn bar(&mut self, value: ValueId, why: &'static str) {
        let root = self.root(value);
        if let Some(open) = self.open.get_mut(root) {
            open.get_or_insert(why);
        }
    }

    fn tie(&mut self, a: ValueId, b: ValueId) {
        let (a, b) = (self.root(a), self.root(b));
        if a != b {
            let why = self.open(a);
            if let Some(slot) = self.set.get_mut(a) {
                *slot = b;
            }
            if let Some(open) = self.open.get_mut(b) {
                *open = open.or(why);
            }
        }
    }

    fn node(&mut self, graph: &Graph, node: &Node) {
        let flows =
            |value: &ValueId| graph.value(*value).weight.is_none() && graph.value(*value).constant.is_none();
        let inputs: Vec<ValueId> = node.inputs.iter().flatten().copied().filter(flows).collect();
        let outputs: Vec<ValueId> = node.outputs.iter().flatten().copied().collect();
        let (Some(x), Some(y)) = (inputs.first().copied(), outputs.first().copied()) else { return };
        let channels = |value: ValueId| {
            let axis = channel_axis(graph, value)?;
            graph.sizes(value)?.get(axis).copied()
        };
        match node.op.as_str() {
            "Conv" => match (node.attrs.int_or("group", 1), channels(x), channels(y)) {
                (1, ..) => {}
                (groups, Some(a), Some(b)) if a == b && groups as u64 == a => self.tie(x, y),
                _ => [x, y]
                    .iter()
                    .for_each(|value| self.bar(*value, "groups of a convolution share its channels")),
            },
            "Gemm" if inputs.len() == 1 => {}
            // One size is the channels', all others are 1 or stay: the elements of a channel follow one another.
            "Flatten" if node.attrs.int_or("axis", 1) == 1 => self.tie(x, y),
            "BatchNormalization" | "Relu" | "Clip" | "LeakyRelu" | "HardSwish" | "HardSigmoid"
            | "Sigmoid" | "Tanh" | "Gelu" | "Identity" | "Dropout" | "MaxPool" | "AveragePool"
            | "GlobalAveragePool" => self.tie(x, y),
            "Add" | "Mul" | "Sub" if inputs.len() == 2 => {
                for value in inputs {
                    if channels(value) == channels(y) {
                        self.tie(value, y);
                    } else {
                        self.bar(value, "a sum or product spreads it over other channels");
                    }
                }
            }
            _ => {
                let values = inputs.into_iter().chain(outputs);
                values.for_each(|value| self.bar(value, "an operator rearranges its channels"));
            }
        }
    }
}
