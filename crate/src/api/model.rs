//! `open` and `score`: a file becomes a model, a model and its settings become a report.

use super::score::{Card, Score};
use super::settings::Settings;
use super::{columns, report};
use crate::count::{self, NodeCount, Row};
use crate::design;
use crate::error::{Code, Error, Result};
use crate::ir::bind::{Bound, bind};
use crate::ir::graph::Graph;
use crate::ir::import::import;
use crate::ir::infer::infer;
use crate::limits::MAX_FILES;
use crate::onnx::{self, ModelProto, Payload, Present, Progress, ReadAt};

/// A file as the person gave it.
pub struct NamedFile<'a> {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub bytes: &'a dyn ReadAt,
}

/// An opened model: its structure, without its weights.
#[derive(Debug)]
pub struct Model {
    pub(super) name: String,
    pub(super) file_bytes: u64,
    pub(super) bytes_read: u64,
    pub(super) ir_version: i64,
    pub(super) producer: String,
    pub(super) graph: Graph,
    /// Files beside the model.
    pub(super) beside: Vec<Present>,
    /// Where the weights lie in the file.
    pub(super) payloads: Vec<Payload>,
    /// Elements that a plan in the file keeps, by the base name of its values.
    pub(super) kept: Vec<(String, u64)>,
    /// Names that were not UTF-8.
    pub(super) lossy_strings: u64,
}

/// A scored model: the report, and what the cards need.
#[derive(Debug)]
pub struct Scored {
    /// The report.
    pub score: Score,
    /// What the cards of rows are explained from; None for a score that came as a link.
    pub(super) basis: Option<Basis>,
    /// What each layer asks of a protocol.
    pub(super) rows: Vec<Row>,
}

/// The graph and the counts of its nodes.
#[derive(Debug)]
pub(super) struct Basis {
    pub graph: Graph,
    pub counts: Vec<NodeCount>,
}

/// Which of several files is the model: the first whose name ends in `.onnx`, else the first.
pub fn model_among<'a>(names: impl IntoIterator<Item = &'a str>) -> usize {
    let mut names = names.into_iter();
    names.position(|name| name.to_ascii_lowercase().ends_with(".onnx")).unwrap_or(0)
}

impl Model {
    /// Opens a model; reads everything but the weights. `beside` are the files that came with it:
    /// only their names and sizes matter here.
    ///
    /// # Errors
    /// What is wrong with the file: see [`Code`].
    pub fn open(file: &NamedFile<'_>, beside: Vec<Present>, progress: &mut Progress<'_>) -> Result<Self> {
        if beside.len() > MAX_FILES {
            return Err(Error::new(Code::LimitExceeded, format!("more than {MAX_FILES} files")));
        }
        let skeleton = onnx::open(&file.name, file.bytes, progress)?;
        let mut model = Self::from_proto(&file.name, &skeleton.model).map_err(|e| e.file(&file.name))?;
        model.file_bytes = skeleton.file_bytes;
        model.bytes_read = skeleton.bytes_read;
        model.lossy_strings = skeleton.lossy_strings;
        model.beside = beside;
        model.payloads = skeleton.payloads;
        Ok(model)
    }

    /// Builds an example from its spec: a graph without weights.
    ///
    /// # Errors
    /// `InvalidSetting` for an id that is none.
    pub fn example(id: &str) -> Result<Self> {
        let found = design::examples().iter().find(|example| example.id == id);
        let (Some(example), Some(proto)) = (found, design::build(id)) else {
            let ids: Vec<&str> = design::examples().iter().map(|example| example.id).collect();
            return Err(Error::new(Code::InvalidSetting, format!("there is no example {id:?}"))
                .hint(format!("examples: {}", ids.join(", "))));
        };
        Self::from_proto(&example.name(), &proto)
    }

    fn from_proto(name: &str, proto: &ModelProto) -> Result<Self> {
        let producer = [proto.producer_name(), proto.producer_version()];
        Ok(Self {
            name: name.to_owned(),
            file_bytes: 0,
            bytes_read: 0,
            ir_version: proto.ir_version(),
            producer: producer.join(" ").trim().to_owned(),
            graph: import(proto)?,
            beside: Vec::new(),
            payloads: Vec::new(),
            kept: kept(proto),
            lossy_strings: 0,
        })
    }

    /// Scores the model under the settings: shapes, counts, stages, totals.
    ///
    /// # Errors
    /// `InvalidSetting`, or `Overflow` where a set shape is past 63 bits.
    pub fn score(&self, settings: &Settings) -> Result<Scored> {
        let (graph, bound) = self.shaped(settings)?;
        let mut counts = count::count(&graph);
        count::lower(&graph, &mut counts, &self.kept);
        let score = report::report(self, settings, &graph, &counts, &bound);
        let rows = count::rows(&graph, &counts);
        Ok(Scored { score, basis: Some(Basis { graph, counts }), rows })
    }

    /// The graph with symbols bound and shapes inferred.
    pub(super) fn shaped(&self, settings: &Settings) -> Result<(Graph, Vec<Bound>)> {
        let mut graph = self.graph.clone();
        let inputs = &self.graph.inputs;
        let is_input = |name: &str| inputs.iter().any(|v| self.graph.value(*v).name == name);
        let bound = bind(&mut graph, &settings.bindings(is_input)?)?;
        infer(&mut graph);
        Ok((graph, bound))
    }
}

/// What `rewrite` wrote of a plan: `reluctant.kept/BASE` -> elements.
fn kept(proto: &ModelProto) -> Vec<(String, u64)> {
    let entry = |e: &onnx::StringStringEntryProto| {
        Some((e.key().strip_prefix("reluctant.kept/")?.to_owned(), e.value().parse().ok()?))
    };
    proto.metadata_props.iter().filter_map(entry).collect()
}

impl Scored {
    /// Its work as plain rows: what `cost` sees, and what can be changed and priced again.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Where a number comes from: of the row of node `index`, or of the total where that is None.
    ///
    /// # Errors
    /// `InvalidSetting` for a column or row that is none.
    pub fn card(&self, index: Option<u32>, column: &str) -> Result<Card> {
        columns::card(self, index, column)
    }
}
