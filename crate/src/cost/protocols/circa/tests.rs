//! Circa and the bound on CrypTFlow2: what little is known of them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use crate::cost::tests::examples::{example, examples};
use crate::cost::tests::nets::{fc, relu, resnet18};
use crate::cost::tests::*;

#[test]
fn more_bits_dropped_cost_less_and_err_more() {
    let of = |k: u32| cost(&format!("circa:{k}"), &[row(relu(1000))], &Terms::default());
    let e = of(12);
    // 30 gates, 29 labels twice, 41 wires, a triple: 1,440 + 812 + 1,640 + 192 offline, 812 + 32 online.
    assert_eq!(e.offline.bytes_down + e.offline.bytes_up, 1000 * (1_440 + 812 + 1_640 + 192));
    assert_eq!(e.online.bytes_down + e.online.bytes_up, 1000 * (812 + 32));
    assert_eq!(e.status.estimate.bytes, e.bytes_total);
    let faults = e.faults.unwrap();
    assert_eq!((faults.bits_dropped, faults.window, faults.inside), (12, 4096.0, 0.5));
    for k in 1..=40 {
        // Of more than 12 no gain is published.
        assert_eq!(of(k).bytes_total < of(k - 1).bytes_total, k <= 12, "{k}");
        assert!(of(k).bytes_total <= of(k - 1).bytes_total);
        assert!(of(k).faults.unwrap().window > of(k - 1).faults.unwrap().window);
    }
    assert!(profile("circa:41").is_err() && profile("circa:x").is_err() && profile("circa").is_err());
    assert!(cost("semi2k", &[], &Terms::default()).faults.is_none());
}

#[test]
fn linear_layers_are_delphis() {
    let net = rows(resnet18(32, 100, false));
    let [circa, delphi] =
        ["circa:12", "delphi:server-garbler"].map(|id| replaced(id, &net, Replacement::Identity));
    assert_eq!(circa.offline, delphi.offline);
    assert_eq!(circa.online, delphi.online);
}

/// The abstract: storage up to 4.7 times less than DELPHI's, the online phase up to 3 times faster. No network, number of
/// bits, threads or link gains more, at any end of the range; and none loses.
#[test]
fn no_gain_is_above_the_abstracts() {
    let mut most = [0.0_f64; 2];
    for (name, net) in examples() {
        for (threads, link) in [(4, "lan"), (1, "lan"), (16, "wan"), (4, "loopback")] {
            let terms = Terms { gc_threads: threads, link: Line::preset(link).unwrap(), ..Terms::default() };
            let delphi = cost("delphi:server-garbler", net, &terms);
            for k in [0, 12, 17, 40] {
                let circa = cost(&format!("circa:{k}"), net, &terms);
                let what = format!("{name} circa:{k}, {threads} threads, {link}");
                let [more, less] = [&delphi, &circa].map(|e| e.client_storage_bytes.unwrap() as f64);
                if more == 0.0 {
                    continue;
                }
                assert!(more / less <= 4.7 && more >= less, "{what}: {more} to {less} B");
                let bytes = |e: &Estimate| e.online.bytes_total() as f64;
                assert!(bytes(&delphi) / bytes(&circa) <= 3.0, "{what}");
                let (slow, fast) = (delphi.online.seconds.unwrap(), circa.online.seconds.unwrap());
                for at in 0..3 {
                    let gain = slow[at] / fast[at];
                    assert!(gain <= 3.0, "{what}: {gain}");
                    most[1] = most[1].max(gain);
                }
                most[0] = most[0].max(more / less);
                if delphi.unpriced == circa.unpriced {
                    assert!(
                        circa.offline.seconds.unwrap()[1] <= delphi.offline.seconds.unwrap()[1],
                        "{what}"
                    );
                }
            }
        }
    }
    assert!(most[0] > 4.6 && most[1] > 1.5, "{most:?}");
}

/// The log of EzPC issue 204, ResNet-50 at l = 37, batch normalisations computed: each operation, and all that was sent and
/// received.
#[test]
fn the_bound_is_the_log() {
    const MIB: f64 = 1_048_576.0;
    let down = |work| cost("sci-ot", &[row(work)], &Terms::default()).online.bytes_down as f64 / MIB;
    near("ReLU", down(relu(9_608_704)), 766.831, 1e-3);
    let pool = crate::count::Activation {
        kind: crate::count::Kind::MaxPool,
        elements: 200_704,
        rows: 200_704,
        row_length: 9,
        comparisons: 1_605_632,
        folded: false,
    };
    near("MaxPool", down(Work::Activation(pool)), 136.633, 1e-3);
    near("BatchNorm", down(Work::BatchNorm { elements: 11_113_984 }), 901.882, 1e-3);
    near("MatMul", down(fc(2_048, 1_000)), 343_677.0 - 342_519.0, 5e-3);
    let terms = Terms { norms: Norms::Separate, ..Terms::default() };
    let e = cost("sci-ot", example("resnet50-imagenet"), &terms);
    assert!(!e.partial, "{:?}", e.unpriced);
    near("sent", e.online.bytes_down as f64 / MIB, 376_212.0 - 29_783.0, 0.01);
    near("received", e.online.bytes_up as f64 / MIB, 29_783.0, 0.01);
    let e = cost("sci-ot", &[row(relu(1000))], &Terms::default());
    assert_eq!((e.bytes_total, e.online.rounds), (83_680 + 519_000, 8));
}
