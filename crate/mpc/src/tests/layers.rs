//! Each kind of layer on random shapes, from the numbers that went in, by its definition.

use num_bigint::BigInt;
use proptest::prelude::*;

use super::{Numbers, big, joined, network, rings, weights, wrapped};
use crate::net::{Network, Op, Weights, Windows};
use crate::ring::Ring;
use crate::together::run;

/// What a value can be after truncation: the floor, or one above where something was cut off.
fn truncated(ring: &Ring, raw: &BigInt) -> Vec<BigInt> {
    let floor = raw >> ring.fraction;
    let exact = (&floor << ring.fraction) == *raw;
    if exact { vec![floor] } else { vec![floor.clone(), floor + 1] }
}

/// What each number of a layer can be, from those that went in.
fn possible(ring: &Ring, op: &Op, values: &[Vec<u64>], weights: &Weights) -> Vec<Vec<BigInt>> {
    let at = |value: usize, place: usize| big(ring, values[value][place]);
    let factor = |place: usize| big(ring, weights.factors[place]);
    let bias = |place: usize| weights.bias.get(place).map_or(BigInt::ZERO, |b| big(ring, *b));
    // Rows and columns of a window that are not padding.
    let window = |w: &Windows, row: usize, column: usize| -> Vec<(usize, usize)> {
        let mut all = Vec::new();
        for down in 0..w.kernel[0] {
            for along in 0..w.kernel[1] {
                let y = (row * w.strides[0] + down * w.dilations[0]) as i64 - w.pads[0] as i64;
                let x = (column * w.strides[1] + along * w.dilations[1]) as i64 - w.pads[1] as i64;
                if (0..w.input[0] as i64).contains(&y) && (0..w.input[1] as i64).contains(&x) {
                    all.push((down * w.kernel[1] + along, y as usize * w.input[1] + x as usize));
                }
            }
        }
        all
    };
    let over = |w: &Windows, f: &dyn Fn(usize, Vec<(usize, usize)>) -> Vec<BigInt>, channels: usize| {
        let mut all = Vec::new();
        for channel in 0..channels {
            for row in 0..w.output[0] {
                for column in 0..w.output[1] {
                    all.push(f(channel, window(w, row, column)));
                }
            }
        }
        all
    };
    let plane = |w: &Windows| w.input[0] * w.input[1];
    match op {
        Op::Conv { x, groups, outputs, windows: w } => {
            let (each, per) = (w.channels / groups, outputs / groups);
            let sum = |out: usize, taps: Vec<(usize, usize)>| {
                let mut sum = bias(out);
                for channel in 0..each {
                    for (tap, place) in &taps {
                        let from = (out / per * each + channel) * plane(w) + place;
                        sum += at(*x, from) * factor((out * each + channel) * w.taps() + tap);
                    }
                }
                truncated(ring, &sum)
            };
            over(w, &sum, *outputs)
        }
        Op::Dense { x, rows, inputs, outputs } => {
            let one = |place: usize| {
                let (row, out) = (place / outputs, place % outputs);
                let terms = (0..*inputs).map(|i| at(*x, row * inputs + i) * factor(i * outputs + out));
                truncated(ring, &(bias(out) + terms.sum::<BigInt>()))
            };
            (0..rows * outputs).map(one).collect()
        }
        Op::Norm { x, channels } => {
            let each = values[*x].len() / channels;
            (0..values[*x].len()).map(|i| truncated(ring, &(at(*x, i) * factor(i / each)))).collect()
        }
        Op::Relu { x } => (0..values[*x].len()).map(|i| vec![at(*x, i).max(BigInt::ZERO)]).collect(),
        Op::Sign { x } => {
            let one = |i: usize| BigInt::from(u8::from(at(*x, i) >= BigInt::ZERO)) << ring.fraction;
            (0..values[*x].len()).map(|i| vec![one(i)]).collect()
        }
        Op::Poly { x, coefficients } => {
            let each = values[*x].len() / coefficients.len();
            let one = |i: usize| {
                let list: Vec<BigInt> = coefficients[i / each].iter().map(|c| big(ring, *c)).collect();
                let mut sums = vec![list[0].clone()];
                for next in &list[1..] {
                    let cut = sums.iter().flat_map(|sum| truncated(ring, &(sum * at(*x, i))));
                    sums = cut.map(|sum| sum + next).collect();
                }
                sums
            };
            (0..values[*x].len()).map(one).collect()
        }
        Op::Average { x, windows: w, padded } => {
            let mean = |channel: usize, taps: Vec<(usize, usize)>| {
                let count = if *padded { w.taps() } else { taps.len() };
                let share = ((1u64 << ring.fraction) as f64 / count as f64).round() as u64;
                let sum: BigInt = taps.iter().map(|(_, place)| at(*x, channel * plane(w) + place)).sum();
                truncated(ring, &(sum * share))
            };
            over(w, &mean, w.channels)
        }
        Op::Maximum { x, windows: w } => {
            let most = |channel: usize, taps: Vec<(usize, usize)>| {
                let all = taps.iter().map(|(_, place)| at(*x, channel * plane(w) + place));
                vec![all.max().unwrap()]
            };
            over(w, &most, w.channels)
        }
        Op::Argmax { x } => {
            let most = (0..values[*x].len()).map(|i| at(*x, i)).max().unwrap();
            vec![(0..values[*x].len()).filter(|i| at(*x, *i) == most).take(1).map(BigInt::from).collect()]
        }
        Op::Add { a, b } => (0..values[*a].len()).map(|i| vec![at(*a, i) + at(*b, i)]).collect(),
        Op::Sub { a, b } => (0..values[*a].len()).map(|i| vec![at(*a, i) - at(*b, i)]).collect(),
        Op::Multiply { a, b } => {
            (0..values[*a].len()).map(|i| truncated(ring, &(at(*a, i) * at(*b, i)))).collect()
        }
        Op::Pick { x, places } => places.iter().map(|place| vec![at(*x, *place)]).collect(),
        Op::Put { x, y, places } => {
            let one = |i: usize| places.iter().position(|p| *p == i).map_or(at(*x, i), |found| at(*y, found));
            (0..values[*x].len()).map(|i| vec![one(i)]).collect()
        }
        Op::Scale { x, by } => (0..values[*x].len())
            .map(|i| truncated(ring, &(at(*x, i) * big(ring, by[i % by.len()]))))
            .collect(),
        Op::Times { x, by } => (0..values[*x].len()).map(|i| vec![at(*x, i) * big(ring, *by)]).collect(),
        Op::Shift { x, numbers, negated } => {
            let sign = if *negated { -1 } else { 1 };
            (0..values[*x].len()).map(|i| vec![at(*x, i) * sign + bias(i % numbers)]).collect()
        }
    }
}

