//! Keys to the byte, and whole networks as their sums were worked out apart.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use crate::cost::tests::hpmpc::{counts, named};
use crate::cost::tests::nets::{activation, conv, fc, relu, resnet18};
use crate::cost::tests::*;
use crate::count::{Activation, Kind};

/// 8 elements, so that bits are whole bytes.
const N: u64 = 8;

fn terms(fss_bits: u32, fraction: u32) -> Terms {
    Terms { fss_bits, fraction, ..Terms::default() }
}

/// Bytes of key of a party and bytes online each way, of one element.
fn each(work: Work, terms: &Terms) -> (f64, f64) {
    let e = cost("fss", &[row(work)], terms);
    assert!(!e.partial, "{:?}", e.unpriced);
    let key = e.client_storage_bytes.unwrap();
    assert_eq!((e.offline.bytes_up, e.offline.bytes_down, e.offline.bytes_between), (0, key, key));
    assert_eq!(e.online.bytes_up, e.online.bytes_down);
    assert_eq!(e.bytes_total, 2 * key + 2 * e.online.bytes_up);
    (key as f64 / N as f64, e.online.bytes_up as f64 / N as f64)
}

#[test]
fn keys_to_the_byte() {
    for (bits, key) in [(64, 975.125), (50, 749.375), (37, 539.75), (32, 459.125)] {
        assert_eq!(each(relu(N), &terms(bits, 12)), (key, 8.125), "ReLU of {bits} bits");
    }
    for (fraction, key) in [(10, 104.5), (12, 136.75), (16, 201.25), (24, 330.25)] {
        let pool = Work::AvgPool { elements: N, window: 4 };
        assert_eq!(each(pool, &terms(64, fraction)), (key, 8.125), "truncation by {fraction}");
    }
    // The narrowest tree that the formula holds for: 8 bits.
    assert_eq!(each(relu(N), &terms(9, 12)).0, 16.0 + 32.0 + 0.125 + 0.125 + 40.0);
    assert_eq!(each(Work::Scale { elements: N }, &terms(64, 8)).0, 16.0 + 32.0 + 0.125 + 0.125 + 24.0);
    let (key, online) = each(activation(Kind::GELU, N), &terms(50, 12));
    assert_eq!((key, online), (650.0, 26.0));
}

#[test]
fn linear_keys_hold_inputs_weights_and_outputs() {
    let truncated = |outputs: u64| (outputs as f64 * 136.75, outputs as f64 * 8.125);
    for (work, inputs, weights, outputs) in [
        (fc(512, 104), 512, 512 * 104, 104),
        (conv(16, 32, 16, 3, 2), 16 * 256, 9 * 16 * 32, 32 * 64),
        (Work::MatMul { batch: 4, m: 8, k: 16, n: 24, secret: false, steps: 1 }, 512, 384, 768),
        (Work::MatMul { batch: 4, m: 8, k: 16, n: 24, secret: true, steps: 1 }, 512, 4 * 384, 768),
    ] {
        let e = cost("fss", &[row(work)], &Terms::default());
        let (key, online) = truncated(outputs);
        assert_eq!(e.client_storage_bytes.unwrap() as f64, key + 8.0 * (inputs + weights + outputs) as f64);
        assert_eq!(e.online.bytes_up as f64, online + 8.0 * outputs as f64);
        assert_eq!(e.online.rounds, 1 + 2);
    }
}

