//! What a network answers: logits, classes, accuracy; moments of what goes into its activations.

use ndarray::Array2;

use crate::data::Set;
use crate::layers::loss::{Blend, loss};
use crate::layers::norm::Moments;
use crate::layers::norm::moments;
use crate::net::{Net, Op};
use crate::pass::Tape;
use crate::real::Real;

/// Images of one pass.
const BATCH: usize = 128;

/// A pass over each batch of a set.
fn each<T: Real>(net: &Net<T>, set: &Set<T>, mut see: impl FnMut(&[usize], &[u16], Tape<T>)) {
    let places: Vec<usize> = (0..set.len()).collect();
    for places in places.chunks(BATCH) {
        let (x, labels) = set.batch(places);
        see(places, &labels, net.pass(x));
    }
}

/// Logits, `[images, classes]`.
pub fn logits<T: Real>(net: &Net<T>, set: &Set<T>) -> Array2<T> {
    let mut all = Array2::zeros((set.len(), net.classes()));
    each(net, set, |places, _, tape| {
        for (image, place) in places.iter().enumerate() {
            for class in 0..net.classes() {
                all[[*place, class]] = tape.logits()[[class, 0, 0, image]];
            }
        }
    });
    all
}

/// Whether each image gets its class; the first among equal logits is the answer.
pub fn hits<T: Real>(net: &Net<T>, set: &Set<T>) -> Vec<bool> {
    let logits = logits(net, set);
    let answers = logits.rows().into_iter().map(|row| {
        let mut best = 0;
        for (class, value) in row.iter().enumerate() {
            if *value > row[best] {
                best = class;
            }
        }
        best
    });
    answers.zip(set.labels()).map(|(answer, label)| answer == usize::from(*label)).collect()
}

/// Share of images that get their class; 0 of none.
pub fn accuracy<T: Real>(net: &Net<T>, set: &Set<T>) -> f64 {
    let hits = hits(net, set);
    hits.iter().filter(|hit| **hit).count() as f64 / hits.len().max(1) as f64
}

/// Mean cross-entropy.
pub fn cross_entropy<T: Real>(net: &Net<T>, set: &Set<T>) -> f64 {
    let mut total = 0.0;
    each(net, set, |places, labels, tape| {
        total += loss(tape.logits(), labels, None, Blend::LABELS).0 * places.len() as f64;
    });
    total / set.len().max(1) as f64
}

/// Mean and variance, over a set, of each channel that goes into each activation.
pub fn flows<T: Real>(net: &Net<T>, set: &Set<T>) -> Vec<Moments<f64>> {
    let mut sums: Vec<Vec<[f64; 2]>> = net.sites.iter().map(|site| vec![[0.0; 2]; site.shape[0]]).collect();
    each(net, set, |places, _, tape| {
        for node in &net.nodes {
            if let Op::Activation(site) = node.op {
                let batch = moments(tape.value(node.inputs[0]));
                for (sum, (m, v)) in sums[site].iter_mut().zip(batch.mean.iter().zip(&batch.variance)) {
                    let (m, v) = (m.f64(), v.f64());
                    sum[0] += m * places.len() as f64;
                    sum[1] += (v + m * m) * places.len() as f64;
                }
            }
        }
    });
    let images = set.len().max(1) as f64;
    sums.into_iter()
        .map(|channels| {
            let mean: Vec<f64> = channels.iter().map(|[sum, _]| sum / images).collect();
            let square = channels.iter().zip(&mean);
            Moments { variance: square.map(|([_, sq], m)| (sq / images - m * m).max(0.0)).collect(), mean }
        })
        .collect()
}
