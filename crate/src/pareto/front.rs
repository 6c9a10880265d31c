//! Fronts and distances among points of cost (fewer is better) and accuracy (more is better).
//!
//! A cost is any plain number: ReLUs, seconds, bytes, MACs. Points whose cost or accuracy is not a
//! finite number take no part. Indices refer to the slice that was given.

use std::cmp::Ordering;

use serde::Serialize;

/// A point to compare.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Mark {
    /// What it costs, in any one unit.
    pub cost: f64,
    /// Top-1 accuracy in percent.
    pub accuracy: f64,
}

impl Mark {
    /// At most the cost and at least the accuracy, one of them strictly better: the naive front of the tests.
    #[cfg(test)]
    pub fn dominates(&self, other: &Self) -> bool {
        let no_worse = self.cost <= other.cost && self.accuracy >= other.accuracy;
        no_worse && (self.cost < other.cost || self.accuracy > other.accuracy)
    }

    fn is_finite(&self) -> bool {
        self.cost.is_finite() && self.accuracy.is_finite()
    }
}

/// Points that no other dominates, by rising cost; equal points do not dominate one another, so
/// all of them stay, in the order given. O(n log n).
pub fn front(marks: &[Mark]) -> Vec<usize> {
    let mut best: Option<Mark> = None;
    let mut front = Vec::new();
    for (index, mark) in ascending(marks) {
        let on_front = best.is_none_or(|best| mark.accuracy > best.accuracy || mark == best);
        if on_front {
            best = Some(mark);
            front.push(index);
        }
    }
    front
}

/// By cost, then from the most accurate, then as given.
fn ascending(marks: &[Mark]) -> Vec<(usize, Mark)> {
    let finite = marks.iter().copied().enumerate().filter(|(_, mark)| mark.is_finite());
    let mut sorted: Vec<(usize, Mark)> = finite.collect();
    sorted.sort_by(|(_, a), (_, b)| order(a.cost, b.cost).then(order(b.accuracy, a.accuracy)));
    sorted
}

/// Order of finite numbers; 0.0 and -0.0 are equal.
fn order(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b).unwrap_or(Ordering::Equal)
}

/// The most accurate point within a budget; among equals the cheapest, then the first.
pub fn best_at_budget(marks: &[Mark], budget: f64) -> Option<usize> {
    let mut best: Option<(usize, Mark)> = None;
    for (index, mark) in ascending(marks).into_iter().take_while(|(_, mark)| mark.cost <= budget) {
        if best.is_none_or(|(_, best)| mark.accuracy > best.accuracy) {
            best = Some((index, mark));
        }
    }
    best.map(|(index, _)| index)
}

/// The cheapest point of at least an accuracy; among equals the most accurate, then the first.
pub fn fewest_at_accuracy(marks: &[Mark], accuracy: f64) -> Option<usize> {
    ascending(marks).into_iter().find(|(_, mark)| mark.accuracy >= accuracy).map(|(index, _)| index)
}

/// How far a point lies from the best of others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Distance {
    /// Best other point within the same cost.
    pub at_budget: Option<usize>,
    /// Points of accuracy that it is ahead by; negative where the own point is ahead.
    pub accuracy_gap: Option<f64>,
    /// Cheapest other point of at least the same accuracy.
    pub at_accuracy: Option<usize>,
    /// Own cost over that point's; below 1 where the own point is cheaper. None where it costs 0.
    pub cost_factor: Option<f64>,
}

