//! The ring of whole numbers modulo 2^bits, as signed numbers, and fixed-point fractions in it.

use serde::{Deserialize, Serialize};

use crate::error::{Code, Error, Result};
use crate::names::names;

names! { "truncation",
    /// How a product of two fractions gets its excess digits off.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum Truncation {
        /// floor(x / 2^f): what a protocol with an exact shift gives.
        Exact = "exact",
        /// floor((x + r) / 2^f) with r uniform below 2^f: off by one unit at the share of what is cut
        /// off. What ABY3 and its followers give.
        #[default]
        Probabilistic = "probabilistic",
        /// Each of two parties shifts its own random share (SecureML): off by one unit likewise, and by
        /// 2^(bits - f) with a probability of about |x| / 2^(bits - 1).
        Local = "local",
    }
}

/// The arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "FixedSettings"))]
pub struct Settings {
    /// Bits of the ring, 8 to 64.
    pub ring_bits: u32,
    /// Bits after the point, 1 to `ring_bits` / 2.
    pub fraction_bits: u32,
    /// How products are truncated.
    pub truncation: Truncation,
    /// Of the random numbers of a truncation: the same seed, the same result.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { ring_bits: 64, fraction_bits: 16, truncation: Truncation::default(), seed: 0 }
    }
}

impl Settings {
    /// # Errors
    /// `InvalidSetting` for sizes out of range.
    pub fn check(&self) -> Result<()> {
        let fraction = 1..=self.ring_bits / 2;
        if (8..=64).contains(&self.ring_bits) && fraction.contains(&self.fraction_bits) {
            return Ok(());
        }
        let text = format!("a ring of {} bits with {} after the point", self.ring_bits, self.fraction_bits);
        Err(Error::new(Code::InvalidSetting, text)
            .hint("8 to 64 bits, of which 1 to half are after the point"))
    }

    /// The number of the ring that a whole number stands for: the low bits, as signed.
    /// 200 in 8 bits: -56.
    pub fn wrap(&self, value: i128) -> i64 {
        let shift = 128 - self.ring_bits;
        (value << shift >> shift) as i64
    }

    /// Whether a whole number is one of the ring.
    pub fn holds(&self, value: i128) -> bool {
        i128::from(self.wrap(value)) == value
    }

    /// A fraction with `digits` bits after the point: rounded to the nearest, ties away from zero;
    /// and whether it had to be wrapped. 0.75 with 4 bits: 12. What is not finite becomes 0, wrapped.
    pub fn encode(&self, value: f64, digits: u32) -> (i64, bool) {
        let scaled = (value * f64::from(digits).exp2()).round();
        if !scaled.is_finite() {
            return (0, true);
        }
        let whole = scaled as i128;
        (self.wrap(whole), !self.holds(whole))
    }

    /// The fraction that a number of the ring stands for.
    pub fn decode(&self, value: i64) -> f64 {
        value as f64 * (-f64::from(self.fraction_bits)).exp2()
    }

    /// Takes `fraction_bits` bits off; `noise` are 64 random bits.
    pub fn truncate(&self, value: i64, noise: u64) -> i64 {
        let (value, f) = (i128::from(value), self.fraction_bits);
        match self.truncation {
            Truncation::Exact => (value >> f) as i64,
            Truncation::Probabilistic => {
                let low = i128::from(noise) & ((1 << f) - 1);
                self.wrap((value + low) >> f)
            }
            Truncation::Local => {
                let modulus = 1i128 << self.ring_bits;
                let one = i128::from(noise) & (modulus - 1);
                let other = (value - one) & (modulus - 1);
                // The first party shifts its share, the second the negative of its own.
                let shifted = (modulus - other) & (modulus - 1);
                self.wrap((one >> f) - (shifted >> f))
            }
        }
    }

    /// Random bits of one truncation: of the node and the element, so that slices do not matter.
    pub fn noise(&self, node: u64, element: u64) -> u64 {
        let mut z = self.seed ^ node.wrapping_mul(0xD6E8_FEB8_6659_FD93);
        z = z.wrapping_add(element.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ z >> 31
    }
}

/// Numbers of the ring, row-major.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Array {
    /// Dimensions.
    pub shape: Vec<usize>,
    /// Elements, `fraction_bits` after the point.
    pub data: Vec<i64>,
}

impl Array {
    /// The largest magnitude.
    pub fn largest(&self) -> u64 {
        self.data.iter().map(|v| v.unsigned_abs()).max().unwrap_or(0)
    }
}

/// Sums of products of one layer: the numbers, and what was seen on the way.
pub struct Sums<'a> {
    ring: &'a Settings,
    /// No sum can leave the ring, so that 64 bits are enough.
    narrow: bool,
    /// Sums that left the ring.
    pub wrapped: u64,
    /// The largest magnitude of a sum, before truncation.
    pub largest: u128,
}

impl<'a> Sums<'a> {
    /// For sums of `terms` products of numbers up to `a` and `b`, on top of a number up to `start`.
    pub fn new(ring: &'a Settings, a: u64, b: u64, terms: usize, start: u64) -> Self {
        let product = u128::from(a).saturating_mul(u128::from(b)).saturating_mul(terms as u128);
        let narrow = product.saturating_add(u128::from(start)) < 1 << (ring.ring_bits - 1);
        Self { ring, narrow, wrapped: 0, largest: 0 }
    }

    /// One sum.
    pub fn sum(&mut self, start: i64, pairs: impl Iterator<Item = (i64, i64)>) -> i64 {
        if self.narrow {
            let sum = pairs.fold(start, |sum, (a, b)| sum.wrapping_add(a.wrapping_mul(b)));
            self.largest = self.largest.max(u128::from(sum.unsigned_abs()));
            return sum;
        }
        let sum = pairs
            .fold(i128::from(start), |sum, (a, b)| sum.wrapping_add(i128::from(a).wrapping_mul(b.into())));
        self.whole(sum)
    }

    /// A sum that was taken elsewhere.
    pub fn whole(&mut self, sum: i128) -> i64 {
        self.largest = self.largest.max(sum.unsigned_abs());
        self.wrapped += u64::from(!self.ring.holds(sum));
        self.ring.wrap(sum)
    }
}
