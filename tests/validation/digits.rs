//! The digits network whole, as SPU ran it (`compute.csv`): bytes, and seconds that no constant was fitted to. The form of
//! the linear rule was chosen with them in sight.

use reluctant::api::{Detail, Kind, Row, Terms, Work, cost_of};
use reluctant_tests::csv_rows;

use crate::nets::{activation, conv, fc, row};
use crate::{Fit, Line};

pub(crate) fn lines() -> Vec<Line> {
    let runs = csv_rows(include_str!("../../crate/src/cost/fixtures/compute.csv"));
    let mut lines = Vec::new();
    for run in runs.iter().filter(|run| run["op"].starts_with("net_")) {
        let (id, setting) = match run["protocol"].as_str() {
            "SEMI2K" => ("semi2k", "semi2k64"),
            "ABY3" => ("aby3", "aby3_64"),
            _ => ("cheetah:spu-shared", "cheetah64"),
        };
        let (name, becomes): (_, fn(u64) -> Option<Work>) = match run["op"].as_str() {
            "net_relu" => ("ReLU", |n| Some(activation(Kind::ReLU, n))),
            "net_poly2" => ("a x^2 + b x + c", |elements| Some(Work::Poly2 { elements, secret: false })),
            _ => ("nothing between its layers", |_| None),
        };
        let estimate =
            cost_of(&net(becomes), &Terms::under(id).into(), Detail::Totals).unwrap().estimates.remove(0);
        assert!(!estimate.partial, "{id}: {:?}", estimate.unpriced);
        let line = |quantity, column: &str, value, fit, note: &str| {
            let line = Line {
                system: run["engine"].clone(),
                subject: format!("digits network, {name}"),
                setting: setting.to_owned(),
                quantity,
                measured: Some(run[column].parse().unwrap()),
                ..Line::default()
            };
            line.predicted(id, estimate.profile_version, value, fit).noting(note)
        };
        let compute = estimate.online.seconds.unwrap()[1] - estimate.online.link_seconds;
        let pool =
            if id.starts_with("cheetah") { "up to a batch of triples that the call before left" } else { "" };
        lines.push(line("bytes", "bytes_total", estimate.bytes_total as f64, Fit::OtherShape, pool));
        // The form of the linear rule was chosen with these in sight: their agreement proves little.
        let where_ = "CPU of the busiest party, one thread, on one cloud VM";
        lines.push(line("compute seconds", "cpu_s_busiest_party_median", compute, Fit::SameLog, where_));
    }
    lines
}

/// Four convolutions with two average pools, two fully connected layers.
fn net(becomes: fn(u64) -> Option<Work>) -> Vec<Row> {
    let pool = |elements| Some(Work::AvgPool { elements, window: 4 });
    let works = [
        Some(conv(1, 8, 8, 3, 1)),
        becomes(512),
        Some(conv(8, 8, 8, 3, 1)),
        becomes(512),
        pool(128),
        Some(conv(8, 16, 4, 3, 1)),
        becomes(256),
        Some(conv(16, 16, 4, 3, 1)),
        becomes(256),
        pool(64),
        Some(fc(64, 32)),
        becomes(32),
        Some(fc(32, 10)),
    ];
    works.into_iter().flatten().map(row).collect()
}
