//! Linear outputs that one activation alone needs: where it lets a place of all channels go, they need not be computed.
//!
//! Behind the activation's input stands a convolution, or an Add of one and of what passes by (a residual block). A
//! dropped output is 0, so that the place holds what passes by, or nothing. Convolutions of one tap are left as they
//! are, as the authors of the method leave them: they mix channels for what passes by.

use super::activations::{Activation, Dropped};
use crate::ir::graph::{Graph, NodeId, ScopeId, ValueId};

/// What an activation alone needs; empty where something else does, or nothing there is a convolution.
pub fn drops(graph: &Graph, readers: &[Vec<NodeId>], activation: &Activation) -> Vec<Dropped> {
    let own: Vec<NodeId> = activation.inner.iter().copied().chain([activation.node]).collect();
    let alone = |value: ValueId, by: &[NodeId]| {
        let read = readers.get(value.0 as usize).is_some_and(|all| all.iter().all(|one| by.contains(one)));
        let whole = graph.sizes(value) == graph.sizes(activation.output);
        read && whole && !graph.outputs.contains(&value)
    };
    let mut found: Vec<Dropped> = Vec::new();
    // An Add may read one value twice.
    let mut seen = vec![false; graph.values.len()];
    let mut open = vec![(activation.input, own)];
    while let Some((value, by)) = open.pop() {
        if seen.get_mut(value.0 as usize).is_none_or(|seen| std::mem::replace(seen, true)) {
            continue;
        }
        // Bodies hand values out without reading them.
        let made = graph.producer(value).filter(|(_, node)| node.scope == ScopeId(0));
        let Some((id, node)) = made.filter(|_| alone(value, &by)) else { continue };
        if node.is("Add") {
            open.extend(node.inputs.iter().flatten().map(|input| (*input, vec![id])));
            continue;
        }
        let made_by = if node.is("BatchNormalization") {
            let conv = node.input(0).filter(|x| alone(*x, &[id])).and_then(|x| convolution(graph, x));
            conv.map(|conv| vec![conv, id])
        } else {
            convolution(graph, value).map(|conv| vec![conv])
        };
        let Some(made_by) = made_by else { continue };
        // A few at most, by their values.
        let at = found.partition_point(|one| one.value < value);
        found.insert(at, Dropped { value, made_by });
    }
    found
}

/// The convolution of more than one tap, with stored weights, that makes a value.
fn convolution(graph: &Graph, value: ValueId) -> Option<NodeId> {
    let (id, node) = graph.producer(value).filter(|(_, node)| node.is("Conv"))?;
    let weight = node.input(1)?;
    let taps = graph.sizes(weight)?.into_iter().skip(2).fold(1u64, u64::saturating_mul);
    (taps > 1 && graph.value(weight).weight.is_some()).then_some(id)
}
