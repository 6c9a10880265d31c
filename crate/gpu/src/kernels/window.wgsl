// What convolutions share: parameters, bindings (weights stand in the files), and storing four pixels.

struct Params {
    act: Act,
    // Of one group: input channels, output channels, blocks of 8 output channels; and groups.
    channels: u32,
    filters: u32,
    blocks: u32,
    groups: u32,
    // Height and width.
    input: vec2<u32>,
    output: vec2<u32>,
    taps: vec2<u32>,
    stride: vec2<u32>,
    dilation: vec2<u32>,
    pads: vec2<u32>,
    // Output pixels of all images, and elements of the result.
    pixels: u32,
    total: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read> source: array<f32>;
@group(0) @binding(4) var<storage, read> bias: array<f32>;
@group(0) @binding(5) var<storage, read> residual: array<f32>;
@group(0) @binding(6) var<storage, read> coefficients: array<f32>;
@group(0) @binding(7) var<storage, read> mask: array<u32>;
@group(0) @binding(8) var<storage, read_write> result: array<f32>;

// Four pixels of an output channel (of all groups'), those of which `real` is set.
fn store_four(channel: u32, sum: vec4<f32>, at: vec4<u32>, real: vec4<bool>) {
    var value = sum;
    if (BIAS) {
        value += vec4<f32>(bias[channel]);
    }
    for (var i = 0u; i < 4u; i++) {
        if (real[i]) {
            var y = value[i];
            if (RESIDUAL) {
                y += residual[at[i]];
            }
            result[at[i]] = activate(y, at[i]);
        }
    }
}
