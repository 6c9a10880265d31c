//! `exits`: a model that may stop early, priced in each way to do so. `reluctant.exits/1`; field names are a contract:
//! add, never rename.

use serde::Serialize;

use super::model::Scored;
use crate::cost::{self, Ask, Branch, End, ExitHead, Exits, Pricing, Tariff};
use crate::count::Row;
use crate::error::{Code, Error, Result};
use crate::ir::graph::{Graph, Node, ScopeId, ValueId};

/// A model with exits under one protocol.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ExitsReport {
    /// Always `reluctant.exits/1`.
    pub schema: &'static str,
    /// Id of the profile.
    pub protocol: &'static str,
    /// Its version.
    pub profile_version: u32,
    /// Id of the link.
    pub link: String,
    /// Logits of each exit.
    pub classes: u64,
    /// Where they are, as asked for, in the order of the network.
    pub at: Vec<ExitPlace>,
    /// Share of the inputs that goes to the end.
    pub end_share: f64,
    /// What each way costs.
    #[serde(flatten)]
    pub exits: Exits,
    /// What holds of every such report.
    pub note: &'static str,
}

/// An exit.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ExitPlace {
    /// Name of the value that its head reads.
    pub value: String,
    /// Channels there.
    pub channels: u64,
    /// Positions there, which a head averages where the network tells one class an input.
    pub positions: u64,
    /// What classifies there.
    pub head: ExitHead,
    /// Share of the inputs that stop there.
    pub share: f64,
}

/// Said with every report.
const NOTE: &str = "Work before the input is there is paid for the deepest exit whatever happens; only a fixed exit saves it. \
    A secure test tells all parties which exit was taken; a softmax is not needed where the threshold is on the largest logit. \
    Heads (average over all positions, one linear layer) and formulas are ours.";

impl Scored {
    /// This model with exits at values named `at`, where `shares` of the inputs stop, the last of them at the end, under the
    /// first protocol of the ask.
    ///
    /// # Errors
    /// `InvalidSetting` for a value that is none, has no known channels or lies in a branch of an `If`, and as
    /// `cost::exits`.
    pub fn exits(&self, at: &[String], shares: &[f64], classes: u64, ask: &Ask) -> Result<ExitsReport> {
        self.exits_before(&self.ends(at)?, at, shares, classes, ask)
    }

    /// The same of a network that ends in these values.
    pub(super) fn exits_before(
        &self,
        ends: &[ValueId],
        at: &[String],
        shares: &[f64],
        classes: u64,
        ask: &Ask,
    ) -> Result<ExitsReport> {
        let tariff = Tariff::of(ask.terms.first()?, &ask.terms)?;
        let pricing = Pricing::new(&tariff, &ask.terms, &ask.activations);
        let (graph, mut places) = (self.graph()?, Vec::new());
        let result = ends.first().and_then(|end| graph.sizes(*end)).unwrap_or_default();
        for (name, share) in at.iter().zip(shares.iter().copied().chain(std::iter::repeat(0.0))) {
            let value = value_of(graph, name)?;
            let branch = branch(graph, &self.rows, value, name, (&result, classes))?;
            let order = branch.reads.iter().copied().max();
            let place = ExitPlace {
                value: name.clone(),
                channels: branch.channels,
                positions: branch.positions,
                head: branch.head,
                share,
            };
            places.push((order, branch, place));
        }
        if ends.is_empty() {
            return Err(Error::new(
                Code::InvalidSetting,
                "one output of the network is its end, and no exit",
            ));
        }
        if !places.is_sorted_by_key(|(order, ..)| *order) {
            return Err(Error::new(
                Code::InvalidSetting,
                "exits are named in the order of the network, as their shares are",
            ));
        }
        let (branches, at): (Vec<Branch>, Vec<ExitPlace>) =
            places.into_iter().map(|(_, branch, place)| (branch, place)).unzip();
        let mut end: Vec<u32> = ends.iter().flat_map(|end| reads(graph, &self.rows, *end)).collect();
        end.sort_unstable();
        end.dedup();
        let end = End { reads: end, whole: graph.outputs.iter().all(|output| ends.contains(output)) };
        Ok(ExitsReport {
            schema: "reluctant.exits/1",
            protocol: tariff.id(),
            profile_version: tariff.profile().version,
            link: pricing.link.id.to_string(),
            classes,
            exits: cost::exits(&self.rows, &branches, &end, classes, shares, &pricing)?,
            end_share: shares.last().copied().unwrap_or(0.0),
            at,
            note: NOTE,
        })
    }

    /// Where the network ends: its `end_of`, as the others are heads; all outputs where none is named. Empty where all
    /// are named.
    ///
    /// # Errors
    /// `InvalidSetting` for a name that is none.
    pub(super) fn ends(&self, at: &[String]) -> Result<Vec<ValueId>> {
        let graph = self.graph()?;
        let named: Vec<ValueId> = at.iter().map(|name| value_of(graph, name)).collect::<Result<_>>()?;
        if !graph.outputs.iter().any(|output| named.contains(output)) {
            return Ok(graph.outputs.clone());
        }
        Ok(end_of(graph, &named).into_iter().collect())
    }

