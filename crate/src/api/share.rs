//! `link` and `open_link`: a score as a link, and a link as a score without the file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::link_settings::{
    ProfileChange, Sent, ask_from_pairs, changes, pairs_from_ask, pairs_from_estimates, sent_from_pairs,
};
use super::model::Scored;
use super::report::{fill_stages, totals};
use super::score::{
    Coverage, Extent, Layer, LayerActivation, LayerStatus, ModelInfo, Port, Score, Stage, UnknownNode,
    Weights,
};
use crate::cost::{self, Ask, Terms};
use crate::count::{Activation, Kind, Row, Work};
use crate::design;
use crate::error::Result;
use crate::share::{self, Figures, Shared, Size};

/// What is on screen beside the score.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LinkView {
    /// Id of the example, where it is one.
    pub example: Option<String>,
    /// The view in front.
    pub view: String,
    /// Protocols, link and what else costs depend on; a link always opens to some.
    pub cost: Option<Ask>,
    /// Other settings by name, as text; one that holds a name of the model has a key in `name.`.
    pub settings: Vec<(String, String)>,
    /// Node indices of the rows that are selected, rising.
    pub selection: Vec<u32>,
}

/// What a link opens to.
#[derive(Debug)]
pub struct Opened {
    /// The score, of the same figures; priced like any other.
    pub scored: Scored,
    /// What came with it.
    pub state: LinkState,
}

/// What a link holds beside the score.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LinkState {
    /// What was on screen.
    pub view: LinkView,
    /// Versions of the cost profiles that the sender used, by id.
    pub profiles: Vec<(String, u32)>,
    /// Profiles that are not the sender's: figures under them may differ.
    pub changed: Vec<ProfileChange>,
    /// What the sender saw under each protocol.
    pub sent: Vec<Sent>,
}

/// A link as `reluctant open --json` prints it.
#[derive(Clone, Debug, Serialize)]
pub struct LinkDocument {
    /// Always `reluctant.link/1`.
    pub schema: &'static str,
    /// What came with the score.
    #[serde(flatten)]
    pub state: LinkState,
    /// The score, with estimates under the link's settings and this release's profiles.
    pub score: Score,
}

impl Opened {
    /// Everything that the link holds.
    ///
    /// # Errors
    /// As [`cost_of`](super::cost_of).
    pub fn document(self) -> Result<LinkDocument> {
        let Self { mut scored, state } = self;
        if let Some(cost) = &state.view.cost {
            scored.score.estimates = Some(scored.cost(cost)?.estimates);
        }
        Ok(LinkDocument { schema: "reluctant.link/1", state, score: scored.score })
    }
}

impl Scored {
    /// A link that opens to this score without the file; names enter only if `names`.
    ///
    /// # Errors
    /// `LimitExceeded` where it holds more than a link may; as [`cost_of`](super::cost_of) for its costs.
    pub fn link(&self, view: &LinkView, names: bool) -> Result<String> {
        let mut ask = view.cost.clone().unwrap_or_default();
        if ask.terms.protocols.is_empty() {
            let ids = self.opens_under().iter().map(|opening| opening.protocol.to_owned());
            ask.terms.protocols = ids.collect();
        }
        let mut shared = shared(&self.score, &self.rows, view, &ask.terms);
        shared.settings.extend(pairs_from_ask(&ask));
        shared.settings.extend(pairs_from_estimates(&self.rows, &ask)?);
        share::link_from_shared(&shared, names)
    }
}

/// Opens a link: its whole address, its fragment, or the text of a saved file.
///
/// # Errors
/// `InvalidLink`, `LimitExceeded`.
pub fn open_link(text: &str) -> Result<Opened> {
    let mut shared = share::shared_from_link(text)?;
    let layers: Vec<Layer> = shared.layers.iter().map(layer).collect();
    let stage = |stage: &share::Stage| {
        let known = |size: &Size| match size {
            Size::Known(size) => Some(*size),
            Size::Symbolic(_) => None,
        };
        let resolution = stage.resolution.as_ref().and_then(|sizes| sizes.iter().map(known).collect());
        Stage { name: stage.name.clone(), resolution, blocks: stage.blocks, ..Stage::default() }
    };
    let score = Score {
        schema: "reluctant.score/1",
        model: model_info(&shared),
        coverage: coverage(&shared, &layers),
        totals: totals(&layers),
        stages: fill_stages(shared.stages.iter().map(stage).collect(), &layers),
        layers,
        views: Vec::new(),
        estimates: None,
    };
    let mut settings = std::mem::take(&mut shared.settings);
    let sent = sent_from_pairs(&mut settings);
    let cost = Some(ask_from_pairs(&mut settings)?);
    let view =
        LinkView { example: shared.example, view: shared.view, cost, settings, selection: shared.selection };
    let changed = changes(&shared.profiles);
    fold_norms(&mut shared.layers);
    let rows = shared.layers.into_iter().map(|layer| layer.row);
    let rows = rows.filter(|row| !row.work.is_empty() || row.unknown.is_some()).collect();
    let state = LinkState { view, profiles: shared.profiles, changed, sent };
    Ok(Opened { scored: Scored { score, basis: None, rows }, state })
}

