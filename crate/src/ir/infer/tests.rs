//! Loops: what is stacked, what is forgotten, and that nesting stays cheap.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::infer;
use crate::ir::dim::Dim;
use crate::ir::graph::{Const, Graph, Shape};
use crate::ir::import::import;
use crate::limits::MAX_FOLDED_TOTAL;
use crate::onnx::{
    AttributeProto, FunctionProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto,
    ValueInfoProto,
};

fn names(list: &[&str]) -> Vec<String> {
    list.iter().map(|name| (*name).to_owned()).collect()
}

fn node(op: &str, inputs: &[&str], outputs: &[&str]) -> NodeProto {
    let op_type = Some(op.to_owned());
    NodeProto { op_type, input: names(inputs), output: names(outputs), ..NodeProto::default() }
}

fn looped(inputs: &[&str], outputs: &[&str], body: GraphProto) -> NodeProto {
    let g = Some(Box::new(body));
    let attribute = vec![AttributeProto { name: Some("body".to_owned()), g, ..AttributeProto::default() }];
    NodeProto { attribute, ..node("Loop", inputs, outputs) }
}

fn graph(inputs: &[&str], nodes: Vec<NodeProto>, outputs: &[&str]) -> GraphProto {
    let infos = |list: &[&str]| {
        let info =
            |name: &&str| ValueInfoProto { name: Some((*name).to_owned()), ..ValueInfoProto::default() };
        list.iter().map(info).collect()
    };
    GraphProto { input: infos(inputs), node: nodes, output: infos(outputs), ..GraphProto::default() }
}

/// A stored tensor of numbers; 7 is int64, 9 is bool, 1 is float32 (of which only the shape counts).
fn stored(name: &str, data_type: i32, dims: &[i64], values: &[i32]) -> TensorProto {
    let int64_data = if data_type == 7 { values.iter().map(|v| i64::from(*v)).collect() } else { Vec::new() };
    let int32_data = if data_type == 9 { values.to_vec() } else { Vec::new() };
    let (name, data_type, dims) = (Some(name.to_owned()), Some(data_type), dims.to_vec());
    TensorProto { name, data_type, dims, int64_data, int32_data, ..TensorProto::default() }
}

fn model(mut graph: GraphProto) -> ModelProto {
    graph.initializer = vec![
        stored("trips", 7, &[], &[3]),
        stored("yes", 9, &[], &[1]),
        stored("no", 9, &[], &[0]),
        stored("x", 1, &[2, 3], &[]),
    ];
    let opset = OperatorSetIdProto { domain: Some(String::new()), version: Some(18) };
    ModelProto { graph: Some(graph), opset_import: vec![opset], ..ModelProto::default() }
}

fn inferred(graph: GraphProto) -> Graph {
    let mut graph = import(&model(graph)).unwrap();
    infer(&mut graph);
    graph
}

fn output(graph: &Graph, place: usize) -> Option<Shape> {
    graph.shape(graph.outputs[place]).map(<[Dim]>::to_vec)
}

#[test]
fn a_loop_stacks_one_slice_a_pass() {
    // (condition in, what the body says goes on, passes)
    let cases = [
        ("", "from_data", Some(3)),
        ("yes", "yes", Some(3)),
        ("yes", "held", Some(3)),
        ("yes", "from_data", None),
        ("no", "yes", Some(0)),
    ];
    let mut failed = Vec::new();
    for (condition, goes_on, passes) in cases {
        let body = vec![
            node("Not", &["c"], &["held_not"]),
            node("Not", &["held_not"], &["held"]),
            node("Cast", &["i"], &["from_data"]),
            node("Relu", &["v"], &["v_out"]),
            node("Identity", &[goes_on], &["goes_on"]),
        ];
        let body = graph(&["i", "c", "v"], body, &["goes_on", "v_out", "v_out"]);
        let node = looped(&["trips", condition, "x"], &["last", "all"], body);
        let graph = inferred(graph(&[], vec![node], &["last", "all"]));
        let first = passes.map_or(Dim::Unknown, Dim::Known);
        let wanted = Some(vec![first, Dim::Known(2), Dim::Known(3)]);
        if output(&graph, 1) != wanted || output(&graph, 0) != Some(vec![Dim::Known(2), Dim::Known(3)]) {
            failed.push((condition, goes_on, output(&graph, 0), output(&graph, 1)));
        }
    }
    assert!(failed.is_empty(), "{failed:?}");
}

