//! Highest value for its cost first, while the budget lasts.
//!
//! Pixels come in millions, and most policies value all of a channel alike: units that follow each
//! other with one cost and one value are a run, and runs are ordered instead. Where every unit has a
//! value of its own, one price lets a threshold do what an order would. Both give what ordering unit by
//! unit gives: earlier first among equals, what no longer fits passed over.

/// One unit: what it costs to keep, and what is lost without it.
#[derive(Clone, Copy)]
pub(super) struct Unit {
    pub(super) cost: u64,
    pub(super) value: f64,
}

/// Units that follow each other and are alike.
struct Run {
    start: usize,
    length: usize,
    cost: u64,
    /// The smallest goes first.
    key: u64,
}

/// Which units stay.
pub(super) fn fill(units: &[Unit], budget: u64) -> Vec<bool> {
    let runs = runs(units);
    let price = units.first().map_or(0, |unit| unit.cost);
    if runs.len() > units.len() / 4 && units.iter().all(|unit| unit.cost == price) {
        return threshold(units, budget.checked_div(price).unwrap_or(u64::MAX));
    }
    in_order(runs, units.len(), budget)
}

/// Ascending where the density descends.
fn key(unit: &Unit) -> u64 {
    // An order as such (values at or below 0) is not divided.
    let density = if unit.value > 0.0 { unit.value / unit.cost.max(1) as f64 } else { unit.value };
    // + 0.0: both zeros are one value.
    let bits = (density + 0.0).to_bits();
    if bits >> 63 == 0 { !(bits | 1 << 63) } else { bits }
}

fn runs(units: &[Unit]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut last: Option<Unit> = None;
    for (start, unit) in units.iter().enumerate() {
        match (&last, runs.last_mut()) {
            (Some(before), Some(run)) if before.cost == unit.cost && before.value == unit.value => {
                run.length += 1;
            }
            _ => runs.push(Run { start, length: 1, cost: unit.cost, key: key(unit) }),
        }
        last = Some(*unit);
    }
    runs
}

fn in_order(mut runs: Vec<Run>, units: usize, budget: u64) -> Vec<bool> {
    runs.sort_unstable_by_key(|run| (run.key, run.start));
    let mut bits = vec![false; units];
    let mut left = budget;
    for run in runs {
        let fits = left.checked_div(run.cost).unwrap_or(u64::MAX).min(run.length as u64);
        left -= fits * run.cost;
        if let Some(span) = bits.get_mut(run.start..run.start + fits as usize) {
            span.fill(true);
        }
    }
    bits
}

/// The first `count` of units of one price.
fn threshold(units: &[Unit], count: u64) -> Vec<bool> {
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    if count >= units.len() {
        return vec![true; units.len()];
    }
    let keys: Vec<u64> = units.iter().map(key).collect();
    let mut order = keys.clone();
    let (below, at, _) = order.select_nth_unstable(count);
    let at = *at;
    let mut ties = count - below.iter().filter(|key| **key < at).count();
    let keep = |key: u64| {
        let tie = key == at && ties > 0;
        ties -= usize::from(tie);
        key < at || tie
    };
    keys.into_iter().map(keep).collect()
}

#[cfg(test)]
mod tests {
    use super::super::random::Random;
    use super::*;

    /// One unit after another.
    fn naive(units: &[Unit], budget: u64) -> Vec<bool> {
        let density = |u: &Unit| if u.value > 0.0 { u.value / u.cost.max(1) as f64 } else { u.value };
        let mut order: Vec<(usize, &Unit)> = units.iter().enumerate().collect();
        order.sort_by(|(i, a), (j, b)| density(b).total_cmp(&density(a)).then(i.cmp(j)));
        let mut bits = vec![false; units.len()];
        let mut left = budget;
        for (index, unit) in order {
            if unit.cost <= left {
                left -= unit.cost;
                bits[index] = true;
            }
        }
        bits
    }

    #[test]
    fn runs_and_thresholds_choose_what_single_units_would() {
        let mut random = Random::new(7);
        for round in 0..400 {
            let mut units = Vec::new();
            for _ in 0..1 + random.below(12) {
                let cost = if round % 2 == 0 { 3 } else { random.below(4) as u64 };
                // Few values, so that they tie across runs; some below zero.
                let value = random.below(5) as f64 - 1.0;
                let length = if round % 3 == 0 { 1 } else { 1 + random.below(9) };
                units.extend(vec![Unit { cost, value }; length]);
            }
            let total: u64 = units.iter().map(|u| u.cost).sum();
            for budget in 0..=total + 1 {
                assert_eq!(fill(&units, budget), naive(&units, budget), "{round}: {budget} of {total}");
            }
        }
    }
}
