//! Tasks: which images a checkpoint is chosen by, and the figures as they are trained on.

use crate::data::{Set, Task};
use crate::net::Unfit;
use crate::shapes::shapes;

/// Share of the training images that checkpoints are chosen by.
const HELD: f64 = 0.1;
/// Seed of that choice: the same images whatever a run's seed.
const HELD_SEED: u64 = 0x5EED;
/// Figures of a set, at most.
pub const MOST_SHAPES: usize = 100_000;

/// A task: a tenth of the training images is held out to choose checkpoints by.
///
/// # Errors
/// Images that differ in shape, or too few of them.
pub fn held(train: Set<f32>, test: Set<f32>) -> Result<Task<f32>, Unfit> {
    if train.shape() != test.shape() {
        let text = format!("images to train on are {:?}, to test on {:?}", train.shape(), test.shape());
        return Err(Unfit(text));
    }
    if train.len() < 20 || test.is_empty() {
        return Err(Unfit("at least 20 images to train on and one to test on".to_owned()));
    }
    let (train, validation) = train.split(HELD, HELD_SEED);
    Ok(Task { train, validation, test })
}

/// Drawn figures to train on, to score by, and as many others: each of a seed of its own, so that what a search goes by is not
/// what it is judged on.
///
/// # Errors
/// As [`figures`].
pub fn scored(train: usize, score: usize) -> Result<Task<f32>, Unfit> {
    if !(20..=MOST_SHAPES).contains(&train) || !(20..=MOST_SHAPES).contains(&score) {
        return Err(Unfit(format!("20 to {MOST_SHAPES} figures are drawn")));
    }
    Ok(Task { train: shapes(train, 1)?, validation: shapes(score, 3)?, test: shapes(score, 2)? })
}

/// Drawn figures: the test images have a seed of their own.
///
/// # Errors
/// More than [`MOST_SHAPES`], or too few.
pub fn figures(train: usize, test: usize) -> Result<Task<f32>, Unfit> {
    if train.max(test) > MOST_SHAPES {
        return Err(Unfit(format!("at most {MOST_SHAPES} figures are drawn")));
    }
    held(shapes(train, 1)?, shapes(test, 2)?)
}
