//! `design sweep`: candidates of a family of specs, counted in closed form, priced where asked, and the exact front.
//! Nothing is built and nothing runs. Parts of a sweep merge into the whole.

use serde::{Deserialize, Serialize};

use super::prices::Prices;
use crate::cost::{Activations, Ask, Detail, Money, Pricing, Tariff, Terms, Totals, estimate};
use crate::csv::{self, Cell};
use crate::design::{Choice, Space, Spec, Vary, count, rows};
use crate::error::{Code, Error, Result};
use crate::names::{names, unknown};
use crate::pareto::{Archive, Entry};

/// A sweep: the JSON of `reluctant design sweep`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ExploreSettings {
    /// What does not vary.
    pub base: Spec,
    /// What does; the last changes fastest.
    pub vary: Vec<Vary>,
    /// Draws so many candidates instead of taking all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub sample: Option<Sample>,
    /// What candidates must keep.
    #[serde(default)]
    #[cfg_attr(test, ts(optional, as = "Option<Vec<Constraint>>"))]
    pub constraints: Vec<Constraint>,
    /// What the front is of; few ReLUs and many MACs unless said.
    #[serde(default = "objectives")]
    #[cfg_attr(test, ts(optional, as = "Option<Vec<Objective>>"))]
    pub objectives: Vec<Objective>,
    /// Terms of prices, as `reluctant cost` takes them; protocols come from what is measured.
    #[serde(default)]
    #[cfg_attr(test, ts(optional, as = "Option<Ask>"))]
    pub cost: Ask,
}

fn objectives() -> Vec<Objective> {
    let of = |of: &str, sense| Objective { of: of.to_owned(), sense };
    vec![of("relus", Sense::Min), of("macs", Sense::Max)]
}

/// Candidates drawn at random, with their places put back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Sample {
    /// How many.
    pub count: u64,
    /// The same seed draws the same.
    #[serde(default)]
    pub seed: u64,
}

/// A bound: `relus`, `macs`, `params`, or `bytes`, `rounds`, `seconds`, `offline`, `online`, `money` of a protocol, as in
/// `bytes:semi2k`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Constraint {
    /// Of what.
    pub of: String,
    /// At least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub least: Option<f64>,
    /// At most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub most: Option<f64>,
}

/// What is to be small or large.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Objective {
    /// As in [`Constraint`].
    pub of: String,
    /// Which way.
    pub sense: Sense,
}

names! { "sense",
    /// Which way an objective goes.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum Sense {
        /// Less is better.
        #[default]
        Min = "min",
        /// More is better.
        Max = "max",
    }
}

/// The JSON of `reluctant design sweep --json`, and what `reluctant merge` reads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ExploreReport {
    /// Always `reluctant.design-sweep/1`.
    pub schema: String,
    /// What was asked.
    pub settings: ExploreSettings,
    /// The parts that this speaks for, from 1; `[1]` of 1 is the whole.
    pub shards: Vec<u64>,
    /// Parts in all.
    pub of: u64,
    /// Candidates that were looked at.
    pub candidates: u64,
    /// Of these, specs that cannot be built.
    pub invalid: u64,
    /// Of these, those that keep the constraints.
    pub kept: u64,
    /// Of these, those without a whole price where one is asked for: no part of the front.
    pub unknown: u64,
    /// Names of a point's figures: relus, macs, params, then what is priced.
    pub figures: Vec<String>,
    /// Those that no other is better than in every objective; of equal ones the first.
    pub front: Vec<FrontPoint>,
}

/// A candidate of the front.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct FrontPoint {
    /// Its place among all candidates.
    pub index: u64,
    /// Values of what varies.
    pub values: Vec<Choice>,
    /// In the order of `figures`.
    pub figures: Vec<f64>,
}

/// What is measured of a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Measure {
    Relus,
    Macs,
    Params,
    /// Of the protocol at this place.
    Price(usize, Figure),
}

names! { "figure",
    /// What a price is of.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Figure {
        /// Of all parties and phases.
        Bytes = "bytes",
        /// Online.
        Rounds = "rounds",
        /// Both phases.
        Seconds = "seconds",
        /// One phase.
        Offline = "offline",
        /// The other.
        Online = "online",
        /// 1,000 inferences at the person's prices.
        Money = "money",
    }
}

