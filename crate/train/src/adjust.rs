//! The loop of adjusting: what a network would miss of each layer, a move of width or of ReLUs from the least to the most
//! missed, a short training, again.
//!
//! After Network Adjustment (arXiv 2004.02767, danczs/NetworkAdjustment at 0272dd6), whose loop trains each network anew and
//! keeps its last; the ratio and the step's 15 % that fall by 1 % a rank are theirs. Ours: the step is a part of the width that a
//! layer has (theirs: of the first network's); widths are brought to the target or below, in one pass (theirs: to within 1 % of
//! it); weights that both networks have are taken over; the same training without the move stands beside each move, and the
//! better of the two on the validation images goes on; half a layer less moves each way after a move that gains, one at least
//! (theirs: after every round), half as many after one that loses, and the loop ends when none would. The twin for ReLUs (counts
//! of kept ReLUs move, places at random) is ours.

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use crate::data::{Set, Task};
use crate::evaluate;
use crate::fit::{DIVERGED, Diverged, Fit};
use crate::layers::loss::Blend;
use crate::methods::Options;
use crate::nested::in_order;
use crate::net::{Net, Role, Unfit};
use crate::random::Random;
use crate::resize::{Tied, macs, resized, tied};
use crate::utilise::{Ask, Layer, Move, Work, moves_of, utilisation};

/// Layers that move each way at first.
const FIRST: f64 = 6.0;
/// Channels that a layer keeps at least.
const FLOOR: u64 = 4;
/// Images that utilisation is measured on, at most.
const IMAGES: usize = 512;

/// What is adjusted, and how long.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Adjusting {
    /// What moves.
    pub what: Work,
    /// ReLUs that stay throughout; widths move at the network's own multiplications.
    pub budget: usize,
    /// Rounds, at most.
    pub rounds: usize,
    /// Epochs of each training in a round.
    pub epochs: usize,
    /// Mean share of a layer's work that goes where utilisation is measured.
    pub share: f64,
    /// Draws that are averaged.
    pub draws: usize,
    /// Seed of everything.
    pub seed: u64,
}

/// How good a network is on the validation images.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Score {
    /// Mean cross-entropy, which chooses; a million where training diverged, or it is no number.
    pub loss: f64,
    /// Accuracy.
    pub accuracy: f64,
}

/// One round; the first is the network that is begun with.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Round {
    /// Which, from 0.
    pub round: usize,
    /// ReLUs, or multiplications of one image, of the network that goes on.
    pub work: u64,
    /// Layers whose width, or whose ReLUs, changed: what the step moved, and what brought the work back to its target.
    pub moved: Vec<Move>,
    /// The moved network after its training; the network begun with, in round 0.
    pub score: Score,
    /// The same training without the move.
    pub still: Option<Score>,
    /// The moved network goes on: it has the lower loss of the two.
    pub won: bool,
    /// Of the network that goes on, on the test images: for people, it decides nothing.
    pub test: f64,
}

impl Round {
    /// The training of the moved network diverged: the move is lost, and its accuracy is of what was there by then.
    pub fn diverged(&self) -> bool {
        self.score.loss >= DIVERGED
    }
}

impl Adjusting {
    /// Layers that can move of a network.
    ///
    /// # Errors
    /// A budget above its ReLUs, settings out of bounds, a network whose widths cannot move.
    pub fn layers(&self, net: &Net<f32>) -> Result<usize, Unfit> {
        let all = net.activations();
        let bad = |text: String| Err(Unfit(text));
        if !(self.share > 0.0 && self.share < 1.0 && (1..=1000).contains(&self.draws)) {
            return bad("a share between 0 and 1 goes, in 1 to 1,000 draws".to_owned());
        }
        if !(1..=100).contains(&self.rounds) || !(1..=1000).contains(&self.epochs) {
            return bad("1 to 100 rounds of 1 to 1,000 epochs are adjusted".to_owned());
        }
        if net.sites.iter().any(|site| !site.plain) {
            return bad("adjusting begins from a network with all its ReLUs".to_owned());
        }
        match self.what {
            Work::Relu if self.budget == 0 || self.budget >= all => {
                bad(format!("a budget between 1 and {all} ReLUs can move, not {}", self.budget))
            }
            Work::Relu => Ok(net.sites.len()),
            Work::Flops => Ok(tied(net)?.len()),
        }
    }
}

