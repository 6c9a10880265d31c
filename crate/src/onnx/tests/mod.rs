//! Tests of the reader: real models against prost's full decode, damage, and what is not ONNX.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod bad;
mod beside;
mod damage;
mod fields;
mod fuzz;
mod large;
mod models;
mod strip;
mod wire;

use std::ops::ControlFlow;
use std::path::PathBuf;

use super::skeleton::Skeleton;
use super::{ReadAt, open};
use crate::error::Result;

/// Opens bytes without progress.
fn opened(name: &str, source: &dyn ReadAt) -> Result<Skeleton> {
    open(name, source, &mut |_, _| ControlFlow::Continue(()))
}

/// A folder of the corpus.
fn corpus(folder: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/corpus").join(folder)
}

/// Every model of the corpus: name and bytes.
fn models() -> Vec<(String, Vec<u8>)> {
    let mut found: Vec<_> = std::fs::read_dir(corpus("models"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "onnx"))
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read(&path).unwrap()))
        .collect();
    found.sort();
    assert!(found.len() >= 10, "the corpus has {} models", found.len());
    found
}

/// SplitMix64: a few lines, the same numbers everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`, which is not zero.
    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}
