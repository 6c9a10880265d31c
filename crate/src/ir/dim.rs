//! Symbolic integers: dimensions, and the elements of shape arithmetic.
//!
//! A [`Dim`] is a number, a polynomial of symbols with integer coefficients, or unknown. Arithmetic
//! that leaves the exact (overflow, an inexact division of symbols) gives `Unknown`, never a guess.

use std::fmt::Write;
use std::sync::Arc;

use super::small_map::SmallMap;
use crate::limits::{MAX_DIM_TERMS, MAX_SYMBOLS};

/// Index of a symbol in [`Symbols`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SymbolId(pub u32);

/// Names of symbolic dimensions.
#[derive(Clone, Debug, Default)]
pub struct Symbols {
    names: Vec<String>,
}

impl Symbols {
    /// The symbol of that name, made when new.
    pub fn intern(&mut self, name: &str) -> SymbolId {
        let found = self.names.iter().position(|n| n == name);
        let index = found.unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.names.len() - 1
        });
        SymbolId(index as u32)
    }

    /// The symbol of that name as a dimension; unknown when there are too many.
    pub fn dim(&mut self, name: &str) -> Dim {
        if self.names.len() < MAX_SYMBOLS || self.names.iter().any(|known| known == name) {
            Dim::symbol(self.intern(name))
        } else {
            Dim::Unknown
        }
    }

    /// Name of a symbol.
    pub fn name(&self, id: SymbolId) -> &str {
        self.names.get(id.0 as usize).map_or("?", String::as_str)
    }
}

/// Sum of products of symbols; monomial -> coefficient, no zero coefficients, at least one symbol.
pub type Terms = SmallMap<Vec<SymbolId>, i64>;

/// A symbolic integer; may be negative as an element of shape arithmetic, never as a dimension.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Dim {
    /// A number.
    Known(i64),
    /// A polynomial with at least one symbol.
    Expr(Arc<Terms>),
    /// Not known.
    Unknown,
}

impl From<i64> for Dim {
    fn from(value: i64) -> Self {
        Self::Known(value)
    }
}

impl Dim {
    /// A symbol on its own.
    pub fn symbol(id: SymbolId) -> Self {
        Self::Expr(Arc::new(Terms::one(vec![id], 1)))
    }

    /// The symbol that it is, with nothing else.
    pub fn alone(&self) -> Option<SymbolId> {
        let Self::Expr(terms) = self else { return None };
        let mut terms = terms.iter();
        match (terms.next(), terms.next()) {
            (Some((monomial, 1)), None) => match monomial.as_slice() {
                [symbol] => Some(*symbol),
                _ => None,
            },
            _ => None,
        }
    }

    /// The number, where it is one.
    pub fn known(&self) -> Option<i64> {
        match self {
            Self::Known(value) => Some(*value),
            _ => None,
        }
    }

    /// Whether both are the same for every value of the symbols (1 or more each); None when that is
    /// not known.
    pub fn same(&self, other: &Self) -> Option<bool> {
        let difference = self.sub(other);
        match difference {
            Self::Known(difference) => Some(difference == 0),
            _ if difference.at_least(1) || difference.at_most(-1) => Some(false),
            _ => None,
        }
    }

    /// Whether it is `bound` or more for all values of the symbols (1 or more each): `2*n - 1` is at
    /// least 1; of `n - m` nothing is known.
    pub fn at_least(&self, bound: i64) -> bool {
        self.at_ones(|coefficient| coefficient >= 0).is_some_and(|least| least >= bound)
    }

    /// Whether it is `bound` or less for all values of the symbols (1 or more each).
    pub fn at_most(&self, bound: i64) -> bool {
        self.at_ones(|coefficient| coefficient <= 0).is_some_and(|most| most <= bound)
    }

    /// The value where every symbol is 1, if all coefficients pull the same way from there.
    fn at_ones(&self, pulls: fn(i64) -> bool) -> Option<i64> {
        match self {
            Self::Known(value) => Some(*value),
            Self::Expr(terms) => terms.iter().try_fold(0i64, |sum, (monomial, coefficient)| {
                let pulls = monomial.is_empty() || pulls(*coefficient);
                pulls.then(|| sum.checked_add(*coefficient)).flatten()
            }),
            Self::Unknown => None,
        }
    }

    fn terms(&self) -> Option<Terms> {
        match self {
            Self::Known(0) => Some(Terms::default()),
            Self::Known(value) => Some(Terms::one(Vec::new(), *value)),
            Self::Expr(terms) => Some(terms.as_ref().clone()),
            Self::Unknown => None,
        }
    }

