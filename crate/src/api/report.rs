//! `score`: a model and settings become the report: rows, stages, totals, coverage.

use std::collections::{BTreeMap, HashSet};

use super::model::{Basis, Model, Scored};
use super::score::{
    Coverage, Extent, Layer, LayerActivation, LayerStatus, ModelInfo, Origin, Port, Score, Stage, Symbol,
    Tally, Totals, UnknownNode, View, Weights,
};
use crate::count::{self, NodeCount, Status};
use crate::error::Result;
use crate::ir::bind::Bound;
use crate::ir::depend::depends_on_input;
use crate::ir::dim::Dim;
use crate::ir::graph::{Graph, Node, NodeId, Stored, Type, ValueId};
use crate::ir::hash::structural_hash;
use crate::ir::infer::title;
use crate::ir::stages::{Stages, stages};
use crate::onnx::{ExternalData, Found, resolve};
use crate::open::{Settings, shaped};

impl Model {
    /// Scores the model under the settings: shapes, counts, stages, totals.
    ///
    /// # Errors
    /// `InvalidSetting`, or `Overflow` where a set shape is past 63 bits.
    pub fn score(&self, settings: &Settings) -> Result<Scored> {
        let (graph, bound) = shaped(self.graph.clone(), settings)?;
        let counts = count::counted(&graph, &self.kept);
        let score = report(self, settings, &graph, &counts, &bound);
        let rows = count::rows(&graph, &counts);
        Ok(Scored { score, basis: Some(Basis { graph, counts }), rows })
    }
}

fn report(model: &Model, settings: &Settings, graph: &Graph, counts: &[NodeCount], bound: &[Bound]) -> Score {
    let staged = stages(graph, &depends_on_input(graph));
    let layers = layers(graph, counts, &staged);
    Score {
        schema: "reluctant.score/1",
        model: model_info(model, settings, graph, bound),
        coverage: coverage(graph, counts),
        totals: totals(&layers),
        stages: stage_sums(&staged, &layers),
        layers,
        views: views(graph, counts),
        estimates: None,
    }
}

fn layers(graph: &Graph, counts: &[NodeCount], staged: &Stages) -> Vec<Layer> {
    let mut seen: HashSet<(bool, u32)> = HashSet::new();
    let rows = graph.nodes.iter().zip(counts).enumerate();
    rows.filter(|(_, (_, count))| matches!(count.status, Status::Counted | Status::Unknown(_)))
        .map(|(index, (node, count))| layer(graph, index as u32, node, count, staged, &mut seen))
        .collect()
}

fn layer(
    graph: &Graph,
    index: u32,
    node: &Node,
    count: &NodeCount,
    staged: &Stages,
    seen: &mut HashSet<(bool, u32)>,
) -> Layer {
    let output = node.outputs.iter().flatten().next().copied();
    let reason = match &count.status {
        Status::Unknown(reason) => Some(reason.clone()),
        _ => None,
    };
    let known = |n: u64| reason.is_none().then_some(n);
    // A weight is its tensor: two names of one tensor are one weight.
    let shared = |value: ValueId| match &graph.value(value).weight {
        Some(weight) => (true, weight.id),
        None => (false, value.0),
    };
    let params_shared = count.params.iter().filter(|p| !seen.insert(shared(p.value)));
    let params_shared: u64 = params_shared.map(|p| p.elements).sum();
    let block = staged.node.get(index as usize).map_or(0, |(_, block)| *block);
    let stage = staged.of(NodeId(index)).map_or("", |stage| stage.name.as_str());
    Layer {
        index,
        name: graph.label(node),
        op: title(node),
        output: output.map(|v| graph.value(v).name.clone()).unwrap_or_default(),
        shape: output.and_then(|v| extents(graph, &graph.value(v).ty)),
        macs: known(count.macs),
        macs_valid: known(count.macs_valid),
        params: Some(count.params.iter().map(|p| p.elements).sum()),
        params_shared,
        activation: count.activation.as_ref().map(LayerActivation::from),
        average_pool: count.average_pool,
        truncations: count.truncations,
        products: count.products,
        adds: count.adds,
        bias: count.bias,
        batch_norm: count.batch_norm,
        weight_bytes: count.params.iter().map(|p| p.bytes).sum(),
        activation_bytes: output.and_then(|v| value_bytes(graph, v)),
        stage: stage.to_owned(),
        block,
        status: if reason.is_some() { LayerStatus::Unknown } else { LayerStatus::Counted },
        reason,
        marks: count.marks.clone(),
    }
}

