//! One measurement: an operation, its size, and what was seen of it. Read from fields of text, which
//! tables and JSON both are; the names of columns are those that engines' logs use.

use std::fmt;

use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

use super::class::{Amounts, Class};
use super::size::{self, Read, Wrong, shorten, wrong};
use crate::limits::{MAX_MEASURED, MAX_MEASURED_TEXT};

/// When the work was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum When {
    /// Before the input is known.
    Offline,
    /// Afterwards.
    Online,
}

/// Bytes, as far as their way is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Traffic {
    /// Of all parties.
    Total(u64),
    /// From the client and to it.
    Split { up: u64, down: u64 },
}

/// What was seen of `calls` calls of one operation. Reads from any names of columns that tables may have.
#[derive(Clone, Debug, PartialEq)]
pub struct Measurement {
    pub(super) class: Class,
    /// Of one call, in its one spelling.
    pub(super) size: String,
    pub(super) amounts: Amounts,
    pub(super) calls: u64,
    /// None where the phases were not told apart.
    pub(super) when: Option<When>,
    pub(super) bytes: Option<Traffic>,
    pub(super) rounds: Option<u64>,
    /// Of compute, without the link's time.
    pub(super) seconds: Option<f64>,
}

/// A column that is understood.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Column {
    Op,
    Size,
    Elements,
    Calls,
    When,
    /// Of all parties, in a unit of so many bytes.
    Bytes(f64),
    Up,
    Down,
    /// A list: what each party sent, the client first.
    ByParty,
    Rounds,
    /// In a unit of so many seconds.
    Seconds(f64),
    /// What tells one protocol from another, by place in [`LABELS`].
    Label(usize),
}

/// Columns that must not differ among the rows of one profile; the first that differs is named.
pub(super) const LABELS: [&str; 4] = ["variant", "protocol", "ring_bits", "engine"];
pub(super) const RING: usize = 2;

impl Column {
    /// A column by the name that it has in a table; None for one that is not needed.
    pub(super) fn parse(name: &str) -> Option<Self> {
        let name = name.trim().to_ascii_lowercase().replace([' ', '-'], "_");
        Some(match name.as_str() {
            "op" | "operation" | "layer" | "kind" => Self::Op,
            "size" | "sizes" | "shape" | "shapes" => Self::Size,
            "elements" | "n" => Self::Elements,
            "calls" | "repeats" => Self::Calls,
            "phase" => Self::When,
            "bytes" | "bytes_total" => Self::Bytes(1.0),
            "kb" => Self::Bytes(1e3),
            "mb" => Self::Bytes(1e6),
            "mib" => Self::Bytes(f64::from(1 << 20)),
            "bytes_up" | "up" => Self::Up,
            "bytes_down" | "down" => Self::Down,
            "bytes_sent_by_party" => Self::ByParty,
            "rounds" | "messages" | "messages_of_one_party" => Self::Rounds,
            "seconds" | "s" | "sec" | "compute_seconds" => Self::Seconds(1.0),
            "ms" | "milliseconds" => Self::Seconds(1e-3),
            "us" | "microseconds" => Self::Seconds(1e-6),
            name => Self::Label(LABELS.iter().position(|label| *label == name)?),
        })
    }
}

/// Why a row gives no measurement.
pub(super) enum Refused {
    /// No layer is such an operation: the row is left out, and listed.
    NoLayer(String),
    /// A field is wrong; its place among the fields where it is one of them.
    Wrong(Option<usize>, Wrong),
}

