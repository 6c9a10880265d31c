//! One node at a time, in the graph's order: the time of each layer, and every value in passing.
//!
//! A value is dropped after its last reader. Nothing is fused, so the sum is above the time of a
//! whole run; the shares are what counts.

use super::{refuse, values};
use crate::engines::cpu::{Library, Step};
use crate::error::Result;
use crate::ir::graph::{Graph, NodeId as GraphNode, ScopeId, ValueId};
use crate::run::model::Runnable;
use crate::run::session::LayerTime;
use crate::run::tensor::Tensor;

/// Runs all nodes that the outputs or the wanted values need: the time of each, and the wanted values in their order.
///
/// # Errors
/// As the engine's.
pub fn run<'a, L: Library>(
    library: &L,
    plain: &L::Model,
    model: &'a Runnable,
    inputs: impl Iterator<Item = (ValueId, &'a Tensor)>,
    wanted: &[ValueId],
) -> Result<(Vec<LayerTime>, L::Made)> {
    let (nodes, steps) = plan(&model.graph, wanted);
    let names: Vec<&str> = model.graph.values.iter().map(|value| value.name.as_str()).collect();
    let inputs = values::named(model, inputs)?;
    let places: Vec<u32> = wanted.iter().map(|id| id.0).collect();
    let (seconds, made) = library
        .steps(plain, &inputs, &names, &steps, &places)
        .map_err(|f| refuse::fault(&model.graph, &f))?;
    let times = nodes.into_iter().zip(seconds).map(|(node, seconds)| LayerTime { node, seconds });
    Ok((times.collect(), made))
}

/// The nodes in their order, and what each reads, makes and leaves behind. Values go by their places in the graph.
fn plan(graph: &Graph, wanted: &[ValueId]) -> (Vec<GraphNode>, Vec<Step>) {
    let last = last_readers(graph);
    let needed = needed(graph, wanted);
    let (mut nodes, mut steps) = (Vec::new(), Vec::new());
    let mut alive: Vec<u32> = Vec::new();
    for (index, node) in graph.nodes.iter().enumerate() {
        let main = node.scope == ScopeId(0);
        if !main || !needed.get(index).copied().unwrap_or(true) || node.is("Constant") {
            continue;
        }
        let places = |ids: &[Option<ValueId>]| ids.iter().flatten().map(|id| id.0).collect::<Vec<u32>>();
        let makes = places(&node.outputs);
        // A body may read any value around it.
        let reads = node.bodies.is_empty().then(|| places(&node.inputs));
        alive.extend(&makes);
        let (stay, drops) =
            alive.into_iter().partition(|id| last.get(*id as usize).is_some_and(|step| *step > index));
        alive = stay;
        nodes.push(GraphNode(index as u32));
        steps.push(Step { reads, makes, drops });
    }
    (nodes, steps)
}

/// The last node that reads each value.
fn last_readers(graph: &Graph) -> Vec<usize> {
    let mut last = vec![0; graph.values.len()];
    for (step, node) in graph.nodes.iter().enumerate() {
        for input in node.inputs.iter().flatten() {
            if let Some(slot) = last.get_mut(input.0 as usize) {
                *slot = step;
            }
        }
    }
    for node in &graph.nodes {
        // What a body only hands on is read when its node ends.
        for (body, output) in node.bodies.iter().flat_map(|body| body.outputs.iter().map(move |o| (body, o)))
        {
            if let Some(slot) = last.get_mut(output.0 as usize) {
                *slot = (*slot).max(body.nodes.end as usize);
            }
        }
    }
    last
}

/// Which nodes the wanted values hang on; all where nothing is wanted.
fn needed(graph: &Graph, wanted: &[ValueId]) -> Vec<bool> {
    let mut needed = vec![wanted.is_empty(); graph.nodes.len()];
    let mut values = vec![false; graph.values.len()];
    let mark = |values: &mut Vec<bool>, id: &ValueId| {
        if let Some(slot) = values.get_mut(id.0 as usize) {
            *slot = true;
        }
    };
    wanted.iter().for_each(|id| mark(&mut values, id));
    for (index, node) in graph.nodes.iter().enumerate().rev() {
        let used =
            node.outputs.iter().flatten().any(|id| values.get(id.0 as usize).copied().unwrap_or(false));
        // Nodes of bodies count as needed: what they read must be there when their owner runs.
        if used || node.scope != ScopeId(0) || wanted.is_empty() {
            if let Some(slot) = needed.get_mut(index) {
                *slot = true;
            }
            node.inputs.iter().flatten().for_each(|id| mark(&mut values, id));
            node.bodies.iter().flat_map(|body| &body.outputs).for_each(|id| mark(&mut values, id));
        }
    }
    needed
}
