//! The numbers of the node tests: each operator that the CPU engine has computes what ONNX says.
//!
//! At least 97 % of the tests whose operators the engine has must pass within the test's own
//! tolerances. Most of the others are refused with the form (attribute, element type) that is lacking.
//! What is refused or wrong is listed in `cpu_gaps.txt`, and the test fails when one of those starts
//! to pass, or another to fail.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::ops::ControlFlow;

use reluctant::api::{self, Code, Model, NamedFile, RunOptions, RunRequest, RunSession, Settings, Tensor};
use serde_json::Value;

use crate::node::{here, models};

struct Data {
    tolerance: (f64, f64),
    inputs: Vec<Option<Tensor>>,
    outputs: Vec<Option<Tensor>>,
}

fn take<const N: usize>(bytes: &mut &[u8]) -> [u8; N] {
    let (head, rest) = bytes.split_first_chunk::<N>().unwrap();
    *bytes = rest;
    *head
}

fn data(cases: usize) -> Vec<Data> {
    let packed = fs::read(here().join("node_data.bin")).unwrap();
    let mut bytes = Vec::new();
    flate2::read::DeflateDecoder::new(packed.as_slice()).read_to_end(&mut bytes).unwrap();
    let mut rest = bytes.as_slice();
    let number = |rest: &mut &[u8]| u32::from_le_bytes(take(rest)) as usize;
    let arrays: Vec<Tensor> = (0..number(&mut rest))
        .map(|_| {
            let length = number(&mut rest);
            let (file, after) = rest.split_at(length);
            rest = after;
            api::arrays("a.npy", file).unwrap().remove(0).1
        })
        .collect();
    let list = |rest: &mut &[u8]| (0..number(rest)).map(|_| arrays.get(number(rest)).cloned()).collect();
    let all = (0..cases)
        .map(|_| {
            let tolerance = (f64::from_le_bytes(take(&mut rest)), f64::from_le_bytes(take(&mut rest)));
            Data { tolerance, inputs: list(&mut rest), outputs: list(&mut rest) }
        })
        .collect();
    assert!(rest.is_empty());
    all
}

/// What came of a test.
enum Answer {
    /// The engine has not all its operators.
    Lacks,
    /// Its data cannot be told (text, sequences, large arrays).
    NoData,
    Right,
    /// The engine says that it lacks a form.
    Refused(String),
    Wrong(String),
}

fn answer(model: &[u8], data: &Data) -> Answer {
    if data.inputs.iter().chain(&data.outputs).any(Option::is_none) || data.outputs.is_empty() {
        return Answer::NoData;
    }
    let bytes = model.to_vec();
    let files = [NamedFile { name: "case.onnx".to_owned(), bytes: &bytes }];
    let mut go = |_: u64, _: u64| ControlFlow::Continue(());
    // Some tests leave the shapes of their inputs open.
    let opened = Model::open(&files[0], Vec::new(), &mut go).unwrap();
    let ports = opened.score(&Settings::default()).unwrap().score.model.inputs;
    let mut settings = Settings::default();
    for (port, tensor) in ports.into_iter().zip(data.inputs.iter().flatten()) {
        let sizes: Vec<String> = tensor.shape().iter().map(usize::to_string).collect();
        settings.set.insert(port.name, sizes.join("x"));
    }
    let mut session = match RunSession::open(&files, &settings, &RunOptions::default(), &mut go) {
        Ok(session) => session,
        Err(e) if lacks(&e) => return Answer::Lacks,
        // Optional inputs: of operators that the engine has not either.
        Err(e) if e.message.contains("not a tensor") => return Answer::Lacks,
        Err(e) if e.code == Code::NotSupported => return Answer::Refused(e.to_string()),
        Err(e) => return Answer::Wrong(e.to_string()),
    };
    let names = session.info().inputs.into_iter().map(|port| port.name);
    let arrays = names.zip(data.inputs.iter().flatten().cloned()).collect();
    let ran = session
        .given(arrays, None)
        .and_then(|given| api::ready(session.run(given, &RunRequest::default(), &mut go)));
    let outputs = match ran {
        Ok(outcome) => outcome.outputs,
        Err(e) if lacks(&e) => return Answer::Lacks,
        Err(e) if e.code == Code::NotSupported => return Answer::Refused(e.to_string()),
        Err(e) => return Answer::Wrong(e.to_string()),
    };
    for ((name, found), wanted) in outputs.iter().zip(data.outputs.iter().flatten()) {
        if let Some(fault) = fault(found, wanted, data.tolerance) {
            return Answer::Wrong(format!("{name}: {fault}"));
        }
    }
    Answer::Right
}

