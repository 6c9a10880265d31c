//! `gradient`: what one channel more costs, by finite difference, for each set of layers that must widen together.

use serde::Serialize;

use super::model::Scored;
use super::tied::Tied;
use crate::cost::{Ask, Detail, Estimate, cost_of};
use crate::count::{Row, Work};
use crate::error::{Code, Error, Result};
use crate::ir::channels::channel_axis;
use crate::ir::graph::{Graph, Node, ValueId};

/// The JSON of `reluctant design gradient --json`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Gradient {
    /// Always `reluctant.gradient/1`.
    pub schema: &'static str,
    /// Profiles, in the order of each set's `prices`.
    pub protocols: Vec<String>,
    /// Sets that can be widened, in order of their first layer.
    pub sets: Vec<TiedSet>,
    /// Layers whose channels cannot be widened by themselves.
    pub open: Vec<OpenSet>,
}

/// Layers that widen together, and what one channel more does.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct TiedSet {
    /// Layers that make the channels.
    pub layers: Vec<String>,
    /// Stage of the first.
    pub stage: String,
    /// Channels now.
    pub channels: u64,
    /// More ReLUs.
    pub relus: u64,
    /// More multiply-accumulates.
    pub macs: u64,
    /// More parameters.
    pub params: u64,
    /// More cost, a protocol each.
    pub prices: Vec<PriceStep>,
}

/// What one channel more costs under a protocol.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PriceStep {
    /// Profile id.
    pub protocol: &'static str,
    /// Bytes of all parties; packing can make it fall.
    pub bytes: i64,
    /// Offline seconds; None where they are not known.
    pub offline_seconds: Option<f64>,
    /// Online seconds; None where they are not known.
    pub online_seconds: Option<f64>,
    /// Some work has no price: a difference of lower bounds.
    pub bound: bool,
}

/// Layers whose channels cannot be widened, and why.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct OpenSet {
    /// Layers that make the channels.
    pub layers: Vec<String>,
    /// Why.
    pub reason: &'static str,
}

impl Scored {
    /// What one channel more costs, for each set of tied channels.
    ///
    /// # Errors
    /// As [`cost_of`]; `NotSupported` for a score that came as a link, which has no graph.
    pub fn gradient(&self, ask: &Ask) -> Result<Gradient> {
        let no_graph =
            || Error::new(Code::NotSupported, "a score without its model does not say what is tied");
        let graph = &self.basis.as_ref().ok_or_else(no_graph)?.graph;
        let tied = Tied::of(graph);
        let now = cost_of(&self.rows, ask, Detail::Totals)?.estimates;
        let (mut sets, mut open, mut seen) = (Vec::new(), Vec::new(), Vec::new());
        for node in graph.nodes.iter().filter(|node| makes(node)) {
            let Some(output) = node.output(0) else { continue };
            let root = tied.root(output);
            if seen.contains(&root) {
                continue;
            }
            seen.push(root);
            let layers = makers(graph, &tied, root);
            if let Some(reason) = tied.open(root) {
                open.push(OpenSet { layers, reason });
                continue;
            }
            let wide = Widening { graph, tied: &tied, root };
            let rows: Vec<Row> = self.rows.iter().map(|row| wide.row(row)).collect();
            let then = cost_of(&rows, ask, Detail::Totals)?.estimates;
            let stage = self.score.layers.iter().find(|layer| Some(&layer.name) == layers.first());
            let more = |of: fn(&Work) -> u64| {
                let sum =
                    |rows: &[Row]| rows.iter().flat_map(|row| &row.work).map(of).fold(0, u64::saturating_add);
                sum(&rows).saturating_sub(sum(&self.rows))
            };
            sets.push(TiedSet {
                stage: stage.map_or_else(String::new, |layer| layer.stage.clone()),
                channels: channels(graph, output).unwrap_or(0),
                relus: more(relus_of),
                macs: more(macs_of),
                params: wide.params(),
                prices: now.iter().zip(&then).map(|(now, then)| step(now, then)).collect(),
                layers,
            });
        }
        Ok(Gradient { schema: "reluctant.gradient/1", protocols: ask.terms.protocols.clone(), sets, open })
    }
}

/// Layers whose outputs are channels of their own making.
fn makes(node: &Node) -> bool {
    matches!(node.op.as_str(), "Conv" | "Gemm" | "MatMul" | "ConvTranspose")
}

fn makers(graph: &Graph, tied: &Tied, root: usize) -> Vec<String> {
    let of = |node: &&Node| makes(node) && node.output(0).is_some_and(|output| tied.root(output) == root);
    graph.nodes.iter().filter(of).map(|node| graph.label(node)).collect()
}

fn channels(graph: &Graph, value: ValueId) -> Option<u64> {
    graph.sizes(value)?.get(channel_axis(graph, value)?).copied()
}

