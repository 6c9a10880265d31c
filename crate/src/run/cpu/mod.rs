//! The engine on the CPU, driven: a model's own ONNX bytes, prepared for a library that knows no models
//! ([`Library`]).
//!
//! Two ways to run. Whole: the values asked for become the graph's outputs, and the library fuses what it
//! likes in between. Step by step: each node by itself, for the time of each layer; values are
//! dropped after their last reader. What the library lacks is written in other forms where that is exact
//! (`forms`), and otherwise refused with the operator's name, before the first run.

mod forms;
mod needed;
mod refuse;
mod steps;
mod values;

use prost::Message;

use super::model::Runnable;
use super::session::{About, Ask, Engine, LayerTime, Sink};
use super::tensor::Tensor;
use super::weights::{Put, too_large};
use crate::engines::cpu::{self, FaultKind, Library};
use crate::error::{Code, Error, Result};
use crate::ir::dtype::DType;
use crate::ir::graph::{Graph, NodeId, Source, ValueId};
use crate::onnx::{ModelProto, ValueInfoProto, tensor_shape_proto, type_proto};

/// Outputs that are tried by themselves where they cannot all be made.
const OUTPUTS_TRIED: usize = 16;

/// Hands the weights of a model to whom is given.
pub type Pour<'a> = dyn FnMut(&mut Put<'_>) -> Result<()> + 'a;

/// The engine.
pub struct Cpu<L: Library = cpu::Engine> {
    /// Holds the weights; every load shares them.
    library: L,
    /// The messages as the library gets them, outputs left out.
    proto: ModelProto,
    /// The last whole model, and the values that it was loaded for.
    whole: Option<(Vec<ValueId>, L::Model)>,
    /// The model as it stands in the file, nothing fused.
    plain: Option<L::Model>,
    about: About,
}

