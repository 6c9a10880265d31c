//! `exits search`: number, place and policy of exits under a budget. `reluctant.exits-search/1`; field names are a
//! contract: add, never rename.
//!
//! Every set of at most so many places is priced in each way to leave. How many inputs a head is sure of comes from data
//! (the model's own heads), by hand, or from a stated model: depth to a power, depth being the share of the MACs that it needs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::exit_sweep::Seen;
use super::model::Scored;
use crate::cost::{Ask, ExitCost};
use crate::error::{Code, Error, Result};
use crate::names::names;
use crate::onnx::Progress;

names! { "unit",
    /// What a budget of exits counts.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum ExitUnit {
        /// Of all parties, both phases; expected.
        #[default]
        Bytes = "bytes",
        /// Compute and link of both phases, the middle figure; expected.
        Seconds = "seconds",
    }
}

names! { "policy",
    /// Ways to leave.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum ExitPolicy {
        /// No exit.
        None = "none",
        /// One exit, chosen before the input is seen.
        Fixed = "fixed",
        /// A secure test at each exit that all parties see the answer of.
        Secure = "secure",
        /// All run, one is chosen obliviously.
        All = "all",
    }
}

/// What is looked for.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ExitSearchSettings {
    /// Values that may be exits, in the order of the network; the outputs of the model's activations where empty.
    pub at: Vec<String>,
    /// Share of the inputs that a head at each of them is sure of; empty: by [`ease`](Self::ease).
    pub sure: Vec<f64>,
    /// A head at depth d is sure of d to this power.
    pub ease: f64,
    /// Logits of each head that is put there.
    pub classes: u64,
    /// Exits at most, 1 to 3.
    pub most: usize,
    /// What the budget counts.
    pub unit: ExitUnit,
    /// What may be spent; None: anything.
    pub budget: Option<f64>,
    /// Bits that may leak; None: any.
    pub leak: Option<f64>,
}

impl Default for ExitSearchSettings {
    fn default() -> Self {
        Self {
            at: Vec::new(),
            sure: Vec::new(),
            ease: 1.0,
            classes: 10,
            most: 2,
            unit: ExitUnit::Bytes,
            budget: None,
            leak: None,
        }
    }
}

/// A place that may be an exit.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ExitCandidate {
    /// Name of the value.
    pub value: String,
    /// Share of the network's MACs that it needs: of what it is computed from.
    pub depth: f64,
    /// Share of the inputs that a head there is sure of; None where it was measured, by threshold.
    pub sure: Option<f64>,
}

/// One way to run the network.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ExitFound {
    /// Which.
    pub policy: ExitPolicy,
    /// Where it may be left.
    pub at: Vec<String>,
    /// Share of the inputs at each of those, and at the end.
    pub shares: Vec<f64>,
    /// Of a measured head: the public threshold.
    pub threshold: Option<f64>,
    /// Share of the inputs that a head which is sure of them answers, or the end; measured: the accuracy, or without labels
    /// the share of the end's classes.
    pub quality: f64,
    /// What it takes.
    pub cost: ExitCost,
}

/// What a search found.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ExitSearch {
    /// Always `reluctant.exits-search/1`.
    pub schema: &'static str,
    /// Id of the profile.
    pub protocol: &'static str,
    /// Its version.
    pub profile_version: u32,
    /// Id of the link.
    pub link: String,
    /// What the budget counts.
    pub unit: ExitUnit,
    /// What may be spent.
    pub budget: Option<f64>,
    /// Where the shares come from.
    pub sure_by: String,
    /// Where exits may be.
    pub candidates: Vec<ExitCandidate>,
    /// Ways that were priced.
    pub tried: u64,
    /// Those within budget and leak.
    pub within: u64,
    /// Of those what no other beats in cost, quality and leak at once, the cheapest first.
    pub found: Vec<ExitFound>,
    /// The best of them in quality, then in cost; None where nothing is within the budget.
    pub best: Option<usize>,
    /// What holds of every such report.
    pub note: &'static str,
}

const NOTE: &str = "Ours: after the idea of MESS (arXiv 2106.03527), which has no cryptography. Running all exits and choosing \
    obliviously is always dearer than no exits at all: of stated shares, where it answers no more inputs, it is tried and never \
    found; measured heads may be right where the end is not.";

