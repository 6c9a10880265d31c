//! The engine of a session: a model lowered for what is wanted of it, kept loaded between slices.

use std::sync::Arc;

use super::lower::{Stochastic, lower, words_from_tensor};
use super::program::{Kind, Port};
use crate::engines::clock;
use crate::engines::gpu::{self, Executor, Gpu, Limits, Opened};
use crate::error::{Code, Error, Result};
use crate::ir::graph::{NodeId, ValueId};
use crate::run::model::Runnable;
use crate::run::session::{About, Ask, Engine, LayerTime, Sink};
use crate::run::tensor::Tensor;

/// A session answers it by running on the CPU.
fn of_gpu(fault: gpu::Fault) -> Error {
    Error::new(Code::Gpu, fault.text).hint(fault.hint)
}

/// Runs models on a GPU.
#[derive(Debug)]
pub struct GpuEngine<X: Executor = Gpu> {
    /// Opened at the first run, which may wait for it.
    gpu: Option<Arc<X>>,
    /// ReLUs with faults.
    faults: Stochastic,
    /// Drives stochastic activations; each slice takes the next.
    seed: u32,
    loaded: Option<Ready<X>>,
    /// Seconds that went into opening and loading, until they were asked for.
    aside: f64,
    /// Slices until the GPU is lost on purpose.
    lost_in: Option<usize>,
}

/// A loaded program, and what it was lowered for.
#[derive(Debug)]
struct Ready<X: Executor> {
    wanted: Vec<ValueId>,
    /// Dimensions and kind of each output.
    outputs: Vec<(Vec<usize>, Kind)>,
    /// Node of each step.
    nodes: Vec<NodeId>,
    listing: X::Loaded,
}

impl<X: Executor> Default for GpuEngine<X> {
    fn default() -> Self {
        Self { gpu: None, faults: Stochastic::new(), seed: 0, loaded: None, aside: 0.0, lost_in: None }
    }
}

impl<X: Executor> GpuEngine<X> {
    /// An engine on a GPU that is open already.
    pub fn on(gpu: Arc<X>) -> Self {
        Self { gpu: Some(gpu), ..Self::default() }
    }

    /// Which GPU it is; None before the first run.
    pub fn opened(&self) -> Option<&Opened> {
        self.gpu.as_ref().map(|gpu| gpu.opened())
    }

    /// Whether the engine has a kernel for everything that the model's outputs need.
    ///
    /// # Errors
    /// `NotSupported` with the node and its operator.
    pub fn lacks_nothing(&self, model: &Runnable) -> Result<()> {
        let limits = self.opened().map_or(Limits::MOST, |opened| opened.limits);
        lower(model, &model.graph.outputs, &self.faults, limits).map(|_| ())
    }

    // Natively it is shared among threads; a browser has one.
    #[allow(clippy::arc_with_non_send_sync)]
    async fn open(&mut self) -> Result<Arc<X>> {
        match &self.gpu {
            Some(gpu) => Ok(gpu.clone()),
            None => {
                let start = clock::seconds();
                let gpu = self.gpu.insert(Arc::new(X::open().await.map_err(of_gpu)?)).clone();
                self.aside += clock::seconds() - start;
                Ok(gpu)
            }
        }
    }

    /// Makes ReLUs stochastic, from the next run on.
    pub fn with_faults(&mut self, faults: Stochastic, seed: u32) {
        (self.faults, self.seed, self.loaded) = (faults, seed, None);
    }

    /// Lets go of the GPU and all that is on it; the next run opens one anew.
    pub fn close(&mut self) {
        (self.loaded, self.gpu, self.lost_in) = (None, None, None);
    }

    /// Loses the GPU after as many slices more: for tests.
    pub fn lose_after(&mut self, slices: usize) {
        self.lost_in = Some(slices);
    }

    /// Bytes on the GPU.
    pub fn bytes(&self) -> u64 {
        self.loaded.as_ref().map_or(0, |ready| X::bytes(&ready.listing))
    }

