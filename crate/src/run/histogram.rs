//! A histogram that needs no range beforehand and whose result does not depend on the order in
//! which values come.
//!
//! Bins are as wide as a power of two and start at its multiples. The width is the smallest with
//! which everything seen fits `BINS` bins; when something does not, pairs of bins are joined.
//! Joining is exact, so that counts are what one pass with the final width would have counted.
//! Worked: values 0.5 and 3.0 with 2 bins: width 2, [0, 2) holds one, [2, 4) one.

/// Bins of one channel.
pub const BINS: usize = 128;
/// Width of the bins of values that are all zero.
const NARROWEST: i32 = -100;
/// Values hold this many bits above a bin at most: bin numbers stay whole numbers.
const DIGITS: i32 = 40;

/// Counts by equal bins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Histogram {
    /// The width is 2 to this.
    exponent: i32,
    /// Number of the first bin: it starts at that many widths.
    first: i64,
    counts: Vec<u64>,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { exponent: NARROWEST, first: 0, counts: Vec::new() }
    }
}

impl Histogram {
    /// Lower end of the first bin.
    pub fn low(&self) -> f64 {
        self.first as f64 * self.width()
    }

    /// Width of a bin.
    pub fn width(&self) -> f64 {
        (f64::from(self.exponent)).exp2()
    }

    /// Counts, lowest bin first.
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// Adds finite values.
    pub fn add(&mut self, values: &[f64]) {
        let finite = || values.iter().copied().filter(|v| v.is_finite());
        let low = finite().fold(f64::INFINITY, f64::min);
        let high = finite().fold(f64::NEG_INFINITY, f64::max);
        if low > high {
            return;
        }
        self.widen(low, high, BINS);
        let (scale, first) = ((-f64::from(self.exponent)).exp2(), self.first);
        for value in finite() {
            let place = (value * scale).floor() as i64 - first;
            if let Some(count) = usize::try_from(place).ok().and_then(|at| self.counts.get_mut(at)) {
                *count += 1;
            }
        }
    }

    /// Adds another histogram; at most `bins` bins stay.
    pub fn merge(&mut self, other: &Self, bins: usize) {
        if other.counts.is_empty() {
            return;
        }
        let mut other = other.clone();
        let exponent =
            if self.counts.is_empty() { other.exponent } else { self.exponent.max(other.exponent) };
        other.coarsen(exponent);
        self.coarsen(exponent);
        loop {
            let last = |h: &Self| h.first + h.counts.len() as i64 - 1;
            let first = if self.counts.is_empty() { other.first } else { self.first.min(other.first) };
            let end = if self.counts.is_empty() { last(&other) } else { last(self).max(last(&other)) };
            if (end - first) < bins as i64 {
                self.stretch(first, end);
                break;
            }
            other.coarsen(other.exponent + 1);
            self.coarsen(self.exponent + 1);
        }
        let offset = usize::try_from(other.first - self.first).unwrap_or(0);
        for (slot, count) in self.counts.iter_mut().skip(offset).zip(&other.counts) {
            *slot += count;
        }
    }

    /// Makes room for a range.
    fn widen(&mut self, low: f64, high: f64, bins: usize) {
        let largest = low.abs().max(high.abs());
        // 2^(e+1) > largest: the bits above the point.
        let bits = if largest > 0.0 { largest.log2().floor() as i32 + 1 } else { NARROWEST };
        // No narrower width can fit: a range of r needs more than r / bins.
        let range = ((high - low) / bins as f64).log2().floor().max(f64::from(NARROWEST)) as i32;
        let mut exponent = self.exponent.max(bits - DIGITS).max(range);
        loop {
            let scale = (-f64::from(exponent)).exp2();
            let (mut first, mut last) = ((low * scale).floor() as i64, (high * scale).floor() as i64);
            if !self.counts.is_empty() {
                let shift = u32::try_from(exponent - self.exponent).unwrap_or(0).min(63);
                first = first.min(self.first >> shift);
                last = last.max((self.first + self.counts.len() as i64 - 1) >> shift);
            }
            if last - first < bins as i64 {
                self.coarsen(exponent);
                self.stretch(first, last);
                return;
            }
            exponent += 1;
        }
    }

    /// Joins bins until they are as wide as 2 to `exponent`.
    fn coarsen(&mut self, exponent: i32) {
        let Ok(shift @ 1..) = u32::try_from(exponent.saturating_sub(self.exponent)) else { return };
        let shift = shift.min(63);
        let first = self.first >> shift;
        let mut counts: Vec<u64> = Vec::new();
        for (number, count) in (self.first..).zip(&self.counts) {
            let place = usize::try_from((number >> shift) - first).unwrap_or(0);
            if counts.len() <= place {
                counts.resize(place + 1, 0);
            }
            if let Some(slot) = counts.get_mut(place) {
                *slot += count;
            }
        }
        (self.exponent, self.first, self.counts) = (exponent, first, counts);
    }

    /// Adds empty bins up to both numbers.
    fn stretch(&mut self, first: i64, last: i64) {
        if self.counts.is_empty() {
            self.first = first;
        }
        let before = usize::try_from(self.first - first).unwrap_or(0);
        self.counts.splice(0..0, std::iter::repeat_n(0, before));
        self.first = self.first.min(first);
        let length = usize::try_from(last - self.first + 1).unwrap_or(0).max(self.counts.len());
        self.counts.resize(length, 0);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn worked_example() {
        let mut h = Histogram::default();
        h.add(&[0.5, 3.0, 0.25, -0.001]);
        assert_eq!(h.counts().iter().sum::<u64>(), 4);
        assert!(h.counts().len() <= BINS);
        assert!(h.low() <= -0.001 && h.low() + h.width() * h.counts().len() as f64 > 3.0);
        // 3.001 over 128 bins: a width of 1/32 is the smallest power of two that fits.
        assert_eq!(h.width(), 1.0 / 32.0);
    }

    #[test]
    fn zeros_and_extremes() {
        let mut h = Histogram::default();
        h.add(&[0.0, 0.0, f64::NAN, f64::INFINITY]);
        assert_eq!(h.counts(), [2]);
        h.add(&[1e30, -1e-30]);
        assert_eq!(h.counts().iter().sum::<u64>(), 4);
    }

    proptest! {
        #[test]
        fn the_order_does_not_matter(values in prop::collection::vec(-1e6f64..1e6, 1..200), cut in 0usize..200) {
            let cut = cut.min(values.len());
            let mut once = Histogram::default();
            once.add(&values);
            let mut back = Histogram::default();
            back.add(&values[cut..]);
            back.add(&values[..cut]);
            prop_assert_eq!(&once, &back);
            let mut parts = (Histogram::default(), Histogram::default());
            parts.0.add(&values[..cut]);
            parts.1.add(&values[cut..]);
            parts.0.merge(&parts.1, BINS);
            prop_assert_eq!(&once, &parts.0);
            // Each bin holds what lies in it.
            for (i, count) in once.counts().iter().enumerate() {
                let low = once.low() + i as f64 * once.width();
                let inside = values.iter().filter(|v| **v >= low && **v < low + once.width()).count();
                prop_assert_eq!(*count, inside as u64);
            }
        }
    }
}