fn along_0(op: &str, inputs: &[&str], output: &str) -> NodeProto {
    let axis = AttributeProto { name: Some("axis".to_owned()), i: Some(0), ..AttributeProto::default() };
    NodeProto { attribute: vec![axis], ..node(op, inputs, &[output]) }
}

/// 3 passes on a 2x3: 2 + 3*2 rows where each adds 2; three of 2x3 in a sequence, which make 6 rows.
#[test]
fn what_grows_in_a_loop_of_known_passes_is_followed() {
    let rows = graph(&["i", "c", "v"], vec![along_0("Concat", &["v", "x"], "v_out")], &["yes", "v_out"]);
    let insert = node("SequenceInsert", &["q", "x"], &["q_out"]);
    let sequence = graph(&["i", "c", "q"], vec![insert], &["yes", "q_out"]);
    let nodes = vec![
        looped(&["trips", "yes", "x"], &["rows"], rows),
        node("SequenceEmpty", &[], &["none"]),
        looped(&["trips", "", "none"], &["all"], sequence),
        along_0("ConcatFromSequence", &["all"], "joined"),
        node("SequenceLength", &["all"], &["length"]),
        node("SequenceErase", &["all"], &["fewer"]),
        along_0("ConcatFromSequence", &["fewer"], "less"),
    ];
    let graph = inferred(graph(&[], nodes, &["rows", "joined", "less", "length"]));
    let sizes = |place: usize| graph.sizes(graph.outputs[place]);
    assert_eq!([sizes(0), sizes(1), sizes(2)], [Some(vec![8, 3]), Some(vec![6, 3]), Some(vec![4, 3])]);
    let length = graph.value(graph.outputs[3]).constant.as_ref();
    assert_eq!(length.and_then(Const::scalar), Some(3.0));
    // What stands in the body holds on every pass.
    let inside = graph.values.iter().find(|value| value.name.ends_with("v_out")).unwrap();
    assert_eq!(inside.ty.shape(), Some(&[Dim::Unknown, Dim::Known(3)][..]));
}

fn constant(output: &str, attribute: AttributeProto) -> NodeProto {
    NodeProto { attribute: vec![attribute], ..node("Constant", &[], &[output]) }
}

/// A loop of 3 passes that carries one value that grows and others that name one constant of 4,096 elements.
fn carries(others: usize) -> Graph {
    let list: Vec<String> = (0..others).map(|at| format!("k{at}")).collect();
    let list: Vec<&str> = list.iter().map(String::as_str).collect();
    let grows = vec![along_0("Concat", &["v", "x"], "v_out")];
    let body =
        graph(&[&["i", "c", "v"], &list[..]].concat(), grows, &[&["yes", "v_out"], &list[..]].concat());
    let outs: Vec<String> = (0..others).map(|at| format!("out{at}")).collect();
    let outs: Vec<&str> = [vec!["rows"], outs.iter().map(String::as_str).collect()].concat();
    let ints =
        AttributeProto { name: Some("value_ints".to_owned()), ints: vec![4096], ..AttributeProto::default() };
    let nodes = vec![
        constant("size", ints),
        node("Expand", &["trips", "size"], &["large"]),
        looped(&[&["trips", "yes", "x"], &vec!["large"; others][..]].concat(), &outs, body),
    ];
    inferred(graph(&[], nodes, &outs))
}

/// One node and 4,001 values in 3 passes and one more: 4 * 4,002 of 16,384; 4,096 values are too many. Of the constants
/// 4 * 4,001 copies would be 66 M elements, of which the first 4 M are followed.
#[test]
fn what_a_loop_carries_counts_as_work() {
    let found = carries(4_000);
    assert_eq!(found.sizes(found.outputs[0]), Some(vec![8, 3]));
    let large = found.values.iter().find(|value| value.name == "large").unwrap();
    assert_eq!(large.constant.as_ref().map(Const::len), Some(4096));
    let all = found.values.iter().filter_map(|value| value.constant.as_ref());
    let held: usize = all.map(Const::len).sum();
    assert!(held <= MAX_FOLDED_TOTAL + 2 * 4_096 + 64 * found.values.len(), "{held} elements");
    let found = carries(4_096);
    assert_eq!(output(&found, 0), Some(vec![Dim::Unknown, Dim::Known(3)]));
    // A few are carried with what they hold.
    let found = carries(2);
    let kept = found.value(found.outputs[2]).constant.as_ref();
    assert_eq!((found.sizes(found.outputs[0]), kept.map(Const::len)), (Some(vec![8, 3]), Some(4096)));
}

