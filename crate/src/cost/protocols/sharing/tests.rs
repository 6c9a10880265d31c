//! SEMI2K and ABY3 against the bytes and messages that SPU counted.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use crate::cost::protocols::sharing::{Linear, Step};
use crate::cost::protocols::{aby3, semi2k};
use crate::cost::tests::nets::{activation, conv, resnet20};
use crate::cost::tests::runs::work_of_run;
use crate::cost::tests::*;
use crate::count::Kind;

/// Bytes of all parties and rounds of one run.
fn predict(id: &str, bits: u32, op: &str, shape: &[Vec<u64>]) -> (u64, u64) {
    let n: u64 = shape[0].iter().product();
    let settings = Terms { ring_bits: bits, ..Terms::default() };
    let Some(work) = work_of_run(op, shape) else {
        return primitive(id, op, n, &settings).unwrap();
    };
    let estimate = cost(id, &[row(work)], &settings);
    assert!(!estimate.partial, "{id} {bits} {op}: {:?}", estimate.unpriced);
    (estimate.bytes_total, estimate.online.rounds)
}

#[test]
fn every_run_to_the_byte() {
    let (mut wrong, mut count, mut off_by_one) = (Vec::new(), 0, Vec::new());
    for run in csv(include_str!("../../fixtures/mpc-ops.csv")) {
        if !["SEMI2K", "ABY3"].contains(&run["protocol"].as_str()) {
            continue;
        }
        let id = run["protocol"].to_lowercase();
        let bits: u32 = run["ring_bits"].parse().unwrap();
        let op = run["op"].as_str();
        let total: u64 = run["bytes_total"].parse().unwrap();
        let shape: Vec<Vec<u64>> = serde_json::from_str(&run["shape"]).unwrap();
        let messages: u64 = run["messages_of_one_party"].parse().unwrap();
        let (bytes, rounds) = predict(&id, bits, op, &shape);
        count += 1;
        let line = format!(
            "{id} {bits} {op} {}: {bytes} B for {total}, {rounds} rounds for {messages}",
            run["shape"]
        );
        if rounds != messages {
            off_by_one.push(line.clone());
        }
        if bytes != total || rounds.abs_diff(messages) > 1 {
            wrong.push(line);
        }
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(count, 97, "runs in the fixture");
    // ABY3's parties send a truncation's bytes unevenly, not alike in every run: poly2 took 7 messages at one
    // size and 6 at another.
    assert!(off_by_one.iter().all(|line| line.starts_with("aby3")), "{off_by_one:?}");
    assert_eq!(off_by_one.len(), 1, "{off_by_one:?}");
}

#[test]
fn activations_add_to_the_byte() {
    let net = rows(resnet20());
    let linear = |id: &str| replaced(id, &net, Replacement::Identity).bytes_total;
    let all = |id: &str| cost(id, &net, &Terms::default()).bytes_total;
    assert_eq!(linear("semi2k"), 30_370_128);
    assert_eq!(all("semi2k") - linear("semi2k"), 188_416 * 144);
    assert_eq!(all("aby3") - linear("aby3"), 188_416 * 172);
    for (bits, semi2k, aby3) in [(32, 80, Some(92)), (128, 272, None)] {
        for (id, each) in [("semi2k", Some(semi2k)), ("aby3", aby3)] {
            let Some(each) = each else { continue };
            let keep = Terms { ring_bits: bits, ..Terms::default() };
            let identity = with(id, &net, &keep, &Activations::All(Replacement::Identity));
            assert_eq!(cost(id, &net, &keep).bytes_total - identity.bytes_total, 188_416 * each);
        }
    }
}

#[test]
fn horner_prices() {
    let relu = [row(activation(Kind::ReLU, 1000))];
    let price = |id, others| replaced(id, &relu, others).bytes_total / 1000;
    assert_eq!(price("semi2k", Replacement::Poly2Public), 48);
    assert_eq!(price("semi2k", Replacement::Poly2Secret), 80);
    assert_eq!(price("aby3", Replacement::Poly2Public), 80);
    assert_eq!(price("aby3", Replacement::Poly2Secret), 104);
    assert_eq!(price("delphi:server-garbler", Replacement::Poly2Public), 192 + 32);
}

/// A softmax is, for each element, exp, the reciprocal and a product, and the maximum of its rows and of minus infinity,
/// which sends what a ReLU of each element does and takes a ReLU's rounds at every level. Runs of SPU 0.9.5 at 64 bits:
/// bytes of all parties, messages.
#[test]
fn softmax_is_the_sum_of_its_parts() {
    let settings = Terms::default();
    for (id, call, [rows, length], levels, bytes, messages) in [
        ("semi2k", 0, [64, 32], 6, 2_854_912, 103),
        ("semi2k", 0, [16, 64], 7, 1_427_456, 111),
        ("semi2k", 0, [32, 197], 11, 8_787_776, 143),
        // 48 B a call. Messages vary from run to run.
        ("aby3", 48, [64, 32], 6, 4_104_240, 147),
        ("aby3", 48, [16, 64], 7, 2_052_144, 156),
        ("aby3", 48, [32, 197], 11, 12_633_264, 200),
    ] {
        let n = rows * length;
        let softmax = work_of_run("softmax", &[vec![rows, length]]).unwrap();
        let whole = cost(id, &[row(softmax)], &settings);
        let each = [Kind::Exp, Kind::Reciprocal].map(|kind| activation(kind, n));
        let work = [each.to_vec(), vec![Work::Product { elements: n }]].concat();
        let parts = cost(id, &[Row { work, ..Row::default() }], &settings);
        let relu = cost(id, &[row(activation(Kind::ReLU, n))], &settings);
        assert_eq!(whole.bytes_total, parts.bytes_total + relu.bytes_total + call, "{id} {length}");
        assert_eq!(whole.bytes_total, bytes, "{id} {length}");
        let rounds = whole.online.rounds;
        assert_eq!(rounds, parts.online.rounds + levels * relu.online.rounds, "{id} {length}");
        let varies = if id == "aby3" { 2 } else { 0 };
        assert!(rounds.abs_diff(messages) <= varies, "{id} {length}: {rounds} for {messages}");
    }
}

#[test]
fn a_ring_without_data_is_null() {
    let gelu = [row(activation(Kind::GELU, 10))];
    let wide = Terms { ring_bits: 128, ..Terms::default() };
    let estimate = cost("semi2k", &gelu, &wide);
    assert!(estimate.partial);
    assert_eq!(estimate.unpriced.len(), 1);
    assert_eq!(estimate.layers.unwrap()[0].bytes_total, None);
    assert!(cost("aby3", &[row(conv(3, 3, 8, 3, 1))], &wide).partial);
}

#[test]
fn columns_follow_the_ring() {
    for (column, k) in RING_BITS.into_iter().enumerate() {
        let k = u64::from(k);
        let bytes = |constant: &Constant| constant.whole(column).map(|(bytes, _)| bytes);
        let t = &semi2k::constants::TABLE;
        assert_eq!(bytes(&t.relu.bytes), Some(2 * k + 16));
        assert_eq!(bytes(&t.compare.bytes), Some(3 * k / 2 + 16));
        assert_eq!(bytes(&t.product.bytes), Some(k / 2));
        assert_eq!(bytes(&t.relu.rounds), Some(u64::from(k.ilog2()) + 2));
        assert_eq!(bytes(&t.compare.rounds), Some(u64::from(k.ilog2()) + 1));
        assert_eq!(bytes(&aby3::constants::TABLE.relu.bytes), Some(5 * k / 2 + 12));
    }
}

/// 5 steps of a cell: each opens its state and the weights again, and its functions wait for it.
#[test]
fn recurrent_steps_follow_one_another() {
    let cell = |steps| Row {
        work: vec![
            Work::MatMul { batch: 1, m: 1, k: 8, n: 32, secret: false, steps },
            activation(Kind::Sigmoid, 24 * steps),
        ],
        ..Row::default()
    };
    let one = cost("semi2k", &[cell(1)], &Terms::default());
    let five = cost("semi2k", &[cell(5)], &Terms::default());
    assert_eq!(one.bytes_total, 16 * (8 + 8 * 32) + 8 * 32 + 24 * 1210);
    assert_eq!(one.online.rounds, 2 + 53);
    assert_eq!((five.bytes_total, five.online.rounds), (5 * one.bytes_total, 5 * one.online.rounds));
}

/// Bytes and rounds of an operation that no layer is alone: for checks against runs of it.
/// `poly2` in the naive order: x^2, then its scaling and that of x, each truncated.
fn primitive(id: &str, op: &str, n: u64, terms: &Terms) -> Option<(u64, u64)> {
    let table = if id == "semi2k" { &semi2k::constants::TABLE } else { &aby3::constants::TABLE };
    let column = column_of(terms.ring_bits).ok()?;
    if let ("square_kernel(no trunc)", Linear::Opened(opened)) = (op, &table.linear) {
        // A square opens one entry where a product opens two; the compiled x^2 is a product.
        return Some((opened.whole(column)?.0 * n, table.product.rounds.whole(column)?.0));
    }
    let steps: &[&Step] = match op {
        "cmp_gt0" => &[&table.compare],
        "square_int" => &[&table.product],
        "poly2" => &[&table.product, &table.truncation, &table.truncation, &table.truncation],
        _ => return None,
    };
    steps.iter().try_fold((0, 0), |(bytes, rounds), step| {
        Some((bytes + step.bytes.whole(column)?.0 * n, rounds + step.rounds.whole(column)?.0))
    })
}
