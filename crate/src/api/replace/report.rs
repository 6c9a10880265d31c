//! What replacing reports: fields are only ever added.

use serde::Serialize;

use super::bench::Workbench;
use super::{Compared, CostChange};
use crate::api::cost::Stay;
use crate::api::plan::Plan;
use crate::error::Result;
use crate::onnx::Spliced;

/// What can be replaced, before anything is.
#[derive(Clone, Debug, Serialize)]
pub struct BenchInfo {
    /// Name of the file, or id of the example.
    pub model: String,
    /// Elements of one sample that can be replaced.
    pub total: u64,
    /// The activations.
    pub layers: Vec<BenchLayer>,
    /// SENet's lists that fit this model.
    pub ratios: Vec<String>,
    /// There are weights: it can be measured and written.
    pub runnable: bool,
}

/// One activation that can be replaced.
#[derive(Clone, Debug, Serialize)]
pub struct BenchLayer {
    /// Its node, as the score counts them.
    pub index: u32,
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
}

/// A plan: what becomes of the activations.
#[derive(Clone, Debug, Serialize)]
pub struct Planned {
    /// Elements of one sample that can be replaced.
    pub total: u64,
    /// Those that stay.
    pub kept: u64,
    /// Elements without the plan for each one with it.
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
    /// What stays of each activation that changes.
    pub replaced: Vec<Stay>,
    /// What a reader must know.
    pub notes: Vec<String>,
    /// The file.
    pub plan: Plan,
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
    /// Its node, as the score counts them.
    pub index: u32,
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
    /// How it is fitted.
    pub method: &'static str,
    /// Degree.
    pub degree: usize,
    /// Expected squared error of one replaced element.
    pub mse: Option<f64>,
    /// Share of its inputs outside the range that was fitted.
    pub outside: Option<f64>,
}

impl Workbench {
    /// A plan for the wish, the changed model, what it does and costs.
    ///
    /// # Errors
    /// What the settings, the data or the engine are at fault with.
    pub async fn replace(&mut self) -> Result<(Plan, Spliced, ReplaceReport)> {
        let planned = self.planned().await?;
        let spliced = self.carry_out(&planned.plan)?;
        let compared = self.compared(&spliced).await?;
        let costs = self.costs(&spliced)?;
        let model = self.file()?.name;
        let Planned { total, kept, reduction, budget, spent, exact, front, layers, mut notes, plan, .. } =
            planned.as_ref().clone();
        let worse = costs.iter().filter(|c| c.worse).map(|c| c.protocol.as_str()).collect::<Vec<_>>();
        if !worse.is_empty() {
            notes.push(format!("this plan costs more than it saves under {}", worse.join(", ")));
        }
        let report = ReplaceReport {
            schema: "reluctant.replace/1",
            model,
            total,
            kept,
            reduction,
            budget,
            spent,
            exact,
            front,
            layers,
            compared,
            costs,
            bytes: spliced.bytes,
            bytes_read: spliced.bytes_read,
            notes,
        };
        Ok((plan, spliced, report))
    }
}
