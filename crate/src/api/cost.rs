//! `cost`: rows and settings become estimates, one a protocol. The rows come from a scored model or
//! are typed in; both price alike.

use serde::{Deserialize, Serialize};

#[cfg(feature = "all")]
use super::calibrate::OwnProfile;
use super::model::Scored;
#[cfg(feature = "all")]
use crate::cost::Keep;
use crate::cost::{self, CostCard, Link, ProfileView};
use crate::count::Row;
use crate::error::{Code, Error, Result};

pub use crate::cost::{
    ActivationPlan, ByKind, ByStatus, ConstantView, Estimate, Machine, NotSupported, Phase, Report, RowCost,
    SettingsView, Share, Status, StatusShare, Unpriced,
};
#[cfg(feature = "all")]
pub use crate::cost::{FaultMode, Faults, Ot};
#[cfg(feature = "all")]
pub use crate::cost::{Granularity, Homomorphic, Stay};

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
    /// Bits of a share, for protocols that choose them freely: 37 by default.
    #[cfg(feature = "all")]
    pub share_bits: Option<u32>,
    /// Oblivious transfer of SPU's Cheetah.
    #[cfg(feature = "all")]
    pub ot: Ot,
    /// Which side of zero errs under Circa.
    #[cfg(feature = "all")]
    pub faults: FaultMode,
    /// Choose the class under encryption: an argmax at the end.
    #[cfg(feature = "all")]
    pub argmax: bool,
    /// The profile `calibrated`: measurements on top of a base.
    #[cfg(feature = "all")]
    pub calibration: Option<OwnProfile>,
    /// Part of the activations that stays, 0 to 1, where `activation` says what the others become; None is none.
    #[cfg(feature = "all")]
    pub activation_share: Option<f64>,
    /// What of an activation is kept or replaced together.
    #[cfg(feature = "all")]
    pub granularity: Granularity,
    /// A plan instead: what becomes of each activation that it changes, by rising index.
    #[cfg(feature = "all")]
    pub replaced: Vec<Stay>,
    /// Also the cost of each row.
    pub layers: bool,
}

impl CostSettings {
    /// Profile and settings of an id.
    #[cfg(not(feature = "all"))]
    pub(super) fn chosen(&self, id: &str) -> Result<(&'static cost::Profile, cost::Settings)> {
        Ok((cost::profile(id)?, self.resolved()?))
    }

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
            #[cfg(feature = "all")]
            share_bits: self.share_bits.unwrap_or(default.share_bits),
            #[cfg(feature = "all")]
            ot: self.ot,
            #[cfg(feature = "all")]
            faults: self.faults,
            #[cfg(feature = "all")]
            argmax: self.argmax,
            #[cfg(feature = "all")]
            keep: self.activation_share.map(|share| Keep { share, granularity: self.granularity }),
            #[cfg(feature = "all")]
            replaced: self.replaced.clone(),
            ..default
        })
    }
}

/// Estimates of plain rows under each protocol of the settings.
///
/// # Errors
/// `InvalidSetting` for an unknown protocol or link, or a value out of range; `Overflow`.
pub fn cost_of(rows: &[Row], settings: &CostSettings) -> Result<Report> {
    let one = |id: &String| {
        let (profile, settings) = settings.chosen(id)?;
        cost::estimate(rows, profile, &settings)
    };
    let estimates = settings.protocols.iter().map(one).collect::<Result<_>>()?;
    Ok(Report { schema: cost::COST_SCHEMA, estimates })
}

/// Estimates of plain rows under every protocol of the page and the settings' own, whatever they name; no rows of
/// their own. A network is priced in one pass a protocol, with the memory of one row.
///
/// # Errors
/// As [`cost_of`].
#[cfg(feature = "all")]
pub fn compare_of(rows: &[Row], settings: &CostSettings) -> Result<Report> {
    let resolved = cost::Settings { layers: false, ..settings.resolved()? };
    let one = |profile: &&'static cost::Profile| cost::estimate(rows, profile, &resolved);
    let mut estimates = cost::profiles().iter().map(one).collect::<Result<Vec<_>>>()?;
    if settings.calibration.is_some() {
        let (profile, own) = settings.chosen(super::CALIBRATED)?;
        estimates.push(cost::estimate(rows, profile, &cost::Settings { layers: false, ..own })?);
    }
    Ok(Report { schema: cost::COST_SCHEMA, estimates })
}

/// Estimates as CSV, a line each; a cell is empty where nothing is known.
#[cfg(feature = "all")]
pub fn cost_csv(report: &Report) -> String {
    let mut text = String::from(
        "protocol,profile_version,link,offline_seconds,offline_link_seconds,offline_bytes,online_seconds,\
         online_link_seconds,online_bytes,rounds,bytes_total,setup_bytes,client_storage_bytes,partial\n",
    );
    let of = |phase: &Phase| {
        let seconds = phase.seconds.map_or_else(String::new, |[_, middle, _]| middle.to_string());
        let bytes = phase.bytes_up + phase.bytes_down + phase.bytes_between;
        format!("{seconds},{},{bytes}", phase.link_seconds)
    };
    for e in &report.estimates {
        let storage = e.client_storage_bytes.map_or_else(String::new, |bytes| bytes.to_string());
        text += &format!(
            "{},{},{},{},{},{},{},{},{storage},{}\n",
            e.protocol,
            e.profile_version,
            e.link,
            of(&e.offline),
            of(&e.online),
            e.online.rounds,
            e.bytes_total,
            e.setup_bytes,
            e.partial
        );
    }
    text
}

/// Where the cost of the row at `position` comes from, under the first protocol of the settings.
///
/// # Errors
/// As [`cost_of`], or `InvalidSetting` for a row that is none.
pub fn cost_card_of(rows: &[Row], position: usize, settings: &CostSettings) -> Result<CostCard> {
    let none = || Error::new(Code::InvalidSetting, "no protocol is chosen");
    let id = settings.protocols.first().ok_or_else(none)?;
    let (profile, settings) = settings.chosen(id)?;
    cost::explain(rows, position, profile, &settings)
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

    /// Estimates of this model under every protocol; see [`compare_of`].
    ///
    /// # Errors
    /// As [`cost_of`].
    #[cfg(feature = "all")]
    pub fn compare(&self, settings: &CostSettings) -> Result<Report> {
        compare_of(&self.rows, settings)
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
