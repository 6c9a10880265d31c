//! Shape inference: one pass in graph order, one rule an operator, one family of operators a file.
//!
//! A rule reads the types and the small constants of its inputs and sets those of its outputs. What
//! it cannot know it leaves unknown, with the reason; it never guesses. Bodies of If, Loop and Scan
//! are entered by `control`. Never reads weights.

mod control;
mod ctx;
mod rules;
#[cfg(test)]
mod tests;

pub use control::passes;
pub use ctx::{Ctx, Inferred, Why, broadcast};

use super::dim::Dim;
use super::graph::{Const, Graph, NodeId, Type};
use crate::limits::{MAX_FOLDED_ELEMENTS, MAX_FOLDED_LATE, MAX_FOLDED_TOTAL, MAX_RANK};

/// Infers the type of every value of the main graph and of its bodies.
pub fn infer(graph: &mut Graph) {
    let end = graph.nodes.len() as u32;
    infer_range(graph, &mut Pass::default(), 0..end);
}

/// What inference has spent so far.
#[derive(Default)]
struct Pass {
    /// Elements folded or carried.
    folded: usize,
    /// Nodes of bodies that were inferred, and values that were carried, for one pass alone.
    stepped: usize,
}

impl Pass {
    /// Elements that one more constant may have.
    fn allowance(&self) -> usize {
        if self.folded < MAX_FOLDED_TOTAL { MAX_FOLDED_ELEMENTS } else { MAX_FOLDED_LATE }
    }
}

/// Infers the nodes of one scope; the nodes of its bodies are met through their owners.
fn infer_range(graph: &mut Graph, pass: &mut Pass, range: std::ops::Range<u32>) {
    let mut index = range.start;
    while index < range.end {
        let id = NodeId(index);
        let after = graph.node(id).bodies.iter().map(|body| body.nodes.end).max().unwrap_or(0);
        infer_node(graph, pass, id);
        index = after.max(index + 1);
    }
}

fn infer_node(graph: &mut Graph, pass: &mut Pass, id: NodeId) {
    if !graph.node(id).bodies.is_empty() {
        return control::infer(graph, pass, id);
    }
    apply(graph, pass, id);
}

/// The rule of one node.
fn apply(graph: &mut Graph, pass: &mut Pass, id: NodeId) {
    let node = graph.node(id);
    let mut ctx = Ctx::new(graph, node, pass.allowance());
    let result = match rules::find(&node.domain, &node.op) {
        Some(rule) => rule(&mut ctx),
        None => Err(Why::new(format!("no rule for {}", title(node)))),
    };
    let outs = ctx.into_outs();
    let outputs = node.outputs.clone();
    // A size that an input did not know is not known for the input's reason.
    let inherited = || node.inputs.iter().flatten().find_map(|input| graph.value(*input).why.clone());
    let result = result.err();
    let fault = result.as_ref().filter(|why| why.1).map(|why| why.0.clone());
    let why = result.map(|why| why.0).or_else(inherited);
    let why = why.or_else(|| Some("a size is computed from data".to_owned()));
    for (output, out) in outputs.into_iter().zip(outs) {
        let Some(output) = output else { continue };
        commit(graph, output, out.ty, why.as_deref());
        pass.folded = pass.folded.saturating_add(out.constant.as_ref().map_or(0, Const::len));
        let value = graph.value_mut(output);
        value.constant = out.constant;
        value.fault.clone_from(&fault);
    }
}

/// Puts an inferred type on a value; falls back on what the file declares where it is not known.
fn commit(graph: &mut Graph, id: super::graph::ValueId, ty: Type, why: Option<&str>) {
    let value = graph.value_mut(id);
    value.ty = valid(ty);
    value.why = None;
    let (inferred, declared) = (value.ty.as_tensor().cloned(), value.declared.clone());
    match (inferred, declared) {
        (None, Some(declared)) if value.ty == Type::Unknown => value.ty = declared,
        (Some(mut tensor), Some(declared)) => {
            tensor.dtype = tensor.dtype.or(declared.dtype());
            match (&mut tensor.shape, declared.shape()) {
                (None, Some(shape)) => tensor.shape = Some(shape.to_vec()),
                (Some(shape), Some(other)) if shape.len() == other.len() => {
                    for (dim, other) in shape.iter_mut().zip(other) {
                        if *dim == Dim::Unknown {
                            *dim = other.clone();
                        }
                    }
                }
                _ => {}
            }
            if let Type::Tensor(t) | Type::Sparse(t) = &mut value.ty {
                *t = tensor;
            }
        }
        _ => {}
    }
    if !known(&value.ty) {
        value.why = why.map(str::to_owned);
    }
}

/// Whether every dimension is a number or symbolic.
fn known(ty: &Type) -> bool {
    match ty {
        Type::Tensor(tensor) | Type::Sparse(tensor) => {
            tensor.shape.as_ref().is_some_and(|shape| !shape.contains(&Dim::Unknown))
        }
        Type::Sequence(_, Dim::Known(0)) => true,
        Type::Sequence(one, _) | Type::Optional(one) => known(one),
        Type::Map => true,
        Type::Unknown => false,
    }
}

/// A type whose negative or over-long parts are unknown: a rule fed with nonsense says nothing.
fn valid(mut ty: Type) -> Type {
    if let Type::Tensor(tensor) | Type::Sparse(tensor) = &mut ty {
        if tensor.shape.as_ref().is_some_and(|shape| shape.len() > MAX_RANK) {
            tensor.shape = None;
        }
        for dim in tensor.shape.iter_mut().flatten() {
            if dim.known().is_some_and(|n| n < 0) {
                *dim = Dim::Unknown;
            }
        }
    }
    ty
}

/// `Conv`, or `com.example.Foo`.
pub(crate) fn title(node: &super::graph::Node) -> String {
    if node.domain.is_empty() { node.op.clone() } else { format!("{}.{}", node.domain, node.op) }
}
