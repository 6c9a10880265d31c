//! What a classifier says: the best classes of each sample, and how often they are right.

use serde::Serialize;

use super::tensor::Tensor;
use crate::error::{Code, Error, Result};

/// A class and its score.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Guess {
    /// Index of the class.
    pub class: u32,
    /// What the model gives it.
    pub score: f32,
}

/// How often a classifier is right.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Accuracy {
    /// Samples with a label.
    pub samples: u64,
    /// Those whose best class is the label.
    pub correct: u64,
    /// Share of those.
    pub top1: f64,
    /// Its Wilson interval at 95 %.
    pub top1_interval: [f64; 2],
    /// Those whose label is among the best five; None with five classes or fewer.
    pub correct5: Option<u64>,
    /// Share of those.
    pub top5: Option<f64>,
    /// Its Wilson interval at 95 %.
    pub top5_interval: Option<[f64; 2]>,
}

/// Rows of scores: samples x classes; axes of size 1 behind are dropped.
fn rows(scores: &Tensor) -> Result<(usize, usize)> {
    let shape: Vec<usize> = scores.shape().to_vec();
    match shape.as_slice() {
        [samples, classes, rest @ ..] if *classes > 0 && rest.iter().all(|n| *n == 1) => {
            Ok((*samples, *classes))
        }
        _ => {
            let text = format!(
                "an output of {} is no table of samples and classes",
                super::tensor::shape_text(&shape)
            );
            Err(Error::new(Code::InvalidSetting, text).hint("name an output with one score for each class"))
        }
    }
}

/// The best classes of each sample, best first; of equal scores the lower class comes first.
///
/// # Errors
/// `InvalidSetting` where the output is no table of scores.
pub fn best(scores: &Tensor, count: usize) -> Result<Vec<Vec<Guess>>> {
    let (_, classes) = rows(scores)?;
    let all = scores.to_f32();
    let top = |row: &[f32]| {
        let mut best: Vec<Guess> = Vec::with_capacity(count + 1);
        for (class, score) in row.iter().enumerate() {
            // A score that is no number is below all.
            let key = |s: f32| if s.is_nan() { f32::NEG_INFINITY } else { s };
            let place = best.iter().position(|g| key(g.score) < key(*score)).unwrap_or(best.len());
            if place < count {
                best.insert(place, Guess { class: class as u32, score: *score });
                best.truncate(count);
            }
        }
        best
    };
    Ok(all.chunks_exact(classes).map(top).collect())
}

/// Compares with labels: one whole number for each sample.
///
/// # Errors
/// `InvalidSetting` where their number differs or a label is no class.
pub fn accuracy(scores: &Tensor, labels: &Tensor) -> Result<Accuracy> {
    let (samples, classes) = rows(scores)?;
    let wanted = wanted(labels, samples, classes)?;
    let best = best(scores, 5)?;
    let right = |among: usize| {
        let hit = |(guesses, label): &(&Vec<Guess>, &f64)| {
            guesses.iter().take(among).any(|g| f64::from(g.class) == **label)
        };
        best.iter().zip(&wanted).filter(hit).count() as u64
    };
    Ok(counted(samples, right(1), (classes > 5).then(|| right(5))))
}

/// The same where the best class alone is known: nothing of the five best.
///
/// # Errors
/// As [`accuracy`].
#[cfg(feature = "cli")]
pub fn accuracy_of_best(best: &[f64], classes: usize, labels: &Tensor) -> Result<Accuracy> {
    let wanted = wanted(labels, best.len(), classes)?;
    let right = best.iter().zip(&wanted).filter(|(best, label)| best == label).count();
    Ok(counted(best.len(), right as u64, None))
}

fn wanted(labels: &Tensor, samples: usize, classes: usize) -> Result<Vec<f64>> {
    if labels.len() != samples {
        let text = format!("{} labels for {samples} samples", labels.len());
        return Err(Error::new(Code::InvalidSetting, text).hint("give one label for each sample"));
    }
    let wanted: Vec<f64> = labels.data().convert();
    if let Some(label) = wanted.iter().find(|l| l.fract() != 0.0 || **l < 0.0 || **l >= classes as f64) {
        return Err(Error::new(
            Code::InvalidSetting,
            format!("label {label} is none of the {classes} classes"),
        )
        .hint("labels count from 0; do these belong to this model?"));
    }
    Ok(wanted)
}

fn counted(samples: usize, correct: u64, five: Option<u64>) -> Accuracy {
    let samples = samples as u64;
    let share = |n: u64| n as f64 / samples.max(1) as f64;
    Accuracy {
        samples,
        correct,
        top1: share(correct),
        top1_interval: wilson(correct, samples),
        correct5: five,
        top5: five.map(share),
        top5_interval: five.map(|n| wilson(n, samples)),
    }
}

/// Wilson's interval of a share at 95 %:
/// (p + z^2/2n -+ z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n), z = 1.96.
/// 497 of 500: 0.9825 to 0.9980.
pub fn wilson(hits: u64, of: u64) -> [f64; 2] {
    if of == 0 {
        return [0.0, 1.0];
    }
    let (z, n) = (1.959_963_984_540_054f64, of as f64);
    let p = hits as f64 / n;
    let middle = p + z * z / (2.0 * n);
    let half = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z * z / n;
    [((middle - half) / scale).max(0.0), ((middle + half) / scale).min(1.0)]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn wilson_as_worked() {
        let [low, high] = wilson(497, 500);
        assert!((low - 0.9825).abs() < 5e-5 && (high - 0.9980).abs() < 5e-5, "{low} {high}");
        assert_eq!(wilson(0, 0), [0.0, 1.0]);
        assert!(wilson(10, 10)[1] > 1.0 - 1e-12);
    }

    #[test]
    fn ties_go_to_the_lower_class() {
        let scores = Tensor::new(vec![2, 3], vec![1f32, 3.0, 3.0, f32::NAN, 0.0, -1.0]).unwrap();
        let best: Vec<Vec<u32>> =
            best(&scores, 2).unwrap().iter().map(|row| row.iter().map(|g| g.class).collect()).collect();
        assert_eq!(best, [[1, 2], [1, 2]]);
        let labels = Tensor::new(vec![2], vec![2i64, 1]).unwrap();
        let found = accuracy(&scores, &labels).unwrap();
        assert_eq!((found.samples, found.correct, found.top5), (2, 1, None));
        assert!(accuracy(&scores, &Tensor::new(vec![2], vec![3i64, 0]).unwrap()).is_err());
        assert!(accuracy(&scores, &Tensor::new(vec![1], vec![0i64]).unwrap()).is_err());
    }
}
