//! The node tests of the onnx package: one operator a model, every output's shape from the test's data.

use std::fs;
use std::io::Read;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use reluctant::api;
use serde_json::Value;

use crate::judge::{self, Verdict};

pub fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance")
}

/// The models, in the order of `node_tests.jsonl`.
pub fn models() -> Vec<Vec<u8>> {
    let packed = fs::read(here().join("node_tests.bin")).unwrap();
    let mut bytes = Vec::new();
    flate2::read::DeflateDecoder::new(packed.as_slice()).read_to_end(&mut bytes).unwrap();
    let mut rest = bytes.as_slice();
    let mut models = Vec::new();
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let (model, after) = after.split_at(u32::from_le_bytes(*length) as usize);
        models.push(model.to_vec());
        rest = after;
    }
    models
}

/// A line of gaps.txt: `PATTERN COUNT REASON`. The pattern is the start of `TEST:OUTPUT`; an output
/// belongs to the first line that fits.
struct Gap {
    pattern: String,
    listed: usize,
    found: usize,
}

fn gaps() -> Vec<Gap> {
    let text = fs::read_to_string(here().join("gaps.txt")).unwrap();
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let gap = |line: &str| {
        let mut words = line.split_whitespace();
        let (pattern, count) = (words.next().unwrap(), words.next().unwrap());
        assert!(words.next().is_some(), "gaps.txt gives no reason: {line}");
        Gap { pattern: pattern.to_owned(), listed: count.parse().unwrap(), found: 0 }
    };
    lines.map(gap).collect()
}

/// Figures of the plain tests, and of those with the test's data stored in the model.
#[derive(Default)]
struct Figures {
    outputs: usize,
    right: usize,
    unknown: usize,
    wrong: usize,
    onnx: usize,
}

#[test]
fn no_shape_is_wrong_and_every_gap_is_listed() {
    let expected = fs::read_to_string(here().join("node_tests.jsonl")).unwrap();
    let (models, lines) = (models(), expected.lines().collect::<Vec<_>>());
    assert_eq!(lines.len(), models.len());
    let (mut gaps, mut faults) = (gaps(), Vec::new());
    let (mut plain, mut values) = (Figures::default(), Figures::default());
    for (line, model) in lines.iter().zip(&models) {
        let case: Value = serde_json::from_str(line).unwrap();
        let name = case["name"].as_str().unwrap();
        let figures = if name.ends_with("+values") { &mut values } else { &mut plain };
        let wanted = case["outputs"].as_array().unwrap();
        figures.outputs += wanted.len();
        figures.onnx += case["onnx"].as_array().unwrap().iter().filter(|v| v.as_i64() == Some(1)).count();
        let found = match api::shapes(name, model, &mut |_, _| ControlFlow::Continue(())) {
            Ok(shapes) => serde_json::to_value(&shapes.outputs).unwrap(),
            Err(error) => {
                faults.push(format!("{name}: {error}"));
                continue;
            }
        };
        for (place, wanted) in wanted.iter().enumerate() {
            let id = format!("{name}:{place}");
            let found = &found[place];
            match judge::of_type(&found["type"], wanted) {
                Verdict::Right => figures.right += 1,
                Verdict::Wrong => {
                    figures.wrong += 1;
                    faults.push(format!("wrong: {id} is {wanted}, not {}", found["type"]));
                }
                Verdict::Unknown => {
                    figures.unknown += 1;
                    match gaps.iter_mut().find(|gap| id.starts_with(&gap.pattern)) {
                        Some(gap) => gap.found += 1,
                        None => faults.push(format!("gap: {id} is {wanted}, found {found}")),
                    }
                    if found["why"].is_null() {
                        faults.push(format!("no reason: {id} is {wanted}, found {found}"));
                    }
                }
            }
        }
    }
    let closed = gaps.iter().filter(|gap| gap.listed != gap.found);
    faults
        .extend(closed.map(|g| format!("{} of {} listed gaps are there: {}", g.found, g.listed, g.pattern)));
    for (form, f) in [("plain", &plain), ("with values", &values)] {
        let Figures { outputs, right, unknown, wrong, onnx } = f;
        println!(
            "{form}: {outputs} outputs, {right} right, {unknown} unknown, {wrong} wrong; onnx: {onnx} right"
        );
        assert!(right >= onnx, "{form}: {right} right, but onnx's own inference has {onnx}");
    }
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}
