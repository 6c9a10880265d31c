//! Masks and polynomials between a plan file and a network that is trained: a plan of Replace is fine-tuned, what was
//! trained is a plan.

use reluctant_train::Held;
use reluctant_train::net::Net;

use super::export::Part;
use super::source::Source;
use crate::error::{Code, Error, Result};
use crate::ir::hash::structural_hash;
use crate::rewrite::{PLAN_SCHEMA, Plan, PlanLayer, PlanMask};
use crate::select::activations;

/// Constant, x and x^2.
const MOST: usize = 3;

impl Source {
    /// What a plan says of each site of the network, in their order; one that it does not name stays whole.
    ///
    /// # Errors
    /// `InvalidSetting` where the plan is for another model, or does not hold together; `NotSupported` for polynomials
    /// of a higher degree than 2, and for linear outputs that only some of the layers drop that could.
    pub fn held(&self, plan: &Plan) -> Result<Vec<Held>> {
        let all = activations(&self.graph);
        let name = |layer: &PlanLayer| self.net.sites.iter().position(|site| site.name == layer.output);
        if let Some(layer) = plan.layers.iter().find(|layer| name(layer).is_none()) {
            return Err(Error::new(Code::InvalidSetting, "the plan is for another model")
                .value(layer.output.clone())
                .hint("this network has no such activation"));
        }
        let dropping = plan.layers.iter().any(|layer| !layer.drops.is_empty());
        let readers = if dropping { self.graph.consumers() } else { Vec::new() };
        let sites = self.net.sites.iter().map(|site| {
            let elements = site.elements();
            let [channels, ..] = site.shape;
            let of = |activation: &&crate::select::Activation| {
                self.graph.value(activation.output).name == site.name
            };
            let named = plan.layers.iter().find(|layer| layer.output == site.name);
            let Some((layer, activation)) = named.zip(all.iter().find(of)) else {
                return Ok(Held {
                    kept: vec![true; elements],
                    coefficients: vec![[0.0, 1.0, 0.0]; channels],
                    drops: false,
                });
            };
            let mask = layer.checked(activation)?;
            let kept = mask.each(&activation.site);
            if layer.coefficients.iter().any(|row| row.len() > MOST) {
                let text = "polynomials of a degree above 2 are not trained";
                let hint = "make the plan with degree 2 or less";
                return Err(Error::new(Code::NotSupported, text).value(layer.output.clone()).hint(hint));
            }
            let row = |channel: usize| {
                let one = layer.coefficients.len() == 1;
                let row = layer.coefficients.get(if one { 0 } else { channel });
                let power = |at: usize| row.and_then(|row| row.get(at)).copied().unwrap_or(0.0) as f32;
                if row.is_none() { [0.0, 1.0, 0.0] } else { [power(0), power(1), power(2)] }
            };
            let drops = !layer.dropped(&self.graph, &readers, activation)?.is_empty();
            // What a trained network drops is said once for all of its layers.
            let could = dropping && kept.contains(&false) && !drops;
            if could && !crate::select::drops(&self.graph, &readers, activation).is_empty() {
                let text = "only some of the layers drop linear outputs that could";
                let hint = "make the plan with --drop-outputs, or without";
                return Err(Error::new(Code::NotSupported, text).value(layer.output.clone()).hint(hint));
            }
            Ok(Held { kept, coefficients: (0..channels).map(row).collect(), drops })
        });
        sites.collect()
    }

    /// What a trained network became, as a plan for the same network with all its ReLUs ([`Source::plain`]).
    ///
    /// # Errors
    /// As [`Source::export`].
    pub fn plan(&self, net: &Net<f32>, settings: Vec<(String, String)>) -> Result<Plan> {
        let layer = |Part { activation, mask, coefficients, drops }: Part| {
            let elements = activation.site.elements();
            let kept = mask.kept(&activation.site);
            let changes = kept < elements;
            let drops = if changes { drops } else { Vec::new() };
            PlanLayer {
                output: self.graph.value(activation.output).name.clone(),
                node: self.graph.label(self.graph.node(activation.node)),
                target: activation.target.name().to_owned(),
                elements,
                kept,
                method: None,
                mask: (kept > 0 && changes).then(|| PlanMask::of(&mask)),
                coefficients: if changes { coefficients } else { Vec::new() },
                drops: drops.iter().map(|one| self.graph.value(one.value).name.clone()).collect(),
                mse: None,
                outside: None,
            }
        };
        let layers: Vec<PlanLayer> = self.parts(net)?.into_iter().map(layer).collect();
        let said = [("granularity", "spatial"), ("drop_outputs", "true")];
        let dropping = layers.iter().any(|layer| !layer.drops.is_empty());
        let said = said.iter().filter(|_| dropping).map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        let settings = settings.into_iter().chain(said).collect();
        Ok(Plan {
            schema: PLAN_SCHEMA.to_owned(),
            made_by: concat!("reluctant ", env!("CARGO_PKG_VERSION")).to_owned(),
            hash: structural_hash(&self.graph),
            settings,
            total: layers.iter().map(|l| l.elements).sum(),
            kept: layers.iter().map(|l| l.kept).sum(),
            layers,
        })
    }
}
