//! The plain rows of a spec, without building it: those that its ONNX file would be priced by, names left out.

use super::layers::{Layer, Op, layers};
use super::spec::Spec;
use crate::count::{Activation, Conv, Kind, Row, Work};

/// What each layer asks of a protocol. Assumes a spec that was checked.
pub fn rows(spec: &Spec) -> Vec<Row> {
    rows_of(&layers(spec))
}

/// The same of layers, the first of which is what the others read.
pub(super) fn rows_of(all: &[Layer]) -> Vec<Row> {
    let mut readers = vec![0u32; all.len()];
    for layer in all.iter().skip(1) {
        let [a, b] = layer.from;
        for (place, from) in [a, b].into_iter().enumerate() {
            if (place == 0 || b != a)
                && let Some(count) = readers.get_mut(from as usize)
            {
                *count += 1;
            }
        }
    }
    let mut made = Made { rows: Vec::with_capacity(all.len()), reads: Vec::with_capacity(all.len()) };
    let mut index = 0;
    for layer in all {
        let [a, b] = layer.from.map(|from| from as usize);
        let input = all.get(a).unwrap_or(layer);
        let alone = readers.get(a).is_some_and(|readers| *readers == 1);
        match layer.op {
            Op::Input => {
                made.reads.push(Vec::new());
                continue;
            }
            Op::BatchNorm if alone && matches!(input.op, Op::Conv { .. }) => {
                // It goes into the weights of the convolution, whose row is the last.
                let norm = Work::BatchNorm { elements: elements(layer) };
                made.rows.iter_mut().rev().take(1).for_each(|row| row.work.push(norm.clone()));
                made.through(a);
            }
            Op::Fit { .. } | Op::Flatten => made.through(a),
            op => made.push(index, work(op, layer, input), op_name(op), [a, b]),
        }
        // A Pad follows the Slice where channels are filled up.
        let [channels, ..] = layer.shape;
        let [before, ..] = input.shape;
        index += if matches!(layer.op, Op::Fit { .. }) && channels > before { 2 } else { 1 };
    }
    made.rows
}

fn elements(layer: &Layer) -> u64 {
    layer.shape.iter().map(|size| u64::from(*size)).product()
}

fn op_name(op: Op) -> &'static str {
    match op {
        Op::Conv { .. } => "Conv",
        Op::BatchNorm => "BatchNormalization",
        Op::Relu => "Relu",
        Op::Add => "Add",
        Op::MaxPool(_) => "MaxPool",
        Op::AveragePool => "GlobalAveragePool",
        Op::Linear => "Gemm",
        Op::Input | Op::Fit { .. } | Op::Flatten => "",
    }
}

fn work(op: Op, layer: &Layer, input: &Layer) -> Work {
    let count = elements(layer);
    let [channels, height, width] = layer.shape.map(u64::from);
    let [before, high, wide] = input.shape.map(u64::from);
    match op {
        Op::Conv { kernel, stride, groups, .. } => {
            let (kernel, stride) = (u64::from(kernel), u64::from(stride));
            Work::Conv(Conv {
                batch: 1,
                in_channels: before,
                out_channels: channels,
                groups: groups.into(),
                input: vec![high, wide],
                output: vec![height, width],
                kernel: vec![kernel; 2],
                strides: vec![stride; 2],
                dilations: vec![1; 2],
                pads: vec![(kernel / 2, kernel / 2); 2],
                places: None,
            })
        }
        Op::BatchNorm => Work::BatchNorm { elements: count },
        Op::Relu => Work::Activation(Activation {
            kind: Kind::ReLU,
            elements: count,
            rows: 0,
            row_length: 0,
            comparisons: count,
            folded: false,
        }),
        Op::MaxPool(pool) => {
            let window = u64::from(pool.kernel) * u64::from(pool.kernel);
            Work::Activation(Activation {
                kind: Kind::MaxPool,
                elements: count,
                rows: count,
                row_length: window,
                comparisons: count.saturating_mul(window - 1),
                folded: false,
            })
        }
        Op::AveragePool => Work::AvgPool { elements: count, window: high * wide },
        Op::Linear => Work::MatMul { batch: 1, m: 1, k: before, n: channels, secret: false, steps: 1 },
        Op::Add | Op::Input | Op::Fit { .. } | Op::Flatten => Work::Add { elements: count },
    }
}

struct Made {
    rows: Vec<Row>,
    /// For each layer, the rows that make its result.
    reads: Vec<Vec<u32>>,
}

impl Made {
    /// A layer without a row of its own.
    fn through(&mut self, from: usize) {
        let reads = self.reads.get(from).cloned().unwrap_or_default();
        self.reads.push(reads);
    }

    fn push(&mut self, index: u32, work: Work, op: &str, from: [usize; 2]) {
        let [a, b] = from;
        let mut after = self.reads.get(a).cloned().unwrap_or_default();
        if a != b {
            after.extend(self.reads.get(b).into_iter().flatten());
            after.sort_unstable();
            after.dedup();
        }
        let position = self.rows.len() as u32;
        // What a chain says anyway is left out.
        let chain = match position.checked_sub(1) {
            Some(before) => after.as_slice() == [before],
            None => after.is_empty(),
        };
        let after = if chain { None } else { Some(after) };
        self.rows.push(Row {
            index,
            name: String::new(),
            op: op.to_owned(),
            work: vec![work],
            unknown: None,
            after,
            passes: None,
        });
        self.reads.push(vec![position]);
    }
}