impl Figure {
    fn of(self, totals: &Totals) -> Option<f64> {
        match self {
            Self::Bytes => Some(totals.bytes as f64),
            Self::Rounds => Some(totals.rounds as f64),
            Self::Seconds => totals.seconds.map(|[offline, online]| offline + online),
            Self::Offline => totals.seconds.map(|[offline, _]| offline),
            Self::Online => totals.seconds.map(|[_, online]| online),
            // Threads and waiting are no part of what cores cost: priced as a whole.
            Self::Money => None,
        }
    }
}

/// A sweep under way.
pub struct Explorer {
    settings: ExploreSettings,
    space: Space,
    spec: Spec,
    terms: Terms,
    activations: Activations,
    tariffs: Vec<Tariff>,
    prices: Prices,
    /// The priced measures, each once.
    priced: Vec<(usize, Figure)>,
    constraints: Vec<(Measure, [f64; 2])>,
    objectives: Vec<(Measure, f64)>,
    shard: [u64; 2],
    /// Steps of the shard that are done.
    done: u64,
    counts: [u64; 4],
    archive: Archive<Vec<f64>>,
}

impl Explorer {
    /// Part `shard` of `of`, from 1.
    ///
    /// # Errors
    /// `InvalidSetting` for what cannot be asked.
    pub fn new(settings: ExploreSettings, [shard, of]: [u64; 2]) -> Result<Self> {
        if shard == 0 || shard > of {
            return Err(Error::new(Code::InvalidSetting, format!("there is no part {shard} of {of}")));
        }
        if settings.objectives.is_empty() {
            return Err(Error::new(Code::InvalidSetting, "a front needs an objective"));
        }
        let space = Space::new(&settings.base, &settings.vary)?;
        let mut explorer = Self {
            spec: space.base(),
            space,
            terms: settings.cost.terms.clone(),
            activations: settings.cost.activations.clone(),
            tariffs: Vec::new(),
            prices: Prices::default(),
            priced: Vec::new(),
            constraints: Vec::new(),
            objectives: Vec::new(),
            shard: [shard, of],
            done: 0,
            counts: [0; 4],
            archive: Archive::new(),
            settings,
        };
        for constraint in explorer.settings.constraints.clone() {
            let bounds =
                [constraint.least.unwrap_or(f64::NEG_INFINITY), constraint.most.unwrap_or(f64::INFINITY)];
            let measure = explorer.measure(&constraint.of)?;
            explorer.constraints.push((measure, bounds));
        }
        // Counts come before prices: they are cheaper.
        explorer.constraints.sort_by_key(|(measure, _)| matches!(measure, Measure::Price(..)));
        for objective in explorer.settings.objectives.clone() {
            let sign = if objective.sense == Sense::Min { 1.0 } else { -1.0 };
            let measure = explorer.measure(&objective.of)?;
            explorer.objectives.push((measure, sign));
        }
        Ok(explorer)
    }

    fn measure(&mut self, text: &str) -> Result<Measure> {
        let known = ["relus", "macs", "params", "bytes:semi2k", "seconds:delphi:server-garbler"];
        match text {
            "relus" => return Ok(Measure::Relus),
            "macs" => return Ok(Measure::Macs),
            "params" => return Ok(Measure::Params),
            _ => {}
        }
        let (figure, id) = text.split_once(':').ok_or_else(|| unknown("a measure", text, &known))?;
        let figure: Figure = figure.parse()?;
        let place = match self.tariffs.iter().position(|tariff| tariff.id() == id) {
            Some(place) => place,
            None => {
                self.tariffs.push(Tariff::of(id, &self.terms)?);
                self.tariffs.len() - 1
            }
        };
        if !self.priced.contains(&(place, figure)) {
            self.priced.push((place, figure));
        }
        Ok(Measure::Price(place, figure))
    }

    /// Candidates of this part.
    pub fn total(&self) -> u64 {
        let [shard, of] = self.shard;
        let all = self.settings.sample.map_or(self.space.len(), |sample| sample.count);
        all.saturating_sub(shard - 1).div_ceil(of)
    }

    /// Candidates that are done.
    pub fn done(&self) -> u64 {
        self.done
    }

    /// Names of figures: those of `points`, after its index.
    pub fn figures(&self) -> Vec<String> {
        let priced = self.priced.iter().map(|(place, figure)| {
            let id = self.tariffs.get(*place).map_or("", Tariff::id);
            format!("{}:{id}", figure.name())
        });
        ["relus", "macs", "params"].map(str::to_owned).into_iter().chain(priced).collect()
    }

