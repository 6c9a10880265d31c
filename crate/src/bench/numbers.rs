//! A changed model before it is handed out: does it give numbers? What was fitted to a law of inputs instead of to data may
//! grow from layer to layer until nothing but NaN is left.

use super::run::{Runs, values};
use super::samples::Arrays;
use crate::error::{Code, Error, Result};
use crate::onnx::Spliced;
use crate::run::engine::AnyEngine;
use crate::run::random;
use crate::run::session::Session;
use crate::run::tensor::Tensor;
use crate::select::Activation;

/// Samples of the trial.
const SAMPLES: u64 = 4;
/// Multiplications of the trial, of both models: some seconds in a browser.
const MOST_MACS: u64 = 16_000_000_000;
/// Of random inputs.
const SEED: u64 = 0;

/// What a reader must know before a changed model is taken away; None where all that its activations and its first output hold
/// are numbers. `data`: the first samples of what was given; without, random ones.
pub(super) async fn doubt(
    runs: &Runs<'_>,
    sites: &[Activation],
    changed: &Spliced,
    data: Option<Arrays>,
    macs: u64,
) -> Option<String> {
    let said = match count(macs) {
        Some(samples) => trial(runs, sites, changed, data, samples).await,
        None => Err(Error::new(Code::LimitExceeded, format!("a sample takes {macs} multiplications"))),
    };
    said.unwrap_or_else(|why| {
        Some(format!("whether the changed model gives numbers is not known, it was not run: {}", why.message))
    })
}

/// Samples for a network of so many multiplications each. ResNet-50, 4.1 billion: 1.
pub(super) fn count(macs: u64) -> Option<usize> {
    let most = MOST_MACS / macs.saturating_mul(2).max(1);
    usize::try_from(most.min(SAMPLES)).ok().filter(|samples| *samples > 0)
}

async fn trial(
    runs: &Runs<'_>,
    sites: &[Activation],
    changed: &Spliced,
    data: Option<Arrays>,
    samples: usize,
) -> Result<Option<String>> {
    let mut session = runs.session(Some(changed))?;
    let what = if data.is_some() { "the first samples" } else { "random inputs" };
    let inputs = match data {
        Some(data) => data,
        None => {
            let model = &session.model;
            let named = |(id, tensor)| (model.value_name(id).to_owned(), tensor);
            random::inputs(model, samples, SEED)?.into_iter().map(named).collect()
        }
    };
    let Some(first) = trouble(runs, &mut session, sites, &inputs).await? else { return Ok(None) };
    drop(session);
    Ok(Some(match trouble(runs, &mut runs.session(None)?, sites, &inputs).await? {
        Some(own) => format!("on {what} the original gives NaN or infinity too, from {own} on"),
        None => format!(
            "on {what} the changed model gives NaN or infinity from {first} on, where the original gives numbers: \
             fit it on data of its own, with fewer elements replaced, a lower degree or another method"
        ),
    }))
}

/// The first value that holds what is no number: an activation's result, else the first output.
async fn trouble(
    runs: &Runs<'_>,
    session: &mut Session<AnyEngine>,
    sites: &[Activation],
    inputs: &Arrays,
) -> Result<Option<String>> {
    let names: Vec<&str> = sites.iter().map(|site| runs.network.output(site)).collect();
    let watched = values(session, &names)?;
    let mut first: Option<usize> = None;
    let mut watch = |place: usize, tensor: &Tensor| {
        if !finite(tensor) && first.is_none_or(|first| place < first) {
            first = Some(place);
        }
    };
    let ran = runs.run(session, inputs, true, &watched, &mut watch).await?;
    let bad = ran.outputs.iter().find(|(_, tensor)| !finite(tensor));
    let inside = first.and_then(|place| names.get(place)).map(|name| (*name).to_owned());
    Ok(inside.or_else(|| bad.map(|(id, _)| session.model.value_name(*id).to_owned())))
}

fn finite(tensor: &Tensor) -> bool {
    tensor.to_f32().iter().all(|value| value.is_finite())
}

#[cfg(test)]
mod tests {
    /// Two models of as many multiplications, 16 billion in all.
    #[test]
    fn large_networks_run_on_fewer_samples_or_none() {
        let counts = [41_000_000, 2_100_000_000, 4_100_000_000, 8_000_000_000, 8_000_000_001, u64::MAX];
        let samples = counts.map(super::count);
        assert_eq!(samples, [Some(4), Some(3), Some(1), Some(1), None, None]);
    }
}
