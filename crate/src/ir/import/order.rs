//! The order in which nodes run. Files should hold it; not all do.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};

use crate::error::{Code, Error, Result};
use crate::onnx::{GraphProto, NodeProto};

/// Indices of the nodes, every value made before it is read, otherwise as in the file.
///
/// # Errors
/// `InvalidGraph` for a cycle, with a node on or behind it.
pub(super) fn execution_order(nodes: &[NodeProto]) -> Result<Vec<usize>> {
    let mut maker: HashMap<&str, usize> = HashMap::new();
    for (index, node) in nodes.iter().enumerate() {
        for output in node.output.iter().filter(|name| !name.is_empty()) {
            maker.entry(output).or_insert(index);
        }
    }
    let mut sorted = true;
    let reads: Vec<Vec<usize>> = nodes
        .iter()
        .enumerate()
        .map(|(index, node)| {
            let mut makers: Vec<usize> =
                names_read(node).into_iter().filter_map(|name| maker.get(name).copied()).collect();
            makers.sort_unstable();
            makers.dedup();
            sorted &= makers.last().is_none_or(|last| *last < index);
            makers
        })
        .collect();
    if sorted {
        return Ok((0..nodes.len()).collect());
    }
    let mut waits: Vec<usize> = reads.iter().map(Vec::len).collect();
    let mut readers: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    for (index, makers) in reads.iter().enumerate() {
        for maker in makers {
            readers[*maker].push(index);
        }
    }
    let mut ready: BinaryHeap<Reverse<usize>> =
        (0..nodes.len()).filter(|i| waits[*i] == 0).map(Reverse).collect();
    let mut order = Vec::with_capacity(nodes.len());
    while let Some(Reverse(index)) = ready.pop() {
        order.push(index);
        for reader in &readers[index] {
            waits[*reader] -= 1;
            if waits[*reader] == 0 {
                ready.push(Reverse(*reader));
            }
        }
    }
    match waits.iter().position(|waits| *waits > 0).and_then(|i| nodes.get(i)) {
        None => Ok(order),
        Some(node) => Err(Error::new(Code::InvalidGraph, "the graph runs in a circle")
            .node(label(node), node.op_type())
            .hint("a model must be free of cycles; export it again")),
    }
}

/// Names that a node reads, those that its bodies take from around them included.
fn names_read(node: &NodeProto) -> Vec<&str> {
    let mut names: Vec<&str> = node.input.iter().map(String::as_str).filter(|n| !n.is_empty()).collect();
    for body in node.attribute.iter().filter_map(|attr| attr.g.as_ref()) {
        names.extend(names_taken(body));
    }
    names
}

fn names_taken(body: &GraphProto) -> Vec<&str> {
    let own: HashSet<&str> = (body.input.iter().map(|info| info.name()))
        .chain(body.initializer.iter().map(|tensor| tensor.name()))
        .chain(body.node.iter().flat_map(|node| node.output.iter().map(String::as_str)))
        .collect();
    let read = body.node.iter().flat_map(names_read).chain(body.output.iter().map(|info| info.name()));
    read.filter(|name| !own.contains(name)).collect()
}

/// A node's name, or its first output where the name is empty.
pub(super) fn label(proto: &NodeProto) -> String {
    match proto.name() {
        "" => proto.output.iter().find(|name| !name.is_empty()).cloned().unwrap_or_default(),
        name => name.to_owned(),
    }
}
