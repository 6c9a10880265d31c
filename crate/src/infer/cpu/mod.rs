//! The engine on the CPU: rten on the model's own ONNX bytes.
//!
//! Two ways to run. Whole: the values asked for become the graph's outputs, and rten fuses what it
//! likes in between. Step by step: each node by itself, for the time of each layer; values are
//! dropped after their last reader. What rten lacks is rewritten where the rewriting is exact
//! (`rewrite`), and otherwise refused with the operator's name, before the first run.

mod refuse;
mod rewrite;
mod steps;
mod values;

use prost::Message;

use super::model::Runnable;
use super::session::{About, Ask, Engine, LayerTime, Sink};
use super::tensor::Tensor;
use super::weights::LOCATION;
use crate::error::{Code, Error, Result};
use crate::ir::dtype::DType;
use crate::ir::graph::{Graph, NodeId, Source, ValueId};
use crate::onnx::{ModelProto, ValueInfoProto, tensor_shape_proto, type_proto};

/// The engine.
pub struct Cpu {
    /// Holds the weights; every load shares them.
    options: rten::ModelOptions,
    /// The messages as rten gets them, outputs left out.
    proto: ModelProto,
    /// The last whole model, and the values that it was loaded for.
    whole: Option<(Vec<ValueId>, rten::Model)>,
    /// The model as it stands in the file, nothing fused.
    plain: Option<rten::Model>,
    about: About,
}

impl Cpu {
    /// Takes the weights of a model. Everything that the engine lacks is found here.
    ///
    /// # Errors
    /// `NotSupported` with the node and its operator.
    pub fn new(model: &mut Runnable) -> Result<Self> {
        let mut proto = model.proto.clone();
        let mut notes = element_types(&model.graph);
        if let Some(graph) = &mut proto.graph {
            refuse::elements(&model.graph)?;
            refuse::forms(&model.graph)?;
            let rewritten = rewrite::rewrite(graph, &model.graph);
            notes.extend(rewritten);
            graph.value_info.clear();
            set_inputs(graph, model);
        }
        let mut options = rten::ModelOptions::with_all_ops();
        options.external_data(LOCATION, std::mem::take(&mut model.weights.bytes));
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let detail = if cfg!(target_arch = "wasm32") {
            format!("{RTEN}, one thread")
        } else {
            format!("{RTEN}, up to {threads} threads")
        };
        let about = About { engine: "cpu", detail, notes, ..About::default() };
        let mut cpu = Self { options, proto, whole: None, plain: None, about };
        cpu.load(model, &model.graph.outputs.clone())?;
        Ok(cpu)
    }

    /// Computes one node of the main graph, from inputs other than its weights.
    ///
    /// # Errors
    /// As a run's.
    pub fn node(
        &mut self,
        model: &Runnable,
        id: NodeId,
        inputs: &[(ValueId, &Tensor)],
    ) -> Result<Vec<(ValueId, Tensor)>> {
        let plain = self.plain(model)?;
        steps::node(plain, model, id, inputs)
    }

    /// A stored tensor, as the engine holds it; None for a value that is computed.
    ///
    /// # Errors
    /// As a run's.
    pub fn weight(&mut self, model: &Runnable, id: ValueId) -> Result<Option<Tensor>> {
        let value = model.graph.value(id);
        if value.weight.is_none() {
            return Ok(None);
        }
        let plain = self.plain(model)?;
        let node = values::node_id(plain, model, id)?;
        let found =
            guard(|| plain.run(Vec::new(), &[node], None).map_err(|e| refuse::run_error(&model.graph, &e)))?;
        found.into_iter().next().map(values::tensor_from).transpose()
    }

    /// The model as it stands in the file.
    fn plain(&mut self, model: &Runnable) -> Result<&rten::Model> {
        if self.plain.is_none() {
            self.plain = Some(self.read(model, &model.graph.outputs, false)?);
        }
        self.plain.as_ref().ok_or_else(|| Error::new(Code::NotSupported, "the engine has no model"))
    }

    /// Makes sure that a model with these outputs is loaded.
    fn load(&mut self, model: &Runnable, wanted: &[ValueId]) -> Result<()> {
        if self.whole.as_ref().is_some_and(|(loaded, _)| loaded == wanted) {
            return Ok(());
        }
        // The old one goes first: two would hold converted weights twice.
        self.whole = None;
        self.whole = Some((wanted.to_vec(), self.read(model, wanted, true)?));
        Ok(())
    }

    fn read(&mut self, model: &Runnable, wanted: &[ValueId], optimise: bool) -> Result<rten::Model> {
        if let Some(graph) = &mut self.proto.graph {
            let computed = wanted.iter().filter(|id| is_computed(&model.graph, **id));
            let info = |id: &ValueId| ValueInfoProto {
                name: Some(model.value_name(*id).to_owned()),
                ..Default::default()
            };
            graph.output = computed.map(info).collect();
        }
        self.options.enable_optimization(optimise);
        let bytes = self.proto.encode_to_vec();
        guard(|| self.options.load(bytes).map_err(|e| refuse::load_error(&model.graph, &e)))
    }
}

