// One function of two tensors with broadcasting. Head: RANK, `pair` (the function), INTEGERS (operands
// are integers or booleans), TRUTH (the result is a boolean), and `activation`'s.

struct Params {
    act: Act,
    total: u32,
    unused_0: u32,
    unused_1: u32,
    unused_2: u32,
    dims: array<vec4<u32>, 2>,
    a: array<vec4<u32>, 2>,
    b: array<vec4<u32>, 2>,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read> left: array<u32>;
@group(0) @binding(3) var<storage, read> right: array<u32>;
@group(0) @binding(4) var<storage, read> coefficients: array<f32>;
@group(0) @binding(5) var<storage, read> mask: array<u32>;
@group(0) @binding(6) var<storage, read_write> result: array<u32>;

fn value(word: u32) -> f32 {
    if (INTEGERS) {
        return f32(bitcast<i32>(word));
    }
    return bitcast<f32>(word);
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
            var rest = element;
            var a = 0u;
            var b = 0u;
            for (var axis = RANK; axis > 0u; axis--) {
                let at = axis - 1u;
                let size = params.dims[at / 4u][at % 4u];
                let place = rest % size;
                rest /= size;
                a += place * params.a[at / 4u][at % 4u];
                b += place * params.b[at / 4u][at % 4u];
            }
            let y = pair(value(left[a]), value(right[b]));
            if (TRUTH) {
                result[element] = u32(y);
            } else {
                result[element] = bitcast<u32>(activate(y, element));
            }
        }
    }
}

fn sum(a: f32, b: f32) -> f32 { return a + b; }
fn difference(a: f32, b: f32) -> f32 { return a - b; }
fn product(a: f32, b: f32) -> f32 { return a * b; }
fn quotient(a: f32, b: f32) -> f32 { return a / b; }
// WGSL's pow is for positive bases; a negative one has the sign of an odd whole exponent.
fn power(a: f32, b: f32) -> f32 {
    if (b == 0.0) { return 1.0; }
    if (b == 1.0) { return a; }
    if (b == 2.0) { return a * a; }
    if (a == 0.0 && b > 0.0) { return select(0.0, a, abs(b % 2.0) == 1.0); }
    let size = pow(abs(a), b);
    if (a < 0.0) {
        if (floor(b) != b) { return bitcast<f32>(0x7fc00000u + u32(b == 0.0)); }
        return select(size, -size, abs(b % 2.0) == 1.0);
    }
    return size;
}
fn slope(a: f32, b: f32) -> f32 { return select(a, a * b, a < 0.0); }
fn remainder(a: f32, b: f32) -> f32 { return a % b; }
fn equal(a: f32, b: f32) -> f32 { return f32(a == b); }
fn less(a: f32, b: f32) -> f32 { return f32(a < b); }
fn less_or_equal(a: f32, b: f32) -> f32 { return f32(a <= b); }
fn greater(a: f32, b: f32) -> f32 { return f32(a > b); }
fn greater_or_equal(a: f32, b: f32) -> f32 { return f32(a >= b); }
fn both(a: f32, b: f32) -> f32 { return a * b; }
fn either(a: f32, b: f32) -> f32 { return f32(a + b > 0.0); }
fn differ(a: f32, b: f32) -> f32 { return f32(a != b); }
