//! `what_if`: what one change to one layer saves or costs, layer by layer.

use serde::Serialize;

use super::cost::CostSettings;
use super::model::Scored;
use crate::cost;
use crate::count::Row;
use crate::error::{Code, Error, Result};
use crate::limits::MAX_WHAT_IF_ROWS;

pub use crate::cost::{Change, Difference, Effect};

/// The effects of single changes under each protocol.
#[derive(Clone, Debug, Serialize)]
pub struct WhatIf {
    /// Always `reluctant.what-if/1`.
    pub schema: &'static str,
    /// Id of the link.
    pub link: String,
    /// One for each protocol of the settings.
    pub protocols: Vec<Effects>,
}

/// The effects under one protocol.
#[derive(Clone, Debug, Serialize)]
pub struct Effects {
    /// Id of the profile.
    pub protocol: &'static str,
    /// One for each row and change that it allows.
    pub effects: Vec<Effect>,
}

/// What each change that a row allows does to the network's cost: ReLU and the like to a polynomial,
/// max-pool to average pool, ReLU6 to ReLU. Each alone, signed, under each protocol of the settings.
///
/// # Errors
/// As [`cost_of`](super::cost_of); `LimitExceeded` above 1,024 rows, as the network is priced once a change.
pub fn what_if_of(rows: &[Row], settings: &CostSettings) -> Result<WhatIf> {
    if rows.len() > MAX_WHAT_IF_ROWS {
        return Err(Error::new(
            Code::LimitExceeded,
            format!("{} rows are too many to try changes on", rows.len()),
        ));
    }
    let link = settings.resolved()?.link.id.into_owned();
    let of = |id: &String| {
        let (profile, settings) = settings.chosen(id)?;
        Ok(Effects { protocol: profile.id, effects: cost::what_if(rows, profile, &settings)? })
    };
    Ok(WhatIf {
        schema: "reluctant.what-if/1",
        link,
        protocols: settings.protocols.iter().map(of).collect::<Result<_>>()?,
    })
}

impl Scored {
    /// Effects of changes to this model; see [`what_if_of`].
    ///
    /// # Errors
    /// As [`what_if_of`].
    pub fn what_if(&self, settings: &CostSettings) -> Result<WhatIf> {
        what_if_of(&self.rows, settings)
    }
}
