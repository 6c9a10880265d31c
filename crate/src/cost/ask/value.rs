//! One value of a setting: a flag, a number or a word. JSON, links and the command line write it each in their way.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::error::{Code, Error, Result};

/// A machine a thousand times slower is none that anybody waits for.
pub(super) const MOST_FACTOR: f64 = 1_000.0;

/// A value as it was read, or is to be written.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(test, derive(ts_rs::TS), ts(type = "boolean | number | string"))]
pub enum Value {
    /// On or off.
    Flag(bool),
    /// A whole number.
    Whole(u64),
    /// Any number.
    Real(f64),
    /// A word.
    Text(Cow<'static, str>),
}

/// A value that stands in the table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fixed {
    /// On or off.
    Flag(bool),
    /// A whole number.
    Whole(u64),
    /// A word.
    Word(&'static str),
}

impl Fixed {
    /// As any other.
    pub const fn value(self) -> Value {
        match self {
            Self::Flag(on) => Value::Flag(on),
            Self::Whole(n) => Value::Whole(n),
            Self::Word(text) => Value::word(text),
        }
    }
}

/// Which values a setting takes.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Whole numbers in a range, ends included.
    Whole(u64, u64),
    /// Any number that is finite.
    Real,
    /// A part of a whole, 0 to 1.
    Part,
    /// Any number from 0 to this.
    Amount(u64),
    /// A number above zero, to a thousand.
    Factor,
    /// One of these, with their titles.
    Choice(&'static [(Fixed, &'static str)]),
    /// One of these, with their titles, or what else its own type reads.
    Open(&'static [(Fixed, &'static str)]),
    /// A word that its own type reads.
    Word,
    /// Words, each by itself.
    Words,
    /// A plan: what stays of each activation.
    Plan,
    /// A profile made of measurements.
    Profile,
}

impl Value {
    /// A word.
    pub const fn word(text: &'static str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }

    /// As the command line writes it.
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Flag(on) => Cow::Borrowed(if *on { "1" } else { "0" }),
            Self::Whole(n) => Cow::Owned(n.to_string()),
            Self::Real(x) => Cow::Owned(x.to_string()),
            Self::Text(text) => Cow::Borrowed(text),
        }
    }

    /// As links write it: a number that need not be whole in millionths, where it is so many, else as it is.
    pub(super) fn link_text(&self) -> String {
        match *self {
            Self::Real(x) => {
                let millionths = (x * 1e6).round();
                if (0.0..9e15).contains(&millionths) && millionths / 1e6 == x {
                    (millionths as u64).to_string()
                } else {
                    // With a point or an exponent: no count of millionths has one.
                    format!("{x:?}")
                }
            }
            _ => self.text().into_owned(),
        }
    }

    /// What a link's text says.
    pub(super) fn from_link(kind: Kind, text: &str) -> Self {
        let millionths = || text.parse::<u64>().ok().map(|n| Self::Real(n as f64 / 1e6));
        match kind {
            Kind::Real | Kind::Part | Kind::Amount(_) | Kind::Factor => millionths(),
            _ => None,
        }
        .unwrap_or_else(|| Self::Text(Cow::Owned(text.to_owned())))
    }

    pub(super) fn whole(&self) -> Option<u64> {
        match self {
            Self::Whole(n) => Some(*n),
            Self::Real(x) => {
                (x.fract() == 0.0 && (0.0..=9_007_199_254_740_992.0).contains(x)).then_some(*x as u64)
            }
            Self::Text(text) => text.parse().ok(),
            Self::Flag(_) => None,
        }
    }

    pub(super) fn real(&self) -> Option<f64> {
        match self {
            Self::Whole(n) => Some(*n as f64),
            Self::Real(x) => Some(*x),
            Self::Text(text) => text.parse().ok(),
            _ => None,
        }
    }
}

impl Kind {
    /// The value in its own form; fails where it is none that the setting takes.
    pub(super) fn accept(self, name: &str, value: Value) -> Result<Value> {
        let bad = |hint: String| {
            Err(Error::new(Code::InvalidSetting, format!("{name} cannot be {}", value.text())).hint(hint))
        };
        match self {
            Self::Whole(least, most) => match value.whole().filter(|n| (least..=most).contains(n)) {
                Some(n) => Ok(Value::Whole(n)),
                None => bad(self.range()),
            },
            Self::Real => match value.real().filter(|x| x.is_finite()) {
                Some(x) => Ok(Value::Real(x)),
                None => bad("a number".to_owned()),
            },
            Self::Part => match value.real().filter(|x| (0.0..=1.0).contains(x)) {
                Some(x) => Ok(Value::Real(x)),
                None => bad(self.range()),
            },
            Self::Amount(most) => match value.real().filter(|x| (0.0..=most as f64).contains(x)) {
                Some(x) => Ok(Value::Real(x)),
                None => bad(self.range()),
            },
            Self::Factor => match value.real().filter(|x| *x > 0.0 && *x <= MOST_FACTOR) {
                Some(x) => Ok(Value::Real(x)),
                None => bad(self.range()),
            },
            Self::Choice(options) => {
                let said = match &*value.text() {
                    "true" => Value::Flag(true).text().into_owned(),
                    "false" => Value::Flag(false).text().into_owned(),
                    text => text.to_owned(),
                };
                let mut options = options.iter().map(|(option, _)| option.value());
                match options.find(|option| *option.text() == *said) {
                    Some(option) => Ok(option),
                    None => bad(self.range()),
                }
            }
            _ => Ok(value),
        }
    }

    /// What it takes, in words: `1 to 1024`, `keep, identity or poly2:public`; nothing where any text may do.
    pub(super) fn range(self) -> String {
        let options = match self {
            Self::Whole(least, most) => return format!("{least} to {most}"),
            Self::Part => return "0 to 1".to_owned(),
            Self::Amount(most) => return format!("0 to {most}"),
            Self::Factor => return format!("above 0, to {MOST_FACTOR}"),
            Self::Choice(options) | Self::Open(options) => options,
            _ => return String::new(),
        };
        let names: Vec<String> =
            options.iter().map(|(option, _)| option.value().text().into_owned()).collect();
        match names.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, others)) => format!("{} or {last}", others.join(", ")),
            None => String::new(),
        }
    }
}

impl Serialize for Value {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Flag(on) => to.serialize_bool(*on),
            Self::Whole(n) => to.serialize_u64(*n),
            Self::Real(x) => to.serialize_f64(*x),
            Self::Text(text) => to.serialize_str(text),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Value;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a flag, a number or a word")
            }

            fn visit_bool<E>(self, on: bool) -> Result<Value, E> {
                Ok(Value::Flag(on))
            }

            fn visit_u64<E>(self, n: u64) -> Result<Value, E> {
                Ok(Value::Whole(n))
            }

            fn visit_i64<E>(self, n: i64) -> Result<Value, E> {
                Ok(u64::try_from(n).map_or(Value::Real(n as f64), Value::Whole))
            }

            fn visit_f64<E>(self, x: f64) -> Result<Value, E> {
                Ok(Value::Real(x))
            }

            fn visit_str<E>(self, text: &str) -> Result<Value, E> {
                Ok(Value::Text(Cow::Owned(text.to_owned())))
            }
        }
        from.deserialize_any(Visitor)
    }
}
