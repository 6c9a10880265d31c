//! A method from start to end: steps one after another, a slice at a time, with checkpoints. In f32, so that all of
//! it is compiled here, optimised, whoever calls it.

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use crate::dapa::{CODE, Start};
use crate::data::{Set, Task};
use crate::evaluate;
use crate::fit::{Diverged, Epoch, Fit, MOST, Recipe};
use crate::layers::gate::COEFFICIENTS;
use crate::layers::norm::Moments;
use crate::masks::Begin;
use crate::net::{Net, Unfit};
use crate::random::Random;

/// First bytes of a checkpoint, its version among them.
const MAGIC: &[u8] = b"reluctant.train/1\n";

/// Longest checkpoint that is taken up.
const MOST_BYTES: usize = 512 << 20;

/// Training images on which parabolas are tried.
const PROBED: usize = 512;

/// An activation whose inputs deviate this many times more than with ReLUs has run away.
const RUNAWAY: f64 = 8.0;

/// Whether a network can be trained on these images.
///
/// # Errors
/// Images of another shape, or more classes.
pub fn fits(net: &Net<f32>, task: &Task<f32>) -> Result<(), Unfit> {
    let classes = [&task.train, &task.validation, &task.test].map(Set::classes);
    if net.shape(0) != task.train.shape() {
        let (reads, are) = (net.shape(0), task.train.shape());
        return Err(Unfit(format!("the network reads {reads:?}, the images are {are:?}")));
    }
    let most = classes.into_iter().fold(0, usize::max);
    if net.classes() < most || net.shapes.last().is_none_or(|last| last[1..] != [1, 1]) {
        let told = net.classes();
        return Err(Unfit(format!("the network tells {told} classes apart, the data has {most}")));
    }
    Ok(())
}

/// A step of a method.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Step {
    /// Trains.
    Fit(Recipe),
    /// The network as it is becomes the teacher.
    Teach,
    /// Lets methods into the activations; coefficients up to this power are trained, none without.
    Open(Option<usize>),
    /// Begins AutoReP's search.
    Begin(Begin),
    /// Ends a search with exactly so many ReLUs.
    Cut(usize),
    /// Keeps so many ReLUs at random.
    Draw(usize),
    /// The best polynomials of this degree for what goes into activations; where they overflow, those of the released
    /// code.
    Polynomials(usize),
    /// Block coordinate descent: of some random blocks of kept ReLUs the one that hurts least goes, down to so many.
    Drop {
        /// ReLUs that stay.
        to: usize,
        /// Blocks that are tried.
        candidates: usize,
        /// Training images that they are tried on.
        images: usize,
    },
    /// Notes the accuracy before fine-tuning.
    Note,
    /// Keeps places of all channels by one random map for all layers, of so many ReLUs at most, and drops the outputs that
    /// nothing else needs.
    Nest(usize),
}

/// Whether each image gets its class.
pub fn hits(net: &Net<f32>, set: &Set<f32>) -> Vec<bool> {
    evaluate::hits(net, set)
}

/// Share of images that get their class.
pub fn accuracy(net: &Net<f32>, set: &Set<f32>) -> f64 {
    evaluate::accuracy(net, set)
}

/// Mean cross-entropy.
pub fn cross_entropy(net: &Net<f32>, set: &Set<f32>) -> f64 {
    evaluate::cross_entropy(net, set)
}

/// Logits, `[images, classes]`.
pub fn logits(net: &Net<f32>, set: &Set<f32>) -> Array2<f32> {
    evaluate::logits(net, set)
}

/// A method under way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Run {
    steps: Vec<Step>,
    at: usize,
    net: Net<f32>,
    teacher: Option<Net<f32>>,
    random: Random,
    fit: Option<Fit<f32>>,
    /// Accuracy on the test images where [`Step::Note`] stood.
    pub noted: Option<f64>,
    /// The epoch that ended last; who reads it takes it.
    #[serde(skip)]
    pub ended: Option<Epoch>,
    #[serde(skip)]
    aims: Option<Array2<f32>>,
    #[serde(skip)]
    good: Vec<u8>,
}

/// A run that cannot go on.
#[derive(Clone, Debug)]
pub struct Stopped {
    /// Why.
    pub reason: String,
    /// The last checkpoint before it; the first where there was none.
    pub checkpoint: Vec<u8>,
}

impl Run {
    /// A method that begins, on a network, with a seed.
    pub fn new(steps: Vec<Step>, net: Net<f32>, teacher: Option<Net<f32>>, seed: u64) -> Self {
        let (random, good) = (Random::new(seed), Vec::new());
        let mut run = Self {
            steps,
            at: 0,
            net,
            teacher,
            random,
            fit: None,
            noted: None,
            ended: None,
            aims: None,
            good,
        };
        run.good = run.bytes();
        run
    }

