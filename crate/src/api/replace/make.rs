//! A plan is made: evidence, choice, polynomials; and a plan file is held against the model.

use std::rc::Rc;

use super::bench::Workbench;
use super::fits::{Fitted, Way};
use super::flow::Flow;
use super::{Planned, ReplaceLayer};
use crate::api::cost::Stay;
use crate::api::plan::{PLAN_SCHEMA, Plan, PlanLayer, PlanMask};
use crate::error::{Code, Error, Result};
use crate::ir::hash::structural_hash;
use crate::onnx::Spliced;
use crate::rewrite::multiplications;
use crate::select::{Activation, Granularity, Mask, Policy, Problem, select};

/// What is done to each activation.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) masks: Vec<Mask>,
    pub(super) fits: Vec<Rc<Fitted>>,
    pub(super) ways: Vec<Way>,
}

impl Workbench {
    /// A plan for the wish. The first of a policy may run the model.
    ///
    /// # Errors
    /// What the settings, the data or the engine are at fault with.
    pub async fn planned(&mut self) -> Result<Rc<Planned>> {
        if let Some((_, made)) = self.seen.made.as_ref().filter(|(wish, _)| *wish == self.wish) {
            return Ok(Rc::clone(made));
        }
        let fits = self.fits().await?;
        let (sites, budget) = self.priced(&fits)?;
        let granularity: Granularity = self.wish.granularity.parse()?;
        let policy: Policy = self.wish.policy.parse()?;
        let mut notes = Vec::new();
        if self.data.is_none() {
            notes.push("no data: every input is taken as normal with mean 0 and deviation 1".to_owned());
        }
        let evidence = self.evidence(policy, &fits, &mut notes).await?;
        let seed = self.wish.seed;
        let problem = Problem { sites: &sites, granularity, budget, policy, evidence: &evidence, seed };
        let chosen = match policy {
            Policy::Descent => self.descend(&problem, &fits).await?,
            _ => select(&problem)?,
        };
        let mut draft = Draft { masks: chosen.masks, fits, ways: self.ways.clone() };
        if self.wish.sequential && self.data.is_some() {
            self.refit(&mut draft).await?;
        }
        let plan = self.plan(&draft);
        let made = Rc::new(Planned {
            budget,
            spent: chosen.cost,
            exact: chosen.exact,
            front: chosen.front,
            notes,
            ..self.told(plan, &draft)
        });
        self.seen.made = Some((self.wish.clone(), Rc::clone(&made)));
        Ok(made)
    }

    /// Fits each layer that goes on what arrives once those before it went.
    async fn refit(&self, draft: &mut Draft) -> Result<()> {
        let gone: Vec<usize> = (0..self.sites.len())
            .filter(|s| draft.masks.get(*s).and_then(Mask::uniform) != Some(true))
            .collect();
        for site in gone.into_iter().skip(1) {
            let mut before = draft.clone();
            for (later, activation) in self.sites.iter().enumerate().skip(site) {
                if let Some(mask) = before.masks.get_mut(later) {
                    *mask = Mask::whole(&activation.site, true);
                }
            }
            let spliced = self.splice(&before)?;
            let flow: Vec<Flow> = self.observe(Some(&spliced), &[site]).await?;
            if let (Some(flow), Some(slot)) = (flow.first(), draft.fits.get_mut(site)) {
                *slot = Rc::new(self.fit(site, flow, self.way(site), self.wish.per_channel)?);
            }
        }
        Ok(())
    }

    /// The plan of a draft.
    fn plan(&self, draft: &Draft) -> Plan {
        let layer = |(index, activation): (usize, &Activation)| {
            let whole = Mask::whole(&activation.site, true);
            let mask = draft.masks.get(index).unwrap_or(&whole);
            let (elements, kept) = (activation.site.elements(), mask.kept(&activation.site));
            let fit = draft.fits.get(index).filter(|_| kept < elements);
            let way = draft.ways.get(index).filter(|_| kept < elements);
            PlanLayer {
                output: self.output(index),
                node: self.graph.label(self.graph.node(activation.node)),
                target: activation.target.name().to_owned(),
                elements,
                kept,
                method: way.map(|way| way.method.name().to_owned()),
                mask: (kept > 0 && kept < elements).then(|| PlanMask::of(mask)),
                coefficients: fit.map(|f| f.rows.clone()).unwrap_or_default(),
                mse: fit.map(|f| f.error()),
                outside: fit.map(|f| f.outside),
            }
        };
        let layers: Vec<PlanLayer> = self.sites.iter().enumerate().map(layer).collect();
        let wish = &self.wish;
        let settings = [
            ("budget", wish.budget.clone()),
            ("policy", wish.policy.clone()),
            ("granularity", wish.granularity.clone()),
            ("method", wish.method.clone()),
            ("degree", wish.degree.to_string()),
            ("per_channel", wish.per_channel.to_string()),
            ("sequential", wish.sequential.to_string()),
            ("seed", wish.seed.to_string()),
        ];
        Plan {
            schema: PLAN_SCHEMA.to_owned(),
            made_by: concat!("reluctant ", env!("CARGO_PKG_VERSION")).to_owned(),
            hash: structural_hash(&self.graph),
            settings: settings.map(|(k, v)| (k.to_owned(), v)).to_vec(),
            total: layers.iter().map(|l| l.elements).sum(),
            kept: layers.iter().map(|l| l.kept).sum(),
            layers,
        }
    }

