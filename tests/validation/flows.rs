//! Traffic of whole networks under Trio and Quad, as HPMPC's log prints it (`hpmpc.csv`).

use std::collections::BTreeMap;

use reluctant::api::{Detail, Norms, Terms, cost_of};
use reluctant_tests::csv_rows;

use crate::nets::hpmpc;
use crate::{Fit, Line};

/// What one run sent before and after the input is known, of all parties.
#[derive(Default)]
struct Run {
    offline: f64,
    online: f64,
}

pub(crate) fn lines() -> Vec<Line> {
    let table = csv_rows(include_str!("../../crate/src/cost/fixtures/hpmpc.csv"));
    let mut runs: BTreeMap<[String; 5], Run> = BTreeMap::new();
    for entry in &table {
        let key = ["protocol", "network", "ring_bits", "window", "adder"].map(|column| entry[column].clone());
        let run = runs.entry(key).or_default();
        let bytes = entry["MB"].parse::<f64>().unwrap() * 1e6;
        match entry["flow"].as_str() {
            "offline" | "P3-P2" | "P3-P0" => run.offline += bytes,
            // Of Trio the log has one way, and both are alike.
            "online" => run.online += 2.0 * bytes,
            "P1-P2" | "P2-P1" | "P2-P0" => run.online += bytes,
            other => panic!("no flow {other}"),
        }
    }
    runs.iter().flat_map(line_of).collect()
}

fn line_of(([protocol, network, ring_bits, window, adder], run): (&[String; 5], &Run)) -> Vec<Line> {
    let terms = Terms {
        ring_bits: ring_bits.parse().unwrap(),
        window: window.parse().unwrap(),
        adder: adder.parse().unwrap(),
        norms: Norms::Separate,
        ..Terms::under(protocol)
    };
    let estimate = cost_of(&hpmpc(network), &terms.into(), Detail::Totals).unwrap().estimates.remove(0);
    assert!(!estimate.partial, "{protocol} {network}");
    let windowed = if window == "none" { String::new() } else { format!(", a window of {window} bits") };
    let line = Line {
        system: if protocol == "trio" { "HPMPC Trio" } else { "HPMPC Quad" }.to_owned(),
        subject: network.clone(),
        setting: format!("ring of {ring_bits} bits, {adder}{windowed}"),
        ..Line::default()
    };
    let both =
        [("offline bytes", &estimate.offline, run.offline), ("online bytes", &estimate.online, run.online)];
    both.into_iter()
        .map(|(quantity, phase, measured)| {
            let predicted = (phase.bytes_up + phase.bytes_down + phase.bytes_between) as f64;
            let line = Line { quantity, measured: Some(measured), ..line.clone() };
            line.predicted(protocol, estimate.profile_version, predicted, Fit::OtherSource).noting(
                "formulas from the code, nothing fitted; average pools for max-pools, batch norms computed",
            )
        })
        .collect()
}
