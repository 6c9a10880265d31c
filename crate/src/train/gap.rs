//! How far what selectors keep is from the best: on a network so small that every mask of whole channels can be tried.
//!
//! Selectors see training images, masks are judged on test images, nothing is fine-tuned: so the regret is that of the
//! order in which a selector keeps ReLUs, and no more. SNL and AutoReP train a copy of the network while they search; what
//! they keep is judged in the network itself.

use reluctant_train::data::Task;
use reluctant_train::enumerate::{Tried, changes, every_mask};
use reluctant_train::methods::{Method, Options};
use reluctant_train::net::{Net, Unfit};
use reluctant_train::run::{Run, Step, Stopped, cross_entropy};
use serde::Serialize;

use crate::count::Granularity;
use crate::error::{Code, Error, Result};
use crate::names::names;
use crate::select::{Descent, Evidence, Mask, Policy, Problem, Site, descend, select};

/// Training images that a sensitivity or a block is judged on.
const JUDGED: usize = 256;
/// Orders of which the random selector is the mean.
const ORDERS: u64 = 100;

names! { "selector",
    /// What decides which channels keep their ReLUs.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Selector {
        /// SNL's alpha.
        Snl = "snl",
        /// AutoReP's m, one a channel.
        Autorep = "autorep",
        /// SENet's difference between an activation and its replacement.
        Senet = "senet",
        /// Squared error of the replacement times the layer's sensitivity.
        Error = "error",
        /// Block coordinate descent over channels.
        Bcd = "bcd",
        /// The mean of random orders.
        Random = "random",
    }
}

names! { "replacement",
    /// What stands for a ReLU that goes.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Instead {
        /// x.
        Identity = "identity",
        /// The best parabola of the channel.
        Polynomial = "polynomial",
    }
}

/// What a selector keeps under a budget.
#[derive(Clone, Debug, Serialize)]
pub struct SelectorKept {
    /// Which.
    pub selector: Selector,
    /// ReLUs that it keeps; of random orders, the mean.
    pub relus: f64,
    /// Accuracy on the test images.
    pub accuracy: f64,
    /// How much less than the best mask within the budget.
    pub regret: f64,
}

/// The best mask within a budget, and what selectors keep.
#[derive(Clone, Debug, Serialize)]
pub struct GapBudget {
    /// ReLUs that may stay.
    pub budget: u64,
    /// Accuracy of the best mask.
    pub best: f64,
    /// Masks within the budget.
    pub masks: usize,
    /// Selectors, in their order.
    pub selectors: Vec<SelectorKept>,
}

/// Every mask, with one replacement.
#[derive(Clone, Debug, Serialize)]
pub struct MaskFront {
    /// What stands for ReLUs that go.
    pub instead: Instead,
    /// (ReLUs, accuracy): every mask that no other beats in both, from the fewest ReLUs.
    pub front: Vec<(usize, f64)>,
    /// One a budget.
    pub budgets: Vec<GapBudget>,
}

fn stopped(why: Stopped) -> Error {
    Error::new(Code::InvalidSetting, why.reason)
}

fn carried_out(steps: Vec<Step>, net: &Net<f32>, task: &Task<f32>, seed: u64) -> Result<Net<f32>> {
    let mut run = Run::new(steps, net.clone(), None, seed);
    run.advance(task, &mut |_| true).map_err(stopped)?;
    Ok(run.finish())
}

/// A trained network with its every mask.
struct Ground<'a> {
    net: Net<f32>,
    task: &'a Task<f32>,
    sites: Vec<Site>,
    tried: Vec<Tried>,
}

/// Tries every mask of a trained network, and what selectors keep of it.
///
/// # Errors
/// `LimitExceeded` for more channels than can be tried; what a search stops with.
pub fn front(
    base: &Net<f32>,
    task: &Task<f32>,
    options: &Options,
    budgets: &[u64],
    instead: Instead,
    seed: u64,
) -> Result<MaskFront> {
    let mut net = match instead {
        Instead::Identity => base.clone(),
        Instead::Polynomial => carried_out(vec![Step::Polynomials(2)], base, task, seed)?,
    };
    net.open(None);
    let tried = every_mask(&net, &task.test).map_err(|Unfit(why)| Error::new(Code::LimitExceeded, why))?;
    let site = |(stage, site): (usize, &reluctant_train::site::Site<f32>)| Site {
        shape: site.shape.iter().map(|size| *size as u64).collect(),
        channel_axis: 0,
        stage: stage as u32,
        unit_cost: 1,
    };
    let sites = net.sites.iter().enumerate().map(site).collect();
    let ground = Ground { net, task, sites, tried };
    let evidence = ground.evidence();
    let at = |budget: &u64| ground.at(*budget, &evidence, options, instead, seed);
    Ok(MaskFront { instead, front: ground.front(), budgets: budgets.iter().map(at).collect::<Result<_>>()? })
}