    /// What a plan of these activations says, in their order.
    fn told(&self, plan: Plan, draft: &Draft) -> Planned {
        let whole = |way: Option<&Way>| way.copied().unwrap_or(super::fits::TRIAL);
        let layer = |(index, (layer, activation)): (usize, (&PlanLayer, &Activation))| {
            let way = whole(draft.ways.get(index));
            let longest = layer.coefficients.iter().map(Vec::len).max().unwrap_or(0);
            let fixed = !way.has_degrees() && longest > 0;
            ReplaceLayer {
                index: activation.node.0,
                node: layer.node.clone(),
                output: layer.output.clone(),
                target: activation.target.name(),
                stage: activation.site.stage,
                elements: layer.elements,
                kept: layer.kept,
                method: way.method.name(),
                degree: if fixed { longest - 1 } else { way.degree },
                mse: layer.mse,
                outside: layer.outside,
            }
        };
        let stay = |(layer, activation): (&PlanLayer, &Activation)| {
            let (scales, products) = multiplications(&layer.coefficients);
            let index = activation.node.0;
            (layer.kept < layer.elements).then_some(Stay { index, kept: layer.kept, scales, products })
        };
        let pairs = || plan.layers.iter().zip(&self.sites);
        Planned {
            total: plan.total,
            kept: plan.kept,
            reduction: (plan.kept > 0).then(|| plan.total as f64 / plan.kept as f64),
            budget: plan.kept,
            spent: plan.kept,
            exact: false,
            front: Vec::new(),
            layers: pairs().enumerate().map(layer).collect(),
            replaced: pairs().filter_map(stay).collect(),
            notes: Vec::new(),
            plan,
        }
    }

    /// The changed model of a draft.
    pub(super) fn splice(&self, draft: &Draft) -> Result<Spliced> {
        self.carry_out(&self.plan(draft))
    }

    /// The changed model of a plan.
    ///
    /// # Errors
    /// `InvalidSetting` where it is for another model; `MissingData` of an example.
    pub fn carry_out(&self, plan: &Plan) -> Result<Spliced> {
        plan.splice(&self.file()?, &self.proto, &self.graph, &mut super::bench::go)
    }

    /// A plan file held against this model: only names, sizes and numbers are taken from it. What it
    /// does not name stays. The wish follows it in whether gates count.
    ///
    /// # Errors
    /// `InvalidSetting` where it is for another model, or does not hold together.
    pub fn held(&mut self, plan: &Plan) -> Result<Planned> {
        let names = |bench: &Self| (0..bench.sites.len()).map(|s| bench.output(s)).collect::<Vec<_>>();
        let mut own = names(self);
        if !self.wish.gates && plan.layers.iter().any(|layer| !own.contains(&layer.output)) {
            self.set_wish(&super::ReplaceSettings { gates: true, ..self.wish.clone() })?;
            own = names(self);
        }
        let other = |why: &str, layer: &PlanLayer| {
            Error::new(Code::InvalidSetting, format!("the plan is for another model: {why}"))
                .value(layer.output.clone())
        };
        let mut drawn: Vec<Option<(Mask, &PlanLayer, Way)>> = vec![None; own.len()];
        for layer in &plan.layers {
            let site = own.iter().position(|name| *name == layer.output);
            let place = site.and_then(|site| self.sites.get(site).zip(drawn.get_mut(site)));
            let (activation, slot) = place.ok_or_else(|| other("it has no such activation", layer))?;
            if slot.is_some() {
                return Err(other("it names this activation twice", layer));
            }
            if layer.elements != activation.site.elements() {
                return Err(other("this activation has another size", layer));
            }
            *slot = Some((layer.checked(activation)?, layer, way_of(plan, layer)));
        }
        let mut draft = Draft { masks: Vec::new(), fits: Vec::new(), ways: Vec::new() };
        for (activation, entry) in self.sites.iter().zip(drawn) {
            let kept = || (Mask::whole(&activation.site, true), Vec::new(), super::fits::TRIAL, 0.0, 0.0);
            let (mask, rows, way, mse, outside) = entry.map_or_else(kept, |(mask, layer, way)| {
                let rows = layer.coefficients.clone();
                (mask, rows, way, layer.mse.unwrap_or(f64::NAN), layer.outside.unwrap_or(f64::NAN))
            });
            draft.masks.push(mask);
            draft.fits.push(Rc::new(Fitted { rows, errors: vec![mse], outside }));
            draft.ways.push(way);
        }
        let drawn = self.plan(&draft);
        let mut notes = Vec::new();
        if plan.hash != drawn.hash {
            notes.push(
                "the plan was made for a model of another structure; its names and sizes fit".to_owned(),
            );
        }
        let settings = plan.settings.clone();
        Ok(Planned { notes, ..self.told(Plan { settings, ..drawn }, &draft) })
    }
}

/// How a layer of a plan file was fitted; its degree is that of its coefficients.
fn way_of(plan: &Plan, layer: &PlanLayer) -> Way {
    let longest = layer.coefficients.iter().map(Vec::len).max().unwrap_or(0);
    Way { method: plan.method(layer).unwrap_or_default(), degree: longest.saturating_sub(1) }
}
