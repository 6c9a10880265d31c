//! The report of a scored model: the JSON of `reluctant score --json` and what the page draws.
//! Field names are a contract (`reluctant.score/1`): add, never rename.

use std::collections::BTreeMap;

use serde::Serialize;

/// A whole report.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Score {
    /// Always `reluctant.score/1`.
    pub schema: &'static str,
    /// The file and its interface.
    pub model: ModelInfo,
    /// How much of the graph the totals speak for.
    pub coverage: Coverage,
    /// Sums over `layers`.
    pub totals: Totals,
    /// Runs of layers at one resolution, in order; their sums add up to `totals`.
    pub stages: Vec<Stage>,
    /// One row per node that holds work or is unknown, in graph order.
    pub layers: Vec<Layer>,
    /// The MACs or FLOPs that other tools would print for this model.
    pub views: Vec<View>,
    /// Costs, where protocols were asked for; as in `reluctant.cost/1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub estimates: Option<Vec<crate::cost::Estimate>>,
}

/// The file and its interface.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ModelInfo {
    /// File name, or the name of the example.
    pub name: String,
    /// Size of the file.
    pub file_bytes: u64,
    /// Bytes of it that were read.
    pub bytes_read: u64,
    /// ONNX IR version.
    pub ir_version: i64,
    /// Version of the default operator set.
    pub opset: i64,
    /// Versions of all imported operator sets, by domain ("" is ai.onnx).
    pub opsets: BTreeMap<String, i64>,
    /// What wrote the file.
    pub producer: String,
    /// Inputs that are not weights.
    pub inputs: Vec<Port>,
    /// Outputs.
    pub outputs: Vec<Port>,
    /// Symbolic dimensions and the values they took.
    pub symbols: Vec<Symbol>,
    /// Hash of the structure: ops, attributes, wiring, shapes; neither names nor weights.
    pub hash: String,
    /// Where the weights are.
    pub weights: Weights,
}

/// A model input or output.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Port {
    /// Name in the file.
    pub name: String,
    /// Element type as ONNX names it (`float32`, `int8`, ...), None when the file does not say.
    pub dtype: Option<String>,
    /// Shape in force: numbers, expressions of symbols, `?` for unknown; None when the rank is unknown.
    pub shape: Option<Vec<Extent>>,
    /// Shape as the file declares it.
    pub declared: Option<Vec<Extent>>,
    /// The person set this shape, or the value.
    pub set: bool,
    /// The elements that the person set, of a small integer or boolean input.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub value: Option<Vec<i64>>,
}

/// One dimension for display.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum Extent {
    /// A number.
    Known(i64),
    /// A symbol, an expression, or `?`.
    Symbolic(String),
}

/// A symbolic dimension.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Dimension"))]
pub struct Symbol {
    /// Name in the file, or `INPUT[AXIS]` for an unnamed one.
    pub name: String,
    /// The value in force; None leaves it symbolic.
    pub value: Option<i64>,
    /// Who chose the value.
    pub origin: Origin,
    /// Why another value is guessed than the usual, or none: `128 is impossible: the window is wider than ...`.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[cfg_attr(test, ts(optional, as = "Option<String>"))]
    pub why: String,
}

/// Who chose a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum Origin {
    /// Guessed from the name or place; shown as a guess.
    Guessed,
    /// Set by the person.
    Set,
    /// Nobody: stays symbolic.
    Unset,
}

/// Where the weights are.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Weights {
    /// Bytes inside the file.
    pub inside_bytes: u64,
    /// Bytes in files beside it.
    pub external_bytes: u64,
    /// Names of external files that are not here.
    pub missing_files: Vec<String>,
    /// What is wrong with each location that cannot be used, a sentence each.
    pub faults: Vec<String>,
}

/// How much of the graph the totals speak for.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Coverage {
    /// All nodes, functions inlined and bodies entered.
    pub nodes: u64,
    /// Nodes that were counted, nodes without work included.
    pub counted: u64,
    /// Nodes that could hold work and were not counted.
    pub unknown: Vec<UnknownNode>,
}

/// A node that was not counted.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct UnknownNode {
    /// Name, or first output where the name is empty.
    pub node: String,
    /// Operator, with its domain where it is not the default one.
    pub op: String,
    /// Why.
    pub reason: String,
}

/// Node and element counts of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Tally {
    /// Nodes.
    pub nodes: u64,
    /// Scalars.
    pub elements: u64,
}

/// What another tool would print, and why it differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct View {
    /// The tool, and its mode.
    pub tool: &'static str,
    /// Its number; None where the file cannot tell (BatchNorm that was folded away).
    pub value: Option<u64>,
    /// The sum behind it: `MACs + 2 x 614400 BatchNorm elements`.
    pub formula: String,
}

