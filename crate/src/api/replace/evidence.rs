//! What policies ask for, measured by forward passes.

use super::bench::{Draft, Fitted, Workbench};
use super::compare::compare;
use crate::error::{Code, Error, Result};
use crate::infer::session::ready;
use crate::infer::tensor::Tensor;
use crate::select::{
    Descent, Evidence, Mask, Policy, Problem, Selection, criticality_order, descend, senet_ratios,
};

impl Workbench<'_> {
    /// Everything that the policy needs and the data can tell.
    pub(super) async fn evidence(&mut self, policy: Policy) -> Result<Evidence> {
        let mut evidence = Evidence::default();
        let flows = self.flows().await?;
        let mut fits = Vec::new();
        for (site, flow) in flows.iter().enumerate() {
            fits.push(self.fit(site, flow)?);
        }
        evidence.positive =
            flows.iter().map(|flow| flow.channels.iter().map(|c| c.positive).collect()).collect();
        evidence.error = fits.iter().map(|fit| fit.errors.clone()).collect();
        match policy {
            Policy::Error | Policy::Descent => evidence.sensitivity = self.sensitivity(&fits).await?,
            Policy::Senet | Policy::SenetRatios => {
                evidence.difference = self.difference(&fits).await?;
                if policy == Policy::SenetRatios {
                    evidence.ratios = self.ratios()?;
                }
            }
            Policy::Criticality => evidence.stage_order = self.stage_order(&fits).await?,
            Policy::Balance | Policy::Uniform | Policy::Random => {}
        }
        Ok(evidence)
    }

    /// Masks that keep everything.
    fn all_kept(&self) -> Vec<Mask> {
        self.sites.iter().map(|a| Mask::whole(&a.site, true)).collect()
    }

    /// Loss of replacing one layer alone, over its squared error: by divergence of the outputs, or
    /// by their relative error where they are no scores. Empty without data.
    async fn sensitivity(&self, fits: &[Fitted]) -> Result<Vec<f64>> {
        let Some((inputs, _)) = self.probe()? else { return Ok(Vec::new()) };
        let before = self.first(None, &inputs).await?;
        let mut sensitivity = Vec::new();
        for (site, (activation, fit)) in self.sites.iter().zip(fits).enumerate() {
            let mut masks = self.all_kept();
            if let Some(mask) = masks.get_mut(site) {
                *mask = Mask::whole(&activation.site, false);
            }
            let spliced = self.splice(&Draft { masks, fits: fits.to_vec() })?;
            let loss = loss(&before, &self.first(Some(&spliced), &inputs).await?)?;
            let mean = fit.errors.iter().sum::<f64>() / fit.errors.len().max(1) as f64;
            let squares = mean * activation.site.elements() as f64;
            sensitivity.push(if squares > 0.0 { loss / squares } else { 0.0 });
        }
        Ok(sensitivity)
    }

    /// SENet's score: |activation - replacement| of each element, summed over the data.
    async fn difference(&self, fits: &[Fitted]) -> Result<Vec<Vec<f32>>> {
        let mut sums: Vec<Vec<f32>> =
            self.sites.iter().map(|a| vec![0.0; a.site.elements() as usize]).collect();
        let sites = &self.sites;
        let mut see = |place: usize, tensor: &Tensor| {
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
        self.show(&mut see).await?;
        let seen = sums.iter().flatten().any(|v| *v > 0.0);
        Ok(if seen { sums } else { Vec::new() })
    }

    fn ratios(&mut self) -> Result<Vec<f64>> {
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
                let note = format!("ratios of {}", list.name);
                self.notes.push(note);
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
    async fn stage_order(&self, fits: &[Fitted]) -> Result<Vec<u32>> {
        let Some((inputs, Some(labels))) = self.probe()? else { return Ok(Vec::new()) };
        let mut stages: Vec<u32> = self.sites.iter().map(|a| a.site.stage).collect();
        stages.dedup();
        stages.sort_unstable();
        stages.dedup();
        let mut measured = Vec::new();
        for stage in stages {
            let keep = |stage_here: u32| stage_here == stage;
            let masks = self.sites.iter().map(|a| Mask::whole(&a.site, keep(a.site.stage))).collect();
            let spliced = self.splice(&Draft { masks, fits: fits.to_vec() })?;
            let scores = self.first(Some(&spliced), &inputs).await?;
            let accuracy = crate::infer::accuracy::accuracy(&scores, &labels)?.top1;
            let own = self.sites.iter().filter(|a| a.site.stage == stage);
            measured.push((stage, accuracy, own.map(|a| a.site.elements()).sum()));
        }
        Ok(criticality_order(&measured))
    }

    /// Block coordinate descent; every block is judged by a run of the changed model.
    pub(super) async fn descend(&mut self, problem: &Problem<'_>) -> Result<Selection> {
        let Some((inputs, _)) = self.probe()? else {
            return Err(Error::new(Code::InvalidSetting, "a descent needs data").hint("--data x.npy"));
        };
        let before = self.first(None, &inputs).await?;
        let flows = self.flows().await?;
        let mut fits = Vec::new();
        for (site, flow) in flows.iter().enumerate() {
            fits.push(self.fit(site, flow)?);
        }
        let (rounds, candidates) = self.wish.descent;
        let bench: &Self = self;
        let mut evaluate = |masks: &[Mask]| {
            let spliced = bench.splice(&Draft { masks: masks.to_vec(), fits: fits.clone() })?;
            // Runs on the CPU answer at once.
            loss(&before, &ready(bench.first(Some(&spliced), &inputs))?)
        };
        descend(problem, Descent { rounds, candidates }, &mut evaluate)
    }
}

fn loss(before: &Tensor, after: &Tensor) -> Result<f64> {
    let compared = compare(before, after, None)?;
    Ok(compared.kl.unwrap_or(compared.relative_error))
}
