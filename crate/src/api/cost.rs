//! `cost`: rows and settings become estimates, one a protocol. The rows come from a scored model or
//! are typed in; both price alike.

use serde::{Deserialize, Serialize};

use super::model::Scored;
use crate::cost::{self, CostCard, Link, ProfileView, Report};
use crate::count::Row;
use crate::error::{Code, Error, Result};

pub use crate::cost::{
    ActivationPlan, ByKind, ByStatus, ConstantView, Estimate, Machine, NotSupported, Phase, RowCost,
    SettingsView, Share, Status, StatusShare, Unpriced,
};

/// What a person may choose for an estimate; what is left out takes the default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CostSettings {
    /// Profile ids, `delphi:server-garbler`.
    pub protocols: Vec<String>,
    /// Id of a preset; `lan` by default.
    pub link: Option<String>,
    /// MB/s from the client; with `down` and `rtt` instead of a preset.
    pub up: Option<f64>,
    /// MB/s to the client.
    pub down: Option<f64>,
    /// Round-trip time in ms.
    pub rtt: Option<f64>,
    /// Threads for homomorphic layers.
    pub he_threads: Option<u32>,
    /// Threads for garbled circuits.
    pub gc_threads: Option<u32>,
    /// What becomes of activations.
    pub activation: ActivationPlan,
    /// Whose processor.
    pub machine: Machine,
    /// Ring width.
    pub ring_bits: Option<u32>,
    /// Also the cost of each row.
    pub layers: bool,
}

impl CostSettings {
    pub(super) fn resolved(&self) -> Result<cost::Settings> {
        let default = cost::Settings::default();
        let link = match (&self.link, self.up, self.down, self.rtt) {
            (None, None, None, None) => default.link.clone(),
            (Some(id), None, None, None) => Link::preset(id)?,
            (None, Some(up), Some(down), rtt) => Link::custom(up, down, rtt.unwrap_or(0.0))?,
            _ => {
                return Err(Error::new(Code::InvalidSetting, "the link is set twice, or by half")
                    .hint("name a preset, or give both rates and the round-trip time"));
            }
        };
        Ok(cost::Settings {
            link,
            he_threads: self.he_threads.unwrap_or(default.he_threads),
            gc_threads: self.gc_threads.unwrap_or(default.gc_threads),
            activation: self.activation,
            machine: self.machine,
            ring_bits: self.ring_bits.unwrap_or(default.ring_bits),
            layers: self.layers,
            ..default
        })
    }
}

/// Estimates of plain rows under each protocol of the settings.
///
/// # Errors
/// `InvalidSetting` for an unknown protocol or link, or a value out of range; `Overflow`.
pub fn cost_of(rows: &[Row], settings: &CostSettings) -> Result<Report> {
    let resolved = settings.resolved()?;
    let one = |id: &String| cost::estimate(rows, cost::profile(id)?, &resolved);
    let estimates = settings.protocols.iter().map(one).collect::<Result<_>>()?;
    Ok(Report { schema: cost::COST_SCHEMA, estimates })
}

/// Where the cost of the row at `position` comes from, under the first protocol of the settings.
///
/// # Errors
/// As [`cost_of`], or `InvalidSetting` for a row that is none.
pub fn cost_card_of(rows: &[Row], position: usize, settings: &CostSettings) -> Result<CostCard> {
    let none = || Error::new(Code::InvalidSetting, "no protocol is chosen");
    let id = settings.protocols.first().ok_or_else(none)?;
    cost::explain(rows, position, cost::profile(id)?, &settings.resolved()?)
}

/// Every protocol with its constants and their sources, at the ring of the settings.
///
/// # Errors
/// As [`cost_of`].
pub fn protocols(settings: &CostSettings) -> Result<Vec<ProfileView>> {
    let resolved = settings.resolved()?;
    cost::profiles().iter().map(|profile| profile.view(&resolved)).collect()
}

/// The presets of the link.
pub fn links() -> &'static [Link] {
    &cost::LINKS
}

impl Scored {
    /// Estimates of this model; see [`cost_of`].
    ///
    /// # Errors
    /// As [`cost_of`].
    pub fn cost(&self, settings: &CostSettings) -> Result<Report> {
        cost_of(&self.rows, settings)
    }

    /// Where the cost of the row of node `index` comes from; see [`cost_card_of`].
    ///
    /// # Errors
    /// As [`cost_card_of`].
    pub fn cost_card(&self, index: u32, settings: &CostSettings) -> Result<CostCard> {
        let none = || Error::new(Code::InvalidSetting, format!("there is no row of node {index}"));
        let position = self.rows.iter().position(|row| row.index == index).ok_or_else(none)?;
        cost_card_of(&self.rows, position, settings)
    }
}
