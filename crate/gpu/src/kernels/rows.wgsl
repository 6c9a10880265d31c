// Goes over `params.total` rows: calls `make` of the file for each.

@compute @workgroup_size(SIZE)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let row = (workgroup.y * workgroups.x + workgroup.x) * SIZE + lane;
    if (row < params.total) {
        make(row);
    }
}
