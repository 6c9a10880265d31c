//! The face of design: specs, equalising, sweeps, differences, claims.

use js_sys::{Float64Array, Function, Uint8Array};
use wasm_bindgen::prelude::*;

use super::core::Model;
use super::file::teller;
use super::{from_js, js_from_error, object, to_js};
use crate::api::{self, Ask, EqualiseSettings, ExploreReport, ExploreSettings, Explorer, Result, Spec};

/// Candidates between two words of progress.
const STEP: u64 = 512;

#[wasm_bindgen]
impl Model {
    /// A model of a spec: a graph without weights.
    pub fn of_spec(
        #[wasm_bindgen(unchecked_param_type = "Spec")] spec: JsValue,
        name: &str,
    ) -> Result<Self, JsValue> {
        let spec: Spec = from_js(spec)?;
        Ok(Self::from(api::Model::of_spec(&spec, name).map_err(|e| js_from_error(&e))?))
    }

    /// This model beside another, both scored, aligned by stage: `reluctant.diff/1`.
    #[wasm_bindgen(unchecked_return_type = "Diff")]
    pub fn diff(
        &self,
        other: &Model,
        #[wasm_bindgen(unchecked_param_type = "CostSettings")] settings: JsValue,
    ) -> Result<JsValue, JsValue> {
        let ask: Ask = from_js(settings)?;
        to_js(&api::diff(self.scored()?, other.scored()?, &ask).map_err(|e| js_from_error(&e))?)
    }

    /// What one channel more costs under the settings' protocols: `reluctant.gradient/1`.
    #[wasm_bindgen(unchecked_return_type = "Gradient")]
    pub fn gradient(
        &self,
        #[wasm_bindgen(unchecked_param_type = "CostSettings")] settings: JsValue,
    ) -> Result<JsValue, JsValue> {
        let ask: Ask = from_js(settings)?;
        to_js(&self.scored()?.gradient(&ask).map_err(|e| js_from_error(&e))?)
    }
}

/// Named networks of the literature.
#[wasm_bindgen(unchecked_return_type = "PresetView[]")]
pub fn presets() -> Result<JsValue, JsValue> {
    to_js(&api::presets())
}

/// Multipliers that put the ReLUs of stages in order: `reluctant.equalise/1`.
#[wasm_bindgen(unchecked_return_type = "EqualiseReport")]
pub fn equalise(
    #[wasm_bindgen(unchecked_param_type = "EqualiseSettings")] settings: JsValue,
) -> Result<JsValue, JsValue> {
    let settings: EqualiseSettings = from_js(settings)?;
    to_js(&api::equalise(&settings).map_err(|e| js_from_error(&e))?)
}

/// The network of a solution.
#[wasm_bindgen(unchecked_return_type = "Spec")]
pub fn equalised_spec(
    #[wasm_bindgen(unchecked_param_type = "EqualiseSettings")] settings: JsValue,
    multipliers: Vec<u32>,
) -> Result<JsValue, JsValue> {
    let settings: EqualiseSettings = from_js(settings)?;
    to_js(&api::equalised_spec(&settings, &multipliers).map_err(|e| js_from_error(&e))?)
}

/// A spec of a file or a field, checked.
#[wasm_bindgen(unchecked_return_type = "Spec")]
pub fn read_spec(text: &str) -> Result<JsValue, JsValue> {
    to_js(&Spec::parse(text).map_err(|e| js_from_error(&e))?)
}

/// A spec as an ONNX file with seeded He weights.
#[wasm_bindgen(unchecked_return_type = "Uint8Array<ArrayBuffer>")]
pub fn design_onnx(
    #[wasm_bindgen(unchecked_param_type = "Spec")] spec: JsValue,
    name: &str,
    seed: u32,
) -> Result<Vec<u8>, JsValue> {
    let spec: Spec = from_js(spec)?;
    api::design_onnx(&spec, name, seed.into()).map_err(|e| js_from_error(&e))
}

/// A spec as an ONNX file without its weights.
#[wasm_bindgen(unchecked_return_type = "Uint8Array<ArrayBuffer>")]
pub fn design_structure(
    #[wasm_bindgen(unchecked_param_type = "Spec")] spec: JsValue,
    name: &str,
) -> Result<Vec<u8>, JsValue> {
    let spec: Spec = from_js(spec)?;
    api::design_structure(&spec, name).map_err(|e| js_from_error(&e))
}

/// A spec as a PyTorch module in text.
#[wasm_bindgen]
pub fn design_pytorch(
    #[wasm_bindgen(unchecked_param_type = "Spec")] spec: JsValue,
) -> Result<String, JsValue> {
    let spec: Spec = from_js(spec)?;
    api::design_pytorch(&spec).map_err(|e| js_from_error(&e))
}

