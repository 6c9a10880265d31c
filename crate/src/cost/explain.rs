//! The card beside a number: formula, the same with values put in, constants, what is left out.
//! Made from the terms that the sums are made from; strings are made only here.

use std::borrow::Cow;

use serde::Serialize;

use super::constant::{ConstantView, Status};
use super::estimate::{place_of, row_cost, sum_row};
use super::ledger::{Ledger, Page};
use super::link::Link;
use super::report::{Phase, RowCost};
use super::tariff::Pricing;
use super::term::{Term, To};
use crate::count::Row;
use crate::error::{Code, Error, Result};
use crate::names::names;

/// Where a row's cost comes from.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CostCard {
    /// What is priced.
    pub title: String,
    /// One for each way and phase that has any.
    pub lines: Vec<CardLine>,
    /// The constants in use.
    pub constants: Vec<ConstantView>,
    /// What the figures leave out.
    pub leaves_out: Cow<'static, str>,
    /// The worst status among the terms; None when the row is free.
    pub status: Option<Status>,
    /// Why (a part of) the row has no price.
    pub missing: Vec<Cow<'static, str>>,
    /// The figures, as the layer table has them.
    pub cost: RowCost,
}

names! { "figure",
    /// The figure of a row that a line of its card is of.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[cfg_attr(test, ts(rename = "CardFigure"))]
    pub enum Figure {
        /// Seconds before the input is known.
        Offline = "offline",
        /// Seconds afterwards.
        Online = "online",
        /// Traffic, whichever way.
        Bytes = "bytes",
        /// Sequential exchanges.
        Rounds = "rounds",
        /// What the client keeps.
        Storage = "storage",
        /// Sent once for any number of inferences: in no figure of a row.
        Setup = "setup",
    }
}

/// A line of a card: `label = formula`, and `label = values`.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CardLine {
    /// What it is part of.
    pub figure: Figure,
    /// What it comes to.
    pub label: &'static str,
    /// In symbols.
    pub formula: String,
    /// The same with values put in, and the result.
    pub values: String,
    /// Names of the constants in it, those behind factors included.
    pub constants: Vec<&'static str>,
}

const LINES: [(To, Figure, &str); 11] = [
    (To::OfflineUp, Figure::Bytes, "offline bytes up"),
    (To::OfflineDown, Figure::Bytes, "offline bytes down"),
    (To::OfflineBetween, Figure::Bytes, "offline bytes between the others"),
    (To::OnlineUp, Figure::Bytes, "online bytes up"),
    (To::OnlineDown, Figure::Bytes, "online bytes down"),
    (To::OnlineAll, Figure::Bytes, "online bytes of all parties"),
    (To::Rounds, Figure::Rounds, "rounds"),
    (To::OfflineSeconds, Figure::Offline, "offline compute"),
    (To::OnlineSeconds, Figure::Online, "online compute"),
    (To::Storage, Figure::Storage, "client storage"),
    (To::Setup, Figure::Setup, "set-up, once"),
];

/// A rate in more parts than this is a fitted one, and shown as a decimal.
const MOST_PARTS: u32 = 64;

/// Label of the rounds of a row that is not on the longest chain.
const BESIDE: &str = "rounds (while a longer branch answers: not in the network's)";

/// The card of the row at `position`; the whole list is needed, as the first linear layer and
/// layers in parallel depend on it.
pub fn explain(rows: &[Row], position: usize, pricing: &Pricing<'_>) -> Result<CostCard> {
    let row = rows.get(position).ok_or_else(|| {
        Error::new(Code::InvalidSetting, format!("there is no row {position} among {}", rows.len()))
    })?;
    let ledger = Ledger::new(rows, pricing)?;
    let (mut page, mut unpriced) = (Page::default(), Vec::new());
    (0..=position).for_each(|before| ledger.fill(before, &mut page));
    let sum = sum_row(row, &page, &ledger, &mut unpriced, &mut |_, _| Ok(()))?;
    let mut cost = row_cost(row, &sum, &page, &ledger)?;
    cost.take_place(place_of(rows, position, &ledger)?, &pricing.link);
    {
        cost.homomorphic = ledger.homomorphic(position);
    }
    let terms = page.all();

    let mut lines = Vec::new();
    for (to, figure, label) in LINES {
        let shared = to == To::Rounds && !cost.on_path;
        let phase = if to == To::OfflineSeconds { &cost.offline } else { &cost.online };
        let billed = phase.and_then(|phase| Some(phase.seconds?[1] - phase.link_seconds));
        lines.extend(line(to, figure, if shared { BESIDE } else { label }, terms, &ledger, billed));
    }
    for (phase, figure, label) in [
        (&cost.offline, Figure::Offline, "offline link time"),
        (&cost.online, Figure::Online, "online link time"),
    ] {
        lines.extend(
            phase.as_ref().and_then(|phase| link_line(figure, label, phase, cost.on_path, &pricing.link)),
        );
    }
    Ok(CostCard {
        title: format!(
            "{} under {}",
            if row.op.is_empty() { "A row" } else { &row.op },
            pricing.tariff.title()
        ),
        lines,
        constants: constants(terms, &ledger),
        leaves_out: pricing.tariff.leaves_out(),
        status: terms.iter().map(|term| term.status(ledger.column)).max(),
        missing: unpriced.into_iter().map(|u| u.reason).collect(),
        cost,
    })
}