fn step(now: &Estimate, then: &Estimate) -> PriceStep {
    let seconds = |now: Option<[f64; 3]>, then: Option<[f64; 3]>| Some(then?[1] - now?[1]);
    PriceStep {
        protocol: now.protocol,
        bytes: then.bytes_total as i64 - now.bytes_total as i64,
        offline_seconds: seconds(now.offline.seconds, then.offline.seconds),
        online_seconds: seconds(now.online.seconds, then.online.seconds),
        bound: now.bound || then.bound,
    }
}

fn relus_of(work: &Work) -> u64 {
    match work {
        Work::Activation(a) if a.kind == crate::count::Kind::ReLU => a.elements,
        _ => 0,
    }
}

fn product<'a>(sizes: impl IntoIterator<Item = &'a u64>) -> u64 {
    sizes.into_iter().fold(1, |product: u64, size| product.saturating_mul(*size))
}

fn macs_of(work: &Work) -> u64 {
    match work {
        Work::Conv(c) => {
            let sizes = [c.batch, c.out_channels, c.in_channels / c.groups.max(1)];
            product(sizes.iter().chain(&c.kernel).chain(&c.output))
        }
        Work::MatMul { batch, m, k, n, steps, .. } => product([batch, m, k, n, steps]),
        _ => 0,
    }
}

/// One channel more in a set.
struct Widening<'a> {
    graph: &'a Graph,
    tied: &'a Tied,
    root: usize,
}

impl Widening<'_> {
    fn holds(&self, value: Option<ValueId>) -> bool {
        value.is_some_and(|value| self.tied.root(value) == self.root)
    }

    fn row(&self, row: &Row) -> Row {
        let mut row = row.clone();
        let Some(node) = self.graph.nodes.get(row.index as usize) else { return row };
        let (read, made) = (self.holds(node.input(0)), self.holds(node.output(0)));
        // Elements of one channel of what the node makes.
        let share = node
            .output(0)
            .and_then(|output| Some((self.graph.elements(output)?, channels(self.graph, output)?)));
        let grow = |elements: &mut u64| {
            if let Some((_, channels)) = share.filter(|_| made) {
                *elements = elements.saturating_add(*elements / channels.max(1));
            }
        };
        for work in &mut row.work {
            match work {
                Work::Conv(conv) => {
                    let depthwise = conv.groups > 1;
                    conv.in_channels += u64::from(read);
                    conv.out_channels += u64::from(made);
                    conv.groups += u64::from(depthwise && made);
                }
                Work::MatMul { k, n, .. } => {
                    *k += if read { self.features(node.input(0)) } else { 0 };
                    *n += u64::from(made);
                }
                Work::Activation(a) => {
                    grow(&mut a.elements);
                    grow(&mut a.comparisons);
                    if a.rows > 0 {
                        grow(&mut a.rows);
                    }
                }
                Work::AvgPool { elements, .. }
                | Work::BatchNorm { elements }
                | Work::Add { elements }
                | Work::Product { elements }
                | Work::Scale { elements }
                | Work::Poly2 { elements, .. } => grow(elements),
                Work::ConvTranspose(_) => {}
            }
        }
        row
    }

    /// Features that one channel makes of a flattened value: 1, or the elements of its map.
    fn features(&self, value: Option<ValueId>) -> u64 {
        let flat =
            value.and_then(|value| self.graph.producer(value)).filter(|(_, node)| node.op == "Flatten");
        let before = flat.and_then(|(_, node)| node.input(0));
        let of = before.and_then(|v| Some(self.graph.elements(v)? / channels(self.graph, v)?.max(1)));
        of.unwrap_or(1)
    }

    /// Weights, biases and scales that come with it.
    fn params(&self) -> u64 {
        let weight = |node: &Node, place: usize| {
            node.input(place).and_then(|value| self.graph.value(value).weight.as_ref()).map(|w| w.elements())
        };
        let mut sum = 0;
        for node in &self.graph.nodes {
            let (read, made) = (self.holds(node.input(0)), self.holds(node.output(0)));
            let all = weight(node, 1).unwrap_or(0);
            let of = |value: Option<ValueId>| value.and_then(|v| channels(self.graph, v)).unwrap_or(1).max(1);
            match node.op.as_str() {
                "Conv" | "Gemm" => {
                    let inputs = match node.op.as_str() {
                        "Conv" => of(node.input(0)) / (node.attrs.int_or("group", 1).max(1) as u64),
                        _ => of(node.input(0)),
                    }
                    .max(1);
                    let outputs = of(node.output(0));
                    let now = inputs.saturating_mul(outputs);
                    let taps = all / now.max(1);
                    let depthwise = node.op == "Conv" && node.attrs.int_or("group", 1) > 1;
                    let features = if node.op == "Gemm" { self.features(node.input(0)) } else { 1 };
                    let wider = inputs + if read && !depthwise { features } else { 0 };
                    let then = wider.saturating_mul(outputs + u64::from(made));
                    let bias = u64::from(made && weight(node, 2).is_some());
                    sum = taps.saturating_mul(then - now).saturating_add(sum).saturating_add(bias);
                }
                "BatchNormalization" => sum += if made { 2 } else { 0 },
                _ => {}
            }
        }
        sum
    }
}
