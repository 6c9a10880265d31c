//! Your own profile: measurements of an engine become coefficients, which replace a base profile's price
//! for the kinds of work that were measured.
//!
//! Measurements are the source of truth: a file and a link hold them, and whoever opens one fits them
//! again. Nothing read is trusted: sizes, numbers and their count are bounded before anything is
//! multiplied or allocated. What was not measured keeps the base's price and status, or has none, as
//! chosen. A measured price replaces all of a kind's traffic, rounds or seconds, each on its own;
//! a kind's seconds stand for all that the base would spend on it, bootstraps in front of it included. What
//! the base composes of several kinds (ReLU6 of two ReLUs) stays the base's unless it was measured itself.
//!
//! | file | what |
//! |---|---|
//! | class, size | kinds of work, and how much of what they have |
//! | measurement, table, own | one measurement; pasted text; all of them with their base |
//! | nnls, fit | coefficients >= 0 on relative errors |
//! | price | terms in place of the base's |

mod class;
mod fit;
mod measurement;
mod nnls;
mod own;
mod price;
mod size;
mod table;
#[cfg(test)]
mod tests;

use serde::Serialize;

pub use fit::{Point, Quantity};
pub use measurement::{Measurement, When};
pub use own::{CALIBRATED, OwnProfile, PROFILE_SCHEMA, Rest};
pub use table::{Skipped, measurements_from_text};

use super::profile::Profile;
use super::protocols::profile as find;
use crate::error::Result;
use fit::{Fit, fits};

/// Measurements and what was fitted to them, ready to price.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    profile: OwnProfile,
    base_version_now: u32,
    fits: Vec<Fit>,
    leaves_out: String,
    warnings: Vec<String>,
}

/// One coefficient.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Coefficient {
    /// `per_element`, as cards name it.
    pub name: &'static str,
    /// None where the measurements do not determine it.
    pub value: Option<f64>,
}

/// The fit of one quantity of one kind of work.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Fit"))]
pub struct FitView {
    /// Kind of work.
    pub op: String,
    /// What was fitted.
    pub quantity: Quantity,
    /// None where the phases were not told apart: such work is priced online.
    pub phase: Option<When>,
    /// Unit of the coefficients.
    pub unit: &'static str,
    /// In order of importance.
    pub coefficients: Vec<Coefficient>,
    /// Coefficient of determination of the weighted fit; None where the measurements do not differ.
    pub r2: Option<f64>,
    /// How far a small error of the measurements may grow in the coefficients; None for a lone one.
    pub condition: Option<f64>,
    /// Measured and fitted, per call.
    pub points: Vec<Point>,
    /// What to know before trusting it.
    pub warnings: Vec<String>,
}

/// A profile of one's own with its fit: the saved file.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CalibrationReport {
    /// Always `reluctant.profile/1`.
    pub schema: &'static str,
    /// What a reader takes from the file; the rest follows from it.
    #[serde(flatten)]
    pub profile: OwnProfile,
    /// Version of the base in this release, which prices what was not measured.
    pub base_version_now: u32,
    /// Coefficients, made anew whenever the file is read.
    pub fits: Vec<FitView>,
    /// What every figure leaves out.
    pub leaves_out: String,
    /// About the profile as a whole.
    pub warnings: Vec<String>,
}

/// Where the figures of an estimate come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Provenance {
    /// Name of the profile.
    pub name: String,
    /// Id of its base.
    pub base: String,
    /// Version of the base that it was made on.
    pub base_version: u32,
    /// Measurements that it was fitted to.
    pub measurements: usize,
}

impl Calibration {
    /// Fits the measurements.
    ///
    /// # Errors
    /// `InvalidSetting` for an unknown base, `InvalidMeasurement` for measurements that do not go together.
    pub fn new(profile: &OwnProfile) -> Result<Self> {
        let base = find(&profile.base)?;
        profile.check()?;
        let mut profile = profile.clone();
        if profile.base_version == 0 {
            profile.base_version = base.version;
        }
        if profile.name.trim().is_empty() {
            profile.name = format!("Calibrated on {}", base.id);
        }
        let fits = fits(&profile.measurements);
        let mut warnings = Vec::new();
        if profile.base_version != base.version {
            warnings.push(format!(
                "made on {} v{}, which is v{} here: what was not measured may differ",
                base.id, profile.base_version, base.version
            ));
        }
        let mut own =
            Self { profile, base_version_now: base.version, fits, leaves_out: String::new(), warnings };
        own.leaves_out = own.describe(base);
        Ok(own)
    }

