//! The bench on which plans are made: a model, its activations, data, and runs of changed models.
//!
//! It owns its files and lives across questions. What a run of the model told is kept until the data
//! change ([`Seen`]): what flows into each activation, the evidence of policies, the original's
//! outputs. A question is a [`ReplaceSettings`]; another budget, granularity, method or degree is
//! answered from what was seen, unless the policy's evidence hangs on it. Never splices to plan.

use std::collections::HashMap;
use std::rc::Rc;

use super::fits::{FitKey, Fitted, Way};
use super::flow::Flow;
use super::meter::Meter;
use super::{BenchInfo, BenchLayer, Planned, ReplaceSettings};
use crate::api::model::Model;
use crate::api::run::RunSession;
use crate::count::Row;
use crate::error::{Code, Error, Result};
use crate::infer::session::{About, Ran, RunAsk};
use crate::infer::tensor::Tensor;
use crate::ir::graph::{Graph, ValueId};
use crate::onnx::{ModelProto, Progress, ReadAt, Spliced, SplicedFile};
use crate::open::{NamedFile, Opened, RunOptions, Settings, model_among, shaped};
use crate::select::{Activation, activations, senet_ratios};

/// Arrays by the names of inputs.
pub type Arrays = Vec<(String, Tensor)>;

/// A file that the bench keeps.
pub type OwnFile = (String, Box<dyn ReadAt>);

/// What runs of the model told. Everything hangs on the data and on which activations count.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) flows: Option<Rc<Vec<Flow>>>,
    pub(super) fits: HashMap<FitKey, Rc<Fitted>>,
    /// Samples of a trial, and the loss for each unit of squared error, by layer.
    pub(super) sensitivity: Option<(usize, Vec<f64>)>,
    /// Samples of a trial, and the stages in order.
    pub(super) stage_order: Option<(usize, Vec<u32>)>,
    /// SENet's score of each element, under these polynomials.
    pub(super) difference: Option<(Vec<FitKey>, Rc<[Vec<f32>]>)>,
    /// The last plan.
    pub(super) made: Option<(ReplaceSettings, Rc<Planned>)>,
}

/// A model on the bench.
pub struct Workbench {
    name: String,
    /// None of an example.
    files: Option<Vec<OwnFile>>,
    place: usize,
    settings: Settings,
    run: RunOptions,
    pub(super) wish: ReplaceSettings,
    pub(super) proto: ModelProto,
    pub(super) graph: Graph,
    all: Vec<Activation>,
    /// Those that the wish counts.
    pub(super) sites: Vec<Activation>,
    /// How each is replaced.
    pub(super) ways: Vec<Way>,
    /// For statistics.
    pub(super) data: Option<Arrays>,
    /// For judging, with labels.
    pub(super) test: Option<Arrays>,
    pub(super) labels: Option<Tensor>,
    /// First output on the samples for judging.
    pub(super) original: Option<Tensor>,
    pub(super) seen: Seen,
    /// Its work as plain rows, and MACs of a sample.
    scored: Option<(Vec<Row>, u64)>,
    pub(super) meter: Meter,
}

impl Workbench {
    /// Opens the model among the files; the others are its external data.
    ///
    /// # Errors
    /// What is wrong with the file or a setting; `NotSupported` where nothing can be replaced.
    pub fn open(files: Vec<OwnFile>, settings: &Settings, run: &RunOptions) -> Result<Self> {
        let place = model_among(files.iter().map(|(name, _)| name.as_str()));
        let (name, bytes) =
            files.get(place).ok_or_else(|| Error::new(Code::EmptyFile, "there is no file"))?;
        let name = name.clone();
        let opened = Opened::file(&NamedFile { name: name.clone(), bytes: bytes.as_ref() }, &mut go)?;
        let bench = Self::of(name, opened, settings, run)?;
        Ok(Self { files: Some(files), place, ..bench })
    }

    /// A network built from its spec: it has no weights, so that it is planned and never run.
    ///
    /// # Errors
    /// `InvalidSetting` for an id that is none.
    pub fn example(id: &str, settings: &Settings) -> Result<Self> {
        Self::of(id.to_owned(), Opened::example(id)?, settings, &RunOptions::default())
    }

