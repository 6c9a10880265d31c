//! Bodies: If, Loop, Scan, SequenceMap, FlexAttention. A body has the types that hold on every pass: a dimension that a loop
//! changes is unknown in it. What comes out of a Loop is followed pass by pass where these are known and few.

use super::{Pass, apply, commit, infer_range, known};
use crate::ir::dim::Dim;
use crate::ir::dtype::DType;
use crate::ir::graph::{Body, Const, Graph, Node, NodeId, Scope, ScopeId, Type, Value, ValueId};
use crate::ir::types::join;
use crate::limits::{MAX_STEPPED_NODES, MAX_STEPS};

/// Bodies in bodies up to which a loop is passed until its types hold; deeper ones forget at once,
/// so that nesting cannot multiply passes without end.
const PATIENT_DEPTH: usize = 3;
/// Passes until what still moves is forgotten. Each can only forget a dimension, a rank or a type.
const PASSES: usize = 4;

pub(super) fn infer(graph: &mut Graph, pass: &mut Pass, id: NodeId) {
    let node = graph.node(id).clone();
    match (node.domain.as_str(), node.op.as_str()) {
        ("", "If") => branch(graph, pass, &node),
        ("", "Loop") => repeat(graph, pass, &node),
        ("", "Scan") => scan(graph, pass, &node),
        ("", "SequenceMap") => sequence_map(graph, pass, &node),
        ("ai.onnx.preview", "FlexAttention") => {
            change_scores(graph, pass, &node);
            apply(graph, pass, id);
        }
        _ => enter_blind(graph, pass, &node),
    }
}

/// A node with bodies and no rule: the bodies are inferred with inputs as declared.
fn enter_blind(graph: &mut Graph, pass: &mut Pass, node: &Node) {
    for body in &node.bodies {
        infer_range(graph, pass, body.nodes.clone());
    }
    for output in node.outputs.iter().flatten() {
        commit(graph, *output, Type::Unknown, Some(&format!("no rule for {}", super::title(node))));
    }
}

/// A condition that folding knows picks its branch, elements included; else what both agree on.
fn branch(graph: &mut Graph, pass: &mut Pass, node: &Node) {
    for body in &node.bodies {
        infer_range(graph, pass, body.nodes.clone());
    }
    let condition = node.input(0).and_then(|v| graph.value(v).constant.as_ref()?.scalar());
    let wanted = condition.map(|c| if c != 0.0 { "then_branch" } else { "else_branch" });
    let bodies: Vec<&Body> =
        node.bodies.iter().filter(|body| wanted.is_none_or(|w| body.attr == w)).collect();
    for (place, output) in node.outputs.iter().enumerate() {
        let Some(output) = output else { continue };
        let made: Vec<ValueId> = bodies.iter().filter_map(|b| b.outputs.get(place)).copied().collect();
        let types = made.iter().map(|v| graph.value(*v).ty.clone());
        let joined = types.reduce(|a, b| join(&a, &b)).unwrap_or_default();
        let reason = made.iter().find_map(|v| graph.value(*v).why.clone());
        let reason = reason.unwrap_or_else(|| "the branches of If differ in shape".to_owned());
        let mut constants = made.iter().map(|v| graph.value(*v).constant.as_ref());
        let first = constants.next().flatten().cloned();
        let same = constants.all(|other| other == first.as_ref());
        commit(graph, *output, joined, Some(&reason));
        graph.value_mut(*output).constant = first.filter(|_| same);
    }
}

