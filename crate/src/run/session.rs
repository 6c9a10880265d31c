//! Drives an engine over the slices of the inputs: outputs joined, values handed to whoever
//! watches them, times, progress, cancel. The same for every engine.

use std::future::Future;
use std::ops::ControlFlow;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use serde::Serialize;

use super::batch::Slices;
use super::model::Runnable;
use super::tensor::Tensor;
use crate::engines::clock;
use crate::error::{Code, Error, Result};
use crate::ir::dtype::DType;
use crate::ir::graph::{NodeId, ValueId};
use crate::onnx::Progress;

/// What an engine is, for people.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct About {
    /// `cpu` or `gpu`.
    pub engine: &'static str,
    /// Library, version, threads; or the adapter.
    pub detail: String,
    /// What it does differently from the file, a sentence each: `float16 runs as float32`.
    pub notes: Vec<String>,
    /// Of what the GPU gave and the CPU repeated: the largest difference, as a share of the largest magnitude.
    pub largest_difference: Option<f64>,
    /// Why the CPU runs where the GPU was asked for.
    pub fallback: Option<String>,
}

impl About {
    /// All of it in sentences.
    pub fn sentences(&self) -> Vec<String> {
        let mut all = self.notes.clone();
        all.extend(self.fallback.as_ref().map(|why| format!("run on the CPU instead of the GPU: {why}")));
        all.extend(self.largest_difference.map(|off| {
            format!("first slice repeated on the CPU: largest difference {off:.1e} of the largest magnitude")
        }));
        all
    }
}

/// What one run is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// Every input of the model, in the model's element types.
    pub inputs: &'a [(ValueId, Tensor)],
    /// Values to be handed to the sink; computed ones, inputs or weights.
    pub wanted: &'a [ValueId],
    /// Measure each layer; may be slower.
    pub timings: bool,
}

/// Takes a wanted value; each comes once, in any order and any element type that holds it.
pub type Sink<'a> = dyn FnMut(ValueId, Tensor) -> Result<()> + 'a;

/// Sees a watched value of a slice, in the engine's element type.
pub type Watch<'a> = dyn FnMut(ValueId, &Tensor) -> Result<()> + 'a;

/// Seconds of one node.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LayerTime {
    /// The node; of fused ones, the last.
    pub node: NodeId,
    /// Seconds.
    pub seconds: f64,
}

/// Something that runs a model.
pub trait Engine {
    /// What it is.
    fn about(&self) -> About;

    /// It runs any number of samples where the model leaves that open ([`Runnable::any_batch`]).
    fn any_batch(&self) -> bool;

    /// A run of one or more slices begins.
    fn begin(&mut self) {}

    /// Seconds of the last slice that were no part of running it, such as loading or a check.
    fn aside(&mut self) -> f64 {
        0.0
    }

    /// Runs one slice. The times are empty unless asked for.
    fn run(
        &mut self,
        model: &Runnable,
        ask: Ask<'_>,
        sink: &mut Sink<'_>,
    ) -> impl Future<Output = Result<Vec<LayerTime>>>;
}

/// What a session is asked for.
#[derive(Clone, Debug, Default)]
pub struct RunAsk {
    /// Values to keep whole, joined over all slices.
    pub outputs: Vec<ValueId>,
    /// Values to show to the watcher, slice by slice.
    pub watched: Vec<ValueId>,
    /// Measure each layer.
    pub timings: bool,
}

/// What came out.
#[derive(Clone, Debug, Default)]
pub struct Ran {
    /// The outputs, in the order asked for and in the model's element types.
    pub outputs: Vec<(ValueId, Tensor)>,
    /// Samples that went in.
    pub samples: usize,
    /// Slices that were run.
    pub slices: usize,
    /// Seconds of all slices, reading and writing files left out.
    pub seconds: f64,
    /// Seconds of each layer, over all slices; empty unless asked for.
    pub layers: Vec<LayerTime>,
    /// Values whose first axis does not carry samples, and that were left out of a filled-up slice.
    pub unsliced: Vec<ValueId>,
}

