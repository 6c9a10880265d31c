//! What to do about it: changes, each with what it does to offline seconds, online seconds, bytes and rounds.
//!
//! Each is the price of a changed network, or of the same one under changed settings, less the price of what is there: the
//! network is priced whole both times. A figure that is not known in full on either side has no difference: two lower
//! bounds tell nothing of it. Never says what a change does to accuracy.

use std::borrow::Cow;

use serde::Serialize;

use super::ask::{Activations, Ask, Knob, Line, Norms, Terms};
use super::estimate::{Detail, UNTIMED, estimate};
use super::keep::{stays, without};
use super::link::LINKS;
use super::protocols::profiles;
use super::report::{Estimate, Phase};
use super::tariff::{Pricing, Tariff};
use super::what_if::{Change, changed};
use crate::count::{Activation, Kind, Row, Work};
use crate::error::Result;

/// After, less before; negative is a saving.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Delta {
    /// Compute and link before the input, in the middle of the range; None where it is not known in full on a side.
    pub offline_seconds: Option<f64>,
    /// The same after it.
    pub online_seconds: Option<f64>,
    /// Bytes of all parties, both phases, set-up apart.
    pub bytes: Option<i64>,
    /// Rounds of the longest chain.
    pub rounds: Option<i64>,
}

impl Delta {
    /// Of both phases; None where one is not known.
    pub fn seconds(&self) -> Option<f64> {
        Some(self.offline_seconds? + self.online_seconds?)
    }

    /// What decides between changes: seconds, bytes where no time is known, nothing last; savings before what costs more.
    fn rank(&self) -> (u8, f64) {
        match (self.seconds(), self.bytes) {
            (Some(seconds), _) if seconds < 0.0 => (0, seconds),
            (None, Some(bytes)) if bytes < 0 => (1, bytes as f64),
            (Some(seconds), _) => (2, seconds),
            (None, Some(bytes)) => (3, bytes as f64),
            (None, None) => (4, 0.0),
        }
    }
}

/// A change, and what it does.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Advised {
    /// `poly2:all`, `poly2:stage:S1`, `poly2:layer:12`, `average-pool`, `link:lan`, `protocol:semi2k`, ...
    pub id: String,
    /// What to do, for people.
    pub text: String,
    /// What it does.
    pub delta: Delta,
    /// Why some of that is not known.
    pub reason: Option<Cow<'static, str>>,
}

/// Prices changes against what is there.
pub struct Adviser<'a> {
    rows: &'a [Row],
    ask: &'a Ask,
    before: Estimate,
    changes: Vec<Advised>,
}

/// The price of rows under the first protocol.
fn price(rows: &[Row], terms: &Terms, activations: &Activations, detail: Detail) -> Result<Estimate> {
    let tariff = Tariff::of(terms.first()?, terms)?;
    estimate(rows, &Pricing::new(&tariff, terms, activations), detail)
}

impl<'a> Adviser<'a> {
    /// Starts from rows with what is in force: a plan, too.
    ///
    /// # Errors
    /// As [`estimate`].
    pub fn new(rows: &'a [Row], ask: &'a Ask) -> Result<Self> {
        let before = price(rows, &ask.terms, &ask.activations, Detail::Findings)?;
        Ok(Self { rows, ask, before, changes: Vec::new() })
    }

    /// What is there, and the changes so far, the greatest saving first.
    pub fn ranked(mut self) -> (Estimate, Vec<Advised>) {
        let key = |change: &Advised| change.delta.rank();
        self.changes.sort_by(|a, b| {
            let ((a, x), (b, y)) = (key(a), key(b));
            a.cmp(&b).then(x.total_cmp(&y))
        });
        (self.before, self.changes)
    }

    /// A network, or settings, in the place of what is there.
    ///
    /// # Errors
    /// As [`estimate`].
    pub fn try_on(&mut self, id: String, text: String, rows: &[Row], ask: &Ask) -> Result<()> {
        let after = price(rows, &ask.terms, &ask.activations, Detail::Totals)?;
        let (delta, reason) = difference(&self.before, &after);
        self.changes.push(Advised { id, text, delta, reason });
        Ok(())
    }

    /// Positions of the rows of which an element-wise activation still stays.
    pub fn activations(&self) -> Vec<usize> {
        let at = |(position, _): (usize, &Row)| position;
        let rows = self.rows.iter().enumerate();
        rows.filter(|(_, row)| stays(row, &self.ask.activations)).map(at).collect()
    }

    /// The activations of these rows become polynomials of degree 2 with public coefficients, whole.
    ///
    /// # Errors
    /// As [`estimate`].
    pub fn polynomials(&mut self, id: String, text: String, positions: &[usize]) -> Result<()> {
        let rows = with(self.rows, |position, a| {
            let here = a.kind.is_pointwise() && positions.contains(&position);
            here.then(|| changed(a, Change::Poly2))
        });
        let gone: Vec<u32> = positions.iter().filter_map(|at| Some(self.rows.get(*at)?.index)).collect();
        let ask = Ask { activations: without(&self.ask.activations, &gone), terms: self.ask.terms.clone() };
        self.try_on(id, text, &rows, &ask)
    }

    /// Where a share stays: none does.
    ///
    /// # Errors
    /// As [`estimate`].
    pub fn the_rest(&mut self, id: String, text: String) -> Result<()> {
        let Some(others) = self.ask.activations.others() else { return Ok(()) };
        let ask = Ask { activations: Activations::All(others), terms: self.ask.terms.clone() };
        self.try_on(id, text, self.rows, &ask)
    }

