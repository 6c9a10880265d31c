//! The layers, out of the protocol's operations. What needs no message is done here.

use crate::fault::{Fault, Result};
use crate::matrix;
use crate::maximum::{Tournament, indices};
use crate::net::{Op, Windows};
use crate::protocol::{Me, pairs};
use crate::ring::Ring;
use crate::wire::Kind;

/// This party's share of what a layer makes. `bias` is the server's alone, which adds it to its share.
pub async fn layer(
    me: &mut Me,
    op: &Op,
    values: &[Vec<u64>],
    factors: &[u64],
    bias: &[u64],
) -> Result<Vec<u64>> {
    let ring = me.ring;
    let of = |value: &usize| {
        values.get(*value).map(Vec::as_slice).ok_or_else(|| Fault::new("a layer reads what is not there"))
    };
    match op {
        Op::Conv { x, windows, .. } => {
            let sizes = op.product().ok_or_else(|| Fault::new("no matrix product"))?;
            let mut sums = me.matrices(factors, &matrix::unrolled(of(x)?, windows), sizes).await?;
            add_rows(&mut sums, bias, sizes.n, &ring);
            me.truncate(&sums).await
        }
        Op::Dense { x, outputs, .. } => {
            let sizes = op.product().ok_or_else(|| Fault::new("no matrix product"))?;
            let mut sums = me.matrices(of(x)?, factors, sizes).await?;
            sums.chunks_mut(*outputs).for_each(|row| add(row, bias, &ring));
            me.truncate(&sums).await
        }
        Op::Norm { x, .. } => {
            let x = of(x)?;
            let each = x.len() / factors.len().max(1);
            let scales: Vec<u64> =
                factors.iter().flat_map(|scale| std::iter::repeat_n(*scale, each)).collect();
            let mut sums = me.product(Kind::Product, x, &scales).await?;
            add_rows(&mut sums, bias, each, &ring);
            me.truncate(&sums).await
        }
        Op::Relu { x } => me.relu(of(x)?).await,
        Op::Sign { x } => {
            let bits = me.not_negative(of(x)?).await?;
            let ones = me.numbers(&bits).await?;
            Ok(ones.iter().map(|one| ring.wrap(one << ring.fraction)).collect())
        }
        Op::Poly { x, coefficients } => polynomial(me, of(x)?, coefficients).await,
        Op::Average { x, windows, padded } => {
            let sums = means(of(x)?, windows, *padded, &ring);
            me.truncate(&sums).await
        }
        Op::Maximum { x, windows } => {
            let x = of(x)?;
            let tournament = Tournament::new(&matrix::windows(windows), x.len());
            let mut all = x.to_vec();
            for level in &tournament.levels {
                let (a, b) = sides(&all, level);
                // max(a, b) = b + max(a - b, 0).
                let over = me.relu(&pairs(&a, &b, |a, b| ring.wrap(a.wrapping_sub(b)))).await?;
                all.extend(pairs(&b, &over, |b, over| ring.wrap(b.wrapping_add(over))));
            }
            Ok(picked(&all, &tournament.winners))
        }
        Op::Argmax { x } => {
            let x = of(x)?;
            let tournament = Tournament::new(&indices(x.len()), x.len());
            let mut all = x.to_vec();
            let mut places: Vec<u64> =
                (0..x.len() as u64).map(|at| if me.first() { at } else { 0 }).collect();
            for level in &tournament.levels {
                let less = |a: u64, b: u64| ring.wrap(a.wrapping_sub(b));
                let ((a, b), (place, other)) = (sides(&all, level), sides(&places, level));
                let over = pairs(&a, &b, less);
                let first = me.not_negative(&over).await?;
                let ahead = [over, pairs(&place, &other, less)].concat();
                let chosen = me.choose(&ahead, &[&first[..], &first].concat()).await?;
                let plus = |b: u64, over: u64| ring.wrap(b.wrapping_add(over));
                let (values, numbers) = chosen.split_at(level.len());
                all.extend(pairs(&b, values, plus));
                places.extend(pairs(&other, numbers, plus));
            }
            Ok(picked(&places, &tournament.winners))
        }
        Op::Pick { x, places } => Ok(picked(of(x)?, places)),
        Op::Put { x, y, places } => {
            let mut all = of(x)?.to_vec();
            for (place, number) in places.iter().zip(of(y)?) {
                if let Some(slot) = all.get_mut(*place) {
                    *slot = *number;
                }
            }
            Ok(all)
        }
        Op::Add { a, b } => Ok(pairs(of(a)?, of(b)?, |a, b| ring.wrap(a.wrapping_add(b)))),
        Op::Sub { a, b } => Ok(pairs(of(a)?, of(b)?, |a, b| ring.wrap(a.wrapping_sub(b)))),
        Op::Multiply { a, b } => {
            let product = me.product(Kind::Product, of(a)?, of(b)?).await?;
            me.truncate(&product).await
        }
        Op::Scale { x, by } => {
            let x = of(x)?;
            me.truncate(&pairs(x, &each(by, x.len()), |x, by| ring.wrap(x.wrapping_mul(by)))).await
        }
        Op::Times { x, by } => Ok(of(x)?.iter().map(|x| ring.wrap(x.wrapping_mul(*by))).collect()),
        Op::Shift { x, negated, .. } => {
            let x = of(x)?;
            let signed = |x: u64| if *negated { x.wrapping_neg() } else { x };
            let own = if bias.is_empty() { vec![0; x.len()] } else { each(bias, x.len()) };
            Ok(pairs(x, &own, |x, by| ring.wrap(signed(x).wrapping_add(by))))
        }
    }
}

