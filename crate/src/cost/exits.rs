//! Networks that may stop early: what each way to leave at an exit costs. The formulas are ours, after the idea of
//! multi-exit networks (MESS, arXiv 2106.03527, whose setting has no cryptography).
//!
//! An exit reads the trunk where it branches off and classifies by a head: an average over all positions and a linear
//! layer; where each position has a class (segmentation), a linear layer at each; or a head that the model has. Whether
//! to stop is a secure test: the largest of the n logits (n - 1 comparisons, ceil(log2 n) levels), one comparison with a
//! public threshold, and an opened bit; with many positions each is tested so, and one comparison more says whether
//! enough of them passed. Work before the input exists is done for the deepest exit, whatever comes: only an exit that is
//! fixed beforehand saves it.

use serde::Serialize;

use super::estimate::{Detail, estimate};
use super::formulas::pointwise;
use super::report::{Estimate, Phase, Unpriced};
use super::tariff::Pricing;
use crate::count::{Activation, Kind, Row, Work};
use crate::error::{Code, Error, Result};

/// What classifies at an exit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum ExitHead {
    /// An average over all positions, and a linear layer.
    Pooled,
    /// A linear layer at each position, as segmentation asks for.
    EachPosition,
    /// The model's own: its logits are what the exit reads.
    Own,
}

/// Where an exit branches off.
#[derive(Clone, Debug)]
pub struct Branch {
    /// Positions of the rows that make what its head reads.
    pub reads: Vec<u32>,
    /// Inferences at once.
    pub batch: u64,
    /// Channels there; of an own head the classes.
    pub channels: u64,
    /// Positions there: what an average pool sums; 1 where there is nothing to pool.
    pub positions: u64,
    /// What classifies.
    pub head: ExitHead,
    /// Scalars of the result, which is chosen among all exits' where all of them run.
    pub result: u64,
}

impl Branch {
    fn classes(&self, asked: u64) -> u64 {
        if self.head == ExitHead::Own { self.channels } else { asked }
    }

    /// Classes that are told at once.
    fn answers(&self) -> u64 {
        let each = if self.head == ExitHead::Pooled { 1 } else { self.positions };
        self.batch.saturating_mul(each)
    }
}

/// Where the network ends.
#[derive(Clone, Debug)]
pub struct End {
    /// Positions of the rows that make its result, rising.
    pub reads: Vec<u32>,
    /// All rows are part of the network; false: only what the result needs, as heads of the model's own are not.
    pub whole: bool,
}

/// What a way to run the network takes of one phase, or of both. Expected over inputs where the way depends on them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ExitPhase {
    /// Bytes of all parties.
    pub bytes: u64,
    /// Sequential exchanges.
    pub rounds: f64,
    /// Compute and link, `[low, mid, high]`; None where the compute time is not known.
    pub seconds: Option<[f64; 3]>,
    /// Link time alone.
    pub link_seconds: f64,
}

/// What a way to run the network takes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ExitCost {
    /// Bytes of all parties, offline and online.
    pub bytes: u64,
    /// Online exchanges.
    pub rounds: f64,
    /// Compute and link of both phases, `[low, mid, high]`; None where a compute time is not known.
    pub seconds: Option<[f64; 3]>,
    /// Link time of both phases.
    pub link_seconds: f64,
    /// Before the input is there.
    pub offline: ExitPhase,
    /// After it.
    pub online: ExitPhase,
    /// Totals are lower bounds: some work has no price.
    pub bound: bool,
    /// Its bytes and rounds are: some work has no price at all, and not only no compute time.
    pub bytes_bound: bool,
    /// That work, once each.
    pub unpriced: Vec<String>,
    /// What the parties learn beyond the result, in bits: the entropy of the exit that is taken.
    pub leak_bits: f64,
}

/// Every way to leave at some exits.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Exits {
    /// One exit, chosen before the input is seen; in the order of the exits.
    pub fixed: Vec<ExitCost>,
    /// A secure test at each exit that all parties see the answer of.
    pub secure: ExitCost,
    /// All exits run, and the answer is chosen without anyone knowing where from.
    pub all: ExitCost,
    /// The network without exits.
    pub none: ExitCost,
}

