//! `pareto`: published points and own ones on one pair of axes, their fronts and what they say.
//!
//! Accuracies are as published. The axis is ReLUs, MACs, or the *ReLU part* of a cost: the price of
//! one ReLU under the chosen protocol and link, times the count. Rounds are left out of it, because
//! a published count says nothing of depth. Published latencies never enter: their systems differ.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::cost::{self, Activations, Pricing, Tariff, Terms};
use crate::count::{Activation, Kind, Row, Work};
use crate::error::{Code, Error, Result};
use crate::pareto::{self, Conflict, Distance, Mark, MethodFront, Point, Status};

/// ReLUs that are priced to find the price of one: enough that whole bytes round away.
const MANY: u64 = 1 << 20;

/// All published points.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Published {
    /// In the order of the file; every index of a [`ParetoReport`] refers to it.
    pub points: &'static [Point],
    /// Sets of points that give one network two accuracies.
    pub conflicts: Vec<Conflict>,
    /// Names of the data sets.
    pub datasets: Vec<&'static str>,
}

/// What the horizontal axis shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum Axis {
    /// ReLU elements.
    #[default]
    Relus,
    /// Seconds of the ReLUs, offline and online, rounds left out.
    Latency,
    /// Bytes of the ReLUs, offline and online.
    Traffic,
    /// Dense MACs; published ones only where a released recipe is known.
    Macs,
}

/// A network of one's own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct OwnPoint {
    /// ReLUs.
    pub relus: u64,
    /// Dense MACs.
    pub macs: u64,
    /// Top-1 accuracy in percent, where it is known.
    pub accuracy: Option<f64>,
}

/// What to compare.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ParetoSettings {
    /// One of the data sets of [`Published`].
    pub dataset: String,
    /// The horizontal axis.
    pub axis: Axis,
    /// Protocol (the first is used) and link, for latency and traffic.
    pub cost: Terms,
    /// Methods that take part; all where it is empty.
    pub methods: Vec<String>,
    /// Statuses that take part; all where it is empty.
    pub statuses: Vec<Status>,
    /// Networks of one's own.
    pub own: Vec<OwnPoint>,
    /// The best published point at this cost is looked for.
    pub budget: Option<f64>,
    /// The cheapest published point of this accuracy is looked for.
    pub accuracy: Option<f64>,
}

/// Points on the axis, with fronts and read-outs. Indices are those of [`Published`].
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ParetoReport {
    /// Always `reluctant.pareto/1`.
    pub schema: &'static str,
    /// The data set.
    pub dataset: String,
    /// The axis.
    pub axis: Axis,
    /// Unit of the axis: `ReLUs`, `s`, `B`, `MACs`.
    pub unit: &'static str,
    /// Price of one ReLU; None where the axis needs none.
    pub price: Option<ReluPrice>,
    /// Cost of each published point of the data set; None where its source does not give it.
    pub points: Vec<Placed>,
    /// A front for each method.
    pub fronts: Vec<MethodFront>,
    /// The front of all methods together.
    pub front: Vec<usize>,
    /// Own points, in the order given.
    pub own: Vec<OwnPlaced>,
    /// Most accurate point within the budget.
    pub best_at_budget: Option<usize>,
    /// Cheapest point of the accuracy.
    pub fewest_at_accuracy: Option<usize>,
}

/// A published point on the axis.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Placed {
    /// Which.
    pub index: usize,
    /// Its place on the axis.
    pub cost: Option<f64>,
}

/// A network of one's own on the axis.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct OwnPlaced {
    /// Its place on the axis.
    pub cost: f64,
    /// Where it stands beside the published points; None while its accuracy is unknown.
    pub distance: Option<Distance>,
    /// Most accurate published point at its cost.
    pub best_at_cost: Option<usize>,
}

/// What one ReLU costs under a protocol, rounds left out.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ReluPrice {
    /// Id of the profile.
    pub protocol: &'static str,
    /// Its version.
    pub profile_version: u32,
    /// Id of the link.
    pub link: String,
    /// Bytes of all parties, offline and online.
    pub bytes: f64,
    /// Seconds, offline and online: compute and link, or the link alone.
    pub seconds: f64,
    /// Seconds hold compute.
    pub compute_included: bool,
}

