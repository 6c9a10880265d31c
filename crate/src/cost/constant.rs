//! A constant of a protocol: value, unit, range, source and status, so that no number on the
//! page stands without the place it came from.

use serde::Serialize;

use crate::error::{Code, Error, Result};

/// How well a number is known, best first. A sum is as good as its worst part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum Status {
    /// Checked against a run or log that it was not fitted to.
    Validated,
    /// Read off a run or a log, or fitted to it.
    Measured,
    /// A bound or a composition that nobody ran.
    Estimate,
    /// No number at all; the reason stands beside it.
    NotSupported,
}

/// Widths of the ring that have a column in [`Value::Whole`].
pub const RING_BITS: [u32; 3] = [32, 64, 128];

/// The column of a ring.
///
/// # Errors
/// `InvalidSetting` for a width that has none.
pub fn column_of(ring_bits: u32) -> Result<usize> {
    RING_BITS.iter().position(|bits| *bits == ring_bits).ok_or_else(|| {
        Error::new(Code::InvalidSetting, format!("no ring has {ring_bits} bits here")).hint("32, 64 or 128")
    })
}

/// A whole number in one column; None where nobody has it.
pub type Cell = Option<(u64, Status)>;

/// What a constant holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// Bytes or rounds, exact, at ring widths 32, 64 and 128.
    Whole([Cell; 3]),
    /// Seconds or a factor.
    Real {
        /// Least value seen.
        low: f64,
        /// Value in use.
        mid: f64,
        /// Greatest value seen.
        high: f64,
        /// How well it is known.
        status: Status,
    },
}

/// A constant with its provenance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Constant {
    /// Name, as formulas spell it.
    pub name: &'static str,
    /// The number.
    pub value: Value,
    /// What a whole number is divided by: 8 where it counts bits, 1 elsewhere.
    pub per: u32,
    /// Unit of one piece: `B`, `s`, `rounds`.
    pub unit: &'static str,
    /// Where it comes from.
    pub source: &'static str,
}

/// A constant as a card shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Constant"))]
pub struct ConstantView {
    /// Name, as the formula spells it.
    pub name: &'static str,
    /// Value in force; None where there is none.
    pub value: Option<f64>,
    /// Unit.
    pub unit: &'static str,
    /// Least and greatest value seen.
    pub range: Option<[f64; 2]>,
    /// Where it comes from.
    pub source: &'static str,
    /// How well it is known.
    pub status: Status,
}

/// A measured cell.
pub(super) const fn m(value: u64) -> Cell {
    Some((value, Status::Measured))
}

/// A validated cell.
pub(super) const fn v(value: u64) -> Cell {
    Some((value, Status::Validated))
}

/// An estimated cell.
pub(super) const fn e(value: u64) -> Cell {
    Some((value, Status::Estimate))
}

/// The same cell at every ring width: of a protocol with a field of its own.
pub(super) const fn same(cell: Cell) -> [Cell; 3] {
    [cell; 3]
}

/// Constants of a profile as statics, and `ALL` of them.
macro_rules! constants {
    ($($(#[$doc:meta])* $name:ident = $value:expr;)+) => {
        $($(#[$doc])* pub(in crate::cost) static $name: Constant = $value;)+
        pub(in crate::cost) static ALL: &[&Constant] = &[$(&$name),+];
    };
}
pub(super) use constants;

impl Constant {
    /// Bytes per piece, one column per ring width.
    pub(super) const fn bytes(name: &'static str, at: [Cell; 3], source: &'static str) -> Self {
        Self { name, value: Value::Whole(at), per: 1, unit: "B", source }
    }

    /// The same number in parts of a unit: 25 bits `.per(8)` are 3.125 B, and a sum of them stays exact.
    pub(super) const fn per(mut self, parts: u32) -> Self {
        self.per = parts;
        self
    }

    /// Rounds per call, one column per ring width.
    pub(super) const fn rounds(name: &'static str, at: [Cell; 3], source: &'static str) -> Self {
        Self { name, value: Value::Whole(at), per: 1, unit: "rounds", source }
    }

    /// Seconds per piece, `[low, mid, high]`.
    pub(super) const fn seconds(
        name: &'static str,
        at: [f64; 3],
        status: Status,
        source: &'static str,
    ) -> Self {
        let value = Value::Real { low: at[0], mid: at[1], high: at[2], status };
        Self { name, value, per: 1, unit: "s", source }
    }

    /// A bare factor, `[low, mid, high]`.
    pub(super) const fn factor(
        name: &'static str,
        at: [f64; 3],
        status: Status,
        source: &'static str,
    ) -> Self {
        let value = Value::Real { low: at[0], mid: at[1], high: at[2], status };
        Self { name, value, per: 1, unit: "", source }
    }

    /// The whole number at a ring column; None where there is none (or the constant is real).
    pub(super) fn whole(&self, column: usize) -> Cell {
        match &self.value {
            Value::Whole(at) => at.get(column).copied().flatten(),
            Value::Real { .. } => None,
        }
    }

    /// `count` times the whole number, in its unit, rounded up; 0 where there is none.
    /// 25 / 8 B x 3 = 9.375 B: 10.
    pub(super) fn times(&self, column: usize, count: u128) -> u128 {
        let parts = self.whole(column).map_or(0, |(rate, _)| u128::from(rate).saturating_mul(count));
        parts.div_ceil(u128::from(self.per.max(1)))
    }

    /// `[low, mid, high]` of a real constant; zeros of a whole one.
    pub(super) fn real(&self) -> [f64; 3] {
        match self.value {
            Value::Real { low, mid, high, .. } => [low, mid, high],
            Value::Whole(_) => [0.0; 3],
        }
    }

    /// How well the value of a ring column is known.
    pub(super) fn status(&self, column: usize) -> Status {
        match self.value {
            Value::Real { status, .. } => status,
            Value::Whole(_) => self.whole(column).map_or(Status::NotSupported, |(_, status)| status),
        }
    }

    /// The constant as a card shows it, at a ring column.
    pub(super) fn view(&self, column: usize) -> ConstantView {
        let (value, range) = match self.value {
            Value::Real { low, mid, high, .. } => (Some(mid), Some([low, high])),
            Value::Whole(_) => {
                let value = self.whole(column).map(|(n, _)| n as f64 / f64::from(self.per));
                (value, value.map(|n| [n, n]))
            }
        };
        ConstantView {
            name: self.name,
            value,
            unit: self.unit,
            range,
            source: self.source,
            status: self.status(column),
        }
    }
}
