//! The files of external data: what lies beside a model, and what it names in folders below.
//!
//! A location stays inside the model's folder: the library refuses absolute paths and `..`, and a folder that is a link
//! to elsewhere is not entered. The file at its end may be a link, and so may the model: what lies beside that
//! it points to is found too.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use reluctant::api::{Error, LocalFile, MAX_FILES, Model, NamedFile};

/// The model, without what it keeps elsewhere.
pub fn alone(path: &Path) -> Result<Model, Error> {
    let file = LocalFile::open(path)?;
    let file = NamedFile { name: name(path), bytes: &file };
    Model::open(&file, Vec::new(), &mut |_, _| ControlFlow::Continue(()))
}

/// Names, relative to the model's folder, and paths of the files that may hold its weights; at most one less than may be
/// given together.
pub fn beside(path: &Path, model: &Model) -> Vec<(String, PathBuf)> {
    let mut folders =
        vec![path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()];
    if let Some(target) = std::fs::canonicalize(path).ok().as_deref().and_then(Path::parent)
        && std::fs::canonicalize(&folders[0]).ok().as_deref() != Some(target)
    {
        folders.push(target.to_owned());
    }
    let mut found: Vec<(String, PathBuf)> = Vec::new();
    let mut add = |name: String, path: PathBuf| {
        // Links are followed: what counts is what they lead to.
        if found.len() < MAX_FILES - 1 && path.is_file() && !found.iter().any(|(known, _)| *known == name) {
            found.push((name, path));
        }
    };
    for folder in &folders {
        for location in model.external_locations() {
            let file = folder.join(location);
            if inside(folder, &file) {
                add(location.to_owned(), file);
            }
        }
    }
    for folder in &folders {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten().take(MAX_FILES) {
            let other = entry.path();
            // Another model is no external data.
            if !other.extension().is_some_and(|e| e.eq_ignore_ascii_case("onnx")) {
                add(name(&other), other);
            }
        }
    }
    found
}

/// The folder of a file is the model's or one below it.
fn inside(folder: &Path, file: &Path) -> bool {
    let real = |path: &Path| std::fs::canonicalize(path).ok();
    let parent = file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    real(folder).zip(real(parent)).is_some_and(|(folder, parent)| parent.starts_with(folder))
}

/// The last part of a path.
pub fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
