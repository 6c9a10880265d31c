//! A draft as a plan file, and a plan file held against the model.

use std::rc::Rc;

use super::draft::{Draft, Part};
use super::fit::{Fitted, TRIAL, Way};
use super::network::Network;
use super::question::Question;
use crate::error::{Code, Error, Result};
use crate::poly::Method;
use crate::rewrite::{PLAN_SCHEMA, Plan, PlanLayer, PlanMask};
use crate::select::Mask;

/// The plan file of a draft.
pub fn plan(network: &Network, question: &Question, draft: &Draft) -> Plan {
    let layer = |part: Part<'_>| {
        let (elements, kept) = part.counts();
        let changes = part.changes();
        PlanLayer {
            output: network.output(part.activation).to_owned(),
            node: network.graph.label(network.graph.node(part.activation.node)),
            target: part.activation.target.name().to_owned(),
            elements,
            kept,
            method: changes.then(|| part.way.method.name().to_owned()),
            mask: (kept > 0 && changes).then(|| PlanMask::of(part.mask)),
            coefficients: part.polynomials().to_vec(),
            drops: part.drops().iter().map(|one| network.graph.value(one.value).name.clone()).collect(),
            mse: changes.then(|| part.fit.error()),
            outside: changes.then_some(part.fit.outside),
        }
    };
    let layers: Vec<PlanLayer> = draft.parts(&question.sites).map(layer).collect();
    let wish = &question.wish;
    let method = if wish.drop_outputs { Method::Identity.name() } else { &wish.method };
    let settings = [
        ("budget", wish.budget.clone()),
        ("policy", wish.policy.clone()),
        ("granularity", wish.granularity.clone()),
        ("method", method.to_owned()),
        ("degree", wish.degree.to_string()),
        ("per_channel", wish.per_channel.to_string()),
        ("sequential", wish.sequential.to_string()),
        ("seed", wish.seed.to_string()),
    ];
    let dropped = wish.drop_outputs.then(|| ("drop_outputs".to_owned(), "true".to_owned()));
    Plan {
        schema: PLAN_SCHEMA.to_owned(),
        made_by: concat!("reluctant ", env!("CARGO_PKG_VERSION")).to_owned(),
        hash: network.hash().to_owned(),
        settings: settings.map(|(k, v)| (k.to_owned(), v)).into_iter().chain(dropped).collect(),
        total: layers.iter().map(|l| l.elements).sum(),
        kept: layers.iter().map(|l| l.kept).sum(),
        layers,
    }
}

/// A plan names an activation that the question does not count.
pub fn names_others(network: &Network, question: &Question, plan: &Plan) -> bool {
    let counts = |output: &str| question.sites.iter().any(|site| network.output(site) == output);
    plan.layers.iter().any(|layer| !counts(&layer.output))
}

/// A plan drops linear outputs.
pub fn drops_outputs(plan: &Plan) -> bool {
    plan.layers.iter().any(|layer| !layer.drops.is_empty())
}

/// The draft of a plan file: only names, sizes and numbers are taken from it. What it does not name stays.
///
/// # Errors
/// `InvalidSetting` where it is for another model, or does not hold together.
pub fn held(network: &Network, question: &Question, plan: &Plan) -> Result<Draft> {
    let other = |why: &str, layer: &PlanLayer| {
        Error::new(Code::InvalidSetting, format!("the plan is for another model: {why}"))
            .value(layer.output.clone())
    };
    let drops = drops_outputs(plan);
    let readers = if drops { network.graph.consumers() } else { Vec::new() };
    let mut drawn: Vec<Option<(Mask, &PlanLayer)>> = vec![None; question.sites.len()];
    for layer in &plan.layers {
        let site = question.sites.iter().position(|site| network.output(site) == layer.output);
        let place = site.and_then(|site| question.sites.get(site).zip(drawn.get_mut(site)));
        let (activation, slot) = place.ok_or_else(|| other("it has no such activation", layer))?;
        if slot.is_some() {
            return Err(other("it names this activation twice", layer));
        }
        if layer.elements != activation.site.elements() {
            return Err(other("this activation has another size", layer));
        }
        let dropped = layer.dropped(&network.graph, &readers, activation)?;
        if drops && layer.kept < layer.elements && dropped != activation.drops {
            return Err(other("it drops outputs of some layers and not of all that could", layer));
        }
        *slot = Some((layer.checked(activation)?, layer));
    }
    let mut draft = Draft { masks: Vec::new(), fits: Vec::new(), ways: Vec::new(), drops };
    for (activation, entry) in question.sites.iter().zip(drawn) {
        let (mask, fit, way) = match entry {
            Some((mask, layer)) => {
                let unknown = |figure: Option<f64>| figure.unwrap_or(f64::NAN);
                let errors = vec![unknown(layer.mse)];
                let fit =
                    Fitted { rows: layer.coefficients.clone(), errors, outside: unknown(layer.outside) };
                (mask, fit, way_of(plan, layer))
            }
            None => {
                let fit = Fitted { rows: Vec::new(), errors: vec![0.0], outside: 0.0 };
                (Mask::whole(&activation.site, true), fit, TRIAL)
            }
        };
        draft.masks.push(mask);
        draft.fits.push(Rc::new(fit));
        draft.ways.push(way);
    }
    Ok(draft)
}

/// How a layer of a plan file was fitted; its degree is that of its coefficients.
fn way_of(plan: &Plan, layer: &PlanLayer) -> Way {
    let longest = layer.coefficients.iter().map(Vec::len).max().unwrap_or(0);
    Way { method: plan.method(layer).unwrap_or_default(), degree: longest.saturating_sub(1) }
}
