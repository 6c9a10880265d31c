//! One random map over the largest layer, averaged to the size of every other: what is low in one is low in all.

use super::random::Random;
use super::site::Site;
use crate::count::Granularity;

/// Scores of the places of the largest layer.
#[derive(Debug, Default)]
pub(super) struct Map {
    height: u64,
    width: u64,
    scores: Vec<f64>,
}

/// Rows and columns of a layer; a layer without places has one.
fn places(site: &Site) -> (u64, u64) {
    let axes = site.shape.iter().enumerate().filter(|(axis, _)| *axis != site.channel_axis);
    let sizes: Vec<u64> = axes.map(|(_, size)| *size).collect();
    match sizes.split_last() {
        Some((width, rest)) => (rest.iter().product(), *width),
        None => (1, 1),
    }
}

impl Map {
    pub(super) fn over(sites: &[Site], random: &mut Random) -> Self {
        let (height, width) = sites.iter().map(places).max_by_key(|(h, w)| h * w).unwrap_or_default();
        Self { height, width, scores: (0..height * width).map(|_| random.unit()).collect() }
    }

    /// The average over what a place of a layer of `height` x `width` covers.
    fn score(&self, (y, x): (u64, u64), (height, width): (u64, u64)) -> f64 {
        let covered = |at: u64, of: u64, all: u64| {
            let start = at * all / of.max(1);
            start..((at + 1) * all).div_ceil(of.max(1)).max(start + 1).min(all.max(1))
        };
        let (mut sum, mut n) = (0.0, 0.0);
        for row in covered(y, height, self.height) {
            for column in covered(x, width, self.width) {
                sum += self.scores.get((row * self.width + column) as usize).copied().unwrap_or(0.0);
                n += 1.0;
            }
        }
        if n > 0.0 { sum / n } else { 0.0 }
    }

    /// The score of each element's place.
    pub(super) fn elements(&self, site: &Site) -> Vec<f32> {
        let size = places(site);
        let of_place = |place: u64| self.score((place / size.1.max(1), place % size.1.max(1)), size) as f32;
        let scores: Vec<f32> = (0..size.0 * size.1).map(of_place).collect();
        let score = |e| scores.get(Granularity::Spatial.unit_of(site, e) as usize).copied().unwrap_or(0.0);
        (0..site.elements()).map(score).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use super::super::{Evidence, Policy, Problem, select};
    use super::*;

    fn site(channels: u64, side: u64) -> Site {
        Site { shape: vec![channels, side, side], channel_axis: 0, stage: 0, unit_cost: 1 }
    }

    /// Layers of one size share their mask but for what the rest of the budget holds; each keeps its share; a place of a smaller layer stays where
    /// the map is high under it.
    #[test]
    fn masks_come_from_one_map() {
        let sites = [site(2, 16), site(5, 16), site(4, 8), site(3, 1)];
        let total: u64 = sites.iter().map(Site::elements).sum();
        let evidence = Evidence::default();
        for seed in 0..10 {
            let problem = Problem {
                sites: &sites,
                granularity: Granularity::Spatial,
                budget: total * 7 / 10,
                policy: Policy::Nested,
                evidence: &evidence,
                seed,
            };
            let found = select(&problem).unwrap();
            assert!(found.cost <= problem.budget);
            let [fine, same, coarse, _] = &found.masks[..] else { panic!() };
            let differ = fine.bits.iter().zip(&same.bits).filter(|(a, b)| a != b).count();
            assert!(differ <= 4, "{differ}");
            for (mask, site) in found.masks.iter().zip(&sites).take(3) {
                let share = mask.kept(site) as f64 / site.elements() as f64;
                assert!((share - 0.7).abs() < 0.03, "{share}");
            }
            // The 2 x 2 places under those that stay keep more than those under the others.
            let under = |on: bool| {
                let places = coarse.bits.iter().enumerate().filter(|(_, bit)| **bit == on);
                let kept = |at: usize| {
                    let (y, x) = (2 * (at / 8), 2 * (at % 8));
                    [(y, x), (y, x + 1), (y + 1, x), (y + 1, x + 1)]
                        .iter()
                        .filter(|(y, x)| fine.bits[y * 16 + x])
                        .count() as f64
                };
                let (sum, n) = places.fold((0.0, 0.0), |(sum, n), (at, _)| (sum + kept(at), n + 1.0));
                sum / n
            };
            assert!(under(true) > under(false) + 0.5, "{} {}", under(true), under(false));
        }
    }
}
