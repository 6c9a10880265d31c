//! Whose prices: a published profile's, or measurements on top of one.

use std::borrow::Cow;
use std::sync::Arc;

use super::ask::{Activations, Terms};
use super::calibrate::{CALIBRATED, Calibration};
use super::job::Job;
use super::link::Link;
use super::profile::Profile;
use super::protocols::profile;
use super::term::{Context, Priced, Term};
use crate::error::{Code, Error, Result};

/// Whose prices.
#[derive(Clone)]
pub enum Tariff {
    /// A profile as it is.
    Published(&'static Profile),
    /// What was measured, and what of its base it does not replace.
    Own(Arc<Calibration>, &'static Profile),
}

impl Tariff {
    /// Of an id; `calibrated` is the terms' own profile.
    ///
    /// # Errors
    /// `InvalidSetting` for an unknown id, or `calibrated` where the terms bring no profile; as [`Calibration::new`].
    pub fn of(id: &str, terms: &Terms) -> Result<Self> {
        if id == CALIBRATED {
            let own = terms.own.as_ref().ok_or_else(|| {
                Error::new(Code::InvalidSetting, "there is no calibrated profile")
                    .hint("make one of measurements, or open its file")
            })?;
            let own = Calibration::new(own)?;
            let base = own.base()?;
            return Ok(Self::Own(Arc::new(own), base));
        }
        profile(id).map(Self::Published)
    }

    /// The profile, or the one that measurements stand on.
    pub fn profile(&self) -> &'static Profile {
        match self {
            Self::Published(profile) => profile,
            Self::Own(_, base) => base,
        }
    }

    /// The profile's id, or `calibrated`.
    pub fn id(&self) -> &'static str {
        match self {
            Self::Published(profile) => profile.id,
            Self::Own(..) => CALIBRATED,
        }
    }

    /// Name for people.
    pub(super) fn title(&self) -> &str {
        match self {
            Self::Published(profile) => profile.title,
            Self::Own(own, _) => own.name(),
        }
    }

    /// Compute times are known under these terms, of some work at least.
    fn is_timed(&self, terms: &Terms) -> bool {
        match self {
            Self::Published(profile) => profile.is_timed(terms),
            Self::Own(own, base) => own.has_compute() || own.has_base() && base.is_timed(terms),
        }
    }

    /// What every figure leaves out.
    pub(super) fn leaves_out(&self) -> Cow<'static, str> {
        match self {
            Self::Published(profile) => Cow::Borrowed(profile.leaves_out),
            Self::Own(own, _) => Cow::Owned(own.leaves_out().to_owned()),
        }
    }

    /// The terms of a job.
    pub(super) fn price(&self, job: Job<'_>, context: Context<'_>, out: &mut Vec<Term>) -> Priced {
        match self {
            Self::Published(profile) => (profile.price)(job, context, out),
            Self::Own(own, base) => own.price(base, job, context, out),
        }
    }
}

/// Under what rows are priced.
#[derive(Clone)]
pub struct Pricing<'a> {
    /// Whose prices.
    pub tariff: &'a Tariff,
    /// Threads, machines, widths.
    pub terms: &'a Terms,
    /// What becomes of activations.
    pub activations: &'a Activations,
    /// The line: that of the terms, unless another is put here.
    pub link: Link,
    /// Constants that a call costs whatever its size are added (ABY3: 24 B a padded convolution).
    pub per_call: bool,
}

impl<'a> Pricing<'a> {
    /// A network under a tariff.
    pub fn new(tariff: &'a Tariff, terms: &'a Terms, activations: &'a Activations) -> Self {
        Self { tariff, terms, activations, link: terms.link.link(), per_call: true }
    }

    /// Compute times are known, of some work at least.
    pub(super) fn has_compute(&self) -> bool {
        self.tariff.is_timed(self.terms)
    }
}
