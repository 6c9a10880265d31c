//! The GPU engine against references: kernels against loops written here, networks against the
//! outputs of ONNX Runtime. On a machine without any Vulkan device the tests that need one print a
//! notice and pass; `scripts/test` installs a device in software.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod activations;
mod build;
mod checked;
mod kernels;
pub(in crate::run) mod models;
mod naive;
mod plans;
mod shaders;
mod written;

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock};

use crate::engines::gpu::{Executor as _, Gpu};

/// Says once a test that it did not run, past the capture of the test runner: it must not look like
/// one that did.
fn skipped(test: &str) {
    static SKIPPED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let mut all = SKIPPED.lock().unwrap();
    if all.insert(test.to_owned()) {
        let (count, install) = (all.len(), "apt-get install mesa-vulkan-drivers");
        let _ = writeln!(std::io::stderr(), "SKIPPED {count}: {test}: no Vulkan device (Debian: {install})");
    }
}

/// The GPU of all tests; None, with a notice, where there is none.
pub(crate) fn gpu() -> Option<Arc<Gpu>> {
    static GPU: OnceLock<Option<Arc<Gpu>>> = OnceLock::new();
    let found = GPU.get_or_init(|| match pollster::block_on(Gpu::open()) {
        Ok(gpu) => Some(Arc::new(gpu)),
        Err(_) => None,
    });
    if found.is_none() {
        assert!(
            std::env::var_os("CI").is_none(),
            "no Vulkan device: under CI every test of the GPU must run"
        );
        skipped(std::thread::current().name().unwrap_or("?"));
    }
    found.clone()
}
