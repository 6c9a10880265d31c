//! Costs of real exports: what follows from their graphs, against published logs.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use reluctant::api::{Activations, Ask, Estimate, Model, Replacement, Settings, Terms};
use reluctant_tests::{corpus, open};

const RESNET20: [&str; 2] =
    ["models/resnet20_32.legacy.op13.b1.onnx", "models/resnet20_32.dynamo.op23.dyn.onnx"];

fn cost(file: &str, protocol: &str, activations: Activations, he_threads: u32) -> Estimate {
    let scored = open(&corpus(file)).unwrap().score(&Settings::default()).unwrap();
    let terms = Terms { he_threads, ..Terms::under(protocol) };
    scored.cost_by_row(&Ask { terms, activations }).unwrap().estimates.remove(0)
}

fn bootstraps(e: &Estimate) -> u64 {
    e.layers.iter().flatten().filter_map(|row| row.homomorphic).map(|row| row.bootstraps).sum()
}

#[test]
fn bootstraps_of_a_real_resnet20() {
    for file in RESNET20 {
        for (protocol, composite) in [("ckks:cpu", 18), ("ckks:gpu", 18), ("ckks:openfhe", 21)] {
            let keep = cost(file, protocol, Activations::Keep, 1);
            assert_eq!(bootstraps(&keep), composite, "{file} {protocol}");
            assert!(!keep.partial && keep.online.rounds == 1, "{file} {protocol}: {:?}", keep.unpriced);
        }
        assert_eq!(
            bootstraps(&cost(file, "ckks:cpu", Activations::All(Replacement::Poly2Public), 1)),
            5,
            "{file}"
        );
    }
}

/// Its shortcuts are convolutions, where FHE-MP-CNN's are a cheaper packing: 1 % more.
#[test]
fn seconds_of_a_real_resnet20() {
    for (protocol, threads, logged) in [
        ("ckks:cpu", 1, 2_188.79),
        ("ckks:gpu", 1, 1.32),
        ("ckks:openfhe", 1, 567.313),
        ("ckks:openfhe", 8, 235.795),
    ] {
        let e = cost(RESNET20[0], protocol, Activations::Keep, threads);
        let seconds = e.online.seconds.unwrap()[1] - e.online.link_seconds;
        println!("{protocol}, {threads} threads: {seconds:.3} s for {logged}, ratio {:.4}", seconds / logged);
        assert!((seconds / logged - 1.0).abs() < 0.05, "{protocol}: {seconds} for {logged}");
    }
}

/// SPU's protocols have a price and a time for all that the examples hold; seconds are in order, and a slower machine's
/// are longer.
#[test]
fn examples_are_whole_under_spu() {
    for example in reluctant::api::examples() {
        let scored = Model::example(example.id).unwrap().score(&Settings::default()).unwrap();
        for id in ["semi2k", "aby3", "cheetah:spu", "cheetah:spu-shared"] {
            let of = |machine_factor| {
                let terms = Terms { machine_factor, ..Terms::under(id) };
                scored.cost(&terms.into()).unwrap().estimates.remove(0)
            };
            let (e, slow) = (of(1.0), of(2.0));
            assert!(!e.partial, "{} {id}: {:?}", example.id, e.unpriced);
            let [low, mid, high] = e.online.seconds.unwrap();
            let link = e.online.link_seconds;
            assert!(
                e.bytes_total > 0 && link > 0.0 && link < low && low < mid && mid < high,
                "{} {id}",
                example.id
            );
            let compute = slow.online.seconds.unwrap()[1] - link;
            assert!((compute / (mid - link) - 2.0).abs() < 1e-9, "{} {id}", example.id);
        }
    }
}
