//! `mpc`: the protocol run for real, two parties and a dealer in this process, held to its price layer by layer.
//! `reluctant.mpc/1`; field names are a contract: add, never rename.

use std::rc::Rc;

use reluctant_mpc::together::run;
use reluctant_mpc::wire::{Kind, Link as WireLink, Message, Who, Wire};
use serde::Serialize;

use super::fixed::OnCpu;
use super::live::{LiveLayer, encoded, priced};
use super::run::RunSession;
use crate::cost::Line;
use crate::engines::clock;
use crate::error::{Code, Error, Result};
use crate::mpc::lower;
use crate::onnx::Progress;
use crate::open::Given;
use crate::run::accuracy::{Accuracy, accuracy, accuracy_of_best, best};
use crate::run::batch::Slices;
use crate::run::ring::{Settings, Truncation, Walk};
use crate::run::session::Engine as _;
use crate::run::tensor::Tensor;

/// What a protocol's run is asked for.
#[derive(Clone, Debug)]
pub struct MpcSettings {
    /// 64 or 32.
    pub ring_bits: u32,
    /// Bits after the point.
    pub fraction_bits: u32,
    /// Of all randomness: the same seed, the same messages. Sample `i` has the seed `seed + i`.
    pub seed: u64,
    /// Waits as this link would; None waits nowhere.
    pub link: Option<Line>,
    /// Gives the best class alone: the scores are never opened.
    pub argmax: bool,
    /// Runs the ring's simulation beside it.
    pub simulate: bool,
}

impl Default for MpcSettings {
    fn default() -> Self {
        Self { ring_bits: 64, fraction_bits: 18, seed: 0, link: None, argmax: false, simulate: false }
    }
}

/// A finished run. Counts are of one inference; each is alike.
#[derive(Clone, Debug, Serialize)]
pub struct MpcReport {
    /// Always `reluctant.mpc/1`.
    pub schema: &'static str,
    /// File name.
    pub model: String,
    /// The profile that it is held to.
    pub protocol: &'static str,
    /// Bits of the ring.
    pub ring_bits: u32,
    /// Bits after the point.
    pub fraction_bits: u32,
    /// Seed of the first sample.
    pub seed: u64,
    /// Samples, an inference each.
    pub samples: usize,
    /// Bytes that the client and the server send one another, without sharing and opening.
    pub bytes_by_party: [u64; 2],
    /// Their sum.
    pub bytes_total: u64,
    /// What the profile says to it; None where a layer has no price, as the best class has none.
    pub predicted_bytes_total: Option<u64>,
    /// Messages of each party.
    pub messages: u64,
    /// Rounds: in each, both send, and wait for one another.
    pub rounds: u64,
    /// By kind of message.
    pub kinds: Vec<MpcKind>,
    /// By layer that computes, in order.
    pub layers: Vec<MpcLayer>,
    /// Bytes of the input's shares, from the client.
    pub input_bytes: u64,
    /// Bytes of the weights' shares, from the server.
    pub weights_bytes: u64,
    /// Bytes of the result's shares, from the server.
    pub output_bytes: u64,
    /// Bytes from the dealer: seeds, and the corrections that they do not make.
    pub dealer_bytes: u64,
    /// Seconds of all samples, waiting included.
    pub seconds: f64,
    /// Without the waiting.
    pub compute_seconds: f64,
    /// Id of the link that was waited for.
    pub link: Option<String>,
    /// Seconds that the link is priced at for all samples.
    pub link_seconds: f64,
    /// Accuracy; None without labels. Of the best class alone, the five best are not known.
    pub accuracy: Option<Accuracy>,
    /// The simulation beside it, where asked for.
    pub ring: Option<MpcRing>,
    /// What the client has in the end, a row a sample.
    pub output: Vec<Vec<f64>>,
}

/// Messages of a kind, of both parties.
#[derive(Clone, Debug, Serialize)]
pub struct MpcKind {
    /// Which.
    pub kind: Kind,
    /// Messages.
    pub messages: u64,
    /// Bytes.
    pub bytes: u64,
}

