//! The layer table as CSV.

use super::columns::{COLUMNS, Column};
use super::score::{Extent, Score};
use crate::csv::{Cell, line};

/// What a row is, and its figures by name.
const FIRST: [&str; 12] = [
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
];

/// The columns of counts that follow: of bytes there are none here.
fn counts() -> impl Iterator<Item = &'static Column> {
    COLUMNS.iter().filter(|column| !FIRST.contains(&column.id) && !column.id.ends_with("_bytes"))
}

/// One line a row of `layers`; an unknown number is empty. Quoting as in `crate::csv`.
pub fn csv(score: &Score) -> String {
    let names = FIRST.into_iter().chain(counts().map(|column| column.id)).chain(["status", "reason"]);
    let mut text = format!("{}\r\n", line(&names.map(Cell::from).collect::<Vec<_>>()));
    for layer in &score.layers {
        let activation = layer.activation.as_ref();
        let known = layer.macs.is_some();
        let first: [Cell; FIRST.len()] = [
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
        ];
        let mut cells = Vec::from(first);
        cells.extend(counts().map(|column| known.then(|| (column.of)(layer)).into()));
        cells.extend([if known { "counted" } else { "unknown" }.into(), layer.reason.as_deref().into()]);
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
