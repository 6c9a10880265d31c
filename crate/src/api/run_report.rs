//! What a run says: `reluctant.run/1`, and statistics: `reluctant.stats/1` (docs/stats.md). Field
//! names are a contract: add, never rename.

use serde::Serialize;

use crate::ir::activations::Activation;
use crate::ir::graph::{NodeId, ScopeId, Source, ValueId};
use crate::ir::kind::Kind;
use crate::run::accuracy::{Accuracy, Guess};
use crate::run::model::Runnable;
use crate::run::session::{About, Ran};
use crate::run::stats::{Summary, ValueStats};

/// An input, an output or a value inside.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RunPort {
    /// Name.
    pub name: String,
    /// Element type.
    pub dtype: Option<&'static str>,
    /// Shape of one slice; None where it is not known beforehand.
    pub shape: Option<Vec<usize>>,
    /// Operator that makes it; None for an input.
    pub op: Option<String>,
}

/// A model that is open for running.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RunInfo {
    /// File name.
    pub model: String,
    /// The engine.
    pub engine: About,
    /// Inputs.
    pub inputs: Vec<RunPort>,
    /// Outputs.
    pub outputs: Vec<RunPort>,
    /// Every value that can be asked for.
    pub values: Vec<RunPort>,
    /// Element-wise activations.
    pub activations: Vec<ActivationPort>,
    /// Samples of one slice.
    pub batch: Option<usize>,
    /// The model leaves the batch open.
    pub any_batch: bool,
    /// Bytes of the weights and of the values alive at the worst moment.
    pub peak_bytes: u64,
}

/// An activation.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ActivationPort {
    /// Index of the node in the graph, as in `reluctant.score/1`.
    pub index: u32,
    /// Its name.
    pub node: String,
    /// Operator or composite.
    pub op: String,
    /// The pre-activation.
    pub input: String,
    /// The activation.
    pub output: String,
}

/// A finished run.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RunReport {
    /// Always `reluctant.run/1`.
    pub schema: &'static str,
    /// File name.
    pub model: String,
    /// The engine.
    pub engine: About,
    /// Samples that went in.
    pub samples: usize,
    /// Slices that they were cut into.
    pub slices: usize,
    /// Seconds of running.
    pub seconds: f64,
    /// What came out.
    pub outputs: Vec<RunPort>,
    /// How often the first output is right; None without labels.
    pub accuracy: Option<Accuracy>,
    /// Best classes of each sample by the first output; empty unless asked for.
    pub top: Vec<Vec<Guess>>,
    /// Time of each layer by itself; empty unless asked for.
    pub layers: Vec<LayerSeconds>,
    /// What the numbers leave out.
    pub notes: Vec<String>,
}

/// Time of a layer.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LayerSeconds {
    /// Index of the node in the graph.
    pub index: u32,
    /// Its name.
    pub node: String,
    /// Operator.
    pub op: String,
    /// Seconds over all slices.
    pub seconds: f64,
    /// Share of all layers.
    pub share: f64,
}

/// Statistics of values.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct StatsReport {
    /// Always `reluctant.stats/1`.
    pub schema: &'static str,
    /// File name.
    pub model: String,
    /// The engine.
    pub engine: About,
    /// Samples that went in.
    pub samples: usize,
    /// By value, in the graph's order.
    pub values: Vec<ValueReport>,
    /// By activation, in the graph's order.
    pub activations: Vec<ActivationReport>,
    /// What the numbers leave out.
    pub notes: Vec<String>,
}

/// Statistics of one value.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ValueReport {
    /// Name.
    pub name: String,
    /// Index of the node that makes it, as in `reluctant.score/1`; None for an input.
    pub index: Option<u32>,
    /// Its name.
    pub node: Option<String>,
    /// Its operator.
    pub op: Option<String>,
    /// Sizes of one sample.
    pub sample_shape: Vec<usize>,
    /// Axis of the channels, the samples' axis counted; None where there is one channel.
    pub channel_axis: Option<usize>,
    /// All channels together.
    pub total: SummaryReport,
    /// By channel.
    pub channels: Vec<SummaryReport>,
}

/// Statistics of some numbers. Mean, deviation and range are null where there is no finite number.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Summary"))]
pub struct SummaryReport {
    /// Finite numbers.
    pub count: u64,
    /// NaN and infinities; left out of all else.
    pub not_finite: u64,
    /// Mean.
    pub mean: Option<f64>,
    /// Standard deviation of the population.
    pub std: Option<f64>,
    /// Smallest.
    pub min: Option<f64>,
    /// Largest.
    pub max: Option<f64>,
    /// Share of exact zeros.
    pub zeros: f64,
    /// Histogram.
    pub histogram: HistogramReport,
}

/// Equal bins: bin i holds `low + i width <= x < low + (i + 1) width`.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Histogram"))]
pub struct HistogramReport {
    /// Lower end of the first bin.
    pub low: f64,
    /// Width of a bin: a power of two.
    pub width: f64,
    /// Counts.
    pub counts: Vec<u64>,
}

/// An activation and the channels that it does nothing for.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ActivationReport {
    /// The activation; its values are in `values` by name.
    #[serde(flatten)]
    pub port: ActivationPort,
    /// Channels.
    pub channels: usize,
    /// Channels whose output was 0 for every sample: free to remove.
    pub dead: Vec<usize>,
    /// Of a ReLU: channels whose input was never below 0: the ReLU is free to remove.
    pub always_on: Vec<usize>,
}

