//! The JavaScript and TypeScript face of a wasm file, as an ES module for browsers.

use std::path::Path;

use wasm_bindgen_cli_support::Bindgen;

use crate::Result;

/// Writes `reluctant.js`, `reluctant.d.ts` and `reluctant_bg.wasm` into `out`.
pub(crate) fn run(input: &Path, out: &Path) -> Result<()> {
    // The default path makes the bundler emit the wasm beside the module, under its hashed name.
    Bindgen::new()
        .input_path(input)
        .out_name("reluctant")
        .web(true)?
        .typescript(true)
        .omit_default_module_path(false)
        .generate(out)?;
    Ok(())
}
