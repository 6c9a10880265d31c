//! ONNX's node tests on both engines. What an engine does not pass is listed with its reason (`tests/conformance/cpu_gaps.txt`,
//! [`BEYOND`]), and both lists are held to what happens. `docs/gpu-operators.md` is the result of the GPU:
//! `RELUCTANT_WRITE=1 cargo test -p reluctant run::tests` writes it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

use super::cases::{Case, cases, root};
use super::{Class, gpu};
use crate::error::{Code, Error, Result};
use crate::ir::bind::Bindings;
use crate::ir::import::import;
use crate::onnx::{self, ModelProto, tensor_shape_proto, type_proto};
use crate::run::cpu::Cpu;
use crate::run::gpu::engine::GpuEngine;
use crate::run::model::{Load, Runnable};
use crate::run::session::{Engine, RunAsk, Session};
use crate::run::tensor::Tensor;
use crate::run::weights::Sources;

/// What the GPU's claim leaves out: how a refusal begins, and what it says to people.
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
    (LEFT_OUT, "cases of more than 20,000 elements"),
];

/// Why a case that an engine takes cannot be run here.
const LEFT_OUT: &str = "data that the fixture leaves out";

/// How a case ended.
enum End {
    Right(Class),
    Refused(String),
    Wrong(String),
}

/// Runs a case on the engine that `engine` makes of its model.
fn attempt<E: Engine>(case: &Case, engine: impl FnOnce(&Runnable) -> Result<E>) -> End {
    let known = |e: &Error| matches!(e.code, Code::NotSupported | Code::LimitExceeded);
    let end = |e: Error| if known(&e) { End::Refused(e.message) } else { End::Wrong(e.to_string()) };
    let model = match load(case) {
        Ok(model) => model,
        Err(e) => return End::Refused(e.message),
    };
    let engine = match engine(&model) {
        Ok(engine) => engine,
        Err(e) => return end(e),
    };
    let mut given = Vec::new();
    for (id, value) in model.graph.inputs.iter().zip(&case.inputs) {
        match value {
            Some(tensor) => given.push((*id, tensor.clone())),
            None => return End::Refused(LEFT_OUT.to_owned()),
        }
    }
    let ask = RunAsk { outputs: model.graph.outputs.clone(), ..RunAsk::default() };
    let mut session = Session { model, engine };
    let (watch, progress) = (&mut |_, _: &Tensor| Ok(()), &mut |_, _| std::ops::ControlFlow::Continue(()));
    let ran = match pollster::block_on(session.run(given, &ask, watch, progress)) {
        Ok(ran) => ran,
        Err(e) => return end(e),
    };
    let mut loosest = Class::Exact;
    for ((id, found), wanted) in ran.outputs.iter().zip(&case.outputs) {
        let Some(wanted) = wanted else { return End::Refused(LEFT_OUT.to_owned()) };
        let class = Class::of(&case.name, case.op().unwrap_or_default(), wanted.dtype());
        if let Some(fault) = class.fault(found, wanted, case.tolerance) {
            return End::Wrong(format!("{}: {fault}", session.model.value_name(*id)));
        }
        loosest = loosest.max(class);
    }
    End::Right(loosest)
}

/// The case's model with the shapes of its data, functions in place of their calls.
fn load(case: &Case) -> Result<Runnable> {
    let mut proto = case.model.clone();
    shape(&mut proto, &case.inputs);
    let proto = onnx::inline(proto)?;
    let graph = import(&proto)?;
    let empty: Vec<u8> = Vec::new();
    let sources = Sources { model: &empty, beside: Vec::new(), present: Vec::new() };
    let (name, bindings) = (case.name.clone(), Bindings::default());
    let load = Load { name, proto, payloads: &[], graph, bindings, batch: 1, sources };
    Runnable::load(load, &mut |_, _| std::ops::ControlFlow::Continue(()))
}

/// Some cases leave the shapes of their inputs open.
fn shape(model: &mut ModelProto, inputs: &[Option<Tensor>]) {
    let graph = model.graph.as_mut().unwrap();
    for (input, value) in graph.input.iter_mut().zip(inputs) {
        let kind = input.r#type.as_mut().and_then(|ty| ty.value.as_mut());
        if let (Some(type_proto::Value::TensorType(tensor)), Some(value)) = (kind, value) {
            let dim = |d: &usize| tensor_shape_proto::Dimension {
                value: Some(tensor_shape_proto::dimension::Value::DimValue(*d as i64)),
                ..tensor_shape_proto::Dimension::default()
            };
            tensor.shape = Some(onnx::TensorShapeProto { dim: value.shape().iter().map(dim).collect() });
        }
    }
}