/// A loop under way.
#[derive(Clone, Debug)]
pub struct Adjust {
    of: Adjusting,
    options: Options,
    random: Random,
    aims: Option<Array2<f32>>,
    net: Net<f32>,
    /// The best so far and its loss.
    best: (Net<f32>, f64, usize),
    /// Layers that move each way next.
    most: f64,
    target: u64,
    now: Now,
    /// Rounds that ended.
    pub rounds: Vec<Round>,
    fit: Option<Fit<f32>>,
}

/// What is trained.
#[derive(Clone, Debug)]
enum Now {
    /// The network that is begun with.
    Start,
    /// Nothing: a round begins.
    Between,
    /// Without the move; the network that moved waits.
    Still(Box<Net<f32>>, Vec<Move>),
    /// With it; what the other came to.
    Moved(Box<Net<f32>>, Score, Vec<Move>),
    Done,
}

impl Adjust {
    /// Begins from a trained network with all its ReLUs.
    ///
    /// # Errors
    /// As [`Adjusting::layers`].
    pub fn new(net: Net<f32>, of: Adjusting, options: Options, task: &Task<f32>) -> Result<Self, Unfit> {
        let layers = of.layers(&net)?;
        let mut random = Random::new(of.seed);
        let (mut start, mut aims, mut target) = (net.clone(), None, macs(&net));
        if of.what == Work::Relu {
            aims = Some(evaluate::logits(&net, &task.train));
            start.open(None);
            let counts: Vec<u64> = start.sites.iter().map(|site| site.elements() as u64).collect();
            start.spread(&shared(&counts, &counts, of.budget as u64), &mut random);
            target = of.budget as u64;
        }
        let best = (start.clone(), f64::INFINITY, 0);
        Ok(Self {
            of,
            options,
            random,
            aims,
            net: start,
            best,
            most: FIRST.min((layers / 2) as f64),
            target,
            now: Now::Start,
            rounds: Vec::new(),
            fit: None,
        })
    }

    /// Whether the loop ended.
    pub fn done(&self) -> bool {
        matches!(self.now, Now::Done)
    }

    /// The best network on the validation images, and its round.
    pub fn best(&self) -> (&Net<f32>, usize) {
        (&self.best.0, self.best.2)
    }

    /// Share of the loop that is done, at most.
    pub fn along(&self) -> f64 {
        let fits = 1 + 2 * self.of.rounds;
        let part = |fit: &Fit<f32>| {
            let epochs = self.of.epochs.max(1) as f64;
            (fit.epoch() as f64 + fit.along().map_or(0.0, |(share, _)| share)) / epochs
        };
        let before = match self.now {
            Now::Start => 0,
            Now::Between | Now::Still(..) => 2 * self.rounds.len().saturating_sub(1) + 1,
            Now::Moved(..) => 2 * self.rounds.len(),
            Now::Done => fits,
        };
        (before as f64 + self.fit.as_ref().map_or(0.0, part)).min(fits as f64) / fits as f64
    }

    /// Goes on while `more` says so, asked after each step of training, or to the end; whether it is there.
    ///
    /// # Errors
    /// A divergence, but of a network that moved: that is a move that loses.
    pub fn advance(&mut self, task: &Task<f32>, more: &mut dyn FnMut() -> bool) -> Result<bool, Diverged> {
        while !self.done() {
            self.step(task)?;
            if !more() {
                break;
            }
        }
        Ok(self.done())
    }

