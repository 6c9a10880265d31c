//! A plan as a file: `reluctant.plan/1`. It names the activations of a model by their results and
//! says what becomes of each; reading it back gives the same changed model, byte for byte.

use base64ct::{Base64, Encoding as _};
use serde::{Deserialize, Serialize};

use super::{Replacement, broken, change, sound};
use crate::error::{Code, Error, Result};
use crate::ir::graph::{Graph, NodeId};
use crate::limits::MAX_PLAN_TEXT;
use crate::onnx::{ModelProto, Progress, ReadAt, Spliced};
use crate::poly::Method;
use crate::select::{Activation, Dropped, Mask, drops};

/// Schema of [`Plan`].
pub const PLAN_SCHEMA: &str = "reluctant.plan/1";

/// What becomes of the activations of a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "PlanFile"))]
pub struct Plan {
    /// Always `reluctant.plan/1`.
    pub schema: String,
    /// Program and version.
    pub made_by: String,
    /// Hash of the structure of the model that it is for.
    pub hash: String,
    /// How it was made, for people: budget, policy, granularity, method.
    pub settings: Vec<(String, String)>,
    /// Elements of one sample that can be replaced.
    pub total: u64,
    /// Those that stay.
    pub kept: u64,
    /// One entry for each activation.
    pub layers: Vec<PlanLayer>,
}

/// What becomes of one activation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PlanLayer {
    /// Name of its result.
    pub output: String,
    /// Name of its node.
    pub node: String,
    /// What it computes.
    pub target: String,
    /// Elements of one sample.
    pub elements: u64,
    /// Those that stay.
    pub kept: u64,
    /// How it was fitted, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub method: Option<String>,
    /// Which; None where all or none do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub mask: Option<PlanMask>,
    /// Ascending powers of x, one list or one a channel; empty where everything stays.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(optional, as = "Option<Vec<Vec<f64>>>"))]
    pub coefficients: Vec<Vec<f64>>,
    /// Linear values of which the places that go are 0, and not computed; of those that nothing but this activation needs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(optional, as = "Option<Vec<String>>"))]
    pub drops: Vec<String>,
    /// Expected squared error of one replaced element.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub mse: Option<f64>,
    /// Share of the inputs outside the range that was fitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub outside: Option<f64>,
}

/// Elements that stay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PlanMask {
    /// Sizes of one sample, or 1 where all share.
    pub shape: Vec<u64>,
    /// Bits, row-major, the lowest of each byte first, as base64.
    pub bits: String,
}

impl PlanMask {
    /// Packs a mask.
    pub fn of(mask: &Mask) -> Self {
        let byte =
            |bits: &[bool]| bits.iter().zip(0..).fold(0u8, |byte, (bit, at)| byte | u8::from(*bit) << at);
        let packed: Vec<u8> = mask.bits.chunks(8).map(byte).collect();
        Self { shape: mask.shape.clone(), bits: Base64::encode_string(&packed) }
    }

    /// Unpacks it.
    ///
    /// # Errors
    /// `InvalidSetting` where the text is not as long as the shape says, or no base64.
    pub fn mask(&self) -> Result<Mask> {
        let bad = || Error::new(Code::InvalidSetting, "a mask of the plan does not decode");
        let count = self.shape.iter().try_fold(1u64, |n, d| n.checked_mul(*d)).ok_or_else(bad)?;
        let packed = Base64::decode_vec(&self.bits).map_err(|_| bad())?;
        if packed.len() as u64 != count.div_ceil(8) {
            return Err(bad());
        }
        let bit = |at: usize| packed.get(at / 8).is_some_and(|byte| byte >> (at % 8) & 1 == 1);
        Ok(Mask { shape: self.shape.clone(), bits: (0..count as usize).map(bit).collect() })
    }
}

impl PlanLayer {
    /// The mask, once it and the coefficients fit the activation.
    ///
    /// # Errors
    /// `InvalidSetting`.
    pub fn checked(&self, activation: &Activation) -> Result<Mask> {
        let bad = |why: &str| broken(why, &self.output);
        let site = &activation.site;
        let mask = match &self.mask {
            Some(mask) => {
                let pairs = mask.shape.iter().zip(&site.shape);
                if mask.shape.len() != site.shape.len() || !pairs.into_iter().all(|(m, s)| *m == 1 || m == s)
                {
                    return Err(bad("a mask has another shape than its activation"));
                }
                mask.mask()?
            }
            None => Mask::whole(site, self.kept > 0),
        };
        if mask.kept(site) != self.kept {
            return Err(bad("a mask keeps another number of elements than is said"));
        }
        if self.kept < self.elements {
            sound(&self.coefficients, site).map_err(bad)?;
        }
        let channels = mask.shape.get(site.channel_axis);
        if !self.drops.is_empty() && channels.is_none_or(|channels| *channels != 1) {
            return Err(bad(
                "outputs are dropped at places of all channels, and its mask tells channels apart",
            ));
        }
        Ok(mask)
    }

