//! `run`: files become a session, arrays become outputs, accuracy, times and statistics.

use serde::Deserialize;

use super::run_report::{self, RunInfo, RunReport, StatsReport};
use crate::error::{Code, Error, Result};
use crate::ir::activations::{self, Activation};
use crate::ir::depend::depends_on_input;
use crate::ir::graph::{ScopeId, Source, ValueId};
use crate::onnx::Progress;
use crate::open::{self, Given, NamedFile, RunOptions, Settings};
use crate::run::engine::AnyEngine;
use crate::run::random;
use crate::run::session::{Engine as _, RunAsk, Session};
use crate::run::stats::ValueStats;
use crate::run::tensor::Tensor;
use crate::run::{accuracy, npy, npz};

/// Which values statistics are taken of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum StatsScope {
    /// None.
    #[default]
    None,
    /// What goes into each activation and comes out, and the model's outputs.
    Activations,
    /// Every computed floating-point value of the main graph.
    All,
}

/// What a run is asked for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RunRequest {
    /// Values to keep, by name; the model's outputs where empty.
    pub outputs: Vec<String>,
    /// Statistics.
    pub stats: StatsScope,
    /// Measure each layer by itself.
    pub timings: bool,
    /// Best classes to list for each sample; 0 lists none.
    pub top: usize,
}

/// What a run gives.
#[derive(Debug)]
pub struct Outcome {
    /// The outputs asked for, by name, in the model's element types.
    pub outputs: Vec<(String, Tensor)>,
    /// The report.
    pub report: RunReport,
    /// Statistics, where asked for.
    pub stats: Option<StatsReport>,
}

/// A model that is loaded, and its engine.
pub struct RunSession {
    pub(super) session: Session<AnyEngine>,
    /// The activations whose values can be watched: those of the main graph.
    pub(super) sites: Vec<Activation>,
}

