//! `replace`: a budget becomes a plan, a changed model, and what both do. `sweep` does it for many
//! budgets.
//!
//! Statistics of what flows into each activation come from a run of the model on data; without
//! data a standard normal law stands in, and a note says so. Replacements are fitted a layer at a
//! time, each on what arrives there once the layers before it are replaced, unless that is turned off.

mod bench;
mod compare;
mod costs;
mod evidence;
mod masks;
mod sweep;

use serde::{Deserialize, Serialize};

pub use bench::Workbench;
pub use compare::Compared;
pub use costs::{CostChange, CostLine};
pub use masks::plan_npz;
pub use sweep::{SWEEP_HEADER, SweepPoint};

use super::cost::CostSettings;
use super::run::RunOptions;

/// What to replace, and how; what is left out takes the default.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct ReplaceSettings {
    /// `50000`, or `25%` of what can be replaced, or of its cost.
    pub budget: String,
    /// What the budget counts.
    pub unit: BudgetUnit,
    /// Protocol and link of a budget in seconds or bytes (its first protocol), and of costs before
    /// and after.
    pub cost: CostSettings,
    /// `error`, `senet`, `criticality`, `balance`, `uniform`, `random`, `senet-ratios`, `bcd`.
    pub policy: String,
    /// `pixel`, `spatial`, `channel`, `patch:SIDE`, `layer`, `stage`.
    pub granularity: String,
    /// A method of `poly`.
    pub method: String,
    /// Degree.
    pub degree: usize,
    /// One polynomial a channel, not a layer.
    pub per_channel: bool,
    /// Each layer is fitted once those before it are replaced.
    pub sequential: bool,
    /// Sigmoid and Tanh by themselves may go too.
    pub gates: bool,
    /// Seed of random choices.
    pub seed: u64,
    /// Name of a list of SENet's ratios, for the policy of that name.
    pub ratios: Option<String>,
    /// Samples that evaluations of layers and blocks run on.
    pub probe: usize,
    /// Rounds of a descent, and blocks tried in each.
    pub descent: (usize, usize),
    /// Engine and batch.
    pub run: RunOptions,
}

/// What a budget counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BudgetUnit {
    /// Elements of activations that stay.
    #[default]
    Relus,
    /// Online seconds of the whole network under the first protocol.
    Seconds,
    /// Bytes of the whole network, both phases, under the first protocol.
    Bytes,
}

impl Default for ReplaceSettings {
    fn default() -> Self {
        Self {
            budget: "0".to_owned(),
            unit: BudgetUnit::Relus,
            cost: CostSettings::default(),
            policy: "error".to_owned(),
            granularity: "pixel".to_owned(),
            method: "dapa".to_owned(),
            degree: 2,
            per_channel: true,
            sequential: true,
            gates: false,
            seed: 0,
            ratios: None,
            probe: 256,
            descent: (16, 8),
            run: RunOptions::default(),
        }
    }
}

/// The JSON of `reluctant replace --json`: fields are only ever added.
#[derive(Clone, Debug, Serialize)]
pub struct ReplaceReport {
    /// Always `reluctant.replace/1`.
    pub schema: &'static str,
    /// File name.
    pub model: String,
    /// Elements of one sample that can be replaced.
    pub total: u64,
    /// Those that stay.
    pub kept: u64,
    /// Elements without the plan for each one with it: 8,803,536 to 50,000 is 176.1.
    pub reduction: Option<f64>,
    /// The budget, in the unit's own whole numbers (elements, nanoseconds, bytes).
    pub budget: u64,
    /// What the plan takes of it.
    pub spent: u64,
    /// The choice is proven best by the policy's measure.
    pub exact: bool,
    /// Of a choice among whole layers or stages: (cost, loss) of the relaxed problem's corners.
    pub front: Vec<(u64, f64)>,
    /// One entry for each activation.
    pub layers: Vec<ReplaceLayer>,
    /// Both models on the test data; None without data.
    pub compared: Option<Compared>,
    /// Costs before and after, a protocol each.
    pub costs: Vec<CostChange>,
    /// Size of the changed model.
    pub bytes: u64,
    /// Bytes of the original that were read to write it.
    pub bytes_read: u64,
    /// What a reader must know.
    pub notes: Vec<String>,
}

/// One activation.
#[derive(Clone, Debug, Serialize)]
pub struct ReplaceLayer {
    /// Name of its node.
    pub node: String,
    /// Name of its result.
    pub output: String,
    /// What it computes.
    pub target: &'static str,
    /// Stage, as the score counts them from 0.
    pub stage: u32,
    /// Elements of one sample.
    pub elements: u64,
    /// Those that stay.
    pub kept: u64,
    /// Expected squared error of one replaced element.
    pub mse: Option<f64>,
    /// Share of its inputs outside the range that was fitted.
    pub outside: Option<f64>,
}
