//! A file, or the spec of an example, as messages and graph; and the graph with shapes.

use super::settings::{About, Settings};
use crate::design;
use crate::error::{Code, Error, Result};
use crate::ir::bind::{Bindings, Bound, Guess, SizeOf};
use crate::ir::dtype::DType;
use crate::ir::graph::Graph;
use crate::ir::import::import;
use crate::ir::settle::settle;
use crate::onnx::{self, ModelProto, Payload, Progress, ReadAt, StringStringEntryProto};

/// A file as the person gave it.
#[derive(Clone)]
pub struct NamedFile<'a> {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub bytes: &'a dyn ReadAt,
}

/// A model without its weights: its messages, and the graph that they describe. Nothing is bound.
#[derive(Debug)]
pub struct Opened {
    /// Name of the file or of the example.
    pub name: String,
    /// The messages.
    pub proto: ModelProto,
    /// The graph, functions in place of their calls.
    pub graph: Graph,
    /// Where the weights lie in the file.
    pub payloads: Vec<Payload>,
    /// Size of the file; 0 of an example.
    pub file_bytes: u64,
    /// Bytes of it that were read.
    pub bytes_read: u64,
}

/// Which of several files is the model: the first whose name ends in `.onnx`, else the first.
pub fn model_among<'a>(names: impl IntoIterator<Item = &'a str>) -> usize {
    let mut names = names.into_iter();
    names.position(|name| name.to_ascii_lowercase().ends_with(".onnx")).unwrap_or(0)
}

impl Opened {
    /// Reads everything but the weights.
    ///
    /// # Errors
    /// What is wrong with the file: see [`Code`].
    pub fn file(file: &NamedFile<'_>, progress: &mut Progress<'_>) -> Result<Self> {
        Self::through(file, progress, Ok)
    }

    /// The same with functions in place of their calls in the messages too, as engines read them.
    ///
    /// # Errors
    /// As [`file`](Self::file).
    pub fn to_run(file: &NamedFile<'_>, progress: &mut Progress<'_>) -> Result<Self> {
        Self::through(file, progress, onnx::inline)
    }

    fn through(
        file: &NamedFile<'_>,
        progress: &mut Progress<'_>,
        change: fn(ModelProto) -> Result<ModelProto>,
    ) -> Result<Self> {
        let skeleton = onnx::open(&file.name, file.bytes, progress)?;
        let opened = change(skeleton.model).and_then(|proto| Self::of(file.name.clone(), proto));
        Ok(Self {
            payloads: skeleton.payloads,
            file_bytes: skeleton.file_bytes,
            bytes_read: skeleton.bytes_read,
            ..opened.map_err(|e| e.file(&file.name))?
        })
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
        Self::of(example.name(), proto)
    }

    /// Builds a spec: a graph without weights.
    ///
    /// # Errors
    /// As [`Spec::check`](design::Spec::check).
    pub fn spec(spec: &design::Spec, name: &str) -> Result<Self> {
        Self::of(name.to_owned(), design::model(spec, name)?)
    }

    /// An example with half its channels in every layer; None where no spec says how wide it is.
    pub fn narrowed(id: &str) -> Option<Result<Self>> {
        design::narrowed(id).map(|proto| Self::of(id.to_owned(), proto))
    }

    fn of(name: String, proto: ModelProto) -> Result<Self> {
        let graph = import(&proto)?;
        let payloads = Vec::new();
        Ok(Self { name, proto, graph, payloads, file_bytes: 0, bytes_read: 0 })
    }

    /// Elements that a plan in the file keeps, by the base name of its values: what `rewrite` wrote as
    /// `reluctant.kept/BASE`.
    pub fn kept(&self) -> Vec<(String, u64)> {
        kept(&self.proto)
    }
}

/// The same of any messages.
pub fn kept(proto: &ModelProto) -> Vec<(String, u64)> {
    let entry = |e: &StringStringEntryProto| {
        Some((e.key().strip_prefix("reluctant.kept/")?.to_owned(), e.value().parse().ok()?))
    };
    proto.metadata_props.iter().filter_map(entry).collect()
}

/// What the settings bind in a graph.
pub(super) fn bindings(graph: &Graph, settings: &Settings) -> Result<Bindings> {
    let mut bindings = settings.bindings(|name| {
        let input = graph.inputs.iter().copied().find(|v| graph.value(*v).name == name)?;
        let whole = graph.value(input).ty.dtype().is_some_and(DType::is_int);
        Some(About { rank: graph.shape(input).map(<[_]>::len), elements: graph.elements(input), whole })
    })?;
    if let Some((key, side)) = &graph.image_side {
        let why = format!("{key} in the file's metadata");
        bindings.guesses.push(Guess { size: SizeOf::Image, value: Some(*side), why });
    }
    Ok(bindings)
}

/// The graph with symbols bound and shapes inferred.
///
/// # Errors
/// `InvalidSetting`, or `Overflow` where a set shape is past 63 bits.
pub fn shaped(graph: Graph, settings: &Settings) -> Result<(Graph, Vec<Bound>)> {
    let bindings = bindings(&graph, settings)?;
    settle(graph, &bindings)
}
