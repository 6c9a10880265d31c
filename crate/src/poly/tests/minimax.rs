//! Minimax against Chebyshev's theorem, and the chain that makes the sign.

use super::super::sign::sign;
use super::super::{Method, Target, value};
use super::{TARGETS, close, on};

#[test]
fn relu_of_degree_2_is_known() {
    let fit = on(Target::Relu, Method::Minimax, 2, [-1.0, 1.0]);
    for (found, expected) in fit.coefficients.iter().zip([1.0 / 16.0, 0.5, 0.5]) {
        close(*found, expected, 1e-12);
    }
    close(fit.measured.max_error, 1.0 / 16.0, 1e-12);
}

/// Heights of the error's alternating peaks on a fine grid.
fn peaks(target: Target, coefficients: &[f64], [low, high]: [f64; 2]) -> Vec<f64> {
    let mut peaks: Vec<f64> = Vec::new();
    let kinks = target.kinks().iter().copied().filter(|k| (low..=high).contains(k));
    let mut grid: Vec<f64> =
        (0..=20_000).map(|i| low + (high - low) * f64::from(i) / 20_000.0).chain(kinks).collect();
    grid.sort_by(f64::total_cmp);
    for x in grid {
        let e = target.value(x) - value(coefficients, x);
        match peaks.last_mut() {
            Some(last) if *last * e >= 0.0 => *last = if e.abs() > last.abs() { e } else { *last },
            _ => peaks.push(e),
        }
    }
    peaks
}

#[test]
fn the_error_stands_equally_high_often_enough() {
    for target in TARGETS {
        for range in [[-1.0, 1.0], [-5.0, 5.0], [-2.0, 7.0], [-0.3, 0.2]] {
            let degrees: &[usize] =
                if target == Target::Relu { &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10] } else { &[1, 2, 5] };
            for degree in degrees.iter().copied() {
                let fit = on(target, Method::Minimax, degree, range);
                let error = fit.measured.max_error;
                if error < 1e-11 {
                    continue;
                }
                let peaks = peaks(target, &fit.coefficients, range);
                let high = peaks.iter().filter(|e| e.abs() > error * (1.0 - 1e-5)).count();
                assert!(high >= degree + 2, "{target:?} on {range:?}, degree {degree}: {peaks:?}");
                let interpolated = on(target, Method::Chebyshev, degree, range);
                assert!(error <= interpolated.measured.max_error * (1.0 + 1e-9));
            }
        }
    }
}

#[test]
fn a_line_is_found_exactly() {
    let fit = on(Target::Relu, Method::Minimax, 3, [1.0, 2.0]);
    close(fit.measured.max_error, 0.0, 1e-13);
}

#[test]
fn interpolation_goes_through_its_nodes() {
    let fit = on(Target::Gelu, Method::Chebyshev, 6, [-3.0, 5.0]);
    for j in 0..7 {
        let x = 1.0 + 4.0 * (std::f64::consts::PI * (f64::from(j) + 0.5) / 7.0).cos();
        close(value(&fit.coefficients, x), Target::Gelu.value(x), 1e-12);
    }
}

#[test]
fn a_chain_makes_the_sign() {
    let epsilon = 1.0 / 64.0;
    let stages = sign(&[7, 15, 15], epsilon).unwrap();
    let error = stages.last().unwrap().error;
    assert!(error < 1e-6, "{error}");
    let mut worst: f64 = 0.0;
    for i in 0..=20_000 {
        let x = epsilon + (1.0 - epsilon) * f64::from(i) / 20_000.0;
        let s = stages.iter().fold(x, |at, stage| stage.value(at));
        let back = stages.iter().fold(-x, |at, stage| stage.value(at));
        assert_eq!(s, -back, "odd");
        worst = worst.max((s - 1.0).abs());
    }
    assert!(worst <= error * (1.0 + 1e-6) + 1e-14 && worst > 0.5 * error, "{worst} against {error}");
    assert!(stages.windows(2).all(|w| w[1].error < w[0].error));
}

#[test]
fn relu_by_the_sign_is_wrong_near_zero_only() {
    let fit = on(Target::Relu, Method::Sign, 0, [-8.0, 8.0]);
    let last = fit.stages.last().unwrap().error;
    assert!(fit.measured.max_error <= 8.0 * last.max(1.0 / 512.0));
    assert!(fit.measured.mse < 1e-6);
    assert_eq!(fit.paterson_stockmeyer.depth, 4 + 4 + 5 + 1);
}
