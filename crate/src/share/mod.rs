//! Links: what is on screen, without the file, in one URL fragment that opens for ever.
//!
//! `#r1=` + base64url of: one byte (0 stored, 1 deflated), the first four bytes of SHA-256 of that
//! byte and the payload, the payload. The checksum makes a damaged link an error, never a wrong
//! figure. A version's rules, the predictions in `layer` included, never change once released: what
//! was refused may get a meaning, what was read keeps its own. A rule that would change it is a new
//! version, and each version has a frozen link in `tests/golden`.
//!
//! Weights never enter. Names (of the file, nodes, symbols, custom operators) enter only when
//! asked for. Decoding allocates in proportion to the caps in `limits`, whatever the link says.

mod body;
mod layer;
mod predict;
mod wire;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::count::Row;
use crate::error::{Code, Error, Result};
use crate::limits::{MAX_LINK_BYTES, MAX_LINK_CHARS};

const PREFIX: &str = "#r1=";
/// Start of the keys of settings that hold text of the model's author, such as a filter.
const NAMED: &str = "name.";
const STORED: u8 = 0;
const DEFLATED: u8 = 1;
/// Deflate's effort: the most; a link is made once.
const EFFORT: u8 = 10;

/// What a link holds.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Shared {
    /// Name of the model; None where names are left out.
    pub title: Option<String>,
    /// Id of the example that it came from.
    pub example: Option<String>,
    /// The structural hash: tells whether an open file is the same network.
    pub hash: [u8; 16],
    /// The view in front: `score`.
    pub view: String,
    /// Settings by name, as text; whoever applies one checks its range. One whose value may hold a
    /// name from the model has a key in `name.`.
    pub settings: Vec<(String, String)>,
    /// Versions of the cost profiles, by id.
    pub profiles: Vec<(String, u32)>,
    /// Figures about the whole model that no layer holds (`nodes`, `counted`, `opset`, ...).
    pub facts: Vec<(String, u64)>,
    /// Node indices of the layers that are selected, rising.
    pub selection: Vec<u32>,
    /// Inputs of the model, then its outputs.
    pub ports: [Vec<Port>; 2],
    /// Stages, in order.
    pub stages: Vec<Stage>,
    /// The layer table.
    pub layers: Vec<Layer>,
}

/// An input or output of the model.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Port {
    /// Its name; empty where names are left out.
    pub name: String,
    /// Element type.
    pub dtype: Option<String>,
    /// Shape in force; None when the rank is unknown.
    pub shape: Option<Vec<Size>>,
}

/// A run of layers at one resolution.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Stage {
    /// `stem`, `S1`, ..., `head`.
    pub name: String,
    /// Spatial size; None in a head or a transformer.
    pub resolution: Option<Vec<Size>>,
    /// Blocks found in it.
    pub blocks: u64,
}

/// One row of the layer table.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Layer {
    /// What cost sees; empty work for a row that is only shown. An operator of a foreign domain is
    /// written with it (`com.example.Op`): it is a name, and is left out with them.
    pub row: Row,
    /// Shape of the first output; None when unknown.
    pub shape: Option<Vec<Size>>,
    /// Name of the stage.
    pub stage: String,
    /// Block in the stage, from 1; 0 outside a block.
    pub block: u32,
    /// What the table shows beside the work.
    pub figures: Figures,
    /// Facts that a reader must know. May quote names: left out with them.
    pub marks: Vec<String>,
}

/// One dimension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Size {
    /// A number.
    Known(u64),
    /// A symbol or `?`. A symbol's name becomes `?` where names are left out.
    Symbolic(String),
}

/// Figures of one row, as in the score report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub struct Figures {
    pub macs: Option<u64>,
    pub macs_valid: Option<u64>,
    pub params: Option<u64>,
    pub params_shared: u64,
    pub average_pool: u64,
    pub truncations: u64,
    pub products: u64,
    pub adds: u64,
    pub bias: u64,
    pub batch_norm: u64,
    pub weight_bytes: u64,
    pub activation_bytes: Option<u64>,
}

