//! The face of replacing: a model on the bench, plans, what they do, the changed file as ranges.

use std::ops::ControlFlow;

use js_sys::{Array, Function, JSON, Object, Reflect, Uint8Array};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use web_sys::File;

use super::file::{BrowserFile, teller};
use super::run::tensor_from_js;
use super::{from_js, js_from_error, object, to_js};
use crate::api::{
    self, Arrays, Code, Error, NamedFile, OwnFile, Piece, Plan, Planned, ReplaceSettings, Result, RunOptions,
    Settings, Spliced, Workbench,
};

/// A model on the bench.
#[wasm_bindgen]
pub struct Bench {
    bench: Workbench,
}

#[wasm_bindgen]
impl Bench {
    /// Opens the model among the files; the others are its external data. `options`: `{ engine, batch }`.
    pub fn open(
        files: Vec<File>,
        #[wasm_bindgen(unchecked_param_type = "ShapeSettings")] settings: JsValue,
        #[wasm_bindgen(unchecked_param_type = "RunOptions")] options: JsValue,
    ) -> Result<Self, JsValue> {
        let (settings, options): (Settings, RunOptions) = (from_js(settings)?, from_js(options)?);
        let own =
            |file: File| -> Result<OwnFile, JsValue> { Ok((file.name(), Box::new(BrowserFile::new(file)?))) };
        let files = files.into_iter().map(own).collect::<Result<_, JsValue>>()?;
        let bench = Workbench::open(files, &settings, &options).map_err(|e| js_from_error(&e))?;
        Ok(Self { bench })
    }

    /// A network built from its spec: planned, never run.
    pub fn example(
        id: &str,
        #[wasm_bindgen(unchecked_param_type = "ShapeSettings")] settings: JsValue,
    ) -> Result<Self, JsValue> {
        let bench = Workbench::example(id, &from_js(settings)?).map_err(|e| js_from_error(&e))?;
        Ok(Self { bench })
    }

    /// What can be replaced.
    #[wasm_bindgen(unchecked_return_type = "BenchInfo")]
    pub fn info(&self) -> Result<JsValue, JsValue> {
        to_js(&self.bench.info())
    }

    /// `[{ name, shape }]`, one sample each where the batch is open.
    #[wasm_bindgen(unchecked_return_type = "{ name: string; shape: number[] }[]")]
    pub fn inputs(&self) -> Result<Array, JsValue> {
        let port =
            |(name, shape): (String, Vec<u64>)| object(&[("name", name.into()), ("shape", to_js(&shape)?)]);
        self.bench.inputs().into_iter().map(port).collect()
    }

