//! How much a network would miss of each layer: the loss it rises by when the same expected work of one layer goes.
//!
//! After Network Adjustment (arXiv 2004.02767, danczs/NetworkAdjustment at 0272dd6): channels of one layer are multiplied by
//! 1 + N(0, p / (1 - p)), forward passes only. F is a layer's share of work: its own multiplications and those of the layers
//! that read its channels. The drop p = p0 mean(F) / F loses every layer the same expected work. The twin for ReLUs is ours:
//! a random share p = p0 mean(R) / R of a site's ReLUs gives way to x (or to the site's polynomial).

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use crate::data::Set;
use crate::layers::loss::{Blend, loss};
use crate::layers::{Map, flat_mut, gate};
use crate::net::{Net, Op};
use crate::random::Random;
use crate::real::Real;

/// Images of one pass.
const BATCH: usize = 128;
/// Largest drop of channels' noise, whose variance has no end towards 1.
const MOST_NOISE: f64 = 0.9;

/// What a layer's work is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Work {
    /// ReLUs that stay, site by site.
    Relu,
    /// Multiplications, convolution by convolution.
    Flops,
}

/// How it is measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ask {
    /// Of what.
    pub what: Work,
    /// Mean share p0 of a layer's work that goes.
    pub share: f64,
    /// Draws that are averaged.
    pub draws: usize,
    /// Seed of the draws.
    pub seed: u64,
    /// Whether the images' classes count; without, the divergence from the undisturbed answers.
    pub labels: bool,
}

/// One layer.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Layer {
    /// Name of its activation, or of its weight.
    pub name: String,
    /// Value that is disturbed.
    #[serde(skip)]
    pub(crate) place: usize,
    /// ReLUs, or multiplications.
    pub work: u64,
    /// Share of it that goes.
    pub drop: f64,
    /// Rise of the loss, mean over draws; not a number before it was measured.
    pub utilisation: f64,
}

/// Drops that lose every layer the same expected work: p0 mean / work, at most 1. Of 65,536, 32,768, 16,384 and 8,192 ReLUs
/// around a mean of 32,768 with p0 = 0.05: 0.025, 0.05, 0.1, 0.2. A layer without work has none to lose.
pub fn drops(works: &[u64], share: f64) -> Vec<f64> {
    let mean = works.iter().map(|work| *work as f64).sum::<f64>() / works.len().max(1) as f64;
    works.iter().map(|work| if *work == 0 { 0.0 } else { (share * mean / *work as f64).min(1.0) }).collect()
}

/// Seed of a draw: layers and draws do not share numbers.
pub fn seed_of(seed: u64, layer: usize, draw: usize) -> u64 {
    Random::new(seed ^ ((layer as u64) << 32) ^ draw as u64).bits()
}

impl<T: Real> Net<T> {
    /// The value of a layer that noise is put on: behind its normalisation and its activation where nothing else reads
    /// what is between.
    fn end_of(&self, node: usize) -> usize {
        let mut value = node + 1;
        loop {
            let mut readers = self.nodes.iter().enumerate().filter(|(_, n)| n.inputs.contains(&value));
            match (readers.next(), readers.next()) {
                (Some((at, next)), None)
                    if matches!(next.op, Op::Norm { .. } | Op::Drop { .. } | Op::Activation(_)) =>
                {
                    value = at + 1
                }
                _ => return value,
            }
        }
    }

    /// Name of the weight of the convolution that a node is.
    pub(crate) fn weight(&self, node: usize) -> Option<&str> {
        let Some(Op::Conv { weight, .. }) = self.nodes.get(node).map(|node| &node.op) else { return None };
        self.params.get(*weight).map(|param| param.name.as_str())
    }

    /// Multiplications of the convolution that a node is, of one image.
    pub(crate) fn multiplications(&self, node: usize) -> u64 {
        let Some(Op::Conv { weight, .. }) = self.nodes.get(node).map(|node| &node.op) else { return 0 };
        let [_, h, w] = self.shape(node + 1);
        self.params.get(*weight).map_or(0, |param| param.value.len() as u64) * (h * w) as u64
    }

