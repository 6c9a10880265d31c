//! Files as people have them: every row of `expected.csv`, and the further cases of `more.csv`. README.md says where they
//! come from.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod expected;
mod more;
mod run;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use reluctant::api::{Ask, Estimate, LocalFile, Model, NamedFile, Present, Scored, Settings};

/// A file of this folder.
fn here(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("cases").join(name)
}

/// `NAME=VALUE` settings.
fn settings(set: &[&str]) -> Settings {
    let mut settings = Settings::default();
    set.iter().for_each(|text| settings.add(text).unwrap());
    settings
}

fn open(name: &str) -> Model {
    let bytes = LocalFile::open(&here(&format!("{name}.onnx"))).unwrap();
    let file = NamedFile { name: format!("{name}.onnx"), bytes: &bytes };
    Model::open(&file, Vec::<Present>::new(), &mut |_, _| ControlFlow::Continue(())).unwrap()
}

/// What a case costs under SEMI2K.
fn estimate(scored: &Scored) -> Estimate {
    let mut ask = Ask::default();
    ask.terms.protocols = vec!["semi2k".to_owned()];
    scored.cost(&ask).unwrap().estimates.remove(0)
}

fn score(name: &str, set: &[&str]) -> Scored {
    open(name).score(&settings(set)).unwrap()
}
