//! What the parties of a protocol take of a model, as bytes for the page, and what it is priced at.

use reluctant_mpc::bytes::weights_bytes;
use reluctant_mpc::net::{Layer, Op};
use serde::Serialize;

use super::run::RunSession;
use crate::cost::{Ask, Detail, Norms, cost_of};
use crate::count;
use crate::error::{Code, Error, Result};
use crate::ir::graph::ValueId;
use crate::mpc::{Lowered, lower};
use crate::open::{self, Given};
use crate::run::batch::Slices;
use crate::run::model::Runnable;
use crate::run::ring::Settings;
use crate::run::session::Engine as _;
use crate::run::tensor::Tensor;

/// A model and a sample for the parties.
#[derive(Clone, Debug)]
pub struct Live {
    /// What both parties and the dealer know: `reluctant_mpc::net::Network` as bytes.
    pub network: Vec<u8>,
    /// What the server has: weights as bytes.
    pub weights: Vec<u8>,
    /// What the client has: the input in the ring.
    pub input: Vec<u64>,
    /// For people.
    pub view: LiveView,
}

/// The layers that the parties compute, and what one inference is priced at under the profile semi2k.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LiveView {
    /// Those that compute, in order.
    pub layers: Vec<LiveLayer>,
    /// Sizes of the input.
    pub input: Vec<usize>,
    /// Bytes of the client and the server; None where a layer has no price.
    pub predicted_bytes: Option<[u64; 2]>,
    /// Rounds; None likewise.
    pub predicted_rounds: Option<u64>,
}

/// A layer that computes.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LiveLayer {
    /// Index of the node, as in `reluctant.score/1`; the last one's for the best class.
    pub index: u32,
    /// Its name.
    pub name: String,
    /// Operator; `ArgMax` for the best class.
    pub op: String,
    /// The engine's layers that it is made of.
    pub at: Vec<usize>,
    /// Sizes of what its node makes.
    pub shape: Vec<usize>,
    /// What the profile says to the bytes of both parties; None where it has no price.
    pub predicted_bytes: Option<u64>,
    /// Operation and size as measurements of an engine name them; None of what is no one operation.
    pub measured: Option<[String; 2]>,
}

impl RunSession {
    /// The model and the first sample in a ring; with `argmax`, the client learns the best class alone. The session must have been
    /// opened for one sample at a time.
    ///
    /// # Errors
    /// `NotSupported` for a layer that the parties have not; `InvalidSetting` for a ring or a sample that does not fit.
    pub fn live(&mut self, given: Given, settings: &Settings, argmax: bool) -> Result<Live> {
        let model = &self.session.model;
        let cpu = self.session.engine.cpu(model)?;
        let mut lowered = lower(model, settings, &mut |id| cpu.weight(model, id))?;
        if argmax {
            lowered.close();
        }
        let slices = Slices::new(model, given.inputs, model.any_batch && cpu.any_batch())?;
        Ok(Live {
            input: encoded(&slices.get(0)?.inputs, &lowered, settings)?,
            view: priced(model, &lowered)?,
            network: lowered.network.bytes(),
            weights: weights_bytes(&lowered.weights),
        })
    }
}

/// One sample in the ring.
pub(super) fn encoded(inputs: &[(ValueId, Tensor)], lowered: &Lowered, ring: &Settings) -> Result<Vec<u64>> {
    let tensor = inputs.iter().find(|(id, _)| *id == lowered.input).map(|(_, tensor)| tensor);
    let tensor = tensor.ok_or_else(|| Error::new(Code::InvalidSetting, "an input is not given"))?;
    let one = |value: &f32| match ring.encode(f64::from(*value), ring.fraction_bits) {
        (number, false) => Ok(lowered.network.ring.of(number)),
        (_, true) => {
            let text = format!("{value} of the input does not fit the ring");
            Err(Error::new(Code::InvalidSetting, text).hint("fewer bits after the point, or the wider ring"))
        }
    };
    tensor.to_f32().iter().map(one).collect()
}

