//! One phase of training: a recipe carried out over epochs, one batch a step, at any point of which it can be written
//! as bytes and taken up again.

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use crate::data::Task;
use crate::evaluate;
use crate::layers::loss::{Blend, loss};
use crate::net::{Net, Role, Unfit};
use crate::optimise::{Memory, Moved, Optimiser, Schedule, clip, norm};
use crate::random::Random;
use crate::real::Real;
use crate::site::softplus;

/// A loss beyond this is a divergence, whatever the network.
pub(crate) const DIVERGED: f64 = 1e6;

/// Epochs, images and what else is counted, in what was read from bytes.
pub(crate) const MOST: usize = 1 << 24;

/// How a network is trained in one phase.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recipe {
    /// Passes over the training images, at most.
    pub epochs: usize,
    /// Images of a step.
    pub batch: usize,
    /// How parameters move.
    pub optimiser: Optimiser,
    /// Learning rate by epoch.
    pub rate: Schedule,
    /// Rate of alpha and m, as a multiple of that of weights.
    pub masks: f64,
    /// Weight decay, of weights.
    pub decay: f64,
    /// Longest gradient.
    pub clip: Option<f64>,
    /// What is minimised.
    pub blend: Blend,
    /// What decides masks while it trains.
    pub search: Search,
    /// Which epoch's network is kept.
    pub choose: Choose,
}

/// Which epoch's network is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Choose {
    /// The last.
    Last,
    /// The best on the validation images, the later among equals.
    Validation,
    /// The best on the test images, as released code does: its accuracy flatters.
    Test,
}

/// What decides masks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Search {
    /// Nothing: masks stay.
    None,
    /// SNL: lambda ||alpha||_1; lambda grows by the factor after each epoch whose count is no new least one; ends
    /// when the count is within the budget.
    Snl {
        /// lambda at the start.
        lambda: f64,
        /// 1.1 in the code.
        growth: f64,
        /// alpha above this counts as a ReLU: 1e-2.
        threshold: f64,
        /// ReLUs that may stay.
        budget: usize,
    },
    /// AutoReP: lambda max(0, density - budget / all), through states with hysteresis.
    AutoRep {
        /// lambda, of the density.
        lambda: f64,
        /// ReLUs that may stay.
        budget: usize,
    },
}

/// AutoReP's penalty. 100,000 of 491,520 kept, budget 9,000, lambda 140: 25.919596.
pub fn density_penalty(kept: usize, all: usize, budget: usize, lambda: f64) -> f64 {
    lambda * (kept as f64 - budget as f64).max(0.0) / all.max(1) as f64
}

/// How far a phase is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// Which, from 1.
    pub epoch: usize,
    /// Mean loss of its steps.
    pub loss: f64,
    /// Accuracy on the validation images.
    pub validation: f64,
    /// Elements that count as ReLUs.
    pub relus: usize,
}

/// Why a phase stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diverged(pub String);

/// A phase under way.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Fit<T: Real> {
    /// What is carried out.
    pub recipe: Recipe,
    /// The network, as it is now.
    pub net: Net<T>,
    memory: Memory<T>,
    random: Random,
    order: Vec<usize>,
    epoch: usize,
    at: usize,
    total: f64,
    /// lambda now, and the least count so far.
    pull: (f64, usize),
    best: Option<(f64, Net<T>)>,
    /// One entry an epoch.
    pub history: Vec<Epoch>,
    done: bool,
}

impl<T: Real> Fit<T> {
    /// A phase that begins.
    pub fn new(recipe: Recipe, net: Net<T>, random: Random) -> Self {
        let lambda = match recipe.search {
            Search::Snl { lambda, .. } | Search::AutoRep { lambda, .. } => lambda,
            Search::None => 0.0,
        };
        let done = recipe.epochs == 0;
        Self {
            recipe,
            net,
            memory: Memory::default(),
            random,
            order: Vec::new(),
            epoch: 0,
            at: 0,
            total: 0.0,
            pull: (lambda, usize::MAX),
            best: None,
            history: Vec::new(),
            done,
        }
    }

    /// Whether it is over.
    pub fn done(&self) -> bool {
        self.done
    }

    /// Epochs done.
    pub fn epoch(&self) -> usize {
        self.epoch
    }

    /// Share of this epoch that is done, and its mean loss so far; none before its first step.
    pub fn along(&self) -> Option<(f64, f64)> {
        let share = self.at as f64 / self.order.len().max(1) as f64;
        (self.at > 0).then(|| (share, self.total / self.at as f64))
    }

    /// Whether this, read from bytes, can go on on a task of so many training images.
    pub(crate) fn sound(&self, like: &Net<T>) -> Result<(), Unfit> {
        let recipe = &self.recipe;
        let sizes = recipe.epochs.max(self.epoch).max(self.order.len()) <= MOST && like.takes(recipe.batch);
        if !sizes || self.at > self.order.len() || self.order.iter().any(|at| *at >= self.order.len()) {
            return Err(Unfit("its epochs, batch or order of images are not as they must be".to_owned()));
        }
        for net in std::iter::once(&self.net).chain(self.best.as_ref().map(|(_, net)| net)) {
            net.sound()?;
            if net.shape(0) != like.shape(0) || net.classes() != like.classes() {
                return Err(Unfit("its networks read or tell apart different things".to_owned()));
            }
        }
        Ok(())
    }

    /// Training images that its order runs over; none before the first step.
    pub(crate) fn images(&self) -> usize {
        self.order.len()
    }

    /// The network that is kept, and the generator to go on with.
    pub fn finish(self) -> (Net<T>, Random) {
        let net = self.best.map_or(self.net, |(_, net)| net);
        (net, self.random)
    }

