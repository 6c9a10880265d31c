//! Functions in the shapes that exporters give them, and look-alikes that must stay what they are.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::testing::{Net, ints};
use super::{Kind, NodeCount, Status, Work};
use crate::ir::attrs::Attr;
use crate::ir::graph::ValueId;

const ELEMENTS: u64 = 2 * 5 * 8;

/// A network of one function of a 2x5x8 input; what counted, and how many nodes are parts.
fn activations(build: impl Fn(&mut Net, ValueId) -> ValueId) -> (Vec<(Kind, u64, u64)>, usize) {
    let mut net = Net::new();
    let x = net.input(&[2, 5, 8]);
    // Something before it, so that x is no graph input in any pattern.
    let x = net.op("Neg", &[x], &[]);
    let y = build(&mut net, x);
    let (_, counts) = net.counted(y);
    let unknown: Vec<&NodeCount> = counts.iter().filter(|c| matches!(c.status, Status::Unknown(_))).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    let found = counts.iter().filter_map(|c| c.activation).map(|a| (a.kind, a.elements, a.rows)).collect();
    let parts = counts.iter().filter(|c| matches!(c.status, Status::Part(_))).count();
    // Parts hold nothing of their own.
    assert!(counts.iter().all(|c| !matches!(c.status, Status::Part(_)) || c.work.is_empty()));
    (found, parts)
}

fn is_one(kind: Kind, parts: usize, build: impl Fn(&mut Net, ValueId) -> ValueId) {
    assert_eq!(activations(build), (vec![(kind, ELEMENTS, 0)], parts), "{kind:?}");
}

fn two(net: &mut Net, op: &str, x: ValueId, number: f64) -> ValueId {
    let number = net.number(number);
    net.op(op, &[x, number], &[])
}

#[test]
fn gated_units() {
    is_one(Kind::SiLU, 1, |net, x| {
        let gate = net.op("Sigmoid", &[x], &[]);
        net.op("Mul", &[gate, x], &[])
    });
    is_one(Kind::QuickGELU, 2, |net, x| {
        let scaled = two(net, "Mul", x, 1.702);
        let gate = net.op("Sigmoid", &[scaled], &[]);
        net.op("Mul", &[x, gate], &[])
    });
    is_one(Kind::HardSwish, 1, |net, x| {
        let gate = net.op("HardSigmoid", &[x], &[("alpha", Attr::Float(1.0 / 6.0))]);
        net.op("Mul", &[x, gate], &[])
    });
    is_one(Kind::Mish, 2, |net, x| {
        let soft = net.op("Softplus", &[x], &[]);
        let gate = net.op("Tanh", &[soft], &[]);
        net.op("Mul", &[x, gate], &[])
    });
    is_one(Kind::Mish, 4, |net, x| {
        let exp = net.op("Exp", &[x], &[]);
        let one = two(net, "Add", exp, 1.0);
        let soft = net.op("Log", &[one], &[]);
        let gate = net.op("Tanh", &[soft], &[]);
        net.op("Mul", &[x, gate], &[])
    });
}

fn clipped(net: &mut Net, x: ValueId) -> ValueId {
    let shifted = two(net, "Add", x, 3.0);
    let (low, high) = (net.number(0.0), net.number(6.0));
    net.op("Clip", &[shifted, low, high], &[])
}

#[test]
fn hard_functions_written_out() {
    is_one(Kind::HardSigmoid, 2, |net, x| {
        let clip = clipped(net, x);
        two(net, "Div", clip, 6.0)
    });
    // The division first or last.
    is_one(Kind::HardSwish, 3, |net, x| {
        let clip = clipped(net, x);
        let product = net.op("Mul", &[x, clip], &[]);
        two(net, "Div", product, 6.0)
    });
    is_one(Kind::HardSwish, 3, |net, x| {
        let clip = clipped(net, x);
        let gate = two(net, "Mul", clip, 1.0 / 6.0);
        net.op("Mul", &[x, gate], &[])
    });
    is_one(Kind::ReLU6, 0, |net, x| {
        let (low, high) = (net.number(0.0), net.number(6.0));
        net.op("Clip", &[x, low, high], &[])
    });
    is_one(Kind::ReLU, 0, |net, x| two(net, "Max", x, 0.0));
    is_one(Kind::LeakyReLU, 1, |net, x| {
        let slope = two(net, "Mul", x, 0.1);
        net.op("Max", &[x, slope], &[])
    });
}