fn value_bytes(graph: &Graph, value: ValueId) -> Option<u64> {
    graph.value(value).ty.dtype()?.bytes(graph.elements(value)?)
}

/// Other tools' numbers; empty where a sum overflows.
fn views(graph: &Graph, counts: &[NodeCount]) -> Vec<View> {
    let term = |(name, times, n): &(&str, u64, u64)| match times {
        1 => format!("{n} {name}"),
        _ => format!("{times} x {n} {name}"),
    };
    let tally = count::tally(graph, counts, None);
    let views = tally.map(|tally| count::views(&tally)).unwrap_or_default();
    let view = |view: count::NamedView| View {
        tool: view.tool,
        value: view.value,
        formula: view.parts.iter().filter(|part| part.2 > 0).map(term).collect::<Vec<_>>().join(" + "),
    };
    views.into_iter().map(view).collect()
}

fn coverage(graph: &Graph, counts: &[NodeCount]) -> Coverage {
    let unknown: Vec<UnknownNode> = (graph.nodes.iter().zip(counts))
        .filter_map(|(node, count)| match &count.status {
            Status::Unknown(reason) => {
                Some(UnknownNode { node: graph.label(node), op: title(node), reason: reason.clone() })
            }
            _ => None,
        })
        .collect();
    let nodes = graph.nodes.len() as u64;
    Coverage { nodes, counted: nodes - unknown.len() as u64, unknown }
}

pub(super) fn totals(layers: &[Layer]) -> Totals {
    let mut totals = Totals::default();
    for layer in layers {
        totals.params += layer.params.unwrap_or(0).saturating_sub(layer.params_shared);
        totals.macs = totals.macs.saturating_add(layer.macs.unwrap_or(0));
        totals.macs_valid = totals.macs_valid.saturating_add(layer.macs_valid.unwrap_or(0));
        add_activation(layer, &mut totals.relu, &mut totals.activations);
        let comparisons = layer.activation.as_ref().map_or(0, |activation| activation.comparisons);
        totals.comparisons = totals.comparisons.saturating_add(comparisons);
        if layer.average_pool > 0 {
            totals.average_pool.nodes += 1;
            totals.average_pool.elements += layer.average_pool;
        }
        totals.truncations = totals.truncations.saturating_add(layer.truncations);
        totals.products = totals.products.saturating_add(layer.products);
        totals.adds = totals.adds.saturating_add(layer.adds);
        totals.bias = totals.bias.saturating_add(layer.bias);
        totals.batch_norm = totals.batch_norm.saturating_add(layer.batch_norm);
        totals.weight_bytes = totals.weight_bytes.saturating_add(layer.weight_bytes);
        totals.activation_bytes = totals.activation_bytes.saturating_add(layer.activation_bytes.unwrap_or(0));
    }
    if layers.iter().any(|layer| layer.status == LayerStatus::Unknown) {
        let nothing = [("macs", totals.macs), ("relu", totals.relu.elements)];
        totals.not_known = nothing.into_iter().filter(|(_, n)| *n == 0).map(|(name, _)| name).collect();
    }
    totals
}

fn add_activation(layer: &Layer, relu: &mut Tally, others: &mut BTreeMap<String, Tally>) {
    let Some(activation) = &layer.activation else { return };
    let tally = match activation.kind.as_str() {
        "ReLU" => relu,
        kind => others.entry(kind.to_owned()).or_default(),
    };
    tally.nodes += 1;
    tally.elements = tally.elements.saturating_add(activation.elements);
}

fn stage_sums(staged: &Stages, layers: &[Layer]) -> Vec<Stage> {
    let blank = staged.list.iter().map(|stage| {
        let blocks = u64::from(stage.blocks);
        Stage { name: stage.name.clone(), resolution: stage.resolution.clone(), blocks, ..Stage::default() }
    });
    fill_stages(blank.collect(), layers)
}

