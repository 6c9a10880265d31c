//! Single operations as SPU and CrypTen ran them (`mpc-ops.csv`).

use std::collections::{HashMap, HashSet};

use reluctant::api::{Activation, Detail, Kind, Ot, Terms, Work, cost_of};
use reluctant_tests::csv_rows;

use crate::nets::{activation, conv, fc, row};
use crate::{Fit, Line};

type Run = HashMap<String, String>;

/// Cheetah's pool of triples after the call before: the engine kept what a batch of 4,096 had left.
const READY: u64 = 3_072;

pub(crate) fn lines() -> Vec<Line> {
    let runs = csv_rows(include_str!("../../crate/src/cost/fixtures/mpc-ops.csv"));
    let mut seen = HashSet::new();
    runs.iter().flat_map(|run| line_of(run, &mut seen)).collect()
}

fn line_of(run: &Run, seen: &mut HashSet<String>) -> Vec<Line> {
    let op = run["op"].as_str();
    let shape: Vec<Vec<u64>> = serde_json::from_str(&run["shape"]).unwrap();
    let number = |column: &str| run[column].parse::<f64>().unwrap();
    let variant =
        if run["variant"].is_empty() { run["protocol"].to_lowercase() } else { run["variant"].clone() };
    let bytes = Line {
        system: format!("{} {}", run["engine"], run["version"]),
        subject: format!("{op} {}", sizes(&shape)),
        setting: variant.clone(),
        quantity: "bytes",
        measured: Some(number("bytes_total")),
        ..Line::default()
    };
    let (id, terms) = profile_of(run);
    let Some(work) = work_of(op, &shape, id) else {
        let reason = match op {
            "poly2" => "the engine ran a x^2 + b x + c term by term; the profile takes Horner's order",
            _ => "no layer of a network is this operation alone",
        };
        return vec![bytes.without(reason)];
    };
    let small = run["protocol"] == "CHEETAH" && op == "square" && number("elements") < 8_192.0;
    let before = row(Work::Product { elements: 4_096 - READY });
    let rows = if small { vec![before, row(work)] } else { vec![row(work)] };
    let estimate = cost_of(&rows, &terms.into(), Detail::Rows).unwrap().estimates.remove(0);
    if let Some(unpriced) = estimate.unpriced.first() {
        return vec![bytes.without(&unpriced.reason)];
    }
    let layer = estimate.layers.as_ref().unwrap().last().unwrap().clone();
    let fit = fit_of(run, op, &variant, seen);
    let predicted = layer.bytes_total.unwrap() as f64;
    let note = if small { "after a call that left 3,072 triples ready" } else { "" };
    let bytes = bytes.predicted(id, estimate.profile_version, predicted, fit).noting(note);
    // Cheetah's messages are sends, not exchanges.
    if run["protocol"] == "CHEETAH" {
        return vec![bytes];
    }
    let rounds =
        Line { quantity: "rounds", measured: Some(number("messages_of_one_party")), ..bytes.clone() };
    let rounds = rounds.predicted(id, estimate.profile_version, layer.online.unwrap().rounds as f64, fit);
    vec![bytes, rounds]
}

fn sizes(shape: &[Vec<u64>]) -> String {
    let one = |sizes: &Vec<u64>| sizes.iter().map(u64::to_string).collect::<Vec<_>>().join("x");
    shape.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn profile_of(run: &Run) -> (&'static str, Terms) {
    let private = ["_wpriv", "_cpriv", "_ypriv"].iter().any(|end| run["op"].ends_with(end));
    let id = match (run["protocol"].as_str(), private) {
        ("SEMI2K", _) => "semi2k",
        ("ABY3", _) => "aby3",
        ("CHEETAH", true) => "cheetah:spu",
        ("CHEETAH", false) => "cheetah:spu-shared",
        _ => "crypten",
    };
    let terms = Terms {
        ring_bits: run["ring_bits"].parse().unwrap(),
        ot: if run["variant"].ends_with("_soft") { Ot::Softspoken } else { Ot::Ferret },
        ..Terms::under(id)
    };
    (id, terms)
}

/// The layer that is this operation; None where there is none.
fn work_of(op: &str, shape: &[Vec<u64>], id: &str) -> Option<Work> {
    let n: u64 = shape[0].iter().product();
    let image = |k| match id {
        "crypten" => conv(shape[0][1], shape[1][0], shape[0][2], k, 1),
        _ => conv(shape[0][3], shape[1][3], shape[0][1], k, 1),
    };
    let rows = |kind, elements, rows, row_length, comparisons| {
        Work::Activation(Activation { kind, elements, rows, row_length, comparisons, folded: false })
    };
    Some(match (op, id) {
        ("relu", _) => activation(Kind::ReLU, n),
        // CrypTen's x^2 is half of a product, and what a polynomial becomes.
        ("square" | "poly2", "crypten") => Work::Poly2 { elements: n, secret: false },
        ("square" | "mul", _) => Work::Product { elements: n },
        ("trunc" | "trunc(mul public float)", _) => Work::Scale { elements: n },
        ("poly2_perch" | "poly2_perch_cpriv", _) => Work::Poly2 { elements: n, secret: true },
        ("maxpool2", _) => rows(Kind::MaxPool, n / 4, n / 4, 4, n / 4 * 3),
        ("conv1" | "conv1_wpriv", _) => image(1),
        ("conv3" | "conv3_wpriv", _) => image(3),
        ("fc" | "fc_wpriv", _) => fc(shape[1][0], shape[1][1]),
        ("gelu" | "gelu(erf)", _) => activation(Kind::GELU, n),
        ("sigmoid", _) => activation(Kind::Sigmoid, n),
        ("exp", _) => activation(Kind::Exp, n),
        ("mul_ypriv", _) => Work::BatchNorm { elements: n },
        ("softmax", _) => rows(Kind::Softmax, n, shape[0][0], shape[0][1], 0),
        _ => return None,
    })
}

/// A constant was read off the first run of its operation at a ring width; other sizes, and operations that are
/// composed of others, only check it. Cheetah's linear layers were fitted to all their runs.
fn fit_of(run: &Run, op: &str, variant: &str, seen: &mut HashSet<String>) -> Fit {
    let sharing = matches!(run["protocol"].as_str(), "SEMI2K" | "ABY3");
    let base = op.split("_wpriv").next().unwrap_or(op);
    let linear = ["conv1", "conv3", "fc"].contains(&base);
    if linear && run["protocol"] == "CHEETAH" {
        return Fit::Fitted;
    }
    let composed = ["poly2_perch", "maxpool2", "mul"].contains(&op) && sharing;
    // The same constants serve these variants of one engine.
    let family = variant.trim_end_matches("_priv").trim_end_matches("_emp").trim_end_matches("_msberr");
    let first = seen.insert(format!("{family} {}", if linear { "linear" } else { op }));
    if first && !composed { Fit::Fitted } else { Fit::OtherShape }
}
