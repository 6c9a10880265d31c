//! The networks that were measured, from their definitions: the logs' are not the exports of today
//! (no shortcut convolutions in DELPHI's ResNets and FHE-MP-CNN's, average pools in AutoFHE's VGG).

use reluctant::api::{Activation, Conv, Kind, Row, Work};

/// A square convolution with "same" padding.
pub(crate) fn conv(cin: u64, cout: u64, size: u64, k: u64, stride: u64) -> Work {
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

pub(crate) fn activation(kind: Kind, elements: u64) -> Work {
    let comparisons = if kind == Kind::ReLU { elements } else { 0 };
    Work::Activation(Activation { kind, elements, rows: 0, row_length: 0, comparisons, folded: false })
}

pub(crate) fn fc(k: u64, n: u64) -> Work {
    Work::MatMul { batch: 1, m: 1, k, n, secret: false, steps: 1 }
}

pub(crate) fn row(work: Work) -> Row {
    Row { op: "run".into(), work: vec![work], ..Row::default() }
}

/// A CIFAR ResNet of basic blocks with its skips; `shortcuts` are 1x1 convolutions, or nothing.
pub(crate) fn resnet(input: u64, widths: &[u64], blocks: u64, classes: u64, shortcuts: bool) -> Vec<Row> {
    let (mut size, mut channels) = (input, widths[0]);
    let mut net =
        vec![row(conv(3, channels, size, 3, 1)), row(activation(Kind::ReLU, channels * size * size))];
    for (stage, &width) in widths.iter().enumerate() {
        for block in 0..blocks {
            let entry = net.len() as u32 - 1;
            let stride = if stage > 0 && block == 0 { 2 } else { 1 };
            let out = size / stride;
            let elements = width * out * out;
            net.extend([
                row(conv(channels, width, size, 3, stride)),
                row(activation(Kind::ReLU, elements)),
                row(conv(width, width, out, 3, 1)),
            ]);
            let main = net.len() as u32 - 1;
            let mut skip = entry;
            if stride == 2 && shortcuts {
                net.push(Row { after: Some(vec![entry]), ..row(conv(channels, width, size, 1, 2)) });
                skip = main + 1;
            }
            let add =
                Row { after: Some(vec![skip.min(main), skip.max(main)]), ..row(Work::Add { elements }) };
            net.extend([add, row(activation(Kind::ReLU, elements))]);
            (size, channels) = (out, width);
        }
    }
    net.extend([row(Work::AvgPool { elements: channels, window: size * size }), row(fc(channels, classes))]);
    for (index, row) in net.iter_mut().enumerate() {
        row.index = index as u32;
    }
    net
}

/// ResNet-20, -32, -44 for CIFAR: 3, 5, 7 blocks a stage.
pub(crate) fn resnet_cifar(blocks: u64, shortcuts: bool) -> Vec<Row> {
    resnet(32, &[16, 32, 64], blocks, 10, shortcuts)
}

pub(crate) fn resnet18(input: u64, classes: u64) -> Vec<Row> {
    resnet(input, &[64, 128, 256, 512], 2, classes, false)
}

/// The networks of HPMPC's log: batch norms computed, average pools in place of max-pools.
pub(crate) fn hpmpc(name: &str) -> Vec<Row> {
    match name {
        "vgg16-cifar10" => vgg16(),
        "resnet50-imagenet" => bottlenecks([3, 4, 6, 3], 224, 1000),
        "resnet50-cifar10" => bottlenecks([3, 4, 6, 3], 32, 10),
        "resnet18-bottleneck-cifar10" => bottlenecks([2; 4], 32, 10),
        "resnet18-bottleneck-imagenet" => bottlenecks([2; 4], 224, 1000),
        other => panic!("no network {other}"),
    }
}

/// VGG-16 for 32x32: 13 convolutions, 5 pools, 512 -> 256 -> 256 -> 10.
fn vgg16() -> Vec<Row> {
    let (mut size, mut channels, mut net) = (32, 3, Vec::new());
    for (width, layers) in [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)] {
        for _ in 0..layers {
            net.extend([conv(channels, width, size, 3, 1), activation(Kind::ReLU, width * size * size)]);
            channels = width;
        }
        size /= 2;
        net.push(Work::AvgPool { elements: width * size * size, window: 4 });
    }
    let relu = activation(Kind::ReLU, 256);
    net.extend([fc(512, 256), relu.clone(), fc(256, 256), relu, fc(256, 10)]);
    net.into_iter().map(row).collect()
}

