//! Bodies: If, Loop, Scan, SequenceMap. A body is inferred once, with the types that hold on every
//! pass; a dimension that a loop changes becomes unknown.

use super::{commit, infer_range};
use crate::ir::dim::Dim;
use crate::ir::dtype::DType;
use crate::ir::graph::{Body, Const, Graph, Node, NodeId, Type, ValueId};

pub(super) fn infer(graph: &mut Graph, id: NodeId) {
    let node = graph.node(id).clone();
    match node.op.as_str() {
        "If" => branch(graph, &node),
        "Loop" => repeat(graph, &node),
        "Scan" => scan(graph, &node),
        "SequenceMap" => sequence_map(graph, &node),
        _ => enter_blind(graph, &node),
    }
}

/// A node with bodies and no rule: the bodies are inferred with unknown inputs.
fn enter_blind(graph: &mut Graph, node: &Node) {
    for body in &node.bodies {
        infer_range(graph, body.nodes.clone());
    }
    for output in node.outputs.iter().flatten() {
        commit(graph, *output, Type::Unknown, Some(&format!("no rule for {}", super::title(node))));
    }
}

fn branch(graph: &mut Graph, node: &Node) {
    for body in &node.bodies {
        infer_range(graph, body.nodes.clone());
    }
    // A condition that folding knows picks its branch.
    let condition = node.input(0).and_then(|v| graph.value(v).constant.as_ref()?.scalar());
    let wanted = condition.map(|c| if c != 0.0 { "then_branch" } else { "else_branch" });
    let bodies: Vec<&Body> =
        node.bodies.iter().filter(|body| wanted.is_none_or(|w| body.attr == w)).collect();
    for (place, output) in node.outputs.iter().enumerate() {
        let Some(output) = output else { continue };
        let types: Vec<Type> =
            bodies.iter().filter_map(|b| b.outputs.get(place)).map(|v| graph.value(*v).ty.clone()).collect();
        let joined = types.into_iter().reduce(|a, b| join(&a, &b)).unwrap_or_default();
        commit(graph, *output, joined, Some("the branches of If differ in shape"));
    }
}

fn repeat(graph: &mut Graph, node: &Node) {
    let Some(body) = node.bodies.first().cloned() else { return };
    let carried = node.inputs.len().saturating_sub(2);
    let mut types: Vec<Type> = (0..carried).map(|i| input_type(graph, node, i + 2)).collect();
    let trips = node.input(0).and_then(|v| graph.value(v).constant.as_ref()?.as_ints()?.first().cloned());
    let stops = node.input(1).is_some();
    run_to_fixpoint(graph, &body, 2, 1, &mut types);
    let body_cond_constant = body.outputs.first().is_some_and(|v| {
        graph.value(*v).constant.as_ref().and_then(Const::scalar).is_some_and(|c| c != 0.0)
            || body.inputs.get(1) == Some(v)
    });
    let initially_true = node
        .input(1)
        .is_none_or(|v| graph.value(v).constant.as_ref().and_then(Const::scalar).is_some_and(|c| c != 0.0));
    // Passes are known only when nothing but the trip count ends the loop.
    let passes = trips.filter(|_| (!stops || initially_true) && body_cond_constant).unwrap_or(Dim::Unknown);
    for (place, output) in node.outputs.iter().enumerate() {
        let Some(output) = output else { continue };
        let (ty, why) = if place < carried {
            (types.get(place).cloned().unwrap_or_default(), "a Loop changes this shape as it runs")
        } else {
            let one = body.outputs.get(place + 1).map(|v| graph.value(*v).ty.clone()).unwrap_or_default();
            (stacked(&one, 0, &passes), "the number of passes of a Loop is not known")
        };
        commit(graph, *output, ty, Some(why));
    }
}

/// Infers a body until the types of its carried values hold on every pass.
fn run_to_fixpoint(graph: &mut Graph, body: &Body, inputs: usize, outputs: usize, types: &mut [Type]) {
    // Each pass can only forget (a dimension, a rank, a type): rank + 2 passes settle any value,
    // and three settle what occurs; then everything that still moves is forgotten.
    for pass in 0..4 {
        for (place, value) in body.inputs.iter().enumerate() {
            if let Some(ty) = place.checked_sub(inputs).and_then(|i| types.get(i)) {
                graph.value_mut(*value).ty = ty.clone();
            } else if inputs == 2 {
                let dtype = if place == 0 { DType::I64 } else { DType::Bool };
                graph.value_mut(*value).ty = Type::tensor(Some(dtype), Some(Vec::new()));
            }
        }
        infer_range(graph, body.nodes.clone());
        let mut moved = false;
        for (place, ty) in types.iter_mut().enumerate() {
            let made =
                body.outputs.get(place + outputs).map(|v| graph.value(*v).ty.clone()).unwrap_or_default();
            let joined = if pass < 3 {
                join(ty, &made)
            } else if *ty == made {
                made
            } else {
                Type::Unknown
            };
            moved |= joined != *ty;
            *ty = joined;
        }
        if !moved {
            return;
        }
    }
    infer_range(graph, body.nodes.clone());
}

