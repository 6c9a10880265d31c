//! The face of training: what the engine's package starts from, and what it trained as a file.

use js_sys::{Float32Array, Uint8Array, Uint16Array};
use wasm_bindgen::prelude::*;

use super::{from_js, js_from_error, object, to_js};
use crate::api::{self, Result, TrainingAsk};

/// What the engine starts from: `{ view, net }`.
#[wasm_bindgen(unchecked_return_type = "{ view: TrainingView; net: Uint8Array<ArrayBuffer> }")]
pub fn training_start(
    #[wasm_bindgen(unchecked_param_type = "TrainingAsk")] ask: JsValue,
) -> Result<JsValue, JsValue> {
    let ask: TrainingAsk = from_js(ask)?;
    let start = api::training_start(&ask).map_err(|e| js_from_error(&e))?;
    object(&[("view", to_js(&start.view)?), ("net", Uint8Array::from(&start.net[..]).into())])
}

/// The ONNX file of a network that the engine trained, from the numbers of its parameters.
#[wasm_bindgen(unchecked_return_type = "Uint8Array<ArrayBuffer>")]
pub fn training_file(
    #[wasm_bindgen(unchecked_param_type = "TrainingAsk")] ask: JsValue,
    numbers: &[f32],
) -> Result<Vec<u8>, JsValue> {
    let ask: TrainingAsk = from_js(ask)?;
    api::training_file(&ask, numbers).map_err(|e| js_from_error(&e))
}

/// Images and classes of an archive (.npz) of x and y.
#[wasm_bindgen(
    unchecked_return_type = "{ shape: [number, number, number]; x: Float32Array; y: Uint16Array }"
)]
pub fn training_arrays(bytes: &[u8]) -> Result<JsValue, JsValue> {
    let (shape, x, y) = api::training_arrays(bytes).map_err(|e| js_from_error(&e))?;
    let (x, y) = (Float32Array::from(&x[..]), Uint16Array::from(&y[..]));
    object(&[("shape", to_js(&shape)?), ("x", x.into()), ("y", y.into())])
}
