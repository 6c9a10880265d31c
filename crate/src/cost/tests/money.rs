//! Money: a person's own prices times what a thousand inferences take.

use super::nets::{activation, relu, resnet20};
use super::*;
use crate::count::Kind;

fn priced(id: &str, net: &[Row], gb: Option<f64>, core_hour: Option<f64>) -> Option<Money> {
    cost(id, net, &Terms { price_gb: gb, price_core_hour: core_hour, ..Terms::default() }).money
}

#[test]
fn without_a_price_there_is_no_figure() {
    let net = rows(resnet20());
    for p in profiles() {
        assert_eq!(priced(p.id, &net, None, None), None);
        let json = serde_json::to_value(cost(p.id, &net, &Terms::default())).unwrap();
        assert!(json.get("money").is_none() && json["settings"].get("price_gb").is_none());
    }
}

/// 1,000 ReLUs of 144 B a thousand times: 0.144 GB.
#[test]
fn traffic_is_everybodys() {
    let money = priced("semi2k", &[row(relu(1_000))], Some(5.0), None).unwrap();
    let [part] = &money.parts[..] else { panic!("{money:?}") };
    assert_eq!((part.of, part.quantity, part.amount), ("traffic", Some(0.144), Some(0.72)));
    // The dealer's triples are somebody's traffic too.
    assert_eq!((money.per_1000, money.at_least), (Some(0.72), true));
    assert!(part.reason.as_ref().unwrap().contains("dealer"));
    assert!(!priced("fss", &[row(relu(1_000))], Some(5.0), None).unwrap().at_least);
    // Both phases, and what others send each other.
    for p in profiles() {
        let net = rows(resnet20());
        let e = cost(p.id, &net, &Terms::default());
        let money = priced(p.id, &net, Some(1.0), None).unwrap();
        assert_eq!(money.per_1000, Some(e.bytes_total as f64 / 1e6), "{}", p.id);
    }
}

/// Core time is the work's, whatever threads it is spread over and whatever the link.
#[test]
fn cores_are_paid_for_their_work() {
    let net = rows(resnet20());
    let of = |terms: Terms| {
        let terms = Terms { price_core_hour: Some(3.6), ..terms };
        cost("delphi:server-garbler", &net, &terms).money.unwrap().per_1000.unwrap()
    };
    let alone = Terms { gc_threads: 1, he_threads: 1, ..Terms::default() };
    let one = of(alone.clone());
    let e = cost("delphi:server-garbler", &net, &Terms { link: Line::preset("loopback").unwrap(), ..alone });
    let compute = [e.offline, e.online].map(|p| p.seconds.unwrap()[1] - p.link_seconds).iter().sum::<f64>();
    near("a thousandth of an hour is 3.6 s", one, compute, 1e-12);
    for terms in [
        Terms { he_threads: 16, ..Terms::default() },
        Terms { gc_threads: 32, ..Terms::default() },
        Terms { link: Line::preset("wan").unwrap(), gc_threads: 1, ..Terms::default() },
    ] {
        near("threads and link", of(terms), one, 1e-9);
    }
}

/// OpenCheetah's seconds are those of four threads: four cores are busy for each.
#[test]
fn four_threads_are_four_cores() {
    let net = rows(resnet20());
    let e = cost("cheetah:paper", &net, &Terms { price_core_hour: Some(3.6), ..Terms::default() });
    let compute = [e.offline, e.online].map(|p| p.seconds.unwrap()[1] - p.link_seconds).iter().sum::<f64>();
    near("a thousandth of an hour is 3.6 s", e.money.unwrap().per_1000.unwrap(), 4.0 * compute, 1e-9);
}

/// Null with a reason, never zero; a sum without a part says that it is a bound.
#[test]
fn what_is_not_known_is_null_and_the_sum_a_bound() {
    let net = rows(resnet20());
    for p in profiles() {
        let money = priced(p.id, &net, Some(1.0), Some(1.0)).unwrap();
        let [traffic, cores] = &money.parts[..] else { panic!("{}", p.id) };
        let known = p.has_compute && p.cores.is_some();
        assert_eq!(cores.amount.is_some(), known, "{}", p.id);
        assert_eq!(cores.quantity.is_some(), known, "{}", p.id);
        assert!(known || cores.reason.as_ref().unwrap().len() > 12, "{}", p.id);
        assert_eq!(money.per_1000.unwrap(), traffic.amount.unwrap() + cores.amount.unwrap_or(0.0));
        assert!(known || money.at_least, "{}", p.id);
    }
    assert_eq!(priced("crypten", &net, None, Some(1.0)).unwrap().per_1000, None);
    let gap = [row(relu(100)), row(activation(Kind::Trigonometric, 100))];
    assert!(!priced("aby3", &gap[..1], Some(1.0), None).unwrap().at_least);
    let money = priced("aby3", &gap, Some(1.0), None).unwrap();
    assert!(money.at_least && money.parts[0].reason.is_some() && money.per_1000.is_some());
}

#[test]
fn prices_below_nothing_are_refused() {
    for price in [-1.0, f64::NAN, f64::INFINITY] {
        let terms = Terms { price_gb: Some(price), ..Terms::default() };
        assert!(attempt("semi2k", &[], &terms, &Activations::Keep).is_err(), "{price}");
    }
}
