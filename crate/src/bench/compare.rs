//! Two models on the same data: do they say the same?

use serde::Serialize;

use crate::error::{Code, Error, Result};
use crate::run::accuracy::{Accuracy, accuracy};
use crate::run::tensor::Tensor;

/// How the changed model differs.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Compared {
    /// Samples.
    pub samples: usize,
    /// Share of samples with the same best class; None where outputs are no scores.
    pub agreement: Option<f64>,
    /// Mean Kullback-Leibler divergence of the softmax of the outputs, in nats.
    pub kl: Option<f64>,
    /// Root of the mean squared difference of outputs over that of the outputs themselves.
    pub relative_error: f64,
    /// The original's accuracy, where there are labels.
    pub original: Option<Accuracy>,
    /// The changed model's.
    pub changed: Option<Accuracy>,
}

/// One class before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ClassChange {
    /// Which.
    pub class: usize,
    /// Samples of this class; all samples where there are no labels.
    pub samples: usize,
    /// Right ones of the original; those given this class where there are no labels.
    pub before: usize,
    /// The changed model's.
    pub after: usize,
}

/// By class; None where outputs are no scores.
pub fn by_class(original: &Tensor, changed: &Tensor, labels: Option<&Tensor>) -> Option<Vec<ClassChange>> {
    let classes = class_count(original.shape()).filter(|_| original.shape() == changed.shape())?;
    let (a, b) = (original.to_f32(), changed.to_f32());
    let labels: Option<Vec<i64>> = labels.map(|labels| labels.data().convert());
    let rows = a.len() / classes;
    let mut all: Vec<ClassChange> = (0..classes)
        .map(|class| {
            let samples = if labels.is_some() { 0 } else { rows };
            ClassChange { class, samples, before: 0, after: 0 }
        })
        .collect();
    for (row, (a, b)) in a.chunks_exact(classes).zip(b.chunks_exact(classes)).enumerate() {
        let (before, after) = (best(a), best(b));
        match &labels {
            Some(labels) => {
                let label = labels.get(row).and_then(|label| usize::try_from(*label).ok());
                let Some(entry) = label.and_then(|label| all.get_mut(label)) else { continue };
                entry.samples += 1;
                entry.before += usize::from(before == entry.class);
                entry.after += usize::from(after == entry.class);
            }
            None => {
                if let Some(entry) = all.get_mut(before) {
                    entry.before += 1;
                }
                if let Some(entry) = all.get_mut(after) {
                    entry.after += 1;
                }
            }
        }
    }
    Some(all)
}

/// Classes of scores: samples x classes, axes of size 1 behind.
fn class_count(shape: &[usize]) -> Option<usize> {
    match shape {
        [_, classes, rest @ ..] if *classes > 1 && rest.iter().all(|n| *n == 1) => Some(*classes),
        _ => None,
    }
}

/// Compares first outputs.
pub fn compare(original: &Tensor, changed: &Tensor, labels: Option<&Tensor>) -> Result<Compared> {
    if original.shape() != changed.shape() {
        return Err(Error::new(Code::InvalidSetting, "the outputs of both models have different shapes"));
    }
    let (a, b) = (original.to_f32(), changed.to_f32());
    let squares = |values: &mut dyn Iterator<Item = f64>| values.map(|v| v * v).sum::<f64>();
    let off = squares(&mut a.iter().zip(b.iter()).map(|(a, b)| f64::from(*a) - f64::from(*b)));
    let size = squares(&mut a.iter().map(|a| f64::from(*a)));
    let samples = original.shape().first().copied().unwrap_or(1);
    let classes = class_count(original.shape());
    let rows = || classes.into_iter().flat_map(|n| a.chunks_exact(n).zip(b.chunks_exact(n)));
    let same = rows().filter(|(a, b)| best(a) == best(b)).count();
    let kl: f64 = rows().map(|(a, b)| divergence(a, b)).sum();
    let share = |sum: f64| classes.map(|_| sum / samples.max(1) as f64);
    let judged = |scores: &Tensor| labels.map(|labels| accuracy(scores, labels)).transpose();
    Ok(Compared {
        samples,
        agreement: share(same as f64),
        kl: share(kl),
        // Of zeros any difference is infinite, and what is no number stays none.
        relative_error: if off == 0.0 { 0.0 } else { (off / size).sqrt() },
        original: judged(original)?,
        changed: judged(changed)?,
    })
}

/// What a change costs: the divergence of outputs, or their relative error where they are no scores.
pub fn loss(original: &Tensor, changed: &Tensor) -> Result<f64> {
    let compared = compare(original, changed, None)?;
    Ok(compared.kl.unwrap_or(compared.relative_error))
}

fn best(row: &[f32]) -> usize {
    let key = |v: f32| if v.is_nan() { f32::NEG_INFINITY } else { v };
    (0..row.len()).rev().max_by(|a, b| at(row, *a, key).total_cmp(&at(row, *b, key))).unwrap_or(0)
}

fn at(row: &[f32], index: usize, key: impl Fn(f32) -> f32) -> f32 {
    row.get(index).copied().map_or(f32::NEG_INFINITY, key)
}

/// sum p (ln p - ln q) of two rows of logits; what is not finite counts as very far.
fn divergence(a: &[f32], b: &[f32]) -> f64 {
    let logs = |row: &[f32]| {
        let top = row.iter().map(|v| f64::from(*v)).fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = row.iter().map(|v| (f64::from(*v) - top).exp()).sum();
        row.iter().map(|v| f64::from(*v) - top - sum.ln()).collect::<Vec<f64>>()
    };
    let (p, q) = (logs(a), logs(b));
    let sum: f64 = p.iter().zip(&q).map(|(p, q)| p.exp() * (p - q)).sum();
    if sum.is_finite() { sum.max(0.0) } else { 1e6 }
}
