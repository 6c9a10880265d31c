//! The loop of adjusting, and networks of other widths.

use super::runs::task;
use crate::adjust::{Adjust, Adjusting, relus_moved, shared, widths_moved};
use crate::layers::{Map, Window};
use crate::methods::Options;
use crate::net::Net;
use crate::random::Random;
use crate::resize::{macs, resized, tied};
use crate::run::Run;
use crate::utilise::{Move, Work};

/// A stem, a residual block, a dense layer with a ReLU on what it flattens.
fn net() -> Net<f32> {
    let mut net = Net::new([1, 2, 2]);
    let window = Window { kernel: 3, stride: 1, pad: 1 };
    let one = |name: &'static str| [Some(name), None];
    let x = net.conv(0, one("stem"), 8, window, 1).unwrap();
    let x = net.norm(x, ["s0", "b0", "m0", "v0"], 1e-5);
    let x = net.relu(x, "a0");
    let y = net.conv(x, one("first"), 6, window, 1).unwrap();
    let y = net.norm(y, ["s1", "b1", "m1", "v1"], 1e-5);
    let y = net.relu(y, "a1");
    let y = net.conv(y, one("second"), 8, window, 1).unwrap();
    let y = net.add(y, x).unwrap();
    let y = net.relu(y, "a2");
    let y = net.flatten(y);
    let y = net.dense(y, [Some("hidden"), Some("hidden.bias")], 12).unwrap();
    let y = net.relu(y, "a3");
    net.dense(y, [Some("end"), Some("end.bias")], 4).unwrap();
    net.init(&mut Random::new(1));
    net
}

fn trained() -> Net<f32> {
    let options = Options { base_epochs: 6, batch: 32, ..Options::default() };
    let mut run = Run::new(options.base(), net(), None, 3);
    run.advance(&task(300), &mut |_| true).unwrap();
    run.finish()
}

fn x(seed: u64) -> Map<f32> {
    let mut random = Random::new(seed);
    Map::from_shape_simple_fn((1, 2, 2, 5), || random.normal() as f32)
}

#[test]
fn budgets_are_shared_to_the_unit() {
    assert_eq!(shared(&[3, 1, 0], &[4, 9, 9], 8), [4, 4, 0]);
    assert_eq!(shared(&[1, 1, 1], &[9, 9, 9], 10), [4, 3, 3]);
    assert_eq!(shared(&[5, 5], &[2, 3], 9), [2, 3], "no more than there is");
    assert_eq!(shared(&[5, 0], &[2, 9], 9), [2, 0], "what is not wanted stays 0");
    assert_eq!(shared(&[50, 30, 20], &[99; 3], 4), [2, 1, 1], "by largest remainder");
    let mut random = Random::new(4);
    for _ in 0..200 {
        let caps: Vec<u64> = (0..5).map(|_| random.below(40) as u64).collect();
        let wanted: Vec<u64> = (0..5).map(|_| 1 + random.below(40) as u64).collect();
        let total = random.below(150) as u64;
        let to = shared(&wanted, &caps, total);
        assert_eq!(to.iter().sum::<u64>(), total.min(caps.iter().sum()), "{wanted:?} {caps:?}");
        assert!(to.iter().zip(&caps).all(|(to, cap)| to <= cap));
    }
}

/// What a sum joins has one width; the classes stay. Channels that both networks have compute what they did, once those that are
/// new count for nothing.
#[test]
fn widths_move_and_weights_are_taken_over() {
    let net = trained();
    let groups = tied(&net).unwrap();
    let widths: Vec<usize> = groups.iter().map(|group| group.width).collect();
    assert_eq!(widths, [8, 6, 12]);
    assert_eq!(groups[0].nodes.len(), 2, "stem and second");
    let same = resized(&net, &widths, &mut Random::new(9)).unwrap();
    assert_eq!(same.pass(x(1)).logits(), net.pass(x(1)).logits());
    // 4 places: stem 1x8, first 8x6, second 6x8 of nine taps; hidden 32x12; end 12x4.
    assert_eq!(macs(&net), 4 * 9 * (8 + 48 + 48) + 32 * 12 + 48);
    let mut wide = resized(&net, &[10, 7, 15], &mut Random::new(9)).unwrap();
    assert_eq!(macs(&wide), 4 * 9 * (10 + 70 + 70) + 40 * 15 + 60);
    assert!(wide.sound().is_ok());
    // New inputs of each layer are set to nothing.
    for (name, old) in [("first", 8), ("second", 6), ("hidden", 8 * 4), ("end", 12)] {
        let param = wide.params.iter_mut().find(|param| param.name == name).unwrap();
        let (inputs, taps) = (param.dims[1], param.dims.iter().skip(2).product::<usize>());
        for (at, value) in param.value.iter_mut().enumerate() {
            if at / taps % inputs >= old {
                *value = 0.0;
            }
        }
    }
    let (found, expected) = (wide.pass(x(2)), net.pass(x(2)));
    let apart = found.logits().iter().zip(expected.logits()).fold(0f32, |m, (a, b)| m.max((a - b).abs()));
    assert!(apart < 1e-5, "{apart}");
    let narrow = resized(&net, &[5, 4, 9], &mut Random::new(9)).unwrap();
    assert_eq!((narrow.sites[0].shape, narrow.classes()), ([5, 2, 2], 4));
    assert!(
        resized(&net, &[5, 4], &mut Random::new(9)).is_err()
            && resized(&net, &[5, 0, 9], &mut Random::new(9)).is_err()
    );
    let mut masked = net.clone();
    masked.nest(40, &mut Random::new(0));
    assert!(tied(&masked).is_err());
}

