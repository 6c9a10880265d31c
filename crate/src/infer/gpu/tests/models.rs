//! Real networks, against the outputs that ONNX Runtime gave for a stored input.

use std::fs;
use std::path::{Path, PathBuf};

use super::build::run;
use super::gpu;
use crate::infer::gpu::engine::GpuEngine;
use crate::infer::model::{Load, Runnable};
use crate::infer::npy;
use crate::infer::tensor::Tensor;
use crate::infer::weights::Sources;
use crate::ir::bind::Bindings;
use crate::ir::import::import;

/// Largest relative difference: single precision through twenty layers.
const RELATIVE: f64 = 1e-4;

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/corpus/models")
}

/// A model file, opened for running.
pub(super) fn open(path: &Path) -> Runnable {
    let bytes = fs::read(path).unwrap();
    let go = &mut |_, _| std::ops::ControlFlow::Continue(());
    let skeleton = crate::onnx::open("model.onnx", &bytes, go).unwrap();
    let graph = import(&skeleton.model).unwrap();
    let sources = Sources { model: &bytes, beside: Vec::new(), present: Vec::new() };
    let load = Load {
        name: path.display().to_string(),
        proto: skeleton.model,
        payloads: &skeleton.payloads,
        graph,
        bindings: Bindings::default(),
        batch: 1,
        sources,
    };
    Runnable::load(load, go).unwrap()
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
