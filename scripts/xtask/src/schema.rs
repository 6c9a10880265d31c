//! The ONNX messages: `crate/src/onnx/schema.rs` from `crate/proto/onnx-ml.proto`, without protoc.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Result;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn target() -> PathBuf {
    root().join("crate/src/onnx/schema.rs")
}

/// Large members of an attribute, which most attributes lack: behind pointers.
const BOXED: [&str; 4] = ["t", "g", "sparse_tensor", "tp"];

/// Writes the messages.
pub(crate) fn write() -> Result<()> {
    Ok(fs::write(target(), generate()?)?)
}

/// Fails when the committed messages are not what the .proto gives.
pub(crate) fn check() -> Result<()> {
    if fs::read_to_string(target())? == generate()? {
        return Ok(());
    }
    Err("crate/src/onnx/schema.rs is not what crate/proto gives: run `cargo run -p xtask -- schema`".into())
}

/// The Rust source, formatted as the repository is.
fn generate() -> Result<String> {
    let set = protox::compile([root().join("crate/proto/onnx-ml.proto")], [root().join("crate/proto")])?;
    let out = std::env::temp_dir().join(format!("reluctant-schema-{}", std::process::id()));
    fs::create_dir_all(&out)?;
    let mut config = prost_build::Config::new();
    config.out_dir(&out).disable_comments(["."]);
    for member in BOXED {
        config.boxed(format!(".onnx.AttributeProto.{member}"));
    }
    config.compile_fds(set)?;
    let file = out.join("onnx.rs");
    let config = root().join("rustfmt.toml");
    let status = std::process::Command::new("rustfmt")
        .args(["--edition", "2024", "--config-path"])
        .args([&config, &file])
        .status()?;
    if !status.success() {
        return Err("rustfmt failed on the generated messages".into());
    }
    let text = fs::read_to_string(&file)?;
    fs::remove_dir_all(&out)?;
    Ok(text)
}