fn port(model: &Runnable, id: ValueId) -> RunPort {
    RunPort {
        name: model.value_name(id).to_owned(),
        dtype: model.dtype(id).map(|dtype| dtype.name()),
        shape: model.sizes(id),
        op: model.graph.producer(id).map(|(_, node)| node.op.clone()),
    }
}

fn activation(model: &Runnable, site: &Activation) -> ActivationPort {
    let node = model.graph.node(site.node);
    ActivationPort {
        index: site.node.0,
        node: model.graph.label(node),
        op: if site.inner.is_empty() { node.op.clone() } else { site.kind.name() },
        input: model.value_name(site.input).to_owned(),
        output: model.value_name(site.output).to_owned(),
    }
}

pub(super) fn info(model: &Runnable, engine: About, sites: &[Activation]) -> RunInfo {
    let graph = &model.graph;
    let made = graph.nodes.iter().filter(|node| node.scope == ScopeId(0));
    let made = made.flat_map(|node| node.outputs.iter().flatten().copied());
    let computed = |id: &ValueId| {
        let value = graph.value(*id);
        matches!(value.source, Source::Node(..)) && value.weight.is_none() && value.ty.as_tensor().is_some()
    };
    RunInfo {
        model: model.name.clone(),
        engine,
        inputs: graph.inputs.iter().map(|id| port(model, *id)).collect(),
        outputs: graph.outputs.iter().map(|id| port(model, *id)).collect(),
        values: made.filter(computed).map(|id| port(model, id)).collect(),
        activations: sites.iter().map(|site| activation(model, site)).collect(),
        batch: model.batch,
        any_batch: model.any_batch,
        peak_bytes: model.peak_bytes(),
    }
}

pub(super) fn report(
    model: &Runnable,
    engine: About,
    ran: &Ran,
    accuracy: Option<Accuracy>,
    top: Vec<Vec<Guess>>,
) -> RunReport {
    let all: f64 = ran.layers.iter().map(|layer| layer.seconds).sum();
    let layer = |node: NodeId, seconds: f64| {
        let of = model.graph.node(node);
        let share = if all > 0.0 { seconds / all } else { 0.0 };
        LayerSeconds { index: node.0, node: model.graph.label(of), op: of.op.clone(), seconds, share }
    };
    let outputs = ran.outputs.iter().map(|(id, tensor)| RunPort {
        dtype: Some(tensor.dtype().name()),
        shape: Some(tensor.shape().to_vec()),
        ..port(model, *id)
    });
    RunReport {
        schema: "reluctant.run/1",
        model: model.name.clone(),
        engine,
        samples: ran.samples,
        slices: ran.slices,
        seconds: ran.seconds,
        outputs: outputs.collect(),
        accuracy,
        top,
        layers: ran.layers.iter().map(|time| layer(time.node, time.seconds)).collect(),
        notes: notes(model, ran),
    }
}

fn notes(model: &Runnable, ran: &Ran) -> Vec<String> {
    let left_out = ran.unsliced.iter().map(|id| {
        format!("{}: the last, filled-up slice is left out of its statistics", model.value_name(*id))
    });
    left_out.collect()
}

pub(super) fn stats(
    model: &Runnable,
    engine: About,
    ran: &Ran,
    stats: &[ValueStats],
    sites: &[Activation],
) -> StatsReport {
    StatsReport {
        schema: "reluctant.stats/1",
        model: model.name.clone(),
        engine,
        samples: ran.samples,
        values: stats.iter().map(|stats| value(model, stats)).collect(),
        activations: sites.iter().filter_map(|site| idle(model, stats, site)).collect(),
        notes: notes(model, ran),
    }
}

fn value(model: &Runnable, stats: &ValueStats) -> ValueReport {
    let place = model.graph.producer(stats.value);
    let maker = place.map(|(_, node)| node);
    ValueReport {
        name: model.value_name(stats.value).to_owned(),
        index: place.map(|(id, _)| id.0),
        node: maker.map(|node| model.graph.label(node)),
        op: maker.map(|node| node.op.clone()),
        sample_shape: stats.sample.clone(),
        channel_axis: stats.axis,
        total: summary(&stats.total()),
        channels: stats.channels.iter().map(summary).collect(),
    }
}

fn summary(of: &Summary) -> SummaryReport {
    let some = |value: f64| (of.count > 0).then_some(value);
    SummaryReport {
        count: of.count,
        not_finite: of.not_finite,
        mean: some(of.mean),
        std: some(of.std()),
        min: some(of.min),
        max: some(of.max),
        zeros: of.zero_share(),
        histogram: HistogramReport {
            low: of.histogram.low(),
            width: of.histogram.width(),
            counts: of.histogram.counts().to_vec(),
        },
    }
}

fn idle(model: &Runnable, stats: &[ValueStats], site: &Activation) -> Option<ActivationReport> {
    let of = |id: ValueId| stats.iter().find(|s| s.value == id);
    let (input, output) = (of(site.input)?, of(site.output)?);
    let places = |stats: &ValueStats, test: &dyn Fn(&Summary) -> bool| {
        let all = stats.channels.iter().enumerate();
        all.filter(|(_, c)| c.count > 0 && c.not_finite == 0 && test(c)).map(|(place, _)| place).collect()
    };
    Some(ActivationReport {
        port: activation(model, site),
        channels: output.channels.len(),
        dead: places(output, &|c| c.zeros == c.count),
        always_on: if site.kind == Kind::ReLU {
            places(input, &|c| c.min >= 0.0 && c.max > 0.0)
        } else {
            Vec::new()
        },
    })
}