    /// The profile that it stands on.
    ///
    /// # Errors
    /// `InvalidSetting` where this release has none of that id.
    pub fn base(&self) -> Result<&'static Profile> {
        find(&self.profile.base)
    }

    /// The profile with its fit.
    pub fn report(&self) -> CalibrationReport {
        CalibrationReport {
            schema: PROFILE_SCHEMA,
            profile: self.profile.clone(),
            base_version_now: self.base_version_now,
            fits: self.fits.iter().map(view).collect(),
            leaves_out: self.leaves_out.clone(),
            warnings: self.warnings.clone(),
        }
    }

    /// Name for people.
    pub(super) fn name(&self) -> &str {
        &self.profile.name
    }

    pub(super) fn leaves_out(&self) -> &str {
        &self.leaves_out
    }

    /// What was not measured is the base's.
    pub(super) fn has_base(&self) -> bool {
        self.profile.rest == Rest::Base
    }

    /// Some compute was measured.
    pub(super) fn has_compute(&self) -> bool {
        self.fits.iter().any(|fit| fit.quantity == Quantity::Seconds)
    }

    pub(super) fn provenance(&self) -> Provenance {
        let OwnProfile { name, base, base_version, measurements, .. } = &self.profile;
        let measurements = measurements.len();
        Provenance { name: name.clone(), base: base.clone(), base_version: *base_version, measurements }
    }

    /// What was measured, where the rest comes from, what nobody knows; then what the base leaves out.
    fn describe(&self, base: &Profile) -> String {
        let (mut seen, mut open) = (Groups::default(), Groups::default());
        for fit in &self.fits {
            let op = fit.class.name();
            seen.add(fit.quantity.name(), &op);
            for (feature, _) in fit.coefficients.iter().filter(|(_, value)| value.is_none()) {
                open.add(feature.names().1, &op);
            }
        }
        let mut text = format!("Measured: {}.", seen.list());
        if !open.0.is_empty() {
            text += &format!(" Not determined and taken as nothing: {}.", open.list());
        }
        match self.profile.rest {
            Rest::Base => {
                text += &format!(" The rest is {} v{}'s: {}", base.id, base.version, base.leaves_out)
            }
            Rest::None => text += " The rest has no price; rounds that were not measured take no time.",
        }
        text
    }
}

/// Names under headings, in the order that they came in.
#[derive(Default)]
struct Groups(Vec<(&'static str, Vec<String>)>);

impl Groups {
    fn add(&mut self, heading: &'static str, name: &str) {
        let place = self.0.iter().position(|(known, _)| *known == heading).unwrap_or_else(|| {
            self.0.push((heading, Vec::new()));
            self.0.len() - 1
        });
        if let Some((_, names)) = self.0.get_mut(place)
            && !names.iter().any(|known| known == name)
        {
            names.push(name.to_owned());
        }
    }

    /// `bytes of relu, conv; seconds of relu`
    fn list(&self) -> String {
        let one = |(heading, names): &(&str, Vec<String>)| format!("{heading} of {}", names.join(", "));
        self.0.iter().map(one).collect::<Vec<_>>().join("; ")
    }
}

fn view(fit: &Fit) -> FitView {
    let coefficient = |(feature, value): &(class::Feature, Option<f64>)| {
        let (_, name) = feature.names();
        Coefficient { name, value: *value }
    };
    FitView {
        op: fit.class.name(),
        quantity: fit.quantity,
        phase: fit.when,
        unit: fit.quantity.unit(),
        coefficients: fit.coefficients.iter().map(coefficient).collect(),
        r2: fit.r2,
        condition: fit.condition,
        points: fit.points.clone(),
        warnings: fit.warnings.clone(),
    }
}