    /// Multiplications of the convolutions that read a value, through whatever keeps its channels.
    fn reading(&self, value: usize) -> u64 {
        let mut carries = vec![false; self.nodes.len() + 1];
        carries[value] = true;
        let mut sum = 0;
        for (at, node) in self.nodes.iter().enumerate().skip(value) {
            if node.inputs.iter().any(|input| carries[*input]) {
                match node.op {
                    Op::Conv { .. } => sum += self.multiplications(at),
                    _ => carries[at + 1] = true,
                }
            }
        }
        sum
    }
}

/// The layers with their work and drops, not yet measured.
pub fn layers<T: Real>(net: &Net<T>, what: Work, share: f64) -> Vec<Layer> {
    let mut found: Vec<Layer> = Vec::new();
    for (at, node) in net.nodes.iter().enumerate() {
        let (name, place, work) = match (&node.op, what) {
            (Op::Activation(site), Work::Relu) => {
                let kept = net.kept(*site).iter().filter(|on| **on).count() as u64;
                (&net.sites[*site].name, at + 1, kept)
            }
            // The last layer's channels are the classes.
            (Op::Conv { weight, .. }, Work::Flops) if at + 1 < net.nodes.len() => {
                let place = net.end_of(at);
                (&net.params[*weight].name, place, net.multiplications(at) + net.reading(place))
            }
            _ => continue,
        };
        found.push(Layer { name: name.clone(), place, work, drop: 0.0, utilisation: f64::NAN });
    }
    let works: Vec<u64> = found.iter().map(|layer| layer.work).collect();
    for (layer, drop) in found.iter_mut().zip(drops(&works, share)) {
        layer.drop = if what == Work::Flops { drop.min(MOST_NOISE) } else { drop };
    }
    found
}

/// The ReLUs of a site that go in a draw: a random share of those that stay, rounded, one at least where any goes.
pub fn gone(kept: &[bool], drop: f64, random: &mut Random) -> Vec<usize> {
    let mut places: Vec<usize> = kept.iter().enumerate().filter(|(_, on)| **on).map(|(at, _)| at).collect();
    let count = ((places.len() as f64 * drop).round() as usize).clamp(usize::from(drop > 0.0), places.len());
    random.shuffle(&mut places);
    places.truncate(count);
    places
}

/// Measures the layers on images: one pass of each batch, then what comes after a layer for each of its draws.
pub fn utilisation<T: Real>(net: &Net<T>, set: &Set<T>, ask: &Ask) -> Vec<Layer> {
    let mut found = layers(net, ask.what, ask.share);
    let mut rises = vec![0.0; found.len()];
    let places: Vec<usize> = (0..set.len()).collect();
    for images in places.chunks(BATCH) {
        let (x, labels) = set.batch(images);
        let mut tape = net.pass(x);
        let clean = rows(tape.logits());
        let blend = match ask.labels {
            true => Blend::LABELS,
            false => Blend { labels: 0.0, teacher: 1.0, temperature: 1.0 },
        };
        let teacher = (!ask.labels).then_some(&clean);
        let lost = |logits: &Map<T>| loss(logits, &labels, teacher, blend).0 * images.len() as f64;
        let base = lost(tape.logits());
        for (at, layer) in found.iter().enumerate() {
            let undisturbed = tape.value(layer.place).clone();
            for draw in 0..ask.draws {
                let mut random = Random::new(seed_of(ask.seed, at, draw));
                let value = disturbed(net, ask.what, layer, &undisturbed, &tape, &mut random);
                *tape.value_mut(layer.place) = value;
                net.again(&mut tape, layer.place..net.nodes.len());
                rises[at] += lost(tape.logits()) - base;
            }
            // The next layer finds the pass as it was.
            *tape.value_mut(layer.place) = undisturbed;
            net.again(&mut tape, layer.place..net.nodes.len());
        }
    }
    let all = (set.len() * ask.draws).max(1) as f64;
    found.iter_mut().zip(rises).for_each(|(layer, rise)| layer.utilisation = rise / all);
    found
}

