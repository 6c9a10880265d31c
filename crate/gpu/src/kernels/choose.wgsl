// Elements of one tensor where a condition holds, of another where not, with broadcasting. Head: RANK.

struct Params {
    total: u32,
    unused_0: u32,
    unused_1: u32,
    unused_2: u32,
    dims: array<vec4<u32>, 2>,
    condition: array<vec4<u32>, 2>,
    a: array<vec4<u32>, 2>,
    b: array<vec4<u32>, 2>,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read> condition: array<u32>;
@group(0) @binding(3) var<storage, read> left: array<u32>;
@group(0) @binding(4) var<storage, read> right: array<u32>;
@group(0) @binding(5) var<storage, read_write> result: array<u32>;

fn make(element: u32) {
    var rest = element;
    var c = 0u;
    var a = 0u;
    var b = 0u;
    for (var axis = RANK; axis > 0u; axis--) {
        let at = axis - 1u;
        let size = params.dims[at / 4u][at % 4u];
        let place = rest % size;
        rest /= size;
        c += place * params.condition[at / 4u][at % 4u];
        a += place * params.a[at / 4u][at % 4u];
        b += place * params.b[at / 4u][at % 4u];
    }
    result[element] = select(right[b], left[a], condition[c] != 0u);
}
