//! The model on the bench: its files, its messages and graph, its activations.

use std::cell::OnceCell;

use super::meter::go;
use crate::count::{self, Row, Status};
use crate::error::{Code, Error, Result};
use crate::ir::graph::{Graph, ValueId};
use crate::ir::hash::structural_hash;
use crate::onnx::{ModelProto, ReadAt, Spliced, SplicedFile};
use crate::open::{NamedFile, Opened, RunOptions, Settings, model_among, session, shaped};
use crate::rewrite::Plan;
use crate::run::engine::AnyEngine;
use crate::run::session::Session;
use crate::select::{Activation, activations};

/// A file that the bench keeps.
pub type OwnFile = (String, Box<dyn ReadAt>);

/// A model and its files; an example has none.
pub struct Network {
    /// Name of the file, or id of the example.
    pub name: String,
    files: Option<Vec<OwnFile>>,
    /// Of the model among the files.
    pub place: usize,
    settings: Settings,
    /// How it runs.
    pub options: RunOptions,
    pub(super) proto: ModelProto,
    /// With shapes.
    pub graph: Graph,
    /// What can be replaced, gates too.
    pub activations: Vec<Activation>,
    /// What a plan in the file keeps, by base name.
    kept: Vec<(String, u64)>,
    hash: OnceCell<String>,
}

/// The work of a network.
#[derive(Debug)]
pub struct Counted {
    /// As plain rows.
    pub rows: Vec<Row>,
    /// Of one sample.
    pub macs: u64,
}

impl Counted {
    fn of(graph: &Graph, kept: &[(String, u64)]) -> Self {
        let counts = count::counted(graph, kept);
        let counted = counts.iter().filter(|count| count.status == Status::Counted);
        let macs = counted.fold(0u64, |sum, count| sum.saturating_add(count.macs));
        Self { rows: count::rows(graph, &counts), macs }
    }
}

impl Network {
    /// Opens the model among the files; the others are its external data.
    ///
    /// # Errors
    /// What is wrong with the file or a setting; `NotSupported` where nothing can be replaced.
    pub fn open(files: Vec<OwnFile>, settings: &Settings, options: &RunOptions) -> Result<Self> {
        let place = model_among(files.iter().map(|(name, _)| name.as_str()));
        let (name, bytes) =
            files.get(place).ok_or_else(|| Error::new(Code::EmptyFile, "there is no file"))?;
        let file = NamedFile { name: name.clone(), bytes: bytes.as_ref() };
        let network = Self::of(file.name.clone(), Opened::file(&file, &mut go)?, settings, options)?;
        Ok(Self { files: Some(files), place, ..network })
    }

    /// A network built from its spec: it has no weights, so that it is planned and never run.
    ///
    /// # Errors
    /// `InvalidSetting` for an id that is none.
    pub fn example(id: &str, settings: &Settings) -> Result<Self> {
        Self::of(id.to_owned(), Opened::example(id)?, settings, &RunOptions::default())
    }

    fn of(name: String, opened: Opened, settings: &Settings, options: &RunOptions) -> Result<Self> {
        let kept = opened.kept();
        let (graph, _) = shaped(opened.graph, settings).map_err(|e| e.file(&name))?;
        let activations = activations(&graph);
        if activations.is_empty() {
            return Err(Error::new(Code::NotSupported, "no activation of this model can be replaced")
                .file(&name)
                .hint("ReLU, ReLU6, LeakyReLU, SiLU, GELU and HardSwish of known shape can"));
        }
        Ok(Self {
            name,
            files: None,
            place: 0,
            settings: settings.clone(),
            options: options.clone(),
            proto: opened.proto,
            graph,
            activations,
            kept,
            hash: OnceCell::new(),
        })
    }

    /// There are weights: it can be run and written.
    pub fn has_weights(&self) -> bool {
        self.files.is_some()
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

    /// Names and sizes of the inputs, one sample each where the batch is open.
    pub fn inputs(&self) -> Vec<(String, Vec<u64>)> {
        let sizes = |id: ValueId| self.graph.sizes(id).unwrap_or_default();
        self.graph.inputs.iter().map(|id| (self.graph.value(*id).name.clone(), sizes(*id))).collect()
    }

    /// Name of the value that an activation makes.
    pub fn output(&self, activation: &Activation) -> &str {
        &self.graph.value(activation.output).name
    }

    /// Name of the value that it reads.
    pub fn input(&self, activation: &Activation) -> &str {
        &self.graph.value(activation.input).name
    }

    /// Of its structure: what a plan file names the model by.
    pub fn hash(&self) -> &str {
        self.hash.get_or_init(|| structural_hash(&self.graph))
    }

    /// Its work.
    pub fn counted(&self) -> Counted {
        Counted::of(&self.graph, &self.kept)
    }

    /// The work of a changed one.
    ///
    /// # Errors
    /// `MissingData` of an example.
    pub fn counted_changed(&self, changed: &Spliced) -> Result<Counted> {
        let NamedFile { name, bytes } = self.file()?;
        let opened = Opened::file(&NamedFile { name, bytes: &SplicedFile::new(changed, bytes) }, &mut go)?;
        let kept = opened.kept();
        let (graph, _) = shaped(opened.graph, &self.settings)?;
        Ok(Counted::of(&graph, &kept))
    }

    /// The changed model of a plan file, which is recorded in it.
    ///
    /// # Errors
    /// `InvalidSetting` where the plan is for another model; `MissingData` of an example.
    pub fn carry_out(&self, plan: &Plan) -> Result<Spliced> {
        plan.splice(self.file()?.bytes, &self.proto, &self.graph, &self.activations, &mut go)
    }

    /// A session of the model, or of a changed one.
    ///
    /// # Errors
    /// `MissingData` of an example; as loading the model.
    pub fn session(&self, options: &RunOptions, changed: Option<&Spliced>) -> Result<Session<AnyEngine>> {
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
        session(&files, &self.settings, options, &mut go)
    }
}
