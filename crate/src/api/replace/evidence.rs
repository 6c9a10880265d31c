//! What policies ask for, measured by forward passes.
//!
//! What a layer or a stage is worth is tried out with one polynomial, whatever the plan takes
//! ([`trial_fits`](Workbench::trial_fits)), on the first samples of the data; SENet's score is of the
//! plan's own polynomials, on all of them.

use std::rc::Rc;

use super::bench::Workbench;
use super::compare::compare;
use super::data::samples;
use super::fits::{FitKey, Fitted, TRIAL};
use super::make::Draft;
use crate::error::{Code, Error, Result};
use crate::infer::session::ready;
use crate::infer::tensor::Tensor;
use crate::open::{EngineKind, RunOptions};
use crate::select::{
    Descent, Evidence, Mask, Policy, Problem, Selection, criticality_order, descend, senet_ratios,
};

impl Workbench {
    /// Everything that the policy needs and the data can tell.
    pub(super) async fn evidence(
        &mut self,
        policy: Policy,
        fits: &[Rc<Fitted>],
        notes: &mut Vec<String>,
    ) -> Result<Evidence> {
        let mut evidence = Evidence::default();
        let flows = self.flows().await?;
        let positive = |flow: &super::flow::Flow| flow.spreads(true).iter().map(|c| c.positive).collect();
        evidence.positive = flows.iter().map(positive).collect();
        evidence.error = fits.iter().map(|fit| fit.errors.clone()).collect();
        match policy {
            Policy::Error | Policy::Descent => evidence.sensitivity = self.sensitivity().await?,
            Policy::Senet => evidence.difference = self.difference(fits).await?,
            Policy::SenetRatios => {
                evidence.ratios = self.ratios(notes)?;
                evidence.difference = self.difference(fits).await?;
            }
            Policy::Criticality => evidence.stage_order = self.stage_order().await?,
            Policy::Balance | Policy::Uniform | Policy::Random => {}
        }
        Ok(evidence)
    }

    /// How layers are tried out: all stay but those that `gone` names.
    async fn trial(&mut self, gone: &dyn Fn(usize, u32) -> bool) -> Result<Draft> {
        let fits = self.trial_fits().await?;
        let keep = |(site, activation): (usize, &crate::select::Activation)| {
            Mask::whole(&activation.site, !gone(site, activation.site.stage))
        };
        let masks = self.sites.iter().enumerate().map(keep).collect();
        Ok(Draft { masks, fits, ways: vec![TRIAL; self.sites.len()] })
    }

    /// Loss of replacing one layer alone, over its squared error: by divergence of the outputs, or
    /// by their relative error where they are no scores. Empty without data.
    async fn sensitivity(&mut self) -> Result<Vec<f64>> {
        let count = self.trials()?;
        if let Some((_, known)) = self.seen.sensitivity.as_ref().filter(|(n, _)| *n == count) {
            return Ok(known.clone());
        }
        let Some((inputs, _)) = self.probe(count) else { return Ok(Vec::new()) };
        self.meter.expect((self.sites.len() as u64 + 1) * samples(&inputs));
        let before = self.first(None, &inputs).await?;
        let mut sensitivity = Vec::new();
        for site in 0..self.sites.len() {
            let draft = self.trial(&|other, _| other == site).await?;
            let spliced = self.splice(&draft)?;
            let loss = loss(&before, &self.first(Some(&spliced), &inputs).await?)?;
            let elements = self.sites.get(site).map_or(0, |a| a.site.elements());
            let squares = draft.fits.get(site).map_or(0.0, |fit| fit.error()) * elements as f64;
            sensitivity.push(if squares > 0.0 { loss / squares } else { 0.0 });
        }
        self.seen.sensitivity = Some((count, sensitivity.clone()));
        Ok(sensitivity)
    }