    /// Whether all steps are done.
    pub fn done(&self) -> bool {
        self.at >= self.steps.len()
    }

    /// The network now.
    pub fn net(&self) -> &Net<f32> {
        self.fit.as_ref().map_or(&self.net, |fit| &fit.net)
    }

    /// The phase under way.
    pub fn fit(&self) -> Option<&Fit<f32>> {
        self.fit.as_ref()
    }

    /// The step under way, its place, and all of them.
    pub fn at(&self) -> (Option<&Step>, usize, &[Step]) {
        (self.steps.get(self.at), self.at, &self.steps)
    }

    /// The last checkpoint: [`Run::restore`] takes it up.
    pub fn good(&self) -> &[u8] {
        &self.good
    }

    /// Goes on at another rate in every phase of training, along the same kind of schedule.
    pub fn pace(&mut self, rate: f64) {
        let recipes = self.steps.iter_mut().filter_map(|step| match step {
            Step::Fit(recipe) => Some(recipe),
            _ => None,
        });
        for recipe in recipes.chain(self.fit.as_mut().map(|fit| &mut fit.recipe)) {
            recipe.rate = recipe.rate.from(rate);
        }
        self.good = self.bytes();
    }

    /// Takes up bytes that may come from anywhere: as [`Run::restore`], and it fits these images.
    ///
    /// # Errors
    /// What does not fit, before anything of its size is allocated.
    pub fn resume(bytes: &[u8], task: &Task<f32>) -> Result<Self, Unfit> {
        if bytes.len() > MOST_BYTES {
            return Err(Unfit(format!("a checkpoint of more than {} MB", MOST_BYTES >> 20)));
        }
        let run = Self::restore(bytes)?;
        run.suits(task)?;
        Ok(run)
    }

    /// The network at the end.
    pub fn finish(self) -> Net<f32> {
        self.net
    }

    /// Everything, as bytes: [`Run::restore`] takes it up again.
    pub fn bytes(&self) -> Vec<u8> {
        postcard::to_extend(self, MAGIC.to_vec()).unwrap_or_default()
    }

    /// Takes up what [`Run::bytes`] wrote.
    ///
    /// # Errors
    /// Bytes that are no checkpoint of this version and these numbers.
    pub fn restore(bytes: &[u8]) -> Result<Self, Unfit> {
        let bad = |why: String| Unfit(format!("this is no checkpoint of this version: {why}"));
        let rest = bytes.strip_prefix(MAGIC).ok_or_else(|| bad("it begins otherwise".to_owned()))?;
        let mut run: Self = postcard::from_bytes(rest).map_err(|error| bad(error.to_string()))?;
        run.sound().map_err(|Unfit(why)| bad(why))?;
        run.good = bytes.to_vec();
        Ok(run)
    }

    /// Whether this, read from bytes that anyone may have written, can go on. Reading itself takes no more memory
    /// than a multiple of the bytes that are there.
    fn sound(&self) -> Result<(), Unfit> {
        self.net.sound()?;
        if let Some(teacher) = &self.teacher {
            teacher.sound()?;
            if teacher.shape(0) != self.net.shape(0) || teacher.classes() != self.net.classes() {
                return Err(Unfit("its teacher reads or tells apart other things".to_owned()));
            }
        }
        if let Some(fit) = &self.fit {
            fit.sound(&self.net)?;
        }
        let fits = self.steps.iter().all(|step| match step {
            Step::Fit(recipe) => recipe.epochs <= MOST && self.net.takes(recipe.batch),
            Step::Open(degree) => degree.is_none_or(|degree| degree < COEFFICIENTS),
            Step::Drop { candidates, images, .. } => *candidates.max(images) <= MOST,
            _ => true,
        });
        if fits { Ok(()) } else { Err(Unfit("one of its steps is out of bounds".to_owned())) }
    }

    /// Whether the run and the task go together.
    fn suits(&self, task: &Task<f32>) -> Result<(), Unfit> {
        let order = self.fit.as_ref().map_or(0, Fit::images);
        if order != 0 && order != task.train.len() {
            return Err(Unfit(format!("it began with {order} other images than these {}", task.train.len())));
        }
        fits(&self.net, task)
    }

