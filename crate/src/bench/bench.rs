//! The bench: a model's files, samples, and what they told before. Each stage is a function of what it needs;
//! the bench asks the cache first, and lives across questions.

use std::rc::Rc;

use super::budget::priced;
use super::cache::{Cache, FitKey, FlowKey, TrialKey};
use super::choice::{by_descent, refit};
use super::compare::{Compared, compare};
use super::cost::{self, CostChange};
use super::draft::Draft;
use super::evidence::{difference, ratios, sensitivity, stage_order};
use super::fit::{Fitted, TRIAL, Way, fit, nothing};
use super::flow::{Flow, observe};
use super::made::{Figures, Made};
use super::measure::{SideBySide, measure};
use super::meter::Meter;
use super::network::{Counted, Network};
use super::numbers;
use super::question::Question;
use super::run::Runs;
use super::samples::{Samples, samples, trial_samples};
use super::wish::BudgetUnit;
use crate::cost::Terms;
use crate::error::{Code, Error, Result};
use crate::onnx::Spliced;
use crate::run::tensor::Tensor;
use crate::select::{Evidence, Granularity, Policy, Problem, select};

/// A model, its samples, and what was told of them.
pub struct Bench {
    /// The model.
    pub network: Network,
    /// The samples.
    pub samples: Samples,
    cache: Cache,
}

impl Bench {
    /// Nothing is known yet; every input is taken as standard normal.
    pub fn new(network: Network) -> Self {
        Self { network, samples: Samples::default(), cache: Cache::default() }
    }

    fn flow_key(&self, question: &Question) -> FlowKey {
        FlowKey { data: self.samples.version().data, gates: question.wish.gates }
    }

    /// The work of the network.
    fn counted(&mut self) -> Rc<Counted> {
        Rc::clone(self.cache.counted.get_or_insert_with(|| Rc::new(self.network.counted())))
    }

    /// What flows in everywhere, in the original.
    pub async fn flows(&mut self, question: &Question, meter: &Meter) -> Result<Rc<[Flow]>> {
        let key = self.flow_key(question);
        if let Some(flows) = self.cache.flows.get(&key) {
            return Ok(flows);
        }
        let runs = Runs::new(&self.network, meter);
        let flows = observe(&runs, self.samples.data(), &question.sites, None).await?;
        Ok(self.cache.flows.keep(key, flows.into()))
    }

    /// Polynomials of every layer for that, each by its way.
    async fn fits(
        &mut self,
        question: &Question,
        meter: &Meter,
        ways: &[Way],
        per_channel: bool,
    ) -> Result<Vec<Rc<Fitted>>> {
        let flows = self.flows(question, meter).await?;
        let of = self.flow_key(question);
        let mut fits = Vec::with_capacity(flows.len());
        for (site, ((activation, flow), way)) in question.sites.iter().zip(&*flows).zip(ways).enumerate() {
            let key = FitKey::new(site, *way, per_channel);
            fits.push(match self.cache.fit(of, &key) {
                Some(known) => known,
                None => self.cache.keep_fit(of, key, Rc::new(fit(activation, flow, *way, per_channel)?)),
            });
        }
        Ok(fits)
    }

    /// What a policy judges: the polynomials, or nothing at all where outputs are dropped with the places that go.
    async fn judged(
        &mut self,
        question: &Question,
        meter: &Meter,
        fits: &[Rc<Fitted>],
    ) -> Result<Vec<Rc<Fitted>>> {
        if !question.wish.drop_outputs {
            return Ok(fits.to_vec());
        }
        let flows = self.flows(question, meter).await?;
        let sites = question.sites.iter().zip(&*flows);
        Ok(sites.map(|(activation, flow)| Rc::new(nothing(activation, flow))).collect())
    }

    /// The same as layers are tried out.
    async fn trial_fits(&mut self, question: &Question, meter: &Meter) -> Result<Vec<Rc<Fitted>>> {
        self.fits(question, meter, &vec![TRIAL; question.sites.len()], true).await
    }

    /// What trials hang on: so many samples as were asked for, or as the network's size allows.
    fn trial_key(&mut self, question: &Question) -> TrialKey {
        let count = match question.wish.probe {
            Some(asked) => asked.max(1),
            None => trial_samples(question.sites.len(), self.counted().macs),
        };
        TrialKey { samples: self.samples.version(), gates: question.wish.gates, count }
    }

