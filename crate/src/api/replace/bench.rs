//! The bench on which plans are made: a model, its activations, data, and runs of changed models.

use std::ops::ControlFlow;

use super::compare::{Compared, compare};
use super::costs;
use super::{BudgetUnit, ReplaceLayer, ReplaceReport, ReplaceSettings};
use crate::api::model::{Model, NamedFile, model_among};
use crate::api::plan::{PLAN_SCHEMA, Plan, PlanLayer, PlanMask, shaped};
use crate::api::run::RunSession;
use crate::api::settings::Settings;
use crate::error::{Code, Error, Result};
use crate::infer::session::RunAsk;
use crate::infer::stats::{Summary, ValueStats};
use crate::infer::tensor::Tensor;
use crate::ir::graph::{Graph, ValueId};
use crate::ir::hash::structural_hash;
use crate::onnx::{self, ModelProto, Spliced, SplicedFile};
use crate::poly::{self, Distribution, Histogram, Method, Spec};
use crate::select::{Activation, Granularity, Mask, Policy, Problem, Site, activations, select};

/// Arrays by the names of inputs.
pub(super) type Arrays = Vec<(String, Tensor)>;

/// What flows into one activation.
#[derive(Clone, Debug)]
pub(super) struct Flow {
    /// By channel; one where the value has no channels or nothing was run.
    pub(super) channels: Vec<Spread>,
}

/// One channel.
#[derive(Clone, Debug)]
pub(super) struct Spread {
    pub(super) law: Distribution,
    /// What was seen; None where nothing was, or one value only.
    seen: Option<Distribution>,
    /// Share of positive inputs.
    pub(super) positive: f64,
}

/// Polynomials of one activation.
#[derive(Clone, Debug)]
pub(super) struct Fitted {
    pub(super) rows: Vec<Vec<f64>>,
    /// Expected squared error of an element, by channel.
    pub(super) errors: Vec<f64>,
    /// Share outside the fitted range, all channels.
    pub(super) outside: f64,
}

/// What is done to each activation.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) masks: Vec<Mask>,
    pub(super) fits: Vec<Fitted>,
}

/// A model on the bench.
pub struct Workbench<'a> {
    files: &'a [NamedFile<'a>],
    place: usize,
    settings: &'a Settings,
    pub(super) wish: ReplaceSettings,
    proto: ModelProto,
    pub(super) graph: Graph,
    pub(super) sites: Vec<Activation>,
    /// For statistics.
    data: Option<Arrays>,
    /// For judging, with labels.
    test: Option<Arrays>,
    pub(super) labels: Option<Tensor>,
    original: Option<Tensor>,
    flows: Option<Vec<Flow>>,
    pub(super) notes: Vec<String>,
}

