// Weights of a convolution, packed for `conv`: [group][block of 8][tap][channel][8], zeros past the
// last output channel. Strides say where group, output channel, input channel and tap lie.

struct Params {
    filters: u32,
    blocks: u32,
    channels: u32,
    taps: u32,
    group_stride: u32,
    filter_stride: u32,
    channel_stride: u32,
    total: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read> source: array<f32>;
@group(0) @binding(3) var<storage, read_write> result: array<f32>;

fn make(element: u32) {
    var rest = element / 8u;
    let channel = rest % params.channels;
    rest /= params.channels;
    let tap = rest % params.taps;
    rest /= params.taps;
    let filter_ = rest % params.blocks * 8u + element % 8u;
    let group = rest / params.blocks;
    var value = 0.0;
    if (filter_ < params.filters) {
        value = source[group * params.group_stride + filter_ * params.filter_stride
            + channel * params.channel_stride + tap];
    }
    result[element] = value;
}
