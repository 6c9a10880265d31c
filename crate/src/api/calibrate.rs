//! `calibrate`: measurements become a profile of one's own, `calibrated`, which prices like any other.

use serde::{Deserialize, Serialize};

use crate::cost;
use crate::cost::calibrate::{
    Calibration, CalibrationReport, OwnProfile, Rest, Skipped, measurements_from_text,
};
use crate::error::Result;

/// What to calibrate.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CalibrateSettings {
    /// Measurements: a table or JSON, as typed or pasted.
    pub text: String,
    /// Keeps the rows whose `op`, `variant`, `protocol`, `ring_bits` or `engine` is the one given.
    pub only: Vec<(String, String)>,
    /// Id of the profile to stand on.
    pub base: String,
    /// Name for people.
    pub name: String,
    /// What becomes of work that was not measured.
    pub rest: Rest,
}

/// The profile, and what of the text is not in it.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Calibrated {
    /// What a file holds.
    #[serde(flatten)]
    pub report: CalibrationReport,
    /// Operations that no layer of a network is.
    pub skipped: Vec<Skipped>,
    /// Columns that were not needed.
    pub ignored: Vec<String>,
}

/// Reads measurements and fits them.
///
/// # Errors
/// `InvalidMeasurement` with line and column, `InvalidSetting` for an unknown base, `LimitExceeded`.
pub fn calibrate(settings: &CalibrateSettings) -> Result<Calibrated> {
    cost::profile(&settings.base)?;
    let pasted = measurements_from_text(&settings.text, &settings.only)?;
    let profile = OwnProfile {
        name: settings.name.trim().to_owned(),
        base: settings.base.clone(),
        base_version: 0,
        rest: settings.rest,
        ring_bits: pasted.ring_bits,
        measurements: pasted.measurements,
    };
    let report = calibration(&profile)?;
    Ok(Calibrated { report, skipped: pasted.skipped, ignored: pasted.ignored })
}

/// The fit of a profile, such as one that came with a link.
///
/// # Errors
/// As [`calibrate`].
pub fn calibration(profile: &OwnProfile) -> Result<CalibrationReport> {
    Ok(Calibration::new(profile)?.report())
}

/// A saved profile, fitted anew.
///
/// # Errors
/// As [`calibrate`]; `InvalidSetting` for a file of another schema.
pub fn open_profile(text: &str) -> Result<CalibrationReport> {
    calibration(&OwnProfile::from_file(text)?)
}