/// A loop that adds 2 rows in each of 200 passes, in a loop that grows. It costs 200 + 1 times 13 nodes and a value, 2,814; the
/// outer one needs it twice to find what holds and once in each of 3 passes, 14,070 of 16,384. A sixth time there is not.
#[test]
fn what_holds_in_a_body_is_not_forgotten_for_its_passes() {
    let mut nodes = vec![along_0("Concat", &["w", "x"], "w0")];
    for at in 0..12 {
        nodes.push(node("Relu", &[&format!("w{at}")], &[&format!("w{}", at + 1)]));
    }
    let inner = graph(&["j", "d", "w"], nodes, &["yes", "w12"]);
    let outer = vec![
        looped(&["many", "yes", "x"], &["inner_rows"], inner),
        along_0("Concat", &["v", "inner_rows"], "v_out"),
    ];
    let outer = graph(&["i", "c", "v"], outer, &["yes", "v_out"]);
    let many =
        AttributeProto { name: Some("value_int".to_owned()), i: Some(200), ..AttributeProto::default() };
    let nodes = vec![constant("many", many), looped(&["trips", "yes", "x"], &["rows"], outer)];
    let found = inferred(graph(&[], nodes, &["rows"]));
    // 2 rows, and 3 times 2 + 200 * 2.
    assert_eq!(found.sizes(found.outputs[0]), Some(vec![2 + 3 * 402, 3]));
    let inside = |name: &str| found.values.iter().find(|v| v.name.ends_with(name)).unwrap().ty.shape();
    assert_eq!(inside("inner_rows"), Some(&[Dim::Known(402), Dim::Known(3)][..]));
    assert_eq!(inside("v_out"), Some(&[Dim::Unknown, Dim::Known(3)][..]));
}

/// One of 2 rows, cut into two sequences of one: a body for each.
#[test]
fn a_body_runs_once_for_each_tensor_of_a_sequence() {
    let body = graph(&["one"], vec![node("Relu", &["one"], &["made"])], &["made"]);
    let map = NodeProto { op_type: Some("SequenceMap".to_owned()), ..looped(&["parts"], &["mapped"], body) };
    let nodes = vec![
        node("SplitToSequence", &["x"], &["parts"]),
        map,
        along_0("ConcatFromSequence", &["mapped"], "y"),
    ];
    let graph = inferred(graph(&[], nodes, &["y"]));
    let map = graph.nodes.iter().find(|node| node.is("SequenceMap")).unwrap();
    assert_eq!((super::passes(&graph, map), graph.sizes(graph.outputs[0])), (Some(2), Some(vec![2, 3])));
}

#[test]
fn loops_in_loops_end_and_forget_what_grows() {
    let concat = |inputs: &[&str], output: &str| along_0("Concat", inputs, output);
    let mut inner = concat(&["v24", "v24"], "made");
    for depth in (0..25).rev() {
        let (i, c, v) = (format!("i{depth}"), format!("c{depth}"), format!("v{depth}"));
        let out = inner.output[0].clone();
        let body = graph(&[&i, &c, &v], vec![inner], &["yes", &out]);
        let source = if depth == 0 { "x".to_owned() } else { format!("v{}", depth - 1) };
        inner = looped(&["trips", "yes", &source], &[&format!("made{depth}")], body);
    }
    let graph = inferred(graph(&[], vec![inner], &["made0"]));
    let known = output(&graph, 0).is_some_and(|shape| shape.first().is_some_and(|d| *d != Dim::Unknown));
    assert!(!known, "{:?}", output(&graph, 0));
}

#[test]
fn functions_that_call_functions_end() {
    let domain = Some("d".to_owned());
    let call = |to: usize| NodeProto { domain: domain.clone(), ..node(&format!("f{to}"), &[], &[]) };
    let function = |at: usize| FunctionProto {
        name: Some(format!("f{at}")),
        domain: domain.clone(),
        node: if at == 29 { Vec::new() } else { vec![call(at + 1), call(at + 1)] },
        ..FunctionProto::default()
    };
    let mut model = model(graph(&[], vec![call(0)], &[]));
    model.functions = (0..30).map(function).collect();
    let error = import(&model).unwrap_err();
    assert_eq!(error.code, crate::error::Code::LimitExceeded, "{error}");
}
