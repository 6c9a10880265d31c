//! What a party receives tells it nothing: uniform for a fixed input, byte by byte and bit by bit, in every kind of message.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::{Numbers, network, rings, weights};
use crate::matrix;
use crate::net::{Network, Op, Weights, Windows};
use crate::random::seeds;
use crate::ring::{Ring, from_bytes, to_bytes};
use crate::together::run;
use crate::wire::{Kind, Message, Who};

/// Every kind of message in one network.
fn all_kinds(ring: Ring) -> (Rc<Network>, Vec<Weights>, Vec<u64>) {
    let w = Windows {
        channels: 2,
        input: [3, 3],
        output: [3, 3],
        kernel: [2, 2],
        strides: [1, 1],
        dilations: [1, 1],
        pads: [1, 1],
    };
    let ops = vec![
        Op::Conv { x: 0, groups: 1, outputs: 2, windows: w },
        Op::Relu { x: 1 },
        Op::Multiply { a: 2, b: 0 },
        Op::Sign { x: 3 },
        Op::Maximum { x: 3, windows: w },
        Op::Add { a: 4, b: 5 },
        Op::Dense { x: 6, rows: 1, inputs: 18, outputs: 4 },
        Op::Shift { x: 7, numbers: 4, negated: true },
    ];
    let network = network(ring, 18, ops);
    let mut numbers = Numbers::new(9);
    let weights = weights(&network, &mut numbers, 6);
    // An input with much order in it.
    let input = (0..18).map(|at| ring.of(at % 3 - 1)).collect();
    (network, weights, input)
}

/// What each party received of the other in each kind, a list of bytes a seed.
type Received = BTreeMap<(Who, Kind), Vec<Vec<u8>>>;

fn received(ring: Ring, seeds: u64, spoil: &dyn Fn(&Message, &[u64]) -> Option<Vec<u8>>) -> Received {
    let (network, weights, input) = all_kinds(ring);
    let mut all = Received::new();
    for seed in 0..seeds {
        let mut one: BTreeMap<(Who, Kind), Vec<u8>> = BTreeMap::new();
        let mut watch = |message: &Message| {
            let bytes = spoil(message, &input).unwrap_or_else(|| message.bytes.clone());
            one.entry((message.to, message.kind)).or_default().extend(bytes);
        };
        run(&network, &weights, &input, seed, &mut watch).unwrap();
        for (key, bytes) in one {
            all.entry(key).or_default().push(bytes);
        }
    }
    all
}

/// What is not uniform, in words. Chi-squared over 256 values has mean 255 and deviation 22.6; six deviations are a chance
/// of about 1e-7 in each of some twenty kinds. A bit at one place that is 1 in half of the seeds is off by five and a half
/// deviations once in 2e7.
fn told(all: &Received) -> Vec<String> {
    let mut found = Vec::new();
    for ((to, kind), lists) in all {
        let mut counts = [0u64; 256];
        lists.iter().flatten().for_each(|byte| counts[usize::from(*byte)] += 1);
        let total: u64 = counts.iter().sum();
        assert!(total >= 5 * 256, "{kind:?} to {to:?}: {total} B are too few to tell");
        let mean = total as f64 / 256.0;
        let chi: f64 = counts.iter().map(|count| (*count as f64 - mean).powi(2) / mean).sum();
        if chi > 255.0 + 6.0 * 22.6 {
            found.push(format!("{kind:?} to {to:?}: chi-squared {chi:.0}"));
        }
        let (n, length) = (lists.len() as f64, lists[0].len());
        let skewed = (0..8 * length).filter(|bit| {
            let ones = lists.iter().filter(|bytes| bytes[bit / 8] >> (bit % 8) & 1 == 1).count();
            (ones as f64 - n / 2.0).abs() > 5.5 * n.sqrt() / 2.0
        });
        let skewed = skewed.count();
        if skewed > 0 {
            found.push(format!("{kind:?} to {to:?}: {skewed} bits are not even"));
        }
    }
    found
}

#[test]
fn every_kind_of_message_is_uniform() {
    for ring in rings() {
        let all = received(ring, 600, &|_, _| None);
        use Kind::*;
        let online = [Linear, Product, Truncation, Comparison, Choice, Bit];
        for kind in online {
            assert!(
                all.contains_key(&(Who::Client, kind)) && all.contains_key(&(Who::Server, kind)),
                "{kind:?}"
            );
        }
        for key in
            [(Who::Server, Input), (Who::Client, Weights), (Who::Client, Output), (Who::Server, Correction)]
        {
            assert!(all.contains_key(&key), "{key:?}");
        }
        assert_eq!(told(&all), [""; 0], "{} bits", ring.bits);
    }
}

