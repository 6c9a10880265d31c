//! Takes out of decoded messages what the reader leaves out, so that a skeleton can be compared
//! with prost's full decode.

use crate::limits::INLINE_PAYLOAD_BYTES;
use crate::onnx::*;

/// Removes doc strings, metadata below the model, and payloads; collects the payload indices.
#[derive(Default)]
pub(super) struct Strip {
    /// The indices in the order of the messages.
    pub(super) indices: Vec<u32>,
    /// Every payload and list, rather than the large ones only.
    pub(super) all: bool,
}

/// The payload indices that a skeleton's messages hold, in ascending order.
pub(super) fn payload_indices(model: &ModelProto) -> Vec<u32> {
    let mut strip = Strip::default();
    strip.model(&mut model.clone());
    strip.indices.sort_unstable();
    strip.indices
}

impl Strip {
    pub(super) fn model(&mut self, model: &mut ModelProto) {
        model.doc_string = None;
        model.graph.iter_mut().for_each(|g| self.graph(g));
        for training in &mut model.training_info {
            training.initialization.iter_mut().for_each(|g| self.graph(g));
            training.algorithm.iter_mut().for_each(|g| self.graph(g));
        }
        for function in &mut model.functions {
            function.doc_string = None;
            function.metadata_props.clear();
            function.node.iter_mut().for_each(|n| self.node(n));
            function.attribute_proto.iter_mut().for_each(|a| self.attribute(a));
            function.value_info.iter_mut().for_each(value);
        }
    }

    fn graph(&mut self, graph: &mut GraphProto) {
        graph.doc_string = None;
        graph.metadata_props.clear();
        graph.node.iter_mut().for_each(|n| self.node(n));
        graph.initializer.iter_mut().for_each(|t| self.tensor(t));
        graph.sparse_initializer.iter_mut().for_each(|s| self.sparse(s));
        graph.input.iter_mut().chain(&mut graph.output).chain(&mut graph.value_info).for_each(value);
    }

    fn node(&mut self, node: &mut NodeProto) {
        node.doc_string = None;
        node.metadata_props.clear();
        node.attribute.iter_mut().for_each(|a| self.attribute(a));
    }

    fn attribute(&mut self, a: &mut AttributeProto) {
        a.doc_string = None;
        self.indices.append(&mut a.payload);
        a.t.iter_mut().for_each(|t| self.tensor(t));
        a.tensors.iter_mut().for_each(|t| self.tensor(t));
        a.sparse_tensor.iter_mut().for_each(|s| self.sparse(s));
        a.sparse_tensors.iter_mut().for_each(|s| self.sparse(s));
        a.g.iter_mut().for_each(|g| self.graph(g));
        a.graphs.iter_mut().for_each(|g| self.graph(g));
        if self.all {
            a.s = None;
            a.floats.clear();
            a.ints.clear();
            a.strings.clear();
        }
    }

    fn sparse(&mut self, sparse: &mut SparseTensorProto) {
        sparse.values.iter_mut().chain(&mut sparse.indices).for_each(|t| self.tensor(t));
    }

    fn tensor(&mut self, t: &mut TensorProto) {
        self.indices.append(&mut t.payload);
        t.doc_string = None;
        t.metadata_props.clear();
        // The corpus writes raw_data; its few packed fields are fixed-width or far from the limit.
        let numbers =
            4 * t.float_data.len() + 8 * t.double_data.len() + t.int32_data.len() + t.int64_data.len();
        let raw = t.raw_data.as_ref().map_or(0, Vec::len);
        if self.all || (raw + numbers) as u64 > INLINE_PAYLOAD_BYTES {
            *t = TensorProto {
                raw_data: None,
                float_data: vec![],
                double_data: vec![],
                int32_data: vec![],
                int64_data: vec![],
                uint64_data: vec![],
                string_data: vec![],
                ..std::mem::take(t)
            };
        }
    }
}

fn value(value: &mut ValueInfoProto) {
    value.doc_string = None;
    value.metadata_props.clear();
}
