//! A calibrated profile in a link: base, what is not measured, and the measurements as a table. The
//! coefficients stay behind: whoever opens the link fits them anew, and trusts nothing in it.

use super::calibrate::calibration;
use super::pairs::{Pairs, invalid, number};
use crate::cost;
use crate::cost::calibrate::{OwnProfile, Rest, measurements_from_text};
use crate::error::Result;

const BASE: &str = "own.base";
const REST: &str = "own.rest";
const RING: &str = "own.ring-bits";
const ROWS: &str = "own.rows";
/// A person's own words: left out with the names.
const NAME: &str = "name.own";

/// The profile as pairs.
pub(super) fn pairs_from_own(own: &OwnProfile) -> Pairs {
    let base_version = match own.base_version {
        0 => cost::profile(&own.base).map_or(0, |base| base.version),
        version => version,
    };
    let ring = own.ring_bits.map(|bits| bits.to_string());
    let pairs = [
        (BASE, Some(format!("{} {base_version}", own.base))),
        (REST, (own.rest == Rest::None).then(|| "none".to_owned())),
        (RING, ring),
        (NAME, Some(own.name.clone()).filter(|name| !name.is_empty())),
        (ROWS, Some(own.table())),
    ];
    pairs.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
}

/// Takes the profile out of the pairs; the rest stays. None where its base is none of this release.
pub(super) fn own_from_pairs(pairs: &mut Pairs) -> Result<Option<OwnProfile>> {
    let (mut own, mut rows, mut result) = (OwnProfile::default(), None, Ok(()));
    pairs.retain(|(key, value)| {
        let read = match key.as_str() {
            BASE => value.rsplit_once(' ').ok_or_else(|| invalid("own.base")).and_then(|(id, version)| {
                id.clone_into(&mut own.base);
                number(key, version).map(|version| own.base_version = version)
            }),
            REST if value == "none" => {
                own.rest = Rest::None;
                Ok(())
            }
            REST => Err(invalid("own.rest")),
            RING => number(key, value).map(|bits| own.ring_bits = Some(bits)),
            NAME => {
                own.name.clone_from(value);
                Ok(())
            }
            ROWS => {
                rows = Some(value.clone());
                Ok(())
            }
            _ => return true,
        };
        if result.is_ok() {
            result = read;
        }
        false
    });
    result?;
    let Some(rows) = rows else { return Ok(None) };
    if cost::profile(&own.base).is_err() {
        return Ok(None);
    }
    let read = |rows: &str| measurements_from_text(rows, &[]).map_err(|error| invalid(&error.message));
    own.measurements = read(&rows)?.measurements;
    calibration(&own).map_err(|error| invalid(&error.message))?;
    Ok(Some(own))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::*;
    use crate::api::{
        Ask, CALIBRATED, CalibrateSettings, LinkView, Model, Scored, Settings, Terms, calibrate, calibration,
        open_link, open_profile,
    };
    use crate::error::Code;

    const RUNS: &str = include_str!("../cost/fixtures/mpc-ops.csv");

    fn own(rest: Rest) -> OwnProfile {
        let calibrated = calibrate(&CalibrateSettings {
            text: RUNS.into(),
            only: vec![("variant".into(), "aby3_64".into())],
            base: "semi2k".into(),
            name: "the bench".into(),
            rest,
        });
        calibrated.unwrap().report.profile
    }

    fn scored() -> Scored {
        Model::example("resnet18-cifar100").unwrap().score(&Settings::default()).unwrap()
    }

    fn terms(own: OwnProfile) -> Terms {
        let protocols = vec!["aby3".into(), CALIBRATED.into()];
        Terms { protocols, own: Some(own), ..Terms::default() }
    }

    fn json(value: &impl serde::Serialize) -> String {
        serde_json::to_string(value).unwrap()
    }

    /// Link and file give the profile that went in, and the same estimates to the byte.
    #[test]
    fn a_profile_survives_a_link_and_a_file() {
        let scored = scored();
        for rest in [Rest::Base, Rest::None] {
            let own = own(rest);
            let cost: Ask = terms(own.clone()).into();
            let view = LinkView { cost: Some(cost.clone()), ..LinkView::default() };
            let opened = open_link(&scored.link(&view, true).unwrap()).unwrap();
            assert_eq!(opened.state.view, view);
            assert_eq!(json(&opened.scored.cost(&cost).unwrap()), json(&scored.cost(&cost).unwrap()));
            let sent: Vec<&str> = opened.state.sent.iter().map(|sent| sent.protocol.as_str()).collect();
            assert_eq!(sent, ["aby3", CALIBRATED]);
            let profiles: Vec<&str> = opened.state.profiles.iter().map(|(id, _)| id.as_str()).collect();
            assert_eq!(profiles, ["aby3", "semi2k"]);
            // Its name is a person's own: without names it stays behind, and nothing else does.
            let link = scored.link(&view, false).unwrap();
            assert!(link.len() < 4_000, "{} characters", link.len());
            let nameless = open_link(&link).unwrap().state.view.cost.unwrap().terms.own.unwrap();
            assert_eq!(nameless, OwnProfile { name: String::new(), ..own.clone() });
            let saved: Ask = terms(open_profile(&json(&calibration(&own).unwrap())).unwrap().profile).into();
            assert_eq!(json(&scored.cost(&saved).unwrap()), json(&scored.cost(&cost).unwrap()));
        }
    }

    /// The frozen link of a calibrated profile prices to the same figures, in every release.
    #[test]
    fn the_frozen_profile_is_fitted_anew() {
        let opened = open_link(include_str!("../../../tests/golden/link-r1-calibrated.txt")).unwrap();
        let cost = opened.state.view.cost.unwrap();
        let own = cost.terms.own.as_ref().unwrap();
        assert_eq!((own.base.as_str(), own.rest, own.ring_bits), ("semi2k", Rest::None, Some(64)));
        let report = opened.scored.cost(&cost).unwrap();
        let [estimate] = &report.estimates[..] else { panic!("one estimate") };
        assert_eq!((estimate.protocol, estimate.bytes_total), (CALIBRATED, FROZEN_BYTES));
        assert_eq!(opened.state.sent[0].bytes_total, FROZEN_BYTES);
    }

    /// ResNet-18 at the coefficients of ABY3's runs.
    const FROZEN_BYTES: u64 = 133_081_061;

    #[test]
    fn the_settings_need_the_profile_that_they_name() {
        let error = scored().cost(&Terms::under(CALIBRATED).into()).unwrap_err();
        assert!(error.code == Code::InvalidSetting && !error.hint.is_empty());
        let what_if = scored().what_if(&terms(own(Rest::Base)).into()).unwrap().protocols;
        assert_eq!(what_if.iter().map(|p| p.protocol).collect::<Vec<_>>(), ["aby3", CALIBRATED]);
        let all = scored().compare(&terms(own(Rest::Base)).into()).unwrap().estimates;
        assert_eq!(all.last().unwrap().protocol, CALIBRATED);
    }

    #[test]
    fn a_link_is_trusted_nothing() {
        let scored = scored();
        let open = |pairs: &[(&str, &str)]| {
            let settings =
                pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
            open_link(&scored.link(&LinkView { settings, ..LinkView::default() }, true).unwrap())
        };
        let (base, good) = (("own.base", "semi2k 1"), ("own.rows", "op\tsize\tbytes\nrelu\t5\t5"));
        assert!(open(&[base, good]).unwrap().state.view.cost.unwrap().terms.own.is_some());
        let long = format!("op\tsize\tbytes{}", "\nrelu\t5\t5".repeat(2_000));
        for pairs in [
            &[base, ("own.rows", "op\tsize\tbytes\nrelu\t-5\t5")][..],
            &[base, ("own.rows", "op\tsize\tbytes")],
            &[base, ("own.rows", "[")],
            &[base, ("own.rows", &long)],
            &[("own.base", "semi2k"), good],
            &[("own.base", "semi2k x"), good],
            &[("own.rest", "some"), base, good],
            &[("own.ring-bits", "63"), base, good],
            &[("own.ring-bits", "-1"), base, good],
        ] {
            assert_eq!(open(pairs).unwrap_err().code, Code::InvalidLink, "{pairs:?}");
        }
        // A base of a later release: the profile is left out, and its protocol with it.
        let later =
            open(&[("own.base", "later:one 1"), good, ("protocol", CALIBRATED), ("protocol", "aby3")]);
        let cost = later.unwrap().state.view.cost.unwrap();
        // The link's maker chose none: it says those that its model opens under, behind the one that was put in by hand.
        let own = scored.opens_under().iter().map(|opening| opening.protocol);
        let protocols: Vec<String> = std::iter::once("aby3").chain(own).map(str::to_owned).collect();
        assert_eq!((cost.terms.protocols, cost.terms.own), (protocols, None));
    }
}
