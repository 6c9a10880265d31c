//! Every mask of whole channels of a small network, tried on images without fine-tuning.
//!
//! Between two activations a network is affine in what the first one lets through: each channel's part is worked out once,
//! and a mask is a sum of parts. So 2^14 masks of 500 images take seconds. Images that memory has no place for at once come
//! one batch after another.

use std::ops::Range;

use crate::data::Set;
use crate::layers::{Map, flat};
use crate::net::{Net, Op, Unfit};
use crate::pass::Tape;
use crate::site::Site;

/// Channels of all activations together, at most.
pub const MOST_CHANNELS: usize = 16;

/// A mask's ReLUs of one image, and how many images get their class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tried {
    /// ReLUs that stay.
    pub relus: usize,
    /// Images that are right.
    pub right: usize,
}

/// Each mask at its own place: bit i is the i-th channel, activations in order; what does not stay is the polynomial that
/// the network has there.
///
/// # Errors
/// More than [`MOST_CHANNELS`]; activations out of order; between them a layer that is not affine; an image whose parts are too
/// large.
pub fn every_mask(net: &Net<f32>, set: &Set<f32>) -> Result<Vec<Tried>, Unfit> {
    // A pass, and behind an activation what each of its channels and none of them lets through.
    let held = net.sites.iter().map(|site| site.shape[0]).sum::<usize>().saturating_add(2);
    masks_by(net, set, net.most(held))
}

/// The same, so many images at once.
pub(crate) fn masks_by(net: &Net<f32>, set: &Set<f32>, batch: usize) -> Result<Vec<Tried>, Unfit> {
    let mut net = net.clone();
    net.open(None);
    let channels: usize = net.sites.iter().map(|site| site.shape[0]).sum();
    if channels > MOST_CHANNELS {
        let text = format!(
            "{channels} channels of activations are too many: every mask of {MOST_CHANNELS} is tried"
        );
        return Err(Unfit(text));
    }
    if batch == 0 {
        return Err(Unfit("the parts of one image are too large to be held at once".to_owned()));
    }
    let parts = parts(&net)?;
    let places: Vec<usize> = (0..set.len()).collect();
    let (x, labels) = set.batch(places.get(..batch).unwrap_or(&places));
    let tape = net.pass(x);
    let tried = vec![Tried::default(); 1 << channels];
    let mut walk = Walk { net, tape, labels, parts, tried };
    walk.from(0, 0, 0, 0);
    for places in places.chunks(batch).skip(1) {
        let (x, labels) = set.batch(places);
        walk.net.open(None);
        walk.tape = walk.net.pass(x);
        walk.labels = labels;
        walk.from(0, 0, 0, 0);
    }
    Ok(walk.tried)
}

/// From an activation to the next one or the end, and which of its values are read behind it.
struct Part {
    nodes: Range<usize>,
    read: Vec<usize>,
}

fn parts(net: &Net<f32>) -> Result<Vec<Part>, Unfit> {
    let activations: Vec<usize> =
        (0..net.nodes.len()).filter(|place| matches!(net.nodes[*place].op, Op::Activation(_))).collect();
    let sites = activations.iter().map(|place| match net.nodes[*place].op {
        Op::Activation(site) => site,
        _ => usize::MAX,
    });
    if !sites.eq(0..net.sites.len()) {
        return Err(Unfit("its activations do not stand in order".to_owned()));
    }
    let ends = activations.iter().skip(1).copied().chain([net.nodes.len()]);
    let of = |(start, end): (&usize, usize)| {
        let nodes = *start..end;
        let bent = net.nodes[nodes.clone()].iter().any(|node| matches!(node.op, Op::Maximum(_)));
        if bent {
            return Err(Unfit("a maximum pool behind an activation is not affine".to_owned()));
        }
        // Value i + 1 is made by node i.
        let later = net.nodes[end..].iter().flat_map(|node| &node.inputs);
        let mut read: Vec<usize> =
            later.copied().filter(|value| nodes.contains(&(value.wrapping_sub(1)))).collect();
        if end == net.nodes.len() {
            read.push(end);
        }
        read.sort_unstable();
        read.dedup();
        Ok(Part { nodes, read })
    };
    activations.iter().zip(ends).map(of).collect()
}

struct Walk {
    net: Net<f32>,
    tape: Tape<f32>,
    labels: Vec<u16>,
    parts: Vec<Part>,
    tried: Vec<Tried>,
}