    /// Whether a candidate is among the one in `every` that are shown: by its place alone, so that parts agree, and mixed, so that
    /// no value of what varies is left out.
    pub fn shows(index: u64, every: u64) -> bool {
        drawn(0, index).is_multiple_of(every.max(1))
    }

    /// Looks at up to `budget` more candidates; those that keep the constraints go to `points` as their place and their
    /// figures. False once there are no more.
    ///
    /// # Errors
    /// As pricing.
    pub fn step(&mut self, budget: u64, points: &mut dyn FnMut(u64, &[f64])) -> Result<bool> {
        let end = self.done.saturating_add(budget).min(self.total());
        let (mut values, mut figures, mut costs) = (Vec::new(), Vec::new(), Vec::new());
        let [shard, of] = self.shard;
        while self.done < end {
            let place = self.done * of + (shard - 1);
            self.done += 1;
            let index = match self.settings.sample {
                Some(sample) => drawn(sample.seed, place) % self.space.len().max(1),
                None => place,
            };
            self.space.values(index, &mut values);
            self.space.set(&mut self.spec, &values);
            if let Some(kept) = self.score(&mut figures)? {
                self.counts[2] += 1;
                points(index, &figures);
                if !kept {
                    self.counts[3] += 1;
                    continue;
                }
                costs.clear();
                costs.extend(
                    self.objectives.iter().map(|(measure, sign)| sign * self.figure(*measure, &figures)),
                );
                if self.archive.admits(index, &costs) {
                    self.archive.insert(Entry { index, costs: costs.clone(), with: figures.clone() });
                }
            }
        }
        Ok(self.done < self.total())
    }

    /// The figures of the spec: None where a constraint is broken or nothing can be built; else whether every price that
    /// is asked for is known.
    fn score(&mut self, figures: &mut Vec<f64>) -> Result<Option<bool>> {
        self.counts[0] += 1;
        figures.clear();
        if self.spec.check().is_err() {
            self.counts[1] += 1;
            return Ok(None);
        }
        let counts = count(&self.spec);
        figures.extend([counts.relus as f64, counts.macs as f64, counts.params as f64]);
        let keeps = |explorer: &Self, figures: &[f64], priced: bool| {
            let of_kind =
                explorer.constraints.iter().filter(|(m, _)| matches!(m, Measure::Price(..)) == priced);
            of_kind.into_iter().all(|(measure, [least, most])| {
                let figure = explorer.figure(*measure, figures);
                // What is not known keeps no bound.
                figure >= *least && figure <= *most
            })
        };
        if !keeps(self, figures, false) {
            return Ok(None);
        }
        if !self.priced.is_empty() {
            let pricing = |tariff| Pricing::new(tariff, &self.terms, &self.activations);
            let pricings: Vec<Pricing<'_>> = self.tariffs.iter().map(pricing).collect();
            let totals = self.prices.totals(&self.spec, &pricings)?;
            for (place, figure) in &self.priced {
                let known = match (figure, pricings.get(*place)) {
                    (Figure::Money, Some(pricing)) => money(&self.spec, pricing)?,
                    _ => totals.get(*place).and_then(|totals| figure.of(totals.as_ref()?)),
                };
                figures.push(known.unwrap_or(f64::NAN));
            }
            if !keeps(self, figures, true) {
                return Ok(None);
            }
        }
        let known = |(measure, _): &(Measure, f64)| !self.figure(*measure, figures).is_nan();
        Ok(Some(self.objectives.iter().all(known)))
    }

    fn figure(&self, measure: Measure, figures: &[f64]) -> f64 {
        let place = match measure {
            Measure::Relus => Some(0),
            Measure::Macs => Some(1),
            Measure::Params => Some(2),
            Measure::Price(place, figure) => {
                self.priced.iter().position(|one| *one == (place, figure)).map(|at| at + 3)
            }
        };
        place.and_then(|place| figures.get(place)).copied().unwrap_or(f64::NAN)
    }

    /// What came out.
    pub fn report(self) -> ExploreReport {
        let figures = self.figures();
        let [candidates, invalid, kept, unknown] = self.counts;
        let [shard, of] = self.shard;
        let mut values = Vec::new();
        let mut point = |entry: Entry<Vec<f64>>| {
            self.space.values(entry.index, &mut values);
            let choice = |(place, value): (usize, &u32)| self.space.choice(place, *value);
            let values = values.iter().enumerate().map(choice).collect();
            FrontPoint { index: entry.index, values, figures: entry.with }
        };
        ExploreReport {
            schema: SCHEMA.to_owned(),
            front: self.archive.front().into_iter().map(&mut point).collect(),
            settings: self.settings,
            shards: vec![shard],
            of,
            candidates,
            invalid,
            kept,
            unknown,
            figures,
        }
    }
}

