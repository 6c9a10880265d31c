//! Bytes and rounds by their formulas: what the public engine SPU 0.9.5 counted under SEMI2K, per element of both parties.

use super::{Numbers, network, rings, weights};
use crate::adder;
use crate::net::{Op, Windows};
use crate::ring::Ring;
use crate::together::{Ran, run};
use crate::wire::{Count, Kind, Link, Who};

fn ran(ring: Ring, input: usize, ops: Vec<Op>) -> Ran {
    let network = network(ring, input, ops);
    let mut numbers = Numbers::new(3);
    let weights = weights(&network, &mut numbers, 6);
    run(&network, &weights, &numbers.small(input, 9, &ring), 5, &mut |_| ()).unwrap()
}

/// Bytes of both parties, messages of each.
fn online(ran: &Ran) -> (u64, u64) {
    let of = |who| ran.wire.sum(|_, kind, from| kind.online() && from == who);
    let (client, server) = (of(Who::Client), of(Who::Server));
    assert_eq!(client, server, "both send alike");
    assert_eq!(client.messages, ran.wire.rounds());
    (client.bytes + server.bytes, client.messages)
}

#[test]
fn the_adders_formula() {
    for (ring, bits, rounds) in [(rings()[0], 448, 7), (rings()[1], 256, 6)] {
        assert_eq!(adder::bits(&ring), bits);
        assert_eq!(adder::bits(&ring), 6 * u64::from(ring.bits) + 64);
        assert_eq!(adder::rounds(&ring), rounds);
        let found = ran(ring, 50, vec![Op::Relu { x: 0 }]);
        let comparison = found.wire.sum(|_, kind, from| kind == Kind::Comparison && from == Who::Client);
        assert_eq!(comparison, Count { messages: rounds, bytes: 50 * bits / 8 });
    }
}

/// The rows of the public engine's runs, 64 and 32 bits: ReLU 144 and 80 B, x^2 40 and 24 B, truncation 8 B, Horner's
/// polynomial of degree 2 48 B, the maximum of four 432 B an output.
#[test]
fn every_kind_as_the_public_engine_counted_it() {
    let poly = |degree: usize| Op::Poly { x: 0, coefficients: vec![vec![1; degree + 1]] };
    let w = Windows {
        channels: 3,
        input: [8, 8],
        output: [4, 4],
        kernel: [2, 2],
        strides: [2, 2],
        dilations: [1, 1],
        pads: [0, 0],
    };
    let n = 192;
    for (op, [wide, narrow], [rounds, fewer]) in [
        (Op::Relu { x: 0 }, [144 * n, 80 * n], [8, 7]),
        (Op::Multiply { a: 0, b: 0 }, [40 * n, 24 * n], [2, 2]),
        (Op::Scale { x: 0, by: vec![3] }, [8 * n, 8 * n], [1, 1]),
        (poly(2), [48 * n, 32 * n], [3, 3]),
        (poly(4), [(8 + 3 * 40) * n, (8 + 3 * 24) * n], [7, 7]),
        (Op::Maximum { x: 0, windows: w }, [432 * 48, 240 * 48], [16, 14]),
        (Op::Average { x: 0, windows: w, padded: false }, [8 * 48, 8 * 48], [1, 1]),
        (Op::Add { a: 0, b: 0 }, [0, 0], [0, 0]),
        (Op::Times { x: 0, by: 2 }, [0, 0], [0, 0]),
        (Op::Shift { x: 0, numbers: 192, negated: true }, [0, 0], [0, 0]),
    ] {
        for (ring, bytes, rounds) in [(rings()[0], wide, rounds), (rings()[1], narrow, fewer)] {
            let found = online(&ran(ring, n as usize, vec![op.clone()]));
            assert_eq!(found, (bytes, rounds), "{op:?} at {} bits", ring.bits);
        }
    }
}

/// 3x3 64 -> 64 at 32x32 sends 10,551,296 B, 512 x 100 without truncation 828,192 - 800: (m k + k n) 16 B and 8 B an output.
#[test]
fn linear_layers_as_the_public_engine_counted_them() {
    let w = Windows {
        channels: 64,
        input: [32, 32],
        output: [32, 32],
        kernel: [3, 3],
        strides: [1, 1],
        dilations: [1, 1],
        pads: [1, 1],
    };
    let conv = Op::Conv { x: 0, groups: 1, outputs: 64, windows: w };
    assert_eq!(online(&ran(rings()[0], 64 * 1024, vec![conv])), (10_551_296, 2));
    let dense = Op::Dense { x: 0, rows: 1, inputs: 512, outputs: 100 };
    let found = ran(rings()[0], 512, vec![dense]);
    assert_eq!(online(&found), (828_192, 2));
    // Sharing and opening stand apart: weights and input once, the result to the client only.
    let of = |kind| found.wire.sum(|_, one, _| one == kind).bytes;
    assert_eq!([Kind::Weights, Kind::Input, Kind::Output].map(of), [512 * 100 * 8, 512 * 8, 800]);
}

#[test]
fn a_link_takes_the_time_that_links_are_priced_at() {
    let link = Link { up: Some(384e6), down: Some(384e6), round_trip: 0.3e-3 };
    // 9,437,184 B each way and 8 rounds: 2 x 24.576 ms + 2.4 ms.
    assert!((link.seconds(9_437_184, 9_437_184, 8) - 51.552e-3).abs() < 1e-9);
    let found = ran(rings()[0], 50, vec![Op::Relu { x: 0 }]);
    assert_eq!(found.wire.seconds(&link), link.seconds(72 * 50, 72 * 50, 8));
}