    /// Compiles and uploads for what is wanted, unless that is done.
    async fn load(&mut self, gpu: &X, model: &Runnable, wanted: &[ValueId]) -> Result<&Ready<X>> {
        if self.loaded.as_ref().is_none_or(|ready| ready.wanted != wanted) {
            self.loaded = None;
            let start = clock::seconds();
            let program = lower(model, wanted, &self.faults, gpu.opened().limits)?;
            let mut weight = |id: &ValueId, from: usize| {
                if let Some(words) = model.weights.words(model.value_name(*id), from)? {
                    return Ok(words);
                }
                let missing = || Error::new(Code::MissingData, "a weight is not here");
                let weight = model.weight(*id)?;
                let words =
                    words_from_tensor(&weight.ok_or_else(|| missing().value(model.value_name(*id)))?)?;
                Ok(words.get(from..).unwrap_or_default().to_vec())
            };
            // What a weight is at fault with, the GPU's package need not know.
            let mut failed = None;
            let mut fetch = |place: usize, from: usize| {
                program.constant(place, from, &mut weight).map_err(|e| {
                    let told = gpu::fault(e.message.clone());
                    failed = Some(e);
                    told
                })
            };
            let loaded = gpu.load(&program.listing(), &mut fetch).await;
            let listing = loaded.map_err(|fault| failed.unwrap_or_else(|| of_gpu(fault)))?;
            let output = |port: &Port| (port.dims.clone(), program.tensor(port.tensor).kind);
            let outputs = program.outputs.iter().map(output).collect();
            let nodes = program.steps.iter().map(|step| NodeId(step.node)).collect();
            self.loaded = Some(Ready { wanted: wanted.to_vec(), outputs, nodes, listing });
            self.aside += clock::seconds() - start;
        }
        self.loaded.as_ref().ok_or_else(|| Error::new(Code::Gpu, "nothing was loaded"))
    }
}

impl<X: Executor> Engine for GpuEngine<X> {
    fn about(&self) -> About {
        let Some(opened) = self.opened() else { return About { engine: "gpu", ..About::default() } };
        let adapter = &opened.adapter;
        let kind = if adapter.software { ", a GPU in software" } else { "" };
        let detail = format!("{} ({}{kind})", adapter.name, adapter.backend);
        About { engine: "gpu", detail, ..About::default() }
    }

    fn any_batch(&self) -> bool {
        false
    }

    fn aside(&mut self) -> f64 {
        std::mem::take(&mut self.aside)
    }

    async fn run(&mut self, model: &Runnable, ask: Ask<'_>, sink: &mut Sink<'_>) -> Result<Vec<LayerTime>> {
        let mut inputs = Vec::with_capacity(ask.inputs.len());
        for id in &model.graph.inputs {
            let given = ask.inputs.iter().find(|(given, _)| given == id);
            let missing = || Error::new(Code::InvalidSetting, "an input is not given");
            let (_, tensor) = given.ok_or_else(|| missing().value(model.value_name(*id)))?;
            inputs.push(words_from_tensor(tensor)?);
        }
        let (gpu, seed) = (self.open().await?, self.seed);
        self.seed = self.seed.wrapping_add(1);
        match self.lost_in {
            Some(0) => gpu.destroy(),
            left => self.lost_in = left.map(|n| n - 1),
        }
        let ready = self.load(&gpu, model, ask.wanted).await?;
        let done = gpu.run(&ready.listing, &inputs, seed, ask.timings).await.map_err(of_gpu)?;
        for ((id, words), (shape, kind)) in ask.wanted.iter().zip(done.outputs).zip(&ready.outputs) {
            let shape = shape.clone();
            let tensor = match kind {
                Kind::F32 => Tensor::new(shape, words.into_iter().map(f32::from_bits).collect())?,
                Kind::I32 => Tensor::new(shape, words.into_iter().map(|w| w as i32).collect::<Vec<i32>>())?,
            };
            let tensor = match (kind, model.dtype(*id)) {
                (Kind::I32, Some(dtype)) => tensor.cast(dtype)?,
                _ => tensor,
            };
            sink(*id, tensor)?;
        }
        let mut times: Vec<LayerTime> = Vec::new();
        for (node, nanoseconds) in ready.nodes.iter().zip(&done.nanoseconds) {
            let seconds = nanoseconds * 1e-9;
            match times.iter_mut().find(|time| time.node == *node) {
                Some(time) => time.seconds += seconds,
                None => times.push(LayerTime { node: *node, seconds }),
            }
        }
        Ok(times)
    }
}
