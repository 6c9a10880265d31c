//! The face of training: what the engine's package starts from, and what it trained as a file.

use js_sys::{Float32Array, Uint8Array, Uint16Array};
use wasm_bindgen::prelude::*;

use super::{from_js, js_from_error, object, to_js};
use crate::api::{self, FolderAsk, Taught, TrainedNumbers, TrainingAsk};

/// What the engine starts from: `{ view, net }`. `file` is the trained network that it begins from and `plan` what that is
/// fine-tuned to; both may be empty.
#[wasm_bindgen(unchecked_return_type = "{ view: TrainingView; net: Uint8Array<ArrayBuffer> }")]
pub fn training_start(
    #[wasm_bindgen(unchecked_param_type = "TrainingAsk")] ask: JsValue,
    file: &[u8],
    plan: &str,
) -> Result<JsValue, JsValue> {
    let ask: TrainingAsk = from_js(ask)?;
    let start = api::training_start(&ask, Taught { file, plan }).map_err(|e| js_from_error(&e))?;
    object(&[("view", to_js(&start.view)?), ("net", Uint8Array::from(&start.net[..]).into())])
}

/// The ONNX file of a network that the engine trained, from the numbers of its parameters; `drops`: linear outputs go with
/// its ReLUs.
#[wasm_bindgen(unchecked_return_type = "Uint8Array<ArrayBuffer>")]
pub fn training_file(
    #[wasm_bindgen(unchecked_param_type = "TrainingAsk")] ask: JsValue,
    file: &[u8],
    numbers: &[f32],
    drops: bool,
) -> Result<Vec<u8>, JsValue> {
    let ask: TrainingAsk = from_js(ask)?;
    api::training_file(&ask, Taught { file, plan: "" }, TrainedNumbers { all: numbers, drops })
        .map_err(|e| js_from_error(&e))
}

/// The same with all its ReLUs, and the plan that takes them; `settings` say how, for people.
#[wasm_bindgen(unchecked_return_type = "{ file: Uint8Array<ArrayBuffer>; plan: string }")]
pub fn training_plan(
    #[wasm_bindgen(unchecked_param_type = "TrainingAsk")] ask: JsValue,
    file: &[u8],
    numbers: &[f32],
    drops: bool,
    #[wasm_bindgen(unchecked_param_type = "[string, string][]")] settings: JsValue,
) -> Result<JsValue, JsValue> {
    let ask: TrainingAsk = from_js(ask)?;
    let numbers = TrainedNumbers { all: numbers, drops };
    let trained = api::training_plan(&ask, Taught { file, plan: "" }, numbers, from_js(settings)?)
        .map_err(|e| js_from_error(&e))?;
    object(&[("file", Uint8Array::from(&trained.file[..]).into()), ("plan", trained.plan.into())])
}

/// The folder in which PyTorch trains the same, as a zip: of these images, to train on and to test on, or drawn figures.
#[wasm_bindgen(unchecked_return_type = "Uint8Array<ArrayBuffer>")]
pub fn training_folder(
    #[wasm_bindgen(unchecked_param_type = "FolderAsk")] ask: JsValue,
    file: &[u8],
    x: Vec<f32>,
    y: Vec<u16>,
    test_x: Vec<f32>,
    test_y: Vec<u16>,
) -> Result<Vec<u8>, JsValue> {
    let ask: FolderAsk = from_js(ask)?;
    api::training_folder(&ask, file, [(x, y), (test_x, test_y)]).map_err(|e| js_from_error(&e))
}

/// Images and classes: of an archive (.npz) of x and y, or of two arrays (.npy), in any order; `second` may be empty.
#[wasm_bindgen(
    unchecked_return_type = "{ shape: [number, number, number]; x: Float32Array; y: Uint16Array }"
)]
pub fn training_arrays(first: &[u8], second: &[u8]) -> Result<JsValue, JsValue> {
    let (shape, x, y) = api::training_arrays(first, second).map_err(|e| js_from_error(&e))?;
    let (x, y) = (Float32Array::from(&x[..]), Uint16Array::from(&y[..]));
    object(&[("shape", to_js(&shape)?), ("x", x.into()), ("y", y.into())])
}

/// Stages ranked by what the network with the ReLUs of each alone was measured at: `[stage, accuracy, ReLUs]` of each.
#[wasm_bindgen(unchecked_return_type = "StagesRanked")]
pub fn rank_stages(
    #[wasm_bindgen(unchecked_param_type = "[number, number, number][]")] measured: JsValue,
) -> Result<JsValue, JsValue> {
    let measured: Vec<(u32, f64, u64)> = from_js(measured)?;
    to_js(&api::rank_stages(&measured))
}