    fn from_terms(terms: Option<Terms>) -> Self {
        let Some(terms) = terms else { return Self::Unknown };
        if terms.is_empty() {
            return Self::Known(0);
        }
        if terms.len() > MAX_DIM_TERMS {
            return Self::Unknown;
        }
        match terms.get(&Vec::new()) {
            Some(value) if terms.len() == 1 => Self::Known(*value),
            _ => Self::Expr(Arc::new(terms)),
        }
    }

    /// Sum.
    #[must_use]
    pub fn add(&self, other: &Self) -> Self {
        if let (Self::Known(a), Self::Known(b)) = (self, other) {
            return a.checked_add(*b).map_or(Self::Unknown, Self::Known);
        }
        let sum = || {
            let mut sum = self.terms()?;
            for (monomial, coefficient) in other.terms()? {
                add_term(&mut sum, monomial, coefficient)?;
            }
            Some(sum)
        };
        Self::from_terms(sum())
    }

    /// Difference.
    #[must_use]
    pub fn sub(&self, other: &Self) -> Self {
        self.add(&other.mul(&Self::Known(-1)))
    }

    /// Product; zero times anything known or symbolic is zero.
    #[must_use]
    pub fn mul(&self, other: &Self) -> Self {
        if let (Self::Known(a), Self::Known(b)) = (self, other) {
            return a.checked_mul(*b).map_or(Self::Unknown, Self::Known);
        }
        let product = || {
            let (a, b) = (self.terms()?, other.terms()?);
            if a.len().checked_mul(b.len())? > MAX_DIM_TERMS * MAX_DIM_TERMS {
                return None;
            }
            let mut product = Terms::default();
            for (left, x) in a.iter() {
                for (right, y) in b.iter() {
                    let mut monomial = [left.as_slice(), right.as_slice()].concat();
                    if monomial.len() > MAX_DIM_TERMS {
                        return None;
                    }
                    monomial.sort_unstable();
                    add_term(&mut product, monomial, x.checked_mul(*y)?)?;
                }
            }
            Some(product)
        };
        Self::from_terms(product())
    }

    /// Quotient where `other` divides exactly (numbers, or by a single monomial); else unknown.
    /// Symbols are taken to be non-zero.
    #[must_use]
    pub fn div_exact(&self, other: &Self) -> Self {
        let quotient = || {
            let divisor = other.terms()?;
            let dividend = self.terms()?;
            if divisor == dividend && !divisor.is_empty() {
                return Some(Terms::one(Vec::new(), 1));
            }
            let (symbols, number) = divisor.iter().next().filter(|_| divisor.len() == 1)?;
            let mut quotient = Terms::default();
            for (monomial, coefficient) in dividend {
                if coefficient.checked_rem(*number)? != 0 {
                    return None;
                }
                add_term(&mut quotient, monomial_without(&monomial, symbols)?, coefficient / number)?;
            }
            Some(quotient)
        };
        Self::from_terms(quotient())
    }

    /// Floor of the quotient; exact for symbols only where it divides.
    #[must_use]
    pub fn div_floor(&self, other: &Self) -> Self {
        match (self, other) {
            (_, Self::Known(0)) => Self::Unknown,
            (Self::Known(a), Self::Known(b)) => {
                let (Some(quotient), Some(rest)) = (a.checked_div(*b), a.checked_rem(*b)) else {
                    return Self::Unknown;
                };
                Self::Known(quotient - i64::from(rest != 0 && (rest < 0) != (*b < 0)))
            }
            _ => self.div_exact(other),
        }
    }

    /// Ceiling of the quotient; exact for symbols only where it divides.
    #[must_use]
    pub fn div_ceil(&self, other: &Self) -> Self {
        let minus = Self::Known(-1);
        self.mul(&minus).div_floor(other).mul(&minus)
    }

