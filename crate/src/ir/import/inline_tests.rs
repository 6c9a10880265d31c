//! A model whose functions were put in place beforehand is the graph that importing it gives.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::import;
use crate::error::Code;
use crate::ir::graph::Graph;
use crate::onnx::{
    AttributeProto, FunctionProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, ValueInfoProto,
    inline,
};

fn names(list: &[&str]) -> Vec<String> {
    list.iter().map(|name| (*name).to_owned()).collect()
}

fn node(op: &str, name: &str, inputs: &[&str], outputs: &[&str]) -> NodeProto {
    NodeProto {
        op_type: Some(op.to_owned()),
        name: Some(name.to_owned()),
        domain: Some(if op.len() == 1 { "own".to_owned() } else { String::new() }),
        input: names(inputs),
        output: names(outputs),
        ..NodeProto::default()
    }
}

fn with(mut node: NodeProto, attribute: AttributeProto) -> NodeProto {
    node.attribute.push(attribute);
    node
}

fn alpha(value: f32) -> AttributeProto {
    AttributeProto { name: Some("alpha".to_owned()), f: Some(value), ..AttributeProto::default() }
}

fn reference(name: &str, to: &str) -> AttributeProto {
    let (name, ref_attr_name) = (Some(name.to_owned()), Some(to.to_owned()));
    AttributeProto { name, ref_attr_name, ..AttributeProto::default() }
}

fn infos(list: &[&str]) -> Vec<ValueInfoProto> {
    let info = |name: &&str| ValueInfoProto { name: Some((*name).to_owned()), ..ValueInfoProto::default() };
    list.iter().map(info).collect()
}

fn opset(domain: &str, version: i64) -> OperatorSetIdProto {
    OperatorSetIdProto { domain: Some(domain.to_owned()), version: Some(version) }
}

fn function(name: &str, inputs: &[&str], outputs: &[&str], nodes: Vec<NodeProto>) -> FunctionProto {
    FunctionProto {
        name: Some(name.to_owned()),
        domain: Some("own".to_owned()),
        input: names(inputs),
        output: names(outputs),
        node: nodes,
        opset_import: vec![opset("", 18), opset("own", 1)],
        ..FunctionProto::default()
    }
}

fn branch(body: GraphProto) -> AttributeProto {
    let (name, g) = (Some("then_branch".to_owned()), Some(Box::new(body)));
    AttributeProto { name, g, ..AttributeProto::default() }
}

fn model() -> ModelProto {
    // G: a leaky unit whose slope is the call's, a body that reads what the function made, an input
    // that may be left out, one that is handed on.
    let body = GraphProto {
        node: vec![node("Relu", "in", &["t"], &["r"]), node("F", "again", &["r"], &["s"])],
        output: infos(&["s"]),
        ..GraphProto::default()
    };
    let g = vec![
        with(node("LeakyRelu", "leak", &["a"], &["t"]), reference("alpha", "slope")),
        with(node("If", "choose", &["t"], &["u"]), branch(body)),
        node("Clip", "clip", &["u", "low"], &["v"]),
        node("F", "last", &["v"], &["w"]),
    ];
    let f = vec![node("Abs", "", &["p"], &["q"]), node("Neg", "n", &["q"], &["o"])];
    let slope = AttributeProto { name: Some("slope".to_owned()), ..alpha(0.5) };
    let nodes = vec![
        node("F", "first", &["x"], &["y"]),
        with(node("G", "", &["y"], &["z", "kept"]), slope),
        node("Add", "sum", &["z", "kept"], &["out"]),
    ];
    let graph =
        GraphProto { input: infos(&["x"]), node: nodes, output: infos(&["out"]), ..Default::default() };
    ModelProto {
        graph: Some(graph),
        opset_import: vec![opset("", 18)],
        functions: vec![function("F", &["p"], &["o"], f), function("G", &["a", "low"], &["w", "a"], g)],
        ..ModelProto::default()
    }
}

/// Nodes with the names of what they read and make, and their attributes.
fn described(graph: &Graph) -> Vec<String> {
    let name = |id: &Option<_>| id.map_or_else(String::new, |id| graph.value(id).name.clone());
    let of = |node: &crate::ir::graph::Node| {
        let [reads, makes] =
            [&node.inputs, &node.outputs].map(|ids| ids.iter().map(name).collect::<Vec<_>>());
        format!("{} {}.{} {reads:?} {makes:?} {:?}", graph.label(node), node.domain, node.op, node.attrs)
    };
    graph.nodes.iter().map(of).chain([format!("{:?}", graph.outputs.len())]).collect()
}

#[test]
fn inlining_first_gives_the_same_graph() {
    let inlined = inline(model()).unwrap();
    assert!(inlined.functions.is_empty());
    let [want, found] = [model(), inlined].map(|model| described(&import(&model).unwrap()));
    // The optional input that the call leaves out ends the list in one, and is empty in the other.
    let plain = |lines: &[String]| lines.iter().map(|l| l.replace(", \"\"]", "]")).collect::<Vec<_>>();
    assert_eq!(plain(&found), plain(&want));
    assert_eq!(found.len(), 11 + 1);
    assert!(found.iter().any(|line| line.contains("alpha") && line.contains("0.5")), "{found:#?}");
    let without = inline(ModelProto { functions: Vec::new(), ..model() }).unwrap();
    assert_eq!(without, ModelProto { functions: Vec::new(), ..model() });
}

#[test]
fn circles_and_other_operator_sets_are_refused() {
    let mut circle = model();
    circle.functions[0].node.push(node("G", "back", &["o"], &["e"]));
    assert_eq!(inline(circle).unwrap_err().code, Code::InvalidGraph);
    let mut other = model();
    other.functions[1].opset_import[0] = opset("", 11);
    assert_eq!(inline(other).unwrap_err().code, Code::NotSupported);
}
