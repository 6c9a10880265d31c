//! Quad against the log of HPMPC: each of its five flows.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use crate::cost::tests::hpmpc::named;
use crate::cost::tests::nets::{relu, resnet18};
use crate::cost::tests::*;

/// Two flows leave P2 online: the log has them apart, an estimate together.
#[test]
fn every_logged_run() {
    let mut runs: HashMap<(String, u32), HashMap<String, f64>> = HashMap::new();
    for entry in csv(include_str!("../../fixtures/hpmpc.csv")).iter().filter(|e| e["protocol"] == "quad") {
        assert_eq!((entry["adder"].as_str(), entry["window"].as_str()), ("ppa", "none"));
        let run = (entry["network"].clone(), entry["ring_bits"].parse().unwrap());
        let bytes = entry["MB"].parse::<f64>().unwrap() * 1e6;
        runs.entry(run).or_default().insert(entry["flow"].clone(), bytes);
    }
    assert_eq!(runs.len(), 4);
    for ((network, ring_bits), flows) in runs {
        let terms = Terms { ring_bits, norms: Norms::Separate, ..Terms::default() };
        let e = cost("quad", &named(&network), &terms);
        assert!(!e.partial, "{:?}", e.unpriced);
        for (got, want) in [
            (e.online.bytes_down, flows["P1-P2"]),
            (e.online.bytes_up, flows["P2-P1"] + flows["P2-P0"]),
            (e.online.bytes_up - e.online.bytes_down, flows["P2-P0"]),
            (e.offline.bytes_down, flows["P3-P2"]),
            (e.offline.bytes_between, flows["P3-P0"]),
            (e.bytes_total, flows.values().sum()),
        ] {
            near(&network, got as f64, want, 0.0005);
        }
        assert_eq!((e.offline.bytes_up, e.online.bytes_between), (0, 0));
    }
}

/// Trio's flows are among Quad's, and rounds are alike.
#[test]
fn quad_is_trio_and_its_checks() {
    let net = rows(resnet18(32, 100, true));
    let [trio, quad] = ["trio", "quad"].map(|id| cost(id, &net, &Terms::default()));
    assert_eq!(quad.online.bytes_down, trio.online.bytes_down);
    assert_eq!(quad.offline.bytes_down, trio.offline.bytes_down);
    assert_eq!(quad.online.rounds, trio.online.rounds);
    assert!(quad.bytes_total > trio.bytes_total);
}

/// The log has Quad with parallel prefix at full width only: the others are Trio's figures, and an estimate.
#[test]
fn what_the_log_does_not_have_is_an_estimate() {
    let relus = [row(relu(64))];
    for (adder, window) in [(Adder::Rca, Window::None), (Adder::Ppa, Window::Eight)] {
        let terms = Terms { ring_bits: 32, adder, window, ..Terms::default() };
        let [trio, quad] = ["trio", "quad"].map(|id| cost(id, &relus, &terms));
        assert_eq!(
            (trio.status.validated.bytes, quad.status.estimate.bytes),
            (trio.bytes_total, quad.bytes_total)
        );
    }
    let quad = cost("quad", &relus, &Terms::default());
    assert_eq!(quad.status.validated.bytes, quad.bytes_total);
}
