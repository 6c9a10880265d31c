//! Brute force: the loops that the formulas stand for, on small sizes. Each oracle walks every
//! output, tap or step and counts; it knows nothing of the rules.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;

use super::testing::{Net, ints};
use super::{NodeCount, Work, pairs};

/// Loops over every position and tap of one axis.
fn pairs_by_loop(outputs: u64, taps: u64, stride: u64, dilation: u64, pad: i64, inside: u64) -> u64 {
    let mut count = 0;
    for o in 0..outputs as i64 {
        for k in 0..taps as i64 {
            let at = o * stride as i64 + k * dilation as i64 - pad;
            count += u64::from(at >= 0 && at < inside as i64);
        }
    }
    count
}

/// A convolution as its seven loops: dense and valid multiplications.
#[allow(clippy::too_many_arguments)]
fn conv_by_loop(
    x: [i64; 4],
    out: [i64; 3],
    k: [i64; 2],
    groups: i64,
    s: [i64; 2],
    d: [i64; 2],
    p: [i64; 2],
) -> (u64, u64) {
    let (mut dense, mut valid) = (0, 0);
    for _n in 0..x[0] {
        for co in 0..out[0] {
            let group = co / (out[0] / groups);
            for oy in 0..out[1] {
                for ox in 0..out[2] {
                    for ci in 0..x[1] {
                        if ci / (x[1] / groups) != group {
                            continue;
                        }
                        for ky in 0..k[0] {
                            for kx in 0..k[1] {
                                let (iy, ix) = (oy * s[0] + ky * d[0] - p[0], ox * s[1] + kx * d[1] - p[1]);
                                dense += 1;
                                valid += u64::from(iy >= 0 && iy < x[2] && ix >= 0 && ix < x[3]);
                            }
                        }
                    }
                }
            }
        }
    }
    (dense, valid)
}

/// A transposed convolution: every input times every tap of its group, and those that land inside.
fn transposed_by_loop(
    x: [i64; 4],
    out: [i64; 3],
    k: [i64; 2],
    groups: i64,
    s: [i64; 2],
    p: [i64; 2],
) -> (u64, u64) {
    let (mut dense, mut valid) = (0, 0);
    for _input in 0..x[0] * x[1] {
        for iy in 0..x[2] {
            for ix in 0..x[3] {
                for _co in 0..out[0] / groups {
                    for ky in 0..k[0] {
                        for kx in 0..k[1] {
                            let (oy, ox) = (iy * s[0] + ky - p[0], ix * s[1] + kx - p[1]);
                            dense += 1;
                            valid += u64::from(oy >= 0 && oy < out[1] && ox >= 0 && ox < out[2]);
                        }
                    }
                }
            }
        }
    }
    (dense, valid)
}

/// Multiplications of the listed work.
fn priced(count: &NodeCount) -> u64 {
    let one = |work: &Work| match work {
        Work::MatMul { batch, m, k, n, steps, .. } => batch * m * k * n * steps,
        Work::Conv(c) => {
            c.batch
                * c.out_channels
                * c.output.iter().product::<u64>()
                * (c.in_channels / c.groups)
                * c.kernel.iter().product::<u64>()
        }
        Work::ConvTranspose(c) => {
            c.batch
                * c.in_channels
                * c.input.iter().product::<u64>()
                * (c.out_channels / c.groups)
                * c.kernel.iter().product::<u64>()
        }
        _ => 0,
    };
    count.work.iter().map(one).sum()
}

