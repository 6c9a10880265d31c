//! A file becomes a network and goes back, and answers the same.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use reluctant_train::run::{accuracy, logits};

use super::data;
use super::source::Source;
use crate::run::npy;
use crate::run::tensor::{Data, Tensor};

const DIGITS: &[u8] = include_bytes!("../../../tests/corpus/digits/digits_cnn.onnx");
const LOGITS: &[u8] = include_bytes!("../../../tests/corpus/digits/logits.npy");

fn numbers(tensor: Tensor) -> Vec<f32> {
    let Data::F32(values) = tensor.into_data() else { panic!("float32") };
    values
}

/// Largest difference, against the largest of the second.
fn apart(a: impl IntoIterator<Item = f32>, b: &[f32]) -> f32 {
    let most = b.iter().fold(0f32, |m, v| m.max(v.abs()));
    let a: Vec<f32> = a.into_iter().collect();
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).fold(0f32, |m, (a, b)| m.max((a - b).abs())) / most
}

#[test]
fn the_digits_network_answers_as_in_pytorch() {
    let source = Source::file("digits_cnn.onnx", DIGITS).unwrap();
    assert_eq!(source.net.activations(), 1568);
    let test = data::digits().unwrap().test;
    let expected = numbers(npy::read(LOGITS).unwrap());
    let found = logits(&source.net, &test);
    assert!(apart(found.iter().copied(), &expected) < 1e-5);
    // 497 of the 500.
    assert_eq!(accuracy(&source.net, &test), 0.994);
}

/// Masks and polynomials that a plan left come back: the network that was written answers as the one that was read.
#[test]
fn a_masked_network_comes_back() {
    let source = Source::file("digits_cnn.onnx", DIGITS).unwrap();
    let test = data::digits().unwrap().test;
    for polynomials in [false, true] {
        let mut net = source.net.clone();
        let mut random = reluctant_train::random::Random::new(5);
        for (place, site) in net.sites.iter_mut().enumerate() {
            site.plain = false;
            let [keep, coefficients] = [site.keep, site.coefficients];
            // One site keeps all, one nothing, the others half.
            let share = [1.0, 0.0, 0.5, 0.5, 0.5][place % 5];
            for k in net.params[keep].slice_mut() {
                *k = if random.unit() < share { 1.0 } else { 0.0 };
            }
            for row in net.params[coefficients].slice_mut().chunks_exact_mut(3).filter(|_| polynomials) {
                row.copy_from_slice(&[0.1, 0.5, 0.25].map(|c| c + 0.1 * random.normal() as f32));
            }
        }
        let written = source.export(&net).unwrap();
        let read = Source::file("masked.onnx", &written).unwrap();
        let expected: Vec<f32> = logits(&net, &test).iter().copied().collect();
        let found = logits(&read.net, &test);
        assert!(apart(found.iter().copied(), &expected) < 1e-6, "polynomials {polynomials}");
        assert_eq!(read.net.relus(), net.relus());
        // What was replaced cannot be replaced again here.
        assert!(read.unmasked().unwrap_err().message.contains("replaced already"));
    }
    assert!(Source::file("digits_cnn.onnx", DIGITS).unwrap().unmasked().is_ok());
}

#[test]
fn a_sum_of_two_layers_is_no_polynomial_and_a_gate_is_refused() {
    // The residual networks of the examples still lower, their sums as sums.
    let net = Source::example("resnet18-cifar100").unwrap().net;
    assert_eq!((net.sites.len(), net.activations()), (17, 557_056));
    assert!(Source::example("mobilenetv3-large").is_err());
}