impl Shared {
    /// Without anything that the model's author named.
    #[must_use]
    pub fn without_names(mut self) -> Self {
        self.title = None;
        self.settings.retain(|(key, _)| !key.starts_with(NAMED));
        for layer in &mut self.layers {
            layer.row.name.clear();
            layer.marks.clear();
            if let Some(reason) = &mut layer.row.unknown {
                *reason = "not counted".into();
            }
            if layer.row.op.contains(['.', ':']) {
                layer.row.op = "custom".into();
            }
            hide(&mut layer.shape);
        }
        for port in self.ports.iter_mut().flatten() {
            port.name.clear();
            hide(&mut port.shape);
        }
        self
    }
}

/// Makes symbols anonymous.
fn hide(shape: &mut Option<Vec<Size>>) {
    for size in shape.iter_mut().flatten() {
        if let Size::Symbolic(name) = size {
            *name = "?".into();
        }
    }
}

/// The link of what is on screen. Names enter only if `names`.
///
/// # Errors
/// `LimitExceeded` where it holds more than a link may; `Overflow` for a count above 63 bits.
pub fn link_from_shared(shared: &Shared, names: bool) -> Result<String> {
    let plain = if names { shared.clone() } else { shared.clone().without_names() };
    let body = body::encode(&plain);
    let deflated = compress_to_vec(&body, EFFORT);
    let (form, payload) = if deflated.len() < body.len() { (DEFLATED, &deflated) } else { (STORED, &body) };
    let link = pack(form, payload);
    // What does not come back as it went in is no link.
    match shared_from_link(&link) {
        Ok(back) if back == plain => Ok(link),
        Ok(_) => Err(Error::new(Code::Overflow, "a figure does not fit into a link")),
        Err(error) => {
            Err(Error::new(Code::LimitExceeded, format!("no link can hold this: {}", error.message)))
        }
    }
}

fn pack(form: u8, payload: &[u8]) -> String {
    let mut bytes = vec![form];
    bytes.extend(checksum(form, payload));
    bytes.extend(payload);
    format!("{PREFIX}{}", Base64UrlUnpadded::encode_string(&bytes))
}

/// What a link holds. Takes the whole address, its fragment, or the text of a saved file.
///
/// # Errors
/// `InvalidLink`; `LimitExceeded` for one that is too long.
pub fn shared_from_link(text: &str) -> Result<Shared> {
    if text.len() > MAX_LINK_CHARS {
        return Err(Error::new(Code::LimitExceeded, "the link is too long"));
    }
    let fragment = text.trim().split_once('#').map_or(text.trim(), |(_, fragment)| fragment);
    let Some(code) = fragment.strip_prefix(&PREFIX[1..]) else {
        let newer = fragment.strip_prefix('r').and_then(|rest| rest.split_once('='));
        return Err(match newer.map(|(version, _)| version.parse::<u32>()) {
            Some(Ok(version)) if version > 1 => Error::new(
                Code::InvalidLink,
                format!("the link is of version {version}; this page reads version 1"),
            )
            .hint("Open it with a newer release."),
            _ => damaged("it does not start with #r1="),
        });
    };
    let bytes =
        Base64UrlUnpadded::decode_vec(code).map_err(|_| damaged("it holds a character that no link has"))?;
    let [form, a, b, c, d, payload @ ..] = bytes.as_slice() else { return Err(damaged("it ends too early")) };
    if checksum(*form, payload) != [*a, *b, *c, *d] {
        return Err(damaged("a part of it was changed or lost"));
    }
    let body = match *form {
        STORED => payload.to_vec(),
        DEFLATED => decompress_to_vec_with_limit(payload, MAX_LINK_BYTES)
            .map_err(|_| damaged("its packing is broken or too large"))?,
        _ => return Err(damaged("its packing is not known")),
    };
    body::decode(&body)
}

fn checksum(form: u8, payload: &[u8]) -> [u8; 4] {
    let digest = Sha256::new().chain_update([form]).chain_update(payload).finalize();
    [digest[0], digest[1], digest[2], digest[3]]
}

fn damaged(what: &str) -> Error {
    Error::new(Code::InvalidLink, format!("the link cannot be read: {what}"))
        .hint("Copy the whole link again.")
}

#[cfg(test)]
mod tests;
