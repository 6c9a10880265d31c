//! Networks of one small cell, repeated: what a micro-search draws from. The operations and the frame are ours.
//!
//! A cell is a few nodes, each an operation on the cell's input or on a node before it, with a ReLU behind it or without; its
//! output is the input plus the nodes that no other reads. The frame: a strided stem with a ReLU, three stages of one cell each,
//! between them a strided convolution without a ReLU that doubles the channels, mean and a dense layer. ReLUs stand in the stem
//! and in the cells alone, so that cells of as many ReLUs make networks of as many.

use super::net::{Conv, Net, Value};
use crate::names::names;
use crate::onnx::ModelProto;

names! { "operation of a cell",
    /// What a node of a cell does; convolutions have a normalisation behind them.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum CellOp {
        /// 3x3.
        Conv3 = "conv3",
        /// 1x1.
        Conv1 = "conv1",
        /// 3x3, a channel at a time.
        Depthwise3 = "dw3",
        /// Nothing.
        Skip = "skip",
    }
}

/// A node of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CellNode {
    /// What it reads: 0 the cell's input, i the node before of that number.
    pub from: usize,
    /// What it does.
    pub op: CellOp,
    /// Whether a ReLU stands behind it.
    pub relu: bool,
}

/// A cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell(pub Vec<CellNode>);

/// Stages of the frame.
const STAGES: u32 = 3;

impl Cell {
    /// `1 conv3+relu(0); 2 skip(1)`.
    pub fn text(&self) -> String {
        let one = |(at, node): (usize, &CellNode)| {
            let relu = if node.relu { "+relu" } else { "" };
            format!("{} {}{relu}({})", at + 1, node.op.name(), node.from)
        };
        self.0.iter().enumerate().map(one).collect::<Vec<_>>().join("; ")
    }

    fn apply(&self, net: &mut Net, x: &Value, path: &str) -> Value {
        let mut values = vec![x.clone()];
        let mut read = vec![false; self.0.len() + 1];
        for (at, node) in self.0.iter().enumerate() {
            let path = format!("{path}.{}", at + 1);
            // A node reads one that is there.
            let from = node.from.min(at);
            let Some(input) = values.get(from).cloned() else { continue };
            if let Some(flag) = read.get_mut(from) {
                *flag = true;
            }
            let channels = input.channels();
            let conv = match node.op {
                CellOp::Conv3 => Some(Conv::new(channels, 3)),
                CellOp::Conv1 => Some(Conv::new(channels, 1)),
                CellOp::Depthwise3 => Some(Conv::new(channels, 3).groups(channels)),
                CellOp::Skip => None,
            };
            let mut y = input;
            if let Some(conv) = conv {
                y = net.conv(&y, &format!("{path}.conv"), conv);
                y = net.batch_norm(&y, &format!("{path}.bn"));
            }
            if node.relu {
                y = net.relu(&y, &format!("{path}.relu"));
            }
            values.push(y);
        }
        let mut sum = x.clone();
        for (at, (value, read)) in values.iter().zip(&read).enumerate().skip(1) {
            if !read {
                sum = net.add(&sum, value, &format!("{path}.sum{at}"));
            }
        }
        sum
    }
}

/// ReLUs of a network of cells with so many ReLU layers each, stem included. 8 channels on 16x16: a stem of 8 x 8 x 8 = 512, and
/// 512 + 256 + 128 for each layer of a cell.
pub fn cell_relus(relus: usize, width: u32, side: u32) -> u64 {
    let size = |stage: u32| {
        let side = u64::from(side.div_ceil(2 << stage));
        u64::from(width << stage) * side * side
    };
    size(0) + relus as u64 * (0..STAGES).map(size).sum::<u64>()
}

/// The network of a cell, for square images.
pub fn cell_network(cell: &Cell, width: u32, [channels, side]: [u32; 2], classes: u32) -> ModelProto {
    let (mut net, mut x) = Net::image("cells", [channels, side, side].map(i64::from));
    x = net.conv(&x, "stem.conv", Conv::new(width.into(), 3).stride(2));
    x = net.batch_norm(&x, "stem.bn");
    x = net.relu(&x, "stem.relu");
    for stage in 0..STAGES {
        if stage > 0 {
            x = net.conv(&x, &format!("down{stage}.conv"), Conv::new((width << stage).into(), 3).stride(2));
            x = net.batch_norm(&x, &format!("down{stage}.bn"));
        }
        x = cell.apply(&mut net, &x, &format!("cell{stage}"));
    }
    x = net.global_average_pool(&x, "mean");
    x = net.flatten(&x, "");
    x = net.gemm(&x, "fc", classes.into());
    net.finish(x)
}
