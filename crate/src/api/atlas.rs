//! `atlas`: does counting ReLUs order networks as bytes and seconds do? Every pair of networks, under every profile that
//! prices both as a whole, over three links.

use serde::Serialize;

use super::diff::WholeCost;
use super::model::Scored;
use crate::cost::{self, Activations, Detail, Line, Pricing, Tariff, Terms, estimate};
use crate::csv::{self, Cell};
use crate::error::Result;

/// The links that are looked at.
pub const ATLAS_LINKS: [&str; 3] = ["lan", "wan", "mbit100"];

/// The JSON of `reluctant atlas --json`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Atlas {
    /// Always `reluctant.atlas/1`.
    pub schema: &'static str,
    /// Networks with ReLUs, in the order given. ReLU6 counts as ReLU.
    pub networks: Vec<AtlasNetwork>,
    /// One for each profile and link under which two networks or more have a whole price.
    pub entries: Vec<AtlasEntry>,
    /// Sums over `entries`.
    pub sums: PairCounts,
}

/// A network.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct AtlasNetwork {
    /// Id of the example, or file name.
    pub name: String,
    /// ReLU and ReLU6 elements.
    pub relus: u64,
}

/// A profile over a link.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct AtlasEntry {
    /// Profile id.
    pub protocol: &'static str,
    /// Its name, with the system or paper behind it.
    pub title: &'static str,
    /// Version of its constants and formulas.
    pub profile_version: u32,
    /// The link.
    pub link: &'static str,
    /// Networks that it prices as a whole: places in `networks`, with costs.
    pub priced: Vec<(u32, WholeCost)>,
    /// Pairs of these.
    pub pairs: PairCounts,
}

/// Pairs of networks with different ReLU counts, by what else says of their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PairCounts {
    /// All of them.
    pub pairs: u64,
    /// Fewer ReLUs, more bytes.
    pub bytes_against: u64,
    /// Fewer ReLUs, fewer bytes.
    pub bytes_with: u64,
    /// Fewer ReLUs, more seconds in both phases together, and the ranges are disjoint.
    pub seconds_against: u64,
    /// Fewer ReLUs, fewer seconds, and the ranges are disjoint.
    pub seconds_with: u64,
    /// Seconds are not known, or their ranges meet.
    pub seconds_open: u64,
}

impl PairCounts {
    /// Counts a pair; `a` has fewer ReLUs.
    fn add(&mut self, a: &WholeCost, b: &WholeCost) {
        self.pairs += 1;
        self.bytes_against += u64::from(a.bytes > b.bytes);
        self.bytes_with += u64::from(a.bytes < b.bytes);
        match seconds(a).zip(seconds(b)) {
            Some(([low, _], [_, high])) if low > high => self.seconds_against += 1,
            Some(([_, high], [low, _])) if high < low => self.seconds_with += 1,
            _ => self.seconds_open += 1,
        }
    }

    fn plus(&mut self, other: &Self) {
        self.pairs += other.pairs;
        self.bytes_against += other.bytes_against;
        self.bytes_with += other.bytes_with;
        self.seconds_against += other.seconds_against;
        self.seconds_with += other.seconds_with;
        self.seconds_open += other.seconds_open;
    }
}

/// Least and most seconds of both phases.
fn seconds(cost: &WholeCost) -> Option<[f64; 2]> {
    let ([low, _, high], [lower, _, higher]) = (cost.offline_seconds?, cost.online_seconds?);
    Some([low + lower, high + higher])
}

/// Every pair of the networks under every profile and link.
///
/// # Errors
/// As [`cost_of`](cost::cost_of).
pub fn atlas(networks: &[(String, Scored)]) -> Result<Atlas> {
    let relus = |scored: &Scored| {
        let totals = &scored.score.totals;
        totals.relu.elements + totals.activations.get("ReLU6").map_or(0, |tally| tally.elements)
    };
    // A count that misses nodes, or has nothing to count, orders nothing.
    let counted = |scored: &Scored| scored.score.coverage.unknown.is_empty() && relus(scored) > 0;
    let taken: Vec<(&String, &Scored)> =
        networks.iter().filter(|(_, scored)| counted(scored)).map(|(name, scored)| (name, scored)).collect();
    let (mut entries, mut sums) = (Vec::new(), PairCounts::default());
    for profile in cost::profiles() {
        for link in ATLAS_LINKS {
            let terms = Terms { link: Line::preset(link)?, ..Terms::default() };
            let tariff = Tariff::Published(profile);
            let pricing = Pricing::new(&tariff, &terms, &Activations::Keep);
            let mut priced = Vec::new();
            for ((_, scored), place) in taken.iter().zip(0u32..) {
                let found = estimate(&scored.rows, &pricing, Detail::Totals)?;
                priced.extend(Some((place, WholeCost::of(&found))).filter(|_| !found.bound));
            }
            let mut pairs = PairCounts::default();
            for (at, (a, first)) in priced.iter().enumerate() {
                for (b, second) in priced.iter().skip(at + 1) {
                    let of = |place: u32| taken.get(place as usize).map_or(0, |(_, scored)| relus(scored));
                    match of(*a).cmp(&of(*b)) {
                        std::cmp::Ordering::Less => pairs.add(first, second),
                        std::cmp::Ordering::Greater => pairs.add(second, first),
                        std::cmp::Ordering::Equal => {}
                    }
                }
            }
            if priced.len() > 1 {
                sums.plus(&pairs);
                let (protocol, title, profile_version) = (profile.id, profile.title, profile.version);
                entries.push(AtlasEntry { protocol, title, profile_version, link, priced, pairs });
            }
        }
    }
    let networks =
        taken.iter().map(|(name, scored)| AtlasNetwork { name: (*name).clone(), relus: relus(scored) });
    Ok(Atlas { schema: "reluctant.atlas/1", networks: networks.collect(), entries, sums })
}

