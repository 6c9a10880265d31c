//! The layer table as CSV.

use super::score::{Extent, Score};
use crate::csv::{Cell, line};

const COLUMNS: [&str; 20] = [
    "index",
    "name",
    "op",
    "output",
    "shape",
    "stage",
    "block",
    "params",
    "macs",
    "macs_valid",
    "activation",
    "elements",
    "average_pool",
    "truncations",
    "products",
    "adds",
    "bias",
    "batch_norm",
    "status",
    "reason",
];

/// One line a row of `layers`; an unknown number is empty. See [`crate::csv`].
pub fn csv(score: &Score) -> String {
    let mut text = format!("{}\r\n", line(&COLUMNS.map(Cell::from)));
    for layer in &score.layers {
        let activation = layer.activation.as_ref();
        let known = layer.macs.is_some();
        let cells: [Cell; COLUMNS.len()] = [
            layer.index.into(),
            (&layer.name).into(),
            (&layer.op).into(),
            (&layer.output).into(),
            layer.shape.as_deref().map(shape_text).as_ref().into(),
            (&layer.stage).into(),
            layer.block.into(),
            layer.params.into(),
            layer.macs.into(),
            layer.macs_valid.into(),
            activation.map(|a| &a.kind).into(),
            activation.map(|a| a.elements).into(),
            known.then_some(layer.average_pool).into(),
            known.then_some(layer.truncations).into(),
            known.then_some(layer.products).into(),
            known.then_some(layer.adds).into(),
            known.then_some(layer.bias).into(),
            known.then_some(layer.batch_norm).into(),
            if known { "counted" } else { "unknown" }.into(),
            layer.reason.as_deref().into(),
        ];
        text.push_str(&line(&cells));
        text.push_str("\r\n");
    }
    text
}

/// `1x3x32x32`.
pub fn shape_text(dims: &[Extent]) -> String {
    let part = |extent: &Extent| match extent {
        Extent::Known(n) => n.to_string(),
        Extent::Symbolic(text) => text.clone(),
    };
    dims.iter().map(part).collect::<Vec<_>>().join("x")
}
