//! What is written out, and what would take too much: it stays, and is refused by its name.

#![allow(clippy::unwrap_used)]

use super::{int, int_list, rewrite};
use crate::ir::import::import;
use crate::ir::infer::infer;
use crate::onnx::{
    AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto, ValueInfoProto,
};

fn stored(name: &str, dims: &[i64]) -> TensorProto {
    TensorProto {
        name: Some(name.to_owned()),
        data_type: Some(1),
        dims: dims.to_vec(),
        ..TensorProto::default()
    }
}

fn node(op: &str, inputs: &[&str], output: &str, attribute: Vec<AttributeProto>) -> NodeProto {
    NodeProto {
        op_type: Some(op.to_owned()),
        input: inputs.iter().map(|name| (*name).to_owned()).collect(),
        output: vec![output.to_owned()],
        attribute,
        ..NodeProto::default()
    }
}

fn infos(names: &[&str]) -> Vec<ValueInfoProto> {
    let info = |name: &&str| ValueInfoProto { name: Some((*name).to_owned()), ..ValueInfoProto::default() };
    names.iter().map(info).collect()
}

/// Whether the one node is written in others.
fn written(node: NodeProto, initializer: Vec<TensorProto>) -> bool {
    let graph = GraphProto { node: vec![node], initializer, output: infos(&["y"]), ..GraphProto::default() };
    let opset = OperatorSetIdProto { domain: Some(String::new()), version: Some(18) };
    let mut model = ModelProto { graph: Some(graph), opset_import: vec![opset], ..ModelProto::default() };
    let mut known = import(&model).unwrap();
    infer(&mut known);
    assert!(known.sizes(known.outputs[0]).is_some(), "the output is small and known");
    let graph = model.graph.as_mut().unwrap();
    rewrite(graph, &known);
    graph.node.len() > 1
}

/// Two planes a stride s apart make s + 2, of which the padding leaves two; what lies between has 2 s planes of one
/// element: 4 * 2^29 * 2 B are 4 GiB.
#[test]
fn a_transposed_convolution_is_bounded_by_what_lies_between() {
    let spread = |stride: i64| {
        let attributes = vec![
            int_list("strides", vec![stride, 1, 1]),
            int_list("pads", vec![stride / 2, 0, 0, stride / 2, 0, 0]),
        ];
        let weights = vec![stored("x", &[1, 1, 2, 1, 1]), stored("w", &[1, 1, 2, 1, 1])];
        written(node("ConvTranspose", &["x", "w"], "y", attributes), weights)
    };
    let found: Vec<bool> = [2, 1 << 20, 1 << 29, 1 << 31, 1 << 62].map(spread).to_vec();
    assert_eq!(found, [true, true, false, false, false]);
}

/// 1,000 steps of a node, an input and an output: 3,000 of 20,000. With 20 weights in the body that nobody reads: 23,000.
/// In a body in the body, the same.
#[test]
fn a_scan_is_bounded_by_all_that_a_step_writes() {
    let scan = |weights: usize, inner: usize| {
        let all = |n: usize| (0..n).map(|at| stored(&format!("w{at}"), &[1])).collect();
        let mut one = node("Identity", &["a"], "b", Vec::new());
        if inner > 0 {
            let branch = |name: &str| AttributeProto {
                name: Some(name.to_owned()),
                g: Some(Box::new(GraphProto {
                    node: vec![node("Identity", &["a"], name, Vec::new())],
                    output: infos(&[name]),
                    initializer: all(inner),
                    ..GraphProto::default()
                })),
                ..AttributeProto::default()
            };
            one = node("If", &["c"], "b", vec![branch("then_branch"), branch("else_branch")]);
        }
        let body = GraphProto {
            node: vec![one],
            input: infos(&["a"]),
            output: infos(&["b"]),
            initializer: all(weights),
            ..GraphProto::default()
        };
        let body = AttributeProto {
            name: Some("body".to_owned()),
            g: Some(Box::new(body)),
            ..AttributeProto::default()
        };
        let condition = TensorProto { data_type: Some(9), ..stored("c", &[]) };
        let node = node("Scan", &["x"], "y", vec![int("num_scan_inputs", 1), body]);
        written(node, vec![stored("x", &[1_000, 2]), condition])
    };
    assert_eq!([scan(0, 0), scan(20, 0), scan(0, 1), scan(0, 10)], [true, false, true, false]);
}
