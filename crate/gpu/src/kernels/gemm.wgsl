// Matrix products: result[i, m, n] = alpha * sum_k a[i, m, k] b[i, k, n] + beta * bias[m, n].
//
// An invocation makes TALL rows of 4 columns; the columns lie LANES apart. Any strides, so that
// transposed and broadcast operands need no copy.
//
// Head: LANES, ROWS (workgroup), TALL (1, 4, 8 or 16), BIAS, RESIDUAL, and `activation`'s.

struct Params {
    act: Act,
    m: u32,
    n: u32,
    k: u32,
    alpha: f32,
    // Elements from one row, column to the next.
    a: vec2<u32>,
    b: vec2<u32>,
    bias: vec2<u32>,
    beta: f32,
    unused: u32,
    // Outer dimensions, and the operands' strides along them (0: broadcast).
    outer: vec4<u32>,
    a_outer: vec4<u32>,
    b_outer: vec4<u32>,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read> a: array<f32>;
@group(0) @binding(3) var<storage, read> b: array<f32>;
@group(0) @binding(4) var<storage, read> bias: array<f32>;
@group(0) @binding(5) var<storage, read> residual: array<f32>;
@group(0) @binding(6) var<storage, read> coefficients: array<f32>;
@group(0) @binding(7) var<storage, read> mask: array<u32>;
@group(0) @binding(8) var<storage, read_write> result: array<f32>;

@compute @workgroup_size(LANES, ROWS)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let row = (workgroup.y * ROWS + local.y) * TALL;
    let first = workgroup.x * LANES * 4u + local.x;
    if (row >= params.m || first >= params.n) {
        return;
    }
    let column = vec4<u32>(first) + vec4<u32>(0u, LANES, 2u * LANES, 3u * LANES);
    var rest = workgroup.z;
    var a_base = 0u;
    var b_base = 0u;
    for (var i = 4u; i > 0u; i--) {
        let place = rest % params.outer[i - 1u];
        rest /= params.outer[i - 1u];
        a_base += place * params.a_outer[i - 1u];
        b_base += place * params.b_outer[i - 1u];
    }
    // Rows and columns past the end repeat the last; they are not stored.
    let last = params.m - 1u;
    let at0 = a_base + row * params.a.x;
    let at1 = a_base + min(row + 1u, last) * params.a.x;
    let at2 = a_base + min(row + 2u, last) * params.a.x;
    let at3 = a_base + min(row + 3u, last) * params.a.x;
    let at4 = a_base + min(row + 4u, last) * params.a.x;
    let at5 = a_base + min(row + 5u, last) * params.a.x;
    let at6 = a_base + min(row + 6u, last) * params.a.x;
    let at7 = a_base + min(row + 7u, last) * params.a.x;
    let at8 = a_base + min(row + 8u, last) * params.a.x;
    let at9 = a_base + min(row + 9u, last) * params.a.x;
    let at10 = a_base + min(row + 10u, last) * params.a.x;
    let at11 = a_base + min(row + 11u, last) * params.a.x;
    let at12 = a_base + min(row + 12u, last) * params.a.x;
    let at13 = a_base + min(row + 13u, last) * params.a.x;
    let at14 = a_base + min(row + 14u, last) * params.a.x;
    let at15 = a_base + min(row + 15u, last) * params.a.x;
    var at = vec4<u32>(b_base) + min(column, vec4<u32>(params.n - 1u)) * params.b.y;
    var s0 = vec4<f32>(); var s1 = vec4<f32>(); var s2 = vec4<f32>(); var s3 = vec4<f32>();
    var s4 = vec4<f32>(); var s5 = vec4<f32>(); var s6 = vec4<f32>(); var s7 = vec4<f32>();
    var s8 = vec4<f32>(); var s9 = vec4<f32>(); var s10 = vec4<f32>(); var s11 = vec4<f32>();
    var s12 = vec4<f32>(); var s13 = vec4<f32>(); var s14 = vec4<f32>(); var s15 = vec4<f32>();
    for (var k = 0u; k < params.k; k++) {
        let v = vec4<f32>(b[at.x], b[at.y], b[at.z], b[at.w]);
        at += vec4<u32>(params.b.x);
        let step = k * params.a.y;
        s0 += a[at0 + step] * v;
        if (TALL > 1u) {
            s1 += a[at1 + step] * v; s2 += a[at2 + step] * v; s3 += a[at3 + step] * v;
        }
        if (TALL > 4u) {
            s4 += a[at4 + step] * v; s5 += a[at5 + step] * v; s6 += a[at6 + step] * v; s7 += a[at7 + step] * v;
        }
        if (TALL > 8u) {
            s8 += a[at8 + step] * v; s9 += a[at9 + step] * v; s10 += a[at10 + step] * v; s11 += a[at11 + step] * v;
            s12 += a[at12 + step] * v; s13 += a[at13 + step] * v; s14 += a[at14 + step] * v; s15 += a[at15 + step] * v;
        }
    }
    store(workgroup.z, row, column, s0);
    if (TALL > 1u) {
        store(workgroup.z, row + 1u, column, s1);
        store(workgroup.z, row + 2u, column, s2);
        store(workgroup.z, row + 3u, column, s3);
    }
    if (TALL > 4u) {
        store(workgroup.z, row + 4u, column, s4);
        store(workgroup.z, row + 5u, column, s5);
        store(workgroup.z, row + 6u, column, s6);
        store(workgroup.z, row + 7u, column, s7);
    }
    if (TALL > 8u) {
        store(workgroup.z, row + 8u, column, s8);
        store(workgroup.z, row + 9u, column, s9);
        store(workgroup.z, row + 10u, column, s10);
        store(workgroup.z, row + 11u, column, s11);
        store(workgroup.z, row + 12u, column, s12);
        store(workgroup.z, row + 13u, column, s13);
        store(workgroup.z, row + 14u, column, s14);
        store(workgroup.z, row + 15u, column, s15);
    }
}

fn store(outer: u32, row: u32, column: vec4<u32>, sum: vec4<f32>) {
    if (row >= params.m) {
        return;
    }
    for (var i = 0u; i < 4u; i++) {
        if (column[i] < params.n) {
            let at = (outer * params.m + row) * params.n + column[i];
            var y = params.alpha * sum[i];
            if (BIAS) {
                y += params.beta * bias[row * params.bias.x + column[i] * params.bias.y];
            }
            if (RESIDUAL) {
                y += residual[at];
            }
            result[at] = activate(y, at);
        }
    }
}
