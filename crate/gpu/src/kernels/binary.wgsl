// One function of two tensors with broadcasting. Head: RANK; the types A and B of the operands' words;
// `pair`, the function; `finish`, which makes its result a word: of a float with `activation`'s, of a
// whole number of BITS, SIGNED or not.

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

fn make(element: u32) {
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
    result[element] = finish(pair(bitcast<A>(left[a]), bitcast<B>(right[b])), element);
}

fn activated(y: f32, element: u32) -> u32 { return bitcast<u32>(activate(y, element)); }
fn truth(y: bool, element: u32) -> u32 { return u32(y); }
// What leaves the type wraps around.
fn whole(y: i32, element: u32) -> u32 {
    let spare = 32u - BITS;
    if (SIGNED) {
        return bitcast<u32>((y << spare) >> spare);
    }
    return (bitcast<u32>(y) << spare) >> spare;
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
// Exact where it is known; by an infinite divisor, too.
fn remainder(a: f32, b: f32) -> f32 { return select(a % b, a, abs(a) < abs(b)); }
// With the sign of the divisor.
fn modulus(a: f32, b: f32) -> f32 {
    let rest = remainder(a, b);
    return select(rest, rest + b, rest != 0.0 && (rest < 0.0) != (b < 0.0));
}
fn equal(a: f32, b: f32) -> bool { return a == b; }
fn less(a: f32, b: f32) -> bool { return a < b; }
fn less_or_equal(a: f32, b: f32) -> bool { return a <= b; }
fn greater(a: f32, b: f32) -> bool { return a > b; }
fn greater_or_equal(a: f32, b: f32) -> bool { return a >= b; }

// ---- whole numbers; booleans are 0 and 1 ----

fn whole_sum(a: i32, b: i32) -> i32 { return a + b; }
fn whole_difference(a: i32, b: i32) -> i32 { return a - b; }
fn whole_product(a: i32, b: i32) -> i32 { return a * b; }
fn whole_quotient(a: i32, b: i32) -> i32 { return a / b; }
fn whole_remainder(a: i32, b: i32) -> i32 { return a % b; }
fn whole_modulus(a: i32, b: i32) -> i32 {
    let rest = a % b;
    return select(rest, rest + b, rest != 0 && (rest < 0) != (b < 0));
}
// A negative exponent leaves something of 1 and -1 only.
fn whole_power(a: i32, b: i32) -> i32 {
    if (b < 0) {
        return select(select(0, select(1, -1, (b & 1) == 1), a == -1), 1, a == 1);
    }
    var factor = a;
    var power = 1;
    for (var rest = b; rest > 0; rest >>= 1u) {
        if ((rest & 1) == 1) {
            power *= factor;
        }
        factor *= factor;
    }
    return power;
}
fn power_by_whole(a: f32, b: i32) -> f32 { return power(a, f32(b)); }
fn whole_maximum(a: i32, b: i32) -> i32 { return max(a, b); }
fn whole_minimum(a: i32, b: i32) -> i32 { return min(a, b); }
fn whole_equal(a: i32, b: i32) -> bool { return a == b; }
fn whole_less(a: i32, b: i32) -> bool { return a < b; }
fn whole_less_or_equal(a: i32, b: i32) -> bool { return a <= b; }
fn whole_greater(a: i32, b: i32) -> bool { return a > b; }
fn whole_greater_or_equal(a: i32, b: i32) -> bool { return a >= b; }
fn both(a: i32, b: i32) -> bool { return a != 0 && b != 0; }
fn either(a: i32, b: i32) -> bool { return a != 0 || b != 0; }
fn differ(a: i32, b: i32) -> bool { return a != b; }

// ---- from one type to another; the other operand is not looked at ----

fn from_whole(a: i32, b: i32) -> f32 { return f32(a); }
fn to_whole(a: f32, b: i32) -> i32 { return i32(a); }
fn to_truth(a: f32, b: i32) -> bool { return a != 0.0; }
fn same_whole(a: i32, b: i32) -> i32 { return a; }