impl Engine for Cpu {
    fn about(&self) -> About {
        self.about.clone()
    }

    fn any_batch(&self) -> bool {
        true
    }

    async fn run(&mut self, model: &Runnable, ask: Ask<'_>, sink: &mut Sink<'_>) -> Result<Vec<LayerTime>> {
        for id in ask.wanted.iter().filter(|id| !is_computed(&model.graph, **id)) {
            let given = ask.inputs.iter().find(|(input, _)| input == id).map(|(_, tensor)| tensor.clone());
            match given.map_or_else(|| self.weight(model, *id), |tensor| Ok(Some(tensor)))? {
                Some(value) => sink(*id, value)?,
                None => return Err(inside_body(model, *id)),
            }
        }
        let wanted: Vec<ValueId> =
            ask.wanted.iter().copied().filter(|id| is_computed(&model.graph, *id)).collect();
        if ask.timings {
            return steps::run(self.plain(model)?, model, ask.inputs, &wanted, sink);
        }
        self.load(model, &wanted)?;
        let Some((_, loaded)) = &self.whole else { return Ok(Vec::new()) };
        let inputs = values::inputs(loaded, model, ask.inputs)?;
        let ids = wanted.iter().map(|id| values::node_id(loaded, model, *id)).collect::<Result<Vec<_>>>()?;
        let found =
            guard(|| loaded.run(inputs, &ids, None).map_err(|e| refuse::run_error(&model.graph, &e)))?;
        for (id, value) in wanted.into_iter().zip(found) {
            sink(id, values::tensor_from(value).map_err(|e| e.value(model.value_name(id)))?)?;
        }
        Ok(Vec::new())
    }
}

const RTEN: &str = "rten 0.27.0";

/// Made by a node of the main graph, and no constant.
fn is_computed(graph: &Graph, id: ValueId) -> bool {
    matches!(graph.value(id).source, Source::Node(..)) && graph.value(id).weight.is_none()
}

fn inside_body(model: &Runnable, id: ValueId) -> Error {
    Error::new(Code::NotSupported, "a value inside a branch or loop cannot be watched")
        .value(model.value_name(id))
}

/// rten takes fixed sizes at their word: the person's are written over the file's. Small and
/// unsigned integers run as int32; int8 and uint8 keep their type where quantisers read them.
fn set_inputs(graph: &mut crate::onnx::GraphProto, model: &Runnable) {
    use tensor_shape_proto::dimension::Value;
    let quantised = model.graph.nodes.iter().any(|node| {
        ["Quantize", "Dequantize", "Integer", "QLinear", "NBits", "BitCast"]
            .iter()
            .any(|part| node.op.contains(part))
    });
    for info in &mut graph.input {
        let sizes = model.find(info.name()).and_then(|id| model.graph.sizes(id));
        let Some(type_proto::Value::TensorType(tensor)) = info.r#type.as_mut().and_then(|t| t.value.as_mut())
        else {
            continue;
        };
        let small = |dtype: DType| match dtype {
            DType::I16 | DType::U16 | DType::U32 | DType::U64 => true,
            DType::I8 | DType::U8 => !quantised,
            _ => false,
        };
        if tensor.elem_type.and_then(DType::from_onnx).is_some_and(small) {
            tensor.elem_type = Some(DType::I32 as i32);
        }
        let Some(shape) = &mut tensor.shape else { continue };
        for (dim, size) in shape.dim.iter_mut().zip(sizes.into_iter().flatten()) {
            if matches!(dim.value, Some(Value::DimValue(_))) {
                dim.value = Some(Value::DimValue(i64::try_from(size).unwrap_or(i64::MAX)));
            }
        }
    }
}

/// What rten computes in another type than the file says.
fn element_types(graph: &Graph) -> Vec<String> {
    let has = |dtype: DType| graph.values.iter().any(|value| value.ty.dtype() == Some(dtype));
    let rows = [
        (DType::F16, "float32"),
        (DType::F64, "float32"),
        (DType::I64, "int32"),
        (DType::U64, "int32"),
        (DType::U32, "int32"),
    ];
    let wide = rows.iter().filter(|(dtype, _)| has(*dtype));
    wide.map(|(dtype, runs)| format!("{} runs as {runs}", dtype.name())).collect()
}

/// A fault of the engine that it does not report is one of this model, not the end of the program.
#[cfg(not(target_arch = "wasm32"))]
fn guard<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(Error::new(Code::NotSupported, "the engine stopped on this model")
            .hint("report it, with the model's structure"))
    })
}

/// In the browser a fault ends the worker, and the page says so.
#[cfg(target_arch = "wasm32")]
fn guard<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    work()
}