/// Bottleneck blocks behind a 7x7 stem of stride 2, whatever the input's size.
fn bottlenecks(blocks: [u64; 4], input: u64, classes: u64) -> Vec<Row> {
    let relu = |elements| row(activation(Kind::ReLU, elements));
    let normed = |conv: Work, elements| Row {
        work: vec![conv, Work::BatchNorm { elements }],
        ..row(Work::Add { elements })
    };
    let mut size = input / 2;
    let mut net = vec![normed(conv(3, 64, input, 7, 2), 64 * size * size), relu(64 * size * size)];
    size /= 2;
    net.push(row(Work::AvgPool { elements: 64 * size * size, window: 9 }));
    let mut channels = 64;
    for (stage, (blocks, width)) in blocks.into_iter().zip([64, 128, 256, 512]).enumerate() {
        for block in 0..blocks {
            let stride = if stage > 0 && block == 0 { 2 } else { 1 };
            let out = size.div_ceil(stride);
            let [inner, narrow, wide] = [width * size * size, width * out * out, 4 * width * out * out];
            net.extend([
                normed(conv(channels, width, size, 1, 1), inner),
                relu(inner),
                normed(conv(width, width, size, 3, stride), narrow),
                relu(narrow),
                normed(conv(width, 4 * width, out, 1, 1), wide),
            ]);
            if block == 0 {
                net.push(normed(conv(channels, 4 * width, size, 1, stride), wide));
            }
            net.extend([row(Work::Add { elements: wide }), relu(wide)]);
            (size, channels) = (out, 4 * width);
        }
    }
    net.extend([row(Work::AvgPool { elements: channels, window: size * size }), row(fc(channels, classes))]);
    net
}

/// BERT-base: words by a look-up in a table of 30,522, then twelve layers of 768 in twelve heads.
pub(crate) fn bert_base(tokens: u64) -> Vec<Row> {
    const WIDTH: u64 = 768;
    const HEADS: u64 = 12;
    let by_row = |kind, rows: u64, row_length: u64| {
        let elements = rows * row_length;
        Work::Activation(Activation { kind, elements, rows, row_length, comparisons: 0, folded: false })
    };
    let words = Work::Activation(Activation {
        kind: Kind::LookUp,
        elements: tokens * WIDTH,
        rows: tokens,
        row_length: 30_522,
        comparisons: 0,
        folded: false,
    });
    let linear = |k, n| Work::MatMul { batch: 1, m: tokens, k, n, secret: false, steps: 1 };
    let attention = |k, n| Work::MatMul { batch: HEADS, m: tokens, k, n, secret: true, steps: 1 };
    let norm = || by_row(Kind::LayerNorm, tokens, WIDTH);
    let layer = [
        linear(WIDTH, WIDTH),
        linear(WIDTH, WIDTH),
        linear(WIDTH, WIDTH),
        attention(WIDTH / HEADS, tokens),
        Work::Scale { elements: HEADS * tokens * tokens },
        by_row(Kind::Softmax, HEADS * tokens, tokens),
        attention(tokens, WIDTH / HEADS),
        linear(WIDTH, WIDTH),
        norm(),
        linear(WIDTH, 4 * WIDTH),
        activation(Kind::GELU, tokens * 4 * WIDTH),
        linear(4 * WIDTH, WIDTH),
        norm(),
    ];
    let layers = std::iter::repeat_n(layer, 12).flatten();
    [words, norm()].into_iter().chain(layers).map(row).collect()
}
