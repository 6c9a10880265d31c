//! Plain rows: what one layer does, without a graph. `cost` sees these only, so that typed-in
//! numbers price exactly like a model's. All sizes are for the batch that was set (default 1).

use serde::{Deserialize, Serialize};

pub use crate::ir::kind::Kind;

/// One use of a non-linear function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Activation {
    /// Which function.
    pub kind: Kind,
    /// Scalars that come out of it (for `ReduceMax`, `ArgMax`: outputs; see `rows` for what goes in).
    pub elements: u64,
    /// Independent rows for Softmax, ArgMax, TopK, ReduceMax and the norms; 0 where rows mean nothing.
    pub rows: u64,
    /// Scalars in each row, or in each window of a MaxPool; 0 where rows mean nothing.
    pub row_length: u64,
    /// Two-way comparisons: MaxPool outputs x (window - 1), ReLU 1 per element, ReLU6 2, ...; 0 where the kind is no comparison.
    pub comparisons: u64,
    /// Folded into a quantiser: the node that carries it is a QuantizeLinear or a quantised op.
    #[serde(default)]
    pub folded: bool,
}

/// A convolution's sizes, one entry per spatial axis.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Conv {
    /// Batch.
    pub batch: u64,
    /// Input channels, all groups.
    pub in_channels: u64,
    /// Output channels, all groups.
    pub out_channels: u64,
    /// Groups.
    pub groups: u64,
    /// Input size.
    pub input: Vec<u64>,
    /// Output size.
    pub output: Vec<u64>,
    /// Kernel size.
    pub kernel: Vec<u64>,
    /// Strides.
    pub strides: Vec<u64>,
    /// Dilations.
    pub dilations: Vec<u64>,
    /// Padding before and after, resolved from auto_pad.
    pub pads: Vec<(u64, u64)>,
    /// Output places that are computed, of all samples; None is all. What a plan drops is no row of the unfolded input.
    #[serde(skip)]
    #[cfg_attr(test, ts(skip))]
    pub places: Option<u64>,
}

/// One piece of work that a protocol must price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum Work {
    /// Convolution with weights.
    Conv(Conv),
    /// Transposed convolution with weights.
    ConvTranspose(Conv),
    /// `batch` products of (m x k) by (k x n). `secret` = both sides depend on the input (attention);
    /// else the k x n side is a weight, used once for all batches.
    MatMul {
        /// Independent products.
        batch: u64,
        /// Rows of the input.
        m: u64,
        /// Inner size.
        k: u64,
        /// Columns.
        n: u64,
        /// Both operands depend on the input.
        secret: bool,
        /// How often all of this is done, one after another (recurrent steps); 1 elsewhere.
        steps: u64,
    },
    /// A non-linear function.
    Activation(Activation),
    /// a x^2 + b x + c in place of an activation; no rule counts one, a plan puts it there.
    Poly2 {
        /// Scalars that come out of it.
        elements: u64,
        /// The coefficients are secret, one set a channel; else both parties know them.
        secret: bool,
    },
    /// Local sum, then one truncation per output.
    AvgPool {
        /// Outputs.
        elements: u64,
        /// Summands of one output.
        window: u64,
    },
    /// Element-wise product of two values that both depend on the input (squeeze-excite gate).
    Product {
        /// Scalars multiplied.
        elements: u64,
    },
    /// Element-wise product with a constant: free of interaction, one truncation per output.
    Scale {
        /// Scalars multiplied.
        elements: u64,
    },
    /// BatchNorm: one product with the server's weights and one truncation per element. After linear work in one row it
    /// is one that goes into that layer's weights; a row of its own cannot.
    BatchNorm {
        /// Scalars normalised.
        elements: u64,
    },
    /// Adds and the like: local in every protocol.
    Add {
        /// Scalars added.
        elements: u64,
    },
}

/// What one layer asks of a protocol.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "WorkRow"))]
pub struct Row {
    /// Index of the node in the graph, or of the typed-in row.
    pub index: u32,
    /// Name for people; never used in a formula.
    pub name: String,
    /// Operator.
    pub op: String,
    /// In order of execution.
    pub work: Vec<Work>,
    /// Why the row cannot be priced, or costs more than its work; None when all its work is listed.
    pub unknown: Option<String>,
    /// Positions, in the list of rows, of those that it reads: the nearest with work, rising, each
    /// before it. None is the row just before, as in a chain; empty is the network's input alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub after: Option<Vec<u32>>,
    /// How often all of the work is done, one after another: a row in a loop. None is once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub passes: Option<u64>,
}

impl Row {
    /// The rows that the row at `position` reads, nothing but its input where there is none.
    pub fn reads(&self, position: usize) -> impl Iterator<Item = usize> + '_ {
        let chain = if self.after.is_none() { position.checked_sub(1) } else { None };
        self.after.iter().flatten().map(|read| *read as usize).chain(chain)
    }
}
