//! Networks and weights as bytes: they come back, and nothing else is read, however it is cut or turned.

use crate::bytes::{weights_bytes, weights_from_bytes};
use crate::net::{Layer, Network, Op, Weights, Windows};
use crate::wire::{Kind, Who};

use super::{Numbers, rings};

fn network() -> (Network, Vec<Weights>) {
    let ring = rings()[0];
    let windows = Windows {
        channels: 2,
        input: [4, 4],
        output: [4, 4],
        kernel: [3, 3],
        strides: [1, 1],
        dilations: [1, 1],
        pads: [1, 1],
    };
    let ops = [
        Op::Conv { x: 0, groups: 1, outputs: 3, windows },
        Op::Relu { x: 1 },
        Op::Pick { x: 2, places: vec![0, 5, 47] },
        Op::Poly { x: 3, coefficients: vec![vec![u64::MAX, 0, 7]] },
    ];
    let layers = ops.into_iter().map(|op| Layer { name: "é \u{202e}".to_owned(), op }).collect();
    let mut numbers = Numbers::new(1);
    let weights = Weights { factors: numbers.any(54, &ring), bias: numbers.any(3, &ring) };
    let mut all = vec![weights];
    all.resize(4, Weights::default());
    (Network { ring, input: 32, layers }, all)
}

#[test]
fn what_is_written_is_read() {
    let (network, weights) = network();
    network.sizes().unwrap();
    network.fits(&weights).unwrap();
    assert_eq!(Network::from_bytes(&network.bytes()).unwrap(), network);
    assert_eq!(weights_from_bytes(&weights_bytes(&weights)).unwrap(), weights);
}

/// Each cut is refused, and so is a byte too many; a turned byte is refused or read as something that is checked, and never panics.
#[test]
fn nothing_else_is() {
    let (network, weights) = network();
    for (bytes, read) in [
        (
            network.bytes(),
            (|bytes| Network::from_bytes(bytes).map(|net| net.sizes().is_ok())) as fn(&[u8]) -> _,
        ),
        (weights_bytes(&weights), |bytes| weights_from_bytes(bytes).map(|_| true)),
    ] {
        for end in 0..bytes.len() {
            assert!(read(&bytes[..end]).is_err(), "{end} of {} bytes", bytes.len());
        }
        assert!(read(&[&bytes[..], &[0]].concat()).is_err());
        for at in 0..bytes.len() {
            for turn in [1, 0x80, 0xFF] {
                let mut turned = bytes.clone();
                turned[at] ^= turn;
                let found = read(&turned);
                assert!(at >= 4 || found.is_err(), "the mark");
            }
        }
    }
    // A list that says it is longer than memory.
    let huge = [&b"RMW1"[..], &[0xFF; 9], &[1]].concat();
    assert!(weights_from_bytes(&huge).is_err());
    assert!(weights_from_bytes(&network.bytes()).is_err());
}

#[test]
fn names_come_back() {
    for kind in Kind::ALL {
        assert_eq!(Kind::of(kind.name()), Some(kind));
    }
    for who in [Who::Client, Who::Server, Who::Dealer] {
        assert_eq!(Who::of(who.name()), Some(who));
    }
    assert_eq!((Kind::of("gold"), Who::of("")), (None, None));
}