/// Runs, and holds every layer to its definition.
fn check(network: &std::rc::Rc<Network>, weights: &[Weights], input: &[u64], seed: u64) {
    let ring = network.ring;
    let ran = run(network, weights, input, seed, &mut |_| ()).unwrap();
    let value =
        |at: usize| joined(&ring, &[0, 1].map(|who: usize| ran.parties[who].share(at).unwrap().to_vec()));
    let values: Vec<Vec<u64>> = (0..=network.layers.len()).map(value).collect();
    assert_eq!(values[0], input);
    assert_eq!(values.last(), Some(&ran.output));
    for (at, (layer, weights)) in network.layers.iter().zip(weights).enumerate() {
        let possible = possible(&ring, &layer.op, &values, weights);
        assert_eq!(possible.len(), values[at + 1].len(), "{:?}", layer.op);
        for (place, (found, possible)) in values[at + 1].iter().zip(&possible).enumerate() {
            let fits = possible.iter().any(|one| wrapped(&ring, one) == *found);
            assert!(fits, "{:?} at {place}: {} for {possible:?}", layer.op, ring.signed(*found));
        }
    }
    assert_eq!(network.sizes().unwrap(), values.iter().map(Vec::len).collect::<Vec<_>>());
}

fn windows() -> impl Strategy<Value = Windows> {
    let side = || (1usize..7, 1usize..4, 1usize..3, 1usize..3, 0usize..3);
    (1usize..4, side(), side()).prop_map(|(channels, one, other)| {
        let axis = |(input, kernel, stride, dilation, pad): (usize, usize, usize, usize, usize)| {
            let reach = (kernel - 1) * dilation + 1;
            let input = input.max(reach);
            let pad = pad.min(kernel - 1);
            (input, (input + 2 * pad - reach) / stride + 1, kernel, stride, dilation, pad)
        };
        let (a, b) = (axis(one), axis(other));
        Windows {
            channels,
            input: [a.0, b.0],
            output: [a.1, b.1],
            kernel: [a.2, b.2],
            strides: [a.3, b.3],
            dilations: [a.4, b.4],
            pads: [a.5, b.5],
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn linear_layers(mut w in windows(), groups in 1usize..4, per in 1usize..4, rows in 1usize..4, at in 0usize..2, seed: u64) {
        w.channels *= groups;
        let (ring, outputs) = (rings()[at], groups * per);
        let conv = Op::Conv { x: 0, groups, outputs, windows: w };
        let norm = Op::Norm { x: 1, channels: outputs };
        let (inputs, input) = (outputs * w.positions(), w.inputs());
        let dense = Op::Dense { x: 2, rows: outputs, inputs: w.positions(), outputs: rows };
        let ops = vec![conv, norm, dense, Op::Add { a: 1, b: 2 }, Op::Sub { a: 2, b: 4 }];
        let network = network(ring, input, ops);
        prop_assert_eq!(network.sizes().unwrap()[1], inputs);
        let mut numbers = Numbers::new(seed);
        let weights = weights(&network, &mut numbers, ring.fraction);
        check(&network, &weights, &numbers.small(input, ring.fraction + 2, &ring), seed);
    }

    #[test]
    fn pools_and_maxima(w in windows(), padded: bool, at in 0usize..2, seed: u64) {
        let ring = rings()[at];
        let outputs = w.channels * w.positions();
        let empty = |at| (0..w.taps()).all(|tap| w.place(at, tap).is_none());
        prop_assume!(!(0..w.positions()).any(empty));
        let ops = vec![
            Op::Average { x: 0, windows: w, padded },
            Op::Maximum { x: 0, windows: w },
            Op::Multiply { a: 1, b: 2 },
            Op::Argmax { x: 2 },
        ];
        let network = network(ring, w.inputs(), ops);
        prop_assert_eq!(network.sizes().unwrap()[2], outputs);
        let weights = weights(&network, &mut Numbers::new(0), 4);
        check(&network, &weights, &Numbers::new(seed).small(w.inputs(), ring.fraction + 2, &ring), seed);
    }

    #[test]
    fn activations(channels in 1usize..4, each in 1usize..12, degree in 1usize..5, at in 0usize..2, seed: u64) {
        let (ring, n) = (rings()[at], channels * each);
        let mut numbers = Numbers::new(seed);
        let coefficients = (0..channels).map(|_| numbers.small(degree + 1, ring.fraction, &ring)).collect();
        let ops = vec![
            Op::Relu { x: 0 },
            Op::Sign { x: 0 },
            Op::Poly { x: 0, coefficients },
            Op::Scale { x: 3, by: vec![ring.of(-(3 << (ring.fraction - 1)))] },
            Op::Scale { x: 0, by: numbers.small(n, ring.fraction + 1, &ring) },
            Op::Shift { x: 5, numbers: 1, negated: true },
            Op::Shift { x: 1, numbers: n, negated: false },
            Op::Pick { x: 0, places: (0..n).step_by(2).collect() },
            Op::Relu { x: 8 },
            Op::Put { x: 1, y: 9, places: (0..n).step_by(2).collect() },
            Op::Times { x: 0, by: ring.of(-3) },
        ];
        let network = network(ring, n, ops);
        let weights = weights(&network, &mut numbers, 4);
        check(&network, &weights, &numbers.small(n, ring.fraction + 1, &ring), seed);
    }
}

/// Of equal values the first, as ONNX has it: all lists of five zeros and ones, and of seven.
#[test]
fn of_equal_values_the_first_is_the_largest() {
    let ring = rings()[0];
    for n in [5, 7] {
        let network = network(ring, n, vec![Op::Argmax { x: 0 }]);
        for bits in 0..1u64 << n {
            let input: Vec<u64> = (0..n).map(|at| bits >> at & 1).collect();
            let first = input.iter().position(|x| *x == 1).unwrap_or(0) as u64;
            let ran = run(&network, &[Weights::default()], &input, bits, &mut |_| ()).unwrap();
            assert_eq!(ran.output, [first], "{input:?}");
        }
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let ring = rings()[0];
    assert!(Ring::new(63, 8).is_err() && Ring::new(64, 33).is_err() && Ring::new(32, 0).is_err());
    let w = Windows {
        channels: 2,
        input: [4, 4],
        output: [4, 4],
        kernel: [3, 3],
        strides: [1, 1],
        dilations: [1, 1],
        pads: [1, 1],
    };
    let conv = |x, groups, outputs, windows| Op::Conv { x, groups, outputs, windows };
    let dense = |inputs, outputs| Op::Dense { x: 0, rows: 1, inputs, outputs };
    for op in [
        conv(1, 1, 4, w),
        conv(0, 0, 4, w),
        conv(0, 3, 4, w),
        conv(0, 1, 4, Windows { channels: 3, ..w }),
        conv(0, 1, 4, Windows { strides: [0, 1], ..w }),
        conv(0, 1, 1 << 40, w),
        conv(0, 1, usize::MAX, w),
        conv(0, 1, 4, Windows { output: [1 << 16, 1 << 16], ..w }),
        dense(31, 2),
        dense(32, usize::MAX),
        Op::Norm { x: 0, channels: 0 },
        Op::Poly { x: 0, coefficients: vec![vec![1, 2], vec![1]] },
        Op::Poly { x: 0, coefficients: vec![] },
        Op::Maximum { x: 0, windows: Windows { pads: [9, 9], ..w } },
        Op::Scale { x: 0, by: vec![] },
        Op::Shift { x: 0, numbers: 31, negated: false },
        Op::Pick { x: 0, places: vec![32] },
        Op::Pick { x: 0, places: vec![] },
        Op::Put { x: 0, y: 0, places: vec![1] },
    ] {
        let network = network(ring, 32, vec![op]);
        assert!(network.sizes().is_err(), "{:?}", network.layers[0].op);
        assert!(run(&network, &[Weights::default()], &[0; 32], 0, &mut |_| ()).is_err());
    }
    let network = network(ring, 32, vec![conv(0, 1, 4, w)]);
    assert!(run(&network, &[Weights::default()], &[0; 32], 0, &mut |_| ()).is_err());
    let weights = weights(&network, &mut Numbers::new(0), 4);
    assert!(run(&network, &weights, &[0; 31], 0, &mut |_| ()).is_err());
    assert!(run(&network, &weights, &[0; 32], 0, &mut |_| ()).is_ok());
}
