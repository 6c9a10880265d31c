//! The face of a GPU, for the package that has the models: a listing in, words and times out. Nothing of a
//! model comes here, so that this package stays small.

// wasm-bindgen writes unsafe glue.
#![allow(unsafe_code)]

use std::rc::Rc;

use js_sys::{Array, Float64Array, Function, Object, Promise, Reflect, Uint32Array};
use serde::Serialize as _;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use crate::{Executor as _, Fault, device, fault, run, wire};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = "import type { Device } from './core';";

fn object(fields: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in fields {
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object.into()
}

/// As the page knows faults.
fn js_from_fault(fault: &Fault) -> JsValue {
    let (message, hint) = (fault.text.as_str().into(), fault.hint.as_str().into());
    object(&[("code", "gpu".into()), ("message", message), ("place", Object::new().into()), ("hint", hint)])
}

/// An open GPU.
#[wasm_bindgen]
pub struct Gpu(Rc<device::Gpu>);

/// A listing on it. Its buffers end with it.
#[wasm_bindgen]
pub struct Loaded(run::Loaded);

#[wasm_bindgen]
impl Loaded {
    /// Bytes of everything that it has on the GPU.
    #[wasm_bindgen(getter)]
    pub fn bytes(&self) -> f64 {
        device::Gpu::bytes(&self.0) as f64
    }
}

#[wasm_bindgen]
impl Gpu {
    /// Opens the fastest GPU there is; `name` is what the page knows of it.
    pub async fn open(name: String) -> Result<Self, JsValue> {
        let gpu = device::Gpu::open_named(&name).await.map_err(|e| js_from_fault(&e))?;
        Ok(Self(Rc::new(gpu)))
    }

    /// `{ adapter, limits }`.
    #[wasm_bindgen(unchecked_return_type = "Device")]
    pub fn opened(&self) -> Result<JsValue, JsValue> {
        self.0.opened().serialize(&Serializer::json_compatible()).map_err(JsValue::from)
    }

    /// It can still be used.
    pub fn alive(&self) -> bool {
        self.0.alive().is_ok()
    }

    /// Puts a listing on the GPU; promises a `Loaded`. `fetch(place, from)` gives some of a constant's words
    /// from an element on, and is called before this returns: words may lie in another package's memory.
    pub fn load(&self, numbers: &[u32], texts: Vec<String>, fetch: &Function) -> Result<Promise, JsValue> {
        let mut fetch = |place: usize, from: usize| {
            let words = fetch.call2(&JsValue::NULL, &(place as f64).into(), &(from as f64).into());
            let words = words.ok().and_then(|words| words.dyn_into::<Uint32Array>().ok());
            words.map(|words| words.to_vec()).ok_or_else(|| fault("a weight is not here"))
        };
        let begun = wire::read(numbers, texts).and_then(|listing| self.0.begin(&listing, &mut fetch));
        let (begun, gpu) = (begun.map_err(|e| js_from_fault(&e))?, self.0.clone());
        Ok(future_to_promise(async move {
            let loaded = gpu.finish(begun).await;
            Ok(Loaded(loaded.map_err(|e| js_from_fault(&e))?).into())
        }))
    }

    /// Runs a listing once: `{ outputs: [words], nanoseconds }`.
    pub async fn run(
        &self,
        loaded: &Loaded,
        inputs: Vec<Uint32Array>,
        seed: u32,
        timed: bool,
    ) -> Result<JsValue, JsValue> {
        let inputs: Vec<Vec<u32>> = inputs.iter().map(Uint32Array::to_vec).collect();
        let done = self.0.run(&loaded.0, &inputs, seed, timed).await.map_err(|e| js_from_fault(&e))?;
        let outputs: Array = done.outputs.iter().map(|words| Uint32Array::from(&words[..])).collect();
        let nanoseconds = Float64Array::from(&done.nanoseconds[..]);
        Ok(object(&[("outputs", outputs.into()), ("nanoseconds", nanoseconds.into())]))
    }

    /// Ends the device.
    pub fn destroy(&self) {
        self.0.destroy();
    }
}
