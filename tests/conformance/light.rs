//! Nine whole networks (without weights): every value that onnx's inference knows, we know alike.

use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use reluctant::api;
use serde_json::Value;

use crate::judge::{self, Verdict};

#[test]
fn every_value_agrees() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/light");
    let lines = fs::read_to_string(folder.join("shapes.jsonl")).unwrap();
    let (mut right, mut faults) = (0, Vec::new());
    for line in lines.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let model = case["model"].as_str().unwrap();
        let bytes = fs::read(folder.join(model)).unwrap();
        let shapes = api::shapes(model, &bytes, &mut |_, _| ControlFlow::Continue(())).unwrap();
        let found = serde_json::to_value(&shapes.values).unwrap();
        let found: BTreeMap<&str, &Value> =
            found.as_array().unwrap().iter().map(|v| (v["name"].as_str().unwrap(), v)).collect();
        for (name, wanted) in case["values"].as_object().unwrap() {
            let Some(value) = found.get(name.as_str()) else {
                faults.push(format!("{model}: {name} is missing"));
                continue;
            };
            match judge::of_shape(value["type"].get("shape"), Some(wanted)) {
                Verdict::Right => right += 1,
                verdict => faults.push(format!("{model}: {name} {verdict:?}: {wanted}, found {value}")),
            }
        }
    }
    println!("{right} values right");
    let shown = &faults[..faults.len().min(40)];
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), shown.join("\n"));
    assert!(right > 4000);
}
