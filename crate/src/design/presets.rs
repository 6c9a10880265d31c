//! Named networks of the literature as specs. What is ours and not the paper's says so in its note.

use super::examples::{examples, spec_of};
use super::families::{CIFAR10, CIFAR100, DEEPREDUCE, IMAGENET, Images, TINY_IMAGENET, hybrid, vgg16};
use super::spec::{Block, Head, Relus, Shortcut, Sizes, Spec, Stage, Stem};

/// A named network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preset {
    /// `design preset NAME` takes it.
    pub name: String,
    /// For people.
    pub title: String,
    /// Where it comes from.
    pub source: &'static str,
    /// What a reader must know; may be empty.
    pub note: &'static str,
    /// The network.
    pub spec: Spec,
}

const RESHAPE: &str = "DeepReShape, arXiv 2304.10593";
const REDUCE: &str = "DeepReDuce, arXiv 2103.01396";
const CELLS: &str = "The cells are ours: residual blocks of two 3x3 convolutions with one ReLU. Its ReLUs are those of the \
                     paper's recipe, its MACs are not.";
const WIDTHS: &str = "Counts are ours: how the repository pairs its list of widths is not confirmed.";
const BALANCED: &str = "Channels times four as the map halves, so that stages have equal ReLUs: the paper's rule on a \
                        network of ours.";

/// Recipes of Sphynx: name, channels, cells, the two cells that halve the map, images.
const SPHYNX: [(&str, u32, u32, [u32; 2], Images); 16] = [
    ("sphynx-c100-25k", 5, 5, [0, 1], CIFAR100),
    ("sphynx-c100-30k", 5, 6, [0, 1], CIFAR100),
    ("sphynx-c100-40k", 5, 8, [1, 3], CIFAR100),
    ("sphynx-c100-50k", 5, 10, [0, 5], CIFAR100),
    ("sphynx-c100-70k", 7, 10, [0, 5], CIFAR100),
    ("sphynx-c100-100k", 10, 10, [0, 5], CIFAR100),
    ("sphynx-tiny-102k", 5, 5, [0, 1], TINY_IMAGENET),
    ("sphynx-tiny-204k", 5, 10, [0, 5], TINY_IMAGENET),
    ("sphynx-tiny-286k", 7, 10, [0, 5], TINY_IMAGENET),
    ("sphynx-tiny-492k", 12, 10, [0, 5], TINY_IMAGENET),
    ("sphynx-tiny-614k", 15, 10, [0, 5], TINY_IMAGENET),
    ("sphynx-imagenet-345k", 20, 10, [1, 5], IMAGENET),
    ("sphynx-imagenet-517k", 30, 10, [1, 5], IMAGENET),
    ("sphynx-imagenet-690k", 40, 10, [1, 5], IMAGENET),
    ("sphynx-imagenet-862k", 50, 10, [1, 5], IMAGENET),
    ("sphynx-imagenet-1034k", 60, 10, [1, 5], IMAGENET),
];

/// Widths that Network Adjustment found for ResNet-20, (inside, out) of each block.
const ADJUSTED: [[u32; 2]; 9] =
    [[6, 17], [6, 17], [9, 16], [26, 23], [28, 24], [29, 29], [78, 66], [93, 97], [112, 128]];

