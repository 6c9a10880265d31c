//! The original and a changed model side by side on the samples for judging.
//!
//! Both run a few samples at a time, in turns, so that what each activation gives can be compared
//! while only the original's values of those few are held.

use serde::Serialize;

use super::compare::{ClassChange, Compared, by_class, compare};
use super::run::{Runs, values};
use super::samples::{Arrays, Labelled, cut, samples};
use crate::error::{Code, Error, Result};
use crate::limits::MAX_GROWTH_BYTES;
use crate::onnx::Spliced;
use crate::run::model::Runnable;
use crate::run::session::{About, Engine as _};
use crate::run::tensor::Tensor;
use crate::select::Activation;

/// What a plan does.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SideBySide {
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
#[cfg_attr(test, derive(ts_rs::TS))]
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

/// Runs both; gives the original's outputs too.
pub(super) async fn measure(
    runs: &Runs<'_>,
    sites: &[Activation],
    changed: &Spliced,
    (inputs, labels): &Labelled,
) -> Result<(SideBySide, Tensor)> {
    let all = samples(inputs);
    runs.meter.expect(2 * all);
    let mut both = [runs.session(None)?, runs.session(Some(changed))?];
    let names: Vec<&str> = sites.iter().map(|site| runs.network.output(site)).collect();
    let mut ids = [Vec::new(), Vec::new()];
    for (session, ids) in both.iter().zip(&mut ids) {
        *ids = values(session, &names)?;
    }
    let mut sums = vec![Sums::default(); names.len()];
    let mut outputs: [Option<Tensor>; 2] = [None, None];
    let mut seconds = [0.0; 2];
    let chunk = chunk(both.first().map(|session| &session.model), sites);
    let mut from = 0;
    while from < all {
        let count = chunk.min(all - from);
        let part: Arrays = inputs.iter().map(|(name, t)| (name.clone(), cut(t, all, from, count))).collect();
        let all_of_both = both.iter_mut().zip(&ids).zip(outputs.iter_mut().zip(&mut seconds));
        for (which, ((session, ids), (output, seconds))) in all_of_both.enumerate() {
            let mut watch = |place: usize, tensor: &Tensor| {
                let Some(sums) = sums.get_mut(place) else { return };
                match which {
                    0 => sums.held.extend_from_slice(&tensor.to_f32()),
                    _ => sums.compare(&tensor.to_f32()),
                }
            };
            let ran = runs.run(session, &part, true, ids, &mut watch).await?;
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
    let engine = both.last().map(|session| session.engine.about()).unwrap_or_default();
    let [Some(before), Some(after)] = outputs else {
        return Err(Error::new(Code::NotSupported, "the model has no output"));
    };
    let growth = sites.iter().zip(names).zip(&sums);
    let growth = growth.map(|((activation, output), sums)| Growth {
        index: activation.node.0,
        output: output.to_owned(),
        relative_error: sums.relative(),
    });
    let measured = SideBySide {
        compared: compare(&before, &after, labels.as_ref())?,
        growth: growth.collect(),
        classes: by_class(&before, &after, labels.as_ref()),
        engine,
        seconds,
    };
    Ok((measured, before))
}

/// Samples that run at a time: those of a slice, fewer where activations are large.
fn chunk(model: Option<&Runnable>, sites: &[Activation]) -> u64 {
    let batch = model.and_then(|model| model.batch).unwrap_or(1).max(1) as u64;
    if model.is_none_or(|model| !model.any_batch) {
        return batch;
    }
    let each: u64 = sites.iter().map(|a| a.site.elements().saturating_mul(4)).sum();
    batch.min(MAX_GROWTH_BYTES / each.max(1)).max(1)
}
