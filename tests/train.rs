//! Training end to end: budgets to the unit, and exported networks that other code reads, counts and runs alike.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::ops::ControlFlow;

use reluctant::api::{
    self, ChosenOn, Model, NamedFile, RunOptions, RunRequest, RunSession, Settings, Tensor, TrainData,
    TrainMethod, TrainNet, TrainSettings,
};
use reluctant_tests::corpus;

fn settings(data: TrainData, net: TrainNet, methods: &[TrainMethod], budgets: &[u64]) -> TrainSettings {
    TrainSettings {
        data,
        net,
        teacher: None,
        methods: methods.to_vec(),
        budgets: budgets.to_vec(),
        seeds: vec![0],
        epochs: [Some(3), Some(3), Some(2)],
        chosen_on: ChosenOn::Validation,
        code_start: false,
        degree: 2,
        channels: false,
        permuted: false,
    }
}

fn digits() -> Vec<(String, Tensor)> {
    api::arrays("digits.npz", &fs::read(corpus("digits/digits.npz")).unwrap()).unwrap()
}

/// Images right and ReLUs counted of a file, by the CPU engine and by the counts.
fn seen(bytes: &[u8], arrays: Vec<(String, Tensor)>) -> (f64, u64) {
    let file = NamedFile { name: "trained.onnx".to_owned(), bytes: &bytes };
    let go = &mut |_, _| ControlFlow::Continue(());
    let model = Model::open(&file, Vec::new(), go).unwrap();
    let relus = model.score(&Settings::default()).unwrap().score.totals.relu.elements;
    let options = RunOptions::default();
    let mut session = RunSession::open(&[file], &Settings::default(), &options, go).unwrap();
    let given = session.given(arrays, None).unwrap();
    let outcome = api::ready(session.run(given, &RunRequest::default(), go)).unwrap();
    (outcome.report.accuracy.unwrap().top1, relus)
}

#[test]
fn exported_networks_answer_and_count_as_trained() {
    let methods = TrainMethod::ALL;
    let trained =
        api::train(&settings(TrainData::Digits, TrainNet::DigitsCnn, methods, &[1568, 301, 0]), &mut |_| {});
    let trained = trained.unwrap();
    assert_eq!((trained.relus, trained.results.len()), (1568, 15));
    assert_eq!(trained.images, [1167, 130, 500]);
    for (result, file) in trained.results.iter().zip(&trained.files) {
        assert_eq!(result.relus, result.budget, "{:?}", result.method);
        let (accuracy, relus) = seen(&file.bytes, digits());
        assert_eq!(relus, result.budget, "{:?}", result.method);
        assert!(
            (accuracy - result.test_accuracy).abs() < 1e-9,
            "{:?} {}: {accuracy}",
            result.method,
            result.test_accuracy
        );
    }
    // Ten pairs of methods at three budgets, of the seed and of all.
    assert_eq!(trained.paired.len(), 60);
}

#[test]
fn a_teacher_is_taken_as_it_is() {
    let bytes = fs::read(corpus("digits/digits_cnn.onnx")).unwrap();
    let mut settings = settings(TrainData::Digits, TrainNet::DigitsCnn, &[TrainMethod::RandomPoly], &[0]);
    settings.teacher = Some(("digits_cnn.onnx".to_owned(), bytes));
    let trained = api::train(&settings, &mut |_| {}).unwrap();
    assert_eq!(trained.bases[0].test_accuracy, 0.994);
    // PyTorch's polynomials of degree 2 from the moments of the same images: 0.984, here without a tenth of them.
    let before = trained.results[0].accuracy_before_finetune;
    assert!((before - 0.984).abs() < 0.0061, "{before}");
    // After fine-tuning PyTorch has 0.9933; here are two epochs.
    assert!(trained.results[0].test_accuracy > 0.98, "{}", trained.results[0].test_accuracy);
    let (accuracy, relus) = seen(&trained.files[0].bytes, digits());
    assert_eq!((accuracy, relus), (trained.results[0].test_accuracy, 0));
}

#[test]
fn a_residual_network_on_figures() {
    let spec = r#"{"input":[3,16,16],"classes":10,"stem":{"channels":4,"kernel":3,"stride":1,"relu":true},
        "stages":[{"block":"basic","blocks":1,"channels":4,"stride":1,"relu":"all"},
        {"block":"basic","blocks":1,"channels":8,"stride":2,"relu":"second"}],"head":"gap"}"#;
    let data = TrainData::Shapes(300, 100);
    let net = TrainNet::Spec(spec.to_owned());
    let trained = api::train(&settings(data, net, &[TrainMethod::Autorep], &[1000]), &mut |_| {}).unwrap();
    // 16 x 16 of 4 channels three times, 8 x 8 of 8 once.
    assert_eq!((trained.relus, trained.results[0].relus), (3 * 1024 + 512, 1000));
}

#[test]
fn what_does_not_go_together_is_refused() {
    let said = |settings: &TrainSettings| api::train(settings, &mut |_| {}).unwrap_err().to_string();
    let of = |budget: u64, net: TrainNet| settings(TrainData::Digits, net, &[TrainMethod::Snl], &[budget]);
    assert!(said(&of(1569, TrainNet::DigitsCnn)).contains("above the network's 1568 ReLUs"));
    assert!(said(&of(10, TrainNet::ResNet([1; 4], 4))).contains("the images are [1, 8, 8]"));
    assert!(said(&of(10, TrainNet::Spec("{}".to_owned()))).contains("the spec cannot be read"));
    let mut settings = of(10, TrainNet::DigitsCnn);
    settings.teacher =
        Some(("unet.onnx".to_owned(), fs::read(corpus("models/lstm_small.legacy.op13.b1.onnx")).unwrap()));
    assert!(said(&settings).contains("trained"), "{}", said(&settings));
}