    fn step(&mut self, task: &Task<f32>) -> Result<(), Diverged> {
        if let Some(fit) = &mut self.fit {
            let diverged = match fit.step(task, self.aims.as_ref()) {
                Err(_) if matches!(self.now, Now::Moved(..)) => true,
                step => {
                    step?;
                    false
                }
            };
            if (diverged || fit.done())
                && let Some(fit) = self.fit.take()
            {
                self.trained(fit.finish().0, diverged, task);
            }
            return Ok(());
        }
        match std::mem::replace(&mut self.now, Now::Done) {
            // A network with all its ReLUs is trained already.
            Now::Start if self.of.what == Work::Flops => {
                self.now = Now::Start;
                let net = self.net.clone();
                self.trained(net, false, task);
            }
            Now::Start => {
                self.now = Now::Start;
                self.fit = Some(self.begun(self.net.clone()));
            }
            Now::Between => {
                if let Some((moved, moves)) = self.moved(task) {
                    self.fit = Some(self.begun(self.net.clone()));
                    self.now = Now::Still(Box::new(moved), moves);
                }
            }
            // A training that was begun is under way or ended.
            Now::Still(..) | Now::Moved(..) | Now::Done => {}
        }
        Ok(())
    }

    fn begun(&self, net: Net<f32>) -> Fit<f32> {
        let blend = if self.aims.is_some() { Blend::BOTH } else { Blend::LABELS };
        // Both trainings of a round see the images in one order.
        let random = Random::new(self.of.seed ^ ((self.rounds.len() as u64 + 1) << 32));
        Fit::new(self.options.retrained(self.of.epochs, blend), net, random)
    }

    /// A training ended, or diverged.
    fn trained(&mut self, net: Net<f32>, diverged: bool, task: &Task<f32>) {
        // What is no number is the larger of the two.
        let loss = evaluate::cross_entropy(&net, &task.validation).min(DIVERGED);
        let score = Score {
            loss: if diverged { DIVERGED } else { loss },
            accuracy: evaluate::accuracy(&net, &task.validation),
        };
        match std::mem::replace(&mut self.now, Now::Done) {
            Now::Start => self.round(task, net, Vec::new(), score, None, true),
            Now::Still(moved, moves) => {
                self.fit = Some(self.begun(*moved));
                self.now = Now::Moved(Box::new(net), score, moves);
            }
            Now::Moved(still, at, moves) => {
                let won = score.loss < at.loss;
                self.round(task, if won { net } else { *still }, moves, score, Some(at), won);
            }
            Now::Between | Now::Done => {}
        }
    }

    /// Notes a round; `net` goes on.
    fn round(
        &mut self,
        task: &Task<f32>,
        net: Net<f32>,
        moved: Vec<Move>,
        score: Score,
        still: Option<Score>,
        won: bool,
    ) {
        let round = self.rounds.len();
        let loss = if won { score.loss } else { still.map_or(score.loss, |at| at.loss) };
        let work = match self.of.what {
            Work::Relu => net.relus() as u64,
            Work::Flops => macs(&net),
        };
        let test = evaluate::accuracy(&net, &task.test);
        self.rounds.push(Round { round, work, moved, score, still, won, test });
        if loss < self.best.1 {
            self.best = (net.clone(), loss, round);
        }
        self.net = net;
        if round > 0 {
            self.most = if won { (self.most - 0.5).max(1.0) } else { (self.most / 2.0).floor() };
        }
        let ends = round >= self.of.rounds || self.most < 1.0;
        self.now = if ends { Now::Done } else { Now::Between };
    }

