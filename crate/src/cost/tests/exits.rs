//! Exits of the example ResNet-18: its stages summed by hand, and every protocol.

use crate::api::{Draft, Model, Settings};
use crate::cost::{End, Exits, profiles};

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

fn end(reads: &[u32], whole: bool) -> End {
    End { reads: reads.to_vec(), whole }
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

/// Stages of the example by what each of its layers costs, and the test of an exit by itself.
#[test]
fn stages_and_a_test_to_the_byte() {
    let net = Model::example("resnet18-cifar100").unwrap().score(&Settings::default()).unwrap();
    let layers = super::cost("semi2k", net.rows(), &super::Terms::default()).layers.unwrap();
    let mut stages: Vec<(String, u64, u64)> = Vec::new();
    for cost in layers {
        let of = net.score.layers.iter().find(|layer| layer.index == cost.index).unwrap();
        let stage = if of.stage.starts_with('S') { of.stage.clone() } else { of.stage.to_lowercase() };
        if stages.last().is_none_or(|(name, ..)| *name != stage) {
            stages.push((stage, 0, 0));
        }
        let last = stages.last_mut().unwrap();
        last.1 += cost.bytes_total.unwrap();
        last.2 += cost.online.filter(|_| cost.on_path).map_or(0, |online| online.rounds);
    }
    let bytes: Vec<u64> = stages.iter().map(|stage| stage.1).collect();
    let wanted = [10_431_488, 79_953_920, 45_350_912, 52_035_584, 143_458_304, 832_288];
    assert_eq!(bytes, wanted, "{stages:?}");
    assert_eq!(bytes.iter().sum::<u64>(), 332_062_496);
    let rounds: Vec<u64> = stages.iter().map(|stage| stage.2).collect();
    assert_eq!(rounds, [10, 40, 40, 40, 40, 3], "{stages:?}");
    // Everyone leaves at the first exit: its trunk, its head and one test of 64 rounds.
    let first = exits("semi2k", "wan", &STAGES[..1], &[1.0, 0.0]);
    assert_eq!(first.secure.bytes - first.fixed[0].bytes, 14_384);
    assert_eq!(first.secure.rounds - first.fixed[0].rounds, 64.0);
    // Less than half the bytes, hardly less time: the shares .4, .3, .2, .1.
    let found = exits("semi2k", "wan", &STAGES, &[0.4, 0.3, 0.2, 0.1]);
    let part = found.secure.bytes as f64 / found.none.bytes as f64;
    assert!((part - 0.446).abs() < 5e-4, "{part}");
    let time = found.secure.link_seconds / found.none.link_seconds;
    assert!((time - 0.83).abs() < 0.01, "{time}");
}

/// A network that tells a class of each position is left by heads that do so, and tested at each position. 3 classes of 4
/// channels at 8 x 8, SEMI2K: 16 (64 x 4 + 4 x 3) + 8 x 192 B of head; a test of 64 x 2 maxima at 144 B in two levels of 8
/// rounds, 64 comparisons and one more at 112 B, 7 rounds each, and the bit.
#[test]
fn segmentation_is_priced_at_each_position() {
    let net = super::rows(vec![
        super::nets::conv(4, 4, 8, 3, 1),
        super::nets::relu(256),
        super::nets::conv(4, 3, 8, 1, 1),
    ]);
    let tariff = super::Tariff::of("semi2k", &super::Terms::default()).unwrap();
    let (terms, keep) = (super::Terms::default(), super::Activations::Keep);
    let pricing = super::Pricing::new(&tariff, &terms, &keep);
    let branch = super::Branch {
        reads: vec![1],
        batch: 1,
        channels: 4,
        positions: 64,
        head: super::ExitHead::EachPosition,
        result: 192,
    };
    let found =
        crate::cost::exits(&net, std::slice::from_ref(&branch), &end(&[2], true), 3, &[1.0, 0.0], &pricing)
            .unwrap();
    let trunk = super::cost("semi2k", &net[..2], &terms);
    assert_eq!(found.fixed[0].bytes - trunk.bytes_total, 16 * (64 * 4 + 12) + 8 * 192);
    assert_eq!(found.secure.bytes - found.fixed[0].bytes, 64 * 2 * 144 + 65 * 112 + 16);
    assert_eq!(found.secure.rounds - found.fixed[0].rounds, (2 * 8 + 7 + 7 + 1) as f64);
    // A head of the model's own: what it reads is there already.
    let own = super::Branch { reads: vec![2], channels: 3, head: super::ExitHead::Own, ..branch };
    let more = [net.clone(), super::rows(vec![super::nets::relu(192)])].concat();
    let found = crate::cost::exits(&more, &[own], &end(&[3], false), 3, &[1.0, 0.0], &pricing).unwrap();
    assert_eq!(found.fixed[0].bytes, super::cost("semi2k", &net, &terms).bytes_total);
    assert_eq!(found.none.bytes, super::cost("semi2k", &more, &terms).bytes_total);
}

/// Two branches of one stem and their sum: an exit on the second does not pay for the first, whatever exits are before it.
#[test]
fn a_fixed_exit_does_not_pay_for_other_branches() {
    let conv = || super::nets::conv(4, 4, 8, 3, 1);
    let mut net = super::rows(vec![conv(), conv(), conv(), super::nets::relu(256)]);
    for (at, after) in [(1, vec![0]), (2, vec![0]), (3, vec![1, 2])] {
        net[at].after = Some(after);
    }
    let (terms, keep) = (super::Terms::default(), super::Activations::Keep);
    let tariff = super::Tariff::of("semi2k", &terms).unwrap();
    let pricing = super::Pricing::new(&tariff, &terms, &keep);
    let branch = |row| super::Branch {
        reads: vec![row],
        batch: 1,
        channels: 4,
        positions: 64,
        head: super::ExitHead::Pooled,
        result: 3,
    };
    let priced = |branches: &[super::Branch], shares: &[f64]| {
        crate::cost::exits(&net, branches, &end(&[3], true), 3, shares, &pricing).unwrap()
    };
    let both = priced(&[branch(1), branch(2)], &[0.5, 0.3, 0.2]);
    let second = priced(&[branch(2)], &[0.5, 0.5]);
    assert_eq!(both.fixed[1], second.fixed[0]);
    assert_eq!(both.fixed[0].bytes, both.fixed[1].bytes);
}

/// The choice of an exit waits for the network's end, wherever that stands among the rows: ten ReLUs, then a head that is
/// not behind them.
#[test]
fn a_choice_waits_for_the_end() {
    let relu = || super::nets::relu(256);
    let mut net = super::rows([vec![super::nets::conv(4, 4, 8, 3, 1)], vec![relu(); 10]].concat());
    net.extend(super::rows(vec![super::nets::fc(256, 3)]));
    net[11].after = Some(vec![0]);
    let (terms, keep) = (super::Terms::default(), super::Activations::Keep);
    let tariff = super::Tariff::of("semi2k", &terms).unwrap();
    let pricing = super::Pricing::new(&tariff, &terms, &keep);
    let own = super::Branch {
        reads: vec![11],
        batch: 1,
        channels: 3,
        positions: 1,
        head: super::ExitHead::Own,
        result: 3,
    };
    let found = crate::cost::exits(&net, &[own], &end(&[10], false), 3, &[0.5, 0.5], &pricing).unwrap();
    let choice = super::nets::activation(crate::count::Kind::Choice, 3);
    let choice = super::cost("semi2k", &super::rows(vec![choice]), &terms).online.rounds;
    assert!(choice > 0);
    assert_eq!(found.all.rounds, found.none.rounds + choice as f64);
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
