//! Files become a session: the model with its weights, an engine, and arrays as its inputs.

use serde::Deserialize;

use super::model::{NamedFile, Opened, bindings, model_among};
use super::settings::Settings;
use crate::error::{Code, Error, Result};
use crate::ir::graph::ValueId;
use crate::limits::MAX_FILES;
use crate::names::names;
use crate::onnx::{Present, Progress};
use crate::run::batch::interface;
use crate::run::cpu::Cpu;
use crate::run::engine::AnyEngine;
use crate::run::model::{Load, Runnable};
use crate::run::session::Session;
use crate::run::tensor::Tensor;
use crate::run::weights::{Found, Sources};

names! { "engine",
    /// Which engine runs.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum EngineKind {
        /// rten.
        #[default]
        Cpu = "cpu",
        /// WebGPU, or Vulkan natively.
        Gpu = "gpu",
    }
}

/// How a model is opened for running.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RunOptions {
    /// Which engine.
    pub engine: EngineKind,
    /// Samples of one run, where the model leaves that open.
    pub batch: usize,
}

impl Default for RunOptions {
    fn default() -> Self {
        Self { engine: EngineKind::Cpu, batch: 32 }
    }
}

/// Arrays for the inputs, and labels.
#[derive(Clone, Debug)]
pub struct Given {
    pub(crate) inputs: Vec<(ValueId, Tensor)>,
    pub(crate) labels: Option<Tensor>,
}

/// Loads the model among the files with its weights, the other files being its external data, and
/// prepares the engine.
///
/// # Errors
/// What is wrong with a file or a setting; `MissingData`, `LimitExceeded`, `Cancelled`; `NotSupported`
/// with the operator that the engine lacks.
pub fn session(
    files: &[NamedFile<'_>],
    settings: &Settings,
    options: &RunOptions,
    progress: &mut Progress<'_>,
) -> Result<Session<AnyEngine>> {
    let (mut model, found) = plan(files, settings, options.batch, progress)?;
    let engine = match options.engine {
        EngineKind::Cpu => {
            let cpu = Cpu::new(&model, &mut |put| found.pour(put, progress).map_err(|e| model.of_file(e)))?;
            AnyEngine::Cpu(Box::new(cpu))
        }
        EngineKind::Gpu => {
            model.weights = found.keep(&model.proto, progress).map_err(|e| model.of_file(e))?;
            let gpu = crate::run::gpu::engine::GpuEngine::default();
            AnyEngine::Checked(Box::new(crate::run::checked::Checked::new(gpu, &model)?))
        }
    };
    Ok(Session { model, engine })
}

/// `batch`: samples of one run, where the model leaves that open.
fn plan<'a>(
    files: &[NamedFile<'a>],
    settings: &Settings,
    batch: usize,
    progress: &mut Progress<'_>,
) -> Result<(Runnable, Found<'a>)> {
    let place = model_among(files.iter().map(|file| file.name.as_str()));
    let Some(file) = files.get(place) else {
        return Err(Error::new(Code::EmptyFile, "there is no file"));
    };
    if files.len() > MAX_FILES {
        return Err(Error::new(Code::LimitExceeded, format!("more than {MAX_FILES} files")));
    }
    let Opened { name, proto, graph, payloads, .. } = Opened::to_run(file, progress)?;
    let bindings = bindings(&graph, settings)?;
    let beside = || files.iter().enumerate().filter(|(index, _)| *index != place).map(|(_, file)| file);
    let present = beside().map(|f| Present { name: f.name.clone(), bytes: f.bytes.len() }).collect();
    let sources = Sources { model: file.bytes, beside: beside().map(|f| f.bytes).collect(), present };
    Runnable::plan(Load { name, proto, payloads: &payloads, graph, bindings, batch, sources })
}

/// An array of this name that is no input holds labels.
pub fn is_label(name: &str) -> bool {
    matches!(name, "y" | "label" | "labels" | "y_test" | "target" | "targets")
}

/// Joins arrays with the model's inputs: by name, or the only array with the only input. Labels are an
/// array called as [`is_label`] says, where none are given.
///
/// # Errors
/// `InvalidSetting` where an array has no place.
pub fn given(model: &Runnable, arrays: Vec<(String, Tensor)>, labels: Option<Tensor>) -> Result<Given> {
    let input = |name: &str| model.graph.inputs.iter().copied().find(|id| model.value_name(*id) == name);
    let (mut inputs, mut free, mut found) = (Vec::new(), Vec::new(), labels);
    for (name, tensor) in arrays {
        let is_label = is_label(&name);
        match input(&name) {
            Some(id) => inputs.push((id, tensor)),
            None if is_label && found.is_none() => found = Some(tensor),
            None if is_label => {}
            None => free.push((name, tensor)),
        }
    }
    let open: Vec<ValueId> = (model.graph.inputs.iter().copied())
        .filter(|id| !inputs.iter().any(|(known, _)| known == id))
        .collect();
    match (open.as_slice(), free.len()) {
        (_, 0) => {}
        ([one], 1) => inputs.extend(free.into_iter().map(|(_, tensor)| (*one, tensor))),
        _ => {
            let names: Vec<String> = free.into_iter().map(|(name, _)| name).collect();
            let text = format!("no input is called {}", names.join(", "));
            return Err(
                Error::new(Code::InvalidSetting, text).hint(format!("the model reads {}", interface(model)))
            );
        }
    }
    Ok(Given { inputs, labels: found })
}
