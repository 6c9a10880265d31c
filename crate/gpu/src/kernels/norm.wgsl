// Rows with their mean and spread taken out, then scaled and shifted: LayerNorm, InstanceNorm,
// GroupNorm; with RMS, divided by the root of the mean square alone.
// The scale of element i of a row: (row % row_period) * row_step + i / inner. Head: RMS, SHIFT.

struct Params {
    total: u32,
    size: u32,
    row_period: u32,
    row_step: u32,
    inner: u32,
    epsilon: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read> source: array<f32>;
@group(0) @binding(3) var<storage, read> scale: array<f32>;
@group(0) @binding(4) var<storage, read> shift: array<f32>;
@group(0) @binding(5) var<storage, read_write> result: array<f32>;

fn make(row: u32) {
    let base = row * params.size;
    var mean = 0.0;
    if (!RMS) {
        for (var start = 0u; start < params.size; start += 64u) {
            var part = 0.0;
            let end = min(start + 64u, params.size);
            for (var k = start; k < end; k++) {
                part += source[base + k];
            }
            mean += part;
        }
        mean /= f32(params.size);
    }
    var spread = 0.0;
    for (var start = 0u; start < params.size; start += 64u) {
        var part = 0.0;
        let end = min(start + 64u, params.size);
        for (var k = start; k < end; k++) {
            let x = source[base + k] - mean;
            part += x * x;
        }
        spread += part;
    }
    let factor = 1.0 / sqrt(spread / f32(params.size) + params.epsilon);
    let first = row % params.row_period * params.row_step;
    for (var k = 0u; k < params.size; k++) {
        let at = first + k / params.inner;
        var y = (source[base + k] - mean) * factor * scale[at];
        if (SHIFT) {
            y += shift[at];
        }
        result[base + k] = y;
    }
}
