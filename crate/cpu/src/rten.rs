//! rten in this process.

use std::borrow::Cow;
use std::collections::BTreeMap;

use ::rten::{
    LoadErrorKind, Model, ModelOptions, NodeId, RunErrorKind, Sequence, Value, ValueOrView, ValueView,
};
use rten_tensor::Layout;

use super::{Array, Elements, Fault, FaultKind, Library, Named, Step, WEIGHTS};
use crate::clock;

const VERSION: &str = "rten 0.27.0";

/// The library.
pub struct Rten {
    options: ModelOptions,
    /// Until the first model takes them.
    weights: Option<Vec<u8>>,
}

impl Library for Rten {
    type Model = Model;
    type Made = Vec<Option<Value>>;

    fn open(weight_bytes: u64) -> Result<Self, Fault> {
        let full = || Fault::new(FaultKind::Memory, "the weights do not fit the memory that is left");
        let size = usize::try_from(weight_bytes).map_err(|_| full())?;
        let mut weights = Vec::new();
        weights.try_reserve_exact(size).map_err(|_| full())?;
        weights.resize(size, 0);
        Ok(Self { options: ModelOptions::with_all_ops(), weights: Some(weights) })
    }

    fn name(&self) -> String {
        if cfg!(target_arch = "wasm32") {
            return format!("{VERSION}, one thread");
        }
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        format!("{VERSION}, up to {threads} threads")
    }

    fn fill(&mut self, at: u64, bytes: &[u8]) -> Result<(), Fault> {
        let place = usize::try_from(at).ok().and_then(|at| {
            let end = at.checked_add(bytes.len())?;
            self.weights.as_mut()?.get_mut(at..end)
        });
        let outside = || Fault::new(FaultKind::Memory, "a weight outside its place");
        place.ok_or_else(outside).map(|place| place.copy_from_slice(bytes))
    }

    fn load(&mut self, onnx: &[u8], fused: bool) -> Result<Model, Fault> {
        if let Some(weights) = self.weights.take() {
            self.options.external_data(WEIGHTS, weights);
        }
        self.options.enable_optimization(fused);
        let options = &self.options;
        guard(|| {
            options.load(onnx.to_vec()).map_err(|e| {
                let kind = match e.kind() {
                    LoadErrorKind::OperatorInvalid => FaultKind::Operator,
                    LoadErrorKind::OptimizeError => FaultKind::Prepare,
                    _ => FaultKind::Read,
                };
                Fault { kind, node: e.node().map(str::to_owned), text: e.to_string() }
            })
        })
    }

    fn run(&self, model: &Model, inputs: &Named<'_>, outputs: &[&str]) -> Result<Self::Made, Fault> {
        let ids = outputs.iter().map(|name| find(model, name)).collect::<Result<Vec<_>, _>>()?;
        let made = compute(model, feed(model, inputs)?, &ids)?;
        Ok(made.into_iter().map(Some).collect())
    }

    fn steps(
        &self,
        model: &Model,
        inputs: &Named<'_>,
        names: &[&str],
        steps: &[Step],
        wanted: &[u32],
    ) -> Result<(Vec<f64>, Self::Made), Fault> {
        let given = feed(model, inputs)?;
        let mut alive: BTreeMap<u32, (NodeId, Value)> = BTreeMap::new();
        let mut made: Self::Made = vec![None; wanted.len()];
        let mut times = Vec::with_capacity(steps.len());
        for step in steps {
            let named = |place: &u32| Some((*place, model.find_node(names.get(*place as usize)?)?));
            let outputs: Vec<(u32, NodeId)> = step.makes.iter().filter_map(named).collect();
            let reads = |place: &u32| step.reads.as_ref().is_none_or(|reads| reads.contains(place));
            let kept = alive.iter().filter(|(place, _)| reads(place));
            let mut feed: Vec<(NodeId, ValueOrView<'_>)> =
                kept.map(|(_, (id, value))| (*id, value.into())).collect();
            feed.extend(given.iter().map(|(id, value)| (*id, value.as_view().into())));
            let ids: Vec<NodeId> = outputs.iter().map(|(_, id)| *id).collect();
            let start = clock::seconds();
            let found = compute(model, feed, &ids)?;
            times.push(clock::seconds() - start);
            for ((place, id), value) in outputs.into_iter().zip(found) {
                for (slot, _) in made.iter_mut().zip(wanted).filter(|(_, wanted)| **wanted == place) {
                    *slot = Some(value.clone());
                }
                alive.insert(place, (id, value));
            }
            for place in &step.drops {
                alive.remove(place);
            }
        }
        Ok((times, made))
    }

    fn take(made: &mut Self::Made, place: usize) -> Result<Array<'static>, Fault> {
        let gone = || Fault::new(FaultKind::NoArray, "a value that was not made");
        array_from(made.get_mut(place).and_then(Option::take).ok_or_else(gone)?)
    }
}

