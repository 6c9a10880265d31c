//! The bytes that come out, read back: what is new is where it should be, everything else is as it
//! was. What the changed models compute is held by `tests/replace.rs`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod clean;
mod corpus;
mod nested;

use std::ops::ControlFlow;

use prost::Message;

use super::{KEPT, PLAN, Replacement, edits};
use crate::ir::bind::{Bindings, bind};
use crate::ir::graph::Graph;
use crate::ir::import::import;
use crate::ir::infer::infer;
use crate::onnx::{self, ModelProto, NodeProto, Piece, ReadAt, Spliced, splice};
use crate::select::{Activation, Mask, activations};

/// A model, opened: its messages without weights, its graph with shapes.
fn opened(bytes: &dyn ReadAt) -> (ModelProto, Graph) {
    let skeleton = onnx::open("m.onnx", bytes, &mut |_, _| ControlFlow::Continue(())).unwrap();
    let mut graph = import(&skeleton.model).unwrap();
    bind(&mut graph, &Bindings::default()).unwrap();
    infer(&mut graph);
    (skeleton.model, graph)
}

/// What to do with each activation: None leaves it.
type Choice<'a> = &'a dyn Fn(usize, &Activation) -> Option<(Mask, Vec<Vec<f64>>)>;

fn spliced(bytes: &dyn ReadAt, choose: Choice<'_>) -> Spliced {
    let (model, graph) = opened(bytes);
    let all = activations(&graph);
    let chosen: Vec<(usize, Mask, Vec<Vec<f64>>)> = all
        .iter()
        .enumerate()
        .filter_map(|(i, a)| choose(i, a).map(|(mask, coefficients)| (i, mask, coefficients)))
        .collect();
    let replacements: Vec<Replacement<'_>> = chosen
        .iter()
        .map(|(i, mask, coefficients)| Replacement { activation: &all[*i], mask, coefficients, drops: &[] })
        .collect();
    let edits = edits(&model, &graph, &replacements, Some("{}")).unwrap();
    splice(bytes, &edits, &mut |_, _| ControlFlow::Continue(())).unwrap()
}

/// The changed file.
fn rewritten(bytes: &[u8], choose: Choice<'_>) -> Vec<u8> {
    let spliced = spliced(&bytes, choose);
    let mut out = Vec::new();
    spliced
        .write(&bytes, &mut |part| {
            out.extend_from_slice(part);
            Ok(())
        })
        .unwrap();
    assert_eq!(out.len() as u64, spliced.bytes);
    out
}

/// Every element replaced by 0.25 x^2 + 0.5 x.
fn all_gone(_: usize, activation: &Activation) -> Option<(Mask, Vec<Vec<f64>>)> {
    Some((Mask::whole(&activation.site, false), vec![vec![0.0, 0.5, 0.25]]))
}

/// The first element of each channel stays.
fn some_stay(_: usize, activation: &Activation) -> Option<(Mask, Vec<Vec<f64>>)> {
    let site = &activation.site;
    let per_channel = site.elements() / site.channels();
    let bits = (0..site.elements()).map(|e| e % per_channel == 0).collect();
    let rows = (0..site.channels()).map(|c| vec![0.1, 0.5, 0.01 * c as f64]).collect();
    Some((Mask { shape: site.shape.clone(), bits }, rows))
}

fn decoded(bytes: &[u8]) -> ModelProto {
    ModelProto::decode(bytes).unwrap()
}

/// `name = op(inputs)`, as `op in,in -> out`.
fn text(node: &NodeProto) -> String {
    format!("{} {} -> {}", node.op_type(), node.input.join(","), node.output.join(","))
}

fn metadata(model: &ModelProto) -> Vec<(String, String)> {
    model.metadata_props.iter().map(|e| (e.key().to_owned(), e.value().to_owned())).collect()
}
