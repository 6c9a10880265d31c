//! Prices against runs and logs: fixtures/ holds rows of published artifacts and of engine runs
//! (bytes and messages as the engine counted them).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod drops;
pub(in crate::cost) mod examples;
mod exits;
mod finding;
mod gaps;
#[cfg(feature = "cli")]
mod gated;
pub(in crate::cost) mod hpmpc;
mod keep;
mod money;
pub(in crate::cost) mod nets;
mod norms;
mod path;
mod properties;
pub(in crate::cost) mod runs;
mod setup;
mod shape;
mod trust;
mod what_if;

pub(in crate::cost) use std::collections::HashMap;

pub(in crate::cost) use super::constant::{Constant, RING_BITS};
pub(in crate::cost) use super::*;
pub(in crate::cost) use crate::count::{Granularity, Row, Work};
pub(in crate::cost) use crate::error::{Code, Result};

/// Records of a CSV with quoted fields, by column name.
pub(in crate::cost) fn csv(text: &str) -> Vec<HashMap<String, String>> {
    let split = |line: &str| {
        let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
        for c in line.chars() {
            match c {
                '"' => quoted = !quoted,
                ',' if !quoted => fields.push(std::mem::take(&mut field)),
                c => field.push(c),
            }
        }
        fields.push(field);
        fields
    };
    let mut lines = text.lines();
    let header = split(lines.next().unwrap());
    lines.map(|line| header.iter().cloned().zip(split(line)).collect()).collect()
}

pub(in crate::cost) fn row(work: Work) -> Row {
    Row { op: "test".into(), work: vec![work], ..Row::default() }
}

pub(in crate::cost) fn rows(works: Vec<Work>) -> Vec<Row> {
    works.into_iter().enumerate().map(|(i, work)| Row { index: i as u32, ..row(work) }).collect()
}

#[track_caller]
pub(in crate::cost) fn near(what: &str, got: f64, want: f64, tolerance: f64) {
    let ratio = got / want;
    println!("{what}: {got:.3} for {want:.3}, ratio {ratio:.4}");
    assert!((ratio - 1.0).abs() <= tolerance, "{what}: {got} for {want}");
}

/// Of the network as it is, with the cost of each row.
pub(in crate::cost) fn cost(id: &str, rows: &[Row], terms: &Terms) -> Estimate {
    with(id, rows, terms, &Activations::Keep)
}

/// With something made of its activations.
pub(in crate::cost) fn with(id: &str, rows: &[Row], terms: &Terms, activations: &Activations) -> Estimate {
    attempt(id, rows, terms, activations).unwrap()
}

pub(in crate::cost) fn attempt(
    id: &str,
    rows: &[Row],
    terms: &Terms,
    activations: &Activations,
) -> Result<Estimate> {
    let tariff = Tariff::of(id, terms)?;
    estimate(rows, &Pricing::new(&tariff, terms, activations), Detail::Rows)
}

/// The default terms, every activation replaced.
pub(in crate::cost) fn replaced(id: &str, rows: &[Row], others: Replacement) -> Estimate {
    with(id, rows, &Terms::default(), &Activations::All(others))
}

/// The card of a row of the network as it is.
pub(in crate::cost) fn card(rows: &[Row], position: usize, id: &str, terms: &Terms) -> Result<CostCard> {
    let tariff = Tariff::of(id, terms)?;
    explain(rows, position, &Pricing::new(&tariff, terms, &Activations::Keep))
}

/// A card's lines as they read.
pub(in crate::cost) fn lines_of(card: &CostCard) -> String {
    let line = |line: &super::explain::CardLine| {
        let super::explain::CardLine { label, formula, values, .. } = line;
        format!("{label} = {formula}\n{label} = {values}\n")
    };
    card.lines.iter().map(line).collect()
}
