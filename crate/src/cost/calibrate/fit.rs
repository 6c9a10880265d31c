//! Coefficients from measurements: non-negative least squares on relative errors.
//!
//! For measurements i of one kind of work, cost per call y_i and amounts a_ij (elements, calls, MACs,
//! elements moved), the coefficients c_j >= 0 minimise sum_i ((sum_j c_j a_ij - y_i) / y_i)^2: sizes span
//! decades, and an error of 1 % counts alike at 1,024 and at 262,144 elements. Columns are taken in order of
//! importance; one that is a mix of those before it is not determined and stays null, and the others
//! carry its share. Example: 1,024 ReLUs took 100,864 B and 65,536 took 6,455,296 B: 98.5 B an element,
//! 0 B a call. With the second alone: 98.5 B an element, and the call's share is null.

use serde::Serialize;

use super::class::{Amounts, Class, Feature, Form};
use super::measurement::{Measurement, Traffic, When};
use super::nnls::{condition, independent, nnls, norm};

/// What was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum Quantity {
    /// Bytes of all parties.
    Bytes,
    /// Bytes from the client.
    BytesUp,
    /// Bytes to the client.
    BytesDown,
    /// Exchanges, one after another.
    Rounds,
    /// Compute.
    Seconds,
}

impl Quantity {
    /// Bytes, one way or in all.
    pub(super) fn is_traffic(self) -> bool {
        matches!(self, Self::Bytes | Self::BytesUp | Self::BytesDown)
    }

    pub(super) fn unit(self) -> &'static str {
        match self {
            Self::Rounds => "rounds",
            Self::Seconds => "s",
            _ => "B",
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Bytes => "bytes",
            Self::BytesUp => "bytes up",
            Self::BytesDown => "bytes down",
            Self::Rounds => "rounds",
            Self::Seconds => "seconds",
        }
    }

    fn of(self, measurement: &Measurement) -> Option<f64> {
        let all = match (self, measurement.bytes) {
            (Self::Bytes, Some(Traffic::Total(total))) => total as f64,
            (Self::Bytes, Some(Traffic::Split { up, down })) => up as f64 + down as f64,
            (Self::BytesUp, Some(Traffic::Split { up, .. })) => up as f64,
            (Self::BytesDown, Some(Traffic::Split { down, .. })) => down as f64,
            (Self::Rounds, _) => measurement.rounds? as f64,
            (Self::Seconds, _) => measurement.seconds?,
            _ => return None,
        };
        Some(all / measurement.calls as f64)
    }
}

/// What a quantity may grow with, the most important first.
pub(super) fn basis(class: Class, quantity: Quantity) -> &'static [Feature] {
    use Feature::*;
    match (class.form(), quantity) {
        (Form::Windows | Form::Rows, Quantity::Rounds) if class.is_maximum() => &[Level],
        (Form::Rows, Quantity::Rounds) => &[Call, Level],
        (_, Quantity::Rounds) => &[Call],
        (Form::Windows | Form::Rows, _) if class.is_maximum() => &[Comparison, Call],
        (Form::Rows, _) => &[Element, Row, Call],
        (Form::Conv | Form::MatMul, Quantity::Seconds) => &[Mac, Moved, Call],
        (Form::Conv | Form::MatMul, _) => &[Moved, Mac, Call],
        _ => &[Element, Call],
    }
}

/// The fitted price of one kind of work in one quantity.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fit {
    pub class: Class,
    pub quantity: Quantity,
    /// None where the phases were not told apart.
    pub when: Option<When>,
    pub coefficients: Vec<(Feature, Option<f64>)>,
    /// Least and greatest of measured over fitted.
    pub spread: [f64; 2],
    pub points: Vec<Point>,
    /// Of the weighted fit; None where the measurements do not differ.
    pub r2: Option<f64>,
    pub condition: Option<f64>,
    pub warnings: Vec<String>,
}

/// One measurement beside its fitted value, per call.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "FitPoint"))]
pub struct Point {
    /// Place in the list of measurements.
    pub measurement: usize,
    /// As measured, over its calls.
    pub measured: f64,
    /// By the coefficients.
    pub fitted: f64,
    /// (fitted - measured) / measured; None where nothing was measured.
    pub relative: Option<f64>,
}

/// Errors of measurement may grow by more than this before it is said.
const LARGE_CONDITION: f64 = 100.0;
/// The part of every measurement below which a coefficient is nothing.
const ROUNDING: f64 = 1e-12;
/// A residual that is worth a look.
const LARGE_RESIDUAL: f64 = 0.1;

