//! A spec as a list of layers: what models, texts and prices are made from. Shapes are for batch 1.
//!
//! Assumes a spec that was checked. A layer is named by its place, without text, so that a list costs no more than its
//! numbers.

use std::ops::Range;

use super::spec::{Block, Head, Pool, Shortcut, Spec, Stage};

/// One layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layer {
    /// Its place, for names.
    pub place: Place,
    /// What it computes.
    pub op: Op,
    /// Layers that it reads, the second for a sum; the input is layer 0.
    pub from: [u32; 2],
    /// Channels, height, width.
    pub shape: [u32; 3],
}

/// Where a layer stands: `layer1.0.conv1` is stage 1, block 0, part `conv1`; stage 0 is outside the stages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// From 1; 0 in stem and head.
    pub stage: u32,
    /// From 0.
    pub block: u32,
    /// May be empty.
    pub part: &'static str,
}

impl Place {
    /// The module's path, as PyTorch names it.
    pub fn path(self) -> String {
        match (self.stage, self.part) {
            (0, part) => part.to_owned(),
            (stage, "") => format!("layer{stage}.{}", self.block),
            (stage, part) => format!("layer{stage}.{}.{part}", self.block),
        }
    }
}

/// What a layer computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// The network's input.
    Input,
    /// A square convolution, padded by half its kernel.
    Conv { kernel: u32, stride: u32, groups: u32, bias: bool },
    /// Scale and shift of each channel.
    BatchNorm,
    /// max(x, 0).
    Relu,
    /// Sum of two.
    Add,
    /// Square max pooling.
    MaxPool(Pool),
    /// Every n-th pixel; channels filled up with zeros or cut.
    Fit { stride: u32 },
    /// Mean of each channel.
    AveragePool,
    /// All elements in a row.
    Flatten,
    /// Linear with bias; its outputs are the channels.
    Linear,
}

/// The layers of a network, the input first, the last one the output.
pub fn layers(spec: &Spec) -> Vec<Layer> {
    layers_of(spec, 0..spec.stages.len() + 2, spec.input)
}

/// The layers of some of its parts, the value that they read first: part 0 is the stem, then come the stages, then the head.
/// `input` is that value's shape; it must not come from a convolution whose norm is among the parts.
pub(super) fn layers_of(spec: &Spec, parts: Range<usize>, input: [u32; 3]) -> Vec<Layer> {
    let mut list = List { layers: Vec::with_capacity(128), stage: 0, block: 0 };
    list.push("", Op::Input, [0; 2], input);
    for part in parts {
        match part.checked_sub(1) {
            None => list.stem(spec),
            Some(stage) => match spec.stages.get(stage) {
                Some(stage) => list.stage(stage, part as u32),
                None => list.head(spec),
            },
        }
    }
    list.layers
}

/// Wide blocks normalise what they read: their stem and the last of them make no norm.
pub(super) fn is_wide(stage: Option<&Stage>) -> bool {
    stage.is_some_and(|stage| stage.block == Block::Wide)
}

/// A list in the making, and the block that it has come to.
struct List {
    layers: Vec<Layer>,
    stage: u32,
    block: u32,
}

#[derive(Clone, Copy)]
struct Kernel {
    side: u32,
    stride: u32,
    groups: u32,
}

const POINT: Kernel = Kernel { side: 1, stride: 1, groups: 1 };

impl List {
    fn stem(&mut self, spec: &Spec) {
        let (Some(stem), mut x) = (&spec.stem, self.last()) else { return };
        let kernel = Kernel { side: stem.kernel, stride: stem.stride, groups: 1 };
        x = self.conv(x, "conv1", stem.channels, kernel);
        if !is_wide(spec.stages.first()) {
            x = self.same(x, "bn1", Op::BatchNorm);
            x = self.relu(x, "relu", stem.relu);
        }
        self.pool(x, "maxpool", stem.pool);
    }

    fn stage(&mut self, stage: &Stage, index: u32) {
        let mut x = self.last();
        self.stage = index;
        for block in 0..stage.blocks {
            self.block = block;
            let stride = if block == 0 { stage.stride } else { 1 };
            x = self.one_block(x, stage, stride);
        }
        self.pool(x, "pool", stage.pool);
    }

    fn head(&mut self, spec: &Spec) {
        let mut x = self.last();
        self.stage = 0;
        if is_wide(spec.stages.last()) {
            x = self.same(x, "bn", Op::BatchNorm);
            x = self.relu(x, "relu", spec.head != Head::GapNoRelu);
        }
        if spec.head != Head::Flatten {
            let [channels, ..] = self.shape(x);
            x = self.push("avgpool", Op::AveragePool, [x, x], [channels, 1, 1]);
        }
        let elements = self.shape(x).iter().fold(1u32, |product, size| product.saturating_mul(*size));
        x = self.push("", Op::Flatten, [x, x], [elements, 1, 1]);
        self.push("fc", Op::Linear, [x, x], [spec.classes, 1, 1]);
    }

    /// The value that was made last: what a part leaves.
    fn last(&self) -> u32 {
        (self.layers.len() as u32).saturating_sub(1)
    }

    fn push(&mut self, part: &'static str, op: Op, from: [u32; 2], shape: [u32; 3]) -> u32 {
        let place = Place { stage: self.stage, block: self.block, part };
        self.layers.push(Layer { place, op, from, shape });
        self.last()
    }

    fn shape(&self, x: u32) -> [u32; 3] {
        self.layers.get(x as usize).map_or([0; 3], |layer| layer.shape)
    }

    fn conv(&mut self, x: u32, part: &'static str, out: u32, kernel: Kernel) -> u32 {
        self.conv_with(x, part, out, kernel, false)
    }

