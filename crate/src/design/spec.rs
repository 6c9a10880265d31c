//! A network in a few numbers: stem, stages of blocks, head. The JSON is documented in `docs/design.md`.
//!
//! Strict about unknown fields. Assumes nothing of the numbers: [`Spec::check`] bounds them.

use serde::{Deserialize, Serialize};

use crate::error::{Code, Error, Result};
use crate::limits::{MAX_SPEC_BLOCKS, MAX_SPEC_SIDE, MAX_SPEC_STAGES, MAX_SPEC_WIDTH};
use crate::names::names;

/// A network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Spec {
    /// Channels, height and width of the input.
    pub input: [u32; 3],
    /// Outputs of the last linear layer.
    pub classes: u32,
    /// First layers; without, the first stage reads the input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub stem: Option<Stem>,
    /// In order.
    pub stages: Vec<Stage>,
    /// Last layers.
    #[serde(default)]
    pub head: Head,
}

/// First layers: a convolution, BatchNorm, ReLU, a pool. Before a stage of wide blocks, which normalise by themselves,
/// the convolution stands alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "SpecStem"))]
pub struct Stem {
    /// Output channels.
    pub channels: u32,
    /// Side of the kernel, odd; padded by half of it.
    #[serde(default = "three")]
    pub kernel: u32,
    /// Stride.
    #[serde(default = "one")]
    pub stride: u32,
    /// Whether a ReLU follows.
    #[serde(default = "yes")]
    pub relu: bool,
    /// Max pooling after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub pool: Option<Pool>,
}

/// A square max pooling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "SpecPool"))]
pub struct Pool {
    /// Side of the window.
    pub kernel: u32,
    /// Stride.
    pub stride: u32,
    /// Padding on each side, at most half the window.
    #[serde(default)]
    pub pad: u32,
}

/// Blocks of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "SpecStage"))]
pub struct Stage {
    /// Kind of block.
    pub block: Block,
    /// How many.
    pub blocks: u32,
    /// Output channels of the blocks.
    pub channels: Sizes,
    /// Channels inside a block; without, `channels`, and a quarter of them in a bottleneck. No matter elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub mid: Option<Sizes>,
    /// Channels inside an inverted residual, as a multiple of its input's; 6 without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub expand: Option<u32>,
    /// Groups of the 3x3 convolutions.
    #[serde(default = "one")]
    pub groups: u32,
    /// Stride of the first block.
    #[serde(default = "one")]
    pub stride: u32,
    /// Shortcut where the shape changes.
    #[serde(default)]
    pub shortcut: Shortcut,
    /// Which ReLUs stand in each block.
    #[serde(default)]
    pub relu: Relus,
    /// Max pooling after the last block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub pool: Option<Pool>,
}

/// One number for all blocks, or one each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "SpecSizes"))]
pub enum Sizes {
    /// All alike.
    All(u32),
    /// One for each block.
    Each(Vec<u32>),
}

names! { "block",
    /// Kind of block.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Block {
        /// Two 3x3 convolutions; the second ReLU acts after the add.
        Basic = "basic",
        /// 1x1, 3x3 (which strides), 1x1; three ReLUs, the last after the add.
        Bottleneck = "bottleneck",
        /// BatchNorm, ReLU, 3x3 convolution, twice (wide ResNets); its shortcut has no BatchNorm.
        Wide = "wide",
        /// One 3x3 convolution with bias, BatchNorm, ReLU; no shortcut.
        Vgg = "vgg",
        /// 1x1 up, depthwise 3x3 (which strides), 1x1 down without ReLU; the sum where the shape stays.
        Inverted = "inverted",
    }
}

names! { "shortcut",
    /// Shortcut where the shape changes. Inverted residuals have none there, VGG blocks none at all.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum Shortcut {
        /// 1x1 convolution (option B).
        #[default]
        Conv = "conv",
        /// Every n-th pixel, channels filled up with zeros or cut (option A).
        Pad = "pad",
        /// No shortcuts in the stage, neither here nor where the shape stays.
        None = "none",
    }
}

