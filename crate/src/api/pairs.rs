//! Settings in a link as pairs of text.

use crate::error::Result;
use crate::error::{Code, Error};

pub(super) type Pairs = Vec<(String, String)>;

pub(super) fn number<T: std::str::FromStr>(key: &str, value: &str) -> Result<T> {
    value.parse().map_err(|_| invalid(&format!("{key} cannot be {value:?}")))
}

pub(super) fn invalid(what: &str) -> Error {
    Error::new(Code::InvalidLink, format!("the link holds a setting that does not work: {what}"))
}
