//! The face of the core: opening, scoring, pricing, comparing, links.

use js_sys::{Float64Array, Function};
use wasm_bindgen::prelude::*;
use web_sys::File;

use super::file::{BrowserFile, teller};
use super::{from_js, js_from_error, to_js};
use crate::api::{self, Ask, Code, Error, Mark, NamedFile, Present, Result, Row, Scored, Settings, Terms};

/// An opened model, or a score that came as a link.
#[wasm_bindgen]
pub struct Model {
    /// None for a link.
    model: Option<api::Model>,
    scored: Option<Scored>,
    /// What it was scored under.
    set: Settings,
    /// What came with the link.
    state: Option<api::LinkState>,
}

#[wasm_bindgen]
impl Model {
    /// Opens the model among the files; the others are its external data.
    pub fn open(
        files: Vec<File>,
        #[wasm_bindgen(unchecked_param_type = "(done: number, total: number) => void")] progress: &Function,
    ) -> Result<Self, JsValue> {
        let names: Vec<String> = files.iter().map(File::name).collect();
        let place = api::model_among(names.iter().map(String::as_str));
        let Some(file) = files.get(place).cloned() else {
            return Err(js_from_error(&Error::new(Code::EmptyFile, "there is no file")));
        };
        let mut beside: Vec<Present> =
            files.iter().map(|f| Present { name: f.name(), bytes: f.size() as u64 }).collect();
        let name = beside.remove(place).name;
        let bytes = BrowserFile::new(file)?;
        let file = NamedFile { name, bytes: &bytes };
        let model = api::Model::open(&file, beside, &mut teller(progress)).map_err(|e| js_from_error(&e))?;
        Ok(Self::from(model))
    }

    /// An example by its id.
    pub fn example(id: &str) -> Result<Self, JsValue> {
        let model = api::Model::example(id).map_err(|e| js_from_error(&e))?;
        Ok(Self::from(model))
    }

    /// Scores under `{ set: { NAME: "1x3x32x32" | "4" } }`.
    #[wasm_bindgen(unchecked_return_type = "Score")]
    pub fn score(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "ShapeSettings")] settings: JsValue,
    ) -> Result<JsValue, JsValue> {
        let settings: Settings = from_js(settings)?;
        let Some(model) = &self.model else { return to_js(&self.scored()?.score) };
        let scored = model.score(&settings).map_err(|e| js_from_error(&e))?;
        let report = to_js(&scored.score);
        (self.scored, self.set) = (Some(scored), settings);
        report
    }

    /// Where a number of the last score comes from; without an index, a total.
    #[wasm_bindgen(unchecked_return_type = "Card")]
    pub fn card(&self, index: Option<u32>, column: &str) -> Result<JsValue, JsValue> {
        to_js(&self.scored()?.card(index, column).map_err(|e| js_from_error(&e))?)
    }
}

impl From<api::Model> for Model {
    fn from(model: api::Model) -> Self {
        Self { model: Some(model), scored: None, set: Settings::default(), state: None }
    }
}

impl Model {
    pub(super) fn scored(&self) -> Result<&Scored, JsValue> {
        self.scored.as_ref().ok_or_else(not_scored)
    }

    pub(super) fn into_scored(self) -> Result<Scored, JsValue> {
        self.scored.ok_or_else(not_scored)
    }
}

fn not_scored() -> JsValue {
    js_from_error(&Error::new(Code::InvalidSetting, "the model is not scored yet"))
}

#[wasm_bindgen]
impl Model {
    /// Costs of the last score under settings: `reluctant.cost/1`; with those of each row where `layers` says so.
    #[wasm_bindgen(unchecked_return_type = "Report")]
    pub fn cost(
        &self,
        #[wasm_bindgen(unchecked_param_type = "CostSettings")] settings: JsValue,
        layers: bool,
    ) -> Result<JsValue, JsValue> {
        let ask: Ask = from_js(settings)?;
        let scored = self.scored()?;
        let report = if layers { scored.cost_by_row(&ask) } else { scored.cost(&ask) };
        to_js(&report.map_err(|e| js_from_error(&e))?)
    }

    /// The same with the rows as columns: `{ report, fields, values: Float64Array }`.
    #[wasm_bindgen(unchecked_return_type = "CostTable")]
    pub fn cost_table(
        &self,
        #[wasm_bindgen(unchecked_param_type = "CostSettings")] settings: JsValue,
    ) -> Result<JsValue, JsValue> {
        let ask: Ask = from_js(settings)?;
        js_from_table(&self.scored()?.cost_table(&ask).map_err(|e| js_from_error(&e))?)
    }

    /// Where the cost of a row comes from, under the first protocol of the settings.
    #[wasm_bindgen(unchecked_return_type = "CostCard")]
    pub fn cost_card(
        &self,
        index: u32,
        #[wasm_bindgen(unchecked_param_type = "CostSettings")] settings: JsValue,
    ) -> Result<JsValue, JsValue> {
        let ask: Ask = from_js(settings)?;
        to_js(&self.scored()?.cost_card(index, &ask).map_err(|e| js_from_error(&e))?)
    }

    /// The protocols that the last score opens under where nobody has chosen one, the one that is shown first.
    #[wasm_bindgen(unchecked_return_type = "Opening[]")]
    pub fn opens_under(&self) -> Result<JsValue, JsValue> {
        to_js(&self.scored()?.opens_under())
    }

    /// What single changes to layers do to the cost under the settings' protocols: `reluctant.what-if/1`.
    #[wasm_bindgen(unchecked_return_type = "WhatIf")]
    pub fn what_if(
        &self,
        #[wasm_bindgen(unchecked_param_type = "CostSettings")] settings: JsValue,
    ) -> Result<JsValue, JsValue> {
        let ask: Ask = from_js(settings)?;
        to_js(&self.scored()?.what_if(&ask).map_err(|e| js_from_error(&e))?)
    }

