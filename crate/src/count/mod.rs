//! Counts per node, exact.
//!
//! Assumes a graph whose shapes were inferred. Each node becomes one of four: counted (it holds
//! work), free (it is known to hold none), part of a composite (its closing node carries the work),
//! or unknown with the reason. An operator in no list is unknown: unknown is never zero. Integers
//! leave 63 bits nowhere; what would is unknown ("overflow"). Never reads weights.
//!
//! Conventions: a MAC is a multiply-accumulate of a convolution, matrix product, attention product
//! or recurrent cell; bias, BatchNorm, adds, pools and activations have their own columns. All
//! figures are for the batch that the shapes have.

mod attention;
mod basics;
#[cfg(test)]
mod composite_tests;
mod control;
mod conventions;
mod deform;
mod edges;
mod einsum;
mod elementwise;
mod explain;
mod free;
mod granularity;
mod linear;
mod ml;
mod needed;
mod node;
mod norm;
mod onnx_tool;
#[cfg(test)]
mod oracle;
mod pairs;
mod params;
mod pool;
mod quantised;
mod recurrent;
mod reduce;
#[cfg(test)]
mod reference_tests;
mod row;
mod rows;
#[cfg(test)]
mod stage_tests;
#[cfg(test)]
pub(crate) mod testing;
mod view;
mod window;

pub use conventions::{NamedView, tally, views};
pub use explain::{Column, Explanation, explain};
pub use granularity::Granularity;
use needed::lower;
pub(crate) use node::Counted;
pub use node::{NodeCount, Status};
pub use row::{Activation, Conv, Kind, Row, Work};
pub use rows::rows;

use crate::ir::composites::{self, Composites};
use crate::ir::depend::depends_on_input;
use crate::ir::graph::{Graph, NodeId};
use view::{Facts, View};

/// Counts every node of a model in whose file a plan keeps so many elements, by base name: see [`lower`].
pub fn counted(graph: &Graph, kept: &[(String, u64)]) -> Vec<NodeCount> {
    let mut counts = count(graph);
    lower(graph, &mut counts, kept);
    counts
}

/// Counts every node; one entry per node of the graph, same index. Linear in the graph.
pub fn count(graph: &Graph) -> Vec<NodeCount> {
    let facts = Facts::of(graph, depends_on_input(graph));
    let composites = composites::find(graph, &facts.consumers);
    let mut counts: Vec<NodeCount> = (0..graph.nodes.len() as u32)
        .map(|index| {
            let mut count = one(graph, &facts, &composites, NodeId(index));
            control::mark(graph, &facts, NodeId(index), &mut count);
            count
        })
        .collect();
    // What the parts of a composite read belongs to the node that closes it.
    for index in 0..counts.len() {
        if let Status::Part(closing) = counts[index].status
            && closing.0 as usize != index
        {
            let params = std::mem::take(&mut counts[index].params);
            if let Some(closing) = counts.get_mut(closing.0 as usize) {
                closing.params.extend(params);
            }
        }
    }
    counts
}

fn one(graph: &Graph, facts: &Facts, composites: &Composites, id: NodeId) -> NodeCount {
    let view = View::new(graph, facts, id);
    if let Some(closing) = composites.part_of(id) {
        let params = params::of(&view);
        return NodeCount { status: Status::Part(closing), params, ..NodeCount::default() };
    }
    // Nothing that enters the network flows here: known when the model is.
    if !view.touches_secret() {
        return NodeCount { rule: "constant", ..NodeCount::default() };
    }
    let counted = match composites.closed_by(id) {
        Some(composite) => elementwise::composite(&view, composite),
        None => dispatch(&view),
    };
    match counted {
        Ok(mut count) => {
            count.params = params::of(&view);
            let works = !count.work.is_empty() || count.bias > 0 || count.batch_norm > 0;
            if works || count.activation.is_some() || !count.params.is_empty() {
                count.status = Status::Counted;
            }
            count
        }
        Err(why) => {
            let params = params::of(&view);
            NodeCount { status: Status::Unknown(why), params, rule: "unknown", ..NodeCount::default() }
        }
    }
}

/// The families in turn; each answers for its own operators.
fn dispatch(view: &View<'_>) -> Counted {
    let families = [
        linear::find,
        einsum::find,
        deform::find,
        elementwise::find,
        free::find,
        norm::find,
        pool::find,
        reduce::find,
        quantised::find,
        attention::find,
        recurrent::find,
        ml::find,
        control::find,
    ];
    for find in families {
        if let Some(rule) = find(&view.node.domain, &view.node.op) {
            return rule(view);
        }
    }
    Err(format!("no counting rule for {}", crate::ir::infer::title(view.node)))
}
