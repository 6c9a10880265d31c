//! The face of the CPU engine, for the package that has the models: ONNX bytes and arrays in, arrays out. Nothing of a
//! model comes here.

// wasm-bindgen writes unsafe glue, and arrays are shown without a copy.
#![allow(unsafe_code)]

use js_sys::{Array as List, Float32Array, Int8Array, Int32Array, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;

use crate::js::{array_from, shape_of};
use crate::rten::Rten;
use crate::{Array, Elements, Fault, FaultKind, Library as _, Step};

type Model = <Rten as crate::Library>::Model;
type Values = <Rten as crate::Library>::Made;

/// Size of the wasm memory; it never shrinks.
#[wasm_bindgen]
pub fn memory_bytes() -> f64 {
    let memory: js_sys::WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
    let buffer: js_sys::ArrayBuffer = memory.buffer().unchecked_into();
    f64::from(buffer.byte_length())
}

/// A library with the weights of one model.
#[wasm_bindgen]
pub struct Library(Rten);

/// A model that is loaded.
#[wasm_bindgen]
pub struct Loaded(Model);

/// What a run made, until it is taken.
#[wasm_bindgen]
pub struct Made {
    values: Values,
    seconds: Vec<f64>,
    /// The one that is shown.
    shown: Option<Array<'static>>,
}

fn js_from_fault(fault: &Fault) -> JsValue {
    let object = js_sys::Object::new();
    let kind = FaultKind::ALL.iter().position(|kind| *kind == fault.kind).unwrap_or(0);
    let node = fault.node.as_deref().map_or(JsValue::NULL, JsValue::from);
    let fields = [("kind", (kind as f64).into()), ("node", node), ("text", fault.text.as_str().into())];
    for (key, value) in fields {
        let _ = Reflect::set(&object, &key.into(), &value);
    }
    object.into()
}

/// `[[name, shape, elements], ...]`
fn inputs(list: &List) -> Result<Vec<(String, Array<'static>)>, JsValue> {
    let no = || js_from_fault(&Fault::new(FaultKind::Input, "an array is damaged"));
    let one = |entry: JsValue| {
        let entry: List = entry.dyn_into().map_err(|_| no())?;
        let name = entry.get(0).as_string().ok_or_else(no)?;
        let array = array_from(&entry.get(1), &entry.get(2)).ok_or_else(no)?;
        Ok((name, array))
    };
    list.iter().map(one).collect()
}

fn lent(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).collect()
}

fn named<'a>(arrays: &'a [(String, Array<'static>)]) -> Vec<(&'a str, Array<'a>)> {
    arrays.iter().map(|(name, array)| (name.as_str(), array.lent())).collect()
}

#[wasm_bindgen]
impl Library {
    /// With room for so many bytes of weights.
    #[wasm_bindgen(constructor)]
    pub fn open(weight_bytes: f64) -> Result<Self, JsValue> {
        Rten::open(weight_bytes as u64).map(Self).map_err(|f| js_from_fault(&f))
    }

    /// What it is.
    pub fn name(&self) -> String {
        self.0.name()
    }

    /// Puts bytes of the weights in their place.
    pub fn fill(&mut self, at: f64, bytes: &[u8]) -> Result<(), JsValue> {
        self.0.fill(at as u64, bytes).map_err(|f| js_from_fault(&f))
    }

    /// Loads a model.
    pub fn load(&mut self, onnx: &[u8], fused: bool) -> Result<Loaded, JsValue> {
        self.0.load(onnx, fused).map(Loaded).map_err(|f| js_from_fault(&f))
    }

    /// Computes the values of these names.
    pub fn run(&self, model: &Loaded, given: &List, outputs: Vec<String>) -> Result<Made, JsValue> {
        let given = inputs(given)?;
        let values = self.0.run(&model.0, &named(&given), &lent(&outputs)).map_err(|f| js_from_fault(&f))?;
        Ok(Made { values, seconds: Vec::new(), shown: None })
    }

    /// Computes node after node.
    pub fn steps(
        &self,
        model: &Loaded,
        given: &List,
        names: Vec<String>,
        steps: &[u32],
        wanted: &[u32],
    ) -> Result<Made, JsValue> {
        let given = inputs(given)?;
        let steps = Step::from_words(steps);
        let (seconds, values) = self
            .0
            .steps(&model.0, &named(&given), &lent(&names), &steps, wanted)
            .map_err(|f| js_from_fault(&f))?;
        Ok(Made { values, seconds, shown: None })
    }
}

#[wasm_bindgen]
impl Made {
    /// Of each step.
    pub fn seconds(&self) -> Vec<f64> {
        self.seconds.clone()
    }

    /// `[shape, elements]` of one of the values. The elements are shown where they lie, until the next one is taken: who
    /// takes them copies them at once.
    pub fn take(&mut self, place: u32) -> Result<JsValue, JsValue> {
        self.shown = None;
        let array = Rten::take(&mut self.values, place as usize).map_err(|f| js_from_fault(&f))?;
        let array = self.shown.insert(array);
        let shape = shape_of(array);
        // SAFETY: `shown` keeps them, and nothing here allocates before they are copied: the next call comes from there.
        let elements: JsValue = unsafe {
            match &array.elements {
                Elements::F32(v) => Float32Array::view(v).into(),
                Elements::I32(v) => Int32Array::view(v).into(),
                Elements::I8(v) => Int8Array::view(v).into(),
                Elements::U8(v) => Uint8Array::view(v).into(),
            }
        };
        Ok(List::of2(&shape.into(), &elements).into())
    }
}
