//! The adder that finds a sign: the carry into the top bit of the sum of two shares.
//!
//! A word of the ring holds, in bit i + 1, whether bits i of both shares make a carry (g) or pass one on (p). Bits are
//! merged in pairs, the word halves, (p, g) = (p1 p0, g1 + p1 g0), until a byte is left: below that, a share would fill a byte
//! all the same. In the byte, bits are merged with those 1, 2 and 4 places below (Kogge and Stone). The top bit is the carry.
//!
//! This is the tree that the public engine's bytes say: at k bits it opens 2 k bits for g and 4 w at each level of word width
//! w = k/2, k/4, ..., 8, 8, 8, 8, 6 k + 64 in all. 64 bits: 128 + 128 + 64 + 32 + 3 x 32 = 448 bits a party, 7 rounds; 32 bits:
//! 64 + 64 + 32 + 3 x 32 = 256, 6 rounds. Packed to the bit, the last three levels would take 28 of their 96 bits, and a
//! carry that merges only what it needs 181 ANDs, 362 bits.

use crate::ring::Ring;

/// How a level brings bits together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merge {
    /// Even with odd bits.
    Halve,
    /// With those so many places below.
    Shift(u32),
}

/// A level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    /// How.
    pub merge: Merge,
    /// Bytes of a word after it.
    pub width: usize,
}

/// The levels after g is known.
pub fn levels(ring: &Ring) -> Vec<Level> {
    let halves =
        std::iter::successors(Some(ring.bytes() / 2), |width| Some(width / 2)).take_while(|width| *width > 0);
    let halves = halves.map(|width| Level { merge: Merge::Halve, width });
    halves.chain([1, 2, 4].map(|by| Level { merge: Merge::Shift(by), width: 1 })).collect()
}

/// Bits that a party sends to compare one element. 64: 448.
pub fn bits(ring: &Ring) -> u64 {
    let levels: usize = levels(ring).iter().map(|level| 4 * level.width).sum();
    8 * (2 * ring.bytes() + levels) as u64
}

/// Rounds of a comparison. 64 bits: 7.
pub fn rounds(ring: &Ring) -> u64 {
    1 + levels(ring).len() as u64
}

/// The even bits of a word, close together. 0b0101: 0b11.
pub fn evens(word: u64) -> u64 {
    let steps = [
        (1, 0x3333_3333_3333_3333),
        (2, 0x0F0F_0F0F_0F0F_0F0F),
        (4, 0x00FF_00FF_00FF_00FF),
        (8, 0x0000_FFFF_0000_FFFF),
        (16, 0x0000_0000_FFFF_FFFF),
    ];
    steps.iter().fold(word & 0x5555_5555_5555_5555, |word, (by, mask)| (word | word >> by) & mask)
}

/// What is merged: the upper word of each pair and the lower one.
pub fn split(word: u64, merge: Merge) -> (u64, u64) {
    match merge {
        Merge::Halve => (evens(word >> 1), evens(word)),
        Merge::Shift(by) => (word, word << by & 0xFF),
    }
}