/// The layers with their prices.
pub(super) fn priced(model: &Runnable, lowered: &Lowered) -> Result<LiveView> {
    let rows = count::rows(&model.graph, &count::counted(&model.graph, &open::kept(&model.proto)));
    let mut ask = Ask::default();
    ask.terms.protocols = vec!["semi2k".to_owned()];
    ask.terms.ring_bits = lowered.network.ring.bits;
    // BatchNorm went into the weights before it, and nowhere else.
    ask.terms.norms = Norms::Folded;
    let report = cost_of(&rows, &ask, Detail::Rows)?;
    let estimate = report.estimates.first();
    let of_rows = estimate.and_then(|estimate| estimate.layers.as_deref()).unwrap_or_default();
    let sizes = lowered.network.sizes().map_err(|e| Error::new(Code::InvalidGraph, e.0))?;
    let mut layers: Vec<LiveLayer> = Vec::new();
    let all = lowered.network.layers.iter().zip(&lowered.nodes).enumerate();
    for (at, (layer, node)) in all.filter(|(_, (layer, _))| works(layer)) {
        let best = matches!(layer.op, Op::Argmax { .. });
        if let Some(last) = layers.last_mut().filter(|last| last.index == node.0 && !best) {
            last.at.push(at);
            last.measured = None;
            continue;
        }
        let row = of_rows.iter().find(|row| row.index == node.0).filter(|row| !row.partial && !best);
        let made = model.graph.node(*node);
        let shape = made.output(0).filter(|_| !best).and_then(|id| model.sizes(id));
        layers.push(LiveLayer {
            index: node.0,
            name: layer.name.clone(),
            op: if best { "ArgMax".to_owned() } else { made.op.clone() },
            at: vec![at],
            shape: shape.unwrap_or_default(),
            predicted_bytes: row.and_then(|row| row.bytes_total),
            measured: measured(layer, sizes.get(at + 1).copied().unwrap_or(0)),
        });
    }
    let whole = layers.iter().all(|layer| layer.predicted_bytes.is_some());
    let online = estimate.filter(|estimate| whole && estimate.unpriced.is_empty()).map(|one| &one.online);
    Ok(LiveView {
        layers,
        input: model.sizes(lowered.input).unwrap_or_default(),
        predicted_bytes: online.map(|online| [online.bytes_up, online.bytes_down]),
        predicted_rounds: online.map(|online| online.rounds),
    })
}

/// Operation and size as `reluctant calibrate` reads them; `made`: the numbers that come out.
fn measured(layer: &Layer, made: usize) -> Option<[String; 2]> {
    let by = |sizes: &[usize]| sizes.iter().map(usize::to_string).collect::<Vec<_>>().join("x");
    let (op, size) = match &layer.op {
        Op::Conv { groups, outputs, windows, .. } => {
            let [input, output] = [(windows.channels, windows.input), (*outputs, windows.output)]
                .map(|(channels, [height, width])| by(&[channels, height, width]));
            ("conv", format!("{input} -> {output} k{} g{groups}", by(&windows.kernel)))
        }
        Op::Dense { rows, inputs, outputs, .. } => ("matmul", by(&[*rows, *inputs, *outputs])),
        Op::Relu { .. } => ("relu", made.to_string()),
        Op::Multiply { .. } => ("multiply", made.to_string()),
        Op::Average { .. } | Op::Scale { .. } => ("truncation", made.to_string()),
        Op::Maximum { windows, .. } => ("maxpool", format!("{made} of {}", windows.taps())),
        _ => return None,
    };
    Some([op.to_owned(), size])
}

/// Local sums and moves are no layers that people look for.
fn works(layer: &Layer) -> bool {
    use Op::{Add, Pick, Put, Shift, Sub, Times};
    !matches!(layer.op, Add { .. } | Sub { .. } | Times { .. } | Shift { .. } | Pick { .. } | Put { .. })
}
