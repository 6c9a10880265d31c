//! Elements that a plan keeps: a model whose activations stay in part computes activation and
//! polynomial everywhere and chooses by a stored mask; a protocol computes each element once.
//!
//! The plan's file says how many elements stay (`rewrite` writes it): under the base name of a
//! site's new values, `BASE/act` is needed for those, every other `BASE/..` for the rest. A count
//! is lowered, never raised.

use super::{NodeCount, Work};
use crate::ir::graph::Graph;

/// Lowers the counts of one sample's plan to what is needed. `kept`: (base, elements that stay).
pub fn lower(graph: &Graph, counts: &mut [NodeCount], kept: &[(String, u64)]) {
    for (node, count) in graph.nodes.iter().zip(counts) {
        let Some(output) = node.output(0) else { continue };
        let Some((base, leaf)) = graph.value(output).name.rsplit_once('/') else { continue };
        let Some((_, stays)) = kept.iter().find(|(known, _)| known == base) else { continue };
        let Some(sizes) = graph.sizes(output) else { continue };
        let batch = sizes.first().copied().filter(|_| sizes.len() > 1).unwrap_or(1).max(1);
        let sample = sizes.iter().product::<u64>() / batch;
        let stays = (*stays).min(sample);
        let (of, needed) = (sample * batch, if leaf == "act" { stays } else { sample - stays } * batch);
        let lower = |n: &mut u64| *n = (u128::from(*n) * u128::from(needed) / u128::from(of.max(1))) as u64;
        if let Some(activation) = &mut count.activation {
            lower(&mut activation.elements);
            lower(&mut activation.comparisons);
        }
        for work in &mut count.work {
            match work {
                Work::Activation(activation) => {
                    lower(&mut activation.elements);
                    lower(&mut activation.comparisons);
                }
                Work::Product { elements } | Work::Scale { elements } | Work::Add { elements } => {
                    lower(elements)
                }
                _ => {}
            }
        }
        for n in [&mut count.truncations, &mut count.products, &mut count.adds] {
            lower(n);
        }
        count.marks.push(format!("{needed} of {of} elements, by the plan in the file"));
    }
}