/// All of them.
pub fn presets() -> Vec<Preset> {
    let preset = |name: &str, title: String, source, note, spec| Preset {
        name: name.to_owned(),
        title,
        source,
        note,
        spec,
    };
    let mut all: Vec<Preset> = Vec::new();
    for example in examples().iter().filter(|example| !example.id.starts_with("drd-")) {
        let spec = match example.id {
            "vgg16bn-cifar10" => Some(vgg16(CIFAR10)),
            id => spec_of(id),
        };
        let source = if example.id.starts_with("hrn-") { RESHAPE } else { "" };
        all.extend(spec.map(|spec| preset(example.id, example.name(), source, example.note, spec)));
    }
    for row in &DEEPREDUCE {
        let size = row.id.rsplit('-').next().unwrap_or_default().to_uppercase();
        let title = format!("DeepReDuce {size}, {}", if row.tiny { "TinyImageNet" } else { "CIFAR-100" });
        all.extend(row.spec().ok().map(|spec| preset(row.id, title, REDUCE, "", spec)));
    }
    let blocks = [2; 4];
    for m in [8, 16, 32, 128, 256] {
        let spec = hybrid(m, &[2; 3], &blocks, CIFAR100).ok();
        let title = format!("BaseCh, m = {m}, CIFAR-100");
        all.extend(spec.map(|spec| preset(&format!("basech-{m}"), title, RESHAPE, "", spec)));
    }
    for factor in 3..=6 {
        let spec = hybrid(16, &[factor; 3], &blocks, CIFAR100).ok();
        let title = format!("StageCh, m = 16, multipliers {factor}, CIFAR-100");
        all.extend(spec.map(|spec| preset(&format!("stagech-{factor}"), title, RESHAPE, "", spec)));
    }
    for (name, channels, cells, halves, images) in SPHYNX {
        let title = format!("Sphynx, {cells} cells of {channels} channels");
        all.push(preset(
            name,
            title,
            "Sphynx, arXiv 2106.11755",
            CELLS,
            sphynx(channels, cells, halves, images),
        ));
    }
    if let Ok(spec) = hybrid(16, &[2; 3], &blocks, CIFAR100).map(Spec::balanced) {
        let source = "CryptoNAS, arXiv 2006.08733";
        let title = "ResNet-18 of width 16, balanced".to_owned();
        all.push(preset("cryptonas-resnet18-balanced", title, source, BALANCED, spec.clone()));
        let title = "ResNet-18 of width 16, balanced, no ReLUs on skip paths".to_owned();
        all.push(preset("cryptonas-resnet18-pruned", title, source, BALANCED, spec.without_skip_relus()));
    }
    let source = "Network Adjustment, arXiv 2004.02767; danczs/NetworkAdjustment at 0272dd6";
    let title = "ResNet-20 with adjusted widths, CIFAR-100".to_owned();
    all.push(preset("network-adjustment-resnet20", title, source, WIDTHS, adjusted()));
    all
}

/// Cells of one ReLU, channels times four where the map halves. For large images, three convolutions of stride 2 come
/// first, with ReLUs after the first two.
fn sphynx(channels: u32, cells: u32, halves: [u32; 2], images: Images) -> Spec {
    let large = images.side > 100;
    let mut stages: Vec<Stage> = Vec::new();
    if large {
        stages.push(Stage::new(Block::Vgg, 1, channels, 2));
        stages.push(Stage { relu: Relus::None, ..Stage::new(Block::Vgg, 1, channels, 2) });
    }
    let [first, second] = halves;
    let mut width = channels;
    for (count, stride) in [(first, 1), (second - first, 2), (cells - second, 2)] {
        width *= stride * stride;
        if count > 0 {
            stages.push(Stage { relu: Relus::First, ..Stage::new(Block::Basic, count, width, stride) });
        }
    }
    let stem = match large {
        true => Stem { stride: 2, ..Stem::new(channels / 2) },
        false => Stem { relu: false, ..Stem::new(channels) },
    };
    let input = [3, images.side, images.side];
    Spec { input, classes: images.classes, stem: Some(stem), stages, head: Head::Gap }
}

/// Shortcuts without convolutions, as in ResNets for CIFAR (option A).
fn adjusted() -> Spec {
    let stage = |(place, pairs): (usize, &[[u32; 2]])| Stage {
        mid: Some(Sizes::Each(pairs.iter().map(|[mid, _]| *mid).collect())),
        channels: Sizes::Each(pairs.iter().map(|[_, out]| *out).collect()),
        shortcut: Shortcut::Pad,
        ..Stage::new(Block::Basic, 3, 1, if place == 0 { 1 } else { 2 })
    };
    let stages = ADJUSTED.chunks(3).enumerate().map(stage).collect();
    Spec { input: [3, 32, 32], classes: 100, stem: Some(Stem::new(16)), stages, head: Head::Gap }
}

impl Spec {
    /// ReLU balancing (CryptoNAS): channels times the square of the stride at each stage, from those of the first. Inner
    /// widths go with them.
    #[must_use]
    pub fn balanced(mut self) -> Self {
        let mut width = self.stages.first().map_or(0, |stage| stage.channels.at(0));
        for (place, stage) in self.stages.iter_mut().enumerate() {
            if place > 0 {
                width = width.saturating_mul(stage.stride.saturating_mul(stage.stride));
            }
            let before = stage.channels.at(0).max(1);
            let scale = |size: u32| {
                (u64::from(size) * u64::from(width) / u64::from(before)).min(u32::MAX.into()) as u32
            };
            stage.mid = stage.mid.as_ref().map(|mid| mid.map(scale));
            stage.channels = stage.channels.map(scale);
        }
        self
    }

    /// Without the ReLUs after sums, which stand on the path of the shortcuts (CryptoNAS prunes those).
    #[must_use]
    pub fn without_skip_relus(mut self) -> Self {
        for stage in self.stages.iter_mut().filter(|s| matches!(s.block, Block::Basic | Block::Bottleneck)) {
            stage.relu = match stage.relu {
                Relus::All => Relus::First,
                Relus::Second => Relus::None,
                relu => relu,
            };
        }
        self
    }
}
