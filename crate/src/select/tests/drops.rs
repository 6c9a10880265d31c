//! Linear outputs that go with an activation, of graphs by hand.

use super::super::{activations, drops};
use crate::count::testing::Net;

/// y + y is one value that is read twice: its convolution is found once, and so it is behind 40 such sums, which have 2^40
/// paths.
#[test]
fn a_value_that_is_added_to_itself_is_found_once() {
    for sums in [0, 1, 40] {
        let mut net = Net::new();
        let (x, weight) = (net.input(&[1, 2, 8, 8]), net.weight(&[2, 2, 3, 3]));
        let conv = net.op("Conv", &[x, weight], &[]);
        let sum = (0..sums).fold(conv, |sum, _| net.op("Add", &[sum, sum], &[]));
        let relu = net.op("Relu", &[sum], &[]);
        let (graph, _) = net.counted(relu);
        let of = activations(&graph).remove(0);
        let found = drops(&graph, &graph.consumers(), &of);
        let values: Vec<_> = found.iter().map(|one| one.value).collect();
        assert_eq!(values, [conv], "{sums}");
    }
}