/// Carried values keep what holds on every pass; the others are stacked, one slice a pass. 5 passes
/// that each give 2x3: 5x2x3.
fn repeat(graph: &mut Graph, pass: &mut Pass, node: &Node) {
    let Some(body) = node.bodies.first().cloned() else { return enter_blind(graph, pass, node) };
    let carried = node.inputs.len().saturating_sub(2);
    let mut types: Vec<Type> = (0..carried).map(|i| input_type(graph, node, i + 2)).collect();
    // Where there is a condition, the body runs only while it holds.
    let holds = node.input(1).map(|_| Const::int(1));
    let scalars = [(0, DType::I64, None), (1, DType::Bool, holds)];
    for (place, dtype, constant) in scalars {
        if let Some(value) = body.inputs.get(place) {
            let value = graph.value_mut(*value);
            value.ty = Type::tensor(Some(dtype), Some(Vec::new()));
            value.constant = constant;
        }
    }
    run_to_fixpoint(graph, pass, &body, 2, 1, &mut types);
    let passes = loop_passes(graph, node, &body);
    let last = last_pass(graph, pass, node, &body, &passes, &types);
    for (place, output) in node.outputs.iter().enumerate() {
        let Some(output) = output else { continue };
        let mut constant = None;
        let (ty, why) = if let Some(made) = last.as_ref().and_then(|last| last.get(place)) {
            constant.clone_from(&made.1);
            (made.0.clone(), "a Loop changes this shape with its data")
        } else if place < carried {
            (types.get(place).cloned().unwrap_or_default(), "a Loop changes this shape as it runs")
        } else {
            let one = body.outputs.get(place + 1).map(|v| graph.value(*v).ty.clone()).unwrap_or_default();
            (stacked(&one, 0, &passes), "the number of passes of a Loop is not known")
        };
        commit(graph, *output, ty, Some(why));
        graph.value_mut(*output).constant = constant;
    }
}

/// What a Loop of known passes carries out, where its shape changes on the way: each pass in turn, with the values that steer
/// it. A sequence of none, into which each of 3 passes puts a 2x3: three of 2x3. The body is left with what holds on
/// every pass.
fn last_pass(
    graph: &mut Graph,
    pass: &mut Pass,
    node: &Node,
    body: &Body,
    passes: &Dim,
    types: &[Type],
) -> Option<Vec<(Type, Option<Const>)>> {
    let followed = |ty: &Type| known(ty) && !matches!(ty, Type::Sequence(_, Dim::Unknown));
    let passes = passes.known().and_then(|n| u64::try_from(n).ok()).filter(|n| *n <= MAX_STEPS)?;
    // Each pass infers the nodes and copies what is carried; to keep what holds on every pass costs one more.
    let each = body.nodes.len().checked_add(types.len())?;
    let work = each.checked_mul(passes as usize + 1)?.checked_add(pass.stepped)?;
    if types.iter().all(followed)
        || work > MAX_STEPPED_NODES
        || depth(&graph.scopes, body.scope) > PATIENT_DEPTH
    {
        return None;
    }
    pass.stepped = work;
    let enter = |graph: &mut Graph, pass: &mut Pass, count: u64, state: Vec<(Type, Option<Const>)>| {
        if let Some(number) = body.inputs.first() {
            graph.value_mut(*number).constant = Some(Const::int(count as i64));
        }
        for (carried, value) in state.into_iter().zip(body.inputs.iter().skip(2)) {
            let value = graph.value_mut(*value);
            (value.ty, value.constant) = carried;
        }
        infer_range(graph, pass, body.nodes.clone());
    };
    let holds: Vec<(ValueId, Value)> =
        inside(graph, body).into_iter().map(|id| (id, graph.value(id).clone())).collect();
    let mut state: Vec<_> = (0..types.len()).map(|i| carry(graph, pass, node.input(i + 2))).collect();
    for count in 0..passes {
        enter(graph, pass, count, state);
        let made = |i: usize| carry(graph, pass, body.outputs.get(i + 1).copied());
        state = (0..types.len()).map(made).collect();
    }
    for (id, value) in holds {
        *graph.value_mut(id) = value;
    }
    Some(state)
}

