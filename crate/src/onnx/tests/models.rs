//! Every model of the corpus: the skeleton is prost's full decode minus what the reader says it
//! leaves out, and the payload table points at exactly those bytes.

use prost::Message;

use super::strip::{Strip, payload_indices};
use super::{models, opened};
use crate::limits::INLINE_PAYLOAD_BYTES;
use crate::onnx::*;

#[test]
fn the_skeleton_is_the_full_decode_without_payloads() {
    for (name, bytes) in models() {
        let mut skeleton = opened(&name, &bytes).unwrap();
        let mut full = ModelProto::decode(bytes.as_slice()).unwrap();
        Strip::default().model(&mut full);
        let left = payload_indices(&skeleton.model);
        Strip::default().model(&mut skeleton.model);
        assert!(skeleton.model == full, "{name}");
        assert_eq!(
            left,
            (0..skeleton.payloads.len() as u32).collect::<Vec<_>>(),
            "{name}: every payload has one owner"
        );
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
