//! Prices a row's work as terms, one page at a time; sums and cards read the same pages.
//!
//! A page is filled again for each row, so a network of any length needs the memory of one row.

use std::borrow::Cow;
use std::cell::Cell;
use std::ops::Range;

use super::ask::{Norms, Replacement, check};
use super::cause::Cause;
use super::constant::{Status, column_of};
use super::job::{self, Job};
use super::keep::{self, Kept};
use super::levels::{self, Homomorphic, Plan, Refreshes};
use super::norms;
use super::profile::Profile;
use super::tariff::Pricing;
use super::term::{Context, Ends, Priced, Term, To};
use crate::count::{Activation, Kind, Row, Work};
use crate::error::Result;

/// The terms of one piece of work.
pub(super) struct Entry {
    terms: Range<usize>,
    /// What it is for.
    pub cause: Cause,
    /// Why it has no price.
    pub missing: Option<&'static str>,
}

/// The terms of one row.
#[derive(Default)]
pub(super) struct Page {
    terms: Vec<Term>,
    /// One for each piece of work that was not dropped.
    pub entries: Vec<Entry>,
    /// Products made ready that no row has used yet.
    ready: Cell<u64>,
    /// As many as there are before the first row.
    before: u64,
}

impl Page {
    /// Of a section of a network, where so many products are ready.
    pub(super) fn with(ready: u64) -> Self {
        Self { before: ready, ..Self::default() }
    }

    /// Products that no row has used so far.
    pub(super) fn ready(&self) -> u64 {
        self.ready.get()
    }

    /// The terms of an entry.
    pub(super) fn terms(&self, entry: &Entry) -> &[Term] {
        self.terms.get(entry.terms.clone()).unwrap_or_default()
    }

    /// The terms of all entries.
    pub(super) fn all(&self) -> &[Term] {
        &self.terms
    }
}

/// What prices rows, and what depends on the network as a whole.
pub(super) struct Ledger<'a> {
    pub pricing: &'a Pricing<'a>,
    /// Column of the ring in constants.
    pub column: usize,
    /// With the polynomials of a plan in place.
    rows: Cow<'a, [Row]>,
    /// What the network pays once, and the row and place of the work that carries it.
    ends: Option<(Ends, (usize, usize))>,
    /// The argmax that the settings add, at the row of the last linear work.
    closing: Option<(usize, Work)>,
    /// What whole layers on several threads make of their seconds.
    he_scale: [f64; 3],
    /// Levels of each piece of work, where the protocol has them.
    plan: Option<Plan>,
    /// Elements that stay of each activation, where a share of them does.
    kept: Option<Kept>,
    /// Rows that are normalisations in the weights of later layers; empty where none is.
    absorbed: Vec<bool>,
}

impl<'a> Ledger<'a> {
    /// Checks what is asked and looks at the network as a whole.
    pub(super) fn new(rows: &'a [Row], pricing: &'a Pricing<'a>) -> Result<Self> {
        let mut ledger = Self::open(rows, pricing, true)?;
        ledger.ends = ledger.carrier().map(|(carrier, _)| (ledger.ends_of(rows), carrier));
        let (sum, slowest) = ledger.he_seconds(&mut Page::default());
        ledger.he_scale = he_scale(pricing, sum, slowest);
        Ok(ledger)
    }

    /// Of rows that are a section of a network, the last one or not: its first linear work with a price carries `ends`, and
    /// seconds are those of one thread.
    pub(super) fn section(
        rows: &'a [Row],
        pricing: &'a Pricing<'a>,
        ends: Option<Ends>,
        last: bool,
    ) -> Result<Self> {
        let mut ledger = Self::open(rows, pricing, last)?;
        let linear = ledger.carrier().filter(|(_, linear)| *linear);
        ledger.ends = ends.zip(linear.map(|(carrier, _)| carrier));
        Ok(ledger)
    }

    /// Some row of these carries what the network pays once.
    pub(super) fn carries_ends(&self) -> bool {
        self.ends.is_some()
    }

