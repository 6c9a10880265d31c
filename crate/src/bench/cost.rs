//! What a plan saves, or costs: both models under the same protocols.

use serde::Serialize;

use crate::cost::{Activations, Ask, Detail, Estimate, Replacement, Terms, cost_of};
use crate::count::{Conv, Row, Work};
use crate::error::{Code, Error, Result};

/// A network's cost in a line.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CostLine {
    /// Middle estimate; None where the profile has no compute time.
    pub offline_seconds: Option<f64>,
    /// Middle estimate; None where the profile has no compute time.
    pub online_seconds: Option<f64>,
    /// All parties, both phases.
    pub bytes: u64,
    /// Of the online phase.
    pub online_rounds: u64,
    /// Some work has no price.
    pub partial: bool,
}

/// Before and after.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CostChange {
    /// Id of the protocol.
    pub protocol: String,
    /// The original.
    pub before: CostLine,
    /// With the plan.
    pub after: CostLine,
    /// Change of online seconds (of bytes, where seconds are not known), as a share: -0.5 is half,
    /// above 0 the plan costs more. None where either is partial: two lower bounds have no ratio.
    pub change: Option<f64>,
    /// The plan costs more than it saves; never said of lower bounds.
    pub worse: bool,
}

fn line(estimate: &Estimate) -> CostLine {
    let middle = |seconds: Option<[f64; 3]>| seconds.map(|[_, middle, _]| middle);
    CostLine {
        offline_seconds: middle(estimate.offline.seconds),
        online_seconds: middle(estimate.online.seconds),
        bytes: estimate.bytes_total,
        online_rounds: estimate.online.rounds,
        partial: estimate.partial,
    }
}

/// Costs of two networks' rows under every protocol of the terms.
pub fn change(before: &[Row], after: &[Row], terms: &Terms) -> Result<Vec<CostChange>> {
    beside((before, Activations::Keep), (after, Activations::Keep), terms)
}

/// Costs of a network's rows, and of the same with AESPA's polynomials, whose scale is in the weights of the layers that
/// follow.
pub fn folded(rows: &[Row], terms: &Terms) -> Result<Vec<CostChange>> {
    beside((rows, Activations::Keep), (rows, Activations::All(Replacement::Aespa)), terms)
}

fn beside(
    before: (&[Row], Activations),
    after: (&[Row], Activations),
    terms: &Terms,
) -> Result<Vec<CostChange>> {
    let estimates = |(rows, activations): (&[Row], Activations)| {
        let ask = Ask { activations, ..terms.clone().into() };
        Ok(cost_of(rows, &ask, Detail::Totals)?.estimates)
    };
    let (before, after): (Vec<Estimate>, Vec<Estimate>) = (estimates(before)?, estimates(after)?);
    let pairs = before.iter().zip(&after).map(|(b, a)| {
        let (before, after) = (line(b), line(a));
        let (was, now) = match (before.online_seconds, after.online_seconds) {
            (Some(was), Some(now)) => (was, now),
            _ => (before.bytes as f64, after.bytes as f64),
        };
        let whole = !before.partial && !after.partial;
        let change = whole.then(|| if was > 0.0 { now / was - 1.0 } else { 0.0 });
        let worse = change.is_some_and(|change| change > 0.0);
        CostChange { protocol: b.protocol.to_string(), before, after, change, worse }
    });
    Ok(pairs.collect())
}

/// Whole nanoseconds (online) or bytes of rows under the first protocol of the terms. A budget takes them for the whole:
/// rows of which some work has no price, or no time where seconds are asked for, are refused.
pub fn units(rows: &[Row], terms: &Terms, seconds: bool) -> Result<u64> {
    let report = cost_of(rows, &terms.with(terms.first()?).into(), Detail::Totals)?;
    let estimate = report.estimates.first().ok_or_else(|| Error::new(Code::InvalidSetting, "no estimate"))?;
    let gaps = if seconds { estimate.unpriced.len() as u64 } else { estimate.status.not_supported.parts };
    if let (Some(gap), true) = (estimate.unpriced.first(), gaps > 0) {
        let unit = if seconds { "seconds" } else { "bytes" };
        let what = format!(
            "a budget in {unit} needs a price of all that it counts: under {} {gaps} of {} pieces have none ({})",
            estimate.protocol,
            estimate.pieces(),
            gap.reason
        );
        return Err(Error::new(Code::InvalidSetting, what)
            .hint("budget in ReLUs, or under a protocol that prices all of it, such as semi2k"));
    }
    if !seconds {
        return Ok(estimate.bytes_total);
    }
    let [_, online, _] = estimate.online.seconds.ok_or_else(|| {
        Error::new(Code::InvalidSetting, format!("compute times of {} are not known", estimate.protocol))
            .hint("budget in bytes or ReLUs, or under a protocol with compute times, such as semi2k")
    })?;
    Ok((online * 1e9).ceil().clamp(0.0, 9e18) as u64)
}

/// The row that stands for a replaced activation: so many multiplications of each element by a public
/// number, and of two secrets.
pub fn polynomial_rows(elements: u64, (scales, products): (u32, u32)) -> Vec<Row> {
    let mut work = Vec::new();
    work.extend((0..scales).map(|_| Work::Scale { elements }));
    work.extend((0..products).map(|_| Work::Product { elements }));
    vec![Row { op: "Mul".to_owned(), work, ..Row::default() }]
}

/// The row of a convolution without any output: what it costs all the same.
pub fn without_outputs(row: &Row) -> Row {
    let of_work = |work: &Work| match work {
        Work::Conv(conv) => Work::Conv(Conv { places: Some(0), ..conv.clone() }),
        other => other.clone(),
    };
    Row { work: row.work.iter().map(of_work).collect(), ..row.clone() }
}