/// Each constant once, in order of use, those behind factors included.
fn constants(terms: &[Term], ledger: &Ledger<'_>) -> Vec<ConstantView> {
    let parallel = ledger.pricing.terms.he_threads > 1 && terms.iter().any(|term| term.he);
    let overhead = ledger.profile().layer_overhead.filter(|_| parallel);
    let used = terms.iter().flat_map(|term| [Some(&*term.rate), term.factor_by]).flatten();
    let mut views: Vec<ConstantView> = Vec::new();
    for constant in used.chain(overhead.into_iter().flatten()) {
        let view = constant.view(ledger.column);
        if views.iter().all(|known| known.name != view.name || known.value != view.value) {
            views.push(view);
        }
    }
    views
}

/// `label = rate x count + ...`; no line when no term goes there. What is sent counts as far as it exceeds the link's
/// time: the sum is then what the row is billed.
fn line(
    to: To,
    figure: Figure,
    label: &'static str,
    terms: &[Term],
    ledger: &Ledger<'_>,
    billed: Option<f64>,
) -> Option<CardLine> {
    let (mut symbols, mut values, mut constants) = (Vec::new(), Vec::new(), Vec::new());
    let (mut whole, mut seconds) = (0_u128, 0.0);
    // The sum is then not that of the terms.
    let sends = billed.is_some() && terms.iter().any(|term| term.to == to && term.sends);
    for term in terms.iter().filter(|term| term.to == to) {
        let mut symbol = format!("{} x {}", term.rate.name, term.of);
        let count = grouped(term.count);
        let mut value = if to.is_time() {
            seconds += if sends { 0.0 } else { ledger.seconds(term)[1] };
            format!("{} us x {count}", decimal(term.rate.real()[1] * 1e6))
        } else {
            whole = whole.saturating_add(term.rate.times(ledger.column, term.count));
            let rate = term.rate.whole(ledger.column).map_or(0, |(rate, _)| rate);
            match term.rate.per {
                1 => format!("{} x {count}", grouped(rate.into())),
                per if per <= MOST_PARTS => format!("{} / {per} x {count}", grouped(rate.into())),
                per => format!("{} x {count}", decimal(rate as f64 / f64::from(per))),
            }
        };
        for (scale, name) in [(term.scale, term.factor), (ledger.he_scale_of(term)[1], "layers in parallel")]
        {
            if scale != 1.0 {
                symbol += &format!(" x {name}");
                value += &format!(" x {}", decimal(scale));
            }
        }
        if term.sends {
            (symbol, value) = (format!("{symbol} (less link time)"), format!("{value} (less link time)"));
            seconds = billed.unwrap_or(seconds);
        }
        symbols.push(symbol);
        values.push(value);
        constants.extend([Some(&*term.rate), term.factor_by].into_iter().flatten().map(|known| known.name));
    }
    if symbols.is_empty() {
        return None;
    }
    let result = match to {
        _ if to.is_time() => format!("{seconds:.6} s"),
        To::Rounds => grouped(whole),
        _ => format!("{} B", grouped(whole)),
    };
    Some(CardLine {
        figure,
        label,
        formula: symbols.join(" + "),
        values: format!("{} = {result}", values.join(" + ")),
        constants,
    })
}

/// `bytes up / rate + bytes down / rate + rounds x RTT`, without rounds off the longest chain; no line for a phase without
/// traffic.
fn link_line(
    figure: Figure,
    label: &'static str,
    phase: &Phase,
    on_path: bool,
    link: &Link,
) -> Option<CardLine> {
    let rounds = if on_path { phase.rounds } else { 0 };
    if phase.bytes_up == 0 && phase.bytes_down == 0 && rounds == 0 {
        return None;
    }
    let rate =
        |rate: Option<f64>| rate.map_or("no limit".into(), |rate| format!("{} MB/s", decimal(rate / 1e6)));
    Some(CardLine {
        figure,
        label,
        formula: "bytes up / up rate + bytes down / down rate + rounds x RTT".to_owned(),
        values: format!(
            "{} B / {} + {} B / {} + {} x {} ms = {:.6} s",
            grouped(phase.bytes_up.into()),
            rate(link.up_bytes_per_s),
            grouped(phase.bytes_down.into()),
            rate(link.down_bytes_per_s),
            grouped(rounds.into()),
            decimal(link.rtt_ms),
            phase.link_seconds
        ),
        constants: Vec::new(),
    })
}

/// 9437184 as `9,437,184`.
fn grouped(n: u128) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Up to four decimals, no trailing zeros.
fn decimal(x: f64) -> String {
    let text = format!("{x:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