    /// One step; whether it ended an epoch. `teacher` has the logits of each training image.
    ///
    /// # Errors
    /// A loss or a gradient that is no number, or has run away.
    pub fn step(&mut self, task: &Task<T>, teacher: Option<&Array2<T>>) -> Result<bool, Diverged> {
        if self.done {
            return Ok(false);
        }
        if self.at == 0 {
            self.order = (0..task.train.len()).collect();
            self.random.shuffle(&mut self.order);
        }
        let end = (self.at + self.recipe.batch.max(1)).min(self.order.len());
        let places: Vec<usize> = self.order.get(self.at..end).unwrap_or_default().to_vec();
        let value = self.learn(task, teacher, &places)?;
        self.total += value * places.len() as f64;
        self.at = end;
        if self.at < self.order.len() {
            return Ok(false);
        }
        self.end_epoch(task);
        Ok(true)
    }

    /// Moves the parameters by one batch; its loss.
    pub(crate) fn learn(
        &mut self,
        task: &Task<T>,
        teacher: Option<&Array2<T>>,
        places: &[usize],
    ) -> Result<f64, Diverged> {
        let (x, labels) = task.train.batch(places);
        let aims = teacher.map(|all| all.select(ndarray::Axis(0), places));
        let tape = self.net.train_pass(x);
        let (mut value, d) = loss(tape.logits(), &labels, aims.as_ref(), self.recipe.blend);
        let mut gradients = self.net.backward(&tape, d);
        value += self.pull_masks(&mut gradients);
        let length = norm(&gradients);
        if !value.is_finite() || value > DIVERGED || !length.is_finite() {
            let what = if value.is_finite() && length.is_finite() { "ran away to" } else { "is no number:" };
            return Err(Diverged(format!(
                "training diverged in epoch {}: the loss {what} {value}, the gradient's length {length}; a lower \
                 learning rate, clipping or a smaller degree may help",
                self.epoch + 1
            )));
        }
        if let Some(most) = self.recipe.clip {
            clip(&mut gradients, length, most);
        }
        let rate = self.recipe.rate.rate(self.epoch, self.recipe.epochs);
        let moved = self.net.params.iter_mut().zip(&gradients).map(|(param, gradient)| {
            let (rate, decay) = match param.role {
                Role::Weight => (rate, self.recipe.decay),
                Role::Bias | Role::Coefficient => (rate, 0.0),
                Role::Mask => {
                    (if self.recipe.search == Search::None { 0.0 } else { rate * self.recipe.masks }, 0.0)
                }
                Role::Running => (0.0, 0.0),
            };
            Moved { gradient: gradient.as_slice().unwrap_or_default(), value: param.slice_mut(), rate, decay }
        });
        self.memory.step(self.recipe.optimiser, moved.collect());
        Ok(value)
    }

    /// Adds the pull of the search to the gradients of masks; its part of the loss.
    fn pull_masks(&self, gradients: &mut crate::pass::Gradients<T>) -> f64 {
        let (lambda, all) = (self.pull.0, self.net.activations());
        match self.recipe.search {
            Search::None => 0.0,
            Search::Snl { .. } => {
                let mut total = 0.0;
                for site in &self.net.sites {
                    let alpha = &self.net.params[site.keep].value;
                    for (g, a) in gradients[site.keep].iter_mut().zip(alpha) {
                        total += a.f64().abs();
                        *g += if *a == T::zero() { T::zero() } else { T::of(lambda) * a.signum() };
                    }
                }
                lambda * total
            }
            Search::AutoRep { budget, .. } => {
                let kept = self.net.relus();
                let pull = T::of(if kept > budget { lambda / all.max(1) as f64 } else { 0.0 });
                for site in &self.net.sites {
                    let Some(search) = &site.search else { continue };
                    let m = &self.net.params[search.auxiliary].value;
                    let states = gradients[site.keep].to_vec();
                    let per = (states.len() / m.len().max(1)).max(1);
                    for ((g, m), states) in
                        gradients[search.auxiliary].iter_mut().zip(m).zip(states.chunks_exact(per))
                    {
                        let upstream = states.iter().fold(T::zero(), |sum, d| sum + *d + pull);
                        *g = T::of(softplus(m.f64())) * upstream;
                    }
                    gradients[site.keep].fill(T::zero());
                }
                density_penalty(kept, all, budget, lambda)
            }
        }
    }

    fn end_epoch(&mut self, task: &Task<T>) {
        let threshold = match self.recipe.search {
            Search::Snl { threshold, .. } => threshold,
            _ => 0.0,
        };
        let relus = self.net.count(threshold);
        let validation = evaluate::accuracy(&self.net, &task.validation);
        let loss = self.total / task.train.len().max(1) as f64;
        (self.at, self.total) = (0, 0.0);
        self.epoch += 1;
        self.history.push(Epoch { epoch: self.epoch, loss, validation, relus });
        let chosen_by = match self.recipe.choose {
            Choose::Last => None,
            Choose::Validation => Some(validation),
            Choose::Test => Some(evaluate::accuracy(&self.net, &task.test)),
        };
        if let Some(value) = chosen_by
            && self.best.as_ref().is_none_or(|(best, _)| value >= *best)
        {
            self.best = Some((value, self.net.clone()));
        }
        self.done = self.epoch >= self.recipe.epochs;
        if let Search::Snl { growth, budget, .. } = self.recipe.search {
            self.done |= relus <= budget;
            if relus >= self.pull.1 {
                self.pull.0 *= growth;
            }
            self.pull.1 = self.pull.1.min(relus);
        }
    }
}
