//! The samples on the bench: for statistics, for judging, for trials.

use crate::ir::graph::Graph;
use crate::open::is_label;
use crate::run::tensor::Tensor;

/// Samples of a trial, unless so many are asked for.
const TRIALS: u64 = 256;
/// Fewer where a network is large: the trials of all layers take about so many multiplications.
const TRIAL_MACS: u64 = 64_000_000_000;
/// Never fewer than this.
const FEWEST_TRIALS: u64 = 16;

/// Arrays by the names of inputs.
pub type Arrays = Vec<(String, Tensor)>;

/// Arrays that are inputs, and labels where there are any.
pub type Labelled = (Arrays, Option<Tensor>);

/// What a person gave.
#[derive(Default)]
pub struct Samples {
    /// For statistics.
    data: Option<Arrays>,
    /// For judging; those for statistics where None.
    test: Option<Arrays>,
    labels: Option<Tensor>,
    version: Version,
}

/// Changes with the samples: what was told by others is of another version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Version {
    /// Of the samples for statistics.
    pub data: u32,
    /// Of those for judging, and of labels.
    pub test: u32,
}

impl Samples {
    /// Samples for statistics, with labels as `y` or `labels` where there are any.
    pub fn set_data(&mut self, data: Option<Arrays>) {
        self.data = data;
        self.version.data += 1;
    }

    /// Samples for judging, and their labels.
    pub fn set_test(&mut self, test: Option<Arrays>, labels: Option<Tensor>) {
        (self.test, self.labels) = (test, labels);
        self.version.test += 1;
    }

    /// Which samples these are.
    pub fn version(&self) -> Version {
        self.version
    }

    /// For statistics.
    pub fn data(&self) -> Option<&Arrays> {
        self.data.as_ref()
    }

    /// There are samples for judging.
    pub fn can_judge(&self) -> bool {
        self.test.is_some() || self.data.is_some()
    }

    /// For judging; None without data.
    pub fn judged(&self, graph: &Graph) -> Option<Labelled> {
        let test = self.test.clone().or_else(|| self.data.clone())?;
        Some(self.split(test, graph))
    }

    /// The first samples of the data, for trials; of those for judging where labels are theirs.
    pub fn trial(&self, graph: &Graph, count: usize) -> Option<Labelled> {
        let own = self.test.clone().filter(|_| self.labels.is_some());
        let (inputs, labels) = self.split(own.or_else(|| self.data.clone())?, graph);
        let cut = |tensor: Tensor| {
            let rows = tensor.shape().first().copied().unwrap_or(1);
            if rows > count { tensor.rows(0, count) } else { tensor }
        };
        let inputs = inputs.into_iter().map(|(name, tensor)| (name, cut(tensor))).collect();
        Some((inputs, labels.map(cut)))
    }

    fn split(&self, arrays: Arrays, graph: &Graph) -> Labelled {
        let mut labels = self.labels.clone();
        let mut inputs = Vec::new();
        for (name, tensor) in arrays {
            let input = graph.inputs.iter().any(|v| graph.value(*v).name == name);
            if is_label(&name) && !input {
                labels = labels.or(Some(tensor));
            } else {
                inputs.push((name, tensor));
            }
        }
        (inputs, labels)
    }
}

/// Samples of a trial, for a network of so many layers and MACs a sample. ResNet-20: 41 M
/// multiplications, 19 layers: 78.
pub fn trial_samples(layers: usize, macs: u64) -> usize {
    let most = TRIAL_MACS / macs.saturating_mul(layers as u64 + 1).max(1);
    most.clamp(FEWEST_TRIALS, TRIALS) as usize
}

/// Samples of arrays: the first size of the first.
pub fn samples(arrays: &Arrays) -> u64 {
    arrays.first().and_then(|(_, tensor)| tensor.shape().first().copied()).unwrap_or(1) as u64
}

/// Some samples of an array of `all`; one that does not carry samples stays whole.
pub fn cut(tensor: &Tensor, all: u64, from: u64, count: u64) -> Tensor {
    match tensor.shape().first() {
        Some(rows) if *rows as u64 == all => tensor.rows(from as usize, (from + count) as usize),
        _ => tensor.clone(),
    }
}
