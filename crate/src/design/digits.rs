//! The network of the digits example, for images of any size and any number of classes.

use super::net::{Conv, Net};
use crate::error::{Code, Error, Result};
use crate::limits::{MAX_SPEC_SIDE, MAX_SPEC_WIDTH};
use crate::onnx::ModelProto;

/// Two convolutions to 8 channels, average pooling by 2, two to 16, pooling again, dense layers of 32 and of the
/// classes; BatchNorm before each of the five ReLUs. 1x8x8 and 10 classes: 512 + 512 + 256 + 256 + 32 = 1,568 ReLUs.
///
/// # Errors
/// `InvalidSetting` for images below 4x4, `LimitExceeded` for large ones.
pub fn digits_cnn([channels, height, width]: [u32; 3], classes: u32) -> Result<ModelProto> {
    let small = height.min(width) < 4 || channels == 0 || classes == 0;
    if small {
        let text = format!("{channels}x{height}x{width} and {classes} classes are too small for digits-cnn");
        return Err(Error::new(Code::InvalidSetting, text).hint("it halves an image twice: give 4x4 or more"));
    }
    if height.max(width) > MAX_SPEC_SIDE || channels.max(classes) > MAX_SPEC_WIDTH {
        return Err(Error::new(Code::LimitExceeded, "the images are too large for a network from a spec"));
    }
    let (mut net, mut x) = Net::image("digits-cnn", [channels, height, width].map(i64::from));
    for (place, channels) in [8, 8, 16, 16].into_iter().enumerate() {
        let place = place + 1;
        x = net.conv(&x, &format!("conv{place}"), Conv::new(channels, 3));
        x = net.batch_norm(&x, &format!("bn{place}"));
        x = net.relu(&x, &format!("relu{place}"));
        if place % 2 == 0 {
            x = net.average_pool(&x, &format!("pool{place}"), 2);
        }
    }
    x = net.flatten(&x, "");
    x = net.gemm(&x, "fc1", 32);
    x = net.batch_norm(&x, "bn5");
    x = net.relu(&x, "relu5");
    x = net.gemm(&x, "fc2", i64::from(classes));
    Ok(net.finish(x))
}
