//! The page's face: opaque handles, plain objects, no logic. Runs in a worker only, since a file is
//! read with `FileReaderSync`.

// wasm-bindgen writes unsafe glue.
#![allow(unsafe_code)]

use std::ops::ControlFlow;

use js_sys::{Float64Array, Function, Uint8Array};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;
use web_sys::{File, FileReaderSync};

use crate::api::{
    self, Code, CostSettings, Error, Mark, NamedFile, Present, ReadAt, Result, Row, Scored, Settings,
};

/// A browser file, read in ranges. Offsets travel as f64: exact to 2^53.
struct BrowserFile {
    file: File,
    reader: FileReaderSync,
}

impl BrowserFile {
    fn fault(&self, offset: u64) -> Error {
        Error::new(Code::Io, "the browser could not read the file")
            .file(self.file.name())
            .at(offset)
            .hint("it may have changed or moved; choose it again")
    }
}

impl ReadAt for BrowserFile {
    fn len(&self) -> u64 {
        self.file.size() as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<()> {
        let (start, end) = (offset as f64, (offset + buf.len() as u64) as f64);
        let blob = self.file.slice_with_f64_and_f64(start, end).map_err(|_| self.fault(offset))?;
        let bytes = self.reader.read_as_array_buffer(&blob).map_err(|_| self.fault(offset))?;
        let bytes = Uint8Array::new(&bytes);
        if bytes.length() as usize != buf.len() {
            return Err(self.fault(offset));
        }
        bytes.copy_to(buf);
        Ok(())
    }
}

/// An opened model, or a score that came as a link.
#[wasm_bindgen]
pub struct Model {
    /// None for a link.
    model: Option<api::Model>,
    scored: Option<Scored>,
    /// What came with the link.
    #[cfg(feature = "all")]
    state: Option<api::LinkState>,
}

#[wasm_bindgen]
impl Model {
    /// Opens the model among the files; the others are its external data.
    pub fn open(files: Vec<File>, progress: &Function) -> Result<Self, JsValue> {
        let names: Vec<String> = files.iter().map(File::name).collect();
        let place = api::model_among(names.iter().map(String::as_str));
        let Some(file) = files.get(place).cloned() else {
            return Err(js_from_error(&Error::new(Code::EmptyFile, "there is no file")));
        };
        let mut beside: Vec<Present> =
            files.iter().map(|f| Present { name: f.name(), bytes: f.size() as u64 }).collect();
        let name = beside.remove(place).name;
        let bytes = BrowserFile { file, reader: FileReaderSync::new()? };
        let mut report = |done: u64, total: u64| {
            let told = progress.call2(&JsValue::NULL, &(done as f64).into(), &(total as f64).into());
            if told.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        };
        let file = NamedFile { name, bytes: &bytes };
        let model = api::Model::open(&file, beside, &mut report).map_err(|e| js_from_error(&e))?;
        Ok(Self::from(model))
    }

    /// An example by its id.
    pub fn example(id: &str) -> Result<Self, JsValue> {
        let model = api::Model::example(id).map_err(|e| js_from_error(&e))?;
        Ok(Self::from(model))
    }

    /// Scores under `{ set: { NAME: "1x3x32x32" | "4" } }`.
    pub fn score(&mut self, settings: JsValue) -> Result<JsValue, JsValue> {
        let settings: Settings = from_js(settings)?;
        let Some(model) = &self.model else { return to_js(&self.scored()?.score) };
        let scored = model.score(&settings).map_err(|e| js_from_error(&e))?;
        let report = to_js(&scored.score);
        self.scored = Some(scored);
        report
    }