const SCHEMA: &str = "reluctant.design-sweep/1";

/// What 1,000 inferences cost; None of a lower bound. Cores are priced without threads and link, so this is no sum of sections.
fn money(spec: &Spec, pricing: &Pricing<'_>) -> Result<Option<f64>> {
    let estimate = estimate(&rows(spec), pricing, Detail::Totals)?;
    let whole = |money: &Money| money.per_1000.filter(|_| !money.at_least);
    Ok(estimate.money.as_ref().filter(|_| !estimate.bound).and_then(whole))
}

/// The spec of a candidate.
///
/// # Errors
/// `InvalidSetting` for a place that is none.
pub fn explored_spec(settings: &ExploreSettings, index: u64) -> Result<Spec> {
    let space = Space::new(&settings.base, &settings.vary)?;
    if index >= space.len() {
        return Err(Error::new(Code::InvalidSetting, format!("there is no candidate {index}")));
    }
    let (mut spec, mut values) = (space.base(), Vec::new());
    space.values(index, &mut values);
    space.set(&mut spec, &values);
    Ok(spec)
}

/// Parts of one sweep as one: fronts and counts are those of a single run.
///
/// # Errors
/// `InvalidSetting` for parts of different sweeps, or one that comes twice.
pub fn merge(parts: &[ExploreReport]) -> Result<ExploreReport> {
    let refuse = |text: &str| Error::new(Code::InvalidSetting, text);
    let [first, rest @ ..] = parts else { return Err(refuse("there is nothing to merge")) };
    let mut sum = ExploreReport { front: Vec::new(), ..first.clone() };
    for part in rest {
        if part.schema != SCHEMA || (&part.settings, part.of) != (&sum.settings, sum.of) {
            return Err(refuse("these are parts of different sweeps"));
        }
        sum.shards.extend(&part.shards);
        sum.candidates += part.candidates;
        sum.invalid += part.invalid;
        sum.kept += part.kept;
        sum.unknown += part.unknown;
    }
    sum.shards.sort_unstable();
    if sum.shards.windows(2).any(|pair| matches!(pair, [a, b] if a == b)) {
        return Err(refuse("a part comes twice"));
    }
    if sum.shards.len() as u64 == sum.of {
        (sum.shards, sum.of) = (vec![1], 1);
    }
    let explorer = Explorer::new(sum.settings.clone(), [1, 1])?;
    let mut archive = Archive::new();
    for point in parts.iter().flat_map(|part| &part.front) {
        let costs = explorer.objectives.iter().map(|(m, sign)| sign * explorer.figure(*m, &point.figures));
        let costs: Vec<f64> = costs.collect();
        if archive.admits(point.index, &costs) {
            archive.insert(Entry { index: point.index, costs, with: point.clone() });
        }
    }
    sum.front = archive.front().into_iter().map(|entry| entry.with).collect();
    Ok(sum)
}

/// The front as CSV, a line each.
pub fn explore_csv(report: &ExploreReport) -> String {
    let knobs = report.settings.vary.iter().map(|vary| Cell::from(&vary.what));
    let head: Vec<Cell> =
        std::iter::once("index".into()).chain(knobs).chain(report.figures.iter().map(Cell::from)).collect();
    let mut text = csv::line(&head) + "\n";
    for point in &report.front {
        let value = |choice: &Choice| match choice {
            Choice::Number(value) => Cell::from(*value),
            Choice::Relu(relu) => Cell::from(relu.name()),
        };
        let figure = |figure: &f64| Cell::from(Some(*figure).filter(|figure| !figure.is_nan()));
        let cells = std::iter::once(Cell::from(point.index)).chain(point.values.iter().map(value));
        let cells: Vec<Cell> = cells.chain(point.figures.iter().map(figure)).collect();
        text += &(csv::line(&cells) + "\n");
    }
    text
}

/// The candidate that is drawn at a place, before the remainder: SplitMix64 of the seed at that step.
fn drawn(seed: u64, place: u64) -> u64 {
    let z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15u64.wrapping_mul(place.wrapping_add(1)));
    let z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ z >> 31
}
