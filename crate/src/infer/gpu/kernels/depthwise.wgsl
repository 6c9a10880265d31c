// Depthwise convolution: every group has one input and one output channel. An invocation makes EACH
// output elements.
//
// Head: BIAS, RESIDUAL, TRANSPOSED, and `activation`'s. Weights lie as ONNX has them: [channel][tap].

struct Params {
    act: Act,
    groups: u32,
    total: u32,
    input: vec2<u32>,
    output: vec2<u32>,
    taps: vec2<u32>,
    stride: vec2<u32>,
    dilation: vec2<u32>,
    pads: vec2<u32>,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read> source: array<f32>;
@group(0) @binding(3) var<storage, read> weights: array<f32>;
@group(0) @binding(4) var<storage, read> bias: array<f32>;
@group(0) @binding(5) var<storage, read> residual: array<f32>;
@group(0) @binding(6) var<storage, read> coefficients: array<f32>;
@group(0) @binding(7) var<storage, read> mask: array<u32>;
@group(0) @binding(8) var<storage, read_write> result: array<f32>;

// Where along one axis of the input a tap meets an output place; beyond the end where it does not.
fn meet(at: u32, tap: u32, axis: u32) -> u32 {
    let reach = tap * params.dilation[axis];
    if (TRANSPOSED) {
        let start = at + params.pads[axis] - reach;
        return select(start / params.stride[axis], 0xffffffffu, start % params.stride[axis] != 0u || at + params.pads[axis] < reach);
    }
    return at * params.stride[axis] + reach - params.pads[axis];
}

@compute @workgroup_size(SIZE)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let first = first_element(workgroup, workgroups, lane);
    for (var i = 0u; i < EACH; i++) {
        let element = first + i * SIZE;
        if (element < params.total) {
            convolve(element);
        }
    }
}

fn convolve(element: u32) {
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
