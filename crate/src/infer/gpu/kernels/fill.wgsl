// One word everywhere.

struct Params {
    total: u32,
    word: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read_write> result: array<u32>;

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
            result[element] = params.word;
        }
    }
}
