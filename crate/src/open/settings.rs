//! What a person may set: shapes of inputs, values of small ones, and symbolic dimensions, as text.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::error::{Code, Error, Result};
use crate::ir::bind::Bindings;
use crate::limits::{MAX_RANK, MAX_SET_ELEMENTS};

/// Settings of a score.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "ShapeSettings"))]
pub struct Settings {
    /// `input` -> `1x3x32x32` (`?` keeps a dimension), `batch` -> `4`; of an integer or boolean input of at most 8 elements
    /// also its value: `sr` -> `16000`.
    #[serde(default)]
    pub set: BTreeMap<String, String>,
}

impl Settings {
    /// Adds `NAME=VALUE`, as the command line gives it. The last `=` splits: a name may hold one.
    ///
    /// # Errors
    /// `InvalidSetting` without a `=`.
    pub fn add(&mut self, text: &str) -> Result<()> {
        let (name, value) = text.rsplit_once('=').ok_or_else(|| {
            Error::new(Code::InvalidSetting, format!("{text:?} is not a setting"))
                .hint("write INPUT=1x3x32x32 or SYMBOL=4")
        })?;
        self.set.insert(name.to_owned(), value.to_owned());
        Ok(())
    }

    /// Tells shapes of inputs, values of small integer or boolean ones, and values of symbols. A name of an input wins over a
    /// symbol of that name.
    ///
    /// # Errors
    /// `InvalidSetting` for text that is none of them.
    pub(super) fn bindings(&self, input: impl Fn(&str) -> Option<About>) -> Result<Bindings> {
        let mut bindings = Bindings::default();
        for (name, text) in &self.set {
            let bad = || {
                Error::new(Code::InvalidSetting, format!("{name} = {text:?} is not a size"))
                    .value(name.clone())
                    .hint("write 1x3x32x32 for a shape (? keeps a dimension), 4 for a symbol or a whole number that is an input")
            };
            let text = text.trim();
            let Some(about) = input(name) else {
                bindings.symbols.insert(name.clone(), text.parse().map_err(|_| bad())?);
                continue;
            };
            if let Some(value) = about.value(text) {
                bindings.values.insert(name.clone(), value);
                continue;
            }
            let size = |part: &str| match part.trim() {
                "?" => Ok(None),
                number => number.parse::<i64>().map(Some).map_err(|_| bad()),
            };
            let parts: Vec<&str> =
                if text.is_empty() { Vec::new() } else { text.split(['x', ',']).collect() };
            if parts.len() > MAX_RANK {
                return Err(bad());
            }
            let shape = parts.into_iter().map(size).collect::<Result<Vec<_>>>()?;
            bindings.shapes.insert(name.clone(), shape);
        }
        Ok(bindings)
    }
}

/// What tells a shape of an input from its value.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct About {
    /// Axes, where known.
    pub rank: Option<usize>,
    /// Elements, where the file fixes them.
    pub elements: Option<u64>,
    /// It holds whole numbers or booleans.
    pub whole: bool,
}

impl About {
    /// The text as elements of a small input: `16000`, `-1`, `true`, `2,3`, `[1,2]`. Where it could be a shape as well,
    /// it is one, but for a single number of an input of one element.
    fn value(&self, text: &str) -> Option<Vec<i64>> {
        let count =
            usize::try_from(self.elements.filter(|n| self.whole && (1..=MAX_SET_ELEMENTS).contains(n))?)
                .ok()?;
        let inside = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        let element = |part: &str| match part.trim() {
            "true" => Some(1),
            "false" => Some(0),
            number => number.parse().ok(),
        };
        let elements: Vec<i64> = inside.unwrap_or(text).split(',').map(element).collect::<Option<_>>()?;
        let as_shape = self.rank == Some(elements.len()) && count > 1 && inside.is_none();
        (elements.len() == count && !as_shape).then_some(elements)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn tells_shapes_from_symbols() {
        let mut settings = Settings::default();
        settings.add("x=1x?x32").unwrap();
        settings.add("batch=4").unwrap();
        let bindings = settings.bindings(|name| (name == "x").then(About::default)).unwrap();
        assert_eq!(bindings.shapes["x"], vec![Some(1), None, Some(32)]);
        assert_eq!(bindings.symbols["batch"], 4);
    }

    #[test]
    fn tells_values_from_shapes() {
        let about = |rank, elements| About { rank: Some(rank), elements, whole: true };
        let cases = [
            (about(0, Some(1)), "16000", Some(vec![16_000])),
            (about(1, Some(1)), "16000", Some(vec![16_000])),
            (about(1, Some(1)), "true", Some(vec![1])),
            (about(1, Some(2)), "2,3", Some(vec![2, 3])),
            // Two axes of two elements in all: a shape, unless brackets say otherwise.
            (about(2, Some(2)), "1,2", None),
            (about(2, Some(2)), "[1,2]", Some(vec![1, 2])),
            (about(2, Some(1)), "-1", Some(vec![-1])),
            (about(1, Some(9)), "[1,2,3,4,5,6,7,8,9]", None),
            (about(1, None), "4", None),
            (about(1, Some(3)), "1,2", None),
            (About { whole: false, ..about(0, Some(1)) }, "4", None),
        ];
        for (about, text, wanted) in cases {
            assert_eq!(about.value(text), wanted, "{text} of {about:?}");
        }
    }

    #[test]
    fn nonsense_is_an_error_with_a_hint() {
        assert!(Settings::default().add("batch").is_err());
        for text in ["x=1xbx3", "x=1xx2", "n=four", "n=99999999999999999999"] {
            let mut settings = Settings::default();
            settings.add(text).unwrap();
            let error = settings.bindings(|name| (name == "x").then(About::default)).unwrap_err();
            assert_eq!(error.code, Code::InvalidSetting, "{text}");
            assert!(!error.hint.is_empty(), "{text}");
        }
    }
}
