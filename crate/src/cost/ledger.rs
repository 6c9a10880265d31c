//! Prices every piece of work once, as terms; sums and cards read the same ledger.

use super::constant::Status;
use super::price::is_pointwise;
use super::profiles::Profile;
use super::settings::{ActivationPlan, Settings};
use super::term::{Context, Job, Term};
use crate::count::{Row, Work};
use crate::error::Result;

/// The terms of one piece of work.
pub(super) struct Entry {
    /// Position in the list of rows.
    pub row: usize,
    start: usize,
    end: usize,
    /// Why it has no price.
    pub missing: Option<&'static str>,
}

/// All terms, entry by entry, in the order of the rows.
pub(super) struct Ledger {
    pub entries: Vec<Entry>,
    pub column: usize,
    terms: Vec<Term>,
    he_scale: f64,
}

impl Ledger {
    /// Prices `rows`. The first linear work carries what a network pays once.
    pub(super) fn new(rows: &[Row], profile: &Profile, settings: &Settings) -> Result<Self> {
        settings.check()?;
        let column = settings.column()?;
        let works = rows.iter().map(|row| row.work.len()).sum();
        let mut ledger = Self {
            entries: Vec::with_capacity(works),
            column,
            terms: Vec::with_capacity(8 * works),
            he_scale: 1.0,
        };
        let mut first_linear = true;
        for (position, row) in rows.iter().enumerate() {
            for work in &row.work {
                let linear = matches!(work, Work::Conv(_) | Work::ConvTranspose(_) | Work::MatMul { .. });
                let context = Context { settings, first_linear: linear && first_linear };
                first_linear &= !linear;
                ledger.add(position, work, profile, context);
            }
        }
        ledger.he_scale = ledger.he_scale(settings.he_threads);
        Ok(ledger)
    }

    fn add(&mut self, row: usize, work: &Work, profile: &Profile, context: Context<'_>) {
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
        self.entries.push(Entry { row, start, end: self.terms.len(), missing });
    }

    /// The terms of an entry.
    pub(super) fn terms(&self, entry: &Entry) -> &[Term] {
        self.terms.get(entry.start..entry.end).unwrap_or_default()
    }

    /// `[low, mid, high]` seconds of a term.
    pub(super) fn seconds(&self, term: &Term) -> [f64; 3] {
        let factor = term.count as f64 * self.scale(term);
        term.rate.real().map(|rate| rate * factor)
    }

    /// The real factor of a term, threads for whole layers included.
    pub(super) fn scale(&self, term: &Term) -> f64 {
        term.scale * if term.he { self.he_scale } else { 1.0 }
    }

    /// Layers in parallel: overhead x max(slowest layer, sum / threads), never more than one thread takes.
    /// ResNet-18/CIFAR, 286.4 s in all, slowest 31.8: 13 threads take 1.11 x 31.8 = 35.3 s (logged 36.1).
    fn he_scale(&self, threads: u32) -> f64 {
        let overhead = match threads {
            0 | 1 => return 1.0,
            2 => &super::profiles::delphi::HE_OVERHEAD_2,
            _ => &super::profiles::delphi::HE_OVERHEAD_MANY,
        };
        let layer = |entry: &Entry| {
            self.terms(entry).iter().filter(|t| t.he).map(|t| self.seconds(t)[1]).sum::<f64>()
        };
        let (sum, slowest) =
            self.entries.iter().map(layer).fold((0.0, 0.0_f64), |(sum, max), s| (sum + s, max.max(s)));
        if sum > 0.0 {
            (overhead.real()[1] * slowest.max(sum / f64::from(threads)) / sum).min(1.0)
        } else {
            1.0
        }
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
