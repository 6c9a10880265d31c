//! Who may import whom, and that no files import each other in a circle. Every violation is reported
//! at once. Test modules are free: they build what they need.
//!
//! | file | what |
//! |---|---|
//! | source | reads Rust as text: what a file defines, uses and names by path |
//! | rust | the tables in `crate/src/lib.rs` and in the doc of a module's `mod.rs` |
//! | graph | which file each `use` and path leads to, through re-exports |
//! | circles | files that need each other |
//! | engine | the training engine, a package of its own |
//! | page | the table of `www/src` |
//! | page_files | its files: circles, what `lib` is for, who aborts |
//! | prose | the page reads no words of the core |
//! | pages | what the pages for contributors name is there |

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod circles;
mod engine;
mod graph;
mod page;
mod page_files;
mod pages;
mod prose;
mod rust;
mod source;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

fn files(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "pkg") {
            found.extend(files(&path, endings));
        } else if endings.iter().any(|ending| path.to_string_lossy().ends_with(ending)) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Every file below a folder with its text, by its place there (`ir/import/mod.rs`).
fn texts(folder: &Path, endings: &[&str]) -> BTreeMap<String, String> {
    let place = |file: &Path| file.strip_prefix(folder).unwrap().to_string_lossy().replace('\\', "/");
    files(folder, endings).iter().map(|file| (place(file), fs::read_to_string(file).unwrap())).collect()
}