fn scan(graph: &mut Graph, node: &Node) {
    let Some(body) = node.bodies.first().cloned() else { return };
    // Opset 8 had a batch axis and an optional sequence-length input in front.
    let old = node.opset < 9;
    let first = usize::from(old);
    let scans = usize::try_from(node.attrs.int_or("num_scan_inputs", 0)).unwrap_or(0);
    let states = node.inputs.len().saturating_sub(first + scans);
    let lead = usize::from(old);
    let axis_of =
        |name: &str, place: usize| node.attrs.ints(name).and_then(|a| a.get(place)).copied().unwrap_or(0);
    let mut length = Dim::Unknown;
    let mut batch = Dim::Unknown;
    let mut types: Vec<Type> = (0..states)
        .map(|i| {
            let ty = input_type(graph, node, first + i);
            if old { without_axis(&ty, 0, &mut batch) } else { ty }
        })
        .collect();
    for i in 0..scans {
        let ty = input_type(graph, node, first + states + i);
        let ty = if old { without_axis(&ty, 0, &mut batch) } else { ty };
        let axis = if old { 0 } else { axis_of("scan_input_axes", i) };
        let slice = without_axis(&ty, axis, &mut length);
        if let Some(value) = body.inputs.get(states + i) {
            graph.value_mut(*value).ty = slice;
        }
    }
    run_to_fixpoint(graph, &body, 0, 0, &mut types);
    for (place, output) in node.outputs.iter().enumerate() {
        let Some(output) = output else { continue };
        let mut ty = match types.get(place) {
            Some(ty) => ty.clone(),
            None => {
                let one = body.outputs.get(place).map(|v| graph.value(*v).ty.clone()).unwrap_or_default();
                stacked(&one, axis_of("scan_output_axes", place - states), &length)
            }
        };
        for _ in 0..lead {
            ty = stacked(&ty, 0, &batch);
        }
        commit(graph, *output, ty, Some("a Scan changes this shape as it runs"));
    }
}

fn sequence_map(graph: &mut Graph, node: &Node) {
    let Some(body) = node.bodies.first().cloned() else { return };
    for (place, value) in body.inputs.iter().enumerate() {
        let ty = match input_type(graph, node, place) {
            Type::Sequence(one) => *one,
            other => other,
        };
        graph.value_mut(*value).ty = ty;
    }
    infer_range(graph, body.nodes.clone());
    for (output, made) in node.outputs.iter().zip(&body.outputs) {
        let Some(output) = output else { continue };
        let one = graph.value(*made).ty.clone();
        commit(graph, *output, Type::Sequence(Box::new(one)), None);
    }
}

fn input_type(graph: &Graph, node: &Node, place: usize) -> Type {
    node.input(place).map_or(Type::Unknown, |v: ValueId| graph.value(v).ty.clone())
}

/// What holds of both.
pub(super) fn join(a: &Type, b: &Type) -> Type {
    match (a, b) {
        (Type::Tensor(x), Type::Tensor(y)) => {
            let dtype = x.dtype.filter(|d| Some(*d) == y.dtype);
            let shape = match (&x.shape, &y.shape) {
                (Some(x), Some(y)) if x.len() == y.len() => Some(
                    x.iter().zip(y).map(|(x, y)| if x == y { x.clone() } else { Dim::Unknown }).collect(),
                ),
                _ => None,
            };
            Type::tensor(dtype, shape)
        }
        (Type::Sequence(x), Type::Sequence(y)) => Type::Sequence(Box::new(join(x, y))),
        (Type::Optional(x), Type::Optional(y)) => Type::Optional(Box::new(join(x, y))),
        _ if a == b => a.clone(),
        _ => Type::Unknown,
    }
}

fn without_axis(ty: &Type, axis: i64, length: &mut Dim) -> Type {
    let Some(shape) = ty.shape() else { return Type::tensor(ty.dtype(), None) };
    let place = if axis < 0 { axis + shape.len() as i64 } else { axis };
    let Some(place) = usize::try_from(place).ok().filter(|p| *p < shape.len()) else { return Type::Unknown };
    let mut rest = shape.to_vec();
    let dim = rest.remove(place);
    if *length == Dim::Unknown {
        *length = dim;
    }
    Type::tensor(ty.dtype(), Some(rest))
}

fn stacked(ty: &Type, axis: i64, count: &Dim) -> Type {
    let Some(shape) = ty.shape() else { return Type::tensor(ty.dtype(), None) };
    let rank = shape.len() as i64 + 1;
    let place = if axis < 0 { axis + rank } else { axis };
    let Some(place) = usize::try_from(place).ok().filter(|p| *p <= shape.len()) else { return Type::Unknown };
    let mut shape = shape.to_vec();
    shape.insert(place, count.clone());
    Type::tensor(ty.dtype(), Some(shape))
}
