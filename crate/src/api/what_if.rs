//! `what_if`: what one change to one layer saves or costs, layer by layer.

use serde::Serialize;

use super::model::Scored;
use crate::cost::{self, Ask, Effect, Tariff};
use crate::count::Row;
use crate::error::{Code, Error, Result};
use crate::limits::MAX_WHAT_IF_ROWS;

/// The effects of single changes under each protocol.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct WhatIf {
    /// Always `reluctant.what-if/1`.
    pub schema: &'static str,
    /// Id of the link.
    pub link: String,
    /// One for each protocol of the terms.
    pub protocols: Vec<Effects>,
}

/// The effects under one protocol.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Effects {
    /// Id of the profile.
    pub protocol: &'static str,
    /// One for each row and change that it allows.
    pub effects: Vec<Effect>,
}

/// What each change that a row allows does to the network's cost: ReLU and the like to a polynomial,
/// max-pool to average pool, ReLU6 to ReLU. Each alone, signed, under each protocol of the ask, on the network with what is in force.
///
/// # Errors
/// As [`cost_of`](super::cost_of); `LimitExceeded` above 1,024 rows, as the network is priced once a change.
pub fn what_if_of(rows: &[Row], ask: &Ask) -> Result<WhatIf> {
    if rows.len() > MAX_WHAT_IF_ROWS {
        return Err(Error::new(
            Code::LimitExceeded,
            format!("{} rows are too many to try changes on", rows.len()),
        ));
    }
    let Ask { terms, activations } = ask;
    let of = |id: &String| {
        let tariff = Tariff::of(id, terms)?;
        Ok(Effects { protocol: tariff.id(), effects: cost::what_if(rows, &tariff, terms, activations)? })
    };
    Ok(WhatIf {
        schema: "reluctant.what-if/1",
        link: terms.link.link().id.into_owned(),
        protocols: terms.protocols.iter().map(of).collect::<Result<_>>()?,
    })
}

impl Scored {
    /// Effects of changes to this model; see [`what_if_of`].
    ///
    /// # Errors
    /// As [`what_if_of`].
    pub fn what_if(&self, ask: &Ask) -> Result<WhatIf> {
        what_if_of(&self.rows, ask)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::api::{Model, Settings, Terms, compare_of, cost_csv, protocols};

    fn scored() -> Scored {
        Model::example("resnet18-imagenet").unwrap().score(&Settings::default()).unwrap()
    }

    /// The sum of what is asked one by one, in a table with one line each.
    #[test]
    fn a_comparison_is_each_protocols_estimate() {
        let scored = scored();
        let terms = Terms { argmax: true, ..Terms::default() };
        let report = scored.compare(&terms.clone().into()).unwrap();
        let all = protocols(&terms).unwrap();
        let json = |value: &crate::cost::Estimate| serde_json::to_value(value).unwrap();
        for (estimate, profile) in report.estimates.iter().zip(&all) {
            let one = terms.with(profile.id).into();
            assert_eq!(json(&scored.cost(&one).unwrap().estimates[0]), json(estimate));
        }
        let csv = cost_csv(&report);
        let cells = |line: &str| line.split(',').count();
        assert_eq!(csv.lines().count(), all.len() + 1);
        assert!(csv.lines().all(|line| cells(line) == 20), "{csv}");
        assert!(compare_of(&[], &terms.into()).unwrap().estimates.len() >= all.len());
    }

    #[test]
    fn effects_come_as_plain_figures() {
        let protocols = vec!["semi2k".into(), "cheetah:spu".into()];
        let answer = scored().what_if(&Terms { protocols, ..Terms::default() }.into()).unwrap();
        let json = serde_json::to_value(&answer).unwrap();
        assert_eq!(json["schema"], "reluctant.what-if/1");
        for (protocol, sign) in [(0, -1), (1, 1)] {
            // The stem's 802,816 ReLUs: a saving under SEMI2K, a loss under Cheetah in SPU.
            let first = &json["protocols"][protocol]["effects"][0];
            assert_eq!((&first["change"], &first["elements"]), (&"poly2:public".into(), &802_816.into()));
            assert_eq!(first["difference"]["bytes"].as_i64().unwrap().signum(), sign);
            let pool = &json["protocols"][protocol]["effects"][1];
            assert_eq!(pool["change"], "average-pool");
            assert!(pool["difference"]["bytes"].as_i64().unwrap() < 0);
            // Under Cheetah it sends more and computes faster: seconds and bytes differ in sign.
            assert!(first["difference"]["seconds"].as_f64().unwrap() < 0.0 && pool["reason"].is_null());
        }
        let many = vec![Row::default(); MAX_WHAT_IF_ROWS + 1];
        assert_eq!(what_if_of(&many, &Terms::default().into()).unwrap_err().code, Code::LimitExceeded);
    }
}