    /// Everything that the policy needs and the data can tell; empty where they cannot.
    async fn evidence(
        &mut self,
        question: &Question,
        meter: &Meter,
        policy: Policy,
        fits: &[Rc<Fitted>],
        notes: &mut Vec<String>,
    ) -> Result<Evidence> {
        let flows = self.flows(question, meter).await?;
        let positive = |flow: &Flow| flow.spreads(true).iter().map(|c| c.positive).collect();
        let mut evidence = Evidence {
            positive: flows.iter().map(positive).collect(),
            error: fits.iter().map(|fit| fit.errors.clone()).collect(),
            ..Evidence::default()
        };
        match policy {
            Policy::Error | Policy::Descent => {
                evidence.sensitivity = self.sensitivity(question, meter).await?
            }
            Policy::Senet => evidence.difference = self.difference(question, meter, fits).await?,
            Policy::SenetRatios => {
                let (ratios, note) = ratios(question.wish.ratios.as_deref(), question.sites.len())?;
                notes.push(note);
                evidence.ratios = ratios;
                evidence.difference = self.difference(question, meter, fits).await?;
            }
            Policy::Criticality => evidence.stage_order = self.stage_order(question, meter).await?,
            Policy::Balance | Policy::Uniform | Policy::Random | Policy::Nested => {}
        }
        Ok(evidence)
    }

    async fn sensitivity(&mut self, question: &Question, meter: &Meter) -> Result<Vec<f64>> {
        let key = self.trial_key(question);
        if let Some(known) = self.cache.sensitivity.get(&key) {
            return Ok(known);
        }
        let Some((inputs, _)) = self.samples.trial(&self.network.graph, key.count) else {
            return Ok(Vec::new());
        };
        let fits = self.trial_fits(question, meter).await?;
        let runs = Runs::new(&self.network, meter);
        let told = sensitivity(&runs, &question.sites, &fits, &inputs).await?;
        Ok(self.cache.sensitivity.keep(key, told))
    }

    async fn stage_order(&mut self, question: &Question, meter: &Meter) -> Result<Vec<u32>> {
        let key = self.trial_key(question);
        if let Some(known) = self.cache.stage_order.get(&key) {
            return Ok(known);
        }
        let Some((inputs, Some(labels))) = self.samples.trial(&self.network.graph, key.count) else {
            return Ok(Vec::new());
        };
        let fits = self.trial_fits(question, meter).await?;
        let runs = Runs::new(&self.network, meter);
        let told = stage_order(&runs, &question.sites, &fits, &inputs, &labels).await?;
        Ok(self.cache.stage_order.keep(key, told))
    }

    async fn difference(
        &mut self,
        question: &Question,
        meter: &Meter,
        fits: &[Rc<Fitted>],
    ) -> Result<Rc<[Vec<f32>]>> {
        let of = question.ways.iter().enumerate();
        let of = of.map(|(site, way)| FitKey::new(site, *way, question.wish.per_channel)).collect();
        let key = (self.flow_key(question), of, question.wish.drop_outputs);
        if let Some(known) = self.cache.difference.get(&key) {
            return Ok(known);
        }
        let Some(data) = self.samples.data() else { return Ok(Rc::default()) };
        let runs = Runs::new(&self.network, meter);
        let told = difference(&runs, &question.sites, fits, data).await?;
        Ok(self.cache.difference.keep(key, told))
    }

