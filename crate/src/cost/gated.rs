//! Gated ReLUs: what a network costs whose gates depend on its input alone, 1 where x.h >= 0 for directions h that are
//! fixed apart from the weights (after arXiv 2309.15096, which has no cryptography: the price is ours).
//!
//! All gates of all layers are one call, one comparison deep, beside the first layers; each layer keeps a choice by its
//! gate's bit. Where the directions are public and the input is one party's, that party computes the gates in the clear
//! and shares their bits: no ReLU is compared. The products of directions and input are local then; of secret
//! directions they would be linear layers, which are not priced here.

use serde::Serialize;

use super::exits::{ExitCost, plain, total};
use super::tariff::Pricing;
use crate::count::{Kind, Row, Work};
use crate::error::Result;

/// A network with gated ReLUs.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Gated {
    /// Gates: one in the place of each ReLU.
    pub gates: u64,
    /// The network as it is.
    pub relu: ExitCost,
    /// Gates that are compared in secret.
    pub compared: ExitCost,
    /// Gates that whoever has the input computes in the clear.
    pub clear: ExitCost,
}

/// Prices `rows` with a gate in the place of each ReLU.
///
/// # Errors
/// As `estimate`.
pub fn gated(rows: &[Row], pricing: &Pricing<'_>) -> Result<Gated> {
    let relus = |row: &Row| row.work.iter().map(of_relu).fold(0u64, u64::saturating_add);
    let gates = rows.iter().map(relus).fold(0u64, u64::saturating_add);
    let chosen = |work: &Work| match of_relu(work) {
        0 => work.clone(),
        n => plain(Kind::Choice, n, 0),
    };
    let clear: Vec<Row> =
        rows.iter().map(|row| Row { work: row.work.iter().map(chosen).collect(), ..row.clone() }).collect();
    let first = Row {
        index: u32::MAX,
        name: "gates".to_owned(),
        op: "Greater".to_owned(),
        work: vec![plain(Kind::LessThan, gates, gates)],
        after: Some(Vec::new()),
        ..Row::default()
    };
    // The gates stand first, and each choice reads them.
    let behind = clear.iter().enumerate().map(|(position, row)| {
        let gate = rows.get(position).filter(|row| relus(row) > 0).map(|_| 0);
        let reads = row.reads(position).map(|read| read as u32 + 1);
        Row { after: Some(gate.into_iter().chain(reads).collect()), ..row.clone() }
    });
    let compared: Vec<Row> = std::iter::once(first).chain(behind).collect();
    Ok(Gated {
        gates,
        relu: total(rows, pricing)?,
        compared: total(&compared, pricing)?,
        clear: total(&clear, pricing)?,
    })
}

fn of_relu(work: &Work) -> u64 {
    match work {
        Work::Activation(a) if a.kind == Kind::ReLU => a.elements,
        _ => 0,
    }
}