impl<L: Library> Cpu<L> {
    /// For a model whose weights are beside it.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn beside(model: &Runnable) -> Result<Self> {
        Self::new(model, &mut |put| model.weights.pour(put))
    }

    /// `pour` hands over the weights, which are held there from then on. Everything that the engine lacks is found here.
    ///
    /// # Errors
    /// `NotSupported` with the node and its operator; `LimitExceeded`; what `pour` says.
    pub fn new(model: &Runnable, pour: &mut Pour<'_>) -> Result<Self> {
        let mut proto = model.proto.clone();
        let mut notes = element_types(&model.graph);
        if let Some(graph) = &mut proto.graph {
            refuse::elements(&model.graph)?;
            let rewritten = forms::rewrite(graph, &model.graph);
            notes.extend(rewritten);
            graph.value_info.clear();
            set_inputs(graph, model);
        }
        let mut library = L::open(model.weight_bytes).map_err(|fault| match fault.kind {
            FaultKind::Memory => too_large(model.weight_bytes),
            _ => refuse::fault(&model.graph, &fault),
        })?;
        pour(&mut |at, bytes| library.fill(at, bytes).map_err(|f| refuse::fault(&model.graph, &f)))?;
        let about = About { engine: "cpu", detail: library.name(), notes, ..About::default() };
        let mut cpu = Self { library, proto, whole: None, plain: None, about };
        // One output that can be made is enough to go on: a run is asked for some, and says what those lack.
        let outputs = model.graph.outputs.clone();
        if let Err(lacks) = cpu.load(model, &outputs)
            && (lacks.code != Code::NotSupported
                || !outputs.iter().take(OUTPUTS_TRIED).any(|output| cpu.load(model, &[*output]).is_ok()))
        {
            return Err(lacks);
        }
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
        let inputs = inputs.iter().map(|(id, tensor)| (*id, *tensor));
        let outputs: Vec<ValueId> = model.graph.node(id).outputs.iter().flatten().copied().collect();
        self.plain(model)?;
        let Some(plain) = &self.plain else { return Ok(Vec::new()) };
        let mut made = self.compute(model, plain, inputs, &outputs)?;
        let take = |(place, id)| Ok((id, self.take(model, &mut made, place, id)?));
        outputs.into_iter().enumerate().map(take).collect()
    }

    /// A stored tensor, as the engine holds it; None for a value that is computed.
    ///
    /// # Errors
    /// As a run's.
    pub fn weight(&mut self, model: &Runnable, id: ValueId) -> Result<Option<Tensor>> {
        if model.graph.value(id).weight.is_none() {
            return Ok(None);
        }
        self.plain(model)?;
        let Some(plain) = &self.plain else { return Ok(None) };
        let mut made = self.compute(model, plain, std::iter::empty(), &[id])?;
        self.take(model, &mut made, 0, id).map(Some)
    }

    fn compute<'a>(
        &self,
        model: &'a Runnable,
        loaded: &L::Model,
        inputs: impl Iterator<Item = (ValueId, &'a Tensor)>,
        outputs: &[ValueId],
    ) -> Result<L::Made> {
        let inputs = values::named(model, inputs)?;
        let outputs: Vec<&str> = outputs.iter().map(|id| model.value_name(*id)).collect();
        self.library.run(loaded, &inputs, &outputs).map_err(|f| refuse::fault(&model.graph, &f))
    }

    fn take(&self, model: &Runnable, made: &mut L::Made, place: usize, id: ValueId) -> Result<Tensor> {
        let array = L::take(made, place).map_err(|f| refuse::fault(&model.graph, &f));
        array.and_then(values::tensor_from).map_err(|e| e.value(model.value_name(id)))
    }

    /// Makes sure that the model as it stands in the file is loaded.
    fn plain(&mut self, model: &Runnable) -> Result<()> {
        if self.plain.is_none() {
            self.plain = Some(self.read(model, None, false)?);
        }
        Ok(())
    }

    /// Makes sure that a model with these outputs is loaded.
    fn load(&mut self, model: &Runnable, wanted: &[ValueId]) -> Result<()> {
        if self.whole.as_ref().is_some_and(|(loaded, _)| loaded == wanted) {
            return Ok(());
        }
        // The old one goes first: two would hold converted weights twice.
        self.whole = None;
        self.whole = Some((wanted.to_vec(), self.read(model, Some(wanted), true)?));
        Ok(())
    }

    /// Loads what the wanted values hang on; all nodes where none are named.
    fn read(&mut self, model: &Runnable, wanted: Option<&[ValueId]>, fused: bool) -> Result<L::Model> {
        let mut all = None;
        if let Some(graph) = &mut self.proto.graph {
            if let Some(wanted) = wanted {
                let names = wanted.iter().map(|id| model.value_name(*id));
                let needed = needed::needed(graph, names);
                refuse::unread(&model.graph, &needed)?;
                all = Some(std::mem::replace(&mut graph.node, needed));
            }
            let wanted = wanted.unwrap_or(&model.graph.outputs);
            let computed = wanted.iter().filter(|id| is_computed(&model.graph, **id));
            let info = |id: &ValueId| ValueInfoProto {
                name: Some(model.value_name(*id).to_owned()),
                ..Default::default()
            };
            graph.output = computed.map(info).collect();
        }
        let loaded = self.library.load(&self.proto.encode_to_vec(), fused);
        if let (Some(graph), Some(all)) = (&mut self.proto.graph, all) {
            graph.node = all;
        }
        loaded.map_err(|f| refuse::fault(&model.graph, &f))
    }
}

impl<L: Library> Engine for Cpu<L> {
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
        let inputs = ask.inputs.iter().map(|(id, tensor)| (*id, tensor));
        let (times, mut made) = if ask.timings {
            self.plain(model)?;
            let Some(plain) = &self.plain else { return Ok(Vec::new()) };
            steps::run(&self.library, plain, model, inputs, &wanted)?
        } else {
            self.load(model, &wanted)?;
            let Some((_, loaded)) = &self.whole else { return Ok(Vec::new()) };
            (Vec::new(), self.compute(model, loaded, inputs, &wanted)?)
        };
        // One at a time: what was made stays with the library until it is taken.
        for (place, id) in wanted.into_iter().enumerate() {
            sink(id, self.take(model, &mut made, place, id)?)?;
        }
        Ok(times)
    }
}

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
        (DType::BF16, "float32"),
        (DType::F8E4M3FN, "float32"),
        (DType::F8E5M2, "float32"),
        (DType::F64, "float32"),
        (DType::I64, "int32"),
        (DType::U64, "int32"),
        (DType::U32, "int32"),
    ];
    let wide = rows.iter().filter(|(dtype, _)| has(*dtype));
    wide.map(|(dtype, runs)| format!("{} runs as {runs}", dtype.name())).collect()
}
