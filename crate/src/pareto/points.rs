//! Published points: accuracy at a ReLU count, with where each was read and how far it was checked.
//!
//! The rows are `published-points.csv` as it stands; MACs come from `computed-macs.csv`, which was
//! computed from released recipes and is no paper's figure. Latencies are as published, from
//! systems that differ: for a tooltip, never for an axis.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Serialize;

use super::csv;
use super::front::{Mark, front};
use crate::error::{Code, Error, Result};
use crate::names::names;

const POINTS: &str = include_str!("published-points.csv");
const MACS: &str = include_str!("computed-macs.csv");
/// Published counts are rounded: a recipe's exact count within this share of one is its source.
const ROUNDING: f64 = 0.01;

names! { "method",
    /// What made a published network, as the list names it.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[cfg_attr(test, ts(rename = "PublishedMethod"))]
    pub enum Method {
        /// ReLUs chosen by learned masks, the rest made polynomial.
        AutoRep = "AutoReP",
        /// Its authors' development notes.
        AutoRepDevIdentity = "AutoReP-dev (identity, SNL-like)",
        /// Its authors' development notes.
        AutoRepDevQuadratic = "AutoReP-dev (quadratic)",
        /// Its authors' development notes.
        AutoRepDevLinear = "AutoReP-dev (trainable w1x+w0)",
        /// A search of architectures under a ReLU budget.
        CryptoNas = "CryptoNAS",
        /// DELPHI's planner.
        Delphi = "DELPHI (NAS planner)",
        /// Layers of ReLUs culled, thinned and reshaped.
        DeepReDuce = "DeepReDuce",
        /// Filter pruning, for comparison.
        Lfpc = "LFPC (pruning baseline)",
        /// A search of architectures and activations.
        PasNetA = "PASNet-A",
        /// The same, larger.
        PasNetB = "PASNet-B",
        /// ReLUs pruned by their effect.
        ReluPruner = "ReLUPruner",
        /// With another score.
        ReluPrunerFirst = "ReLUPruner (first-order Taylor)",
        /// Without the weight of layers.
        ReluPrunerNoWeight = "ReLUPruner (no layer weight)",
        /// With another score.
        ReluPrunerSecond = "ReLUPruner (second-order Taylor)",
        /// Some ReLUs made polynomial.
        SafeNet = "SAFENet",
        /// Budgets by the sensitivity of layers.
        SeNet = "SENet",
        /// Weight pruning, for comparison.
        Snip = "SNIP (pruning baseline)",
        /// Masks learned by gradient.
        Snl = "SNL",
        /// A search of micro-architectures.
        Sphynx = "Sphynx",
        /// Filter pruning, for comparison.
        L1 = "l1 filter pruning (baseline)",
    }
}

names! { "replacement",
    /// What stands where a ReLU of a published network was.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[cfg_attr(test, ts(rename = "PublishedReplacement"))]
    pub enum Became {
        /// The value itself.
        Identity = "identity",
        /// `ax + b`.
        Degree1 = "degree-1 polynomial",
        /// `ax^2 + bx + c`.
        Degree2 = "degree-2 polynomial",
        /// Nothing: the architecture has fewer.
        Architecture = "none (architecture)",
        /// By a search.
        Several = "degree-2/3 polynomial or drop",
    }
}

/// A published point.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "PublishedPoint"))]
pub struct Point {
    /// Method that made the network.
    #[cfg_attr(test, ts(as = "Method"))]
    pub method: String,
    /// Data set.
    pub dataset: String,
    /// Network as the source names it.
    pub backbone: String,
    /// ReLUs as published; None where the source gives none.
    pub relus: Option<u64>,
    /// Top-1 accuracy in percent.
    pub accuracy: f64,
    /// What stands where a ReLU was.
    #[cfg_attr(test, ts(as = "Became"))]
    pub replacement: String,
    /// Seconds as published; systems differ between sources.
    pub latency_s_as_published: Option<f64>,
    /// Whether the network was trained with a teacher: `yes`, `no`, `unknown`.
    pub distillation: String,
    /// Paper or repository.
    pub source: String,
    /// Table, figure or section.
    pub place: String,
    /// How far the value was checked.
    pub status: Status,
    /// What a reader must know; may be empty.
    pub note: String,
    /// MACs and exact ReLUs of the released recipe behind it, computed here.
    pub computed: Option<Computed>,
}

