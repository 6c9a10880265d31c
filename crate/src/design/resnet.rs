//! Residual networks from a few numbers: the ResNets, wide ResNets, HybReNets and the networks
//! that DeepReDuce makes of them.
//!
//! Stage k has its own width, depth and ReLUs; the first keeps the stem's resolution and each
//! later one halves it. Shortcuts that change shape are a 1x1 convolution with BatchNorm
//! (option B). Assumes nothing of the numbers: [`ResNetSpec::build`] bounds them.

use serde::{Deserialize, Serialize};

use super::net::{Conv, Net, Value};
use crate::error::{Code, Error, Result};
use crate::limits::{MAX_SPEC_BLOCKS, MAX_SPEC_SIDE, MAX_SPEC_STAGES, MAX_SPEC_WIDTH};
use crate::onnx::ModelProto;

/// A residual network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResNetSpec {
    /// Height and width of the input, 3 channels.
    pub resolution: u32,
    /// Outputs of the last linear layer.
    pub classes: u32,
    /// First layers.
    pub stem: Stem,
    /// Channels of the stem.
    pub stem_channels: u32,
    /// Stride of the stem convolution; a resolution factor rho multiplies it by 1/rho.
    pub stem_stride: u32,
    /// Whether a ReLU follows the stem.
    pub stem_relu: bool,
    /// Kind of residual block.
    pub block: Block,
    /// Stages, in order.
    pub stages: Vec<Stage>,
    /// Pre-activation networks end in BatchNorm; whether a ReLU follows it. Others ignore it.
    pub final_relu: bool,
}

/// First layers of a residual network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stem {
    /// 3x3 convolution, as for 32x32 images.
    Conv3x3,
    /// 7x7 convolution and 3x3 max pooling of stride 2, as for 224x224 images.
    Conv7x7Pool,
}

/// Kind of residual block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Block {
    /// Two 3x3 convolutions; the second ReLU acts after the add.
    Basic,
    /// 1x1, 3x3 (which strides), 1x1 to four times the width; three ReLUs.
    Bottleneck,
    /// Two 3x3 convolutions, each after BatchNorm and ReLU (wide ResNets); its shortcut has no BatchNorm.
    PreActivation,
}

/// Blocks at one resolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// Residual blocks.
    pub blocks: u32,
    /// Channels (of the 3x3 convolution in a bottleneck).
    pub width: u32,
    /// Which ReLUs of each block are there.
    pub relus: Relus,
}

/// Which ReLUs of a block are there. Thinning drops one of a basic block's two; both have the
/// same element count, so either choice counts the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Relus {
    /// All.
    All,
    /// Thinned: those between convolutions stay, the block's last one goes.
    Inner,
    /// Thinned: only the block's last one stays.
    Last,
    /// Culled.
    None,
}

impl Relus {
    fn inner(self) -> bool {
        matches!(self, Self::All | Self::Inner)
    }

    fn last(self) -> bool {
        matches!(self, Self::All | Self::Last)
    }
}

impl ResNetSpec {
    /// A network for small images: 3x3 stem of `m` channels with ReLU, basic blocks, and stage
    /// widths m, m a, m a b, ... from `multipliers`. ResNet-18: m = 64, (2, 2, 2), [2, 2, 2, 2].
    ///
    /// # Errors
    /// `InvalidSetting` when there is not one multiplier fewer than stages, or a width passes its limit.
    pub fn hybrid(
        m: u32,
        multipliers: &[u32],
        blocks: &[u32],
        resolution: u32,
        classes: u32,
    ) -> Result<Self> {
        if multipliers.len() + 1 != blocks.len() {
            let message =
                format!("{} stages take {} multipliers", blocks.len(), blocks.len().saturating_sub(1));
            return Err(Error::new(Code::InvalidSetting, message));
        }
        let mut stages = Vec::with_capacity(blocks.len().min(MAX_SPEC_STAGES));
        let mut width = m;
        for (place, count) in blocks.iter().take(MAX_SPEC_STAGES).enumerate() {
            if let Some(factor) = place.checked_sub(1).and_then(|before| multipliers.get(before)) {
                width = width.checked_mul(*factor).ok_or_else(|| too_large("width", MAX_SPEC_WIDTH))?;
            }
            stages.push(Stage { blocks: *count, width, relus: Relus::All });
        }
        Ok(Self {
            resolution,
            classes,
            stem: Stem::Conv3x3,
            stem_channels: m,
            stem_stride: 1,
            stem_relu: true,
            block: Block::Basic,
            stages,
            final_relu: true,
        })
    }

