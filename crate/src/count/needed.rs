//! Elements that a plan keeps: a model whose activations stay in part computes activation and
//! polynomial everywhere and chooses by a stored mask; a protocol computes each element once.
//!
//! The plan's file says how many elements stay (`rewrite` writes it): under the base name of a
//! site's new values, `BASE/act` is needed for those, every other `BASE/..` for the rest. An entry under
//! a value's own name says the same of a linear layer whose other outputs are dropped. A count is
//! lowered, never raised.

use super::{NodeCount, Work};
use crate::ir::graph::Graph;

/// Lowers the counts of one sample's plan to what is needed. `kept`: (base, elements that stay).
pub fn lower(graph: &Graph, counts: &mut [NodeCount], kept: &[(String, u64)]) {
    for (node, count) in graph.nodes.iter().zip(counts) {
        let Some(output) = node.output(0) else { continue };
        let name = graph.value(output).name.as_str();
        let (base, leaf) = name.rsplit_once('/').unwrap_or((name, ""));
        let find = |name: &str| kept.iter().find(|(known, _)| known == name).map(|(_, stays)| *stays);
        let (whole, part) = (find(name), find(base));
        let Some(stays) = whole.or(part) else { continue };
        let Some(sizes) = graph.sizes(output) else { continue };
        let batch = sizes.first().copied().filter(|_| sizes.len() > 1).unwrap_or(1).max(1);
        let sample = sizes.iter().product::<u64>() / batch;
        let stays = stays.min(sample);
        let stands = leaf == "act" || whole.is_some();
        let (of, needed) = (sample * batch, if stands { stays } else { sample - stays } * batch);
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
                Work::Conv(conv) if whole.is_some() => {
                    conv.places = Some(needed / conv.out_channels.max(1));
                }
                Work::BatchNorm { elements } if whole.is_some() => lower(elements),
                _ => {}
            }
        }
        for n in [&mut count.truncations, &mut count.products, &mut count.adds] {
            lower(n);
        }
        if whole.is_some() {
            let valid = count.macs_valid;
            for n in [&mut count.macs, &mut count.bias, &mut count.batch_norm] {
                lower(n);
            }
            // Which places touch the edge is in the mask: at most all of those that are left.
            count.macs_valid = valid.min(count.macs);
            if needed == 0 {
                count.work.clear();
            }
        }
        count.marks.push(format!("{needed} of {of} elements, by the plan in the file"));
    }
}
