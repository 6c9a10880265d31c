//! Stages and totals of known networks.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::reference_tests::{built, figures, open};
use super::{Kind, count};
use crate::ir::depend::depends_on_input;
use crate::ir::graph::Graph;
use crate::ir::stages::stages;

/// `name resolution blocks ReLUs MACs` of each stage.
fn table(graph: &Graph) -> Vec<String> {
    let counts = count(graph);
    let stages = stages(graph, &depends_on_input(graph));
    assert_eq!(stages.node.len(), graph.nodes.len());
    let mut sums = vec![(0u64, 0u64); stages.list.len()];
    for (index, count) in counts.iter().enumerate() {
        let sum = &mut sums[stages.node[index].0 as usize];
        let relu = count.activation.filter(|a| a.kind == Kind::ReLU).map_or(0, |a| a.elements);
        *sum = (sum.0 + relu, sum.1 + count.macs);
    }
    let macs: u64 = counts.iter().map(|c| c.macs).sum();
    assert_eq!(sums.iter().map(|s| s.1).sum::<u64>(), macs);
    let line = |(stage, (relus, macs)): (&crate::ir::stages::Stage, &(u64, u64))| {
        let resolution = stage.resolution.as_ref().map_or("-".to_owned(), |r| format!("{}x{}", r[0], r[1]));
        format!("{} {resolution} {} {relus} {macs}", stage.name, stage.blocks)
    };
    stages.list.iter().zip(&sums).map(line).collect()
}

const RESNET18: &[&str] = &[
    "stem 32x32 0 65536 1769472",
    "S1 32x32 2 262144 150994944",
    "S2 16x16 2 131072 134217728",
    "S3 8x8 2 65536 134217728",
    "S4 4x4 2 32768 134217728",
    "head - 0 0 51200",
];

const RESNET20: &[&str] = &[
    "stem 32x32 0 16384 442368",
    "S1 32x32 3 98304 14155776",
    "S2 16x16 3 49152 13107200",
    "S3 8x8 3 24576 13107200",
    "head - 0 0 640",
];

#[test]
fn residual_networks() {
    assert_eq!(table(&built("resnet18-cifar100")), RESNET18);
    assert_eq!(table(&open("cifar_resnet18_32_c100.legacy.op13.b1.noweights.onnx")), RESNET18);
    // Both exporters, the quantised file and the spec tell the same.
    for file in [
        "resnet20_32.legacy.op13.b1.onnx",
        "resnet20_32.dynamo.op23.dyn.onnx",
        "resnet20_32.qdq.op13.b1.onnx",
    ] {
        assert_eq!(table(&open(file)), RESNET20, "{file}");
    }
    assert_eq!(table(&built("resnet20-cifar10")), RESNET20);
}

#[test]
fn plain_networks_by_resolution() {
    let want = [
        "S1 32x32 0 131072 39518208",
        "S2 16x16 0 65536 56623104",
        "S3 8x8 0 49152 94371840",
        "S4 4x4 0 24576 94371840",
        "S5 2x2 0 6144 28311552",
        "head - 0 0 5120",
    ];
    assert_eq!(table(&built("vgg16bn-cifar10")), want);
}

#[test]
fn a_network_that_comes_back_to_a_resolution_is_split_by_it() {
    let names: Vec<String> = table(&open("unet_convt_64.legacy.op13.b1.onnx"));
    let resolutions: Vec<&str> = names.iter().map(|line| line.split(' ').nth(1).unwrap()).collect();
    assert_eq!(resolutions, ["64x64", "32x32", "16x16", "32x32", "64x64"], "{names:?}");
}

#[test]
fn transformers_are_one_stage_of_blocks() {
    let want = ["stem - 0 0 115605504", "S1 - 12 0 17447454720", "head - 0 0 768000"];
    assert_eq!(table(&open("vit_b_16_224.legacy.op17.dyn.cos.onnx")), want);
    assert_eq!(table(&built("vit-b-16")), want);
}

/// Network, ReLUs, MACs, parameters, as published (parameters 0: not published).
const PUBLISHED: &[(&str, u64, u64, u64)] = &[
    ("resnet18-cifar100", 557_056, 555_468_800, 11_220_132),
    ("resnet18-tiny", 2_228_224, 2_221_772_800, 11_271_432),
    ("resnet18-cifar100-nostem", 491_520, 555_468_800, 11_220_132),
    ("resnet34-cifar100", 966_656, 1_159_448_576, 0),
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
    ("hrn-5x7x2x-cifar100", 378_880, 1_270_330_752, 0),
    ("hrn-6x6x2x-cifar100", 401_408, 1_365_803_520, 0),
    ("hrn-7x5x2x-cifar100", 411_648, 1_325_577_600, 0),
    ("hrn-4x6x3x-cifar100", 651_264, 2_059_698_688, 0),
    ("drd-c100-115k", 114_688, 555_468_800, 11_220_132),
];

#[test]
fn published_networks_to_the_unit() {
    let mut failures = Vec::new();
    for (id, relus, macs, params) in PUBLISHED {
        let graph = built(id);
        let got = figures(&graph, &count(&graph));
        let relu = got.kinds.get("ReLU").map_or(0, |tally| tally.1);
        if (relu, got.macs) != (*relus, *macs)
            || (*params != 0 && got.params != *params)
            || !got.unknown.is_empty()
        {
            failures.push(format!("{id}: {got:?}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
