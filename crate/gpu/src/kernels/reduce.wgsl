// One axis folded into one element: result[o, i] = after(factor * fold_k(before(source[o, k, i]))).
// Head: `before`, `fold` (of two), `after`, SHIFTED (the maximum is taken out first, as LogSumExp needs).
//
// Folds 64 at a time and then the results, so that the error of a long sum grows slowly.

struct Params {
    total: u32,
    inner: u32,
    size: u32,
    factor: f32,
    // What a fold begins with, and minus infinity, which WGSL has no word for.
    start: f32,
    lowest: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read> source: array<f32>;
@group(0) @binding(3) var<storage, read_write> result: array<f32>;

fn make(element: u32) {
    let base = element / params.inner * params.size * params.inner + element % params.inner;
    var shift = 0.0;
    if (SHIFTED) {
        shift = params.lowest;
        for (var k = 0u; k < params.size; k++) {
            shift = maximum(shift, source[base + k * params.inner]);
        }
        // A row of minus infinities stays one.
        shift = select(shift, 0.0, shift == params.lowest);
    }
    var whole = params.start;
    for (var start = 0u; start < params.size; start += 64u) {
        var part = params.start;
        let end = min(start + 64u, params.size);
        for (var k = start; k < end; k++) {
            part = fold(part, before(source[base + k * params.inner] - shift));
        }
        whole = fold(whole, part);
    }
    result[element] = after(whole * params.factor) + shift;
}

fn sum(a: f32, b: f32) -> f32 { return a + b; }
fn product(a: f32, b: f32) -> f32 { return a * b; }
fn absolute(x: f32) -> f32 { return abs(x); }
fn square(x: f32) -> f32 { return x * x; }
fn square_root(x: f32) -> f32 { return sqrt(x); }
fn exponential(x: f32) -> f32 { return exp(x); }
fn logarithm(x: f32) -> f32 { return log(x); }
