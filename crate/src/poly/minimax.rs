//! Least largest error on an interval (Remez), and interpolation at Chebyshev's nodes.
//!
//! Remez exchanges points until the error stands equally high, with alternating signs, at one point
//! more than there are coefficients: no polynomial of that degree does better (Chebyshev). ReLU on
//! [-1, 1], degree 2: x^2/2 + x/2 + 1/16, error 1/16.

use super::hermite::shift;
use super::target::Target;
use crate::error::{Code, Error, Result};

/// What an exchange found.
pub(super) struct Exchange {
    /// Coefficients in the basis.
    pub(super) coefficients: Vec<f64>,
    /// Largest error.
    pub(super) error: f64,
}

/// Rounds of an exchange; it settles in about ten.
const ROUNDS: usize = 100;

/// Coefficients of the minimax polynomial in ascending powers of x.
pub fn minimax(target: Target, degree: usize, [low, high]: [f64; 2]) -> Result<Vec<f64>> {
    let to_x = |t: f64| 0.5 * (low + high) + 0.5 * (high - low) * t;
    let to_t = |x: f64| (2.0 * x - low - high) / (high - low);
    let points = (64 * (degree + 2)).max(1024);
    let mut grid: Vec<f64> =
        (0..=points).map(|i| -(std::f64::consts::PI * i as f64 / points as f64).cos()).collect();
    grid.extend(target.kinks().iter().map(|x| to_t(*x)).filter(|t| t.abs() < 1.0));
    grid.sort_by(f64::total_cmp);
    grid.dedup();
    let f = |t: f64| target.value(to_x(t));
    let found = remez(&f, &chebyshev_row, degree + 1, &grid)?;
    Ok(powers_from_chebyshev(&found.coefficients, [low, high]))
}

/// Interpolation at the degree + 1 Chebyshev nodes of the interval, in ascending powers of x: what
/// FHE libraries do when asked for a Chebyshev approximation.
pub fn chebyshev(target: Target, degree: usize, [low, high]: [f64; 2]) -> Vec<f64> {
    let n = degree + 1;
    let angle = |j: usize| std::f64::consts::PI * (j as f64 + 0.5) / n as f64;
    let series: Vec<f64> = (0..n)
        .map(|k| {
            let term = |j: usize| {
                let x = 0.5 * (low + high) + 0.5 * (high - low) * angle(j).cos();
                target.value(x) * (k as f64 * angle(j)).cos()
            };
            let sum: f64 = (0..n).map(term).sum();
            sum * if k == 0 { 1.0 } else { 2.0 } / n as f64
        })
        .collect();
    powers_from_chebyshev(&series, [low, high])
}

/// T_0 .. T_{n-1} at t.
pub(super) fn chebyshev_row(t: f64, row: &mut [f64]) {
    let (mut before, mut here) = (t, 1.0);
    for slot in row {
        *slot = here;
        (before, here) = (here, 2.0 * t * here - before);
    }
}

/// A Chebyshev series of an interval in powers of x.
fn powers_from_chebyshev(series: &[f64], [low, high]: [f64; 2]) -> Vec<f64> {
    let n = series.len();
    let mut sum = vec![0.0; n];
    let (mut before, mut here) = (vec![0.0; n], vec![0.0; n]);
    if let Some(first) = here.first_mut() {
        *first = 1.0;
    }
    for (k, c) in series.iter().enumerate() {
        for (slot, t) in sum.iter_mut().zip(&here) {
            *slot += c * t;
        }
        let factor = if k == 0 { 1.0 } else { 2.0 };
        let raised = std::iter::once(0.0).chain(here.iter().copied());
        let next = raised.zip(&before).map(|(h, b)| factor * h - b).collect();
        before = std::mem::replace(&mut here, next);
    }
    let half = 0.5 * (high - low);
    let mut scale = 1.0;
    for c in &mut sum {
        *c /= scale;
        scale *= half;
    }
    shift(&sum, -0.5 * (low + high))
}

/// The exchange over a sorted grid: `row` fills the values of the `n` basis functions at a point.
pub(super) fn remez(
    f: &dyn Fn(f64) -> f64,
    row: &dyn Fn(f64, &mut [f64]),
    n: usize,
    grid: &[f64],
) -> Result<Exchange> {
    let settled = || Error::new(Code::InvalidSetting, "the exchange does not settle");
    let last = grid.len().saturating_sub(1);
    let mut reference: Vec<f64> = (0..=n)
        .filter_map(|i| {
            let share = 0.5 - 0.5 * (std::f64::consts::PI * i as f64 / n as f64).cos();
            grid.get((share * last as f64).round() as usize).copied()
        })
        .collect();
    let mut basis = vec![0.0; n];
    let mut best: Option<Exchange> = None;
    for _ in 0..ROUNDS {
        let rows: Vec<Vec<f64>> = reference
            .iter()
            .enumerate()
            .map(|(i, x)| {
                row(*x, &mut basis);
                let sign = if i % 2 == 0 { 1.0 } else { -1.0 };
                basis.iter().copied().chain([sign, f(*x)]).collect()
            })
            .collect();
        let Some(mut solved) = solve(rows) else { break };
        let level = solved.pop().unwrap_or(0.0);
        let error = |x: f64| {
            let mut basis = vec![0.0; n];
            row(x, &mut basis);
            f(x) - basis.iter().zip(&solved).map(|(b, c)| b * c).sum::<f64>()
        };
        let peaks = peaks(&error, grid);
        let largest = peaks.iter().map(|(_, e)| e.abs()).fold(0.0, f64::max);
        if best.as_ref().is_none_or(|b| largest < b.error) {
            best = Some(Exchange { coefficients: solved.clone(), error: largest });
        }
        let floor = 1e-15 * reference.iter().map(|x| f(*x).abs()).fold(1.0, f64::max);
        if largest - level.abs() <= 1e-12 * largest + floor {
            break;
        }
        let highest = peaks.iter().copied().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()));
        match (exchange(peaks, n + 1), highest) {
            (Some(next), _) => reference = next,
            (None, Some(peak)) => exchange_one(&mut reference, peak, level >= 0.0),
            (None, None) => break,
        }
    }
    best.filter(|b| b.error.is_finite()).ok_or_else(settled)
}

