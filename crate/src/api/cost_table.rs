//! Costs of rows as one array of numbers: what the page asks for while a slider moves.
//!
//! A row's cost as an object has some sixty fields; as columns, a network of 176 rows is one copy
//! of 22 kB. NaN stands where nothing has a price or nothing is known, so that it never adds up
//! in silence. A layer without a row has no work: it is free.

use serde::Serialize;

use super::model::Scored;
use crate::cost::{Ask, Becomes, Detail, Phase, Report, RowCost, becomes, cost_of, linear_of};
use crate::count::Row;
use crate::error::Result;

/// The columns, in the order of [`CostTable::values`]. Bytes and seconds of the rows add up to the network's. Seconds hold
/// link time, are NaN where the network has none, and a lower bound where the row is `partial`; `*_link` is link time alone. `status`
/// is 0 validated, 1 measured, 2 estimate, 3 without a price, NaN for a row that is free. A network's rounds are those of
/// the rows `on_path`.
///
/// `replaced`, `scales` and `products` say what becomes of a row's element-wise activations: elements that are replaced, and
/// the products with a public number and of two secrets that these take; NaN for a row without any. `linear` and `linear_kept`
/// are the outputs of a convolution that a plan drops some of, and those that are computed: each takes as many MACs as any other.
pub const COST_FIELDS: [&str; 22] = [
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
    "replaced",
    "scales",
    "products",
    "linear",
    "linear_kept",
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
    let mut report = cost_of(rows, ask, Detail::Rows)?;
    let mut layers: Vec<_> =
        report.estimates.iter_mut().map(|e| e.layers.take().unwrap_or_default()).collect();
    let first = if layers.is_empty() { Vec::new() } else { layers.swap_remove(0) };
    let changes = becomes(rows, &ask.activations).into_iter().zip(linear_of(rows, &ask.activations));
    Ok(CostTable { report, fields: &COST_FIELDS, values: columns(&first, changes) })
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

/// What a plan makes of a row's activations, and of its convolution.
type Changes = (Option<Becomes>, Option<[u64; 2]>);

fn columns(layers: &[RowCost], changes: impl Iterator<Item = Changes>) -> Vec<f64> {
    let lines: Vec<[f64; COST_FIELDS.len()]> =
        layers.iter().zip(changes).map(|(row, changes)| line(row, changes)).collect();
    (0..COST_FIELDS.len())
        .flat_map(|field| lines.iter().filter_map(move |line| line.get(field)))
        .copied()
        .collect()
}

/// Exact to 2^53, as every number on the page; a total past that is refused before.
fn line(row: &RowCost, (becomes, linear): Changes) -> [f64; COST_FIELDS.len()] {
    let whole = |n: Option<u64>| n.map_or(f64::NAN, |n| n as f64);
    let bytes = |phase: Option<&Phase>| whole(phase.map(Phase::bytes_total));
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
        whole(becomes.map(|becomes| becomes.replaced)),
        whole(becomes.map(|becomes| becomes.scales)),
        whole(becomes.map(|becomes| becomes.products)),
        whole(linear.map(|[all, _]| all)),
        whole(linear.map(|[_, kept]| kept)),
    ]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::api::{Model, Settings, Terms};
    use crate::cost::{Activations, Keep, Line, Replacement, Stay};
    use crate::count::Granularity;

    fn column<'a>(table: &'a CostTable, field: &str) -> &'a [f64] {
        let rows = table.values.len() / COST_FIELDS.len();
        let at = COST_FIELDS.iter().position(|f| *f == field).unwrap() * rows;
        &table.values[at..at + rows]
    }

    fn sum(table: &CostTable, field: &str) -> f64 {
        column(table, field).iter().filter(|x| !x.is_nan()).sum()
    }

    /// For every protocol, whole or partial, with branches, pools and a plan: what the rows say adds up to the headline.
    #[test]
    fn columns_add_up_to_the_estimate() {
        let close = |a: f64, b: f64| (a - b).abs() <= 1e-9 * b.abs();
        let (mut beside, mut bounds) = (0, 0);
        for example in ["resnet18-cifar100", "squeezenet1_1", "mobilenetv3-large", "vit-b-16"] {
            let scored = Model::example(example).unwrap().score(&Settings::default()).unwrap();
            let quarter = Activations::Share {
                kept: Keep { share: 0.25, granularity: Granularity::Pixel },
                others: Replacement::Poly2Public,
            };
            for (activations, link) in [(Activations::Keep, "lan"), (quarter, "wan")] {
                let terms = Terms { link: Line::preset(link).unwrap(), ..Terms::default() };
                for profile in crate::api::protocols(&terms).unwrap() {
                    let ask = Ask { terms: terms.with(profile.id), activations: activations.clone() };
                    let table = scored.cost_table(&ask).unwrap();
                    let [estimate] = &table.report.estimates[..] else { panic!("one estimate") };
                    let place = format!("{example} under {} over {link}", profile.id);
                    assert_eq!(column(&table, "bytes").len(), scored.rows.len());
                    for (field, of) in [("offline", &estimate.offline), ("online", &estimate.online)] {
                        assert_eq!(
                            sum(&table, &format!("{field}_bytes")),
                            of.bytes_total() as f64,
                            "{place}"
                        );
                        assert!(close(sum(&table, &format!("{field}_link")), of.link_seconds), "{place}");
                        for (part, at) in [("_low", 0), ("", 1), ("_high", 2)] {
                            let seconds = of.seconds.map_or(0.0, |s| s[at]);
                            assert!(
                                close(sum(&table, &format!("{field}{part}")), seconds),
                                "{place}: {field}{part}"
                            );
                        }
                    }
                    let (rounds, on_path) = (column(&table, "rounds"), column(&table, "on_path"));
                    let path: f64 =
                        rounds.iter().zip(on_path).filter(|(a, _)| !a.is_nan()).map(|(a, b)| a * b).sum();
                    assert_eq!(path, estimate.online.rounds as f64, "{place}");
                    beside += usize::from(sum(&table, "rounds") > path);
                    bounds += usize::from(estimate.bound && estimate.compute_included);
                    let none = column(&table, "partial").iter().all(|partial| *partial == 0.0);
                    assert_eq!(none, estimate.unpriced.is_empty(), "{place}");
                }
            }
        }
        assert!(beside > 0 && bounds > 0, "{beside} with branches, {bounds} partial");
    }

    #[test]
    fn rows_say_what_becomes_of_their_activations() {
        let scored = Model::example("resnet18-cifar100").unwrap().score(&Settings::default()).unwrap();
        let all: f64 = 557_056.0;
        let of = |activations: Activations| {
            let ask = Ask { terms: Terms::under("semi2k"), activations };
            let table = scored.cost_table(&ask).unwrap();
            ["replaced", "scales", "products"].map(|field| sum(&table, field))
        };
        let half = Keep { share: 0.5, granularity: Granularity::Pixel };
        let others = Replacement::Poly2Secret;
        assert_eq!(of(Activations::Keep), [0.0; 3]);
        assert_eq!(of(Activations::All(Replacement::Poly2Public)), [all; 3]);
        assert_eq!(of(Activations::All(Replacement::Identity)), [all, 0.0, 0.0]);
        assert_eq!(of(Activations::Share { kept: half, others }), [all / 2.0, 0.0, all]);
        let stem = scored.rows.iter().find(|row| row.op == "Relu").unwrap().index;
        let stay = Stay { index: stem, kept: 5, scales: 1, products: 2 };
        assert_eq!(of(Activations::Plan(vec![stay])), [65_531.0, 65_531.0, 131_062.0]);
    }
}
