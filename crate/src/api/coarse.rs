//! Coarse steps before a budget: ReLUs of whole stages, blocks, paths or groups of channels give way to the identity. They
//! come as a plan file, which is applied, measured and priced as any other.

use serde::{Deserialize, Serialize};

use super::replace::Workbench;
use crate::error::{Code, Error, Result};
use crate::ir::depend::depends_on_input;
use crate::ir::stages::stages;
use crate::names::names;
use crate::rewrite::{PLAN_SCHEMA, Plan, PlanLayer, PlanMask};
use crate::select::{Activation, Mask};

names! { "thinning",
    /// Which ReLUs of a block stay.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Thin {
        /// All but the last.
        First = "first",
        /// The last.
        Second = "second",
    }
}

/// What goes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CoarseSettings {
    /// Culling: stages that lose all, by name: `stem`, `S1`.
    pub cull: Vec<String>,
    /// Thinning: one of the two ReLUs of each block stays; a block with one keeps it.
    pub thin: Option<Thin>,
    /// ReLUs after sums go: those on the path of the shortcuts, which CryptoNAS prunes.
    pub skip: bool,
    /// One group of so many keeps its ReLU, the others pass as they are: our reading of ReLU-reuse.
    pub groups: Option<u32>,
}

impl Workbench {
    /// A plan that carries out coarse steps.
    ///
    /// # Errors
    /// `InvalidSetting` for a stage that is none, or no groups.
    pub fn coarse(&self, settings: &CoarseSettings) -> Result<Plan> {
        let (network, sites) = (&self.bench.network, &self.question.sites);
        let graph = &network.graph;
        let staged = stages(graph, &depends_on_input(graph));
        let spot = |a: &Activation| staged.node.get(a.node.0 as usize).copied().unwrap_or_default();
        let names = stage_names(self);
        if settings.groups == Some(0) {
            return Err(Error::new(Code::InvalidSetting, "there is at least one group"));
        }
        for name in &settings.cull {
            if !names.contains(name) {
                return Err(Error::new(Code::InvalidSetting, format!("no stage {name} has activations")));
            }
        }
        let goes = |place: usize, a: &Activation| {
            let block = spot(a);
            let mut mates = sites.iter().enumerate().filter(|(_, other)| block.1 > 0 && spot(other) == block);
            let (first, last) = (mates.next().map(|(at, _)| at), mates.next_back().map(|(at, _)| at));
            let is_last = last == Some(place);
            let thinned = match settings.thin {
                Some(Thin::First) => first.is_some() && is_last,
                Some(Thin::Second) => last.is_some() && !is_last,
                None => false,
            };
            let sum = graph.producer(a.input).is_some_and(|(_, node)| node.is("Add"));
            names.get(place).is_some_and(|name| settings.cull.contains(name))
                || thinned
                || settings.skip && sum
        };
        let mask = |(place, a): (usize, &Activation)| match settings.groups {
            _ if goes(place, a) => Mask::whole(&a.site, false),
            Some(groups) if groups > 1 => group(a, u64::from(groups)),
            _ => Mask::whole(&a.site, true),
        };
        let masks: Vec<Mask> = sites.iter().enumerate().map(mask).collect();
        let said = serde_json::to_string(settings).unwrap_or_default();
        Ok(identity_plan(self, &masks, ("coarse", said)))
    }
}

/// The stage of each activation, by name; the resolution where a network without blocks is one stage.
pub(super) fn stage_names(bench: &Workbench) -> Vec<String> {
    let (graph, sites) = (&bench.bench.network.graph, &bench.question.sites);
    let staged = stages(graph, &depends_on_input(graph));
    let of = |a: &Activation| {
        let place = staged.node.get(a.node.0 as usize).map_or(0, |(stage, _)| *stage);
        staged.list.get(place as usize).map_or_else(String::new, |stage| stage.name.clone())
    };
    let names: Vec<String> = sites.iter().map(of).collect();
    if names.iter().any(|name| name.starts_with('S')) {
        return names;
    }
    let resolution = |a: &Activation| match a.site.shape.as_slice() {
        [_, rest @ ..] if !rest.is_empty() => rest.iter().map(u64::to_string).collect::<Vec<_>>().join("x"),
        _ => "head".to_owned(),
    };
    sites.iter().map(resolution).collect()
}

/// The first of so many groups of channels, rounded up.
fn group(a: &Activation, groups: u64) -> Mask {
    let channels = a.site.channels();
    let axis = a.site.channel_axis;
    let shape =
        a.site.shape.iter().enumerate().map(|(at, size)| if at == axis { *size } else { 1 }).collect();
    let stay = channels.div_ceil(groups);
    Mask { shape, bits: (0..channels).map(|channel| channel < stay).collect() }
}

/// A plan of masks, the identity in place of what goes.
pub(super) fn identity_plan(bench: &Workbench, masks: &[Mask], settings: (&str, String)) -> Plan {
    let (network, sites) = (&bench.bench.network, &bench.question.sites);
    let layers: Vec<PlanLayer> = (sites.iter().zip(masks))
        .map(|(a, mask)| {
            let (elements, kept) = (a.site.elements(), mask.kept(&a.site));
            PlanLayer {
                output: network.output(a).to_owned(),
                node: network.graph.label(network.graph.node(a.node)),
                target: a.target.name().to_owned(),
                elements,
                kept,
                method: (kept < elements).then(|| "identity".to_owned()),
                mask: mask.uniform().is_none().then(|| PlanMask::of(mask)),
                coefficients: if kept < elements { vec![vec![0.0, 1.0]] } else { Vec::new() },
                drops: Vec::new(),
                mse: None,
                outside: None,
            }
        })
        .collect();
    let (name, said) = settings;
    Plan {
        schema: PLAN_SCHEMA.to_owned(),
        made_by: concat!("reluctant ", env!("CARGO_PKG_VERSION")).to_owned(),
        hash: network.hash().to_owned(),
        settings: vec![(name.to_owned(), said)],
        total: layers.iter().map(|layer| layer.elements).sum(),
        kept: layers.iter().map(|layer| layer.kept).sum(),
        layers,
    }
}
