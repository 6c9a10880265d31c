//! `run`: files become a model that can be run.

use super::model::{NamedFile, model_among};
use super::settings::Settings;
use crate::error::{Code, Error, Result};
use crate::infer::model::{Load, Runnable};
use crate::infer::weights::Sources;
use crate::ir::import::import;
use crate::limits::MAX_FILES;
use crate::onnx::{self, Present, Progress};

/// Loads the model among the files, weights included; the other files are its external data.
/// `batch`: samples of one run, where the model leaves that open.
///
/// # Errors
/// What is wrong with a file or a setting; `MissingData`, `LimitExceeded`, `Cancelled`.
pub(crate) fn load(
    files: &[NamedFile<'_>],
    settings: &Settings,
    batch: usize,
    progress: &mut Progress<'_>,
) -> Result<Runnable> {
    let place = model_among(files.iter().map(|file| file.name.as_str()));
    let Some(file) = files.get(place) else {
        return Err(Error::new(Code::EmptyFile, "there is no file"));
    };
    if files.len() > MAX_FILES {
        return Err(Error::new(Code::LimitExceeded, format!("more than {MAX_FILES} files")));
    }
    let beside = || files.iter().enumerate().filter(|(index, _)| *index != place).map(|(_, file)| file);
    let skeleton = onnx::open(&file.name, file.bytes, progress)?;
    let graph = import(&skeleton.model).map_err(|e| e.file(&file.name))?;
    let is_input = |name: &str| graph.inputs.iter().any(|v| graph.value(*v).name == name);
    let bindings = settings.bindings(is_input)?;
    let present = beside().map(|f| Present { name: f.name.clone(), bytes: f.bytes.len() }).collect();
    let sources = Sources { model: file.bytes, beside: beside().map(|f| f.bytes).collect(), present };
    let load = Load {
        name: file.name.clone(),
        proto: skeleton.model,
        payloads: &skeleton.payloads,
        graph,
        bindings,
        batch,
        sources,
    };
    Runnable::load(load, progress)
}
