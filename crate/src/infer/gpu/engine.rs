//! The engine of a session: a model lowered for what is wanted of it, kept loaded between slices.

use std::sync::Arc;

use super::device::{Gpu, Limits};
use super::lower::{Stochastic, lower, words_from_tensor};
use super::program::Kind;
use super::run::Loaded;
use crate::error::{Code, Error, Result};
use crate::infer::model::Runnable;
use crate::infer::session::{About, Ask, Engine, LayerTime, Sink};
use crate::infer::tensor::Tensor;
use crate::ir::graph::{NodeId, ValueId};

/// Runs models on a GPU.
#[derive(Debug, Default)]
pub struct GpuEngine {
    /// Opened at the first run, which may wait for it.
    gpu: Option<Arc<Gpu>>,
    /// ReLUs with faults.
    faults: Stochastic,
    /// Drives stochastic activations; each slice takes the next.
    seed: u32,
    loaded: Option<Ready>,
    /// Slices until the GPU is lost on purpose.
    lost_in: Option<usize>,
}

/// A loaded program, and what it was lowered for.
#[derive(Debug)]
struct Ready {
    wanted: Vec<ValueId>,
    kinds: Vec<Kind>,
    program: Loaded,
}

impl GpuEngine {
    /// An engine on a GPU that is open already.
    pub fn on(gpu: Arc<Gpu>) -> Self {
        Self { gpu: Some(gpu), ..Self::default() }
    }

    /// Whether the engine has a kernel for everything that the model's outputs need.
    ///
    /// # Errors
    /// `NotSupported` with the node and its operator.
    pub fn lacks_nothing(&self, model: &Runnable) -> Result<()> {
        let limits = self.gpu.as_ref().map_or(Limits::MOST, |gpu| gpu.limits());
        lower(model, &model.graph.outputs, &self.faults, limits).map(|_| ())
    }

    // Natively it is shared among threads; a browser has one.
    #[cfg_attr(target_family = "wasm", expect(clippy::arc_with_non_send_sync))]
    async fn open(&mut self) -> Result<Arc<Gpu>> {
        match &self.gpu {
            Some(gpu) => Ok(gpu.clone()),
            None => Ok(self.gpu.insert(Arc::new(Gpu::open().await?)).clone()),
        }
    }

    /// Makes ReLUs stochastic, from the next run on.
    pub fn with_faults(&mut self, faults: Stochastic, seed: u32) {
        (self.faults, self.seed, self.loaded) = (faults, seed, None);
    }

    /// Loses the GPU after as many slices more: for tests.
    pub fn lose_after(&mut self, slices: usize) {
        self.lost_in = Some(slices);
    }

    /// Bytes on the GPU.
    pub fn bytes(&self) -> u64 {
        self.loaded.as_ref().map_or(0, |ready| ready.program.bytes)
    }

    /// Compiles and uploads for what is wanted, unless that is done.
    async fn load(&mut self, gpu: &Gpu, model: &Runnable, wanted: &[ValueId]) -> Result<&Ready> {
        if self.loaded.as_ref().is_none_or(|ready| ready.wanted != wanted) {
            self.loaded = None;
            let program = lower(model, wanted, &self.faults, gpu.limits())?;
            let mut fetch = |id: &ValueId| {
                let missing = || Error::new(Code::MissingData, "a weight is not here");
                let weight = model.weight(*id)?;
                words_from_tensor(&weight.ok_or_else(|| missing().value(model.value_name(*id)))?)
            };
            let loaded = gpu.load(&program, &mut fetch).await?;
            let kinds = program.outputs.iter().map(|port| program.tensor(port.tensor).kind).collect();
            self.loaded = Some(Ready { wanted: wanted.to_vec(), kinds, program: loaded });
        }
        self.loaded.as_ref().ok_or_else(|| Error::new(Code::Gpu, "nothing was loaded"))
    }
}

impl Engine for GpuEngine {
    fn about(&self) -> About {
        let notes = vec![];
        let Some(gpu) = &self.gpu else { return About { engine: "gpu", detail: String::new(), notes } };
        let adapter = gpu.adapter();
        let kind = if adapter.software { ", a GPU in software" } else { "" };
        let detail = format!("{} ({}{kind})", adapter.name, adapter.backend);
        About { engine: "gpu", detail, notes }
    }

    fn any_batch(&self) -> bool {
        false
    }

    async fn run(&mut self, model: &Runnable, ask: Ask<'_>, sink: &mut Sink<'_>) -> Result<Vec<LayerTime>> {
        let mut words = Vec::with_capacity(ask.inputs.len());
        for id in &model.graph.inputs {
            let given = ask.inputs.iter().find(|(given, _)| given == id);
            let missing = || Error::new(Code::InvalidSetting, "an input is not given");
            let (_, tensor) = given.ok_or_else(|| missing().value(model.value_name(*id)))?;
            words.push(words_from_tensor(tensor)?);
        }
        let inputs: Vec<&[u32]> = words.iter().map(Vec::as_slice).collect();
        let (gpu, seed) = (self.open().await?, self.seed);
        self.seed = self.seed.wrapping_add(1);
        match self.lost_in {
            Some(0) => gpu.destroy(),
            left => self.lost_in = left.map(|n| n - 1),
        }
        let ready = self.load(&gpu, model, ask.wanted).await?;
        let done = gpu.run(&ready.program, &inputs, seed, ask.timings).await?;
        let ports = ready.program.outputs().zip(&ready.kinds);
        for ((id, words), (port, kind)) in ask.wanted.iter().zip(done.outputs).zip(ports) {
            let shape = port.dims.clone();
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
        let time = |timing: &super::run::Timing| LayerTime {
            node: NodeId(timing.node),
            seconds: timing.nanoseconds * 1e-9,
        };
        Ok(done.timings.iter().map(time).collect())
    }
}
