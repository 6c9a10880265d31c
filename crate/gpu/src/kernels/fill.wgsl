// One word everywhere.

struct Params {
    total: u32,
    word: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read_write> result: array<u32>;

fn make(element: u32) {
    result[element] = params.word;
}
