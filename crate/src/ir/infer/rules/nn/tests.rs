//! Every line of `cases.txt` was run by ONNX Runtime (`scripts/shape_cases.py` writes it): a rule may
//! leave a size open, but what it says must be what the runtime computed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use crate::ir::attrs::{Attr, Attrs};
use crate::ir::dim::Dim;
use crate::ir::dtype::DType;
use crate::ir::graph::{Const, Data, Graph, Node, NodeId, ScopeId, Source, Type, Value, ValueId};
use crate::ir::infer::infer;

/// `f32[2,3]` with `{elements}` where the rule sees them.
fn tensor(text: &str) -> (Type, Option<Const>) {
    let (name, rest) = text.split_once('[').unwrap();
    let (dims, elements) = rest.split_once(']').unwrap();
    let names = [
        ("f32", DType::F32),
        ("u8", DType::U8),
        ("i8", DType::I8),
        ("i32", DType::I32),
        ("i64", DType::I64),
        ("bool", DType::Bool),
    ];
    let dtype = names.iter().find(|row| row.0 == name).unwrap().1;
    let dims: Vec<i64> = list(dims);
    let constant = elements.strip_prefix('{').map(|elements| {
        let elements = elements.trim_end_matches('}');
        let data = if dtype.is_float() {
            Data::Floats(list(elements))
        } else {
            Data::Ints(list(elements).into_iter().map(Dim::Known).collect())
        };
        Const { dims: dims.iter().map(|n| *n as u64).collect(), data }
    });
    (Type::tensor(Some(dtype), Some(dims.into_iter().map(Dim::Known).collect())), constant)
}

fn list<T: std::str::FromStr>(text: &str) -> Vec<T> {
    text.split(',').filter(|part| !part.is_empty()).map(|part| part.parse().ok().unwrap()).collect()
}

fn attr(text: &str) -> Attr {
    if let Some(text) = text.strip_prefix('\'') {
        return Attr::Str(text.trim_end_matches('\'').to_owned());
    }
    match (text.strip_prefix('['), text.contains('.')) {
        (Some(items), true) => Attr::Floats(list(items.trim_end_matches(']'))),
        (Some(items), false) => Attr::Ints(list(items.trim_end_matches(']'))),
        (None, true) => Attr::Float(text.parse().unwrap()),
        (None, false) => Attr::Int(text.parse().unwrap()),
    }
}

fn value(graph: &mut Graph, source: Source, ty: Type, constant: Option<Const>) -> ValueId {
    let name = format!("value {}", graph.values.len());
    graph.values.push(Value { name, source, ty, declared: None, constant, weight: None, why: None });
    ValueId(graph.values.len() as u32 - 1)
}

/// A graph of one node, and what its outputs should be; `hidden` keeps sizes and elements to itself.
fn graph(line: &str, hidden: bool) -> (Graph, Vec<String>) {
    let parts: Vec<&str> = line.split(" | ").collect();
    let [head, attrs, inputs, outputs] = parts[..] else { panic!("{line}") };
    let (op, opset) = head.split_once('@').unwrap();
    let (domain, op) = op.rsplit_once(':').unwrap_or(("", op));
    let mut graph = Graph::default();
    let attrs = attrs.split_whitespace().map(|part| part.split_once('=').unwrap());
    let attrs = Attrs(attrs.map(|(name, text)| (name.to_owned(), attr(text))).collect());
    let inputs: Vec<Option<ValueId>> = inputs
        .split("; ")
        .map(|text| {
            let (mut ty, constant) = (text != "-").then(|| tensor(text))?;
            if let (true, Type::Tensor(tensor)) = (hidden, &mut ty) {
                tensor.shape = tensor.shape.take().map(|shape| vec![Dim::Unknown; shape.len()]);
            }
            Some(value(&mut graph, Source::Input, ty, constant.filter(|_| !hidden)))
        })
        .collect();
    let outputs: Vec<String> = outputs.split("; ").map(str::to_owned).collect();
    let ids = (0..outputs.len() as u32)
        .map(|place| Some(value(&mut graph, Source::Node(NodeId(0), place), Type::Unknown, None)))
        .collect();
    graph.nodes.push(Node {
        name: String::new(),
        domain: domain.to_owned(),
        op: op.to_owned(),
        opset: opset.parse().unwrap(),
        inputs,
        outputs: ids,
        attrs,
        scope: ScopeId(0),
        bodies: Vec::new(),
    });
    (graph, outputs)
}

fn run(line: &str, hidden: bool) -> (Vec<Type>, Vec<String>) {
    let (mut graph, wanted) = graph(line, hidden);
    infer(&mut graph);
    let outputs = graph.nodes[0].outputs.iter().flatten();
    (outputs.map(|id| graph.value(*id).ty.clone()).collect(), wanted)
}

const CASES: &str = include_str!("cases.txt");

#[test]
fn shapes_are_those_of_the_runtime() {
    let mut failures = Vec::new();
    for line in CASES.lines() {
        let (got, wanted) = run(line, false);
        for (got, wanted) in got.iter().zip(&wanted) {
            let open = got.shape().is_none_or(|shape| shape.contains(&Dim::Unknown));
            let fits = if wanted == "refused" { open } else { *got == tensor(wanted).0 };
            if !fits {
                failures.push(format!("{line}\n    got {got:?}"));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// With every size and element hidden, nothing that is said may differ from the runtime.
#[test]
fn what_is_said_with_less_known_still_holds() {
    let mut failures = Vec::new();
    for line in CASES.lines().filter(|line| !line.ends_with("refused")) {
        let (got, wanted) = run(line, true);
        for (got, wanted) in got.iter().zip(&wanted) {
            let wanted = tensor(wanted).0;
            let (Some(shape), Some(sizes)) = (got.shape(), wanted.shape()) else { continue };
            let fits = shape.len() == sizes.len()
                && shape.iter().zip(sizes).all(|(dim, size)| *dim == Dim::Unknown || dim == size)
                && got.dtype() == wanted.dtype();
            if !fits {
                failures.push(format!("{line}\n    got {got:?}"));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