    /// Where a number of the last score comes from; without an index, a total.
    pub fn card(&self, index: Option<u32>, column: &str) -> Result<JsValue, JsValue> {
        to_js(&self.scored()?.card(index, column).map_err(|e| js_from_error(&e))?)
    }
}

impl From<api::Model> for Model {
    fn from(model: api::Model) -> Self {
        Self {
            model: Some(model),
            scored: None,
            #[cfg(feature = "all")]
            state: None,
        }
    }
}

impl Model {
    fn scored(&self) -> Result<&Scored, JsValue> {
        let not_scored = || Error::new(Code::InvalidSetting, "the model is not scored yet");
        self.scored.as_ref().ok_or_else(|| js_from_error(&not_scored()))
    }
}

#[wasm_bindgen]
impl Model {
    /// Costs of the last score under `CostSettings`: `reluctant.cost/1`.
    pub fn cost(&self, settings: JsValue) -> Result<JsValue, JsValue> {
        let settings: CostSettings = from_js(settings)?;
        to_js(&self.scored()?.cost(&settings).map_err(|e| js_from_error(&e))?)
    }

    /// The same with the rows as columns: `{ report, fields, values: Float64Array }`.
    pub fn cost_table(&self, settings: JsValue) -> Result<JsValue, JsValue> {
        let settings: CostSettings = from_js(settings)?;
        js_from_table(&self.scored()?.cost_table(&settings).map_err(|e| js_from_error(&e))?)
    }

    /// Where the cost of a row comes from, under the first protocol of the settings.
    pub fn cost_card(&self, index: u32, settings: JsValue) -> Result<JsValue, JsValue> {
        let settings: CostSettings = from_js(settings)?;
        to_js(&self.scored()?.cost_card(index, &settings).map_err(|e| js_from_error(&e))?)
    }
}

#[cfg(feature = "all")]
#[wasm_bindgen]
impl Model {
    /// What a link holds, or a saved file of one.
    pub fn from_link(text: &str) -> Result<Self, JsValue> {
        let api::Opened { scored, state } = api::open_link(text).map_err(|e| js_from_error(&e))?;
        Ok(Self { model: None, scored: Some(scored), state: Some(state) })
    }

    /// What came with the link beside the score; null for a model.
    pub fn link_state(&self) -> Result<JsValue, JsValue> {
        to_js(&self.state)
    }

