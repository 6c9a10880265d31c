//! Real models: every activation is found and can be replaced, and little of the file is read.

use super::*;
use crate::count::{Kind, Status, count};

fn models() -> Vec<(String, Vec<u8>)> {
    let folder = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/corpus/models");
    let mut found: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "onnx"))
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap()))
        .collect();
    found.sort();
    assert!(found.len() >= 10);
    found
}

/// Elements that can be replaced, by the counter.
fn counted(graph: &Graph) -> u64 {
    let replaced =
        [Kind::ReLU, Kind::ReLU6, Kind::LeakyReLU, Kind::SiLU, Kind::GELU, Kind::GELUTanh, Kind::HardSwish];
    let of =
        |a: &crate::count::Activation| if replaced.contains(&a.kind) && !a.folded { a.elements } else { 0 };
    let counts = count(graph);
    counts.iter().filter(|c| c.status == Status::Counted).filter_map(|c| c.activation.as_ref()).map(of).sum()
}

#[test]
fn what_the_counter_counts_can_be_replaced() {
    for (name, bytes) in models() {
        let (_, graph) = opened(&bytes);
        let plain = |a: &Activation| !a.gate;
        let elements = |a: &Activation| graph.elements(a.output).unwrap();
        let found: u64 = activations(&graph).iter().filter(|a| plain(a)).map(elements).sum();
        assert_eq!(found, counted(&graph), "{name}");
        if name.starts_with("efficientnet_b2") {
            // Published: 8,803,536; 626 more are inside the squeeze-excite blocks.
            assert_eq!(found, 8_803_536 + 626);
        }
        let gone = rewritten(&bytes, &|i, a| plain(a).then(|| all_gone(i, a)).flatten());
        let (_, graph) = opened(&gone);
        assert_eq!(counted(&graph), 0, "{name}");
        let masked = rewritten(&bytes, &|i, a| plain(a).then(|| some_stay(i, a)).flatten());
        let (_, graph) = opened(&masked);
        assert!(graph.values.iter().all(|v| v.why.is_none()), "{name}: shapes are known as before");
    }
}

/// A file of 500 MB that is not there: zeros in the place of its weights.
struct Sparse {
    before: Vec<u8>,
    zeros: u64,
    after: Vec<u8>,
}

impl ReadAt for Sparse {
    fn len(&self) -> u64 {
        self.before.len() as u64 + self.zeros + self.after.len() as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> crate::error::Result<()> {
        for (at, slot) in (offset..).zip(buf) {
            let after = self.before.len() as u64 + self.zeros;
            *slot = match usize::try_from(at).ok().and_then(|i| self.before.get(i)) {
                Some(byte) => *byte,
                None if at < after => 0,
                None => self.after[usize::try_from(at - after).unwrap()],
            };
        }
        Ok(())
    }
}

#[test]
fn a_splice_of_500_mb_reads_little() {
    let (_, bytes) = models().into_iter().find(|(name, _)| name.starts_with("resnet20_32.legacy")).unwrap();
    // A tensor of 500 MB goes into the graph, before its other fields: new lengths, then zeros.
    let start = bytes.windows(2).position(|w| w[0] == 0x3a).unwrap();
    let (mut size, mut digits, mut shift) = (0u64, 0, 0);
    for byte in &bytes[start + 1..] {
        (size, digits, shift) = (size | u64::from(byte & 0x7f) << shift, digits + 1, shift + 7);
        if byte & 0x80 == 0 {
            break;
        }
    }
    let zeros = 500u64 << 20;
    let mut varint = Vec::new();
    let put = |out: &mut Vec<u8>, mut value: u64| {
        while value >= 0x80 {
            out.push(value as u8 & 0x7f | 0x80);
            value >>= 7;
        }
        out.push(value as u8);
    };
    // dims, type UINT8, name, raw_data.
    let mut tensor = vec![0x08];
    put(&mut tensor, zeros);
    tensor.extend([0x10, 2, 0x42, 3]);
    tensor.extend(b"big");
    tensor.push(0x4a);
    put(&mut tensor, zeros);
    put(&mut varint, tensor.len() as u64 + zeros);
    let mut before = bytes[..=start].to_vec();
    put(&mut before, size + 1 + varint.len() as u64 + tensor.len() as u64 + zeros);
    before.push(0x2a);
    before.extend(&varint);
    before.extend(&tensor);
    let big = Sparse { before, zeros, after: bytes[start + 1 + digits..].to_vec() };

    let after = spliced(&big, &some_stay);
    assert!(after.bytes_read < 5 << 20, "{} bytes read", after.bytes_read);
    let new: usize = after.pieces.iter().map(|p| if let Piece::Bytes(b) = p { b.len() } else { 0 }).sum();
    assert!(new < 3 << 20 && after.bytes > zeros);
    // But for the big tensor the result is that of the small model.
    let small = decoded(&rewritten(&bytes, &some_stay));
    let mut kept = Vec::new();
    let mut at = 0;
    for piece in &after.pieces {
        match piece {
            Piece::Bytes(b) => kept.extend_from_slice(b),
            Piece::Copy { offset, length } => {
                at = at.max(*length);
                if *length < 1 << 20 {
                    let mut part = vec![0; usize::try_from(*length).unwrap()];
                    big.read_at(*offset, &mut part).unwrap();
                    kept.extend(part);
                }
            }
        }
    }
    assert!(at > zeros, "the weights are one range");
    assert!(small.graph.unwrap().node.iter().filter(|n| n.op_type() == "Where").count() > 10);
}