/// All published points.
///
/// # Errors
/// `Malformed` where an embedded file does not parse.
pub fn published() -> Result<Published> {
    let points = pareto::published()?;
    let mut seen = BTreeSet::new();
    let datasets = points.iter().map(|point| point.dataset.as_str()).filter(|name| seen.insert(*name));
    Ok(Published { points, conflicts: pareto::conflicts(points), datasets: datasets.collect() })
}

/// Price of one ReLU under the first protocol, its rounds and a call's own cost apart. DELPHI on `lan`: one garbled
/// circuit's bytes, and its seconds on the link and on both processors.
///
/// # Errors
/// `InvalidSetting` without a protocol, or where it has no price for ReLU.
pub fn relu_price(terms: &Terms) -> Result<ReluPrice> {
    let tariff = Tariff::of(terms.first()?, terms)?;
    let mut pricing = Pricing { per_call: false, ..Pricing::new(&tariff, terms, &Activations::Keep) };
    pricing.link.rtt_ms = 0.0;
    let relus = Activation {
        kind: Kind::ReLU,
        elements: MANY,
        rows: 0,
        row_length: 0,
        comparisons: MANY,
        folded: false,
    };
    let row = Row { work: vec![Work::Activation(relus)], ..Row::default() };
    let estimate = cost::estimate(&[row], &pricing, cost::Detail::Totals)?;
    // Bytes without a compute time are a price: its time is the link's, and says so.
    if estimate.status.not_supported.parts > 0 {
        return Err(Error::new(Code::InvalidSetting, format!("{} has no price for ReLU", tariff.id())));
    }
    let seconds = [estimate.offline, estimate.online]
        .map(|phase| phase.seconds.map_or(phase.link_seconds, |[_, middle, _]| middle));
    Ok(ReluPrice {
        protocol: tariff.id(),
        profile_version: tariff.profile().version,
        link: pricing.link.id.into_owned(),
        bytes: estimate.bytes_total as f64 / MANY as f64,
        seconds: (seconds[0] + seconds[1]) / MANY as f64,
        compute_included: estimate.compute_included,
    })
}

