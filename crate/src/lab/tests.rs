#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::f64::consts::PI;

use super::gates::{in_plane, in_space};
use super::{ascent, convex};

fn close(a: f64, b: f64, by: f64) {
    assert!((a - b).abs() <= by, "{a} is not {b} within {by}");
}

/// Five points on a line, worked out apart in double precision.
#[test]
fn five_points_on_a_line() {
    let points: Vec<Vec<f64>> = [-2.0, -1.0, 0.0, 1.0, 2.0].map(|x| vec![x]).to_vec();
    let found = convex(&points, &[1.0, -1.0, 1.0, 1.0, -1.0], 0.1, 50).unwrap();
    let half = [0.125, 0.051_208_191_2, 0.147_583_617_7, 0.051_208_191_2, 0.125];
    assert_eq!(found.measure.len(), 10);
    for (measure, wanted) in found.measure.iter().zip(half.iter().chain(&half)) {
        close(*measure, *wanted, 5e-11);
    }
    let row = [2.5, 1.346_375_426_5, 0.323_791_808_8, -0.198_791_808_8, -0.442_750_853_0];
    found.kernel[0].iter().zip(row).for_each(|(a, b)| close(*a, b, 5e-11));
    close(found.objective_ntk, 0.903_173_865_5, 5e-11);
    let fit = [0.70334, -0.39814, 0.70136, 0.64553, -0.74529];
    found.fit_ntk.iter().zip(fit).for_each(|(a, b)| close(*a, b, 5e-6));
    for (step, wanted) in [
        (1, 0.596_589_672_3),
        (2, 0.527_970_713_3),
        (5, 0.486_835_662_8),
        (10, 0.484_884_945_4),
        (50, 0.484_848_485_0),
    ] {
        close(found.objective_after[step - 1], wanted, 5e-11);
    }
    close(found.objective, 16.0 / 33.0, 1e-9);
    let fit = [0.878_788, -0.636_364, 0.757_576, 0.878_788, -0.878_788];
    found.fit.iter().zip(fit).for_each(|(a, b)| close(*a, b, 5e-7));
    close(found.certificate.support, 7.346_189_2, 5e-7);
    close(found.certificate.least, 7.346_189_2, 5e-7);
    close(found.certificate.off.unwrap(), 1.469_237_8, 5e-7);
    // What the fits leave, and from it the length of the weights: the objective is half the squares, and
    // lambda / 2 (sum |w|)^2.
    let squares = |fit: &[f64]| -> f64 {
        fit.iter().zip([1.0, -1.0, 1.0, 1.0, -1.0]).map(|(f, y)| (f - y) * (f - y)).sum()
    };
    close(squares(&found.fit_ntk) / 5.0, 0.145_992, 5e-7);
    close(squares(&found.fit) / 5.0, 0.047_015_6, 5e-8);
    let length = (2.0 / 0.1 * (found.objective - squares(&found.fit) / 2.0)).sqrt();
    close(length, 2.710_385_4, 5e-7);
    let used: Vec<f64> = found.eta.iter().copied().filter(|eta| *eta > 1e-9).collect();
    let wanted = [0.28468, 0.06836, 0.12399, 0.06532, 0.27164, 0.18601];
    assert_eq!(used.len(), wanted.len());
    used.iter().zip(wanted).for_each(|(a, b)| close(*a, b, 5e-6));
}

/// The sum over gates is the closed form x.z (pi - angle) / (2 pi): two unit vectors at 60 degrees give 1/6.
#[test]
fn patterns_add_up_to_the_kernel() {
    let both = |gates: Vec<(Vec<bool>, f64)>| {
        gates.into_iter().filter(|(m, _)| m[0] && m[1]).map(|(_, w)| w).sum::<f64>()
    };
    let (sin, cos) = (PI / 3.0).sin_cos();
    close(cos * both(in_plane(&[[1.0, 0.0], [cos, sin]])), 1.0 / 6.0, 1e-12);
    close(cos * both(in_space(&[[1.0, 0.0, 0.0], [cos, sin, 0.0]])), 1.0 / 6.0, 1e-12);
}

/// Every pair of points on a plane, collinear ones and a point that comes twice included; cells cover the sphere once.
#[test]
fn cells_of_a_sphere() {
    let grid: Vec<[f64; 3]> = (0..9).map(|i| [f64::from(i % 3) - 1.0, f64::from(i / 3) - 1.0, 1.0]).collect();
    let mut lucky = Lcg(7);
    let mut some: Vec<[f64; 3]> =
        (0..12).map(|_| [lucky.next() * 4.0 - 2.0, lucky.next() * 4.0 - 2.0, 1.0]).collect();
    some.push(some[3]);
    for points in [grid, some] {
        let gates = in_space(&points);
        assert!(gates.len() <= points.len() * (points.len() - 1) + 2);
        close(gates.iter().map(|(_, measure)| measure).sum(), 1.0, 1e-9);
        assert!(gates.iter().all(|(_, measure)| *measure > 0.0));
        for (i, a) in points.iter().enumerate() {
            for (j, b) in points.iter().enumerate() {
                let dot = |a: &[f64; 3], b: &[f64; 3]| (0..3).map(|k| a[k] * b[k]).sum::<f64>();
                let angle = (dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()).clamp(-1.0, 1.0).acos();
                let both: f64 = gates.iter().filter(|(m, _)| m[i] && m[j]).map(|(_, w)| w).sum();
                close(both, (PI - angle) / (2.0 * PI), 1e-7);
            }
        }
    }
}

/// A generator for cases.
struct Lcg(u64);

