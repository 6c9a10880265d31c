//! Networks and weights as bytes, from whoever lowers a model to the parties: four bytes that say what they are, then
//! postcard's. What is read is in memory a constant times as large as its bytes, whatever it says; whether its sizes agree is
//! for [`Network::sizes`] and [`Network::fits`] to say, which every party and the dealer ask.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::fault::{Fault, Result};
use crate::net::{Network, Weights};

const NETWORK: &[u8; 4] = b"RMN1";
const WEIGHTS: &[u8; 4] = b"RMW1";

fn write(mark: &[u8], value: &impl Serialize) -> Vec<u8> {
    // Growing memory takes any plain struct.
    postcard::to_extend(value, mark.to_vec()).unwrap_or_default()
}

fn read<T: DeserializeOwned>(mark: &[u8], bytes: &[u8], what: &str) -> Result<T> {
    let rest = bytes.strip_prefix(mark).and_then(|rest| postcard::take_from_bytes(rest).ok());
    match rest {
        Some((value, [])) => Ok(value),
        _ => Err(Fault::new(format!("these bytes are no {what} of this version"))),
    }
}

impl Network {
    /// As bytes.
    pub fn bytes(&self) -> Vec<u8> {
        write(NETWORK, self)
    }

    /// What [`bytes`](Self::bytes) wrote.
    ///
    /// # Errors
    /// Bytes of anything else, or one too few or too many.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        read(NETWORK, bytes, "network")
    }
}

/// The weights of a network's layers as bytes.
pub fn weights_bytes(weights: &[Weights]) -> Vec<u8> {
    write(WEIGHTS, &weights)
}

/// What [`weights_bytes`] wrote.
///
/// # Errors
/// Bytes of anything else, or one too few or too many.
pub fn weights_from_bytes(bytes: &[u8]) -> Result<Vec<Weights>> {
    read(WEIGHTS, bytes, "weights")
}
