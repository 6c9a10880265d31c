//! ONNX's node tests on the GPU: every case of every operator that the engine claims, within the
//! tolerances that the cases name. What lies beyond the claim is refused for a reason that [`BEYOND`]
//! lists; another reason fails. The table in docs/gpu-operators.md is the result:
//! `RELUCTANT_WRITE=1 cargo test -p reluctant conformance` writes it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use prost::Message;

use super::build::load;
use super::gpu;
use crate::engines::gpu::Gpu;
use crate::ir::dtype::DType;
use crate::onnx::{ModelProto, TensorProto};
use crate::run::gpu::engine::GpuEngine;
use crate::run::npy;
use crate::run::session::{Ask, Engine};
use crate::run::tensor::Tensor;

/// What the claim leaves out: how a refusal begins, and what it says to people.
const BEYOND: [(&str, &str); 10] = [
    ("TYPE on the GPU", "other element types: TYPES"),
    ("windows of 3 axes", "convolutions and pools over three axes"),
    ("a BatchNorm whose statistics are computed while running", "training: statistics of BatchNormalization"),
    ("Dropout in training", "training: Dropout that drops"),
    ("only its first output is made", "outputs after the first: masks of Dropout, places of MaxPool"),
    ("arithmetic of int64", "sums, differences, products and powers of int64"),
    ("operands of different kinds", "powers of whole numbers by fractions"),
    ("antialiasing", "Resize with antialiasing"),
    ("coordinates tf_crop_and_resize", "Resize of a region of interest"),
    ("data that the fixture leaves out", "cases of more than 20,000 elements"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A node test.
struct Case {
    name: String,
    relative: f64,
    absolute: f64,
    model: ModelProto,
    /// None where the value is no numeric tensor.
    inputs: Vec<Option<Tensor>>,
    outputs: Vec<Option<Tensor>>,
}

/// Reads the fixtures, whose makers say how they are laid out.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> &'a [u8] {
        let (head, tail) = self.0.split_at(length);
        self.0 = tail;
        head
    }

    fn number(&mut self) -> usize {
        u32::from_le_bytes(self.take(4).try_into().unwrap()) as usize
    }

    fn float(&mut self) -> f64 {
        f64::from_le_bytes(self.take(8).try_into().unwrap())
    }

    fn block(&mut self) -> &'a [u8] {
        let length = self.number();
        self.take(length)
    }

    fn list(&mut self, arrays: &[Tensor]) -> Vec<Option<Tensor>> {
        (0..self.number()).map(|_| arrays.get(self.number()).cloned()).collect()
    }
}

fn unpacked(file: &str) -> Vec<u8> {
    let packed = fs::read(root().join("tests/conformance").join(file)).unwrap();
    miniz_oxide::inflate::decompress_to_vec(&packed).unwrap()
}

fn cases() -> Vec<Case> {
    let (models, data) = (unpacked("node_tests.bin"), unpacked("node_data.bin"));
    let (mut models, mut data) = (Reader(&models), Reader(&data));
    let count = data.number();
    let arrays: Vec<Tensor> = (0..count).map(|_| npy::read(data.block()).unwrap()).collect();
    let mut cases = Vec::new();
    for line in fs::read_to_string(root().join("tests/conformance/node_tests.jsonl")).unwrap().lines() {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        let (name, model) = (record["name"].as_str().unwrap().to_owned(), models.block());
        // Those with values inside have no data of their own; the expanded ones say the same with
        // functions written out.
        if name.contains('+') {
            continue;
        }
        let (relative, absolute) = (data.float(), data.float());
        let (inputs, outputs) = (data.list(&arrays), data.list(&arrays));
        let model = ModelProto::decode(model).unwrap();
        cases.push(Case { name, relative, absolute, model, inputs, outputs });
    }
    assert!(data.0.is_empty() && models.0.is_empty());
    cases.retain(|case| !case.name.ends_with("_expanded"));
    cases
}

