//! Many budgets, one after another: the curve of fidelity against what stays.

use serde::Serialize;

use super::replace::Workbench;
use crate::bench::{Compared, CostChange, Made, ReplaceSettings};
use crate::cost::Stay;
use crate::csv::{Cell, line};
use crate::error::Result;

/// One measured budget.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SweepPoint {
    /// As it was given.
    pub budget: String,
    /// The policy.
    #[cfg_attr(test, ts(as = "crate::select::Policy"))]
    pub policy: String,
    /// Elements that stay.
    pub kept: u64,
    /// Elements that could.
    pub total: u64,
    /// Accuracy of the changed model, where there are labels.
    pub accuracy: Option<f64>,
    /// Its Wilson interval at 95 %.
    pub accuracy_interval: Option<[f64; 2]>,
    /// Share of samples with the same best class.
    pub agreement: Option<f64>,
    /// Divergence of the outputs, in nats.
    pub kl: Option<f64>,
    /// Relative error of the outputs.
    pub relative_error: Option<f64>,
    /// What stays of each activation that changes.
    pub replaced: Vec<Stay>,
    /// Costs before and after.
    pub costs: Vec<CostChange>,
}

/// Columns of [`SweepPoint::csv`]; those of costs repeat for each protocol.
pub const SWEEP_COLUMNS: [&str; 14] = [
    "policy",
    "budget",
    "kept",
    "total",
    "accuracy",
    "agreement",
    "kl",
    "relative_error",
    "protocol",
    "offline_seconds",
    "online_seconds",
    "bytes",
    "online_rounds",
    "change",
];

impl SweepPoint {
    fn of(wish: &ReplaceSettings, made: &Made, compared: Option<&Compared>, costs: Vec<CostChange>) -> Self {
        let accuracy = compared.and_then(|c| c.changed.as_ref());
        Self {
            budget: wish.budget.clone(),
            policy: wish.policy.clone(),
            kept: made.figures.kept,
            total: made.figures.total,
            accuracy: accuracy.map(|a| a.top1),
            accuracy_interval: accuracy.map(|a| a.top1_interval),
            agreement: compared.and_then(|c| c.agreement),
            kl: compared.and_then(|c| c.kl),
            relative_error: compared.map(|c| c.relative_error),
            replaced: made.replaced.clone(),
            costs,
        }
    }

    /// A line for each protocol; one without where there is none.
    pub fn csv(&self) -> Vec<String> {
        let priced = |cost: Option<&CostChange>| {
            let after = cost.map(|c| &c.after);
            let cells: [Cell; SWEEP_COLUMNS.len()] = [
                (&self.policy).into(),
                (&self.budget).into(),
                self.kept.into(),
                self.total.into(),
                self.accuracy.into(),
                self.agreement.into(),
                self.kl.into(),
                self.relative_error.into(),
                cost.map(|c| &c.protocol).into(),
                after.and_then(|a| a.offline_seconds).into(),
                after.and_then(|a| a.online_seconds).into(),
                after.map(|a| a.bytes).into(),
                after.map(|a| a.online_rounds).into(),
                cost.and_then(|c| c.change).into(),
            ];
            line(&cells)
        };
        if self.costs.is_empty() {
            return vec![priced(None)];
        }
        self.costs.iter().map(|cost| priced(Some(cost))).collect()
    }
}

impl Workbench {
    /// Measures and prices each budget under each policy, in that order; `told` sees each point and
    /// says whether to go on. Statistics and the original's outputs are taken once.
    ///
    /// # Errors
    /// As [`Workbench::replace`].
    pub async fn sweep(
        &mut self,
        budgets: &[String],
        policies: &[String],
        told: &mut dyn FnMut(&SweepPoint) -> bool,
    ) -> Result<Vec<SweepPoint>> {
        let mut points = Vec::new();
        for policy in policies {
            for budget in budgets {
                self.question.wish.policy.clone_from(policy);
                self.question.wish.budget.clone_from(budget);
                let made = self.made().await?;
                let changed = self.changed(&made, None)?;
                let compared = self.bench.compared(&changed, &self.meter).await?;
                let costs = self.bench.costs(&changed, &self.question.wish.cost)?;
                let point = SweepPoint::of(&self.question.wish, &made, compared.as_ref(), costs);
                let on = told(&point);
                points.push(point);
                if !on {
                    return Ok(points);
                }
            }
        }
        Ok(points)
    }

    /// One point of a sweep: the plan of the wish, and what it does. The original's outputs are taken once.
    ///
    /// # Errors
    /// As making a plan and running.
    pub async fn point(&mut self) -> Result<SweepPoint> {
        let made = self.made().await?;
        let compared = if self.bench.samples.can_judge() {
            let changed = self.changed(&made, None)?;
            self.bench.compared(&changed, &self.meter).await?
        } else {
            None
        };
        Ok(SweepPoint::of(&self.question.wish, &made, compared.as_ref(), Vec::new()))
    }
}
