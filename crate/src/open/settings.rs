//! What a person may set: input shapes and symbolic dimensions, as text.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::error::{Code, Error, Result};
use crate::ir::bind::Bindings;
use crate::limits::MAX_RANK;

/// Settings of a score.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "ShapeSettings"))]
pub struct Settings {
    /// `input` -> `1x3x32x32` (`?` keeps a dimension), `batch` -> `4`.
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

    /// Tells shapes of inputs from values of symbols.
    ///
    /// # Errors
    /// `InvalidSetting` for text that is neither.
    pub(super) fn bindings(&self, is_input: impl Fn(&str) -> bool) -> Result<Bindings> {
        let mut bindings = Bindings::default();
        for (name, text) in &self.set {
            let bad = || {
                Error::new(Code::InvalidSetting, format!("{name} = {text:?} is not a size"))
                    .value(name.clone())
                    .hint("write 1x3x32x32 for a shape (? keeps a dimension), 4 for a symbol")
            };
            if is_input(name) {
                let size = |part: &str| match part.trim() {
                    "?" => Ok(None),
                    number => number.parse::<i64>().map(Some).map_err(|_| bad()),
                };
                let text = text.trim();
                let parts: Vec<&str> =
                    if text.is_empty() { Vec::new() } else { text.split(['x', ',']).collect() };
                if parts.len() > MAX_RANK {
                    return Err(bad());
                }
                let shape = parts.into_iter().map(size).collect::<Result<Vec<_>>>()?;
                bindings.shapes.insert(name.clone(), shape);
            } else {
                bindings.symbols.insert(name.clone(), text.trim().parse().map_err(|_| bad())?);
            }
        }
        Ok(bindings)
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
        let bindings = settings.bindings(|name| name == "x").unwrap();
        assert_eq!(bindings.shapes["x"], vec![Some(1), None, Some(32)]);
        assert_eq!(bindings.symbols["batch"], 4);
    }

    #[test]
    fn nonsense_is_an_error_with_a_hint() {
        assert!(Settings::default().add("batch").is_err());
        for text in ["x=1xbx3", "x=1xx2", "n=four", "n=99999999999999999999"] {
            let mut settings = Settings::default();
            settings.add(text).unwrap();
            let error = settings.bindings(|name| name == "x").unwrap_err();
            assert_eq!(error.code, Code::InvalidSetting, "{text}");
            assert!(!error.hint.is_empty(), "{text}");
        }
    }
}
