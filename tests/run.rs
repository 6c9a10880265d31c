//! Running: reference outputs of real exports, the digits network and its statistics, fixed batches,
//! what is refused.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use reluctant::api::{
    self, Code, Given, LocalFile, NamedFile, Outcome, RunOptions, RunRequest, RunSession, Settings,
    StatsScope, Tensor,
};
use reluctant_tests::corpus;
use serde_json::Value;

fn open(path: &Path, set: &[&str]) -> Result<RunSession, api::Error> {
    let file = LocalFile::open(path)?;
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let mut settings = Settings::default();
    set.iter().for_each(|text| settings.add(text).unwrap());
    let files = [NamedFile { name, bytes: &file }];
    RunSession::open(&files, &settings, &RunOptions::default(), &mut |_, _| ControlFlow::Continue(()))
}

fn array(path: impl AsRef<Path>) -> Tensor {
    let path = corpus(path);
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    api::arrays(&name, &fs::read(path).unwrap()).unwrap().remove(0).1
}

fn run(session: &mut RunSession, given: Given, ask: &RunRequest) -> Result<Outcome, api::Error> {
    api::ready(session.run(given, ask, &mut |_, _| ControlFlow::Continue(())))
}

/// Largest difference, relative to the largest element wanted.
fn difference(found: &Tensor, wanted: &Tensor) -> f64 {
    assert_eq!(found.shape(), wanted.shape());
    let (found, wanted): (Vec<f64>, Vec<f64>) = (found.data().convert(), wanted.data().convert());
    let scale = wanted.iter().fold(0f64, |m, v| m.max(v.abs()));
    found.iter().zip(&wanted).fold(0f64, |m, (a, b)| m.max((a - b).abs())) / scale
}

#[test]
fn reference_outputs_of_real_exports() {
    let mut failed = Vec::new();
    let mut models = 0;
    for entry in fs::read_dir(corpus("models")).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        let Some(stem) = name.strip_suffix(".in0.npy") else { continue };
        let mut session = open(&corpus(format!("models/{stem}.onnx")), &[]).unwrap();
        let input = array(format!("models/{name}"));
        let wanted = array(format!("models/{stem}.out0.npy"));
        // Whole, and each layer by itself.
        for timings in [false, true] {
            let given = session.given(vec![("x".to_owned(), input.clone())], None).unwrap();
            let outcome = run(&mut session, given, &RunRequest { timings, ..RunRequest::default() }).unwrap();
            let off = difference(&outcome.outputs[0].1, &wanted);
            println!("{stem} {off:.2e}");
            if off > 1e-5 || outcome.report.layers.is_empty() == timings {
                failed.push(format!("{stem} (timings {timings}): {off:e}"));
            }
        }
        models += 1;
    }
    assert!(failed.is_empty(), "{failed:#?}");
    assert!(models >= 6);
}