/// Places that are tried at most; more are thinned evenly.
const MOST_PLACES: usize = 24;

impl Scored {
    /// Searches under the first protocol of the ask. With `seen` the candidates are the heads that were measured, in order.
    /// `progress` counts sets of places.
    ///
    /// # Errors
    /// `Cancelled` where `progress` says so; `InvalidSetting` for shares, a power or a number of exits that cannot be, a budget in seconds without compute
    /// times, work without a price; as [`Scored::exits`].
    pub fn exit_search(
        &self,
        wish: &ExitSearchSettings,
        seen: Option<&Seen>,
        ask: &Ask,
        progress: &mut Progress<'_>,
    ) -> Result<ExitSearch> {
        check(wish, seen)?;
        // Heads that are not chosen are no part of the network's end.
        let ends = self.ends(&wish.at)?;
        let mut candidates = self.exit_candidates(wish)?;
        if seen.is_some() {
            candidates.iter_mut().for_each(|candidate| candidate.sure = None);
        }
        let thresholds =
            seen.map_or_else(|| vec![None], |seen| seen.thresholds().into_iter().map(Some).collect());
        let (mut all, mut tried, mut head) = (Vec::new(), 0u64, None);
        let sets = sets(candidates.len(), wish.most);
        for (done, set) in sets.iter().enumerate() {
            if progress(done as u64, sets.len() as u64).is_break() {
                return Err(Error::new(Code::Cancelled, "the search was stopped"));
            }
            let at: Vec<String> =
                set.iter().filter_map(|i| Some(candidates.get(*i)?.value.clone())).collect();
            for threshold in &thresholds {
                let (shares, quality) = match (seen, threshold) {
                    (Some(seen), Some(threshold)) => {
                        let left = seen.left(set, *threshold);
                        let quality = left.accuracy.unwrap_or(left.agreement);
                        (left.shares, quality)
                    }
                    _ => (stated(&candidates, set), 1.0),
                };
                let report = self.exits_before(&ends, &at, &shares, wish.classes, ask)?;
                let found = |policy, at: &[String], shares: Vec<f64>, quality, cost: &ExitCost| ExitFound {
                    policy,
                    at: at.to_vec(),
                    shares,
                    threshold: match policy {
                        ExitPolicy::Secure | ExitPolicy::All => *threshold,
                        ExitPolicy::None | ExitPolicy::Fixed => None,
                    },
                    quality,
                    cost: cost.clone(),
                };
                let end = seen.map_or(1.0, |seen| {
                    let left = seen.left(&[], 0.0);
                    left.accuracy.unwrap_or(left.agreement)
                });
                if head.is_none() {
                    all.push(found(ExitPolicy::None, &[], vec![1.0], end, &report.exits.none));
                    tried += 1;
                }
                // A fixed exit depends on its place alone.
                if let ([only], [cost]) = (&set[..], &report.exits.fixed[..])
                    && (threshold.is_none() || *threshold == thresholds.first().copied().flatten())
                {
                    let quality = match seen {
                        Some(seen) => {
                            let left = seen.left(set, f64::NEG_INFINITY);
                            left.accuracy.unwrap_or(left.agreement)
                        }
                        None => candidates.get(*only).and_then(|one| one.sure).unwrap_or(0.0),
                    };
                    all.push(found(ExitPolicy::Fixed, &at, vec![1.0, 0.0], quality, cost));
                    tried += 1;
                }
                all.push(found(ExitPolicy::Secure, &at, shares.clone(), quality, &report.exits.secure));
                all.push(found(ExitPolicy::All, &at, shares, quality, &report.exits.all));
                tried += 2;
                head = Some((report.protocol, report.profile_version, report.link));
            }
        }
        let (protocol, profile_version, link) = head.ok_or_else(|| {
            Error::new(Code::InvalidSetting, "the model has no place where a head could read")
        })?;
        let spent = |found: &ExitFound| spent(found, wish.unit);
        let prices: Vec<f64> = all.iter().map(spent).collect::<Result<_>>()?;
        let fits = |(found, price): &(ExitFound, f64)| {
            wish.budget.is_none_or(|budget| *price <= budget)
                && wish.leak.is_none_or(|leak| found.cost.leak_bits <= leak)
        };
        let within: Vec<(ExitFound, f64)> = all.into_iter().zip(prices).filter(fits).collect();
        let kept = within.len() as u64;
        let found = front(within);
        let better = |a: &usize, b: &usize| {
            let quality = |i: &usize| found.get(*i).map_or(0.0, |found| found.quality);
            quality(a).total_cmp(&quality(b)).then(b.cmp(a))
        };
        let best = (0..found.len()).max_by(|a, b| better(a, b));
        Ok(ExitSearch {
            schema: "reluctant.exits-search/1",
            protocol,
            profile_version,
            link,
            unit: wish.unit,
            budget: wish.budget,
            sure_by: match seen {
                Some(seen) => format!("measured on {} samples", seen.samples()),
                None if wish.sure.is_empty() => {
                    format!("a stated model, not measured: depth to the power {}", wish.ease)
                }
                None => "by hand".to_owned(),
            },
            candidates,
            tried,
            within: kept,
            found,
            best,
            note: NOTE,
        })
    }