proptest! {
    #[test]
    fn pairs_match_the_loops(
        outputs in 0u64..20, taps in 0u64..12, stride in 1u64..6, dilation in 1u64..6,
        pad in -6i64..12, inside in 0u64..24,
    ) {
        let closed = pairs::inside(outputs, taps, stride, dilation, i128::from(pad), inside);
        prop_assert_eq!(closed, Some(pairs_by_loop(outputs, taps, stride, dilation, pad, inside)));
    }

    #[test]
    fn convolutions_match_the_loops(
        n in 1i64..3, groups in 1i64..3, cin in 1i64..3, cout in 1i64..3, h in 5i64..9, w in 5i64..9,
        kh in 1i64..4, kw in 1i64..4, sh in 1i64..4, sw in 1i64..3, dh in 1i64..3, dw in 1i64..3,
        ph in 0i64..3, pw in 0i64..3,
    ) {
        let (ci, co) = (cin * groups, cout * groups);
        let mut net = Net::new();
        let x = net.input(&[n, ci, h, w]);
        let weight = net.weight(&[co, cin, kh, kw]);
        let y = net.op("Conv", &[x, weight], &[
            ("group", super::testing::int(groups)), ("strides", ints(&[sh, sw])),
            ("dilations", ints(&[dh, dw])), ("pads", ints(&[ph, pw, ph, pw])),
        ]);
        let (graph, counts) = net.counted(y);
        let out = graph.sizes(graph.outputs[0]).unwrap();
        let (dense, valid) = conv_by_loop(
            [n, ci, h, w], [co, out[2] as i64, out[3] as i64], [kh, kw], groups, [sh, sw], [dh, dw], [ph, pw],
        );
        prop_assert_eq!((counts[0].macs, counts[0].macs_valid), (dense, valid));
        prop_assert_eq!(priced(&counts[0]), dense);
    }

    #[test]
    fn transposed_convolutions_match_the_loops(
        n in 1i64..3, groups in 1i64..3, cin in 1i64..3, cout in 1i64..3, h in 3i64..6, w in 3i64..6,
        kh in 2i64..4, kw in 2i64..4, sh in 1i64..4, sw in 1i64..3, ph in 0i64..2, pw in 0i64..2,
    ) {
        let (ci, co) = (cin * groups, cout * groups);
        let mut net = Net::new();
        let x = net.input(&[n, ci, h, w]);
        let weight = net.weight(&[ci, cout, kh, kw]);
        let y = net.op("ConvTranspose", &[x, weight], &[
            ("group", super::testing::int(groups)), ("strides", ints(&[sh, sw])), ("pads", ints(&[ph, pw, ph, pw])),
        ]);
        let (graph, counts) = net.counted(y);
        let out = graph.sizes(graph.outputs[0]).unwrap();
        let (dense, valid) = transposed_by_loop(
            [n, ci, h, w], [co, out[2] as i64, out[3] as i64], [kh, kw], groups, [sh, sw], [ph, pw],
        );
        prop_assert_eq!((counts[0].macs, counts[0].macs_valid), (dense, valid));
        prop_assert_eq!(priced(&counts[0]), dense);
    }

    #[test]
    fn matrix_products_match_the_loops(
        b in 1i64..4, m in 1i64..5, k in 1i64..5, n in 1i64..5, secret in any::<bool>(), batched in any::<bool>(),
    ) {
        let mut net = Net::new();
        let x = net.input(&[b, m, k]);
        let right: &[i64] = if batched { &[b, k, n] } else { &[k, n] };
        let y = if secret { net.input(right) } else { net.weight(right) };
        let z = net.op("MatMul", &[x, y], &[]);
        let (_, counts) = net.counted(z);
        let mut by_loop = 0;
        for _ in 0..b { for _ in 0..m { for _ in 0..n { for _ in 0..k { by_loop += 1; } } } }
        prop_assert_eq!(counts[0].macs, by_loop);
        prop_assert_eq!(priced(&counts[0]), by_loop);
        let Work::MatMul { secret: marked, .. } = &counts[0].work[0] else { panic!() };
        prop_assert_eq!(*marked, secret);
    }

    #[test]
    fn recurrent_cells_match_the_loops(
        steps in 1i64..5, batch in 1i64..3, inputs in 1i64..5, units in 1i64..5, both in any::<bool>(), cell in 0usize..3,
    ) {
        let (op, gates, secret_products) = [("LSTM", 4, 3), ("GRU", 3, 3), ("RNN", 1, 0)][cell];
        let directions = if both { 2 } else { 1 };
        let mut net = Net::new();
        let x = net.input(&[steps, batch, inputs]);
        let w = net.weight(&[directions, gates * units, inputs]);
        let r = net.weight(&[directions, gates * units, units]);
        let direction = if both { "bidirectional" } else { "forward" };
        let y = net.op(op, &[x, w, r], &[
            ("hidden_size", super::testing::int(units)), ("direction", super::testing::text(direction)),
        ]);
        let (_, counts) = net.counted(y);
        let (mut macs, mut cells) = (0u64, 0u64);
        for _ in 0..directions { for _ in 0..steps { for _ in 0..batch {
            for _gate in 0..gates { for _unit in 0..units { macs += (inputs + units) as u64; } }
            cells += units as u64;
        } } }
        prop_assert_eq!(counts[0].macs, macs);
        prop_assert_eq!(priced(&counts[0]), macs);
        prop_assert_eq!(counts[0].activation.unwrap().elements, cells);
        prop_assert_eq!(counts[0].products, cells * secret_products);
        // Every gate goes through one function, and an LSTM's cell state through one more.
        let functions: u64 = counts[0].work.iter().filter_map(|work| match work {
            Work::Activation(a) => Some(a.elements),
            _ => None,
        }).sum();
        prop_assert_eq!(functions, cells * (gates as u64 + u64::from(op == "LSTM")));
        // Each weight of each direction is priced once.
        let weights: u64 = counts[0].work.iter().filter_map(|work| match work {
            Work::MatMul { k, n, .. } => Some(k * n),
            _ => None,
        }).sum();
        prop_assert_eq!(weights, (directions * gates * units * (inputs + units)) as u64);
    }

    #[test]
    fn max_pools_match_the_loops(h in 4i64..9, w in 4i64..9, k in 1i64..4, s in 1i64..4, c in 1i64..4) {
        let mut net = Net::new();
        let x = net.input(&[1, c, h, w]);
        let y = net.op("MaxPool", &[x], &[("kernel_shape", ints(&[k, k])), ("strides", ints(&[s, s]))]);
        let (_, counts) = net.counted(y);
        let mut comparisons = 0u64;
        for _ in 0..c {
            for top in (0..=h - k).step_by(s as usize) {
                for left in (0..=w - k).step_by(s as usize) {
                    // The first tap is the maximum so far; each other is compared with it.
                    comparisons += (top..top + k).flat_map(|_| left..left + k).skip(1).count() as u64;
                }
            }
        }
        prop_assert_eq!(counts[0].activation.unwrap().comparisons, comparisons);
    }
}