names! { "relu",
    /// Which ReLUs of a block are there. A block of one ReLU has it unless none is.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum Relus {
        /// All.
        #[default]
        All = "all",
        /// Culled.
        None = "none",
        /// Thinned: all but the last, which stands on the path of the shortcuts.
        First = "first",
        /// Thinned: the last only.
        Second = "second",
    }
}

names! { "head",
    /// Last layers.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum Head {
        /// Global average pooling, a linear layer; after wide blocks BatchNorm and ReLU come first.
        #[default]
        Gap = "gap",
        /// The same without that ReLU.
        GapNoRelu = "gap-no-relu",
        /// A linear layer on all elements.
        Flatten = "flatten",
    }
}

fn one() -> u32 {
    1
}

fn three() -> u32 {
    3
}

fn yes() -> bool {
    true
}

impl Relus {
    /// Those before the last.
    pub fn inner(self) -> bool {
        matches!(self, Self::All | Self::First)
    }

    /// The last.
    pub fn last(self) -> bool {
        matches!(self, Self::All | Self::Second)
    }
}

impl Sizes {
    /// That of a block; 0 past the list.
    pub fn at(&self, block: u32) -> u32 {
        match self {
            Self::All(size) => *size,
            Self::Each(sizes) => sizes.get(block as usize).copied().unwrap_or(0),
        }
    }

    fn all(&self) -> &[u32] {
        match self {
            Self::All(size) => std::slice::from_ref(size),
            Self::Each(sizes) => sizes,
        }
    }

    /// Every size through `change`.
    pub fn map(&self, change: impl Fn(u32) -> u32) -> Self {
        match self {
            Self::All(size) => Self::All(change(*size)),
            Self::Each(sizes) => Self::Each(sizes.iter().map(|size| change(*size)).collect()),
        }
    }
}

impl Stage {
    /// Blocks with all ReLUs, 1x1 convolutions on the shortcuts.
    pub fn new(block: Block, blocks: u32, channels: u32, stride: u32) -> Self {
        Self {
            block,
            blocks,
            channels: Sizes::All(channels),
            mid: None,
            expand: None,
            groups: 1,
            stride,
            shortcut: Shortcut::Conv,
            relu: Relus::All,
            pool: None,
        }
    }

    /// Channels inside a block that reads `input` channels.
    pub fn inside(&self, block: u32, input: u32) -> u32 {
        match (self.block, &self.mid) {
            (Block::Inverted, _) => self.expand.unwrap_or(6).saturating_mul(input),
            (_, Some(mid)) => mid.at(block),
            (Block::Bottleneck, None) => self.channels.at(block) / 4,
            (_, None) => self.channels.at(block),
        }
    }
}

impl Stem {
    /// 3x3, stride 1, with ReLU.
    pub fn new(channels: u32) -> Self {
        Self { channels, kernel: 3, stride: 1, relu: true, pool: None }
    }
}

impl Spec {
    /// Reads the JSON.
    ///
    /// # Errors
    /// `InvalidSetting` for what is no spec, `LimitExceeded` for one that is too large.
    pub fn parse(text: &str) -> Result<Self> {
        let fault = |e: serde_json::Error| {
            Error::new(Code::InvalidSetting, format!("the spec cannot be read: {e}"))
                .hint("docs/design.md describes specs")
        };
        let spec: Self = serde_json::from_str(text).map_err(fault)?;
        spec.check()?;
        Ok(spec)
    }