    fn of(name: String, opened: Opened, settings: &Settings, run: &RunOptions) -> Result<Self> {
        let Opened { proto, graph, .. } = opened;
        let (graph, _) = shaped(graph, settings).map_err(|e| e.file(&name))?;
        let all = activations(&graph);
        let mut bench = Self {
            name,
            files: None,
            place: 0,
            settings: settings.clone(),
            run: run.clone(),
            wish: ReplaceSettings::default(),
            proto,
            graph,
            all,
            sites: Vec::new(),
            ways: Vec::new(),
            data: None,
            test: None,
            labels: None,
            original: None,
            seen: Seen::default(),
            scored: None,
            meter: Meter::default(),
        };
        if bench.all.is_empty() {
            return Err(Error::new(Code::NotSupported, "no activation of this model can be replaced")
                .file(&bench.name)
                .hint("ReLU, ReLU6, LeakyReLU, SiLU, GELU and HardSwish of known shape can"));
        }
        bench.choose(false);
        bench.ways = bench.ways()?;
        Ok(bench)
    }

    /// Which activations count.
    fn choose(&mut self, gates: bool) {
        self.sites = self.all.iter().filter(|a| gates || !a.gate).cloned().collect();
    }

    /// What is asked from here on.
    ///
    /// # Errors
    /// `InvalidSetting` for a method or a layer that is none, `NotSupported` where nothing is left to replace.
    pub fn set_wish(&mut self, wish: &ReplaceSettings) -> Result<()> {
        if wish.gates != self.wish.gates {
            self.choose(wish.gates);
            self.seen = Seen::default();
        }
        self.wish = wish.clone();
        if self.sites.is_empty() {
            return Err(Error::new(Code::NotSupported, "only gates of this model can be replaced")
                .file(&self.name)
                .hint("let Sigmoid and Tanh go too: --gates"));
        }
        self.ways = self.ways()?;
        Ok(())
    }

    /// Where progress goes, in samples; what it answers stops a run.
    pub fn tell(&mut self, progress: Box<Progress<'static>>) {
        self.meter = Meter::new(progress);
    }

    /// What can be replaced.
    pub fn info(&self) -> BenchInfo {
        let layer = |a: &Activation| BenchLayer {
            index: a.node.0,
            node: self.graph.label(self.graph.node(a.node)),
            output: self.graph.value(a.output).name.clone(),
            target: a.target.name(),
            stage: a.site.stage,
            elements: a.site.elements(),
        };
        let lists = senet_ratios();
        let fitting = lists.iter().filter(|list| list.ratios.len() == self.sites.len());
        BenchInfo {
            model: self.name.clone(),
            total: self.sites.iter().map(|a| a.site.elements()).sum(),
            layers: self.sites.iter().map(layer).collect(),
            ratios: fitting.map(|list| list.name.to_owned()).collect(),
            runnable: self.files.is_some(),
        }
    }

    /// Names and sizes of the inputs, one sample each where the batch is open.
    pub fn inputs(&self) -> Vec<(String, Vec<u64>)> {
        let sizes = |id: ValueId| self.graph.sizes(id).unwrap_or_default();
        self.graph.inputs.iter().map(|id| (self.graph.value(*id).name.clone(), sizes(*id))).collect()
    }

