//! What `rewrite` makes of a plan, on the GPU: the bytes of the changed model against loops in double
//! precision and against the CPU engine; and as many steps as before.

use std::fs;
use std::ops::ControlFlow;
use std::sync::Arc;

use proptest::prelude::*;
use prost::Message;

use super::build::{Model, ints, run};
use super::gpu;
use super::models::{corpus, opened};
use super::naive::{Array, Form, conv, difference};
use crate::engines::gpu::{Gpu, Limits};
use crate::onnx::{self, splice};
use crate::rewrite::{Replacement, edits};
use crate::run::gpu::engine::GpuEngine;
use crate::run::gpu::lower::{Stochastic, lower};
use crate::run::model::Runnable;
use crate::run::session::{Ask, Engine};
use crate::run::tensor::Tensor;
use crate::select::{Activation, Mask, activations, drops};

/// The model's file with every activation replaced as `choose` says.
fn rewritten(bytes: &Vec<u8>, choose: &dyn Fn(&Activation) -> (Mask, Vec<Vec<f64>>)) -> Vec<u8> {
    changed(bytes, choose, false)
}

/// The same; linear outputs are dropped with the places that go.
fn changed(bytes: &Vec<u8>, choose: &dyn Fn(&Activation) -> (Mask, Vec<Vec<f64>>), dropped: bool) -> Vec<u8> {
    let go = &mut |_, _| ControlFlow::Continue(());
    let skeleton = onnx::open("model.onnx", bytes, go).unwrap();
    let graph = opened(bytes).graph;
    let mut all = activations(&graph);
    if dropped {
        let readers = graph.consumers();
        all.iter_mut().for_each(|one| one.drops = drops(&graph, &readers, one));
        assert!(all.iter().any(|one| !one.drops.is_empty()));
    }
    let chosen: Vec<_> = all.iter().map(choose).collect();
    let replacements: Vec<_> = (all.iter().zip(&chosen))
        .map(|(activation, (mask, coefficients))| Replacement {
            activation,
            mask,
            coefficients,
            drops: &activation.drops,
        })
        .collect();
    let edits = edits(&skeleton.model, &graph, &replacements, None).unwrap();
    let spliced = splice(bytes, &edits, go).unwrap();
    let mut out = Vec::new();
    let mut put = |part: &[u8]| {
        out.extend_from_slice(part);
        Ok(())
    };
    spliced.write(bytes, &mut put).unwrap();
    out
}

fn steps(model: &Runnable) -> usize {
    lower(model, &model.graph.outputs, &Stochastic::new(), Limits::LEAST).unwrap().steps.len()
}

/// Where the activation stands: alone, behind a layer, behind a residual addition.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Behind {
    Nothing,
    Layer,
    Residual,
}

fn behind() -> impl Strategy<Value = Behind> {
    prop_oneof![Just(Behind::Nothing), Just(Behind::Layer), Just(Behind::Residual)]
}

