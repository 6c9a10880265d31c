//! A model in the arithmetic of a ring: what the precision of a protocol does to accuracy.
//! `reluctant.fixed/1`; field names are a contract: add, never rename.

use serde::Serialize;

use super::run::RunSession;
use crate::engines::clock;
use crate::error::{Code, Error, Result};
use crate::ir::graph::{NodeId, ValueId};
use crate::onnx::Progress;
use crate::open::Given;
use crate::run::accuracy::{Accuracy, accuracy, best, wilson};
use crate::run::batch::Slices;
use crate::run::cpu::Cpu;
use crate::run::model::Runnable;
use crate::run::ring::{Floats, Settings, Walk};
use crate::run::session::Engine as _;
use crate::run::tensor::Tensor;

/// A finished simulation.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct FixedReport {
    /// Always `reluctant.fixed/1`.
    pub schema: &'static str,
    /// File name.
    pub model: String,
    /// The arithmetic.
    pub settings: Settings,
    /// Samples that went in.
    pub samples: usize,
    /// Seconds.
    pub seconds: f64,
    /// Accuracy in the ring; None without labels.
    pub accuracy: Option<Accuracy>,
    /// Accuracy in floating point.
    pub float_accuracy: Option<Accuracy>,
    /// Samples whose best class is the same in both; None where the first output is no table of scores.
    pub agreement: Option<Agreement>,
    /// Largest difference of the first output from floating point.
    pub largest_difference: f64,
    /// Numbers that left the ring and wrapped around, inputs included.
    pub wrapped: u64,
    /// Of those, encodings of inputs.
    pub wrapped_inputs: u64,
    /// By layer, in the graph's order.
    pub layers: Vec<FixedLayer>,
    /// Operators that were computed in floating point and encoded again.
    pub in_floating_point: Vec<Outside>,
}

/// How often two runs agree.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Agreement {
    /// Samples that agree.
    pub samples: u64,
    /// Share of those.
    pub share: f64,
    /// Its Wilson interval at 95 %.
    pub interval: [f64; 2],
}

/// What happened in one layer.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct FixedLayer {
    /// Index of the node, as in `reluctant.score/1`.
    pub index: u32,
    /// Its name.
    pub node: String,
    /// Operator.
    pub op: String,
    /// Numbers that left the ring.
    pub wrapped: u64,
    /// Bits that the largest number took before truncation, its sign included.
    pub bits: u32,
    /// Root mean square of the difference from floating point.
    pub rms_difference: f64,
    /// Largest difference.
    pub largest_difference: f64,
}

/// An operator outside the ring.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Outside {
    /// Operator.
    pub op: String,
    /// Nodes.
    pub nodes: usize,
}

impl RunSession {
    /// Runs in the ring and in floating point, on the CPU.
    ///
    /// # Errors
    /// `InvalidSetting` for sizes out of range; as [`run`](Self::run).
    pub fn fixed(
        &mut self,
        given: Given,
        settings: &Settings,
        progress: &mut Progress<'_>,
    ) -> Result<FixedReport> {
        let model = &self.session.model;
        let cpu = self.session.engine.cpu(model)?;
        let slices = Slices::new(model, given.inputs, model.any_batch && cpu.any_batch())?;
        let mut walk = Walk::new(model, *settings)?;
        let (mut ring, mut float): (Option<Tensor>, Option<Tensor>) = (None, None);
        let start = clock::seconds();
        for index in 0..slices.count() {
            if progress((index * slices.size) as u64, slices.samples as u64).is_break() {
                return Err(Error::new(Code::Cancelled, "the run was stopped"));
            }
            let slice = slices.get(index)?;
            let outputs = walk.slice(&slice.inputs, slice.samples, &mut OnCpu { cpu, model })?;
            let Some((id, one, other)) = outputs.into_iter().next() else { continue };
            for (all, part) in [(&mut ring, one), (&mut float, other)] {
                let no_samples = || {
                    let text = "the first axis of the first output does not carry the samples";
                    Error::new(Code::InvalidSetting, text).value(model.value_name(id))
                };
                let part = slice.real(part).ok_or_else(no_samples)?;
                match all {
                    None => *all = Some(part),
                    Some(all) => all.append(&part).map_err(|_| no_samples())?,
                }
            }
        }
        let seconds = clock::seconds() - start;
        let none = || Error::new(Code::InvalidGraph, "the model has no output");
        let (ring, float) = (ring.ok_or_else(none)?, float.ok_or_else(none)?);
        let against =
            |scores: &Tensor| given.labels.as_ref().map(|labels| accuracy(scores, labels)).transpose();
        let difference = ring
            .to_f32()
            .iter()
            .zip(float.to_f32().iter())
            .fold(0f64, |most, (a, b)| most.max((f64::from(*a) - f64::from(*b)).abs()));
        let layers: Vec<FixedLayer> = walk
            .layers
            .iter()
            .map(|(id, layer)| FixedLayer {
                index: id.0,
                node: model.graph.label(model.graph.node(*id)),
                op: model.graph.node(*id).op.clone(),
                wrapped: layer.wrapped,
                bits: 129 - layer.largest.leading_zeros(),
                rms_difference: (layer.squares / layer.count.max(1) as f64).sqrt(),
                largest_difference: layer.difference,
            })
            .collect();
        Ok(FixedReport {
            schema: "reluctant.fixed/1",
            model: model.name.clone(),
            settings: *settings,
            samples: slices.samples,
            seconds,
            accuracy: against(&ring)?,
            float_accuracy: against(&float)?,
            agreement: agreement(&ring, &float),
            largest_difference: difference,
            wrapped: walk.wrapped_inputs + layers.iter().map(|layer| layer.wrapped).sum::<u64>(),
            wrapped_inputs: walk.wrapped_inputs,
            layers,
            in_floating_point: walk.outside.into_iter().map(|(op, nodes)| Outside { op, nodes }).collect(),
        })
    }
}

/// The floating-point side.
pub(super) struct OnCpu<'a> {
    pub(super) cpu: &'a mut Cpu,
    pub(super) model: &'a Runnable,
}

impl Floats for OnCpu<'_> {
    fn node(&mut self, id: NodeId, inputs: &[(ValueId, &Tensor)]) -> Result<Vec<(ValueId, Tensor)>> {
        self.cpu.node(self.model, id, inputs)
    }

    fn weight(&mut self, id: ValueId) -> Result<Option<Tensor>> {
        self.cpu.weight(self.model, id)
    }
}

fn agreement(a: &Tensor, b: &Tensor) -> Option<Agreement> {
    let (a, b) = (best(a, 1).ok()?, best(b, 1).ok()?);
    let class = |row: &[crate::run::accuracy::Guess]| row.first().map(|guess| guess.class);
    let same = a.iter().zip(&b).filter(|(a, b)| class(a) == class(b)).count() as u64;
    let share = same as f64 / a.len().max(1) as f64;
    Some(Agreement { samples: same, share, interval: wilson(same, a.len() as u64) })
}