impl RunSession {
    /// Loads a model with its weights and prepares the engine.
    ///
    /// # Errors
    /// What is wrong with a file or a setting; `MissingData`, `LimitExceeded`; `NotSupported` with the
    /// operator that the engine lacks.
    pub fn open(
        files: &[NamedFile<'_>],
        settings: &Settings,
        options: &RunOptions,
        progress: &mut Progress<'_>,
    ) -> Result<Self> {
        let session = open::session(files, settings, options, progress)?;
        let model = &session.model;
        let mut sites = activations::find(&model.graph, &depends_on_input(&model.graph));
        sites.retain(|site| model.graph.node(site.node).scope == ScopeId(0));
        Ok(Self { session, sites })
    }

    /// Loses the GPU after as many slices more, as a driver reset would: for tests.
    pub fn lose_gpu(&mut self, slices: usize) {
        self.session.engine.lose_gpu(slices);
    }

    /// What the model reads and gives, and what can be asked for.
    pub fn info(&self) -> RunInfo {
        run_report::info(&self.session.model, self.session.engine.about(), &self.sites)
    }

    /// Joins arrays with the model's inputs: by name, or the only array with the only input. An
    /// array called `y`, `label` or `labels` that is no input holds labels, where none are given.
    ///
    /// # Errors
    /// `InvalidSetting` where an array has no place.
    pub fn given(&self, arrays: Vec<(String, Tensor)>, labels: Option<Tensor>) -> Result<Given> {
        open::given(&self.session.model, arrays, labels)
    }

    /// Random inputs: floats of a normal distribution, integers 0 and 1. The same seed, the same numbers.
    ///
    /// # Errors
    /// `LimitExceeded`.
    pub fn random(&self, samples: usize, seed: u64) -> Result<Given> {
        let mut inputs = random::inputs(&self.session.model, samples, seed)?;
        for (id, value) in open::set_values(&self.session.model) {
            inputs
                .iter_mut()
                .filter(|(input, _)| *input == id)
                .for_each(|(_, tensor)| *tensor = value.clone());
        }
        Ok(Given { inputs, labels: None })
    }

    /// Runs. Cancelled between slices, where `progress` says so.
    ///
    /// # Errors
    /// What the arrays, the names or the engine are at fault with.
    pub async fn run(
        &mut self,
        given: Given,
        ask: &RunRequest,
        progress: &mut Progress<'_>,
    ) -> Result<Outcome> {
        let model = &self.session.model;
        let mut outputs = Vec::new();
        for name in &ask.outputs {
            let id = model.find(name).ok_or_else(|| {
                Error::new(Code::InvalidSetting, format!("there is no value {name}"))
                    .hint("reluctant run MODEL --values lists them")
            })?;
            outputs.push(id);
        }
        if outputs.is_empty() {
            outputs.clone_from(&model.graph.outputs);
        }
        outputs.dedup();
        let watched = self.watched(ask.stats);
        let mut stats: Vec<ValueStats> =
            watched.iter().map(|id| ValueStats::new(&model.graph, *id)).collect();
        let mut watch = |id: ValueId, tensor: &Tensor| {
            if let Some(stats) = stats.iter_mut().find(|s| s.value == id) {
                stats.add(tensor);
            }
            Ok(())
        };
        let run = RunAsk { outputs, watched, timings: ask.timings };
        let labels = given.labels;
        let ran = self.session.run(given.inputs, &run, &mut watch, progress).await?;
        let model = &self.session.model;
        let scores = ran.outputs.first().map(|(_, tensor)| tensor);
        let accuracy = match (&labels, scores) {
            (Some(labels), Some(scores)) => Some(accuracy::accuracy(scores, labels)?),
            _ => None,
        };
        let top = match scores {
            Some(scores) if ask.top > 0 => accuracy::best(scores, ask.top)?,
            _ => Vec::new(),
        };
        let report = run_report::report(model, self.session.engine.about(), &ran, accuracy, top);
        let stats = (ask.stats != StatsScope::None)
            .then(|| run_report::stats(model, report.engine.clone(), &ran, &stats, &self.sites));
        let name = |id: ValueId| self.session.model.value_name(id).to_owned();
        let outputs = ran.outputs.into_iter().map(|(id, tensor)| (name(id), tensor)).collect();
        Ok(Outcome { outputs, report, stats })
    }

    fn watched(&self, scope: StatsScope) -> Vec<ValueId> {
        let graph = &self.session.model.graph;
        let float = |id: ValueId| graph.value(id).ty.dtype().is_none_or(|dtype| dtype.is_float());
        let mut watched: Vec<ValueId> = match scope {
            StatsScope::None => Vec::new(),
            StatsScope::Activations => {
                let sites = self.sites.iter().flat_map(|site| [site.input, site.output]);
                sites.chain(graph.outputs.iter().copied()).filter(|id| float(*id)).collect()
            }
            StatsScope::All => {
                let main = graph.nodes.iter().filter(|node| node.scope == ScopeId(0));
                let made = main.flat_map(|node| node.outputs.iter().flatten().copied());
                let computed = |id: &ValueId| {
                    let value = graph.value(*id);
                    matches!(value.source, Source::Node(..))
                        && value.weight.is_none()
                        && value.ty.as_tensor().is_some()
                };
                made.filter(|id| computed(id) && float(*id) && graph.value(*id).constant.is_none()).collect()
            }
        };
        watched.sort_unstable();
        watched.dedup();
        watched
    }
}

/// Reads a file of arrays: .npy (one, called after the file) or .npz.
///
/// # Errors
/// What is wrong with the file.
pub fn arrays(name: &str, bytes: &[u8]) -> Result<Vec<(String, Tensor)>> {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_owned();
    let read = match () {
        () if npy::is_npy(bytes) => npy::read(bytes).map(|tensor| vec![(stem, tensor)]),
        () if npz::is_npz(bytes) => npz::read(bytes),
        () if bytes.is_empty() => Err(Error::new(Code::EmptyFile, "the file is empty")),
        () => Err(Error::new(Code::Malformed, "the file is neither .npy nor .npz")
            .hint("save the array with numpy.save or numpy.savez")),
    };
    read.map_err(|e| e.file(name))
}

/// The labels of a file of arrays: its only array, or of several the one that is called as labels are.
///
/// # Errors
/// `InvalidSetting` where none of several is called so; as [`arrays`].
pub fn labels(name: &str, bytes: &[u8]) -> Result<Tensor> {
    let mut all = arrays(name, bytes)?;
    let called = all.iter().position(|(name, _)| open::is_label(name));
    let Some(place) = called.or((all.len() == 1).then_some(0)) else {
        let names: Vec<&str> = all.iter().map(|(name, _)| name.as_str()).collect();
        let text = format!("none of these arrays is called y or labels: {}", names.join(", "));
        return Err(Error::new(Code::InvalidSetting, text).file(name));
    };
    Ok(all.swap_remove(place).1)
}

/// An array as a .npy file.
pub fn npy_from(tensor: &Tensor) -> Vec<u8> {
    npy::write(tensor)
}

/// Arrays as a .npz file.
///
/// # Errors
/// `LimitExceeded` above 4 GB.
pub fn npz_from(arrays: &[(String, Tensor)]) -> Result<Vec<u8>> {
    npz::write(arrays)
}
