//! Which rows a row reads: the graph of nodes with everything that holds no work seen through.
//!
//! Assumes nodes in order of execution. A block of a residual network, as positions of rows: its
//! convolution, activation, convolution are 1, 2, 3, its Add is 4 and reads 0 and 3.

use std::rc::Rc;

use crate::ir::graph::{Graph, ValueId};
use crate::limits::MAX_ROW_READS;

/// Positions of rows, rising; a view shares that of its input.
type Reads = Rc<[u32]>;

/// One list for each node that holds work, in order. Bodies run where their node stands, and both
/// branches of an If are read. Of more than [`MAX_ROW_READS`] rows the latest are kept.
pub(super) fn edges(graph: &Graph, holds: &[bool]) -> Vec<Vec<u32>> {
    let none: Reads = Rc::from([]);
    let mut of_value: Vec<Reads> = vec![none; graph.values.len()];
    let mut rows: Vec<Vec<u32>> = Vec::new();
    let mut open: Vec<(u32, usize, Reads)> = Vec::new();
    for index in 0..=graph.nodes.len() {
        // The outputs of a node with bodies come after its bodies.
        while let Some((_, owner, own)) = open.pop_if(|(end, ..)| *end as usize <= index) {
            let node = &graph.nodes[owner];
            let made = union(node.bodies.iter().flat_map(|body| &body.outputs), &of_value);
            let made = merge([&made, &own].into_iter());
            for output in node.outputs.iter().flatten() {
                of_value[output.0 as usize] = made.clone();
            }
        }
        let Some(node) = graph.nodes.get(index) else { break };
        let mut reads = union(node.inputs.iter().flatten(), &of_value);
        if holds.get(index).is_some_and(|holds| *holds) {
            let own = Rc::from([rows.len() as u32]);
            rows.push(reads.to_vec());
            reads = own;
        }
        for output in node.outputs.iter().flatten() {
            of_value[output.0 as usize] = reads.clone();
        }
        if let Some(end) = node.bodies.iter().map(|body| body.nodes.end).max() {
            for input in node.bodies.iter().flat_map(|body| &body.inputs) {
                of_value[input.0 as usize] = reads.clone();
            }
            open.push((end, index, reads));
        }
    }
    rows
}

fn union<'a>(values: impl Iterator<Item = &'a ValueId>, of_value: &[Reads]) -> Reads {
    merge(values.filter_map(|value| of_value.get(value.0 as usize)))
}

/// The union, in the memory of a few lists however many there are.
fn merge<'a>(lists: impl Iterator<Item = &'a Reads>) -> Reads {
    let mut lists = lists.filter(|list| !list.is_empty());
    let Some(first) = lists.next() else { return Rc::from([]) };
    let mut all: Vec<u32> = Vec::new();
    for list in lists.filter(|list| !Rc::ptr_eq(list, first)) {
        all.extend(list.iter());
        if all.len() > 16 * MAX_ROW_READS {
            trim(&mut all);
        }
    }
    if all.is_empty() {
        return first.clone();
    }
    all.extend(first.iter());
    trim(&mut all);
    Rc::from(all)
}

/// Rising, each once, the latest where there are too many.
fn trim(reads: &mut Vec<u32>) {
    reads.sort_unstable();
    reads.dedup();
    reads.drain(..reads.len().saturating_sub(MAX_ROW_READS));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::count::testing::{Net, int};
    use crate::count::{Row, rows};
    use crate::ir::graph::Source;

    /// The nearest rows above a value, found anew from each.
    fn nearest(graph: &Graph, rows: &[Row], value: ValueId) -> BTreeSet<usize> {
        let Source::Node(node, _) = graph.value(value).source else { return BTreeSet::new() };
        match rows.iter().position(|row| row.index == node.0) {
            Some(position) => [position].into(),
            None => above(graph, rows, node.0),
        }
    }

    fn above(graph: &Graph, rows: &[Row], node: u32) -> BTreeSet<usize> {
        let inputs = graph.nodes[node as usize].inputs.iter().flatten();
        inputs.flat_map(|input| nearest(graph, rows, *input)).collect()
    }

    proptest! {
        #[test]
        fn rows_read_what_lies_above_them(nodes in prop::collection::vec((0_u8..4, any::<usize>(), any::<usize>()), 1..24)) {
            let mut net = Net::new();
            let mut values = vec![net.input(&[3, 4]), net.input(&[3, 4])];
            for (which, a, b) in nodes {
                let (a, b) = (values[a % values.len()], values[b % values.len()]);
                values.push(match which {
                    0 => net.op("Relu", &[a], &[]),
                    1 => net.op("Identity", &[a], &[]),
                    2 => net.op("Concat", &[a, b], &[("axis", int(0))]),
                    _ => net.op("Where", &[a, a, b], &[]),
                });
            }
            let (graph, counts) = net.counted(*values.last().unwrap());
            let rows = rows(&graph, &counts);
            for (position, row) in rows.iter().enumerate() {
                let reads: BTreeSet<usize> = row.reads(position).collect();
                prop_assert_eq!(&reads, &above(&graph, &rows, row.index), "row {} of {:?}", position, rows.len());
            }
        }
    }

    /// Hundreds of layers into one: the latest stay, in the memory of a few lists.
    #[test]
    fn too_many_are_cut_to_the_latest() {
        let mut net = Net::new();
        let x = net.input(&[1, 4]);
        let made: Vec<ValueId> = (0..5_000).map(|_| net.op("Relu", &[x], &[])).collect();
        let all = net.op("Concat", &made, &[("axis", int(0))]);
        let y = net.op("Relu", &[all], &[]);
        let (graph, counts) = net.counted(y);
        let rows = rows(&graph, &counts);
        let last: Vec<usize> = rows[5_000].reads(5_000).collect();
        assert_eq!(last, (5_000 - MAX_ROW_READS..5_000).collect::<Vec<_>>());
        assert!(rows[..5_000].iter().skip(1).all(|row| row.after.as_deref() == Some(&[])));
    }
}
