//! Networks without residual blocks: VGG-16-BN and SqueezeNet 1.1.

use super::net::{Conv, Net, Value};
use crate::onnx::ModelProto;

/// VGG-16 with BatchNorm for 32x32 images: 13 convolutions with bias, one linear layer.
pub(super) fn vgg16_bn(name: &str, classes: i64) -> ModelProto {
    let stages: [(i64, u32); 5] = [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)];
    let (mut net, mut x) = Net::image(name, [3, 32, 32]);
    let mut place = 0;
    for (width, convs) in stages {
        for _ in 0..convs {
            x = net.conv(&x, &format!("features.{place}"), Conv::new(width, 3).bias());
            x = net.batch_norm(&x, &format!("features.{}", place + 1));
            x = net.relu(&x, &format!("features.{}", place + 2));
            place += 3;
        }
        x = net.max_pool(&x, &format!("features.{place}"), [2, 2, 0], false);
        place += 1;
    }
    let x = net.flatten(&x, "");
    let x = net.gemm(&x, "classifier", classes);
    net.finish(x)
}

/// SqueezeNet 1.1 for 224x224 images: fire modules, a convolution as classifier.
pub(super) fn squeezenet(name: &str, classes: i64) -> ModelProto {
    let (mut net, x) = Net::image(name, [3, 224, 224]);
    let x = net.conv(&x, "features.0", Conv::new(64, 3).stride(2).pad(0).bias());
    let x = net.relu(&x, "features.1");
    let mut x = net.max_pool(&x, "features.2", [3, 2, 0], true);
    // Place in the module list, squeeze channels, expand channels of each half; pools at 5 and 8.
    let fires: [(u32, i64, i64); 8] = [
        (3, 16, 64),
        (4, 16, 64),
        (6, 32, 128),
        (7, 32, 128),
        (9, 48, 192),
        (10, 48, 192),
        (11, 64, 256),
        (12, 64, 256),
    ];
    for (place, squeeze, expand) in fires {
        if matches!(place, 6 | 9) {
            x = net.max_pool(&x, &format!("features.{}", place - 1), [3, 2, 0], true);
        }
        x = fire(&mut net, &x, &format!("features.{place}"), squeeze, expand);
    }
    let x = net.conv(&x, "classifier.1", Conv::new(classes, 1).bias());
    let x = net.relu(&x, "classifier.2");
    let x = net.global_average_pool(&x, "classifier.3");
    let x = net.flatten(&x, "");
    net.finish(x)
}

/// A 1x1 squeeze, then 1x1 and 3x3 side by side.
fn fire(net: &mut Net, x: &Value, path: &str, squeeze: i64, expand: i64) -> Value {
    let x = net.conv(x, &format!("{path}.squeeze"), Conv::new(squeeze, 1).bias());
    let x = net.relu(&x, &format!("{path}.squeeze_activation"));
    let small = net.conv(&x, &format!("{path}.expand1x1"), Conv::new(expand, 1).bias());
    let small = net.relu(&small, &format!("{path}.expand1x1_activation"));
    let large = net.conv(&x, &format!("{path}.expand3x3"), Conv::new(expand, 3).bias());
    let large = net.relu(&large, &format!("{path}.expand3x3_activation"));
    net.concat(&small, &large, path)
}
