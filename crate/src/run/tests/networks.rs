//! Real networks on both engines, against what ONNX Runtime and PyTorch gave for stored inputs.

use std::fs;

use super::gpu;
use crate::run::cpu::Cpu;
use crate::run::gpu::engine::GpuEngine;
use crate::run::gpu::tests::models::{array, corpus, open};
use crate::run::model::Runnable;
use crate::run::session::{Engine, RunAsk, Session};
use crate::run::tensor::Tensor;

/// Single precision through twenty layers: the largest difference, relative to the largest output.
const RELATIVE: f32 = 1e-4;

/// The networks that both engines run, and have a stored input and output.
const NETWORKS: [&str; 4] = [
    "resnet20_32.legacy.op13.b1",
    "resnet20_32.dynamo.op23.dyn",
    "unet_convt_64.legacy.op13.b1",
    "tiny_mlp.dynamo.op18.b1",
];

fn first_output<E: Engine>(model: Runnable, engine: E, x: Tensor) -> Tensor {
    let ask = RunAsk { outputs: model.graph.outputs.clone(), ..RunAsk::default() };
    let inputs = vec![(model.graph.inputs[0], x)];
    let mut session = Session { model, engine };
    let (watch, progress) = (&mut |_, _: &Tensor| Ok(()), &mut |_, _| std::ops::ControlFlow::Continue(()));
    pollster::block_on(session.run(inputs, &ask, watch, progress)).unwrap().outputs.remove(0).1
}

/// The first output of each engine there is.
fn both(model: &Runnable, x: &Tensor) -> Vec<(&'static str, Tensor)> {
    let mut all = vec![("cpu", first_output(model.clone(), <Cpu>::beside(model).unwrap(), x.clone()))];
    all.extend(gpu().map(|gpu| ("gpu", first_output(model.clone(), GpuEngine::on(gpu), x.clone()))));
    all
}

fn off(got: &Tensor, want: &Tensor) -> f32 {
    assert_eq!(got.shape(), want.shape());
    let top = want.to_f32().iter().fold(0.0f32, |top, v| top.max(v.abs()));
    got.to_f32().iter().zip(want.to_f32().iter()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max) / top
}

#[test]
fn networks_of_the_corpus() {
    for name in NETWORKS {
        let model = open(&corpus().join(format!("{name}.onnx")));
        let x = array(&corpus().join(format!("{name}.in0.npy")));
        let want = array(&corpus().join(format!("{name}.out0.npy")));
        for (engine, got) in both(&model, &x) {
            let off = off(&got, &want);
            println!("{name} on the {engine}: {off:.1e} of the largest output");
            assert!(off < RELATIVE, "{name} on the {engine}: {off}");
        }
    }
}

/// All images of the digits are told apart as PyTorch does.
#[test]
fn digits() {
    let folder = corpus().join("../digits");
    let model = open(&folder.join("digits_cnn.onnx"));
    let want = array(&folder.join("logits.npy"));
    let arrays = crate::run::npz::read(&fs::read(folder.join("digits.npz")).unwrap()).unwrap();
    let x = arrays.into_iter().find(|(name, _)| name == "x").unwrap().1;
    let best = |row: &[f32]| (0..10).max_by(|a, b| row[*a].total_cmp(&row[*b])).unwrap();
    for (engine, got) in both(&model, &x) {
        let (got, want) = (got.to_f32(), want.to_f32());
        let same = got.chunks(10).zip(want.chunks(10)).filter(|(a, b)| best(a) == best(b)).count();
        assert_eq!(same, 500, "{engine}");
        let worst = got.iter().zip(want.iter()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst < 1e-4, "{engine}: {worst}");
    }
}
