//! Helpers shared by the cross-cutting tests.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use reluctant::api::{LocalFile, Model, NamedFile, Result};

/// A file of the corpus.
pub fn corpus(path: impl AsRef<Path>) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(path)
}

/// Opens a model file, nothing beside it.
pub fn open(path: &Path) -> Result<Model> {
    let bytes = LocalFile::open(path)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Model::open(&NamedFile { name, bytes: &bytes }, Vec::new(), &mut |_, _| ControlFlow::Continue(()))
}

/// Rows of a CSV file by column name; quotes as in RFC 4180, no line breaks inside cells.
pub fn csv_rows(text: &str) -> Vec<HashMap<String, String>> {
    let mut lines = text.lines().filter(|line| !line.is_empty()).map(cells);
    let head = lines.next().unwrap_or_default();
    lines.map(|row| head.iter().cloned().zip(row).collect()).collect()
}

fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cells.last_mut().unwrap().push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            other => cells.last_mut().unwrap().push(other),
        }
    }
    cells
}