impl Walk {
    /// Tries all masks of the activations from `at` on; those before have `mask` and `relus`, in `shift` channels.
    fn from(&mut self, at: usize, shift: usize, mask: usize, relus: usize) {
        let Some(Part { nodes, read }) = self.parts.get(at) else {
            let right = self.tried[mask].right + self.right();
            self.tried[mask] = Tried { relus, right };
            return;
        };
        let (nodes, read) = (nodes.clone(), read.clone());
        let [channels, h, w] = self.net.sites[at].shape;
        let values =
            |tape: &Tape<f32>| -> Vec<Map<f32>> { read.iter().map(|v| tape.value(*v).clone()).collect() };
        let with = |walk: &mut Self, channel: usize| {
            walk.net.keep(at, |place| place / (h * w) == channel);
            walk.net.again(&mut walk.tape, nodes.clone());
            values(&walk.tape)
        };
        let alone: Vec<Vec<Map<f32>>> = (0..channels).map(|channel| with(self, channel)).collect();
        let none = with(self, channels);
        let own: Vec<Vec<Map<f32>>> = alone
            .into_iter()
            .map(|all| all.into_iter().zip(&none).map(|(v, none)| v - none).collect())
            .collect();
        // Each mask differs from the one before in one channel (Gray's code).
        let mut on = 0usize;
        for step in 0..1usize << channels {
            let next = step ^ (step >> 1);
            let changed = (next ^ on).trailing_zeros() as usize;
            for (value, own) in read.iter().zip(own.get(changed).into_iter().flatten()) {
                if next > on {
                    *self.tape.value_mut(*value) += own;
                } else {
                    *self.tape.value_mut(*value) -= own;
                }
            }
            on = next;
            let stay = relus + on.count_ones() as usize * h * w;
            self.from(at + 1, shift + channels, mask | on << shift, stay);
        }
    }

    fn right(&self) -> usize {
        let logits = flat(self.tape.logits());
        let images = self.labels.len();
        let right = |(image, label): (usize, &u16)| {
            let mut best = 0;
            for class in 1..self.net.classes() {
                if logits[class * images + image] > logits[best * images + image] {
                    best = class;
                }
            }
            best == usize::from(*label)
        };
        self.labels.iter().enumerate().filter(|at| right(*at)).count()
    }
}

/// What a replacement changes in an activation.
#[derive(Clone, Debug)]
pub struct Changed {
    /// Of each element: |relu(x) - P(x)|, summed over images.
    pub difference: Vec<f32>,
    /// Of each channel: mean of (relu(x) - P(x))^2.
    pub error: Vec<f64>,
}

/// Of each activation, in a network with all ReLUs, what its polynomial would change.
pub fn changes(net: &Net<f32>, set: &Set<f32>) -> Vec<Changed> {
    changes_by(net, set, net.most(1))
}

/// The same, so many images at once, but one at least.
pub(crate) fn changes_by(net: &Net<f32>, set: &Set<f32>, batch: usize) -> Vec<Changed> {
    let activations: Vec<(&Site<f32>, usize)> = net
        .nodes
        .iter()
        .filter_map(|node| match node.op {
            Op::Activation(site) => Some((net.sites.get(site)?, *node.inputs.first()?)),
            _ => None,
        })
        .collect();
    // Of each element: |d| and d^2, summed over images.
    let elements = |site: &Site<f32>| site.shape.iter().product::<usize>();
    let mut apart: Vec<Vec<(f64, f64)>> =
        activations.iter().map(|(site, _)| vec![(0.0, 0.0); elements(site)]).collect();
    let places: Vec<usize> = (0..set.len()).collect();
    for places in places.chunks(batch.max(1)) {
        let tape = net.pass(set.batch(places).0);
        for ((site, value), apart) in activations.iter().zip(&mut apart) {
            let coefficients = net.params[site.coefficients].slice();
            let pixels = pixels(site);
            let elements = flat(tape.value(*value)).chunks_exact(places.len()).zip(apart).enumerate();
            for (place, (images, apart)) in elements {
                let c = &coefficients[place / pixels * 3..];
                let each = images.iter().map(|x| f64::from(x.max(0.0) - (c[0] + x * (c[1] + x * c[2]))));
                *apart = each.fold(*apart, |(sum, square), d| (sum + d.abs(), square + d * d));
            }
        }
    }
    let of = |((site, _), apart): (&(&Site<f32>, usize), Vec<(f64, f64)>)| {
        let count = (pixels(site) * set.len().max(1)) as f64;
        let error = apart.chunks(pixels(site)).map(|of| of.iter().map(|(_, sq)| sq).sum::<f64>() / count);
        Changed { error: error.collect(), difference: apart.iter().map(|(sum, _)| *sum as f32).collect() }
    };
    activations.iter().zip(apart).map(of).collect()
}

fn pixels(site: &Site<f32>) -> usize {
    (site.shape[1] * site.shape[2]).max(1)
}