/// Planted: an input that travels in the clear, and a mask that is used for the client's half only.
#[test]
fn what_travels_in_the_clear_is_found() {
    let ring = rings()[0];
    let clear = |message: &Message, input: &[u64]| {
        (message.kind == Kind::Input).then(|| to_bytes(input, ring.bytes()))
    };
    let found = told(&received(ring, 600, &clear));
    assert!(found.len() >= 2 && found.iter().all(|one| one.starts_with("Input to Server")), "{found:?}");
    let low = |message: &Message, _: &[u64]| {
        let bytes = || message.bytes.iter().map(|byte| byte & 0x7F).collect();
        (message.kind == Kind::Comparison).then(bytes)
    };
    let found = told(&received(ring, 600, &low));
    assert!(!found.is_empty() && found.iter().all(|one| one.starts_with("Comparison")), "{found:?}");
}

/// Whether the dealer's seeds and everybody's own are all different, in runs of many seeds.
fn seeds_apart(spoil: &dyn Fn(u64, &Message) -> Vec<u8>) -> bool {
    let (network, weights, input) = all_kinds(rings()[0]);
    (0..20).all(|seed| {
        let (mut all, mut to) = (BTreeSet::from(seeds(seed).map(Vec::from)), BTreeSet::new());
        let mut watch = |message: &Message| {
            if message.kind == Kind::Seed {
                all.insert(spoil(seed, message));
                to.insert(message.to);
            }
        };
        run(&network, &weights, &input, seed, &mut watch).unwrap();
        all.len() == 5 && to == BTreeSet::from([Who::Client, Who::Server])
    })
}

/// Planted: one seed for both, and each of those that somebody draws from already.
#[test]
fn no_two_seeds_are_alike() {
    assert!(seeds_apart(&|_, message| message.bytes.clone()));
    assert!(!seeds_apart(&|_, _| vec![7; 32]), "one for both");
    for at in 0..3 {
        let own = |seed, message: &Message| match message.to {
            Who::Client => seeds(seed)[at].to_vec(),
            _ => message.bytes.clone(),
        };
        assert!(!seeds_apart(&own), "one that is in use, {at}");
    }
}

/// What a shift adds stays with the server: other numbers, and every message but the result's is the same.
#[test]
fn what_a_shift_adds_is_told_by_the_result_alone() {
    let (network, weights, input) = all_kinds(rings()[0]);
    let mut other = weights.clone();
    other.last_mut().unwrap().bias.iter_mut().for_each(|number| *number += 1);
    let listen = |weights: &[Weights]| {
        let mut all = Vec::new();
        let ran = run(&network, weights, &input, 11, &mut |message| all.push(message.clone())).unwrap();
        (ran.output, all)
    };
    let ((first, one), (second, two)) = (listen(&weights), listen(&other));
    assert_eq!(second, first.iter().map(|x| x.wrapping_add(1)).collect::<Vec<_>>());
    assert_eq!(one.len(), two.len());
    assert!(one.iter().zip(&two).all(|(a, b)| (a == b) != (a.kind == Kind::Output)));
}

/// One seed, two inputs: the client's own share is its seed's, so all that it sends before it hears of the server is the
/// same; the server's share differs by what the inputs differ by, and so does what it opens.
#[test]
fn shares_of_two_inputs_differ_only_as_they_must() {
    for ring in rings() {
        let (network, weights, input) = all_kinds(ring);
        let other: Vec<u64> = input.iter().rev().map(|x| ring.wrap(x.wrapping_mul(5))).collect();
        let listen = |input: &[u64]| {
            let mut all = Vec::new();
            run(&network, &weights, input, 11, &mut |message| all.push(message.clone())).unwrap();
            all
        };
        let (one, two) = (listen(&input), listen(&other));
        let of = |all: &[Message], kind: Kind, from: Who, layer: usize| -> Vec<u64> {
            let found = all.iter().find(|m| m.kind == kind && m.from == from && m.layer == layer);
            from_bytes(&found.unwrap().bytes, ring.bytes())
        };
        let difference = |kind, from, layer| -> Vec<u64> {
            let (a, b) = (of(&one, kind, from, layer), of(&two, kind, from, layer));
            a.iter().zip(b).map(|(a, b)| ring.wrap(a.wrapping_sub(b))).collect()
        };
        let less: Vec<u64> = input.iter().zip(&other).map(|(a, b)| ring.wrap(a.wrapping_sub(*b))).collect();
        assert_eq!(difference(Kind::Input, Who::Client, 0), less);
        assert!(difference(Kind::Linear, Who::Client, 0).iter().all(|x| *x == 0));
        let Op::Conv { windows, .. } = &network.layers[0].op else { panic!() };
        let opened = difference(Kind::Linear, Who::Server, 0);
        let (of_weights, of_input) = opened.split_at(weights[0].factors.len());
        assert!(of_weights.iter().all(|x| *x == 0));
        assert_eq!(of_input, matrix::unrolled(&less, windows));
        // What the dealer and the server's weights send knows no input.
        for kind in [Kind::Seed, Kind::Correction, Kind::Weights] {
            let sent = |all: &[Message]| -> Vec<Vec<u8>> {
                all.iter().filter(|m| m.kind == kind).map(|m| m.bytes.clone()).collect()
            };
            assert_eq!(sent(&one), sent(&two), "{kind:?}");
        }
    }
}

