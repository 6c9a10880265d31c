//! The face of the lab: exits, gated ReLUs, climbing with another slope.

use wasm_bindgen::prelude::*;

use super::core::Model;
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