    fn open(rows: &'a [Row], pricing: &'a Pricing<'a>, last: bool) -> Result<Self> {
        let Pricing { terms, activations, .. } = *pricing;
        check(terms, activations)?;
        keep::check_plan(rows, activations.plan())?;
        let column = column_of(terms.ring_bits)?;
        let closing = if terms.argmax && last { closing(rows) } else { None };
        let mut ledger = Self {
            pricing,
            column,
            rows: match activations.plan() {
                [] => Cow::Borrowed(rows),
                plan => Cow::Owned(keep::replaced(rows, plan)),
            },
            ends: None,
            closing,
            he_scale: [1.0; 3],
            kept: activations.kept().map(|keep| keep::kept(rows, keep)),
            plan: None,
            absorbed: Vec::new(),
        };
        if !activations.plan().is_empty() {
            ledger.kept = Some(keep::planned(&ledger.rows, activations.plan()));
        }
        if terms.norms == Norms::Weights {
            let as_in_the_file = |position, place, a: &Activation| ledger.stays(position, place, a);
            ledger.absorbed = norms::absorbed(&ledger.rows, as_in_the_file);
        }
        if let Some(levels) = pricing.tariff.profile().levels {
            let becomes = |row, place, work| ledger.becomes(row, place, work);
            ledger.plan = Some(levels::plan(&ledger.rows, levels, ledger.folds(), becomes));
        }
        Ok(ledger)
    }

    /// Prices the row at `position` onto `page`. Rows come in their order from the first: a page carries
    /// what one row leaves ready for the next.
    ///
    /// A row in a loop is paid once a pass: every constant but the set-up's counts as often.
    pub(super) fn fill(&self, position: usize, page: &mut Page) {
        if position == 0 {
            page.ready.set(page.before);
        }
        let Page { terms, entries, ready, .. } = page;
        terms.clear();
        entries.clear();
        let works = self.rows.get(position).map_or(&[][..], |row| &row.work);
        let steps = steps(works);
        let closing = self.closing.iter().filter(|(at, _)| *at == position).map(|(_, work)| work);
        for (place, work) in works.iter().chain(closing).enumerate() {
            let context = Context { steps, ..self.context(position, place, ready) };
            let start = terms.len();
            let (cause, priced) = match self.becomes(position, place, work) {
                Some(Job::Work(Work::Activation(a))) if self.is_split(position, place, a) => {
                    self.split(position, place, a, context, terms, entries);
                    continue;
                }
                Some(job) => (self.cause(position, job), self.price(job, context, terms)),
                // What was dropped is no part of the row: neither free nor without a price.
                None => continue,
            };
            entries.push(self.enter(start, cause, priced, terms));
        }
        let passes = self.rows.get(position).and_then(|row| row.passes).unwrap_or(1);
        for term in terms.iter_mut().filter(|term| passes > 1 && term.to != To::Setup) {
            term.count = term.count.saturating_mul(passes.into());
        }
        if passes > 1 && self.plan.is_some() {
            for entry in entries.iter_mut() {
                entry.missing = Some("levels of a value that a loop carries have no rule");
            }
        }
    }

    fn context<'b>(&'b self, position: usize, place: usize, ready: &'b Cell<u64>) -> Context<'b> {
        Context {
            terms: self.pricing.terms,
            per_call: self.pricing.per_call,
            ends: self.ends.filter(|(_, carrier)| *carrier == (position, place)).map(|(ends, _)| ends),
            steps: 1,
            parameter: self.profile().parameter.map_or(0, |parameter| parameter.value),
            ready,
            step: self.plan.as_ref().and_then(|plan| plan.step(position, place)),
            among: None,
            folded: self.folds(),
        }
    }

    /// Polynomials in the place of activations have their scale in the weights.
    fn folds(&self) -> bool {
        self.pricing.activations.others() == Some(Replacement::Aespa)
    }

