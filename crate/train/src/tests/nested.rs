//! Places that go in every layer: nested, frozen, exactly zero; gradients through them.

use super::runs::task;
use crate::layers::Window;
use crate::methods::{Method, Options};
use crate::net::{Net, Op};
use crate::pass::Tape;
use crate::random::Random;
use crate::real::Real;
use crate::run::Run;

const WINDOW: Window = Window { kernel: 3, stride: 1, pad: 1 };

/// A stem, a residual block that strides with a shortcut of one tap, a hidden dense layer.
fn residual<T: Real>(shape: [usize; 3]) -> Net<T> {
    let mut net = Net::new(shape);
    let one = |name: &'static str| [Some(name), None];
    let stem = net.conv(0, one("stem"), 6, WINDOW, 1).unwrap();
    let stem = net.norm(stem, ["s0", "b0", "m0", "v0"], 1e-5);
    let stem = net.relu(stem, "a0");
    let strides = Window { stride: 2, ..WINDOW };
    let x = net.conv(stem, one("first"), 8, strides, 1).unwrap();
    let x = net.norm(x, ["s1", "b1", "m1", "v1"], 1e-5);
    let x = net.relu(x, "a1");
    let x = net.conv(x, one("second"), 8, WINDOW, 1).unwrap();
    let x = net.norm(x, ["s2", "b2", "m2", "v2"], 1e-5);
    let short = net.conv(stem, one("short"), 8, Window { kernel: 1, stride: 2, pad: 0 }, 1).unwrap();
    let x = net.add(x, short).unwrap();
    let x = net.relu(x, "a2");
    let x = net.flatten(x);
    let x = net.dense(x, one("hidden"), 5).unwrap();
    let x = net.relu(x, "a3");
    net.dense(x, [Some("end"), Some("end.bias")], 4).unwrap();
    net.init(&mut Random::new(1));
    net
}

fn nested(budget: usize, seed: u64) -> Net<f32> {
    let mut net = residual([1, 6, 6]);
    net.nest(budget, &mut Random::new(seed));
    net
}

fn masks<T: Real>(net: &Net<T>) -> Vec<Vec<bool>> {
    (0..net.sites.len()).map(|site| net.kept(site)).collect()
}

/// Largest size of a dropped output, and how many of them were dropped.
fn dropped<T: Real>(net: &Net<T>, tape: &Tape<T>) -> (f64, usize) {
    let (mut most, mut count) = (0f64, 0);
    for (at, node) in net.nodes.iter().enumerate() {
        let Op::Drop { keep } = node.op else { continue };
        let value = tape.value(at + 1);
        let images = value.dim().3;
        let rows = value.as_slice().unwrap().chunks_exact(images).zip(net.params[keep].slice());
        for (row, _) in rows.filter(|(_, k)| **k == T::zero()) {
            most = row.iter().fold(most, |m, v| m.max(v.f64().abs()));
            count += images;
        }
    }
    (most, count)
}

#[test]
fn smaller_budgets_lie_within_larger_and_channels_go_alike() {
    // 6 channels of 6x6, 8 of 3x3 twice, 5.
    let all = residual::<f32>([1, 6, 6]).activations();
    assert_eq!(all, 216 + 72 + 72 + 5);
    for seed in 0..5 {
        let mut last: Option<Vec<Vec<bool>>> = None;
        for budget in (0..=all).step_by(20).chain([all]) {
            let net = nested(budget, seed);
            let left = budget - net.relus();
            assert!(left < 8, "{budget}: {} stay", net.relus());
            let now = masks(&net);
            for (site, mask) in net.sites.iter().zip(&now) {
                let places = site.shape[1] * site.shape[2];
                assert!(mask.chunks(places).all(|channel| channel == &mask[..places]));
                let share = |mask: &[bool]| mask.iter().filter(|on| **on).count() as f64 / mask.len() as f64;
                let apart = (share(mask) - budget as f64 / all as f64).abs();
                assert!(places == 1 || apart < 0.5 / places as f64 + 0.06, "{budget}: {apart}");
            }
            if let Some(before) = last {
                let within = before.iter().flatten().zip(now.iter().flatten());
                assert!(within.into_iter().all(|(was, is)| !*was || *is), "seed {seed}, {budget}");
            }
            last = Some(now);
        }
        assert_eq!(nested(all, seed).relus(), all);
        assert_ne!(masks(&nested(180, seed)), masks(&nested(180, seed + 1)));
    }
}