/// Prices `rows` with exits at `branches`, in the order of the network, `classes` logits at each head that is put there.
/// `shares` of the inputs stop at each exit, and the last of them goes to the end.
///
/// # Errors
/// `InvalidSetting` for shares that are no distribution over the exits and the end, or no classes; as [`estimate`].
pub fn exits(
    rows: &[Row],
    branches: &[Branch],
    end: &End,
    classes: u64,
    shares: &[f64],
    pricing: &Pricing<'_>,
) -> Result<Exits> {
    check(branches, classes, shares)?;
    let price = |rows: &[Row]| Ok(Sum::of(&estimate(rows, pricing, Detail::Totals)?));
    let (mut fixed, mut steps) = (Vec::new(), Vec::new());
    let (mut before, mut so_far) = (Sum::default(), Vec::new());
    for (at, branch) in branches.iter().enumerate() {
        so_far.extend_from_slice(&branch.reads);
        let mut cut = Cut::trunk(rows, &so_far);
        let trunk = price(&cut.rows)?;
        let head = cut.head(branch, classes, at);
        cut.test(head, branch, classes, at);
        let tested = price(&cut.rows)?.plus(&Sum::opened(branch.batch, pricing), WHOLE);
        steps.push(tested.less(&before));
        // Without what only the exits before read.
        let mut alone = Cut::trunk(rows, &branch.reads);
        alone.head(branch, classes, at);
        fixed.push(price(&alone.rows)?);
        before = trunk;
    }
    let bare = if end.whole { (0..rows.len() as u32).collect() } else { end.reads.clone() };
    let none = price(&Cut::trunk(rows, &bare).rows)?;
    so_far.extend_from_slice(&bare);
    steps.push(price(&Cut::trunk(rows, &so_far).rows)?.less(&before));

    let mut reach = 1.0;
    let mut secure = Sum::default();
    for (step, share) in steps.iter().zip(shares) {
        // What can be done beforehand is done for the deepest exit.
        secure = secure.plus(step, [1.0, reach]);
        reach -= share;
    }
    let leak = shares.iter().filter(|share| **share > 0.0).map(|share| -share * share.log2()).sum::<f64>();
    Ok(Exits {
        fixed: fixed.into_iter().map(|sum| sum.cost(0.0)).collect(),
        secure: secure.cost(leak + 0.0),
        all: price(&oblivious(rows, branches, (&so_far, &end.reads), classes))?.cost(0.0),
        none: none.cost(0.0),
    })
}

fn check(branches: &[Branch], classes: u64, shares: &[f64]) -> Result<()> {
    let bad = |text: String| Err(Error::new(Code::InvalidSetting, text));
    if branches.is_empty() || classes < 2 {
        return bad("an exit needs a place in the network and two classes or more".to_owned());
    }
    if shares.len() != branches.len() + 1 {
        return bad(format!(
            "{} shares for {} exits: one is needed for each exit, and one for the end",
            shares.len(),
            branches.len()
        ));
    }
    let sum: f64 = shares.iter().sum();
    if shares.iter().any(|share| !(0.0..=1.0).contains(share)) || (sum - 1.0).abs() > 1e-6 {
        return bad(format!("shares lie between 0 and 1 and add up to 1; these add up to {sum}"));
    }
    Ok(())
}

/// The network with every exit's head and test, and a choice of the result behind each: the first exit that is sure
/// wins, and nothing is opened.
fn oblivious(rows: &[Row], branches: &[Branch], (needed, end): (&[u32], &[u32]), classes: u64) -> Vec<Row> {
    let mut cut = Cut::trunk(rows, needed);
    let ends: Vec<u32> = end.iter().filter_map(|end| *cut.place.get(*end as usize)?).collect();
    let mut chosen: Option<u32> = None;
    for (at, branch) in branches.iter().enumerate() {
        let head = cut.head(branch, classes, at);
        let test = cut.test(head, branch, classes, at);
        // Between this exit's logits and those before it.
        let reads = chosen.into_iter().chain([head, test]).collect();
        chosen = Some(if at == 0 { test } else { cut.choose(reads, branch) });
    }
    let reads = ends.into_iter().chain(chosen).collect();
    if let Some(last) = branches.last() {
        cut.choose(reads, last);
    }
    cut.rows
}

