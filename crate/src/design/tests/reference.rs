//! Every spec through the same path as a file (import, shapes, counts) against reference figures,
//! to the unit: published sizes of the networks, and counts worked out from their definitions.

use std::collections::BTreeMap;

use super::super::emit::model;
use super::super::examples::build;
use super::super::families::{CIFAR100, DEEPREDUCE, hybrid};
use crate::count::{Status, count};
use crate::ir::depend::depends_on_input;
use crate::ir::import::import;
use crate::ir::infer::infer;
use crate::ir::stages::stages;
use crate::onnx::ModelProto;

/// What a model comes to.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Sums {
    pub relus: u64,
    pub macs: u64,
    pub params: u64,
    /// ReLUs by stage.
    stages: BTreeMap<String, u64>,
    /// MACs by stage.
    stage_macs: BTreeMap<String, u64>,
    /// Elements of every other kind.
    others: BTreeMap<String, u64>,
}

pub(super) fn sums(model: &ModelProto) -> Sums {
    let mut graph = import(model).unwrap();
    infer(&mut graph);
    let staged = stages(&graph, &depends_on_input(&graph));
    let mut sums = Sums::default();
    for (index, node) in count(&graph).iter().enumerate() {
        assert!(!matches!(node.status, Status::Unknown(_)), "{}: {:?}", graph.nodes[index].name, node.status);
        let id = crate::ir::graph::NodeId(index as u32);
        let stage = staged.of(id).map(|stage| stage.name.clone()).unwrap_or_default();
        sums.macs += node.macs;
        *sums.stage_macs.entry(stage.clone()).or_default() += node.macs;
        sums.params += node.params.iter().map(|tensor| tensor.elements).sum::<u64>();
        let Some(activation) = node.activation else { continue };
        let kind = format!("{:?}", activation.kind);
        if kind == "ReLU" {
            sums.relus += activation.elements;
            *sums.stages.entry(stage).or_default() += activation.elements;
        } else {
            *sums.others.entry(kind).or_default() += activation.elements;
        }
    }
    sums
}

/// Fails with all rows that differ, not only the first.
fn hold<T: PartialEq + std::fmt::Debug>(rows: impl IntoIterator<Item = (String, T, T)>) {
    let wrong: Vec<_> = rows.into_iter().filter(|(_, want, found)| want != found).collect();
    assert!(wrong.is_empty(), "(what, expected, found): {wrong:#?}");
}

#[test]
fn examples_come_to_their_reference_figures() {
    let reference = [
        ("resnet18-cifar100", 557_056, 555_468_800, 11_220_132),
        ("resnet18-cifar100-nostem", 491_520, 555_468_800, 11_220_132),
        ("resnet18-tiny", 2_228_224, 2_221_772_800, 11_271_432),
        ("resnet34-cifar100", 966_656, 1_159_448_576, 21_328_292),
        ("resnet20-cifar10", 188_416, 40_813_184, 272_474),
        ("resnet32-cifar10", 303_104, 69_124_736, 466_906),
        ("vgg16bn-cifar10", 276_480, 313_201_664, 14_728_266),
        ("wrn22-8-cifar100", 1_392_640, 2_454_161_408, 17_204_276),
        ("wrn22-8-cifar100-nofinal", 1_359_872, 2_454_161_408, 17_204_276),
        ("resnet18-imagenet", 2_308_096, 1_814_073_344, 11_689_512),
        ("resnet50-imagenet", 9_608_704, 4_089_184_256, 25_557_032),
        ("squeezenet1_1", 2_589_352, 349_151_936, 1_235_496),
        ("mobilenetv2", 0, 300_774_272, 3_504_872),
        ("mobilenetv3-large", 2_315_392, 216_589_760, 5_483_032),
        ("vit-b-16", 0, 17_563_828_224, 86_567_656),
        ("hrn-5x5x3x-cifar100", 343_040, 1_053_353_152, 48_652_308),
        ("hrn-2x5x3x-cifar100", 372_736, 709_621_504, 31_203_460),
        ("hrn-5x7x2x-cifar100", 378_880, 1_270_330_752, 49_381_108),
        ("hrn-6x6x2x-cifar100", 401_408, 1_365_803_520, 52_385_780),
        ("hrn-7x5x2x-cifar100", 411_648, 1_325_577_600, 49_731_636),
        ("hrn-4x6x3x-cifar100", 651_264, 2_059_698_688, 79_412_596),
    ];
    hold(reference.map(|(id, relus, macs, params)| {
        let found = sums(&build(id).unwrap());
        (id.to_owned(), (relus, macs, params), (found.relus, found.macs, found.params))
    }));
}

