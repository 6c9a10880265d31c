//! Exact choices against all plans.

use super::super::random::Random;
use super::super::{Choice, Granularity, Policy, Problem, Site, relaxed_front, select, solve};
use super::network;

/// (cost, loss) of every plan.
fn plans(layers: &[Vec<Choice>]) -> Vec<(u64, f64)> {
    layers.iter().fold(vec![(0, 0.0)], |plans, layer| {
        let next = |(cost, loss): &(u64, f64)| {
            let (cost, loss) = (*cost, *loss);
            layer.iter().map(move |c| (cost + c.cost, loss + c.loss)).collect::<Vec<_>>()
        };
        plans.iter().flat_map(next).collect()
    })
}

fn instance(random: &mut Random) -> Vec<Vec<Choice>> {
    let layers = 1 + random.below(7);
    // Few sizes, as in a network, in half of the instances.
    let sizes = if random.below(2) == 0 { 4 } else { 1000 };
    let mut layer = || {
        let options = 1 + random.below(4);
        (0..options).map(|_| Choice { cost: random.below(sizes) as u64, loss: random.unit() - 0.2 }).collect()
    };
    (0..layers).map(|_| layer()).collect()
}

#[test]
fn the_choice_is_the_best_of_all_plans() {
    let mut random = Random::new(11);
    for case in 0..200 {
        let layers = instance(&mut random);
        let plans = plans(&layers);
        let most = plans.iter().map(|(cost, _)| *cost).max().unwrap();
        let budget = random.below(most as usize + 2) as u64;
        let fitting = plans.iter().filter(|(cost, _)| *cost <= budget);
        let best = fitting.clone().map(|(_, loss)| *loss).min_by(f64::total_cmp);
        let solved = solve(&layers, budget);
        let Some(best) = best else {
            assert!(solved.is_none(), "case {case}");
            continue;
        };
        let solved = solved.unwrap();
        assert!(solved.exact && solved.cost <= budget, "case {case}");
        assert!((solved.loss - best).abs() < 1e-12, "case {case}: {} against {best}", solved.loss);
        let least = fitting.filter(|(_, loss)| (loss - best).abs() < 1e-12).map(|(cost, _)| *cost).min();
        assert_eq!(Some(solved.cost), least, "case {case}: of equals, the cheapest");
        let by_hand: u64 = solved.picks.iter().zip(&layers).map(|(pick, layer)| layer[*pick].cost).sum();
        assert_eq!(by_hand, solved.cost);
    }
}

#[test]
fn no_plan_lies_below_the_relaxed_front() {
    let mut random = Random::new(12);
    for _ in 0..200 {
        let layers = instance(&mut random);
        let (front, plans) = (relaxed_front(&layers), plans(&layers));
        for corner in &front {
            let met = |p: &&(u64, f64)| p.0 == corner.0 && (p.1 - corner.1).abs() < 1e-12;
            assert!(plans.iter().any(|p| met(&p)), "a corner is a plan");
        }
        for pair in front.windows(2) {
            assert!(pair[0].0 < pair[1].0 && pair[0].1 > pair[1].1);
            for (cost, loss) in &plans {
                if (pair[0].0..=pair[1].0).contains(cost) {
                    let part = (cost - pair[0].0) as f64 / (pair[1].0 - pair[0].0) as f64;
                    assert!(*loss >= pair[0].1 + part * (pair[1].1 - pair[0].1) - 1e-12);
                }
            }
        }
    }
}

#[test]
fn layers_and_stages_are_chosen_exactly() {
    for seed in 0..200 {
        let (mut sites, evidence) = network(seed);
        let mut random = Random::new(seed);
        for site in &mut sites {
            site.unit_cost = 1 + random.below(5) as u64;
        }
        let value = |site: usize| {
            let n = sites[site].elements() / sites[site].channels();
            evidence.error[site].iter().sum::<f64>() * n as f64 * evidence.sensitivity[site]
        };
        let cost = |site: &Site| site.elements() * site.unit_cost;
        let total: u64 = sites.iter().map(cost).sum();
        let budget = random.below(total as usize + 1) as u64;
        for (granularity, groups) in [
            (Granularity::Layer, vec![vec![0], vec![1], vec![2], vec![3], vec![4], vec![5]]),
            (Granularity::Stage, vec![vec![0, 1], vec![2, 3], vec![4, 5]]),
        ] {
            let problem = Problem {
                sites: &sites,
                granularity,
                budget,
                policy: Policy::Error,
                evidence: &evidence,
                seed: 0,
            };
            let found = select(&problem).unwrap();
            let lost = |kept: &dyn Fn(usize) -> bool| -> f64 {
                groups.iter().flatten().filter(|site| !kept(**site)).map(|site| value(*site)).sum()
            };
            let best = (0..1u32 << groups.len())
                .filter_map(|bits| {
                    let kept = |site: usize| {
                        groups.iter().zip(0..).any(|(g, i)| bits >> i & 1 == 1 && g.contains(&site))
                    };
                    let spent: u64 = (0..6).filter(|s| kept(*s)).map(|s| cost(&sites[s])).sum();
                    (spent <= budget).then(|| lost(&kept))
                })
                .min_by(f64::total_cmp)
                .unwrap();
            let mine = lost(&|site| found.kept[site] > 0);
            assert!((mine - best).abs() < 1e-9, "seed {seed} {granularity:?}: {mine} against {best}");
            assert!(found.exact && found.cost <= budget);
        }
    }
}

#[test]
fn a_network_of_many_layers_is_solved() {
    // 60 layers of five sizes and six options each.
    let mut random = Random::new(5);
    let layers: Vec<Vec<Choice>> = (0..60)
        .map(|i| {
            let size = 65_536u64 >> (i / 12);
            (0..6u64).map(|o| Choice { cost: size * o / 5, loss: random.unit() / (1.0 + o as f64) }).collect()
        })
        .collect();
    let solved = solve(&layers, 400_000).unwrap();
    assert!(solved.exact && solved.cost <= 400_000);
    let front = relaxed_front(&layers);
    let floor = front.iter().rev().find(|(cost, _)| *cost <= 400_000).unwrap().1;
    assert!(solved.loss <= floor, "a corner within the budget is a plan");
}
