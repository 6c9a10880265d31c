//! What is asked: a budget, what chooses, and how what goes is replaced.

use serde::Deserialize;

use crate::cost::Terms;
use crate::names::names;

/// What to replace, and how; what is left out takes the default.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ReplaceSettings {
    /// `50000`, or `25%` of what can be replaced, or of its cost.
    pub budget: String,
    /// What the budget counts.
    pub unit: BudgetUnit,
    /// Protocol and link of a budget in seconds or bytes (its first protocol), and of costs before
    /// and after.
    pub cost: Terms,
    /// `error`, `senet`, `criticality`, `balance`, `uniform`, `random`, `nested`, `senet-ratios`, `bcd`.
    #[cfg_attr(test, ts(as = "crate::select::Policy"))]
    pub policy: String,
    /// `pixel`, `spatial`, `channel`, `patch:SIDE`, `layer`, `stage`.
    pub granularity: String,
    /// A method of `poly`.
    #[cfg_attr(test, ts(as = "crate::poly::Method"))]
    pub method: String,
    /// Degree.
    pub degree: usize,
    /// One polynomial a channel, not a layer.
    pub per_channel: bool,
    /// With the places that go, the outputs of convolutions that nothing else needs go too, and the identity stands for
    /// the activation; `granularity` is `spatial`.
    pub drop_outputs: bool,
    /// Each layer is fitted once those before it are replaced.
    pub sequential: bool,
    /// Sigmoid and Tanh by themselves may go too.
    pub gates: bool,
    /// Seed of random choices.
    pub seed: u64,
    /// Name of a list of SENet's ratios, for the policy of that name.
    pub ratios: Option<String>,
    /// Samples that evaluations of layers and blocks run on; None: 256, fewer of a large network.
    pub probe: Option<usize>,
    /// Rounds of a descent, and blocks tried in each.
    pub descent: (usize, usize),
    /// Layers with a method or a degree of their own.
    pub layers: Vec<LayerWish>,
}

/// One activation with a method or a degree of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LayerWish {
    /// Name of its result.
    pub output: String,
    /// A method of `poly`.
    #[cfg_attr(test, ts(as = "Option<crate::poly::Method>"))]
    pub method: Option<String>,
    /// Degree.
    pub degree: Option<usize>,
}

names! { "unit",
    /// What a budget counts.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum BudgetUnit {
        /// Elements of activations that stay.
        #[default]
        Relus = "relus",
        /// Online seconds of the whole network under the first protocol.
        Seconds = "seconds",
        /// Bytes of the whole network, both phases, under the first protocol.
        Bytes = "bytes",
    }
}

impl Default for ReplaceSettings {
    fn default() -> Self {
        Self {
            budget: "0".to_owned(),
            unit: BudgetUnit::Relus,
            cost: Terms::default(),
            policy: "error".to_owned(),
            granularity: "pixel".to_owned(),
            method: "dapa".to_owned(),
            degree: 2,
            per_channel: true,
            drop_outputs: false,
            sequential: true,
            gates: false,
            seed: 0,
            ratios: None,
            probe: None,
            descent: (16, 8),
            layers: Vec::new(),
        }
    }
}
