//! Links of real networks, counted: short enough to paste, and the same table when opened.

use super::*;
use crate::count::{NodeCount, Status, count, rows};
use crate::design::{build, examples};
use crate::ir::depend::depends_on_input;
use crate::ir::graph::{Graph, NodeId};
use crate::ir::import::import;
use crate::ir::infer::infer;
use crate::ir::stages::stages;

fn table(id: &str) -> Shared {
    let mut graph = import(&build(id).unwrap()).unwrap();
    infer(&mut graph);
    let counts = count(&graph);
    let staged = stages(&graph, &depends_on_input(&graph));
    let priced = rows(&graph, &counts);
    let shown = (0..graph.nodes.len()).filter(|index| counts[*index].status == Status::Counted);
    let layers = shown
        .map(|index| {
            let row = priced.iter().find(|row| row.index == index as u32).cloned();
            let node = &graph.nodes[index];
            let blank =
                Row { index: index as u32, op: node.op.clone(), name: node.name.clone(), ..Row::default() };
            Layer {
                row: row.unwrap_or(blank),
                shape: graph
                    .sizes(node.output(0).unwrap())
                    .map(|sizes| sizes.into_iter().map(Size::Known).collect()),
                stage: staged.of(NodeId(index as u32)).map(|stage| stage.name.clone()).unwrap_or_default(),
                block: staged.node[index].1,
                figures: figures(&graph, &counts[index], index),
                marks: counts[index].marks.clone(),
                shown: None,
            }
        })
        .collect();
    Shared { layers, ..resnet50() }
}

fn figures(graph: &Graph, count: &NodeCount, index: usize) -> Figures {
    let elements: u64 =
        graph.nodes[index].outputs.iter().flatten().filter_map(|output| graph.elements(*output)).sum();
    Figures {
        macs: Some(count.macs),
        macs_valid: Some(count.macs_valid),
        params: Some(count.params.iter().map(|tensor| tensor.elements).sum()),
        params_shared: 0,
        average_pool: count.average_pool,
        truncations: count.truncations,
        products: count.products,
        adds: count.adds,
        bias: count.bias,
        batch_norm: count.batch_norm,
        weight_bytes: count.params.iter().map(|tensor| tensor.bytes).sum(),
        activation_bytes: Some(4 * elements),
    }
}

#[test]
fn links_of_real_networks_are_short() {
    for (id, limit) in [("resnet50-imagenet", 2_000), ("vit-b-16", 4_000), ("mobilenetv2", 3_000)] {
        let length = link_from_shared(&table(id), false).unwrap().len();
        assert!(length < limit, "{id}: {length} characters");
    }
}

#[test]
fn links_of_all_examples_open_to_the_same_table() {
    for example in examples() {
        let shared = table(example.id);
        let link = link_from_shared(&shared, true).unwrap();
        assert_eq!(shared_from_link(&link).unwrap(), shared, "{}", example.id);
        assert!(link.len() < 8_000, "{}: {} characters with names", example.id, link.len());
    }
}
