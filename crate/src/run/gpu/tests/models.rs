//! Models of the corpus, opened for running; a GPU that is lost.

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

pub(in crate::run) fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/corpus/models")
}

/// A model file, opened for running.
pub(in crate::run) fn open(path: &Path) -> Runnable {
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

pub(in crate::run) fn array(path: &Path) -> Tensor {
    npy::read(&fs::read(path).unwrap()).unwrap()
}