/// What a layer sent.
#[derive(Clone, Debug, Serialize)]
pub struct MpcLayer {
    /// Index of the node, as in `reluctant.score/1`; the last one's for the best class.
    pub index: u32,
    /// Its name.
    pub name: String,
    /// Operator; `ArgMax` for the best class.
    pub op: String,
    /// Bytes of both parties.
    pub bytes: u64,
    /// What the profile says; None where it has no price.
    pub predicted_bytes: Option<u64>,
    /// Rounds.
    pub rounds: u64,
}

/// The same samples in the ring's simulation, truncated alike.
#[derive(Clone, Debug, Serialize)]
pub struct MpcRing {
    /// Samples whose best class is the same.
    pub same: usize,
    /// Largest difference of the outputs.
    pub largest_difference: f64,
    /// Largest difference of the simulation from floating point.
    pub simulated_difference: f64,
    /// Largest difference of the protocol from floating point.
    pub float_difference: f64,
}

fn fault(e: reluctant_mpc::Fault) -> Error {
    Error::new(Code::InvalidGraph, e.0)
}

impl RunSession {
    /// Runs the protocol, a sample after another. The session must have been opened for one sample at a time.
    ///
    /// # Errors
    /// `NotSupported` for a layer that the engine has not; `InvalidSetting` for a ring, arrays or a batch that do not fit.
    pub fn mpc(
        &mut self,
        given: Given,
        settings: &MpcSettings,
        progress: &mut Progress<'_>,
    ) -> Result<MpcReport> {
        let MpcSettings { ring_bits, fraction_bits, seed, .. } = *settings;
        let ring =
            Settings { ring_bits, fraction_bits, truncation: Truncation::Probabilistic, seed: settings.seed };
        let model = &self.session.model;
        let cpu = self.session.engine.cpu(model)?;
        let mut lowered = lower(model, &ring, &mut |id| cpu.weight(model, id))?;
        let classes = lowered.network.sizes().map_err(fault)?.last().copied().unwrap_or(0);
        if settings.argmax {
            lowered.close();
        }
        let slices = Slices::new(model, given.inputs, model.any_batch && cpu.any_batch())?;
        let network = Rc::new(lowered.network.clone());
        let link = settings.link.map(Line::link);
        let speed = link.as_ref().map(|link| WireLink {
            up: link.up_bytes_per_s,
            down: link.down_bytes_per_s,
            round_trip: link.rtt_ms / 1e3,
        });
        let mut walk = settings.simulate.then(|| Walk::new(model, ring)).transpose()?;
        let (mut output, mut simulated, mut floats) = (Vec::new(), Vec::new(), Vec::new());
        let (mut wire, mut seconds, mut waited) = (Wire::new(), 0.0, 0.0);
        for index in 0..slices.count() {
            if progress(index as u64, slices.samples as u64).is_break() {
                return Err(Error::new(Code::Cancelled, "the run was stopped"));
            }
            let slice = slices.get(index)?;
            let input = encoded(&slice.inputs, &lowered, &ring)?;
            let start = clock::seconds();
            let mut wait = |message: &Message| {
                if let Some(speed) = &speed {
                    waited += rest(speed, message);
                }
            };
            let ran = run(&network, &lowered.weights, &input, seed.wrapping_add(index as u64), &mut wait);
            let ran = ran.map_err(fault)?;
            seconds += clock::seconds() - start;
            wire = ran.wire;
            let one = |number: &u64| match settings.argmax {
                true => network.ring.signed(*number) as f64,
                false => network.ring.fraction_of(*number),
            };
            output.push(ran.output.iter().map(one).collect::<Vec<f64>>());
            if let Some(walk) = &mut walk {
                let outputs =
                    walk.slice(&slice.inputs, slice.samples, &mut OnCpu { cpu: &mut *cpu, model })?;
                let wanted = outputs.into_iter().find(|(id, ..)| model.graph.outputs.first() == Some(id));
                let (_, one, other) = wanted.ok_or_else(|| Error::new(Code::InvalidGraph, "no output"))?;
                simulated.push(one.data().convert::<f64>());
                floats.push(other.data().convert::<f64>());
            }
        }
        let priced = priced(model, &lowered)?;
        let layers = priced.layers.into_iter().map(|layer| {
            let sent = wire.sum(|at, kind, _| layer.at.contains(&at) && kind.online());
            let LiveLayer { index, name, op, predicted_bytes, .. } = layer;
            MpcLayer { index, name, op, bytes: sent.bytes, predicted_bytes, rounds: sent.messages / 2 }
        });
        let side = |who| wire.sum(|_, kind, from| kind.online() && from == who);
        let apart = |kind: Kind| wire.sum(|_, one, _| one == kind).bytes;
        let (client, server) = (side(Who::Client), side(Who::Server));
        let link_seconds = speed.map_or(0.0, |speed| wire.seconds(&speed)) * slices.samples as f64;
        let accuracy = match &given.labels {
            Some(labels) if settings.argmax => Some(accuracy_of_best(&firsts(&output), classes, labels)?),
            Some(labels) => Some(accuracy(&table(&output)?, labels)?),
            None => None,
        };
        Ok(MpcReport {
            schema: "reluctant.mpc/1",
            model: model.name.clone(),
            protocol: "semi2k",
            ring_bits,
            fraction_bits,
            seed,
            samples: slices.samples,
            bytes_by_party: [client.bytes, server.bytes],
            bytes_total: client.bytes + server.bytes,
            predicted_bytes_total: priced.predicted_bytes.map(|[up, down]| up + down),
            messages: client.messages,
            rounds: wire.rounds(),
            kinds: kinds(&wire),
            layers: layers.collect(),
            input_bytes: apart(Kind::Input),
            weights_bytes: apart(Kind::Weights),
            output_bytes: apart(Kind::Output),
            dealer_bytes: apart(Kind::Seed) + apart(Kind::Correction),
            seconds,
            compute_seconds: seconds - waited,
            link: link.map(|link| link.id.into_owned()),
            link_seconds,
            accuracy,
            ring: match walk {
                Some(_) => Some(beside(&output, &simulated, &floats, settings.argmax)?),
                None => None,
            },
            output,
        })
    }
}