impl<'a> Workbench<'a> {
    /// Opens the model among the files. `data` is for statistics, `test` (where given) and `labels`
    /// for judging; labels inside an .npz are found.
    ///
    /// # Errors
    /// What is wrong with the file or a setting.
    pub fn open(
        files: &'a [NamedFile<'a>],
        settings: &'a Settings,
        wish: &ReplaceSettings,
        data: Option<Arrays>,
        test: Option<Arrays>,
        labels: Option<Tensor>,
    ) -> Result<Self> {
        let place = model_among(files.iter().map(|f| f.name.as_str()));
        let file = files.get(place).ok_or_else(|| Error::new(Code::EmptyFile, "there is no file"))?;
        let skeleton = onnx::open(&file.name, file.bytes, &mut go)?;
        let graph = shaped(&skeleton.model, settings)?;
        let sites: Vec<Activation> =
            activations(&graph).into_iter().filter(|a| wish.gates || !a.gate).collect();
        if sites.is_empty() {
            return Err(Error::new(Code::NotSupported, "no activation of this model can be replaced")
                .file(&file.name)
                .hint("ReLU, ReLU6, LeakyReLU, SiLU, GELU and HardSwish of known shape can"));
        }
        let mut notes = Vec::new();
        if data.is_none() {
            notes.push("no data: every input is taken as normal with mean 0 and deviation 1".to_owned());
        }
        let wish = wish.clone();
        Ok(Self {
            files,
            place,
            settings,
            wish,
            proto: skeleton.model,
            graph,
            sites,
            data,
            test,
            labels,
            original: None,
            flows: None,
            notes,
        })
    }

    fn file(&self) -> Result<&NamedFile<'a>> {
        self.files.get(self.place).ok_or_else(|| Error::new(Code::EmptyFile, "there is no file"))
    }

    /// Names of the values that activations make.
    pub(super) fn output(&self, site: usize) -> String {
        self.sites.get(site).map(|a| self.graph.value(a.output).name.clone()).unwrap_or_default()
    }

    /// A session of the model, or of a changed one.
    async fn session(&self, changed: Option<&Spliced>) -> Result<RunSession> {
        let original = self.file()?;
        let whole = Spliced::default();
        let source = SplicedFile::new(changed.unwrap_or(&whole), original.bytes);
        let files: Vec<NamedFile<'_>> = self
            .files
            .iter()
            .enumerate()
            .map(|(place, file)| NamedFile {
                name: file.name.clone(),
                bytes: if place == self.place && changed.is_some() { &source } else { file.bytes },
            })
            .collect();
        RunSession::open(&files, self.settings, &self.wish.run, &mut go)
    }

    /// Runs on arrays; gives the first output, shows each wanted value to `watch`.
    async fn run(
        &self,
        changed: Option<&Spliced>,
        arrays: &Arrays,
        output: bool,
        watched: &[String],
        watch: &mut dyn FnMut(usize, &Graph, ValueId, &Tensor),
    ) -> Result<Option<Tensor>> {
        let mut session = self.session(changed).await?;
        let given = session.given(arrays.clone(), None)?;
        let model = &session.session.model;
        let outputs = if output { model.graph.outputs.iter().copied().take(1).collect() } else { Vec::new() };
        let mut ids = Vec::new();
        for name in watched {
            ids.push(model.find(name).ok_or_else(|| {
                Error::new(Code::NotSupported, "the changed model lost a value").value(name.clone())
            })?);
        }
        let graph = model.graph.clone();
        let ask = RunAsk { outputs, watched: ids.clone(), timings: false };
        let mut sink = |id: ValueId, tensor: &Tensor| {
            for (place, wanted) in ids.iter().enumerate() {
                if *wanted == id {
                    watch(place, &graph, id, tensor);
                }
            }
            Ok(())
        };
        let ran = session.session.run(given.inputs, &ask, &mut sink, &mut go).await?;
        Ok(ran.outputs.into_iter().next().map(|(_, tensor)| tensor))
    }

    /// What flows into some activations.
    pub(super) async fn observe(&self, changed: Option<&Spliced>, sites: &[usize]) -> Result<Vec<Flow>> {
        let Some(data) = &self.data else {
            let law = Distribution::Normal { mean: 0.0, std: 1.0 };
            let spread = Spread { law, seen: None, positive: 0.5 };
            return Ok(sites.iter().map(|_| Flow { channels: vec![spread.clone()] }).collect());
        };
        let mut seen: Vec<Option<ValueStats>> = vec![None; sites.len()];
        let mut positive: Vec<Vec<u64>> = vec![Vec::new(); sites.len()];
        let names: Vec<String> = sites.iter().map(|s| self.input(*s)).collect();
        let mut watch = |place: usize, graph: &Graph, id: ValueId, tensor: &Tensor| {
            let (Some(stats), Some(above)) = (seen.get_mut(place), positive.get_mut(place)) else { return };
            let stats = stats.get_or_insert_with(|| ValueStats::new(graph, id));
            stats.add(tensor);
            above.resize(stats.channels.len(), 0);
            let axis = stats.axis.filter(|axis| *axis < tensor.shape().len());
            let inner: usize =
                axis.map_or(tensor.len(), |axis| tensor.shape().iter().skip(axis + 1).product());
            for (index, value) in tensor.to_f32().iter().enumerate() {
                let channel = (index / inner.max(1)) % above.len().max(1);
                if let Some(count) = above.get_mut(channel) {
                    *count += u64::from(*value > 0.0);
                }
            }
        };
        self.run(changed, data, false, &names, &mut watch).await?;
        let flow = |(stats, above): (Option<ValueStats>, Vec<u64>)| {
            let stats =
                stats.ok_or_else(|| Error::new(Code::NotSupported, "a layer was not seen in the run"))?;
            let channels = if self.wish.per_channel { stats.channels.clone() } else { vec![stats.total()] };
            let spread = |(place, summary): (usize, &Summary)| {
                let positive: u64 = match self.wish.per_channel {
                    true => above.get(place).copied().unwrap_or(0),
                    false => above.iter().sum(),
                };
                let (mean, std) = (summary.mean, summary.std());
                let h = &summary.histogram;
                let counts = h.counts().to_vec();
                let high = h.low() + h.width() * counts.len() as f64;
                let measured = Histogram { low: h.low(), high, counts };
                let usable = std > 0.0 && measured.low < measured.high;
                let seen = usable.then_some(Distribution::Histogram(measured));
                let law = match (self.method(), &seen) {
                    (Ok(Method::Fit), Some(seen)) => seen.clone(),
                    _ => Distribution::Normal { mean, std },
                };
                Spread { law, seen, positive: positive as f64 / summary.count.max(1) as f64 }
            };
            Ok(Flow { channels: channels.iter().enumerate().map(spread).collect() })
        };
        seen.into_iter().zip(positive).map(flow).collect()
    }

    fn method(&self) -> Result<Method> {
        self.wish.method.parse()
    }

    fn input(&self, site: usize) -> String {
        self.sites.get(site).map(|a| self.graph.value(a.input).name.clone()).unwrap_or_default()
    }

    /// Polynomials for what flows in.
    pub(super) fn fit(&self, site: usize, flow: &Flow) -> Result<Fitted> {
        let activation =
            self.sites.get(site).ok_or_else(|| Error::new(Code::InvalidSetting, "no such layer"))?;
        let method = self.method()?;
        if method == Method::Sign {
            return Err(Error::new(
                Code::NotSupported,
                "a chain of polynomials cannot be written into a model yet",
            )
            .hint("choose another method"));
        }
        let mut fitted = Fitted { rows: Vec::new(), errors: Vec::new(), outside: 0.0 };
        for channel in &flow.channels {
            let fit =
                poly::fit(&Spec::new(activation.target, method, self.wish.degree, channel.law.clone()))?;
            fitted.rows.push(fit.coefficients);
            fitted.errors.push(fit.measured.mse);
            let outside = channel.seen.as_ref().map_or(fit.measured.outside, |seen| seen.outside(fit.range));
            fitted.outside += outside / flow.channels.len() as f64;
        }
        Ok(fitted)
    }

    /// What flows in everywhere, in the original.
    pub(super) async fn flows(&mut self) -> Result<Vec<Flow>> {
        if let Some(flows) = &self.flows {
            return Ok(flows.clone());
        }
        let all: Vec<usize> = (0..self.sites.len()).collect();
        let flows = self.observe(None, &all).await?;
        self.flows = Some(flows.clone());
        Ok(flows)
    }

    /// The plan of a draft.
    pub(super) fn plan(&self, draft: &Draft) -> Plan {
        let layer = |(index, activation): (usize, &Activation)| {
            let whole = Mask::whole(&activation.site, true);
            let mask = draft.masks.get(index).unwrap_or(&whole);
            let (elements, kept) = (activation.site.elements(), mask.kept(&activation.site));
            let fit = draft.fits.get(index).filter(|_| kept < elements);
            let mean = |f: &Fitted| f.errors.iter().sum::<f64>() / f.errors.len().max(1) as f64;
            PlanLayer {
                output: self.output(index),
                node: self.graph.label(self.graph.node(activation.node)),
                target: activation.target.name().to_owned(),
                elements,
                kept,
                mask: mask.uniform().is_none().then(|| PlanMask::of(mask)),
                coefficients: fit.map(|f| f.rows.clone()).unwrap_or_default(),
                mse: fit.map(mean),
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

    /// The changed model of a draft.
    pub(super) fn splice(&self, draft: &Draft) -> Result<Spliced> {
        self.plan(draft).splice(self.file()?, &self.proto, &self.graph, &mut go)
    }

    /// Fits what the masks replace, each layer after those before it where so wished.
    async fn draft(&mut self, masks: Vec<Mask>) -> Result<Draft> {
        let flows = self.flows().await?;
        let mut fits = Vec::new();
        for (site, flow) in flows.iter().enumerate() {
            fits.push(self.fit(site, flow)?);
        }
        let mut draft = Draft { masks, fits };
        if !self.wish.sequential || self.data.is_none() {
            return Ok(draft);
        }
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
            let flow = self.observe(Some(&spliced), &[site]).await?;
            if let (Some(flow), Some(slot)) = (flow.first(), draft.fits.get_mut(site)) {
                *slot = self.fit(site, flow)?;
            }
        }
        Ok(draft)
    }

    /// First outputs of the original on the test data, and of a changed model, compared.
    pub(super) async fn compared(&mut self, changed: &Spliced) -> Result<Option<Compared>> {
        let Some(test) = self.test.clone().or_else(|| self.data.clone()) else { return Ok(None) };
        let (inputs, labels) = self.split(test)?;
        if self.original.is_none() {
            self.original = self.run(None, &inputs, true, &[], &mut |_, _, _, _| {}).await?;
        }
        let now = self.run(Some(changed), &inputs, true, &[], &mut |_, _, _, _| {}).await?;
        match (&self.original, now) {
            (Some(before), Some(now)) => Ok(Some(compare(before, &now, labels.as_ref())?)),
            _ => Ok(None),
        }
    }

    /// Arrays that are inputs, and labels.
    fn split(&self, arrays: Arrays) -> Result<(Arrays, Option<Tensor>)> {
        let mut labels = self.labels.clone();
        let mut inputs = Vec::new();
        for (name, tensor) in arrays {
            let label = matches!(name.as_str(), "y" | "label" | "labels" | "y_test" | "target" | "targets");
            let input = self.graph.inputs.iter().any(|v| self.graph.value(*v).name == name);
            if label && !input {
                labels = labels.or(Some(tensor));
            } else {
                inputs.push((name, tensor));
            }
        }
        Ok((inputs, labels))
    }

    /// The first samples of the data, for evaluations.
    pub(super) fn probe(&self) -> Result<Option<(Arrays, Option<Tensor>)>> {
        let own = self.test.clone().filter(|_| self.labels.is_some());
        let Some(data) = own.or_else(|| self.data.clone()) else { return Ok(None) };
        let (inputs, labels) = self.split(data)?;
        let count = self.wish.probe.max(1);
        let cut = |tensor: Tensor| {
            let rows = tensor.shape().first().copied().unwrap_or(1);
            if rows > count { tensor.rows(0, count) } else { tensor }
        };
        let inputs = inputs.into_iter().map(|(name, tensor)| (name, cut(tensor))).collect();
        Ok(Some((inputs, labels.map(cut))))
    }

    /// First output of a changed model on given arrays.
    pub(super) async fn first(&self, changed: Option<&Spliced>, arrays: &Arrays) -> Result<Tensor> {
        let output = self.run(changed, arrays, true, &[], &mut |_, _, _, _| {}).await?;
        output.ok_or_else(|| Error::new(Code::NotSupported, "the model has no output"))
    }

    /// Shows the inputs of all activations on the data.
    pub(super) async fn show(&self, see: &mut dyn FnMut(usize, &Tensor)) -> Result<()> {
        let Some(data) = &self.data else { return Ok(()) };
        let names: Vec<String> = (0..self.sites.len()).map(|s| self.input(s)).collect();
        self.run(None, data, false, &names, &mut |place, _, _, tensor| see(place, tensor)).await?;
        Ok(())
    }

    /// Sites with cost units, the budget in them, and what the network costs whatever stays.
    fn priced(&self, budget: &str) -> Result<(Vec<Site>, u64)> {
        let bad = || {
            Error::new(Code::InvalidSetting, format!("{budget} is no budget"))
                .hint("a number, or a share such as 25%")
        };
        let mut sites: Vec<Site> = self.sites.iter().map(|a| a.site.clone()).collect();
        let mut fixed = 0u64;
        let seconds = self.wish.unit == BudgetUnit::Seconds;
        if self.wish.unit != BudgetUnit::Relus {
            let model = Model::open(self.file()?, Vec::new(), &mut go)?;
            let scored = model.score(self.settings)?;
            let whole = costs::units(&scored.rows, &self.wish.cost, seconds)?;
            let mut spent = 0u64;
            for (site, activation) in sites.iter_mut().zip(&self.sites) {
                let own: Vec<_> =
                    scored.rows.iter().filter(|r| r.index == activation.node.0).cloned().collect();
                let keep = costs::units(&own, &self.wish.cost, seconds)?;
                let gone = costs::polynomial_rows(site.elements(), self.wish.degree);
                let gone = costs::units(&gone, &self.wish.cost, seconds)?;
                // Rounded up: what is kept never costs more than was counted.
                site.unit_cost = keep.saturating_sub(gone).div_ceil(site.elements().max(1));
                spent = spent.saturating_add(keep.saturating_sub(gone));
            }
            fixed = whole.saturating_sub(spent);
        }
        let total: u64 =
            sites.iter().fold(0, |sum, s| sum.saturating_add(s.elements().saturating_mul(s.unit_cost)));
        let budget = match budget.trim().strip_suffix('%') {
            Some(share) => {
                let share: f64 = share.trim().parse().map_err(|_| bad())?;
                if !(0.0..=100.0).contains(&share) {
                    return Err(bad());
                }
                (total as f64 * share / 100.0) as u64
            }
            None => {
                let number: f64 = budget.trim().parse().map_err(|_| bad())?;
                let units = if seconds { number * 1e9 } else { number };
                if !(0.0..=9e18).contains(&units) {
                    return Err(bad());
                }
                let units = units as u64;
                if units < fixed {
                    self.too_small(fixed, seconds)?;
                }
                units - fixed
            }
        };
        Ok((sites, budget))
    }

    fn too_small(&self, fixed: u64, seconds: bool) -> Result<()> {
        let least = if seconds { format!("{:.6} s", fixed as f64 / 1e9) } else { format!("{fixed} bytes") };
        Err(Error::new(
            Code::InvalidSetting,
            "the budget is below what the network costs without activations",
        )
        .hint(format!("at least {least}")))
    }

    /// A plan for a budget: what stays, polynomials for the rest, what it does and costs.
    ///
    /// # Errors
    /// What the settings, the data or the engine are at fault with.
    pub async fn replace(&mut self) -> Result<(Plan, Spliced, ReplaceReport)> {
        let (sites, budget) = self.priced(&self.wish.budget.clone())?;
        let granularity: Granularity = self.wish.granularity.parse()?;
        let policy: Policy = self.wish.policy.parse()?;
        let evidence = self.evidence(policy).await?;
        let seed = self.wish.seed;
        let problem = Problem { sites: &sites, granularity, budget, policy, evidence: &evidence, seed };
        let chosen = match policy {
            Policy::Descent => self.descend(&problem).await?,
            _ => select(&problem)?,
        };
        let draft = self.draft(chosen.masks.clone()).await?;
        let plan = self.plan(&draft);
        let spliced = plan.splice(self.file()?, &self.proto, &self.graph, &mut go)?;
        let compared = self.compared(&spliced).await?;
        let costs = self.costs(&spliced)?;
        let mut notes = self.notes.clone();
        let worse = costs.iter().filter(|c| c.worse).map(|c| c.protocol.as_str()).collect::<Vec<_>>();
        if !worse.is_empty() {
            notes.push(format!("this plan costs more than it saves under {}", worse.join(", ")));
        }
        let layers = plan.layers.iter().zip(&self.sites).map(|(layer, activation)| ReplaceLayer {
            node: layer.node.clone(),
            output: layer.output.clone(),
            target: activation.target.name(),
            stage: activation.site.stage,
            elements: layer.elements,
            kept: layer.kept,
            mse: layer.mse,
            outside: layer.outside,
        });
        let report = ReplaceReport {
            schema: "reluctant.replace/1",
            model: self.file()?.name.clone(),
            total: plan.total,
            kept: plan.kept,
            reduction: (plan.kept > 0).then(|| plan.total as f64 / plan.kept as f64),
            budget,
            spent: chosen.cost,
            exact: chosen.exact,
            front: chosen.front,
            layers: layers.collect(),
            compared,
            costs,
            bytes: spliced.bytes,
            bytes_read: spliced.bytes_read,
            notes,
        };
        Ok((plan, spliced, report))
    }

    fn costs(&self, spliced: &Spliced) -> Result<Vec<super::CostChange>> {
        let file = self.file()?;
        let source = SplicedFile::new(spliced, file.bytes);
        let after = NamedFile { name: file.name.clone(), bytes: &source };
        let before = NamedFile { name: file.name.clone(), bytes: file.bytes };
        costs::change(&before, &after, self.settings, &self.wish.cost)
    }
}

/// Goes on.
pub(super) fn go(_: u64, _: u64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}