#[test]
fn a_message_that_is_none_of_the_protocol_is_refused() {
    use crate::material::Dealer;
    use crate::party::{Party, Secret, State};
    let (network, _, input) = all_kinds(rings()[0]);
    let mut dealer = Dealer::new(&network, [1; 32]).unwrap();
    let mut client = Party::new(network, Secret::Input(input), [2; 32]).unwrap();
    assert_eq!(client.work(), Ok(State::Waits(Who::Dealer)));
    client.arrive(dealer.deal().unwrap().unwrap()).unwrap();
    assert_eq!(client.work(), Ok(State::Waits(Who::Server)));
    let message = |to, kind, bytes| Message { from: Who::Server, to, layer: 0, kind, bytes };
    assert!(client.arrive(message(Who::Server, Kind::Weights, vec![0; 8])).is_err());
    client.arrive(message(Who::Client, Kind::Weights, vec![0; 8])).unwrap();
    let fault = client.work().unwrap_err();
    assert_eq!(client.work(), Err(fault), "it stays at fault");
    assert!(client.result().is_none());
}

/// A client that has its seed and waits for the weights.
fn waiting() -> crate::party::Party {
    use crate::party::{Party, Secret, State};
    let (network, _, input) = all_kinds(rings()[0]);
    let mut dealer = crate::material::Dealer::new(&network, [1; 32]).unwrap();
    let mut client = Party::new(network, Secret::Input(input), [2; 32]).unwrap();
    client.arrive(dealer.deal().unwrap().unwrap()).unwrap();
    assert_eq!(client.work(), Ok(State::Waits(Who::Server)));
    client
}

/// The first layer has 2 x 2 filters of 2 x 2: 16 weights of 8 B.
#[test]
fn a_message_of_another_layer_is_refused() {
    let weights = |layer| Message {
        from: Who::Server,
        to: Who::Client,
        layer,
        kind: Kind::Weights,
        bytes: vec![0; 128],
    };
    let (mut right, mut wrong) = (waiting(), waiting());
    right.arrive(weights(0)).unwrap();
    right.work().unwrap();
    wrong.arrive(weights(1)).unwrap();
    wrong.work().unwrap_err();
    wrong.arrive(weights(0)).expect_err("it is done, with a fault");
}

/// Eight layers, and eight more: what comes then lies unread for ever.
#[test]
fn a_party_is_not_flooded() {
    let client = waiting();
    let message =
        || Message { from: Who::Server, to: Who::Client, layer: 0, kind: Kind::Linear, bytes: Vec::new() };
    (0..16).for_each(|_| client.arrive(message()).unwrap());
    client.arrive(message()).unwrap_err();
}

/// Of 18 numbers the first five, and only those that there are.
#[test]
fn as_many_high_bytes_as_are_asked_for() {
    for ring in rings() {
        let (network, weights, input) = all_kinds(ring);
        let ran = run(&network, &weights, &input, 11, &mut |_| ()).unwrap();
        let [client, _] = &ran.parties;
        let bytes = to_bytes(&client.share(0).unwrap(), ring.bytes());
        let high: Vec<u8> = bytes.chunks(ring.bytes()).map(|number| *number.last().unwrap()).collect();
        assert_eq!(client.high_bytes(0, 5).as_deref(), Some(&high[..5]));
        assert_eq!(client.high_bytes(0, 100), Some(high));
        assert_eq!(client.high_bytes(99, 5), None);
    }
}