/// How a case ended.
enum End {
    Right,
    Refused(String),
    Wrong(String),
}

/// The case with its inputs after the first stored in the model: shapes, axes and bounds that an
/// exporter writes as constants are inputs in the node tests.
fn stored(case: &Case) -> Option<(ModelProto, Vec<Option<Tensor>>)> {
    let mut model = case.model.clone();
    let graph = model.graph.as_mut()?;
    let inputs = std::mem::take(&mut graph.input);
    let mut left = Vec::new();
    for (at, (info, value)) in inputs.into_iter().zip(&case.inputs).enumerate() {
        match value {
            Some(tensor) if at > 0 => graph.initializer.push(TensorProto {
                name: info.name.clone(),
                dims: tensor.shape().iter().map(|d| *d as i64).collect(),
                data_type: Some(tensor.dtype() as i32),
                raw_data: Some(tensor.to_le_bytes()),
                ..TensorProto::default()
            }),
            _ => {
                graph.input.push(info);
                left.push(value.clone());
            }
        }
    }
    Some((model, left))
}

/// Why a case that the engine takes cannot be run here.
const LEFT_OUT: &str = "data that the fixture leaves out";

fn attempt(gpu: &Arc<Gpu>, case: &Case, model: &ModelProto, inputs: &[Option<Tensor>]) -> End {
    let refused = |e: crate::error::Error| End::Refused(e.message);
    let model = match load(model.clone()) {
        Ok(model) => model,
        Err(e) => return refused(e),
    };
    let mut engine = GpuEngine::on(gpu.clone());
    if let Err(e) = engine.lacks_nothing(&model) {
        return refused(e);
    }
    let mut given = Vec::new();
    for (id, value) in model.graph.inputs.iter().zip(inputs) {
        match value {
            Some(tensor) => given.push((*id, tensor.clone())),
            None => return End::Refused(LEFT_OUT.to_owned()),
        }
    }
    let wanted = model.graph.outputs.clone();
    let mut outputs = Vec::new();
    let mut sink = |_, tensor| {
        outputs.push(tensor);
        Ok(())
    };
    let ask = Ask { inputs: &given, wanted: &wanted, timings: false };
    if let Err(e) = pollster::block_on(engine.run(&model, ask, &mut sink)) {
        let known = matches!(e.code, crate::error::Code::NotSupported | crate::error::Code::LimitExceeded);
        return if known { refused(e) } else { End::Wrong(e.to_string()) };
    }
    for (got, want) in outputs.iter().zip(&case.outputs) {
        let Some(want) = want else { return End::Wrong("an output that cannot be compared".to_owned()) };
        if let Err(text) = same(case, got, want) {
            return End::Wrong(text);
        }
    }
    End::Right
}

/// |got - want| <= absolute + relative * |want|, as ONNX's own runner has it; float16 results are
/// computed in float32 and rounded once where the reference rounds more often.
fn same(case: &Case, got: &Tensor, want: &Tensor) -> Result<(), String> {
    if got.shape() != want.shape() {
        return Err(format!("shape {:?}, not {:?}", got.shape(), want.shape()));
    }
    let half = want.dtype() == DType::F16;
    let (relative, absolute) = if half { (2e-3, 2e-3) } else { (case.relative, case.absolute) };
    let (got, want) = (got.data().convert::<f64>(), want.data().convert::<f64>());
    for (at, (got, want)) in got.iter().zip(&want).enumerate() {
        let close = (got - want).abs() <= absolute + relative * want.abs();
        if !(close || got == want || (got.is_nan() && want.is_nan())) {
            return Err(format!("element {at}: {got}, not {want}"));
        }
    }
    Ok(())
}

#[derive(Default)]
struct Row {
    right: usize,
    refused: BTreeMap<String, usize>,
}

