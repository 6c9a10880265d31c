//! `replace`: a budget becomes a plan, a changed model, and what both do. What is thought stands in
//! [`crate::bench`]; here are its questions and what they report. Fields are only ever added.

use std::rc::Rc;

use serde::Serialize;

use crate::bench::{
    Arrays, Bench, Compared, CostChange, Draft, Figures, LayerView, Made, Meter, Network, OwnFile, Planned,
    Question, ReplaceSettings, SideBySide, drops_outputs, held, names_others, view,
};
use crate::error::Result;
use crate::onnx::{Progress, Spliced};
use crate::open::{NamedFile, RunOptions, Settings};
use crate::rewrite::Plan;
use crate::run::random;
use crate::run::tensor::Tensor;
use crate::select::{Activation, senet_ratios};

/// What can be replaced, before anything is.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
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
#[cfg_attr(test, derive(ts_rs::TS))]
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

/// The JSON of `reluctant replace --json`.
#[derive(Clone, Debug, Serialize)]
pub struct ReplaceReport {
    /// Always `reluctant.replace/1`.
    pub schema: &'static str,
    /// File name.
    pub model: String,
    /// Of the plan.
    #[serde(flatten)]
    pub figures: Figures,
    /// Both models on the test data; None without data.
    pub compared: Option<Compared>,
    /// Costs before and after, a protocol each.
    pub costs: Vec<CostChange>,
    /// The same of AESPA's form, whose scales are in weights; empty unless that was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub folded: Vec<CostChange>,
    /// Size of the changed model.
    pub bytes: u64,
    /// Bytes of the original that were read to write it.
    pub bytes_read: u64,
    /// What a reader must know.
    pub notes: Vec<String>,
}

/// What a plan does.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Measured"))]
pub struct MeasuredPlan {
    /// The plan.
    pub planned: Planned,
    /// Beside the original.
    #[serde(flatten)]
    pub beside: SideBySide,
}

/// A model on the bench, what is asked of it, and who is told how far a run is.
pub struct Workbench {
    pub(super) bench: Bench,
    pub(super) question: Question,
    pub(super) meter: Meter,
}

impl Workbench {
    /// Opens the model among the files; the others are its external data.
    ///
    /// # Errors
    /// What is wrong with the file or a setting; `NotSupported` where nothing can be replaced.
    pub fn open(files: Vec<OwnFile>, settings: &Settings, run: &RunOptions) -> Result<Self> {
        Self::of(Network::open(files, settings, run)?)
    }

    /// A network built from its spec: it has no weights, so that it is planned and never run.
    ///
    /// # Errors
    /// `InvalidSetting` for an id that is none.
    pub fn example(id: &str, settings: &Settings) -> Result<Self> {
        Self::of(Network::example(id, settings)?)
    }

    fn of(network: Network) -> Result<Self> {
        let question = Question::first(&network)?;
        Ok(Self { bench: Bench::new(network), question, meter: Meter::default() })
    }

    /// What is asked from here on.
    ///
    /// # Errors
    /// `InvalidSetting` for a method or a layer that is none, `NotSupported` where nothing is left to replace.
    pub fn set_wish(&mut self, wish: &ReplaceSettings) -> Result<()> {
        self.question = Question::new(&self.bench.network, wish)?;
        Ok(())
    }

    /// Samples for statistics, with labels as `y` or `labels` where there are any; None takes every
    /// input as standard normal.
    pub fn set_data(&mut self, data: Option<Arrays>) {
        self.bench.samples.set_data(data);
    }

    /// Samples for judging, those for statistics where None; and their labels.
    pub fn set_test(&mut self, test: Option<Arrays>, labels: Option<Tensor>) {
        self.bench.samples.set_test(test, labels);
    }

    /// Where progress goes, in samples; what it answers stops a run.
    pub fn tell(&mut self, progress: Box<Progress<'static>>) {
        self.meter = Meter::new(progress);
    }

    /// What can be replaced.
    pub fn info(&self) -> BenchInfo {
        let (network, sites) = (&self.bench.network, &self.question.sites);
        let layer = |a: &Activation| BenchLayer {
            index: a.node.0,
            node: network.graph.label(network.graph.node(a.node)),
            output: network.output(a).to_owned(),
            target: a.target.name(),
            stage: a.site.stage,
            elements: a.site.elements(),
        };
        let lists = senet_ratios();
        let fitting = lists.iter().filter(|list| list.ratios.len() == sites.len());
        BenchInfo {
            model: network.name.clone(),
            total: sites.iter().map(|a| a.site.elements()).sum(),
            layers: sites.iter().map(layer).collect(),
            ratios: fitting.map(|list| list.name.to_owned()).collect(),
            runnable: network.has_weights(),
        }
    }

    /// Names and sizes of the inputs, one sample each where the batch is open.
    pub fn inputs(&self) -> Vec<(String, Vec<u64>)> {
        self.bench.network.inputs()
    }

