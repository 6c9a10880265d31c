//! ReLUs, MACs and parameters of a spec in closed form: nothing is built, blocks that are alike are counted once.
//!
//! Convolution: out x h x w x in / groups x k^2 MACs. BatchNorm: two parameters a channel. Sums stay at 2^64 - 1 where
//! they would pass it. ResNet-18 at 32x32, 100 classes: 557,056 ReLUs, 555,468,800 MACs, 11,220,132 parameters.

use super::layers::is_wide;
use super::spec::{Block, Head, Pool, Shortcut, Sizes, Spec, Stage};

/// What a network, or a part of it, comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// ReLU elements.
    pub relus: u64,
    /// Multiply-accumulates.
    pub macs: u64,
    /// Weights, biases, and scales and shifts of BatchNorm.
    pub params: u64,
}

impl Counts {
    /// Adds `times` of another.
    pub fn add(&mut self, other: &Self, times: u64) {
        let add = |a: u64, b: u64| a.saturating_add(b.saturating_mul(times));
        self.relus = add(self.relus, other.relus);
        self.macs = add(self.macs, other.macs);
        self.params = add(self.params, other.params);
    }
}

/// Parts of a network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// What it comes to.
    pub counts: Counts,
    /// Channels, height and width of what it reads.
    pub input: [u32; 3],
    /// Height and width that come out of its blocks, before a pool.
    pub sides: [u32; 2],
}

/// The whole network. Assumes a spec that was checked.
pub fn count(spec: &Spec) -> Counts {
    let mut sum = Counts::default();
    parts(spec, &mut |part| sum.add(&part.counts, 1));
    sum
}

/// The stem, each stage and the head, in order, to `each`; a network without a stem has an empty one.
pub fn parts(spec: &Spec, each: &mut dyn FnMut(Part)) {
    let [mut input, height, width] = spec.input;
    let mut sides = [height, width];
    let mut stem = Counts::default();
    if let Some(part) = spec.stem {
        sides = sides.map(|side| side.div_ceil(part.stride.max(1)));
        conv(&mut stem, [input, part.channels], 1, part.kernel, sides);
        if !is_wide(spec.stages.first()) {
            norm(&mut stem, part.channels);
            relu(&mut stem, part.relu, part.channels, sides);
        }
        input = part.channels;
    }
    each(Part { counts: stem, input: spec.input, sides });
    sides = pooled(sides, spec.stem.and_then(|stem| stem.pool));
    for stage in &spec.stages {
        let mut sum = Counts::default();
        let reads = shape(input, sides);
        let alike = matches!((&stage.channels, &stage.mid), (Sizes::All(_), None | Some(Sizes::All(_))));
        let mut block = 0;
        while block < stage.blocks {
            let stride = if block == 0 { stage.stride } else { 1 };
            let (counts, after) = one_block(stage, block, input, sides, stride);
            // After the first, blocks of one size are alike.
            let times = if alike && block == 1 { stage.blocks - 1 } else { 1 };
            sum.add(&counts, times.into());
            (input, sides) = (stage.channels.at(block), after);
            block += times;
        }
        each(Part { counts: sum, input: reads, sides });
        sides = pooled(sides, stage.pool);
    }
    let mut head = Counts::default();
    if is_wide(spec.stages.last()) {
        norm(&mut head, input);
        relu(&mut head, spec.head != Head::GapNoRelu, input, sides);
    }
    let inputs = if spec.head == Head::Flatten { elements(input, sides) } else { input.into() };
    head.macs = head.macs.saturating_add(inputs.saturating_mul(spec.classes.into()));
    head.params = head.params.saturating_add((inputs.saturating_add(1)).saturating_mul(spec.classes.into()));
    each(Part { counts: head, input: shape(input, sides), sides });
}

fn shape(channels: u32, [height, width]: [u32; 2]) -> [u32; 3] {
    [channels, height, width]
}

fn one_block(stage: &Stage, block: u32, input: u32, before: [u32; 2], stride: u32) -> (Counts, [u32; 2]) {
    let (mid, out) = (stage.inside(block, input), stage.channels.at(block));
    let after = before.map(|side| side.div_ceil(stride.max(1)));
    let (inner, last) = (stage.relu.inner(), stage.relu.last());
    let changes = stride != 1 || input != out;
    let mut sum = Counts::default();
    match stage.block {
        Block::Basic => {
            conv(&mut sum, [input, mid], stage.groups, 3, after);
            norm(&mut sum, mid);
            relu(&mut sum, inner, mid, after);
            conv(&mut sum, [mid, out], stage.groups, 3, after);
        }
        Block::Bottleneck => {
            conv(&mut sum, [input, mid], 1, 1, before);
            norm(&mut sum, mid);
            relu(&mut sum, inner, mid, before);
            conv(&mut sum, [mid, mid], stage.groups, 3, after);
            norm(&mut sum, mid);
            relu(&mut sum, inner, mid, after);
            conv(&mut sum, [mid, out], 1, 1, after);
        }
        Block::Wide => {
            norm(&mut sum, input);
            relu(&mut sum, inner, input, before);
            conv(&mut sum, [input, mid], stage.groups, 3, after);
            norm(&mut sum, mid);
            relu(&mut sum, last, mid, after);
            conv(&mut sum, [mid, out], stage.groups, 3, after);
            if changes && stage.shortcut == Shortcut::Conv {
                conv(&mut sum, [input, out], 1, 1, after);
            }
            return (sum, after);
        }
        Block::Vgg => {
            conv(&mut sum, [input, out], stage.groups, 3, after);
            sum.params = sum.params.saturating_add(out.into());
            norm(&mut sum, out);
            relu(&mut sum, inner || last, out, after);
            return (sum, after);
        }
        Block::Inverted => {
            if mid != input {
                conv(&mut sum, [input, mid], 1, 1, before);
                norm(&mut sum, mid);
                relu(&mut sum, inner, mid, before);
            }
            conv(&mut sum, [mid, mid], mid, 3, after);
            norm(&mut sum, mid);
            relu(&mut sum, last || mid == input && inner, mid, after);
            conv(&mut sum, [mid, out], 1, 1, after);
            norm(&mut sum, out);
            return (sum, after);
        }
    }
    norm(&mut sum, out);
    relu(&mut sum, last, out, after);
    if changes && stage.shortcut == Shortcut::Conv {
        conv(&mut sum, [input, out], 1, 1, after);
        norm(&mut sum, out);
    }
    (sum, after)
}

fn elements(channels: u32, [height, width]: [u32; 2]) -> u64 {
    u64::from(height) * u64::from(width) * u64::from(channels)
}

fn conv(sum: &mut Counts, [input, output]: [u32; 2], groups: u32, kernel: u32, sides: [u32; 2]) {
    let taps = u64::from(input / groups.max(1)) * u64::from(kernel) * u64::from(kernel);
    sum.macs = sum.macs.saturating_add(elements(output, sides).saturating_mul(taps));
    sum.params = sum.params.saturating_add(taps.saturating_mul(output.into()));
}

fn norm(sum: &mut Counts, channels: u32) {
    sum.params = sum.params.saturating_add(2 * u64::from(channels));
}

fn relu(sum: &mut Counts, there: bool, channels: u32, sides: [u32; 2]) {
    if there {
        sum.relus = sum.relus.saturating_add(elements(channels, sides));
    }
}

fn pooled(sides: [u32; 2], pool: Option<Pool>) -> [u32; 2] {
    let Some(Pool { kernel, stride, pad }) = pool else { return sides };
    sides.map(|side| (side + 2 * pad).saturating_sub(kernel) / stride.max(1) + 1)
}
