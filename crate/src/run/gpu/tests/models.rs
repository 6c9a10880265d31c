//! Real networks, against the outputs that ONNX Runtime gave for a stored input.

use std::fs;
use std::path::{Path, PathBuf};

use super::build::run;
use super::gpu;
use crate::ir::bind::Bindings;
use crate::ir::import::import;
use crate::run::gpu::engine::GpuEngine;
use crate::run::model::{Load, Runnable};
use crate::run::npy;
use crate::run::tensor::Tensor;
use crate::run::weights::Sources;

/// Largest relative difference: single precision through twenty layers.
const RELATIVE: f64 = 1e-4;

pub(super) fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/corpus/models")
}

/// A model file, opened for running.
pub(super) fn open(path: &Path) -> Runnable {
    opened(&fs::read(path).unwrap())
}

/// The same from its bytes.
pub(super) fn opened(bytes: &Vec<u8>) -> Runnable {
    let go = &mut |_, _| std::ops::ControlFlow::Continue(());
    let skeleton = crate::onnx::open("model.onnx", bytes, go).unwrap();
    let graph = import(&skeleton.model).unwrap();
    let sources = Sources { model: bytes, beside: Vec::new(), present: Vec::new() };
    let load = Load {
        name: "model.onnx".to_owned(),
        proto: skeleton.model,
        payloads: &skeleton.payloads,
        graph,
        bindings: Bindings::default(),
        batch: 1,
        sources,
    };
    Runnable::load(load, go).unwrap()
}

/// All images of the digits are told apart as PyTorch does.
#[test]
fn digits() {
    let Some(gpu) = gpu() else { return };
    let folder = corpus().join("../digits");
    let model = open(&folder.join("digits_cnn.onnx"));
    let want = array(&folder.join("logits.npy"));
    let x = crate::run::npz::read(&fs::read(folder.join("digits.npz")).unwrap()).unwrap();
    let x = x.into_iter().find(|(name, _)| name == "x").unwrap().1;
    let mut engine = GpuEngine::on(gpu);
    let (input, size) = (model.graph.inputs[0], model.batch.unwrap());
    let mut got = Vec::new();
    for from in (0..500).step_by(size) {
        let slice = x.rows(from, (from + size).min(500));
        assert_eq!(slice.shape()[0], size, "a batch that divides 500");
        got.extend(run(&model, &mut engine, &[(input, slice)]).remove(0).to_f32().iter().copied());
    }
    let best = |row: &[f32]| (0..10).max_by(|a, b| row[*a].total_cmp(&row[*b])).unwrap();
    let same = got.chunks(10).zip(want.to_f32().chunks(10)).filter(|(a, b)| best(a) == best(b)).count();
    assert_eq!(same, 500);
    let worst = got.iter().zip(want.to_f32().iter()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(worst < 1e-4, "{worst}");
}

/// A GPU that is lost is an error that says so, never a panic.
#[test]
fn a_lost_device() {
    if gpu().is_none() {
        return;
    }
    let own = std::sync::Arc::new(
        pollster::block_on(<crate::engines::gpu::Gpu as crate::engines::gpu::Executor>::open()).unwrap(),
    );
    let model = open(&corpus().join("tiny_mlp.dynamo.op18.b1.onnx"));
    let x = array(&corpus().join("tiny_mlp.dynamo.op18.b1.in0.npy"));
    let mut engine = GpuEngine::on(own);
    let inputs = [(model.graph.inputs[0], x)];
    run(&model, &mut engine, &inputs);
    engine.lose_after(0);
    let ask = crate::run::session::Ask { inputs: &inputs, wanted: &model.graph.outputs, timings: false };
    let mut sink = |_, _| Ok(());
    let ran = crate::run::session::Engine::run(&mut engine, &model, ask, &mut sink);
    assert_eq!(pollster::block_on(ran).unwrap_err().code, crate::error::Code::Gpu);
}

fn array(path: &Path) -> Tensor {
    npy::read(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn networks_of_the_corpus() {
    let Some(gpu) = gpu() else { return };
    for name in [
        "resnet20_32.legacy.op13.b1",
        "resnet20_32.dynamo.op23.dyn",
        "unet_convt_64.legacy.op13.b1",
        "tiny_mlp.dynamo.op18.b1",
    ] {
        let model = open(&corpus().join(format!("{name}.onnx")));
        let x = array(&corpus().join(format!("{name}.in0.npy")));
        let want = array(&corpus().join(format!("{name}.out0.npy")));
        let mut engine = GpuEngine::on(gpu.clone());
        let got = run(&model, &mut engine, &[(model.graph.inputs[0], x)]).remove(0);
        assert_eq!(got.shape(), want.shape(), "{name}");
        let top = want.to_f32().iter().fold(0.0f32, |top, v| top.max(v.abs()));
        let worst =
            got.to_f32().iter().zip(want.to_f32().iter()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        let off = f64::from(worst / top);
        println!("{name}: {off:.1e} of the largest output, {} KB on the GPU", engine.bytes() >> 10);
        assert!(off < RELATIVE, "{name}: {off}");
    }
}