#[test]
fn digits() {
    let mut session = open(&corpus("digits/digits_cnn.onnx"), &[]).unwrap();
    let file = fs::read(corpus("digits/digits.npz")).unwrap();
    let given = session.given(api::arrays("digits.npz", &file).unwrap(), None).unwrap();
    let ask = RunRequest { top: 5, stats: StatsScope::Activations, ..RunRequest::default() };
    let outcome = run(&mut session, given, &ask).unwrap();
    let (logits, wanted) = (&outcome.outputs[0].1, array("digits/logits.npy"));
    let (found, wanted) = (logits.to_f32(), wanted.to_f32());
    let largest = found.iter().zip(wanted.iter()).fold(0f32, |m, (a, b)| m.max((a - b).abs()));
    assert!(largest <= 1e-4, "{largest}");
    let best = |row: &[f32]| (0..10).fold(0, |best, i| if row[i] > row[best] { i } else { best });
    for (sample, (a, b)) in found.chunks(10).zip(wanted.chunks(10)).enumerate() {
        assert_eq!(best(a), best(b), "sample {sample}");
        assert_eq!(outcome.report.top[sample][0].class as usize, best(b));
    }
    let accuracy = outcome.report.accuracy.unwrap();
    assert_eq!((accuracy.samples, accuracy.correct), (500, 497));

    // Statistics against numpy's.
    let stats = serde_json::to_value(outcome.stats.unwrap()).unwrap();
    let wanted: Value =
        serde_json::from_str(&fs::read_to_string(corpus("digits/stats.json")).unwrap()).unwrap();
    let wanted = wanted["values"].as_object().unwrap();
    assert_eq!(wanted.len(), 10);
    for (name, wanted) in wanted {
        let values = stats["values"].as_array().unwrap();
        let found = values.iter().find(|v| v["name"] == name.as_str()).unwrap_or_else(|| panic!("no {name}"));
        let channels = found["channels"].as_array().unwrap();
        for key in ["mean", "std", "min", "max", "zeros"] {
            let wanted = wanted[key].as_array().unwrap();
            assert_eq!(wanted.len(), channels.len());
            for (place, wanted) in wanted.iter().enumerate() {
                let (a, b) = (channels[place][key].as_f64().unwrap(), wanted.as_f64().unwrap());
                assert!((a - b).abs() <= 1e-5 * b.abs().max(1.0), "{name} {key} {place}: {a} {b}");
            }
        }
        let (a, b) = (&channels[0]["histogram"], &wanted["histogram"]);
        assert_eq!(
            (a["low"].as_f64(), a["width"].as_f64()),
            (b["low"].as_f64(), b["width"].as_f64()),
            "{name}"
        );
        let counts = |h: &Value| {
            h["counts"].as_array().unwrap().iter().map(|n| n.as_i64().unwrap()).collect::<Vec<_>>()
        };
        let (a, b) = (counts(a), counts(b));
        assert_eq!((a.len(), a.iter().sum::<i64>()), (b.len(), b.iter().sum::<i64>()));
        // A value at the edge of a bin may fall on either side.
        let moved: i64 = a.iter().zip(&b).map(|(a, b)| (a - b).abs()).sum();
        assert!(moved * 1000 <= b.iter().sum::<i64>(), "{name}: {moved}");
    }
}

#[test]
fn a_fixed_batch_takes_any_number_of_samples() {
    // Batch 1 in the file, 4 by setting: 7 samples need a slice that is filled up.
    let path = corpus("models/resnet20_32.legacy.op13.b1.onnx");
    let mut one = open(&path, &[]).unwrap();
    let given = one.random(7, 3).unwrap();
    let ask = RunRequest { stats: StatsScope::Activations, ..RunRequest::default() };
    let single = run(&mut one, given.clone(), &ask).unwrap();
    assert_eq!((single.report.samples, single.report.slices), (7, 7));
    let mut four = open(&path, &["input=4x3x32x32"]).unwrap();
    let filled = run(&mut four, given, &ask).unwrap();
    assert_eq!((filled.report.samples, filled.report.slices), (7, 2));
    assert!(difference(&filled.outputs[0].1, &single.outputs[0].1) < 1e-5);
    let (a, b) = (single.stats.unwrap(), filled.stats.unwrap());
    for (a, b) in a.values.iter().zip(&b.values) {
        assert_eq!(a.total.count, b.total.count, "{}", a.name);
        assert!((a.total.std.unwrap() - b.total.std.unwrap()).abs() < 1e-5, "{}", a.name);
    }
}

#[test]
fn any_value_can_be_asked_for() {
    let mut session = open(&corpus("digits/digits_cnn.onnx"), &[]).unwrap();
    let info = session.info();
    assert_eq!(info.activations.len(), 5);
    let names: Vec<String> = info.values.into_iter().map(|value| value.name).collect();
    let given = session.random(3, 1).unwrap();
    let all =
        run(&mut session, given.clone(), &RunRequest { outputs: names.clone(), ..RunRequest::default() })
            .unwrap();
    assert_eq!(all.outputs.len(), names.len());
    let stepped = RunRequest { outputs: names, timings: true, ..RunRequest::default() };
    let stepped = run(&mut session, given, &stepped).unwrap();
    for ((name, a), (_, b)) in all.outputs.iter().zip(&stepped.outputs) {
        assert!(difference(a, b) < 1e-5, "{name}");
    }
    let none = RunRequest { outputs: vec!["nothing".to_owned()], ..RunRequest::default() };
    let given = session.random(1, 1).unwrap();
    assert_eq!(run(&mut session, given, &none).unwrap_err().code, Code::InvalidSetting);
}