/// ResNet-50 as the figures count it: no max-pool and no average pool, batch norms in the weights.
#[test]
fn resnet50() {
    let mut net = named("resnet50-imagenet");
    net.iter_mut().for_each(|row| row.work.retain(|work| !matches!(work, Work::AvgPool { .. })));
    let n = counts(&net);
    let outputs = n.conv + n.linear;
    let inputs: u64 = net.iter().flat_map(|row| &row.work).map(inputs_of).sum();
    for (bits, fraction, relu, truncation) in [(64, 24, 9.37, 3.67), (37, 12, 5.19, 1.52)] {
        let e = cost("fss", &net, &terms(bits, fraction));
        let gb = |bytes: u64| (bytes as f64 / 1e7).round() / 100.0;
        // By kind both parties' keys and both directions count.
        let key = |kind: &Share, online: f64| ((kind.bytes as f64 - online) / 2.0).round() as u64;
        let [linear, truncated, relus] = [e.by_kind.linear, e.by_kind.truncation, e.by_kind.activation];
        assert_eq!(gb(key(&relus, 16.25 * n.relu as f64)), relu);
        assert_eq!(gb(key(&truncated, 16.25 * outputs as f64)), truncation);
        let linear = key(&linear, 16.0 * outputs as f64);
        assert_eq!(gb(linear - 8 * inputs), 0.29, "without the inputs");
        assert_eq!(linear, 8 * (inputs + outputs + 25_502_912), "with them");
        assert_eq!((e.online.bytes_up as f64 / 1e6).round(), 257.0);
    }
}

fn inputs_of(work: &Work) -> u64 {
    match work {
        Work::Conv(conv) => conv.in_channels * conv.input.iter().product::<u64>(),
        Work::MatMul { batch, m, k, .. } => batch * m * k,
        _ => 0,
    }
}

/// 557,056 ReLUs and 614,500 outputs: 0.543 GB of keys of ReLUs, 0.84 GB in all at 24 bits (the inputs of linear layers apart),
/// 28.9 MB online.
#[test]
fn resnet18_on_cifar100() {
    let mut net = rows(resnet18(32, 100, true));
    net.retain(|row| !matches!(row.work[0], Work::AvgPool { .. }));
    let e = cost("fss", &net, &terms(64, 24));
    let key = e.client_storage_bytes.unwrap();
    let inputs: u64 = net.iter().flat_map(|row| &row.work).map(inputs_of).sum();
    near("keys without inputs", (key - 8 * inputs) as f64, 0.84e9, 0.005);
    let relus = e.by_kind.activation.bytes as f64 / 2.0 - 557_056.0 * 8.125;
    assert_eq!(relus, 543_199_232.0);
    near("online", (e.online.bytes_up + e.online.bytes_down) as f64, 28.9e6, 0.002);
}

/// Keys come over the link, of one party to that party: nothing else is known of the time before the input.
#[test]
fn keys_bound_the_time_before_the_input() {
    let terms = Terms { link: Line::Custom { up: 100.0, down: 10.0, rtt: 4.0 }, ..Terms::default() };
    let e = cost("fss", &[row(relu(1_000_000))], &terms);
    assert!(e.offline.seconds.is_none() && e.online.seconds.is_none());
    near("keys", e.offline.link_seconds, 975_125_000.0 / 10e6, 1e-9);
    near("online", e.online.link_seconds, 8.125 / 100.0 + 8.125 / 10.0 + 2.0 * 0.004, 1e-9);
}

#[test]
fn compositions_and_gaps() {
    let pool = Work::Activation(Activation {
        kind: Kind::MaxPool,
        elements: N,
        rows: N,
        row_length: 9,
        comparisons: 8 * N,
        folded: false,
    });
    let (key, online) = each(pool, &Terms::default());
    assert_eq!((key, online), (8.0 * 975.125, 8.0 * 8.125));
    let (key, _) = each(Work::Poly2 { elements: N, secret: false }, &Terms::default());
    assert_eq!(key, 2.0 * 136.75 + 24.0);
    let (key, _) = each(Work::Poly2 { elements: N, secret: true }, &Terms::default());
    assert_eq!(key, 2.0 * (136.75 + 24.0));
    for kind in [Kind::Softmax, Kind::Sigmoid, Kind::Exp, Kind::Division, Kind::LayerNorm, Kind::SiLU] {
        let e = cost("fss", &[row(activation(kind, 64))], &Terms::default());
        assert!(e.partial && e.unpriced[0].reason.len() > 12, "{kind:?}");
    }
}