    /// The work that carries what the network pays once: the first linear work with a price, or the first of any kind
    /// where none has one; whether it is linear. Rows without linear work are no network (a ReLU by itself, typed in): nothing
    /// carries it.
    fn carrier(&self) -> Option<((usize, usize), bool)> {
        let (ready, mut terms, mut first, mut linear) = (Cell::new(0), Vec::new(), None, false);
        for (position, row) in self.rows.iter().enumerate() {
            for (place, work) in row.work.iter().enumerate() {
                let is_linear = matches!(work, Work::Conv(_) | Work::ConvTranspose(_) | Work::MatMul { .. });
                linear |= is_linear;
                let Some(job) = self.becomes(position, place, work) else { continue };
                if first.is_some() && !is_linear {
                    continue;
                }
                terms.clear();
                let context = Context { steps: steps(&row.work), ..self.context(position, place, &ready) };
                let priced = self.price(job, context, &mut terms);
                if self.enter(0, Cause::Nothing, priced, &mut terms).missing.is_some() {
                    continue;
                }
                if is_linear {
                    return Some(((position, place), true));
                }
                first = Some((position, place));
            }
        }
        first.filter(|_| linear).map(|first| (first, false))
    }

    /// Of the network as it came: what becomes of its activations changes neither its input nor its result.
    fn ends_of(&self, rows: &[Row]) -> Ends {
        let roots = rows.iter().enumerate().filter(|(position, row)| row.reads(*position).next().is_none());
        let (mut inputs, mut level) = (0, 0);
        for (position, row) in roots {
            inputs = inputs.max(row.work.first().map_or(0, job::inputs));
            let step = self.plan.as_ref().and_then(|plan| plan.step(position, 0));
            level = level.max(step.map_or(0, |step| step.level));
        }
        let made = |row: &Row| job::elements(Job::Work(row.work.last()?));
        Ends { inputs, results: rows.iter().rev().find_map(made).unwrap_or(0), level }
    }

    /// The terms since `start` are one entry, of what is priced or not.
    fn enter(&self, start: usize, cause: Cause, priced: Priced, terms: &mut Vec<Term>) -> Entry {
        let gap = |term: &Term| term.status(self.column) == Status::NotSupported;
        let missing = match priced {
            Ok(()) if terms.iter().skip(start).any(gap) => Some("no run at this ring width"),
            priced => priced.err(),
        };
        if missing.is_some() {
            terms.truncate(start);
        }
        Entry { terms: start..terms.len(), cause, missing }
    }

