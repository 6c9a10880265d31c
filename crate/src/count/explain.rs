//! Where a number comes from: its rule in symbols, the rule with this node's values, the convention
//! behind it, and what it leaves out. Made only when asked for.

use super::{Conv, NodeCount, Status, Work};
use crate::ir::graph::{Graph, NodeId};

/// A column of the layer table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Column {
    Params,
    Macs,
    MacsValid,
    Activation,
    AveragePool,
    Truncations,
    Products,
    Adds,
    Bias,
    BatchNorm,
    Comparisons,
}

impl Column {
    /// From the name of a field of the report.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "params" => Self::Params,
            "macs" => Self::Macs,
            "macs_valid" => Self::MacsValid,
            "activation" | "relu" => Self::Activation,
            "average_pool" => Self::AveragePool,
            "truncations" => Self::Truncations,
            "products" => Self::Products,
            "adds" => Self::Adds,
            "bias" => Self::Bias,
            "batch_norm" => Self::BatchNorm,
            "comparisons" => Self::Comparisons,
            _ => return None,
        })
    }
}

/// A number opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explanation {
    /// What the number is.
    pub title: String,
    /// The rule in symbols.
    pub formula: String,
    /// The rule with the values put in.
    pub with_values: String,
    /// The convention behind it.
    pub source: String,
    /// What it leaves out; may be empty.
    pub leaves_out: String,
}

/// Opens one number of one node; None where the node does not exist.
pub fn explain(graph: &Graph, counts: &[NodeCount], node: NodeId, column: Column) -> Option<Explanation> {
    let (count, op) = (counts.get(node.0 as usize)?, graph.nodes.get(node.0 as usize)?);
    if let Status::Unknown(why) = &count.status {
        return Some(Explanation {
            title: format!("Not counted: {}", op.op),
            formula: "unknown".to_owned(),
            with_values: why.clone(),
            source: "an operator or a shape without a rule is unknown, never 0".to_owned(),
            leaves_out: "everything this node may do".to_owned(),
        });
    }
    let text =
        |title: &str, formula: &str, with_values: String, source: &str, leaves_out: &str| Explanation {
            title: title.to_owned(),
            formula: formula.to_owned(),
            with_values,
            source: source.to_owned(),
            leaves_out: leaves_out.to_owned(),
        };
    Some(match column {
        Column::Macs => macs(count),
        Column::MacsValid => text(
            "Multiply-accumulates on real inputs",
            "pairs of output and tap that fall inside the tensor, per axis, times channels",
            count.macs_valid.to_string(),
            "counted in closed form along each axis",
            "multiplications by padded zeros",
        ),
        Column::Params => text(
            "Parameters",
            "sum of the stored tensors that this node computes with",
            params(graph, count),
            "weights and biases, BatchNorm scale and shift included; a shared tensor shows in each use",
            "running statistics, scales and zero points of quantisers, single constants",
        ),
        Column::Activation => activation(count),
        Column::AveragePool => text(
            "Average-pool outputs",
            "outputs of a mean over a window",
            format!("{} outputs, {} summands each", count.average_pool, count.average_pool_window),
            "a local sum and a truncation each",
            "the adds of the sum, which are local",
        ),
        Column::Truncations => text(
            "Truncations",
            "outputs of linear layers, averages, products, scalings and BatchNorm that is not folded",
            count.truncations.to_string(),
            "fixed point doubles its fraction in a product and must cut it back",
            "truncations inside the activations, which a protocol's price holds",
        ),
        Column::Products => text(
            "Products of two secret values",
            "elements where both factors depend on the input",
            count.products.to_string(),
            "a product with a constant is local and is not counted here",
            "attention, whose products are MACs",
        ),
        Column::Adds => text(
            "Element-wise adds",
            "elements x (operands - 1)",
            count.adds.to_string(),
            "local in every protocol",
            "bias adds, and the adds inside MACs",
        ),
        Column::Bias => text(
            "Bias adds",
            "one per output of a layer with a bias",
            count.bias.to_string(),
            "local in every protocol",
            "",
        ),
        Column::Comparisons => text(
            "Two-way comparisons",
            "ReLU and LeakyReLU 1 an element, ReLU6 2, a maximum of n numbers n - 1",
            count.activation.as_ref().map_or(0, |activation| activation.comparisons).to_string(),
            "what a protocol compares, whichever way it does",
            "",
        ),
        Column::BatchNorm => text(
            "BatchNorm elements",
            "one per output",
            count.batch_norm.to_string(),
            if count.work.is_empty() {
                "folds into the layer before it: no work of its own"
            } else {
                "does not follow a linear layer: a product and an add with constants each"
            },
            "",
        ),
    })
}

