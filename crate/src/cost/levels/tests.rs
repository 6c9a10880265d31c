//! The planner against every plan there is, on small graphs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::greedy::greedy;
use super::ops::{Choice, Op};
use super::search::{Pay, search};

const FRESH: u32 = 5;
const REFRESHED: u32 = 4;

/// Numbers that look random and are the same in each run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

fn graph(dice: &mut Dice) -> Vec<Op> {
    let length = 2 + dice.roll(4) as usize;
    (0..length)
        .map(|position| {
            let mut reads: Vec<usize> = match position {
                0 => Vec::new(),
                _ => (0..dice.roll(3))
                    .map(|_| dice.roll(position as u64) as usize)
                    .chain([position - 1])
                    .collect(),
            };
            reads.sort_unstable();
            reads.dedup();
            reads.truncate(2);
            Op {
                reads,
                need: dice.roll(5) as u32,
                above: dice.roll(4) as f64 * 0.75,
                makes: 1,
                refresh: 1.0 + dice.roll(8) as f64,
                refreshes: dice.roll(8) > 0,
                opens: false,
            }
        })
        .map(|op| if op.refreshes { op } else { Op { need: 0, above: 0.0, ..op } })
        .collect()
}

/// Every subset of reads refreshed and every level, one operation after another, with all values at hand.
fn brute_force(ops: &[Op], at: usize, made: &[u32], spent: f64, pay: Pay, best: &mut f64) {
    if spent >= *best {
        return;
    }
    let Some(op) = ops.get(at) else {
        *best = spent;
        return;
    };
    let subsets = if op.refreshes { 1_u32 << op.reads.len() } else { 1 };
    for subset in 0..subsets {
        let (mut made, mut spent) = (made.to_vec(), spent);
        for (bit, read) in op.reads.iter().enumerate() {
            if subset >> bit & 1 == 1 {
                made[*read] = REFRESHED;
                spent += if pay == Pay::Seconds { ops[*read].refresh } else { 1.0 };
            }
        }
        let most = op.reads.iter().map(|read| made[*read]).min().unwrap_or(FRESH);
        for level in op.need..=most {
            let above = if pay == Pay::Seconds { op.above * f64::from(level.saturating_sub(2)) } else { 0.0 };
            made.push(level - op.need);
            brute_force(ops, at + 1, &made, spent + above, pay, best);
            made.pop();
        }
    }
}

/// What choices cost, played through; None where an operation lacks levels.
fn played(ops: &[Op], choices: &[Choice], pay: Pay) -> Option<f64> {
    let (mut made, mut spent): (Vec<u32>, f64) = (Vec::new(), 0.0);
    for (op, choice) in ops.iter().zip(choices) {
        for read in &choice.refreshes {
            made[*read] = REFRESHED;
            spent += if pay == Pay::Seconds { ops[*read].refresh } else { 1.0 };
        }
        let most = op.reads.iter().map(|read| made[*read]).min().unwrap_or(FRESH);
        if choice.level > most || choice.level < op.need {
            return None;
        }
        if pay == Pay::Seconds {
            spent += op.above * f64::from(choice.level.saturating_sub(2));
        }
        made.push(choice.level - op.need);
    }
    Some(spent)
}

#[test]
fn no_plan_is_better() {
    let (mut dice, mut refreshed, mut better) = (Dice(7), 0, 0);
    for case in 0..200 {
        let ops = graph(&mut dice);
        for pay in [Pay::Seconds, Pay::Refreshes] {
            let (choices, cost) = search(&ops, FRESH, REFRESHED, pay).expect("five values at most");
            let mut best = f64::INFINITY;
            brute_force(&ops, 0, &[], 0.0, pay, &mut best);
            assert!((cost - best).abs() < 1e-9, "{case}: {cost} where {best} does: {ops:?}");
            let by_hand = played(&ops, &choices, pay).expect("enough levels");
            assert!((by_hand - cost).abs() < 1e-9, "{case}: {by_hand} for {cost}");
            let greedy = played(&ops, &greedy(&ops, FRESH, REFRESHED), pay).expect("enough levels");
            assert!(greedy >= cost - 1e-9, "{case}: greedy {greedy}, {cost}");
            better += usize::from(pay == Pay::Seconds && greedy > cost + 1e-9);
            refreshed += usize::from(choices.iter().any(|choice| !choice.refreshes.is_empty()));
        }
    }
    // The graphs ask something of the planner.
    assert!(refreshed > 100 && better > 50, "{refreshed} with refreshes, {better} where greedy is dearer");
}

/// Six values that one operation reads at the end are alive at once: too many.
#[test]
fn wide_cuts_are_not_searched() {
    let op =
        |reads: Vec<usize>| Op { reads, need: 1, makes: 1, refresh: 1.0, refreshes: true, ..Op::default() };
    let wide: Vec<Op> = (0..6).map(|_| op(Vec::new())).chain([op((0..6).collect())]).collect();
    assert!(search(&wide, FRESH, REFRESHED, Pay::Seconds).is_none());
    assert_eq!(greedy(&wide, FRESH, REFRESHED).len(), 7);
}

/// What has no price asks for nothing and leaves a fresh value: neither side of it is refreshed for the other.
#[test]
fn what_has_no_price_is_a_border() {
    let op = |reads: Vec<usize>, need| Op {
        reads,
        need,
        makes: 1,
        refresh: 1.0,
        refreshes: true,
        ..Op::default()
    };
    let border = Op { reads: vec![0], opens: true, makes: 1, ..Op::default() };
    let cost = |ops: &[Op]| search(ops, FRESH, REFRESHED, Pay::Seconds).expect("narrow").1;
    assert_eq!(cost(&[op(vec![], 5), border, op(vec![1], 4)]), 0.0);
    assert_eq!(cost(&[op(vec![], 5), op(vec![0], 4)]), 1.0);
}
