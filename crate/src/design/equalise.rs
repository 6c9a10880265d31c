//! ReLU equalisation (DeepReShape, arXiv 2304.10593; the rule is worked out from the published networks): multipliers of
//! the stages' channels that put the stages' ReLUs in order of their criticality.
//!
//! R_k = ReLUs of stage k, the stem left out, is a polynomial of the multipliers; an order from most to least critical
//! asks for R strictly falling along it. For each admissible tuple of the other multipliers the smallest first one
//! (alpha) is taken. Blocks [2, 2, 2, 2], order 3, 2, 4, 1, multipliers of at least 2: (7,5,2) (5,5,3) (6,6,2) (5,7,2).

use crate::error::{Code, Error, Result};
use crate::limits::{MAX_EQUALISE_STEPS, MAX_EQUALISED};

/// ReLUs of a stage: `before` for each channel of the stage before (1 before the first), `own` for each of its own.
/// Any unit that all stages share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weight {
    /// Of channels that the stage reads.
    pub before: u64,
    /// Of channels that it makes.
    pub own: u64,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question<'a> {
    /// One for each stage.
    pub weights: &'a [Weight],
    /// Stages from the most critical to the least, from 1.
    pub order: &'a [u32],
    /// Least and largest multiplier.
    pub range: [u32; 2],
}

/// All tuples of multipliers, by the others and then the first, and whether the largest multiplier leaves some out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Equalised {
    /// One multiplier fewer than stages in each.
    pub multipliers: Vec<Vec<u32>>,
    /// There are tuples with a multiplier above the largest.
    pub bounded: bool,
}

/// Answers a question.
///
/// # Errors
/// `InvalidSetting` for an order that is no permutation of 2 to 6 stages, or a range without numbers; `LimitExceeded`
/// for too many answers.
pub fn equalise(question: &Question<'_>) -> Result<Equalised> {
    let Question { weights, order, range: [least, most] } = *question;
    let stages = weights.len();
    let refuse = |text: String| Error::new(Code::InvalidSetting, text);
    if !(2..=6).contains(&stages) {
        return Err(refuse(format!("{stages} stages: equalising takes 2 to 6")));
    }
    let mut sorted = order.to_vec();
    sorted.sort_unstable();
    if sorted.iter().copied().ne(1..=stages as u32) {
        return Err(refuse(format!("the order has to name each of the stages 1 to {stages} once")));
    }
    if least == 0 || most < least || most > 1 << 16 {
        return Err(refuse(format!("multipliers from {least} to {most}: from 1 to 65,536, least first")));
    }
    // rank[k]: 0 for the most critical.
    let mut rank = vec![0; stages];
    for (place, stage) in order.iter().enumerate() {
        if let Some(rank) = rank.get_mut(*stage as usize - 1) {
            *rank = place;
        }
    }
    let mut search =
        Search { weights, rank: &rank, least, found: Vec::new(), seen: Default::default(), steps: 0 };
    let caps = vec![most; stages - 1];
    search.descend(&caps, &mut Vec::new(), &mut Vec::new(), &mut |_| true)?;
    let mut multipliers = std::mem::take(&mut search.found);
    multipliers.sort_by(|a, b| (a.get(1..), a.first()).cmp(&(b.get(1..), b.first())));
    let bounded = search.cut(most, !multipliers.is_empty())?;
    Ok(Equalised { multipliers, bounded })
}

/// Depth first over the multipliers, alpha first and rising, so that the first to reach a tuple of the others is the
/// smallest.
struct Search<'a> {
    weights: &'a [Weight],
    rank: &'a [usize],
    least: u32,
    found: Vec<Vec<u32>>,
    seen: std::collections::BTreeSet<Vec<u32>>,
    steps: u64,
}

