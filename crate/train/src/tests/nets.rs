//! Networks that are looked at rather than trained: climbing a class, what is missed of a layer; ReActNet's activations.

use crate::climb::{Climb, climb, gradient, start};
use crate::data::Set;
use crate::evaluate::{cross_entropy, logits};
use crate::layers::{Map, Window, react};
use crate::net::Net;
use crate::random::Random;
use crate::utilise::{Ask, Move, Work, drops, gone, layers, moves, seed_of, utilisation, width};

const fn window(kernel: usize, stride: usize, pad: usize) -> Window {
    Window { kernel, stride, pad }
}

/// A stem with a maximum, a residual block, a dense end; a third of the ReLUs has given way to a parabola or to x.
fn net() -> Net<f64> {
    let mut net = Net::new([2, 8, 8]);
    let x = net.conv(0, [Some("stem"), Some("stem.b")], 4, window(3, 1, 1), 1).unwrap();
    let x = net.norm(x, ["n.s", "n.b", "n.m", "n.v"], 1e-5);
    let x = net.relu(x, "a0");
    let x = net.maximum(x, window(2, 2, 0)).unwrap();
    let y = net.conv(x, [Some("c1"), None], 4, window(3, 1, 1), 1).unwrap();
    let y = net.norm(y, ["n1.s", "n1.b", "n1.m", "n1.v"], 1e-5);
    let y = net.relu(y, "a1");
    let y = net.conv(y, [Some("c2"), None], 4, window(3, 1, 1), 1).unwrap();
    let z = net.add(x, y).unwrap();
    let z = net.relu(z, "a2");
    let z = net.global(z);
    net.dense(z, [Some("d"), Some("d.b")], 3).unwrap();
    let mut random = Random::new(11);
    net.init(&mut random);
    for site in [0, 2] {
        let (keep, coefficients) = (net.sites[site].keep, net.sites[site].coefficients);
        net.sites[site].plain = false;
        net.params[keep].value.iter_mut().step_by(3).for_each(|k| *k = 0.0);
        if site == 0 {
            net.params[coefficients].value.iter_mut().for_each(|c| *c = 0.3 * random.normal());
        }
    }
    net
}

fn input(seed: u64) -> Map<f64> {
    let mut random = Random::new(seed);
    Map::from_shape_simple_fn((2, 8, 8, 1), || random.normal())
}

/// The copy's gradient is that of the copy: of a network whose kept ReLUs have the slope, by central differences.
#[test]
fn gradients_of_the_copy_and_of_the_network() {
    const STEP: f64 = 1e-6;
    let net = net();
    for (below, class) in [(0.0, 0), (0.3, 1), (0.9, 2)] {
        let x = input(class as u64);
        let found = gradient(&net, &x, class, below);
        let value = |x: Map<f64>| net.copy_pass(x, below).logits()[[class, 0, 0, 0]];
        for at in 0..x.len() {
            let [up, down] = [STEP, -STEP].map(|step| {
                let mut moved = x.clone();
                moved.as_slice_mut().unwrap()[at] += step;
                value(moved)
            });
            let (expected, found) = ((up - down) / (2.0 * STEP), found.as_slice().unwrap()[at]);
            assert!((found - expected).abs() < 1e-7, "slope {below}, {at}: {found} against {expected}");
        }
    }
}

/// The copy written as a network of its own: a PReLU of that slope in place of each ReLU.
#[test]
fn the_copy_is_a_network_of_leaky_relus() {
    let make = |leaky: bool| {
        let mut net = Net::<f64>::new([2, 8, 8]);
        let mut x = 0;
        for (conv, act) in [("c0", "a0"), ("c1", "a1")] {
            x = net.conv(x, [Some(conv), None], 4, window(3, 2, 1), 1).unwrap();
            x = if leaky { net.rprelu(x, ["g", "b", "z"]) } else { net.relu(x, act) };
        }
        x = net.flatten(x);
        net.dense(x, [Some("d"), None], 3).unwrap();
        let mut random = Random::new(4);
        net.init(&mut random);
        net
    };
    let (net, copy) = (make(false), make(true));
    let x = input(1);
    // 0.25 is what a slope begins at.
    let (a, b) = (net.copy_pass(x.clone(), 0.25), copy.pass(x.clone()));
    a.logits().iter().zip(b.logits()).for_each(|(a, b)| assert!((a - b).abs() < 1e-12));
    let (a, b) = (gradient(&net, &x, 1, 0.25), gradient(&copy, &x, 1, 0.0));
    a.iter().zip(&b).for_each(|(a, b)| assert!((a - b).abs() < 1e-12));
}

