//! Small models written here: plain nodes, composites, bodies, functions that are called once and
//! more than once, old files, fields that ONNX does not have.

use super::*;
use crate::onnx::{
    AttributeProto, FunctionProto, GraphProto, OperatorSetIdProto, StringStringEntryProto, TensorProto,
    TensorShapeProto, TypeProto, ValueInfoProto, attribute_proto, tensor_shape_proto, type_proto,
};

pub(super) fn node(op: &str, inputs: &[&str], outputs: &[&str]) -> NodeProto {
    NodeProto {
        op_type: Some(op.to_owned()),
        name: Some(format!("{op}_{}", outputs[0])),
        input: inputs.iter().map(|s| (*s).to_owned()).collect(),
        output: outputs.iter().map(|s| (*s).to_owned()).collect(),
        ..NodeProto::default()
    }
}

fn calls(function: &str, inputs: &[&str], outputs: &[&str]) -> NodeProto {
    NodeProto { domain: Some("own".to_owned()), ..node(function, inputs, outputs) }
}

pub(super) fn info(name: &str, dims: &[i64], dtype: i32) -> ValueInfoProto {
    let dim = |n: &i64| tensor_shape_proto::Dimension {
        value: Some(tensor_shape_proto::dimension::Value::DimValue(*n)),
        ..Default::default()
    };
    let tensor = type_proto::Tensor {
        elem_type: Some(dtype),
        shape: Some(TensorShapeProto { dim: dims.iter().map(dim).collect() }),
    };
    let ty = TypeProto { value: Some(type_proto::Value::TensorType(tensor)), ..Default::default() };
    ValueInfoProto { name: Some(name.to_owned()), r#type: Some(ty), ..Default::default() }
}

fn opset(domain: &str, version: i64) -> OperatorSetIdProto {
    OperatorSetIdProto { domain: Some(domain.to_owned()), version: Some(version) }
}

/// x and y of 1x2x2x2; the nodes between them.
pub(super) fn model(nodes: Vec<NodeProto>) -> ModelProto {
    let graph = GraphProto {
        name: Some("g".to_owned()),
        node: nodes,
        input: vec![info("x", &[1, 2, 2, 2], 1)],
        output: vec![info("y", &[1, 2, 2, 2], 1)],
        ..GraphProto::default()
    };
    ModelProto {
        ir_version: Some(8),
        opset_import: vec![opset("", 17), opset("own", 1)],
        graph: Some(graph),
        ..ModelProto::default()
    }
}

fn function(name: &str, nodes: Vec<NodeProto>) -> FunctionProto {
    FunctionProto {
        name: Some(name.to_owned()),
        domain: Some("own".to_owned()),
        input: vec!["a".to_owned()],
        output: vec!["b".to_owned()],
        node: nodes,
        opset_import: vec![opset("", 17), opset("own", 1)],
        ..FunctionProto::default()
    }
}

fn nodes(model: &ModelProto) -> Vec<String> {
    model.graph.as_ref().unwrap().node.iter().map(text).collect()
}

#[test]
fn a_relu_becomes_horner() {
    let before = model(vec![node("Relu", &["x"], &["h"]), node("Neg", &["h"], &["y"])]).encode_to_vec();
    let after = decoded(&rewritten(&before, &all_gone));
    assert_eq!(
        nodes(&after),
        [
            "Mul x,reluctant/h/c2 -> reluctant/h/h0",
            "Add reluctant/h/h0,reluctant/h/c1 -> reluctant/h/h1",
            "Mul reluctant/h/h1,x -> h",
            "Neg h -> y"
        ]
    );
    let graph = after.graph.as_ref().unwrap();
    assert_eq!(graph.node[2].name(), "Relu_h", "the node's name stays with its result");
    let c2 = graph.initializer.iter().find(|t| t.name() == "reluctant/h/c2").unwrap();
    assert_eq!((c2.dims.len(), c2.raw_data()), (0, 0.25f32.to_le_bytes().as_slice()));
    assert_eq!(metadata(&after), [(PLAN.to_owned(), "{}".to_owned())]);
}

#[test]
fn a_mask_chooses_between_both() {
    let before = model(vec![node("Relu", &["x"], &["y"])]).encode_to_vec();
    let after = decoded(&rewritten(&before, &some_stay));
    assert_eq!(
        nodes(&after),
        [
            "Relu x -> reluctant/y/act",
            "Mul x,reluctant/y/c2 -> reluctant/y/h0",
            "Add reluctant/y/h0,reluctant/y/c1 -> reluctant/y/h1",
            "Mul reluctant/y/h1,x -> reluctant/y/h2",
            "Add reluctant/y/h2,reluctant/y/c0 -> reluctant/y/poly",
            "Where reluctant/y/keep,reluctant/y/act,reluctant/y/poly -> y"
        ]
    );
    let graph = after.graph.as_ref().unwrap();
    let tensor = |name: &str| graph.initializer.iter().find(|t| t.name() == name).unwrap();
    assert_eq!(tensor("reluctant/y/c2").dims, [2, 1, 1]);
    assert_eq!(tensor("reluctant/y/keep").dims, [2, 2, 2]);
    assert_eq!(tensor("reluctant/y/keep").raw_data(), [1, 0, 0, 0, 1, 0, 0, 0]);
    assert_eq!(metadata(&after)[0], (format!("{KEPT}reluctant/y"), "2".to_owned()));
    // Before opset 9 there is no Where.
    let mut old = model(vec![node("Relu", &["x"], &["y"])]);
    old.opset_import[0].version = Some(8);
    let after = nodes(&decoded(&rewritten(&old.encode_to_vec(), &some_stay)));
    assert_eq!(after.last().unwrap(), "Add reluctant/y/keep_part,reluctant/y/gone_part -> y");
    assert!(!after.iter().any(|n| n.starts_with("Where")));
}

#[test]
fn identity_is_one_node_and_a_constant_stays_constant() {
    let before = model(vec![node("Relu", &["x"], &["y"])]).encode_to_vec();
    let of = |c: Vec<f64>| {
        nodes(&decoded(&rewritten(&before, &|_, a| Some((Mask::whole(&a.site, false), vec![c.clone()])))))
    };
    assert_eq!(of(vec![0.0, 1.0]), ["Identity x -> y"]);
    assert_eq!(
        of(vec![0.0, 1.0, 1.0]),
        ["Add x,reluctant/y/c1 -> reluctant/y/h0", "Mul reluctant/y/h0,x -> y"]
    );
    assert_eq!(
        of(vec![0.5]),
        ["Mul x,reluctant/y/zero -> reluctant/y/h0", "Add reluctant/y/h0,reluctant/y/c0 -> y"]
    );
    assert_eq!(of(vec![0.0]), ["Mul x,reluctant/y/zero -> y"]);
}

#[test]
fn a_composite_goes_as_a_whole() {
    let silu = || vec![node("Sigmoid", &["x"], &["s"]), node("Mul", &["x", "s"], &["y"])];
    let before = model(silu()).encode_to_vec();
    let after = nodes(&decoded(&rewritten(&before, &all_gone)));
    assert!(!after.iter().any(|n| n.starts_with("Sigmoid")), "{after:?}");
    assert_eq!(after.last().unwrap(), "Mul reluctant/y/h1,x -> y");
    // Where some elements stay it is needed.
    let after = nodes(&decoded(&rewritten(&before, &some_stay)));
    assert_eq!(&after[..2], ["Sigmoid x -> s", "Mul x,s -> reluctant/y/act"]);
}

fn if_node(then: Vec<NodeProto>, other: Vec<NodeProto>) -> NodeProto {
    let branch = |name: &str, nodes: Vec<NodeProto>| {
        let output = nodes.last().unwrap().output[0].clone();
        let graph = GraphProto {
            name: Some(name.to_owned()),
            node: nodes,
            output: vec![info(&output, &[1, 2, 2, 2], 1)],
            ..GraphProto::default()
        };
        AttributeProto {
            name: Some(name.to_owned()),
            r#type: Some(attribute_proto::AttributeType::Graph as i32),
            g: Some(Box::new(graph)),
            ..AttributeProto::default()
        }
    };
    let mut node = node("If", &["on"], &["y"]);
    node.attribute = vec![branch("then_branch", then), branch("else_branch", other)];
    node
}

#[test]
fn bodies_are_entered() {
    let mut before = model(vec![if_node(
        vec![node("Relu", &["x"], &["t"])],
        vec![node("Neg", &["x"], &["n"]), node("Relu", &["n"], &["e"])],
    )]);
    let graph = before.graph.as_mut().unwrap();
    graph.input.push(info("on", &[], 9));
    let after = decoded(&rewritten(&before.encode_to_vec(), &all_gone));
    let body = |i: usize| after.graph.as_ref().unwrap().node[0].attribute[i].g.as_ref().unwrap();
    assert_eq!(body(0).node.last().map(text).unwrap(), "Mul reluctant/t/h1,x -> t");
    assert_eq!(body(1).node.last().map(text).unwrap(), "Mul reluctant/e/h1,n -> e");
    assert!(body(0).initializer.iter().any(|t| t.name() == "reluctant/t/c2"));
    let (_, graph) = opened(&after.encode_to_vec());
    assert!(activations(&graph).is_empty(), "none is left");
}

#[test]
fn a_function_that_is_called_once_is_changed_in_place() {
    let mut before = model(vec![calls("F", &["x"], &["y"])]);
    before.functions = vec![function("F", vec![node("Relu", &["a"], &["b"])])];
    let after = decoded(&rewritten(&before.encode_to_vec(), &some_stay));
    assert_eq!(nodes(&after), ["F x -> y"]);
    assert_eq!(after.functions.len(), 1);
    let inside: Vec<String> = after.functions[0].node.iter().map(text).collect();
    assert!(inside.contains(&"Constant  -> reluctant/b/keep".to_owned()), "functions hold no initializers");
    assert_eq!(inside.last().unwrap(), "Where reluctant/b/keep,reluctant/b/act,reluctant/b/poly -> b");
    // The count finds it by the name that the importer gives.
    let (_, graph) = opened(&after.encode_to_vec());
    let key = metadata(&after)[0].0.clone();
    let act = format!("{}/act", key.strip_prefix(KEPT).unwrap());
    assert!(graph.values.iter().any(|v| v.name == act), "{act}");
}

#[test]
fn calls_of_one_function_can_differ() {
    // F calls G twice; the model calls F twice: four activations, each with its own polynomial.
    let mut before = model(vec![calls("F", &["x"], &["m"]), calls("F", &["m"], &["y"])]);
    before.functions = vec![
        function("F", vec![calls("G", &["a"], &["i"]), calls("G", &["i"], &["b"])]),
        function("G", vec![node("Relu", &["a"], &["b"])]),
    ];
    let one_each =
        |i: usize, a: &Activation| Some((Mask::whole(&a.site, false), vec![vec![0.0, 1.0 + i as f64]]));
    let bytes = before.encode_to_vec();
    let after = decoded(&rewritten(&bytes, &one_each));
    let (_, graph) = opened(&after.encode_to_vec());
    let factors: Vec<f64> = graph
        .nodes
        .iter()
        .filter(|n| n.is("Mul"))
        .map(|n| graph.value(n.input(1).unwrap()).constant.as_ref().unwrap().scalar().unwrap())
        .collect();
    assert_eq!(factors, [2.0, 3.0, 4.0], "the first one is the identity");
    assert_eq!(graph.nodes.iter().filter(|n| n.is("Identity")).count(), 1);
    let names: Vec<&str> = after.functions.iter().map(|f| f.name()).collect();
    assert_eq!(names.len(), 2 + 2 + 4, "{names:?}");
    assert_eq!(&names[..2], ["F", "G"], "the originals stay");
    assert_eq!(after.functions[..2], before.functions[..]);
    // Only the last one: one copy of each.
    let last = |i: usize, a: &Activation| (i == 3).then(|| one_each(i, a)).flatten();
    let after = decoded(&rewritten(&bytes, &last));
    assert_eq!(nodes(&after), ["F x -> m", "F_reluctant_1 m -> y"].map(String::from).as_slice().to_vec());
}

#[test]
fn old_files_get_constants() {
    let mut before = model(vec![node("Relu", &["x"], &["y"])]);
    before.ir_version = Some(3);
    let after = decoded(&rewritten(&before.encode_to_vec(), &all_gone));
    assert!(after.graph.as_ref().unwrap().initializer.is_empty());
    assert_eq!(nodes(&after).iter().filter(|n| n.starts_with("Constant")).count(), 2);
}

#[test]
fn half_precision_keeps_its_type() {
    let mut before = model(vec![node("Relu", &["x"], &["y"])]);
    let graph = before.graph.as_mut().unwrap();
    (graph.input, graph.output) = (vec![info("x", &[1, 2, 2, 2], 10)], vec![info("y", &[1, 2, 2, 2], 10)]);
    let after = decoded(&rewritten(&before.encode_to_vec(), &all_gone));
    let c1 = after.graph.unwrap().initializer.into_iter().find(|t| t.name() == "reluctant/y/c1").unwrap();
    assert_eq!((c1.data_type(), c1.raw_data()), (10, [0x00u8, 0x38].as_slice()), "0.5 as float16");
    // What float16 cannot hold is refused.
    let (model, graph) = opened(&before.encode_to_vec());
    let all = activations(&graph);
    let (mask, coefficients) = (Mask::whole(&all[0].site, false), vec![vec![0.0, 1e6]]);
    let one = Replacement { activation: &all[0], mask: &mask, coefficients: &coefficients, drops: &[] };
    assert_eq!(edits(&model, &graph, &[one], None).unwrap_err().code, crate::error::Code::InvalidSetting);
}

#[test]
fn everything_else_is_copied_byte_by_byte() {
    let mut before = model(vec![node("Neg", &["x"], &["h"]), node("Relu", &["h"], &["y"])]);
    before.metadata_props = [("author", "me"), (PLAN, "an old one")]
        .map(|(k, v)| StringStringEntryProto { key: Some(k.to_owned()), value: Some(v.to_owned()) })
        .to_vec();
    before.graph.as_mut().unwrap().initializer = vec![TensorProto {
        name: Some("unused".to_owned()),
        dims: vec![2000],
        data_type: Some(2),
        raw_data: Some(vec![7; 2000]),
        ..TensorProto::default()
    }];
    let mut bytes = before.encode_to_vec();
    // A field that ONNX does not have: number 1000, a text.
    bytes.extend([0xc2, 0x3e, 5]);
    bytes.extend(b"known");
    let after = rewritten(&bytes, &all_gone);
    assert!(after.windows(5).any(|w| w == b"known"));
    let back = decoded(&after);
    assert_eq!(metadata(&back), [("author".to_owned(), "me".to_owned()), (PLAN.to_owned(), "{}".to_owned())]);
    let (old, new) = (before.graph.unwrap(), back.graph.unwrap());
    assert_eq!((&old.input, &old.output, &old.node[0]), (&new.input, &new.output, &new.node[0]));
    assert_eq!(old.initializer[0], new.initializer[0]);
    // A plan that keeps everything changes nothing, not even the metadata.
    let kept = rewritten(&bytes, &|_, a| Some((Mask::whole(&a.site, true), Vec::new())));
    assert_eq!(kept, bytes);
    assert_eq!(rewritten(&bytes, &|_, _| None), bytes);
}

#[test]
fn a_second_plan_finds_names_of_its_own() {
    let before = model(vec![node("Relu", &["x"], &["y"])]).encode_to_vec();
    let once = rewritten(&before, &some_stay);
    // What is left of the activation goes too.
    let twice = decoded(&rewritten(&once, &all_gone));
    let (_, graph) = opened(&twice.encode_to_vec());
    assert!(activations(&graph).is_empty());
    let mut names: Vec<String> = twice.graph.unwrap().node.into_iter().flat_map(|n| n.output).collect();
    let count = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count, "every value is made once");
}

#[test]
fn names_that_do_not_tell_values_apart_are_refused() {
    // Both branches use one name: legal in separate bodies, no place for a plan.
    let mut before =
        model(vec![if_node(vec![node("Relu", &["x"], &["t"])], vec![node("Relu", &["x"], &["t"])])]);
    before.graph.as_mut().unwrap().input.push(info("on", &[], 9));
    let bytes = before.encode_to_vec();
    let (model, graph) = opened(&bytes);
    let all = activations(&graph);
    let mask = Mask::whole(&all[0].site, false);
    let one = Replacement { activation: &all[0], mask: &mask, coefficients: &[vec![0.0, 1.0]], drops: &[] };
    assert_eq!(edits(&model, &graph, &[one], None).unwrap_err().code, crate::error::Code::NotSupported);
}