/// Adds up the rows of each stage; a stage without rows goes.
pub(super) fn fill_stages(mut stages: Vec<Stage>, layers: &[Layer]) -> Vec<Stage> {
    for layer in layers {
        let Some(stage) = stages.iter_mut().find(|stage| stage.name == layer.stage) else { continue };
        stage.layers += 1;
        stage.params += layer.params.unwrap_or(0).saturating_sub(layer.params_shared);
        stage.macs = stage.macs.saturating_add(layer.macs.unwrap_or(0));
        add_activation(layer, &mut stage.relu, &mut stage.activations);
    }
    stages.retain(|stage| stage.layers > 0);
    stages
}

fn model_info(model: &Model, settings: &Settings, graph: &Graph, bound: &[Bound]) -> ModelInfo {
    let port = |value: &ValueId, set: bool| Port {
        name: graph.value(*value).name.clone(),
        dtype: graph.value(*value).ty.dtype().map(|dtype| dtype.name().to_owned()),
        shape: extents(graph, &graph.value(*value).ty),
        declared: extents(&model.graph, &model.graph.value(*value).ty),
        set,
        value: set.then(|| set_value(graph, *value)).flatten(),
    };
    let is_set = |value: &ValueId| settings.set.contains_key(&graph.value(*value).name);
    let symbol = |bound: &Bound| Symbol {
        name: graph.symbols.name(bound.symbol).to_owned(),
        value: bound.value,
        origin: match (bound.value, bound.set) {
            (None, _) => Origin::Unset,
            (_, true) => Origin::Set,
            (_, false) => Origin::Guessed,
        },
        why: bound.why.clone(),
    };
    ModelInfo {
        name: model.name.clone(),
        file_bytes: model.file_bytes,
        bytes_read: model.bytes_read,
        ir_version: model.ir_version,
        opset: graph.opsets.get("").copied().unwrap_or(0),
        opsets: graph.opsets.clone(),
        producer: model.producer.clone(),
        inputs: graph.inputs.iter().map(|v| port(v, is_set(v))).collect(),
        outputs: graph.outputs.iter().map(|v| port(v, false)).collect(),
        symbols: bound.iter().map(symbol).collect(),
        hash: structural_hash(graph),
        weights: weights(model, graph),
    }
}

/// The elements that a person set.
fn set_value(graph: &Graph, input: ValueId) -> Option<Vec<i64>> {
    let elements = graph.value(input).constant.as_ref()?.as_ints()?;
    elements.iter().map(Dim::known).collect()
}

fn weights(model: &Model, graph: &Graph) -> Weights {
    let mut sums = Weights::default();
    let (mut seen, mut missing) = (HashSet::new(), HashSet::new());
    for weight in graph.values.iter().filter_map(|value| value.weight.as_ref()) {
        if !seen.insert(weight.id) {
            continue;
        }
        let bytes = weight.dtype.and_then(|dtype| dtype.bytes(weight.elements())).unwrap_or(0);
        let Stored::External { location, offset, length } = &weight.stored else {
            sums.inside_bytes = sums.inside_bytes.saturating_add(bytes);
            continue;
        };
        sums.external_bytes = sums.external_bytes.saturating_add(bytes);
        let data = ExternalData {
            location: location.clone(),
            offset: *offset,
            length: length.or(Some(bytes)),
            fault: None,
        };
        let fault = match resolve(&data, &model.beside) {
            Found::Here(_) => continue,
            Found::TooShort { file, needs } => {
                let name = model.beside.get(file).map_or("", |file| file.name.as_str());
                format!("{name} ends too early: it needs {needs} bytes")
            }
            Found::Missing { reason } => reason,
        };
        // Thousands of tensors share a few files.
        if missing.insert(location.clone()) {
            sums.missing_files.push(location.clone());
            sums.faults.push(fault);
        }
    }
    sums
}

fn extents(graph: &Graph, ty: &Type) -> Option<Vec<Extent>> {
    let extent = |dim: &Dim| match dim {
        Dim::Known(n) => Extent::Known(*n),
        other => Extent::Symbolic(other.display(&graph.symbols)),
    };
    Some(ty.shape()?.iter().map(extent).collect())
}
