//! LayerNorm, RMSNorm and Softmax written out. The core is `n / sqrt(mean(d*d) + eps)`: with
//! n = d = x - mean(x) it is LayerNorm, with n = d = x RMSNorm. A scale and a shift by stored
//! vectors right after it belong to it.

use super::{Finder, Match};
use crate::ir::graph::{NodeId, ValueId};
use crate::ir::kind::Kind;

pub(super) fn find(finder: &Finder<'_>, id: NodeId) -> Option<Match> {
    let node = finder.graph.node(id);
    let (a, b) = (node.input(0)?, node.input(1)?);
    if node.is("Div") {
        return softmax(finder, id, a, b).or_else(|| {
            let (rows, nodes) = root(finder, b)?;
            norm(finder, id, a, rows, nodes)
        });
    }
    for (n, r) in [(a, b), (b, a)] {
        if let Some((rows, nodes)) = inverse_root(finder, r)
            && let Some(found) = norm(finder, id, n, rows, nodes)
        {
            return Some(found);
        }
    }
    None
}

/// `sqrt(mean + eps)`: the mean, and the nodes.
fn root(finder: &Finder<'_>, value: ValueId) -> Option<(ValueId, Vec<NodeId>)> {
    let (maker, node) = finder.maker(value)?;
    let half = node.op == "Pow" && finder.scalar(node.input(1)?) == Some(0.5);
    if node.op != "Sqrt" && !half {
        return None;
    }
    let (add, mean) = biased(finder, node.input(0)?)?;
    Some((mean, vec![maker, add]))
}

/// `1 / sqrt(mean + eps)` in its three forms.
fn inverse_root(finder: &Finder<'_>, value: ValueId) -> Option<(ValueId, Vec<NodeId>)> {
    let (maker, node) = finder.maker(value)?;
    let (mean, mut nodes) = match node.op.as_str() {
        "Reciprocal" => root(finder, node.input(0)?)?,
        "Div" if finder.scalar(node.input(0)?) == Some(1.0) => root(finder, node.input(1)?)?,
        "Pow" if finder.scalar(node.input(1)?) == Some(-0.5) => {
            let (add, mean) = biased(finder, node.input(0)?)?;
            (mean, vec![add])
        }
        _ => return None,
    };
    nodes.push(maker);
    Some((mean, nodes))
}

/// `value + eps` with a small constant.
fn biased(finder: &Finder<'_>, value: ValueId) -> Option<(NodeId, ValueId)> {
    let (add, node) = finder.maker(value).filter(|(_, node)| node.op == "Add")?;
    let (a, b) = (node.input(0)?, node.input(1)?);
    let small = |v: ValueId| finder.scalar(v).is_some_and(|eps| (0.0..0.1).contains(&eps));
    let rest = if small(b) { a } else { small(a).then_some(b)? };
    Some((add, finder.through(rest)))
}

fn norm(finder: &Finder<'_>, id: NodeId, n: ValueId, mean: ValueId, mut nodes: Vec<NodeId>) -> Option<Match> {
    let (mean_id, squared) = finder.unary(mean, "ReduceMean")?;
    let (square_id, square) = finder.maker(squared)?;
    let d = finder.through(square.input(0)?);
    let exponent = square.input(1)?;
    let squares = match square.op.as_str() {
        "Pow" => finder.scalar(exponent) == Some(2.0),
        "Mul" => finder.through(exponent) == d,
        _ => false,
    };
    if !squares {
        return None;
    }
    nodes.extend([id, mean_id, square_id]);
    let n = finder.through(n);
    let kind = match (centred(finder, n), centred(finder, d)) {
        (Some((x, first)), Some((y, second))) if x == y => {
            nodes.extend(first.into_iter().chain(second));
            Kind::LayerNorm
        }
        _ if n == d => Kind::RMSNorm,
        _ => return None,
    };
    nodes.sort_unstable();
    nodes.dedup();
    affine(finder, id, &mut nodes);
    Some((kind, finder.graph.node(mean_id).output(0), nodes))
}

/// `x - mean(x)`: x and the nodes.
fn centred(finder: &Finder<'_>, value: ValueId) -> Option<(ValueId, [NodeId; 2])> {
    let (sub, node) = finder.maker(value).filter(|(_, node)| node.op == "Sub")?;
    let x = finder.through(node.input(0)?);
    let (mean, y) = finder.unary(node.input(1)?, "ReduceMean")?;
    (x == y).then_some((x, [sub, mean]))
}

/// Adds the scale and the shift by stored vectors that follow.
fn affine(finder: &Finder<'_>, id: NodeId, nodes: &mut Vec<NodeId>) {
    let mut last = id;
    for op in ["Mul", "Add"] {
        let Some(mut value) = finder.graph.node(last).output(0) else { return };
        let mut next = None;
        // Through one Cast at most.
        for _ in 0..2 {
            let ([reader], false) =
                (finder.readers(value), finder.leaves.get(value.0 as usize) == Some(&true))
            else {
                break;
            };
            let node = finder.graph.node(*reader);
            if super::passes(node) {
                let Some(output) = node.output(0) else { break };
                value = output;
                continue;
            }
            let stored = node.is(op)
                && node.inputs.len() == 2
                && node.inputs.iter().flatten().any(|v| {
                    let weight = finder.graph.value(finder.through(*v)).weight.as_ref();
                    *v != value && weight.is_some_and(|w| w.elements() > 1)
                });
            next = stored.then_some(*reader);
            break;
        }
        let Some(next) = next else { continue };
        nodes.push(next);
        last = next;
    }
}

/// `exp(y) / sum(exp(y))`, y with or without its maximum taken off.
fn softmax(finder: &Finder<'_>, id: NodeId, a: ValueId, b: ValueId) -> Option<Match> {
    let (exp, y) = finder.unary(a, "Exp")?;
    let (sum, again) = finder.unary(b, "ReduceSum")?;
    if again != finder.through(a) {
        return None;
    }
    let mut nodes = vec![id, exp, sum];
    if let Some((sub, node)) = finder.maker(y).filter(|(_, node)| node.op == "Sub")
        && let Some((max, x)) = finder.unary(node.input(1)?, "ReduceMax")
        && finder.through(node.input(0)?) == x
    {
        nodes.extend([sub, max]);
    }
    Some((Kind::Softmax, finder.graph.node(sum).output(0), nodes))
}