    /// Samples for statistics, as a run takes them; null takes every input as standard normal.
    pub fn set_data(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "RunData | null")] data: &JsValue,
    ) -> Result<(), JsValue> {
        let data = self.arrays(data)?;
        self.bench.set_data(data);
        Ok(())
    }

    /// Samples for judging; null takes those for statistics.
    pub fn set_test(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "RunData | null")] data: &JsValue,
    ) -> Result<(), JsValue> {
        let data = self.arrays(data)?;
        self.bench.set_test(data, None);
        Ok(())
    }

    /// A plan for a wish.
    #[wasm_bindgen(unchecked_return_type = "Planned")]
    pub async fn plan(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "ReplaceSettings")] wish: JsValue,
        #[wasm_bindgen(unchecked_param_type = "(done: number, total: number) => void")] progress: Function,
    ) -> Result<JsValue, JsValue> {
        self.ask(wish, progress)?;
        planned_to_js(&self.bench.planned().await.map_err(|e| js_from_error(&e))?)
    }

    /// A plan file held against this model.
    #[wasm_bindgen(unchecked_return_type = "Planned")]
    pub fn plan_file(&mut self, text: &str) -> Result<JsValue, JsValue> {
        let held = Plan::from_json(text).and_then(|plan| self.bench.held(&plan));
        planned_to_js(&held.map_err(|e| js_from_error(&e))?)
    }

    /// One activation under a wish; `channel`: undefined for all together.
    #[wasm_bindgen(unchecked_return_type = "LayerView")]
    pub async fn layer(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "ReplaceSettings")] wish: JsValue,
        output: String,
        channel: Option<u32>,
        #[wasm_bindgen(unchecked_param_type = "(done: number, total: number) => void")] progress: Function,
    ) -> Result<JsValue, JsValue> {
        self.ask(wish, progress)?;
        let view = self.bench.view(&output, channel.map(|channel| channel as usize)).await;
        json_to_js(&view.map_err(|e| js_from_error(&e))?)
    }

    /// Original and plan side by side; `plan`: a plan file's, or undefined for the wish's.
    #[wasm_bindgen(unchecked_return_type = "Measured")]
    pub async fn measure(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "ReplaceSettings")] wish: JsValue,
        #[wasm_bindgen(unchecked_param_type = "PlanFile | undefined")] plan: JsValue,
        #[wasm_bindgen(unchecked_param_type = "(done: number, total: number) => void")] progress: Function,
    ) -> Result<JsValue, JsValue> {
        self.ask(wish, progress)?;
        let plan = if plan.is_object() { Some(plan_from_js(&plan)?) } else { None };
        json_to_js(&self.bench.measure(plan.as_ref()).await.map_err(|e| js_from_error(&e))?)
    }

    /// One point of a sweep.
    #[wasm_bindgen(unchecked_return_type = "SweepPoint")]
    pub async fn sweep_point(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "ReplaceSettings")] wish: JsValue,
        #[wasm_bindgen(unchecked_param_type = "(done: number, total: number) => void")] progress: Function,
    ) -> Result<JsValue, JsValue> {
        self.ask(wish, progress)?;
        json_to_js(&self.bench.point().await.map_err(|e| js_from_error(&e))?)
    }

    /// Accuracy with one stage's activations kept, and removed, on the judging samples: `reluctant.criticality/1`.
    #[wasm_bindgen(unchecked_return_type = "Criticality")]
    pub async fn criticality(
        &mut self,
        weight: f64,
        #[wasm_bindgen(unchecked_param_type = "(done: number, total: number) => void")] progress: Function,
    ) -> Result<JsValue, JsValue> {
        self.bench.tell(Box::new(move |done, total| teller(&progress)(done, total)));
        json_to_js(&self.bench.criticality(weight).await.map_err(|e| js_from_error(&e))?)
    }

    /// The changed model: `{ place, bytes_read, pieces: [Uint8Array | [start, end]] }`, ranges of the file at
    /// that place. No weight is read.
    #[wasm_bindgen(
        unchecked_return_type = "{ place: number; bytes_read: number; pieces: (Uint8Array<ArrayBuffer> | [start: number, end: number])[] }"
    )]
    pub fn export(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "PlanFile")] plan: &JsValue,
    ) -> Result<JsValue, JsValue> {
        let plan = plan_from_js(plan)?;
        let spliced = self.bench.held(&plan).and_then(|held| self.bench.carry_out(&held.plan));
        let spliced = spliced.map_err(|e| js_from_error(&e))?;
        object(&[
            ("place", (self.bench.place() as f64).into()),
            ("bytes_read", (spliced.bytes_read as f64).into()),
            ("pieces", pieces(&spliced)),
        ])
    }

    /// What a reader must know before the changed model is taken away: it gives NaN or infinity, or it could not be run. A
    /// few samples go through it, random ones without data.
    #[wasm_bindgen(unchecked_return_type = "string | undefined")]
    pub async fn doubt(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "PlanFile")] plan: JsValue,
    ) -> Result<JsValue, JsValue> {
        let plan = plan_from_js(&plan)?;
        let spliced = self.bench.held(&plan).and_then(|held| self.bench.carry_out(&held.plan));
        let doubt = self.bench.doubt(&spliced.map_err(|e| js_from_error(&e))?).await;
        Ok(doubt.map_err(|e| js_from_error(&e))?.map_or(JsValue::UNDEFINED, JsValue::from))
    }

    /// Masks and coefficients as a .npz file.
    #[wasm_bindgen(unchecked_return_type = "Uint8Array<ArrayBuffer>")]
    pub fn masks(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "PlanFile")] plan: &JsValue,
    ) -> Result<Uint8Array, JsValue> {
        let plan = plan_from_js(plan)?;
        let bytes = self.bench.held(&plan).and_then(|held| api::plan_npz(&held.plan));
        Ok(Uint8Array::from(&bytes.map_err(|e| js_from_error(&e))?[..]))
    }
}

