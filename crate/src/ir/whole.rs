//! Products with a whole number: shares are multiplied by it as it is, so that nothing is truncated and nothing is sent.

use super::graph::{Graph, Node};

/// Largest whole number by which shares are multiplied without a truncation; the value must still fit the ring.
const MOST: f64 = 256.0;

/// The whole number that a factor is, if it is one: 2.0 is 2, 0.5 and 257 are none.
pub fn whole(factor: f64) -> Option<i64> {
    (factor.fract() == 0.0 && factor.abs() <= MOST).then_some(factor as i64)
}

/// The whole number of a product with one, and which input it is. What is known of it is in the file as one scalar: counts, the
/// ring's simulation and the protocol's run all ask here.
pub fn whole_factor(graph: &Graph, node: &Node) -> Option<(usize, i64)> {
    if !node.is("Mul") {
        return None;
    }
    let factor = |place: usize| {
        let scalar = graph.value(node.input(place)?).constant.as_ref()?.scalar()?;
        Some((place, whole(scalar)?))
    };
    factor(0).or_else(|| factor(1))
}