    /// The link of the last score under a `LinkView`; names enter only if `names`.
    pub fn link(&self, view: JsValue, names: bool) -> Result<String, JsValue> {
        let view: api::LinkView = from_js(view)?;
        self.scored()?.link(&view, names).map_err(|e| js_from_error(&e))
    }
}

/// Costs of rows that were typed in, as `Model.cost_table` gives them: the calculator.
#[wasm_bindgen]
pub fn cost_table_of(rows: JsValue, settings: JsValue) -> Result<JsValue, JsValue> {
    let (rows, settings): (Vec<Row>, CostSettings) = (from_js(rows)?, from_js(settings)?);
    js_from_table(&api::cost_table_of(&rows, &settings).map_err(|e| js_from_error(&e))?)
}

/// Where the cost of a typed-in row comes from.
#[wasm_bindgen]
pub fn cost_card_of(rows: JsValue, position: u32, settings: JsValue) -> Result<JsValue, JsValue> {
    let (rows, settings): (Vec<Row>, CostSettings) = (from_js(rows)?, from_js(settings)?);
    to_js(&api::cost_card_of(&rows, position as usize, &settings).map_err(|e| js_from_error(&e))?)
}

/// Protocols with constants and sources.
#[wasm_bindgen]
pub fn protocols(settings: JsValue) -> Result<JsValue, JsValue> {
    let settings: CostSettings = from_js(settings)?;
    to_js(&api::protocols(&settings).map_err(|e| js_from_error(&e))?)
}

/// Price of one ReLU under the first protocol of the settings.
#[wasm_bindgen]
pub fn relu_price(settings: JsValue) -> Result<JsValue, JsValue> {
    let settings: CostSettings = from_js(settings)?;
    to_js(&api::relu_price(&settings).map_err(|e| js_from_error(&e))?)
}

/// Which of the points no other dominates, by rising cost.
#[wasm_bindgen]
pub fn front(costs: &[f64], accuracies: &[f64]) -> Vec<u32> {
    api::front(&marks(costs, accuracies)).into_iter().map(|index| index as u32).collect()
}

/// The most accurate point within a budget.
#[wasm_bindgen]
pub fn best_at_budget(costs: &[f64], accuracies: &[f64], budget: f64) -> Option<u32> {
    api::best_at_budget(&marks(costs, accuracies), budget).map(|index| index as u32)
}

/// The cheapest point of at least an accuracy.
#[wasm_bindgen]
pub fn fewest_at_accuracy(costs: &[f64], accuracies: &[f64], accuracy: f64) -> Option<u32> {
    api::fewest_at_accuracy(&marks(costs, accuracies), accuracy).map(|index| index as u32)
}

fn marks(costs: &[f64], accuracies: &[f64]) -> Vec<Mark> {
    costs.iter().zip(accuracies).map(|(&cost, &accuracy)| Mark { cost, accuracy }).collect()
}

/// Fits a profile of one's own to measurements, `CalibrateSettings`: `reluctant.profile/1`, and what was left out.
#[cfg(feature = "all")]
#[wasm_bindgen]
pub fn calibrate(settings: JsValue) -> Result<JsValue, JsValue> {
    let settings: api::CalibrateSettings = from_js(settings)?;
    to_js(&api::calibrate(&settings).map_err(|e| js_from_error(&e))?)
}

/// The fit of a profile that came with a link.
#[cfg(feature = "all")]
#[wasm_bindgen]
pub fn calibration(profile: JsValue) -> Result<JsValue, JsValue> {
    let profile: api::OwnProfile = from_js(profile)?;
    to_js(&api::calibration(&profile).map_err(|e| js_from_error(&e))?)
}

/// A saved profile, fitted anew.
#[cfg(feature = "all")]
#[wasm_bindgen]
pub fn open_profile(text: &str) -> Result<JsValue, JsValue> {
    to_js(&api::open_profile(text).map_err(|e| js_from_error(&e))?)
}

/// Presets of the link.
#[wasm_bindgen]
pub fn links() -> Result<JsValue, JsValue> {
    to_js(&api::links())
}

/// The examples that are built from specs: `[{ id, title, dataset, note }]`.
#[wasm_bindgen]
pub fn examples() -> Result<JsValue, JsValue> {
    to_js(&api::examples())
}

/// Size of the wasm memory; it never shrinks.
#[wasm_bindgen]
pub fn memory_bytes() -> f64 {
    let memory: JsValue = wasm_bindgen::memory();
    let memory: js_sys::WebAssembly::Memory = memory.unchecked_into();
    let buffer: js_sys::ArrayBuffer = memory.buffer().unchecked_into();
    f64::from(buffer.byte_length())
}

/// Maps become objects, integers numbers; one past 2^53 would lose digits and is refused.
fn to_js<T: Serialize>(value: &T) -> Result<JsValue, JsValue> {
    value.serialize(&Serializer::json_compatible()).map_err(|e| {
        let error = Error::new(Code::Overflow, format!("a figure is past what the page shows exactly: {e}"));
        let error = error.hint("the command line has no such limit");
        error.serialize(&Serializer::json_compatible()).unwrap_or(JsValue::NULL)
    })
}

/// One array instead of objects: it is asked for at every step of a slider.
fn js_from_table(table: &api::CostTable) -> Result<JsValue, JsValue> {
    let object = js_sys::Object::new();
    let values: JsValue = Float64Array::from(&table.values[..]).into();
    for (name, value) in
        [("report", to_js(&table.report)?), ("fields", to_js(&table.fields)?), ("values", values)]
    {
        js_sys::Reflect::set(&object, &name.into(), &value)?;
    }
    Ok(object.into())
}

fn from_js<T: DeserializeOwned>(value: JsValue) -> Result<T, JsValue> {
    serde_wasm_bindgen::from_value(value).map_err(|e| {
        js_from_error(&Error::new(Code::InvalidSetting, format!("the settings do not decode: {e}")))
    })
}

fn js_from_error(error: &Error) -> JsValue {
    to_js(error).unwrap_or_else(|e| e)
}
