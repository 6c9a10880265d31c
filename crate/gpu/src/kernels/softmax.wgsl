// Softmax along one axis of [outer, size, inner]. Head: LOG (its logarithm).

struct Params {
    total: u32,
    inner: u32,
    size: u32,
    lowest: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read> source: array<f32>;
@group(0) @binding(3) var<storage, read_write> result: array<f32>;

fn make(row: u32) {
    let base = row / params.inner * params.size * params.inner + row % params.inner;
    var top = params.lowest;
    for (var k = 0u; k < params.size; k++) {
        top = maximum(top, source[base + k * params.inner]);
    }
    var sum = 0.0;
    for (var start = 0u; start < params.size; start += 64u) {
        var part = 0.0;
        let end = min(start + 64u, params.size);
        for (var k = start; k < end; k++) {
            part += exp(source[base + k * params.inner] - top);
        }
        sum += part;
    }
    for (var k = 0u; k < params.size; k++) {
        let at = base + k * params.inner;
        let x = source[at] - top;
        if (LOG) {
            result[at] = x - log(sum);
        } else {
            result[at] = exp(x) / sum;
        }
    }
}