    /// Whether it can be built; every size is at least 1 and within its limit.
    ///
    /// # Errors
    /// `InvalidSetting` for a size that is zero or does not fit another, `LimitExceeded` for one past its limit.
    pub fn check(&self) -> Result<()> {
        let blocks = self.stages.iter().fold(0u32, |sum, stage| sum.saturating_add(stage.blocks));
        if self.stages.len() > MAX_SPEC_STAGES {
            return Err(too_large("number of stages", MAX_SPEC_STAGES as u32));
        }
        at_most("number of blocks", blocks, MAX_SPEC_BLOCKS)?;
        let [channels, height, width] = self.input;
        for (what, value) in [("input's channels", channels), ("number of classes", self.classes)] {
            within(what, value, MAX_SPEC_WIDTH)?;
        }
        let mut sides = [height, width];
        sides.iter().try_for_each(|side| within("resolution", *side, MAX_SPEC_SIDE))?;
        let mut input = channels;
        if let Some(stem) = &self.stem {
            within("stem's width", stem.channels, MAX_SPEC_WIDTH)?;
            within("stem's kernel", stem.kernel, MAX_SPEC_SIDE)?;
            within("stem's stride", stem.stride, MAX_SPEC_SIDE)?;
            if stem.kernel.is_multiple_of(2) {
                return Err(refused("the stem's kernel has to be odd"));
            }
            sides = pooled(sides.map(|side| side.div_ceil(stem.stride)), stem.pool)?;
            input = stem.channels;
        }
        if self.stages.is_empty() {
            return Err(refused("a network has at least one stage"));
        }
        for stage in &self.stages {
            input = stage.check(input)?;
            sides = pooled(sides.map(|side| side.div_ceil(stage.stride)), stage.pool)?;
        }
        let inputs = sides.iter().try_fold(input, |product, side| product.checked_mul(*side));
        if self.head == Head::Flatten && inputs.is_none() {
            return Err(too_large("number of inputs of the last layer", u32::MAX));
        }
        Ok(())
    }
}

impl Stage {
    /// The channels that come out.
    fn check(&self, mut input: u32) -> Result<u32> {
        within("number of blocks", self.blocks, MAX_SPEC_BLOCKS)?;
        within("stride", self.stride, MAX_SPEC_SIDE)?;
        within("number of groups", self.groups, MAX_SPEC_WIDTH)?;
        for sizes in std::iter::once(&self.channels).chain(&self.mid) {
            if matches!(sizes, Sizes::Each(each) if each.len() != self.blocks as usize) {
                return Err(refused(&format!("{} blocks take as many numbers of channels", self.blocks)));
            }
            sizes.all().iter().try_for_each(|size| within("width", *size, MAX_SPEC_WIDTH))?;
        }
        let grouped = matches!(self.block, Block::Basic | Block::Bottleneck | Block::Wide | Block::Vgg);
        for block in 0..self.blocks {
            let (mid, output) = (self.inside(block, input), self.channels.at(block));
            within("width inside a block", mid, MAX_SPEC_WIDTH)?;
            let first = if self.block == Block::Bottleneck { mid } else { input };
            let divides = [first, mid, output].iter().all(|size| size.is_multiple_of(self.groups));
            if grouped && self.groups > 1 && !divides {
                return Err(refused(&format!("{} groups do not divide the channels", self.groups)));
            }
            input = output;
        }
        Ok(input)
    }
}

/// Sides after a pool.
fn pooled(sides: [u32; 2], pool: Option<Pool>) -> Result<[u32; 2]> {
    let Some(Pool { kernel, stride, pad }) = pool else { return Ok(sides) };
    within("pool's window", kernel, MAX_SPEC_SIDE)?;
    within("pool's stride", stride, MAX_SPEC_SIDE)?;
    if pad > kernel / 2 || sides.iter().any(|side| side + 2 * pad < kernel) {
        return Err(refused("a pool's window does not fit the map"));
    }
    Ok(sides.map(|side| (side + 2 * pad - kernel) / stride + 1))
}

fn within(what: &str, value: u32, limit: u32) -> Result<()> {
    if value == 0 {
        return Err(refused(&format!("the {what} has to be at least 1")));
    }
    at_most(what, value, limit)
}

fn at_most(what: &str, value: u32, limit: u32) -> Result<()> {
    if value > limit { Err(too_large(what, limit)) } else { Ok(()) }
}

fn refused(message: &str) -> Error {
    Error::new(Code::InvalidSetting, message)
}

fn too_large(what: &str, limit: u32) -> Error {
    Error::new(Code::LimitExceeded, format!("the {what} is above {limit}")).hint("Make the network smaller.")
}
