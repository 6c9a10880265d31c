//! Runs of the model and of changed ones.

use super::meter::Meter;
use super::network::Network;
use super::samples::Arrays;
use crate::error::{Code, Error, Result};
use crate::ir::graph::ValueId;
use crate::onnx::Spliced;
use crate::open::{EngineKind, RunOptions, given};
use crate::run::engine::AnyEngine;
use crate::run::session::{Ran, RunAsk, Session};
use crate::run::tensor::Tensor;

/// What runs, and who is told how far it is.
pub struct Runs<'a> {
    pub(super) network: &'a Network,
    pub(super) meter: &'a Meter,
    options: RunOptions,
}

impl<'a> Runs<'a> {
    pub(super) fn new(network: &'a Network, meter: &'a Meter) -> Self {
        Self { network, meter, options: network.options.clone() }
    }

    /// On the CPU, which answers at once.
    pub(super) fn on_cpu(&self) -> Self {
        Self { options: RunOptions { engine: EngineKind::Cpu, ..self.options.clone() }, ..*self }
    }

    /// A session of the model, or of a changed one.
    pub(super) fn session(&self, changed: Option<&Spliced>) -> Result<Session<AnyEngine>> {
        self.network.session(&self.options, changed)
    }

    /// Runs a session on arrays: the first output where it is wanted; `watch` sees each wanted value by its place.
    pub(super) async fn run(
        &self,
        session: &mut Session<AnyEngine>,
        arrays: &Arrays,
        output: bool,
        watched: &[ValueId],
        watch: &mut dyn FnMut(usize, &Tensor),
    ) -> Result<Ran> {
        let model = &session.model;
        let inputs = given(model, arrays.clone(), None)?.inputs;
        let outputs = if output { model.graph.outputs.iter().copied().take(1).collect() } else { Vec::new() };
        let ask = RunAsk { outputs, watched: watched.to_vec(), timings: false };
        let mut sink = |id: ValueId, tensor: &Tensor| {
            let places = watched.iter().enumerate().filter(|(_, wanted)| **wanted == id);
            places.for_each(|(place, _)| watch(place, tensor));
            Ok(())
        };
        let mut progress = |done, _| self.meter.at(done);
        let ran = session.run(inputs, &ask, &mut sink, &mut progress).await?;
        self.meter.done(ran.samples as u64);
        Ok(ran)
    }

    /// The first output of the model, or of a changed one.
    pub(super) async fn first(&self, changed: Option<&Spliced>, arrays: &Arrays) -> Result<Tensor> {
        let mut session = self.session(changed)?;
        let ran = self.run(&mut session, arrays, true, &[], &mut |_, _| {}).await?;
        let first = ran.outputs.into_iter().next().map(|(_, tensor)| tensor);
        first.ok_or_else(|| Error::new(Code::NotSupported, "the model has no output"))
    }
}

/// Values of a session by their names in the original.
pub(super) fn values(session: &Session<AnyEngine>, names: &[&str]) -> Result<Vec<ValueId>> {
    let lost = |name: &str| Error::new(Code::NotSupported, "the changed model lost a value").value(name);
    names.iter().map(|name| session.model.find(name).ok_or_else(|| lost(name))).collect()
}