/// relu(x) + relu(-3x - 1) as a network: from 0.1 the copy turns round at a slope of 1/3.
#[test]
fn the_toy_turns_at_a_third() {
    let mut net = Net::<f64>::new([1, 1, 1]);
    let x = net.dense(0, [Some("w"), Some("b")], 2).unwrap();
    let x = net.relu(x, "a");
    net.dense(x, [Some("v"), None], 1).unwrap();
    let mut put = |name: &str, numbers: &[f64]| {
        let param = net.params.iter_mut().find(|param| param.name == name).unwrap();
        param.value = numbers.to_vec().into();
    };
    put("w", &[1.0, -3.0]);
    put("b", &[0.0, -1.0]);
    put("v", &[1.0, 1.0]);
    let at = |x: f64| Map::from_elem((1, 1, 1, 1), x);
    for (slope, toward) in [(0.0, 1.0), (0.3, 1.0 - 0.9), (0.5, 1.0 - 1.5)] {
        assert!((gradient(&net, &at(0.1), 0, slope)[[0, 0, 0, 0]] - toward).abs() < 1e-12);
    }
    let how = |slope: f64| Climb { class: 0, steps: 200, step: 0.02, slope, bounds: [-1.0, 1.0] };
    let top = |slope: f64, x: f64| climb(&net, &how(slope), at(x)).unwrap().value;
    assert_eq!((top(0.0, 0.1), top(0.0, -0.1), top(0.0, -0.5)), (1.0, 0.0, 2.0));
    assert_eq!((top(0.9, 0.1), top(0.9, -0.1), top(0.3, -0.1)), (2.0, 2.0, 2.0));
}

#[test]
fn a_climb_stays_in_its_box_and_never_ends_below_its_start() {
    let net = net();
    let bounds = [-0.5, 0.75];
    for (class, slope) in [(0, 0.0), (1, 0.3), (2, 0.9)] {
        let from = start(&net, bounds, 3);
        let how = Climb { class, steps: 30, step: 0.1, slope, bounds };
        let top = climb(&net, &how, from.clone()).unwrap();
        assert!(top.x.iter().all(|v| (bounds[0]..=bounds[1]).contains(v)));
        let value = |x: Map<f64>| net.pass(x).logits()[[class, 0, 0, 0]];
        assert_eq!(value(top.x), top.value);
        assert!(top.value > value(from));
    }
    let how = Climb { class: 3, steps: 1, step: 0.1, slope: 0.0, bounds };
    assert!(climb(&net, &how, start(&net, bounds, 0)).unwrap_err().0.contains("no class 3"));
    let how = Climb { class: 0, bounds: [1.0, 1.0], ..how };
    assert!(climb(&net, &how, start(&net, bounds, 0)).is_err());
}

fn set(images: usize) -> Set<f64> {
    let mut random = Random::new(8);
    let numbers = (0..images * 128).map(|_| random.normal()).collect();
    let labels = (0..images).map(|at| (at % 3) as u16).collect();
    Set::new([2, 8, 8], numbers, labels).unwrap()
}

/// The four site sizes of ResNet-18 on CIFAR: 5, 4, 4 and 4 sites around a mean of 32,768.
#[test]
fn drops_lose_every_site_the_same() {
    let sites = [(65_536, 5), (32_768, 4), (16_384, 4), (8_192, 4)];
    let works: Vec<u64> = sites.iter().flat_map(|(relus, sites)| vec![*relus; *sites]).collect();
    assert_eq!((works.len(), works.iter().sum::<u64>()), (17, 557_056));
    let found = drops(&works, 0.05);
    let of = |relus: u64| found[works.iter().position(|work| *work == relus).unwrap()];
    assert_eq!([65_536, 32_768, 16_384, 8_192].map(of), [0.025, 0.05, 0.1, 0.2]);
    assert_eq!(drops(&[0, 10], 0.9), [0.0, 0.45]);
    assert_eq!(drops(&[1, 99], 0.9), [1.0, 0.9 * 50.0 / 99.0]);
}

