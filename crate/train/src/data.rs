//! Images with labels, in memory.

use crate::layers::{Map, flat_mut};
use crate::net::Unfit;
use crate::random::Random;
use crate::real::Real;

/// Images one after another, each of channels, height and width, with a class each.
#[derive(Clone, Debug)]
pub struct Set<T> {
    shape: [usize; 3],
    images: Vec<T>,
    labels: Vec<u16>,
}

impl<T: Real> Set<T> {
    /// From numbers and classes.
    ///
    /// # Errors
    /// Where there are not as many numbers as the images have, or one of them is no number.
    pub fn new(shape: [usize; 3], images: Vec<T>, labels: Vec<u16>) -> Result<Self, Unfit> {
        let each: usize = shape.iter().product();
        if each == 0 || images.len() != each.saturating_mul(labels.len()) {
            return Err(Unfit(format!("{} numbers are not {} images of {each}", images.len(), labels.len())));
        }
        if let Some(at) = images.iter().position(|v| !v.is_finite()) {
            return Err(Unfit(format!("image {} holds what is no number", at / each)));
        }
        Ok(Self { shape, images, labels })
    }

    /// Channels, height, width.
    pub fn shape(&self) -> [usize; 3] {
        self.shape
    }

    /// Images.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The numbers of all images, in order.
    pub fn numbers(&self) -> &[T] {
        &self.images
    }

    /// Their classes.
    pub fn labels(&self) -> &[u16] {
        &self.labels
    }

    /// Classes: one more than the largest.
    pub fn classes(&self) -> usize {
        self.labels.iter().max().map_or(0, |most| usize::from(*most) + 1)
    }

    /// These images as a map, and their classes. Each place is below `len`.
    pub fn batch(&self, places: &[usize]) -> (Map<T>, Vec<u16>) {
        let [c, h, w] = self.shape;
        let mut map = Map::zeros((c, h, w, places.len()));
        let rows = flat_mut(&mut map).chunks_exact_mut(places.len().max(1));
        for (at, row) in rows.enumerate() {
            for (to, place) in row.iter_mut().zip(places) {
                *to = self.images[place * c * h * w + at];
            }
        }
        (map, places.iter().map(|place| self.labels[*place]).collect())
    }

    /// The images at these places, as a set of their own.
    pub fn part(&self, places: &[usize]) -> Self {
        let each: usize = self.shape.iter().product();
        let images = places.iter().flat_map(|at| &self.images[at * each..(at + 1) * each]).copied().collect();
        let labels = places.iter().map(|at| self.labels[*at]).collect();
        Self { shape: self.shape, images, labels }
    }

    /// Two parts: a random `share` of the images, rounded, and before it the rest.
    pub fn split(&self, share: f64, seed: u64) -> (Self, Self) {
        let mut order: Vec<usize> = (0..self.len()).collect();
        Random::new(seed).shuffle(&mut order);
        let held = ((self.len() as f64 * share).round() as usize).min(self.len());
        let (held, rest) = order.split_at(held);
        (self.part(rest), self.part(held))
    }

    /// The same images with other classes.
    #[must_use]
    pub fn with_labels(mut self, labels: Vec<u16>) -> Self {
        if labels.len() == self.labels.len() {
            self.labels = labels;
        }
        self
    }
}

/// What a network is trained on, chosen by, and told at the end.
#[derive(Clone, Debug)]
pub struct Task<T> {
    /// To train on.
    pub train: Set<T>,
    /// To choose checkpoints by.
    pub validation: Set<T>,
    /// To report.
    pub test: Set<T>,
}
