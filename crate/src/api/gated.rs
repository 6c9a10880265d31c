//! `lab gates`: a model with gated ReLUs under one protocol. `reluctant.gated/1`; field names are a contract: add, never
//! rename.

use serde::Serialize;

use super::model::Scored;
use crate::cost::{self, Ask, Gated, Pricing, Tariff};
use crate::error::{Code, Error, Result};

/// A model with gated ReLUs under one protocol.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct GatedReport {
    /// Always `reluctant.gated/1`.
    pub schema: &'static str,
    /// Id of the profile.
    pub protocol: &'static str,
    /// Its version.
    pub profile_version: u32,
    /// Id of the link.
    pub link: String,
    /// What each way costs.
    #[serde(flatten)]
    pub gated: Gated,
    /// What holds of every such report.
    pub note: &'static str,
}

const NOTE: &str = "A network of gated ReLUs is another network, trained as such: this prices one of these sizes. Directions are \
    public; sharing the bits of gates that are computed in the clear is not counted. The price is ours.";

impl Scored {
    /// This model with a gate in the place of each ReLU, under the first protocol of the ask.
    ///
    /// # Errors
    /// `InvalidSetting` for a model without ReLUs; as pricing.
    pub fn gated(&self, ask: &Ask) -> Result<GatedReport> {
        let tariff = Tariff::of(ask.terms.first()?, &ask.terms)?;
        let pricing = Pricing::new(&tariff, &ask.terms, &ask.activations);
        let gated = cost::gated(&self.rows, &pricing)?;
        if gated.gates == 0 {
            return Err(Error::new(
                Code::InvalidSetting,
                "the model has no ReLU that a gate could stand for",
            ));
        }
        let (schema, protocol) = ("reluctant.gated/1", tariff.id());
        let (profile_version, link) = (tariff.profile().version, pricing.link.id.to_string());
        Ok(GatedReport { schema, protocol, profile_version, link, gated, note: NOTE })
    }
}