#[test]
fn quantised_operators_are_rewritten() {
    let mut session = open(&corpus("quantised/resnet20_32.qoperator.u8.onnx"), &[]).unwrap();
    assert!(
        session.info().engine.notes.iter().any(|note| note.starts_with("32 quantised")),
        "{:?}",
        session.info().engine
    );
    let input = array("models/resnet20_32.legacy.op13.b1.in0.npy");
    let given = session.given(vec![("x".to_owned(), input)], None).unwrap();
    let outcome = run(&mut session, given, &RunRequest::default()).unwrap();
    // What ONNX Runtime gives for this file and input; one step of the last quantiser is SCALE.
    let wanted = array("quantised/resnet20_32.qoperator.u8.out0.npy");
    let off = difference(&outcome.outputs[0].1, &wanted);
    println!("{off}");
    assert!(off < 0.03, "{off}");
}

#[test]
fn what_cannot_run_says_why() {
    let missing =
        open(&corpus("models/cifar_resnet18_32_c100.legacy.op13.b1.noweights.onnx"), &[]).err().unwrap();
    assert_eq!(missing.code, Code::MissingData);
    assert!(missing.place.value.is_some() && !missing.hint.is_empty(), "{missing}");

    let session = open(&corpus("models/resnet20_32.legacy.op13.b1.onnx"), &[]).unwrap();
    // 1 MB of weights, and the first layers' values.
    assert!((1_090_000..2_000_000).contains(&session.info().peak_bytes), "{}", session.info().peak_bytes);
    let huge =
        open(&corpus("models/resnet20_32.dynamo.op23.dyn.onnx"), &["input=100000000x3x32x32"]).err().unwrap();
    assert_eq!(huge.code, Code::LimitExceeded, "{huge}");
    let wrong = Tensor::new(vec![2, 32, 32, 3], vec![0f32; 2 * 32 * 32 * 3]).unwrap();
    let given = session.given(vec![("x".to_owned(), wrong)], None).unwrap();
    let mut session = session;
    let error = run(&mut session, given, &RunRequest::default()).err().unwrap();
    assert_eq!(error.code, Code::InvalidSetting);
    assert!(error.hint.contains("transpose"), "{error}");

    let given = session.random(40, 0).unwrap();
    let mut calls = 0;
    let stop = api::ready(session.run(given, &RunRequest::default(), &mut |_, _| {
        calls += 1;
        if calls > 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }));
    assert_eq!(stop.err().unwrap().code, Code::Cancelled);
    // The session goes on.
    let given = session.random(1, 0).unwrap();
    assert!(run(&mut session, given, &RunRequest::default()).is_ok());
}

/// The ring is simulated on the CPU, whatever engine the model was opened for; without a GPU too.
#[test]
fn fixed_point_runs_whatever_the_engine() {
    let path = corpus("models/tiny_mlp.dynamo.op18.b1.onnx");
    let file = LocalFile::open(&path).unwrap();
    let files = [NamedFile { name: "tiny_mlp.onnx".to_owned(), bytes: &file }];
    let difference = |engine| {
        let options = RunOptions { engine, ..RunOptions::default() };
        let go = &mut |_, _| ControlFlow::Continue(());
        let mut session = RunSession::open(&files, &Settings::default(), &options, go).unwrap();
        let given = session.random(4, 1).unwrap();
        session.fixed(given, &api::FixedSettings::default(), go).unwrap().largest_difference
    };
    let on_cpu = difference(api::EngineKind::Cpu);
    assert!(on_cpu > 0.0 && on_cpu < 1e-3, "{on_cpu}");
    assert_eq!(difference(api::EngineKind::Gpu), on_cpu);
}