    /// Goes on while `more` says so (asked after each step of training), or to the end; whether it is at the end.
    ///
    /// # Errors
    /// A divergence, with the last good checkpoint.
    pub fn advance(
        &mut self,
        task: &Task<f32>,
        more: &mut dyn FnMut(&Self) -> bool,
    ) -> Result<bool, Stopped> {
        let stopped = |run: &Self, Diverged(reason)| Stopped { reason, checkpoint: run.good.clone() };
        self.suits(task).map_err(|Unfit(why)| stopped(self, Diverged(why)))?;
        while !self.done() {
            self.step(task).map_err(|why| stopped(self, why))?;
            if !more(self) {
                break;
            }
        }
        Ok(self.done())
    }

    fn step(&mut self, task: &Task<f32>) -> Result<(), Diverged> {
        let Some(step) = self.steps.get(self.at).cloned() else { return Ok(()) };
        if let Step::Fit(recipe) = step {
            return self.train(recipe, task);
        }
        match step {
            Step::Fit(_) => {}
            Step::Teach => {
                self.teacher = Some(self.net.clone());
                self.aims = None;
            }
            Step::Open(degree) => self.net.open(degree),
            Step::Begin(begin) => {
                let start = begin.start.map(|start| self.steady(task, start));
                self.net.begin_search(&mut self.random, &Begin { start, ..begin });
            }
            Step::Cut(budget) => self.net.cut(budget),
            Step::Draw(budget) => self.net.draw(budget, &mut self.random),
            Step::Polynomials(degree) => {
                let start = self.steady(task, Start::Best(degree));
                let flows = evaluate::flows(&self.net, &task.train);
                self.net.fit_polynomials(&flows, start);
            }
            Step::Nest(budget) => self.net.nest(budget, &mut self.random),
            Step::Drop { to, candidates, images } => self.drop_block(task, to, candidates, images),
            Step::Note => self.noted = Some(evaluate::accuracy(&self.net, &task.test)),
        }
        self.next();
        Ok(())
    }

    fn next(&mut self) {
        self.at += 1;
        self.good = self.bytes();
    }

    fn train(&mut self, recipe: Recipe, task: &Task<f32>) -> Result<(), Diverged> {
        if recipe.blend.teacher != 0.0 && self.aims.is_none() {
            self.aims = self.teacher.as_ref().map(|net| evaluate::logits(net, &task.train));
        }
        let (net, random) = (&self.net, &self.random);
        let fit = self.fit.get_or_insert_with(|| Fit::new(recipe, net.clone(), random.clone()));
        let ended = fit.step(task, self.aims.as_ref())?;
        if ended {
            self.ended = fit.history.last().copied();
        }
        if fit.done() {
            if let Some(fit) = self.fit.take() {
                (self.net, self.random) = fit.finish();
            }
            self.next();
        } else if ended {
            self.good = self.bytes();
        }
        Ok(())
    }

    /// The start itself, or the released code's, which is nearly linear, where the network of best parabolas runs away.
    ///
    /// A parabola squares the tail of what goes into it, and the next one squares that: after the seventeen of a ResNet
    /// nothing is left but overflow, and no rate or clipping trains what then comes. Fitting them one after another
    /// keeps the deviations, not the tails. Few activations in a row (the digits' network) stay as they are.
    fn steady(&self, task: &Task<f32>, start: Start) -> Start {
        if !matches!(start, Start::Best(2..)) {
            return start;
        }
        let order: Vec<usize> = (0..task.train.len().min(PROBED)).collect();
        let sample = task.train.part(&order);
        let before = evaluate::flows(&self.net, &sample);
        let mut net = self.net.without_relus();
        net.fit_polynomials(&before, start);
        let after = evaluate::flows(&net, &sample);
        let (before, after) = (before.iter(), after.iter());
        let grew = before.zip(after).any(|(before, after)| {
            let total = |flow: &Moments<f64>| flow.variance.iter().sum::<f64>();
            let grown = total(after);
            !grown.is_finite() || grown > RUNAWAY * RUNAWAY * total(before)
        });
        if grew { CODE } else { start }
    }

    fn drop_block(&mut self, task: &Task<f32>, to: usize, candidates: usize, images: usize) {
        let mut kept = self.net.places();
        let gone = kept.len().saturating_sub(to);
        let mut order: Vec<usize> = (0..task.train.len()).collect();
        self.random.shuffle(&mut order);
        order.truncate(images);
        let sample = task.train.part(&order);
        let mut best: Option<(f64, Net<f32>)> = None;
        for _ in 0..candidates.max(1) {
            self.random.shuffle(&mut kept);
            let mut net = self.net.clone();
            net.replace(kept.get(..gone).unwrap_or_default());
            let loss = evaluate::cross_entropy(&net, &sample);
            if best.as_ref().is_none_or(|(least, _)| loss < *least) {
                best = Some((loss, net));
            }
        }
        if let Some((_, net)) = best {
            self.net = net;
        }
    }
}