/// Links of before say which layers are batch normalisations, and not behind which layer they go into its weights: it
/// is taken to be the nearest linear one before of as many outputs.
fn fold_norms(layers: &mut [share::Layer]) {
    let is_norm = |work: &Work| matches!(work, Work::BatchNorm { .. });
    if layers.iter().any(|layer| layer.row.work.iter().skip(1).any(is_norm)) {
        return;
    }
    let norms = layers.iter().enumerate().filter(|(_, layer)| layer.row.work.is_empty());
    let norms: Vec<(usize, u64)> =
        norms.map(|(at, layer)| (at, layer.figures.batch_norm)).filter(|(_, n)| *n > 0).collect();
    for (at, elements) in norms {
        let makes = |layer: &&mut share::Layer| match &layer.row.work[..] {
            [Work::Conv(conv) | Work::ConvTranspose(conv)] => {
                conv.output
                    .iter()
                    .fold(conv.batch.saturating_mul(conv.out_channels), |n, size| n.saturating_mul(*size))
                    == elements
            }
            [Work::MatMul { batch, m, n, secret: false, .. }] => {
                batch.saturating_mul(*m).saturating_mul(*n) == elements
            }
            _ => false,
        };
        if let Some(layer) = layers.iter_mut().take(at).rev().find(makes) {
            layer.row.work.push(Work::BatchNorm { elements });
        }
    }
}

fn shared(score: &Score, rows: &[Row], view: &LinkView, terms: &Terms) -> Shared {
    let model = &score.model;
    let mut rows = rows.iter().peekable();
    let mut layers = Vec::with_capacity(score.layers.len());
    for layer in &score.layers {
        let work = rows.next_if(|row| row.index == layer.index).cloned().unwrap_or_default();
        let row = Row {
            index: layer.index,
            name: layer.name.clone(),
            op: layer.op.clone(),
            work: work.work,
            unknown: layer.reason.clone().or(work.unknown),
            after: work.after,
            passes: work.passes,
        };
        layers.push(shared_layer(layer, row));
    }
    let ids = terms.protocols.iter();
    let ids = ids.chain(terms.own.iter().map(|own| &own.base));
    let used = ids.filter_map(|id| cost::profile(id).ok());
    let version = |profile: &cost::Profile| (profile.id.to_owned(), profile.version);
    let ports = |ports: &[Port]| ports.iter().map(shared_port).collect();
    let facts = [
        ("nodes", score.coverage.nodes),
        ("ir-version", u64::try_from(model.ir_version).unwrap_or(0)),
        ("opset", u64::try_from(model.opset).unwrap_or(0)),
        ("file-bytes", model.file_bytes),
        ("inside-bytes", model.weights.inside_bytes),
        ("external-bytes", model.weights.external_bytes),
    ];
    let stage = |stage: &Stage| share::Stage {
        name: stage.name.clone(),
        resolution: stage.resolution.as_ref().map(|sizes| sizes.iter().copied().map(Size::Known).collect()),
        blocks: stage.blocks,
    };
    Shared {
        title: Some(model.name.clone()),
        example: view.example.clone(),
        hash: bytes_from_hex(&model.hash),
        view: view.view.clone(),
        settings: view.settings.clone(),
        profiles: used.map(version).collect(),
        facts: facts.map(|(name, value)| (name.to_owned(), value)).to_vec(),
        selection: view.selection.clone(),
        ports: [ports(&model.inputs), ports(&model.outputs)],
        stages: score.stages.iter().map(stage).collect(),
        layers,
    }
}

/// What a row shows unless the link says otherwise.
fn first_function(row: &Row) -> Option<Activation> {
    row.work.iter().find_map(|work| match work {
        Work::Activation(a) => Some(*a),
        _ => None,
    })
}

/// The function that the table shows, where it is not the first of the work: a cell of gates, all passes of a loop.
fn shown(layer: &Layer, row: &Row) -> Option<Activation> {
    let a = layer.activation.as_ref()?;
    let shown = Activation {
        kind: Kind::ALL.into_iter().find(|kind| kind.name() == a.kind)?,
        elements: a.elements,
        rows: a.rows,
        row_length: a.row_length,
        comparisons: a.comparisons,
        folded: a.folded,
    };
    Some(shown).filter(|shown| first_function(row) != Some(*shown))
}

fn shared_layer(layer: &Layer, row: Row) -> share::Layer {
    share::Layer {
        shown: shown(layer, &row),
        row,
        shape: layer.shape.as_deref().map(sizes),
        stage: layer.stage.clone(),
        block: layer.block,
        figures: Figures {
            macs: layer.macs,
            macs_valid: layer.macs_valid,
            params: layer.params,
            params_shared: layer.params_shared,
            average_pool: layer.average_pool,
            truncations: layer.truncations,
            products: layer.products,
            adds: layer.adds,
            bias: layer.bias,
            batch_norm: layer.batch_norm,
            weight_bytes: layer.weight_bytes,
            activation_bytes: layer.activation_bytes,
        },
        marks: layer.marks.clone(),
    }
}

