//! One error type for the whole core: what happened, where, and what to do next.
//!
//! Errors are made once, where the fault is seen, and passed on unchanged; the page maps
//! [`Code`] to actions. Nothing here panics on data.

use std::fmt;

use serde::Serialize;

/// What kind of fault, stable: scripts and the page switch on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum Code {
    /// The file has no bytes.
    EmptyFile,
    /// The file is another format (text, zip, TensorFlow, ...).
    NotOnnx,
    /// The wire format is broken: bad tag, length past the parent, varint too long.
    Malformed,
    /// The file ends before its messages do.
    Truncated,
    /// Older or newer than what is read (IR or opset).
    UnsupportedVersion,
    /// A hard limit of `limits` was passed.
    LimitExceeded,
    /// The graph contradicts itself: a cycle, a name used before it is made, two makers.
    InvalidGraph,
    /// Sizes whose product leaves 63 bits.
    Overflow,
    /// A setting that the model does not have or cannot take.
    InvalidSetting,
    /// The bytes could not be read.
    Io,
    /// The person stopped it.
    Cancelled,
    /// Weights are needed and the file that holds them is not here.
    MissingData,
    /// A link or a saved file that does not decode.
    InvalidLink,
    /// A measurement that cannot be read, or does not go with the others.
    InvalidMeasurement,
    /// An operator, element type or form that the engine lacks.
    NotSupported,
    /// There is no GPU, it was lost, or its memory is full: the CPU can do the same.
    Gpu,
}

/// Where in the input the fault lies; every part that is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Place {
    /// File name as given by the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub file: Option<String>,
    /// Byte offset in that file.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub offset: Option<u64>,
    /// Node, by name or first output.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub node: Option<String>,
    /// Operator of that node.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub op: Option<String>,
    /// Value (tensor) name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub value: Option<String>,
}

/// A fault with its code, place and a hint what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Fault"))]
pub struct Error {
    /// The kind of fault.
    pub code: Code,
    /// What happened, one plain sentence.
    pub message: String,
    /// Where.
    pub place: Box<Place>,
    /// What to do next; may be empty.
    pub hint: String,
}

/// Result of the core.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error without a place or hint; add them with [`at`](Self::at), [`node`](Self::node), [`hint`](Self::hint).
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), place: Box::default(), hint: String::new() }
    }

    /// Adds the byte offset.
    #[must_use]
    pub fn at(mut self, offset: u64) -> Self {
        self.place.offset = Some(offset);
        self
    }

    /// Adds the file name.
    #[must_use]
    pub fn file(mut self, name: impl Into<String>) -> Self {
        self.place.file = Some(name.into());
        self
    }

    /// Adds the node and its operator.
    #[must_use]
    pub fn node(mut self, node: impl Into<String>, op: impl Into<String>) -> Self {
        self.place.node = Some(node.into());
        self.place.op = Some(op.into());
        self
    }

    /// Adds the value name.
    #[must_use]
    pub fn value(mut self, name: impl Into<String>) -> Self {
        self.place.value = Some(name.into());
        self
    }

    /// Adds what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        let p = &self.place;
        let parts = [
            p.file.clone().map(|v| format!("file {v}")),
            p.offset.map(|v| format!("byte {v}")),
            p.node.clone().map(|v| format!("node {v}")),
            p.op.clone().map(|v| format!("op {v}")),
            p.value.clone().map(|v| format!("value {v}")),
        ];
        let known: Vec<String> = parts.into_iter().flatten().collect();
        if !known.is_empty() {
            write!(f, " ({})", known.join(", "))?;
        }
        if !self.hint.is_empty() {
            write!(f, ". {}", self.hint)?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
