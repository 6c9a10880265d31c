//! Trio against the log of HPMPC, and against its formulas written out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use crate::cost::ask::{Adder, Window};
use crate::cost::tests::hpmpc::{Counts, counts, named, vgg16_cifar10};
use crate::cost::tests::nets::{activation, conv, fc, relu, resnet18};
use crate::cost::tests::*;
use crate::count::{Activation, Kind};

/// As the log runs: batch norms computed.
fn logged(entry: &HashMap<String, String>) -> Terms {
    Terms {
        ring_bits: entry["ring_bits"].parse().unwrap(),
        adder: entry["adder"].parse().unwrap(),
        window: entry["window"].parse().unwrap(),
        norms: Norms::Separate,
        ..Terms::default()
    }
}

#[test]
fn the_networks_are_those_of_the_log() {
    let of = |conv, norm, linear, relu, pool| Counts { conv, norm, linear, relu, pool };
    assert_eq!(counts(&vgg16_cifar10()), of(276_480, 0, 522, 276_992, 31_232));
    let resnet50 = counts(&named("resnet50-imagenet"));
    assert_eq!(resnet50, of(11_113_984, 11_113_984, 1_000, 9_608_704, 202_752));
    assert_eq!(counts(&named("resnet50-cifar10")), of(226_816, 226_816, 10, 196_096, 4_096));
}

#[test]
fn every_logged_run() {
    let mut seen = 0;
    for entry in csv(include_str!("../../fixtures/hpmpc.csv")).iter().filter(|e| e["protocol"] == "trio") {
        let e = cost("trio", &named(&entry["network"]), &logged(entry));
        assert!(!e.partial, "{:?}", e.unpriced);
        let want = entry["MB"].parse::<f64>().unwrap() * 1e6;
        let got = if entry["flow"] == "offline" {
            assert_eq!((e.offline.bytes_up, e.offline.bytes_between), (0, 0));
            e.offline.bytes_down
        } else {
            assert_eq!((e.online.bytes_up, e.online.bytes_between), (e.online.bytes_down, 0));
            e.online.bytes_up
        };
        near(&format!("{entry:?}"), got as f64, want, 0.002);
        seen += 1;
    }
    assert_eq!(seen, 20);
}

/// 614,500 outputs, 557,056 ReLUs, 512 outputs of the average pool, batch norms in the weights.
#[test]
fn the_example_of_the_page() {
    let net = rows(resnet18(32, 100, true));
    for (ring_bits, adder, online, offline) in
        [(32, Adder::Ppa, 10.67, 15.13), (32, Adder::Rca, 6.84, 11.30), (64, Adder::Ppa, 21.98, 30.89)]
    {
        let e = cost("trio", &net, &Terms { ring_bits, adder, ..Terms::default() });
        let mb = |bytes: u64| (bytes as f64 / 1e4).round() / 100.0;
        assert_eq!((mb(e.online.bytes_up), mb(e.online.bytes_down)), (online, online));
        assert_eq!(mb(e.offline.bytes_down), offline);
        assert_eq!(e.bytes_total, 2 * e.online.bytes_up + e.offline.bytes_down);
        assert!(e.online.seconds.is_none() && !e.compute_included);
    }
}

/// The formulas written out, in parts of a byte, over every way to compare.
#[test]
fn the_formulas_of_the_module() {
    let gates = |r: u64, adder| match (adder, r) {
        (Adder::Rca, r) => r - 1,
        (Adder::Ppa, 8) => 16,
        (Adder::Ppa, 32) => 86,
        (Adder::Ppa, _) => 181,
    };
    for name in ["vgg16-cifar10", "resnet50-cifar10"] {
        let net = named(name);
        let n = counts(&net);
        let m = n.conv + n.norm + n.linear;
        for (k, adder, window) in [
            (32, Adder::Ppa, Window::None),
            (32, Adder::Rca, Window::None),
            (64, Adder::Ppa, Window::None),
            (64, Adder::Rca, Window::None),
            (32, Adder::Ppa, Window::Eight),
            (64, Adder::Rca, Window::Eight),
        ] {
            let terms = Terms { ring_bits: k, adder, window, norms: Norms::Separate, ..Terms::default() };
            let e = cost("trio", &net, &terms);
            let r = if window == Window::Eight { 8 } else { u64::from(k) };
            let (w, a) = (u64::from(k), gates(r, adder));
            let online = w * m + n.relu * (w + a);
            let offline = w * (m + n.pool) + n.relu * (r + a + 2 * w);
            // Each row's bits are rounded up to bytes.
            let rows = net.len() as u64;
            for (got, bits) in [(e.online.bytes_up, online), (e.offline.bytes_down, offline)] {
                assert!((bits / 8..=bits / 8 + 2 * rows).contains(&got), "{name} {k}: {got} for {bits} bits");
            }
        }
    }
}