    /// Larger of both; unknown where neither is the larger for all values of the symbols (1 or more).
    #[must_use]
    pub fn max(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Known(a), Self::Known(b)) => Self::Known(*a.max(b)),
            _ if self.sub(other).at_least(0) => self.clone(),
            _ if other.sub(self).at_least(0) => other.clone(),
            _ => Self::Unknown,
        }
    }

    /// Smaller of both; unknown where neither is the smaller for all values of the symbols (1 or more).
    #[must_use]
    pub fn min(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Known(a), Self::Known(b)) => Self::Known(*a.min(b)),
            _ if other.sub(self).at_least(0) => self.clone(),
            _ if self.sub(other).at_least(0) => other.clone(),
            _ => Self::Unknown,
        }
    }

    /// Product of all, 1 for none.
    pub fn product<'a>(dims: impl IntoIterator<Item = &'a Self>) -> Self {
        dims.into_iter().fold(Self::Known(1), |product, dim| product.mul(dim))
    }

    /// For people: `4`, `batch`, `3*height + 1`, `?`.
    pub fn display(&self, symbols: &Symbols) -> String {
        let terms = match self {
            Self::Known(value) => return value.to_string(),
            Self::Unknown => return "?".to_owned(),
            Self::Expr(terms) => terms,
        };
        let mut text = String::new();
        for (monomial, coefficient) in terms.iter().rev() {
            let sign = match (text.is_empty(), *coefficient < 0) {
                (true, true) => "-",
                (true, false) => "",
                (false, true) => " - ",
                (false, false) => " + ",
            };
            text.push_str(sign);
            let size = coefficient.unsigned_abs();
            if size != 1 || monomial.is_empty() {
                let _ = write!(text, "{size}");
            }
            for (place, symbol) in monomial.iter().enumerate() {
                if place > 0 || size != 1 {
                    text.push('*');
                }
                text.push_str(symbols.name(*symbol));
            }
        }
        text
    }
}

fn add_term(terms: &mut Terms, monomial: Vec<SymbolId>, coefficient: i64) -> Option<()> {
    let sum = terms.get(&monomial).unwrap_or(&0).checked_add(coefficient)?;
    if sum == 0 {
        terms.remove(&monomial);
    } else {
        terms.insert(monomial, sum);
    }
    Some(())
}

fn monomial_without(monomial: &[SymbolId], divisor: &[SymbolId]) -> Option<Vec<SymbolId>> {
    let mut rest = monomial.to_vec();
    for symbol in divisor {
        let place = rest.iter().position(|s| s == symbol)?;
        rest.remove(place);
    }
    Some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two() -> (Dim, Dim, Symbols) {
        let mut symbols = Symbols::default();
        let (h, n) = (symbols.intern("h"), symbols.intern("n"));
        (Dim::symbol(h), Dim::symbol(n), symbols)
    }

    #[test]
    fn polynomials_add_multiply_and_divide() {
        let (h, n, symbols) = two();
        let area = h.mul(&Dim::Known(2)).add(&Dim::Known(3)).mul(&n);
        assert_eq!(area.display(&symbols), "3*n + 2*h*n");
        assert_eq!(area.div_exact(&n), h.mul(&Dim::Known(2)).add(&Dim::Known(3)));
        assert_eq!(area.div_exact(&h), Dim::Unknown);
        assert_eq!(h.sub(&h), Dim::Known(0));
        assert_eq!(h.same(&n), None);
        assert_eq!(h.add(&Dim::Known(1)).same(&h), Some(false));
    }

    #[test]
    fn symbols_are_one_or_more() {
        let (h, n, _) = two();
        let less = h.sub(&Dim::Known(1));
        assert_eq!(less.max(&Dim::Known(0)), less);
        assert_eq!(less.min(&h), less);
        assert_eq!(h.same(&Dim::Known(-1)), Some(false));
        assert_eq!(h.same(&Dim::Known(1)), None);
        assert_eq!(h.min(&n), Dim::Unknown);
        assert!(h.add(&n).at_least(2) && !h.add(&n).at_least(3));
        assert!(h.mul(&Dim::Known(-1)).at_most(-1));
    }

    #[test]
    fn overflow_is_unknown() {
        assert_eq!(Dim::Known(i64::MAX).add(&Dim::Known(1)), Dim::Unknown);
        assert_eq!(Dim::Known(i64::MIN).mul(&Dim::Known(-1)), Dim::Unknown);
        assert_eq!(Dim::Known(i64::MIN).div_floor(&Dim::Known(-1)), Dim::Unknown);
    }

    #[test]
    fn floor_and_ceil_round_to_their_sides() {
        for (a, b) in [(7, 2), (-7, 2), (7, -2), (-7, -2), (6, 3), (0, 5)] {
            let (x, y) = (Dim::Known(a), Dim::Known(b));
            assert_eq!(x.div_floor(&y), Dim::Known((a as f64 / b as f64).floor() as i64), "{a}/{b}");
            assert_eq!(x.div_ceil(&y), Dim::Known((a as f64 / b as f64).ceil() as i64), "{a}/{b}");
        }
    }
}