/// A network of its own for each draw, run from the start on all images at once.
#[test]
fn relu_utilisation_is_what_brute_force_finds() {
    let (net, set) = (net(), set(150));
    let ask = Ask { what: Work::Relu, share: 0.2, draws: 3, seed: 7, labels: true };
    let found = utilisation(&net, &set, &ask);
    assert_eq!(found.iter().map(|l| l.work).collect::<Vec<_>>(), [170, 64, 42]);
    let base = cross_entropy(&net, &set);
    for (at, layer) in found.iter().enumerate() {
        let mut rise = 0.0;
        for draw in 0..ask.draws {
            let mut thinned = net.clone();
            thinned.sites[at].plain = false;
            let keep = thinned.sites[at].keep;
            let places = gone(&net.kept(at), layer.drop, &mut Random::new(seed_of(ask.seed, at, draw)));
            assert_eq!(places.len(), (layer.work as f64 * layer.drop).round() as usize);
            places.iter().for_each(|place| thinned.params[keep].value[*place] = 0.0);
            rise += (cross_entropy(&thinned, &set) - base) / ask.draws as f64;
        }
        assert!(
            (layer.utilisation - rise).abs() < 1e-12,
            "{}: {} against {rise}",
            layer.name,
            layer.utilisation
        );
    }
}

/// Noise written into the normalisation or the weights behind which it stands, and the divergence by its definition.
#[test]
fn flops_utilisation_is_what_brute_force_finds() {
    let (net, set) = (net(), set(40));
    let ask = Ask { what: Work::Flops, share: 0.05, draws: 2, seed: 1, labels: false };
    let found = utilisation(&net, &set, &ask);
    // 3x3 taps: stem 2 -> 4 at 8x8, read by c1 and by the dense end through the sum; c1 by c2; c2 by the dense end.
    let works: Vec<u64> = found.iter().map(|layer| layer.work).collect();
    assert_eq!(works, [4608 + 2304 + 12, 2304 + 2304, 2304 + 12]);
    let clean = logits(&net, &set);
    let softmax = |row: &[f64]| {
        let sum: f64 = row.iter().map(|v| v.exp()).sum();
        row.iter().map(|v| v.exp() / sum).collect::<Vec<_>>()
    };
    // c2 has no normalisation and no activation of its own: its weights carry the noise.
    let (layer, at) = (&found[2], 2);
    let mut rise = 0.0;
    for draw in 0..ask.draws {
        let mut random = Random::new(seed_of(ask.seed, at, draw));
        let mut noisy = net.clone();
        let weight = noisy.params.iter_mut().find(|param| param.name == "c2").unwrap();
        for channel in weight.value.as_slice_mut().unwrap().chunks_exact_mut(36) {
            let factor = 1.0 + (layer.drop / (1.0 - layer.drop)).sqrt() * random.normal();
            channel.iter_mut().for_each(|v| *v *= factor);
        }
        for (was, is) in clean.rows().into_iter().zip(logits(&noisy, &set).rows()) {
            let (p, q) = (softmax(&was.to_vec()), softmax(&is.to_vec()));
            rise += p.iter().zip(&q).map(|(p, q)| p * (p / q).ln()).sum::<f64>() / 80.0;
        }
    }
    assert!(rise > 1e-6 && (layer.utilisation - rise).abs() < 1e-12, "{} against {rise}", layer.utilisation);
}

#[test]
fn a_step_moves_from_what_is_missed_least() {
    let net = net();
    let mut found = layers(&net, Work::Flops, 0.05);
    found.iter_mut().zip([0.1, 0.3, 0.2]).for_each(|(layer, rise)| layer.utilisation = rise);
    let widths: Vec<u64> = found.iter().map(|layer| width(&net, Work::Flops, layer)).collect();
    assert_eq!(widths, [4, 4, 4]);
    let named = |name: &str, from, to| Move { name: name.to_owned(), from, to };
    // Never below four channels, so that only the growing one is left.
    assert_eq!(moves(Work::Flops, &found, &widths), [named("c1", 4, 5)]);
    assert_eq!(moves(Work::Flops, &found, &[100, 20, 100]), [named("c1", 20, 23), named("stem", 100, 85)]);
}