fn find(model: &Model, name: &str) -> Result<NodeId, Fault> {
    let missing =
        || Fault { kind: FaultKind::Input, node: None, text: format!("the engine has no value {name}") };
    model.find_node(name).ok_or_else(missing)
}

fn compute(model: &Model, feed: Vec<(NodeId, ValueOrView<'_>)>, ids: &[NodeId]) -> Result<Vec<Value>, Fault> {
    guard(|| {
        model.run(feed, ids, None).map_err(|e| {
            let node = e.node_path().into_iter().flatten().last().map(str::to_owned);
            let kind = match e.kind() {
                RunErrorKind::InvalidInput => FaultKind::Input,
                _ => FaultKind::Run,
            };
            Fault { kind, node, text: e.to_string() }
        })
    })
}

/// Inputs by rten's ids; one that no node reads is optimised away.
fn feed<'a>(model: &Model, inputs: &'a Named<'a>) -> Result<Vec<(NodeId, ValueOrView<'a>)>, Fault> {
    let known = inputs.iter().filter_map(|(name, array)| Some((model.find_node(name)?, array)));
    known.map(|(id, array)| Ok((id, fed(model, id, array)?))).collect()
}

/// An array for a value: small integers as the type that the value has.
fn fed<'a>(model: &Model, node: NodeId, array: &'a Array<'a>) -> Result<ValueOrView<'a>, Fault> {
    let shape = &*array.shape;
    let damaged =
        |e: &dyn std::fmt::Display| Fault::new(FaultKind::Input, format!("an array is damaged: {e}"));
    let int32 = Some(::rten::ValueType::Tensor(::rten::DataType::Int32));
    let widens = model.node_info(node).and_then(|info| info.dtype()) == int32;
    let wide = |values: Vec<i32>| Value::from_shape(shape, values).map(Into::into).map_err(|e| damaged(&e));
    Ok(match &array.elements {
        Elements::F32(v) => ValueView::from_shape(shape, v).map_err(|e| damaged(&e))?.into(),
        Elements::I32(v) => ValueView::from_shape(shape, v).map_err(|e| damaged(&e))?.into(),
        Elements::I8(v) if widens => wide(v.iter().map(|n| i32::from(*n)).collect())?,
        Elements::U8(v) if widens => wide(v.iter().map(|n| i32::from(*n)).collect())?,
        Elements::I8(v) => ValueView::from_shape(shape, v).map_err(|e| damaged(&e))?.into(),
        Elements::U8(v) => ValueView::from_shape(shape, v).map_err(|e| damaged(&e))?.into(),
    })
}

fn array_from(value: Value) -> Result<Array<'static>, Fault> {
    let (shape, elements) = match value {
        Value::FloatTensor(t) => (t.shape().to_vec(), Elements::F32(Cow::Owned(t.into_data()))),
        Value::Int32Tensor(t) => (t.shape().to_vec(), Elements::I32(Cow::Owned(t.into_data()))),
        Value::Int8Tensor(t) => (t.shape().to_vec(), Elements::I8(Cow::Owned(t.into_data()))),
        Value::UInt8Tensor(t) => (t.shape().to_vec(), Elements::U8(Cow::Owned(t.into_data()))),
        Value::Sequence(sequence) => {
            let kind = match sequence {
                Sequence::Float(_) => "floats",
                _ => "integers",
            };
            return Err(Fault::new(FaultKind::NoArray, format!("a sequence of {kind} is no array")));
        }
        _ => return Err(Fault::new(FaultKind::NoArray, "a value that is no array")),
    };
    Ok(Array { shape: Cow::Owned(shape), elements })
}

/// A fault of the engine that it does not report is one of this model, not the end of the program.
#[cfg(not(target_arch = "wasm32"))]
fn guard<T>(work: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    let stopped = |_| Err(Fault::new(FaultKind::Stopped, "the engine stopped on this model"));
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(stopped)
}

/// In the browser a fault ends the worker, and the page says so.
#[cfg(target_arch = "wasm32")]
fn guard<T>(work: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    work()
}
