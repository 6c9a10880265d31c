//! Cards: where a number of the report comes from.

use super::model::{Basis, Scored};
use super::score::{Card, Extent, Layer, Score};
use crate::count::{self, Explanation, explain};
use crate::error::{Code, Error, Result};
use crate::ir::graph::NodeId;

const COUNTING: &str = "Counting conventions of Reluctant: batch as set, padded zeros included in dense MACs";

/// A column of the layer table whose rows sum to a total.
pub(super) struct Column {
    pub id: &'static str,
    title: &'static str,
    unit: &'static str,
    pub of: fn(&Layer) -> u64,
    total: fn(&Score) -> u64,
    leaves_out: &'static str,
}

/// In the order of the table: the identity of a row stands before them, what it is not before `average_pool`.
pub(super) const COLUMNS: &[Column] = &[
    Column {
        id: "params",
        title: "Parameters",
        unit: "parameters",
        of: |layer| layer.params.unwrap_or(0).saturating_sub(layer.params_shared),
        total: |score| score.totals.params,
        leaves_out: "Running statistics of BatchNorm. A weight that several layers share counts once.",
    },
    Column {
        id: "macs",
        title: "Multiply-accumulates, dense",
        unit: "MACs",
        of: |layer| layer.macs.unwrap_or(0),
        total: |score| score.totals.macs,
        leaves_out: "Bias, BatchNorm, pooling, adds and activations: each has a column of its own.",
    },
    Column {
        id: "macs_valid",
        title: "Multiply-accumulates without padding",
        unit: "MACs",
        of: |layer| layer.macs_valid.unwrap_or(0),
        total: |score| score.totals.macs_valid,
        leaves_out: "Products with padded zeros.",
    },
    Column {
        id: "average_pool",
        title: "Average-pool outputs",
        unit: "elements",
        of: |layer| layer.average_pool,
        total: |score| score.totals.average_pool.elements,
        leaves_out: "The sums themselves, which are local.",
    },
    Column {
        id: "truncations",
        title: "Truncation points",
        unit: "elements",
        of: |layer| layer.truncations,
        total: |score| score.totals.truncations,
        leaves_out: "Truncations inside an activation: a protocol's formula for the activation holds them.",
    },
    Column {
        id: "products",
        title: "Products of two secret values",
        unit: "elements",
        of: |layer| layer.products,
        total: |score| score.totals.products,
        leaves_out: "Matrix products of two secret values: they stand under MACs.",
    },
    Column {
        id: "adds",
        title: "Element-wise adds",
        unit: "elements",
        of: |layer| layer.adds,
        total: |score| score.totals.adds,
        leaves_out: "Bias adds.",
    },
    Column {
        id: "bias",
        title: "Bias adds",
        unit: "elements",
        of: |layer| layer.bias,
        total: |score| score.totals.bias,
        leaves_out: "",
    },
    Column {
        id: "batch_norm",
        title: "BatchNorm elements",
        unit: "elements",
        of: |layer| layer.batch_norm,
        total: |score| score.totals.batch_norm,
        leaves_out: "BatchNorm that the exporter folded into a convolution.",
    },
    Column {
        id: "comparisons",
        title: "Two-way comparisons",
        unit: "comparisons",
        of: |layer| layer.activation.as_ref().map_or(0, |activation| activation.comparisons),
        total: |score| score.totals.comparisons,
        leaves_out: "Activations that are no comparison: a protocol's formula holds those that it takes for them.",
    },
    Column {
        id: "weight_bytes",
        title: "Bytes of the weights",
        unit: "bytes",
        of: |layer| layer.weight_bytes,
        total: |score| score.totals.weight_bytes,
        leaves_out: "",
    },
    Column {
        id: "activation_bytes",
        title: "Bytes of the layer outputs",
        unit: "bytes",
        of: |layer| layer.activation_bytes.unwrap_or(0),
        total: |score| score.totals.activation_bytes,
        leaves_out: "Outputs of rows whose shape is unknown, and values that only move.",
    },
];

impl Scored {
    /// Where a number comes from: of the row of node `index`, or of the total where that is None.
    ///
    /// # Errors
    /// `InvalidSetting` for a column or row that is none.
    pub fn card(&self, index: Option<u32>, column: &str) -> Result<Card> {
        card(self, index, column)
    }
}

fn card(scored: &Scored, index: Option<u32>, column: &str) -> Result<Card> {
    let unknown = || {
        let ids: Vec<&str> = COLUMNS.iter().map(|column| column.id).collect();
        Error::new(Code::InvalidSetting, format!("there is no column {column:?}"))
            .hint(format!("columns: {}, relu, activation:KIND, coverage", ids.join(", ")))
    };
    match index {
        Some(index) => row_card(scored, index, column).ok_or_else(unknown),
        None => total_card(&scored.score, column).ok_or_else(unknown),
    }
}