impl Measurement {
    /// Reads the fields of one row.
    pub(super) fn read(fields: &[(Column, &str)]) -> Result<Self, Refused> {
        let find = |want: fn(&Column) -> bool| {
            let filled =
                |(_, (column, text)): &(usize, &(Column, &str))| want(column) && !text.trim().is_empty();
            fields
                .iter()
                .enumerate()
                .find(filled)
                .map(|(place, (column, text))| (place, *column, text.trim()))
        };
        let blame = |place: usize| move |wrong: Wrong| Refused::Wrong(Some(place), wrong);
        let count = |want: fn(&Column) -> bool| {
            let read = |(place, _, text)| whole(text, 1.0).map(Some).map_err(blame(place));
            find(want).map_or(Ok(None), read)
        };
        let Some((_, _, op)) = find(|column| *column == Column::Op) else {
            return Err(missing("the operation is missing", "relu, conv, matmul, softmax, maxpool, ..."));
        };
        let Some((class, window)) = Class::parse(op) else { return Err(Refused::NoLayer(shorten(op))) };
        let elements = count(|column| *column == Column::Elements)?;
        let sized = find(|column| *column == Column::Size);
        let Some((place, _, text)) = sized.or_else(|| find(|column| *column == Column::Elements)) else {
            return Err(missing("the size is missing", "a column called size, shape or elements"));
        };
        let sized =
            size::read(class, window, text, elements.filter(|_| sized.is_some())).map_err(blame(place))?;
        let calls = count(|column| *column == Column::Calls)?.unwrap_or(1);
        if calls == 0 {
            return Err(missing("there were no calls", "one or more"));
        }
        let when = match find(|column| *column == Column::When) {
            None => None,
            Some((_, _, text)) if text.eq_ignore_ascii_case("online") => Some(When::Online),
            Some((_, _, text)) if text.eq_ignore_ascii_case("offline") => Some(When::Offline),
            Some((place, ..)) => {
                return Err(blame(place)(Wrong {
                    message: "no such phase".into(),
                    hint: "online or offline",
                }));
            }
        };
        let total = match find(|column| matches!(column, Column::Bytes(_))) {
            Some((place, Column::Bytes(unit), text)) => Some(whole(text, unit).map_err(blame(place))?),
            _ => None,
        };
        let mut split = (count(|column| *column == Column::Up)?, count(|column| *column == Column::Down)?);
        if let (Some((place, _, text)), (None, None)) = (find(|column| *column == Column::ByParty), split) {
            split = by_party(text).map_err(blame(place))?;
        }
        let bytes = match (total, split) {
            (None, (None, None)) => None,
            (Some(total), (Some(up), Some(down))) if up + down != total => {
                let message = format!("{up} B up and {down} B down are not {total} B");
                return Err(Refused::Wrong(None, Wrong { message, hint: "give both ways, or the total" }));
            }
            (_, (Some(up), Some(down))) => Some(Traffic::Split { up, down }),
            (Some(total), (None, None)) => Some(Traffic::Total(total)),
            _ => return Err(missing("bytes are given one way only", "give both ways, or the total")),
        };
        let seconds = match find(|column| matches!(column, Column::Seconds(_))) {
            Some((place, Column::Seconds(unit), text)) => Some(seconds(text, unit).map_err(blame(place))?),
            _ => None,
        };
        let rounds = count(|column| *column == Column::Rounds)?;
        if bytes.is_none() && seconds.is_none() && rounds.is_none() {
            return Err(missing("nothing was measured", "give bytes, seconds or rounds"));
        }
        let (class, size, amounts) = (sized.class, sized.text, sized.amounts);
        Ok(Self { class, size, amounts, calls, when, bytes, rounds, seconds })
    }
}

fn missing(message: &str, hint: &'static str) -> Refused {
    Refused::Wrong(None, Wrong { message: message.into(), hint })
}

const WHOLE: &str = "a whole number, as in 9437184";

fn whole(text: &str, unit: f64) -> Read<u64> {
    let plain = text.replace(['_', ','], "");
    let number = match plain.parse::<u64>() {
        Ok(number) if unit == 1.0 => Some(number),
        _ => {
            let number = plain.parse::<f64>().ok().map(|number| number * unit);
            let number = number.filter(|n| n.is_finite() && *n >= 0.0 && (unit != 1.0 || n.fract() == 0.0));
            number.filter(|n| *n <= MAX_MEASURED as f64).map(|n| n.round() as u64)
        }
    };
    match number.filter(|number| *number <= MAX_MEASURED) {
        Some(number) => Ok(number),
        None => wrong(format!("{:?} is no such number", shorten(text)), WHOLE),
    }
}

fn seconds(text: &str, unit: f64) -> Read<f64> {
    const LONGEST: f64 = 1e9;
    match text.parse::<f64>().map(|number| number * unit) {
        Ok(seconds) if (0.0..=LONGEST).contains(&seconds) => Ok(seconds),
        _ => wrong(format!("{:?} is no time", shorten(text)), "a number, as in 0.051"),
    }
}

/// `[79104, 21760]` of two parties: up and down. Of three, nobody knows which way.
fn by_party(text: &str) -> Read<(Option<u64>, Option<u64>)> {
    let inner = text.trim_start_matches('[').trim_end_matches(']');
    let sent = inner.split(',').take(4).map(|part| whole(part.trim(), 1.0)).collect::<Read<Vec<u64>>>()?;
    Ok(match sent[..] {
        [up, down] => (Some(up), Some(down)),
        _ => (None, None),
    })
}

/// A measurement in its one spelling.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Measurement"))]
pub(super) struct Plain<'a> {
    op: String,
    size: &'a str,
    #[serde(skip_serializing_if = "is_one")]
    #[cfg_attr(test, ts(optional, as = "Option<u64>"))]
    calls: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    phase: Option<When>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    bytes_up: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    bytes_down: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    rounds: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    seconds: Option<f64>,
}

fn is_one(calls: &u64) -> bool {
    *calls == 1
}

impl Measurement {
    /// Names of the columns of [`line`](Self::line).
    pub(super) const COLUMNS: &'static str =
        "op\tsize\tcalls\tphase\tbytes\tbytes_up\tbytes_down\trounds\tseconds";

