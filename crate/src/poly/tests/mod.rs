//! Oracles: the published closed forms, quadrature of another kind (Simpson on the definition,
//! normal equations), and what optimal polynomials must look like.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod dapa;
mod minimax;
mod steps;

use super::{Distribution, Fit, Method, Spec, Target, fit};

/// Fits under a normal input.
fn normal(target: Target, method: Method, degree: usize, mean: f64, std: f64) -> Fit {
    fit(&Spec::new(target, method, degree, Distribution::Normal { mean, std })).unwrap()
}

/// Fits on a range.
fn on(target: Target, method: Method, degree: usize, range: [f64; 2]) -> Fit {
    let law = Distribution::Normal { mean: 0.0, std: 1.0 };
    fit(&Spec { range: Some(range), ..Spec::new(target, method, degree, law) }).unwrap()
}

fn close(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{found} is not {expected} to {tolerance}");
}

/// Seeded numbers in [0, 1): enough for test cases.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
}

const TARGETS: [Target; 8] = [
    Target::Relu,
    Target::Relu6,
    Target::LeakyRelu(0.1),
    Target::Silu,
    Target::Gelu,
    Target::HardSwish,
    Target::Sigmoid,
    Target::Tanh,
];

#[test]
fn a_method_may_be_written_as_a_formula() {
    for method in Method::ALL {
        assert_eq!(Method::written(method.name()), Ok(*method));
    }
    assert_eq!(Method::written("x^2 + x"), Ok(Method::Square));
    assert_eq!(Method::written("0.25 x^2 + 0.5 x"), Ok(Method::Quarter));
    // The text as it was typed.
    assert_eq!(Method::written("x^3").unwrap_err().message, "method cannot be x^3");
}
