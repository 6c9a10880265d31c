// Convolution with windows three wide that move by one: 3x3 above all.
//
// An invocation makes 8 output channels of 4 pixels that lie in one row, next to each other: the six
// input pixels above them serve all three taps. Weights are packed as for `conv`.
//
// Head: LANES, ROWS (workgroup), BIAS, RESIDUAL, and `activation`'s.

@group(0) @binding(3) var<storage, read> weights: array<vec4<f32>>;

@compute @workgroup_size(LANES, ROWS)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let block = workgroup.y * ROWS + local.y;
    let four = workgroup.x * LANES + local.x;
    // Fours of a row, the last of which may reach beyond it.
    let fours = (params.output.y + 3u) / 4u;
    let line = four / fours;
    if (block >= params.groups * params.blocks || line * params.output.y >= params.pixels) {
        return;
    }
    let group = block / params.blocks;
    let image = line / params.output.x;
    let row = line % params.output.x;
    let column = four % fours * 4u;
    let plane = params.input.x * params.input.y;
    let base = (image * params.groups + group) * params.channels * plane;
    // Before the begin, the subtraction wraps to a place beyond the end.
    let left = column - params.pads.y;
    let place = vec4<u32>(left) + vec4<u32>(0u, 1u, 2u, 3u);
    let place_4 = left + 4u;
    let place_5 = left + 5u;
    let inside = place < vec4<u32>(params.input.y);
    let inside_4 = place_4 < params.input.y;
    let inside_5 = place_5 < params.input.y;

    var a0 = vec4<f32>(); var a1 = vec4<f32>(); var a2 = vec4<f32>(); var a3 = vec4<f32>();
    var a4 = vec4<f32>(); var a5 = vec4<f32>(); var a6 = vec4<f32>(); var a7 = vec4<f32>();
    // From one tap to the next.
    let tap = params.channels * 2u;
    for (var y = 0u; y < params.taps.x; y++) {
        let in_row = row * params.stride.x + y * params.dilation.x - params.pads.x;
        if (in_row < params.input.x) {
            let start = base + in_row * params.input.y;
            var from_ = vec4<u32>(start) + select(vec4<u32>(0u), place, inside);
            var from_4 = start + select(0u, place_4, inside_4);
            var from_5 = start + select(0u, place_5, inside_5);
            var w = (block * params.taps.x + y) * 3u * tap;
            for (var c = 0u; c < params.channels; c++) {
                let read = vec4<f32>(source[from_.x], source[from_.y], source[from_.z], source[from_.w]);
                let v0 = select(vec4<f32>(), read, inside);
                let s4 = select(0.0, source[from_4], inside_4);
                let v1 = vec4<f32>(v0.yzw, s4);
                let v2 = vec4<f32>(v0.zw, s4, select(0.0, source[from_5], inside_5));
                let p0 = weights[w];
                let p1 = weights[w + 1u];
                a0 += p0.x * v0; a1 += p0.y * v0; a2 += p0.z * v0; a3 += p0.w * v0;
                a4 += p1.x * v0; a5 += p1.y * v0; a6 += p1.z * v0; a7 += p1.w * v0;
                let q0 = weights[w + tap];
                let q1 = weights[w + tap + 1u];
                a0 += q0.x * v1; a1 += q0.y * v1; a2 += q0.z * v1; a3 += q0.w * v1;
                a4 += q1.x * v1; a5 += q1.y * v1; a6 += q1.z * v1; a7 += q1.w * v1;
                let r0 = weights[w + 2u * tap];
                let r1 = weights[w + 2u * tap + 1u];
                a0 += r0.x * v2; a1 += r0.y * v2; a2 += r0.z * v2; a3 += r0.w * v2;
                a4 += r1.x * v2; a5 += r1.y * v2; a6 += r1.z * v2; a7 += r1.w * v2;
                from_ += vec4<u32>(plane);
                from_4 += plane;
                from_5 += plane;
                w += 2u;
            }
        }
    }
    let filter_0 = block % params.blocks * 8u;
    let first = (image * params.groups + group) * params.filters * params.output.x + row;
    store(group, filter_0, a0, first, column);
    store(group, filter_0 + 1u, a1, first, column);
    store(group, filter_0 + 2u, a2, first, column);
    store(group, filter_0 + 3u, a3, first, column);
    store(group, filter_0 + 4u, a4, first, column);
    store(group, filter_0 + 5u, a5, first, column);
    store(group, filter_0 + 6u, a6, first, column);
    store(group, filter_0 + 7u, a7, first, column);
}

// `first`: the row, among all rows of the result, of the group's first channel.
fn store(group: u32, filter_: u32, sum: vec4<f32>, first: u32, column: u32) {
    if (filter_ < params.filters) {
        let places = vec4<u32>(column) + vec4<u32>(0u, 1u, 2u, 3u);
        let at = vec4<u32>((first + filter_ * params.output.x) * params.output.y) + places;
        store_four(group * params.filters + filter_, sum, at, places < vec4<u32>(params.output.y));
    }
}
