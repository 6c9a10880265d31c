//! Counts without building equal those of the built network; a random spec of every kind of block.

use super::super::closed::{Counts, count, parts};
use super::super::examples::{build, examples, spec_of};
use super::super::families::{CIFAR10, DEEPREDUCE, vgg16};
use super::super::layers::{Op, layers};
use super::super::*;
use super::random::Random;
use super::reference::sums;
use crate::ir::hash::structural_hash;
use crate::ir::import::import;
use crate::ir::infer::infer;

/// Odd sides, mixed blocks, grouped and uneven channels.
pub fn random_spec(random: &mut Random) -> Spec {
    let stage = |random: &mut Random| {
        let blocks = 1 + random.below(4);
        let groups = random.pick(&[1, 1, 2]);
        let size = |random: &mut Random| groups * 4 * (1 + random.below(6));
        let sizes = |random: &mut Random| match random.below(2) {
            0 => Sizes::All(size(random)),
            _ => Sizes::Each((0..blocks).map(|_| size(random)).collect()),
        };
        Stage {
            block: random.pick(Block::ALL),
            blocks,
            channels: sizes(random),
            mid: (random.below(3) == 0).then(|| sizes(random)),
            expand: (random.below(2) == 0).then(|| 1 + random.below(4)),
            groups,
            stride: 1 + random.below(3),
            shortcut: random.pick(Shortcut::ALL),
            relu: random.pick(Relus::ALL),
            pool: (random.below(4) == 0).then(|| Pool { kernel: 3, stride: 1 + random.below(2), pad: 1 }),
        }
    };
    let stem = Stem {
        channels: 4 * (1 + random.below(5)),
        kernel: random.pick(&[1, 3, 5, 7]),
        stride: 1 + random.below(2),
        relu: random.below(2) == 0,
        pool: (random.below(3) == 0).then_some(Pool { kernel: 2, stride: 2, pad: 0 }),
    };
    Spec {
        input: [1 + random.below(4), 17 + random.below(40), 17 + random.below(40)],
        classes: 2 + random.below(20),
        stem: Some(stem),
        stages: (0..1 + random.below(4)).map(|_| stage(random)).collect(),
        head: random.pick(Head::ALL),
    }
}

/// Specs that can be built, with their place among those that were drawn.
pub fn random_specs(count: usize) -> Vec<Spec> {
    let mut random = Random::new(7);
    std::iter::repeat_with(|| random_spec(&mut random))
        .filter(|spec| spec.check().is_ok())
        .take(count)
        .collect()
}

#[test]
fn counts_without_building_are_those_of_the_network() {
    let listed = examples().iter().map(|example| example.id).chain(DEEPREDUCE.iter().map(|row| row.id));
    let mut specs: Vec<(String, Spec)> =
        listed.filter_map(|id| Some((id.to_owned(), spec_of(id)?))).collect();
    assert!(specs.len() > 30, "{}", specs.len());
    specs.push(("vgg".to_owned(), vgg16(CIFAR10)));
    specs.extend(random_specs(150).into_iter().map(|spec| (format!("{spec:?}"), spec)));
    for (what, spec) in specs {
        let built = sums(&model(&spec, "net").unwrap());
        let Counts { relus, macs, params } = count(&spec);
        assert_eq!((relus, macs, params), (built.relus, built.macs, built.params), "{what}");
        let mut places = 0;
        parts(&spec, &mut |_| places += 1);
        assert_eq!(places, spec.stages.len() + 2);
    }
}

/// Each layer has as many elements as the graph infers for its node.
#[test]
fn shapes_of_layers_are_those_of_the_graph() {
    let mut seen = 0;
    for spec in random_specs(60) {
        let mut graph = import(&model(&spec, "net").unwrap()).unwrap();
        infer(&mut graph);
        let nodes = graph.nodes.iter().filter(|node| !matches!(node.op.as_str(), "Slice" | "Pad"));
        let found: Vec<u64> = nodes.map(|node| graph.elements(node.outputs[0].unwrap()).unwrap()).collect();
        let all = layers(&spec);
        let plain = all.iter().filter(|layer| !matches!(layer.op, Op::Input | Op::Fit { .. }));
        let want: Vec<u64> = plain.map(|layer| layer.shape.map(u64::from).iter().product()).collect();
        assert_eq!(want, found, "{spec:?}");
        seen += all.iter().filter(|layer| matches!(layer.op, Op::Fit { .. })).count();
    }
    assert!(seen > 10, "{seen}");
}

/// Numbers at and past the limits: refused, or counted without leaving 64 bits in silence.
#[test]
fn extreme_numbers_are_refused_or_counted() {
    let mut random = Random::new(3);
    let extreme = [0, 1, 2, 3, 4095, 4096, 4097, 65_535, 65_536, 65_537, 1 << 31, u32::MAX];
    let (mut held, mut refused) = (0, 0);
    for _ in 0..4000 {
        let mut spec = random_spec(&mut random);
        for _ in 0..1 + random.below(3) {
            let value = random.pick(&extreme);
            let stage = &mut spec.stages[0];
            match random.below(10) {
                0 => spec.input = [random.pick(&extreme), value, 4096],
                1 => spec.classes = value,
                2 => spec.stem = Some(Stem { kernel: value, stride: 1, ..Stem::new(65_536) }),
                3 => spec.stem = Some(Stem { stride: value, ..Stem::new(value) }),
                4 => stage.channels = Sizes::All(value),
                5 => stage.mid = Some(Sizes::All(value)),
                6 => stage.expand = Some(value),
                7 => stage.stride = value,
                8 => stage.pool = Some(Pool { kernel: value, stride: random.pick(&extreme), pad: value / 2 }),
                _ => stage.groups = value,
            }
        }
        if spec.check().is_err() {
            assert!(model(&spec, "net").is_err());
            refused += 1;
            continue;
        }
        held += 1;
        let counts = count(&spec);
        assert!(counts.macs > 0 && counts.params > 0);
        assert!(!rows(&spec).is_empty() && !module(&spec).is_empty());
        assert!(model(&spec, "net").is_ok());
    }
    assert!(held > 500 && refused > 500, "{held} {refused}");
}

/// The example keeps the names of its exporter; the spec has the same structure.
#[test]
fn vgg_of_a_spec_is_the_examples() {
    let hash = |model: &crate::onnx::ModelProto| {
        let mut graph = import(model).unwrap();
        infer(&mut graph);
        structural_hash(&graph)
    };
    assert_eq!(hash(&model(&vgg16(CIFAR10), "vgg").unwrap()), hash(&build("vgg16bn-cifar10").unwrap()));
}