#[test]
fn gelu_in_any_order() {
    let erf = |net: &mut Net, x: ValueId| {
        let scaled = two(net, "Div", x, 2f64.sqrt());
        let erf = net.op("Erf", &[scaled], &[]);
        two(net, "Add", erf, 1.0)
    };
    is_one(Kind::GELU, 4, |net, x| {
        let gate = erf(net, x);
        let product = net.op("Mul", &[x, gate], &[]);
        two(net, "Mul", product, 0.5)
    });
    is_one(Kind::GELU, 4, |net, x| {
        let gate = erf(net, x);
        let half = two(net, "Mul", x, 0.5);
        net.op("Mul", &[half, gate], &[])
    });
    is_one(Kind::GELU, 4, |net, x| {
        let gate = erf(net, x);
        let gate = two(net, "Mul", gate, 0.5);
        net.op("Mul", &[gate, x], &[])
    });
    is_one(Kind::GELUTanh, 7, |net, x| {
        let cube = two(net, "Pow", x, 3.0);
        let small = two(net, "Mul", cube, 0.044715);
        let sum = net.op("Add", &[x, small], &[]);
        let scaled = two(net, "Mul", sum, (2.0 / std::f64::consts::PI).sqrt());
        let tanh = net.op("Tanh", &[scaled], &[]);
        let gate = two(net, "Add", tanh, 1.0);
        let half = two(net, "Mul", x, 0.5);
        net.op("Mul", &[half, gate], &[])
    });
}

#[test]
fn look_alikes_stay_what_they_are() {
    // A squeeze-excite gate: the factors come from two values.
    let gate = |net: &mut Net, x: ValueId| {
        let mean = net.op("Tanh", &[x], &[]);
        let gate = net.op("Sigmoid", &[mean], &[]);
        net.op("Mul", &[x, gate], &[])
    };
    let (found, parts) = activations(gate);
    assert_eq!((found.len(), parts), (2, 0));
    assert!(found.iter().all(|(kind, ..)| [Kind::Tanh, Kind::Sigmoid].contains(kind)));
    // A Sigmoid that is read elsewhere too is no part of a SiLU.
    let (found, parts) = activations(|net, x| {
        let gate = net.op("Sigmoid", &[x], &[]);
        let product = net.op("Mul", &[x, gate], &[]);
        net.op("Add", &[product, gate], &[])
    });
    assert_eq!((found, parts), (vec![(Kind::Sigmoid, ELEMENTS, 0)], 0));
}

#[test]
fn norms_written_out() {
    let centred = |net: &mut Net, x: ValueId| {
        let mean = net.op("ReduceMean", &[x], &[("axes", ints(&[-1]))]);
        net.op("Sub", &[x, mean], &[])
    };
    let root = |net: &mut Net, d: ValueId| {
        let square = two(net, "Pow", d, 2.0);
        let mean = net.op("ReduceMean", &[square], &[("axes", ints(&[-1]))]);
        let biased = two(net, "Add", mean, 1e-5);
        net.op("Sqrt", &[biased], &[])
    };
    let old = |build: &dyn Fn(&mut Net, ValueId) -> ValueId| {
        activations(|net, x| {
            let y = build(net, x);
            // Axes are attributes before opset 18.
            net.0.nodes.iter_mut().for_each(|node| node.opset = 13);
            y
        })
    };
    let layer = old(&|net, x| {
        let d = centred(net, x);
        let root = root(net, d);
        let unit = net.op("Div", &[d, root], &[]);
        let (scale, shift) = (net.weight(&[8]), net.weight(&[8]));
        let scaled = net.op("Mul", &[unit, scale], &[]);
        net.op("Add", &[scaled, shift], &[])
    });
    assert_eq!(layer, (vec![(Kind::LayerNorm, ELEMENTS, 10)], 8));
    let rms = old(&|net, x| {
        let root = root(net, x);
        let inverse = net.op("Reciprocal", &[root], &[]);
        let unit = net.op("Mul", &[x, inverse], &[]);
        let scale = net.weight(&[8]);
        net.op("Mul", &[scale, unit], &[])
    });
    assert_eq!(rms, (vec![(Kind::RMSNorm, ELEMENTS, 10)], 6));
}

#[test]
fn parts_hand_their_parameters_to_the_closing_node() {
    let mut net = Net::new();
    let x = net.input(&[4, 8]);
    let square = two(&mut net, "Pow", x, 2.0);
    let mean = net.op("ReduceMean", &[square], &[("axes", ints(&[-1]))]);
    let biased = two(&mut net, "Add", mean, 1e-5);
    let root = net.op("Sqrt", &[biased], &[]);
    let unit = net.op("Div", &[x, root], &[]);
    let scale = net.weight(&[8]);
    let y = net.op("Mul", &[unit, scale], &[]);
    net.0.nodes.iter_mut().for_each(|node| node.opset = 13);
    let (_, counts) = net.counted(y);
    let params: Vec<u64> = counts.iter().map(|c| c.params.iter().map(|p| p.elements).sum()).collect();
    assert_eq!(params, [0, 0, 0, 0, 0, 8]);
}

#[test]
fn what_has_no_rule_is_unknown() {
    let mut net = Net::new();
    let x = net.input(&[4, 8]);
    let y = net.op("NonZero", &[x], &[]);
    let z = net.op("Frobnicate", &[y], &[]);
    let (_, counts) = net.counted(z);
    for (count, op) in counts.iter().zip(["NonZero", "Frobnicate"]) {
        let Status::Unknown(why) = &count.status else { panic!("{op}: {:?}", count.status) };
        assert!(why.contains(op), "{why}");
    }
}

