//! Hand-written messages: what is kept, what is left in the file, and at which byte.

use prost::Message;

use super::opened;
use crate::limits::{INLINE_LIST_BYTES, INLINE_PAYLOAD_BYTES};
use crate::onnx::skeleton::Skeleton;
use crate::onnx::*;

/// One length-delimited field.
pub(super) fn data(field: u32, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    prost::encoding::encode_key(field, prost::encoding::WireType::LengthDelimited, &mut out);
    prost::encoding::encode_varint(content.len() as u64, &mut out);
    out.extend_from_slice(content);
    out
}

/// A model around the fields of a graph; the graph's content starts at the returned offset.
pub(super) fn model(graph: &[u8]) -> (Vec<u8>, u64) {
    let mut bytes = vec![0x08, 8, 0x42, 2, 0x10, 17];
    let field = data(7, graph);
    let at = bytes.len() + field.len() - graph.len();
    bytes.extend(field);
    (bytes, at as u64)
}

fn tensor(fields: &[u8]) -> (Skeleton, TensorProto, u64) {
    let wrapped = data(5, fields);
    let inner = (wrapped.len() - fields.len()) as u64;
    let (bytes, at) = model(&wrapped);
    let skeleton = opened("t.onnx", &bytes).unwrap();
    let tensor = skeleton.model.graph.as_ref().unwrap().initializer[0].clone();
    (skeleton, tensor, at + inner)
}

#[test]
fn a_payload_of_the_limit_stays_and_one_byte_more_goes() {
    let limit = INLINE_PAYLOAD_BYTES as usize;
    let (skeleton, kept, _) = tensor(&data(9, &vec![7; limit]));
    assert_eq!((kept.raw_data(), skeleton.payloads.len()), (vec![7; limit].as_slice(), 0));

    let (skeleton, left, at) = tensor(&data(9, &vec![7; limit + 1]));
    assert_eq!((left.raw_data, left.payload), (None, vec![0]));
    // Three bytes before the data: a tag and a length of two bytes.
    let payload =
        Payload { file: 0, field: 9, offset: at + 3, length: INLINE_PAYLOAD_BYTES + 1, tagged: false };
    assert_eq!(skeleton.payloads, [payload]);
}

#[test]
fn packed_numbers_in_pieces_are_one_payload() {
    let piece = data(4, &[0; 600]);
    let (skeleton, left, at) = tensor(&[piece.clone(), piece].concat());
    assert_eq!((left.float_data.len(), left.payload), (0, vec![0, 1]));
    let ranges: Vec<_> = skeleton.payloads.iter().map(|p| (p.field, p.offset - at, p.length)).collect();
    assert_eq!(ranges, [(4, 3, 600), (4, 606, 600)]);
}

#[test]
fn numbers_that_are_not_packed_are_summed_up() {
    let one = [0x25, 0, 0, 0x80, 0x3f];
    let (skeleton, kept, _) = tensor(&one.repeat(200));
    assert_eq!((kept.float_data, skeleton.payloads.len()), (vec![1.0; 200], 0));

    let (skeleton, left, at) = tensor(&one.repeat(1000));
    assert_eq!((left.float_data.len(), left.payload), (0, vec![0]));
    assert_eq!(skeleton.payloads, [Payload { file: 0, field: 4, offset: at, length: 5000, tagged: true }]);
}

#[test]
fn strings_of_a_tensor_are_one_tagged_range() {
    let one = data(6, b"a label of twenty-three");
    let (skeleton, left, at) = tensor(&one.repeat(100));
    assert_eq!((left.string_data.len(), left.payload), (0, vec![0]));
    let length = 100 * one.len() as u64;
    assert_eq!(skeleton.payloads, [Payload { file: 0, field: 6, offset: at, length, tagged: true }]);
}

#[test]
fn the_private_field_is_never_taken_from_a_file() {
    let mut forged = TensorProto { payload: vec![3, 4], raw_data: Some(vec![1]), ..Default::default() };
    let (skeleton, read, _) = tensor(&forged.encode_to_vec());
    forged.payload.clear();
    assert_eq!((read, skeleton.payloads.len()), (forged, 0));
}