/// The values that inference sets in a body, and in those in it.
fn inside(graph: &Graph, body: &Body) -> Vec<ValueId> {
    let nodes = body.nodes.clone().map(|at| graph.node(NodeId(at)));
    let of = |node: &Node| -> Vec<ValueId> {
        let inputs = node.bodies.iter().flat_map(|body| &body.inputs);
        node.outputs.iter().flatten().chain(inputs).copied().collect()
    };
    body.inputs.iter().copied().chain(nodes.flat_map(of)).collect()
}

/// A value's type, and its constant where that may be folded: a copy takes as much as what folding makes.
fn carry(graph: &Graph, pass: &mut Pass, value: Option<ValueId>) -> (Type, Option<Const>) {
    let Some(value) = value.map(|value| graph.value(value)) else { return Default::default() };
    let constant = value.constant.as_ref().filter(|constant| constant.len() <= pass.allowance()).cloned();
    pass.folded = pass.folded.saturating_add(constant.as_ref().map_or(0, Const::len));
    (value.ty.clone(), constant)
}

/// How often a body runs, once types and constants were inferred; None where that is not known.
pub fn passes(graph: &Graph, node: &Node) -> Option<u64> {
    let body = node.bodies.first()?;
    let passes = match (node.domain.as_str(), node.op.as_str()) {
        ("", "Loop") => loop_passes(graph, node, body),
        ("", "Scan") => scan_passes(graph, node),
        ("", "SequenceMap") => length(graph, node),
        ("ai.onnx.preview", "FlexAttention") => Dim::Known(1),
        _ => return None,
    };
    passes.known().and_then(|n| u64::try_from(n).ok())
}

/// The length along which the first scanned input is cut, or another's where that is not known; in operator set 8, of
/// each sample.
fn scan_passes(graph: &Graph, node: &Node) -> Dim {
    let old = node.opset < 9;
    let scans = usize::try_from(node.attrs.int_or("num_scan_inputs", 0)).unwrap_or(0);
    let first = node.inputs.len().saturating_sub(scans);
    // Sequences of their own lengths.
    if old && node.input(0).is_some() {
        return Dim::Unknown;
    }
    let axes = node.attrs.ints("scan_input_axes").unwrap_or_default();
    let mut length = Dim::Unknown;
    let mut batch = Dim::Known(1);
    for place in 0..scans {
        let ty = input_type(graph, node, first + place);
        if old {
            let slice = without_axis(&ty, 0, &mut Dim::Unknown);
            batch = ty.shape().and_then(<[Dim]>::first).cloned().unwrap_or(Dim::Unknown);
            without_axis(&slice, 0, &mut length);
        } else {
            without_axis(&ty, axes.get(place).copied().unwrap_or(0), &mut length);
        }
    }
    length.mul(&batch)
}

/// How often a Loop runs: the trip count, when nothing else ends it. Without a condition as input,
/// the one that the body makes is ignored.
fn loop_passes(graph: &Graph, node: &Node, body: &Body) -> Dim {
    let truth = |v: ValueId| graph.value(v).constant.as_ref().and_then(Const::scalar).map(|c| c != 0.0);
    let trips = node.input(0).and_then(|v| graph.value(v).constant.as_ref()?.as_ints()?.first().cloned());
    let trips = trips.map_or(Dim::Unknown, |trips| trips.max(&Dim::Known(0)));
    match node.input(1).map(truth) {
        None => trips,
        Some(Some(false)) => Dim::Known(0),
        Some(Some(true)) if body.outputs.first().copied().and_then(truth) == Some(true) => trips,
        Some(_) => Dim::Unknown,
    }
}

