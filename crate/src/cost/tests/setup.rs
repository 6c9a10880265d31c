//! One set-up for many inferences: what each carries of its bytes, beside totals that stay as they are.

use super::nets::resnet20;
use super::*;

fn over(id: &str, inferences: u32) -> Estimate {
    cost(id, &rows(resnet20()), &Terms { inferences, ..Terms::default() })
}

/// DELPHI's keys take 33,180,308 B and its base transfers 4,096: a half of both is 16,592,202, a thousandth 33,184.4.
#[test]
fn each_inference_carries_its_part_rounded_up() {
    let each = |inferences| over("delphi:server-garbler", inferences).setup_bytes_each;
    assert_eq!(over("delphi:server-garbler", 1).setup_bytes, Some(33_180_308 + 4_096));
    assert_eq!([1, 2, 1_000].map(each), [None, Some(16_592_202), Some(33_185)]);
    assert_eq!(each(33_184_404), Some(1));
}

/// Set-up stays apart: no other figure moves, money's included. What is not known has no part, and one inference says nothing.
#[test]
fn every_protocol_says_its_part_or_knows_no_set_up() {
    for p in profiles() {
        let json = |inferences: u32| {
            let terms = Terms { inferences, price_gb: Some(1.0), ..Terms::default() };
            let mut json = serde_json::to_value(cost(p.id, &rows(resnet20()), &terms)).unwrap();
            assert_eq!(json["settings"].as_object_mut().unwrap().remove("inferences").unwrap(), inferences);
            json
        };
        let (one, mut many) = (json(1), json(7));
        let each = many.as_object_mut().unwrap().remove("setup_bytes_each");
        let by_hand = one["setup_bytes"].as_u64().map(|all| all / 7 + u64::from(all % 7 > 0));
        assert_eq!(each.and_then(|each| each.as_u64()), by_hand, "{}", p.id);
        assert_eq!(one["setup_bytes"].is_null(), !p.has_setup, "{}", p.id);
        assert_eq!(one, many, "{}", p.id);
    }
}

#[test]
fn no_inference_at_all_is_refused() {
    for inferences in [0, u32::MAX] {
        let terms = Terms { inferences, ..Terms::default() };
        assert!(attempt("ckks:gpu", &[], &terms, &Activations::Keep).is_err(), "{inferences}");
    }
}
