//! The same network with other widths: what both have is taken over, what is new is drawn.

use crate::net::{Net, Op, Param, Unfit};
use crate::random::Random;
use crate::real::Real;

/// Convolutions that must have as many outputs as each other, since sums join them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tied {
    /// Their nodes, in order.
    pub nodes: Vec<usize>,
    /// Outputs of each.
    pub width: usize,
}

/// What is known of the channels of each value.
struct Channels {
    /// A value with as many channels, the first of them.
    like: Vec<usize>,
}

impl Channels {
    fn root(&self, mut value: usize) -> usize {
        while self.like[value] != value {
            value = self.like[value];
        }
        value
    }

    fn of<T: Real>(net: &Net<T>) -> Result<Self, Unfit> {
        let mut found = Self { like: vec![0] };
        for (at, node) in net.nodes.iter().enumerate() {
            let first = found.root(node.inputs[0]);
            let like = match node.op {
                Op::Conv { groups: 1, .. } | Op::Flatten => at + 1,
                Op::Norm { .. } | Op::Average(_) | Op::Maximum(_) | Op::Global => first,
                Op::Activation(site) if net.sites.get(site).is_some_and(|site| site.plain) => first,
                Op::Add => {
                    let (low, high) = {
                        let second = found.root(node.inputs[1]);
                        (first.min(second), first.max(second))
                    };
                    found.like[high] = low;
                    low
                }
                Op::Conv { .. } => {
                    return Err(Unfit("widths of grouped convolutions do not move".to_owned()));
                }
                _ => return Err(Unfit("widths move in networks with all their ReLUs alone".to_owned())),
            };
            found.like.push(like);
        }
        Ok(found)
    }
}

/// The widths that can move: not of the last layer, whose outputs are the classes, nor of what is added to the input.
///
/// # Errors
/// Grouped convolutions, ReLUs that are replaced, sums of vectors that were maps.
pub fn tied<T: Real>(net: &Net<T>) -> Result<Vec<Tied>, Unfit> {
    let channels = Channels::of(net)?;
    let last = channels.root(net.nodes.len());
    let mut found: Vec<(usize, Tied)> = Vec::new();
    for (at, node) in net.nodes.iter().enumerate() {
        let root = channels.root(at + 1);
        match node.op {
            // What a flattened map has follows from the map.
            Op::Flatten if root != at + 1 => return Err(Unfit("a flattened map is added to".to_owned())),
            Op::Conv { outputs, .. } if root != 0 && root != last => {
                match found.iter_mut().find(|(of, _)| *of == root) {
                    Some((_, tied)) => tied.nodes.push(at),
                    None => found.push((root, Tied { nodes: vec![at], width: outputs })),
                }
            }
            _ => {}
        }
    }
    let flat = |root: usize| matches!(net.nodes.get(root.wrapping_sub(1)), Some(node) if matches!(node.op, Op::Flatten));
    if found.iter().any(|(root, _)| flat(*root)) {
        return Err(Unfit("a flattened map is added to".to_owned()));
    }
    Ok(found.into_iter().map(|(_, tied)| tied).collect())
}

/// The network with these widths; weights of channels that both have are taken over, others are drawn.
///
/// # Errors
/// As [`tied`]; another number of widths, or one of 0.
pub fn resized<T: Real>(net: &Net<T>, widths: &[usize], random: &mut Random) -> Result<Net<T>, Unfit> {
    let groups = tied(net)?;
    if groups.len() != widths.len() || widths.contains(&0) {
        return Err(Unfit(format!("{} widths, each at least 1, are told", groups.len())));
    }
    let width =
        |node: usize| groups.iter().zip(widths).find(|(tied, _)| tied.nodes.contains(&node)).map(|(_, w)| *w);
    let name = |at: usize| net.params.get(at).map_or("", |param| param.name.as_str());
    let mut made = Net::new(net.shape(0));
    for (at, node) in net.nodes.iter().enumerate() {
        let x = node.inputs[0];
        match &node.op {
            Op::Conv { window, outputs, weight, bias, .. } => {
                let outputs = width(at).unwrap_or(*outputs);
                let names = [Some(name(*weight)), bias.map(name)];
                match net.params.get(*weight).is_some_and(|param| param.dims.len() == 2) {
                    true => made.dense(x, names, outputs)?,
                    false => made.conv(x, names, outputs, *window, 1)?,
                }
            }
            Op::Norm { places, eps } => made.norm(x, places.map(name), *eps),
            Op::Activation(site) => made.relu(x, net.sites.get(*site).map_or("", |site| &site.name)),
            Op::Average(window) => made.average(x, *window)?,
            Op::Maximum(window) => made.maximum(x, *window)?,
            Op::Global => made.global(x),
            Op::Flatten => made.flatten(x),
            Op::Add => made.add(x, node.inputs[1])?,
            _ => return Err(Unfit("widths move in networks with all their ReLUs alone".to_owned())),
        };
    }
    made.init(random);
    let both = net.nodes.iter().zip(made.nodes.clone());
    for (old, new) in both {
        let mut take = |from: usize, to: usize| {
            if let (Some(from), Some(to)) = (net.params.get(from), made.params.get_mut(to)) {
                overlap(from, to);
            }
        };
        match (&old.op, &new.op) {
            (Op::Conv { weight: a, bias: c, .. }, Op::Conv { weight: b, bias: d, .. }) => {
                take(*a, *b);
                if let Some((c, d)) = c.zip(*d) {
                    take(c, d);
                }
            }
            (Op::Norm { places: a, .. }, Op::Norm { places: b, .. }) => {
                a.iter().zip(b).for_each(|(a, b)| take(*a, *b));
            }
            _ => {}
        }
    }
    Ok(made)
}

/// The numbers that both have, by output and input.
fn overlap<T: Real>(from: &Param<T>, to: &mut Param<T>) {
    let dims = |param: &Param<T>| {
        let at = |axis: usize| param.dims.get(axis).copied().unwrap_or(1);
        [at(0), at(1), param.dims.iter().skip(2).product::<usize>()]
    };
    let ([o, i, taps], [outputs, inputs, _]) = (dims(from), dims(to));
    for output in 0..o.min(outputs) {
        let count = i.min(inputs) * taps;
        let (a, b) = (output * i * taps, output * inputs * taps);
        if let (Some(from), Some(to)) = (from.slice().get(a..a + count), to.slice_mut().get_mut(b..b + count))
        {
            to.copy_from_slice(from);
        }
    }
}

/// Multiplications of one image.
pub fn macs<T: Real>(net: &Net<T>) -> u64 {
    (0..net.nodes.len()).map(|node| net.multiplications(node)).fold(0, u64::saturating_add)
}
