//! Which values depend on the data that enters the network: those are the ones that a protocol
//! keeps secret. Weights, shapes and what is computed from them alone are not.

use super::dtype::DType;
use super::graph::{Graph, Node, NodeId, Source, ValueId};
use crate::limits::MAX_SET_ELEMENTS;

/// One flag per value: it depends on the data of a graph input. A value that a loop carries counts
/// as dependent, since a later pass may make it so. An input whose value is set is public, and so is a small one of
/// integers or booleans that does nothing but pick branches, passes and sizes: a sampling rate, a mode.
pub fn depends_on_input(graph: &Graph) -> Vec<bool> {
    let mut secret: Vec<bool> = graph.values.iter().map(|value| value.source == Source::Input).collect();
    let steering = steering(graph);
    for input in &graph.inputs {
        let set = graph.value(*input).constant.as_ref().is_some_and(|c| c.is_known());
        if let Some(flag) = secret.get_mut(input.0 as usize)
            && (set || steering.contains(input))
        {
            *flag = false;
        }
    }
    // Owners whose bodies are still being walked, innermost last, with the end of their bodies.
    let mut open: Vec<(u32, NodeId)> = Vec::new();
    for index in 0..=graph.nodes.len() as u32 {
        while let Some((_, owner)) = open.pop_if(|(end, _)| *end <= index) {
            close(graph, graph.node(owner), &mut secret);
        }
        let Some(node) = graph.nodes.get(index as usize) else { break };
        if node.bodies.is_empty() {
            let any = !reads_shape_only(node) && node.inputs.iter().flatten().any(|v| at(&secret, *v));
            mark(graph, node, any, &mut secret);
        } else {
            enter(graph, node, &mut secret);
            let end = node.bodies.iter().map(|body| body.nodes.end).max().unwrap_or(index);
            open.push((end, NodeId(index)));
        }
    }
    secret
}

/// Small inputs of integers or booleans that only steer.
fn steering(graph: &Graph) -> Vec<ValueId> {
    let small = |input: &ValueId| {
        graph.elements(*input).is_some_and(|n| n <= MAX_SET_ELEMENTS) && is_whole(graph, *input)
    };
    let mut found: Vec<ValueId> = graph.inputs.iter().copied().filter(small).collect();
    if found.is_empty() {
        return found;
    }
    let consumers = graph.consumers();
    // Inputs may meet: those that are left when no other falls.
    loop {
        let before = found.len();
        let all = found.clone();
        found.retain(|input| only_steers(graph, &consumers, &all, *input));
        if found.len() == before {
            return found;
        }
    }
}

fn is_whole(graph: &Graph, id: ValueId) -> bool {
    graph.value(id).ty.dtype().is_some_and(DType::is_int)
}

/// Whether nothing but conditions, passes and sizes hang on an input.
fn only_steers(graph: &Graph, consumers: &[Vec<NodeId>], public: &[ValueId], input: ValueId) -> bool {
    const STEPS: usize = 64;
    let leaves = |id: ValueId| {
        graph.outputs.contains(&id)
            || graph.nodes.iter().flat_map(|n| &n.bodies).any(|b| b.outputs.contains(&id))
    };
    let mut seen = vec![input];
    let mut place = 0;
    while let Some(value) = seen.get(place).copied() {
        place += 1;
        if place > STEPS || leaves(value) {
            return false;
        }
        for reader in consumers.get(value.0 as usize).into_iter().flatten() {
            let node = graph.node(*reader);
            let at = node.inputs.iter().enumerate().filter(|(_, read)| **read == Some(value));
            if at.clone().all(|(at, _)| steers(node, at)) {
                continue;
            }
            let others = node.inputs.iter().flatten().all(|other| {
                let stored = graph.value(*other).constant.as_ref().is_some_and(|c| c.is_known());
                stored
                    || graph.value(*other).weight.is_some()
                    || seen.contains(other)
                    || public.contains(other)
            });
            let made: Vec<ValueId> = node.outputs.iter().flatten().copied().collect();
            if !passes_on(node) || !others || !made.iter().all(|made| is_whole(graph, *made)) {
                return false;
            }
            seen.extend(made.into_iter().filter(|made| !seen.contains(made)).collect::<Vec<_>>());
        }
    }
    place > 1 || consumers.get(input.0 as usize).is_some_and(|readers| !readers.is_empty())
}

