//! A model on the bench, and plan files, for the verbs that take them.

use std::path::Path;

use reluctant::api::{self, Error, OwnFile, Plan, RunOptions, Workbench};

use super::run::neighbours;
use super::shared;

/// A model on the bench, with the files beside it.
pub(super) fn bench(model: &Path, settings: &api::Settings, batch: usize) -> Result<Workbench, Error> {
    let files = neighbours(model)?;
    let own = files.into_iter().map(|(name, file)| -> OwnFile { (name, Box::new(file)) }).collect();
    Workbench::open(own, settings, &RunOptions { batch, ..RunOptions::default() })
}

/// Reads a plan file, of whichever face.
pub(super) fn plan(path: &Path) -> Result<Plan, Error> {
    Plan::from_json(&shared::read(path)?).map_err(|error| error.file(path.display().to_string()))
}
