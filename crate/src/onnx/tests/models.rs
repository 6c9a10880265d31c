//! Every model of the corpus: the skeleton is prost's full decode minus what the reader says it
//! leaves out, and the payload table points at exactly those bytes.

use prost::Message;

use super::{models, opened};
use crate::limits::INLINE_PAYLOAD_BYTES;
use crate::onnx::*;

#[test]
fn the_skeleton_is_the_full_decode_without_payloads() {
    for (name, bytes) in models() {
        let mut skeleton = opened(&name, &bytes).unwrap();
        let mut full = ModelProto::decode(bytes.as_slice()).unwrap();
        strip_model(&mut full, &mut Vec::new());
        let left = payload_indices(&mut skeleton.model);
        assert!(skeleton.model == full, "{name}");
        assert_eq!(left.len(), skeleton.payloads.len(), "{name}: every payload has one owner");
        assert_eq!(skeleton.lossy_strings, 0, "{name}");
    }
}

#[test]
fn the_table_points_at_the_payloads() {
    for (name, bytes) in models() {
        let skeleton = opened(&name, &bytes).unwrap();
        let full = ModelProto::decode(bytes.as_slice()).unwrap();
        let (thin, thick) = (skeleton.model.graph.unwrap(), full.graph.unwrap());
        assert_eq!(thin.initializer.len(), thick.initializer.len(), "{name}");
        for (a, b) in thin.initializer.iter().zip(&thick.initializer) {
            let Some(raw) = b.raw_data.as_ref().filter(|r| r.len() as u64 > INLINE_PAYLOAD_BYTES) else {
                assert!(a.payload.is_empty(), "{name}: {:?}", a.name);
                continue;
            };
            assert_eq!(a.payload.len(), 1, "{name}: {:?}", a.name);
            let range = skeleton.payloads[a.payload[0] as usize];
            assert_eq!((range.file, range.field, range.tagged), (0, 9, false));
            let at = range.offset as usize;
            assert!(bytes[at..at + range.length as usize] == raw[..], "{name}: {:?}", a.name);
        }
    }
}

#[test]
fn little_is_read() {
    for (name, bytes) in models() {
        let skeleton = opened(&name, &bytes).unwrap();
        let payload: u64 = skeleton.payloads.iter().map(|p| p.length).sum();
        let rest = bytes.len() as u64 - payload;
        println!("{name}: {} bytes, {} read, {rest} outside payloads", bytes.len(), skeleton.bytes_read);
        assert!(skeleton.bytes_read <= bytes.len() as u64, "{name}");
        assert_eq!(skeleton.file_bytes, bytes.len() as u64);
    }
}

/// The payload indices that a skeleton's messages hold, in ascending order.
pub(super) fn payload_indices(model: &mut ModelProto) -> Vec<u32> {
    let mut left = Vec::new();
    strip_model(model, &mut left);
    left.sort_unstable();
    left
}

/// Removes what the reader leaves out; collects the payload indices it finds.
fn strip_model(model: &mut ModelProto, left: &mut Vec<u32>) {
    model.doc_string = None;
    model.graph.iter_mut().for_each(|g| strip_graph(g, left));
    for training in &mut model.training_info {
        training.initialization.iter_mut().for_each(|g| strip_graph(g, left));
        training.algorithm.iter_mut().for_each(|g| strip_graph(g, left));
    }
    for function in &mut model.functions {
        function.doc_string = None;
        function.metadata_props.clear();
        function.node.iter_mut().for_each(|n| strip_node(n, left));
        function.attribute_proto.iter_mut().for_each(|a| strip_attribute(a, left));
        function.value_info.iter_mut().for_each(strip_value);
    }
}

fn strip_graph(graph: &mut GraphProto, left: &mut Vec<u32>) {
    graph.doc_string = None;
    graph.metadata_props.clear();
    graph.node.iter_mut().for_each(|n| strip_node(n, left));
    graph.initializer.iter_mut().for_each(|t| strip_tensor(t, left));
    graph.sparse_initializer.iter_mut().for_each(|s| strip_sparse(s, left));
    graph.input.iter_mut().chain(&mut graph.output).chain(&mut graph.value_info).for_each(strip_value);
}

fn strip_value(value: &mut ValueInfoProto) {
    value.doc_string = None;
    value.metadata_props.clear();
}

fn strip_node(node: &mut NodeProto, left: &mut Vec<u32>) {
    node.doc_string = None;
    node.metadata_props.clear();
    node.attribute.iter_mut().for_each(|a| strip_attribute(a, left));
}

fn strip_attribute(a: &mut AttributeProto, left: &mut Vec<u32>) {
    a.doc_string = None;
    left.append(&mut a.payload);
    a.t.iter_mut().for_each(|t| strip_tensor(t, left));
    a.tensors.iter_mut().for_each(|t| strip_tensor(t, left));
    a.sparse_tensor.iter_mut().for_each(|s| strip_sparse(s, left));
    a.sparse_tensors.iter_mut().for_each(|s| strip_sparse(s, left));
    a.g.iter_mut().for_each(|g| strip_graph(g, left));
    a.graphs.iter_mut().for_each(|g| strip_graph(g, left));
}

fn strip_sparse(sparse: &mut SparseTensorProto, left: &mut Vec<u32>) {
    sparse.values.iter_mut().chain(&mut sparse.indices).for_each(|t| strip_tensor(t, left));
}

fn strip_tensor(t: &mut TensorProto, left: &mut Vec<u32>) {
    left.append(&mut t.payload);
    t.doc_string = None;
    t.metadata_props.clear();
    // The corpus writes raw_data, and the few packed fields are fixed-width or far from the limit.
    let numbers = 4 * t.float_data.len() + 8 * t.double_data.len() + t.int32_data.len() + t.int64_data.len();
    let raw = t.raw_data.as_ref().map_or(0, Vec::len);
    if (raw + numbers) as u64 > INLINE_PAYLOAD_BYTES {
        t.raw_data = None;
        t.float_data.clear();
        t.double_data.clear();
        t.int32_data.clear();
        t.int64_data.clear();
    }
}
