//! Values of the papers' equations, worked out elsewhere.

use ndarray::Array1;

use crate::dapa::{Start, best, due};
use crate::fit::density_penalty;
use crate::layers::norm::Moments;
use crate::mcnemar::mcnemar;
use crate::net::Net;
use crate::optimise::Schedule;
use crate::random::Random;
use crate::site::{Search, hysteresis, softplus};

fn near(found: f64, expected: f64, within: f64) {
    assert!((found - expected).abs() <= within, "{found} against {expected}");
}

#[test]
fn hysteresis_goes_and_comes_back() {
    let mut on = true;
    let states = [0.002, -0.002, -0.004, 0.002, 0.004].map(|m| {
        on = hysteresis(on, m, 0.003);
        u8::from(on)
    });
    assert_eq!(states, [1, 1, 0, 0, 1]);
    // The same through a site's arrays, two pixels of opposite states at once.
    let search = Search::<f64>::new(0, 0.003, 1, None);
    let mut keep = [1.0, 0.0];
    search.states(&mut keep, &[-0.002, 0.002]);
    assert_eq!(keep, [1.0, 0.0]);
    search.states(&mut keep, &[-0.003, 0.0031]);
    assert_eq!(keep, [0.0, 1.0]);
}

#[test]
fn the_pseudo_gradient() {
    for (m, expected) in [(-1.0, 0.313_261_688), (0.0, 2f64.ln()), (1.0, 1.313_261_688)] {
        near(softplus(m), expected, 5e-10);
    }
    near(softplus(800.0), 800.0, 0.0);
    near(softplus(-800.0), 0.0, 0.0);
}

#[test]
fn the_density_penalty() {
    near(density_penalty(100_000, 491_520, 9_000, 140.0), 25.919_596, 5e-7);
    near(density_penalty(8_999, 491_520, 9_000, 140.0), 0.0, 0.0);
}

#[test]
fn dapa() {
    for (mean, deviation, c0, c1, c2) in [
        (0.0, 1.0, 0.199_471_140, 0.5, 0.199_471_140),
        (0.0, 2.0, 0.398_942_280, 0.5, 0.099_735_570),
        (0.5, 1.0, 0.220_040_829, 0.515_429_798, 0.176_032_663),
        (1.0, 2.0, 0.440_081_658, 0.515_429_798, 0.088_016_332),
        (-1.0, 0.7, 0.153_042_011, 0.281_989_244, 0.102_712_759),
        (-2.0, 1.0, 0.134_977_416, 0.130_732_065, 0.026_995_483),
    ] {
        for (found, expected) in best(mean, deviation, 2).into_iter().zip([c0, c1, c2]) {
            near(found, expected, 6e-10);
        }
    }
    near(best(0.0, 1.0, 1)[0], 0.398_942_280, 6e-10);
    // Released code at variance 2: a constant of 2 x 0.19947 / 5, a square of 0.19947 / 2 / 10 x 0.1.
    let [c0, c1, c2] = Start::Code { least: 0.5, scale: 0.1 }.coefficients(0.0, 2.0);
    near(c0, 0.398_942_280 / 5.0, 1e-9);
    near(c1, 0.5, 0.0);
    near(c2, 0.000_997_355_7, 1e-9);
    near(Start::Code { least: 0.5, scale: 1.0 }.coefficients(0.0, 0.1)[2], 0.398_942_28 / 10.0, 1e-9);
}

#[test]
fn coefficients_are_overwritten_on_the_schedule() {
    let passes: Vec<u32> = (1..2000).filter(|pass| due(*pass)).collect();
    assert_eq!(
        (passes.first(), passes.get(1), passes.last(), passes.len()),
        (Some(&10), Some(&20), Some(&500), 50)
    );
    // Constant batches of mean 2 and sample variance 4 (3.9 of 40): after ten passes the running mean is
    // 2 (1 - 0.9^10), the variance 4 + (1 - 4) 0.9^10.
    let mut search = Search::<f64>::new(0, 0.003, 1, Some(Start::Best(2)));
    let batch = Moments { mean: vec![2.0], variance: vec![3.9] };
    let made: Vec<_> = (0..10).map(|_| search.saw(&batch, 40)).collect();
    assert!(made[..9].iter().all(Option::is_none));
    let left = 0.9f64.powi(10);
    let expected = best(2.0 * (1.0 - left), (4.0 - 3.0 * left).sqrt(), 2);
    for (found, expected) in made[9].as_ref().unwrap().iter().zip(expected) {
        near(*found, expected, 1e-12);
    }
}

#[test]
fn a_cut_keeps_the_largest_to_the_unit() {
    let mut net = Net::<f64>::new([2, 3, 1]);
    let x = net.relu(0, "a");
    net.relu(x, "b");
    net.open(None);
    net.params[net.sites[0].keep].value = Array1::from(vec![0.9, 0.1, 0.5, -0.2, 0.5, 0.0]);
    net.params[net.sites[1].keep].value = Array1::from(vec![0.3, 0.5, 0.0, 0.0, 0.0, 0.8]);
    assert_eq!((net.activations(), net.count(0.1), net.relus()), (12, 6, 7));
    net.cut(4);
    // 0.9, 0.8, then the first two of three 0.5.
    assert_eq!(net.kept(0), [true, false, true, false, true, false]);
    assert_eq!(net.kept(1), [false, false, false, false, false, true]);
    for budget in [0, 1, 7, 12] {
        net.draw(budget, &mut Random::new(4));
        assert_eq!(net.relus(), budget);
    }
}

#[test]
fn schedules() {
    let cosine = Schedule::Cosine(1.0, 0.2);
    near(cosine.rate(0, 8), 1.0, 0.0);
    near(cosine.rate(4, 8), 0.6, 1e-12);
    near(cosine.rate(8, 8), 0.2, 1e-12);
    let steps = Schedule::Steps(1.0, 0.1, vec![3, 5]);
    assert_eq!([0, 2, 3, 4].map(|epoch| steps.rate(epoch, 9)), [1.0, 1.0, 0.1, 0.1]);
    near(steps.rate(5, 9), 0.01, 1e-17);
}

#[test]
fn mcnemar_by_hand() {
    let pairs = |both: usize, a: usize, b: usize| {
        let first = [vec![true; both], vec![true; a], vec![false; b]].concat();
        let second = [vec![true; both], vec![false; a], vec![true; b]].concat();
        mcnemar(&first, &second)
    };
    // 2 (1 + 10 + 45) / 1024.
    let (a, b, p) = pairs(3, 8, 2);
    assert_eq!((a, b), (8, 2));
    near(p, 0.109_375, 1e-12);
    near(pairs(5, 0, 0).2, 1.0, 1e-12);
    near(pairs(0, 4, 4).2, 1.0, 0.0);
}
