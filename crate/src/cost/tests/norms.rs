//! Batch normalisations behind linear layers: in the weights, or computed.

use super::nets::{conv, relu};
use super::*;

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
    Terms { separate_norms: true, ..Terms::default() }
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
