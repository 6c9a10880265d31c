//! The node tests of the onnx package: one operator a model, every output's shape from the test's data.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use reluctant::api;
use serde_json::Value;

use crate::judge::{self, Verdict};

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance")
}

/// The models, in the order of `node_tests.jsonl`.
fn models() -> Vec<Vec<u8>> {
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

/// `pattern`, and why: a line of gaps.txt is `test_name  output  reason`; a pattern may end in `*`.
fn gaps() -> Vec<(String, String)> {
    let text = fs::read_to_string(here().join("gaps.txt")).unwrap();
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| line.split_once(char::is_whitespace).unwrap())
        .map(|(a, b)| (a.into(), b.trim().into()))
        .collect()
}

fn covers(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => pattern == name,
    }
}

#[test]
fn no_shape_is_wrong_and_every_gap_is_listed() {
    let expected = fs::read_to_string(here().join("node_tests.jsonl")).unwrap();
    let models = models();
    let (mut right, mut theirs, mut outputs) = (0, 0, 0);
    let mut faults = Vec::new();
    let gaps = gaps();
    // Which gaps still hold: pattern -> whether some output is not known.
    let mut open: BTreeMap<&str, bool> = gaps.iter().map(|(pattern, _)| (pattern.as_str(), false)).collect();
    let mut unknown = 0;
    let lines: Vec<&str> = expected.lines().collect();
    assert_eq!(lines.len(), models.len());
    for (line, model) in lines.iter().zip(&models) {
        let case: Value = serde_json::from_str(line).unwrap();
        let name = case["name"].as_str().unwrap();
        theirs += case["onnx"].as_array().unwrap().iter().filter(|v| v.as_i64() == Some(1)).count();
        let wanted = case["outputs"].as_array().unwrap();
        outputs += wanted.len();
        let found =
            match api::shapes(name, &model.as_slice(), &mut |_, _| std::ops::ControlFlow::Continue(())) {
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
                Verdict::Right => right += 1,
                Verdict::Wrong => faults.push(format!("wrong: {id} is {wanted}, not {}", found["type"])),
                Verdict::Unknown => {
                    unknown += 1;
                    let listed: Vec<&String> =
                        gaps.iter().map(|(pattern, _)| pattern).filter(|p| covers(p, &id)).collect();
                    if listed.is_empty() {
                        faults.push(format!(
                            "gap: {id} is {wanted}, found {} ({})",
                            found["type"], found["why"]
                        ));
                    }
                    for pattern in listed {
                        open.insert(pattern, true);
                    }
                }
            }
        }
    }
    println!("{outputs} outputs: {right} right, {unknown} unknown; onnx's own inference: {theirs} right");
    let closed = open.iter().filter(|(_, open)| !**open);
    faults.extend(closed.map(|(pattern, _)| format!("closed: gaps.txt lists {pattern}, which is known now")));
    if right < theirs {
        faults.push(format!("{right} right, but onnx has {theirs}"));
    }
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}
