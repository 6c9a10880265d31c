// Shared by every kernel. Tensors are row-major; a dispatch of more than 65,535 workgroups goes on in y.

struct Run {
    // Drives stochastic activations.
    seed: u32,
    unused_0: u32,
    unused_1: u32,
    unused_2: u32,
}
@group(0) @binding(1) var<uniform> run: Run;

// Invocations of a workgroup of the kernels that go over elements, and elements of each.
const SIZE: u32 = 64u;
const EACH: u32 = 4u;

// Compilers may assume that there is no NaN, so it is told by its bits.
fn is_nan(x: f32) -> bool {
    return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
}

// A NaN wins, as in ONNX Runtime and NumPy.
fn maximum(a: f32, b: f32) -> f32 {
    return select(select(b, a, a > b), select(b, a, is_nan(a)), is_nan(a) || is_nan(b));
}

fn minimum(a: f32, b: f32) -> f32 {
    return select(select(b, a, a < b), select(b, a, is_nan(a)), is_nan(a) || is_nan(b));
}

fn identity(x: f32) -> f32 { return x; }