#[test]
fn products_and_scalings_differ() {
    let mut net = Net::new();
    let (x, y) = (net.input(&[3, 4]), net.input(&[3, 4]));
    let product = net.op("Mul", &[x, y], &[]);
    let scaled = two(&mut net, "Mul", product, 0.25);
    let (_, counts) = net.counted(scaled);
    assert_eq!(counts[0].work, [Work::Product { elements: 12 }]);
    assert_eq!(counts[1].work, [Work::Scale { elements: 12 }]);
    assert_eq!((counts[0].products, counts[1].products), (12, 0));
}

#[test]
fn rows_read_the_nearest_rows_with_work() {
    let mut net = Net::new();
    let x = net.input(&[3, 4]);
    let (a, b) = (net.op("Relu", &[x], &[]), net.op("Sigmoid", &[x], &[]));
    let sum = net.op("Add", &[a, b], &[]);
    let y = net.op("Relu", &[sum], &[]);
    let (graph, counts) = net.counted(y);
    let reads: Vec<Vec<usize>> =
        super::rows(&graph, &counts).iter().enumerate().map(|(i, row)| row.reads(i).collect()).collect();
    assert_eq!(reads, [vec![], vec![], vec![0, 1], vec![2]]);
}

#[test]
fn a_hundred_thousand_nodes() {
    let mut net = Net::new();
    let mut x = net.input(&[1, 64, 8, 8]);
    let weight = net.weight(&[64, 64, 3, 3]);
    for _ in 0..25_000 {
        let conv = net.op("Conv", &[x, weight], &[("pads", ints(&[1, 1, 1, 1]))]);
        let gate = net.op("Sigmoid", &[conv], &[]);
        let unit = net.op("Mul", &[conv, gate], &[]);
        x = net.op("Add", &[x, unit], &[]);
    }
    let (graph, counts) = net.counted(x);
    let start = std::time::Instant::now();
    let again = super::count(&graph);
    let counted = start.elapsed();
    let rows = super::rows(&graph, &again).len();
    let stages = crate::ir::stages::stages(&graph, &crate::ir::depend::depends_on_input(&graph));
    let staged = start.elapsed();
    let hash = crate::ir::hash::structural_hash(&graph);
    println!("count {counted:?}, with rows and stages {staged:?}, with hash {:?}", start.elapsed());
    assert_eq!((rows, stages.list.len(), hash.len()), (75_000, 1, 32));
    assert_eq!(stages.list[0].blocks, 25_000);
    let macs: u64 = counts.iter().map(|c| c.macs).sum();
    assert_eq!(macs, 25_000 * 64 * 64 * 9 * 64);
}

#[test]
fn a_fused_activation_counts() {
    let mut net = Net::new();
    let x = net.input(&[1, 3, 4, 4]);
    let w = net.weight(&[2, 3, 1, 1]);
    let y = net.op("FusedConv", &[x, w], &[("activation", super::testing::text("Relu"))]);
    net.0.nodes[0].domain = "com.microsoft".to_owned();
    let (_, counts) = net.counted(y);
    let relu = counts[0].activation.map(|a| (a.kind, a.elements));
    assert_eq!((counts[0].macs, relu), (2 * 16 * 3, Some((Kind::ReLU, 32))));
}

#[test]
fn bodies_are_counted_once_and_branches_both() {
    use crate::ir::graph::{Body, NodeId, Scope, ScopeId};
    for (op, attrs, mark) in [
        (
            "If",
            ["then_branch", "else_branch"].as_slice(),
            "both branches counted, which one runs is not known: ",
        ),
        ("Loop", ["body"].as_slice(), "counted once: "),
    ] {
        let mut net = Net::new();
        let x = net.input(&[3, 4]);
        let public = net.weight(&[]);
        let owner = net.op(op, &[public, public], &[]);
        let mut bodies = Vec::new();
        for (place, attr) in attrs.iter().enumerate() {
            let scope = ScopeId(place as u32 + 1);
            let relu = net.op("Relu", &[x], &[]);
            let start = net.0.nodes.len() as u32 - 1;
            net.0.nodes[start as usize].scope = scope;
            let label = format!("{attr} of {op}");
            net.0.scopes.push(Scope { parent: Some((ScopeId(0), NodeId(0))), label });
            let nodes = start..start + 1;
            bodies.push(Body { attr: (*attr).to_owned(), scope, inputs: vec![], outputs: vec![relu], nodes });
        }
        net.0.nodes[0].bodies = bodies;
        let (_, counts) = net.counted(owner);
        for (count, attr) in counts[1..].iter().zip(attrs) {
            assert_eq!(count.activation.unwrap().elements, 12);
            assert_eq!(count.marks, [format!("{mark}{attr} of {op}")]);
        }
    }
}
