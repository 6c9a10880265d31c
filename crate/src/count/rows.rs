//! From counts to the plain rows that `cost` prices.

use super::{NodeCount, Row, Status, Work};
use crate::ir::graph::Graph;

/// One row per node that holds work or is unknown, in graph order. `level` is the length of the
/// longest chain of interacting rows that ends in the row: rows of one level can share rounds.
/// Adds and products with constants are local and lengthen no chain.
pub fn rows(graph: &Graph, counts: &[NodeCount]) -> Vec<Row> {
    let levels = levels(graph, counts);
    let mut rows = Vec::new();
    for (index, (node, count)) in graph.nodes.iter().zip(counts).enumerate() {
        let unknown = match &count.status {
            Status::Unknown(why) => Some(why.clone()),
            Status::Counted if !count.work.is_empty() => None,
            _ => continue,
        };
        rows.push(Row {
            index: index as u32,
            name: graph.label(node),
            op: node.op.clone(),
            work: count.work.clone(),
            unknown,
            level: levels.get(index).copied().unwrap_or(0),
        });
    }
    rows
}

fn interacts(count: &NodeCount) -> bool {
    matches!(count.status, Status::Unknown(_))
        || count.work.iter().any(|work| !matches!(work, Work::Add { .. } | Work::Scale { .. }))
}

fn levels(graph: &Graph, counts: &[NodeCount]) -> Vec<u32> {
    let mut of_value = vec![0u32; graph.values.len()];
    let mut of_node = vec![0u32; graph.nodes.len()];
    let mut open: Vec<(u32, usize)> = Vec::new();
    for index in 0..=graph.nodes.len() {
        // The outputs of a node with bodies come after its bodies.
        while let Some((_, owner)) = open.pop_if(|(end, _)| *end as usize <= index) {
            let node = &graph.nodes[owner];
            let made = node.bodies.iter().flat_map(|b| &b.outputs).map(|v| of_value[v.0 as usize]).max();
            let level = made.unwrap_or(0).max(of_node[owner]);
            for output in node.outputs.iter().flatten() {
                of_value[output.0 as usize] = level;
            }
        }
        let (Some(node), Some(count)) = (graph.nodes.get(index), counts.get(index)) else { break };
        let before = node.inputs.iter().flatten().map(|v| of_value[v.0 as usize]).max().unwrap_or(0);
        let level = before + u32::from(interacts(count));
        of_node[index] = level;
        for output in node.outputs.iter().flatten() {
            of_value[output.0 as usize] = level;
        }
        if let Some(end) = node.bodies.iter().map(|body| body.nodes.end).max() {
            for input in node.bodies.iter().flat_map(|body| &body.inputs) {
                of_value[input.0 as usize] = level;
            }
            open.push((end, index));
        }
    }
    of_node
}
