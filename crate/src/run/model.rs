//! A model that can be run: its graph with every size a number, its messages, its weights.

use super::weights::{Found, Sources, Weights, find};
use crate::error::{Code, Error, Result};
use crate::ir::bind::{Bindings, samples, set_symbols};
use crate::ir::dtype::DType;
use crate::ir::graph::{Graph, Source, ValueId};
use crate::ir::settle::settle;
use crate::limits::MAX_RUN_BYTES;
#[cfg(test)]
use crate::onnx::Progress;
use crate::onnx::{ModelProto, Payload};

/// A model that can be run.
#[derive(Clone, Debug)]
pub struct Runnable {
    /// Name of the file.
    pub name: String,
    /// The resolved graph: symbols bound, shapes inferred. Weights carry no bytes here.
    pub graph: Graph,
    /// The messages; every weight inline or in `weights`.
    pub proto: ModelProto,
    /// The weights, where an engine reads them tensor by tensor.
    pub weights: Weights,
    /// How many bytes they have.
    pub weight_bytes: u64,
    /// Samples of one run of `graph`; None where no input has a batch axis.
    pub batch: Option<usize>,
    /// The batch is a symbol that nobody set: an engine that can may run any number.
    pub any_batch: bool,
}

/// What a model is loaded from.
pub struct Load<'p, 'a> {
    /// Name of the file.
    pub name: String,
    /// The skeleton's messages.
    pub proto: ModelProto,
    /// Where their payloads lie.
    pub payloads: &'p [Payload],
    /// The imported graph, nothing bound.
    pub graph: Graph,
    /// What the person set.
    pub bindings: Bindings,
    /// Samples of one run, where the model leaves that open.
    pub batch: usize,
    /// The files.
    pub sources: Sources<'a>,
}

impl Runnable {
    /// Binds, infers, and has the weights beside it, for engines that read tensor by tensor.
    ///
    /// # Errors
    /// As [`plan`](Self::plan) and [`Found::keep`].
    #[cfg(test)]
    pub fn load(load: Load<'_, '_>, progress: &mut Progress<'_>) -> Result<Self> {
        let (mut model, found) = Self::plan(load)?;
        model.weights = found.keep(&model.proto, progress).map_err(|e| model.of_file(e))?;
        Ok(model)
    }

