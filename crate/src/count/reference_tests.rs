//! Real exports against published figures, to the unit.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::path::Path;

use prost::Message;

use super::{Kind, NodeCount, Status, count};
use crate::ir::bind::{Bindings, bind};
use crate::ir::graph::Graph;
use crate::ir::{import, infer};
use crate::onnx::ModelProto;

pub(super) fn open(name: &str) -> Graph {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/corpus/models").join(name);
    let bytes = std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    ready(&ModelProto::decode(bytes.as_slice()).unwrap())
}

/// A network built from its spec.
pub(super) fn built(id: &str) -> Graph {
    ready(&crate::design::build(id).unwrap())
}

fn ready(model: &ModelProto) -> Graph {
    let mut graph = import::import(model).unwrap();
    bind(&mut graph, &Bindings::default()).unwrap();
    infer::infer(&mut graph);
    graph
}

/// What a row of the reference table says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Figures {
    pub params: u64,
    pub macs: u64,
    pub kinds: BTreeMap<String, (u64, u64)>,
    pub unknown: Vec<String>,
}

pub(super) fn figures(graph: &Graph, counts: &[NodeCount]) -> Figures {
    let mut figures = Figures::default();
    let mut seen = std::collections::BTreeSet::new();
    for (node, count) in graph.nodes.iter().zip(counts) {
        figures.macs += count.macs;
        for used in &count.params {
            let weight = graph.value(used.value).weight.as_ref();
            if seen.insert(weight.map_or(Err(used.value), |weight| Ok(weight.id))) {
                figures.params += used.elements;
            }
        }
        if let Some(activation) = count.activation {
            let tally = figures.kinds.entry(format!("{:?}", activation.kind)).or_default();
            *tally = (tally.0 + 1, tally.1 + activation.elements);
        }
        if let Status::Unknown(why) = &count.status {
            figures.unknown.push(format!("{} {}: {why}", node.op, node.name));
        }
    }
    figures
}

/// File, parameters, MACs, activations.
type Row = (&'static str, u64, u64, &'static [(&'static str, u64, u64)]);

const REFERENCE: &[Row] = &[
    ("resnet20_32.legacy.op13.b1.onnx", 271_690, 40_813_184, &[("ReLU", 19, 188_416)]),
    ("resnet20_32.dynamo.op23.dyn.onnx", 271_690, 40_813_184, &[("ReLU", 19, 188_416)]),
    ("resnet20_32.qdq.op13.b1.onnx", 271_690, 40_813_184, &[("ReLU", 19, 188_416)]),
    (
        "cifar_resnet18_32_c100.legacy.op13.b1.noweights.onnx",
        11_215_332,
        555_468_800,
        &[("ReLU", 17, 557_056)],
    ),
    (
        "mobilenet_v3_large_224.dynamo.op18.b1.noweights.onnx",
        5_463_472,
        216_589_760,
        &[("HardSigmoid", 8, 4_056), ("HardSwish", 21, 1_511_264), ("ReLU", 19, 2_315_392)],
    ),
    (
        "efficientnet_b2_224.legacy.op13.b1.noweights.onnx",
        9_066_206,
        658_963_440,
        &[("SiLU", 69, 8_804_162), ("Sigmoid", 23, 14_784)],
    ),
    (
        // Its matrices are made by ConstantOfShape. torchvision prints 86,567,656 of ViT-B/16: less 94 vectors of 768 that
        // were equal when it was exported and are stored once, and the class token, which Expand alone reads.
        "vit_b_16_224.legacy.op17.dyn.cos.onnx",
        86_494_696,
        17_563_828_224,
        &[("GELU", 12, 7_262_208), ("LayerNorm", 25, 3_782_400), ("Softmax", 12, 5_588_496)],
    ),
    (
        "unet_convt_64.legacy.op13.b1.onnx",
        117_058,
        100_466_688,
        &[("MaxPool", 2, 24_576), ("ReLU", 10, 425_984)],
    ),
    ("lstm_small.legacy.op13.b1.onnx", 150_794, 2_360_576, &[("LSTM", 2, 4_096)]),
    ("tiny_mlp.dynamo.op18.b1.onnx", 3_589, 3_488, &[("ReLU", 1, 64), ("Softmax", 1, 5), ("Tanh", 1, 32)]),
    (
        "shufflenet_v2_x1_0_224.legacy.op17.dyn.noweights.onnx",
        2_270_514,
        144_907_992,
        &[("MaxPool", 1, 75_264), ("ReLU", 37, 1_488_032)],
    ),
];

#[test]
fn reference_table_to_the_unit() {
    let mut failures = Vec::new();
    for (file, params, macs, kinds) in REFERENCE {
        let graph = open(file);
        let got = figures(&graph, &count(&graph));
        let kinds = kinds.iter().map(|(kind, nodes, elements)| ((*kind).to_owned(), (*nodes, *elements)));
        let want = Figures { params: *params, macs: *macs, kinds: kinds.collect(), unknown: Vec::new() };
        if got != want {
            failures.push(format!("{file}\n  got  {got:?}\n  want {want:?}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn folded_relus_say_so() {
    let graph = open("resnet20_32.qdq.op13.b1.onnx");
    let counts = count(&graph);
    let folded =
        counts.iter().filter_map(|c| c.activation).filter(|a| a.folded && a.kind == Kind::ReLU).count();
    assert_eq!(folded, 19);
}
