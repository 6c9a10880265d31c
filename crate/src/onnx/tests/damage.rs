//! Damaged models give a skeleton or an error with code, place and hint; never a panic, never
//! work or memory out of proportion to the file.

use prost::Message;

use super::strip::{Strip, payload_indices};
use super::{Random, models, opened};
use crate::error::{Code, Error};
use crate::onnx::ModelProto;
use crate::onnx::skeleton::Skeleton;

/// Opens damaged bytes and checks what holds for every outcome.
pub(super) fn survive(what: &str, bytes: &[u8]) -> Result<Skeleton, Error> {
    let outcome = opened("damaged.onnx", &bytes);
    match &outcome {
        Ok(skeleton) => {
            let owned = payload_indices(&skeleton.model);
            assert_eq!(owned, (0..skeleton.payloads.len() as u32).collect::<Vec<_>>(), "{what}");
            for p in &skeleton.payloads {
                let end = p.offset.checked_add(p.length).unwrap();
                assert!(end <= bytes.len() as u64, "{what}: {p:?}");
            }
            // A file byte is fetched once, or not at all.
            assert!(skeleton.bytes_read <= bytes.len() as u64, "{what}");
        }
        Err(e) => {
            let offset = e.place.offset.unwrap_or_else(|| panic!("{what}: no offset: {e}"));
            assert!(offset <= bytes.len() as u64, "{what}: {e}");
            assert_eq!(e.place.file.as_deref(), Some("damaged.onnx"), "{what}");
            assert!(!e.hint.is_empty() && !e.message.is_empty(), "{what}: {e}");
        }
    }
    agrees_with_prost(what, bytes, &outcome);
    outcome
}

/// What prost decodes whole, the walk must open, to the same messages. (Not the other way round:
/// the walk repairs strings, and does not look into what it leaves out.)
fn agrees_with_prost(what: &str, bytes: &[u8], outcome: &Result<Skeleton, Error>) {
    let Ok(mut full) = ModelProto::decode(bytes) else { return };
    if full.graph.is_none() || full.ir_version() < 3 || full.opset_import.is_empty() {
        assert!(outcome.is_err(), "{what}");
        return;
    }
    match outcome {
        Ok(skeleton) => {
            let mut model = skeleton.model.clone();
            Strip { all: true, ..Strip::default() }.model(&mut model);
            Strip { all: true, ..Strip::default() }.model(&mut full);
            // As bytes, since a NaN is not equal to itself.
            assert!(model.encode_to_vec() == full.encode_to_vec(), "{what}: other messages than prost's");
            assert_eq!(skeleton.lossy_strings, 0, "{what}");
        }
        // prost skips groups in fields that it does not know, nests to a hundred, and knows no
        // other formats: a model starts with its IR version, which is not 1.
        Err(e) => {
            let other = e.code == Code::NotOnnx && (bytes.first() != Some(&8) || bytes.get(1) == Some(&1));
            let stricter = other || e.code == Code::LimitExceeded || e.message.contains("group");
            assert!(stricter, "{what}: prost decodes it: {e}");
        }
    }
}

#[test]
fn a_model_cut_at_64_places_says_that_it_was_cut() {
    for (name, bytes) in models() {
        for i in 0..64 {
            let cut = bytes.len() * i / 64;
            let e = survive(&format!("{name} cut at {cut}"), &bytes[..cut]).unwrap_err();
            match i {
                0 => assert_eq!(e.code, Code::EmptyFile),
                _ => assert_eq!((e.code, e.place.offset), (Code::Truncated, Some(cut as u64)), "{name}: {e}"),
            }
        }
    }
}

#[test]
fn the_last_bytes_may_be_missing_too() {
    for (name, bytes) in models() {
        // Between the graph and the end lie the operator sets: whole fields may be missing there.
        for cut in bytes.len() - 40..bytes.len() {
            if let Err(e) = survive(&format!("{name} cut at {cut}"), &bytes[..cut]) {
                assert!(matches!(e.code, Code::Truncated | Code::UnsupportedVersion), "{name}: {e}");
            }
        }
    }
}

#[test]
fn two_thousand_flipped_bits() {
    let models = models();
    let mut random = Random(2);
    let mut opened = 0;
    for round in 0..2000 {
        let (name, bytes) = &models[random.below(models.len())];
        let mut bytes = bytes.clone();
        // Half of them near the start, where the structure is.
        let reach = if round % 2 == 0 { bytes.len() } else { bytes.len().min(4096) };
        let (at, bit) = (random.below(reach), random.below(8));
        bytes[at] ^= 1 << bit;
        opened += usize::from(survive(&format!("{name} byte {at} bit {bit}"), &bytes).is_ok());
    }
    // Both outcomes must occur, otherwise the test tests nothing.
    assert!((200..1999).contains(&opened), "{opened} of 2000 opened");
}
