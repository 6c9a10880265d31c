//! Circa's faults, at their rate and by their seed; NaN.

use super::build::Model;
use super::gpu;
use super::naive::Array;
use crate::run::gpu::activation::Faults;
use crate::run::tensor::Tensor;

fn relu(x: &Array) -> Model {
    let mut model = Model::default();
    model.input("x", x.tensor()).node("Relu", &["x"], "y", vec![]);
    model
}

/// Rates of wrong signs among many elements of one value, against the formula of `Faults`, within four
/// standard errors.
#[test]
fn faults_come_at_their_rate() {
    let Some(gpu) = gpu() else { return };
    let count = 200_000;
    // 2^12 fraction bits, 2^10 the window, p = 2^20: both causes show.
    for negatives_pass in [false, true] {
        for fixed in [-40_000, -3_000, -1_000, -512, -100, 100, 512, 1_000, 3_000, 40_000] {
            let prime = f64::from(1 << 20);
            let faults = Faults { prime, fraction_bits: 12, dropped_bits: 10, negatives_pass };
            let value = f64::from(fixed) / 4096.0;
            let size = f64::from(fixed).abs();
            let exposed = (fixed < 0) == negatives_pass && size < 1024.0;
            let rate = size / prime + if exposed { (1024.0 - size) / 1024.0 } else { 0.0 };
            let x = Array { dims: vec![1, 1, 1, count], values: vec![value; count] };
            let y = relu(&x).run_with(&gpu, faults, 42);
            let right = value.max(0.0) as f32;
            let wrong = y.to_f32().iter().filter(|v| **v != right).count() as f64 / count as f64;
            let error = (rate * (1.0 - rate) / count as f64).sqrt();
            assert!((wrong - rate).abs() < 4.0 * error, "{fixed}: {wrong} for {rate} +- {error}");
            // A wrong sign passes a negative or drops a positive, nothing else.
            assert!(y.to_f32().iter().all(|v| *v == value as f32 || *v == 0.0));
        }
    }
}

#[test]
fn faults_follow_the_seed() {
    let Some(gpu) = gpu() else { return };
    let x = Array { dims: vec![1, 1, 1, 4096], values: vec![0.05; 4096] };
    let faults = Faults { prime: 2f64.powi(31), fraction_bits: 12, dropped_bits: 9, negatives_pass: false };
    let run = |seed| relu(&x).run_with(&gpu, faults, seed);
    assert_eq!(run(1), run(1));
    let (a, b) = (run(1), run(2));
    let same = a.to_f32().iter().zip(b.to_f32().iter()).filter(|(a, b)| a == b).count() as f64 / 4096.0;
    // Each is wrong with p = (512 - 205)/512 = 0.6; two independent runs agree with p^2 + (1-p)^2.
    let p: f64 = (512.0 - 205.0) / 512.0;
    let agree = p * p + (1.0 - p) * (1.0 - p);
    assert!((same - agree).abs() < 4.0 * (agree * (1.0 - agree) / 4096.0).sqrt(), "{same} for {agree}");
}

/// ReLU, Clip, Max and max pooling let a NaN through.
#[test]
fn nan_stays_nan() {
    let Some(gpu) = gpu() else { return };
    let input = || Tensor::new(vec![1, 1, 1, 4], vec![f32::NAN, -1.0, 2.0, f32::INFINITY]).unwrap();
    let zero = Tensor::new(vec![1], vec![0.0f32]).unwrap();
    let cases: [(&str, &[&str], [f32; 4]); 4] = [
        ("Relu", &["x"], [f32::NAN, 0.0, 2.0, f32::INFINITY]),
        ("Max", &["x", "zero"], [f32::NAN, 0.0, 2.0, f32::INFINITY]),
        ("Min", &["zero", "x"], [f32::NAN, -1.0, 0.0, 0.0]),
        ("Clip", &["x", "low", "high"], [f32::NAN, 0.0, 1.0, 1.0]),
    ];
    for (op, inputs, want) in cases {
        let mut model = Model::default();
        model.input("x", input()).weight("low", &[], vec![0.0f32]).weight("high", &[], vec![1.0f32]);
        model.input("zero", zero.clone());
        model.node(op, inputs, "y", vec![]);
        let got = model.run(&gpu);
        let same = |(a, b): (&f32, &f32)| a == b || (a.is_nan() && b.is_nan());
        assert!(got.to_f32().iter().zip(&want).all(same), "{op}: {:?}", got.to_f32());
    }
    let mut model = Model::default();
    model.input("x", input());
    model.node("MaxPool", &["x"], "y", vec![super::build::ints("kernel_shape", &[1, 2])]);
    let got = model.run(&gpu);
    assert!(got.to_f32()[0].is_nan() && got.to_f32()[1] == 2.0, "{:?}", got.to_f32());
}
