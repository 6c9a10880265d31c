//! The engines are packages of their own (`crate/cpu`, `crate/gpu`, `crate/train`, `crate/mpc`), so that the compiler
//! keeps them from models and costs. Their modules keep to the table in their `lib.rs`, their files go in no circle, and they
//! depend on arrays, bytes and seeds only.

use std::fs;

use super::circles::{excepted, knots};
use super::graph::Crate;
use super::rust::{outer_violations, table};
use super::{root, texts};

/// What it may depend on.
const DEPENDENCIES: [&str; 8] =
    ["ndarray", "serde", "postcard", "libm", "wasm-bindgen", "js-sys", "serde_json", "web-sys"];

/// What the protocol's engine may depend on.
const OF_MPC: [&str; 7] =
    ["chacha20", "serde", "postcard", "wasm-bindgen", "js-sys", "num-bigint", "proptest"];

/// What faces of the page take.
const OF_FACES: [&str; 4] = ["wasm-bindgen", "js-sys", "wasm-bindgen-futures", "serde-wasm-bindgen"];

#[test]
fn the_engines_that_run_models_know_none() {
    knows_no_more("crate/cpu", &[&OF_FACES[..], &["rten", "rten-tensor"]].concat());
    knows_no_more("crate/gpu", &[&OF_FACES[..], &["wgpu", "bytemuck", "serde", "ts-rs"]].concat());
}

#[test]
fn the_training_engine_knows_arrays_only() {
    knows_no_more("crate/train", &DEPENDENCIES);
}

#[test]
fn the_protocols_engine_knows_seeds_only() {
    knows_no_more("crate/mpc", &OF_MPC);
}

fn knows_no_more(engine: &str, dependencies: &[&str]) {
    let folder = root().join(engine);
    let texts = texts(&folder.join("src"), &[".rs"]);
    let table =
        table(&texts["lib.rs"], "module").unwrap_or_else(|| panic!("{engine}/src/lib.rs has no table"));
    assert!(table.rows.len() >= 4, "the table of {engine}/src/lib.rs was not read");
    let violations = outer_violations(&Crate::new(&texts), &table);
    assert!(violations.is_empty(), "{violations:?}");
    assert_eq!(excepted(&knots(&texts, ""), &[]), [""; 0]);

    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    let named = manifest.split("\n[").filter(|part| part.contains("dependencies"));
    for line in named.flat_map(|part| part.lines().skip(1)).filter(|line| !line.starts_with('#')) {
        if let Some((name, _)) = line.split_once('=') {
            assert!(dependencies.contains(&name.trim()), "{engine} depends on {name}");
        }
    }
}

#[test]
fn an_import_upwards_in_the_engine_is_found() {
    let mut texts = texts(&root().join("crate/train/src"), &[".rs"]);
    let table = table(&texts["lib.rs"], "module").unwrap();
    texts.get_mut("layers/gate.rs").unwrap().push_str("\nuse crate::net::Net;\n");
    let found: Vec<String> = outer_violations(&Crate::new(&texts), &table).into_iter().collect();
    assert!(matches!(&found[..], [one] if one.contains("`layers` may not import `net`")), "{found:?}");
    assert!(!knots(&texts, "").is_empty());
}
