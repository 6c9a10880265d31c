#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod closed;
mod presets;
pub mod random;
mod reference;

use std::collections::HashSet;

use super::families::{CIFAR100, DEEPREDUCE, hybrid};
use super::*;
use crate::error::Code;
use crate::onnx::{GraphProto, ModelProto, TensorProto};

fn graph(model: &ModelProto) -> &GraphProto {
    model.graph.as_ref().unwrap()
}

fn elements(tensor: &TensorProto) -> i64 {
    tensor.dims.iter().product()
}

fn all_ids() -> impl Iterator<Item = &'static str> {
    examples().iter().map(|example| example.id).chain(DEEPREDUCE.iter().map(|row| row.id))
}

#[test]
fn every_example_is_a_closed_graph_with_unique_names() {
    for id in all_ids() {
        let model = build(id).unwrap();
        let graph = graph(&model);
        let mut known: HashSet<&str> = graph.input.iter().map(|info| info.name()).collect();
        for tensor in &graph.initializer {
            assert!(known.insert(tensor.name()), "{id}: two values {}", tensor.name());
        }
        let mut nodes = HashSet::new();
        for node in &graph.node {
            assert!(nodes.insert(node.name()), "{id}: two nodes {}", node.name());
            for input in &node.input {
                assert!(
                    known.contains(input.as_str()),
                    "{id}: {} reads {input} before it is made",
                    node.name()
                );
            }
            for output in &node.output {
                assert!(known.insert(output), "{id}: two values {output}");
            }
        }
        assert!(
            graph.output.iter().all(|info| known.contains(info.name())),
            "{id}: an output that nothing makes"
        );
    }
}

/// One file would hold all weights, each after the one before it.
#[test]
fn weights_are_declared_and_absent() {
    for id in all_ids() {
        let model = build(id).unwrap();
        let mut end = 0;
        for tensor in graph(&model).initializer.iter().filter(|tensor| !tensor.external_data.is_empty()) {
            let entry = |key: &str| {
                let found = tensor.external_data.iter().find(|entry| entry.key() == key);
                found.unwrap().value().to_owned()
            };
            assert_eq!(entry("location"), "weights.bin", "{id}");
            assert_eq!(entry("offset").parse::<i64>(), Ok(end), "{id}: {}", tensor.name());
            assert_eq!(entry("length").parse::<i64>(), Ok(4 * elements(tensor)), "{id}: {}", tensor.name());
            assert!(tensor.raw_data.is_none() && tensor.float_data.is_empty(), "{id}: {}", tensor.name());
            end += 4 * elements(tensor);
        }
        assert!(end > 0, "{id}");
    }
}

#[test]
fn node_names_are_those_of_pytorch() {
    let model = build("resnet18-cifar100").unwrap();
    let names: Vec<&str> = graph(&model).node.iter().map(|node| node.name()).collect();
    for name in [
        "/conv1/Conv",
        "/layer1/layer1.0/conv1/Conv",
        "/layer1/layer1.0/Add",
        "/layer2/layer2.0/downsample/downsample.0/Conv",
        "/fc/Gemm",
    ] {
        assert!(names.contains(&name), "{name} is not in {names:?}");
    }
    let model = build("mobilenetv2").unwrap();
    let nested = "/features/features.1/conv/conv.0/conv.0.0/Conv";
    assert!(graph(&model).node.iter().any(|node| node.name() == nested));
}

#[test]
fn specs_out_of_bounds_are_refused() {
    let spec = hybrid(64, &[2, 2, 2], &[2, 2, 2, 2], CIFAR100).unwrap();
    let code = |spec: Spec| model(&spec, "x").unwrap_err().code;
    assert_eq!(code(Spec { input: [3, 0, 32], ..spec.clone() }), Code::InvalidSetting);
    assert_eq!(code(Spec { stages: Vec::new(), ..spec.clone() }), Code::InvalidSetting);
    assert_eq!(code(spec.clone().narrowed(128)), Code::InvalidSetting);
    assert_eq!(code(Spec { input: [3, 1 << 30, 32], ..spec.clone() }), Code::LimitExceeded);
    assert_eq!(code(Spec { stem: Some(Stem::new(u32::MAX)), ..spec.clone() }), Code::LimitExceeded);
    assert_eq!(code(spec.clone().shrunk(u32::MAX)), Code::LimitExceeded);
    let stage = |change: fn(&mut Stage)| {
        let mut spec = spec.clone();
        change(&mut spec.stages[1]);
        code(spec)
    };
    assert_eq!(stage(|stage| stage.groups = 3), Code::InvalidSetting);
    assert_eq!(stage(|stage| stage.channels = Sizes::Each(vec![64])), Code::InvalidSetting);
    assert_eq!(
        stage(|stage| stage.pool = Some(Pool { kernel: 33, stride: 1, pad: 0 })),
        Code::InvalidSetting
    );
    assert_eq!(stage(|stage| stage.mid = Some(Sizes::All(0))), Code::InvalidSetting);
    let blocks = hybrid(8, &[2], &[u32::MAX, u32::MAX], CIFAR100).unwrap();
    assert_eq!(code(blocks), Code::LimitExceeded);
    let widths = hybrid(u32::MAX, &[u32::MAX], &[1, 1], CIFAR100);
    assert_eq!(widths.unwrap_err().code, Code::LimitExceeded);
    let shape = hybrid(8, &[2, 2], &[1, 1], CIFAR100);
    assert_eq!(shape.unwrap_err().code, Code::InvalidSetting);
}

#[test]
fn a_spec_reads_back_and_knows_no_other_fields() {
    let text = r#"{"input":[3,32,32],"classes":100,"stem":{"channels":16,"kernel":3,"stride":1,"relu":true},
        "stages":[{"block":"basic","blocks":2,"channels":16,"mid":null,"expand":null,"groups":1,"stride":1,
        "shortcut":"conv","relu":"all"},{"block":"bottleneck","blocks":2,"channels":[16,32],"mid":[4,6],"stride":2,
        "shortcut":"pad","relu":"first"}],"head":"gap"}"#;
    let spec = Spec::parse(text).unwrap();
    assert_eq!(Spec::parse(&serde_json::to_string(&spec).unwrap()).unwrap(), spec);
    for (from, to) in
        [("\"head\"", "\"hat\""), ("\"groups\"", "\"group\""), ("\"relu\":true", "\"gelu\":true")]
    {
        assert_eq!(Spec::parse(&text.replacen(from, to, 1)).unwrap_err().code, Code::InvalidSetting, "{to}");
    }
}

#[test]
fn an_unknown_id_builds_nothing() {
    assert!(build("resnet19").is_none());
    let ids: HashSet<&str> = all_ids().collect();
    // One DeepReDuce network is listed as an example too.
    assert_eq!(ids.len() + 1, examples().len() + DEEPREDUCE.len());
}
