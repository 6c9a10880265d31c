//! Pasted text to measurements: comma-, semicolon- or tab-separated with or without a header, or JSON.
//! Bounded, and a fault names its line and column.

use serde::Deserialize;

use super::measurement::{Column, Entry, LABELS, Measurement, RING};
use super::size::Wrong;
use crate::error::{Code, Error, Result};
use crate::limits::{MAX_MEASURED_TEXT, MAX_MEASUREMENTS};

/// A row that was left out.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Skipped {
    /// The operation, as the row names it.
    pub op: String,
    /// How many rows.
    pub rows: usize,
}

/// What a text gave.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct Pasted {
    /// In the order of the text.
    pub measurements: Vec<Measurement>,
    /// Operations that no layer of a network is, such as a comparison alone or a square.
    pub skipped: Vec<Skipped>,
    /// Width of the ring, where the text says it.
    pub ring_bits: Option<u32>,
    /// Columns that were not needed.
    pub ignored: Vec<String>,
}

/// Without a header.
const ORDER: [Column; 4] = [Column::Op, Column::Size, Column::Bytes(1.0), Column::Seconds(1.0)];
const MAX_COLUMNS: usize = 64;

/// Reads measurements. `only` keeps the rows whose `op` or label (`variant`, `protocol`, `ring_bits`,
/// `engine`) is the one given; the rest must then be of one protocol.
///
/// # Errors
/// `InvalidMeasurement` with line and column; `LimitExceeded`.
pub fn measurements_from_text(text: &str, only: &[(String, String)]) -> Result<Pasted> {
    if text.len() > MAX_MEASURED_TEXT {
        return Err(too_much());
    }
    let text = text.trim_start_matches('\u{feff}');
    let (entries, ignored) = if text.trim_start().starts_with(['{', '[']) {
        (entries_of_json(text)?, Vec::new())
    } else {
        table(text)?
    };
    let entries = choose(entries, only)?;
    same_protocol(&entries)?;
    let ring = entries.iter().find_map(|entry| entry.labels.get(RING)?.parse().ok());
    let mut pasted = Pasted { ring_bits: ring, ignored, ..Pasted::default() };
    for entry in entries {
        match entry.read {
            Ok(measurement) => pasted.measurements.push(measurement),
            Err(op) => match pasted.skipped.iter_mut().find(|skipped| skipped.op == op) {
                Some(skipped) => skipped.rows += 1,
                None => pasted.skipped.push(Skipped { op, rows: 1 }),
            },
        }
    }
    if pasted.measurements.len() > MAX_MEASUREMENTS {
        return Err(too_much());
    }
    Ok(pasted)
}

fn too_much() -> Error {
    Error::new(Code::LimitExceeded, "these are too many measurements")
        .hint(format!("at most {MAX_MEASUREMENTS}, in {} KB of text", MAX_MEASURED_TEXT >> 10))
}

fn fault(line: usize, column: usize, wrong: Wrong) -> Error {
    let message = format!("line {line}, column {column}: {}", wrong.message);
    Error::new(Code::InvalidMeasurement, message).hint(wrong.hint)
}

fn choose(mut entries: Vec<Entry>, only: &[(String, String)]) -> Result<Vec<Entry>> {
    for (name, value) in only {
        let place = LABELS.iter().position(|label| label == name);
        if place.is_none() && name != "op" {
            let known = format!("op, {}", LABELS.join(", "));
            return Err(
                Error::new(Code::InvalidSetting, format!("rows are not chosen by {name}")).hint(known)
            );
        }
        let of = |entry: &Entry| match place {
            Some(place) => entry.labels.get(place).cloned().unwrap_or_default(),
            None => entry.op.clone(),
        };
        entries.retain(|entry| of(entry).eq_ignore_ascii_case(value));
    }
    Ok(entries)
}

/// One profile is of one protocol: rows of several would be fitted by one line.
fn same_protocol(entries: &[Entry]) -> Result<()> {
    for (place, label) in LABELS.iter().enumerate() {
        let mut found: Vec<&str> = Vec::new();
        let of =
            entries.iter().filter(|entry| entry.read.is_ok()).filter_map(|entry| entry.labels.get(place));
        for value in of {
            if !found.contains(&value.as_str()) {
                found.push(value);
            }
        }
        if let [first, _, ..] = found[..] {
            let more = if found.len() > 8 { ", ..." } else { "" };
            let list = found.iter().take(8).copied().collect::<Vec<_>>().join(", ");
            let message = format!("the rows are of several protocols: {label} is {list}{more}");
            return Err(Error::new(Code::InvalidMeasurement, message)
                .hint(format!("keep the rows of one: {label}={first}")));
        }
    }
    Ok(())
}

