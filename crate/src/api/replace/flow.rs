//! What flows into activations: moments and histograms, channel by channel, from a run on the data.

use std::rc::Rc;

use super::bench::Workbench;
use super::data::samples;
use crate::error::{Code, Error, Result};
use crate::infer::stats::{Summary, ValueStats};
use crate::infer::tensor::Tensor;
use crate::ir::graph::{Graph, ValueId};
use crate::onnx::Spliced;
use crate::poly::{Distribution, Histogram, Method};

/// What flows into one activation.
#[derive(Clone, Debug)]
pub(super) struct Flow {
    /// By channel; one where the value has no channels or nothing was run.
    channels: Vec<Spread>,
    /// All channels together, where there are several.
    all: Option<Spread>,
}

/// One channel, or all of them.
#[derive(Clone, Debug)]
pub(super) struct Spread {
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

impl Workbench {
    /// What flows in everywhere, in the original.
    pub(super) async fn flows(&mut self) -> Result<Rc<Vec<Flow>>> {
        if let Some(flows) = &self.seen.flows {
            return Ok(Rc::clone(flows));
        }
        let all: Vec<usize> = (0..self.sites.len()).collect();
        let flows = Rc::new(self.observe(None, &all).await?);
        self.seen.flows = Some(Rc::clone(&flows));
        Ok(flows)
    }

    /// What flows into some activations.
    pub(super) async fn observe(&self, changed: Option<&Spliced>, sites: &[usize]) -> Result<Vec<Flow>> {
        let Some(data) = &self.data else {
            let flow = Flow { channels: vec![Spread::standard()], all: None };
            return Ok(vec![flow; sites.len()]);
        };
        self.meter.expect(samples(data));
        let mut seen: Vec<Option<ValueStats>> = vec![None; sites.len()];
        let mut positive: Vec<Vec<u64>> = vec![Vec::new(); sites.len()];
        let names: Vec<String> = sites.iter().map(|s| self.input(*s)).collect();
        let mut watch = |place: usize, graph: &Graph, id: ValueId, tensor: &Tensor| {
            let (Some(stats), Some(above)) = (seen.get_mut(place), positive.get_mut(place)) else { return };
            let stats = stats.get_or_insert_with(|| ValueStats::new(graph, id));
            stats.add(tensor);
            above.resize(stats.channels.len(), 0);
            count_positive(stats.axis, tensor, above);
        };
        self.run(changed, data, false, &names, &mut watch).await?;
        let flow = |(stats, above): (Option<ValueStats>, Vec<u64>)| {
            let stats =
                stats.ok_or_else(|| Error::new(Code::NotSupported, "a layer was not seen in the run"))?;
            let channels = stats.channels.iter().zip(&above).map(|(s, n)| Spread::of(s, *n)).collect();
            let several = stats.channels.len() > 1;
            let all = several.then(|| Spread::of(&stats.total(), above.iter().sum()));
            Ok(Flow { channels, all })
        };
        seen.into_iter().zip(positive).map(flow).collect()
    }
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
