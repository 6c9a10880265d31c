//! What a person looks at while a network trains: what goes into an activation, channel by channel.

use serde::Serialize;

use crate::data::Set;
use crate::layers::flat;
use crate::net::{Net, Op};

/// Images that are looked at.
const IMAGES: usize = 64;

/// How often values fall into bins of one width.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Histogram {
    /// Where the first bin begins.
    pub low: f64,
    /// Width of a bin.
    pub width: f64,
    /// Values in each.
    pub counts: Vec<u32>,
}

/// Of each channel, what goes into an activation on the first images of a set; nothing where there is no such one.
pub fn inputs(net: &Net<f32>, set: &Set<f32>, site: usize, bins: usize) -> Vec<Histogram> {
    let places: Vec<usize> = (0..set.len().min(IMAGES)).collect();
    let node = net.nodes.iter().find(|node| matches!(node.op, Op::Activation(at) if at == site));
    let Some(from) = node.and_then(|node| node.inputs.first()).filter(|_| !places.is_empty()) else {
        return Vec::new();
    };
    let tape = net.pass(set.batch(&places).0);
    let value = tape.value(*from);
    let row = value.len() / value.dim().0.max(1);
    flat(value).chunks_exact(row.max(1)).map(|row| histogram(row, bins.clamp(1, 256))).collect()
}

/// Of -1, 0, 0.5 and 1 in two bins: from -1, of width 1, counts 1 and 3.
fn histogram(values: &[f32], bins: usize) -> Histogram {
    let ends = values.iter().fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], value| {
        let value = f64::from(*value);
        if value.is_finite() { [low.min(value), high.max(value)] } else { [low, high] }
    });
    let low = if ends[0].is_finite() { ends[0] } else { 0.0 };
    let width = if ends[1] > low { (ends[1] - low) / bins as f64 } else { 1.0 };
    let mut counts = vec![0; bins];
    for value in values.iter().filter(|value| value.is_finite()) {
        let bin = ((f64::from(*value) - low) / width) as usize;
        if let Some(count) = counts.get_mut(bin.min(bins - 1)) {
            *count += 1;
        }
    }
    Histogram { low, width, counts }
}

#[cfg(test)]
#[test]
fn a_value_at_the_end_is_in_the_last_bin() {
    let found = histogram(&[-1.0, 0.0, 0.5, 1.0], 2);
    assert_eq!(found, Histogram { low: -1.0, width: 1.0, counts: vec![1, 3] });
    assert_eq!(histogram(&[2.0, 2.0], 3).counts, [2, 0, 0]);
}
