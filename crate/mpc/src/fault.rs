//! What went wrong, in words.

use std::fmt;

/// Why a network or a message is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault(pub String);

/// With a [`Fault`] where it fails.
pub type Result<T> = std::result::Result<T, Fault>;

impl Fault {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Fault {}