/// One number for each of `n`.
fn each(by: &[u64], n: usize) -> Vec<u64> {
    match by {
        [one] => vec![*one; n],
        all => all.to_vec(),
    }
}

/// Adds one number to each row.
fn add_rows(sums: &mut [u64], bias: &[u64], row: usize, ring: &Ring) {
    for (row, bias) in sums.chunks_mut(row.max(1)).zip(bias) {
        row.iter_mut().for_each(|sum| *sum = ring.wrap(sum.wrapping_add(*bias)));
    }
}

fn add(row: &mut [u64], bias: &[u64], ring: &Ring) {
    row.iter_mut().zip(bias).for_each(|(sum, bias)| *sum = ring.wrap(sum.wrapping_add(*bias)));
}

/// Both sides of each pair.
fn sides(all: &[u64], level: &[(usize, usize)]) -> (Vec<u64>, Vec<u64>) {
    let at = |place: usize| all.get(place).copied().unwrap_or(0);
    level.iter().map(|(a, b)| (at(*a), at(*b))).unzip()
}

fn picked(all: &[u64], places: &[usize]) -> Vec<u64> {
    places.iter().filter_map(|at| all.get(*at).copied()).collect()
}

/// Horner: public coefficients, so that the first step is a truncation and each other one a product.
async fn polynomial(me: &mut Me, x: &[u64], coefficients: &[Vec<u64>]) -> Result<Vec<u64>> {
    let (ring, each) = (me.ring, x.len() / coefficients.len().max(1));
    let degree = coefficients.first().map_or(0, Vec::len);
    let of = |power: usize| -> Vec<u64> {
        let one = |list: &Vec<u64>| std::iter::repeat_n(list.get(power).copied().unwrap_or(0), each);
        coefficients.iter().flat_map(one).collect()
    };
    let mut sum = me.truncate(&pairs(x, &of(0), |x, a| ring.wrap(x.wrapping_mul(a)))).await?;
    for power in 1..degree {
        if me.first() {
            sum = pairs(&sum, &of(power), |sum, a| ring.wrap(sum.wrapping_add(a)));
        }
        if power + 1 < degree {
            sum = me.product(Kind::Product, &sum, x).await?;
            sum = me.truncate(&sum).await?;
        }
    }
    Ok(sum)
}

/// Sums of windows times 1 / their size, not truncated yet.
fn means(x: &[u64], windows: &Windows, padded: bool, ring: &Ring) -> Vec<u64> {
    let one = |window: &Vec<usize>| {
        let sum = window.iter().fold(0u64, |sum, at| sum.wrapping_add(x.get(*at).copied().unwrap_or(0)));
        let count = if padded { windows.taps() } else { window.len() };
        let share = (f64::from(ring.fraction).exp2() / count.max(1) as f64).round() as u64;
        ring.wrap(sum.wrapping_mul(share))
    };
    matrix::windows(windows).iter().map(one).collect()
}
