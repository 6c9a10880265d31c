//! Sums that cancel, and those of which that is not known. What cleaned files compute is held by `tests/react.rs`.

use super::nested::{info, model, node};
use super::*;
use crate::ir::dim::Dim;
use crate::onnx::ValueInfoProto;

/// S and T are x in sizes that two inputs say: T may be S many times over, and the sum with it.
#[test]
fn a_sum_of_unknown_sizes_stays() {
    let made = |shape_of_t: &str| {
        let mut made = model(vec![
            node("Reshape", &["x", "ours"], &["s"]),
            node("Reshape", &["x", shape_of_t], &["t"]),
            node("Sub", &["s", "t"], &["d"]),
            node("Add", &["d", "t"], &["y"]),
        ]);
        let graph = made.graph.as_mut().unwrap();
        graph.input.extend([info("ours", &[2], 7), info("other", &[2], 7)]);
        graph.output = vec![ValueInfoProto { name: Some("y".to_owned()), ..Default::default() }];
        made.encode_to_vec()
    };
    for shape in ["ours", "other"] {
        let bytes = made(shape);
        let (model, graph) = opened(&&bytes[..]);
        let sizes = |name: &str| graph.values.iter().find(|value| value.name == name).unwrap().ty.shape();
        assert_eq!(sizes("s"), Some(&[Dim::Unknown, Dim::Unknown][..]));
        assert_eq!(sizes("y").map(<[Dim]>::len), Some(2));
        let mut go = |_, _| ControlFlow::Continue(());
        let (_, cleaned) = super::super::clean::clean(&&bytes[..], &model, &graph, &mut go).unwrap();
        assert!(cleaned.sums.is_empty(), "{:?}", cleaned.sums);
    }
}

/// Of known sizes it goes, where they are the same.
#[test]
fn a_sum_of_known_sizes_goes_where_they_are_the_same() {
    let nodes = || {
        vec![
            node("Relu", &["x"], &["s"]),
            node("Sigmoid", &["x"], &["t"]),
            node("Sub", &["s", "t"], &["d"]),
            node("Add", &["d", "t"], &["y"]),
        ]
    };
    let bytes = model(nodes()).encode_to_vec();
    let (model, graph) = opened(&&bytes[..]);
    let mut go = |_, _| ControlFlow::Continue(());
    let (_, cleaned) = super::super::clean::clean(&&bytes[..], &model, &graph, &mut go).unwrap();
    assert_eq!((cleaned.sums, cleaned.before, cleaned.after), (vec!["y".to_owned()], 4, 1));
}