    fn conv_with(&mut self, x: u32, part: &'static str, out: u32, k: Kernel, bias: bool) -> u32 {
        let [_, height, width] = self.shape(x);
        let side = |size: u32| size.div_ceil(k.stride);
        let op = Op::Conv { kernel: k.side, stride: k.stride, groups: k.groups, bias };
        self.push(part, op, [x, x], [out, side(height), side(width)])
    }

    /// A layer that keeps the shape.
    fn same(&mut self, x: u32, part: &'static str, op: Op) -> u32 {
        self.push(part, op, [x, x], self.shape(x))
    }

    fn relu(&mut self, x: u32, part: &'static str, there: bool) -> u32 {
        if there { self.same(x, part, Op::Relu) } else { x }
    }

    fn pool(&mut self, x: u32, part: &'static str, pool: Option<Pool>) -> u32 {
        let Some(pool) = pool else { return x };
        let [channels, height, width] = self.shape(x);
        let side = |size: u32| (size + 2 * pool.pad).saturating_sub(pool.kernel) / pool.stride.max(1) + 1;
        self.push(part, Op::MaxPool(pool), [x, x], [channels, side(height), side(width)])
    }

    fn one_block(&mut self, x: u32, stage: &Stage, stride: u32) -> u32 {
        let [input, ..] = self.shape(x);
        let (mid, out) = (stage.inside(self.block, input), stage.channels.at(self.block));
        let spatial = |stride: u32| Kernel { side: 3, stride, groups: stage.groups };
        let (inner, last) = (stage.relu.inner(), stage.relu.last());
        match stage.block {
            Block::Basic => {
                let mut y = self.conv(x, "conv1", mid, spatial(stride));
                y = self.same(y, "bn1", Op::BatchNorm);
                y = self.relu(y, "relu", inner);
                y = self.conv(y, "conv2", out, spatial(1));
                y = self.same(y, "bn2", Op::BatchNorm);
                self.join(x, y, stage, stride, last)
            }
            Block::Bottleneck => {
                let mut y = self.conv(x, "conv1", mid, POINT);
                y = self.same(y, "bn1", Op::BatchNorm);
                y = self.relu(y, "relu", inner);
                y = self.conv(y, "conv2", mid, spatial(stride));
                y = self.same(y, "bn2", Op::BatchNorm);
                y = self.relu(y, "relu", inner);
                y = self.conv(y, "conv3", out, POINT);
                y = self.same(y, "bn3", Op::BatchNorm);
                self.join(x, y, stage, stride, last)
            }
            Block::Wide => {
                let mut active = self.same(x, "bn1", Op::BatchNorm);
                active = self.relu(active, "relu1", inner);
                let mut y = self.conv(active, "conv1", mid, spatial(stride));
                y = self.same(y, "bn2", Op::BatchNorm);
                y = self.relu(y, "relu2", last);
                y = self.conv(y, "conv2", out, spatial(1));
                // Where the shape changes, the shortcut reads the activated value.
                let shortcut = match (stage.shortcut, stride != 1 || input != out) {
                    (Shortcut::None, _) => return y,
                    (_, false) => x,
                    (Shortcut::Conv, true) => self.conv(active, "shortcut", out, Kernel { stride, ..POINT }),
                    (Shortcut::Pad, true) => self.fit(active, out, stride),
                };
                self.same_pair(y, shortcut)
            }
            Block::Vgg => {
                let mut y = self.conv_with(x, "conv", out, spatial(stride), true);
                y = self.same(y, "bn", Op::BatchNorm);
                self.relu(y, "relu", inner || last)
            }
            Block::Inverted => {
                let mut y = x;
                if mid != input {
                    y = self.conv(y, "conv1", mid, POINT);
                    y = self.same(y, "bn1", Op::BatchNorm);
                    y = self.relu(y, "relu1", inner);
                }
                y = self.conv(y, "conv2", mid, Kernel { side: 3, stride, groups: mid });
                y = self.same(y, "bn2", Op::BatchNorm);
                y = self.relu(y, "relu2", last || mid == input && inner);
                y = self.conv(y, "conv3", out, POINT);
                y = self.same(y, "bn3", Op::BatchNorm);
                let stays = stride == 1 && input == out && stage.shortcut != Shortcut::None;
                if stays { self.same_pair(x, y) } else { y }
            }
        }
    }

    /// Shortcut, add, last ReLU.
    fn join(&mut self, x: u32, y: u32, stage: &Stage, stride: u32, last: bool) -> u32 {
        let ([input, ..], [out, ..]) = (self.shape(x), self.shape(y));
        let shortcut = match (stage.shortcut, stride != 1 || input != out) {
            (Shortcut::None, _) => return self.relu(y, "relu", last),
            (_, false) => x,
            (Shortcut::Conv, true) => {
                let y = self.conv(x, "downsample.0", out, Kernel { stride, ..POINT });
                self.same(y, "downsample.1", Op::BatchNorm)
            }
            (Shortcut::Pad, true) => self.fit(x, out, stride),
        };
        let sum = self.same_pair(y, shortcut);
        self.relu(sum, "relu", last)
    }

    fn same_pair(&mut self, a: u32, b: u32) -> u32 {
        self.push("", Op::Add, [a, b], self.shape(a))
    }

    fn fit(&mut self, x: u32, out: u32, stride: u32) -> u32 {
        let [_, height, width] = self.shape(x);
        let side = |size: u32| size.div_ceil(stride);
        self.push("shortcut", Op::Fit { stride }, [x, x], [out, side(height), side(width)])
    }
}
