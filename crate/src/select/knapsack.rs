//! One option for each of several layers, within a budget, at the least loss: exactly.
//!
//! States (cost, loss) that no other beats in both are carried from layer to layer (Nemhauser and
//! Ullmann); a state whose best possible end, by the relaxed problem, is worse than a plan already
//! known is dropped. Layers of a network share few sizes, so states stay few.

use serde::Serialize;

/// What an option costs and loses.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Choice {
    /// Cost units.
    pub cost: u64,
    /// Loss; finite.
    pub loss: f64,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Solved {
    /// Which option of each layer.
    pub picks: Vec<usize>,
    /// Sum of their costs.
    pub cost: u64,
    /// Sum of their losses.
    pub loss: f64,
    /// Proven best; false where states ran out of room and the best known plan is given.
    pub exact: bool,
}

/// States carried from one layer to the next; 24 bytes each.
const MAX_STATES: usize = 200_000;

#[derive(Clone, Copy)]
struct State {
    cost: u64,
    loss: f64,
    /// State of the layer before, and the option taken.
    from: u32,
    pick: u32,
}

/// The picks of least loss within the budget, then of least cost; None where even the cheapest
/// options pass it.
pub fn solve(layers: &[Vec<Choice>], budget: u64) -> Option<Solved> {
    let mut best = greedy(layers, budget)?;
    // Suffixes: the least cost of what follows, and its relaxed front.
    let tails: Vec<Tail> =
        (0..=layers.len()).map(|i| Tail::of(layers.get(i..).unwrap_or_default())).collect();
    let mut levels: Vec<Vec<State>> = vec![vec![State { cost: 0, loss: 0.0, from: 0, pick: 0 }]];
    let mut exact = true;
    for (layer, tail) in layers.iter().zip(tails.iter().skip(1)) {
        let before = levels.last()?;
        let mut next: Vec<State> = Vec::new();
        for (pick, choice) in layer.iter().enumerate() {
            // As the states before it, these rise in cost.
            let taken = before.iter().enumerate().filter_map(|(from, state)| {
                let cost = state.cost.checked_add(choice.cost).filter(|c| *c <= budget)?;
                let loss = state.loss + choice.loss;
                // A hair of slack: sums of another order differ in their last bits.
                let good = loss + tail.bound(budget - cost)? <= best.loss + 1e-12 * (1.0 + best.loss.abs());
                good.then_some(State { cost, loss, from: from as u32, pick: pick as u32 })
            });
            next = merged(&next, taken);
        }
        let mut least = f64::INFINITY;
        next.retain(|s| {
            let better = s.loss < least;
            least = least.min(s.loss);
            better
        });
        if next.len() > MAX_STATES {
            exact = false;
            let step = next.len() as f64 / MAX_STATES as f64;
            next = (0..MAX_STATES).filter_map(|i| next.get((i as f64 * step) as usize).copied()).collect();
        }
        levels.push(next);
    }
    // The last level falls in loss as it rises in cost: its end is the best.
    let last = levels.last()?;
    if let Some(end) = last.len().checked_sub(1)
        && last.get(end).is_some_and(|s| s.loss <= best.loss)
    {
        let (mut at, mut picks) = (end, vec![0; layers.len()]);
        for (level, pick) in levels.iter().skip(1).zip(&mut picks).rev() {
            let state = level.get(at)?;
            *pick = state.pick as usize;
            at = state.from as usize;
        }
        best = total(layers, picks)?;
    }
    best.exact = exact;
    Some(best)
}

/// Two lists of states as one that rises in cost, then in loss; the first list's first among equals.
fn merged(a: &[State], b: impl Iterator<Item = State>) -> Vec<State> {
    let mut out = Vec::with_capacity(2 * a.len());
    let mut a = a.iter().copied().peekable();
    for state in b {
        let before = |s: &State| s.cost < state.cost || s.cost == state.cost && s.loss <= state.loss;
        while let Some(first) = a.next_if(before) {
            out.push(first);
        }
        out.push(state);
    }
    out.extend(a);
    out
}

/// Sums in the order of the layers.
fn total(layers: &[Vec<Choice>], picks: Vec<usize>) -> Option<Solved> {
    let (mut cost, mut loss) = (0u64, 0.0);
    for (layer, pick) in layers.iter().zip(&picks) {
        let choice = layer.get(*pick)?;
        cost = cost.checked_add(choice.cost)?;
        loss += choice.loss;
    }
    Some(Solved { picks, cost, loss, exact: false })
}

