// One function of one tensor, element by element; AFFINE: of x * factor + shift by channel
// (a BatchNorm that no layer before it takes in).

struct Params {
    act: Act,
    total: u32,
    inner: u32,
    channels: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read> source: array<f32>;
@group(0) @binding(3) var<storage, read> factor: array<f32>;
@group(0) @binding(4) var<storage, read> shift: array<f32>;
@group(0) @binding(5) var<storage, read> coefficients: array<f32>;
@group(0) @binding(6) var<storage, read> mask: array<u32>;
@group(0) @binding(7) var<storage, read_write> result: array<f32>;

fn make(element: u32) {
    var x = source[element];
    if (AFFINE) {
        let channel = element / params.inner % params.channels;
        x = x * factor[channel] + shift[channel];
    }
    result[element] = activate(x, element);
}