/// A line for each profile, link and network that it prices: figures to cite, with the profile's version.
pub fn atlas_csv(atlas: &Atlas) -> String {
    let columns = [
        "protocol",
        "source",
        "profile_version",
        "link",
        "network",
        "relus",
        "bytes",
        "rounds",
        "seconds_low",
        "seconds_high",
        "pairs",
        "bytes_against",
        "seconds_against",
        "seconds_open",
    ];
    let mut text = csv::line(&columns.map(Cell::from)) + "\n";
    for entry in &atlas.entries {
        for (place, cost) in &entry.priced {
            let Some(network) = atlas.networks.get(*place as usize) else { continue };
            let [low, high] = seconds(cost).map_or([None; 2], |range| range.map(Some));
            let pairs = &entry.pairs;
            let cells: [Cell; 14] = [
                entry.protocol.into(),
                entry.title.into(),
                entry.profile_version.into(),
                entry.link.into(),
                (&network.name).into(),
                network.relus.into(),
                cost.bytes.into(),
                cost.rounds.into(),
                low.into(),
                high.into(),
                pairs.pairs.into(),
                pairs.bytes_against.into(),
                pairs.seconds_against.into(),
                pairs.seconds_open.into(),
            ];
            text += &(csv::line(&cells) + "\n");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::api::{Model, Settings, examples};
    use crate::cost::cost_of;

    /// Networks, ReLUs and costs are looked up anew, pairs are counted from both sides.
    #[test]
    fn pairs_are_those_of_a_naive_recount() {
        let networks: Vec<(String, Scored)> = examples()
            .iter()
            .map(|e| (e.id.to_owned(), Model::example(e.id).unwrap().score(&Settings::default()).unwrap()))
            .collect();
        let found = atlas(&networks).unwrap();
        assert_eq!(found.networks.len(), networks.len() - 1, "all but the transformer");
        let mut sums = PairCounts::default();
        for entry in &found.entries {
            let terms = Terms { link: Line::preset(entry.link).unwrap(), ..Terms::under(entry.protocol) };
            let ask = terms.into();
            let mut known = Vec::new();
            for (name, scored) in &networks {
                let relus: u64 = (scored.score.layers.iter().filter_map(|layer| layer.activation.as_ref()))
                    .filter(|a| a.kind == "ReLU" || a.kind == "ReLU6")
                    .map(|a| a.elements)
                    .sum();
                let e = cost_of(scored.rows(), &ask, Detail::Totals).unwrap().estimates.remove(0);
                if relus > 0 && !e.partial {
                    let range = e.offline.seconds.zip(e.online.seconds);
                    let range = range.map(|(a, b)| (a[0] + b[0], a[2] + b[2]));
                    known.push((relus, e.bytes_total, range, name));
                }
            }
            let mut want = PairCounts::default();
            for a in &known {
                for b in known.iter().filter(|b| a.0 < b.0) {
                    want.pairs += 1;
                    want.bytes_against += u64::from(a.1 > b.1);
                    want.bytes_with += u64::from(a.1 < b.1);
                    match (a.2, b.2) {
                        (Some(a), Some(b)) if a.0 > b.1 => want.seconds_against += 1,
                        (Some(a), Some(b)) if a.1 < b.0 => want.seconds_with += 1,
                        _ => want.seconds_open += 1,
                    }
                }
            }
            assert_eq!(entry.pairs, want, "{} {}", entry.protocol, entry.link);
            assert_eq!(entry.priced.len(), known.len());
            sums.plus(&want);
        }
        assert_eq!(found.sums, sums);
        assert!(sums.bytes_against > 0 && sums.seconds_against > 0 && sums.seconds_open > 0, "{sums:?}");
        let lines: usize = found.entries.iter().map(|entry| entry.priced.len()).sum();
        assert_eq!(atlas_csv(&found).lines().count(), lines + 1);
    }
}