/// A layer's value with part of its work gone: noise on channels, or x in place of ReLUs.
fn disturbed<T: Real>(
    net: &Net<T>,
    what: Work,
    layer: &Layer,
    value: &Map<T>,
    tape: &crate::pass::Tape<T>,
    random: &mut Random,
) -> Map<T> {
    if let Some(node) = net.nodes.get(layer.place - 1)
        && let Op::Activation(site) = node.op
        && what == Work::Relu
    {
        let site_of = &net.sites[site];
        let mut keep = net.params[site_of.keep].value.to_vec();
        for at in gone(&net.kept(site), layer.drop, random) {
            keep[at] = T::zero();
        }
        return gate::forward(
            tape.value(node.inputs[0]),
            &keep,
            net.params[site_of.coefficients].slice(),
            T::zero(),
        );
    }
    let deviation = (layer.drop / (1.0 - layer.drop)).sqrt();
    let (channels, h, w, n) = value.dim();
    let mut noisy = value.clone();
    for row in flat_mut(&mut noisy).chunks_exact_mut((n * h * w).max(1)).take(channels) {
        let factor = T::of(1.0 + deviation * random.normal());
        row.iter_mut().for_each(|v| *v *= factor);
    }
    noisy
}

/// What a step moves of a layer: its ReLUs, or its channels.
pub fn width<T: Real>(net: &Net<T>, what: Work, layer: &Layer) -> u64 {
    match what {
        Work::Relu => layer.work,
        Work::Flops => net.shape(layer.place)[0] as u64,
    }
}

/// A layer whose width a step changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// Name of the layer.
    pub name: String,
    /// Its ReLUs, or its channels.
    pub from: u64,
    /// What the step makes of them.
    pub to: u64,
}

/// One step of adjusting, as the released code takes its first: the six layers that are missed most grow by 15 % of their
/// width, then 14 % and so on, the six that are missed least shrink so; of fewer than twelve layers half. Channels stay four at
/// least. Name, width and new width of each that moves, most missed first. ReLUs above a site's elements ask for a wider layer.
pub fn moves(what: Work, layers: &[Layer], widths: &[u64]) -> Vec<Move> {
    moves_of(what, layers, widths, 6)
}

/// The same of so many layers each way, at most.
pub(crate) fn moves_of(what: Work, layers: &[Layer], widths: &[u64], most: usize) -> Vec<Move> {
    let floor = if what == Work::Flops { 4 } else { 0 };
    let mut ranked: Vec<(&Layer, u64)> =
        layers.iter().zip(widths.iter().copied()).filter(|(l, _)| l.work > 0).collect();
    ranked.sort_by(|(a, _), (b, _)| b.utilisation.total_cmp(&a.utilisation));
    let count = (ranked.len() / 2).min(most);
    let part = |rank: usize, width: u64| ((0.15 - 0.01 * rank as f64) * width as f64).round() as u64;
    let mut found: Vec<Move> = Vec::new();
    let mut push = |layer: &Layer, from: u64, to: u64| {
        if from != to {
            found.push(Move { name: layer.name.clone(), from, to });
        }
    };
    for (rank, (layer, width)) in ranked.iter().take(count).enumerate() {
        push(layer, *width, width + part(rank, *width));
    }
    for (rank, (layer, width)) in
        ranked.iter().rev().take(count).enumerate().collect::<Vec<_>>().into_iter().rev()
    {
        let least = floor.min(*width);
        push(layer, *width, width.saturating_sub(part(rank, *width)).max(least));
    }
    found
}

/// Logits, `[images, classes]`.
fn rows<T: Real>(logits: &Map<T>) -> Array2<T> {
    let (classes, .., images) = logits.dim();
    Array2::from_shape_fn((images, classes), |(image, class)| logits[[class, 0, 0, image]])
}
