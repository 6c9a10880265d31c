//! Buffers by liveness, what is done once, and what is refused; without a GPU.

use super::build::{Model, ints};
use super::naive::Array;
use crate::engines::gpu::Limits;
use crate::engines::gpu::memory::plan;
use crate::engines::gpu::shader::File;
use crate::error::Code;
use crate::ir::graph::ValueId;
use crate::run::gpu::lower::{Stochastic, lower};
use crate::run::gpu::program::Program;

fn lowered(model: &Model) -> Program<ValueId> {
    let model = model.load();
    lower(&model, &model.graph.outputs.clone(), &Stochastic::new(), Limits::LEAST).unwrap()
}

#[test]
fn a_chain_needs_two_buffers() {
    let mut model = Model::default();
    model.input("x", Array::random(&[1, 4, 8, 8], 1).tensor());
    for at in 0..10 {
        let from = if at == 0 { "x".to_owned() } else { format!("y{}", at - 1) };
        model.node("Tanh", &[&from], &format!("y{at}"), vec![]);
    }
    let program = lowered(&model);
    assert_eq!(program.steps.len(), 10);
    assert_eq!(plan(&program.listing()).sizes, [1024, 1024]);
}

#[test]
fn no_step_reads_the_buffer_that_it_writes() {
    let mut model = Model::default();
    model.input("x", Array::random(&[1, 2, 6, 6], 1).tensor());
    model.node("Tanh", &["x"], "a", vec![]).node("Sigmoid", &["a"], "b", vec![]);
    model.node("Concat", &["a", "b", "a"], "c", vec![super::build::int("axis", 1)]);
    model.node("MaxPool", &["c"], "d", vec![ints("kernel_shape", &[2, 2])]);
    model.node("Transpose", &["d"], "e", vec![]).node("Exp", &["e"], "f", vec![]);
    let program = lowered(&model);
    let plan = plan(&program.listing());
    for step in &program.steps {
        let own = plan.slots.get(&step.writes).unwrap();
        assert!(step.reads.iter().all(|read| plan.slots.get(read) != Some(own)), "{step:?}");
    }
}

#[test]
fn a_layer_is_one_step() {
    let mut model = Model::default();
    let stat = |seed| Array::random(&[4], seed).floats().iter().map(|v| v.abs() + 0.5).collect::<Vec<f32>>();
    model.input("x", Array::random(&[1, 3, 8, 8], 1).tensor());
    model.weight("w", &[4, 3, 3, 3], Array::random(&[4, 3, 3, 3], 2).floats());
    for (at, name) in ["scale", "shift", "mean", "var"].into_iter().enumerate() {
        model.weight(name, &[4], stat(at as u64));
    }
    model.input("skip", Array::random(&[1, 4, 6, 6], 3).tensor());
    model.node("Conv", &["x", "w"], "y", vec![]);
    model.node("BatchNormalization", &["y", "scale", "shift", "mean", "var"], "n", vec![]);
    model.node("Add", &["n", "skip"], "s", vec![]).node("Relu", &["s"], "z", vec![]);
    let program = lowered(&model);
    assert_eq!(program.steps.len(), 1, "{:?}", program.steps);
    assert_eq!(program.steps[0].kernel.file, File::Conv3);
    // Weights are packed when the program is loaded.
    assert_eq!(program.once.len(), 1);
    assert_eq!(program.steps[0].macs, 36 * 4 * 27);
}

#[test]
fn a_missing_kernel_refuses_the_graph_by_name() {
    let mut model = Model::default();
    model.input("x", Array::random(&[1, 4], 1).tensor());
    model.node("Tanh", &["x"], "a", vec![]).node("Acosh", &["a"], "b", vec![]);
    let model = model.load();
    let wanted = model.graph.outputs.clone();
    let fault = lower(&model, &wanted, &Stochastic::new(), Limits::LEAST).unwrap_err();
    assert_eq!((fault.code, fault.place.op.as_deref()), (Code::NotSupported, Some("Acosh")));
}

#[test]
fn a_tensor_beyond_the_device_is_refused() {
    let mut model = Model::default();
    model.input("x", Array::random(&[1, 4, 8, 8], 1).tensor());
    model.node("Tanh", &["x"], "a", vec![]);
    let model = model.load();
    let limits = Limits { binding_bytes: 1000, ..Limits::LEAST };
    let fault = lower(&model, &model.graph.outputs.clone(), &Stochastic::new(), limits).unwrap_err();
    assert_eq!(fault.code, Code::LimitExceeded);
}
