//! The card beside a number: formula, the same with values put in, constants, what is left out.
//! Made from the terms that the sums are made from; strings are made only here.

use std::fmt::Write;

use serde::Serialize;

use super::constant::{ConstantView, Status};
use super::ledger::Ledger;
use super::profiles::Profile;
use super::settings::Settings;
use super::term::{Term, To};
use crate::count::Row;
use crate::error::{Code, Error, Result};

/// Where a row's cost comes from.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CostCard {
    /// What is priced.
    pub title: String,
    /// One line for each way and phase, in symbols.
    pub formula: String,
    /// The same lines with values put in.
    pub with_values: String,
    /// The constants in use.
    pub constants: Vec<ConstantView>,
    /// What the figures leave out.
    pub leaves_out: &'static str,
    /// The worst status among the terms; None when the row is free.
    pub status: Option<Status>,
    /// Why (a part of) the row has no price.
    pub missing: Vec<String>,
}

const LINES: [(To, &str); 10] = [
    (To::OfflineUp, "offline bytes up"),
    (To::OfflineDown, "offline bytes down"),
    (To::OnlineUp, "online bytes up"),
    (To::OnlineDown, "online bytes down"),
    (To::OnlineAll, "online bytes of all parties"),
    (To::Rounds, "rounds"),
    (To::OfflineSeconds, "offline compute"),
    (To::OnlineSeconds, "online compute"),
    (To::Storage, "client storage"),
    (To::Setup, "set-up, once"),
];

/// The card of the row at `position`; the whole list is needed, as the first linear layer and
/// layers in parallel depend on it.
pub fn explain(rows: &[Row], position: usize, profile: &Profile, settings: &Settings) -> Result<CostCard> {
    let row = rows.get(position).ok_or_else(|| {
        Error::new(Code::InvalidSetting, format!("there is no row {position} among {}", rows.len()))
    })?;
    let ledger = Ledger::new(rows, profile, settings)?;
    let mine: Vec<_> = ledger.entries.iter().filter(|entry| entry.row == position).collect();
    let terms: Vec<&Term> = mine.iter().flat_map(|entry| ledger.terms(entry)).collect();
    let (mut formula, mut with_values) = (String::new(), String::new());
    for (to, label) in LINES {
        line(&terms, to, label, &ledger, &mut formula, &mut with_values);
    }
    let mut constants: Vec<ConstantView> = Vec::new();
    for term in &terms {
        if constants.iter().all(|c| c.name != term.rate.name) {
            constants.push(term.rate.view(ledger.column));
        }
    }
    let missing =
        row.unknown.clone().into_iter().chain(mine.iter().filter_map(|e| e.missing.map(str::to_owned)));
    Ok(CostCard {
        title: format!("{} under {}", if row.op.is_empty() { "row" } else { &row.op }, profile.title),
        formula,
        with_values,
        constants,
        leaves_out: profile.leaves_out,
        status: terms.iter().map(|term| term.status(ledger.column)).max(),
        missing: missing.collect(),
    })
}

/// One line of the card; nothing when no term goes there.
fn line(
    terms: &[&Term],
    to: To,
    label: &str,
    ledger: &Ledger,
    formula: &mut String,
    with_values: &mut String,
) {
    let (mut whole, mut real) = (0_u128, 0.0);
    let time = matches!(to, To::OfflineSeconds | To::OnlineSeconds);
    for (i, term) in terms.iter().filter(|term| term.to == to).enumerate() {
        let lead = if i == 0 {
            (format!("{label} = "), format!("{label} = "))
        } else {
            (" + ".into(), " + ".into())
        };
        let scale = ledger.scale(term);
        let factor = if scale == 1.0 { String::new() } else { format!(" x {scale:.4}") };
        let symbol = if scale == 1.0 { "" } else { " x factor" };
        // Writing to a String cannot fail.
        let _ = write!(formula, "{}{} x {}{symbol}", lead.0, term.rate.name, term.of);
        let count = grouped(term.count);
        if time {
            real += ledger.seconds(term)[1];
            let _ = write!(with_values, "{}{} us x {count}{factor}", lead.1, trim(term.rate.real()[1] * 1e6));
        } else {
            let rate = term.rate.whole(ledger.column).map_or(0, |(rate, _)| rate);
            whole = whole.saturating_add(u128::from(rate).saturating_mul(term.count));
            let _ = write!(with_values, "{}{} x {count}", lead.1, grouped(u128::from(rate)));
        }
    }
    if formula.is_empty() || !terms.iter().any(|term| term.to == to) {
        return;
    }
    let unit = if to == To::Rounds { "" } else { " B" };
    let result = if time { format!("{real:.6} s") } else { format!("{}{unit}", grouped(whole)) };
    formula.push('\n');
    let _ = writeln!(with_values, " = {result}");
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
fn trim(x: f64) -> String {
    let text = format!("{x:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
