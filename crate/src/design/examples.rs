//! The networks that can be opened without a file.

use serde::Serialize;

use super::emit::model;
use super::families::{CIFAR10, CIFAR100, DEEPREDUCE, TINY_IMAGENET, hybrid, imagenet_resnet, wide};
use super::spec::{Block, Spec, Stem};
use super::{mobile, plain, vit};
use crate::error::Result;
use crate::onnx::ModelProto;

/// A network that can be opened without a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Example {
    /// Stable: links and the command line name it.
    pub id: &'static str,
    /// For people.
    pub title: &'static str,
    /// Data set whose image size and classes it takes.
    pub dataset: &'static str,
    /// The convention that its figures hang on; may be empty.
    pub note: &'static str,
}

impl Example {
    /// Title and data set, the name of its model.
    pub fn name(&self) -> String {
        format!("{}, {}", self.title, self.dataset)
    }
}

/// All of them; the first is what the page opens with.
pub fn examples() -> &'static [Example] {
    &EXAMPLES
}

/// The model of an example, without weights; None for an id that is not in [`examples`].
pub fn build(id: &str) -> Option<ModelProto> {
    let model = match id {
        "vgg16bn-cifar10" => plain::vgg16_bn(id, 10),
        "squeezenet1_1" => plain::squeezenet(id, 1000),
        "mobilenetv2" => mobile::mobilenet_v2(id, 1000),
        "mobilenetv3-large" => mobile::mobilenet_v3_large(id, 1000),
        "vit-b-16" => vit::vit_b_16(id, 1000),
        _ => model(&spec_of(id)?, id).ok()?,
    };
    Some(model)
}

/// The example with half its channels in every layer; None where no spec has its widths, or one of them is odd.
pub fn narrowed(id: &str) -> Option<ModelProto> {
    let spec = spec_of(id)?;
    if spec.halves() { model(&spec.narrowed(2), id).ok() } else { None }
}

const fn example(
    id: &'static str,
    title: &'static str,
    dataset: &'static str,
    note: &'static str,
) -> Example {
    Example { id, title, dataset, note }
}

const STEM_RELU: &str = "The ReLU after the stem is counted; DeepReDuce and most papers count so.";
const NO_STEM_RELU: &str = "No ReLU after the stem, as in the code of SNL and AutoReP.";
const OPTION_B: &str = "1x1 convolutions on the shortcuts that change shape (option B).";
const HYBRID: &str =
    "HybReNet (DeepReShape, arXiv 2304.10593): widths chosen so that ReLUs stand in order of criticality.";
const LOW_BUDGET: &str =
    "HybReNet (DeepReShape, arXiv 2304.10593) with its first multiplier at 2, for low ReLU budgets.";