    /// The model's file.
    ///
    /// # Errors
    /// `MissingData` of an example.
    pub fn file(&self) -> Result<NamedFile<'_>> {
        self.bench.network.file()
    }

    /// Its place among the files.
    pub fn place(&self) -> usize {
        self.bench.network.place
    }

    /// Random inputs as arrays.
    ///
    /// # Errors
    /// As opening the model for a run; `LimitExceeded`.
    pub fn random(&self, samples: usize, seed: u64) -> Result<Arrays> {
        let network = &self.bench.network;
        let model = network.session(&network.options, None)?.model;
        let inputs = random::inputs(&model, samples, seed)?;
        Ok(inputs.into_iter().map(|(id, tensor)| (model.value_name(id).to_owned(), tensor)).collect())
    }

    /// What the wish comes to.
    pub(super) async fn made(&mut self) -> Result<Rc<Made>> {
        self.bench.made(&self.question, &self.meter).await
    }

    /// The model that a draft of the wish changes; `plan` is recorded in it.
    pub(super) fn changed(&self, made: &Made, plan: Option<&Plan>) -> Result<Spliced> {
        let record = plan.map(Plan::record).transpose()?;
        made.draft.splice(&self.bench.network, &self.question.sites, record.as_deref())
    }

    /// What AESPA's form of the network costs under the wish's protocols: x (x + b) + c in the place of every activation, the
    /// scale of each in the weights of the layer that follows. The changed file has its scale apart: weights stay as they are.
    ///
    /// # Errors
    /// As pricing.
    pub fn folded(&mut self) -> Result<Vec<CostChange>> {
        self.bench.folded(&self.question.wish.cost)
    }

    /// A plan for the wish. The first of a policy may run the model.
    ///
    /// # Errors
    /// What the settings, the data or the engine are at fault with.
    pub async fn planned(&mut self) -> Result<Planned> {
        let made = self.made().await?;
        Ok(made.planned(&self.bench.network, &self.question))
    }

    /// One activation under the wish: what flows into it in the original.
    ///
    /// # Errors
    /// `InvalidSetting` for a layer or channel that is none; as running.
    pub async fn view(&mut self, output: &str, channel: Option<usize>) -> Result<LayerView> {
        let flows = self.bench.flows(&self.question, &self.meter).await?;
        view(&self.bench.network, &self.question, &flows, output, channel)
    }

    /// Measures the plan of the wish, or a plan file's.
    ///
    /// # Errors
    /// As making a plan; `MissingData` without samples.
    pub async fn measure(&mut self, plan: Option<&Plan>) -> Result<MeasuredPlan> {
        let (draft, planned) = match plan {
            Some(plan) => self.taken(plan)?,
            None => {
                let made = self.made().await?;
                (made.draft.clone(), made.planned(&self.bench.network, &self.question))
            }
        };
        let beside = self.bench.measured(&self.question, &draft, &self.meter).await?;
        Ok(MeasuredPlan { planned, beside })
    }

    /// A plan for the wish, the changed model, what it does and costs.
    ///
    /// # Errors
    /// What the settings, the data or the engine are at fault with.
    pub async fn replace(&mut self) -> Result<(Plan, Spliced, ReplaceReport)> {
        let made = self.made().await?;
        let Planned { figures, mut notes, plan, .. } = made.planned(&self.bench.network, &self.question);
        let spliced = self.changed(&made, Some(&plan))?;
        let compared = self.bench.compared(&spliced, &self.meter).await?;
        let finite = compared.as_ref().is_some_and(|compared| compared.relative_error.is_finite());
        if !finite && !made.replaced.is_empty() {
            notes.extend(self.doubt(&spliced).await?);
        }
        let costs = self.bench.costs(&spliced, &self.question.wish.cost)?;
        let worse = costs.iter().filter(|c| c.worse).map(|c| c.protocol.as_str()).collect::<Vec<_>>();
        if !worse.is_empty() {
            notes.push(format!("this plan costs more than it saves under {}", worse.join(", ")));
        }
        let report = ReplaceReport {
            schema: "reluctant.replace/1",
            model: self.file()?.name,
            figures,
            compared,
            costs,
            folded: Vec::new(),
            bytes: spliced.bytes,
            bytes_read: spliced.bytes_read,
            notes,
        };
        Ok((plan, spliced, report))
    }

    /// The changed model of a plan; the plan is recorded in it.
    ///
    /// # Errors
    /// `InvalidSetting` where it is for another model; `MissingData` of an example.
    pub fn carry_out(&self, plan: &Plan) -> Result<Spliced> {
        self.bench.network.carry_out(plan)
    }

    /// What a reader must know before a changed model is taken away: that it gives NaN or infinity on the first samples, or on
    /// random inputs where there are none; or that it could not be run, and why.
    ///
    /// # Errors
    /// `MissingData` of an example.
    pub async fn doubt(&mut self, changed: &Spliced) -> Result<Option<String>> {
        self.bench.doubt(&self.question, changed, &self.meter).await
    }

    /// A plan file held against this model: only names, sizes and numbers are taken from it. What it
    /// does not name stays. The wish follows it in whether gates count.
    ///
    /// # Errors
    /// `InvalidSetting` where it is for another model, or does not hold together.
    pub fn held(&mut self, plan: &Plan) -> Result<Planned> {
        Ok(self.taken(plan)?.1)
    }

    fn taken(&mut self, plan: &Plan) -> Result<(Draft, Planned)> {
        let gates = self.question.wish.gates;
        if !gates && names_others(&self.bench.network, &self.question, plan) {
            self.set_wish(&ReplaceSettings { gates: true, ..self.question.wish.clone() })?;
        }
        if drops_outputs(plan) != self.question.wish.drop_outputs {
            let wish = self.question.wish.clone();
            let drop_outputs = !wish.drop_outputs;
            let granularity = if drop_outputs { "spatial".to_owned() } else { wish.granularity.clone() };
            self.set_wish(&ReplaceSettings { drop_outputs, granularity, ..wish })?;
        }
        let draft = held(&self.bench.network, &self.question, plan)?;
        let made = Made::of(&self.bench.network, &self.question, draft);
        let mut planned = made.planned(&self.bench.network, &self.question);
        if plan.hash != planned.plan.hash {
            let note = "the plan was made for a model of another structure; its names and sizes fit";
            planned.notes.push(note.to_owned());
        }
        planned.plan.settings.clone_from(&plan.settings);
        Ok((made.draft, planned))
    }
}
