//! Build steps that need Rust libraries, one file a verb.
//!
//! `schema` writes the ONNX messages from their .proto; `schema --check` only says whether they
//! are what the .proto gives. `bindgen IN.wasm OUT_DIR` writes the JavaScript face of a wasm file.
//! `order FILE.wasm` puts functions that resemble each other side by side, in place.

mod bindgen;
mod order;
mod schema;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["schema"] => schema::write(),
        ["schema", "--check"] => schema::check(),
        ["bindgen", input, out] => bindgen::run(input.as_ref(), out.as_ref()),
        ["order", file] => order::run(file.as_ref()),
        _ => {
            Err("usage: xtask schema [--check] | xtask bindgen IN.wasm OUT_DIR | xtask order FILE.wasm"
                .into())
        }
    }
}
