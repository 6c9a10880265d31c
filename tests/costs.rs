//! Costs of real exports: what follows from their graphs, against published logs.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use reluctant::api::{Activations, Ask, Estimate, Replacement, Settings, Terms};
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
            cost(file, "ckks:cpu", Activations::All(Replacement::Poly2Public), 1).refreshes.unwrap().fewest,
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
