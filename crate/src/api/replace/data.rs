//! The samples of a bench: for statistics, for judging, for trying out.

use super::bench::{Arrays, Seen, Workbench};
use crate::error::Result;
use crate::infer::tensor::Tensor;
use crate::ir::graph::ValueId;
use crate::open::is_label;

/// Samples that layers are tried out on, unless so many are asked for.
const TRIALS: u64 = 256;
/// Fewer where a network is large: all layers together take about so many multiplications.
const TRIAL_MACS: u64 = 64_000_000_000;
/// Never fewer than this.
const FEWEST_TRIALS: u64 = 16;

impl Workbench {
    /// Samples for statistics, with labels as `y` or `labels` where there are any; None takes every
    /// input as standard normal.
    pub fn set_data(&mut self, data: Option<Arrays>) {
        self.data = data;
        self.original = None;
        self.seen = Seen::default();
    }

    /// Samples for judging, those for statistics where None; and their labels.
    pub fn set_test(&mut self, test: Option<Arrays>, labels: Option<Tensor>) {
        (self.test, self.labels) = (test, labels);
        self.original = None;
        // What was tried out was tried on these.
        self.seen = Seen { flows: self.seen.flows.take(), ..Seen::default() };
    }

    /// Random inputs as arrays.
    ///
    /// # Errors
    /// As opening the model for a run; `LimitExceeded`.
    pub fn random(&self, samples: usize, seed: u64) -> Result<Arrays> {
        let session = self.session(None)?;
        let named =
            |(id, tensor): (ValueId, Tensor)| (session.session.model.value_name(id).to_owned(), tensor);
        Ok(session.random(samples, seed)?.inputs.into_iter().map(named).collect())
    }

    /// Arrays for judging and their labels; None without data.
    pub(super) fn judged(&self) -> Option<(Arrays, Option<Tensor>)> {
        let test = self.test.clone().or_else(|| self.data.clone())?;
        Some(self.split(test))
    }

    /// Arrays that are inputs, and labels.
    fn split(&self, arrays: Arrays) -> (Arrays, Option<Tensor>) {
        let mut labels = self.labels.clone();
        let mut inputs = Vec::new();
        for (name, tensor) in arrays {
            let label = is_label(&name);
            let input = self.graph.inputs.iter().any(|v| self.graph.value(*v).name == name);
            if label && !input {
                labels = labels.or(Some(tensor));
            } else {
                inputs.push((name, tensor));
            }
        }
        (inputs, labels)
    }

    /// The first samples of the data, for trying out; of those for judging where labels are theirs.
    pub(super) fn probe(&self, count: usize) -> Option<(Arrays, Option<Tensor>)> {
        let own = self.test.clone().filter(|_| self.labels.is_some());
        let (inputs, labels) = self.split(own.or_else(|| self.data.clone())?);
        let cut = |tensor: Tensor| {
            let rows = tensor.shape().first().copied().unwrap_or(1);
            if rows > count { tensor.rows(0, count) } else { tensor }
        };
        let inputs = inputs.into_iter().map(|(name, tensor)| (name, cut(tensor))).collect();
        Some((inputs, labels.map(cut)))
    }

    /// How many samples layers are tried out on. ResNet-20: 41 M multiplications, 19 layers: 78.
    pub(super) fn trials(&mut self) -> Result<usize> {
        if let Some(asked) = self.wish.probe {
            return Ok(asked.max(1));
        }
        let runs = self.sites.len() as u64 + 1;
        let (_, macs) = self.scored()?;
        let most = TRIAL_MACS / macs.saturating_mul(runs).max(1);
        Ok(most.clamp(FEWEST_TRIALS, TRIALS) as usize)
    }
}

/// Samples of arrays: the first size of the first.
pub(super) fn samples(arrays: &Arrays) -> u64 {
    arrays.first().and_then(|(_, tensor)| tensor.shape().first().copied()).unwrap_or(1) as u64
}
