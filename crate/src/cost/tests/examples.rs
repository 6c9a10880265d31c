//! What must hold for every example under every protocol: away from the networks that constants were fitted to.

use std::sync::OnceLock;

use super::*;
use crate::api::{Model, Settings};

/// Every network that opens without a file, by its id.
pub(in crate::cost) fn examples() -> &'static [(&'static str, Vec<Row>)] {
    static ALL: OnceLock<Vec<(&'static str, Vec<Row>)>> = OnceLock::new();
    ALL.get_or_init(|| {
        let rows = |id| Model::example(id).unwrap().score(&Settings::default()).unwrap().rows().to_vec();
        crate::design::examples().iter().map(|example| (example.id, rows(example.id))).collect()
    })
}

pub(in crate::cost) fn example(id: &str) -> &'static [Row] {
    &examples().iter().find(|(name, _)| *name == id).unwrap().1
}

/// Every example as it is, with its activations dropped, and with polynomials.
pub(in crate::cost) const WAYS: [Activations; 3] =
    [Activations::All(Replacement::Identity), Activations::All(Replacement::Poly2Public), Activations::Keep];

/// An input goes up and a result comes down, whichever layers have a price.
#[test]
fn every_network_has_traffic_and_a_round() {
    let mut faults = Vec::new();
    for (name, net) in examples() {
        for p in profiles() {
            for activations in &WAYS {
                let e = with(p.id, net, &Terms::default(), activations);
                let priced = e.layers.iter().flatten().any(|layer| layer.bytes_total.is_some());
                let sum: u64 = e.layers.iter().flatten().filter_map(|layer| layer.bytes_total).sum();
                if sum != e.bytes_total {
                    faults.push(format!("{name} {}: rows {sum}, in all {}", p.id, e.bytes_total));
                }
                if priced && (e.online.bytes_up + e.online.bytes_down == 0 || e.online.rounds == 0) {
                    faults.push(format!("{name} {}: {:?}", p.id, e.online));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The input is the network's, whichever layer carries it: as large with a first layer that has a price as without.
#[test]
fn the_input_does_not_hang_on_the_first_layer() {
    let (keep, drop) = (&WAYS[2], &WAYS[0]);
    let up = |id, net: &[Row], ways| with(id, net, &Terms::default(), ways).online.bytes_up;
    // A channel of 224 x 224 fits no ciphertext, so the first layer has no price: 150,528 values take 5 of them, at the 14
    // levels that the ReLU behind it takes.
    assert_eq!(up("ckks:cpu", example("resnet50-imagenet"), keep), 5 * 15 * 1_048_576);
    // 3 x 32 x 32 take one, at 13 limbs where no activation of a high degree follows.
    assert!(up("ckks:cpu", example("resnet20-cifar10"), drop) <= 13 * 1_048_576);
    assert_eq!(up("delphi:client-garbler", example("vit-b-16"), drop), 9 * 3 * 224 * 224 + 41);
    // Only what follows the convolution has a price: an Add by itself is free, the network it stands in is not.
    let grouped = |work: Work| {
        let Work::Conv(conv) = work else { panic!("a convolution") };
        Work::Conv(crate::count::Conv { groups: 2, ..conv })
    };
    let net = rows(vec![grouped(nets::conv(4, 4, 8, 3, 1)), Work::Add { elements: 256 }]);
    for id in ["delphi:server-garbler", "delphi:client-garbler", "circa:12"] {
        let e = cost(id, &net, &Terms::default());
        assert_eq!((e.online.bytes_up, e.online.rounds), (9 * 256 + 41, 1), "{id}");
    }
}

/// A partial total is a lower bound, says so, and stands behind the whole ones.
#[test]
fn partial_totals_are_bounds() {
    for (name, net) in examples() {
        let estimates = profiles().iter().map(|p| cost(p.id, net, &Terms::default())).collect();
        let mut report = Report { schema: COST_SCHEMA, estimates };
        for e in &report.estimates {
            assert_eq!((e.bound, e.partial), (!e.unpriced.is_empty(), e.bound), "{name} {}", e.protocol);
            assert!(e.unpriced.len() as u64 <= e.pieces(), "{name} {}", e.protocol);
            assert_eq!(serde_json::to_value(e).unwrap()["bound"], e.bound);
        }
        let order = |report: &Report| -> Vec<&str> { report.estimates.iter().map(|e| e.protocol).collect() };
        let before: Vec<&str> = profiles().iter().map(|p| p.id).collect();
        assert_eq!(order(&report), before);
        report.bounds_last();
        let first = report.estimates.iter().position(|e| e.bound).unwrap_or(report.estimates.len());
        let (whole, bounds) = report.estimates.split_at(first);
        assert!(whole.iter().all(|e| !e.bound) && bounds.iter().all(|e| e.bound), "{name}");
        let place = |e: &Estimate| before.iter().position(|id| *id == e.protocol);
        assert!(whole.is_sorted_by_key(place) && bounds.is_sorted_by_key(place), "{name}");
    }
}

/// Under a protocol that prices all of it, or leaves the least of it.
#[test]
fn a_network_opens_under_what_prices_it() {
    for (name, net) in examples() {
        let ids: Vec<&str> = opens_under(net).iter().map(|opening| opening.protocol).collect();
        let gaps = |id: &str| cost(id, net, &Terms::default()).unpriced.len();
        match *name {
            // Attention; gates; batch norms that stand before their activations, which no weights take in.
            "vit-b-16" | "mobilenetv3-large" | "wrn22-8-cifar100" => assert_eq!(ids, ["semi2k"], "{name}"),
            "resnet18-cifar100" | "resnet50-imagenet" | "squeezenet1_1" | "mobilenetv2" => {
                assert_eq!(ids, ["cheetah:paper", "delphi:server-garbler"], "{name}");
            }
            _ => assert_eq!(ids[0] == "cheetah:paper", gaps("cheetah:paper") == 0, "{name}"),
        }
        assert!(gaps(ids[0]) <= gaps("cheetah:paper").min(gaps("semi2k")), "{name}");
        // Never one that leaves most of a network without a price.
        assert!(2 * gaps(ids[0]) < cost(ids[0], net, &Terms::default()).pieces() as usize, "{name}");
    }
    assert_eq!(opens_under(&[])[0].protocol, "cheetah:paper");
}
