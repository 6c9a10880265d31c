// Convolution (TRANSPOSED: its adjoint), as a product of packed weights and gathered pixels.
//
// An invocation makes 8 output channels of 4 output pixels; the 4 lie LANES apart, so that
// neighbours read neighbouring pixels and the same weights. Weights are packed by `pack`:
// [group][block of 8 channels][tap][input channel][8].
//
// Head: LANES, ROWS (workgroup), BIAS, RESIDUAL, PADDED (some tap falls outside), TRANSPOSED, and `activation`'s.

@group(0) @binding(3) var<storage, read> weights: array<vec4<f32>>;

struct Taken {
    place: vec4<u32>,
    inside: vec4<bool>,
}

// Where along one axis of the input a tap meets each of four output places.
fn meet(at: vec4<u32>, tap: u32, axis: u32) -> Taken {
    let reach = tap * params.dilation[axis];
    var taken: Taken;
    if (TRANSPOSED) {
        let shifted = at + vec4<u32>(params.pads[axis]);
        let start = shifted - vec4<u32>(reach);
        let step = vec4<u32>(params.stride[axis]);
        taken.place = start / step;
        taken.inside = (shifted >= vec4<u32>(reach)) & (start % step == vec4<u32>(0u));
    } else {
        let shifted = at * params.stride[axis] + vec4<u32>(reach);
        taken.place = shifted - vec4<u32>(params.pads[axis]);
        // Before the begin, the subtraction wraps to a place beyond the end.
        taken.inside = vec4<bool>(true);
    }
    taken.inside = taken.inside & (taken.place < vec4<u32>(params.input[axis]));
    return taken;
}

@compute @workgroup_size(LANES, ROWS)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let block = workgroup.y * ROWS + local.y;
    let first = workgroup.x * LANES * 4u + local.x;
    if (block >= params.groups * params.blocks || first >= params.pixels) {
        return;
    }
    let group = block / params.blocks;
    let area = params.output.x * params.output.y;
    let pixel = vec4<u32>(first) + vec4<u32>(0u, LANES, 2u * LANES, 3u * LANES);
    let near = min(pixel, vec4<u32>(params.pixels - 1u));
    let image = near / area;
    let spot = near % area;
    let row = spot / params.output.y;
    let column = spot % params.output.y;
    let plane = params.input.x * params.input.y;
    let base = (image * params.groups + group) * params.channels * plane;

    var a0 = vec4<f32>(); var a1 = vec4<f32>(); var a2 = vec4<f32>(); var a3 = vec4<f32>();
    var a4 = vec4<f32>(); var a5 = vec4<f32>(); var a6 = vec4<f32>(); var a7 = vec4<f32>();
    var w = block * params.taps.x * params.taps.y * params.channels * 2u;
    for (var y = 0u; y < params.taps.x; y++) {
        let rows = meet(row, y, 0u);
        for (var x = 0u; x < params.taps.y; x++) {
            let columns = meet(column, x, 1u);
            let inside = rows.inside & columns.inside;
            var from_ = base + select(vec4<u32>(0u), rows.place * params.input.y + columns.place, inside);
            for (var c = 0u; c < params.channels; c++) {
                var v = vec4<f32>(source[from_.x], source[from_.y], source[from_.z], source[from_.w]);
                if (PADDED) {
                    v = select(vec4<f32>(), v, inside);
                }
                let w0 = weights[w];
                let w1 = weights[w + 1u];
                a0 += w0.x * v; a1 += w0.y * v; a2 += w0.z * v; a3 += w0.w * v;
                a4 += w1.x * v; a5 += w1.y * v; a6 += w1.z * v; a7 += w1.w * v;
                from_ += vec4<u32>(plane);
                w += 2u;
            }
        }
    }
    let filter_0 = block % params.blocks * 8u;
    let real = pixel < vec4<u32>(params.pixels);
    let at = (image * (params.groups * params.filters) + vec4<u32>(group * params.filters)) * area + spot;
    store(group, filter_0, a0, at, area, real);
    store(group, filter_0 + 1u, a1, at, area, real);
    store(group, filter_0 + 2u, a2, at, area, real);
    store(group, filter_0 + 3u, a3, at, area, real);
    store(group, filter_0 + 4u, a4, at, area, real);
    store(group, filter_0 + 5u, a5, at, area, real);
    store(group, filter_0 + 6u, a6, at, area, real);
    store(group, filter_0 + 7u, a7, at, area, real);
}

fn store(group: u32, filter_: u32, sum: vec4<f32>, at: vec4<u32>, area: u32, real: vec4<bool>) {
    if (filter_ < params.filters) {
        store_four(group * params.filters + filter_, sum, at + vec4<u32>(filter_ * area), real);
    }
}