/// Infers a body until the types of its carried values hold on every pass: those of its inputs from
/// `inputs` on, and of its outputs from `outputs` on.
fn run_to_fixpoint(
    graph: &mut Graph,
    pass: &mut Pass,
    body: &Body,
    inputs: usize,
    outputs: usize,
    types: &mut [Type],
) {
    let passes = if depth(&graph.scopes, body.scope) > PATIENT_DEPTH { 0 } else { PASSES };
    let enter = |graph: &mut Graph, pass: &mut Pass, types: &[Type]| {
        for (ty, value) in types.iter().zip(body.inputs.iter().skip(inputs)) {
            graph.value_mut(*value).ty = ty.clone();
        }
        infer_range(graph, pass, body.nodes.clone());
    };
    for _ in 0..passes {
        enter(graph, pass, types);
        let mut moved = false;
        for (place, ty) in types.iter_mut().enumerate() {
            let made = body.outputs.get(place + outputs).map(|v| graph.value(*v).ty.clone());
            let joined = join(ty, &made.unwrap_or_default());
            moved |= joined != *ty;
            *ty = joined;
        }
        if !moved {
            return;
        }
    }
    types.fill(Type::Unknown);
    enter(graph, pass, types);
}

/// Bodies around a scope's nodes.
fn depth(scopes: &[Scope], scope: ScopeId) -> usize {
    let above = |scope: &ScopeId| Some(scopes.get(scope.0 as usize)?.parent?.0);
    std::iter::successors(Some(scope), above).count() - 1
}

/// States keep what holds on every pass; inputs are cut along an axis, outputs stacked along one.
fn scan(graph: &mut Graph, pass: &mut Pass, node: &Node) {
    let Some(body) = node.bodies.first().cloned() else { return enter_blind(graph, pass, node) };
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
    run_to_fixpoint(graph, pass, &body, 0, 0, &mut types);
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

/// The body, once for each element; inputs that are no sequences are the same every time.
fn sequence_map(graph: &mut Graph, pass: &mut Pass, node: &Node) {
    let Some(body) = node.bodies.first().cloned() else { return enter_blind(graph, pass, node) };
    let length = length(graph, node);
    for (place, value) in body.inputs.iter().enumerate() {
        let ty = match input_type(graph, node, place) {
            Type::Sequence(one, _) => *one,
            other => other,
        };
        graph.value_mut(*value).ty = ty;
    }
    infer_range(graph, pass, body.nodes.clone());
    for (output, made) in node.outputs.iter().zip(&body.outputs) {
        let Some(output) = output else { continue };
        let one = graph.value(*made).ty.clone();
        let why = graph.value(*made).why.clone();
        commit(graph, *output, Type::Sequence(Box::new(one), length.clone()), why.as_deref());
    }
}

/// How many tensors the sequence holds that a SequenceMap walks.
fn length(graph: &Graph, node: &Node) -> Dim {
    match input_type(graph, node, 0) {
        Type::Sequence(_, length) => length,
        _ => Dim::Unknown,
    }
}

/// The bodies of a FlexAttention see all scores, `[N, q_heads, q, kv]`, in the type that Softmax is computed in. Queries
/// 1x4x8x16 and keys 1x2x6x16: 1x4x8x6.
fn change_scores(graph: &mut Graph, pass: &mut Pass, node: &Node) {
    let (query, key) = (input_type(graph, node, 0), input_type(graph, node, 1));
    let shape = match (query.shape(), key.shape()) {
        (Some([batch, heads, length, _]), Some([_, _, keys, _])) => {
            Some([batch, heads, length, keys].map(Dim::clone).to_vec())
        }
        _ => None,
    };
    let asked = node.attrs.int("softmax_precision").and_then(|n| DType::from_onnx(i32::try_from(n).ok()?));
    let dtype = asked.or(query.dtype().filter(|dtype| *dtype == DType::F64)).or(Some(DType::F32));
    for body in &node.bodies {
        if let Some(scores) = body.inputs.first() {
            graph.value_mut(*scores).ty = Type::tensor(dtype, shape.clone());
        }
        infer_range(graph, pass, body.nodes.clone());
    }
}

fn input_type(graph: &Graph, node: &Node, place: usize) -> Type {
    node.input(place).map_or(Type::Unknown, |v: ValueId| graph.value(v).ty.clone())
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
