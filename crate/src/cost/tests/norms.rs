//! Batch normalisations behind linear layers: in the weights, or computed.

use super::nets::{conv, relu};
use super::*;
use crate::count::{Activation, Kind};

const N: u64 = 16 * 32 * 32;

fn net() -> Vec<Row> {
    let mut net =
        rows(vec![conv(3, 16, 32, 3, 1), relu(N), conv(16, 16, 32, 3, 1), Work::BatchNorm { elements: N }]);
    for at in [0, 2] {
        net[at].work.push(Work::BatchNorm { elements: N });
    }
    net
}

fn separate() -> Terms {
    Terms { norms: Norms::Separate, ..Terms::default() }
}

/// A product and a truncation an element: 32 + 8 B and 2 rounds under SEMI2K, 24 + 28 B under ABY3.
#[test]
fn computed_they_are_a_product_and_a_truncation() {
    for (id, each, rounds) in [("semi2k", 40, 2), ("aby3", 52, 3)] {
        let (folded, separate) = (cost(id, &net(), &Terms::default()), cost(id, &net(), &separate()));
        assert_eq!(separate.bytes_total - folded.bytes_total, 2 * N * each, "{id}");
        assert_eq!(separate.online.rounds - folded.online.rounds, 2 * rounds, "{id}");
        let of = |e: &Estimate| e.layers.as_ref().unwrap()[2].bytes_total.unwrap();
        assert_eq!(of(&separate) - of(&folded), N * each, "{id}");
    }
}

/// In the weights they are nothing, and one that has a row of its own is computed anyway.
#[test]
fn in_the_weights_they_are_nothing() {
    for p in profiles() {
        let json = |net: &[Row], terms: &Terms| serde_json::to_value(cost(p.id, net, terms).layers).unwrap();
        // The second has a first layer that DELPHI has no price for, and nothing of a row without a price is known.
        let large = Row {
            work: vec![conv(3, 64, 224, 7, 2), Work::BatchNorm { elements: 64 * 112 * 112 }],
            ..net().remove(0)
        };
        for net in [net(), vec![large]] {
            let mut without = net.clone();
            without.iter_mut().for_each(|row| row.work.truncate(1));
            assert_eq!(json(&net, &Terms::default()), json(&without, &Terms::default()), "{}", p.id);
        }
        let alone = rows(vec![Work::BatchNorm { elements: N }]);
        assert_eq!(json(&alone, &Terms::default()), json(&alone, &separate()), "{}", p.id);
    }
}

/// An estimate says what is not as always, for citations and tables.
#[test]
fn an_estimate_says_so() {
    let said = |terms: &Terms| serde_json::to_value(cost("semi2k", &net(), terms).settings).unwrap();
    assert_eq!(said(&Terms::default())["changed"], serde_json::json!([]));
    let terms = Terms { argmax: true, he_threads: 4, ..separate() };
    assert_eq!(
        said(&terms)["changed"],
        serde_json::json!(["Output: class, by argmax", "Batch norms: computed"])
    );
    assert_eq!(said(&terms)["batch_norm"], "separate");
}

/// Each protocol prices them, or says why not.
#[test]
fn every_protocol_has_a_price_or_a_reason() {
    for p in profiles() {
        let (folded, separate) = (cost(p.id, &net(), &Terms::default()), cost(p.id, &net(), &separate()));
        let missing =
            separate.unpriced.iter().filter(|u| u.index != 3 && u.reason.contains("BatchNorm")).count();
        let time = |e: &Estimate| e.online.seconds.map_or(e.online.link_seconds, |s| s[1]);
        let dearer = separate.bytes_total > folded.bytes_total || time(&separate) > time(&folded);
        assert!(missing == 2 || (missing == 0 && dearer), "{}: {missing}", p.id);
    }
}