fn finished(what: Work, budget: usize, seed: u64) -> Adjust {
    let of = Adjusting { what, budget, rounds: 4, epochs: 1, share: 0.05, draws: 2, seed };
    let options = Options { batch: 32, ..Options::default() };
    let mut adjust = Adjust::new(trained(), of, options, &task(300)).unwrap();
    let mut before = 0.0;
    while !adjust.advance(&task(300), &mut || false).unwrap() {
        assert!(adjust.along() >= before && adjust.along() <= 1.0, "{} after {before}", adjust.along());
        before = adjust.along();
    }
    adjust
}

/// The work stays what it is, what goes on is the better of the two, the best of all rounds is kept, and a seed is a loop.
#[test]
fn rounds_keep_the_work_and_the_best() {
    let task = task(300);
    for (what, budget) in [(Work::Relu, 40), (Work::Flops, 0)] {
        let adjust = finished(what, budget, 1);
        let target = if what == Work::Relu { 40 } else { macs(&trained()) };
        let first = &adjust.rounds[0];
        assert!(first.still.is_none() && first.moved.is_empty() && first.work == target, "{first:?}");
        assert!(adjust.rounds.len() > 1 && adjust.rounds.len() <= 5);
        let mut least = (first.score.loss, 0);
        for round in &adjust.rounds[1..] {
            let still = round.still.unwrap();
            assert!(!round.moved.is_empty());
            assert_eq!(round.won, round.score.loss < still.loss);
            match what {
                Work::Relu => assert_eq!(round.work, target),
                Work::Flops => {
                    assert!(round.work <= target && round.work * 100 >= target * 90, "{}", round.work)
                }
            }
            let loss = round.score.loss.min(still.loss);
            if loss < least.0 {
                least = (loss, round.round);
            }
        }
        let (net, best) = adjust.best();
        assert_eq!(best, least.1);
        assert_eq!(crate::run::cross_entropy(net, &task.validation), least.0);
        assert_eq!(crate::run::accuracy(net, &task.test), adjust.rounds[best].test);
        // What moved is told as it is: ReLUs sum to the budget.
        if what == Work::Relu {
            let moved: i64 = adjust.rounds[1].moved.iter().map(|m| m.to as i64 - m.from as i64).sum();
            assert_eq!(moved, 0);
        }
        assert_eq!(adjust.rounds, finished(what, budget, 1).rounds);
    }
}

/// Moves are of the network that they are told of, and small: nothing is made of a width that a step only claims.
#[test]
fn moves_of_other_widths_are_refused() {
    let net = net();
    let step = |name: &str, from, to| [Move { name: name.to_owned(), from, to }];
    assert_eq!(widths_moved(&net, &step("first", 6, 9)).unwrap()[1].from, 6);
    for (from, to) in [(6, 14), (6, 1 << 40), (6, u64::MAX), (5, 7)] {
        assert!(widths_moved(&net, &step("first", from, to)).is_err(), "{from} {to}");
    }
    assert!(relus_moved(&net, &step("a1", 24, 20), 0).is_ok());
    assert!(relus_moved(&net, &step("a1", 23, 20), 0).is_err());
    assert!(relus_moved(&net, &step("a1", 24, 50), 0).is_err());
}

#[test]
fn what_cannot_be_adjusted_is_refused() {
    let task = task(100);
    let of = Adjusting { what: Work::Relu, budget: 40, rounds: 4, epochs: 1, share: 0.05, draws: 2, seed: 0 };
    let refused = |of: Adjusting| Adjust::new(net(), of, Options::default(), &task).is_err();
    assert!(!refused(of));
    assert!(refused(Adjusting { budget: 0, ..of }) && refused(Adjusting { budget: 1000, ..of }));
    assert!(refused(Adjusting { rounds: 0, ..of }) && refused(Adjusting { epochs: 0, ..of }));
    assert!(refused(Adjusting { share: 1.0, ..of }) && refused(Adjusting { draws: 0, ..of }));
}
