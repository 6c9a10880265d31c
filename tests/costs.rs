//! Costs of real exports: what follows from their graphs, against published logs.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use reluctant::api::{
    Activations, Adder, Ask, Detail, Estimate, Kind, Model, Norms, Replacement, Row, Settings, Terms, Window,
    Work, cost_of, examples,
};
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

/// What the formulas of Trio, Quad and FSS count, added up from rows without their prices.
#[derive(Debug, Default)]
struct Counts {
    inputs: u64,
    weights: u64,
    outputs: u64,
    /// Of batch norms that stand before their activations: products, unless the layers after them take them in.
    norms: u64,
    pools: u64,
    relus: u64,
    rows: u64,
}

/// None where something else is in the network than linear layers, ReLUs and pools.
fn counts(rows: &[Row]) -> Option<Counts> {
    let mut n = Counts { rows: rows.len() as u64, ..Counts::default() };
    for (place, work) in rows.iter().flat_map(|row| row.work.iter().enumerate()) {
        match work {
            Work::Conv(conv) => {
                let product = |sizes: &[u64]| sizes.iter().product::<u64>();
                n.inputs += conv.batch * conv.in_channels * product(&conv.input);
                n.weights += conv.in_channels / conv.groups * conv.out_channels * product(&conv.kernel);
                n.outputs += conv.batch * conv.out_channels * product(&conv.output);
            }
            Work::MatMul { batch, m, k, n: columns, secret: false, steps: 1 } => {
                n.inputs += batch * m * k;
                n.weights += k * columns;
                n.outputs += batch * m * columns;
            }
            Work::AvgPool { elements, window } if *window > 1 => n.pools += elements,
            Work::Activation(a) if a.kind == Kind::ReLU => n.relus += a.elements,
            Work::Activation(a) if a.kind == Kind::MaxPool => n.relus += a.comparisons,
            Work::BatchNorm { elements } if place == 0 => n.norms += elements,
            // In the weights.
            Work::BatchNorm { .. } | Work::Add { .. } => {}
            _ => return None,
        }
    }
    Some(n)
}

/// Every example that is linear layers, ReLUs and pools: the formulas as they are written, in bits, within what each row
/// is rounded up to bytes.
#[test]
fn keys_and_flows_of_every_example() {
    let mut checked = 0;
    for example in examples() {
        let scored = Model::example(example.id).unwrap().score(&Settings::default()).unwrap();
        let Some(n) = counts(scored.rows()) else { continue };
        let cost =
            |terms: Terms| cost_of(scored.rows(), &terms.into(), Detail::Totals).unwrap().estimates.remove(0);
        let near = |what: &str, got: u64, bits: u64| {
            let most = bits / 8 + 12 * n.rows;
            assert!((bits / 8..=most).contains(&got), "{} {what}: {got} B for {bits} bits", example.id);
        };
        for (which, norms) in [(Norms::Folded, n.norms), (Norms::Weights, 0)] {
            for (k, adder, window, gates, compared) in [
                (32, Adder::Ppa, Window::None, 86, 32),
                (64, Adder::Ppa, Window::None, 181, 64),
                (32, Adder::Rca, Window::None, 31, 32),
                (32, Adder::Rca, Window::Eight, 7, 8),
                (32, Adder::Ppa, Window::Eight, 16, 8),
            ] {
                let under =
                    |id| cost(Terms { ring_bits: k, adder, window, norms: which, ..Terms::under(id) });
                let (trio, quad, k) = (under("trio"), under("quad"), u64::from(k));
                assert!(!trio.partial && !quad.partial, "{}", example.id);
                let products = n.outputs + norms;
                let way = k * products + n.relus * (k + gates);
                let helper = k * (products + n.pools) + n.relus * (compared + gates + 2 * k);
                let check = k * products + n.relus * (2 * k + gates);
                near("trio up", trio.online.bytes_up, way);
                near("trio down", trio.online.bytes_down, way);
                near("trio before", trio.offline.bytes_down, helper);
                near("quad up", quad.online.bytes_up, way + check + k * n.pools);
                near("quad before", quad.offline.bytes_down, helper);
                near("quad between", quad.offline.bytes_between, check);
            }
            for (fss_bits, fraction) in [(64, 12), (50, 12), (37, 24), (9, 8)] {
                let e = cost(Terms { fss_bits, fraction, norms: which, ..Terms::under("fss") });
                assert!(!e.partial, "{}", example.id);
                let tree = |bits: u64| 128 * (bits - 7) + 256 + (bits - 7) + 1;
                let truncations = n.outputs + norms + n.pools;
                let key = n.relus * (tree(u64::from(fss_bits) - 1) + 5 * 64)
                    + truncations * (tree(fraction.into()) + 3 * 64)
                    + 64 * (n.inputs + n.weights + n.outputs + 3 * norms);
                near("fss keys", e.client_storage_bytes.unwrap(), key);
                near(
                    "fss online",
                    e.online.bytes_up,
                    65 * (n.relus + truncations) + 64 * (n.outputs + norms),
                );
            }
        }
        checked += 1;
    }
    println!("{checked} examples");
    assert!(checked >= 15, "only {checked} examples");
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