/// What a released recipe comes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Computed {
    /// Exact ReLUs.
    pub relus: u64,
    /// Dense MACs.
    pub macs: u64,
    /// The recipe.
    pub recipe: String,
}

names! { "status",
    /// How far a value was checked.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    #[cfg_attr(test, ts(rename = "PointStatus"))]
    pub enum Status {
        /// Read in the source itself, or twice by independent means.
        Verified = "verified",
        /// A later paper's quotation.
        Quoted = "quoted",
        /// Measured off a figure.
        Digitised = "digitised",
        /// One transcription, not seen in the source.
        SingleSource = "single-source",
        /// The authors' development notes.
        Unreviewed = "unreviewed",
        /// Contradicted by another source, or by its neighbour.
        Conflict = "conflict",
    }
}

/// All published points, in the order of the file; read once.
///
/// # Errors
/// `Malformed` where a row of the embedded files does not parse.
pub fn published() -> Result<&'static [Point]> {
    static READ: OnceLock<Result<Vec<Point>>> = OnceLock::new();
    READ.get_or_init(|| parse(POINTS, MACS)).as_deref().map_err(Clone::clone)
}

fn parse(points: &str, macs: &str) -> Result<Vec<Point>> {
    let macs = csv::rows(macs);
    let recipes = macs.iter().skip(1).map(|row| recipe(row)).collect::<Result<Vec<_>>>()?;
    csv::rows(points).iter().skip(1).map(|row| point(row, &recipes)).collect()
}

type Recipe<'a> = (&'a str, &'a str, Computed);

fn recipe(row: &[String]) -> Result<Recipe<'_>> {
    let [method, dataset, relus, macs, recipe] = row else { return Err(malformed(row)) };
    let number = |text: &str| text.parse().map_err(|_| malformed(row));
    let computed = Computed { relus: number(relus)?, macs: number(macs)?, recipe: recipe.clone() };
    Ok((method, dataset, computed))
}

fn point(row: &[String], recipes: &[Recipe<'_>]) -> Result<Point> {
    let [
        method,
        dataset,
        backbone,
        relus,
        accuracy,
        replacement,
        latency,
        distillation,
        source,
        place,
        status,
        note,
    ] = row
    else {
        return Err(malformed(row));
    };
    let relus = if relus.is_empty() { None } else { Some(relus.parse().map_err(|_| malformed(row))?) };
    let latency_s_as_published =
        if latency.is_empty() { None } else { Some(latency.parse().map_err(|_| malformed(row))?) };
    let same = recipes.iter().filter(|(m, d, _)| m == method && d == dataset);
    let near = |computed: &Computed| {
        relus.is_some_and(|published: u64| {
            computed.relus.abs_diff(published) as f64 <= ROUNDING * published as f64
        })
    };
    Ok(Point {
        method: method.parse::<Method>().map_err(|_| malformed(row))?.name().to_owned(),
        dataset: dataset.clone(),
        backbone: backbone.clone(),
        relus,
        accuracy: accuracy.parse().map_err(|_| malformed(row))?,
        replacement: replacement.parse::<Became>().map_err(|_| malformed(row))?.name().to_owned(),
        latency_s_as_published,
        distillation: distillation.clone(),
        source: source.clone(),
        place: place.clone(),
        status: status.parse().map_err(|_| malformed(row))?,
        note: note.clone(),
        computed: same.map(|(.., computed)| computed).find(|computed| near(computed)).cloned(),
    })
}

fn malformed(row: &[String]) -> Error {
    Error::new(Code::Malformed, format!("a row of published points does not parse: {}", row.join(",")))
}

/// Values of one method, data set and ReLU count that differ.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Conflict {
    /// Indices of the points, in the order given.
    pub points: Vec<usize>,
    /// Largest less smallest accuracy.
    pub spread: f64,
}

