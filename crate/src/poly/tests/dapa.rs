//! DaPa against its closed forms and against quadrature of the definition.

use super::super::hermite::Normal;
use super::super::least_squares::least_squares;
use super::super::measure::measure;
use super::super::{Distribution, Histogram, Method, Spec, Target, fit, value};
use super::{Dice, TARGETS, close, normal};

/// mean, std, c0, c1, c2, mean squared error: worked out by hand, to nine places.
const TABLE: [[f64; 6]; 6] = [
    [0.0, 1.0, 0.199471140, 0.5, 0.199471140, 0.011267585],
    [0.0, 2.0, 0.398942280, 0.5, 0.099735570, 0.045070341],
    [0.5, 1.0, 0.220040829, 0.515429798, 0.176032663, 0.013345372],
    [1.0, 2.0, 0.440081658, 0.515429798, 0.088016332, 0.053381488],
    [-1.0, 0.7, 0.153042011, 0.281989244, 0.102712759, 0.004902440],
    [-2.0, 1.0, 0.134977416, 0.130732065, 0.026995483, 0.003721554],
];

#[test]
fn the_published_values_come_out() {
    for [mean, std, c0, c1, c2, mse] in TABLE {
        let fit = normal(Target::Relu, Method::Dapa, 2, mean, std);
        for (found, expected) in fit.coefficients.iter().zip([c0, c1, c2]) {
            close(*found, expected, 1e-9);
        }
        close(fit.measured.mse, mse, 1e-9);
        close(Normal { mean, std }.relu_error(2), mse, 1e-9);
    }
    let four = normal(Target::Relu, Method::Dapa, 4, 0.0, 1.0);
    for (found, expected) in four.coefficients.iter().zip([0.149603355, 0.5, 0.299206710, 0.0, -0.016622595])
    {
        close(*found, expected, 1e-9);
    }
    close(four.measured.mse, 0.004636129, 1e-9);
    let one = normal(Target::Relu, Method::Dapa, 1, 0.0, 1.0);
    close(one.coefficients[0], 0.398942280, 1e-9);
    close(one.measured.mse, 0.090845057, 1e-9);
    let exact = 0.25 - 3.0 / (4.0 * std::f64::consts::PI);
    close(normal(Target::Relu, Method::Dapa, 2, 0.0, 1.0).measured.mse, exact, 1e-15);
}

