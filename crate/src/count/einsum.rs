//! Einstein sums of any number of operands, contracted two at a time from the left: `ij,jk,kl->il` of 3x4, 4x5 and 5x6 is
//! (3 x 4 x 5) + (3 x 5 x 6) = 150 MACs.
//!
//! Of two operands, indices of both that go on are batches, those that end are summed over, and each side's own are rows
//! and columns: `bhid,bhjd->bhij` with b=1, h=2, i=j=4, d=8 is 2 products of (4 x 8) by (8 x 4): 256. An index of one
//! operand that ends there is summed first. A diagonal is free.

use super::basics::{OVERFLOW, adds, free, product, products, scales, sum};
use super::linear::matrix;
use super::view::View;
use super::{Counted, NodeCount};
use crate::ir::small_map::SmallMap;

pub(super) fn find(domain: &str, op: &str) -> Option<fn(&View<'_>) -> Counted> {
    (domain.is_empty() && op == "Einsum").then_some(einsum as fn(&View<'_>) -> Counted)
}

/// An index: a letter, or an axis of the ellipsis, counted from the right.
type Index = (bool, u32);

/// A value on the way.
struct Operand {
    /// Its indices, each once, with their sizes.
    axes: Vec<(Index, u64)>,
    secret: bool,
}

impl Operand {
    fn has(&self, index: Index) -> bool {
        self.axes.iter().any(|(own, _)| *own == index)
    }

    fn elements(&self) -> Result<u64, String> {
        self.of(|_| true)
    }

    /// The sizes of some indices, multiplied.
    fn of(&self, test: impl Fn(Index) -> bool) -> Result<u64, String> {
        let sizes: Vec<u64> = self.axes.iter().filter(|(own, _)| test(*own)).map(|(_, size)| *size).collect();
        product(&sizes)
    }

    /// Sums over indices; the adds that this takes.
    fn sum(&mut self, ends: impl Fn(Index) -> bool) -> Result<u64, String> {
        let before = self.elements()?;
        self.axes.retain(|(index, _)| !ends(*index));
        Ok(if self.secret { before.saturating_sub(self.elements()?) } else { 0 })
    }
}

fn einsum(view: &View<'_>) -> Counted {
    let equation: String = view.node.attrs.str("equation").unwrap_or_default().split_whitespace().collect();
    let (left, right) = match equation.split_once("->") {
        Some((left, right)) => (left, Some(right)),
        None => (equation.as_str(), None),
    };
    let terms: Vec<&str> = left.split(',').collect();
    let mut named = Vec::with_capacity(terms.len());
    let mut sizes: SmallMap<Index, u64> = SmallMap::default();
    for (place, term) in terms.iter().enumerate() {
        let axes = axes(term, &view.sizes(place)?)
            .ok_or_else(|| format!("the Einsum term {term} does not fit its input"))?;
        for (index, size) in &axes {
            let known = sizes.get(index).copied().unwrap_or(*size);
            sizes.insert(*index, known.max(*size));
        }
        named.push(axes);
    }
    let result = result(right, &terms, &sizes);
    let mut operands: Vec<Operand> = named
        .into_iter()
        .enumerate()
        .map(|(place, axes)| {
            let mut once: Vec<(Index, u64)> = Vec::with_capacity(axes.len());
            // A size of 1 that another operand has more of is broadcast: it is no index of this one.
            for (index, size) in axes {
                if !once.iter().any(|(own, _)| *own == index) && sizes.get(&index) == Some(&size) {
                    once.push((index, size));
                }
            }
            Operand { axes: once, secret: view.secret(place) }
        })
        .collect();
    operands.reverse();
    let Some(mut all) = operands.pop() else { return Err("Einsum without operands".to_owned()) };
    let mut count = free();
    while let Some(mut next) = operands.pop() {
        let goes_on = |index: Index| result.contains(&index) || operands.iter().any(|later| later.has(index));
        let summed = all.sum(|index| !goes_on(index) && !next.has(index))?;
        let summed = summed.checked_add(next.sum(|index| !goes_on(index) && !all.has(index))?);
        push(&mut count, adds(summed.ok_or(OVERFLOW)?))?;
        let batch = all.of(|index| next.has(index) && goes_on(index))?;
        let (m, n) = (all.of(|index| !next.has(index))?, next.of(|index| !all.has(index))?);
        let contracts = all.axes.iter().any(|(index, _)| next.has(*index) && !goes_on(*index));
        let k = all.of(|index| next.has(index) && !goes_on(index))?;
        let more = match (all.secret, next.secret) {
            (false, false) => free(),
            (true, true) if !contracts => products(product(&[batch, m, n])?),
            _ if !contracts => scales(product(&[batch, m, n])?),
            // The weight is the right-hand side of a product.
            (true, secret) => matrix(batch, m, k, n, secret)?,
            (false, true) => matrix(batch, n, k, m, false)?,
        };
        push(&mut count, more)?;
        let own = next.axes.into_iter().filter(|(index, _)| !all.has(*index)).collect::<Vec<_>>();
        all.axes.extend(own);
        all.axes.retain(|(index, _)| goes_on(*index));
        all.secret |= next.secret;
    }
    let summed = all.sum(|index| !result.contains(&index))?;
    push(&mut count, adds(summed))?;
    Ok(count)
}

/// The indices of a term with the sizes of its input; None where they do not fit.
fn axes(term: &str, sizes: &[u64]) -> Option<Vec<(Index, u64)>> {
    let (before, after) = term.split_once("...").unwrap_or((term, ""));
    let letters = before.chars().count().checked_add(after.chars().count())?;
    let free = sizes.len().checked_sub(letters)?;
    if free > 0 && !term.contains("...") {
        return None;
    }
    let letter = |c: char| (true, u32::from(c));
    let dots = (0..free as u32).rev().map(|place| (false, place));
    let all = before.chars().map(letter).chain(dots).chain(after.chars().map(letter));
    Some(all.zip(sizes.iter().copied()).collect())
}

/// The indices that come out. Without `->`: the ellipsis, and the letters that occur once.
fn result(right: Option<&str>, terms: &[&str], sizes: &SmallMap<Index, u64>) -> Vec<Index> {
    let letters =
        |text: &str| text.chars().filter(|c| *c != '.').map(|c| (true, u32::from(c))).collect::<Vec<_>>();
    let dots = sizes.keys().copied().filter(|(letter, _)| !letter);
    match right {
        Some(right) if right.contains('.') => letters(right).into_iter().chain(dots).collect(),
        Some(right) => letters(right),
        None => {
            let all: Vec<Index> = terms.iter().flat_map(|term| letters(term)).collect();
            let once = |index: &&Index| all.iter().filter(|other| other == index).count() == 1;
            all.iter().filter(once).copied().chain(dots).collect()
        }
    }
}

/// Adds one step's count to those before.
fn push(count: &mut NodeCount, more: NodeCount) -> Result<(), String> {
    for (total, n) in [
        (&mut count.macs, more.macs),
        (&mut count.macs_valid, more.macs_valid),
        (&mut count.truncations, more.truncations),
        (&mut count.products, more.products),
        (&mut count.adds, more.adds),
    ] {
        *total = sum(&[*total, n])?;
    }
    if more.rule != "free" && !(more.rule == "add" && more.adds == 0) {
        count.rule = more.rule;
        count.work.extend(more.work);
    }
    Ok(())
}
