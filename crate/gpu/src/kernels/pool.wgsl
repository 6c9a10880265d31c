// Pooling over windows of two axes. Head: MODE (0 maximum, 1 average, 2 Lp norm), COUNT_PADS (an
// average counts the padding, but not what lies beyond it).

struct Params {
    total: u32,
    power: f32,
    input: vec2<u32>,
    output: vec2<u32>,
    window: vec2<u32>,
    stride: vec2<u32>,
    dilation: vec2<u32>,
    pads: vec2<u32>,
    // Input and padding on both sides.
    padded: vec2<u32>,
    // Minus infinity, which WGSL has no word for.
    lowest: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read> source: array<f32>;
@group(0) @binding(3) var<storage, read_write> result: array<f32>;

fn make(element: u32) {
    result[element] = pooled(element);
}

fn pooled(element: u32) -> f32 {
    let column = element % params.output.y * params.stride.y;
    let row = element / params.output.y % params.output.x * params.stride.x;
    let base = element / (params.output.x * params.output.y) * params.input.x * params.input.y;
    var best = params.lowest;
    var sum = 0.0;
    var count = 0u;
    for (var y = 0u; y < params.window.x; y++) {
        let padded_row = row + y * params.dilation.x;
        let in_row = padded_row - params.pads.x;
        for (var x = 0u; x < params.window.y; x++) {
            let padded_column = column + x * params.dilation.y;
            let in_column = padded_column - params.pads.y;
            // Before the begin, the subtraction wraps to a place beyond the end.
            if (in_row < params.input.x && in_column < params.input.y) {
                let v = source[base + in_row * params.input.y + in_column];
                if (MODE == 0u) {
                    best = maximum(best, v);
                } else if (MODE == 1u) {
                    sum += v;
                } else {
                    sum += pow(abs(v), params.power);
                }
                count++;
            } else if (COUNT_PADS && padded_row < params.padded.x && padded_column < params.padded.y) {
                count++;
            }
        }
    }
    if (MODE == 0u) {
        return best;
    }
    if (MODE == 1u) {
        return sum / f32(count);
    }
    return pow(sum, 1.0 / params.power);
}
