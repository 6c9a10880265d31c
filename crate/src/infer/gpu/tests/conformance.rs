//! ONNX's node tests on the GPU: every case of every operator that the engine claims, within the
//! tolerances that the cases name. What is refused is listed by reason, and the table in
//! docs/gpu-operators.md is the result: `RELUCTANT_WRITE=1 cargo test -p reluctant conformance` writes it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use prost::Message;

use super::build::load;
use super::gpu;
use crate::executor::Gpu;
use crate::infer::gpu::engine::GpuEngine;
use crate::infer::npy;
use crate::infer::session::{Ask, Engine};
use crate::infer::tensor::Tensor;
use crate::ir::dtype::DType;
use crate::onnx::{ModelProto, TensorProto};

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

fn attempt(gpu: &Arc<Gpu>, case: &Case, model: &ModelProto, inputs: &[Option<Tensor>]) -> End {
    let refused = |e: crate::error::Error| End::Refused(e.message);
    let model = match load(model.clone()) {
        Ok(model) => model,
        Err(e) => return refused(e),
    };
    let mut given = Vec::new();
    for (id, value) in model.graph.inputs.iter().zip(inputs) {
        match value {
            Some(tensor) => given.push((*id, tensor.clone())),
            None => return End::Refused("an input that is no numeric tensor".to_owned()),
        }
    }
    let wanted = model.graph.outputs.clone();
    let mut outputs = Vec::new();
    let mut sink = |_, tensor| {
        outputs.push(tensor);
        Ok(())
    };
    let ask = Ask { inputs: &given, wanted: &wanted, timings: false };
    let mut engine = GpuEngine::on(gpu.clone());
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
            End::Refused(why) => match stored(&case) {
                Some((model, inputs)) => match attempt(&gpu, &case, &model, &inputs) {
                    End::Refused(_) => End::Refused(why),
                    end => end,
                },
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
    let (place, text) = (root().join("docs/gpu-operators.md"), table(&rows));
    if std::env::var_os("RELUCTANT_WRITE").is_some() {
        fs::write(&place, &text).unwrap();
    }
    let written = fs::read_to_string(&place).unwrap_or_default();
    assert!(written == text, "docs/gpu-operators.md is out of date: RELUCTANT_WRITE=1 writes it");
}

/// What people read.
fn table(rows: &BTreeMap<String, Row>) -> String {
    let right: usize = rows.values().map(|row| row.right).sum();
    let mut text = format!(
        "# Operators of the GPU engine\n\n\
         A network whose operators are all here runs on the GPU; any other runs on the CPU as a whole, and the \
         notice names the operator. The table is the result of ONNX's own node tests: {right} cases of {} \
         operators are right, none is wrong, and the rest is refused before anything runs. Numbers are float32; \
         float16 is computed as float32; indices and booleans are 32-bit integers.\n\n\
         | operator | cases right | refused, and why |\n|---|---|---|\n",
        rows.len()
    );
    for (op, row) in rows {
        let reasons: BTreeSet<String> =
            row.refused.iter().map(|(why, count)| format!("{count}: {why}")).collect();
        let reasons: Vec<String> = reasons.into_iter().collect();
        let _ = writeln!(text, "| {op} | {} | {} |", row.right, reasons.join("; "));
    }
    text
}
