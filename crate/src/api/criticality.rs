//! Criticality of stages, measured: accuracy with the ReLUs of one stage kept, or removed, by running the model.

use serde::Serialize;

use super::coarse::{identity_plan, stage_names};
use super::replace::Workbench;
use crate::error::{Code, Error, Result};
use crate::run::accuracy::Accuracy;
use crate::select::{Activation, Mask};

/// The JSON of `reluctant design criticality --json`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Criticality {
    /// Always `reluctant.criticality/1`.
    pub schema: &'static str,
    /// Samples with a label.
    pub samples: u64,
    /// With all ReLUs.
    pub all: Accuracy,
    /// With none.
    pub none: Accuracy,
    /// Stages that have ReLUs, in order.
    pub stages: Vec<StageCriticality>,
    /// Names of the stages from the highest score to the lowest; of equal ones the later stage first.
    pub order: Vec<String>,
    /// The exponent of ReLUs in `score`.
    pub weight: f64,
}

/// One stage.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct StageCriticality {
    /// `stem`, `S1`, ...
    pub name: String,
    /// Its activation elements that can go.
    pub relus: u64,
    /// With its ReLUs alone.
    pub kept: Accuracy,
    /// With all but its.
    pub removed: Accuracy,
    /// Ours: (accuracy with its ReLUs alone - accuracy with none) / ReLUs^weight. Weight 0 is the accuracy it brings.
    pub score: f64,
}

impl Workbench {
    /// Runs the model on the judging samples with one stage's ReLUs kept and removed, the identity in place of the others.
    ///
    /// # Errors
    /// `MissingData` without labels or samples; `InvalidSetting` for a weight that is no number; as running.
    pub async fn criticality(&mut self, weight: f64) -> Result<Criticality> {
        if !weight.is_finite() {
            return Err(Error::new(Code::InvalidSetting, "the weight has to be a number"));
        }
        let sites = self.question.sites.clone();
        let of = stage_names(self);
        let mut names: Vec<String> = Vec::new();
        for name in &of {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        let (all, none) = self.accuracies(&sites, &mut |_| false).await?;
        let mut list = Vec::new();
        for name in &names {
            let mut is = |place: usize| of.get(place) == Some(name);
            let (_, kept) = self.accuracies(&sites, &mut is).await?;
            let (_, removed) = self.accuracies(&sites, &mut |place| !is(place)).await?;
            let relus: u64 =
                sites.iter().zip(&of).filter(|(_, of)| *of == name).map(|(a, _)| a.site.elements()).sum();
            let score = (kept.top1 - none.top1) / (relus as f64).powf(weight);
            list.push(StageCriticality { name: name.clone(), relus, kept, removed, score });
        }
        let mut ranked: Vec<&StageCriticality> = list.iter().rev().collect();
        ranked.sort_by(|a, b| b.score.total_cmp(&a.score));
        let order = ranked.into_iter().map(|stage| stage.name.clone()).collect();
        Ok(Criticality {
            schema: "reluctant.criticality/1",
            samples: all.samples,
            all,
            none,
            stages: list,
            order,
            weight,
        })
    }

    /// Accuracy of the model as it is, and with only those activations that `stays` names by their places.
    async fn accuracies(
        &mut self,
        sites: &[Activation],
        stays: &mut dyn FnMut(usize) -> bool,
    ) -> Result<(Accuracy, Accuracy)> {
        let masks: Vec<Mask> =
            sites.iter().enumerate().map(|(place, a)| Mask::whole(&a.site, stays(place))).collect();
        let plan = identity_plan(self, &masks, ("criticality", String::new()));
        let spliced = self.carry_out(&plan)?;
        let compared = self.bench.compared(&spliced, &self.meter).await?;
        let missing =
            || Error::new(Code::MissingData, "criticality takes samples with labels").hint("choose data");
        let compared = compared.ok_or_else(missing)?;
        compared.original.zip(compared.changed).ok_or_else(missing)
    }
}