    /// Max-pools to average pools, ReLU6 to ReLU: where there are any.
    ///
    /// # Errors
    /// As [`estimate`].
    pub fn cheaper_functions(&mut self) -> Result<()> {
        for (id, kind, change, what, becomes) in [
            ("average-pool", Kind::MaxPool, Change::AveragePool, "max-pool", "average over the same windows"),
            ("relu6-to-relu", Kind::ReLU6, Change::Relu, "ReLU6", "ReLU"),
        ] {
            let (keeps, all) = (self.ask.activations.clone(), self.rows);
            let is_here =
                |row: &Row, a: &Activation| a.kind == kind && (!kind.is_pointwise() || stays(row, &keeps));
            let mut count = 0;
            let rows = with(all, |position, a| {
                let here = all.get(position).is_some_and(|row| is_here(row, a));
                count += u64::from(here);
                here.then(|| changed(a, change))
            });
            if count > 0 {
                let text = match count {
                    1 => format!("The {what} becomes the {becomes}"),
                    _ => format!("All {count} of {what} become the {becomes}"),
                };
                let text = if kind == Kind::ReLU6 { text.replace(" the ReLU", " ReLU") } else { text };
                self.try_on(id.to_owned(), text, &rows, self.ask)?;
            }
        }
        Ok(())
    }

    /// Batch norms into weights, another link, more threads, another protocol.
    ///
    /// # Errors
    /// As [`estimate`].
    pub fn settings(&mut self) -> Result<()> {
        let terms = &self.ask.terms;
        let here = Tariff::of(terms.first()?, terms)?;
        let activations = &self.ask.activations;
        let mut tries: Vec<(String, String, Terms)> = Vec::new();
        let foldable = |row: &Row| row.work.iter().skip(1).any(|work| matches!(work, Work::BatchNorm { .. }));
        if terms.norms == Norms::Separate && self.rows.iter().any(foldable) {
            let folded = Terms { norms: Norms::Weights, ..terms.clone() };
            tries.push((
                "fold-batch-norm".to_owned(),
                "Batch norms go into the weights before them".to_owned(),
                folded,
            ));
        }
        let link = terms.link.link();
        let is_other = |preset: &&super::link::Link| preset.id != "loopback" && preset.id != link.id;
        for preset in LINKS.iter().filter(is_other) {
            let over = Terms { link: Line::Preset(preset), ..terms.clone() };
            tries.push((format!("link:{}", preset.id), format!("Over {}", preset.id), over));
        }
        for (knob, id, what, now) in [
            (Knob::HeThreads, "he-threads", "threads for homomorphic layers", terms.he_threads),
            (Knob::GcThreads, "gc-threads", "threads for garbled circuits", terms.gc_threads),
        ] {
            let twice = now.saturating_mul(2).min(MOST_THREADS);
            if !here.profile().knobs.contains(&knob) || twice <= now {
                continue;
            }
            let mut more = terms.clone();
            match knob {
                Knob::HeThreads => more.he_threads = twice,
                _ => more.gc_threads = twice,
            }
            tries.push((format!("{id}:{twice}"), format!("{twice} {what} instead of {now}"), more));
        }
        for profile in profiles().iter().filter(|profile| profile.id != here.id()) {
            let text = format!("Under {} ({})", profile.id, profile.trust.model.title());
            tries.push((format!("protocol:{}", profile.id), text, terms.with(profile.id)));
        }
        for (id, text, terms) in tries {
            self.try_on(id, text, self.rows, &Ask { terms, activations: activations.clone() })?;
        }
        Ok(())
    }
}

/// More than any machine of the logs had: as the settings allow.
const MOST_THREADS: u32 = 1024;

/// The rows with some functions changed.
fn with(rows: &[Row], mut change: impl FnMut(usize, &Activation) -> Option<Work>) -> Vec<Row> {
    let mut changed = rows.to_vec();
    for (position, row) in changed.iter_mut().enumerate() {
        for work in &mut row.work {
            let Work::Activation(a) = work else { continue };
            if let Some(other) = change(position, a) {
                *work = other;
            }
        }
    }
    changed
}

/// After, less before, and why some of it is not known.
fn difference(before: &Estimate, after: &Estimate) -> (Delta, Option<Cow<'static, str>>) {
    let signed = |after: u64, before: u64| after.wrapping_sub(before).cast_signed();
    let sides = [("as it is", before), ("with it", after)];
    if let Some((when, e)) = sides.into_iter().find(|(_, e)| e.status.not_supported.parts > 0) {
        let pieces = e.status.not_supported.parts;
        let first = e.unpriced.iter().find(|gap| gap.reason != UNTIMED).map_or("", |gap| &gap.reason);
        let what = if pieces == 1 { "piece of work has" } else { "pieces of work have" };
        let reason = format!("{when}, {pieces} {what} no price: {first}");
        return (Delta::default(), Some(reason.into()));
    }
    let middle = |phase: &Phase| phase.seconds.map(|[_, middle, _]| middle);
    let untimed = sides.into_iter().find(|(_, e)| e.bound || !e.compute_included);
    let seconds = |of: fn(&Estimate) -> &Phase| {
        let both = middle(of(after)).zip(middle(of(before))).filter(|_| untimed.is_none());
        both.map(|(after, before)| after - before)
    };
    let delta = Delta {
        offline_seconds: seconds(|e| &e.offline),
        online_seconds: seconds(|e| &e.online),
        bytes: Some(signed(after.bytes_total, before.bytes_total)),
        rounds: Some(signed(after.online.rounds, before.online.rounds)),
    };
    let reason = untimed.map(|(when, e)| {
        let what = if e.compute_included { "the compute time of some work" } else { "the compute time" };
        Cow::Owned(format!("{when}, {what} is not known"))
    });
    (delta, reason)
}