/// One part of a sweep, `reluctant.design-sweep/1`, with one in `every` of its candidates that keep the constraints: their
/// places, and their figures one after the other; NaN is not known.
#[wasm_bindgen(
    unchecked_return_type = "{ report: ExploreReport; places: Float64Array<ArrayBuffer>; figures: Float64Array<ArrayBuffer> }"
)]
pub fn explore(
    #[wasm_bindgen(unchecked_param_type = "ExploreSettings")] settings: JsValue,
    shard: u32,
    of: u32,
    every: u32,
    #[wasm_bindgen(unchecked_param_type = "(done: number, total: number) => void")] progress: &Function,
) -> Result<JsValue, JsValue> {
    let settings: ExploreSettings = from_js(settings)?;
    let explorer = Explorer::new(settings, [shard.into(), of.into()]);
    let mut explorer = explorer.map_err(|e| js_from_error(&e))?;
    let mut tell = teller(progress);
    let (mut places, mut all) = (Vec::new(), Vec::new());
    let mut take = |index: u64, figures: &[f64]| {
        if Explorer::shows(index, every.into()) {
            places.push(index as f64);
            all.extend_from_slice(figures);
        }
    };
    while explorer.step(STEP, &mut take).map_err(|e| js_from_error(&e))? {
        let _ = tell(explorer.done(), explorer.total());
    }
    object(&[
        ("report", to_js(&explorer.report())?),
        ("places", Float64Array::from(&places[..]).into()),
        ("figures", Float64Array::from(&all[..]).into()),
    ])
}

/// Parts of a sweep as one.
#[wasm_bindgen(unchecked_return_type = "ExploreReport")]
pub fn merge(
    #[wasm_bindgen(unchecked_param_type = "ExploreReport[]")] parts: JsValue,
) -> Result<JsValue, JsValue> {
    let parts: Vec<ExploreReport> = from_js(parts)?;
    to_js(&api::merge(&parts).map_err(|e| js_from_error(&e))?)
}

/// The network at a place of a sweep.
#[wasm_bindgen(unchecked_return_type = "Spec")]
pub fn explored_spec(
    #[wasm_bindgen(unchecked_param_type = "ExploreSettings")] settings: JsValue,
    index: f64,
) -> Result<JsValue, JsValue> {
    let settings: ExploreSettings = from_js(settings)?;
    to_js(&api::explored_spec(&settings, index as u64).map_err(|e| js_from_error(&e))?)
}

/// What a budget of cells allows.
#[wasm_bindgen(unchecked_return_type = "CellsStart")]
pub fn cells_start(
    #[wasm_bindgen(unchecked_param_type = "CellsSettings")] settings: JsValue,
) -> Result<JsValue, JsValue> {
    let settings: api::CellsSettings = from_js(settings)?;
    to_js(&api::cells_start(&settings).map_err(|e| js_from_error(&e))?)
}

/// The network of a cell, three numbers a node (what it reads, its operation, 1 for a ReLU), for the engine and as an ONNX
/// file; with the numbers that it was trained to, or none.
#[wasm_bindgen(
    unchecked_return_type = "{ view: CellView; net: Uint8Array<ArrayBuffer>; file: Uint8Array<ArrayBuffer> }"
)]
pub fn cell(nodes: &[u32], width: u32, numbers: &[f32]) -> Result<JsValue, JsValue> {
    let node = |[from, op, relu]: &[u32; 3]| api::CellNode {
        from: *from as usize,
        op: *op as usize,
        relu: *relu > 0,
    };
    let nodes: Vec<_> = nodes.as_chunks().0.iter().map(node).collect();
    let made = api::cell_made(&nodes, width, numbers).map_err(|e| js_from_error(&e))?;
    object(&[
        ("view", to_js(&made.view)?),
        ("net", Uint8Array::from(&made.net[..]).into()),
        ("file", Uint8Array::from(&made.file[..]).into()),
    ])
}

/// Papers' claims beside what is computed here.
#[wasm_bindgen(unchecked_return_type = "Claim[]")]
pub fn claims() -> Result<JsValue, JsValue> {
    to_js(&api::claims().map_err(|e| js_from_error(&e))?)
}

/// Whether ReLUs order scored models as bytes and seconds do: `reluctant.atlas/1`, and as a table. Takes the models.
#[wasm_bindgen(unchecked_return_type = "{ atlas: Atlas; csv: string }")]
pub fn atlas(names: Vec<String>, models: Vec<Model>) -> Result<JsValue, JsValue> {
    let scored = |(name, model): (String, Model)| Ok((name, model.into_scored()?));
    let networks: Vec<_> = names.into_iter().zip(models).map(scored).collect::<Result<_, JsValue>>()?;
    let atlas = api::atlas(&networks).map_err(|e| js_from_error(&e))?;
    object(&[("atlas", to_js(&atlas)?), ("csv", api::atlas_csv(&atlas).into())])
}