fn model(place: Behind, x: &Array, weight: &Array, op: &str) -> Model {
    let mut model = Model::default();
    model.input("x", x.tensor()).weight("w", &weight.dims, weight.floats());
    let mut end = "x";
    if place != Behind::Nothing {
        model.node("Conv", &["x", "w"], "c", vec![ints("pads", &[1, 1, 1, 1])]);
        end = "c";
    }
    if place == Behind::Residual {
        model.node("Add", &["c", "x"], "s", vec![]);
        end = "s";
    }
    model.node(op, &[end], "y", vec![]).node("GlobalAveragePool", &["y"], "p", vec![]);
    model.node("Add", &["y", "p"], "z", vec![]);
    model
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_plan_is_one_step(place in behind(), degree in 1..=8usize, by_channel: bool, mask in 0..=3usize,
                          batch in 1..=3usize, channels in 1..=9usize, h in 1..=7usize, w in 1..=9usize,
                          leaky: bool, seed: u64) {
        let Some(gpu) = gpu() else { return Ok(()) };
        let x = Array::random(&[batch, channels, h, w], seed);
        let weight = Array::random(&[channels, channels, 3, 3], seed ^ 1);
        let rows = if by_channel { channels } else { 1 };
        let coefficients = Array::random(&[rows, degree + 1], seed ^ 2);
        let row = |channel: usize| {
            let first = if by_channel { channel * (degree + 1) } else { 0 };
            &coefficients.values[first..=first + degree]
        };
        let shape = [channels, h, w];
        // Nothing stays; of each element, of each channel, of each place.
        let shape = match mask {
            0 | 1 => shape,
            2 => [channels, 1, 1],
            _ => [1, h, w],
        };
        let bits: Vec<bool> = (0..shape.iter().product()).map(|at| mask > 0 && (at * 7 + 1) % 3 != 1).collect();
        let op = if leaky { "LeakyRelu" } else { "Relu" };
        let before = model(place, &x, &weight, op);
        let mut bytes = Vec::new();
        before.proto().encode(&mut bytes).unwrap();
        let changed = opened(&rewritten(&bytes, &|_| {
            let mask = Mask { shape: shape.map(|n| n as u64).to_vec(), bits: bits.clone() };
            (mask, (0..rows).map(|channel| row(channel).to_vec()).collect())
        }));
        prop_assert_eq!(steps(&changed), steps(&opened(&bytes)), "{:?}", changed.graph.nodes);

        let mut want = x.clone();
        if place != Behind::Nothing {
            let form = Form { groups: 1, stride: [1, 1], dilation: [1, 1], pads: [[1, 1], [1, 1]] };
            want = conv(&x, &weight, &form);
        }
        for (at, y) in want.values.iter_mut().enumerate() {
            if place == Behind::Residual { *y += x.values[at] }
            let (c, i, j) = (at / (h * w) % channels, at / w % h, at % w);
            let [_, rows, columns] = shape;
            let pick = |size: usize, at: usize| if size == 1 { 0 } else { at };
            let kept = bits[(pick(shape[0], c) * rows + pick(rows, i)) * columns + pick(columns, j)];
            *y = match kept {
                true => y.max(if leaky { 0.01 * *y } else { 0.0 }),
                false => row(c).iter().rev().fold(0.0, |sum, c| sum * *y + c),
            };
        }
        let area = h * w;
        for plane in want.values.chunks_mut(area) {
            let mean = plane.iter().sum::<f64>() / area as f64;
            plane.iter_mut().for_each(|y| *y += mean);
        }
        let mut engine = GpuEngine::on(gpu);
        let got = run(&changed, &mut engine, &[(changed.graph.inputs[0], x.tensor())]).remove(0);
        let off = difference(&got, &want);
        // Errors of the layer grow with the slope of the polynomial.
        prop_assert!(off < 1e-5, "{}", off);
    }
}

/// Coefficients that `rewrite` leaves out, or writes in another way: ones, zeros, a constant, x itself.
#[test]
fn coefficients_that_are_left_out() {
    let Some(gpu) = gpu() else { return };
    let x = Array::random(&[2, 3, 4, 5], 1);
    let weight = Array::random(&[3, 3, 3, 3], 2);
    let mut bytes = Vec::new();
    model(Behind::Nothing, &x, &weight, "Relu").proto().encode(&mut bytes).unwrap();
    for row in [
        vec![0.0, 1.0],
        vec![0.0, 0.0, 1.0],
        vec![0.5, 0.0, 1.0],
        vec![0.0, 0.0, 0.0, 0.5],
        vec![0.25],
        vec![0.0],
        vec![0.0, 2.0],
        vec![0.5, 1.0],
        vec![0.0, 1.0, 0.0, 1.0],
    ] {
        for masked in [false, true] {
            let changed = opened(&rewritten(&bytes, &|activation| {
                let mut mask = Mask::whole(&activation.site, false);
                if masked {
                    let bits = (0..60).map(|at| at % 2 == 0).collect();
                    mask = Mask { shape: activation.site.shape.clone(), bits };
                }
                (mask, vec![row.clone()])
            }));
            // A mask is always one step; so is a polynomial of one operation.
            assert_eq!(steps(&changed), 3 - usize::from(row == [0.0, 1.0] && !masked), "{row:?}, {masked}");
            let mut want = x.clone();
            for (at, y) in want.values.iter_mut().enumerate() {
                let kept = masked && at % 60 % 2 == 0;
                let value = row.iter().rev().fold(0.0, |sum, c| sum * *y + c);
                *y = if kept { y.max(0.0) } else { value };
            }
            for plane in want.values.chunks_mut(20) {
                let mean = plane.iter().sum::<f64>() / 20.0;
                plane.iter_mut().for_each(|y| *y += mean);
            }
            let mut engine = GpuEngine::on(gpu.clone());
            let inputs = [(changed.graph.inputs[0], x.tensor())];
            let off = difference(&run(&changed, &mut engine, &inputs).remove(0), &want);
            assert!(off < 1e-6, "{row:?}, {masked}: {off}");
        }
    }
}