#[test]
fn hostile_sizes_cost_nothing() {
    // 2^40 taps over 2^20 positions, half of them outside.
    assert_eq!(
        pairs::inside(1 << 20, 1 << 40, 1, 1, 0, 1 << 40),
        Some((1 << 60) - (1 << 19) * ((1 << 20) - 1))
    );
}

#[test]
fn a_transposed_convolution_counts_inputs() {
    let mut net = Net::new();
    let x = net.input(&[1, 3, 2, 2]);
    let w = net.weight(&[3, 1, 2, 2]);
    let y = net.op("ConvTranspose", &[x, w], &[("strides", ints(&[2, 2]))]);
    let (_, counts) = net.counted(y);
    assert_eq!((counts[0].macs, counts[0].macs_valid), (48, 48));
}

#[test]
fn overflow_is_unknown() {
    let mut net = Net::new();
    let big = 1 << 31;
    let x = net.input(&[big, big]);
    let w = net.weight(&[big, big]);
    let y = net.op("MatMul", &[x, w], &[]);
    let (_, counts) = net.counted(y);
    let super::Status::Unknown(why) = &counts[0].status else { panic!("{:?}", counts[0].status) };
    assert!(why.contains("overflow"), "{why}");
    assert_eq!(counts[0].macs, 0);
}