    /// The linear values that it drops.
    ///
    /// # Errors
    /// `InvalidSetting` for others than those that only the activation needs.
    pub fn dropped(&self, graph: &Graph, readers: &[Vec<NodeId>], of: &Activation) -> Result<Vec<Dropped>> {
        if self.drops.is_empty() {
            return Ok(Vec::new());
        }
        let all = drops(graph, readers, of);
        if !all.iter().map(|one| &graph.value(one.value).name).eq(&self.drops) {
            return Err(broken(
                "other outputs would be dropped than those that this activation alone needs",
                &self.output,
            ));
        }
        Ok(all)
    }
}

impl Plan {
    /// The file.
    ///
    /// # Errors
    /// None in practice: numbers of a plan are finite.
    pub fn to_json(&self) -> Result<String> {
        serde_json::to_string_pretty(self).map_err(|e| Error::new(Code::Overflow, e.to_string()))
    }

    /// Reads a file.
    ///
    /// # Errors
    /// `InvalidSetting` for what is no plan.
    pub fn from_json(text: &str) -> Result<Self> {
        let bad = |why: String| {
            Error::new(Code::InvalidSetting, format!("this is no plan: {why}"))
                .hint("reluctant replace --plan writes one")
        };
        if text.len() > MAX_PLAN_TEXT {
            return Err(Error::new(Code::LimitExceeded, "the plan is too long")
                .hint(format!("at most {} MB", MAX_PLAN_TEXT >> 20)));
        }
        let plan: Self = serde_json::from_str(text).map_err(|e| bad(e.to_string()))?;
        if plan.schema != PLAN_SCHEMA {
            return Err(bad(format!("its schema is {}", plan.schema)));
        }
        Ok(plan)
    }

    /// How a layer was fitted, as far as the plan says.
    pub fn method(&self, layer: &PlanLayer) -> Option<Method> {
        let said = |name: &str| self.settings.iter().find(|(key, _)| key == name).map(|(_, text)| text);
        Method::written(layer.method.as_ref().or_else(|| said("method"))?).ok()
    }

    /// The changed model; the plan is recorded in it.
    ///
    /// # Errors
    /// `InvalidSetting` where the plan is for another model; as reading and writing.
    pub fn splice(
        &self,
        file: &dyn ReadAt,
        model: &ModelProto,
        graph: &Graph,
        activations: &[Activation],
        progress: &mut Progress<'_>,
    ) -> Result<Spliced> {
        let mut parts: Vec<(&Activation, Mask, &[Vec<f64>], Vec<Dropped>)> = Vec::new();
        let readers = graph.consumers();
        for layer in &self.layers {
            let named = |a: &&Activation| graph.value(a.output).name == layer.output;
            let activation = activations.iter().find(named).ok_or_else(|| {
                Error::new(Code::InvalidSetting, "the plan is for another model")
                    .value(layer.output.clone())
                    .hint("this model has no such activation")
            })?;
            let dropped = layer.dropped(graph, &readers, activation)?;
            parts.push((activation, layer.checked(activation)?, &layer.coefficients, dropped));
        }
        let replacements: Vec<Replacement<'_>> = parts
            .iter()
            .map(|(activation, mask, coefficients, drops)| Replacement {
                activation,
                mask,
                coefficients,
                drops,
            })
            .collect();
        change(file, model, graph, &replacements, Some(&self.record()?), progress)
    }

    /// What the changed model records: the plan without masks and coefficients.
    ///
    /// # Errors
    /// As [`to_json`](Self::to_json).
    pub fn record(&self) -> Result<String> {
        let short = |layer: &PlanLayer| PlanLayer { mask: None, coefficients: Vec::new(), ..layer.clone() };
        Self { layers: self.layers.iter().map(short).collect(), ..self.clone() }.to_json()
    }
}
