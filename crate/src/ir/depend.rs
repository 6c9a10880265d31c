//! Which values depend on the data that enters the network: those are the ones that a protocol
//! keeps secret. Weights, shapes and what is computed from them alone are not.

use super::graph::{Graph, Node, NodeId, Source, ValueId};

/// One flag per value: it depends on the data of a graph input. A value that a loop carries counts
/// as dependent, since a later pass may make it so.
pub fn depends_on_input(graph: &Graph) -> Vec<bool> {
    let mut secret: Vec<bool> = graph.values.iter().map(|value| value.source == Source::Input).collect();
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

/// Outputs of a node with bodies: as its bodies' outputs, or a secret choice between them.
fn close(graph: &Graph, node: &Node, secret: &mut [bool]) {
    let chosen = node.is("If") && node.input(0).is_some_and(|v| at(secret, v));
    let made = node.bodies.iter().flat_map(|body| &body.outputs).any(|v| at(secret, *v));
    mark(graph, node, chosen || made, secret);
}
