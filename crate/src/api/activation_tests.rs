//! What is an activation to the counts is one to replacements and to a run's statistics: small models,
//! written here, read by all three.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::ops::ControlFlow;

use prost::Message;

use super::{Given, NamedFile, Outcome, RunOptions, RunRequest, RunSession, Settings, StatsScope, Tensor};
use crate::count::{Kind, count};
use crate::ir::bind::{Bindings, bind};
use crate::ir::graph::Graph;
use crate::ir::import::import;
use crate::ir::infer::infer;
use crate::onnx::{
    AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto, TensorShapeProto,
    TypeProto, ValueInfoProto, attribute_proto, tensor_shape_proto, type_proto,
};
use crate::run::session::ready;
use crate::select::activations;

fn info(name: &str, dims: &[i64]) -> ValueInfoProto {
    let dim = |n: &i64| tensor_shape_proto::Dimension {
        value: Some(tensor_shape_proto::dimension::Value::DimValue(*n)),
        ..Default::default()
    };
    let tensor = type_proto::Tensor {
        elem_type: Some(1),
        shape: Some(TensorShapeProto { dim: dims.iter().map(dim).collect() }),
    };
    let ty = TypeProto { value: Some(type_proto::Value::TensorType(tensor)), ..Default::default() };
    ValueInfoProto { name: Some(name.to_owned()), r#type: Some(ty), ..Default::default() }
}

fn stored(name: &str, dims: &[i64], values: &[f32]) -> TensorProto {
    TensorProto {
        name: Some(name.to_owned()),
        dims: dims.to_vec(),
        data_type: Some(1),
        raw_data: Some(values.iter().flat_map(|v| v.to_le_bytes()).collect()),
        ..TensorProto::default()
    }
}

/// A node as `Op(inputs) -> output`, or `domain.Op`; its output is `y` where none is named.
fn node(text: &str) -> NodeProto {
    let (call, output) = text.split_once(" -> ").unwrap_or((text, "y"));
    let (op, inputs) = call.strip_suffix(')').unwrap().split_once('(').unwrap();
    let (domain, op) = op.rsplit_once('.').unwrap_or(("", op));
    NodeProto {
        domain: Some(domain.to_owned()),
        op_type: Some(op.to_owned()),
        input: inputs.split(',').map(|s| s.trim().to_owned()).collect(),
        output: vec![output.to_owned()],
        ..NodeProto::default()
    }
}

/// Inputs x and z and output y of 2x3, some constants, and the nodes between them.
fn model(nodes: Vec<NodeProto>) -> Vec<u8> {
    let scalar = |name: &str, value: f32| stored(name, &[], &[value]);
    let graph = GraphProto {
        name: Some("g".to_owned()),
        node: nodes,
        input: vec![info("x", &[2, 3]), info("z", &[2, 3])],
        output: vec![info("y", &[2, 3])],
        initializer: vec![
            scalar("zero", 0.0),
            scalar("one", 1.0),
            scalar("six", 6.0),
            scalar("tenth", 0.1),
            stored("zeros", &[3], &[0.0; 3]),
            stored("zero_first", &[3], &[0.0, 1.0, 1.0]),
            stored("bias", &[3], &[1.0; 3]),
        ],
        ..GraphProto::default()
    };
    let opset = |domain: &str, version| OperatorSetIdProto {
        domain: Some(domain.to_owned()),
        version: Some(version),
    };
    ModelProto {
        ir_version: Some(9),
        opset_import: vec![opset("", 20), opset("com.microsoft", 1)],
        graph: Some(graph),
        ..ModelProto::default()
    }
    .encode_to_vec()
}

fn graph(bytes: &[u8]) -> Graph {
    let mut graph = import(&ModelProto::decode(bytes).unwrap()).unwrap();
    bind(&mut graph, &Bindings::default()).unwrap();
    infer(&mut graph);
    graph
}

fn open(bytes: &[u8]) -> RunSession {
    let files = [NamedFile { name: "m.onnx".to_owned(), bytes: &bytes }];
    let go = &mut |_, _| ControlFlow::Continue(());
    RunSession::open(&files, &Settings::default(), &RunOptions::default(), go).unwrap()
}

/// What each reader says: the kind that is counted; what is replaced, of which value; and the
/// operator and pre-activation that a run watches. Empty where there is none.
fn readers(nodes: &[&str]) -> [String; 3] {
    let bytes = model(nodes.iter().map(|text| node(text)).collect());
    let graph = graph(&bytes);
    let kinds = count(&graph).into_iter().filter_map(|count| count.activation).map(|a| a.kind.name());
    let replaced = activations(&graph);
    let replaced = replaced.iter().map(|a| format!("{}({})", a.target.name(), graph.value(a.input).name));
    let watched = open(&bytes).info().activations;
    let watched = watched.iter().map(|a| format!("{}({})", a.op, a.input));
    let joined = |all: Vec<String>| all.join(" ");
    [joined(kinds.collect()), joined(replaced.collect()), joined(watched.collect())]
}

#[test]
fn counts_plans_and_statistics_name_the_same_activations() {
    let cases: [(&[&str], [&str; 3]); 17] = [
        (&["Relu(x)"], ["ReLU", "relu(x)", "Relu(x)"]),
        (&["Max(x, zero)"], ["ReLU", "relu(x)", "Max(x)"]),
        (&["Max(zero, x)"], ["ReLU", "relu(x)", "Max(x)"]),
        (&["Max(zeros, x)"], ["ReLU", "relu(x)", "Max(x)"]),
        // A bound, no ReLU; a choice between two values.
        (&["Max(x, one)"], ["Clip", "", ""]),
        (&["Max(x, zero_first)"], ["Clip", "", ""]),
        (&["Max(x, z)"], ["Comparison", "", ""]),
        (&["Max(x, zero, zero)"], ["Clip", "", ""]),
        (&["Min(x, zero)"], ["Clip", "", ""]),
        (&["Clip(x, zero)"], ["ReLU", "relu(x)", "Clip(x)"]),
        (&["Clip(x, zero, six)"], ["ReLU6", "relu6(x)", "Clip(x)"]),
        (&["Clip(x, one, six)"], ["Clip", "", "Clip(x)"]),
        (&["Clip(x)"], ["", "", ""]),
        (&["Shrink(x)"], ["Shrink", "", "Shrink(x)"]),
        (&["Sigmoid(x) -> s", "Mul(x, s)"], ["SiLU", "silu(x)", "SiLU(x)"]),
        (&["Exp(x)"], ["Exp", "", ""]),
        // Of a weight alone: known before anyone asks.
        (&["Relu(bias) -> b", "Add(x, b)"], ["", "", ""]),
    ];
    let wrong: Vec<String> = cases
        .into_iter()
        .map(|(nodes, wanted)| (nodes, wanted, readers(nodes)))
        .filter(|(_, wanted, found)| found != wanted)
        .map(|(nodes, wanted, found)| format!("{nodes:?}: {found:?}, not {wanted:?}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_max_with_zero_has_idle_channels_as_a_relu_has() {
    // Of three channels the first is never above 0, the last never below.
    let x = Tensor::new(vec![2, 3], vec![-1.0f32, -1.0, 1.0, -2.0, 2.0, 3.0]).unwrap();
    for nodes in ["Relu(x)", "Max(x, zero)", "Max(zero, x)", "Clip(x, zero)"] {
        let mut session = open(&model(vec![node(nodes)]));
        let arrays = ["x", "z"].map(|name| (name.to_owned(), x.clone()));
        let given: Given = session.given(arrays.to_vec(), None).unwrap();
        let ask = RunRequest { stats: StatsScope::Activations, ..RunRequest::default() };
        let ran: Outcome = ready(session.run(given, &ask, &mut |_, _| ControlFlow::Continue(()))).unwrap();
        let stats = ran.stats.unwrap();
        let found: Vec<_> = stats.activations.iter().map(|a| (&a.dead[..], &a.always_on[..])).collect();
        assert_eq!(found, [(&[0][..], &[2][..])], "{nodes}");
    }
}

#[test]
fn a_run_watches_the_main_graph_only() {
    let branch = |name: &str, op: &str| AttributeProto {
        name: Some(name.to_owned()),
        r#type: Some(attribute_proto::AttributeType::Graph as i32),
        g: Some(Box::new(GraphProto {
            name: Some(name.to_owned()),
            node: vec![node(&format!("{op}(x) -> {name}_y"))],
            output: vec![info(&format!("{name}_y"), &[2, 3])],
            ..GraphProto::default()
        })),
        ..AttributeProto::default()
    };
    let mut choice = node("If(positive)");
    choice.attribute = vec![branch("then_branch", "Relu"), branch("else_branch", "Sigmoid")];
    let bytes = model(vec![
        node("ReduceSum(x) -> sum"),
        node("Squeeze(sum) -> scalar"),
        node("Greater(scalar, zero) -> positive"),
        choice,
    ]);
    assert_eq!(activations(&graph(&bytes)).len(), 2);
    assert!(open(&bytes).info().activations.is_empty());
}

#[test]
fn what_enters_behind_a_bias_is_no_value_to_replace() {
    let kinds = |text: &str| {
        let graph = graph(&model(vec![node(text)]));
        let kinds: Vec<Kind> = count(&graph).iter().filter_map(|c| c.activation.map(|a| a.kind)).collect();
        (kinds, activations(&graph).len())
    };
    assert_eq!(kinds("com.microsoft.FastGelu(x)"), (vec![Kind::GELUTanh], 1));
    assert_eq!(kinds("com.microsoft.FastGelu(x, bias)"), (vec![Kind::GELUTanh], 0));
    assert_eq!(kinds("com.microsoft.BiasGelu(x, bias)"), (vec![Kind::GELU], 0));
}