/// A list of measurements, or an object that holds one.
fn entries_of_json(text: &str) -> Result<Vec<Entry>> {
    #[derive(Deserialize)]
    struct Holder {
        measurements: Vec<Entry>,
    }
    let read = if text.trim_start().starts_with('[') {
        serde_json::from_str::<Vec<Entry>>(text)
    } else {
        serde_json::from_str::<Holder>(text).map(|holder| holder.measurements)
    };
    read.map_err(|error| json_fault(&error))
}

/// Place and cause of a fault of JSON; the hint of a field stands in brackets at its end.
pub(super) fn json_fault(error: &serde_json::Error) -> Error {
    let text = error.to_string();
    let cause = text.rsplit_once(" at line ").map_or(text.as_str(), |(cause, _)| cause);
    let (cause, hint) = match cause.strip_suffix(')').and_then(|cause| cause.rsplit_once(" (")) {
        Some((cause, hint)) => (cause, hint.to_owned()),
        None => (cause, "a list of objects with op, size, bytes and seconds".to_owned()),
    };
    let message = format!("line {}, column {}: {cause}", error.line(), error.column());
    Error::new(Code::InvalidMeasurement, message).hint(hint)
}

/// A field of a table and where it starts, from 1.
struct Field {
    text: String,
    line: usize,
    column: usize,
}

/// Splits a table with quoted fields into rows; blank lines and those that start with # are none.
fn rows(text: &str, between: char) -> Result<Vec<Vec<Field>>> {
    let (mut rows, mut row) = (Vec::new(), Vec::new());
    let (mut line, mut column) = (1, 1);
    let mut field = Field { text: String::new(), line, column };
    let mut quoted = false;
    let mut characters = text.chars().filter(|c| *c != '\r').chain(['\n']).peekable();
    while let Some(c) = characters.next() {
        column += 1;
        match c {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                column += 1;
                field.text.push('"');
            }
            '"' if quoted || field.text.trim().is_empty() => quoted = !quoted,
            c if !quoted && (c == between || c == '\n') => {
                row.push(field);
                if c == '\n' {
                    (line, column) = (line + 1, 1);
                    let row = std::mem::take(&mut row);
                    let blank = row.iter().all(|field| field.text.trim().is_empty());
                    let remark = row.first().is_some_and(|field| field.text.trim_start().starts_with('#'));
                    if !blank && !remark {
                        rows.push(row);
                    }
                } else if row.len() > MAX_COLUMNS {
                    return Err(fault(
                        line,
                        column,
                        Wrong { message: "too many columns".into(), hint: "at most 64" },
                    ));
                }
                field = Field { text: String::new(), line, column };
            }
            c => {
                if c == '\n' {
                    (line, column) = (line + 1, 1);
                }
                field.text.push(c);
            }
        }
    }
    if quoted {
        let wrong =
            Wrong { message: "a quote is not closed".into(), hint: "write \" at the end of the field" };
        return Err(fault(field.line, field.column, wrong));
    }
    Ok(rows)
}

fn table(text: &str) -> Result<(Vec<Entry>, Vec<String>)> {
    let first = text.lines().find(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
    let between =
        ['\t', ';'].into_iter().find(|c| first.is_some_and(|line| line.contains(*c))).unwrap_or(',');
    let rows = rows(text, between)?;
    let is_header =
        rows.first().is_some_and(|row| row.iter().any(|f| Column::parse(&f.text) == Some(Column::Op)));
    let mut ignored = Vec::new();
    let columns: Vec<Option<Column>> = match rows.first() {
        Some(header) if is_header => {
            let mut column = |field: &Field| {
                let column = Column::parse(&field.text);
                if column.is_none() {
                    ignored.push(super::size::shorten(&field.text));
                }
                column
            };
            header.iter().map(&mut column).collect()
        }
        _ => ORDER.map(Some).to_vec(),
    };
    let mut entries = Vec::new();
    for row in rows.iter().skip(usize::from(is_header)) {
        let line = row.first().map_or(0, |field| field.line);
        if let Some(extra) = row.get(columns.len()).filter(|field| !field.text.trim().is_empty()) {
            let message = format!("the row has more than {} columns", columns.len());
            return Err(fault(
                extra.line,
                extra.column,
                Wrong { message, hint: "quote a size that holds a comma" },
            ));
        }
        let used: Vec<(Column, &Field)> =
            columns.iter().zip(row).filter_map(|(column, field)| Some(((*column)?, field))).collect();
        let fields: Vec<(Column, &str)> =
            used.iter().map(|(column, field)| (*column, field.text.as_str())).collect();
        let entry = Entry::read(&fields).map_err(|(place, wrong)| {
            let at = place.and_then(|place| used.get(place)).map(|(_, field)| (field.line, field.column));
            let (line, column) = at.unwrap_or((line, 1));
            fault(line, column, wrong)
        })?;
        entries.push(entry);
        // What is chosen from them is bounded again; a longer table is no set of measurements.
        if entries.len() > MAX_MEASUREMENTS * 8 {
            return Err(too_much());
        }
    }
    Ok((entries, ignored))
}
