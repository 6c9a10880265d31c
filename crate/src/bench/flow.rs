//! What flows into activations: moments and histograms, channel by channel, from a run on the data.

use super::run::{Runs, values};
use super::samples::{Arrays, samples};
use crate::error::{Code, Error, Result};
use crate::onnx::Spliced;
use crate::poly::{Distribution, Histogram, Method};
use crate::run::stats::{Summary, ValueStats};
use crate::run::tensor::Tensor;
use crate::select::Activation;

/// What flows into one activation.
#[derive(Clone, Debug)]
pub struct Flow {
    /// By channel; one where the value has no channels or nothing was run.
    channels: Vec<Spread>,
    /// All channels together, where there are several.
    all: Option<Spread>,
}

/// One channel, or all of them.
#[derive(Clone, Debug)]
pub struct Spread {
    pub(super) mean: f64,
    pub(super) std: f64,
    /// What was seen; None where nothing was, or one value only.
    pub(super) seen: Option<Distribution>,
    /// Share of positive inputs.
    pub(super) positive: f64,
}

impl Flow {
    /// One for each polynomial.
    pub(super) fn spreads(&self, per_channel: bool) -> &[Spread] {
        match &self.all {
            Some(all) if !per_channel => std::slice::from_ref(all),
            _ => &self.channels,
        }
    }

    /// One channel, or all together.
    pub(super) fn spread(&self, channel: Option<usize>) -> Option<&Spread> {
        match channel {
            Some(channel) => self.channels.get(channel),
            None => self.all.as_ref().or(self.channels.first()),
        }
    }
}

impl Spread {
    /// Nothing is known.
    fn standard() -> Self {
        Self { mean: 0.0, std: 1.0, seen: None, positive: 0.5 }
    }

    fn of(summary: &Summary, positive: u64) -> Self {
        let (mean, std) = (summary.mean, summary.std());
        let h = &summary.histogram;
        let counts = h.counts().to_vec();
        let high = h.low() + h.width() * counts.len() as f64;
        let measured = Histogram { low: h.low(), high, counts };
        let usable = std > 0.0 && measured.low < measured.high;
        let seen = usable.then_some(Distribution::Histogram(measured));
        Self { mean, std, seen, positive: positive as f64 / summary.count.max(1) as f64 }
    }

    /// What a method fits to.
    pub(super) fn law(&self, method: Method) -> Distribution {
        match (method, &self.seen) {
            (Method::Fit, Some(seen)) => seen.clone(),
            _ => Distribution::Normal { mean: self.mean, std: self.std },
        }
    }

    /// The histogram, where something was seen.
    pub(super) fn histogram(&self) -> Option<&Histogram> {
        match &self.seen {
            Some(Distribution::Histogram(histogram)) => Some(histogram),
            _ => None,
        }
    }
}

/// What flows into activations of the model, or of a changed one; standard normal without data.
pub(super) async fn observe(
    runs: &Runs<'_>,
    data: Option<&Arrays>,
    sites: &[Activation],
    changed: Option<&Spliced>,
) -> Result<Vec<Flow>> {
    let Some(data) = data else {
        let flow = Flow { channels: vec![Spread::standard()], all: None };
        return Ok(vec![flow; sites.len()]);
    };
    runs.meter.expect(samples(data));
    let mut session = runs.session(changed)?;
    let names: Vec<&str> = sites.iter().map(|site| runs.network.input(site)).collect();
    let ids = values(&session, &names)?;
    let graph = &session.model.graph;
    let mut seen: Vec<(ValueStats, Vec<u64>)> =
        ids.iter().map(|id| (ValueStats::new(graph, *id), Vec::new())).collect();
    let mut watch = |place: usize, tensor: &Tensor| {
        let Some((stats, above)) = seen.get_mut(place) else { return };
        stats.add(tensor);
        above.resize(stats.channels.len(), 0);
        count_positive(stats.axis, tensor, above);
    };
    runs.run(&mut session, data, false, &ids, &mut watch).await?;
    let flow = |(stats, above): (ValueStats, Vec<u64>)| {
        if stats.channels.is_empty() {
            return Err(Error::new(Code::NotSupported, "a layer was not seen in the run"));
        }
        let channels = stats.channels.iter().zip(&above).map(|(s, n)| Spread::of(s, *n)).collect();
        let several = stats.channels.len() > 1;
        let all = several.then(|| Spread::of(&stats.total(), above.iter().sum()));
        Ok(Flow { channels, all })
    };
    seen.into_iter().map(flow).collect()
}

fn count_positive(axis: Option<usize>, tensor: &Tensor, above: &mut [u64]) {
    let axis = axis.filter(|axis| *axis < tensor.shape().len());
    let inner: usize = axis.map_or(tensor.len(), |axis| tensor.shape().iter().skip(axis + 1).product());
    let channels = above.len().max(1);
    for (block, values) in tensor.to_f32().chunks(inner.max(1)).enumerate() {
        if let Some(count) = above.get_mut(block % channels) {
            *count += values.iter().filter(|value| **value > 0.0).count() as u64;
        }
    }
}