/// A linear layer is one round, a ReLU the adder's levels and one.
#[test]
fn rounds_are_the_adders() {
    let net = [conv(3, 8, 8, 3, 1), relu(512), fc(512, 10)].map(row);
    for (ring_bits, adder, window, depth) in [
        (32, Adder::Ppa, Window::None, 6),
        (64, Adder::Ppa, Window::None, 7),
        (32, Adder::Rca, Window::None, 31),
        (64, Adder::Rca, Window::Eight, 7),
        (32, Adder::Ppa, Window::Eight, 4),
    ] {
        let terms = Terms { ring_bits, adder, window, ..Terms::default() };
        assert_eq!(cost("trio", &net, &terms).online.rounds, 1 + depth + 1 + 1);
    }
}

/// Truncation is inside a product, wherever a product stands; alone it waits for nobody.
#[test]
fn truncation_is_inside_products() {
    let of = |work| {
        let e = cost("trio", &[row(work)], &Terms::default());
        (e.online.bytes_up, e.offline.bytes_down, e.online.rounds)
    };
    assert_eq!(of(Work::Product { elements: 100 }), (800, 800, 1));
    assert_eq!(of(Work::Scale { elements: 100 }), (0, 800, 0));
    assert_eq!(of(Work::AvgPool { elements: 100, window: 4 }), (0, 800, 0));
    assert_eq!(of(Work::AvgPool { elements: 100, window: 1 }), (0, 0, 0));
    assert_eq!(of(Work::Poly2 { elements: 100, secret: false }), (800, 1600, 1));
    assert_eq!(of(Work::Poly2 { elements: 100, secret: true }), (1600, 1600, 2));
    let [relu, prelu, leaky] =
        [Kind::ReLU, Kind::PReLU, Kind::LeakyReLU].map(|kind| of(activation(kind, 80)));
    assert_eq!((prelu.0 - relu.0, prelu.1 - relu.1, prelu.2 - relu.2), (640, 640, 1));
    assert_eq!((leaky.0 - relu.0, leaky.1 - relu.1, leaky.2 - relu.2), (0, 640, 0));
}

/// Max-pools are derived, and never better than an estimate; a function without a run says so.
#[test]
fn what_nobody_ran_is_labelled() {
    let pool = Work::Activation(Activation {
        kind: Kind::MaxPool,
        elements: 64,
        rows: 64,
        row_length: 4,
        comparisons: 192,
        folded: false,
    });
    let e = cost("trio", &[row(pool)], &Terms::default());
    assert_eq!(e.bytes_total, cost("trio", &[row(relu(192))], &Terms::default()).bytes_total);
    assert_eq!(e.status.estimate.bytes, e.bytes_total);
    assert_eq!(e.online.rounds, 2 * 8);
    for kind in [Kind::GELU, Kind::Softmax, Kind::Sigmoid, Kind::Division, Kind::LayerNorm] {
        let e = cost("trio", &[row(activation(kind, 64))], &Terms::default());
        assert!(e.partial && e.unpriced[0].reason.len() > 12, "{kind:?}");
    }
    let wide = Terms { ring_bits: 128, ..Terms::default() };
    assert!(cost("trio", &[row(relu(8))], &wide).partial, "no run in a ring of 128 bits");
}