    /// The network after a step, and what moved; nothing where nothing does.
    fn moved(&mut self, task: &Task<f32>) -> Option<(Net<f32>, Vec<Move>)> {
        let Adjusting { what, share, draws, .. } = self.of;
        let ask = Ask { what, share, draws, seed: self.random.bits(), labels: true };
        let set = first(&task.validation);
        let layers = utilisation(&self.net, &set, &ask);
        // At least one layer goes each way where any does.
        let most = self.most as usize;
        match what {
            Work::Relu => {
                let now: Vec<u64> = layers.iter().map(|layer| layer.work).collect();
                let caps: Vec<u64> = self.net.sites.iter().map(|site| site.elements() as u64).collect();
                let names = || layers.iter().map(|layer| layer.name.as_str());
                let to = stepped(names(), &now, &moves_of(what, &layers, &now, most));
                let to = shared(&to, &caps, self.target);
                let mut net = self.net.clone();
                net.spread(&to, &mut self.random);
                changed(names(), &now, &to).map(|moves| (net, moves))
            }
            Work::Flops => {
                let groups = tied(&self.net).ok()?;
                let joined: Vec<Layer> =
                    groups.iter().map(|group| joined(&self.net, group, &layers)).collect();
                let now: Vec<u64> = groups.iter().map(|group| group.width as u64).collect();
                let names = || joined.iter().map(|layer| layer.name.as_str());
                let to = stepped(names(), &now, &moves_of(what, &joined, &now, most));
                let order = falling(joined.iter().map(|layer| layer.utilisation));
                let random = Random::new(self.random.bits());
                let (net, to) = scaled(&self.net, self.target, &to, &order, &random)?;
                changed(names(), &now, &to).map(|moves| (net, moves))
            }
        }
    }
}

/// Widths in these proportions whose multiplications are `target` or less, then a channel more of each that still fits, in one
/// pass in `order`; the network of them.
fn scaled(
    net: &Net<f32>,
    target: u64,
    widths: &[u64],
    order: &[usize],
    random: &Random,
) -> Option<(Net<f32>, Vec<u64>)> {
    let made = |widths: &[u64]| {
        let widths: Vec<usize> = widths.iter().map(|width| *width as usize).collect();
        resized(net, &widths, &mut random.clone()).ok()
    };
    let fits = |widths: &[u64]| made(widths).is_some_and(|net| macs(&net) <= target);
    let by = |factor: f64| -> Vec<u64> {
        let scale = |width: &u64| ((*width as f64 * factor).round() as u64).max(FLOOR.min(*width));
        widths.iter().map(scale).collect()
    };
    let (mut low, mut high) = (0.5, 1.5);
    for _ in 0..20 {
        let middle = 0.5 * (low + high);
        if fits(&by(middle)) { low = middle } else { high = middle }
    }
    let mut to = by(low);
    for at in order {
        to[*at] += 1;
        if !fits(&to) {
            to[*at] -= 1;
        }
    }
    made(&to).filter(|net| macs(net) <= target).map(|net| (net, to))
}

/// The network after a step's moves of ReLUs, of random places from a seed: as many as before, but where a layer has all of its
/// own and cannot take more.
///
/// # Errors
/// Moves of layers that the network does not have, or not as the moves say; more than twice a layer's ReLUs.
pub fn relus_moved(net: &Net<f32>, moves: &[Move], seed: u64) -> Result<Net<f32>, Unfit> {
    if moves.iter().any(|step| net.sites.iter().all(|site| site.name != step.name)) {
        return Err(Unfit("a step of another network".to_owned()));
    }
    let caps: Vec<u64> = net.sites.iter().map(|site| site.elements() as u64).collect();
    let now: Vec<u64> =
        (0..caps.len()).map(|site| net.kept(site).iter().filter(|on| **on).count() as u64).collect();
    let names = || net.sites.iter().map(|site| site.name.as_str());
    checked(names(), &now, moves)?;
    let mut to = stepped(names(), &now, moves);
    to.iter_mut().zip(&caps).for_each(|(to, cap)| *to = (*to).min(*cap));
    // A whole network has nothing that could come back.
    if now != caps {
        to = shared(&to, &caps, now.iter().sum());
    }
    let mut made = net.clone();
    made.spread(&to, &mut Random::new(seed));
    Ok(made)
}

/// A width that convolutions share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Width {
    /// Names of their weights.
    pub names: Vec<String>,
    /// Outputs of each.
    pub from: u64,
    /// What a step makes of them.
    pub to: u64,
}

