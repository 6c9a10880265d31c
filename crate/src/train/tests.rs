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