/// Fits one quantity of one kind of work; None where nothing of it was measured.
pub(super) fn fit(class: Class, quantity: Quantity, when: Option<When>, all: &[Measurement]) -> Option<Fit> {
    let of_class = all.iter().enumerate().filter(|(_, m)| m.class == class && m.when == when);
    let points: Vec<(usize, &Amounts, f64)> =
        of_class.filter_map(|(place, m)| Some((place, &m.amounts, quantity.of(m)?))).collect();
    if points.is_empty() {
        return None;
    }
    let least = points.iter().map(|(.., y)| *y).filter(|y| *y > 0.0).fold(f64::INFINITY, f64::min);
    let floor = if least.is_finite() { least } else { 1.0 };
    let scales: Vec<f64> = points.iter().map(|(.., y)| y.max(floor)).collect();
    let features = basis(class, quantity);
    let (mut columns, mut lengths) = (Vec::new(), Vec::new());
    for feature in features {
        let column =
            points.iter().zip(&scales).map(|((_, amounts, _), scale)| amounts.of(*feature) as f64 / scale);
        let mut column: Vec<f64> = column.collect();
        let length = norm(&column);
        if length > 0.0 {
            column.iter_mut().for_each(|x| *x /= length);
        }
        columns.push(column);
        lengths.push(length);
    }
    let determined = independent(&columns);
    let mut kept = determined.iter();
    columns.retain(|_| kept.next() == Some(&true));
    let target: Vec<f64> = points.iter().zip(&scales).map(|((.., y), scale)| y / scale).collect();
    let mut found = nnls(&columns, &target).into_iter();
    let mut coefficients = Vec::with_capacity(features.len());
    for ((feature, determined), length) in features.iter().zip(&determined).zip(&lengths) {
        let value = if *determined { found.next() } else { None };
        // Of columns of length one: a share of all measurements that rounding alone would leave.
        let value = value.map(|x| if x < ROUNDING { 0.0 } else { settle(x / length, quantity) });
        coefficients.push((*feature, value));
    }
    let fitted = |amounts: &Amounts| {
        let term =
            |(feature, value): &(Feature, Option<f64>)| value.unwrap_or(0.0) * amounts.of(*feature) as f64;
        coefficients.iter().map(term).sum::<f64>()
    };
    let points: Vec<(Point, f64)> = (points.iter().zip(&scales))
        .map(|((place, amounts, measured), scale)| {
            let fitted = fitted(amounts);
            let relative = (*measured > 0.0).then(|| (fitted - measured) / measured);
            (Point { measurement: *place, measured: *measured, fitted, relative }, *scale)
        })
        .collect();
    let condition = (columns.len() > 1).then(|| condition(&columns));
    let warnings = warnings(&coefficients, &points, condition, columns.len());
    let ratios = points.iter().map(|(p, _)| p.measured / p.fitted).filter(|ratio| ratio.is_finite());
    let spread = ratios.fold([1.0_f64, 1.0], |[low, high], ratio| [low.min(ratio), high.max(ratio)]);
    // Calls alone are a mean, which explains nothing.
    let r2 = if *features == [Feature::Call] { None } else { r2(&points) };
    let points = points.into_iter().map(|(point, _)| point).collect();
    Some(Fit { class, quantity, when, coefficients, spread, points, r2, condition, warnings })
}

/// Rounds are whole. A byte rate next to a short fraction is that fraction: 98.49999999999997 is 98.5.
fn settle(x: f64, quantity: Quantity) -> f64 {
    match quantity {
        Quantity::Rounds => x.round(),
        Quantity::Seconds => x,
        _ => {
            let near = (x * 4096.0).round() / 4096.0;
            if (x - near).abs() <= 1e-9 * x { near } else { x }
        }
    }
}

/// 1 - sum ((y - fitted) / s)^2 / sum ((y - mean) / s)^2, the mean weighted alike.
fn r2(points: &[(Point, f64)]) -> Option<f64> {
    let weights: f64 = points.iter().map(|(_, s)| 1.0 / (s * s)).sum();
    let mean = points.iter().map(|(p, s)| p.measured / (s * s)).sum::<f64>() / weights;
    let sum = |from: fn(&Point, f64) -> f64| {
        points.iter().map(|(p, s)| ((p.measured - from(p, mean)) / s).powi(2)).sum::<f64>()
    };
    let (left, all) = (sum(|p, _| p.fitted), sum(|_, mean| mean));
    (points.len() > 1 && all > 1e-18).then(|| 1.0 - left / all)
}

fn warnings(
    coefficients: &[(Feature, Option<f64>)],
    points: &[(Point, f64)],
    condition: Option<f64>,
    fitted: usize,
) -> Vec<String> {
    let mut warnings = Vec::new();
    for (feature, _) in coefficients.iter().filter(|(_, value)| value.is_none()) {
        let (_, name) = feature.names();
        warnings.push(format!("{name} is not determined: these sizes do not tell it from the others"));
    }
    if fitted == points.len() {
        warnings.push("as many coefficients as measurements: the residuals say nothing".to_owned());
    }
    if let Some(condition) = condition.filter(|condition| *condition > LARGE_CONDITION) {
        warnings.push(format!(
            "ill-conditioned: an error of 1 % in the measurements may change coefficients by {condition:.0} %; measure sizes further apart"
        ));
    }
    let off = |(point, _): &(Point, f64)| point.relative.map(|r| (point.measurement, r));
    let worst = points.iter().filter_map(off).max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()));
    if let Some((place, relative)) = worst.filter(|(_, relative)| relative.abs() > LARGE_RESIDUAL) {
        let percent = relative * 100.0;
        warnings.push(format!(
            "measurement {} is off by {percent:+.0} %: the costs are not linear in these sizes",
            place + 1
        ));
    }
    warnings
}

/// Every fit of the measurements: by kind of work in their order, then by phase and quantity.
pub(super) fn fits(all: &[Measurement]) -> Vec<Fit> {
    let mut kinds: Vec<(Class, Option<When>)> = Vec::new();
    for measurement in all {
        let kind = (measurement.class, measurement.when);
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    let mut fits = Vec::new();
    for (class, when) in kinds {
        let mut of = all.iter().filter(|m| m.class == class && m.when == when).filter_map(|m| m.bytes);
        let split = of.all(|bytes| matches!(bytes, Traffic::Split { .. }));
        let traffic: &[Quantity] =
            if split { &[Quantity::BytesUp, Quantity::BytesDown] } else { &[Quantity::Bytes] };
        let offline = when == Some(When::Offline);
        let rounds: &[Quantity] = if offline { &[] } else { &[Quantity::Rounds] };
        let quantities = traffic.iter().chain(rounds).chain(&[Quantity::Seconds]);
        fits.extend(quantities.filter_map(|quantity| fit(class, *quantity, when, all)));
    }
    fits
}