fn layer(shared: &share::Layer) -> Layer {
    let (row, figures) = (&shared.row, &shared.figures);
    let shown = shared.shown.or_else(|| first_function(row)).as_ref().map(LayerActivation::from);
    // What is counted once in a loop has figures, and a reason why it takes more.
    let is_unknown = row.unknown.is_some() && figures.macs.is_none();
    // A row needs a name to be found by: the operator and its place, where names were left out.
    let name = if row.name.is_empty() { format!("{} {}", row.op, row.index) } else { row.name.clone() };
    Layer {
        index: row.index,
        name,
        op: row.op.clone(),
        output: String::new(),
        shape: shared.shape.as_deref().map(extents),
        macs: figures.macs,
        macs_valid: figures.macs_valid,
        params: figures.params,
        params_shared: figures.params_shared,
        activation: shown,
        average_pool: figures.average_pool,
        truncations: figures.truncations,
        products: figures.products,
        adds: figures.adds,
        bias: figures.bias,
        batch_norm: figures.batch_norm,
        weight_bytes: figures.weight_bytes,
        activation_bytes: figures.activation_bytes,
        stage: shared.stage.clone(),
        block: shared.block,
        status: if is_unknown { LayerStatus::Unknown } else { LayerStatus::Counted },
        reason: row.unknown.clone().filter(|_| is_unknown),
        marks: shared.marks.clone(),
    }
}

fn coverage(shared: &Shared, layers: &[Layer]) -> Coverage {
    let unknown: Vec<UnknownNode> = (layers.iter())
        .filter_map(|layer| {
            let reason = layer.reason.clone()?;
            Some(UnknownNode { node: layer.name.clone(), op: layer.op.clone(), reason })
        })
        .collect();
    let nodes = fact(shared, "nodes");
    Coverage { nodes, counted: nodes.saturating_sub(unknown.len() as u64), unknown }
}

fn model_info(shared: &Shared) -> ModelInfo {
    let [inputs, outputs] = &shared.ports;
    let signed = |name: &str| i64::try_from(fact(shared, name)).unwrap_or(0);
    let ports = |ports: &[share::Port]| ports.iter().map(port).collect();
    ModelInfo {
        name: shared.title.clone().or_else(|| example(shared)).unwrap_or_else(|| "from a link".into()),
        file_bytes: fact(shared, "file-bytes"),
        bytes_read: 0,
        ir_version: signed("ir-version"),
        opset: signed("opset"),
        opsets: BTreeMap::from([(String::new(), signed("opset"))]),
        producer: String::new(),
        inputs: ports(inputs),
        outputs: ports(outputs),
        symbols: Vec::new(),
        hash: shared.hash.iter().map(|byte| format!("{byte:02x}")).collect(),
        weights: Weights {
            inside_bytes: fact(shared, "inside-bytes"),
            external_bytes: fact(shared, "external-bytes"),
            missing_files: Vec::new(),
            faults: Vec::new(),
        },
    }
}

/// The name of the example that it came from: ours, not the model's author's.
fn example(shared: &Shared) -> Option<String> {
    let id = shared.example.as_deref()?;
    design::examples().iter().find(|example| example.id == id).map(design::Example::name)
}

fn fact(shared: &Shared, name: &str) -> u64 {
    shared.facts.iter().find(|(known, _)| known == name).map_or(0, |(_, value)| *value)
}

fn shared_port(port: &Port) -> share::Port {
    share::Port {
        name: port.name.clone(),
        dtype: port.dtype.clone(),
        shape: port.shape.as_deref().map(sizes),
    }
}

fn port(shared: &share::Port) -> Port {
    let shape = shared.shape.as_deref().map(extents);
    Port {
        name: shared.name.clone(),
        dtype: shared.dtype.clone(),
        declared: None,
        shape,
        set: false,
        value: None,
    }
}

fn sizes(shape: &[Extent]) -> Vec<Size> {
    let size = |extent: &Extent| match extent {
        Extent::Known(size) => u64::try_from(*size).map_or_else(|_| Size::Symbolic("?".into()), Size::Known),
        Extent::Symbolic(text) => Size::Symbolic(text.clone()),
    };
    shape.iter().map(size).collect()
}

fn extents(shape: &[Size]) -> Vec<Extent> {
    let extent = |size: &Size| match size {
        Size::Known(size) => {
            i64::try_from(*size).map_or_else(|_| Extent::Symbolic("?".into()), Extent::Known)
        }
        Size::Symbolic(text) => Extent::Symbolic(text.clone()),
    };
    shape.iter().map(extent).collect()
}

/// The first 16 bytes of hexadecimal text; zeros where it is none.
fn bytes_from_hex(text: &str) -> [u8; 16] {
    let mut bytes = [0; 16];
    for (byte, place) in bytes.iter_mut().zip((0..).step_by(2)) {
        *byte = text.get(place..place + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()).unwrap_or(0);
    }
    bytes
}

#[cfg(test)]
mod tests;
