//! What was told before, each answer with what it hangs on: asked under the same, it is given again.

use std::collections::HashMap;
use std::rc::Rc;

use super::fit::{Fitted, Way};
use super::flow::Flow;
use super::made::Made;
use super::network::Counted;
use super::samples::Version;
use super::wish::ReplaceSettings;
use crate::run::tensor::Tensor;

/// Fits that are kept at most; one is a layer under a method and a degree.
const KEPT_FITS: usize = 1 << 14;

/// The last answer.
pub(super) struct Kept<K, V>(Option<(K, V)>);

impl<K, V> Default for Kept<K, V> {
    fn default() -> Self {
        Self(None)
    }
}

impl<K: PartialEq, V: Clone> Kept<K, V> {
    pub(super) fn get(&self, key: &K) -> Option<V> {
        self.0.as_ref().filter(|(known, _)| known == key).map(|(_, value)| value.clone())
    }

    /// Keeps an answer, and gives it.
    pub(super) fn keep(&mut self, key: K, value: V) -> V {
        self.0 = Some((key, value.clone()));
        value
    }
}

/// What flows hang on: the samples for statistics, and whether gates count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FlowKey {
    pub(super) data: u32,
    pub(super) gates: bool,
}

/// What a fit hangs on, besides the flows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct FitKey {
    site: usize,
    method: &'static str,
    degree: usize,
    per_channel: bool,
}

impl FitKey {
    pub(super) fn new(site: usize, way: Way, per_channel: bool) -> Self {
        Self { site, method: way.method.name(), degree: way.degree, per_channel }
    }
}

/// What trials hang on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TrialKey {
    pub(super) samples: Version,
    pub(super) gates: bool,
    /// How many samples.
    pub(super) count: usize,
}

/// What a draft hangs on.
pub(super) type MadeKey = (ReplaceSettings, Version);

#[derive(Default)]
pub(super) struct Cache {
    pub(super) counted: Option<Rc<Counted>>,
    pub(super) flows: Kept<FlowKey, Rc<[Flow]>>,
    fits: (Option<FlowKey>, HashMap<FitKey, Rc<Fitted>>),
    /// Loss for each unit of squared error, by layer.
    pub(super) sensitivity: Kept<TrialKey, Vec<f64>>,
    pub(super) stage_order: Kept<TrialKey, Vec<u32>>,
    /// SENet's score of each element; whether outputs are dropped.
    pub(super) difference: Kept<(FlowKey, Vec<FitKey>, bool), Rc<[Vec<f32>]>>,
    /// The original's first output on the samples for judging.
    pub(super) original: Kept<Version, Tensor>,
    pub(super) made: Kept<MadeKey, Rc<Made>>,
}

impl Cache {
    pub(super) fn fit(&self, flows: FlowKey, key: &FitKey) -> Option<Rc<Fitted>> {
        let (of, fits) = &self.fits;
        fits.get(key).filter(|_| *of == Some(flows)).map(Rc::clone)
    }

    pub(super) fn keep_fit(&mut self, flows: FlowKey, key: FitKey, fit: Rc<Fitted>) -> Rc<Fitted> {
        let (of, fits) = &mut self.fits;
        if *of != Some(flows) || fits.len() >= KEPT_FITS {
            fits.clear();
            *of = Some(flows);
        }
        fits.insert(key, Rc::clone(&fit));
        fit
    }
}
