//! What is minimised: cross-entropy against labels, and the divergence from a teacher.

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::{Map, flat, flat_mut};
use crate::real::Real;

/// How much of each.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Blend {
    /// Weight of the cross-entropy.
    pub labels: f64,
    /// Weight of the distillation; 0 asks for no teacher.
    pub teacher: f64,
    /// Its temperature T: logits are divided by it, the divergence is multiplied by T^2.
    pub temperature: f64,
}

impl Blend {
    /// Cross-entropy alone.
    pub const LABELS: Self = Self { labels: 1.0, teacher: 0.0, temperature: 4.0 };
    /// Cross-entropy plus T^2 KL at T = 4, as SNL's and AutoReP's code adds them.
    pub const BOTH: Self = Self { labels: 1.0, teacher: 1.0, temperature: 4.0 };
}

/// ln of softmax(row / t), and softmax itself.
fn softmax<T: Real>(row: &[T], t: T) -> (Vec<T>, Vec<T>) {
    let most = row.iter().fold(T::neg_infinity(), |m, v| m.max(*v / t));
    let total = row.iter().fold(T::zero(), |sum, v| sum + (*v / t - most).exp()).ln();
    let logs: Vec<T> = row.iter().map(|v| *v / t - most - total).collect();
    let shares = logs.iter().map(|l| l.exp()).collect();
    (logs, shares)
}

/// Mean over the images of labels x cross-entropy + teacher x T^2 KL(teacher || student), and its gradient in the
/// logits. `logits` is `[classes, 1, 1, images]`, a teacher's `[images, classes]`.
pub fn loss<T: Real>(
    logits: &Map<T>,
    labels: &[u16],
    teacher: Option<&Array2<T>>,
    blend: Blend,
) -> (f64, Map<T>) {
    let (classes, .., images) = logits.dim();
    let mut gradient = Map::zeros(logits.dim());
    let (values, to) = (flat(logits), flat_mut(&mut gradient));
    let mut total = 0.0;
    let share = T::of(1.0 / images.max(1) as f64);
    for (image, label) in labels.iter().enumerate().take(images) {
        let row: Vec<T> = (0..classes).map(|class| values[class * images + image]).collect();
        let (logs, shares) = softmax(&row, T::one());
        let label = usize::from(*label);
        total -= blend.labels * logs.get(label).map_or(f64::NAN, |l| l.f64());
        let weight = T::of(blend.labels) * share;
        for (class, p) in shares.iter().enumerate() {
            let hit = if class == label { T::one() } else { T::zero() };
            to[class * images + image] += weight * (*p - hit);
        }
        if let Some(teacher) = teacher.filter(|_| blend.teacher != 0.0) {
            let t = T::of(blend.temperature);
            let (logs, shares) = softmax(&row, t);
            let (aim_logs, aim) = softmax(&teacher.row(image).to_vec(), t);
            let weight = T::of(blend.teacher) * t * share;
            for class in 0..classes {
                let apart = (aim_logs[class] - logs[class]).f64();
                total += blend.teacher * blend.temperature.powi(2) * aim[class].f64() * apart;
                to[class * images + image] += weight * (shares[class] - aim[class]);
            }
        }
    }
    (total / images.max(1) as f64, gradient)
}
