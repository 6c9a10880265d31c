//! What a rule finds of one node.

use super::row::{Activation, Work};
use crate::ir::graph::{NodeId, ValueId};

/// A stored tensor that a node reads as parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParamUse {
    /// The stored value, whose weight's `id` tells shared ones; or what ConstantOfShape makes in its place.
    pub value: ValueId,
    /// Scalars.
    pub elements: u64,
    /// Bytes as stored; 0 where the file makes it.
    pub bytes: u64,
}

/// What became of a node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// It holds work (or parameters), and all of it was counted.
    Counted,
    /// It is known to hold no work.
    #[default]
    Free,
    /// Part of a composite that this node closes.
    Part(NodeId),
    /// It may hold work that was not counted; why.
    Unknown(String),
}

/// Counts of one node.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NodeCount {
    /// What became of it; all figures are 0 unless it was counted.
    pub status: Status,
    /// Dense multiply-accumulates: padded zeros included.
    pub macs: u64,
    /// Multiply-accumulates whose input (ConvTranspose: output) lies inside the tensor.
    pub macs_valid: u64,
    /// Stored tensors that it reads as parameters.
    pub params: Vec<ParamUse>,
    /// Its non-linear function, as the table shows it.
    pub activation: Option<Activation>,
    /// Its work in order of execution, as protocols price it.
    pub work: Vec<Work>,
    /// Outputs of an average pool or mean.
    pub average_pool: u64,
    /// Summands of each of them.
    pub average_pool_window: u64,
    /// Points where a fixed-point protocol truncates: one per output of a linear op, average,
    /// product, scaling or BatchNorm that was not folded.
    pub truncations: u64,
    /// Element-wise products of two secret values.
    pub products: u64,
    /// Element-wise adds, bias excluded.
    pub adds: u64,
    /// Bias adds: one per output of a layer that has a bias.
    pub bias: u64,
    /// BatchNorm elements; they are work only where BatchNorm cannot be folded.
    pub batch_norm: u64,
    /// Which rule counted it; `explain` opens it.
    pub rule: &'static str,
    /// Facts that a reader must know.
    pub marks: Vec<String>,
    /// How often all of `work` is done, one after another, in a loop; None is once. The figures hold all passes.
    pub passes: Option<u64>,
    /// Why the figures are the least that it takes; None where they are what it takes.
    pub least: Option<String>,
}

/// What a rule returns: counts, or why there are none.
pub(crate) type Counted = Result<NodeCount, String>;
