//! Circa and the bound on CrypTFlow2: what little is known of them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use crate::cost::tests::nets::{relu, resnet18};
use crate::cost::tests::*;

#[test]
fn more_bits_dropped_cost_less_and_err_more() {
    let of = |k: u32| cost(&format!("circa:{k}"), &[row(relu(1000))], &Terms::default());
    let e = of(12);
    // 30 gates, 29 labels twice, a triple: 1,440 + 812 + 192 offline, 812 + 32 online.
    assert_eq!(e.offline.bytes_down + e.offline.bytes_up, 1000 * (1_440 + 812 + 192));
    assert_eq!(e.online.bytes_down + e.online.bytes_up, 1000 * (812 + 32));
    assert_eq!(e.status.estimate.bytes, e.bytes_total);
    let faults = e.faults.unwrap();
    assert_eq!((faults.bits_dropped, faults.window, faults.inside), (12, 4096.0, 0.5));
    for k in 1..=40 {
        assert!(of(k).bytes_total < of(k - 1).bytes_total);
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
    // The published best is a 4.7th of the storage.
    let storage = |id: &str| cost(id, &net, &Terms::default()).client_storage_bytes.unwrap();
    assert!(storage("circa:12") * 4 < storage("delphi:server-garbler"));
}

/// The log of EzPC issue 204, ResNet-50 at l = 37: 342,519 MiB of convolutions sent; 4,087,136,256 multiplications.
#[test]
fn convolutions_of_the_bound() {
    let macs = Work::MatMul { batch: 1, m: 2_128_717, k: 1_920, n: 1, secret: false, steps: 1 };
    let e = cost("sci-ot", &[row(macs)], &Terms::default());
    near("MiB sent", e.online.bytes_down as f64 / 1_048_576.0, 342_519.0, 1e-4);
    let e = cost("sci-ot", &[row(relu(1000))], &Terms::default());
    assert_eq!((e.bytes_total, e.online.rounds), (675_250, 8));
}
