//! Every line of `cases.txt` was run by ONNX Runtime (`scripts/shape_cases.py` writes it): a rule may
//! leave a size open, but what it says must be what the runtime computed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use crate::ir::attrs::{Attr, Attrs};
use crate::ir::dim::{Dim, Symbols};
use crate::ir::dtype::DType;
use crate::ir::graph::{Const, Data, Graph, Node, NodeId, ScopeId, Source, Type, Value, ValueId};
use crate::ir::infer::infer;

/// `4`, `n`, `n+t`, `2*n`, `?`.
fn dim(text: &str, symbols: &mut Symbols) -> Dim {
    if text == "?" {
        return Dim::Unknown;
    }
    let mut factor = |text: &str| match text.trim().parse() {
        Ok(number) => Dim::Known(number),
        Err(_) => Dim::symbol(symbols.intern(text.trim())),
    };
    let mut product = |text: &str| text.split('*').fold(Dim::Known(1), |all, one| all.mul(&factor(one)));
    text.split('+').fold(Dim::Known(0), |sum, one| sum.add(&product(one)))
}

/// `f32[2,3]` with `{elements}` where the rule sees them.
fn tensor(text: &str, symbols: &mut Symbols) -> (Type, Option<Const>) {
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
    let shape: Vec<Dim> = dims.split(',').filter(|d| !d.is_empty()).map(|d| dim(d, symbols)).collect();
    let constant = elements.strip_prefix('{').map(|elements| {
        let elements = elements.trim_end_matches('}');
        let data = if dtype.is_float() {
            Data::Floats(list(elements))
        } else {
            Data::Ints(elements.split(',').filter(|e| !e.is_empty()).map(|e| dim(e, symbols)).collect())
        };
        Const { dims: shape.iter().map(|n| n.known().unwrap() as u64).collect(), data }
    });
    (Type::tensor(Some(dtype), Some(shape)), constant)
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
    graph.values.push(Value {
        name,
        source,
        ty,
        declared: None,
        constant,
        weight: None,
        why: None,
        fault: None,
    });
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
            let (mut ty, constant) = (text != "-").then(|| tensor(text, &mut graph.symbols))?;
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

fn run(line: &str, hidden: bool) -> (Vec<Type>, Vec<String>, Symbols) {
    let (mut graph, wanted) = graph(line, hidden);
    infer(&mut graph);
    let outputs = graph.nodes[0].outputs.iter().flatten();
    (outputs.map(|id| graph.value(*id).ty.clone()).collect(), wanted, graph.symbols.clone())
}

const CASES: &str = include_str!("cases.txt");

#[test]
fn shapes_are_those_of_the_runtime() {
    let mut failures = Vec::new();
    for line in CASES.lines() {
        let (got, wanted, mut symbols) = run(line, false);
        for (got, wanted) in got.iter().zip(&wanted) {
            let open = got.shape().is_none_or(|shape| shape.contains(&Dim::Unknown));
            let fits = if wanted == "refused" { open } else { *got == tensor(wanted, &mut symbols).0 };
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
        let (got, wanted, mut symbols) = run(line, true);
        for (got, wanted) in got.iter().zip(&wanted) {
            let wanted = tensor(wanted, &mut symbols).0;
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

/// Worked by hand from the rules' formulas; a size that is not an exact function of the symbols is `?`.
const SYMBOLIC: &str = "\
Conv@22 | pads=[1,1,1,1] | f32[n,3,h,w]; f32[8,3,3,3] | f32[n,8,h,w]
Conv@22 | pads=[1,1,1,1] strides=[2,2] | f32[n,3,h,2*w]; f32[8,3,3,4] | f32[n,8,?,w]
Conv@22 | auto_pad='SAME_UPPER' | f32[n,3,h,w]; f32[8,3,3,3] | f32[n,8,h,w]
ConvTranspose@22 | strides=[2,2] | f32[n,3,h,w]; f32[3,8,2,2] | f32[n,8,2*h,2*w]
MaxPool@12 | kernel_shape=[2,2] strides=[2,2] | f32[n,3,2*h,w] | f32[n,3,h,?]; i64[n,3,h,?]
GlobalAveragePool@22 |  | f32[n,c,h,w] | f32[n,c,1,1]
LayerNormalization@17 |  | f32[n,t,64]; f32[64] | f32[n,t,64]; f32[n,t,1]
LSTM@14 | hidden_size=4 | f32[t,n,3]; f32[1,16,3]; f32[1,16,4] | f32[t,1,n,4]; f32[1,n,4]; f32[1,n,4]
GRU@14 | direction='bidirectional' layout=1 | f32[n,t,3]; f32[2,12,3]; f32[2,12,4] | f32[n,t,2,4]; f32[n,2,4]
Attention@23 |  | f32[n,4,t,8]; f32[n,2,t,8]; f32[n,2,t,8]; -; f32[n,2,p,8]; f32[n,2,p,8] | f32[n,4,t,8]; f32[n,2,p+t,8]
com.microsoft:GroupQueryAttention@1 | num_heads=4 kv_num_heads=2 | f32[n,t,32]; f32[n,t,16]; f32[n,t,16]; f32[n,2,p,8]; f32[n,2,p,8]; i32[n]; i32[]{p+t} | f32[n,t,32]; f32[n,2,p+t,8]; f32[n,2,p+t,8]
com.microsoft:MatMulNBits@1 | K=32 N=5 bits=4 block_size=32 | f32[n,t,32]; u8[5,1,16]; f32[5,1] | f32[n,t,5]
com.microsoft:MoE@1 | k=2 | f32[n,t,32] | f32[n,t,32]
com.microsoft:GatherBlockQuantized@1 | bits=4 block_size=32 | u8[900,16]; i64[n,t]; f32[900,1] | f32[n,t,32]
com.microsoft:QAttention@1 | num_heads=4 | u8[n,t,16]; u8[16,48]; f32[48]; f32[]; f32[] | f32[n,t,16]; f32[2,n,4,t,4]
Resize@19 |  | f32[n,3,h,2*w]; -; f32[4]{1.0,1.0,2.0,0.5} | f32[n,3,2*h,w]
Resize@19 |  | f32[n,3,h,w]; -; -; i64[4]{n,3,2*h,14} | f32[n,3,2*h,14]
GridSample@20 |  | f32[n,3,4,4]; f32[n,h,w,2] | f32[n,3,h,w]
NonMaxSuppression@11 |  | f32[1,9,4]; f32[1,2,9]; i64[]{4} | i64[?,3]
QuantizeLinear@13 |  | f32[n,3]; f32[]; i8[] | i8[n,3]";

#[test]
fn symbols_stay_where_exact() {
    let mut failures = Vec::new();
    for line in SYMBOLIC.lines() {
        let (got, wanted, mut symbols) = run(line, false);
        let wanted: Vec<Type> = wanted.iter().map(|text| tensor(text, &mut symbols).0).collect();
        if got != wanted {
            failures.push(format!("{line}\n    got {got:?}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
