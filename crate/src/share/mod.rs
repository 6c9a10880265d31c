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
mod shared;
mod wire;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;
use sha2::{Digest, Sha256};

use crate::error::{Code, Error, Result};
use crate::limits::{MAX_LINK_BYTES, MAX_LINK_CHARS};
pub use shared::{Figures, Layer, Port, Shared, Size, Stage};
use wire::damaged;

const PREFIX: &str = "#r1=";
const STORED: u8 = 0;
const DEFLATED: u8 = 1;
/// Deflate's effort: the most; a link is made once.
const EFFORT: u8 = 10;

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

#[cfg(test)]
mod tests;