    /// DeepReDuce's culling: these stages (1 is the first) lose all ReLUs; culling the first drops
    /// the stem's too.
    #[must_use]
    pub fn culled(mut self, stages: &[usize]) -> Self {
        for place in stages {
            if let Some(stage) = place.checked_sub(1).and_then(|index| self.stages.get_mut(index)) {
                stage.relus = Relus::None;
            }
            self.stem_relu &= *place != 1;
        }
        self
    }

    /// DeepReDuce's thinning: one of two ReLUs in every block that still has both.
    #[must_use]
    pub fn thinned(mut self) -> Self {
        for stage in self.stages.iter_mut().filter(|stage| stage.relus == Relus::All) {
            stage.relus = Relus::Inner;
        }
        self
    }

    /// Channel factor alpha = 1 / `divisor`, the stem included.
    #[must_use]
    pub fn narrowed(mut self, divisor: u32) -> Self {
        let divisor = divisor.max(1);
        self.stem_channels /= divisor;
        for stage in &mut self.stages {
            stage.width /= divisor;
        }
        self
    }

    /// Resolution factor rho = 1 / `divisor`: the stem strides more.
    #[must_use]
    pub fn shrunk(mut self, divisor: u32) -> Self {
        self.stem_stride = self.stem_stride.saturating_mul(divisor.max(1));
        self
    }

    /// The network as a model without weights.
    ///
    /// # Errors
    /// `InvalidSetting` for a size that is zero, `LimitExceeded` for one that is past its limit.
    pub fn build(&self, name: &str) -> Result<ModelProto> {
        self.check()?;
        let (mut net, input) = Net::image(name, 3, self.resolution.into());
        let mut x = self.stem(&mut net, &input);
        for (index, stage) in self.stages.iter().enumerate() {
            for block in 0..stage.blocks {
                let stride = if index > 0 && block == 0 { 2 } else { 1 };
                let path = format!("layer{}.{block}", index + 1);
                x = match self.block {
                    Block::Basic => basic(&mut net, &x, &path, stage, stride),
                    Block::Bottleneck => bottleneck(&mut net, &x, &path, stage, stride),
                    Block::PreActivation => pre_activation(&mut net, &x, &path, stage, stride),
                };
            }
        }
        if self.block == Block::PreActivation {
            x = net.batch_norm(&x, "bn");
            if self.final_relu {
                x = net.relu(&x, "relu");
            }
        }
        let x = net.global_average_pool(&x, "avgpool");
        let x = net.flatten(&x, "");
        let x = net.gemm(&x, "fc", self.classes.into());
        Ok(net.finish(x))
    }

    fn stem(&self, net: &mut Net, input: &Value) -> Value {
        let kernel = match self.stem {
            Stem::Conv3x3 => 3,
            Stem::Conv7x7Pool => 7,
        };
        let conv = Conv::new(self.stem_channels.into(), kernel).stride(self.stem_stride.into());
        let mut x = net.conv(input, "conv1", conv);
        // A pre-activation network normalises inside its first block.
        if self.block != Block::PreActivation {
            x = net.batch_norm(&x, "bn1");
            if self.stem_relu {
                x = net.relu(&x, "relu");
            }
        }
        match self.stem {
            Stem::Conv3x3 => x,
            Stem::Conv7x7Pool => net.max_pool(&x, "maxpool", [3, 2, 1], false),
        }
    }