/// Waits for what a message takes on a link, and says how long that was. A round trip is the client's message's.
fn rest(link: &WireLink, message: &Message) -> f64 {
    let bytes = message.bytes.len() as u64;
    let seconds = match (message.kind.online(), message.from) {
        (true, Who::Client) => link.seconds(bytes, 0, 1),
        (true, Who::Server) => link.seconds(0, bytes, 0),
        _ => return 0.0,
    };
    let start = clock::seconds();
    std::thread::sleep(std::time::Duration::from_secs_f64(seconds));
    clock::seconds() - start
}

fn kinds(wire: &Wire) -> Vec<MpcKind> {
    let mut kinds: Vec<MpcKind> = Vec::new();
    for (_, kind, _, count) in wire.counts() {
        match kinds.iter_mut().find(|one| one.kind == kind) {
            Some(one) => {
                one.messages += count.messages;
                one.bytes += count.bytes;
            }
            None => kinds.push(MpcKind { kind, messages: count.messages, bytes: count.bytes }),
        }
    }
    kinds.sort_by_key(|one| one.kind);
    kinds
}

fn table(rows: &[Vec<f64>]) -> Result<Tensor> {
    let classes = rows.first().map_or(0, Vec::len);
    Tensor::new(vec![rows.len(), classes], rows.iter().flatten().map(|x| *x as f32).collect())
}

/// The one number of each row.
fn firsts(rows: &[Vec<f64>]) -> Vec<f64> {
    rows.iter().map(|row| row.first().copied().unwrap_or(-1.0)).collect()
}

fn beside(output: &[Vec<f64>], simulated: &[Vec<f64>], floats: &[Vec<f64>], argmax: bool) -> Result<MpcRing> {
    let classes = |rows: &[Vec<f64>]| -> Result<Vec<f64>> {
        let best = best(&table(rows)?, 1)?;
        Ok(best.iter().map(|row| row.first().map_or(-1.0, |guess| guess.class as f64)).collect())
    };
    let own = match argmax {
        true => firsts(output),
        false => classes(output)?,
    };
    let same = own.iter().zip(classes(simulated)?).filter(|(a, b)| **a == *b).count();
    let off = |a: &[Vec<f64>], b: &[Vec<f64>]| {
        let pairs = a.iter().flatten().zip(b.iter().flatten());
        pairs.fold(0f64, |most, (a, b)| most.max((a - b).abs()))
    };
    let of_scores = |other| if argmax { 0.0 } else { off(output, other) };
    Ok(MpcRing {
        same,
        largest_difference: of_scores(simulated),
        simulated_difference: off(simulated, floats),
        float_difference: of_scores(floats),
    })
}
