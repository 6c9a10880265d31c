// One axis resized: result[o, j, i] = sum_t weights[j, t] * source[o, places[j, t], i]. The table of
// places and weights says nearest, linear or cubic. Head: TAPS.

struct Params {
    total: u32,
    inner: u32,
    // Elements along the axis before and after.
    before: u32,
    after: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read> source: array<f32>;
@group(0) @binding(3) var<storage, read> places: array<u32>;
@group(0) @binding(4) var<storage, read> weights: array<f32>;
@group(0) @binding(5) var<storage, read_write> result: array<f32>;

fn make(element: u32) {
    let inside = element % params.inner;
    let rest = element / params.inner;
    let j = rest % params.after;
    let base = rest / params.after * params.before;
    var sum = 0.0;
    for (var t = 0u; t < TAPS; t++) {
        let from_ = (base + places[j * TAPS + t]) * params.inner + inside;
        let weight = weights[j * TAPS + t];
        // A single place is copied, whatever it holds.
        sum = select(sum + weight * source[from_], source[from_], TAPS == 1u);
    }
    result[element] = sum;
}
