//! Files become a session: the model with its weights, an engine, and arrays as its inputs.

use serde::Deserialize;

use super::model::{NamedFile, Opened, bindings, model_among};
use super::settings::Settings;
use crate::error::{Code, Error, Result};
use crate::ir::bind::{Bindings, samples, set_symbols};
use crate::ir::dim::Dim;
use crate::ir::graph::{Const, Graph, ValueId};
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
    /// Shapes of the arrays that will be given, by name, where they are known before: they bind what nobody set.
    #[serde(skip)]
    #[cfg_attr(test, ts(skip))]
    pub shapes: Vec<(String, Vec<usize>)>,
}

impl Default for RunOptions {
    fn default() -> Self {
        Self { engine: EngineKind::Cpu, batch: 32, shapes: Vec::new() }
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
    let (mut model, found) = plan(files, settings, options, progress)?;
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

fn plan<'a>(
    files: &[NamedFile<'a>],
    settings: &Settings,
    options: &RunOptions,
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
    let mut bindings = bindings(&graph, settings)?;
    bind_arrays(&graph, &mut bindings, &options.shapes);
    let batch = options.batch;
    let beside = || files.iter().enumerate().filter(|(index, _)| *index != place).map(|(_, file)| file);
    let present = beside().map(|f| Present { name: f.name.clone(), bytes: f.bytes.len() }).collect();
    let sources = Sources { model: file.bytes, beside: beside().map(|f| f.bytes).collect(), present };
    Runnable::plan(Load { name, proto, payloads: &payloads, graph, bindings, batch, sources })
}

/// Binds the symbols that nobody set by the arrays' shapes; the samples stay open where every input has them first, since
/// these are cut into slices. What does not fit is left to the check of the arrays.
fn bind_arrays(graph: &Graph, bindings: &mut Bindings, shapes: &[(String, Vec<usize>)]) {
    let inputs = &graph.inputs;
    let input = |name: &str| inputs.iter().copied().find(|id| graph.value(*id).name == name);
    let mut arrays: Vec<(ValueId, &[usize])> =
        shapes.iter().filter_map(|(name, shape)| Some((input(name)?, shape.as_slice()))).collect();
    let others: Vec<&[usize]> = (shapes.iter().filter(|(name, _)| input(name).is_none() && !is_label(name)))
        .map(|(_, shape)| shape.as_slice())
        .collect();
    let free: Vec<ValueId> =
        inputs.iter().copied().filter(|id| !arrays.iter().any(|(given, _)| given == id)).collect();
    if let ([id], [shape]) = (free.as_slice(), others.as_slice()) {
        arrays.push((*id, shape));
    }
    let taken = set_symbols(graph, bindings);
    let samples = samples(graph).filter(|samples| samples.sliced).map(|samples| samples.symbol);
    for (id, shape) in arrays {
        let dims = graph.shape(id).unwrap_or_default();
        if dims.len() != shape.len() {
            continue;
        }
        for (dim, size) in dims.iter().zip(shape) {
            let Some(symbol) = dim.alone().filter(|s| Some(*s) != samples && !taken.contains(s)) else {
                continue;
            };
            if let Ok(size) = i64::try_from(*size) {
                bindings.symbols.entry(graph.symbols.name(symbol).to_owned()).or_insert(size);
            }
        }
    }
}

/// An array of this name that is no input holds labels, however it is written.
pub fn is_label(name: &str) -> bool {
    const NAMES: [&str; 8] = ["y", "ys", "label", "labels", "target", "targets", "classes", "y_test"];
    NAMES.iter().any(|label| label.eq_ignore_ascii_case(name))
}

/// Joins arrays with the model's inputs: by name, or the only array with the only input. Labels are an
/// array called as [`is_label`] says, where none are given.
///
/// # Errors
/// `InvalidSetting` where an array has no place.
pub fn given(model: &Runnable, arrays: Vec<(String, Tensor)>, labels: Option<Tensor>) -> Result<Given> {
    let input = |name: &str| model.graph.inputs.iter().copied().find(|id| model.value_name(*id) == name);
    let (mut inputs, mut free, mut found) = (Vec::new(), Vec::new(), labels);
    // Labels come beside what they are of: one array alone is the input, whatever it is called.
    let alone = arrays.len() == 1;
    for (name, tensor) in arrays {
        let is_label = is_label(&name) && !(alone && found.is_none());
        match input(&name) {
            Some(id) => inputs.push((id, tensor)),
            None if is_label && found.is_none() => found = Some(tensor),
            None if is_label => {}
            None => free.push((name, tensor)),
        }
    }
    // A value that is set is an array, unless another is given.
    for (id, tensor) in set_values(model) {
        if !inputs.iter().any(|(known, _)| *known == id) {
            inputs.push((id, tensor));
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

/// The inputs whose values are set.
pub fn set_values(model: &Runnable) -> impl Iterator<Item = (ValueId, Tensor)> + '_ {
    let of = |id: &ValueId| {
        let value = model.graph.value(*id).constant.as_ref()?;
        Some((*id, set_value(model, *id, value)?))
    };
    model.graph.inputs.iter().filter_map(of)
}

fn set_value(model: &Runnable, id: ValueId, value: &Const) -> Option<Tensor> {
    let elements: Vec<i64> = value.as_ints()?.iter().map(Dim::known).collect::<Option<_>>()?;
    Tensor::new(model.sizes(id)?, elements).ok()?.cast(model.dtype(id)?).ok()
}
