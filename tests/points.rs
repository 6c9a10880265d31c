//! What the page shows of published points is what the core holds: the page's copy of the list, and
//! a comparison that both faces make alike (`www/src/lib/pareto-report.test.ts` reads the same file).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;

use reluctant::api::{OwnPoint, ParetoSettings, pareto_report, published};
use serde_json::{Value, to_value};

fn read(path: &str) -> Value {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Made by `reluctant pareto --published --json >www/src/lib/published.json`.
#[test]
fn the_pages_list_of_points_is_the_cores() {
    let list = to_value(published().unwrap()).unwrap();
    assert!(
        list == read("../www/src/lib/published.json"),
        "www/src/lib/published.json is stale: make it anew"
    );
}

#[test]
fn a_comparison_is_as_it_was() {
    let own = |relus, accuracy| OwnPoint { relus, macs: 1_000_000, accuracy };
    let report = pareto_report(&ParetoSettings {
        dataset: "CIFAR-100".into(),
        own: vec![own(557_056, None), own(25_000, Some(68.0)), own(5, Some(99.0))],
        budget: Some(15_000.0),
        accuracy: Some(70.0),
        ..ParetoSettings::default()
    })
    .unwrap();
    assert_eq!(to_value(report).unwrap(), read("golden/pareto-cifar100.json"));
}