/// How many cases are right in each class.
#[derive(Default)]
struct Tally([usize; 3]);

impl Tally {
    fn add(&mut self, class: Class) {
        self.0[class as usize] += 1;
    }

    fn print(&self, engine: &str) {
        let [exact, close, approximate] = self.0;
        println!("{engine}: {exact} exact, {close} close, {approximate} approximate");
    }
}

/// At least 97 % of the cases whose operators the CPU engine has are right.
#[test]
fn node_tests_on_the_cpu() {
    let gaps = fs::read_to_string(root().join("tests/conformance/cpu_gaps.txt")).unwrap();
    let gaps: BTreeMap<&str, &str> = gaps
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| line.split_once(' ').unwrap_or_else(|| panic!("cpu_gaps.txt gives no reason: {line}")))
        .collect();
    let (mut right, mut lacks, mut no_data) = (Tally::default(), 0, 0);
    let (mut failed, mut faults) = (BTreeSet::new(), Vec::new());
    for case in cases() {
        if case.inputs.iter().chain(&case.outputs).any(Option::is_none) || case.outputs.is_empty() {
            no_data += 1;
            continue;
        }
        let (kind, why) = match attempt(&case, <Cpu>::beside) {
            End::Right(class) => {
                right.add(class);
                continue;
            }
            End::Refused(why) if lacking(&why) => {
                lacks += 1;
                continue;
            }
            End::Refused(why) => ("refused:", why),
            End::Wrong(why) => ("wrong:", why),
        };
        if !gaps.get(case.name.as_str()).is_some_and(|gap| gap.starts_with(kind)) {
            faults.push(format!("{} {kind} {why}", case.name));
        }
        failed.insert(case.name);
    }
    for name in gaps.keys().filter(|gap| !failed.contains(**gap)) {
        faults.push(format!("{name} passes now: take it out of cpu_gaps.txt"));
    }
    let count: usize = right.0.iter().sum();
    let share = count as f64 / (count + failed.len()) as f64;
    right.print("CPU");
    println!(
        "{:.2} % of those whose operators it has; {lacks} use one that it lacks, {no_data} have data that no array holds",
        share * 100.0
    );
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
    assert!(share >= 0.97, "{share}");
}

/// It has no such operator at all, optional inputs among them, which are of operators that it has not either.
fn lacking(why: &str) -> bool {
    ["not available", "not enabled", "not a tensor", "is no tensor"].iter().any(|words| why.contains(words))
}

#[derive(Default)]
struct Row {
    right: usize,
    refused: BTreeMap<String, usize>,
}

/// Every case of every operator that the GPU engine claims is right, or refused for a reason of [`BEYOND`].
#[test]
fn node_tests_on_the_gpu() {
    let Some(gpu) = gpu() else { return };
    let on_gpu = |model: &Runnable| {
        let engine = GpuEngine::on(gpu.clone());
        engine.lacks_nothing(model).map(|()| engine)
    };
    let (mut rows, mut wrong): (BTreeMap<String, Row>, Vec<String>) = Default::default();
    let mut tally = Tally::default();
    for case in cases() {
        // Text, sequences and arrays that the fixture leaves out.
        if case.outputs.iter().any(Option::is_none) {
            continue;
        }
        let end = match attempt(&case, on_gpu) {
            // What is refused of constants is the kernel's own limit.
            End::Refused(_) => attempt(&case.stored(), on_gpu),
            end => end,
        };
        // What is written out in several operators is refused for any of them.
        let mut lone = case
            .op()
            .filter(|_| !case.name.ends_with("_expanded"))
            .map(|op| rows.entry(op.to_owned()).or_default());
        match end {
            End::Right(class) => {
                tally.add(class);
                lone.iter_mut().for_each(|row| row.right += 1);
            }
            End::Refused(why) => {
                lone.iter_mut().for_each(|row| *row.refused.entry(why.clone()).or_default() += 1)
            }
            End::Wrong(text) => wrong.push(format!("{}: {text}", case.name)),
        }
    }
    rows.retain(|_, row| row.right > 0);
    tally.print("GPU");
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    let claimed: Vec<String> = (rows.iter())
        .flat_map(|(op, row)| row.refused.keys().map(move |why| (op, why)))
        .filter(|(_, why)| beyond(why).is_none())
        .map(|(op, why)| format!("{op}: {why}"))
        .collect();
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
         holds. ONNX's own node tests, to the bit where elements only move or are whole numbers, else within 1e-5 of each \
         element (float16: 2e-3): {right} cases are right, none is wrong, none is refused. Beyond the claim are {refused} cases, refused before anything runs:\n\n",
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