    /// Of each row: it is computed for the value of this name.
    ///
    /// # Errors
    /// `InvalidSetting` for a name that is none.
    pub(super) fn behind(&self, name: &str) -> Result<Vec<bool>> {
        let graph = self.graph()?;
        Ok(cost::behind(&self.rows, &reads(graph, &self.rows, value_of(graph, name)?)))
    }

    pub(super) fn is_output(&self, name: &str) -> bool {
        self.graph().is_ok_and(|graph| graph.outputs.iter().any(|output| graph.value(*output).name == name))
    }

    fn graph(&self) -> Result<&Graph> {
        let basis = self.basis.as_ref().ok_or_else(|| {
            Error::new(Code::InvalidSetting, "a score that came as a link has no values to leave at")
        })?;
        Ok(&basis.graph)
    }
}

/// The end of a network that has heads at some of the values named: the first other output that has as many axes as they
/// have, so that features beside the logits are no end; else the first other one.
pub(super) fn end_of(graph: &Graph, named: &[ValueId]) -> Option<ValueId> {
    let axes = |id: ValueId| graph.shape(id).map(<[_]>::len);
    let head = graph.outputs.iter().find(|output| named.contains(output)).and_then(|output| axes(*output));
    let mut others = graph.outputs.iter().copied().filter(|output| !named.contains(output));
    let first = others.clone().next();
    others.find(|output| head.is_some() && axes(*output) == head).or(first)
}

/// A value of the main graph by its name, or by that of the node that makes it.
pub(super) fn value_of(graph: &Graph, name: &str) -> Result<ValueId> {
    let mut made = graph.nodes.iter().flat_map(|node| {
        let names = node.outputs.iter().flatten().copied().map(|id| (graph.value(id).name.as_str(), id));
        let own = node.output(0).map(|id| (node.name.as_str(), id));
        names.chain(own)
    });
    let found = made.find(|(other, _)| *other == name).map(|(_, id)| id);
    found.ok_or_else(|| {
        let error = Error::new(Code::InvalidSetting, "no layer makes a value of this name").value(name);
        error.hint("Outputs of layers are in `reluctant score --json`, as `output`.")
    })
}

/// Where a head at `value` would read.
fn branch(
    graph: &Graph,
    rows: &[Row],
    value: ValueId,
    name: &str,
    (result, classes): (&[u64], u64),
) -> Result<Branch> {
    let refuse = |text: &str| Err(Error::new(Code::InvalidSetting, text).value(name));
    let chooses = |node: &Node| {
        let known = node.input(0).and_then(|v| graph.value(v).constant.as_ref()?.scalar());
        node.is("If") && known.is_none()
    };
    if graph.producer(value).is_some_and(|(_, node)| node.scope != ScopeId(0) || chooses(node)) {
        return refuse(
            "this value lies in a body of If, Loop or Scan, or an If makes it: on encrypted data nobody knows which branch to \
             run, so both run, and no exit saves anything there",
        );
    }
    let Some(sizes) = graph.sizes(value) else {
        return refuse("the sizes of this value are not known: set the input's shape");
    };
    let [batch, channels, rest @ ..] = &sizes[..] else {
        return refuse("a head reads samples of channels: this value has fewer than two axes");
    };
    let reads = reads(graph, rows, value);
    if reads.is_empty() {
        return refuse("nothing is computed before this value");
    }
    let positions = rest.iter().try_fold(1u64, |all, size| all.checked_mul(*size));
    let Some(positions) = positions.filter(|n| *n > 0) else {
        return refuse("this value holds nothing");
    };
    let (head, result) = match result {
        _ if graph.outputs.contains(&value) => (ExitHead::Own, product(result)),
        [_, _, places @ ..] if product(places) > 1 => (ExitHead::EachPosition, product(result)),
        _ => (ExitHead::Pooled, batch.saturating_mul(classes)),
    };
    Ok(Branch { reads, batch: *batch, channels: *channels, positions, head, result })
}

fn product(sizes: &[u64]) -> u64 {
    sizes.iter().fold(1, |all, size| all.saturating_mul(*size))
}

/// Positions of the nearest rows with work behind a value, rising.
fn reads(graph: &Graph, rows: &[Row], value: ValueId) -> Vec<u32> {
    let mut found = Vec::new();
    let mut seen = vec![false; graph.values.len()];
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        if seen.get_mut(value.0 as usize).is_none_or(|seen| std::mem::replace(seen, true)) {
            continue;
        }
        let Some((id, node)) = graph.producer(value) else { continue };
        match rows.iter().position(|row| row.index == id.0) {
            Some(position) => found.push(position as u32),
            None => open.extend(node.inputs.iter().flatten()),
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}
