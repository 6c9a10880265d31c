//! Oracles: every plan of small instances tried; budgets; repeatability.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod budgets;
mod drops;
mod exact;

use super::random::Random;
use super::{Evidence, Site};

/// A small network: sites of several shapes in stages, and everything known of them.
fn network(seed: u64) -> (Vec<Site>, Evidence) {
    let mut random = Random::new(seed);
    let shapes: [&[u64]; 6] = [&[3, 4, 4], &[3, 4, 4], &[5, 2, 3], &[7], &[6, 1, 2], &[2, 5]];
    let sites: Vec<Site> = shapes
        .iter()
        .zip(0u32..)
        .map(|(shape, i)| Site {
            shape: shape.to_vec(),
            // The last one is a transformer's: channels behind the sequence.
            channel_axis: usize::from(i == 5),
            stage: i / 2,
            unit_cost: 1,
        })
        .collect();
    let mut per_channel =
        || sites.iter().map(|site| (0..site.channels()).map(|_| random.unit()).collect()).collect();
    let (error, positive) = (per_channel(), per_channel());
    let evidence = Evidence {
        sensitivity: sites.iter().map(|_| random.unit()).collect(),
        error,
        positive,
        difference: sites
            .iter()
            .map(|site| (0..site.elements()).map(|_| random.unit() as f32).collect())
            .collect(),
        ratios: sites.iter().map(|_| random.unit()).collect(),
        ..Evidence::default()
    };
    (sites, evidence)
}