    /// SENet's score: |activation - replacement| of each element, summed over the data.
    async fn difference(&mut self, fits: &[Rc<Fitted>]) -> Result<Rc<[Vec<f32>]>> {
        let per_channel = self.wish.per_channel;
        let keys: Vec<FitKey> =
            (0..self.sites.len()).map(|site| self.fit_key(site, self.way(site), per_channel)).collect();
        if let Some((_, known)) = self.seen.difference.as_ref().filter(|(of, _)| *of == keys) {
            return Ok(Rc::clone(known));
        }
        let Some(data) = &self.data else { return Ok(Rc::default()) };
        self.meter.expect(samples(data));
        let mut sums: Vec<Vec<f32>> =
            self.sites.iter().map(|a| vec![0.0; a.site.elements() as usize]).collect();
        let sites = &self.sites;
        let mut see = |place: usize, _: &_, _, tensor: &Tensor| {
            let (Some(sum), Some(activation), Some(fit)) =
                (sums.get_mut(place), sites.get(place), fits.get(place))
            else {
                return;
            };
            let elements = sum.len().max(1);
            for sample in tensor.to_f32().chunks(elements) {
                for (element, (x, slot)) in sample.iter().zip(sum.iter_mut()).enumerate() {
                    let channel = activation.site.channel_of(element as u64) as usize;
                    let row = fit.rows.get(channel).or(fit.rows.first());
                    let x = f64::from(*x);
                    let replaced = row.map_or(0.0, |row| crate::poly::value(row, x));
                    *slot += (activation.target.value(x) - replaced).abs() as f32;
                }
            }
        };
        let names: Vec<String> = (0..sites.len()).map(|site| self.input(site)).collect();
        self.run(None, data, false, &names, &mut see).await?;
        let seen = sums.iter().flatten().any(|v| *v > 0.0);
        let sums: Rc<[Vec<f32>]> = if seen { sums.into() } else { Rc::default() };
        self.seen.difference = Some((keys, Rc::clone(&sums)));
        Ok(sums)
    }

    fn ratios(&self, notes: &mut Vec<String>) -> Result<Vec<f64>> {
        let lists = senet_ratios();
        let fitting = || lists.iter().filter(|list| list.ratios.len() == self.sites.len());
        let found = match &self.wish.ratios {
            Some(name) => lists.iter().find(|list| list.name == name),
            None => fitting().next(),
        };
        let known = || {
            let names: Vec<&str> = fitting().map(|list| list.name).collect();
            if names.is_empty() {
                "none fits this model".to_owned()
            } else {
                format!("of this length: {}", names.join(", "))
            }
        };
        match found.filter(|list| list.ratios.len() == self.sites.len()) {
            Some(list) => {
                notes.push(format!("ratios of {}", list.name));
                Ok(list.ratios.clone())
            }
            None => Err(Error::new(
                Code::InvalidSetting,
                format!("no list of SENet has {} layers", self.sites.len()),
            )
            .hint(known())),
        }
    }

    /// DeepReDuce's order, from the accuracy of keeping each stage alone; empty without labels.
    async fn stage_order(&mut self) -> Result<Vec<u32>> {
        let count = self.trials()?;
        if let Some((_, known)) = self.seen.stage_order.as_ref().filter(|(n, _)| *n == count) {
            return Ok(known.clone());
        }
        let Some((inputs, Some(labels))) = self.probe(count) else { return Ok(Vec::new()) };
        let mut stages: Vec<u32> = self.sites.iter().map(|a| a.site.stage).collect();
        stages.sort_unstable();
        stages.dedup();
        self.meter.expect(stages.len() as u64 * samples(&inputs));
        let mut measured = Vec::new();
        for stage in stages {
            let draft = self.trial(&|_, other| other != stage).await?;
            let spliced = self.splice(&draft)?;
            let scores = self.first(Some(&spliced), &inputs).await?;
            let accuracy = crate::infer::accuracy::accuracy(&scores, &labels)?.top1;
            let own = self.sites.iter().filter(|a| a.site.stage == stage);
            measured.push((stage, accuracy, own.map(|a| a.site.elements()).sum()));
        }
        let order = criticality_order(&measured);
        self.seen.stage_order = Some((count, order.clone()));
        Ok(order)
    }

    /// Block coordinate descent; every block is judged by a run of the changed model.
    pub(super) async fn descend(&mut self, problem: &Problem<'_>, fits: &[Rc<Fitted>]) -> Result<Selection> {
        let count = self.trials()?;
        let Some((inputs, _)) = self.probe(count) else {
            return Err(Error::new(Code::InvalidSetting, "a descent needs data").hint("--data x.npy"));
        };
        let (rounds, candidates) = self.wish.descent;
        self.meter.expect((rounds as u64 * candidates as u64 + 1) * samples(&inputs));
        // Runs on the CPU answer at once.
        let cpu = RunOptions { engine: EngineKind::Cpu, ..self.run_options() };
        let before = self.first_on(&cpu, None, &inputs).await?;
        let bench: &Self = self;
        let mut evaluate = |masks: &[Mask]| {
            let draft = Draft { masks: masks.to_vec(), fits: fits.to_vec(), ways: bench.ways.clone() };
            let spliced = bench.splice(&draft)?;
            loss(&before, &ready(bench.first_on(&cpu, Some(&spliced), &inputs))?)
        };
        descend(problem, Descent { rounds, candidates }, &mut evaluate)
    }
}

fn loss(before: &Tensor, after: &Tensor) -> Result<f64> {
    let compared = compare(before, after, None)?;
    Ok(compared.kl.unwrap_or(compared.relative_error))
}