/// Sets of points that give one network two accuracies. Backbones are not compared: sources name
/// one network differently.
pub fn conflicts(points: &[Point]) -> Vec<Conflict> {
    let mut groups: BTreeMap<(&str, &str, u64), Vec<usize>> = BTreeMap::new();
    for (index, point) in points.iter().enumerate() {
        if let Some(relus) = point.relus {
            groups.entry((&point.method, &point.dataset, relus)).or_default().push(index);
        }
    }
    let accuracy = |index: &usize| points.get(*index).map_or(0.0, |point| point.accuracy);
    let conflict = |group: Vec<usize>| {
        let highest = group.iter().map(accuracy).fold(f64::MIN, f64::max);
        let lowest = group.iter().map(accuracy).fold(f64::MAX, f64::min);
        Conflict { points: group, spread: highest - lowest }
    };
    groups.into_values().map(conflict).filter(|conflict| conflict.spread > 0.0).collect()
}

/// The front of one method.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct MethodFront {
    /// Method.
    #[cfg_attr(test, ts(as = "Method"))]
    pub method: String,
    /// Indices of its points that no other of its points dominates, by rising cost.
    pub points: Vec<usize>,
}

/// A front for each method on a data set, by name of the method. `costs` holds one number a point
/// in any one unit; a point without one takes no part.
pub fn fronts(points: &[Point], dataset: &str, costs: &[Option<f64>]) -> Vec<MethodFront> {
    let mut methods: BTreeMap<&str, (Vec<usize>, Vec<Mark>)> = BTreeMap::new();
    for (index, (point, cost)) in points.iter().zip(costs).enumerate() {
        let Some(cost) = cost.filter(|_| point.dataset == dataset) else { continue };
        let (indices, marks) = methods.entry(&point.method).or_default();
        indices.push(index);
        marks.push(Mark { cost, accuracy: point.accuracy });
    }
    let pick = |(method, (indices, marks)): (&str, (Vec<usize>, Vec<Mark>))| MethodFront {
        method: method.to_owned(),
        points: front(&marks).into_iter().filter_map(|at| indices.get(at).copied()).collect(),
    };
    methods.into_iter().map(pick).filter(|front| !front.points.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::*;

    fn count(key: impl Fn(&Point) -> bool) -> usize {
        published().unwrap().iter().filter(|point| key(point)).count()
    }

    #[test]
    fn every_row_is_a_point() {
        assert_eq!(published().unwrap().len(), 175);
        let sets = [("CIFAR-10", 60), ("CIFAR-100", 75), ("TinyImageNet", 37), ("ImageNet", 3)];
        for (dataset, want) in sets {
            assert_eq!(count(|point| point.dataset == dataset), want, "{dataset}");
        }
        let statuses = [
            (Status::Verified, 120),
            (Status::Quoted, 16),
            (Status::Digitised, 15),
            (Status::SingleSource, 4),
            (Status::Unreviewed, 12),
            (Status::Conflict, 8),
        ];
        for (status, want) in statuses {
            assert_eq!(count(|point| point.status == status), want, "{status:?}");
        }
        assert_eq!(count(|point| point.relus.is_none()), 3);
    }

    #[test]
    fn every_point_says_where_it_was_read() {
        for point in published().unwrap() {
            assert!(!point.source.is_empty() && !point.place.is_empty(), "{point:?}");
            assert!((0.0..=100.0).contains(&point.accuracy), "{point:?}");
            let text = format!("{point:?}").to_lowercase();
            assert!(
                !text.contains("from memory") && !text.contains("estimate"),
                "not a paper's figure: {point:?}"
            );
        }
    }

    #[test]
    fn quoted_fields_keep_their_commas() {
        let points = published().unwrap();
        assert_eq!(points[0].source, "SNL (arXiv 2202.02340), figure in the authors' repository");
        assert_eq!((points[0].relus, points[0].accuracy), (Some(12_900), 88.23));
        assert_eq!(points[0].latency_s_as_published, Some(0.29));
        assert_eq!(count(|point| point.method == "AutoReP-dev (identity, SNL-like)"), 4);
    }

    /// What another paper quotes of AutoReP's ResNet-18 is contradicted by its own abstract: the whole series is marked, as
    /// is the one latency of SNL that lies off its line.
    #[test]
    fn doubtful_series_are_marked() {
        let points = published().unwrap();
        let quoted = |point: &&Point| {
            point.method == "AutoReP"
                && point.backbone == "ResNet18"
                && point.source.starts_with("ReLUPruner")
        };
        let series: Vec<&Point> = points.iter().filter(quoted).collect();
        assert_eq!(series.len(), 6);
        assert!(series.iter().all(|point| point.status == Status::Conflict));
        let of_autorep = points.iter().filter(|point| point.method == "AutoReP");
        assert!(of_autorep.into_iter().all(|point| point.note.contains("best test accuracy")));
        // Microseconds a ReLU of SNL's own latencies: all but one on a line.
        let own = points.iter().filter(|point| point.method == "SNL" && point.source.starts_with("SNL"));
        let mut seen = 0;
        for point in own {
            let Some((seconds, relus)) = point.latency_s_as_published.zip(point.relus) else { continue };
            let each = seconds / relus as f64 * 1e6;
            assert_eq!(
                (20.0..24.0).contains(&each),
                !point.note.contains("latency doubtful"),
                "{each}: {point:?}"
            );
            seen += 1;
        }
        assert_eq!(seen, 12);
    }

    /// AutoReP at 12.9K and 55K as its abstract and as ReLUPruner quote it, CryptoNAS read and quoted.
    #[test]
    fn values_that_differ_are_found() {
        let points = published().unwrap();
        let found: Vec<(&str, &str, u64, String)> = conflicts(points)
            .iter()
            .map(|conflict| {
                let point = &points[conflict.points[0]];
                let spread = format!("{:.2}", conflict.spread);
                (point.method.as_str(), point.dataset.as_str(), point.relus.unwrap(), spread)
            })
            .collect();
        let want = [
            ("AutoReP", "CIFAR-100", 12_900, "7.19".to_owned()),
            ("AutoReP", "TinyImageNet", 55_000, "7.00".to_owned()),
            ("CryptoNAS", "CIFAR-10", 100_000, "0.02".to_owned()),
            ("CryptoNAS", "CIFAR-10", 334_000, "0.24".to_owned()),
        ];
        assert_eq!(found, want);
    }

    #[test]
    fn a_recipe_gives_its_point_macs() {
        let points = published().unwrap();
        let find = |method: &str, dataset: &str, relus: u64| {
            let point = points
                .iter()
                .find(|p| p.method == method && p.dataset == dataset && p.relus == Some(relus))
                .unwrap();
            point.computed.as_ref().map(|computed| (computed.relus, computed.macs))
        };
        assert_eq!(find("DeepReDuce", "CIFAR-100", 28_700), Some((28_672, 138_905_600)));
        assert_eq!(find("Sphynx", "CIFAR-100", 41_000), Some((40_960, 252_557_120)));
        // No recipe was released for this one; and SNL's networks are no recipes.
        assert_eq!(find("Sphynx", "CIFAR-100", 230_000), None);
        assert_eq!(find("SNL", "CIFAR-100", 12_900), None);
    }

    #[test]
    fn fronts_hold_each_method_apart() {
        let points = published().unwrap();
        let costs: Vec<Option<f64>> =
            points.iter().map(|point| point.relus.map(|relus| relus as f64)).collect();
        let fronts = fronts(points, "CIFAR-100", &costs);
        let snl = fronts.iter().find(|front| front.method == "SNL").unwrap();
        assert!(
            snl.points
                .iter()
                .all(|index| points[*index].method == "SNL" && points[*index].dataset == "CIFAR-100")
        );
        assert_eq!(snl.points.len(), 14);
        let snip = fronts.iter().find(|front| front.method.starts_with("SNIP")).unwrap();
        let relus: Vec<u64> = snip.points.iter().map(|index| points[*index].relus.unwrap()).collect();
        assert!(!relus.contains(&40_000), "61.98 at 40,000 is behind 62.2 at 29,800");
        assert!(super::fronts(points, "CIFAR-100", &vec![None; points.len()]).is_empty());
    }

    #[test]
    fn a_broken_row_is_an_error_that_quotes_it() {
        assert!(parse("header\nSNL,d,b,12,9.5,identity,,no,s,p,verified,\n", "header\n").is_ok());
        for row in [
            "SNL,d,b,12,abc,identity,,no,s,p,verified,",
            "SLN,d,b,12,9.5,identity,,no,s,p,verified,abc",
            "SNL,d,b,12,9.5,nothing,,no,s,p,verified,abc",
        ] {
            let error = parse(&format!("header\n{row}\n"), "header\n").unwrap_err();
            assert_eq!(error.code, Code::Malformed);
            assert!(error.message.contains("abc"), "{error}");
        }
        assert!(parse("header\na,b\n", "header\n").is_err());
    }
}
