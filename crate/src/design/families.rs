//! Families of networks, from the numbers in their names.

use super::spec::{Block, Head, Relus, Spec, Stage, Stem};
use super::spec::{Pool, Sizes};
use crate::error::{Code, Error, Result};
use crate::limits::MAX_SPEC_STAGES;

/// Image size and classes of a data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Images {
    /// Height and width.
    pub side: u32,
    /// Classes.
    pub classes: u32,
}

pub const CIFAR10: Images = Images { side: 32, classes: 10 };
pub const CIFAR100: Images = Images { side: 32, classes: 100 };
pub const TINY_IMAGENET: Images = Images { side: 64, classes: 200 };
pub const IMAGENET: Images = Images { side: 224, classes: 1000 };

/// A 3x3 stem of `m` channels with ReLU, basic blocks, and stage widths m, m a, m a b, ... from `multipliers`; each
/// stage after the first halves the map. ResNet-18: m = 64, (2, 2, 2), [2, 2, 2, 2].
///
/// # Errors
/// `InvalidSetting` when there is not one multiplier fewer than stages, `LimitExceeded` where a width passes 32 bits.
pub fn hybrid(m: u32, multipliers: &[u32], blocks: &[u32], images: Images) -> Result<Spec> {
    if multipliers.len() + 1 != blocks.len() {
        let message = format!("{} stages take {} multipliers", blocks.len(), blocks.len().saturating_sub(1));
        return Err(Error::new(Code::InvalidSetting, message));
    }
    let mut stages = Vec::with_capacity(blocks.len().min(MAX_SPEC_STAGES));
    let mut width = m;
    for (place, count) in blocks.iter().take(MAX_SPEC_STAGES).enumerate() {
        let factor = place.checked_sub(1).and_then(|before| multipliers.get(before));
        let too_wide = || Error::new(Code::LimitExceeded, "a width passes 32 bits");
        width = width.checked_mul(factor.copied().unwrap_or(1)).ok_or_else(too_wide)?;
        stages.push(Stage::new(Block::Basic, *count, width, if place == 0 { 1 } else { 2 }));
    }
    let input = [3, images.side, images.side];
    Ok(Spec { input, classes: images.classes, stem: Some(Stem::new(m)), stages, head: Head::Gap })
}

/// ResNet for ImageNet: 7x7 stem with pooling, widths 64 to 512, four times that out of bottlenecks.
///
/// # Errors
/// As [`hybrid`].
pub fn imagenet_resnet(block: Block, blocks: &[u32]) -> Result<Spec> {
    let mut spec = hybrid(64, &[2, 2, 2], blocks, IMAGENET)?;
    let pool = Some(Pool { kernel: 3, stride: 2, pad: 1 });
    spec.stem = Some(Stem { kernel: 7, stride: 2, pool, ..Stem::new(64) });
    for stage in &mut spec.stages {
        stage.block = block;
        if block == Block::Bottleneck {
            stage.channels = stage.channels.map(|width| 4 * width);
        }
    }
    Ok(spec)
}

/// Wide ResNet: 16-channel stem, three stages of `blocks`, widths 16k, 32k, 64k. WRN-22-8: 3 blocks, k = 8.
pub fn wide(blocks: u32, k: u32, final_relu: bool, images: Images) -> Spec {
    let stage = |width: u32, stride| Stage::new(Block::Wide, blocks, width.saturating_mul(k), stride);
    Spec {
        input: [3, images.side, images.side],
        classes: images.classes,
        stem: Some(Stem { relu: false, ..Stem::new(16) }),
        stages: vec![stage(16, 1), stage(32, 2), stage(64, 2)],
        head: if final_relu { Head::Gap } else { Head::GapNoRelu },
    }
}

/// VGG-16 with BatchNorm for small images: 13 convolutions with bias, a pool after each stage, one linear layer.
pub fn vgg16(images: Images) -> Spec {
    let stage = |(width, blocks)| Stage {
        pool: Some(Pool { kernel: 2, stride: 2, pad: 0 }),
        ..Stage::new(Block::Vgg, blocks, width, 1)
    };
    Spec {
        input: [3, images.side, images.side],
        classes: images.classes,
        stem: None,
        stages: [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)].map(stage).to_vec(),
        head: Head::Flatten,
    }
}

impl Spec {
    /// DeepReDuce's culling: these stages (1 is the first) lose all ReLUs; culling the first drops
    /// the stem's too.
    #[must_use]
    pub fn culled(mut self, stages: &[usize]) -> Self {
        for place in stages {
            if let Some(stage) = place.checked_sub(1).and_then(|index| self.stages.get_mut(index)) {
                stage.relu = Relus::None;
            }
            self.stem.iter_mut().for_each(|stem| stem.relu &= *place != 1);
        }
        self
    }

    /// DeepReDuce's thinning: one of two ReLUs in every block that still has both.
    #[must_use]
    pub fn thinned(mut self) -> Self {
        for stage in self.stages.iter_mut().filter(|stage| stage.relu == Relus::All) {
            stage.relu = Relus::First;
        }
        self
    }

    /// Channel factor alpha = 1 / `divisor`, the stem included.
    #[must_use]
    pub fn narrowed(mut self, divisor: u32) -> Self {
        let divisor = divisor.max(1);
        self.stem.iter_mut().for_each(|stem| stem.channels /= divisor);
        for stage in &mut self.stages {
            stage.channels = stage.channels.map(|width| width / divisor);
            stage.mid = stage.mid.as_ref().map(|mid| mid.map(|width| width / divisor));
        }
        self
    }

    /// Resolution factor rho = 1 / `divisor`: the stem strides more.
    #[must_use]
    pub fn shrunk(mut self, divisor: u32) -> Self {
        self.stem.iter_mut().for_each(|stem| stem.stride = stem.stride.saturating_mul(divisor.max(1)));
        self
    }

    /// Every width is even, so that half of it is one.
    pub fn halves(&self) -> bool {
        let sizes = self.stages.iter().flat_map(|stage| std::iter::once(&stage.channels).chain(&stage.mid));
        let even = |sizes: &Sizes| *sizes == sizes.map(|width| width / 2 * 2);
        self.stem.is_none_or(|stem| stem.channels.is_multiple_of(2)) && sizes.into_iter().all(even)
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
    /// None for the rows of [`DEEPREDUCE`]; as [`hybrid`] for others.
    pub fn spec(&self) -> Result<Spec> {
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