#[test]
fn other_activations_are_told_apart() {
    let reference: [(&str, &[(&str, u64)]); 3] = [
        ("mobilenetv2", &[("ReLU6", 6_105_792)]),
        ("mobilenetv3-large", &[("HardSigmoid", 4_056), ("HardSwish", 1_511_264)]),
        ("vit-b-16", &[("GELU", 7_262_208), ("LayerNorm", 3_782_400), ("Softmax", 5_588_496)]),
    ];
    hold(reference.map(|(id, want)| {
        let want = want.iter().map(|(kind, elements)| ((*kind).to_owned(), *elements)).collect();
        (id.to_owned(), want, sums(&build(id).unwrap()).others)
    }));
}

#[test]
fn relus_fall_into_stages() {
    let reference: [(&str, &[u64]); 8] = [
        ("resnet18-cifar100", &[65_536, 262_144, 131_072, 65_536, 32_768]),
        ("resnet34-cifar100", &[65_536, 393_216, 262_144, 196_608, 49_152]),
        ("hrn-5x5x3x-cifar100", &[16_384, 65_536, 81_920, 102_400, 76_800]),
        ("hrn-2x5x3x-cifar100", &[32_768, 131_072, 65_536, 81_920, 61_440]),
        ("hrn-5x7x2x-cifar100", &[16_384, 65_536, 81_920, 143_360, 71_680]),
        ("hrn-6x6x2x-cifar100", &[16_384, 65_536, 98_304, 147_456, 73_728]),
        ("hrn-7x5x2x-cifar100", &[16_384, 65_536, 114_688, 143_360, 71_680]),
        ("hrn-4x6x3x-cifar100", &[16_384, 98_304, 131_072, 294_912, 110_592]),
    ];
    let names = ["stem", "S1", "S2", "S3", "S4"];
    hold(reference.map(|(id, want)| {
        let want = names.iter().map(|name| (*name).to_owned()).zip(want.iter().copied()).collect();
        (id.to_owned(), want, sums(&build(id).unwrap()).stages)
    }));
    let macs = sums(&build("resnet18-cifar100").unwrap()).stage_macs;
    let want = [1_769_472, 150_994_944, 134_217_728, 134_217_728, 134_217_728, 51_200];
    let names = ["stem", "S1", "S2", "S3", "S4", "head"];
    hold(
        names.iter().zip(want).map(|(name, want)| ((*name).to_owned(), Some(want), macs.get(*name).copied())),
    );
}

/// Channels by parameters: (2, 2, 2) with growing width, and equal growth at width 16.
#[test]
fn families_scale_as_their_formulas() {
    let relus = |m: u32, factor: u32| {
        let spec = hybrid(m, &[factor; 3], &[2, 2, 2, 2], CIFAR100).unwrap();
        sums(&model(&spec, "family").unwrap()).relus
    };
    let by_width = [(8, 69_632), (16, 139_264), (32, 278_528), (128, 1_114_112), (256, 2_228_224)];
    hold(by_width.map(|(m, want)| (format!("m = {m}"), want, relus(m, 2))));
    let by_growth = [(3, 195_584), (4, 278_528), (5, 394_240), (6, 548_864)];
    hold(by_growth.map(|(factor, want)| (format!("a = b = g = {factor}"), want, relus(16, factor))));
}

#[test]
fn deepreduce_networks_come_to_their_names() {
    let reference = [
        ("drd-c100-230k", 229_376, 555_468_800),
        ("drd-c100-115k", 114_688, 555_468_800),
        ("drd-c100-57k", 57_344, 139_322_368),
        ("drd-c100-49k", 49_152, 139_322_368),
        ("drd-c100-29k", 28_672, 138_905_600),
        ("drd-c100-14k", 14_336, 34_849_792),
        ("drd-c100-12k", 12_288, 34_849_792),
        ("drd-c100-7k", 7_168, 20_694_016),
        ("drd-tiny-918k", 917_504, 2_221_772_800),
        ("drd-tiny-459k", 458_752, 2_221_772_800),
        ("drd-tiny-393k", 393_216, 2_221_772_800),
        ("drd-tiny-229k", 229_376, 557_238_272),
        ("drd-tiny-197k", 196_608, 2_221_772_800),
        ("drd-tiny-115k", 114_688, 555_520_000),
        ("drd-tiny-98k", 98_304, 557_238_272),
        ("drd-tiny-57k", 57_344, 139_347_968),
        ("drd-tiny-49k", 49_152, 555_520_000),
    ];
    assert_eq!(reference.len(), DEEPREDUCE.len());
    hold(reference.map(|(id, relus, macs)| {
        let found = sums(&build(id).unwrap());
        (id.to_owned(), (relus, macs), (found.relus, found.macs))
    }));
}