/// Puts published and own points on one axis.
///
/// # Errors
/// `InvalidSetting` for an unknown data set, an accuracy outside 0 to 100, or what
/// [`relu_price`] refuses.
pub fn pareto_report(settings: &ParetoSettings) -> Result<ParetoReport> {
    let Published { points, datasets, .. } = published()?;
    if !datasets.contains(&settings.dataset.as_str()) {
        return Err(Error::new(
            Code::InvalidSetting,
            format!("no data set is called {:?}", settings.dataset),
        )
        .hint(format!("one of {}", datasets.join(", "))));
    }
    let accuracies = settings.own.iter().filter_map(|own| own.accuracy).chain(settings.accuracy);
    if let Some(wrong) = accuracies.into_iter().find(|accuracy| !(0.0..=100.0).contains(accuracy)) {
        return Err(Error::new(Code::InvalidSetting, format!("an accuracy is {wrong}"))
            .hint("a percentage from 0 to 100"));
    }
    let price = match settings.axis {
        Axis::Latency | Axis::Traffic => Some(relu_price(&settings.cost)?),
        Axis::Relus | Axis::Macs => None,
    };
    let place = |relus: Option<u64>, macs: Option<u64>| match (settings.axis, &price) {
        (Axis::Macs, _) => macs.map(|macs| macs as f64),
        (Axis::Latency, Some(price)) => relus.map(|relus| relus as f64 * price.seconds),
        (Axis::Traffic, Some(price)) => relus.map(|relus| relus as f64 * price.bytes),
        _ => relus.map(|relus| relus as f64),
    };
    let takes_part = |point: &Point| {
        point.dataset == settings.dataset
            && (settings.methods.is_empty() || settings.methods.contains(&point.method))
            && (settings.statuses.is_empty() || settings.statuses.contains(&point.status))
    };
    let cost = |point: &Point| place(point.relus, point.computed.as_ref().map(|computed| computed.macs));
    let costs: Vec<Option<f64>> =
        points.iter().map(|point| cost(point).filter(|_| takes_part(point))).collect();
    let (indices, marks): (Vec<usize>, Vec<Mark>) = (points.iter().zip(&costs).enumerate())
        .filter_map(|(index, (point, cost))| Some((index, Mark { cost: (*cost)?, accuracy: point.accuracy })))
        .unzip();
    let index = |at: usize| indices.get(at).copied();
    let own = |own: &OwnPoint| {
        let cost = place(Some(own.relus), Some(own.macs)).unwrap_or(0.0);
        let distance = own.accuracy.map(|accuracy| {
            let found = pareto::distance(&marks, Mark { cost, accuracy });
            Distance {
                at_budget: found.at_budget.and_then(index),
                at_accuracy: found.at_accuracy.and_then(index),
                ..found
            }
        });
        OwnPlaced { cost, distance, best_at_cost: pareto::best_at_budget(&marks, cost).and_then(index) }
    };
    let all = points.iter().enumerate().filter(|(_, point)| takes_part(point));
    Ok(ParetoReport {
        schema: "reluctant.pareto/1",
        dataset: settings.dataset.clone(),
        axis: settings.axis,
        unit: match settings.axis {
            Axis::Relus => "ReLUs",
            Axis::Latency => "s",
            Axis::Traffic => "B",
            Axis::Macs => "MACs",
        },
        points: all.map(|(index, point)| Placed { index, cost: cost(point) }).collect(),
        fronts: pareto::fronts(points, &settings.dataset, &costs),
        front: pareto::front(&marks).into_iter().filter_map(index).collect(),
        own: settings.own.iter().map(own).collect(),
        best_at_budget: settings.budget.and_then(|b| pareto::best_at_budget(&marks, b)).and_then(index),
        fewest_at_accuracy: (settings.accuracy)
            .and_then(|a| pareto::fewest_at_accuracy(&marks, a))
            .and_then(index),
        price,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::*;
    use crate::api::{Line, Model, Settings};

    fn delphi() -> Terms {
        Terms::under("delphi:server-garbler")
    }

    fn asked(axis: Axis) -> ParetoSettings {
        ParetoSettings {
            dataset: "CIFAR-100".into(),
            axis,
            cost: delphi(),
            own: vec![OwnPoint { relus: 557_056, macs: 555_468_800, accuracy: None }],
            ..ParetoSettings::default()
        }
    }

    /// The price of one ReLU times ResNet-18's is what the estimate gives its activations.
    #[test]
    fn one_relu_is_priced_like_a_network() {
        let scored = Model::example("resnet18-cifar100").unwrap().score(&Settings::default()).unwrap();
        for protocol in ["delphi:server-garbler", "delphi:client-garbler", "semi2k", "aby3"] {
            let terms = Terms::under(protocol);
            let price = relu_price(&terms).unwrap();
            let estimate = scored.cost(&terms.into()).unwrap().estimates.remove(0);
            let want = estimate.by_kind.activation.bytes as f64;
            let found = price.bytes * 557_056.0;
            assert!((found - want).abs() <= 1e-3 * want, "{protocol}: {found} against {want}");
            assert!(price.seconds > 0.0, "{protocol}");
        }
    }

    /// A published count says nothing of depth: the round trip is no part of the price of one ReLU. SEMI2K over `wan`: 144 B,
    /// half each way at 44 MB/s, 3.27 us, and 2.97 us of compute; eight round trips of 40 ms are not in it. What the network has besides is not either.
    #[test]
    fn rounds_are_no_part_of_the_price() {
        let wan = Terms { link: Line::preset("wan").unwrap(), argmax: true, ..Terms::under("semi2k") };
        let price = relu_price(&wan).unwrap();
        assert_eq!(price.bytes, 144.0);
        // A call's own compute is shared by the many that are priced.
        let want = 144.0 / 44e6 + 2.97e-6;
        assert!((price.seconds / want - 1.0).abs() < 2e-3, "{}", price.seconds);
        for protocol in
            ["semi2k", "aby3", "cheetah:spu", "delphi:server-garbler", "circa:12", "cheetah:paper"]
        {
            let far =
                |rtt| Terms { link: Line::Custom { up: 44.0, down: 44.0, rtt }, ..Terms::under(protocol) };
            let price = |rtt| relu_price(&far(rtt)).unwrap().seconds;
            assert_eq!(price(0.0), price(1_000.0), "{protocol}");
        }
    }

    #[test]
    fn every_point_of_a_data_set_is_listed_and_axes_scale() {
        let relus = pareto_report(&asked(Axis::Relus)).unwrap();
        assert_eq!(relus.points.len(), 75);
        assert_eq!(relus.own[0].cost, 557_056.0);
        assert_eq!((relus.price, relus.unit), (None, "ReLUs"));
        let traffic = pareto_report(&asked(Axis::Traffic)).unwrap();
        let price = traffic.price.clone().unwrap();
        for (a, b) in relus.points.iter().zip(&traffic.points) {
            assert_eq!(a.cost.map(|relus| relus * price.bytes), b.cost);
        }
        // One price for all: the fronts are those of the counts.
        assert_eq!(relus.front, traffic.front);
        assert_eq!(relus.fronts, pareto_report(&asked(Axis::Latency)).unwrap().fronts);
        let macs = pareto_report(&asked(Axis::Macs)).unwrap();
        assert!(macs.points.iter().any(|point| point.cost.is_none()));
        assert_eq!(macs.own[0].cost, 555_468_800.0);
    }

    #[test]
    fn read_outs_point_into_the_published_list() {
        let mut ask = asked(Axis::Relus);
        (ask.budget, ask.accuracy) = (Some(15_000.0), Some(70.0));
        ask.methods = vec!["SNL".into()];
        ask.own[0] = OwnPoint { relus: 25_000, macs: 1, accuracy: Some(68.0) };
        let report = pareto_report(&ask).unwrap();
        let point = |index: Option<usize>| {
            let point = &published().unwrap().points[index.unwrap()];
            (point.method.as_str(), point.relus.unwrap(), point.accuracy)
        };
        assert_eq!(point(report.best_at_budget), ("SNL", 14_900, 67.17));
        assert_eq!(point(report.fewest_at_accuracy), ("SNL", 25_000, 70.05));
        let own = report.own[0];
        assert_eq!(point(own.best_at_cost), ("SNL", 25_000, 70.05));
        let distance = own.distance.unwrap();
        assert_eq!(point(distance.at_accuracy), ("SNL", 25_000, 70.05));
        assert!((distance.accuracy_gap.unwrap() - 2.05).abs() < 1e-9);
        assert_eq!(distance.cost_factor, Some(1.0));
        let verified = ParetoSettings { statuses: vec![Status::Verified], ..asked(Axis::Relus) };
        let verified = pareto_report(&verified).unwrap();
        let status = |index: &usize| published().unwrap().points[*index].status;
        assert!(
            !verified.front.is_empty()
                && verified.front.iter().all(|index| status(index) == Status::Verified)
        );
    }

    #[test]
    fn what_cannot_be_placed_is_refused() {
        let refused = |ask: ParetoSettings| pareto_report(&ask).unwrap_err().code;
        let none = ParetoSettings { dataset: "MNIST".into(), ..asked(Axis::Relus) };
        assert_eq!(refused(none), Code::InvalidSetting);
        let none = ParetoSettings { cost: Terms::default(), ..asked(Axis::Latency) };
        assert_eq!(refused(none), Code::InvalidSetting);
        for accuracy in [-1.0, 100.5, f64::NAN] {
            assert_eq!(
                refused(ParetoSettings { accuracy: Some(accuracy), ..asked(Axis::Relus) }),
                Code::InvalidSetting
            );
        }
    }
}
