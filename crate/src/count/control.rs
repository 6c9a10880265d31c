//! Control flow: the nodes of a body are counted where they stand, once; marks say what that means.

use super::basics::free;
use super::view::{Facts, View};
use super::{Counted, NodeCount, Status};
use crate::ir::graph::{Graph, NodeId, ScopeId};

pub(super) fn find(domain: &str, op: &str) -> Option<fn(&View<'_>) -> Counted> {
    match (domain, op) {
        ("", "If") => Some(branch),
        ("", "Loop" | "Scan" | "SequenceMap") => Some(|_| Ok(free())),
        _ => None,
    }
}

fn branch(view: &View<'_>) -> Counted {
    if view.secret(0) {
        return Err("which branch runs depends on the data: the choice between both has no rule".to_owned());
    }
    Ok(free())
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
            count.marks.push(format!("counted once: {label}"));
        }
        scope = parent;
    }
}

fn scope_of(graph: &Graph, id: ScopeId) -> Option<&crate::ir::graph::Scope> {
    graph.scopes.get(id.0 as usize)
}
