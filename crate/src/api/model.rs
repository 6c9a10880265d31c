//! `open`: a file becomes a model; and what a scored model holds.

use super::score::Score;
use crate::count::{NodeCount, Row};
use crate::design;
use crate::error::{Code, Error, Result};
use crate::ir::graph::{Graph, Stored};
use crate::limits::MAX_FILES;
use crate::onnx::{Present, Progress, is_inside};
use crate::open::{NamedFile, Opened};

/// An opened model: its structure, without its weights.
#[derive(Debug)]
pub struct Model {
    pub(super) name: String,
    /// The example's id, where it is one.
    pub(super) example: Option<&'static str>,
    pub(super) file_bytes: u64,
    pub(super) bytes_read: u64,
    pub(super) ir_version: i64,
    pub(super) producer: String,
    pub(super) graph: Graph,
    /// Files beside the model.
    pub(super) beside: Vec<Present>,
    /// Elements that a plan in the file keeps, by the base name of its values.
    pub(super) kept: Vec<(String, u64)>,
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
        Ok(Self { beside, ..Self::of(Opened::file(file, progress)?) })
    }

    /// Builds an example from its spec: a graph without weights.
    ///
    /// # Errors
    /// `InvalidSetting` for an id that is none.
    pub fn example(id: &str) -> Result<Self> {
        let example = design::examples().iter().find(|example| example.id == id);
        Ok(Self { example: example.map(|example| example.id), ..Self::of(Opened::example(id)?) })
    }

    /// The same with these files beside it.
    #[must_use]
    pub fn beside(self, beside: Vec<Present>) -> Self {
        Self { beside, ..self }
    }

    /// Where its weights lie outside the file, each place once, as the file says it.
    pub fn external_locations(&self) -> Vec<&str> {
        let stored = self.graph.values.iter().filter_map(|value| value.weight.as_ref());
        let mut places: Vec<&str> = stored
            .filter_map(|weight| match &weight.stored {
                Stored::External { location, .. } => Some(location.as_str()),
                _ => None,
            })
            .collect();
        places.sort_unstable();
        places.dedup();
        places.retain(|location| is_inside(location));
        places
    }

    pub(super) fn of(opened: Opened) -> Self {
        let proto = &opened.proto;
        let producer = [proto.producer_name(), proto.producer_version()];
        Self {
            ir_version: proto.ir_version(),
            producer: producer.join(" ").trim().to_owned(),
            kept: opened.kept(),
            name: opened.name,
            example: None,
            file_bytes: opened.file_bytes,
            bytes_read: opened.bytes_read,
            graph: opened.graph,
            beside: Vec::new(),
        }
    }
}

impl Scored {
    /// Its work as plain rows: what `cost` sees, and what can be changed and priced again.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }
}
