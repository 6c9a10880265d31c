// Depthwise convolution: every group has one input and one output channel. An invocation makes EACH
// output elements.
//
// Head: BIAS, RESIDUAL, TRANSPOSED, and `activation`'s. Weights lie as ONNX has them: [channel][tap].

@group(0) @binding(3) var<storage, read> weights: array<f32>;

// Where along one axis of the input a tap meets an output place; beyond the end where it does not.
fn meet(at: u32, tap: u32, axis: u32) -> u32 {
    let reach = tap * params.dilation[axis];
    if (TRANSPOSED) {
        let start = at + params.pads[axis] - reach;
        return select(start / params.stride[axis], 0xffffffffu, start % params.stride[axis] != 0u || at + params.pads[axis] < reach);
    }
    return at * params.stride[axis] + reach - params.pads[axis];
}

fn make(element: u32) {
    let column = element % params.output.y;
    let row = element / params.output.y % params.output.x;
    let plane = element / (params.output.x * params.output.y);
    let channel = plane % params.groups;
    let base = plane * params.input.x * params.input.y;
    var w = channel * params.taps.x * params.taps.y;
    var sum = 0.0;
    for (var y = 0u; y < params.taps.x; y++) {
        let in_row = meet(row, y, 0u);
        for (var x = 0u; x < params.taps.y; x++) {
            let in_column = meet(column, x, 1u);
            if (in_row < params.input.x && in_column < params.input.y) {
                sum += weights[w] * source[base + in_row * params.input.y + in_column];
            }
            w++;
        }
    }
    if (BIAS) {
        sum += bias[channel];
    }
    if (RESIDUAL) {
        sum += residual[element];
    }
    result[element] = activate(sum, element);
}
