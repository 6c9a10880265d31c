//! Images with labels: the digits, which are built in, and a person's own arrays.

use reluctant_train::data::{Set, Task};
use reluctant_train::methods::{AutoRep, Options};
use reluctant_train::random::Random;
use reluctant_train::sets::{self, MOST_SHAPES};

use crate::error::{Code, Error, Result};
use crate::run::npz;
use crate::run::tensor::{Data, Tensor};

/// Handwritten digits (CC BY 4.0; source and changes in the README beside them).
const DIGITS_TRAIN: &[u8] = include_bytes!("../../../tests/corpus/digits/digits_train.npz");
/// Their 500 images to test on.
const DIGITS_TEST: &[u8] = include_bytes!("../../../tests/corpus/digits/digits.npz");
/// Classes up to this are trained.
const MOST_CLASSES: usize = 1000;

/// The digits: 1,167 images to train on, 130 to choose by, 500 to test on.
///
/// # Errors
/// None: the files are built in.
pub fn digits() -> Result<Task<f32>> {
    task(archive(DIGITS_TRAIN)?, archive(DIGITS_TEST)?)
}

/// The first array of an archive as images, the second (or `y`) as labels.
///
/// # Errors
/// As [`set`]; `MissingData` where one of them is not there.
pub fn archive(bytes: &[u8]) -> Result<Set<f32>> {
    let arrays = npz::read(bytes)?;
    let take = |name: &str| {
        let found = arrays.iter().find(|(n, _)| n == name).map(|(_, array)| array);
        found.ok_or_else(|| Error::new(Code::MissingData, format!("there is no array {name} in the archive")))
    };
    set(take("x")?, take("y")?)
}

/// Images `[n, channels, height, width]`, `[n, height, width]` or `[n, features]`, and as many classes from 0.
///
/// # Errors
/// `InvalidSetting` where they do not go together.
pub fn set(x: &Tensor, y: &Tensor) -> Result<Set<f32>> {
    let bad = |text: String| Error::new(Code::InvalidSetting, text);
    let (shape, images) = images(x)?;
    let Data::F32(labels) = y.clone().cast(crate::ir::dtype::DType::F32)?.into_data() else {
        return Err(bad("labels are no numbers".to_owned()));
    };
    let class = |v: &f32| (v.fract() == 0.0 && *v >= 0.0 && *v < MOST_CLASSES as f32).then_some(*v as u16);
    let labels: Option<Vec<u16>> = labels.iter().map(class).collect();
    let labels =
        labels.ok_or_else(|| bad(format!("labels are whole numbers from 0 to {}", MOST_CLASSES - 1)))?;
    Set::new(shape, images, labels).map_err(|unfit| bad(unfit.0))
}

/// Images without classes: each is said to be of class 0.
///
/// # Errors
/// As [`set`].
#[cfg(feature = "cli")]
pub fn unlabelled(x: &Tensor) -> Result<Set<f32>> {
    let (shape, images) = images(x)?;
    let count = images.len() / shape.iter().product::<usize>().max(1);
    Set::new(shape, images, vec![0; count]).map_err(|unfit| Error::new(Code::InvalidSetting, unfit.0))
}

/// Channels, height and width, and the numbers of all images.
fn images(x: &Tensor) -> Result<([usize; 3], Vec<f32>)> {
    let bad = |text: String| Error::new(Code::InvalidSetting, text);
    let shape = match *x.shape() {
        [_, c, h, w] => [c, h, w],
        [_, h, w] => [1, h, w],
        [_, f] => [f, 1, 1],
        _ => return Err(bad("images are arrays of two to four dimensions".to_owned())),
    };
    let Data::F32(images) = x.clone().cast(crate::ir::dtype::DType::F32)?.into_data() else {
        return Err(bad("images are no numbers".to_owned()));
    };
    Ok((shape, images))
}

/// A task: a tenth of the training images is held out to choose checkpoints by.
///
/// # Errors
/// `InvalidSetting` where the images differ in shape, or there are too few.
pub fn task(train: Set<f32>, test: Set<f32>) -> Result<Task<f32>> {
    sets::held(train, test).map_err(|unfit| Error::new(Code::InvalidSetting, unfit.0))
}

/// Drawn figures, standardised: the test images have a seed of their own.
///
/// # Errors
/// `LimitExceeded` for very many.
pub fn shapes(train: usize, test: usize) -> Result<Task<f32>> {
    if train.max(test) > MOST_SHAPES {
        return Err(Error::new(Code::LimitExceeded, format!("at most {MOST_SHAPES} figures are drawn")));
    }
    sets::figures(train, test).map_err(|unfit| Error::new(Code::InvalidSetting, unfit.0))
}

/// Sizes of phases for the figures. The pulls on masks are so strong that a search is near its budget when it ends,
/// by the counts alone: at the digits' pulls most of 4,352 ReLUs were still there, and the cut decided.
pub fn shapes_options() -> Options {
    let default = Options::default();
    Options {
        base_epochs: 16,
        search_epochs: 10,
        tune_epochs: 8,
        batch: 64,
        base_rate: 3e-3,
        decay: 1e-4,
        snl_lambda: 1e-2,
        snl_masks: 10.0,
        autorep: AutoRep { pull: 1e-2, masks: 20.0, ..default.autorep },
        rounds: 8,
        ..default
    }
}

/// The training images with each other's labels.
pub fn permuted(task: Task<f32>) -> Task<f32> {
    let mut labels = task.train.labels().to_vec();
    Random::new(1).shuffle(&mut labels);
    Task { train: task.train.with_labels(labels), ..task }
}
