//! Large files: what is read of them, how often, and that it can be watched and stopped.

use std::cell::Cell;
use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::ops::ControlFlow;
use std::time::Instant;

use super::opened;
use super::wire::data;
use crate::error::{Code, Result};
use crate::onnx::{LocalFile, ReadAt, open};

/// Counts the calls.
struct Counted<'a> {
    source: &'a dyn ReadAt,
    reads: Cell<u64>,
    bytes: Cell<u64>,
}

impl ReadAt for Counted<'_> {
    fn len(&self) -> u64 {
        self.source.len()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<()> {
        self.reads.set(self.reads.get() + 1);
        self.bytes.set(self.bytes.get() + buf.len() as u64);
        self.source.read_at(offset, buf)
    }
}

/// Headers of `count` tensors whose raw data is a hole of `hole` bytes each.
fn header(index: usize, hole: u64) -> Vec<u8> {
    let mut fields = vec![0x08];
    prost::encoding::encode_varint(hole / 4, &mut fields);
    fields.extend([0x10, 1]);
    fields.extend(data(8, format!("layers.{index}.conv.weight").as_bytes()));
    fields.push(0x4a);
    prost::encoding::encode_varint(hole, &mut fields);
    let mut out = vec![0x2a];
    prost::encoding::encode_varint(fields.len() as u64 + hole, &mut out);
    out.extend(fields);
    out
}

#[test]
fn a_sparse_file_of_2_2_gigabytes_opens_by_its_structure() {
    let (count, hole) = (200, 11_000_000u64);
    let headers: Vec<_> = (0..count).map(|i| header(i, hole)).collect();
    let node = data(1, &data(4, b"Relu"));
    let content: u64 = headers.iter().map(|h| h.len() as u64 + hole).sum::<u64>() + node.len() as u64;
    let path = std::env::temp_dir().join(format!("reluctant-sparse-{}.onnx", std::process::id()));
    let mut file = File::create(&path).unwrap();
    file.write_all(&[0x08, 8, 0x3a]).unwrap();
    let mut length = Vec::new();
    prost::encoding::encode_varint(content, &mut length);
    file.write_all(&length).unwrap();
    file.write_all(&node).unwrap();
    for header in &headers {
        file.write_all(header).unwrap();
        file.seek(SeekFrom::Current(hole as i64)).unwrap();
    }
    file.write_all(&[0x42, 2, 0x10, 17]).unwrap();
    drop(file);

    let begin = Instant::now();
    let source = LocalFile::open(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    let counted = Counted { source: &source, reads: Cell::new(0), bytes: Cell::new(0) };
    let skeleton = opened("sparse.onnx", &counted).unwrap();
    println!(
        "{} bytes: {} read in {} calls, {:?}",
        skeleton.file_bytes,
        skeleton.bytes_read,
        counted.reads.get(),
        begin.elapsed()
    );
    assert!(skeleton.file_bytes > 2_200_000_000);
    assert_eq!(skeleton.bytes_read, counted.bytes.get());
    assert!(skeleton.bytes_read < 200_000 && counted.reads.get() <= 2 * count as u64);
    assert_eq!(skeleton.payloads.len(), count);
    let last = skeleton.payloads[count - 1];
    assert_eq!((last.length, last.offset), (hole, skeleton.file_bytes - 4 - hole));
    assert!(last.offset > u64::from(u32::MAX) / 2);
}

#[test]
fn small_tensors_are_read_across_rather_than_jumped() {
    let (count, hole) = (2000, 3000u64);
    let mut graph = Vec::new();
    for i in 0..count {
        graph.extend(header(i, hole));
        graph.resize(graph.len() + hole as usize, 0);
    }
    let (bytes, _) = super::wire::model(&graph);
    let counted = Counted { source: &bytes, reads: Cell::new(0), bytes: Cell::new(0) };
    assert_eq!(opened("small.onnx", &counted).unwrap().payloads.len(), count);
    // 6 MB in windows of 64 KB: about a hundred calls, not two thousand.
    assert!(counted.reads.get() < 110, "{} reads", counted.reads.get());
}

#[test]
fn progress_goes_forward_to_the_end_and_can_stop() {
    let (bytes, _) = super::wire::model(&data(1, &data(4, b"Relu")).repeat(100_000));
    let mut seen = Vec::new();
    open("p.onnx", &bytes, &mut |done, total| {
        assert_eq!(total, bytes.len() as u64);
        seen.push(done);
        ControlFlow::Continue(())
    })
    .unwrap();
    assert!(seen.len() > 5 && seen.is_sorted(), "{seen:?}");
    assert_eq!(seen.last(), Some(&(bytes.len() as u64)));

    let mut calls = 0;
    let e = open("p.onnx", &bytes, &mut |_, _| {
        calls += 1;
        if calls < 3 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })
    .unwrap_err();
    assert_eq!((e.code, calls), (Code::Cancelled, 3));
    assert!(e.place.offset.is_some() && !e.hint.is_empty());
}

#[test]
fn a_source_that_fails_or_shrinks_is_an_error() {
    struct Shrunk;
    impl ReadAt for Shrunk {
        fn len(&self) -> u64 {
            1 << 40
        }
        fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<()> {
            (&[8u8, 8, 0x3a][..]).read_at(offset, buf)
        }
    }
    let e = opened("gone.onnx", &Shrunk).unwrap_err();
    assert_eq!((e.code, e.place.file.as_deref()), (Code::Io, Some("gone.onnx")));
    assert!(!e.hint.is_empty() && e.place.offset.is_some());
}