static EXAMPLES: [Example; 24] = [
    example("resnet18-cifar100", "ResNet-18", "CIFAR-100", STEM_RELU),
    example("resnet18-cifar100-nostem", "ResNet-18, no stem ReLU", "CIFAR-100", NO_STEM_RELU),
    example("resnet18-tiny", "ResNet-18", "TinyImageNet", STEM_RELU),
    example("resnet34-cifar100", "ResNet-34", "CIFAR-100", STEM_RELU),
    example("resnet20-cifar10", "ResNet-20", "CIFAR-10", OPTION_B),
    example("resnet32-cifar10", "ResNet-32", "CIFAR-10", OPTION_B),
    example("vgg16bn-cifar10", "VGG-16-BN", "CIFAR-10", "13 convolutions with bias, one linear layer."),
    example("wrn22-8-cifar100", "WRN-22-8", "CIFAR-100", "With the ReLU after the last BatchNorm."),
    example(
        "wrn22-8-cifar100-nofinal",
        "WRN-22-8, no final ReLU",
        "CIFAR-100",
        "Without the ReLU after the last BatchNorm.",
    ),
    example("hrn-5x5x3x-cifar100", "HRN-5x5x3x", "CIFAR-100", HYBRID),
    example("hrn-5x7x2x-cifar100", "HRN-5x7x2x", "CIFAR-100", HYBRID),
    example("hrn-6x6x2x-cifar100", "HRN-6x6x2x", "CIFAR-100", HYBRID),
    example("hrn-7x5x2x-cifar100", "HRN-7x5x2x", "CIFAR-100", HYBRID),
    example("hrn-4x6x3x-cifar100", "HRN-4x6x3x", "CIFAR-100", HYBRID),
    example("hrn-2x5x3x-cifar100", "HRN-2x5x3x", "CIFAR-100", LOW_BUDGET),
    example(
        "drd-c100-115k",
        "DeepReDuce 115K",
        "CIFAR-100",
        "ResNet-18 with stage 1 culled and the rest thinned.",
    ),
    example("resnet18-imagenet", "ResNet-18", "ImageNet", ""),
    example("resnet34-imagenet", "ResNet-34", "ImageNet", ""),
    example("resnet50-imagenet", "ResNet-50", "ImageNet", "The stride is on the 3x3 convolutions (v1.5)."),
    example("squeezenet1_1", "SqueezeNet 1.1", "ImageNet", ""),
    example("mobilenetv2", "MobileNetV2", "ImageNet", "ReLU6 throughout."),
    example("mobilenetv3-large", "MobileNetV3-Large", "ImageNet", "ReLU, HardSwish, and HardSigmoid gates."),
    example("vit-b-16", "ViT-B/16", "ImageNet", "No ReLU: GELU, softmax and LayerNorm."),
    example("resnet18-cifar10", "ResNet-18", "CIFAR-10", STEM_RELU),
];

/// The spec of an example, or of a network of DeepReDuce; None for what no spec describes.
pub fn spec_of(id: &str) -> Option<Spec> {
    residual(id)?.ok()
}

fn residual(id: &str) -> Option<Result<Spec>> {
    const R18: &[u32] = &[2, 2, 2, 2];
    const R34: &[u32] = &[3, 4, 6, 3];
    Some(match id {
        "resnet18-cifar10" => hybrid(64, &[2, 2, 2], R18, CIFAR10),
        "resnet18-cifar100" => hybrid(64, &[2, 2, 2], R18, CIFAR100),
        "resnet18-cifar100-nostem" => {
            let stem = Some(Stem { relu: false, ..Stem::new(64) });
            hybrid(64, &[2, 2, 2], R18, CIFAR100).map(|spec| Spec { stem, ..spec })
        }
        "resnet18-tiny" => hybrid(64, &[2, 2, 2], R18, TINY_IMAGENET),
        "resnet34-cifar100" => hybrid(64, &[2, 2, 2], R34, CIFAR100),
        "resnet20-cifar10" => hybrid(16, &[2, 2], &[3, 3, 3], CIFAR10),
        "resnet32-cifar10" => hybrid(16, &[2, 2], &[5, 5, 5], CIFAR10),
        "wrn22-8-cifar100" => Ok(wide(3, 8, true, CIFAR100)),
        "wrn22-8-cifar100-nofinal" => Ok(wide(3, 8, false, CIFAR100)),
        "hrn-5x5x3x-cifar100" => hybrid(16, &[5, 5, 3], R18, CIFAR100),
        "hrn-5x7x2x-cifar100" => hybrid(16, &[5, 7, 2], R18, CIFAR100),
        "hrn-6x6x2x-cifar100" => hybrid(16, &[6, 6, 2], R18, CIFAR100),
        "hrn-7x5x2x-cifar100" => hybrid(16, &[7, 5, 2], R18, CIFAR100),
        "hrn-4x6x3x-cifar100" => hybrid(16, &[4, 6, 3], R34, CIFAR100),
        "hrn-2x5x3x-cifar100" => hybrid(32, &[2, 5, 3], R18, CIFAR100),
        "resnet18-imagenet" => imagenet_resnet(Block::Basic, R18),
        "resnet34-imagenet" => imagenet_resnet(Block::Basic, R34),
        "resnet50-imagenet" => imagenet_resnet(Block::Bottleneck, R34),
        _ => DEEPREDUCE.iter().find(|row| row.id == id)?.spec(),
    })
}
