//! From counts to the plain rows that `cost` prices.

use super::edges::edges;
use super::{NodeCount, Row, Status};
use crate::ir::graph::Graph;

/// One row per node that holds work or is unknown, in graph order, with the rows that it reads.
pub fn rows(graph: &Graph, counts: &[NodeCount]) -> Vec<Row> {
    let holds = |count: &NodeCount| match &count.status {
        Status::Unknown(_) => true,
        Status::Counted => !count.work.is_empty(),
        _ => false,
    };
    let holds: Vec<bool> = counts.iter().map(holds).collect();
    let mut reads = edges(graph, &holds).into_iter();
    let mut rows = Vec::new();
    for (index, (node, count)) in graph.nodes.iter().zip(counts).enumerate() {
        if !holds.get(index).is_some_and(|holds| *holds) {
            continue;
        }
        let unknown = match &count.status {
            Status::Unknown(why) => Some(why.clone()),
            _ => None,
        };
        let position = rows.len() as u32;
        // What a chain says anyway is left out.
        let chain = |reads: &Vec<u32>| match position.checked_sub(1) {
            Some(before) => reads[..] == [before],
            None => reads.is_empty(),
        };
        rows.push(Row {
            index: index as u32,
            name: graph.label(node),
            op: node.op.clone(),
            work: count.work.clone(),
            unknown,
            after: reads.next().filter(|reads| !chain(reads)),
        });
    }
    rows
}
