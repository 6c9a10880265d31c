//! What a hash tells apart, and what it never does again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::ops::ControlFlow;

use super::*;
use crate::ir::attrs::Attrs;
use crate::ir::graph::{ScopeId, Shape};
use crate::ir::import::import;
use crate::onnx::{self, ModelProto};

fn hash(change: impl Fn(&mut ModelProto)) -> String {
    let mut model = crate::design::build("resnet20-cifar10").unwrap();
    change(&mut model);
    structural_hash(&import(&model).unwrap())
}

/// Every name turned round.
fn rename(model: &mut ModelProto) {
    let turn = |name: &mut String| {
        if !name.is_empty() {
            *name = format!("renamed_{}", name.chars().rev().collect::<String>());
        }
    };
    model.producer_name = Some("another".to_owned());
    let graph = model.graph.as_mut().unwrap();
    for node in &mut graph.node {
        node.name = Some("same for all".to_owned());
        node.input.iter_mut().for_each(turn);
        node.output.iter_mut().for_each(turn);
    }
    for info in graph.input.iter_mut().chain(&mut graph.output).chain(&mut graph.value_info) {
        info.name.iter_mut().for_each(turn);
    }
    graph.initializer.iter_mut().for_each(|tensor| tensor.name.iter_mut().for_each(turn));
    // The order in which a file lists its weights says nothing.
    graph.initializer.reverse();
}

#[test]
fn names_and_listing_do_not_matter() {
    assert_eq!(hash(rename), hash(|_| {}));
    assert_eq!(hash(|_| {}).len(), 32);
}

#[test]
fn structure_does() {
    let base = hash(|_| {});
    let changes: [&dyn Fn(&mut ModelProto); 4] = [
        &|m| m.graph.as_mut().unwrap().node[1].op_type = Some("Sigmoid".to_owned()),
        &|m| m.graph.as_mut().unwrap().initializer[0].dims[0] += 1,
        &|m| m.opset_import[0].version = Some(11),
        &|m| {
            // Two consecutive nodes read each other's weights.
            let graph = m.graph.as_mut().unwrap();
            let with_weights: Vec<usize> =
                (0..graph.node.len()).filter(|i| graph.node[*i].input.len() > 1).collect();
            let (a, b) = (with_weights[0], with_weights[1]);
            let (x, y) = (graph.node[a].input[1].clone(), graph.node[b].input[1].clone());
            (graph.node[a].input[1], graph.node[b].input[1]) = (y, x);
        },
    ];
    for (index, change) in changes.iter().enumerate() {
        assert_ne!(hash(change), base, "change {index}");
    }
}

/// The hash of one node with one attribute.
fn hash_of(attr: &Attr) -> String {
    let node = Node {
        name: String::new(),
        domain: String::new(),
        op: "Op".to_owned(),
        opset: 20,
        inputs: Vec::new(),
        outputs: Vec::new(),
        attrs: Attrs([("a".to_owned(), attr.clone())].into_iter().collect()),
        scope: ScopeId(0),
        bodies: Vec::new(),
    };
    structural_hash(&Graph { nodes: vec![node], ..Graph::default() })
}

/// Place of a variant in the list of them: a new one does not compile until it is given cases below.
fn variant(attr: &Attr) -> usize {
    match attr {
        Attr::Int(_) => 0,
        Attr::Float(_) => 1,
        Attr::Str(_) => 2,
        Attr::Ints(_) => 3,
        Attr::Floats(_) => 4,
        Attr::Strs(_) => 5,
        Attr::Tensor(_) => 6,
        Attr::Type(_) => 7,
        Attr::Other => 8,
    }
}

#[test]
fn every_kind_of_attribute_counts() {
    let texts = |all: &[&str]| Attr::Strs(all.iter().map(|s| (*s).to_owned()).collect());
    let tensor =
        |dtype, dims: &[u64]| Attr::Tensor(TensorAttr { dtype, dims: dims.to_vec(), constant: None });
    let ty = |dtype, shape: Option<Shape>| Attr::Type(Type::tensor(Some(dtype), shape));
    // All differ, those of one kind and those of two.
    let all = [
        Attr::Int(1),
        Attr::Int(-1),
        Attr::Float(0.1),
        Attr::Float(0.25),
        // Equal as a number: what a file states are bits.
        Attr::Float(0.0),
        Attr::Float(-0.0),
        // The same bits as the whole number 1.
        Attr::Float(f32::from_bits(1)),
        Attr::Str("a".to_owned()),
        Attr::Str("b".to_owned()),
        Attr::Ints(vec![1]),
        Attr::Ints(vec![2]),
        Attr::Ints(vec![1, 2]),
        Attr::Floats(vec![1.0]),
        Attr::Floats(vec![2.0]),
        Attr::Floats(vec![1.0, 2.0]),
        texts(&["a"]),
        texts(&["b"]),
        // Cut elsewhere.
        texts(&["ab", "c"]),
        texts(&["a", "bc"]),
        tensor(Some(DType::F32), &[2]),
        tensor(Some(DType::F64), &[2]),
        tensor(Some(DType::F32), &[3]),
        tensor(None, &[2]),
        ty(DType::F32, None),
        ty(DType::F64, None),
        ty(DType::F32, Some(vec![Dim::Known(2)])),
        ty(DType::F32, Some(vec![Dim::Known(3)])),
        Attr::Type(Type::Map),
        Attr::Other,
    ];
    let mut cases = [0; 9];
    all.iter().for_each(|attr| cases[variant(attr)] += 1);
    // What no rule reads has no content here.
    assert!(cases[..8].iter().all(|n| *n >= 2) && cases[8] == 1, "{cases:?}");
    let hashes: Vec<String> = all.iter().map(hash_of).collect();
    let same = (0..all.len()).flat_map(|a| (0..a).map(move |b| (a, b)));
    let same: Vec<_> = same.filter(|(a, b)| hashes[*a] == hashes[*b]).collect();
    let same: Vec<_> = same.into_iter().map(|(a, b)| (&all[a], &all[b])).collect();
    assert!(same.is_empty(), "{same:?}");
}

#[test]
fn the_name_of_a_network_never_changes() {
    // ONNX's AlexNet: its LRN has float attributes. Plans and links carry such names.
    let bytes: &[u8] = include_bytes!("../../../../tests/corpus/light/light_bvlc_alexnet.onnx");
    let skeleton = onnx::open("m.onnx", &bytes, &mut |_, _| ControlFlow::Continue(())).unwrap();
    let graph = import(&skeleton.model).unwrap();
    assert_eq!(structural_hash(&graph), "38ad4172b2ede4b4d9d715d8ea50bff1");
}
