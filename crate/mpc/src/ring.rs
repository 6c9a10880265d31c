//! The rings that are computed in: whole numbers modulo 2^64 or 2^32, and fractions in them.
//!
//! Every number is a `u64` below 2^bits. Signed numbers are those of two's complement.

use serde::{Deserialize, Serialize};

use crate::fault::{Fault, Result};

/// A ring and where the point of its fractions stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ring {
    /// 64 or 32.
    pub bits: u32,
    /// Bits after the point, 1 to bits / 2.
    pub fraction: u32,
}

impl Ring {
    /// A ring.
    ///
    /// # Errors
    /// Other widths than 64 and 32, and points outside 1 to bits / 2.
    pub fn new(bits: u32, fraction: u32) -> Result<Self> {
        if !matches!(bits, 32 | 64) {
            return Err(Fault::new(format!("a ring of {bits} bits; the engine has 32 and 64")));
        }
        if !(1..=bits / 2).contains(&fraction) {
            return Err(Fault::new(format!(
                "{fraction} bits after the point in a ring of {bits}; 1 to {}",
                bits / 2
            )));
        }
        Ok(Self { bits, fraction })
    }

    /// All bits of a number.
    pub fn mask(&self) -> u64 {
        u64::MAX >> (64 - self.bits)
    }

    /// Bytes of a number on the wire.
    pub fn bytes(&self) -> usize {
        self.bits as usize / 8
    }

    /// The number modulo 2^bits.
    pub fn wrap(&self, value: u64) -> u64 {
        value & self.mask()
    }

    /// A signed number into the ring.
    pub fn of(&self, value: i64) -> u64 {
        self.wrap(value as u64)
    }

    /// The signed number that a number of the ring stands for. 32 bits: 2^32 - 1 is -1.
    pub fn signed(&self, value: u64) -> i64 {
        let shift = 64 - self.bits;
        (value << shift) as i64 >> shift
    }

    /// The fraction that a number stands for.
    pub fn fraction_of(&self, value: u64) -> f64 {
        self.signed(value) as f64 * (-f64::from(self.fraction)).exp2()
    }
}

/// Numbers as bytes, `width` bytes each, low ones first.
pub fn to_bytes(numbers: &[u64], width: usize) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes().into_iter().take(width)).collect()
}

/// Bytes as numbers; what does not fill a last number is left out.
pub fn from_bytes(bytes: &[u8], width: usize) -> Vec<u64> {
    let one = |part: &[u8]| part.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
    bytes.chunks_exact(width.max(1)).map(one).collect()
}