    /// What a piece of work becomes; an activation of which a part stays, stays. None when it is dropped.
    fn becomes<'b>(&self, position: usize, place: usize, work: &'b Work) -> Option<Job<'b>> {
        if self.kept_of(position, place) > 0 {
            return Some(Job::Work(work));
        }
        // Behind linear work of its own row, or before that of others: in the weights, unless it is to be computed.
        let folds = match self.pricing.terms.norms {
            Norms::Weights => place > 0 || self.absorbed.get(position) == Some(&true),
            Norms::Folded => place > 0,
            Norms::Separate => false,
        };
        if folds && matches!(work, Work::BatchNorm { .. }) {
            return None;
        }
        becomes(work, self.pricing.activations.others())
    }

    /// All of an activation is there, or nothing stands in its place.
    fn stays(&self, position: usize, place: usize, a: &Activation) -> bool {
        let all = match &self.kept {
            None => self.pricing.activations.others().is_none(),
            Some(_) => self.kept_of(position, place) >= a.elements,
        };
        all || !a.kind.is_pointwise() || self.pricing.activations.others() == Some(Replacement::Identity)
    }

    fn kept_of(&self, position: usize, place: usize) -> u64 {
        let kept = self.kept.as_ref().and_then(|kept| kept.get(position)?.get(place));
        kept.copied().unwrap_or(0)
    }

    /// What a job is for: products and scalings that a plan put in the place of an activation are its polynomial.
    fn cause(&self, position: usize, job: Job<'_>) -> Cause {
        let plan = self.pricing.activations.plan();
        let of_plan = || self.rows.get(position).is_some_and(|row| keep::stay(plan, row).is_some());
        match job {
            Job::Work(Work::Scale { .. } | Work::Product { .. }) if of_plan() => Cause::Polynomial,
            job => Cause::of(job),
        }
    }

    /// Calls of activations of which a part stays, and the elements of all calls that do.
    pub(super) fn masked(&self) -> [u64; 2] {
        let rows = self.rows.iter().enumerate();
        let works = rows
            .flat_map(|(position, row)| (row.work.iter().enumerate()).map(move |work| (position, row, work)));
        let stay = works.filter_map(|(position, row, (place, work))| match work {
            Work::Activation(a) if self.is_split(position, place, a) => {
                Some((row.passes.unwrap_or(1), self.kept_of(position, place)))
            }
            _ => None,
        });
        stay.fold([0, 0], |[calls, elements], (passes, kept)| {
            [calls + passes, elements.saturating_add(kept.saturating_mul(passes))]
        })
    }

    /// A part of an activation stays, the other is replaced.
    fn is_split(&self, position: usize, place: usize, a: &Activation) -> bool {
        (1..a.elements).contains(&self.kept_of(position, place))
    }

    /// Prices both parts, an entry each: one may have a price or a time and the other none. They do not depend on
    /// each other: the slower one's rounds are those of both.
    fn split(
        &self,
        position: usize,
        place: usize,
        a: &Activation,
        context: Context<'_>,
        terms: &mut Vec<Term>,
        entries: &mut Vec<Entry>,
    ) {
        let [kept, others] = keep::split(a, self.kept_of(position, place)).map(Work::Activation);
        let context = Context { among: Some(a.elements), ..context };
        let start = terms.len();
        let priced = self.price(Job::Work(&kept), context, terms);
        let mut first = self.enter(start, Cause::of(Job::Work(&kept)), priced, terms);
        let middle = terms.len();
        let beside = Context { step: None, ends: None, ..context };
        let stay = self.rows.get(position).and_then(|row| keep::stay(self.pricing.activations.plan(), row));
        let priced = if let Some(stay) = stay {
            let mut works = stay.polynomial(a.elements.saturating_sub(self.kept_of(position, place)));
            works.try_for_each(|work| self.price(Job::Work(&work), beside, terms))
        } else if let Some(job) = becomes(&others, self.pricing.activations.others()) {
            self.price(job, beside, terms)
        } else {
            Ok(())
        };
        let mut second = self.enter(middle, Cause::Polynomial, priced, terms);
        let rounds = |terms: &[Term]| -> u128 {
            let rounds = terms.iter().filter(|term| term.to == To::Rounds);
            rounds.map(|term| term.rate.times(self.column, term.count)).fold(0, u128::saturating_add)
        };
        let of = |terms: Option<&[Term]>| terms.map_or(0, rounds);
        let drop_first = of(terms.get(start..middle)) < of(terms.get(middle..));
        let mut at = 0;
        let mut first_left = 0;
        terms.retain(|term| {
            at += 1;
            let is_first = at <= middle;
            let stays = at <= start || term.to != To::Rounds || is_first != drop_first;
            first_left += usize::from(is_first && at > start && stays);
            stays
        });
        let (middle, end) = (start + first_left, terms.len());
        (first.terms, second.terms) = (start..middle, middle..end);
        entries.extend([first, second]);
    }

    /// How often values are refreshed, where the protocol has levels.
    pub(super) fn refreshes(&self) -> Option<Refreshes> {
        self.plan.as_ref().map(|plan| plan.refreshes)
    }

    /// What the plan of refreshes weighs; None of a greedy one.
    #[cfg(test)]
    pub(super) fn planned_seconds(&self) -> Option<f64> {
        self.plan.as_ref()?.seconds
    }

    /// What the row at `position` asks of homomorphic encryption.
    pub(super) fn homomorphic(&self, position: usize) -> Option<Homomorphic> {
        let steps = self.plan.as_ref()?.steps.get(position)?;
        Some(self.profile().levels?.of_row(self.rows.get(position)?, steps))
    }

    fn price(&self, job: Job<'_>, context: Context<'_>, out: &mut Vec<Term>) -> Priced {
        self.pricing.tariff.price(job, context, out)
    }

    /// The profile, or the one that measurements stand on.
    pub(super) fn profile(&self) -> &'static Profile {
        self.pricing.tariff.profile()
    }

    /// `[low, mid, high]` seconds of a term.
    pub(super) fn seconds(&self, term: &Term) -> [f64; 3] {
        let factor = term.count as f64 * term.scale;
        let [low, mid, high] = term.rate.real().map(|rate| rate * factor);
        let [low, high] = [low * term.spread[0], high * term.spread[1]];
        let [a, b, c] = self.he_scale_of(term);
        [low * a, mid * b, high * c]
    }

    /// What threads make of a term.
    pub(super) fn he_scale_of(&self, term: &Term) -> [f64; 3] {
        if term.he { self.he_scale } else { [1.0; 3] }
    }

    /// Seconds of homomorphic linear algebra of one piece of work, on one thread.
    pub(super) fn he_seconds_of(&self, page: &Page, entry: &Entry) -> f64 {
        page.terms(entry).iter().filter(|term| term.he).map(|term| self.seconds(term)[1]).sum()
    }

    /// The same of all rows and of the slowest piece.
    fn he_seconds(&self, page: &mut Page) -> (f64, f64) {
        let (mut sum, mut slowest) = (0.0, 0.0_f64);
        if !shares_threads(self.pricing) {
            return (sum, slowest);
        }
        for position in 0..self.rows.len() {
            self.fill(position, page);
            for entry in &page.entries {
                let layer = self.he_seconds_of(page, entry);
                sum += layer;
                slowest = slowest.max(layer);
            }
        }
        (sum, slowest)
    }
}

