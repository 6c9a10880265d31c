//! The methods as lists of steps, and their settings.
//!
//! What is the papers' and what is ours: the equations and the order of steps are the papers'; epochs, learning rates
//! and pulls are sized for small networks and given per ReLU, since a penalty on the count of 491,520 ReLUs pulls at
//! each 300 times less than on 1,568. Budgets are met to the unit by a cut that the papers do not have; nested places go
//! as far as whole places do.

use serde::{Deserialize, Serialize};

use crate::dapa::{CODE, Start};
use crate::fit::{Choose, Recipe, Search};
use crate::layers::loss::Blend;
use crate::masks::Begin;
use crate::optimise::{Optimiser, Schedule};
use crate::run::Step;

/// What reduces ReLUs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Selective network linearisation (arXiv 2202.02340).
    Snl,
    /// AutoReP (arXiv 2308.10134).
    Autorep,
    /// A random mask, x elsewhere.
    Random,
    /// A random mask, polynomials elsewhere.
    RandomPoly,
    /// Block coordinate descent (arXiv 2511.11781).
    Bcd,
    /// None: the masks were held before ([`Net::hold`](crate::net::Net::hold)), with a teacher.
    Plan,
    /// Places of all channels by one random map for all layers, drawn once and frozen; the linear outputs that they alone need
    /// go with them (arXiv 2309.06626).
    Nested,
}

/// How AutoReP goes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct AutoRep {
    /// Coefficients from the released code's start values.
    pub code_start: bool,
    /// Degree of the polynomials; none: x.
    pub degree: Option<usize>,
    /// One m a channel.
    pub channels: bool,
    /// Hysteresis threshold t.
    pub threshold: f64,
    /// m begins uniform in 0 .. this: 1 in the paper.
    pub from: f64,
    /// lambda / N: 140 / 491,520 in the script for 9,000 ReLUs.
    pub pull: f64,
    /// Rate of m, times that of weights: 1 in the paper, whose run has 78,000 steps.
    pub masks: f64,
}

/// Sizes and rates of all phases.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Options {
    /// Epochs of the network with all ReLUs.
    pub base_epochs: usize,
    /// Epochs of a search, at most.
    pub search_epochs: usize,
    /// Epochs of fine-tuning.
    pub tune_epochs: usize,
    /// Images of a step.
    pub batch: usize,
    /// Adam's rate for the network with all ReLUs.
    pub base_rate: f64,
    /// Adam's rate in a search.
    pub search_rate: f64,
    /// Adam's rate in fine-tuning.
    pub tune_rate: f64,
    /// Longest gradient.
    pub clip: Option<f64>,
    /// Weight decay.
    pub decay: f64,
    /// SNL's lambda at the start.
    pub snl_lambda: f64,
    /// Its growth after an epoch without a new least count.
    pub snl_growth: f64,
    /// Rate of alpha, times that of weights.
    pub snl_masks: f64,
    /// AutoReP's.
    pub autorep: AutoRep,
    /// Rounds of descent, each followed by an epoch of training.
    pub rounds: usize,
    /// Blocks that are tried in a round.
    pub candidates: usize,
    /// Which epoch's network is kept.
    pub choose: Choose,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            base_epochs: 40,
            search_epochs: 60,
            tune_epochs: 30,
            batch: 64,
            base_rate: 4e-3,
            search_rate: 1e-3,
            tune_rate: 2e-3,
            clip: Some(5.0),
            decay: 0.0,
            snl_lambda: 2e-4,
            snl_growth: 1.1,
            snl_masks: 5.0,
            autorep: AutoRep {
                code_start: false,
                degree: Some(2),
                channels: false,
                threshold: 0.003,
                from: 1.0,
                pull: 140.0 / 491_520.0,
                masks: 5.0,
            },
            rounds: 16,
            candidates: 8,
            choose: Choose::Validation,
        }
    }
}

impl Options {
    fn recipe(&self, epochs: usize, rate: f64, masks: f64, blend: Blend, search: Search) -> Recipe {
        Recipe {
            epochs,
            batch: self.batch,
            optimiser: Optimiser::Adam,
            rate: Schedule::cosine(rate),
            masks,
            decay: self.decay,
            clip: self.clip,
            blend,
            search,
            // A search ends where its masks are.
            choose: if search == Search::None { self.choose } else { Choose::Last },
        }
    }

    /// Trains the network with all ReLUs, on labels alone.
    pub fn base(&self) -> Vec<Step> {
        vec![Step::Fit(self.recipe(self.base_epochs, self.base_rate, 0.0, Blend::LABELS, Search::None))]
    }

    fn tune(&self, epochs: usize) -> Step {
        Step::Fit(self.retrained(epochs, Blend::BOTH))
    }

    /// Training of a network that was trained before, its masks as they are.
    pub(crate) fn retrained(&self, epochs: usize, blend: Blend) -> Recipe {
        self.recipe(epochs, self.tune_rate, 0.0, blend, Search::None)
    }

    /// Steps that fine-tune a network whose masks are held ([`Net::hold`](crate::net::Net::hold)).
    pub fn held(&self) -> Vec<Step> {
        vec![Step::Note, self.tune(self.tune_epochs)]
    }

    /// Steps from a trained network of `all` ReLUs, its own teacher, to one of `budget`.
    pub fn method(&self, method: Method, budget: usize, all: usize) -> Vec<Step> {
        if method == Method::Plan {
            return self.held();
        }
        let mut steps = vec![Step::Teach];
        match method {
            Method::Plan => {}
            Method::Snl => {
                let (lambda, growth) = (self.snl_lambda, self.snl_growth);
                let search = Search::Snl { lambda, growth, threshold: 1e-2, budget };
                let mut recipe =
                    self.recipe(self.search_epochs, self.search_rate, self.snl_masks, Blend::BOTH, search);
                recipe.rate = Schedule::Constant(self.search_rate);
                steps.extend([Step::Open(None), Step::Fit(recipe), Step::Cut(budget)]);
            }
            Method::Autorep => {
                let of = self.autorep;
                let start = of.degree.map(|degree| match of.code_start {
                    true => CODE,
                    false => Start::Best(degree),
                });
                let (channels, from, threshold) = (of.channels, of.from, of.threshold);
                let search = Search::AutoRep { lambda: of.pull * all as f64, budget };
                let recipe = self.recipe(self.search_epochs, self.search_rate, of.masks, Blend::BOTH, search);
                let begin = Step::Begin(Begin { channels, from, threshold, start });
                steps.extend([Step::Open(of.degree), begin, Step::Fit(recipe), Step::Cut(budget)]);
            }
            Method::Random => steps.extend([Step::Open(None), Step::Draw(budget)]),
            Method::RandomPoly => {
                steps.extend([Step::Open(Some(2)), Step::Polynomials(2), Step::Draw(budget)]);
            }
            Method::Nested => steps.push(Step::Nest(budget)),
            Method::Bcd => {
                steps.push(Step::Open(None));
                let excess = all.saturating_sub(budget);
                for round in 1..=self.rounds.max(1) {
                    let to = all - (excess * round).div_ceil(self.rounds.max(1)).min(excess);
                    steps.push(Step::Drop { to, candidates: self.candidates, images: 256 });
                    steps.push(self.tune(1));
                }
                steps.push(Step::Cut(budget));
            }
        }
        steps.extend([Step::Note, self.tune(self.tune_epochs)]);
        steps
    }
}
