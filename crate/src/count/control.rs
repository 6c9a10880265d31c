//! Control flow: the nodes of a body are counted where they stand, as often as the body is known to run, else once; marks
//! say which.

use super::basics::{OVERFLOW, activates, activation, free, product, sum};
use super::view::{Facts, View};
use super::{Counted, Kind, NodeCount, Status};
use crate::ir::graph::{Graph, NodeId, ScopeId};
use crate::ir::infer::passes;

pub(super) fn find(domain: &str, op: &str) -> Option<fn(&View<'_>) -> Counted> {
    match (domain, op) {
        ("", "If") => Some(branch),
        ("", "Loop" | "Scan" | "SequenceMap") => Some(|_| Ok(free())),
        _ => None,
    }
}

/// A secret condition runs both branches and chooses each element of what they make. Two branches that each make 1x4
/// scalars: 4 choices.
fn branch(view: &View<'_>) -> Counted {
    if !view.secret(0) {
        return Ok(free());
    }
    let mut elements = 0u64;
    for place in 0..view.node.outputs.len() {
        if view.node.output(place).is_some() {
            let chosen = product(&view.out_sizes(place)?)?;
            elements = sum(&[elements, chosen])?;
        }
    }
    Ok(activates("choice", activation(Kind::Choice, elements)?))
}

/// Marks a node that stands in a body; one in a branch that is never taken holds nothing.
pub(super) fn mark(graph: &Graph, facts: &Facts, id: NodeId, count: &mut NodeCount) {
    let mut scope = graph.node(id).scope;
    // Bodies are nested as deeply as messages may be, a small bound.
    while let Some((parent, owner)) = scope_of(graph, scope).and_then(|s| s.parent) {
        let label = scope_of(graph, scope).map_or("", |s| s.label.as_str());
        let node = graph.node(owner);
        if node.is("If") {
            let condition = node.input(0).and_then(|v| graph.value(v).constant.as_ref()?.scalar());
            let taken = condition.map(|c| if c == 0.0 { "else_branch" } else { "then_branch" });
            let here = node.bodies.iter().find(|body| body.scope == scope).map(|body| body.attr.as_str());
            if taken.is_some() && taken != here {
                *count = NodeCount { rule: "not-taken", ..NodeCount::default() };
                count.marks.push(format!("never runs: {label}"));
                return;
            }
            let secret = node.input(0).is_some_and(|v| facts.is_secret(v));
            if taken.is_none() && count.status != Status::Free {
                let why = if secret { "a secret choice" } else { "which one runs is not known" };
                count.marks.push(format!("both branches counted, {why}: {label}"));
            }
        } else if count.status != Status::Free {
            repeat(count, passes(graph, node), label);
        }
        scope = parent;
    }
}

/// Multiplies the figures by the passes of the body around; counted once where these are not known.
fn repeat(count: &mut NodeCount, passes: Option<u64>, label: &str) {
    let Some(passes) = passes else {
        let why = format!("counted once: {label}");
        count.least.get_or_insert_with(|| format!("{why}, how often it runs is not known"));
        count.marks.push(why);
        return;
    };
    if passes == 1 {
        return;
    }
    if passes == 0 {
        *count = NodeCount { rule: "not-taken", ..NodeCount::default() };
        count.marks.push(format!("never runs: {label}"));
        return;
    }
    let mut fits = true;
    let mut times = |n: &mut u64| match product(&[*n, passes]) {
        Ok(all) => *n = all,
        Err(_) => fits = false,
    };
    for figure in [
        &mut count.macs,
        &mut count.macs_valid,
        &mut count.average_pool,
        &mut count.truncations,
        &mut count.products,
        &mut count.adds,
        &mut count.bias,
        &mut count.batch_norm,
    ] {
        times(figure);
    }
    if let Some(activation) = &mut count.activation {
        for figure in [&mut activation.elements, &mut activation.rows, &mut activation.comparisons] {
            times(figure);
        }
    }
    let mut all = count.passes.unwrap_or(1);
    times(&mut all);
    if fits {
        count.passes = Some(all).filter(|all| *all > 1);
        count.marks.push(format!("{passes} passes: {label}"));
    } else {
        let (status, params) = (Status::Unknown(OVERFLOW.to_owned()), std::mem::take(&mut count.params));
        *count = NodeCount { status, params, rule: "unknown", ..NodeCount::default() };
    }
}

fn scope_of(graph: &Graph, id: ScopeId) -> Option<&crate::ir::graph::Scope> {
    graph.scopes.get(id.0 as usize)
}