/// Whole layers run side by side on several threads.
fn shares_threads(pricing: &Pricing<'_>) -> bool {
    pricing.terms.he_threads > 1 && pricing.tariff.profile().layer_overhead.is_some()
}

/// Layers in parallel: overhead x max(slowest layer, sum / threads), never more than fewer threads take.
/// ResNet-18/CIFAR, 286.4 s in all, slowest 31.8: 13 threads take 1.11 x 31.8 = 35.3 s (logged 36.1).
pub(super) fn he_scale(pricing: &Pricing<'_>, sum: f64, slowest: f64) -> [f64; 3] {
    let threads = pricing.terms.he_threads;
    let Some([two, many]) = pricing.tariff.profile().layer_overhead.filter(|_| shares_threads(pricing))
    else {
        return [1.0; 3];
    };
    let mut scale = [1.0; 3];
    for (overhead, used) in [(two, 2), (many, threads)] {
        if sum > 0.0 {
            let share = slowest.max(sum / f64::from(used)) / sum;
            scale = std::array::from_fn(|i| f64::min(scale[i], overhead.real()[i] * share));
        }
    }
    scale
}

/// Steps of a recurrent row.
fn steps(works: &[Work]) -> u64 {
    let steps_of = |work: &Work| if let Work::MatMul { steps, .. } = work { *steps } else { 1 };
    works.iter().map(steps_of).max().unwrap_or(1).max(1)
}

/// An argmax over the outputs of the last linear work, unless the network ends in one.
fn closing(rows: &[Row]) -> Option<(usize, Work)> {
    let is_argmax = |work: &Work| matches!(work, Work::Activation(a) if a.kind == Kind::ArgMax);
    if rows.iter().rev().find_map(|row| row.work.last()).is_some_and(is_argmax) {
        return None;
    }
    rows.iter().enumerate().rev().find_map(|(position, row)| {
        let (rows, row_length) = row.work.iter().rev().find_map(|work| match *work {
            Work::MatMul { batch, m, n, .. } => Some((batch.saturating_mul(m), n)),
            Work::Conv(ref conv) | Work::ConvTranspose(ref conv) => Some((conv.batch, conv.out_channels)),
            _ => None,
        })?;
        let argmax = Activation {
            kind: Kind::ArgMax,
            elements: rows,
            rows,
            row_length,
            comparisons: 0,
            folded: false,
        };
        Some((position, Work::Activation(argmax)))
    })
}

/// What a piece of work becomes where activations are replaced; None when it is dropped.
fn becomes(work: &Work, others: Option<Replacement>) -> Option<Job<'_>> {
    match work {
        Work::Activation(a) if a.kind.is_pointwise() => match others {
            None => Some(Job::Work(work)),
            Some(Replacement::Identity) => None,
            Some(Replacement::Poly2Public | Replacement::Aespa) => {
                Some(Job::Poly2 { elements: a.elements, secret: false })
            }
            Some(Replacement::Poly2Secret) => Some(Job::Poly2 { elements: a.elements, secret: true }),
        },
        &Work::Poly2 { elements, secret } => Some(Job::Poly2 { elements, secret }),
        _ => Some(Job::Work(work)),
    }
}