/// Of each row: the values that the rows at `wanted` make need it.
pub fn behind(rows: &[Row], wanted: &[u32]) -> Vec<bool> {
    let mut needed = vec![false; rows.len()];
    let mut open: Vec<usize> = wanted.iter().map(|read| *read as usize).collect();
    while let Some(position) = open.pop() {
        let (Some(seen), Some(row)) = (needed.get_mut(position), rows.get(position)) else { continue };
        if !std::mem::replace(seen, true) {
            open.extend(row.reads(position));
        }
    }
    needed
}

/// Rows that end somewhere, and what is put behind them.
struct Cut {
    rows: Vec<Row>,
    /// Where the network's rows stand now.
    place: Vec<Option<u32>>,
}

impl Cut {
    /// What makes the values that the rows at `wanted` do, in order.
    fn trunk(rows: &[Row], wanted: &[u32]) -> Self {
        let needed = behind(rows, wanted);
        let mut cut = Self { rows: Vec::new(), place: vec![None; rows.len()] };
        for (position, row) in rows.iter().enumerate().filter(|(position, _)| needed[*position]) {
            let reads = row.reads(position).filter_map(|read| *cut.place.get(read)?).collect();
            cut.place[position] = Some(cut.rows.len() as u32);
            cut.rows.push(Row { after: Some(reads), ..row.clone() });
        }
        cut
    }

    fn push(&mut self, name: &str, op: &str, work: Work, reads: Vec<u32>) -> u32 {
        let position = self.rows.len() as u32;
        // No node of the file has such an index.
        let index = u32::MAX - position;
        self.rows.push(Row {
            index,
            name: name.to_owned(),
            op: op.to_owned(),
            work: vec![work],
            unknown: None,
            after: Some(reads),
            passes: None,
        });
        position
    }

    /// What classifies; of the model's own head its last row.
    fn head(&mut self, branch: &Branch, classes: u64, at: usize) -> u32 {
        let name = format!("head of exit {}", at + 1);
        let reads = branch.reads.iter().filter_map(|read| *self.place.get(*read as usize)?);
        let mut reads: Vec<u32> = reads.collect();
        let matrix =
            |m| Work::MatMul { batch: 1, m, k: branch.channels, n: classes, secret: false, steps: 1 };
        match branch.head {
            ExitHead::Own => return reads.last().copied().unwrap_or(0),
            ExitHead::EachPosition => {
                let conv = pointwise(branch.answers().into(), branch.channels, classes);
                let work = conv.map_or_else(|| matrix(branch.answers()), Work::Conv);
                return self.push(&name, "Conv", work, reads);
            }
            ExitHead::Pooled if branch.positions > 1 => {
                let elements = branch.batch.saturating_mul(branch.channels);
                let pool = Work::AvgPool { elements, window: branch.positions };
                reads = vec![self.push(&name, "GlobalAveragePool", pool, reads)];
            }
            ExitHead::Pooled => {}
        }
        self.push(&name, "Gemm", matrix(branch.batch), reads)
    }

    /// The largest logit, by rounds of a tournament of two, and whether it is above a public threshold; of many positions
    /// whether it is at enough of them. Counting is local.
    fn test(&mut self, head: u32, branch: &Branch, classes: u64, at: usize) -> u32 {
        let name = format!("test of exit {}", at + 1);
        let answers = branch.answers();
        let (mut left, mut last) = (branch.classes(classes), head);
        while left > 1 {
            let pairs = answers.saturating_mul(left / 2);
            last = self.push(&name, "Max", plain(Kind::Comparison, pairs, pairs), vec![last]);
            left -= left / 2;
        }
        last = self.push(&name, "Greater", plain(Kind::LessThan, answers, answers), vec![last]);
        if answers > branch.batch {
            let enough = plain(Kind::LessThan, branch.batch, branch.batch);
            last = self.push(&name, "Greater", enough, vec![last]);
        }
        last
    }

    fn choose(&mut self, reads: Vec<u32>, branch: &Branch) -> u32 {
        self.push("choice of the exit", "Where", plain(Kind::Choice, branch.result, 0), reads)
    }
}

/// An activation that is told by its elements.
pub(super) fn plain(kind: Kind, elements: u64, comparisons: u64) -> Work {
    Work::Activation(Activation { kind, elements, rows: 0, row_length: 0, comparisons, folded: false })
}

