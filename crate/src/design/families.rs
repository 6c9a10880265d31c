//! Families of residual networks, from the numbers in their names.

use super::resnet::{Block, Relus, ResNetSpec, Stage, Stem};
use crate::error::Result;

/// Image size and classes of a data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Images {
    pub side: u32,
    pub classes: u32,
}

pub(super) const CIFAR10: Images = Images { side: 32, classes: 10 };
pub(super) const CIFAR100: Images = Images { side: 32, classes: 100 };
pub(super) const TINY_IMAGENET: Images = Images { side: 64, classes: 200 };
pub(super) const IMAGENET: Images = Images { side: 224, classes: 1000 };

/// A 3x3 stem, basic blocks, widths m, m a, m a b, ...
pub(super) fn hybrid(m: u32, multipliers: &[u32], blocks: &[u32], images: Images) -> Result<ResNetSpec> {
    ResNetSpec::hybrid(m, multipliers, blocks, images.side, images.classes)
}

/// ResNet for ImageNet: 7x7 stem with pooling, widths 64 to 512.
pub(super) fn imagenet_resnet(block: Block, blocks: &[u32]) -> Result<ResNetSpec> {
    let small = hybrid(64, &[2, 2, 2], blocks, IMAGENET)?;
    Ok(ResNetSpec { stem: Stem::Conv7x7Pool, stem_stride: 2, block, ..small })
}

/// Wide ResNet: 16-channel stem, three stages of `blocks`, widths 16k, 32k, 64k. WRN-22-8: 3 blocks, k = 8.
pub(super) fn wide(blocks: u32, k: u32, final_relu: bool, images: Images) -> ResNetSpec {
    let stage = |width: u32| Stage { blocks, width: width.saturating_mul(k), relus: Relus::All };
    ResNetSpec {
        resolution: images.side,
        classes: images.classes,
        stem: Stem::Conv3x3,
        stem_channels: 16,
        stem_stride: 1,
        stem_relu: false,
        block: Block::PreActivation,
        stages: vec![stage(16), stage(32), stage(64)],
        final_relu,
    }
}

/// A network of the DeepReDuce family (arXiv 2103.01396): a ResNet-18 with culled stages, thinned
/// blocks, channel factor alpha and resolution factor rho.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeepReduce {
    /// Name, after its ReLU count in thousands.
    pub id: &'static str,
    /// For 64x64 images and 200 classes; else 32x32 and 100.
    pub tiny: bool,
    /// Blocks of each stage.
    pub blocks: [u32; 4],
    /// 1 / alpha.
    pub narrow: u32,
    /// 1 / rho.
    pub shrink: u32,
    /// Stages that lose all ReLUs, from 1.
    pub culled: &'static [usize],
    /// One of two ReLUs in the remaining blocks.
    pub thinned: bool,
}

impl DeepReduce {
    /// The network.
    ///
    /// # Errors
    /// None for the rows of [`DEEPREDUCE`]; as [`ResNetSpec::hybrid`] for others.
    pub fn spec(&self) -> Result<ResNetSpec> {
        let images = if self.tiny { TINY_IMAGENET } else { CIFAR100 };
        let spec = hybrid(64, &[2, 2, 2], &self.blocks, images)?;
        let spec = spec.narrowed(self.narrow).shrunk(self.shrink).culled(self.culled);
        Ok(if self.thinned { spec.thinned() } else { spec })
    }
}

const fn row(
    id: &'static str,
    narrow: u32,
    shrink: u32,
    culled: &'static [usize],
    thinned: bool,
) -> DeepReduce {
    DeepReduce { id, tiny: false, blocks: [2, 2, 2, 2], narrow, shrink, culled, thinned }
}

const fn tiny(row: DeepReduce) -> DeepReduce {
    DeepReduce { tiny: true, ..row }
}

/// The recipes behind DeepReDuce's published points.
pub const DEEPREDUCE: [DeepReduce; 17] = [
    row("drd-c100-230k", 1, 1, &[1], false),
    row("drd-c100-115k", 1, 1, &[1], true),
    row("drd-c100-57k", 2, 1, &[1], true),
    row("drd-c100-49k", 2, 1, &[1, 4], true),
    row("drd-c100-29k", 1, 2, &[1], true),
    row("drd-c100-14k", 2, 2, &[1], true),
    row("drd-c100-12k", 2, 2, &[1, 4], true),
    DeepReduce { blocks: [2, 1, 1, 1], ..row("drd-c100-7k", 2, 2, &[1], true) },
    tiny(row("drd-tiny-918k", 1, 1, &[1], false)),
    tiny(row("drd-tiny-459k", 1, 1, &[1], true)),
    tiny(row("drd-tiny-393k", 1, 1, &[1, 2], false)),
    tiny(row("drd-tiny-229k", 2, 1, &[1], true)),
    tiny(row("drd-tiny-197k", 1, 1, &[1, 2], true)),
    tiny(row("drd-tiny-115k", 1, 2, &[1], true)),
    tiny(row("drd-tiny-98k", 2, 1, &[1, 2], true)),
    tiny(row("drd-tiny-57k", 2, 2, &[1], true)),
    tiny(row("drd-tiny-49k", 1, 2, &[1, 2], true)),
];