/// A changed file as `[Uint8Array | [start, end]]`: new bytes, and ranges of the original.
fn pieces(spliced: &Spliced) -> JsValue {
    let piece = |piece: &Piece| -> JsValue {
        match piece {
            // Exact to 2^53, as offsets into files are everywhere here.
            Piece::Copy { offset, length } => {
                Array::of2(&(*offset as f64).into(), &((offset + length) as f64).into()).into()
            }
            Piece::Bytes(bytes) => Uint8Array::from(&bytes[..]).into(),
        }
    };
    spliced.pieces.iter().map(piece).collect::<Array>().into()
}

/// The file without sums that cancel and what nobody reads: `reluctant.clean/1`, and its pieces. No weight is read.
#[wasm_bindgen(
    unchecked_return_type = "{ report: CleanReport; pieces: (Uint8Array<ArrayBuffer> | [start: number, end: number])[] }"
)]
pub fn clean(
    file: File,
    #[wasm_bindgen(unchecked_param_type = "ShapeSettings")] settings: JsValue,
) -> Result<JsValue, JsValue> {
    let (settings, name, bytes): (Settings, _, _) =
        (from_js(settings)?, file.name(), BrowserFile::new(file)?);
    let cleaned =
        api::clean(&NamedFile { name, bytes: &bytes }, &settings, &mut |_, _| ControlFlow::Continue(()));
    let (spliced, report) = cleaned.map_err(|e| js_from_error(&e))?;
    object(&[("report", to_js(&report)?), ("pieces", pieces(&spliced))])
}

impl Bench {
    fn ask(&mut self, wish: JsValue, progress: Function) -> Result<(), JsValue> {
        let wish: ReplaceSettings = from_js(wish)?;
        self.bench.tell(Box::new(move |done, total| teller(&progress)(done, total)));
        self.bench.set_wish(&wish).map_err(|e| js_from_error(&e))
    }

    /// `{ inputs, labels }`, `{ samples, seed }` or null.
    fn arrays(&self, data: &JsValue) -> Result<Option<Arrays>, JsValue> {
        if !data.is_object() {
            return Ok(None);
        }
        let get = |key: &str| Reflect::get(data, &key.into());
        if let Some(samples) = get("samples")?.as_f64() {
            let seed = get("seed")?.as_f64().unwrap_or(0.0) as u64;
            return self.bench.random(samples as usize, seed).map(Some).map_err(|e| js_from_error(&e));
        }
        let inputs: Array = get("inputs")?.unchecked_into();
        let mut arrays = inputs.iter().map(|a| tensor_from_js(&a)).collect::<Result<Arrays, JsValue>>()?;
        let labels = get("labels")?;
        if labels.is_object() {
            arrays.push(("labels".to_owned(), tensor_from_js(&labels)?.1));
        }
        Ok(Some(arrays))
    }
}

fn planned_to_js(planned: &Planned) -> Result<JsValue, JsValue> {
    json_to_js(planned)
}

/// By text: a plan of thousands of coefficients crosses an order of magnitude faster.
fn json_to_js<T: Serialize>(value: &T) -> Result<JsValue, JsValue> {
    let text = serde_json::to_string(value)
        .map_err(|e| js_from_error(&Error::new(Code::Overflow, format!("a figure does not encode: {e}"))))?;
    JSON::parse(&text)
}

fn plan_from_js(plan: &JsValue) -> Result<Plan, JsValue> {
    let plan: &Object = plan.unchecked_ref();
    let text = JSON::stringify(plan)?.as_string().unwrap_or_default();
    Plan::from_json(&text).map_err(|e| js_from_error(&e))
}