    /// What stands in the way under the settings' first protocol, and what to do: `reluctant.advice/1`.
    #[wasm_bindgen(unchecked_return_type = "Advice")]
    pub fn advice(
        &self,
        #[wasm_bindgen(unchecked_param_type = "CostSettings")] settings: JsValue,
    ) -> Result<JsValue, JsValue> {
        let ask: Ask = from_js(settings)?;
        let scored = self.scored()?;
        let advice = match &self.model {
            Some(model) => model.advice(&self.set, scored, &ask),
            None => scored.advice(&ask),
        };
        to_js(&advice.map_err(|e| js_from_error(&e))?)
    }

    /// What a link holds, or a saved file of one.
    pub fn from_link(text: &str) -> Result<Self, JsValue> {
        let api::Opened { scored, state } = api::open_link(text).map_err(|e| js_from_error(&e))?;
        Ok(Self { model: None, scored: Some(scored), set: Settings::default(), state: Some(state) })
    }

    /// What came with the link beside the score; null for a model.
    #[wasm_bindgen(unchecked_return_type = "LinkState | null")]
    pub fn link_state(&self) -> Result<JsValue, JsValue> {
        to_js(&self.state)
    }

    /// The link of the last score under a `LinkView`; names enter only if `names`.
    pub fn link(
        &self,
        #[wasm_bindgen(unchecked_param_type = "LinkView")] view: JsValue,
        names: bool,
    ) -> Result<String, JsValue> {
        let view: api::LinkView = from_js(view)?;
        self.scored()?.link(&view, names).map_err(|e| js_from_error(&e))
    }
}

/// Costs of rows that were typed in, as `Model.cost_table` gives them: the calculator.
#[wasm_bindgen(unchecked_return_type = "CostTable")]
pub fn cost_table_of(
    #[wasm_bindgen(unchecked_param_type = "WorkRow[]")] rows: JsValue,
    #[wasm_bindgen(unchecked_param_type = "Terms")] terms: JsValue,
) -> Result<JsValue, JsValue> {
    let (rows, terms): (Vec<Row>, Terms) = (from_js(rows)?, from_js(terms)?);
    js_from_table(&api::cost_table_of(&rows, &terms.into()).map_err(|e| js_from_error(&e))?)
}

/// Where the cost of a typed-in row comes from.
#[wasm_bindgen(unchecked_return_type = "CostCard")]
pub fn cost_card_of(
    #[wasm_bindgen(unchecked_param_type = "WorkRow[]")] rows: JsValue,
    position: u32,
    #[wasm_bindgen(unchecked_param_type = "Terms")] terms: JsValue,
) -> Result<JsValue, JsValue> {
    let (rows, terms): (Vec<Row>, Terms) = (from_js(rows)?, from_js(terms)?);
    to_js(&api::cost_card_of(&rows, position as usize, &terms.into()).map_err(|e| js_from_error(&e))?)
}

/// Protocols with constants and sources.
#[wasm_bindgen(unchecked_return_type = "Protocol[]")]
pub fn protocols(#[wasm_bindgen(unchecked_param_type = "Terms")] terms: JsValue) -> Result<JsValue, JsValue> {
    let terms: Terms = from_js(terms)?;
    to_js(&api::protocols(&terms).map_err(|e| js_from_error(&e))?)
}

/// The settings that a menu lists.
#[wasm_bindgen(unchecked_return_type = "Setting[]")]
pub fn settings() -> Result<JsValue, JsValue> {
    to_js(&api::settings())
}

/// Price of one ReLU under the first protocol of the terms.
#[wasm_bindgen(unchecked_return_type = "ReluPrice")]
pub fn relu_price(
    #[wasm_bindgen(unchecked_param_type = "Terms")] terms: JsValue,
) -> Result<JsValue, JsValue> {
    let terms: Terms = from_js(terms)?;
    to_js(&api::relu_price(&terms).map_err(|e| js_from_error(&e))?)
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
#[wasm_bindgen(unchecked_return_type = "Calibrated")]
pub fn calibrate(
    #[wasm_bindgen(unchecked_param_type = "CalibrateSettings")] settings: JsValue,
) -> Result<JsValue, JsValue> {
    let settings: api::CalibrateSettings = from_js(settings)?;
    to_js(&api::calibrate(&settings).map_err(|e| js_from_error(&e))?)
}

/// The fit of a profile that came with a link.
#[wasm_bindgen(unchecked_return_type = "CalibrationReport")]
pub fn calibration(
    #[wasm_bindgen(unchecked_param_type = "OwnProfile")] profile: JsValue,
) -> Result<JsValue, JsValue> {
    let profile: api::OwnProfile = from_js(profile)?;
    to_js(&api::calibration(&profile).map_err(|e| js_from_error(&e))?)
}

/// A saved profile, fitted anew.
#[wasm_bindgen(unchecked_return_type = "CalibrationReport")]
pub fn open_profile(text: &str) -> Result<JsValue, JsValue> {
    to_js(&api::open_profile(text).map_err(|e| js_from_error(&e))?)
}

/// Presets of the link.
#[wasm_bindgen(unchecked_return_type = "Link[]")]
pub fn links() -> Result<JsValue, JsValue> {
    to_js(&api::links())
}

/// The examples that are built from specs: `[{ id, title, dataset, note }]`.
#[wasm_bindgen(unchecked_return_type = "Example[]")]
pub fn examples() -> Result<JsValue, JsValue> {
    to_js(&api::examples())
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