#[test]
fn node_tests() {
    let Some(gpu) = gpu() else { return };
    let (mut rows, mut wrong): (BTreeMap<String, Row>, Vec<String>) = Default::default();
    for case in cases() {
        let graph = case.model.graph.as_ref().unwrap();
        let [node] = graph.node.as_slice() else { continue };
        // Text, sequences and arrays that the fixture leaves out.
        if case.outputs.iter().any(Option::is_none) {
            continue;
        }
        let end = match attempt(&gpu, &case, &case.model, &case.inputs) {
            // What is refused of constants is the kernel's own limit.
            End::Refused(why) => match stored(&case) {
                Some((model, inputs)) => attempt(&gpu, &case, &model, &inputs),
                None => End::Refused(why),
            },
            end => end,
        };
        let row = rows.entry(node.op_type().to_owned()).or_default();
        match end {
            End::Right => row.right += 1,
            End::Refused(why) => *row.refused.entry(why).or_default() += 1,
            End::Wrong(text) => wrong.push(format!("{}: {text}", case.name)),
        }
    }
    rows.retain(|_, row| row.right > 0);
    println!("{} operators, {} cases right", rows.len(), rows.values().map(|row| row.right).sum::<usize>());
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    let claimed = (rows.iter())
        .flat_map(|(op, row)| row.refused.keys().map(move |why| (op, why)))
        .filter(|(_, why)| beyond(why).is_none())
        .map(|(op, why)| format!("{op}: {why}"));
    let claimed: Vec<String> = claimed.collect();
    assert!(claimed.is_empty(), "claimed, and refused:\n{}", claimed.join("\n"));
    let (place, text) = (root().join("docs/gpu-operators.md"), table(&rows));
    if std::env::var_os("RELUCTANT_WRITE").is_some() {
        fs::write(&place, &text).unwrap();
    }
    let written = fs::read_to_string(&place).unwrap_or_default();
    assert!(written == text, "docs/gpu-operators.md is out of date: RELUCTANT_WRITE=1 writes it");
}

/// Its place in [`BEYOND`], and the element type that it names.
fn beyond(why: &str) -> Option<(usize, Option<&str>)> {
    let listed = BEYOND.iter().position(|(begins, _)| why.starts_with(begins)).map(|place| (place, None));
    listed.or_else(|| why.strip_suffix(" on the GPU").map(|name| (0, Some(name))))
}

/// What people read.
fn table(rows: &BTreeMap<String, Row>) -> String {
    let right: usize = rows.values().map(|row| row.right).sum();
    let (mut counts, mut types) = ([0; BEYOND.len()], BTreeSet::new());
    for (why, count) in rows.values().flat_map(|row| &row.refused) {
        let (place, name) = beyond(why).unwrap();
        counts[place] += count;
        types.extend(name);
    }
    let refused: usize = counts.iter().sum();
    let mut text = format!(
        "# Operators of the GPU engine\n\n\
         A network whose operators are all here runs on the GPU; any other runs on the CPU as a whole, and the \
         notice names the operator and the reason.\n\n\
         Claimed are these {} operators in float32, float16 (computed as float32), booleans and whole numbers: \
         int8, uint8, int16, uint16, int32, and int64 held in 32 bits; with axes, sizes and bounds that the file \
         holds. ONNX's own node tests, each within its own tolerance (float16: 2e-3): {right} cases are right, none \
         is wrong, none is refused. Beyond the claim are {refused} cases, refused before anything runs:\n\n",
        rows.len()
    );
    for ((_, words), count) in BEYOND.iter().zip(counts).filter(|(_, count)| *count > 0) {
        let names: Vec<&str> = types.iter().copied().collect();
        let _ = writeln!(text, "- {} ({count})", words.replace("TYPES", &names.join(", ")));
    }
    text.push_str("\n| operator | cases right | beyond the claim |\n|---|---:|---:|\n");
    for (op, row) in rows {
        let beyond: usize = row.refused.values().sum();
        let beyond = if beyond == 0 { String::new() } else { beyond.to_string() };
        let _ = writeln!(text, "| {op} | {} | {beyond} |", row.right);
    }
    text
}
