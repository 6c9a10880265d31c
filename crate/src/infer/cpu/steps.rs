//! One node at a time, in the graph's order: the time of each layer, and every value in passing.
//!
//! A value is dropped after its last reader. Nothing is fused, so the sum is above the time of a
//! whole run; the shares are what counts.

use std::collections::HashMap;

use rten::{NodeId, Value, ValueOrView};

use super::{guard, refuse, values};
use crate::error::Result;
use crate::infer::clock;
use crate::infer::model::Runnable;
use crate::infer::session::{LayerTime, Sink};
use crate::infer::tensor::Tensor;
use crate::ir::graph::{Graph, NodeId as GraphNode, ScopeId, ValueId};

/// Runs all nodes that the outputs or the wanted values need.
///
/// # Errors
/// As the engine's.
pub fn run(
    plain: &rten::Model,
    model: &Runnable,
    inputs: &[(ValueId, Tensor)],
    wanted: &[ValueId],
    sink: &mut Sink<'_>,
) -> Result<Vec<LayerTime>> {
    let graph = &model.graph;
    let last = last_readers(graph);
    let needed = needed(graph, wanted);
    let mut alive: HashMap<ValueId, (NodeId, Value)> = HashMap::new();
    let given = values::inputs(plain, model, inputs)?;
    let mut times = Vec::new();
    for (index, node) in graph.nodes.iter().enumerate() {
        let main = node.scope == ScopeId(0);
        if !main || !needed.get(index).copied().unwrap_or(true) || node.is("Constant") {
            continue;
        }
        let outputs: Vec<(ValueId, NodeId)> = (node.outputs.iter().flatten())
            .filter_map(|id| Some((*id, plain.find_node(model.value_name(*id))?)))
            .collect();
        // A body may read any value around it.
        let reads = |id: &ValueId| !node.bodies.is_empty() || node.inputs.contains(&Some(*id));
        let mut feed: Vec<(NodeId, ValueOrView<'_>)> =
            alive.iter().filter(|(id, _)| reads(id)).map(|(_, (id, value))| (*id, value.into())).collect();
        feed.extend(given.iter().map(|(id, value)| (*id, value.as_view().into())));
        let ids: Vec<NodeId> = outputs.iter().map(|(_, id)| *id).collect();
        let start = clock::seconds();
        let found = guard(|| plain.run(feed, &ids, None).map_err(|e| refuse::run_error(graph, &e)))?;
        times.push(LayerTime { node: GraphNode(index as u32), seconds: clock::seconds() - start });
        for ((id, node_id), value) in outputs.into_iter().zip(found) {
            if wanted.contains(&id) {
                sink(id, values::tensor_from(value.clone()).map_err(|e| e.value(model.value_name(id)))?)?;
            }
            alive.insert(id, (node_id, value));
        }
        alive.retain(|id, _| last.get(id.0 as usize).is_some_and(|step| *step > index));
    }
    Ok(times)
}

/// Computes one node of the main graph.
///
/// # Errors
/// As the engine's.
pub fn node(
    plain: &rten::Model,
    model: &Runnable,
    id: GraphNode,
    inputs: &[(ValueId, &Tensor)],
) -> Result<Vec<(ValueId, Tensor)>> {
    let named = |id: ValueId| plain.find_node(model.value_name(id));
    let feed = inputs.iter().filter_map(|(id, tensor)| Some((*id, named(*id)?, tensor)));
    let feed = feed
        .map(|(id, node, tensor)| {
            Ok((node, values::fed(plain, node, tensor).map_err(|e| e.value(model.value_name(id)))?))
        })
        .collect::<Result<Vec<(NodeId, ValueOrView<'_>)>>>()?;
    let outputs = model.graph.node(id).outputs.iter().flatten();
    let outputs: Vec<(ValueId, NodeId)> = outputs.filter_map(|id| Some((*id, named(*id)?))).collect();
    let ids: Vec<NodeId> = outputs.iter().map(|(_, id)| *id).collect();
    let found = guard(|| plain.run(feed, &ids, None).map_err(|e| refuse::run_error(&model.graph, &e)))?;
    outputs.into_iter().zip(found).map(|((id, _), value)| Ok((id, values::tensor_from(value)?))).collect()
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
