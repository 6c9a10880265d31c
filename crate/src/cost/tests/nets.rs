//! Rows of the reference networks, built from their definitions.

use crate::count::{Activation, Conv, Kind, Work};

/// A square 2-D convolution with "same" padding.
pub(in crate::cost) fn conv(cin: u64, cout: u64, size: u64, k: u64, stride: u64) -> Work {
    let pad = (k - 1) / 2;
    Work::Conv(Conv {
        batch: 1,
        in_channels: cin,
        out_channels: cout,
        groups: 1,
        input: vec![size; 2],
        output: vec![(size + 2 * pad - k) / stride + 1; 2],
        kernel: vec![k; 2],
        strides: vec![stride; 2],
        dilations: vec![1; 2],
        pads: vec![(pad, pad); 2],
        places: None,
    })
}

pub(in crate::cost) fn activation(kind: Kind, elements: u64) -> Work {
    Work::Activation(Activation {
        kind,
        elements,
        rows: 0,
        row_length: 0,
        comparisons: elements,
        folded: false,
    })
}

pub(in crate::cost) fn relu(elements: u64) -> Work {
    activation(Kind::ReLU, elements)
}

pub(in crate::cost) fn fc(k: u64, n: u64) -> Work {
    Work::MatMul { batch: 1, m: 1, k, n, secret: false, steps: 1 }
}

/// A CIFAR ResNet of basic blocks: `widths` with `blocks` each, 3x3 stem.
pub(in crate::cost) fn resnet(
    input: u64,
    widths: &[u64],
    blocks: u64,
    classes: u64,
    shortcuts: bool,
) -> Vec<Work> {
    let (mut size, mut c) = (input, widths[0]);
    let mut net = vec![conv(3, c, size, 3, 1), relu(c * size * size)];
    for (stage, &width) in widths.iter().enumerate() {
        for block in 0..blocks {
            let stride = if stage > 0 && block == 0 { 2 } else { 1 };
            let out = size / stride;
            let elements = width * out * out;
            net.extend([conv(c, width, size, 3, stride), relu(elements), conv(width, width, out, 3, 1)]);
            if stride == 2 && shortcuts {
                net.push(conv(c, width, size, 1, stride));
            }
            net.extend([Work::Add { elements }, relu(elements)]);
            (size, c) = (out, width);
        }
    }
    net.extend([Work::AvgPool { elements: c, window: size * size }, fc(c, classes)]);
    net
}

pub(in crate::cost) fn resnet18(input: u64, classes: u64, shortcuts: bool) -> Vec<Work> {
    resnet(input, &[64, 128, 256, 512], 2, classes, shortcuts)
}

pub(in crate::cost) fn resnet20() -> Vec<Work> {
    resnet(32, &[16, 32, 64], 3, 10, true)
}

pub(in crate::cost) fn resnet32() -> Vec<Work> {
    resnet(32, &[16, 32, 64], 5, 10, false)
}
