//! Non-negative least squares: x >= 0 with the least |A x - y|, after Lawson and Hanson (1974, ch. 23).
//!
//! A handful of columns, each of length one; thousands of rows. Every least-squares step is a
//! Gram-Schmidt of the columns in use, done twice so that they are orthogonal to rounding.
//! Example: columns (1, 0, 1)/sqrt 2 and (0, 1, 1)/sqrt 2, y = (1, -1, 0): without the bound x =
//! sqrt 2 (1, -1); with it the second is 0 and the first 1/sqrt 2.

/// The part of a column that those before it do not explain: at or below this it is a mix of them.
const DEPENDENT: f64 = 1e-7;

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Length of a column.
pub(super) fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

/// a += factor x b
fn add(a: &mut [f64], factor: f64, b: &[f64]) {
    a.iter_mut().zip(b).for_each(|(a, b)| *a += factor * b);
}

/// Orthonormal columns, and what makes the given ones of them: `column j = sum of q[i] r[j][i]`.
#[derive(Default)]
struct Factors {
    q: Vec<Vec<f64>>,
    /// Upper triangle by column.
    r: Vec<Vec<f64>>,
}

impl Factors {
    /// Adds a column of length one unless the others explain it.
    fn push(&mut self, column: &[f64]) -> bool {
        let (mut rest, mut r) = (column.to_vec(), vec![0.0; self.q.len()]);
        for _ in 0..2 {
            for (q, r) in self.q.iter().zip(&mut r) {
                let along = dot(q, &rest);
                *r += along;
                add(&mut rest, -along, q);
            }
        }
        let length = norm(&rest);
        // A column of NaN is no column either.
        if length.is_nan() || length <= DEPENDENT {
            return false;
        }
        rest.iter_mut().for_each(|x| *x /= length);
        r.push(length);
        self.q.push(rest);
        self.r.push(r);
        true
    }

    /// Solves R x = b from the last row up.
    fn back(&self, b: &[f64]) -> Vec<f64> {
        let mut x = b.to_vec();
        for (j, r) in self.r.iter().enumerate().rev() {
            let (above, at) = x.split_at_mut(j);
            if let (Some(x), Some(diagonal)) = (at.first_mut(), r.last()) {
                *x /= diagonal;
                add(above, -*x, r);
            }
        }
        x
    }
}

/// Which columns are none of a mix of those before them; they are of length one, or zero.
pub(super) fn independent(columns: &[Vec<f64>]) -> Vec<bool> {
    let mut factors = Factors::default();
    columns.iter().map(|column| factors.push(column)).collect()
}

/// |A| |A^-1| in the Frobenius norm over the number of columns: how far a small error of y may grow in x.
/// 1 for orthogonal columns.
pub(super) fn condition(columns: &[Vec<f64>]) -> f64 {
    let mut factors = Factors::default();
    if columns.is_empty() || !columns.iter().all(|column| factors.push(column)) {
        return f64::INFINITY;
    }
    let size = columns.len();
    let unit = |j: usize| (0..size).map(|i| f64::from(u8::from(i == j))).collect::<Vec<_>>();
    let inverse: f64 = (0..size).map(|j| factors.back(&unit(j))).map(|x| dot(&x, &x)).sum();
    // The columns are of length one, so |A| is the root of their number.
    (inverse / size as f64).sqrt()
}

/// Least squares on the columns in use; zeros elsewhere.
fn least_squares(columns: &[Vec<f64>], used: &[bool], y: &[f64]) -> Vec<f64> {
    let (mut factors, mut places) = (Factors::default(), Vec::new());
    for (place, column) in columns.iter().enumerate().filter(|(place, _)| used.get(*place) == Some(&true)) {
        if factors.push(column) {
            places.push(place);
        }
    }
    // Projected one by one from what is left, which loses less than from y.
    let mut rest = y.to_vec();
    let mut b = vec![0.0; factors.q.len()];
    for _ in 0..2 {
        for (q, b) in factors.q.iter().zip(&mut b) {
            let along = dot(q, &rest);
            *b += along;
            add(&mut rest, -along, q);
        }
    }
    let mut x = vec![0.0; columns.len()];
    for (place, value) in places.into_iter().zip(factors.back(&b)) {
        if let Some(x) = x.get_mut(place) {
            *x = value;
        }
    }
    x
}

/// What A x leaves of y.
fn rest(columns: &[Vec<f64>], x: &[f64], y: &[f64]) -> Vec<f64> {
    let mut rest = y.to_vec();
    columns.iter().zip(x).for_each(|(column, x)| add(&mut rest, -x, column));
    rest
}