impl Search<'_> {
    /// `relus` are those of the stages so far; `accept` sees each new tuple and says whether to go on.
    fn descend(
        &mut self,
        caps: &[u32],
        chosen: &mut Vec<u32>,
        relus: &mut Vec<u128>,
        accept: &mut dyn FnMut(&[u32]) -> bool,
    ) -> Result<bool> {
        let stage = relus.len();
        let Some(weight) = self.weights.get(stage) else {
            let others = chosen.get(1..).unwrap_or_default().to_vec();
            if self.seen.insert(others) {
                if self.found.len() >= MAX_EQUALISED {
                    return Err(too_many());
                }
                self.found.push(chosen.clone());
                return Ok(accept(chosen));
            }
            return Ok(true);
        };
        let width = chosen.iter().fold(1u128, |product, factor| product.saturating_mul((*factor).into()));
        if stage == 0 {
            relus.push(u128::from(weight.before) + u128::from(weight.own));
            let on = self.descend(caps, chosen, relus, accept)?;
            relus.pop();
            return Ok(on);
        }
        let cap = caps.get(stage - 1).copied().unwrap_or(0);
        for factor in self.least..=cap {
            self.steps += 1;
            if self.steps > MAX_EQUALISE_STEPS {
                return Err(too_many());
            }
            let read = u128::from(weight.before).saturating_mul(width);
            let made = u128::from(weight.own).saturating_mul(width).saturating_mul(factor.into());
            let own = read.saturating_add(made);
            match self.fits(stage, own, relus) {
                Fit::TooFew => continue,
                // More channels make more ReLUs: nothing larger fits either.
                Fit::TooMany => break,
                Fit::Yes => {}
            }
            chosen.push(factor);
            relus.push(own);
            let on = self.descend(caps, chosen, relus, accept)?;
            chosen.pop();
            relus.pop();
            if !on {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn fits(&self, stage: usize, own: u128, before: &[u128]) -> Fit {
        let rank = self.rank.get(stage);
        let pairs = || before.iter().zip(self.rank);
        if pairs().any(|(relus, other)| Some(other) < rank && own >= *relus) {
            return Fit::TooMany;
        }
        if pairs().any(|(relus, other)| Some(other) > rank && own <= *relus) { Fit::TooFew } else { Fit::Yes }
    }

    /// Whether a tuple lies above the largest multiplier. Without an upper bound there is one wherever there are any;
    /// else those up to the bounds are searched.
    fn cut(&mut self, most: u32, any: bool) -> Result<bool> {
        let caps: Option<Vec<u32>> = (1..self.weights.len()).map(|stage| self.bound(stage, most)).collect();
        let Some(caps) = caps else {
            return Ok(any || self.cut_within(&vec![2 * most; self.rank.len() - 1], most)?);
        };
        if caps.iter().all(|cap| *cap <= most) { Ok(false) } else { self.cut_within(&caps, most) }
    }

    fn cut_within(&mut self, caps: &[u32], most: u32) -> Result<bool> {
        (self.found, self.seen, self.steps) = (Vec::new(), Default::default(), 0);
        let mut beyond = false;
        let mut accept = |tuple: &[u32]| {
            beyond = tuple.iter().any(|factor| *factor > most);
            !beyond
        };
        match self.descend(caps, &mut Vec::new(), &mut Vec::new(), &mut accept) {
            Ok(_) => Ok(beyond),
            // Where the search is too long to tell, some may be left out.
            Err(error) if error.code == Code::LimitExceeded => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// The largest value that the multiplier before `stage` can take in any tuple; None where there is none. Alpha is
    /// the smallest that a tuple admits.
    fn bound(&self, stage: usize, most: u32) -> Option<u32> {
        if self.weights.iter().skip(1).any(|weight| weight.before > 0) {
            // ReLUs on the channels that a stage reads: no product bounds them.
            return Some(2 * most);
        }
        let of = |at: usize| {
            self.weights.get(at).map_or(0, |weight| u128::from(weight.own) + u128::from(weight.before))
        };
        let least = |exponent: usize| u128::from(self.least).saturating_pow(exponent as u32);
        let limit = |n: u128| u32::try_from(n).unwrap_or(u32::MAX).min(1 << 20);
        let (mut bound, mut smallest): (Option<u32>, u32) = (None, self.least);
        for low in 0..stage {
            for high in stage..self.weights.len() {
                let others = least(high - low - 1);
                let ratio = of(low) / of(high).saturating_mul(others).max(1);
                if self.rank.get(low) < self.rank.get(high) {
                    bound = Some(bound.unwrap_or(u32::MAX).min(limit(ratio)));
                } else {
                    smallest = smallest.max(limit(ratio).saturating_add(1));
                }
            }
        }
        if stage == 1 { Some(bound.unwrap_or(u32::MAX).min(smallest)) } else { bound }
    }
}

enum Fit {
    TooFew,
    Yes,
    TooMany,
}

fn too_many() -> Error {
    Error::new(Code::LimitExceeded, "there are too many tuples of multipliers")
        .hint("Lower the largest multiplier, or raise the least.")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::tests::random::Random;
    use super::*;

    /// phi_k / 4^(k-1), times 4^(stages-1).
    fn weights(blocks: &[u32]) -> Vec<Weight> {
        let last = blocks.len() as u32 - 1;
        blocks
            .iter()
            .zip(0..)
            .map(|(n, k)| Weight { before: 0, own: u64::from(*n) << (2 * (last - k)) })
            .collect()
    }

    fn of(blocks: &[u32], order: &[u32], range: [u32; 2]) -> Equalised {
        equalise(&Question { weights: &weights(blocks), order, range }).unwrap()
    }

    fn sorted(mut all: Vec<Vec<u32>>) -> Vec<Vec<u32>> {
        all.sort();
        all
    }

    #[test]
    fn resnet18_and_34_come_to_the_published_names() {
        let found = of(&[2, 2, 2, 2], &[3, 2, 4, 1], [2, 64]);
        let want = [[7, 5, 2], [5, 5, 3], [6, 6, 2], [5, 7, 2]].map(Vec::from);
        assert_eq!(sorted(found.multipliers), sorted(want.to_vec()));
        assert!(!found.bounded);
        let found = of(&[3, 4, 6, 3], &[3, 2, 4, 1], [2, 64]);
        let want = [
            [11, 3, 2],
            [8, 3, 3],
            [6, 3, 4],
            [5, 3, 5],
            [4, 3, 6],
            [4, 3, 7],
            [9, 4, 2],
            [6, 4, 3],
            [5, 4, 4],
            [4, 4, 5],
            [7, 5, 2],
            [5, 5, 3],
            [4, 5, 4],
            [6, 6, 2],
            [4, 6, 3],
            [5, 7, 2],
            [4, 7, 3],
            [5, 8, 2],
            [4, 9, 2],
            [4, 10, 2],
        ]
        .map(Vec::from);
        assert_eq!(sorted(found.multipliers), sorted(want.to_vec()));
        assert!(!found.bounded);
    }

    /// Every tuple up to a cap, by the definition in fractions.
    fn naive(blocks: &[u32], order: &[u32], [least, most]: [u32; 2]) -> Vec<Vec<u32>> {
        let count = blocks.len() - 1;
        let span = (most - least + 1) as usize;
        let mut best: std::collections::BTreeMap<Vec<u32>, u32> = Default::default();
        for index in 0..span.pow(count as u32) {
            let tuple: Vec<u32> =
                (0..count).map(|at| least + (index / span.pow(at as u32) % span) as u32).collect();
            let relus: Vec<f64> = (0..blocks.len())
                .map(|k| {
                    let width: f64 = tuple[..k].iter().map(|x| f64::from(*x)).product();
                    f64::from(blocks[k]) * width / 4f64.powi(k as i32)
                })
                .collect();
            if order.windows(2).all(|w| relus[w[0] as usize - 1] > relus[w[1] as usize - 1]) {
                let alpha = best.entry(tuple[1..].to_vec()).or_insert(u32::MAX);
                *alpha = tuple[0].min(*alpha);
            }
        }
        best.into_iter().map(|(others, alpha)| [vec![alpha], others].concat()).collect()
    }

    #[test]
    fn two_hundred_random_questions_are_as_brute_force_says() {
        let mut random = Random::new(11);
        let (mut full, mut cut) = (0, 0);
        for case in 0..200 {
            let stages = 3 + random.below(3) as usize;
            let blocks: Vec<u32> = (0..stages).map(|_| 1 + random.below(9)).collect();
            let mut order: Vec<u32> = (1..=stages as u32).collect();
            for at in (1..stages).rev() {
                order.swap(at, random.below(at as u64 + 1) as usize);
            }
            let least = 1 + random.below(3);
            let most = least + [20, 14, 7][stages - 3] + random.below(4);
            let found = of(&blocks, &order, [least, most]);
            let want = naive(&blocks, &order, [least, most]);
            full += usize::from(!want.is_empty());
            // Beyond the cap there are more, or there are none.
            let wider = naive(&blocks, &order, [least, [60, 40, 14][stages - 3].max(most + 1)]);
            let more = wider.iter().any(|tuple| tuple.iter().any(|x| *x > most));
            assert!(found.bounded || !more, "{case}: {blocks:?} {order:?} {least} {most}");
            cut += usize::from(found.bounded);
            assert_eq!(
                sorted(found.multipliers),
                sorted(want),
                "{case}: {blocks:?} {order:?} {least} {most}"
            );
        }
        assert!(full > 60 && cut > 20 && cut < 180, "{full} {cut}");
    }

    #[test]
    fn an_open_end_is_said_and_a_strange_order_refused() {
        assert!(of(&[2, 2, 2], &[3, 2, 1], [2, 8]).bounded);
        let weights = weights(&[2, 2, 2]);
        for order in [&[1, 2][..], &[1, 2, 2], &[0, 1, 2], &[1, 2, 4]] {
            assert!(equalise(&Question { weights: &weights, order, range: [2, 8] }).is_err(), "{order:?}");
        }
        assert!(equalise(&Question { weights: &weights, order: &[1, 2, 3], range: [9, 8] }).is_err());
        let weights = self::weights(&[2, 2, 2, 2]);
        let all = Question { weights: &weights, order: &[4, 3, 2, 1], range: [2, 1000] };
        assert_eq!(equalise(&all).unwrap_err().code, Code::LimitExceeded);
    }
}
