// Slices along an axis, chosen by indices; a negative index counts from the end.
// result[o, j, i] = data[o, indices[j], i].

struct Params {
    total: u32,
    inner: u32,
    // Indices, and elements along the axis.
    count: u32,
    size: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read> data: array<u32>;
@group(0) @binding(3) var<storage, read> indices: array<i32>;
@group(0) @binding(4) var<storage, read_write> result: array<u32>;

fn make(element: u32) {
    let inside = element % params.inner;
    let rest = element / params.inner;
    var index = indices[rest % params.count];
    index += select(0, i32(params.size), index < 0);
    let slice = rest / params.count * params.size + u32(clamp(index, 0, i32(params.size) - 1));
    result[element] = data[slice * params.inner + inside];
}
