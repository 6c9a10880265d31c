//! Costs of rows as one array of numbers: what the page asks for while a slider moves.
//!
//! A row's cost as an object has some sixty fields; as columns, a network of 176 rows is one copy
//! of 22 kB. NaN stands where nothing has a price or nothing is known, so that it never adds up
//! in silence. A layer without a row has no work: it is free.

use serde::Serialize;

use super::model::Scored;
use crate::cost::{Ask, Phase, Report, RowCost, cost_of};
use crate::count::Row;
use crate::error::Result;

/// The columns, in the order of [`CostTable::values`]. Seconds hold link time and are NaN where the
/// compute time is not known; `*_link` is link time alone. `status` is 0 validated, 1 measured,
/// 2 estimate, 3 without a price, NaN for a row that is free. A network's rounds, and so its online time, are those
/// of the rows `on_path`.
pub const COST_FIELDS: [&str; 17] = [
    "index",
    "offline_low",
    "offline",
    "offline_high",
    "offline_link",
    "online_low",
    "online",
    "online_high",
    "online_link",
    "offline_bytes",
    "online_bytes",
    "bytes",
    "rounds",
    "storage",
    "status",
    "partial",
    "on_path",
];

/// Estimates of a network, and the cost of each row under the first of them.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CostTable {
    /// The estimates, without layers.
    pub report: Report,
    /// [`COST_FIELDS`].
    pub fields: &'static [&'static str],
    /// Column after column, as many numbers each as there are rows.
    #[cfg_attr(test, ts(type = "Float64Array"))]
    pub values: Vec<f64>,
}

/// Estimates of plain rows, and the cost of each row under the first protocol.
///
/// # Errors
/// As [`cost_of`].
pub fn cost_table_of(rows: &[Row], ask: &Ask) -> Result<CostTable> {
    let mut report = cost_of(rows, ask, true)?;
    let mut layers: Vec<_> =
        report.estimates.iter_mut().map(|e| e.layers.take().unwrap_or_default()).collect();
    let first = if layers.is_empty() { Vec::new() } else { layers.swap_remove(0) };
    Ok(CostTable { report, fields: &COST_FIELDS, values: columns(&first) })
}

impl Scored {
    /// The table of this model; see [`cost_table_of`].
    ///
    /// # Errors
    /// As [`cost_of`].
    pub fn cost_table(&self, ask: &Ask) -> Result<CostTable> {
        cost_table_of(&self.rows, ask)
    }
}

fn columns(layers: &[RowCost]) -> Vec<f64> {
    let lines: Vec<[f64; COST_FIELDS.len()]> = layers.iter().map(line).collect();
    (0..COST_FIELDS.len())
        .flat_map(|field| lines.iter().filter_map(move |line| line.get(field)))
        .copied()
        .collect()
}

/// Exact to 2^53, as every number on the page; a total past that is refused before.
fn line(row: &RowCost) -> [f64; COST_FIELDS.len()] {
    let whole = |n: Option<u64>| n.map_or(f64::NAN, |n| n as f64);
    let bytes = |phase: Option<&Phase>| {
        phase.map_or(f64::NAN, |p| p.bytes_up as f64 + p.bytes_down as f64 + p.bytes_between as f64)
    };
    let seconds = |phase: Option<&Phase>| phase.and_then(|p| p.seconds).unwrap_or([f64::NAN; 3]);
    let link = |phase: Option<&Phase>| phase.map_or(f64::NAN, |p| p.link_seconds);
    let (offline, online) = (row.offline.as_ref(), row.online.as_ref());
    let ([a, b, c], [d, e, f]) = (seconds(offline), seconds(online));
    let parts = [&row.status.validated, &row.status.measured, &row.status.estimate].map(|s| s.parts);
    let parts = parts.into_iter().chain([row.status.not_supported.parts]);
    let worst = parts.enumerate().filter(|(_, parts)| *parts > 0).last();
    [
        f64::from(row.index),
        a,
        b,
        c,
        link(offline),
        d,
        e,
        f,
        link(online),
        bytes(offline),
        bytes(online),
        whole(row.bytes_total),
        online.map_or(f64::NAN, |p| p.rounds as f64),
        whole(row.client_storage_bytes),
        worst.map_or(f64::NAN, |(status, _)| status as f64),
        f64::from(u8::from(row.partial)),
        f64::from(u8::from(row.on_path)),
    ]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::api::{Model, Settings, Terms};

    #[test]
    fn columns_add_up_to_the_estimate() {
        let scored = Model::example("resnet18-cifar100").unwrap().score(&Settings::default()).unwrap();
        for protocol in ["delphi:server-garbler", "semi2k", "aby3"] {
            let table = scored.cost_table(&Terms::under(protocol).into()).unwrap();
            let [estimate] = &table.report.estimates[..] else { panic!("one estimate") };
            let rows = table.values.len() / COST_FIELDS.len();
            let sum = |field: &str| {
                let at = COST_FIELDS.iter().position(|f| *f == field).unwrap() * rows;
                table.values[at..at + rows].iter().filter(|x| !x.is_nan()).sum::<f64>()
            };
            assert_eq!(rows, scored.rows.len());
            assert_eq!(sum("bytes"), estimate.bytes_total as f64, "{protocol}");
            let column = |field: &str| {
                let at = COST_FIELDS.iter().position(|f| *f == field).unwrap() * rows;
                &table.values[at..at + rows]
            };
            let on_path: f64 = column("rounds").iter().zip(column("on_path")).map(|(a, b)| a * b).sum();
            assert_eq!(on_path, estimate.online.rounds as f64, "{protocol}");
            // The shortcut's convolution answers while the block's do.
            let beside = (sum("rounds") - on_path) * estimate.settings.link.rtt_ms / 1e3;
            assert_eq!(beside > 0.0, protocol != "delphi:server-garbler", "{protocol}");
            let close = |a: f64, b: f64| (a - b).abs() <= 1e-9 * b.abs();
            assert!(close(sum("offline_link"), estimate.offline.link_seconds), "{protocol}");
            let online = estimate.online.seconds.map_or(0.0, |s| s[1]);
            assert!(close(sum("online"), online + if online > 0.0 { beside } else { 0.0 }), "{protocol}");
        }
    }
}
