// A tensor with a margin. Head: RANK, MODE (0 constant, 1 reflect, 2 edge, 3 wrap).

struct Params {
    total: u32,
    word: u32,
    unused_0: u32,
    unused_1: u32,
    dims: array<vec4<u32>, 2>,
    // Of the source: sizes, and margin before it (negative: cut off).
    sizes: array<vec4<i32>, 2>,
    begin: array<vec4<i32>, 2>,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read> source: array<u32>;
@group(0) @binding(3) var<storage, read_write> result: array<u32>;

// The source's place for one outside of it.
fn inward(place: i32, size: i32) -> i32 {
    if (MODE == 1u) {
        let period = max(2 * size - 2, 1);
        let at = ((place % period) + period) % period;
        return select(at, period - at, at >= size);
    }
    if (MODE == 3u) {
        return ((place % size) + size) % size;
    }
    return clamp(place, 0, size - 1);
}

fn make(element: u32) {
    var rest = element;
    var at = 0;
    var scale = 1;
    var outside = false;
    for (var axis = RANK; axis > 0u; axis--) {
        let k = axis - 1u;
        let dim = params.dims[k / 4u][k % 4u];
        let size = params.sizes[k / 4u][k % 4u];
        let place = i32(rest % dim) - params.begin[k / 4u][k % 4u];
        rest /= dim;
        outside = outside || place < 0 || place >= size;
        at += inward(place, size) * scale;
        scale *= size;
    }
    result[element] = source[at];
    if (MODE == 0u && outside) {
        result[element] = params.word;
    }
}
