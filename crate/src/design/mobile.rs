//! Inverted residuals: MobileNetV2 and MobileNetV3-large at 224x224.

use super::net::{Conv, Net, Value};
use crate::onnx::ModelProto;

/// MobileNetV2, width 1.0, ReLU6.
pub(super) fn mobilenet_v2(name: &str, classes: i64) -> ModelProto {
    // Expansion, channels, blocks, first stride.
    let groups: [(i64, i64, u32, i64); 7] = [
        (1, 16, 1, 1),
        (6, 24, 2, 2),
        (6, 32, 3, 2),
        (6, 64, 4, 2),
        (6, 96, 3, 1),
        (6, 160, 3, 2),
        (6, 320, 1, 1),
    ];
    let (mut net, input) = Net::image(name, [3, 224, 224]);
    let mut x = conv_bn(&mut net, &input, "features.0", Conv::new(32, 3).stride(2), Act::Relu6);
    let mut place = 1;
    for (expansion, out, blocks, first) in groups {
        for block in 0..blocks {
            let stride = if block == 0 { first } else { 1 };
            x = inverted_v2(&mut net, &x, &format!("features.{place}"), expansion, out, stride);
            place += 1;
        }
    }
    let x = conv_bn(&mut net, &x, "features.18", Conv::new(1280, 1), Act::Relu6);
    let x = net.global_average_pool(&x, "");
    let x = net.flatten(&x, "");
    let x = net.gemm(&x, "classifier.1", classes);
    net.finish(x)
}

fn inverted_v2(net: &mut Net, x: &Value, path: &str, expansion: i64, out: i64, stride: i64) -> Value {
    let hidden = x.channels() * expansion;
    let mut y = x.clone();
    let mut place = 0;
    if expansion != 1 {
        y = conv_bn(net, &y, &format!("{path}.conv.0"), Conv::new(hidden, 1), Act::Relu6);
        place = 1;
    }
    let depthwise = Conv::new(hidden, 3).stride(stride).groups(hidden);
    y = conv_bn(net, &y, &format!("{path}.conv.{place}"), depthwise, Act::Relu6);
    y = net.conv(&y, &format!("{path}.conv.{}", place + 1), Conv::new(out, 1));
    y = net.batch_norm(&y, &format!("{path}.conv.{}", place + 2));
    if stride == 1 && x.channels() == out { net.add(x, &y, path) } else { y }
}

/// One block of MobileNetV3.
struct Inverted {
    kernel: i64,
    hidden: i64,
    out: i64,
    gate: bool,
    act: Act,
    stride: i64,
}

/// MobileNetV3-large, width 1.0: ReLU early, HardSwish late, squeeze-excite gates.
pub(super) fn mobilenet_v3_large(name: &str, classes: i64) -> ModelProto {
    let block = |kernel, hidden, out, gate, act, stride| Inverted { kernel, hidden, out, gate, act, stride };
    let blocks = [
        block(3, 16, 16, false, Act::Relu, 1),
        block(3, 64, 24, false, Act::Relu, 2),
        block(3, 72, 24, false, Act::Relu, 1),
        block(5, 72, 40, true, Act::Relu, 2),
        block(5, 120, 40, true, Act::Relu, 1),
        block(5, 120, 40, true, Act::Relu, 1),
        block(3, 240, 80, false, Act::HardSwish, 2),
        block(3, 200, 80, false, Act::HardSwish, 1),
        block(3, 184, 80, false, Act::HardSwish, 1),
        block(3, 184, 80, false, Act::HardSwish, 1),
        block(3, 480, 112, true, Act::HardSwish, 1),
        block(3, 672, 112, true, Act::HardSwish, 1),
        block(5, 672, 160, true, Act::HardSwish, 2),
        block(5, 960, 160, true, Act::HardSwish, 1),
        block(5, 960, 160, true, Act::HardSwish, 1),
    ];
    let (mut net, input) = Net::image(name, [3, 224, 224]);
    let mut x = conv_bn(&mut net, &input, "features.0", Conv::new(16, 3).stride(2), Act::HardSwish);
    for (index, spec) in blocks.iter().enumerate() {
        x = inverted_v3(&mut net, &x, &format!("features.{}", index + 1), spec);
    }
    let x = conv_bn(&mut net, &x, "features.16", Conv::new(960, 1), Act::HardSwish);
    let x = net.global_average_pool(&x, "avgpool");
    let x = net.flatten(&x, "");
    let x = net.gemm(&x, "classifier.0", 1280);
    let x = net.hard_swish(&x, "classifier.1");
    let x = net.gemm(&x, "classifier.3", classes);
    net.finish(x)
}

fn inverted_v3(net: &mut Net, x: &Value, path: &str, spec: &Inverted) -> Value {
    let mut y = x.clone();
    let mut place = 0;
    if spec.hidden != x.channels() {
        y = conv_bn(net, &y, &format!("{path}.block.0"), Conv::new(spec.hidden, 1), spec.act);
        place = 1;
    }
    let depthwise = Conv::new(spec.hidden, spec.kernel).stride(spec.stride).groups(spec.hidden);
    y = conv_bn(net, &y, &format!("{path}.block.{place}"), depthwise, spec.act);
    if spec.gate {
        place += 1;
        y = squeeze_excite(net, &y, &format!("{path}.block.{place}"));
    }
    let last = format!("{path}.block.{}", place + 1);
    y = net.conv(&y, &format!("{last}.0"), Conv::new(spec.out, 1));
    y = net.batch_norm(&y, &format!("{last}.1"));
    if spec.stride == 1 && x.channels() == spec.out { net.add(&y, x, path) } else { y }
}

/// A gate per channel: pooled, through two 1x1 convolutions, HardSigmoid, multiplied in.
fn squeeze_excite(net: &mut Net, x: &Value, path: &str) -> Value {
    let squeezed = nearest_multiple_of_8(x.channels() / 4);
    let gate = net.global_average_pool(x, &format!("{path}.avgpool"));
    let gate = net.conv(&gate, &format!("{path}.fc1"), Conv::new(squeezed, 1).bias());
    let gate = net.relu(&gate, &format!("{path}.activation"));
    let gate = net.conv(&gate, &format!("{path}.fc2"), Conv::new(x.channels(), 1).bias());
    let gate = net.hard_sigmoid(&gate, &format!("{path}.scale_activation"));
    net.mul(x, &gate, path)
}

/// The rounding of MobileNets: to the nearest multiple of 8, at least 8, and up where rounding
/// down would lose over a tenth. 18 -> 24, 30 -> 32, 120 -> 120.
fn nearest_multiple_of_8(channels: i64) -> i64 {
    let rounded = ((channels + 4) / 8 * 8).max(8);
    if 10 * rounded < 9 * channels { rounded + 8 } else { rounded }
}

#[derive(Clone, Copy)]
enum Act {
    Relu,
    Relu6,
    HardSwish,
}

fn conv_bn(net: &mut Net, x: &Value, path: &str, conv: Conv, act: Act) -> Value {
    let x = net.conv(x, &format!("{path}.0"), conv);
    let x = net.batch_norm(&x, &format!("{path}.1"));
    let path = format!("{path}.2");
    match act {
        Act::Relu => net.relu(&x, &path),
        Act::Relu6 => net.relu6(&x, &path),
        Act::HardSwish => net.hard_swish(&x, &path),
    }
}