/// The widths after a step's moves, what is tied moved by the mean of its moves, all scaled to the network's own
/// multiplications or less.
///
/// # Errors
/// As [`tied`]; moves from other widths than the network's, or to more than twice them; widths that cannot be scaled so.
pub fn widths_moved(net: &Net<f32>, moves: &[Move]) -> Result<Vec<Width>, Unfit> {
    let groups = tied(net)?;
    let names: Vec<Vec<String>> = groups
        .iter()
        .map(|group| group.nodes.iter().filter_map(|node| net.weight(*node)).map(str::to_owned).collect())
        .collect();
    let mut wanted: Vec<u64> = Vec::new();
    for (group, names) in groups.iter().zip(&names) {
        let now = vec![group.width as u64; names.len()];
        let names = || names.iter().map(String::as_str);
        checked(names(), &now, moves)?;
        let to = stepped(names(), &now, moves);
        let mean = to.iter().sum::<u64>() as f64 / to.len().max(1) as f64;
        wanted.push(mean.round() as u64);
    }
    let grown = |at: usize| wanted[at] as f64 / groups[at].width.max(1) as f64;
    let order = falling((0..groups.len()).map(grown));
    let (_, to) = scaled(net, macs(net), &wanted, &order, &Random::new(0))
        .ok_or_else(|| Unfit("these widths cannot be scaled to the network's multiplications".to_owned()))?;
    let each = groups.iter().zip(names).zip(to);
    Ok(each.map(|((group, names), to)| Width { names, from: group.width as u64, to }).collect())
}

/// The places of a list, its largest number first, the earlier among equals.
fn falling(of: impl Iterator<Item = f64>) -> Vec<usize> {
    let mut list: Vec<(f64, usize, usize)> = of.zip(0..).map(|(value, at)| (-value, at, at)).collect();
    in_order(&mut list);
    list.into_iter().map(|(_, at, _)| at).collect()
}

/// The images that utilisation is measured on.
fn first(set: &Set<f32>) -> Set<f32> {
    set.part(&(0..set.len().min(IMAGES)).collect::<Vec<_>>())
}

/// Layers that share a width as one: the mean of what each is missed, work together.
fn joined(net: &Net<f32>, group: &Tied, layers: &[Layer]) -> Layer {
    let names: Vec<&str> = group.nodes.iter().filter_map(|node| net.weight(*node)).collect();
    let of: Vec<&Layer> = layers.iter().filter(|layer| names.contains(&layer.name.as_str())).collect();
    let mean = of.iter().map(|layer| layer.utilisation).sum::<f64>() / of.len().max(1) as f64;
    let work = of.iter().map(|layer| layer.work).sum();
    let mut one = of.first().map_or_else(Layer::default, |layer| (*layer).clone());
    (one.work, one.utilisation) = (work, mean);
    one
}

/// Whether moves of these layers begin at their widths and at most double them: nothing larger is made.
fn checked<'a>(names: impl Iterator<Item = &'a str>, now: &[u64], moves: &[Move]) -> Result<(), Unfit> {
    for (name, now) in names.zip(now) {
        if moves.iter().any(|step| step.name == name && (step.from != *now || step.to / 2 > *now)) {
            return Err(Unfit(format!(
                "a step of {name} from another width than {now}, or to more than twice it"
            )));
        }
    }
    Ok(())
}

/// Widths after a step.
fn stepped<'a>(names: impl Iterator<Item = &'a str>, now: &[u64], moves: &[Move]) -> Vec<u64> {
    let to = |(name, width): (&str, &u64)| {
        moves.iter().find(|step| step.name == name).map_or(*width, |step| step.to)
    };
    names.zip(now).map(to).collect()
}

/// What is not as it was; nothing where all is.
fn changed<'a>(names: impl Iterator<Item = &'a str>, now: &[u64], to: &[u64]) -> Option<Vec<Move>> {
    let each = names.zip(now.iter().zip(to));
    let moves: Vec<Move> = each
        .filter(|(_, (now, to))| now != to)
        .map(|(name, (from, to))| Move { name: name.to_owned(), from: *from, to: *to })
        .collect();
    (!moves.is_empty()).then_some(moves)
}

