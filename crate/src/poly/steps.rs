//! What one evaluation of a polynomial takes.

use serde::Serialize;

/// Multiplications of one evaluation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Steps {
    /// Products of two secret (encrypted) numbers.
    pub products: usize,
    /// Products with a coefficient; free of interaction where it is public.
    pub scalings: usize,
    /// Longest chain of both: levels under FHE.
    pub depth: usize,
}

/// Smallest n with 2^n >= x; 0 for 0 and 1.
pub(super) fn ceil_log2(x: usize) -> usize {
    x.max(1).next_power_of_two().trailing_zeros() as usize
}

fn trimmed(coefficients: &[f64]) -> &[f64] {
    let used = coefficients.iter().rposition(|c| *c != 0.0).map_or(0, |top| top + 1);
    coefficients.get(..used).unwrap_or_default()
}

/// ((c_n x + c_{n-1}) x + ...) x + c_0: n - 1 products, one scaling, depth n. Degree 2: 1, 1, 2.
/// A leading coefficient of 1 saves the scaling.
pub fn horner(coefficients: &[f64]) -> Steps {
    let used = trimmed(coefficients);
    let degree = used.len().saturating_sub(1);
    if degree == 0 {
        return Steps::default();
    }
    let scalings = usize::from(used.last() != Some(&1.0));
    Steps { products: degree - 1, scalings, depth: degree - 1 + scalings }
}

/// Baby steps x^2 .. x^k, then Horner over blocks of k coefficients in y = x^k; the k of fewest
/// products, then least depth. Degree 4 with k = 2: x^2, then one product: 2 products, depth 3.
pub fn paterson_stockmeyer(coefficients: &[f64]) -> Steps {
    let used = trimmed(coefficients);
    let all = (1..used.len().max(2)).map(|k| blocks(used, k));
    all.min_by_key(|steps| (steps.products, steps.depth)).unwrap_or_default()
}

fn blocks(used: &[f64], k: usize) -> Steps {
    let top = used.len().saturating_sub(1) / k;
    let mut steps = Steps::default();
    // Powers up to the highest that a block uses, and up to k where there is more than one block.
    let in_blocks = used.chunks(k).flat_map(|b| b.iter().rposition(|c| *c != 0.0)).max().unwrap_or(0);
    let highest = if top > 0 { k } else { in_blocks };
    steps.products += highest.saturating_sub(1);
    let mut sum: Option<usize> = None;
    for (place, block) in used.chunks(k).enumerate().rev() {
        let mut depth = 0;
        for (power, c) in block.iter().enumerate().skip(1).filter(|(_, c)| **c != 0.0) {
            let scaled = usize::from(*c != 1.0);
            steps.scalings += scaled;
            depth = depth.max(ceil_log2(power) + scaled);
        }
        sum = Some(match sum {
            None => depth,
            Some(above) => {
                let leading = place + 1 == top;
                let constant = used.chunks(k).next_back().filter(|b| leading && b.len() == 1);
                let by_y = match constant {
                    Some([c]) if *c == 1.0 => ceil_log2(k),
                    Some(_) => {
                        steps.scalings += 1;
                        ceil_log2(k) + 1
                    }
                    None => {
                        steps.products += 1;
                        above.max(ceil_log2(k)) + 1
                    }
                };
                by_y.max(depth)
            }
        });
    }
    steps.depth = sum.unwrap_or(0);
    steps
}