impl Ground<'_> {
    fn accuracy(&self, tried: Tried) -> f64 {
        tried.right as f64 / self.task.test.len().max(1) as f64
    }

    fn front(&self) -> Vec<(usize, f64)> {
        let mut all = self.tried.clone();
        all.sort_by(|a, b| a.relus.cmp(&b.relus).then(b.right.cmp(&a.right)));
        let mut front: Vec<Tried> = Vec::new();
        for tried in all {
            if front.last().is_none_or(|last| tried.right > last.right) {
                front.push(tried);
            }
        }
        front.into_iter().map(|tried| (tried.relus, self.accuracy(tried))).collect()
    }

    /// What the policies know: differences, errors, and of each layer the rise of the loss for a unit of its error.
    fn evidence(&self) -> Evidence {
        let train = &self.task.train;
        let changes = changes(&self.net, train);
        let judged = train.part(&(0..train.len().min(JUDGED)).collect::<Vec<_>>());
        let whole = cross_entropy(&self.net, &judged);
        let sensitivity = |(site, changed): (usize, &reluctant_train::enumerate::Changed)| {
            let mut net = self.net.clone();
            net.keep(site, |_| false);
            let pixels = self.sites.get(site).map_or(1, |s| s.elements() / s.channels().max(1));
            let error = changed.error.iter().sum::<f64>() * pixels as f64;
            if error > 0.0 { (cross_entropy(&net, &judged) - whole).max(0.0) / error } else { 0.0 }
        };
        Evidence {
            sensitivity: changes.iter().enumerate().map(sensitivity).collect(),
            error: changes.iter().map(|changed| changed.error.clone()).collect(),
            difference: changes.iter().map(|changed| changed.difference.clone()).collect(),
            ..Evidence::default()
        }
    }

    fn problem<'b>(&'b self, budget: u64, policy: Policy, evidence: &'b Evidence, seed: u64) -> Problem<'b> {
        Problem { sites: &self.sites, granularity: Granularity::Channel, budget, policy, evidence, seed }
    }

    fn of(&self, masks: &[Mask]) -> Tried {
        let bits = masks.iter().flat_map(|mask| &mask.bits);
        let place = bits.enumerate().fold(0usize, |place, (bit, on)| place | usize::from(*on) << bit);
        self.tried.get(place).copied().unwrap_or_default()
    }

    fn at(
        &self,
        budget: u64,
        evidence: &Evidence,
        options: &Options,
        instead: Instead,
        seed: u64,
    ) -> Result<GapBudget> {
        let within = || self.tried.iter().filter(|tried| tried.relus as u64 <= budget);
        let best = within().map(|tried| self.accuracy(*tried)).fold(0.0, f64::max);
        let kept = |selector: &Selector| -> Result<SelectorKept> {
            let chosen: Vec<Tried> = match selector {
                Selector::Random => (0..ORDERS)
                    .map(|order| {
                        let problem = self.problem(budget, Policy::Random, evidence, order);
                        Ok(self.of(&select(&problem)?.masks))
                    })
                    .collect::<Result<_>>()?,
                Selector::Bcd => vec![self.descended(budget, evidence, seed)?],
                Selector::Senet | Selector::Error => {
                    let policy = if *selector == Selector::Senet { Policy::Senet } else { Policy::Error };
                    vec![self.of(&select(&self.problem(budget, policy, evidence, seed))?.masks)]
                }
                Selector::Snl | Selector::Autorep => {
                    let evidence = self.searched(*selector, budget, options, instead, seed)?;
                    vec![self.of(&select(&self.problem(budget, Policy::Senet, &evidence, seed))?.masks)]
                }
            };
            let mean =
                |of: &dyn Fn(&Tried) -> f64| chosen.iter().map(of).sum::<f64>() / chosen.len().max(1) as f64;
            let accuracy = mean(&|tried| self.accuracy(*tried));
            let relus = mean(&|tried| tried.relus as f64);
            Ok(SelectorKept { selector: *selector, relus, accuracy, regret: best - accuracy })
        };
        let selectors = Selector::ALL.iter().map(kept).collect::<Result<_>>()?;
        Ok(GapBudget { budget, best, masks: within().count(), selectors })
    }

    fn descended(&self, budget: u64, evidence: &Evidence, seed: u64) -> Result<Tried> {
        let train = &self.task.train;
        let judged = train.part(&(0..train.len().min(JUDGED)).collect::<Vec<_>>());
        let mut net = self.net.clone();
        let mut loss = |masks: &[Mask]| {
            for (site, (mask, shape)) in masks.iter().zip(&self.sites).enumerate() {
                let on = |place: usize| mask.bits.get(shape.channel_of(place as u64) as usize) == Some(&true);
                net.keep(site, on);
            }
            Ok(cross_entropy(&net, &judged))
        };
        let problem = self.problem(budget, Policy::Descent, evidence, seed);
        Ok(self.of(&descend(&problem, Descent::default(), &mut loss)?.masks))
    }

    /// What a search holds of each element, as differences: what is more stays first.
    fn searched(
        &self,
        selector: Selector,
        budget: u64,
        options: &Options,
        instead: Instead,
        seed: u64,
    ) -> Result<Evidence> {
        let mut options = options.clone();
        options.autorep.channels = true;
        options.autorep.degree = (instead == Instead::Polynomial).then_some(2);
        let method = if selector == Selector::Snl { Method::Snl } else { Method::Autorep };
        let all = self.net.activations();
        let steps = options.method(method, budget as usize, all);
        let search = steps.into_iter().take_while(|step| !matches!(step, Step::Cut(_))).collect();
        let net = carried_out(search, &self.net, self.task, seed)?;
        let values = |site: &reluctant_train::site::Site<f32>| -> Vec<f32> {
            let of = |param: usize| net.params.get(param).map_or(&[][..], |param| param.slice());
            let keep = of(site.keep);
            let Some(search) = &site.search else { return keep.to_vec() };
            let m = of(search.auxiliary);
            let pixels = (keep.len() / m.len().max(1)).max(1);
            // On before off, then the larger m.
            let value = |(place, keep): (usize, &f32)| {
                let m = m.get(place / pixels).copied().unwrap_or_default();
                2.0 * keep + 1.0 / (1.0 + (-m).exp())
            };
            keep.iter().enumerate().map(value).collect()
        };
        Ok(Evidence { difference: net.sites.iter().map(values).collect(), ..Evidence::default() })
    }
}