/// Whole numbers in the proportions of `wanted`, none above its cap, that sum to `total`, or to the caps of all that is wanted
/// where those are less: by largest remainder. What is wanted 0 times stays 0. 3 : 1 : 0 of caps 4, 9, 9 to 8: 4, 4, 0.
pub fn shared(wanted: &[u64], caps: &[u64], total: u64) -> Vec<u64> {
    let mut to: Vec<u64> = vec![0; wanted.len()];
    let mut left = total;
    let mut open: Vec<usize> = (0..to.len()).filter(|at| wanted[*at] > 0).collect();
    loop {
        let sum: u128 = open.iter().map(|at| u128::from(wanted[*at])).sum();
        let part = |at: usize| u128::from(left) * u128::from(wanted[at]);
        let (full, others): (Vec<usize>, Vec<usize>) =
            open.iter().partition(|at| part(**at) >= u128::from(caps[**at]) * sum);
        if full.is_empty() {
            open.iter().for_each(|at| to[*at] = (part(*at) / sum) as u64);
            let rest = left - open.iter().map(|at| to[*at]).sum::<u64>();
            let order = falling(open.iter().map(|at| (part(*at) % sum) as f64));
            order.into_iter().take(rest as usize).for_each(|at| to[open[at]] += 1);
            return to;
        }
        // What a cap refuses goes to the others, in the same proportions.
        for at in full {
            (to[at], left) = (caps[at], left - caps[at]);
        }
        open = others;
    }
}

impl Net<f32> {
    /// As many ReLUs of each site: what there are too many of goes, what is missing comes back, at random places.
    fn spread(&mut self, counts: &[u64], random: &mut Random) {
        for (site, count) in self.sites.iter_mut().zip(counts) {
            site.plain = false;
            let param = &mut self.params[site.keep];
            param.role = Role::Running;
            let on = param.value.iter().filter(|k| **k > 0.0).count();
            let (from, to) = if on > *count as usize { (true, 0.0) } else { (false, 1.0) };
            let mut places: Vec<usize> =
                (0..param.value.len()).filter(|at| (param.value[*at] > 0.0) == from).collect();
            random.shuffle(&mut places);
            for at in places.into_iter().take(on.abs_diff(*count as usize)) {
                param.value[at] = to;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use super::*;
    use crate::sets;

    /// A move whose training diverges is lost, and the loop goes on with the network that did not move; nothing else may diverge.
    #[test]
    fn a_move_that_diverges_loses() {
        let task = sets::figures(80, 20).unwrap();
        let (shape, window) = (task.train.shape(), crate::layers::Window { kernel: 3, stride: 2, pad: 1 });
        let mut net = Net::new(shape);
        let x = net.conv(0, [Some("a"), None], 8, window, 1).unwrap();
        let x = net.relu(x, "a0");
        let x = net.conv(x, [Some("b"), None], 8, window, 1).unwrap();
        let x = net.relu(x, "b0");
        let x = net.global(x);
        net.dense(x, [Some("end"), None], task.train.classes()).unwrap();
        net.init(&mut Random::new(1));
        let of =
            Adjusting { what: Work::Relu, budget: 320, rounds: 1, epochs: 1, share: 0.05, draws: 1, seed: 0 };
        for moved in [true, false] {
            let mut adjust = Adjust::new(net.clone(), of, Options::default(), &task).unwrap();
            let there = |now: &Now| {
                matches!(now, Now::Moved(..)) == moved && !matches!(now, Now::Start | Now::Between)
            };
            while adjust.fit.is_none() || !there(&adjust.now) {
                assert!(!adjust.advance(&task, &mut || false).unwrap());
            }
            let fit = adjust.fit.as_mut().unwrap();
            fit.net.params.iter_mut().for_each(|param| param.value.fill(f32::NAN));
            let ended = adjust.advance(&task, &mut || true);
            assert_eq!(ended.is_ok(), moved);
            if moved {
                let round = &adjust.rounds[1];
                assert!(round.diverged() && !round.won && round.still.unwrap().loss < DIVERGED);
                assert!(adjust.net.params.iter().all(|param| param.value.iter().all(|v| v.is_finite())));
            }
        }
    }
}
