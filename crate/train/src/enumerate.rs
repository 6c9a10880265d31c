//! Every mask of whole channels of a small network, tried on images without fine-tuning.
//!
//! Between two activations a network is affine in what the first one lets through: each channel's part is worked out once,
//! and a mask is a sum of parts. So 2^14 masks of 500 images take seconds.

use std::ops::Range;

use crate::data::Set;
use crate::layers::{Map, flat};
use crate::net::{Net, Op, Unfit};
use crate::pass::Tape;

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
/// More than [`MOST_CHANNELS`]; activations out of order; between them a layer that is not affine.
pub fn every_mask(net: &Net<f32>, set: &Set<f32>) -> Result<Vec<Tried>, Unfit> {
    let mut net = net.clone();
    net.open(None);
    let channels: usize = net.sites.iter().map(|site| site.shape[0]).sum();
    if channels > MOST_CHANNELS {
        let text = format!(
            "{channels} channels of activations are too many: every mask of {MOST_CHANNELS} is tried"
        );
        return Err(Unfit(text));
    }
    let parts = parts(&net)?;
    let places: Vec<usize> = (0..set.len()).collect();
    let (x, labels) = set.batch(&places);
    let tape = net.pass(x);
    let tried = vec![Tried::default(); 1 << channels];
    let mut walk = Walk { net, tape, labels, parts, tried };
    walk.from(0, 0, 0, 0);
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
            let right = self.right();
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
    let places: Vec<usize> = (0..set.len()).collect();
    let tape = net.pass(set.batch(&places).0);
    let inputs = net.nodes.iter().filter_map(|node| match node.op {
        Op::Activation(site) => Some((net.sites.get(site)?, tape.value(*node.inputs.first()?))),
        _ => None,
    });
    let of = |(site, x): (&crate::site::Site<f32>, &Map<f32>)| {
        let pixels = (site.shape[1] * site.shape[2]).max(1);
        let coefficients = net.params[site.coefficients].slice();
        let apart: Vec<(f64, f64)> = flat(x)
            .chunks_exact(set.len().max(1))
            .enumerate()
            .map(|(place, images)| {
                let c = &coefficients[place / pixels * 3..];
                let each = images.iter().map(|x| f64::from(x.max(0.0) - (c[0] + x * (c[1] + x * c[2]))));
                each.fold((0.0, 0.0), |(sum, square), d| (sum + d.abs(), square + d * d))
            })
            .collect();
        let count = (pixels * set.len().max(1)) as f64;
        Changed {
            difference: apart.iter().map(|(sum, _)| *sum as f32).collect(),
            error: apart.chunks(pixels).map(|of| of.iter().map(|(_, sq)| sq).sum::<f64>() / count).collect(),
        }
    };
    inputs.map(of).collect()
}
