//! Images of a folder, PNG or JPEG, as arrays: one folder a class, all images of one size, as they are.
//!
//! Reads no files itself. Nothing that a picture says of its size is allocated before it is held against the first one's.

use reluctant_train::data::{Set, Task};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::data::task;
use crate::error::{Code, Error, Result};
use crate::limits::MAX_PICTURE_NUMBERS;

/// A picture: the name of its class, its own, its bytes.
#[derive(Clone, Debug)]
pub struct Picture {
    /// The folder that it lies in.
    pub class: String,
    /// For errors.
    pub name: String,
    /// PNG or JPEG.
    pub bytes: Vec<u8>,
}

/// Pictures to train on and to test on, each channel by the mean and deviation of those to train on. Classes are numbered in
/// the order of their names.
///
/// # Errors
/// `InvalidSetting` for pictures of several sizes or a class that is not trained on; `Malformed` for what is no picture;
/// `LimitExceeded` for too many or too large ones.
pub fn pictures(train: &[Picture], test: &[Picture]) -> Result<Task<f32>> {
    let mut classes: Vec<&str> = train.iter().map(|picture| picture.class.as_str()).collect();
    classes.sort_unstable();
    classes.dedup();
    let grey = train.iter().chain(test).all(|picture| is_grey(&picture.bytes));
    let mut shape = None;
    let (mut x, y) = arrays(train, &classes, grey, &mut shape)?;
    let (mut test_x, test_y) = arrays(test, &classes, grey, &mut shape)?;
    let shape = shape.ok_or_else(|| Error::new(Code::MissingData, "there is no picture in the folder"))?;
    standardise(shape, &mut x, &mut test_x);
    let set = |x, y| Set::new(shape, x, y).map_err(|unfit| Error::new(Code::InvalidSetting, unfit.0));
    task(set(x, y)?, set(test_x, test_y)?)
}

/// Numbers and classes; the first picture says the shape of all.
fn arrays(
    pictures: &[Picture],
    classes: &[&str],
    grey: bool,
    shape: &mut Option<[usize; 3]>,
) -> Result<(Vec<f32>, Vec<u16>)> {
    let (mut numbers, mut labels) = (Vec::new(), Vec::new());
    for picture in pictures {
        let class = classes.iter().position(|class| *class == picture.class);
        let class = class.and_then(|class| u16::try_from(class).ok()).ok_or_else(|| {
            let text = format!("there are no pictures of the class {} to train on", picture.class);
            Error::new(Code::InvalidSetting, text).file(&picture.name)
        })?;
        let read =
            if is_png(&picture.bytes) { png(&picture.bytes, shape) } else { jpeg(&picture.bytes, shape) };
        let (pixels, [height, width], channels) = read.map_err(|error| error.file(&picture.name))?;
        let wanted = if grey { 1 } else { 3 };
        *shape = Some([wanted, height, width]);
        if numbers.len() + wanted * height * width > MAX_PICTURE_NUMBERS {
            let text =
                format!("more than {MAX_PICTURE_NUMBERS} numbers of pictures are too many to train on here");
            return Err(Error::new(Code::LimitExceeded, text).hint("give fewer or smaller pictures"));
        }
        // From pixel by pixel to channel by channel; what is see-through stays as it is stored.
        for channel in 0..wanted {
            let from = if channels < 3 { 0 } else { channel };
            let of = pixels.chunks_exact(channels.max(1)).map(|pixel| pixel.get(from).copied().unwrap_or(0));
            numbers.extend(of.map(|value| f32::from(value) / 255.0));
        }
        labels.push(class);
    }
    Ok((numbers, labels))
}

/// Each channel to mean 0 and deviation 1 over the pictures to train on.
fn standardise([channels, height, width]: [usize; 3], train: &mut [f32], test: &mut [f32]) {
    let pixels = height * width;
    for channel in 0..channels {
        let rows = || train.chunks_exact(pixels).skip(channel).step_by(channels).flatten();
        let count = (train.len() / channels.max(1)).max(1) as f64;
        let mean = rows().map(|v| f64::from(*v)).sum::<f64>() / count;
        let variance = rows().map(|v| (f64::from(*v) - mean).powi(2)).sum::<f64>() / count;
        let deviation = if variance > 0.0 { variance.sqrt() } else { 1.0 };
        for part in [&mut *train, &mut *test] {
            for value in part.chunks_exact_mut(pixels).skip(channel).step_by(channels).flatten() {
                *value = ((f64::from(*value) - mean) / deviation) as f32;
            }
        }
    }
}

fn is_png(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x89PNG")
}

/// Whether a picture says that it has no colours. PNG: the type of colour behind the size, 0 or 4. JPEG: asked when it is read.
fn is_grey(bytes: &[u8]) -> bool {
    if is_png(bytes) {
        return bytes.get(25).is_some_and(|kind| matches!(kind, 0 | 4));
    }
    let mut decoder = JpegDecoder::new(ZCursor::new(bytes));
    decoder.decode_headers().is_ok() && decoder.input_colorspace() == Some(ColorSpace::Luma)
}

fn broken(error: &dyn std::fmt::Display) -> Error {
    Error::new(Code::Malformed, format!("the picture cannot be read: {error}")).hint("give PNG or JPEG")
}

/// As large as the others, and small enough.
fn fits(height: usize, width: usize, shape: &Option<[usize; 3]>) -> Result<()> {
    match shape {
        Some([_, h, w]) if [*h, *w] != [height, width] => {
            let text = format!("the picture has {height}x{width} pixels, the first one {h}x{w}");
            Err(Error::new(Code::InvalidSetting, text).hint("bring all of them to one size"))
        }
        _ if height.saturating_mul(width) > MAX_PICTURE_NUMBERS / 3 || height * width == 0 => {
            Err(Error::new(
                Code::LimitExceeded,
                format!("a picture of {height}x{width} pixels is not trained on"),
            ))
        }
        _ => Ok(()),
    }
}

/// Bytes pixel by pixel, height and width, channels.
type Pixels = (Vec<u8>, [usize; 2], usize);

fn png(bytes: &[u8], shape: &Option<[usize; 3]>) -> Result<Pixels> {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(|error| broken(&error))?;
    let (width, height) = (reader.info().width as usize, reader.info().height as usize);
    fits(height, width, shape)?;
    let size = reader.output_buffer_size().ok_or_else(|| broken(&"it is too large"))?;
    let mut pixels = vec![0; size];
    let frame = reader.next_frame(&mut pixels).map_err(|error| broken(&error))?;
    pixels.truncate(frame.buffer_size());
    Ok((pixels, [height, width], frame.color_type.samples()))
}

fn jpeg(bytes: &[u8], shape: &Option<[usize; 3]>) -> Result<Pixels> {
    let mut decoder = JpegDecoder::new(ZCursor::new(bytes));
    decoder.decode_headers().map_err(|error| broken(&error))?;
    let (width, height) = decoder.dimensions().ok_or_else(|| broken(&"it has no size"))?;
    fits(height, width, shape)?;
    let grey = decoder.input_colorspace() == Some(ColorSpace::Luma);
    let (space, channels) = if grey { (ColorSpace::Luma, 1) } else { (ColorSpace::RGB, 3) };
    decoder.set_options(DecoderOptions::default().jpeg_set_out_colorspace(space));
    let pixels = decoder.decode().map_err(|error| broken(&error))?;
    if pixels.len() != channels * height * width {
        return Err(broken(&"it has other numbers than its size says"));
    }
    Ok((pixels, [height, width], channels))
}