fn row_card(scored: &Scored, index: u32, column: &str) -> Option<Card> {
    let layer = scored.score.layers.iter().find(|layer| layer.index == index)?;
    let activation = layer.activation.as_ref().map(|a| a.elements);
    let known = COLUMNS.iter().find(|known| known.id == column);
    let (value, unit) = match (known, column) {
        (Some(known), _) => (layer.macs.map(|_| (known.of)(layer)), known.unit),
        (None, "relu" | "activation") => (activation, "elements"),
        (None, other) if other.starts_with("activation:") => (activation, "elements"),
        (None, _) => return None,
    };
    let name = if column.starts_with("activation:") { "activation" } else { column };
    let text = match (count::Column::from_name(name), &scored.basis) {
        (Some(column), Some(Basis { graph, counts })) => explain(graph, counts, NodeId(index), column)?,
        (Some(_), None) => from_link(known),
        (None, _) => bytes_text(layer, column),
    };
    Some(Card {
        title: text.title,
        value,
        unit,
        formula: text.formula,
        with_values: text.with_values,
        source: text.source,
        leaves_out: text.leaves_out,
        rows: vec![index],
        also: Vec::new(),
    })
}

/// A link holds figures without the graph that they come from.
fn from_link(column: Option<&Column>) -> Explanation {
    Explanation {
        title: column.map_or("Activation elements", |column| column.title).to_owned(),
        formula: String::new(),
        with_values: String::new(),
        source: "The link that this score came with".to_owned(),
        leaves_out: "The rule and its values: they need the model's file.".to_owned(),
    }
}

/// Byte columns follow from elements and their type alone.
fn bytes_text(layer: &Layer, column: &str) -> Explanation {
    let weights = column == "weight_bytes";
    let (title, elements, bytes) = if weights {
        ("Bytes of the weights", layer.params, Some(layer.weight_bytes))
    } else {
        let known = |dims: &Vec<Extent>| dims.iter().map(size).product::<Option<u64>>();
        ("Bytes of the output", layer.shape.as_ref().and_then(known), layer.activation_bytes)
    };
    let text = |n: Option<u64>| n.map_or_else(|| "unknown".to_owned(), |n| n.to_string());
    Explanation {
        title: title.to_owned(),
        formula: "elements x bytes of an element".to_owned(),
        with_values: format!("{} elements = {} B", text(elements), text(bytes)),
        source: "Element types as the file states them".to_owned(),
        leaves_out: String::new(),
    }
}

fn size(extent: &Extent) -> Option<u64> {
    match extent {
        Extent::Known(n) => u64::try_from(*n).ok(),
        Extent::Symbolic(_) => None,
    }
}

fn total_card(score: &Score, column: &str) -> Option<Card> {
    if column == "coverage" {
        return Some(coverage_card(score));
    }
    if let Some(known) = COLUMNS.iter().find(|known| known.id == column) {
        let leaves_out = known.leaves_out;
        let mut card = sum_card(score, known.title, known.unit, known.of, (known.total)(score), leaves_out);
        if column == "macs" {
            card.also.clone_from(&score.views);
        }
        return Some(card);
    }
    let kind = if column == "relu" { "ReLU" } else { column.strip_prefix("activation:")? };
    let of = |layer: &Layer| match &layer.activation {
        Some(activation) if activation.kind == kind => activation.elements,
        _ => 0,
    };
    let total = match kind {
        "ReLU" => score.totals.relu.elements,
        other => score.totals.activations.get(other)?.elements,
    };
    let leaves_out = "Inputs of max-pools and of other kinds, which have rows of their own.";
    Some(sum_card(score, &format!("{kind} elements"), "elements", of, total, leaves_out))
}

fn sum_card(
    score: &Score,
    title: &str,
    unit: &'static str,
    of: impl Fn(&Layer) -> u64,
    total: u64,
    leaves_out: &str,
) -> Card {
    let rows: Vec<&Layer> = score.layers.iter().filter(|layer| of(layer) > 0).collect();
    let mut terms: Vec<String> = rows.iter().take(MAX_TERMS).map(|layer| of(layer).to_string()).collect();
    if rows.len() > MAX_TERMS {
        terms.push(format!("... ({} more rows)", rows.len() - MAX_TERMS));
    }
    let unknown = score.coverage.unknown.len();
    let partial = format!("{unknown} nodes that were not counted. {leaves_out}");
    Card {
        title: title.to_owned(),
        value: Some(total),
        unit,
        formula: "sum over the layers".to_owned(),
        with_values: format!("{} = {total}", if terms.is_empty() { "0".into() } else { terms.join(" + ") }),
        source: COUNTING.to_owned(),
        leaves_out: if unknown > 0 { partial.trim().to_owned() } else { leaves_out.to_owned() },
        rows: rows.iter().map(|layer| layer.index).collect(),
        also: Vec::new(),
    }
}

/// Terms of a sum that a card writes out.
const MAX_TERMS: usize = 12;

fn coverage_card(score: &Score) -> Card {
    let coverage = &score.coverage;
    Card {
        title: "Nodes counted".to_owned(),
        value: Some(coverage.counted),
        unit: "nodes",
        formula: "nodes - nodes whose work is unknown".to_owned(),
        with_values: format!("{} - {} = {}", coverage.nodes, coverage.unknown.len(), coverage.counted),
        source: "A node counts when its operator has a rule, or is known to hold no work".to_owned(),
        leaves_out: "The work of the unknown nodes is in no total.".to_owned(),
        rows: (score.layers.iter().filter(|layer| layer.reason.is_some())).map(|layer| layer.index).collect(),
        also: Vec::new(),
    }
}
