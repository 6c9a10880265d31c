//! Real exports against independent figures: every row of `corpus/models/reference.csv` to the unit.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::path::Path;

use reluctant::api::{Score, Settings};
use reluctant_tests::{corpus, csv_rows, open};
use serde_json::Value;

/// Kinds as the reference names them, and as the report does.
const KINDS: &[(&str, &str)] = &[
    ("SiLU (Sigmoid+Mul)", "SiLU"),
    ("Sigmoid (squeeze-excite gate)", "Sigmoid"),
    ("GELU (erf form)", "GELU"),
    ("LayerNormalization", "LayerNorm"),
];

#[test]
fn reference_figures_to_the_unit() {
    let text = std::fs::read_to_string(corpus("models/reference.csv")).unwrap();
    let mut faults = Vec::new();
    let rows = csv_rows(&text);
    for row in &rows {
        let file = &row["file"];
        let score = open(&corpus("models").join(file)).unwrap().score(&Settings::default()).unwrap().score;
        let mut expect = |what: &str, ours: String, theirs: String| {
            if ours != theirs {
                faults.push(format!("{file}: {what} is {ours}, reference says {theirs}"));
            }
        };
        if !row["params"].is_empty() {
            expect("params", score.totals.params.to_string(), row["params"].clone());
        }
        expect("macs", score.totals.macs.to_string(), row["macs"].clone());
        let nodes = row["relu_nodes"].split(' ').next().unwrap_or_default();
        expect("ReLU nodes", score.totals.relu.nodes.to_string(), nodes.to_owned());
        expect("ReLUs", score.totals.relu.elements.to_string(), row["relu_elements"].clone());
        expect("other activations", ours(&score), theirs(&row["other_activations"]));
        expect("coverage", score.coverage.counted.to_string(), score.coverage.nodes.to_string());
        expect("unknown", format!("{:?}", score.coverage.unknown.len()), "0".to_owned());
    }
    assert_eq!(rows.len(), 11);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn ours(score: &Score) -> String {
    let kinds: Vec<String> = score
        .totals
        .activations
        .iter()
        .map(|(kind, t)| format!("{kind} {} {}", t.nodes, t.elements))
        .collect();
    kinds.join(", ")
}

fn theirs(json: &str) -> String {
    let kinds: BTreeMap<String, Value> =
        if json.is_empty() { BTreeMap::new() } else { serde_json::from_str(json).unwrap() };
    let named: BTreeMap<&str, &Value> = kinds
        .iter()
        .map(|(kind, tally)| {
            let ours =
                KINDS.iter().find(|(theirs, _)| theirs == kind).map_or(kind.as_str(), |(_, ours)| ours);
            (ours, tally)
        })
        .collect();
    let texts: Vec<String> =
        named.iter().map(|(kind, t)| format!("{kind} {} {}", t["nodes"], t["elements"])).collect();
    texts.join(", ")
}

/// ONNX Runtime's `quantize_static` in its QOperator form (uint8, random calibration): no Relu node is
/// left, and each ReLU is in the zero point of a quantised operator.
#[test]
fn relus_inside_quantised_operators_are_found() {
    let file = corpus("quantised/resnet20_32.qoperator.u8.onnx");
    let score = open(&file).unwrap().score(&Settings::default()).unwrap().score;
    assert_eq!((score.totals.relu.nodes, score.totals.relu.elements), (19, 188_416));
    assert_eq!((score.totals.macs, score.coverage.unknown.len()), (40_813_184, 0));
    let folded = score.layers.iter().filter_map(|layer| layer.activation.as_ref());
    assert!(folded.filter(|a| a.kind == "ReLU").all(|a| a.folded));
}

/// What both of PyTorch's exporters, and the quantiser, make of one network.
#[test]
fn three_exports_of_one_network_agree() {
    let of = |file: &str| {
        let score = open(&corpus("models").join(file)).unwrap().score(&Settings::default()).unwrap().score;
        let stages: Vec<(String, u64, u64)> =
            score.stages.iter().map(|s| (s.name.clone(), s.relu.elements, s.macs)).collect();
        let layers: Vec<(u64, Option<(String, u64)>)> = (score.layers.iter())
            .map(|l| (l.macs.unwrap(), l.activation.as_ref().map(|a| (a.kind.clone(), a.elements))))
            .filter(|(macs, activation)| *macs > 0 || activation.is_some())
            .collect();
        (score.totals.macs, score.totals.relu, stages, layers)
    };
    let legacy = of("resnet20_32.legacy.op13.b1.onnx");
    assert_eq!(legacy, of("resnet20_32.dynamo.op23.dyn.onnx"));
    let quantised = of("resnet20_32.qdq.op13.b1.onnx");
    assert_eq!((legacy.0, legacy.1, &legacy.2), (quantised.0, quantised.1, &quantised.2));
}

#[test]
fn absent_weights_score_and_are_named() {
    let file = Path::new("models/cifar_resnet18_32_c100.legacy.op13.b1.noweights.onnx");
    let score = open(&corpus(file)).unwrap().score(&Settings::default()).unwrap().score;
    assert_eq!(score.model.weights.missing_files.len(), 1, "{:?}", score.model.weights);
    let stages: Vec<(&str, u64)> =
        score.stages.iter().map(|s| (s.name.as_str(), s.relu.elements)).filter(|s| s.1 > 0).collect();
    let expected = [("stem", 65_536), ("S1", 262_144), ("S2", 131_072), ("S3", 65_536), ("S4", 32_768)];
    assert_eq!(stages, expected);
}
