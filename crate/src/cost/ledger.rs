//! Prices every piece of work once, as terms; sums and cards read the same ledger.

use std::ops::Range;

use super::constant::Status;
use super::price::is_pointwise;
use super::profiles::Profile;
use super::settings::{ActivationPlan, Settings};
use super::term::{Context, Job, Term};
use crate::count::{Row, Work};
use crate::error::Result;

/// The terms of one piece of work.
pub(super) struct Entry {
    terms: Range<usize>,
    /// Why it has no price.
    pub missing: Option<&'static str>,
}

/// All terms, entry by entry, in the order of the rows.
pub(super) struct Ledger {
    /// Column of the ring in constants.
    pub column: usize,
    terms: Vec<Term>,
    entries: Vec<Entry>,
    /// For each row, where its entries end.
    row_ends: Vec<usize>,
    /// What whole layers on several threads make of their seconds.
    he_scale: [f64; 3],
}

impl Ledger {
    /// Prices `rows`. The first linear work carries what a network pays once.
    pub(super) fn new(rows: &[Row], profile: &Profile, settings: &Settings) -> Result<Self> {
        settings.check()?;
        let works = rows.iter().map(|row| row.work.len()).sum();
        let mut ledger = Self {
            column: settings.column()?,
            terms: Vec::with_capacity(8 * works),
            entries: Vec::with_capacity(works),
            row_ends: Vec::with_capacity(rows.len()),
            he_scale: [1.0; 3],
        };
        let mut first_linear = true;
        for row in rows {
            for work in &row.work {
                let linear = matches!(work, Work::Conv(_) | Work::ConvTranspose(_) | Work::MatMul { .. });
                let context = Context { settings, first_linear: linear && first_linear };
                first_linear &= !linear;
                ledger.add(work, profile, context);
            }
            ledger.row_ends.push(ledger.entries.len());
        }
        ledger.he_scale = ledger.he_scale(profile, settings.he_threads);
        Ok(ledger)
    }

    /// The entries of the row at `position`.
    pub(super) fn of_row(&self, position: usize) -> &[Entry] {
        let end = |position: usize| self.row_ends.get(position).copied().unwrap_or_default();
        let start = position.checked_sub(1).map_or(0, end);
        self.entries.get(start..end(position)).unwrap_or_default()
    }

    /// Every term.
    pub(super) fn all(&self) -> impl Iterator<Item = &Term> {
        self.terms.iter()
    }

    fn add(&mut self, work: &Work, profile: &Profile, context: Context<'_>) {
        let start = self.terms.len();
        let missing = match job(work, context.settings.activation) {
            Some(job) => (profile.price)(job, context, &mut self.terms).err(),
            None => None,
        };
        let missing = missing.or_else(|| {
            let gap =
                self.terms.iter().skip(start).any(|term| term.status(self.column) == Status::NotSupported);
            gap.then_some("no run at this ring width")
        });
        if missing.is_some() {
            self.terms.truncate(start);
        }
        self.entries.push(Entry { terms: start..self.terms.len(), missing });
    }

    /// The terms of an entry.
    pub(super) fn terms(&self, entry: &Entry) -> &[Term] {
        self.terms.get(entry.terms.clone()).unwrap_or_default()
    }

    /// `[low, mid, high]` seconds of a term.
    pub(super) fn seconds(&self, term: &Term) -> [f64; 3] {
        let factor = term.count as f64 * term.scale;
        let [low, mid, high] = term.rate.real().map(|rate| rate * factor);
        let [a, b, c] = self.he_scale_of(term);
        [low * a, mid * b, high * c]
    }

    /// What threads make of a term.
    pub(super) fn he_scale_of(&self, term: &Term) -> [f64; 3] {
        if term.he { self.he_scale } else { [1.0; 3] }
    }

    /// Layers in parallel: overhead x max(slowest layer, sum / threads), never more than fewer threads take.
    /// ResNet-18/CIFAR, 286.4 s in all, slowest 31.8: 13 threads take 1.11 x 31.8 = 35.3 s (logged 36.1).
    fn he_scale(&self, profile: &Profile, threads: u32) -> [f64; 3] {
        let Some([two, many]) = profile.layer_overhead else { return [1.0; 3] };
        let layer = |entry: &Entry| {
            self.terms(entry).iter().filter(|t| t.he).map(|t| self.seconds(t)[1]).sum::<f64>()
        };
        let (sum, slowest) =
            self.entries.iter().map(layer).fold((0.0, 0.0_f64), |(sum, max), s| (sum + s, max.max(s)));
        let mut scale = [1.0; 3];
        for (overhead, used) in [(two, 2), (many, threads)] {
            if sum > 0.0 && threads >= used && used > 1 {
                let share = slowest.max(sum / f64::from(used)) / sum;
                scale = std::array::from_fn(|i| f64::min(scale[i], overhead.real()[i] * share));
            }
        }
        scale
    }
}

/// What a piece of work becomes under the activation setting; None when it is dropped.
fn job(work: &Work, plan: ActivationPlan) -> Option<Job<'_>> {
    match work {
        Work::Activation(a) if is_pointwise(a.kind) => match plan {
            ActivationPlan::Keep => Some(Job::Work(work)),
            ActivationPlan::Identity => None,
            ActivationPlan::Poly2Public => Some(Job::Poly2 { elements: a.elements, secret: false }),
            ActivationPlan::Poly2Secret => Some(Job::Poly2 { elements: a.elements, secret: true }),
        },
        _ => Some(Job::Work(work)),
    }
}