    fn check(&self) -> Result<()> {
        let blocks = self.stages.iter().fold(0u32, |sum, stage| sum.saturating_add(stage.blocks));
        let widths = self.stages.iter().map(|stage| stage.width).chain([self.stem_channels, self.classes]);
        let width = widths.clone().max().unwrap_or(0);
        let side = self.resolution.max(self.stem_stride);
        if self.stages.len() > MAX_SPEC_STAGES {
            return Err(too_large("number of stages", MAX_SPEC_STAGES as u32));
        }
        for (what, value, limit) in [
            ("number of blocks", blocks, MAX_SPEC_BLOCKS),
            ("width", width, MAX_SPEC_WIDTH),
            ("resolution", side, MAX_SPEC_SIDE),
        ] {
            if value > limit {
                return Err(too_large(what, limit));
            }
        }
        let smallest = widths.min().unwrap_or(0).min(self.resolution).min(self.stem_stride);
        if smallest == 0 || self.stages.is_empty() || self.stages.iter().any(|stage| stage.blocks == 0) {
            return Err(Error::new(Code::InvalidSetting, "a network needs every size to be at least 1"));
        }
        Ok(())
    }
}

fn too_large(what: &str, limit: u32) -> Error {
    Error::new(Code::LimitExceeded, format!("the {what} is above {limit}")).hint("Make the network smaller.")
}

fn basic(net: &mut Net, x: &Value, path: &str, stage: &Stage, stride: i64) -> Value {
    let width = i64::from(stage.width);
    let mut y = net.conv(x, &format!("{path}.conv1"), Conv::new(width, 3).stride(stride));
    y = net.batch_norm(&y, &format!("{path}.bn1"));
    if stage.relus.inner() {
        y = net.relu(&y, &format!("{path}.relu"));
    }
    y = net.conv(&y, &format!("{path}.conv2"), Conv::new(width, 3));
    y = net.batch_norm(&y, &format!("{path}.bn2"));
    join(net, x, &y, path, stage, stride)
}

fn bottleneck(net: &mut Net, x: &Value, path: &str, stage: &Stage, stride: i64) -> Value {
    let width = i64::from(stage.width);
    let mut y = x.clone();
    for (place, conv) in [Conv::new(width, 1), Conv::new(width, 3).stride(stride), Conv::new(4 * width, 1)]
        .into_iter()
        .enumerate()
    {
        y = net.conv(&y, &format!("{path}.conv{}", place + 1), conv);
        y = net.batch_norm(&y, &format!("{path}.bn{}", place + 1));
        if place < 2 && stage.relus.inner() {
            y = net.relu(&y, &format!("{path}.relu"));
        }
    }
    join(net, x, &y, path, stage, stride)
}

/// Shortcut, add, last ReLU.
fn join(net: &mut Net, x: &Value, y: &Value, path: &str, stage: &Stage, stride: i64) -> Value {
    let mut shortcut = x.clone();
    if stride != 1 || x.channels() != y.channels() {
        let conv = Conv::new(y.channels(), 1).stride(stride);
        shortcut = net.conv(x, &format!("{path}.downsample.0"), conv);
        shortcut = net.batch_norm(&shortcut, &format!("{path}.downsample.1"));
    }
    let sum = net.add(y, &shortcut, path);
    if stage.relus.last() { net.relu(&sum, &format!("{path}.relu")) } else { sum }
}

/// BatchNorm, ReLU, convolution, twice. Where the shape changes, the shortcut reads the activated value.
fn pre_activation(net: &mut Net, x: &Value, path: &str, stage: &Stage, stride: i64) -> Value {
    let width = i64::from(stage.width);
    let mut active = net.batch_norm(x, &format!("{path}.bn1"));
    if stage.relus.inner() {
        active = net.relu(&active, &format!("{path}.relu1"));
    }
    let mut y = net.conv(&active, &format!("{path}.conv1"), Conv::new(width, 3).stride(stride));
    y = net.batch_norm(&y, &format!("{path}.bn2"));
    if stage.relus.last() {
        y = net.relu(&y, &format!("{path}.relu2"));
    }
    y = net.conv(&y, &format!("{path}.conv2"), Conv::new(width, 3));
    let changes = stride != 1 || x.channels() != width;
    let shortcut = if changes {
        net.conv(&active, &format!("{path}.shortcut"), Conv::new(width, 1).stride(stride))
    } else {
        x.clone()
    };
    net.add(&y, &shortcut, path)
}
