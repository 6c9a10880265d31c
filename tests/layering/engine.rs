//! The training engine (`crate/train`): a package of its own, so that the compiler keeps it from models and costs.
//! Its modules keep to the table in its `lib.rs`, its files go in no circle, and it depends on arrays and bytes only.

use std::fs;

use super::circles::{excepted, knots};
use super::graph::Crate;
use super::rust::{outer_violations, table};
use super::{root, texts};

/// What it may depend on.
const DEPENDENCIES: [&str; 9] = [
    "ndarray",
    "matrixmultiply",
    "serde",
    "postcard",
    "libm",
    "wasm-bindgen",
    "js-sys",
    "serde_json",
    "web-sys",
];

#[test]
fn the_training_engine_knows_arrays_only() {
    let folder = root().join("crate/train");
    let texts = texts(&folder.join("src"), &[".rs"]);
    let table = table(&texts["lib.rs"], "module").expect("crate/train/src/lib.rs has the table");
    assert!(table.rows.len() >= 10, "the table of crate/train/src/lib.rs was not read");
    let violations = outer_violations(&Crate::new(&texts), &table);
    assert!(violations.is_empty(), "{violations:?}");
    assert_eq!(excepted(&knots(&texts, ""), &[]), [""; 0]);

    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    let named = manifest.split("\n[").filter(|part| part.contains("dependencies"));
    for line in named.flat_map(|part| part.lines().skip(1)).filter(|line| !line.starts_with('#')) {
        if let Some((name, _)) = line.split_once('=') {
            assert!(DEPENDENCIES.contains(&name.trim()), "crate/train depends on {name}");
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