/// A value inside that someone asks for keeps the nodes apart, and is right.
#[test]
fn what_is_asked_for_is_made() {
    let Some(gpu) = gpu() else { return };
    let x = Array::random(&[1, 2, 3, 3], 1);
    let mut bytes = Vec::new();
    model(Behind::Nothing, &x, &Array::random(&[2, 2, 3, 3], 2), "Relu").proto().encode(&mut bytes).unwrap();
    let mut changed = opened(&rewritten(&bytes, &|activation| {
        let bits = (0..18).map(|at| at % 2 == 0).collect();
        (Mask { shape: activation.site.shape.clone(), bits }, vec![vec![0.5, 0.25, 0.125]])
    }));
    let inner = changed.find("reluctant/y/h1").or_else(|| changed.find("reluctant/y/h0")).unwrap();
    changed.graph.outputs.push(inner);
    assert!(steps(&changed) > 3);
    let mut engine = GpuEngine::on(gpu);
    let got = run(&changed, &mut engine, &[(changed.graph.inputs[0], x.tensor())]);
    let want = got[1].to_f32().iter().zip(&x.values).all(|(h, x)| {
        let (first, second) = (0.125 * x, 0.125 * x + 0.25);
        (f64::from(*h) - first).abs() < 1e-6 || (f64::from(*h) - second).abs() < 1e-6
    });
    assert!(want, "{:?}", got[1].to_f32());
}

/// The digits network and its images.
fn digits() -> (Vec<u8>, Tensor) {
    let folder = corpus().join("../digits");
    let bytes = fs::read(folder.join("digits_cnn.onnx")).unwrap();
    let x = crate::run::npz::read(&fs::read(folder.join("digits.npz")).unwrap()).unwrap();
    (bytes, x.into_iter().find(|(name, _)| name == "x").unwrap().1)
}

/// What the GPU gives against what the CPU does, on the first images.
fn apart(gpu: &Arc<Gpu>, changed: &Runnable, x: &Tensor) -> f64 {
    let inputs = [(changed.graph.inputs[0], x.rows(0, changed.batch.unwrap()))];
    let got = run(changed, &mut GpuEngine::on(gpu.clone()), &inputs).remove(0);
    let mut cpu: crate::run::cpu::Cpu = crate::run::cpu::Cpu::beside(changed).unwrap();
    let mut want = Vec::new();
    let ask = Ask { inputs: &inputs, wanted: &changed.graph.outputs, timings: false };
    let mut sink = |_, tensor| {
        want.push(tensor);
        Ok(())
    };
    pollster::block_on(cpu.run(changed, ask, &mut sink)).unwrap();
    let reference = want[0].to_f32().iter().map(|v| f64::from(*v)).collect();
    difference(&got, &Array { dims: want[0].shape().to_vec(), values: reference })
}

/// Half of the places dropped, with the outputs of their convolutions: the same numbers on both engines.
#[test]
fn dropped_outputs_on_both_engines() {
    let Some(gpu) = gpu() else { return };
    let (bytes, x) = digits();
    let choose = |activation: &Activation| {
        let site = &activation.site;
        let shape: Vec<u64> = (site.shape.iter().enumerate())
            .map(|(at, n)| if at == site.channel_axis { 1 } else { *n })
            .collect();
        let bits = (0..shape.iter().product()).map(|at: u64| at.is_multiple_of(2)).collect();
        (Mask { shape, bits }, vec![vec![0.0, 1.0]])
    };
    let off = apart(&gpu, &opened(&changed(&bytes, &choose, true)), &x);
    assert!(off < 1e-5, "{off}");
}

/// The digits network with quadratics, half of each layer masked: the same bytes on both engines, and
/// no step more than before.
#[test]
fn a_changed_network_on_both_engines() {
    let Some(gpu) = gpu() else { return };
    let (bytes, x) = digits();
    for masked in [false, true] {
        let changed = opened(&rewritten(&bytes, &|activation| {
            let site = &activation.site;
            let bits = (0..site.elements()).map(|at| masked && at % 3 != 0).collect();
            let row = |c: u64| vec![0.15, 0.5 + 0.01 * c as f64, 0.1];
            (Mask { shape: site.shape.clone(), bits }, (0..site.channels()).map(row).collect())
        }));
        assert_eq!(steps(&changed), steps(&opened(&bytes)));
        let off = apart(&gpu, &changed, &x);
        assert!(off < 1e-5, "masked {masked}: {off}");
    }
}