/// What rows cost in one piece.
pub(super) fn total(rows: &[Row], pricing: &Pricing<'_>) -> Result<ExitCost> {
    Ok(Sum::of(&estimate(rows, pricing, Detail::Totals)?).cost(0.0))
}

/// Both phases as they are.
const WHOLE: [f64; 2] = [1.0; 2];

/// A phase while it is added up.
#[derive(Clone, Copy, Debug, Default)]
struct Part {
    bytes: f64,
    rounds: f64,
    seconds: Option<[f64; 3]>,
    link: f64,
}

impl Part {
    fn of(phase: &Phase) -> Self {
        Self {
            bytes: phase.bytes_total() as f64,
            rounds: phase.rounds as f64,
            seconds: phase.seconds,
            link: phase.link_seconds,
        }
    }

    fn plus(&self, other: &Self, weight: f64) -> Self {
        let seconds = match (self.seconds, other.seconds) {
            (Some(a), Some(b)) => Some(std::array::from_fn(|i| a[i] + weight * b[i])),
            _ => None,
        };
        Self {
            bytes: self.bytes + weight * other.bytes,
            rounds: self.rounds + weight * other.rounds,
            seconds,
            link: self.link + weight * other.link,
        }
    }

    fn phase(&self) -> ExitPhase {
        ExitPhase {
            bytes: self.bytes.round() as u64,
            rounds: self.rounds,
            seconds: self.seconds,
            link_seconds: self.link,
        }
    }
}

/// Both phases while they are added up.
#[derive(Clone, Debug)]
struct Sum {
    offline: Part,
    online: Part,
    gap: bool,
    unpriced: Vec<String>,
}

impl Default for Sum {
    /// Nothing, in no time.
    fn default() -> Self {
        let none = Part { seconds: Some([0.0; 3]), ..Part::default() };
        Self { offline: none, online: none, gap: false, unpriced: Vec::new() }
    }
}

impl Sum {
    fn of(estimate: &Estimate) -> Self {
        let missing = |unpriced: &Unpriced| unpriced.reason.to_string();
        Self {
            offline: Part::of(&estimate.offline),
            online: Part::of(&estimate.online),
            gap: estimate.status.not_supported.parts > 0,
            unpriced: once_each(estimate.unpriced.iter().map(missing)),
        }
    }

    /// One bit of each inference, opened to all: a share from each party to each other one.
    fn opened(batch: u64, pricing: &Pricing<'_>) -> Self {
        let profile = pricing.tariff.profile();
        let Some(elements) = profile.opened else {
            let why = format!("opening the bit of a test has no price under {}", profile.title);
            return Self { gap: true, unpriced: vec![why], ..Self::default() };
        };
        let width = if profile.has_ring { pricing.terms.ring_bits } else { 64 };
        let each = batch.saturating_mul(u64::from(width) / 8);
        let link = pricing.link.seconds(each, each, 1);
        let bytes = (each as f64) * elements as f64;
        let online = Part { bytes, rounds: 1.0, seconds: Some([link; 3]), link };
        Self { online, ..Self::default() }
    }

    fn plus(&self, other: &Self, [offline, online]: [f64; 2]) -> Self {
        Self {
            offline: self.offline.plus(&other.offline, offline),
            online: self.online.plus(&other.online, online),
            gap: self.gap || other.gap,
            unpriced: once_each(self.unpriced.iter().chain(&other.unpriced).cloned()),
        }
    }

    fn less(&self, other: &Self) -> Self {
        self.plus(other, [-1.0; 2])
    }

    fn cost(self, leak_bits: f64) -> ExitCost {
        let both = self.offline.plus(&self.online, 1.0);
        ExitCost {
            bytes: both.bytes.round() as u64,
            rounds: self.online.rounds,
            seconds: both.seconds,
            link_seconds: both.link,
            offline: self.offline.phase(),
            online: self.online.phase(),
            bound: !self.unpriced.is_empty(),
            bytes_bound: self.gap,
            unpriced: self.unpriced,
            leak_bits,
        }
    }
}

fn once_each(all: impl Iterator<Item = String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    all.for_each(|one| {
        if !kept.contains(&one) {
            kept.push(one);
        }
    });
    kept
}