/// Sums; each equals the sum of the rows in `layers` that carry it.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Totals {
    /// Weights and biases that the file holds, shared ones once.
    pub params: u64,
    /// Dense multiply-accumulates (padded zeros included).
    pub macs: u64,
    /// Multiply-accumulates on real input elements only.
    pub macs_valid: u64,
    /// ReLU nodes, those folded into a quantiser included.
    pub relu: Tally,
    /// Every other kind.
    pub activations: BTreeMap<String, Tally>,
    /// Two-way comparisons of the activations that are made of them.
    pub comparisons: u64,
    /// Average-pool outputs: local sums with a truncation each.
    pub average_pool: Tally,
    /// Points where a fixed-point protocol truncates.
    pub truncations: u64,
    /// Element-wise products of two secret values.
    pub products: u64,
    /// Element-wise adds, bias excluded.
    pub adds: u64,
    /// Bias adds.
    pub bias: u64,
    /// BatchNorm elements that were not folded.
    pub batch_norm: u64,
    /// Bytes of all weights, shared ones once.
    pub weight_bytes: u64,
    /// Bytes of all layer outputs.
    pub activation_bytes: u64,
    /// Of `macs` and `relu`, those that are 0 because nothing was counted while nodes are unknown: shown as `-`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(optional, as = "Option<Vec<String>>"))]
    pub not_known: Vec<&'static str>,
}

/// A run of layers at one resolution.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Stage {
    /// `stem`, `S1`, ..., `head`.
    pub name: String,
    /// Spatial size, None in a head or a transformer.
    pub resolution: Option<Vec<u64>>,
    /// Blocks found in it.
    pub blocks: u64,
    /// Rows in it.
    pub layers: u64,
    /// Parameters.
    pub params: u64,
    /// Dense MACs.
    pub macs: u64,
    /// ReLUs.
    pub relu: Tally,
    /// Every other kind.
    pub activations: BTreeMap<String, Tally>,
}

/// What became of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum LayerStatus {
    /// Counted.
    Counted,
    /// Not counted; `reason` says why.
    Unknown,
}

/// An activation in a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LayerActivation {
    /// Kind, a key of `totals.activations` or `ReLU`.
    pub kind: String,
    /// Scalars.
    pub elements: u64,
    /// Rows of Softmax, norms, ArgMax; 0 where rows mean nothing.
    pub rows: u64,
    /// Scalars in a row, or in a pooling window; 0 where rows mean nothing.
    pub row_length: u64,
    /// Two-way comparisons, where the kind is one.
    pub comparisons: u64,
    /// Found inside a quantiser.
    pub folded: bool,
}

impl From<&crate::count::Activation> for LayerActivation {
    fn from(a: &crate::count::Activation) -> Self {
        Self {
            kind: a.kind.name(),
            elements: a.elements,
            rows: a.rows,
            row_length: a.row_length,
            comparisons: a.comparisons,
            folded: a.folded,
        }
    }
}

/// One row of the layer table.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Layer {
    /// Index of the node in the graph.
    pub index: u32,
    /// Node name, or its first output where the name is empty.
    pub name: String,
    /// Operator; a composite carries the operator of the node that closes it.
    pub op: String,
    /// Name of the first output.
    pub output: String,
    /// Shape of the first output; None when unknown.
    pub shape: Option<Vec<Extent>>,
    /// Dense MACs; None when unknown.
    pub macs: Option<u64>,
    /// MACs on real input elements only; None when unknown.
    pub macs_valid: Option<u64>,
    /// Parameters of this use, known whatever the shapes are; a shared weight shows in each use and counts once in the total.
    /// None in links from before.
    pub params: Option<u64>,
    /// Of `params`, those already shown by an earlier row.
    pub params_shared: u64,
    /// Activation elements by kind; None when the node has none (or is unknown: see `status`).
    pub activation: Option<LayerActivation>,
    /// Average-pool outputs.
    pub average_pool: u64,
    /// Truncation points.
    pub truncations: u64,
    /// Products of two secret values.
    pub products: u64,
    /// Element-wise adds.
    pub adds: u64,
    /// Bias adds.
    pub bias: u64,
    /// BatchNorm elements.
    pub batch_norm: u64,
    /// Bytes of the weights of this use.
    pub weight_bytes: u64,
    /// Bytes of the outputs.
    pub activation_bytes: Option<u64>,
    /// Name of the stage.
    pub stage: String,
    /// Block inside the stage, from 1; 0 outside a block.
    pub block: u32,
    /// Counted or not.
    pub status: LayerStatus,
    /// Why not, when unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub reason: Option<String>,
    /// Facts a reader must know: `counted once: body of Loop`, `shape guessed`, ...
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(optional, as = "Option<Vec<String>>"))]
    pub marks: Vec<String>,
}

/// Where a number of the table comes from: the card that opens beside it.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Card {
    /// What the number is.
    pub title: String,
    /// The number, exact.
    pub value: Option<u64>,
    /// Its unit.
    pub unit: &'static str,
    /// The rule in symbols.
    pub formula: String,
    /// The rule with the values put in.
    pub with_values: String,
    /// The convention behind it.
    pub source: String,
    /// What the number leaves out; may be empty.
    pub leaves_out: String,
    /// Rows that sum to it, by `Layer::index`, for a total.
    pub rows: Vec<u32>,
    /// The same figure as other tools give it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(optional, as = "Option<Vec<View>>"))]
    pub also: Vec<View>,
}
