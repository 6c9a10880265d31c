//! A function with a lower and an upper bound, written as two nodes: `Min(Max(x, 0), 6)` is ReLU6, whichever stands inside
//! and whether the lower bound is a Max or a Relu; with other bounds it is a Clip.

use super::{Finder, Match};
use crate::ir::graph::{NodeId, ValueId};
use crate::ir::kind::Kind;

/// One of the two nodes: what it bounds, and where.
struct Side {
    x: ValueId,
    lower: Option<f64>,
    upper: Option<f64>,
}

/// A composite that ends in this Max, Min or Clip.
pub(super) fn find(finder: &Finder<'_>, id: NodeId) -> Option<Match> {
    let outer = side(finder, id)?;
    let (maker, _) = finder.maker(outer.x)?;
    let inner = side(finder, maker)?;
    let low = outer.lower.xor(inner.lower)?;
    let high = outer.upper.xor(inner.upper)?;
    if low >= high {
        return None;
    }
    let kind = if low == 0.0 && high == 6.0 { Kind::ReLU6 } else { Kind::Clip };
    Some((kind, None, vec![maker, id]))
}

/// The one bound of a node; None where it has both or none.
fn side(finder: &Finder<'_>, id: NodeId) -> Option<Side> {
    let node = finder.graph.node(id);
    let at = |x, lower, upper| Some(Side { x: finder.through(x), lower, upper });
    match node.op.as_str() {
        _ if !node.domain.is_empty() => None,
        "Relu" => at(node.input(0)?, Some(0.0), None),
        "Max" | "Min" => {
            let [Some(a), Some(b)] = *node.inputs.as_slice() else { return None };
            let (x, bound) = match (finder.scalar(a), finder.scalar(b)) {
                (None, Some(bound)) => (a, bound),
                (Some(bound), None) => (b, bound),
                _ => return None,
            };
            if node.is("Max") { at(x, Some(bound), None) } else { at(x, None, Some(bound)) }
        }
        "Clip" => {
            let bound = |place: usize, name: &str| match node.input(place) {
                Some(value) => finder.scalar(value).map(Some),
                None => Some(node.attrs.float(name).map(f64::from)),
            };
            let open = |bound: f64| bound.abs() < f64::from(f32::MAX);
            let (lower, upper) =
                (bound(1, "min")?.filter(|b| open(*b)), bound(2, "max")?.filter(|b| open(*b)));
            if lower.is_some() == upper.is_some() { None } else { at(node.input(0)?, lower, upper) }
        }
        _ => None,
    }
}