/// A place where a value says which branch, how often or what size.
fn steers(node: &Node, place: usize) -> bool {
    node.domain.is_empty()
        && match node.op.as_str() {
            "If" | "ConstantOfShape" => place == 0,
            "Loop" => place < 2,
            "Reshape" | "Expand" | "Tile" | "Pad" => place == 1,
            "Slice" => place >= 1,
            _ => false,
        }
}

/// Arithmetic on what steers.
fn passes_on(node: &Node) -> bool {
    const OPS: [&str; 18] = [
        "Equal",
        "Not",
        "And",
        "Or",
        "Xor",
        "Greater",
        "Less",
        "GreaterOrEqual",
        "LessOrEqual",
        "Cast",
        "Identity",
        "Squeeze",
        "Unsqueeze",
        "Add",
        "Sub",
        "Mul",
        "Div",
        "Concat",
    ];
    node.domain.is_empty() && OPS.contains(&node.op.as_str())
}

fn at(secret: &[bool], id: ValueId) -> bool {
    secret.get(id.0 as usize).copied().unwrap_or(true)
}

fn reads_shape_only(node: &Node) -> bool {
    node.is("Shape")
        || node.is("Size")
        || (node.domain.is_empty() && node.op.starts_with("Random") && node.op.ends_with("Like"))
}

fn mark(graph: &Graph, node: &Node, any: bool, secret: &mut [bool]) {
    for output in node.outputs.iter().flatten() {
        let known = graph.value(*output).constant.as_ref().is_some_and(|c| c.is_known());
        if let Some(flag) = secret.get_mut(output.0 as usize) {
            *flag = any && !known;
        }
    }
}

/// Inputs of bodies: the pass number and condition of a Loop are public, what it carries is not.
fn enter(graph: &Graph, node: &Node, secret: &mut [bool]) {
    for body in &node.bodies {
        for (place, input) in body.inputs.iter().enumerate() {
            let public = node.is("Loop") && place < 2 || graph.value(*input).weight.is_some();
            if let Some(flag) = secret.get_mut(input.0 as usize) {
                *flag = !public;
            }
        }
    }
}

/// Outputs of a node with bodies: as its bodies' outputs, or a secret choice between them; attention mixes its inputs too, and
/// what is not known may read all.
fn close(graph: &Graph, node: &Node, secret: &mut [bool]) {
    let reads = match (node.domain.as_str(), node.op.as_str()) {
        ("", "If") => 1,
        ("", "Loop" | "Scan" | "SequenceMap") => 0,
        ("ai.onnx.preview", "FlexAttention") => 3,
        _ => node.inputs.len(),
    };
    let chosen = node.inputs.iter().take(reads).flatten().any(|v| at(secret, *v));
    let made = node.bodies.iter().flat_map(|body| &body.outputs).any(|v| at(secret, *v));
    mark(graph, node, chosen || made, secret);
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::depends_on_input;
    use crate::ir::import::import;
    use crate::onnx::{AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto};

    /// Another domain's operator of the same name has inputs of its own: what its fourth says may be in what it makes.
    #[test]
    fn an_unknown_operator_with_a_body_may_read_all_its_inputs() {
        let info = |name: &str| ValueInfoProto { name: Some(name.to_owned()), ..ValueInfoProto::default() };
        let weight = TensorProto {
            name: Some("w".to_owned()),
            data_type: Some(1),
            dims: vec![2],
            ..TensorProto::default()
        };
        let body = GraphProto { input: vec![info("s")], output: vec![info("w")], ..GraphProto::default() };
        let attribute = AttributeProto {
            name: Some("score_mod".to_owned()),
            g: Some(Box::new(body)),
            ..AttributeProto::default()
        };
        let secret = |domain: &str, op: &str| {
            let node = NodeProto {
                domain: Some(domain.to_owned()),
                op_type: Some(op.to_owned()),
                input: ["w", "w", "w", "x"].map(str::to_owned).to_vec(),
                output: vec!["y".to_owned()],
                attribute: vec![attribute.clone()],
                ..NodeProto::default()
            };
            let graph = GraphProto {
                input: vec![info("x")],
                initializer: vec![weight.clone()],
                node: vec![node],
                output: vec![info("y")],
                ..GraphProto::default()
            };
            let graph = import(&ModelProto { graph: Some(graph), ..ModelProto::default() }).unwrap();
            depends_on_input(&graph)[graph.outputs[0].0 as usize]
        };
        assert!(secret("com.example", "FlexAttention"));
        assert!(secret("com.example", "If"));
        // Its fourth is none that it mixes in.
        assert!(!secret("ai.onnx.preview", "FlexAttention"));
    }
}
