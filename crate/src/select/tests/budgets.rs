//! Budgets are met and never passed; the same question has the same answer.

use super::super::policy::{criticality_order, usual_order};
use super::super::{
    Descent, Evidence, Granularity, Mask, Policy, Problem, Selection, Site, descend, select, senet_ratios,
};
use super::network;

const GRANULARITIES: [Granularity; 6] = [
    Granularity::Pixel,
    Granularity::Spatial,
    Granularity::Channel,
    Granularity::Patch(2),
    Granularity::Layer,
    Granularity::Stage,
];

/// Elements that stay, counted one by one.
fn count(site: &Site, mask: &Mask) -> u64 {
    let axes = site.shape.len();
    (0..site.elements())
        .filter(|element| {
            let (mut left, mut at, mut stride) = (*element, 0, 1);
            for axis in (0..axes).rev() {
                let place = left % site.shape[axis];
                left /= site.shape[axis];
                at += if mask.shape[axis] == 1 { 0 } else { place * stride };
                stride *= mask.shape[axis];
            }
            mask.bits[at as usize]
        })
        .count() as u64
}

fn check(sites: &[Site], found: &Selection, budget: u64) {
    let mut cost = 0;
    for ((site, mask), kept) in sites.iter().zip(&found.masks).zip(&found.kept) {
        assert_eq!(count(site, mask), *kept);
        cost += kept * site.unit_cost;
    }
    assert_eq!(cost, found.cost);
    assert!(found.cost <= budget, "{} above {budget}", found.cost);
}

#[test]
fn every_policy_keeps_to_every_budget() {
    let (sites, evidence) = network(1);
    let total: u64 = sites.iter().map(Site::elements).sum();
    for policy in Policy::ALL.iter().copied() {
        for granularity in GRANULARITIES {
            for budget in (0..=total + 3).step_by(if granularity == Granularity::Pixel { 1 } else { 7 }) {
                let problem =
                    Problem { sites: &sites, granularity, budget, policy, evidence: &evidence, seed: 4 };
                let found = select(&problem).unwrap();
                check(&sites, &found, budget);
                if granularity == Granularity::Pixel {
                    assert_eq!(found.cost, budget.min(total), "{policy:?}: to the unit");
                }
                assert_eq!(found, select(&problem).unwrap(), "{policy:?} {granularity:?} again");
            }
            let all =
                Problem { sites: &sites, granularity, budget: total, policy, evidence: &evidence, seed: 4 };
            assert_eq!(select(&all).unwrap().cost, total);
        }
    }
}

#[test]
fn costs_per_layer_are_kept_to_as_well() {
    let (mut sites, evidence) = network(2);
    for (site, cost) in sites.iter_mut().zip([3, 1, 4, 1, 5, 9]) {
        site.unit_cost = cost;
    }
    for policy in Policy::ALL.iter().copied() {
        for granularity in GRANULARITIES {
            for budget in [0, 1, 17, 100, 399, 10_000] {
                let problem =
                    Problem { sites: &sites, granularity, budget, policy, evidence: &evidence, seed: 1 };
                check(&sites, &select(&problem).unwrap(), budget);
            }
        }
    }
}

#[test]
fn a_seed_changes_the_random_choice_only() {
    let (sites, evidence) = network(3);
    for policy in Policy::ALL.iter().copied() {
        let of = |seed| {
            let granularity = Granularity::Pixel;
            select(&Problem { sites: &sites, granularity, budget: 60, policy, evidence: &evidence, seed })
                .unwrap()
        };
        let drawn = matches!(policy, Policy::Random | Policy::Nested);
        assert_eq!(of(1) == of(2), !drawn, "{policy:?}");
    }
}

#[test]
fn uniform_keeps_the_same_share_everywhere() {
    let site = |channels: u64| Site { shape: vec![channels, 8, 8], channel_axis: 0, stage: 0, unit_cost: 1 };
    let sites = [site(16), site(32), site(64)];
    let evidence = Evidence::default();
    let problem = Problem {
        sites: &sites,
        granularity: Granularity::Pixel,
        budget: 1792,
        policy: Policy::Uniform,
        evidence: &evidence,
        seed: 0,
    };
    for (kept, site) in select(&problem).unwrap().kept.iter().zip(&sites) {
        let share = *kept as f64 / site.elements() as f64;
        assert!((share - 0.25).abs() < 0.005, "{share}");
    }
}

#[test]
fn dead_and_always_on_channels_go_first() {
    let site = Site { shape: vec![4, 3, 3], channel_axis: 0, stage: 0, unit_cost: 1 };
    let evidence = Evidence { positive: vec![vec![0.0, 0.5, 1.0, 0.9]], ..Evidence::default() };
    let kept = |budget| {
        let problem = Problem {
            sites: std::slice::from_ref(&site),
            granularity: Granularity::Channel,
            budget,
            policy: Policy::Balance,
            evidence: &evidence,
            seed: 0,
        };
        select(&problem).unwrap().masks[0].bits.clone()
    };
    assert_eq!(kept(18), [false, true, false, true]);
    assert_eq!(kept(9), [false, true, false, false]);
}

