// Words from one place to another, each side with an offset and strides: transposing, slicing,
// splitting, joining, expanding. Head: RANK.

struct Params {
    total: u32,
    from_offset: u32,
    to_offset: u32,
    unused: u32,
    dims: array<vec4<u32>, 2>,
    // A negative step wraps around 2^32, and the sum wraps back.
    read_step: array<vec4<u32>, 2>,
    write_step: array<vec4<u32>, 2>,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read> source: array<u32>;
@group(0) @binding(3) var<storage, read_write> result: array<u32>;

fn make(element: u32) {
    var rest = element;
    var here = params.from_offset;
    var there = params.to_offset;
    for (var axis = RANK; axis > 0u; axis--) {
        let at = axis - 1u;
        let size = params.dims[at / 4u][at % 4u];
        let place = rest % size;
        rest /= size;
        here += place * params.read_step[at / 4u][at % 4u];
        there += place * params.write_step[at / 4u][at % 4u];
    }
    result[there] = source[here];
}
