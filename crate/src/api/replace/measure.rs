//! The original and a changed model side by side on the samples for judging.
//!
//! Both run a few samples at a time, in turns, so that what each activation gives can be compared
//! while only the original's values of those few are held.

use serde::Serialize;

use super::bench::{Arrays, Workbench};
use super::compare::{ClassChange, Compared, by_class, compare};
use super::data::samples;
use super::{Planned, SweepPoint};
use crate::api::plan::Plan;
use crate::api::run::RunSession;
use crate::error::{Code, Error, Result};
use crate::infer::session::About;
use crate::infer::tensor::Tensor;
use crate::limits::MAX_GROWTH_BYTES;
use crate::onnx::Spliced;

/// What a plan does.
#[derive(Clone, Debug, Serialize)]
pub struct MeasuredPlan {
    /// The plan.
    pub planned: Planned,
    /// Outputs.
    pub compared: Compared,
    /// Results of activations, in graph order.
    pub growth: Vec<Growth>,
    /// By class; None where outputs are no scores.
    pub classes: Option<Vec<ClassChange>>,
    /// What ran.
    pub engine: About,
    /// Of one run of the samples: original, changed.
    pub seconds: [f64; 2],
}

/// Error that has built up until an activation's result.
#[derive(Clone, Debug, Serialize)]
pub struct Growth {
    /// Node of the activation.
    pub index: u32,
    /// Name of its result.
    pub output: String,
    /// Root of the mean squared difference over that of the original's values.
    pub relative_error: f64,
}

/// Sums over one activation's result.
#[derive(Clone, Default)]
struct Sums {
    off: f64,
    size: f64,
    /// The original's values of the samples at hand, and how many of them are compared.
    held: Vec<f32>,
    at: usize,
}

impl Sums {
    /// Values of the changed model, in the order of the original's.
    fn compare(&mut self, values: &[f32]) {
        for (before, after) in self.held.iter().skip(self.at).zip(values) {
            let (before, after) = (f64::from(*before), f64::from(*after));
            self.off += (after - before).powi(2);
            self.size += before * before;
        }
        self.at += values.len();
    }

    /// These samples are done.
    fn close(&mut self) {
        self.held.clear();
        self.at = 0;
    }

    fn relative(&self) -> f64 {
        if self.size > 0.0 { (self.off / self.size).sqrt() } else { 0.0 }
    }
}

impl Workbench {
    /// First outputs of the original on the samples for judging, and of a changed model, compared; None
    /// without data. The original is run once.
    pub(super) async fn compared(&mut self, changed: &Spliced) -> Result<Option<Compared>> {
        let Some((inputs, labels)) = self.judged() else { return Ok(None) };
        let runs = if self.original.is_none() { 2 } else { 1 };
        self.meter.expect(runs * samples(&inputs));
        if self.original.is_none() {
            self.original = Some(self.first(None, &inputs).await?);
        }
        let now = self.first(Some(changed), &inputs).await?;
        self.original.as_ref().map(|before| compare(before, &now, labels.as_ref())).transpose()
    }

    /// Measures the plan of the wish, or a plan file's.
    ///
    /// # Errors
    /// As making a plan; `MissingData` without samples.
    pub async fn measure(&mut self, plan: Option<&Plan>) -> Result<MeasuredPlan> {
        let planned = match plan {
            Some(plan) => self.held(plan)?,
            None => self.planned().await?.as_ref().clone(),
        };
        let spliced = self.carry_out(&planned.plan)?;
        let (inputs, labels) = self.judged().ok_or_else(|| {
            Error::new(Code::MissingData, "there are no samples to measure on").hint("choose data")
        })?;
        let all = samples(&inputs);
        self.meter.expect(2 * all);
        let mut both = [self.session(None)?, self.session(Some(&spliced))?];
        let names: Vec<String> = (0..self.sites.len()).map(|site| self.output(site)).collect();
        let mut sums = vec![Sums::default(); names.len()];
        let mut outputs: [Option<Tensor>; 2] = [None, None];
        let mut seconds = [0.0; 2];
        let chunk = self.chunk(both.first());
        let mut from = 0;
        while from < all {
            let count = chunk.min(all - from);
            let part: Arrays =
                inputs.iter().map(|(name, t)| (name.clone(), cut(t, all, from, count))).collect();
            for (which, (session, (output, seconds))) in
                both.iter_mut().zip(outputs.iter_mut().zip(seconds.iter_mut())).enumerate()
            {
                let mut watch = |place: usize, _: &_, _, tensor: &Tensor| {
                    let Some(sums) = sums.get_mut(place) else { return };
                    match which {
                        0 => sums.held.extend_from_slice(&tensor.to_f32()),
                        _ => sums.compare(&tensor.to_f32()),
                    }
                };
                let ran = self.run_in(session, &part, true, &names, &mut watch).await?;
                *seconds += ran.seconds;
                for (_, tensor) in ran.outputs {
                    match output {
                        None => *output = Some(tensor),
                        Some(all) => all.append(&tensor)?,
                    }
                }
            }
            sums.iter_mut().for_each(Sums::close);
            from += count;
        }
        let engine = both.last().map(Self::about).unwrap_or_default();
        let [Some(before), Some(after)] = outputs else {
            return Err(Error::new(Code::NotSupported, "the model has no output"));
        };
        let growth = self.sites.iter().zip(names).zip(&sums);
        let growth = growth.map(|((activation, output), sums)| Growth {
            index: activation.node.0,
            output,
            relative_error: sums.relative(),
        });
        let measured = MeasuredPlan {
            planned,
            compared: compare(&before, &after, labels.as_ref())?,
            growth: growth.collect(),
            classes: by_class(&before, &after, labels.as_ref()),
            engine,
            seconds,
        };
        self.original = Some(before);
        Ok(measured)
    }

    /// Samples that run at a time: those of a slice, fewer where activations are large.
    fn chunk(&self, session: Option<&RunSession>) -> u64 {
        let model = session.map(|session| &session.session.model);
        let batch = model.and_then(|model| model.batch).unwrap_or(1).max(1) as u64;
        if model.is_none_or(|model| !model.any_batch) {
            return batch;
        }
        let each: u64 = self.sites.iter().map(|a| a.site.elements().saturating_mul(4)).sum();
        batch.min(MAX_GROWTH_BYTES / each.max(1)).max(1)
    }

    /// One point of a sweep: the plan of the wish, and what it does. The original's outputs are taken once.
    ///
    /// # Errors
    /// As making a plan and running.
    pub async fn point(&mut self) -> Result<SweepPoint> {
        let planned = self.planned().await?;
        let compared = match self.judged() {
            Some(_) => {
                let spliced = self.carry_out(&planned.plan)?;
                self.compared(&spliced).await?
            }
            None => None,
        };
        Ok(SweepPoint::of(&self.wish, &planned, compared.as_ref(), Vec::new()))
    }
}

/// Samples of an array; one that does not carry samples stays whole.
fn cut(tensor: &Tensor, all: u64, from: u64, count: u64) -> Tensor {
    match tensor.shape().first() {
        Some(rows) if *rows as u64 == all => tensor.rows(from as usize, (from + count) as usize),
        _ => tensor.clone(),
    }
}