    /// What a question comes to. The first of a policy may run the model; it is never spliced but for trials.
    ///
    /// # Errors
    /// What the settings, the data or the engine are at fault with.
    pub async fn made(&mut self, question: &Question, meter: &Meter) -> Result<Rc<Made>> {
        let wish = &question.wish;
        let key = (wish.clone(), self.samples.version());
        if let Some(made) = self.cache.made.get(&key) {
            return Ok(made);
        }
        let fits = self.fits(question, meter, &question.ways, wish.per_channel).await?;
        let counted = if wish.unit == BudgetUnit::Relus { None } else { Some(self.counted()) };
        let rows = counted.as_ref().map_or(&[][..], |counted| &counted.rows);
        let (sites, budget) = priced(wish, &question.sites, &fits, rows)?;
        let granularity: Granularity = wish.granularity.parse()?;
        let policy: Policy = wish.policy.parse()?;
        let mut notes = Vec::new();
        if self.samples.data().is_none() {
            notes.push("no data: every input is taken as normal with mean 0 and deviation 1".to_owned());
        }
        #[cfg(feature = "cli")]
        notes.extend(question.dropped_notes());
        let judged = self.judged(question, meter, &fits).await?;
        let evidence = self.evidence(question, meter, policy, &judged, &mut notes).await?;
        let problem =
            Problem { sites: &sites, granularity, budget, policy, evidence: &evidence, seed: wish.seed };
        let chosen = match policy {
            Policy::Descent => {
                let count = self.trial_key(question).count;
                let inputs = self.samples.trial(&self.network.graph, count).map(|(inputs, _)| inputs);
                let runs = Runs::new(&self.network, meter);
                by_descent(&runs, question, &problem, &fits, inputs.as_ref()).await?
            }
            _ => select(&problem)?,
        };
        let drops = wish.drop_outputs;
        let mut draft = Draft { masks: chosen.masks, fits, ways: question.ways.clone(), drops };
        if let Some(data) = self.samples.data().filter(|_| wish.sequential) {
            refit(&Runs::new(&self.network, meter), question, data, &mut draft).await?;
        }
        let made = Made::of(&self.network, question, draft);
        let figures =
            Figures { budget, spent: chosen.cost, exact: chosen.exact, front: chosen.front, ..made.figures };
        Ok(self.cache.made.keep(key, Rc::new(Made { figures, notes, ..made })))
    }

    /// First outputs of the original on the samples for judging, and of a changed model, compared; None
    /// without data. The original is run once.
    ///
    /// # Errors
    /// As running.
    pub async fn compared(&mut self, changed: &Spliced, meter: &Meter) -> Result<Option<Compared>> {
        let Some((inputs, labels)) = self.samples.judged(&self.network.graph) else { return Ok(None) };
        let version = self.samples.version();
        let known = self.cache.original.get(&version);
        meter.expect(if known.is_none() { 2 } else { 1 } * samples(&inputs));
        let runs = Runs::new(&self.network, meter);
        let before = match known {
            Some(known) => known,
            None => self.cache.original.keep(version, runs.first(None, &inputs).await?),
        };
        let now = runs.first(Some(changed), &inputs).await?;
        compare(&before, &now, labels.as_ref()).map(Some)
    }

    /// What a reader must know of a changed model before it is taken away: that it gives NaN or infinity on the first
    /// samples, or on random inputs where there are none, or that it was not run.
    ///
    /// # Errors
    /// `MissingData` of an example.
    pub async fn doubt(
        &mut self,
        question: &Question,
        changed: &Spliced,
        meter: &Meter,
    ) -> Result<Option<String>> {
        self.network.file()?;
        let macs = self.counted().macs;
        let count = numbers::count(macs).unwrap_or(1);
        let data = self.samples.trial(&self.network.graph, count).map(|(inputs, _)| inputs);
        let runs = Runs::new(&self.network, meter).on_cpu();
        Ok(numbers::doubt(&runs, &question.sites, changed, data, macs).await)
    }

    /// The original and a draft side by side.
    ///
    /// # Errors
    /// `MissingData` without samples or weights; as running.
    pub async fn measured(
        &mut self,
        question: &Question,
        draft: &Draft,
        meter: &Meter,
    ) -> Result<SideBySide> {
        let changed = draft.splice(&self.network, &question.sites, None)?;
        let judged = self.samples.judged(&self.network.graph).ok_or_else(|| {
            Error::new(Code::MissingData, "there are no samples to measure on").hint("choose data")
        })?;
        let runs = Runs::new(&self.network, meter);
        let (measured, original): (SideBySide, Tensor) =
            measure(&runs, &question.sites, &changed, &judged).await?;
        self.cache.original.keep(self.samples.version(), original);
        Ok(measured)
    }

    /// Costs of the original and of a changed model under every protocol of the terms.
    ///
    /// # Errors
    /// `MissingData` of an example; as pricing.
    pub fn costs(&mut self, changed: &Spliced, terms: &Terms) -> Result<Vec<CostChange>> {
        if terms.protocols.is_empty() {
            return Ok(Vec::new());
        }
        let after = self.network.counted_changed(changed)?;
        cost::change(&self.counted().rows, &after.rows, terms)
    }

    /// Costs of the original and of AESPA's form of it under every protocol of the terms.
    ///
    /// # Errors
    /// As pricing.
    pub fn folded(&mut self, terms: &Terms) -> Result<Vec<CostChange>> {
        cost::folded(&self.counted().rows, terms)
    }
}
