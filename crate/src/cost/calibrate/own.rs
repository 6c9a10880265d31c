//! A profile of one's own as a file, a link and the settings hold it: plain data, checked but not fitted.

use serde::{Deserialize, Serialize};

use super::measurement::Measurement;
use super::size;
use super::table;
use crate::cost::constant::RING_BITS;
use crate::error::{Code, Error, Result};
use crate::limits::{MAX_MEASURED_TEXT, MAX_MEASUREMENTS, MAX_PROFILE_NAME};

/// Id of the profile that the settings bring along.
pub const CALIBRATED: &str = "calibrated";
/// Schema of the saved file.
pub const PROFILE_SCHEMA: &str = "reluctant.profile/1";

/// What becomes of work that was not measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum Rest {
    /// The base's price, with its status.
    #[default]
    Base,
    /// No price: null, with that reason.
    None,
}

/// A profile of one's own: what a file and a link hold of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct OwnProfile {
    /// Name for people.
    pub name: String,
    /// Id of the profile that it stands on.
    pub base: String,
    /// That profile's version when it was made; 0 is the present one.
    pub base_version: u32,
    /// What was not measured.
    pub rest: Rest,
    /// Width of the ring that was measured; None prices every ring alike.
    pub ring_bits: Option<u32>,
    /// The measurements.
    #[cfg_attr(test, ts(as = "Vec<super::measurement::Plain<'static>>"))]
    pub measurements: Vec<Measurement>,
}

impl OwnProfile {
    /// A saved file. Coefficients in it are for its reader: the measurements are fitted anew.
    ///
    /// # Errors
    /// `InvalidMeasurement` with line and column; `LimitExceeded`; `InvalidSetting` for another schema.
    pub fn from_file(text: &str) -> Result<Self> {
        #[derive(Deserialize)]
        struct Head {
            #[serde(default)]
            schema: String,
        }
        if text.len() > MAX_MEASURED_TEXT * 8 {
            return Err(Error::new(Code::LimitExceeded, "the file is too large for a profile"));
        }
        let head: Head = serde_json::from_str(text).map_err(|error| table::json_fault(&error))?;
        if head.schema != PROFILE_SCHEMA {
            let message = format!("the file is of schema {:?}", size::shorten(&head.schema));
            return Err(Error::new(Code::InvalidSetting, message)
                .hint(format!("this release reads {PROFILE_SCHEMA}")));
        }
        let profile: Self = serde_json::from_str(text).map_err(|error| table::json_fault(&error))?;
        profile.check()?;
        Ok(profile)
    }

    /// The measurements as a table that `measurements_from_text` reads back.
    pub fn table(&self) -> String {
        let mut table = Measurement::COLUMNS.to_owned();
        for measurement in &self.measurements {
            table.push('\n');
            table.push_str(&measurement.line());
        }
        table
    }

    /// A short name, some measurements but not too many, each kind with or without phases.
    pub(super) fn check(&self) -> Result<()> {
        if self.name.chars().count() > MAX_PROFILE_NAME || self.name.chars().any(char::is_control) {
            return Err(Error::new(Code::InvalidSetting, "the profile's name is too long")
                .hint(format!("at most {MAX_PROFILE_NAME} characters, in one line")));
        }
        if self.ring_bits.is_some_and(|bits| !RING_BITS.contains(&bits)) {
            return Err(Error::new(Code::InvalidSetting, "no such ring").hint("32, 64 or 128 bits"));
        }
        if self.measurements.is_empty() {
            return Err(Error::new(Code::InvalidMeasurement, "there are no measurements of a layer's work")
                .hint("write op, size, bytes and seconds, as in relu,65536,6455296,0.21"));
        }
        if self.measurements.len() > MAX_MEASUREMENTS {
            return Err(Error::new(Code::LimitExceeded, "these are too many measurements")
                .hint(format!("at most {MAX_MEASUREMENTS}")));
        }
        for m in self.measurements.iter().filter(|m| m.when.is_none()) {
            if self.measurements.iter().any(|other| other.class == m.class && other.when.is_some()) {
                let message =
                    format!("some measurements of {} tell the phase and some do not", m.class.name());
                return Err(Error::new(Code::InvalidMeasurement, message)
                    .hint("say online or offline for all of them, or for none"));
            }
        }
        Ok(())
    }
}