    /// Binds, infers, and finds the weights: an engine that holds them takes them from there.
    ///
    /// # Errors
    /// As [`settle`] and [`find`]; `InvalidSetting` where an input keeps an open size; `LimitExceeded`.
    pub fn plan<'a>(load: Load<'_, 'a>) -> Result<(Self, Found<'a>)> {
        let Load { name, mut proto, payloads, graph, mut bindings, batch, sources } = load;
        let taken = set_symbols(&graph, &bindings);
        let open = samples(&graph).filter(|samples| !taken.contains(&samples.symbol));
        let any_batch = open.is_some_and(|samples| samples.sliced);
        if let Some(samples) = open {
            // What cannot be cut into slices is run a sample at a time, unless the arrays or the person say otherwise.
            let batch = if samples.sliced { i64::try_from(batch.max(1)).unwrap_or(1) } else { 1 };
            bindings.symbols.insert(graph.symbols.name(samples.symbol).to_owned(), batch);
        }
        let (graph, _) = settle(graph, &bindings)?;
        for input in &graph.inputs {
            closed(&graph, *input)?;
        }
        let batch = batch_of(&graph);
        let found = find(&mut proto, payloads, sources);
        let weights = Weights::default();
        let mut model = Self { name, graph, proto, weights, weight_bytes: 0, batch, any_batch };
        let found = found.map_err(|e| model.of_file(e))?;
        model.weight_bytes = found.bytes;
        if model.peak_bytes() > MAX_RUN_BYTES {
            let [all, stored] = [model.peak_bytes(), found.bytes].map(|bytes| bytes.div_ceil(1 << 20));
            let text =
                format!("running needs {all} MB of memory ({stored} MB of weights), more than there is here");
            return Err(Error::new(Code::LimitExceeded, text)
                .file(&model.name)
                .hint("run fewer samples at once"));
        }
        Ok((model, found))
    }

    /// An error of the model's file, unless it names another.
    pub fn of_file(&self, e: Error) -> Error {
        if e.place.file.is_some() { e } else { e.file(&self.name) }
    }

    /// A value by its name: of the main graph first.
    pub fn find(&self, name: &str) -> Option<ValueId> {
        let at = self.graph.values.iter().position(|value| value.name == name)?;
        Some(ValueId(at as u32))
    }

    /// Name of a value.
    pub fn value_name(&self, id: ValueId) -> &str {
        &self.graph.value(id).name
    }

    /// Sizes of a value, where the graph knows them.
    pub fn sizes(&self, id: ValueId) -> Option<Vec<usize>> {
        self.graph.sizes(id)?.into_iter().map(|n| usize::try_from(n).ok()).collect()
    }

    /// Element type that the model gives a value.
    pub fn dtype(&self, id: ValueId) -> Option<DType> {
        let value = self.graph.value(id);
        value.ty.dtype().or_else(|| value.declared.as_ref()?.dtype())
    }

    /// The weight that a value holds, where the weights are beside the model; None for one that is computed.
    ///
    /// # Errors
    /// As [`Weights::of`].
    pub fn weight(&self, id: ValueId) -> Result<Option<super::tensor::Tensor>> {
        self.weights.of(self.value_name(id))
    }

    /// Bytes that running needs at least: the weights, and the values alive at the worst moment.
    pub fn peak_bytes(&self) -> u64 {
        self.weight_bytes.saturating_add(peak_activations(&self.graph))
    }
}

/// Samples of one run: the first size of the first input that has more than one axis.
fn batch_of(graph: &Graph) -> Option<usize> {
    graph.inputs.iter().find_map(|input| match graph.sizes(*input)?.as_slice() {
        [first, _, ..] => usize::try_from(*first).ok(),
        _ => None,
    })
}

fn closed(graph: &Graph, input: ValueId) -> Result<()> {
    let value = graph.value(input);
    if graph.sizes(input).is_some() {
        return Ok(());
    }
    if value.ty.as_tensor().is_none() {
        return Err(Error::new(Code::NotSupported, "an input that is no tensor").value(&value.name));
    }
    Err(Error::new(Code::InvalidSetting, "the shape of an input is not known")
        .value(&value.name)
        .hint(format!("set it: --set {}=1x3x224x224", value.name)))
}

/// The largest sum of values alive at once, each 4 bytes an element; values of unknown size are left out.
fn peak_activations(graph: &Graph) -> u64 {
    let bytes = |id: ValueId| graph.elements(id).unwrap_or(0).saturating_mul(4);
    let mut last = vec![0usize; graph.values.len()];
    for (step, node) in graph.nodes.iter().enumerate() {
        for input in node.inputs.iter().flatten() {
            if let Some(slot) = last.get_mut(input.0 as usize) {
                *slot = step;
            }
        }
    }
    let mut ending: Vec<Vec<ValueId>> = vec![Vec::new(); graph.nodes.len()];
    for (index, step) in last.iter().enumerate() {
        let id = ValueId(index as u32);
        let computed = matches!(graph.value(id).source, Source::Node(..)) && !graph.outputs.contains(&id);
        if let (true, Some(list)) = (computed, ending.get_mut(*step)) {
            list.push(id);
        }
    }
    let (mut alive, mut peak) = (0u64, 0u64);
    for (node, dead) in graph.nodes.iter().zip(&ending) {
        alive = node.outputs.iter().flatten().fold(alive, |sum, id| sum.saturating_add(bytes(*id)));
        peak = peak.max(alive);
        alive = dead.iter().fold(alive, |sum, id| sum.saturating_sub(bytes(*id)));
    }
    peak
}