    /// Where exits may be, with the share of MACs that each needs.
    fn exit_candidates(&self, wish: &ExitSearchSettings) -> Result<Vec<ExitCandidate>> {
        let layers = &self.score.layers;
        let mut macs: BTreeMap<u32, u64> = BTreeMap::new();
        for layer in layers {
            *macs.entry(layer.index).or_default() += layer.macs.unwrap_or(0);
        }
        let all = macs.values().sum::<u64>().max(1);
        let depth = |name: &str| -> Result<f64> {
            let needed = self.rows.iter().zip(self.behind(name)?).filter(|(_, needed)| *needed);
            Ok(needed.filter_map(|(row, _)| macs.get(&row.index)).sum::<u64>() as f64 / all as f64)
        };
        let mut names = wish.at.clone();
        if names.is_empty() {
            for layer in layers {
                let whole = layer.shape.as_ref().is_some_and(|shape| shape.len() >= 2);
                // An output that is not named as a head is none.
                let inner = !self.is_output(&layer.output);
                if layer.activation.is_some()
                    && whole
                    && inner
                    && depth(&layer.output).is_ok_and(|depth| depth < 1.0)
                {
                    names.push(layer.output.clone());
                }
            }
            let step = names.len().div_ceil(MOST_PLACES).max(1);
            names = names.into_iter().step_by(step).collect();
        }
        let place = |(i, value): (usize, String)| {
            let depth = depth(&value)?;
            let sure = wish.sure.get(i).copied().unwrap_or_else(|| depth.powf(wish.ease));
            Ok(ExitCandidate { value, depth, sure: Some(sure) })
        };
        names.into_iter().enumerate().map(place).collect()
    }
}

fn check(wish: &ExitSearchSettings, seen: Option<&Seen>) -> Result<()> {
    let bad = |text: &str, hint: &str| Err(Error::new(Code::InvalidSetting, text).hint(hint));
    if !(1..=3).contains(&wish.most) {
        return bad("one to three exits are searched for", "--most 2");
    }
    if !wish.sure.is_empty() && wish.sure.len() != wish.at.len() {
        return bad(
            "each place has one share of inputs that a head there is sure of",
            "--at A,B --sure 0.4,0.7",
        );
    }
    if wish.sure.iter().any(|share| !(0.0..=1.0).contains(share)) {
        return bad("shares lie between 0 and 1", "--sure 0.4,0.7");
    }
    if !(wish.ease.is_finite() && wish.ease > 0.0) {
        return bad("the power of the stated model lies above 0", "--ease 1");
    }
    if wish.at.len() > MOST_PLACES {
        return bad("at most 24 places are tried", "name fewer with --at");
    }
    if seen.is_some() && wish.at.is_empty() {
        return bad("data tell of the model's own heads alone", "name their outputs with --at");
    }
    Ok(())
}