/// Distance of `own` to the front of `marks`: straight up and straight to the left. 67 % at
/// 25,000 ReLUs beside (12,500, 67 %) and (25,000, 70 %): a gap of 3 points and a factor of 2.
pub fn distance(marks: &[Mark], own: Mark) -> Distance {
    if !own.is_finite() {
        return Distance::default();
    }
    let at_budget = best_at_budget(marks, own.cost);
    let at_accuracy = fewest_at_accuracy(marks, own.accuracy);
    let get = |index: Option<usize>| index.and_then(|index| marks.get(index));
    Distance {
        at_budget,
        accuracy_gap: get(at_budget).map(|best| best.accuracy - own.accuracy),
        at_accuracy,
        cost_factor: get(at_accuracy).map(|best| own.cost / best.cost).filter(|factor| factor.is_finite()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use proptest::prelude::*;

    use super::*;

    /// A small grid, so that ties and equal points are common; and values that are not numbers.
    fn marks() -> impl Strategy<Value = Vec<Mark>> {
        let number = prop_oneof![8 => (0u8..12).prop_map(f64::from), 1 => Just(f64::NAN), 1 => Just(f64::INFINITY), 1 => Just(-0.0)];
        prop::collection::vec(
            (number.clone(), number).prop_map(|(cost, accuracy)| Mark { cost, accuracy }),
            0..40,
        )
    }

    fn finite(marks: &[Mark]) -> Vec<(usize, Mark)> {
        marks
            .iter()
            .copied()
            .enumerate()
            .filter(|(_, m)| m.cost.is_finite() && m.accuracy.is_finite())
            .collect()
    }

    proptest! {
        #[test]
        fn front_is_what_no_point_dominates(marks in marks()) {
            let all = finite(&marks);
            let mut naive: Vec<usize> =
                all.iter().filter(|(_, m)| !all.iter().any(|(_, other)| other.dominates(m))).map(|(i, _)| *i).collect();
            let found = front(&marks);
            prop_assert!(found.windows(2).all(|w| marks[w[0]].cost <= marks[w[1]].cost));
            let mut sorted = found;
            sorted.sort_unstable();
            naive.sort_unstable();
            prop_assert_eq!(sorted, naive);
        }

        #[test]
        fn read_outs_are_those_of_a_scan(marks in marks(), budget in 0u8..12, accuracy in 0u8..12) {
            let (budget, accuracy) = (f64::from(budget), f64::from(accuracy));
            let all = finite(&marks);
            let highest = all.iter().filter(|(_, m)| m.cost <= budget).map(|(_, m)| m.accuracy).reduce(f64::max);
            let lowest = all.iter().filter(|(_, m)| m.accuracy >= accuracy).map(|(_, m)| m.cost).reduce(f64::min);
            let best = best_at_budget(&marks, budget).map(|i| marks[i]);
            let fewest = fewest_at_accuracy(&marks, accuracy).map(|i| marks[i]);
            prop_assert_eq!(best.map(|m| m.accuracy), highest);
            prop_assert_eq!(fewest.map(|m| m.cost), lowest);
            prop_assert!(best.is_none_or(|m| m.cost <= budget) && fewest.is_none_or(|m| m.accuracy >= accuracy));
            let own = Mark { cost: budget, accuracy };
            let distance = distance(&marks, own);
            prop_assert_eq!(distance.accuracy_gap, highest.map(|best| best - accuracy));
            prop_assert_eq!(distance.cost_factor, lowest.map(|fewest| budget / fewest).filter(|f| f.is_finite()));
            // A point that another dominates is behind in at least one of the two directions.
            if all.iter().any(|(_, m)| m.dominates(&own)) {
                prop_assert!(distance.accuracy_gap.is_some_and(|gap| gap >= 0.0));
            }
        }
    }

    #[test]
    fn distance_of_the_worked_example() {
        let marks = [Mark { cost: 12_500.0, accuracy: 67.0 }, Mark { cost: 25_000.0, accuracy: 70.0 }];
        let own = Mark { cost: 25_000.0, accuracy: 67.0 };
        let want = Distance {
            at_budget: Some(1),
            accuracy_gap: Some(3.0),
            at_accuracy: Some(0),
            cost_factor: Some(2.0),
        };
        assert_eq!(distance(&marks, own), want);
        assert_eq!(distance(&marks, Mark { cost: f64::NAN, accuracy: 67.0 }), Distance::default());
    }
}