    fn plain(&self) -> Plain<'_> {
        let split = match self.bytes {
            Some(Traffic::Split { up, down }) => Some((up, down)),
            _ => None,
        };
        let total = if let Some(Traffic::Total(total)) = self.bytes { Some(total) } else { None };
        Plain {
            op: self.class.name(),
            size: &self.size,
            calls: self.calls,
            phase: self.when,
            bytes: total,
            bytes_up: split.map(|(up, _)| up),
            bytes_down: split.map(|(_, down)| down),
            rounds: self.rounds,
            seconds: self.seconds,
        }
    }

    /// As a line of a table: reads back as itself.
    pub(super) fn line(&self) -> String {
        fn text<T: fmt::Display>(value: Option<T>) -> String {
            value.map(|value| value.to_string()).unwrap_or_default()
        }
        let plain = self.plain();
        let phase = match plain.phase {
            Some(When::Offline) => "offline",
            Some(When::Online) => "online",
            None => "",
        };
        [
            plain.op,
            plain.size.to_owned(),
            text(Some(plain.calls).filter(|calls| *calls != 1)),
            phase.to_owned(),
            text(plain.bytes),
            text(plain.bytes_up),
            text(plain.bytes_down),
            text(plain.rounds),
            text(plain.seconds),
        ]
        .join("\t")
    }
}

impl Serialize for Measurement {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.plain().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Measurement {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let entry = Entry::deserialize(deserializer)?;
        entry.read.map_err(|op| serde::de::Error::custom(format!("no layer of a network is {op:?}")))
    }
}

/// A row as it came: a measurement or an operation that no layer is, and its labels.
#[derive(Debug)]
pub(super) struct Entry {
    pub op: String,
    pub read: Result<Measurement, String>,
    pub labels: [String; LABELS.len()],
}

impl Entry {
    /// Reads the fields of one row; the place is that of the field that is wrong.
    pub(super) fn read(fields: &[(Column, &str)]) -> Result<Self, (Option<usize>, Wrong)> {
        let mut labels: [String; LABELS.len()] = Default::default();
        for (column, text) in fields {
            if let Column::Label(place) = column
                && let Some(label) = labels.get_mut(*place)
            {
                *label = shorten(text);
            }
        }
        let op = fields.iter().find(|(column, _)| *column == Column::Op).map_or("", |(_, text)| text);
        let read = match Measurement::read(fields) {
            Ok(measurement) => Ok(measurement),
            Err(Refused::NoLayer(op)) => Err(op),
            Err(Refused::Wrong(place, wrong)) => return Err((place, wrong)),
        };
        Ok(Self { op: shorten(op), read, labels })
    }
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Entry;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a measurement: op, size, bytes, seconds")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entry, A::Error> {
                let mut fields: Vec<(String, Column, String)> = Vec::new();
                while let Some(name) = map.next_key::<String>()? {
                    match Column::parse(&name) {
                        Some(column) if fields.len() < 32 => {
                            fields.push((name, column, map.next_value::<Cell>()?.0));
                        }
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                let texts: Vec<(Column, &str)> =
                    fields.iter().map(|(_, column, text)| (*column, text.as_str())).collect();
                Entry::read(&texts).map_err(|(place, wrong)| {
                    let name =
                        place.and_then(|place| fields.get(place)).map(|(name, ..)| format!("{name}: "));
                    let (name, Wrong { message, hint }) = (name.unwrap_or_default(), wrong);
                    serde::de::Error::custom(format!("{name}{message} ({hint})"))
                })
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

/// A value of JSON as the text that a table would hold.
struct Cell(String);

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Cell;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, a text or a list of sizes")
            }

            fn visit_u64<E>(self, value: u64) -> Result<Cell, E> {
                Ok(Cell(value.to_string()))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Cell, E> {
                Ok(Cell(value.to_string()))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Cell, E> {
                Ok(Cell(value.to_string()))
            }

            fn visit_str<E>(self, value: &str) -> Result<Cell, E> {
                Ok(Cell(value.to_owned()))
            }

            fn visit_unit<E>(self) -> Result<Cell, E> {
                Ok(Cell(String::new()))
            }

            fn visit_none<E>(self) -> Result<Cell, E> {
                Ok(Cell(String::new()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Cell, A::Error> {
                let mut text = String::from("[");
                while let Some(Cell(value)) = seq.next_element()? {
                    if text.len() > 1 {
                        text.push(',');
                    }
                    text.push_str(&value);
                    if text.len() > MAX_MEASURED_TEXT {
                        return Err(serde::de::Error::custom("a list is too long"));
                    }
                }
                text.push(']');
                Ok(Cell(text))
            }
        }
        deserializer.deserialize_any(Any)
    }
}
