//! The face of the lab: exits, gated ReLUs, climbing with another slope.

use js_sys::Function;
use wasm_bindgen::prelude::*;

use super::core::Model;
use super::file::teller;
use super::run::Heads;
use super::{from_js, js_from_error, to_js};
use crate::api::{self, Ask, Result};

#[wasm_bindgen]
impl Model {
    /// The last score with exits at the values named, where shares of the inputs stop, the last of them at the end:
    /// `reluctant.exits/1` under the settings' first protocol.
    #[wasm_bindgen(unchecked_return_type = "ExitsReport")]
    pub fn exits(
        &self,
        at: Vec<String>,
        shares: &[f64],
        classes: f64,
        #[wasm_bindgen(unchecked_param_type = "CostSettings")] settings: JsValue,
    ) -> Result<JsValue, JsValue> {
        let ask: Ask = from_js(settings)?;
        let report = self.scored()?.exits(&at, shares, classes as u64, &ask);
        to_js(&report.map_err(|e| js_from_error(&e))?)
    }

    /// Number, place and policy of exits under a budget, `ExitSearchSettings`, by what heads said or, where they are
    /// `Heads.unseen()`, by stated shares: `reluctant.exits-search/1`.
    #[wasm_bindgen(unchecked_return_type = "ExitSearch")]
    pub fn exit_search(
        &self,
        #[wasm_bindgen(unchecked_param_type = "ExitSearchSettings")] wish: JsValue,
        heads: &Heads,
        #[wasm_bindgen(unchecked_param_type = "CostSettings")] settings: JsValue,
        #[wasm_bindgen(unchecked_param_type = "(done: number, total: number) => void")] progress: &Function,
    ) -> Result<JsValue, JsValue> {
        let (wish, ask): (api::ExitSearchSettings, Ask) = (from_js(wish)?, from_js(settings)?);
        let found = self.scored()?.exit_search(&wish, heads.seen.as_ref(), &ask, &mut teller(progress));
        to_js(&found.map_err(|e| js_from_error(&e))?)
    }

    /// What heads at the values named said, by threshold; none: tenths of it. `reluctant.exits-sweep/1`.
    #[wasm_bindgen(unchecked_return_type = "ExitSweep")]
    pub fn exit_sweep(
        &self,
        at: Vec<String>,
        heads: &Heads,
        thresholds: &[f64],
        #[wasm_bindgen(unchecked_param_type = "CostSettings")] settings: JsValue,
    ) -> Result<JsValue, JsValue> {
        let ask: Ask = from_js(settings)?;
        let seen = heads.seen.as_ref().ok_or_else(super::run::not_run)?;
        let swept = self.scored()?.exit_sweep(&at, seen, thresholds, &ask);
        to_js(&swept.map_err(|e| js_from_error(&e))?)
    }

    /// The last score with a gate in the place of each ReLU: `reluctant.gated/1`.
    #[wasm_bindgen(unchecked_return_type = "GatedReport")]
    pub fn gated(
        &self,
        #[wasm_bindgen(unchecked_param_type = "CostSettings")] settings: JsValue,
    ) -> Result<JsValue, JsValue> {
        let ask: Ask = from_js(settings)?;
        to_js(&self.scored()?.gated(&ask).map_err(|e| js_from_error(&e))?)
    }
}

/// Gated ReLUs on points of `width` numbers each, one after the other: `reluctant.ntk/1`.
#[wasm_bindgen(unchecked_return_type = "NtkReport")]
pub fn ntk(points: &[f64], width: usize, y: &[f64], lambda: f64, steps: usize) -> Result<JsValue, JsValue> {
    let points: Vec<Vec<f64>> = points.chunks(width.max(1)).map(<[f64]>::to_vec).collect();
    to_js(&api::ntk(&points, y, lambda, steps).map_err(|e| js_from_error(&e))?)
}

/// Climbs the toy function: `reluctant.ascent/1`.
#[wasm_bindgen(unchecked_return_type = "AscentReport")]
pub fn ascent(slope: f64, start: f64, steps: u32, mu: f64) -> Result<JsValue, JsValue> {
    to_js(&api::ascent(slope, start, steps, mu).map_err(|e| js_from_error(&e))?)
}