    /// The model's file.
    ///
    /// # Errors
    /// `MissingData` of an example.
    pub fn file(&self) -> Result<NamedFile<'_>> {
        let file = self.files.as_ref().and_then(|files| files.get(self.place));
        let (name, bytes) = file.ok_or_else(|| {
            Error::new(Code::MissingData, "an example has no weights: it is not run and not written")
                .hint("open an .onnx file")
        })?;
        Ok(NamedFile { name: name.clone(), bytes: bytes.as_ref() })
    }

    /// Its place among the files.
    pub fn place(&self) -> usize {
        self.place
    }

    /// The work of the network as plain rows, and the MACs of one sample.
    pub(super) fn scored(&mut self) -> Result<(&[Row], u64)> {
        if self.scored.is_none() {
            let model = match &self.files {
                Some(_) => Model::open(&self.file()?, Vec::new(), &mut go)?,
                None => Model::example(&self.name)?,
            };
            let scored = model.score(&self.settings)?;
            self.scored = Some((scored.rows, scored.score.totals.macs));
        }
        Ok(self.scored.as_ref().map_or((&[], 0), |(rows, macs)| (rows.as_slice(), *macs)))
    }

    /// Costs before and after, under every protocol of the wish.
    pub(super) fn costs(&self, spliced: &Spliced) -> Result<Vec<super::CostChange>> {
        let before = self.file()?;
        let source = SplicedFile::new(spliced, before.bytes);
        let after = NamedFile { name: before.name.clone(), bytes: &source };
        super::costs::change(&before, &after, &self.settings, &self.wish.cost)
    }

    /// Names of the values that activations make.
    pub(super) fn output(&self, site: usize) -> String {
        self.sites.get(site).map(|a| self.graph.value(a.output).name.clone()).unwrap_or_default()
    }

    /// Names of the values that they read.
    pub(super) fn input(&self, site: usize) -> String {
        self.sites.get(site).map(|a| self.graph.value(a.input).name.clone()).unwrap_or_default()
    }

    pub(super) fn run_options(&self) -> RunOptions {
        self.run.clone()
    }

    /// A session of the model, or of a changed one.
    pub(super) fn session(&self, changed: Option<&Spliced>) -> Result<RunSession> {
        self.session_on(&self.run, changed)
    }

    fn session_on(&self, run: &RunOptions, changed: Option<&Spliced>) -> Result<RunSession> {
        let original = self.file()?;
        let whole = Spliced::default();
        let source = SplicedFile::new(changed.unwrap_or(&whole), original.bytes);
        let all = self.files.iter().flatten().enumerate();
        let files: Vec<NamedFile<'_>> = all
            .map(|(place, (name, bytes))| NamedFile {
                name: name.clone(),
                bytes: if place == self.place && changed.is_some() { &source } else { bytes.as_ref() },
            })
            .collect();
        RunSession::open(&files, &self.settings, run, &mut go)
    }

    /// Runs on arrays; gives the first output, shows each wanted value to `watch`.
    pub(super) async fn run(
        &self,
        changed: Option<&Spliced>,
        arrays: &Arrays,
        output: bool,
        watched: &[String],
        watch: &mut dyn FnMut(usize, &Graph, ValueId, &Tensor),
    ) -> Result<Ran> {
        let mut session = self.session(changed)?;
        self.run_in(&mut session, arrays, output, watched, watch).await
    }

    /// The same in a session that is open.
    pub(super) async fn run_in(
        &self,
        session: &mut RunSession,
        arrays: &Arrays,
        output: bool,
        watched: &[String],
        watch: &mut dyn FnMut(usize, &Graph, ValueId, &Tensor),
    ) -> Result<Ran> {
        let given = session.given(arrays.clone(), None)?;
        let model = &session.session.model;
        let outputs = if output { model.graph.outputs.iter().copied().take(1).collect() } else { Vec::new() };
        let mut ids = Vec::new();
        for name in watched {
            ids.push(model.find(name).ok_or_else(|| {
                Error::new(Code::NotSupported, "the changed model lost a value").value(name.clone())
            })?);
        }
        let graph = model.graph.clone();
        let ask = RunAsk { outputs, watched: ids.clone(), timings: false };
        let mut sink = |id: ValueId, tensor: &Tensor| {
            for (place, wanted) in ids.iter().enumerate() {
                if *wanted == id {
                    watch(place, &graph, id, tensor);
                }
            }
            Ok(())
        };
        let mut progress = |done, _| self.meter.at(done);
        let ran = session.session.run(given.inputs, &ask, &mut sink, &mut progress).await?;
        self.meter.done(ran.samples as u64);
        Ok(ran)
    }

    /// The first output of the original, or of a changed model.
    pub(super) async fn first(&self, changed: Option<&Spliced>, arrays: &Arrays) -> Result<Tensor> {
        self.first_on(&self.run, changed, arrays).await
    }

    /// The same with an engine of one's own.
    pub(super) async fn first_on(
        &self,
        run: &RunOptions,
        changed: Option<&Spliced>,
        arrays: &Arrays,
    ) -> Result<Tensor> {
        let mut session = self.session_on(run, changed)?;
        let ran = self.run_in(&mut session, arrays, true, &[], &mut |_, _, _, _| {}).await?;
        let first = ran.outputs.into_iter().next().map(|(_, tensor)| tensor);
        first.ok_or_else(|| Error::new(Code::NotSupported, "the model has no output"))
    }

    /// What runs.
    pub(super) fn about(session: &RunSession) -> About {
        session.info().engine
    }
}

/// Goes on.
pub(super) fn go(_: u64, _: u64) -> std::ops::ControlFlow<()> {
    std::ops::ControlFlow::Continue(())
}