/// A model and an engine.
pub struct Session<E> {
    /// The model.
    pub model: Runnable,
    /// What runs it.
    pub engine: E,
}

impl<E: Engine> Session<E> {
    /// Runs all inputs. `watch` sees every watched value of every slice, without what filling gave.
    ///
    /// # Errors
    /// What the inputs or the engine are at fault with; `Cancelled` between slices.
    pub async fn run(
        &mut self,
        inputs: Vec<(ValueId, Tensor)>,
        ask: &RunAsk,
        watch: &mut Watch<'_>,
        progress: &mut Progress<'_>,
    ) -> Result<Ran> {
        self.engine.begin();
        let any = self.model.any_batch && self.engine.any_batch();
        let slices = Slices::new(&self.model, inputs, any)?;
        let mut ran = Ran { samples: slices.samples, slices: slices.count(), ..Ran::default() };
        let mut wanted = ask.outputs.clone();
        wanted.extend(&ask.watched);
        wanted.sort_unstable();
        wanted.dedup();
        let mut joined: Vec<Option<Tensor>> = vec![None; ask.outputs.len()];
        for index in 0..slices.count() {
            if progress((index * slices.size) as u64, slices.samples as u64) == ControlFlow::Break(()) {
                return Err(Error::new(Code::Cancelled, "the run was stopped"));
            }
            let slice = slices.get(index)?;
            let (model, unsliced) = (&self.model, &mut ran.unsliced);
            // Taking statistics is no part of running.
            let mut aside = 0.0;
            let mut sink = |id: ValueId, value: Tensor| {
                let kept = ask.outputs.iter().position(|output| *output == id);
                let value = match slice.real(value) {
                    Some(value) => value,
                    None if kept.is_none() => {
                        unsliced.push(id);
                        return Ok(());
                    }
                    None => return Err(no_samples(model, id)),
                };
                if ask.watched.contains(&id) {
                    // The engine's own type: statistics need no rounding to float16.
                    let start = clock::seconds();
                    watch(id, &value)?;
                    aside += clock::seconds() - start;
                }
                let Some(slot) = kept.and_then(|place| joined.get_mut(place)) else { return Ok(()) };
                let value = match model.dtype(id) {
                    // Of a type without arrays: as it was computed.
                    Some(DType::BF16) | None => value,
                    Some(dtype) => value.cast(dtype)?,
                };
                match slot {
                    None => *slot = Some(value),
                    Some(all) => all.append(&value).map_err(|_| no_samples(model, id))?,
                }
                Ok(())
            };
            let ask = Ask { inputs: &slice.inputs, wanted: &wanted, timings: ask.timings };
            let start = clock::seconds();
            let times = self.engine.run(&self.model, ask, &mut sink).await?;
            ran.seconds += clock::seconds() - start - aside - self.engine.aside();
            add_times(&mut ran.layers, times);
        }
        let _ = progress(slices.samples as u64, slices.samples as u64);
        for (id, value) in ask.outputs.iter().zip(joined) {
            let value = value.ok_or_else(|| {
                Error::new(Code::InvalidSetting, "the run did not make this value")
                    .value(self.model.value_name(*id))
            })?;
            ran.outputs.push((*id, value));
        }
        ran.unsliced.sort_unstable();
        ran.unsliced.dedup();
        Ok(ran)
    }
}

fn no_samples(model: &Runnable, id: ValueId) -> Error {
    Error::new(Code::InvalidSetting, "the first axis of an output does not carry the samples")
        .value(model.value_name(id))
        .hint("run as many samples at once as the model's batch has")
}

fn add_times(all: &mut Vec<LayerTime>, more: Vec<LayerTime>) {
    if all.is_empty() {
        *all = more;
        return;
    }
    for time in more {
        match all.iter_mut().find(|t| t.node == time.node) {
            Some(known) => known.seconds += time.seconds,
            None => all.push(time),
        }
    }
}

/// Runs a future that never waits for anything outside: the CPU's.
///
/// # Errors
/// Its own; `NotSupported` where it waits after all.
pub fn ready<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    let mut future = pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => Err(Error::new(Code::NotSupported, "this engine needs an executor")),
    }
}
