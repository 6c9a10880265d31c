//! The networks of HPMPC's log: batch norms computed, average pools in place of max-pools.

use super::nets::{conv, fc, relu};
use super::rows;
use crate::count::{Row, Work};

/// What the formulas count.
#[derive(Debug, PartialEq)]
pub(in crate::cost) struct Counts {
    pub conv: u64,
    pub norm: u64,
    pub linear: u64,
    pub relu: u64,
    pub pool: u64,
}

pub(in crate::cost) fn counts(net: &[Row]) -> Counts {
    let sum = |of: fn(&Work) -> Option<u64>| net.iter().flat_map(|row| &row.work).filter_map(of).sum();
    Counts {
        conv: sum(|work| match work {
            Work::Conv(conv) => Some(conv.out_channels * conv.output.iter().product::<u64>()),
            _ => None,
        }),
        norm: sum(|work| if let Work::BatchNorm { elements } = work { Some(*elements) } else { None }),
        linear: sum(|work| if let Work::MatMul { n, .. } = work { Some(*n) } else { None }),
        relu: sum(|work| if let Work::Activation(a) = work { Some(a.elements) } else { None }),
        pool: sum(|work| match work {
            Work::AvgPool { elements, window } if *window > 1 => Some(*elements),
            _ => None,
        }),
    }
}

/// VGG-16 for 32x32, without batch norm: 13 convolutions, 5 pools, 512 -> 256 -> 256 -> 10.
pub(in crate::cost) fn vgg16_cifar10() -> Vec<Row> {
    let (mut size, mut channels, mut net) = (32, 3, Vec::new());
    for (width, layers) in [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)] {
        for _ in 0..layers {
            net.extend([conv(channels, width, size, 3, 1), relu(width * size * size)]);
            channels = width;
        }
        size /= 2;
        net.push(Work::AvgPool { elements: width * size * size, window: 4 });
    }
    net.extend([fc(512, 256), relu(256), fc(256, 256), relu(256), fc(256, 10)]);
    rows(net)
}

/// A ResNet of bottleneck blocks behind a 7x7 stem of stride 2, whatever the input's size.
pub(in crate::cost) fn bottlenecks(blocks: [u64; 4], input: u64, classes: u64) -> Vec<Row> {
    let mut size = input / 2;
    let mut net = vec![normed(conv(3, 64, input, 7, 2), 64 * size * size), vec![relu(64 * size * size)]];
    size /= 2;
    net.push(vec![Work::AvgPool { elements: 64 * size * size, window: 9 }]);
    let mut channels = 64;
    for (stage, (blocks, width)) in blocks.into_iter().zip([64, 128, 256, 512]).enumerate() {
        for block in 0..blocks {
            let stride = if stage > 0 && block == 0 { 2 } else { 1 };
            let out = size.div_ceil(stride);
            let [inner, narrow, wide] = [width * size * size, width * out * out, 4 * width * out * out];
            net.extend([
                normed(conv(channels, width, size, 1, 1), inner),
                vec![relu(inner)],
                normed(conv(width, width, size, 3, stride), narrow),
                vec![relu(narrow)],
                normed(conv(width, 4 * width, out, 1, 1), wide),
            ]);
            if block == 0 {
                net.push(normed(conv(channels, 4 * width, size, 1, stride), wide));
            }
            net.extend([vec![Work::Add { elements: wide }], vec![relu(wide)]]);
            (size, channels) = (out, 4 * width);
        }
    }
    net.extend([
        vec![Work::AvgPool { elements: channels, window: size * size }],
        vec![fc(channels, classes)],
    ]);
    let row = |(index, work)| Row { index: index as u32, op: "test".into(), work, ..Row::default() };
    net.into_iter().enumerate().map(row).collect()
}

fn normed(conv: Work, elements: u64) -> Vec<Work> {
    vec![conv, Work::BatchNorm { elements }]
}

pub(in crate::cost) fn named(name: &str) -> Vec<Row> {
    match name {
        "vgg16-cifar10" => vgg16_cifar10(),
        "resnet50-imagenet" => bottlenecks([3, 4, 6, 3], 224, 1000),
        "resnet50-cifar10" => bottlenecks([3, 4, 6, 3], 32, 10),
        "resnet18-bottleneck-cifar10" => bottlenecks([2; 4], 32, 10),
        "resnet18-bottleneck-imagenet" => bottlenecks([2; 4], 224, 1000),
        other => panic!("no network {other}"),
    }
}
