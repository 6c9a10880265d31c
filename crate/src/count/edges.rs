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
