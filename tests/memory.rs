//! Memory of a run: a model of 500 MB holds its weights once, one that is too large is refused with
//! the size it would need, and opening, running and closing over and over takes no more.
//!
//! The models are not files: their weights are made as they are read.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::ops::ControlFlow;

use reluctant::api::{
    self, Code, Error, NamedFile, ReadAt, RunOptions, RunRequest, RunSession, Settings, Tensor,
};

/// y = x W, W of ones: `rows` x `columns`.
struct Ones {
    head: Vec<u8>,
    weights: u64,
    tail: Vec<u8>,
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

fn number(field: u64, value: u64) -> Vec<u8> {
    [varint(field << 3), varint(value)].concat()
}

fn bytes(field: u64, content: &[u8]) -> Vec<u8> {
    [varint(field << 3 | 2), varint(content.len() as u64), content.to_vec()].concat()
}

fn port(name: &str, shape: [u64; 2]) -> Vec<u8> {
    let dims: Vec<u8> = shape.iter().flat_map(|n| bytes(1, &number(1, *n))).collect();
    let tensor = [number(1, 1), bytes(2, &dims)].concat();
    [bytes(1, name.as_bytes()), bytes(2, &bytes(1, &tensor))].concat()
}

impl Ones {
    fn new(rows: u64, columns: u64) -> Self {
        let weights = rows * columns * 4;
        let node = [bytes(1, b"x"), bytes(1, b"w"), bytes(2, b"y"), bytes(4, b"MatMul")].concat();
        let ports = [bytes(11, &port("x", [1, rows])), bytes(12, &port("y", [1, columns]))].concat();
        let tensor = [
            number(1, rows),
            number(1, columns),
            number(2, 1),
            bytes(8, b"w"),
            varint(9 << 3 | 2),
            varint(weights),
        ];
        let tensor = tensor.concat();
        let tensor_bytes = tensor.len() as u64 + weights;
        let graph = [bytes(1, &node), ports, varint(5 << 3 | 2), varint(tensor_bytes)].concat();
        let graph_bytes = graph.len() as u64 + tensor_bytes;
        let tail = bytes(8, &number(2, 17));
        let head = [number(1, 8), varint(7 << 3 | 2), varint(graph_bytes), graph, tensor].concat();
        Self { head, weights, tail }
    }
}

impl ReadAt for Ones {
    fn len(&self) -> u64 {
        self.head.len() as u64 + self.weights + self.tail.len() as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), Error> {
        let one = 1f32.to_le_bytes();
        let (first, last) = (self.head.len() as u64, self.head.len() as u64 + self.weights);
        if offset >= first && offset + buf.len() as u64 <= last {
            let mut turned = one;
            turned.rotate_left(((offset - first) % 4) as usize);
            buf.chunks_mut(4).for_each(|chunk| chunk.copy_from_slice(&turned[..chunk.len()]));
            return Ok(());
        }
        for (at, slot) in (offset..).zip(buf) {
            *slot = match at {
                at if at < first => self.head[at as usize],
                at if at < last => one[((at - first) % 4) as usize],
                at => self.tail[(at - last) as usize],
            };
        }
        Ok(())
    }
}

/// Opens, runs on ones, closes; the outputs must all be the number of rows.
fn cycle(rows: u64, columns: u64) -> Result<(), Error> {
    let model = Ones::new(rows, columns);
    let files = [NamedFile { name: "ones.onnx".to_owned(), bytes: &model }];
    let mut go = |_: u64, _: u64| ControlFlow::Continue(());
    let mut session = RunSession::open(&files, &Settings::default(), &RunOptions::default(), &mut go)?;
    let x = Tensor::new(vec![1, rows as usize], vec![1f32; rows as usize])?;
    let given = session.given(vec![("x".to_owned(), x)], None)?;
    let outcome = api::ready(session.run(given, &RunRequest::default(), &mut go))?;
    assert!(outcome.outputs[0].1.to_f32().iter().all(|y| *y == rows as f32));
    Ok(())
}

/// Megabytes of this process: (now, at its largest).
fn megabytes() -> Option<(u64, u64)> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let field = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name))?;
        Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? / 1024)
    };
    Some((field("VmRSS:")?, field("VmHWM:")?))
}

#[test]
fn weights_are_held_once_and_let_go() {
    // Larger than any buffer: refused before a byte of it is read.
    let error = cycle(1 << 20, 1 << 18).unwrap_err();
    assert_eq!(error.code, Code::LimitExceeded);
    assert!(error.message.contains("1048576 MB"), "{error}");

    // Five times the same.
    let mut after = Vec::new();
    for _ in 0..5 {
        cycle(4096, 4096).unwrap();
        after.extend(megabytes().map(|(now, _)| now));
    }
    println!("resident after each of five cycles of 64 MB: {after:?} MB");
    if let [_, second, .., last] = after[..] {
        assert!(last <= second + 8, "{after:?}");
    }

    // 500 MB.
    let before = megabytes();
    cycle(10_000, 13_107).unwrap();
    if let (Some((before, _)), Some((_, peak))) = (before, megabytes()) {
        println!("a model of 500 MB: at most {} MB more", peak - before);
        assert!(peak - before < 750, "{before} {peak}");
    }
}