/// g = 0.2, z = 0.3, b = 0.25: 1 -> 1.1, -1 -> 0, 0.2 -> 0.3. The sign and its stand-in's slope.
#[test]
fn reactnets_values() {
    let x = Map::from_shape_vec((1, 1, 1, 3), vec![1.0, -1.0, 0.2]).unwrap();
    let y = react::rprelu(&x, &[-0.2], &[0.25], &[0.3]);
    y.iter()
        .zip([1.1, 0.0, 0.3])
        .for_each(|(y, expected): (&f64, f64)| assert!((y - expected).abs() < 1e-15));
    let y = react::rsign(&x, &[-0.2]);
    assert_eq!(y.as_slice().unwrap(), [1.0, -1.0, 0.0]);
    let slopes = [-1.5, -1.0, -0.25, 0.0, 0.75, 1.0].map(react::estimate::<f64>);
    assert_eq!(slopes, [0.0, 0.0, 1.5, 2.0, 0.5, 0.0]);
}

/// The sign's gradient is that of the estimator: -1, 2u + u^2, 2u - u^2, 1, by central differences.
#[test]
fn the_sign_is_trained_by_its_estimator() {
    let estimator = |u: f64| match u {
        u if u < -1.0 => -1.0,
        u if u < 0.0 => 2.0 * u + u * u,
        u if u < 1.0 => 2.0 * u - u * u,
        _ => 1.0,
    };
    let mut random = Random::new(5);
    let shape = (3, 4, 2, 2);
    let x = Map::from_shape_simple_fn(shape, || 1.2 * random.normal());
    let weights = Map::from_shape_simple_fn(shape, || random.normal());
    let shift = [0.2, -0.4, 0.0];
    let value = |x: &Map<f64>, shift: &[f64; 3]| -> f64 {
        let each = x.indexed_iter().zip(&weights);
        each.map(|(((channel, ..), v), w)| w * estimator(v + shift[channel])).sum()
    };
    let mut dshift = vec![0.0; 3];
    let dx = react::rsign_backward(&x, &shift, weights.clone(), &mut dshift);
    const STEP: f64 = 1e-6;
    for at in 0..x.len() {
        let [up, down] = [STEP, -STEP].map(|step| {
            let mut moved = x.clone();
            moved.as_slice_mut().unwrap()[at] += step;
            value(&moved, &shift)
        });
        assert!((dx.as_slice().unwrap()[at] - (up - down) / (2.0 * STEP)).abs() < 1e-7);
    }
    for at in 0..3 {
        let [up, down] = [STEP, -STEP].map(|step| {
            let mut moved = shift;
            moved[at] += step;
            value(&x, &moved)
        });
        assert!((dshift[at] - (up - down) / (2.0 * STEP)).abs() < 1e-6);
    }
}

/// A network of signs learns: straight through, the loss of a fixed set falls.
#[test]
fn signs_and_their_places_are_trained() {
    let mut net = Net::<f64>::new([2, 8, 8]);
    let x = net.conv(0, [Some("stem"), None], 4, window(3, 2, 1), 1).unwrap();
    let x = net.rsign(x, "s.shift");
    let x = net.conv(x, [Some("c"), None], 4, window(3, 1, 1), 1).unwrap();
    let x = net.rprelu(x, ["r.shift", "r.slope", "r.lift"]);
    let x = net.flatten(x);
    net.dense(x, [Some("d"), Some("d.b")], 3).unwrap();
    net.init(&mut Random::new(2));
    net.sound().unwrap();
    let set = set(60);
    let (x, labels) = set.batch(&(0..60).collect::<Vec<_>>());
    let before = cross_entropy(&net, &set);
    for _ in 0..60 {
        let tape = net.train_pass(x.clone());
        let blend = crate::layers::loss::Blend::LABELS;
        let (_, d) = crate::layers::loss::loss(tape.logits(), &labels, None, blend);
        let grads = net.backward(&tape, d);
        for (param, grad) in net.params.iter_mut().zip(&grads) {
            param.value.zip_mut_with(grad, |v, g| *v -= 0.05 * g);
        }
    }
    let after = cross_entropy(&net, &set);
    assert!(after < 0.7 * before, "{before} to {after}");
    let shift = net.params.iter().find(|param| param.name == "s.shift").unwrap();
    assert!(shift.value.iter().all(|a| *a != 0.0));
}

/// Networks are kept in browsers as bytes, in which an operation is its number.
#[test]
fn operations_keep_their_numbers() {
    use crate::net::Op;
    let number = |op: Op| postcard::to_extend(&op, Vec::new()).unwrap()[0];
    assert_eq!((number(Op::Activation(0)), number(Op::Global), number(Op::Add)), (2, 5, 7));
    assert_eq!((number(Op::Rprelu { places: [0; 3] }), number(Op::Rsign { shift: 0 })), (8, 9));
}
