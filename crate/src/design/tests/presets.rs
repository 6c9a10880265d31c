//! Presets against the published recipes, counted by others.

use super::super::closed::{count, parts};
use super::super::presets::{Preset, presets};
use super::super::*;
use super::reference::sums;

fn preset(name: &str) -> Option<Preset> {
    presets().into_iter().find(|preset| preset.name == name)
}

#[test]
fn names_are_one_each_and_specs_hold() {
    let all = presets();
    let mut names: Vec<&str> = all.iter().map(|preset| preset.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all.len());
    assert!(all.len() >= 60, "{}", all.len());
    for preset in &all {
        preset.spec.check().unwrap_or_else(|e| panic!("{}: {e}", preset.name));
        assert_eq!(Spec::parse(&serde_json::to_string(&preset.spec).unwrap()).unwrap(), preset.spec);
    }
}

/// ReLUs of the recipes: channels x map x cells, stems of large images added.
#[test]
fn sphynx_has_the_relus_of_its_recipes() {
    let rows = [
        ("c100-25k", 25_600),
        ("c100-30k", 30_720),
        ("c100-40k", 40_960),
        ("c100-50k", 51_200),
        ("c100-70k", 71_680),
        ("c100-100k", 102_400),
        ("tiny-102k", 102_400),
        ("tiny-204k", 204_800),
        ("tiny-286k", 286_720),
        ("tiny-492k", 491_520),
        ("tiny-614k", 614_400),
        ("imagenet-345k", 344_960),
        ("imagenet-517k", 517_440),
        ("imagenet-690k", 689_920),
        ("imagenet-862k", 862_400),
        ("imagenet-1034k", 1_034_880),
    ];
    let found = rows.map(|(name, _)| (name, count(&preset(&format!("sphynx-{name}")).unwrap().spec).relus));
    assert_eq!(found, rows);
    assert_eq!(rows.len(), presets().iter().filter(|preset| preset.name.starts_with("sphynx-")).count());
}

/// Rows of the computed costs that are no preset: stages 1 and 4 culled, and the network that all start from.
#[test]
fn other_recipes_of_deepreduce_come_to_their_rows() {
    let resnet = |id: &str| preset(id).unwrap().spec;
    let rows = [
        (resnet("resnet18-cifar100").culled(&[1, 4]), 196_608, 555_468_800),
        (resnet("resnet18-cifar100"), 557_056, 555_468_800),
        (resnet("resnet18-tiny"), 2_228_224, 2_221_772_800),
    ];
    for (spec, relus, macs) in rows {
        assert_eq!((count(&spec).relus, count(&spec).macs), (relus, macs));
    }
}

#[test]
fn balancing_makes_stages_equal_and_pruning_halves_them() {
    let relus = |spec: &Spec| {
        let mut all = Vec::new();
        parts(spec, &mut |part| all.push(part.counts.relus));
        all
    };
    let balanced = preset("cryptonas-resnet18-balanced").unwrap().spec;
    // Two blocks of two ReLUs: 4 x 16 x 32 x 32.
    assert_eq!(relus(&balanced), [16_384, 65_536, 65_536, 65_536, 65_536, 0]);
    let pruned = preset("cryptonas-resnet18-pruned").unwrap().spec;
    assert_eq!(relus(&pruned), [16_384, 32_768, 32_768, 32_768, 32_768, 0]);
    assert_eq!(sums(&model(&pruned, "pruned").unwrap()).relus, 147_456);
}

/// The sum over blocks of (inside + out) x map, without the stem's 16 x 32 x 32; MACs with 100 classes.
#[test]
fn adjusted_widths_count_as_ours() {
    let spec = preset("network-adjustment-resnet20").unwrap().spec;
    let found = sums(&model(&spec, "adjusted").unwrap());
    let (large, middle, small) =
        (6 + 17 + 6 + 17 + 9 + 16, 26 + 23 + 28 + 24 + 29 + 29, 78 + 66 + 93 + 97 + 112 + 128);
    assert_eq!(found.relus - 16_384, 1024 * large + 256 * middle + 64 * small);
    assert_eq!(found.relus - 16_384, 150_144);
    assert_eq!(found.macs, count(&spec).macs);
    assert!((43_250_000..43_350_000).contains(&found.macs), "{}", found.macs);
    // What it grew from: ResNet-20 without projections (16 x 32 at 16x16, 32 x 64 at 8x8), of 100 classes.
    let base = count(&preset("resnet20-cifar10").unwrap().spec);
    assert_eq!(base.relus - 16_384, 172_032);
    let macs = base.macs - 16 * 32 * 256 - 32 * 64 * 64 + 64 * 90;
    assert!((40_555_000..40_565_000).contains(&macs), "{macs}");
}
