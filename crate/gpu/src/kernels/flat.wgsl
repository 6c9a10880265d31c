// Goes over `params.total` elements: calls `make` of the file for each.

@compute @workgroup_size(SIZE)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    // Those of an invocation lie SIZE apart, so that neighbours read neighbours.
    let first = (workgroup.y * workgroups.x + workgroup.x) * SIZE * EACH + lane;
    for (var i = 0u; i < EACH; i++) {
        let element = first + i * SIZE;
        if (element < params.total) {
            make(element);
        }
    }
}