impl Lcg {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// Twenty sets of points against projected gradient descent on the simplex, which knows nothing of the iteration.
#[test]
fn the_optimum_is_the_one_of_brute_force() {
    let mut lucky = Lcg(3);
    for case in 0..20 {
        let (n, width) = (3 + case % 4, 1 + case % 2);
        let points: Vec<Vec<f64>> =
            (0..n).map(|_| (0..width).map(|_| 4.0 * lucky.next() - 2.0).collect()).collect();
        let y: Vec<f64> = (0..n).map(|_| 2.0 * lucky.next() - 1.0).collect();
        let lambda = 0.05 + lucky.next();
        let found = convex(&points, &y, lambda, 3).unwrap();
        close(found.objective, descended(&points, &y, lambda, &found.masks), 1e-8);
        let at = &found.certificate;
        assert!(at.off.is_none_or(|off| off <= at.support * (1.0 + 1e-6)), "{at:?}");
        assert!(found.objective_after.windows(2).all(|pair| pair[1] <= pair[0] + 1e-12));
    }
}

/// min over the simplex of lambda/2 y'(K(eta) + lambda I)^-1 y by projected gradient with a step that halves.
fn descended(points: &[Vec<f64>], y: &[f64], lambda: f64, masks: &[Vec<u8>]) -> f64 {
    let n = points.len();
    let dot = |a: usize, b: usize| 1.0 + points[a].iter().zip(&points[b]).map(|(x, z)| x * z).sum::<f64>();
    // Gauss's elimination, so that nothing is shared with what is tested.
    let alpha = |eta: &[f64]| -> Vec<f64> {
        let entry = |a: usize, b: usize| {
            let on: f64 = masks.iter().zip(eta).filter(|(m, _)| m[a] * m[b] == 1).map(|(_, e)| e).sum();
            on * dot(a, b) + if a == b { lambda } else { 0.0 }
        };
        let mut m: Vec<Vec<f64>> =
            (0..n).map(|a| (0..n).map(|b| entry(a, b)).chain([y[a]]).collect()).collect();
        for i in 0..n {
            for j in 0..n {
                if i != j {
                    let by = m[j][i] / m[i][i];
                    let from = m[i].clone();
                    m[j].iter_mut().zip(&from).for_each(|(to, from)| *to -= by * from);
                }
            }
        }
        (0..n).map(|i| m[i][n] / m[i][i]).collect()
    };
    let value = |alpha: &[f64]| lambda / 2.0 * y.iter().zip(alpha).map(|(y, a)| y * a).sum::<f64>();
    let mut eta = vec![1.0 / masks.len() as f64; masks.len()];
    let mut now = alpha(&eta);
    let mut step = 1.0;
    for _ in 0..4000 {
        let slope: Vec<f64> = masks
            .iter()
            .map(|m| {
                let on = |a: usize| f64::from(m[a]) * now[a];
                let mut sum = 0.0;
                for a in 0..n {
                    for b in 0..n {
                        sum += on(a) * on(b) * dot(a, b);
                    }
                }
                -lambda / 2.0 * sum
            })
            .collect();
        loop {
            let next = on_simplex(eta.iter().zip(&slope).map(|(e, s)| e - step * s).collect());
            let there = alpha(&next);
            let gained: f64 = slope.iter().zip(next.iter().zip(&eta)).map(|(s, (a, b))| s * (a - b)).sum();
            if value(&there) <= value(&now) + 0.25 * gained || step < 1e-14 {
                (eta, now) = (next, there);
                step *= 1.5;
                break;
            }
            step /= 2.0;
        }
        if step < 1e-13 {
            break;
        }
    }
    value(&now)
}

/// The nearest point of the simplex.
fn on_simplex(v: Vec<f64>) -> Vec<f64> {
    let mut sorted = v.clone();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let (mut sum, mut shift) = (0.0, 0.0);
    for (i, x) in sorted.iter().enumerate() {
        sum += x;
        let by = (sum - 1.0) / (i + 1) as f64;
        if x - by > 0.0 {
            shift = by;
        }
    }
    v.into_iter().map(|x| (x - shift).max(0.0)).collect()
}

/// Where each start ends, by slope: below 1/3 the climb from the right goes to the local maximum, above it turns round.
#[test]
fn a_slope_leads_past_the_local_maximum() {
    let ends = |slope: f64| [0.1, -0.1, -0.5, 0.5].map(|start| ascent(slope, start, 200, 0.05).value);
    assert_eq!(ends(0.0), [1.0, 0.0, 2.0, 1.0]);
    for slope in [0.1, 0.3] {
        assert_eq!(ends(slope), [1.0, 2.0, 2.0, 1.0], "{slope}");
    }
    for slope in [0.5, 0.9] {
        assert_eq!(ends(slope), [2.0; 4], "{slope}");
    }
    // At exactly 1/3 it stays where it is.
    assert_eq!(ascent(1.0 / 3.0, 0.1, 200, 0.05).x, 0.1);
    assert!(ascent(0.32, 0.1, 50, 0.05).x > 0.1);
    // The gradient right of 0 is 1 - 3 b: one step of it says so.
    for (slope, sign) in [(0.3, 1.0), (1.0 / 3.0 - 1e-9, 1.0), (1.0 / 3.0 + 1e-9, -1.0), (0.5, -1.0)] {
        let step = super::ascent::proxy(0.1, slope);
        assert!(step * sign > 0.0, "{slope}: {step}");
        close(step, 1.0 - 3.0 * slope, 1e-12);
    }
    assert!(ascent(0.35, 0.1, 200, 0.05).x < 0.0);
}
