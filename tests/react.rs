//! ReActNet's pieces: what an export of them costs, and what it computes once it is clean, against ONNX Runtime.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::ops::ControlFlow;

use reluctant::api::{
    self, Ask, CleanReport, Data, Model, NamedFile, RunOptions, RunRequest, RunSession, Settings, Tensor,
    Terms,
};
use reluctant_tests::corpus;

fn go(_: u64, _: u64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn file(name: &str) -> Vec<u8> {
    fs::read(corpus(format!("react/{name}"))).unwrap()
}

fn cleaned(bytes: &[u8]) -> (Vec<u8>, CleanReport) {
    let named = NamedFile { name: "model.onnx".to_owned(), bytes: &bytes };
    let (spliced, report) = api::clean(&named, &Settings::default(), &mut go).unwrap();
    let mut out = Vec::new();
    spliced
        .write(&bytes, &mut |part| {
            out.extend_from_slice(part);
            Ok(())
        })
        .unwrap();
    (out, report)
}

fn semi2k(bytes: &[u8]) -> (u64, bool) {
    let named = NamedFile { name: "model.onnx".to_owned(), bytes: &bytes };
    let scored = Model::open(&named, Vec::new(), &mut go).unwrap().score(&Settings::default()).unwrap();
    let estimate = scored.cost(&Ask::from(Terms::under("semi2k"))).unwrap().estimates.remove(0);
    (estimate.bytes_total, estimate.partial)
}

/// Sign 256 x 112, convolution 16 x (64 x 36 + 36 x 4) + 8 x 256, PRelu 256 x 184; before, three comparisons and six
/// products an element more. Multiplying by -1 or 2 is local.
#[test]
fn a_block_costs_less_than_half_without_its_estimator() {
    let block = file("block.onnx");
    assert_eq!(semi2k(&block), (264_448, false));
    let (clean, report) = cleaned(&block);
    assert_eq!(semi2k(&clean), (28_672 + 41_216 + 47_104, false));
    assert_eq!(report.sums, ["bin"]);
    // Add, Sign, Conv, Add, Add, PRelu, Add.
    assert_eq!((report.nodes_before, report.nodes_after, report.tensors), (32, 7, 4));
    assert_eq!(report.bytes, clean.len() as u64);
}

#[test]
fn what_is_clean_stays_as_it_is() {
    let (once, _) = cleaned(&file("block.onnx"));
    let (twice, report) = cleaned(&once);
    assert!(once == twice && report.sums.is_empty() && report.tensors == 0);
}

fn numbers(bytes: &[u8]) -> Vec<f32> {
    let [(_, tensor)] = <[(String, Tensor); 1]>::try_from(api::arrays("x.npy", bytes).unwrap()).unwrap();
    let Data::F32(values) = tensor.into_data() else { panic!("float32") };
    values
}

/// Both cleaned files against ONNX Runtime on the originals.
#[test]
fn what_is_clean_computes_the_same() {
    for (name, sums) in [("block", 1), ("estimators", 3)] {
        let (clean, report) = cleaned(&file(&format!("{name}.onnx")));
        assert_eq!(report.sums.len(), sums, "{name}");
        let named = [NamedFile { name: "clean.onnx".to_owned(), bytes: &&clean[..] }];
        let mut session =
            RunSession::open(&named, &Settings::default(), &RunOptions::default(), &mut go).unwrap();
        let x = api::arrays("x.npy", &file(&format!("{name}.x.npy"))).unwrap();
        let given = session.given(x, None).unwrap();
        let request = RunRequest::default();
        let outcome = api::ready(session.run(given, &request, &mut go)).unwrap();
        let found = outcome.outputs.into_iter().next().unwrap().1;
        let Data::F32(found) = found.into_data() else { panic!("float32") };
        let expected = numbers(&file(&format!("{name}.out.npy")));
        let largest = expected.iter().fold(0.0f32, |m, v| m.max(v.abs()));
        assert_eq!(found.len(), expected.len());
        for (a, b) in found.iter().zip(&expected) {
            assert!((a - b).abs() <= 1e-5 * largest, "{name}: {a} against {b}");
        }
    }
}

/// A network that was trained with both and exported is recognised: 8 channels at 8x8 and at 4x4, one comparison each.
#[test]
fn a_trained_network_is_priced_by_one_comparison_each() {
    let bytes = file("trained.onnx");
    let named = NamedFile { name: "trained.onnx".to_owned(), bytes: &&bytes[..] };
    let scored = Model::open(&named, Vec::new(), &mut go).unwrap().score(&Settings::default()).unwrap();
    let kinds = &scored.score.totals.activations;
    assert_eq!((kinds["Sign"].elements, kinds["PReLU"].elements), (640, 640));
    let estimate = scored.cost_by_row(&Ask::from(Terms::under("semi2k"))).unwrap().estimates.remove(0);
    let bytes_of = |kind: &str| -> u64 {
        let rows = scored
            .score
            .layers
            .iter()
            .filter(|layer| layer.activation.as_ref().is_some_and(|a| a.kind == kind));
        let rows: Vec<u32> = rows.map(|layer| layer.index).collect();
        let costs = estimate.layers.iter().flatten().filter(|cost| rows.contains(&cost.index));
        costs.map(|cost| cost.bytes_total.unwrap()).sum()
    };
    assert_eq!((bytes_of("Sign"), bytes_of("PReLU")), (640 * 112, 640 * 184));
    // Nothing of it is left of training.
    assert!(cleaned(&bytes).1.sums.is_empty());
}
