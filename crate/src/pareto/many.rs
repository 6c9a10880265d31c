//! The exact front of points with any number of costs, built one point at a time. Fronts of parts merge into the front of
//! the whole: what is not on a part's front is on no front.

/// A point: its place, costs to be kept low, and what goes with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry<T> {
    /// Its place among all points; of equal points the one with the lowest stays.
    pub index: u64,
    /// Less is better; finite.
    pub costs: Vec<f64>,
    /// What goes with it.
    pub with: T,
}

/// Points that no other dominates.
#[derive(Clone, Debug, Default)]
pub struct Archive<T> {
    entries: Vec<Entry<T>>,
}

impl<T> Archive<T> {
    /// Nothing yet.
    pub fn new() -> Self {
        Self { entries: Vec::new() }
    }

    /// Whether a point of these costs would stay. A number that is not finite never does.
    pub fn admits(&mut self, index: u64, costs: &[f64]) -> bool {
        if costs.iter().any(|cost| !cost.is_finite()) {
            return false;
        }
        let beaten = |entry: &Entry<T>| {
            let pairs = || entry.costs.iter().zip(costs);
            pairs().all(|(a, b)| a <= b) && (entry.index < index || pairs().any(|(a, b)| a < b))
        };
        match self.entries.iter().position(beaten) {
            // What beats one point beats the next ones, as a rule.
            Some(at) => {
                self.entries.swap(0, at);
                false
            }
            None => true,
        }
    }

    /// Adds a point that [`admits`](Self::admits) would have stay, and drops those that it dominates.
    pub fn insert(&mut self, entry: Entry<T>) {
        self.entries.retain(|old| !old.costs.iter().zip(&entry.costs).all(|(old, new)| new <= old));
        self.entries.push(entry);
    }

    /// The front by rising costs, the first cost first.
    pub fn front(mut self) -> Vec<Entry<T>> {
        self.entries.sort_by(|a, b| {
            let pairs = a.costs.iter().zip(&b.costs);
            let order = pairs.map(|(a, b)| a.total_cmp(b)).find(|order| order.is_ne());
            order.unwrap_or(a.index.cmp(&b.index))
        });
        self.entries
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn random(seed: &mut u64) -> u64 {
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        *seed >> 33
    }

    #[test]
    fn ten_thousand_points_have_the_front_of_a_scan() {
        let mut seed = 5;
        for (dimensions, grid) in [(1, 1000), (2, 100_000), (2, 60), (3, 400), (4, 30)] {
            let points: Vec<Vec<f64>> = (0..10_000)
                .map(|_| (0..dimensions).map(|_| (random(&mut seed) % grid) as f64).collect())
                .collect();
            let dominates = |a: &(usize, &Vec<f64>), b: &(usize, &Vec<f64>)| {
                a.1.iter().zip(b.1).all(|(a, b)| a <= b) && (a.1 != b.1 || a.0 < b.0)
            };
            // By rising sums: a point is dominated only by those before it.
            let mut sorted: Vec<(usize, &Vec<f64>)> = points.iter().enumerate().collect();
            sorted.sort_by(|a, b| a.1.iter().sum::<f64>().total_cmp(&b.1.iter().sum()).then(a.0.cmp(&b.0)));
            let mut naive: Vec<(usize, &Vec<f64>)> = Vec::new();
            for point in sorted {
                if !naive.iter().any(|kept| dominates(kept, &point)) {
                    naive.push(point);
                }
            }
            let run = |part: &mut dyn Iterator<Item = usize>| {
                let mut archive = Archive::new();
                for index in part {
                    if archive.admits(index as u64, &points[index]) {
                        archive.insert(Entry { index: index as u64, costs: points[index].clone(), with: () });
                    }
                }
                archive
            };
            let whole = run(&mut (0..10_000)).front();
            let mut want: Vec<u64> = naive.iter().map(|(index, _)| *index as u64).collect();
            let mut found: Vec<u64> = whole.iter().map(|entry| entry.index).collect();
            want.sort_unstable();
            found.sort_unstable();
            assert_eq!(found, want, "{dimensions} {grid}");
            // Four parts, merged in another order, are the whole.
            let mut merged = Archive::new();
            for part in [2, 0, 3, 1] {
                for entry in run(&mut (0..10_000).filter(|index| index % 4 == part)).front() {
                    if merged.admits(entry.index, &entry.costs) {
                        merged.insert(entry);
                    }
                }
            }
            assert_eq!(merged.front(), whole);
        }
        let mut archive: Archive<()> = Archive::new();
        assert!(!archive.admits(0, &[f64::NAN, 1.0]) && archive.admits(0, &[0.0, 1.0]));
    }
}
