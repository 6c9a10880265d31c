//! Exits of the example ResNet-18: its stages summed by hand, and every protocol.

use crate::api::{Draft, Model, Settings};
use crate::cost::{Exits, profiles};

const STAGES: [&str; 3] = [
    "/layer1/layer1.1/relu/Relu_1_output_0",
    "/layer2/layer2.1/relu/Relu_1_output_0",
    "/layer3/layer3.1/relu/Relu_1_output_0",
];

fn exits(protocol: &str, link: &str, at: &[&str], shares: &[f64]) -> Exits {
    let scored = Model::example("resnet18-cifar100").unwrap().score(&Settings::default()).unwrap();
    let mut draft = Draft::default();
    for (name, text) in [("protocol", protocol), ("link", link)] {
        let setting = crate::cost::SETTINGS.iter().find(|setting| setting.name == name).unwrap();
        draft.read_text(setting, text).unwrap();
    }
    let at: Vec<String> = at.iter().map(|name| (*name).to_owned()).collect();
    scored.exits(&at, shares, 100, &draft.finish().unwrap()).unwrap().exits
}

/// Stem and stages 1 to 3 by hand: 10,431,488 + 79,953,920, + 45,350,912, + 52,035,584 bytes. A head on c channels:
/// 2 (c + 100 c) openings of 8 B, 8 B for each of its 100 outputs, 8 c for the average.
#[test]
fn a_fixed_exit_is_its_trunk_and_its_head() {
    let found = exits("semi2k", "wan", &STAGES, &[0.4, 0.3, 0.2, 0.1]);
    let bytes: Vec<u64> = found.fixed.iter().map(|cost| cost.bytes).collect();
    assert_eq!(bytes, [90_490_144, 135_944_992, 188_188_448]);
    let rounds: Vec<f64> = found.fixed.iter().map(|cost| cost.rounds).collect();
    assert_eq!(rounds, [53.0, 93.0, 133.0]);
    assert_eq!((found.none.bytes, found.none.rounds), (332_062_496, 173.0));
}

/// 99 maxima of two at 144 B in 7 levels of 8 rounds, a comparison at 112 B in 7 rounds, a bit opened by two parties in
/// 64 bits each: 14,384 B and 64 rounds a test, for those who come that far.
#[test]
fn a_test_lets_some_leave() {
    let found = exits("semi2k", "wan", &STAGES, &[0.4, 0.3, 0.2, 0.1]);
    assert_eq!(found.secure.bytes, 148_017_922);
    assert!((found.secure.rounds - 217.6).abs() < 1e-9, "{}", found.secure.rounds);
    assert!((found.secure.leak_bits - 1.846_439).abs() < 1e-6);
    // Fewer bytes by half and more round trips: on a slow link a sixth of the time, no more.
    assert!((found.none.link_seconds - 14.47).abs() < 0.005, "{}", found.none.link_seconds);
    assert!((found.secure.link_seconds - 12.1).abs() < 0.05, "{}", found.secure.link_seconds);
    let first = exits("semi2k", "wan", &STAGES[..1], &[1.0, 0.0]);
    assert_eq!(first.secure.bytes, 90_490_144 + 14_384);
    assert!((first.secure.leak_bits).abs() < 1e-12);
}

/// Under every protocol: all exits cost more than none, whoever goes to the end pays all tests, and what is done
/// beforehand is done for the deepest exit.
#[test]
fn nobody_is_cheaper_by_running_more() {
    for profile in profiles() {
        let found = exits(profile.id, "lan", &STAGES[..2], &[0.0, 0.0, 1.0]);
        assert!(found.all.bytes >= found.none.bytes, "{}", profile.id);
        // A bound may lack the result, which comes down behind a test without a price.
        assert!(found.secure.bound || found.secure.bytes > found.none.bytes, "{}", profile.id);
        let half = exits(profile.id, "lan", &STAGES[..2], &[0.5, 0.3, 0.2]);
        assert_eq!(half.secure.offline.bytes, found.secure.offline.bytes, "{}", profile.id);
        let fewer = half.secure.online.bytes <= found.secure.online.bytes;
        assert!(found.secure.bound || fewer, "{}", profile.id);
        for (at, fixed) in found.fixed.iter().enumerate() {
            assert!(fixed.bytes <= found.none.bytes, "{} {at}", profile.id);
        }
        // A test that has no price leaves a bound with its reason, not a smaller figure.
        assert_eq!(found.secure.bound, !found.secure.unpriced.is_empty(), "{}", profile.id);
    }
}

#[test]
fn what_is_no_exit_is_refused() {
    let scored = Model::example("resnet18-cifar100").unwrap().score(&Settings::default()).unwrap();
    let mut draft = Draft::default();
    let protocol = crate::cost::SETTINGS.iter().find(|setting| setting.name == "protocol").unwrap();
    draft.read_text(protocol, "semi2k").unwrap();
    let ask = draft.finish().unwrap();
    let try_at = |at: &[&str], shares: &[f64], classes| {
        let at: Vec<String> = at.iter().map(|name| (*name).to_owned()).collect();
        scored.exits(&at, shares, classes, &ask).map(|_| ()).unwrap_err().to_string()
    };
    assert!(try_at(&["nowhere"], &[0.5, 0.5], 10).contains("no layer makes"));
    assert!(try_at(&STAGES[..1], &[1.0], 10).contains("one is needed for each exit"));
    assert!(try_at(&STAGES[..1], &[0.7, 0.7], 10).contains("add up to 1"));
    assert!(try_at(&STAGES[..1], &[f64::NAN, 0.5], 10).contains("add up to 1"));
    assert!(try_at(&STAGES[..1], &[0.5, 0.5], 1).contains("two classes"));
    assert!(try_at(&[STAGES[1], STAGES[0]], &[0.3, 0.3, 0.4], 10).contains("in the order"));
}