/// x >= 0 with the least |A x - y|. Columns are independent and of length one.
pub(super) fn nnls(columns: &[Vec<f64>], y: &[f64]) -> Vec<f64> {
    let size = columns.len();
    let (mut x, mut used, mut barred) = (vec![0.0; size], vec![false; size], vec![false; size]);
    let rounding = f64::EPSILON * 8.0 * norm(y);
    // Each pass uses one column more and lowers the rest; there are 2^size sets of columns at most.
    for _ in 0..(1 << size.min(8)) {
        let left = rest(columns, &x, y);
        let gain = |j: usize| columns.get(j).map_or(0.0, |column| dot(column, &left));
        let free = (0..size).filter(|j| used.get(*j) == Some(&false) && barred.get(*j) == Some(&false));
        let best = free.map(|j| (j, gain(j))).max_by(|a, b| a.1.total_cmp(&b.1));
        let Some((entering, _)) = best.filter(|(_, gain)| *gain > rounding) else { break };
        used[entering] = true;
        for first in (0..=size).map(|turn| turn == 0) {
            let goal = least_squares(columns, &used, y);
            if first && goal[entering] <= 0.0 {
                // Rounding alone made it look useful.
                (used[entering], barred[entering]) = (false, true);
                break;
            }
            let shrinks: Vec<usize> = (0..size).filter(|j| used[*j] && goal[*j] <= 0.0).collect();
            let reach = |j: &usize| x[*j] / (x[*j] - goal[*j]);
            let Some(step) = shrinks.iter().map(reach).min_by(f64::total_cmp) else {
                x = goal;
                barred.fill(false);
                break;
            };
            // As far towards the goal as nothing turns negative; who reaches zero leaves.
            let leaving: Vec<usize> = shrinks.iter().copied().filter(|j| reach(j) <= step).collect();
            x.iter_mut().zip(&goal).for_each(|(x, goal)| *x += step * (goal - *x));
            for j in leaving {
                (x[j], used[j]) = (0.0, false);
            }
        }
    }
    x
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn unit(mut column: Vec<f64>) -> Vec<f64> {
        let length = norm(&column);
        column.iter_mut().for_each(|x| *x /= length);
        column
    }

    #[test]
    fn the_example_of_the_header() {
        let columns = [unit(vec![1.0, 0.0, 1.0]), unit(vec![0.0, 1.0, 1.0])];
        let x = nnls(&columns, &[1.0, -1.0, 0.0]);
        assert!((x[0] - 0.5_f64.sqrt()).abs() < 1e-15 && x[1] == 0.0, "{x:?}");
    }

    #[test]
    fn a_mix_of_columns_is_dependent() {
        let (a, b) = (unit(vec![1.0, 2.0, 3.0]), unit(vec![1.0, 1.0, 1.0]));
        let mix = unit(a.iter().zip(&b).map(|(a, b)| a + 2.0 * b).collect());
        assert_eq!(independent(&[a.clone(), b.clone(), mix.clone()]), [true, true, false]);
        assert_eq!(independent(&[a.clone(), mix, b.clone()]), [true, true, false]);
        assert_eq!(independent(&[a.clone(), vec![0.0; 3]]), [true, false]);
        assert!((1.0..10.0).contains(&condition(&[a, b])));
        assert_eq!(condition(&[vec![1.0, 0.0], vec![0.0, 1.0]]), 1.0);
    }

    /// The best over every set of columns whose least squares are not negative.
    fn brute_force(columns: &[Vec<f64>], y: &[f64]) -> f64 {
        let sets = 0..1_usize << columns.len();
        let fits = sets.map(|set| {
            let used: Vec<bool> = (0..columns.len()).map(|j| set >> j & 1 == 1).collect();
            least_squares(columns, &used, y)
        });
        let allowed = fits.filter(|x| x.iter().all(|x| *x >= 0.0));
        allowed.map(|x| norm(&rest(columns, &x, y))).fold(f64::INFINITY, f64::min)
    }

    proptest! {
        #[test]
        fn as_good_as_every_active_set(
            (size, numbers) in (1..=5_usize).prop_flat_map(|size| {
                (Just(size), prop::collection::vec(-1.0..1.0_f64, (size + 1) * 9))
            }),
        ) {
            let mut lines: Vec<Vec<f64>> = numbers.chunks(9).map(<[f64]>::to_vec).collect();
            let y = lines.pop().unwrap_or_default();
            let columns: Vec<Vec<f64>> = lines.into_iter().map(unit).collect();
            prop_assume!(columns.len() == size && independent(&columns).iter().all(|free| *free));
            let x = nnls(&columns, &y);
            prop_assert!(x.iter().all(|x| *x >= 0.0), "{x:?}");
            let (found, best) = (norm(&rest(&columns, &x, &y)), brute_force(&columns, &y));
            prop_assert!(found <= best + 1e-9, "{found} where {best} is possible: {x:?}");
        }
    }
}