/// Local extremes of alternating sign: (place, error), refined between grid points.
fn peaks(error: &dyn Fn(f64) -> f64, grid: &[f64]) -> Vec<(f64, f64)> {
    let values: Vec<f64> = grid.iter().map(|x| error(*x)).collect();
    let mut peaks: Vec<(f64, f64)> = Vec::new();
    for (i, (x, e)) in grid.iter().zip(&values).enumerate() {
        let around =
            |j: Option<usize>| j.and_then(|j| Some((*grid.get(j)?, values.get(j)?.abs(), *values.get(j)?)));
        let (left, right) = (around(i.checked_sub(1)), around(Some(i + 1)));
        let lower = |side: Option<(f64, f64, f64)>| side.is_none_or(|(_, a, v)| a <= e.abs() || v * e < 0.0);
        if !lower(left) || !lower(right) {
            continue;
        }
        let low = left.map_or(*x, |(at, ..)| at);
        let high = right.map_or(*x, |(at, ..)| at);
        let (x, e) = refine(error, low, high, (*x, *e));
        match peaks.last_mut() {
            Some(last) if last.1 * e >= 0.0 => {
                if e.abs() > last.1.abs() {
                    *last = (x, e);
                }
            }
            _ => peaks.push((x, e)),
        }
    }
    peaks
}

/// Golden section on |error|; keeps the start where nothing is higher.
fn refine(error: &dyn Fn(f64) -> f64, mut low: f64, mut high: f64, start: (f64, f64)) -> (f64, f64) {
    let ratio = 0.618_033_988_749_894_9;
    let sign = start.1.signum();
    for _ in 0..60 {
        let (a, b) = (high - ratio * (high - low), low + ratio * (high - low));
        if sign * error(a) > sign * error(b) { high = b } else { low = a }
    }
    let middle = 0.5 * (low + high);
    let found = (middle, error(middle));
    if found.1.abs() > start.1.abs() { found } else { start }
}

/// As many peaks as needed, signs alternating: the lowest goes, with its lower neighbour where it
/// has two.
fn exchange(mut peaks: Vec<(f64, f64)>, count: usize) -> Option<Vec<f64>> {
    let height = |p: Option<&(f64, f64)>| p.map_or(f64::INFINITY, |(_, e)| e.abs());
    while peaks.len() > count {
        let last = peaks.len() - 1;
        let lowest = (0..=last).min_by(|a, b| height(peaks.get(*a)).total_cmp(&height(peaks.get(*b))))?;
        if lowest == 0 || lowest == last {
            peaks.remove(lowest);
        } else if last == count {
            let end = if height(peaks.first()) < height(peaks.last()) { 0 } else { last };
            peaks.remove(end);
        } else {
            let left = height(peaks.get(lowest - 1)) < height(peaks.get(lowest + 1));
            let first = if left { lowest - 1 } else { lowest };
            peaks.drain(first..first + 2);
        }
    }
    (peaks.len() == count).then(|| peaks.into_iter().map(|(x, _)| x).collect())
}

/// Takes one peak into the reference, for the neighbour on its side of the error. A symmetric start
/// shows too few peaks: |x| and four symmetric points.
fn exchange_one(reference: &mut Vec<f64>, (x, e): (f64, f64), first_is_above: bool) {
    let above = |i: usize| first_is_above == i.is_multiple_of(2);
    let after = reference.partition_point(|r| *r < x);
    let near = [after, after.wrapping_sub(1)].into_iter().find(|i| above(*i) == (e > 0.0));
    let place = near.filter(|i| *i < reference.len());
    if let Some(slot) = place.and_then(|i| reference.get_mut(i)) {
        *slot = x;
    } else if after == 0 {
        reference.pop();
        reference.insert(0, x);
    } else {
        reference.remove(0);
        reference.push(x);
    }
}

/// Gauss with row pivots; each row ends with its right side. None where the rows depend.
fn solve(mut rows: Vec<Vec<f64>>) -> Option<Vec<f64>> {
    let n = rows.len();
    for column in 0..n {
        let size = |r: &Vec<f64>| r.get(column).map_or(0.0, |v| v.abs());
        let pivot = (column..n).max_by(|a, b| {
            let of = |i: &usize| rows.get(*i).map_or(0.0, size);
            of(a).total_cmp(&of(b))
        })?;
        rows.swap(column, pivot);
        let top = rows.get(column)?.clone();
        let lead = *top.get(column)?;
        if lead == 0.0 || !lead.is_finite() {
            return None;
        }
        for row in rows.iter_mut().skip(column + 1) {
            let factor = row.get(column)? / lead;
            for (slot, t) in row.iter_mut().zip(&top).skip(column) {
                *slot -= factor * t;
            }
        }
    }
    let mut x = vec![0.0; n];
    for (i, row) in rows.iter().enumerate().rev() {
        let known: f64 = row.iter().zip(&x).skip(i + 1).take(n - i - 1).map(|(a, b)| a * b).sum();
        let value = (row.last()? - known) / row.get(i)?;
        *x.get_mut(i)? = value;
    }
    Some(x)
}
