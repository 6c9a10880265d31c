// One function of one tensor, element by element; AFFINE: of x * factor + shift by channel
// (a BatchNorm that no layer before it takes in).

struct Params {
    act: Act,
    total: u32,
    inner: u32,
    channels: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read> source: array<f32>;
@group(0) @binding(3) var<storage, read> factor: array<f32>;
@group(0) @binding(4) var<storage, read> shift: array<f32>;
@group(0) @binding(5) var<storage, read> coefficients: array<f32>;
@group(0) @binding(6) var<storage, read> mask: array<u32>;
@group(0) @binding(7) var<storage, read_write> result: array<f32>;

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
            var x = source[element];
            if (AFFINE) {
                let channel = element / params.inner % params.channels;
                x = x * factor[channel] + shift[channel];
            }
            result[element] = activate(x, element);
        }
    }
}