/// The stem's, the first's and the second's outputs go, behind their normalisations; the shortcut's single taps and the dense
/// layer stay.
#[test]
fn outputs_go_where_nothing_else_needs_them() {
    let net = nested(180, 3);
    let mut read = Vec::new();
    for node in &net.nodes {
        if let Op::Drop { keep } = node.op {
            assert!(matches!(net.nodes[node.inputs[0] - 1].op, Op::Norm { .. }));
            read.push(net.params[keep].name.clone());
        }
    }
    assert_eq!(read, ["a0/keep", "a1/keep", "a2/keep"]);
    assert_eq!((0..4).map(|site| net.drops(site)).collect::<Vec<_>>(), [true, true, true, false]);
    assert!(net.sound().is_ok());
    // What is read twice, or is the answer, stays.
    let mut net: Net<f32> = Net::new([1, 4, 4]);
    let x = net.conv(0, [Some("c"), None], 2, WINDOW, 1).unwrap();
    let a = net.relu(x, "a");
    let sum = net.add(a, x).unwrap();
    let y = net.conv(sum, [Some("d"), None], 2, WINDOW, 1).unwrap();
    net.relu(y, "b");
    net.nest(30, &mut Random::new(0));
    assert_eq!([0, 1].map(|site| net.drops(site)), [false, true]);
}

/// A place that is dropped is as if its output had not been computed: the same network with those outputs set to 0 by hand.
#[test]
fn a_pass_is_that_of_a_network_with_the_outputs_set_to_zero() {
    let net = nested(180, 4);
    let plain = residual::<f32>([1, 6, 6]);
    let mut random = Random::new(6);
    let x = crate::layers::Map::from_shape_simple_fn((1, 6, 6, 3), || random.normal() as f32);
    let tape = net.pass(x.clone());
    let (most, count) = dropped(&net, &tape);
    assert_eq!(most, 0.0);
    assert!(count > 300, "{count}");
    // By hand: the values of `plain`, one node after another.
    let mut by_hand = plain.clone();
    by_hand.open(None);
    let mut hand = by_hand.pass(x);
    let masks = masks(&net);
    // Values behind the three normalisations, and the site that they are for.
    for (value, site) in [(2, 0), (5, 1), (8, 2)] {
        let images = hand.value(value).dim().3;
        let row = hand.value_mut(value).as_slice_mut().unwrap().chunks_exact_mut(images);
        row.zip(&masks[site]).filter(|(_, on)| !**on).for_each(|(row, _)| row.fill(0.0));
        let at = by_hand
            .nodes
            .iter()
            .position(|node| matches!(node.op, Op::Activation(of) if of == site))
            .unwrap();
        by_hand.keep(site, |place| masks[site][place]);
        by_hand.again(&mut hand, value..at + 1);
        by_hand.again(&mut hand, at + 1..by_hand.nodes.len());
    }
    by_hand.keep(3, |place| masks[3][place]);
    by_hand.again(&mut hand, 11..by_hand.nodes.len());
    assert_eq!(tape.logits(), hand.logits());
}

#[test]
fn masks_stay_while_weights_train_and_dropped_outputs_stay_zero() {
    let task = task(300);
    let options = Options { tune_epochs: 3, batch: 32, ..Options::default() };
    let mut base = residual([1, 2, 2]);
    base.init(&mut Random::new(2));
    let all = base.activations();
    let mut run = Run::new(options.method(Method::Nested, all / 2, all), base.clone(), None, 5);
    let mut seen = Vec::new();
    assert!(
        run.advance(&task, &mut |run| {
            if run.fit().is_some() {
                seen.push(masks(run.net()));
            }
            true
        })
        .unwrap()
    );
    let net = run.net();
    let mut drawn = base.clone();
    drawn.nest(all / 2, &mut Random::new(5));
    assert!(seen.len() > 20 && seen.iter().all(|one| *one == masks(&drawn)));
    assert_eq!(masks(net), masks(&drawn));
    for (site, of) in net.sites.iter().enumerate() {
        assert_eq!(net.params[of.keep].value, drawn.params[drawn.sites[site].keep].value, "exactly 0 and 1");
        assert_eq!(net.params[of.coefficients].value, base.params[base.sites[site].coefficients].value);
    }
    assert!(net.params[0].value != base.params[0].value, "weights train");
    let (x, _) = task.test.batch(&(0..50).collect::<Vec<_>>());
    assert_eq!(dropped(net, &net.pass(x)).0, 0.0);
    // Interrupted, it ends as it would have.
    let mut sliced = Run::new(options.method(Method::Nested, all / 2, all), base, None, 5);
    while !sliced.advance(&task, &mut |_| false).unwrap() {
        sliced = Run::restore(&sliced.bytes()).unwrap();
    }
    assert!(run.bytes() == sliced.bytes());
}