/// A model with tensors of `bytes` bytes in every place that can hold one: 48 of them.
pub(super) fn model_of_every_hiding_place(bytes: usize) -> ModelProto {
    let big = || TensorProto { raw_data: Some(vec![0; bytes]), ..Default::default() };
    let sparse = || SparseTensorProto { values: Some(big()), indices: Some(big()), dims: vec![9] };
    let node = |a: AttributeProto| NodeProto { attribute: vec![a], ..Default::default() };
    let graph = |nodes: Vec<NodeProto>| GraphProto {
        node: nodes,
        initializer: vec![big()],
        sparse_initializer: vec![sparse()],
        ..Default::default()
    };
    let body = graph(vec![]);
    // 1 + 2 + 2 + 2 + 3 + 3 tensors, and three more in each graph.
    let attribute = AttributeProto {
        t: Some(Box::new(big())),
        tensors: vec![big(), big()],
        sparse_tensor: Some(Box::new(sparse())),
        sparse_tensors: vec![sparse()],
        g: Some(Box::new(body.clone())),
        graphs: vec![body],
        ..Default::default()
    };
    ModelProto {
        ir_version: Some(10),
        opset_import: vec![OperatorSetIdProto { version: Some(21), ..Default::default() }],
        graph: Some(graph(vec![node(attribute.clone())])),
        functions: vec![FunctionProto {
            node: vec![node(attribute.clone())],
            attribute_proto: vec![attribute],
            ..Default::default()
        }],
        training_info: vec![TrainingInfoProto {
            initialization: Some(graph(vec![])),
            algorithm: Some(graph(vec![])),
            ..Default::default()
        }],
        ..Default::default()
    }
}

#[test]
fn payloads_are_found_wherever_tensors_hide() {
    let bytes = model_of_every_hiding_place(4096).encode_to_vec();
    let skeleton = opened("hidden.onnx", &bytes).unwrap();
    assert_eq!(skeleton.payloads.len(), (13 + 3) + 13 + 13 + 3 + 3);
    assert_eq!(super::strip::payload_indices(&skeleton.model), (0..48).collect::<Vec<u32>>());
    assert!(skeleton.model.encoded_len() < 2000);
}

#[test]
fn long_lists_of_attributes_stay_in_the_file() {
    let node = |count: usize| {
        let attribute = AttributeProto {
            name: Some("weights".into()),
            ints: vec![1; count],
            floats: vec![1.0; count],
            ..Default::default()
        };
        let graph = GraphProto {
            node: vec![NodeProto { attribute: vec![attribute], ..Default::default() }],
            ..Default::default()
        };
        let (bytes, _) = model(&graph.encode_to_vec());
        let skeleton = opened("a.onnx", &bytes).unwrap();
        let a = skeleton.model.graph.unwrap().node[0].attribute[0].clone();
        (a, skeleton.payloads)
    };
    let (small, none) = node(100);
    assert_eq!((small.ints.len(), small.floats.len(), none.len()), (100, 100, 0));
    let many = INLINE_LIST_BYTES as usize / 4;
    let (large, payloads) = node(many);
    assert_eq!((large.name(), large.ints.len(), large.floats.len()), ("weights", 0, 0));
    assert_eq!(large.payload, [0, 1]);
    // Written one by one: five bytes a float, two a small integer.
    let lengths: Vec<_> = payloads.iter().map(|p| (p.field, p.length, p.tagged)).collect();
    assert_eq!(lengths, [(7, 5 * many as u64, true), (8, 2 * many as u64, true)]);
}

#[test]
fn names_that_are_not_utf8_stay_apart() {
    let node = |name: &[u8]| data(1, &[data(2, name), data(4, b"Relu")].concat());
    let (bytes, _) = model(&[node(b"a\xff"), node(b"a\xfe"), node("\u{e4}".as_bytes())].concat());
    let skeleton = opened("n.onnx", &bytes).unwrap();
    let names: Vec<_> = skeleton.model.graph.unwrap().node.iter().map(|n| n.output[0].clone()).collect();
    assert_eq!(names, ["a\u{fffd}ff", "a\u{fffd}fe", "\u{e4}"]);
    assert_eq!(skeleton.lossy_strings, 2);
}

#[test]
fn unknown_fields_and_doc_strings_are_left_out() {
    let node = NodeProto {
        op_type: Some("Relu".into()),
        doc_string: Some("from model.py, line 7".repeat(500)),
        metadata_props: vec![StringStringEntryProto::default()],
        ..Default::default()
    };
    let (mut bytes, _) = model(&[data(1, &node.encode_to_vec()), data(999, b"new in 2030")].concat());
    bytes.extend(data(6, b"docs"));
    bytes.extend(
        ModelProto {
            metadata_props: vec![StringStringEntryProto {
                key: Some("names".into()),
                value: Some("{}".into()),
            }],
            ..Default::default()
        }
        .encode_to_vec(),
    );
    let model = opened("n.onnx", &bytes).unwrap().model;
    assert_eq!(model.doc_string, None);
    assert_eq!(model.metadata_props[0].key(), "names");
    let kept = &model.graph.unwrap().node[0];
    assert_eq!(kept, &NodeProto { op_type: Some("Relu".into()), ..Default::default() });
}

#[test]
fn structure_out_of_proportion_is_refused() {
    // Two bytes in the file, a whole node in memory each: refused by what it would become.
    let (bytes, _) = model(&[0x0a, 0].repeat(8 << 20));
    let e = opened("nodes.onnx", &bytes).unwrap_err();
    assert_eq!(e.code, crate::error::Code::LimitExceeded, "{e}");
}
