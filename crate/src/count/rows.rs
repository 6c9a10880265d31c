//! From counts to the plain rows that `cost` prices.

use super::edges::edges;
use super::{NodeCount, Row, Status, Work};
use crate::ir::graph::{Graph, Node};

/// One row per node that holds work or is unknown, in graph order, with the rows that it reads. A BatchNorm that folds
/// into the layer before it follows that layer's work in its row.
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
            if count.batch_norm > 0 {
                fold(graph, node, count.batch_norm, &mut rows);
            }
            continue;
        }
        let unknown = match &count.status {
            Status::Unknown(why) => Some(why.clone()),
            _ => count.least.clone(),
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
            passes: count.passes,
        });
    }
    rows
}

/// Puts a BatchNorm behind the work of the layer that makes its input.
fn fold(graph: &Graph, norm: &Node, elements: u64, rows: &mut [Row]) {
    let makes = |row: &&mut Row| {
        let layer = graph.nodes.get(row.index as usize);
        layer.is_some_and(|layer| norm.input(0).is_some_and(|x| layer.outputs.contains(&Some(x))))
    };
    if let Some(row) = rows.iter_mut().rev().find(makes) {
        row.work.push(Work::BatchNorm { elements });
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use crate::api::{Model, Settings, examples};
    use crate::count::Work;

    /// Each BatchNorm of an example stands behind the layer that makes its input, or has a row of its own.
    #[test]
    fn every_batch_norm_is_in_one_row() {
        let mut seen = 0;
        for example in examples() {
            let scored = Model::example(example.id).unwrap().score(&Settings::default()).unwrap();
            let wanted: Vec<u64> =
                scored.score.layers.iter().map(|layer| layer.batch_norm).filter(|n| *n > 0).collect();
            let mut found = Vec::new();
            for row in scored.rows() {
                for (place, work) in row.work.iter().enumerate() {
                    let Work::BatchNorm { elements } = work else { continue };
                    found.push(*elements);
                    let elements = Some(*elements);
                    match row.work.get(place.wrapping_sub(1)) {
                        None => assert_eq!(row.op, "BatchNormalization"),
                        Some(Work::Conv(conv)) => {
                            let outputs =
                                conv.output.iter().product::<u64>() * conv.batch * conv.out_channels;
                            assert_eq!(Some(outputs), elements, "{} {}", example.id, row.name);
                        }
                        Some(Work::MatMul { batch, m, n, .. }) => assert_eq!(Some(batch * m * n), elements),
                        Some(other) => panic!("{} {}: behind {other:?}", example.id, row.name),
                    }
                }
            }
            let sorted = |mut list: Vec<u64>| {
                list.sort_unstable();
                list
            };
            seen += found.len();
            assert_eq!(sorted(found), sorted(wanted), "{}", example.id);
        }
        assert!(seen > 100, "{seen}");
    }
}