/// BatchNorm, ReLU, convolution: |a| passes the ReLU and is in the weights, under every protocol. What an addition reads, or
/// another function, is computed; so is all of it where a link of before says no more.
#[test]
fn a_later_layer_takes_one_in_where_nothing_else_reads_it() {
    let norm = Work::BatchNorm { elements: N };
    let max = Activation {
        kind: Kind::MaxPool,
        elements: N / 4,
        rows: N / 4,
        row_length: 4,
        comparisons: N / 4 * 3,
        folded: false,
    };
    let of = |kind| {
        Work::Activation(Activation { kind, rows: 0, row_length: 0, elements: N, comparisons: N, ..max })
    };
    let block = |middle: Vec<Work>, last: Work| {
        let net = [vec![conv(3, 16, 32, 3, 1), Work::Add { elements: N }, norm.clone()], middle, vec![last]];
        rows(net.concat())
    };
    let next = || conv(16, 16, 32, 3, 1);
    let fc = |m| Work::MatMul { batch: 1, m, k: 16, n: 10, secret: false, steps: 1 };
    let pool = || Work::AvgPool { elements: 16, window: 1024 };
    let goes: [(&str, Vec<Row>, bool); 9] = [
        ("convolution", block(vec![of(Kind::ReLU)], next()), true),
        ("leaky", block(vec![of(Kind::LeakyReLU)], next()), true),
        ("maximum", block(vec![of(Kind::ReLU), Work::Activation(max)], next()), true),
        ("pool and a vector", block(vec![of(Kind::ReLU), pool()], fc(1)), true),
        ("rows share weights", block(vec![of(Kind::ReLU)], fc(2)), false),
        ("ReLU6", block(vec![of(Kind::ReLU6)], next()), false),
        ("sigmoid", block(vec![of(Kind::Sigmoid)], next()), false),
        ("an addition", block(vec![of(Kind::ReLU)], Work::Add { elements: N }), false),
        ("the result", block(vec![], of(Kind::ReLU)), false),
    ];
    let folded = Terms { norms: Norms::Folded, ..Terms::default() };
    for (what, net, taken) in goes {
        let bytes = |terms: &Terms| cost("semi2k", &net, terms).bytes_total;
        let saved = bytes(&folded) - bytes(&Terms::default());
        assert_eq!(saved, if taken { 40 * N } else { 0 }, "{what}");
        assert_eq!(bytes(&folded), bytes(&separate()), "{what}");
    }
    // Two readers, one of which adds.
    let mut fork = block(vec![of(Kind::ReLU)], next());
    fork.push(Row { after: Some(vec![2, 4]), ..row(Work::Add { elements: N }) });
    assert_eq!(
        cost("semi2k", &fork, &folded).bytes_total,
        cost("semi2k", &fork, &Terms::default()).bytes_total
    );
    // A polynomial is not homogeneous; where nothing stands in the activation's place, the product is linear.
    let net = block(vec![of(Kind::ReLU)], next());
    for (others, taken) in [(Replacement::Poly2Public, false), (Replacement::Identity, true)] {
        let bytes = |terms: &Terms| {
            let tariff = Tariff::of("semi2k", terms).unwrap();
            let activations = Activations::All(others);
            estimate(&net, &Pricing::new(&tariff, terms, &activations), Detail::Totals).unwrap().bytes_total
        };
        assert_eq!(bytes(&folded) - bytes(&Terms::default()), if taken { 40 * N } else { 0 }, "{others:?}");
    }
}

/// A pre-activation network has a price under Cheetah, which has none for a normalisation.
#[test]
fn a_pre_activation_network_opens_under_cheetah() {
    let (_, net) = examples::examples().iter().find(|(name, _)| *name == "wrn22-8-cifar100").unwrap();
    assert!(cost("cheetah:paper", net, &Terms::default()).unpriced.is_empty());
    let folded = Terms { norms: Norms::Folded, ..Terms::default() };
    assert!(!cost("cheetah:paper", net, &folded).unpriced.is_empty());
    assert_eq!(opens_under(net)[0].protocol, "cheetah:paper");
}
