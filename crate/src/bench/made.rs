//! What a question came to: a draft, and its figures.

use serde::Serialize;

use super::draft::{Draft, Part};
use super::network::Network;
use super::plan::plan;
use super::question::Question;
use crate::cost::Stay;
use crate::rewrite::{Plan, multiplications};

/// Figures of a plan, as every report of one has them: fields are only ever added.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "PlanFigures"))]
pub struct Figures {
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
}

/// One activation.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
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
    #[cfg_attr(test, ts(as = "crate::poly::Method"))]
    pub method: &'static str,
    /// Degree.
    pub degree: usize,
    /// Expected squared error of one replaced element.
    pub mse: Option<f64>,
    /// Share of its inputs outside the range that was fitted.
    pub outside: Option<f64>,
}

/// A draft with its figures.
#[derive(Clone, Debug)]
pub struct Made {
    /// What becomes of the activations.
    pub draft: Draft,
    /// In numbers.
    pub figures: Figures,
    /// What stays of each activation that changes, and of each convolution that outputs are dropped of.
    pub replaced: Vec<Stay>,
    /// What a reader must know.
    pub notes: Vec<String>,
}

/// The same as a report: with the plan file in place of the draft.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Planned {
    /// In numbers.
    #[serde(flatten)]
    pub figures: Figures,
    /// What stays of each activation that changes, and of each convolution that outputs are dropped of.
    pub replaced: Vec<Stay>,
    /// What a reader must know.
    pub notes: Vec<String>,
    /// The file.
    pub plan: Plan,
}

impl Made {
    /// Of a draft; its budget is what stays.
    pub fn of(network: &Network, question: &Question, draft: Draft) -> Self {
        let layer = |part: Part<'_>| {
            let ((elements, kept), changes) = (part.counts(), part.changes());
            let longest = part.polynomials().iter().map(Vec::len).max().unwrap_or(0);
            let fixed = !part.way.has_degrees() && longest > 0;
            ReplaceLayer {
                index: part.activation.node.0,
                node: network.graph.label(network.graph.node(part.activation.node)),
                output: network.output(part.activation).to_owned(),
                target: part.activation.target.name(),
                stage: part.activation.site.stage,
                elements,
                kept,
                method: part.way.method.name(),
                degree: if fixed { longest - 1 } else { part.way.degree },
                mse: changes.then(|| part.fit.error()),
                outside: changes.then_some(part.fit.outside),
            }
        };
        let layers: Vec<ReplaceLayer> = draft.parts(&question.sites).map(layer).collect();
        let total = layers.iter().map(|layer| layer.elements).sum();
        let kept = layers.iter().map(|layer| layer.kept).sum();
        let figures = Figures {
            total,
            kept,
            reduction: (kept > 0).then(|| total as f64 / kept as f64),
            budget: kept,
            spent: kept,
            exact: false,
            front: Vec::new(),
            layers,
        };
        let mut replaced: Vec<Stay> = Vec::new();
        for part in draft.parts(&question.sites).filter(Part::changes) {
            let (scales, products) = multiplications(part.polynomials());
            // Rows are of all samples.
            let (elements, kept) = part.counts();
            let all = network.graph.elements(part.activation.output).unwrap_or(elements);
            let kept = kept.saturating_mul(all / elements.max(1));
            let own = Stay { index: part.activation.node.0, kept, scales, products };
            // Of a convolution the outputs that are needed.
            let linear = part.drops().iter().filter_map(|one| one.made_by.first());
            let linear = linear.map(|node| Stay { index: node.0, kept, scales: 0, products: 0 });
            for stay in linear.chain([own]) {
                let at = replaced.partition_point(|other| other.index < stay.index);
                replaced.insert(at, stay);
            }
        }
        Self { draft, figures, replaced, notes: Vec::new() }
    }

    /// With the plan file.
    pub fn planned(&self, network: &Network, question: &Question) -> Planned {
        Planned {
            figures: self.figures.clone(),
            replaced: self.replaced.clone(),
            notes: self.notes.clone(),
            plan: plan(network, question, &self.draft),
        }
    }
}
