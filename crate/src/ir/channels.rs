//! Which axis of a value holds its channels.

use super::graph::{Graph, ValueId};

/// Where the channels are: axis 1, as ONNX lays out images; the last axis of values with three axes
/// that no layer over images makes or reads (samples x tokens x features).
pub fn channel_axis(graph: &Graph, value: ValueId) -> Option<usize> {
    let rank = graph.shape(value)?.len();
    let over_images = |op: &str| {
        ["Conv", "ConvTranspose", "BatchNormalization", "InstanceNormalization", "MaxPool", "AveragePool"]
            .contains(&op)
    };
    match rank {
        0 | 1 => None,
        3 => {
            let made = graph.producer(value).is_some_and(|(_, node)| over_images(&node.op));
            let read = || graph.nodes.iter().any(|n| n.inputs.contains(&Some(value)) && over_images(&n.op));
            Some(if made || read() { 1 } else { 2 })
        }
        _ => Some(1),
    }
}
