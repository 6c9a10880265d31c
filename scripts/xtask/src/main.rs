//! Build steps that need Rust libraries. `cargo run -p xtask -- schema` writes the ONNX messages.
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let verb = std::env::args().nth(1).unwrap_or_default();
    match verb.as_str() {
        "schema" => schema(),
        _ => Err("usage: xtask schema".into()),
    }
}

/// Writes `crate/src/onnx/schema.rs` from `crate/proto/onnx-ml.proto`.
fn schema() -> Result<(), Box<dyn std::error::Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let set = protox::compile([root.join("crate/proto/onnx-ml.proto")], [root.join("crate/proto")])?;
    let out = std::env::temp_dir().join(format!("reluctant-schema-{}", std::process::id()));
    std::fs::create_dir_all(&out)?;
    prost_build::Config::new().out_dir(&out).disable_comments(["."]).compile_fds(set)?;
    std::fs::copy(out.join("onnx.rs"), root.join("crate/src/onnx/schema.rs"))?;
    std::fs::remove_dir_all(&out)?;
    Ok(())
}