/// It has no such operator at all: said when the model is opened, or when the output that needs it is asked for.
fn lacks(e: &api::Error) -> bool {
    e.message.contains("not available") || e.message.contains("not enabled")
}

fn fault(found: &Tensor, wanted: &Tensor, (rtol, atol): (f64, f64)) -> Option<String> {
    let (a, b) = (found.shape(), wanted.shape());
    if a != b || found.dtype_name() != wanted.dtype_name() {
        return Some(format!("{a:?} {} where {b:?} {} is wanted", found.dtype_name(), wanted.dtype_name()));
    }
    let (a, b): (Vec<f64>, Vec<f64>) = (found.data().convert(), wanted.data().convert());
    let off = |(a, b): &(&f64, &f64)| {
        let same = a == b || (a.is_nan() && b.is_nan());
        let near = (**a - **b).abs() <= atol + rtol * b.abs();
        !(same || near)
    };
    let wrong = a.iter().zip(&b).filter(off).count();
    let first = a.iter().zip(&b).find(off);
    first.map(|(a, b)| format!("{wrong} of {} wrong, {a} where {b} is wanted", found.len()))
}

#[test]
fn the_cpu_engine_computes_what_onnx_says() {
    let lines = fs::read_to_string(here().join("node_tests.jsonl")).unwrap();
    let cases: Vec<(String, Vec<u8>)> = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["name"].as_str().unwrap().to_owned())
        .zip(models())
        .filter(|(name, _)| !name.ends_with("+values"))
        .collect();
    let data = data(cases.len());
    let gaps = fs::read_to_string(here().join("cpu_gaps.txt")).unwrap_or_default();
    let gaps: BTreeMap<&str, &str> = gaps
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| line.split_once(' ').unwrap_or_else(|| panic!("cpu_gaps.txt gives no reason: {line}")))
        .collect();
    let (mut right, mut lacks, mut no_data, mut refused) = (0, 0, 0, 0);
    let (mut failed, mut faults) = (Vec::new(), Vec::new());
    for ((name, model), data) in cases.iter().zip(&data) {
        match answer(model, data) {
            Answer::Lacks => lacks += 1,
            Answer::NoData => no_data += 1,
            Answer::Right => {
                right += 1;
                if gaps.contains_key(name.as_str()) {
                    faults.push(format!("{name} passes now: take it out of cpu_gaps.txt"));
                }
            }
            answer @ (Answer::Refused(_) | Answer::Wrong(_)) => {
                let (kind, why) = match answer {
                    Answer::Refused(why) => ("refused:", why),
                    Answer::Wrong(why) => ("wrong:", why),
                    _ => continue,
                };
                refused += usize::from(kind == "refused:");
                if !gaps.get(name.as_str()).is_some_and(|gap| gap.starts_with(kind)) {
                    faults.push(format!("{name} {kind} {why}"));
                }
                failed.push(name);
            }
        }
    }
    for name in gaps.keys().filter(|gap| !failed.iter().any(|name| name.as_str() == **gap)) {
        faults.push(format!("{name} in cpu_gaps.txt does not fail"));
    }
    let wrong = failed.len() - refused;
    let share = |right: usize, of: usize| right as f64 / of as f64;
    let (by_operator, by_form) = (share(right, right + failed.len()), share(right, right + wrong));
    println!("{right} right, {refused} refused with the form that is lacking, {wrong} wrong");
    println!(
        "{:.2} % of the tests whose operators the engine has, {:.2} % of those whose forms it has",
        by_operator * 100.0,
        by_form * 100.0
    );
    println!("{lacks} use an operator that the engine lacks, {no_data} have data that no array holds");
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
    assert!(by_operator >= 0.97, "{by_operator} {by_form}");
}