/// Degrees 3 and 4 as formulas in a = mean / std, for means of both signs.
#[test]
fn the_closed_forms_of_degree_3_and_4_hold() {
    let mut dice = Dice(3);
    for _ in 0..100 {
        let (m, s) = (6.0 * dice.next() - 3.0, 0.2 + 3.0 * dice.next());
        let a = m / s;
        let phi = (-a * a / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
        let cdf = 0.5 * libm::erfc(-a / std::f64::consts::SQRT_2);
        let three = [
            s * phi * (0.5 + a.powi(4) / 6.0),
            cdf - a * phi / 2.0 - a.powi(3) * phi / 2.0,
            phi * (1.0 + a * a) / (2.0 * s),
            -a * phi / (6.0 * s * s),
        ];
        let four = [
            s * phi * (3.0 / 8.0 + 3.0 * a * a / 8.0 - a.powi(4) / 8.0 + a.powi(6) / 24.0),
            cdf - a * phi + a.powi(3) * phi / 6.0 - a.powi(5) * phi / 6.0,
            phi * (3.0 + a.powi(4)) / (4.0 * s),
            -a.powi(3) * phi / (6.0 * s * s),
            (a * a - 1.0) * phi / (24.0 * s.powi(3)),
        ];
        for (degree, expected) in [(3, three.as_slice()), (4, &four)] {
            let found = Normal { mean: m, std: s }.dapa(Target::Relu, degree);
            for (found, expected) in found.iter().zip(expected) {
                close(*found, *expected, 1e-11 * (1.0 + expected.abs()));
            }
        }
    }
}

#[test]
fn turning_the_mean_over_and_scaling_change_what_they_should() {
    let mut dice = Dice(1);
    for _ in 0..100 {
        let (mean, std, k) = (4.0 * dice.next() - 2.0, 0.1 + 2.0 * dice.next(), 0.1 + 5.0 * dice.next());
        let here = Normal { mean, std }.dapa(Target::Relu, 2);
        let over = Normal { mean: -mean, std }.dapa(Target::Relu, 2);
        close(over[0], here[0], 1e-12);
        close(over[1], 1.0 - here[1], 1e-12);
        close(over[2], here[2], 1e-12);
        let error = |mean: f64| Normal { mean, std }.relu_error(2);
        close(error(mean), error(-mean), 1e-12);
        let scaled = Normal { mean: k * mean, std: k * std }.dapa(Target::Relu, 2);
        close(scaled[0], here[0] * k, 1e-12);
        close(scaled[1], here[1], 1e-12);
        close(scaled[2], here[2] / k, 1e-12);
    }
}

/// (x, weight) of Simpson's rule for a normal law, on each side of 0.
fn simpson(mean: f64, std: f64) -> Vec<(f64, f64)> {
    let density = |x: f64| {
        let z = (x - mean) / std;
        (-z * z / 2.0).exp() / (std * (2.0 * std::f64::consts::PI).sqrt())
    };
    let (low, high) = (mean - 12.0 * std, mean + 12.0 * std);
    let side = |a: f64, b: f64| {
        let n = 1000;
        let h = (b - a) / f64::from(n);
        (0..=n).map(move |i| {
            let x = a + h * f64::from(i);
            let share = if i == 0 || i == n { 1.0 } else { 2.0 + 2.0 * f64::from(i % 2) };
            (x, share * h / 3.0 * density(x))
        })
    };
    let middle = 0f64.clamp(low, high);
    side(low, middle).chain(side(middle, high)).collect()
}

/// The best polynomial leaves an error that is orthogonal to every power, and no other does.
#[test]
fn degrees_1_to_10_against_quadrature() {
    let mut dice = Dice(2);
    for _ in 0..100 {
        let (mean, std) = (6.0 * dice.next() - 3.0, 0.1 + 3.0 * dice.next());
        let nodes = simpson(mean, std);
        for degree in 1..=10 {
            let c = Normal { mean, std }.dapa(Target::Relu, degree);
            let error = |x: f64| x.max(0.0) - value(&c, x);
            let mut terms: Vec<f64> = nodes.iter().map(|(x, w)| w * error(*x)).collect();
            let mse: f64 = nodes.iter().zip(&terms).map(|((x, _), t)| t * error(*x)).sum();
            close(Normal { mean, std }.relu_error(degree), mse, 1e-9 * std * std);
            let mut size = 1.0;
            for power in 0..=degree {
                // The norm of z^power, sqrt((2 power - 1)!!): each product is judged against it.
                size *= ((2 * power).max(2) as f64 - 1.0).sqrt();
                close(terms.iter().sum::<f64>() / size, 0.0, 1e-9 * std);
                for (t, (x, _)) in terms.iter_mut().zip(&nodes) {
                    *t *= (x - mean) / std;
                }
            }
        }
    }
}

#[test]
fn a_mean_far_from_zero_leaves_a_line() {
    for ratio in [5.0, 8.0, 20.0, 40.0, 1e3, 1e9] {
        for std in [1e-3, 1.0, 1e3] {
            for degree in 1..=10 {
                let (mean, n) = (ratio * std, degree);
                let on = Normal { mean, std }.dapa(Target::Relu, n);
                let off = Normal { mean: -mean, std }.dapa(Target::Relu, n);
                assert!(on.iter().chain(&off).all(|c| c.is_finite()));
                for z in [-3.0, 0.0, 3.0] {
                    // At a = 5 the density is 1.5e-6.
                    let tolerance = if ratio > 30.0 { 1e-15 * mean } else { 1e-3 * std };
                    close(value(&on, mean + z * std), mean + z * std, tolerance);
                    close(value(&off, z * std - mean), 0.0, tolerance);
                }
                let error = Normal { mean, std }.relu_error(n);
                assert!(error >= 0.0 && error <= 1e-7 * std * std);
            }
        }
    }
    assert!(Normal { mean: 30.0, std: 1.0 }.relu_error(2) > 0.0, "tails are not lost");
}

#[test]
fn a_constant_input_gets_the_tangent() {
    for (mean, expected) in [(2.0, [0.0, 1.0]), (-2.0, [0.0, 0.0]), (0.0, [0.0, 0.5])] {
        let fit = normal(Target::Relu, Method::Dapa, 2, mean, 0.0);
        assert_eq!(fit.coefficients, [expected[0], expected[1], 0.0]);
        assert_eq!(fit.measured.mse, 0.0);
    }
}

/// No small change of any coefficient lowers the error, whatever the activation.
#[test]
fn every_activation_gets_its_best_polynomial() {
    for target in TARGETS {
        for (mean, std) in [(0.0, 1.0), (0.7, 2.0), (-1.5, 0.4), (2.0, 30.0)] {
            let law = Distribution::Normal { mean, std };
            for degree in [1, 2, 3, 4, 7] {
                let best = normal(target, Method::Dapa, degree, mean, std);
                for power in 0..=degree {
                    for step in [-1e-3, 1e-3] {
                        let mut other = best.coefficients.clone();
                        other[power] += step / (std + mean.abs()).powi(power as i32);
                        let worse = measure(target, &other, &law, best.range).mse;
                        assert!(worse > best.measured.mse, "{target:?} {mean} {std} degree {degree}");
                    }
                }
            }
        }
    }
}

#[test]
fn least_squares_on_a_normal_law_is_dapa() {
    for target in TARGETS {
        for degree in 0..=6 {
            let law = Distribution::Normal { mean: -0.3, std: 1.7 };
            let nodes = law.nodes(target.kinks(), 2 * degree);
            let fitted = least_squares(&nodes, |x| target.value(x), degree, 0.0);
            let dapa = Normal { mean: -0.3, std: 1.7 }.dapa(target, degree);
            for (a, b) in fitted.iter().zip(&dapa) {
                close(*a, *b, 1e-10);
            }
        }
    }
}

fn histogram(low: f64, high: f64, counts: &[u64]) -> Distribution {
    Distribution::Histogram(Histogram { low, high, counts: counts.to_vec() })
}

/// Uniform on [-1, 1]: c0 = 3/32, c1 = 1/2, c2 = 15/32 (Legendre).
#[test]
fn a_measured_histogram_is_fitted() {
    let flat = histogram(-1.0, 1.0, &[5; 64]);
    let found = fit(&Spec { ridge: Some(0.0), ..Spec::new(Target::Relu, Method::Fit, 2, flat) }).unwrap();
    for (found, expected) in found.coefficients.iter().zip([3.0 / 32.0, 0.5, 15.0 / 32.0]) {
        close(*found, expected, 1e-13);
    }
    // A skewed one: better than what its mean and deviation alone suggest.
    let counts: Vec<u64> = (0..100).map(|i| (1000.0 * (-0.1 * f64::from(i)).exp()) as u64).collect();
    let skewed = histogram(-0.5, 4.5, &counts);
    let mse = |method| fit(&Spec::new(Target::Relu, method, 2, skewed.clone())).unwrap().measured.mse;
    assert!(mse(Method::Fit) < 0.8 * mse(Method::Dapa));
}

#[test]
fn few_values_do_not_break_a_fit() {
    for counts in [vec![7], vec![0, 0, 3, 0], vec![1, 0, 0, 1]] {
        let law = histogram(10.0, 10.1, &counts);
        let found = fit(&Spec::new(Target::Gelu, Method::Fit, 6, law)).unwrap();
        close(value(&found.coefficients, 10.05), 10.05, 1e-3);
    }
}

#[test]
fn shares_outside_a_range() {
    let law = Distribution::Normal { mean: 0.0, std: 1.0 };
    close(law.outside([-4.0, 4.0]), 6.334248366623996e-5, 1e-15);
    close(histogram(0.0, 4.0, &[1, 1, 1, 1]).outside([0.5, 3.0]), 0.375, 1e-15);
    let pillar = normal(Target::Relu, Method::Pillar, 4, 0.0, 2.0);
    assert_eq!(pillar.range, [-5.0, 5.0]);
    close(pillar.measured.outside, 0.012419330651552265, 1e-12);
}

#[test]
fn the_start_of_autorep() {
    // Variance 4 stands where 2 belongs.
    let start = normal(Target::Relu, Method::Autorep, 2, 0.0, 2.0).coefficients;
    let closed = Normal { mean: 0.0, std: 4.0 }.dapa(Target::Relu, 2);
    assert_eq!(start, [closed[0] / 5.0, closed[1], closed[2] / 10.0]);
    let least = normal(Target::Relu, Method::Autorep, 2, 0.0, 0.1).coefficients;
    close(least[2], 0.398942280 / (2.0 * 0.5) / 10.0, 1e-9);
}

#[test]
fn nonsense_is_refused() {
    let refused = |spec: Spec| fit(&spec).unwrap_err();
    let good = Distribution::Normal { mean: 0.0, std: 1.0 };
    for law in [
        Distribution::Normal { mean: f64::NAN, std: 1.0 },
        Distribution::Normal { mean: 0.0, std: -1.0 },
        Distribution::Normal { mean: 0.0, std: f64::INFINITY },
        histogram(0.0, 1.0, &[]),
        histogram(1.0, 0.0, &[1]),
        histogram(0.0, 1.0, &[0, 0]),
    ] {
        refused(Spec::new(Target::Relu, Method::Dapa, 2, law));
    }
    refused(Spec::new(Target::Relu, Method::Dapa, 25, good.clone()));
    refused(Spec::new(Target::Gelu, Method::Pillar, 4, good.clone()));
    refused(Spec { range: Some([1.0, 1.0]), ..Spec::new(Target::Relu, Method::Minimax, 2, good.clone()) });
    refused(Spec { sign_degrees: vec![4], ..Spec::new(Target::Relu, Method::Sign, 2, good) });
}

/// AESPA's activation on what has variance 1 is DaPa's polynomial there: its Hermite coefficients by quadrature of
/// E[relu(x) he_k(x)], he_k = He_k / sqrt(k!), are 1/sqrt(2 pi), 1/2 and 1/(2 sqrt(pi)); in powers of x the two are one.
#[test]
fn one_polynomial_in_two_literatures() {
    let nodes = simpson(0.0, 1.0);
    let basis: [&dyn Fn(f64) -> f64; 3] = [&|_| 1.0, &|x| x, &|x| (x * x - 1.0) / 2f64.sqrt()];
    let h = basis.map(|he| nodes.iter().map(|(x, w)| w * x.max(0.0) * he(*x)).sum::<f64>());
    for (found, digits) in h.iter().zip([0.3989423, 0.5, 0.2820948]) {
        close(*found, digits, 5e-8);
    }
    let pi = std::f64::consts::PI;
    for (found, exact) in h.iter().zip([1.0 / (2.0 * pi).sqrt(), 0.5, 0.5 / pi.sqrt()]) {
        close(*found, exact, 1e-9);
    }
    let powers = [h[0] - h[2] / 2f64.sqrt(), h[1], h[2] / 2f64.sqrt()];
    let dapa = Normal { mean: 0.0, std: 1.0 }.dapa(Target::Relu, 2);
    for ((aespa, dapa), digits) in powers.iter().zip(&dapa).zip([0.1994711, 0.5, 0.1994711]) {
        close(*aespa, *dapa, 1e-9);
        close(*aespa, digits, 5e-8);
    }
    // At another variance they part: AESPA normalises each basis function, DaPa takes the law as it is.
    let wide = Normal { mean: 0.0, std: 2.0 }.dapa(Target::Relu, 2);
    assert!((wide[2] - powers[2]).abs() > 0.05, "{wide:?}");
}