#[test]
fn culling_comes_before_thinning() {
    // Four stages of two layers, 100 each: S3 > S2 > S4 > S1.
    let site = |stage| Site { shape: vec![100], channel_axis: 0, stage, unit_cost: 1 };
    let sites: Vec<Site> = [0, 0, 1, 1, 2, 2, 3, 3].into_iter().map(site).collect();
    let kept = |budget, granularity| {
        let evidence = Evidence::default();
        let problem = Problem {
            sites: &sites,
            granularity,
            budget,
            policy: Policy::Criticality,
            evidence: &evidence,
            seed: 0,
        };
        select(&problem).unwrap().kept
    };
    assert_eq!(
        kept(500, Granularity::Layer),
        [0, 0, 100, 100, 100, 100, 100, 0],
        "the fourth stage is thinned"
    );
    assert_eq!(kept(450, Granularity::Pixel), [0, 0, 100, 100, 100, 100, 50, 0]);
    assert_eq!(kept(450, Granularity::Stage), [0, 0, 100, 100, 100, 100, 0, 0]);
    assert_eq!(usual_order(4), [2, 1, 3, 0]);
    // Equal ReLUs: the accuracy decides; a stage that alone is worse than the first comes last.
    assert_eq!(
        criticality_order(&[(0, 50.0, 10), (1, 60.0, 10), (2, 70.0, 10), (3, 40.0, 10)]),
        [2, 1, 0, 3]
    );
    // 10 points with 100 ReLUs weigh more than 11 with 10,000: 10 / 1.380 against 11 / 1.905.
    assert_eq!(criticality_order(&[(0, 50.0, 10), (1, 60.0, 100), (2, 61.0, 10_000)]), [1, 2, 0]);
}

#[test]
fn published_ratios_are_scaled_to_the_budget() {
    let lists = senet_ratios();
    assert_eq!(lists.len(), 19);
    let list = lists.iter().find(|l| l.name == "ResNet18_c100_relu50k").unwrap();
    // ResNet-18 at 32x32: a stem and four stages of four layers; the list keeps about 50 K.
    let sizes = [65536u64; 5].into_iter().chain([32768; 4]).chain([16384; 4]).chain([8192; 4]);
    let sites: Vec<Site> =
        sizes.map(|n| Site { shape: vec![n], channel_axis: 0, stage: 0, unit_cost: 1 }).collect();
    let published: f64 = sites.iter().zip(&list.ratios).map(|(s, r)| s.elements() as f64 * r).sum();
    let evidence = Evidence { ratios: list.ratios.clone(), ..Evidence::default() };
    let problem = Problem {
        sites: &sites,
        granularity: Granularity::Pixel,
        budget: published.round() as u64,
        policy: Policy::SenetRatios,
        evidence: &evidence,
        seed: 0,
    };
    let found = select(&problem).unwrap();
    assert_eq!(found.cost, problem.budget);
    for ((kept, site), ratio) in found.kept.iter().zip(&sites).zip(&list.ratios) {
        assert!((*kept as f64 - ratio * site.elements() as f64).abs() < 8.0, "{kept} of {ratio}");
    }
}

#[test]
fn evidence_that_is_missing_is_asked_for() {
    let (sites, _) = network(1);
    for policy in [Policy::Error, Policy::Senet, Policy::Balance] {
        let evidence = Evidence::default();
        let problem = Problem {
            sites: &sites,
            granularity: Granularity::Pixel,
            budget: 9,
            policy,
            evidence: &evidence,
            seed: 0,
        };
        assert_eq!(select(&problem).unwrap_err().code, crate::error::Code::InvalidSetting);
    }
}

#[test]
fn a_descent_finds_what_does_not_hurt() {
    let (sites, evidence) = network(5);
    let total: u64 = sites.iter().map(Site::elements).sum();
    for granularity in [Granularity::Pixel, Granularity::Channel, Granularity::Layer] {
        for budget in [0, 10, 77, total] {
            let problem = Problem {
                sites: &sites,
                granularity,
                budget,
                policy: Policy::Descent,
                evidence: &evidence,
                seed: 9,
            };
            // Only the first two sites matter.
            let mut asked = 0;
            let mut loss = |masks: &[Mask]| {
                asked += 1;
                let gone: u64 = masks.iter().zip(&sites).take(2).map(|(m, s)| s.elements() - m.kept(s)).sum();
                Ok(gone as f64)
            };
            let walk = Descent { rounds: 6, candidates: 5 };
            let found = descend(&problem, walk, &mut loss).unwrap();
            check(&sites, &found, budget);
            if granularity == Granularity::Pixel {
                assert_eq!(found.cost, budget, "to the unit");
            }
            assert!(asked <= 30);
            let again = descend(&problem, walk, &mut |masks: &[Mask]| {
                let gone: u64 = masks.iter().zip(&sites).take(2).map(|(m, s)| s.elements() - m.kept(s)).sum();
                Ok(gone as f64)
            });
            assert_eq!(again.unwrap(), found);
            if budget == 77 && granularity == Granularity::Pixel {
                let random = select(&Problem { policy: Policy::Random, ..problem }).unwrap();
                assert!(found.kept[0] + found.kept[1] > random.kept[0] + random.kept[1]);
            }
        }
    }
}