fn macs(count: &NodeCount) -> Explanation {
    let (formula, source, leaves_out) = match count.rule {
        "conv" => (
            "N x Cout x out x (Cin / groups) x kernel",
            "dense: padded zeros are multiplied too, as papers count",
            "bias",
        ),
        "conv-transpose" => (
            "input elements x (Cout / groups) x kernel",
            "each input meets every tap once; by output elements it would be too many by the stride",
            "bias",
        ),
        "attention" => {
            ("batch x heads x queries x keys x (width + value width)", "q.k and a.v both count", "Softmax")
        }
        "recurrent" => (
            "directions x steps x batch x gates x H x (I + H)",
            "4 gates for LSTM, 3 for GRU, 1 for RNN",
            "bias, gate functions and gate products",
        ),
        _ => ("batch x m x k x n", "one per multiply-accumulate, not two", "bias"),
    };
    let values: Vec<String> = count.work.iter().filter_map(in_numbers).collect();
    let with_values = match values.len() {
        0 => count.macs.to_string(),
        _ => format!("{} = {}", values.join(" + "), count.macs),
    };
    Explanation {
        title: "Multiply-accumulates".to_owned(),
        formula: formula.to_owned(),
        with_values,
        source: source.to_owned(),
        leaves_out: leaves_out.to_owned(),
    }
}

/// The MACs of a piece of work as a product.
fn in_numbers(work: &Work) -> Option<String> {
    let times = |factors: &[u64]| factors.iter().map(u64::to_string).collect::<Vec<_>>().join(" x ");
    let conv = |c: &Conv, channels: [u64; 2], positions: &[u64]| {
        times(&[&[c.batch, channels[0]], positions, &[channels[1]], c.kernel.as_slice()].concat())
    };
    Some(match work {
        Work::Conv(c) => conv(c, [c.out_channels, c.in_channels.checked_div(c.groups)?], &c.output),
        Work::ConvTranspose(c) => conv(c, [c.in_channels, c.out_channels.checked_div(c.groups)?], &c.input),
        Work::MatMul { batch, m, k, n, steps, .. } => times(&[*batch, *m, *k, *n, *steps]),
        _ => return None,
    })
}

fn activation(count: &NodeCount) -> Explanation {
    let Some(a) = count.activation else {
        return Explanation { title: "No non-linear function".to_owned(), ..Explanation::default() };
    };
    let with_values = match (a.rows, a.row_length) {
        (0, _) => a.elements.to_string(),
        (rows, length) if rows == a.elements => format!("{rows} outputs, {length} inputs each"),
        (rows, length) => format!("{rows} rows x {length} = {}", a.elements),
    };
    Explanation {
        title: format!("{:?} elements", a.kind),
        formula: "scalars that pass through the function".to_owned(),
        with_values,
        source: if a.folded {
            "a quantiser with its zero point at the bottom of the range cuts off negative values".to_owned()
        } else {
            "one per scalar and call site, for the batch that is set".to_owned()
        },
        leaves_out: if a.comparisons > 0 {
            format!("it takes {} two-way comparisons", a.comparisons)
        } else {
            String::new()
        },
    }
}

fn params(graph: &Graph, count: &NodeCount) -> String {
    let each: Vec<String> =
        count.params.iter().map(|p| format!("{} {}", graph.value(p.value).name, p.elements)).collect();
    let sum = count.params.iter().fold(0u64, |sum, p| sum.saturating_add(p.elements));
    if each.is_empty() { "none".to_owned() } else { format!("{} = {sum}", each.join(" + ")) }
}