/// Sets of at least one and at most so many of `n` places, in order.
fn sets(n: usize, most: usize) -> Vec<Vec<usize>> {
    let mut all: Vec<Vec<usize>> = Vec::new();
    let mut last: Vec<Vec<usize>> = vec![Vec::new()];
    for _ in 0..most {
        let longer = |set: &Vec<usize>| {
            let from = set.last().map_or(0, |last| last + 1);
            (from..n).map(|next| set.iter().copied().chain([next]).collect()).collect::<Vec<_>>()
        };
        last = last.iter().flat_map(longer).collect();
        all.extend(last.iter().cloned());
    }
    all
}

/// Inputs that leave at the first head that is sure of them: those that it is sure of and none before was.
fn stated(candidates: &[ExitCandidate], set: &[usize]) -> Vec<f64> {
    let (mut before, mut shares) = (0f64, Vec::new());
    for sure in set.iter().filter_map(|i| candidates.get(*i)?.sure) {
        shares.push((sure - before).max(0.0));
        before = before.max(sure);
    }
    shares.push(1.0 - before);
    shares
}

fn spent(found: &ExitFound, unit: ExitUnit) -> Result<f64> {
    let refuse = |text: String, hint: &str| Err(Error::new(Code::InvalidSetting, text).hint(hint));
    let bound = if unit == ExitUnit::Bytes { found.cost.bytes_bound } else { found.cost.bound };
    if let (true, Some(why)) = (bound, found.cost.unpriced.first()) {
        return refuse(
            format!("a search ranks what has a price as a whole: {why}"),
            "take a protocol that prices all of it, such as semi2k",
        );
    }
    match (unit, found.cost.seconds) {
        (ExitUnit::Bytes, _) => Ok(found.cost.bytes as f64),
        (ExitUnit::Seconds, Some([_, middle, _])) => Ok(middle),
        (ExitUnit::Seconds, None) => {
            refuse("compute times of this protocol are not known".to_owned(), "--unit bytes")
        }
    }
}

/// What no other beats in price, quality and leak at once; the cheapest first.
fn front(mut all: Vec<(ExitFound, f64)>) -> Vec<ExitFound> {
    all.sort_by(|(a, x), (b, y)| {
        let leak = a.cost.leak_bits.total_cmp(&b.cost.leak_bits);
        x.total_cmp(y).then(b.quality.total_cmp(&a.quality)).then(leak)
    });
    let mut kept: Vec<ExitFound> = Vec::new();
    for (found, _) in all {
        // Those before cost no more.
        let beats = |other: &ExitFound| {
            other.quality >= found.quality && other.cost.leak_bits <= found.cost.leak_bits
        };
        if !kept.iter().any(beats) {
            kept.push(found);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::*;
    use crate::api::{Model, Settings, Terms};

    /// A head and the end, each right of one sample, and both of them together: running all exits tells nobody where a sample
    /// leaves, and is found with the threshold that it was measured at. By stated shares it never is.
    #[test]
    fn all_exits_are_found_where_measured_heads_beat_the_end() {
        let net = Model::example("resnet18-cifar100").unwrap().score(&Settings::default()).unwrap();
        let wish = ExitSearchSettings {
            at: vec!["/layer1/layer1.1/relu/Relu_1_output_0".to_owned()],
            classes: 100,
            most: 1,
            leak: Some(0.0),
            ..ExitSearchSettings::default()
        };
        // Sure of the first sample alone, and wrong of the second.
        let seen =
            Seen { heads: vec![vec![(0.9, 1), (0.1, 1)]], end: vec![0, 0], labels: Some(vec![1.0, 0.0]) };
        let ask: Ask = Terms::under("semi2k").into();
        let mut go = |_, _| std::ops::ControlFlow::Continue(());
        let found = net.exit_search(&wish, Some(&seen), &ask, &mut go).unwrap();
        let all: Vec<&ExitFound> = found.found.iter().filter(|one| one.policy == ExitPolicy::All).collect();
        assert_eq!(all.len(), 1, "{:?}", found.found);
        assert_eq!((all[0].quality, all[0].threshold), (1.0, Some(0.1)));
        let stated = net.exit_search(&wish, None, &ask, &mut go).unwrap();
        assert!(stated.found.iter().all(|one| one.policy != ExitPolicy::All));
        assert!(found.note.contains("of stated shares"), "{}", found.note);
    }
}