/// The corners of the lower left hull of one layer's options: (option, choice), rising in cost.
fn hull(layer: &[Choice]) -> Vec<(usize, Choice)> {
    let mut sorted: Vec<(usize, Choice)> = layer.iter().copied().enumerate().collect();
    sorted.sort_by(|(_, a), (_, b)| a.cost.cmp(&b.cost).then(a.loss.total_cmp(&b.loss)));
    let mut corners: Vec<(usize, Choice)> = Vec::new();
    for (option, choice) in sorted {
        if corners.last().is_some_and(|(_, last)| choice.loss >= last.loss) {
            continue;
        }
        while let [.., (_, a), (_, b)] = corners.as_slice() {
            if slope(a, b) > slope(a, &choice) {
                break;
            }
            corners.pop();
        }
        corners.push((option, choice));
    }
    corners
}

/// Loss saved for each unit of cost.
fn slope(from: &Choice, to: &Choice) -> f64 {
    (from.loss - to.loss) / (to.cost - from.cost).max(1) as f64
}

/// A step up one layer's hull.
struct Step {
    layer: usize,
    option: usize,
    cost: u64,
    saves: f64,
}

/// All steps of all hulls, best first; a layer's own stay in order.
fn steps(layers: &[Vec<Choice>]) -> Vec<Step> {
    let mut steps = Vec::new();
    for (layer, options) in layers.iter().enumerate() {
        for pair in hull(options).windows(2) {
            let [(_, a), (option, b)] = pair else { continue };
            steps.push((
                slope(a, b),
                Step { layer, option: *option, cost: b.cost - a.cost, saves: a.loss - b.loss },
            ));
        }
    }
    steps.sort_by(|(a, x), (b, y)| b.total_cmp(a).then(x.layer.cmp(&y.layer)).then(x.cost.cmp(&y.cost)));
    steps.into_iter().map(|(_, step)| step).collect()
}

/// Up the hulls while the budget lasts; a layer that has missed a step takes no later one.
fn greedy(layers: &[Vec<Choice>], budget: u64) -> Option<Solved> {
    let mut picks = Vec::with_capacity(layers.len());
    let mut cost = 0u64;
    for layer in layers {
        let (option, choice) = hull(layer).into_iter().next()?;
        cost = cost.checked_add(choice.cost)?;
        picks.push(option);
    }
    if cost > budget {
        return None;
    }
    let mut stuck = vec![false; layers.len()];
    for step in steps(layers) {
        let blocked = stuck.get_mut(step.layer)?;
        if *blocked || step.cost > budget - cost {
            *blocked = true;
            continue;
        }
        cost += step.cost;
        *picks.get_mut(step.layer)? = step.option;
    }
    total(layers, picks)
}

/// The relaxed problem (fractions of a step allowed) of some layers.
struct Tail {
    /// Corners (cost, loss), rising in cost; empty where a layer has no option.
    corners: Vec<(u64, f64)>,
}

impl Tail {
    fn of(layers: &[Vec<Choice>]) -> Self {
        Self { corners: relaxed_front(layers) }
    }

    /// No plan within this budget loses less; None where none fits.
    fn bound(&self, budget: u64) -> Option<f64> {
        let after = self.corners.partition_point(|(cost, _)| *cost <= budget);
        let (cost, loss) = *self.corners.get(after.checked_sub(1)?)?;
        let Some((next_cost, next_loss)) = self.corners.get(after) else { return Some(loss) };
        let part = (budget - cost) as f64 / (next_cost - cost) as f64;
        Some(loss + part * (next_loss - loss))
    }
}

/// The Pareto front of the relaxed problem: corners (cost, loss), rising in cost; between two the
/// front is straight. Every corner is a plan; no plan lies below the line.
pub fn relaxed_front(layers: &[Vec<Choice>]) -> Vec<(u64, f64)> {
    let mut at = (0u64, 0.0);
    for layer in layers {
        let Some((_, first)) = hull(layer).into_iter().next() else { return Vec::new() };
        at = (at.0.saturating_add(first.cost), at.1 + first.loss);
    }
    let mut corners = vec![at];
    for step in steps(layers) {
        at = (at.0.saturating_add(step.cost), at.1 - step.saves);
        corners.push(at);
    }
    corners
}
