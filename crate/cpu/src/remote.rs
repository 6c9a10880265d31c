//! The library of another wasm package, reached through JavaScript (`wasm` is its face). The page says what opens
//! one, and its package is not loaded before.

use std::cell::RefCell;

use js_sys::{Array as List, Float32Array, Function, Int8Array, Int32Array, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;

use super::js::{array_from, shape_of};
use super::{Array, Elements, Fault, FaultKind, Library, Named, Step};

#[wasm_bindgen]
extern "C" {
    /// `Library` of the other package.
    type Handle;
    #[wasm_bindgen(method)]
    fn name(this: &Handle) -> String;
    #[wasm_bindgen(method, catch)]
    fn fill(this: &Handle, at: f64, bytes: &Uint8Array) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn load(this: &Handle, onnx: &[u8], fused: bool) -> Result<LoadedHandle, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn run(
        this: &Handle,
        model: &LoadedHandle,
        inputs: List,
        outputs: Vec<String>,
    ) -> Result<MadeHandle, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn steps(
        this: &Handle,
        model: &LoadedHandle,
        inputs: List,
        names: Vec<String>,
        steps: &[u32],
        wanted: &[u32],
    ) -> Result<MadeHandle, JsValue>;
    #[wasm_bindgen(method)]
    fn free(this: &Handle);

    /// `Loaded` of the other package.
    type LoadedHandle;
    #[wasm_bindgen(method)]
    fn free(this: &LoadedHandle);

    /// `Made` of the other package.
    type MadeHandle;
    #[wasm_bindgen(method)]
    fn seconds(this: &MadeHandle) -> Vec<f64>;
    #[wasm_bindgen(method, catch)]
    fn take(this: &MadeHandle, place: u32) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method)]
    fn free(this: &MadeHandle);
}

thread_local! {
    static OPEN: RefCell<Option<Function>> = const { RefCell::new(None) };
}

/// Says what opens a library: a function of the bytes of its weights.
pub fn opens_cpu(open: Function) {
    OPEN.with_borrow_mut(|slot| *slot = Some(open));
}

/// A library behind JavaScript.
pub struct Remote(Handle);

/// A model there; let go with its owner.
pub struct Loaded(LoadedHandle);

/// What was made there; let go with its owner.
pub struct Made(MadeHandle);

impl Drop for Remote {
    fn drop(&mut self) {
        self.0.free();
    }
}

impl Drop for Loaded {
    fn drop(&mut self) {
        self.0.free();
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        self.0.free();
    }
}

/// What the other side throws is a fault, or a trap.
fn thrown(error: &JsValue) -> Fault {
    let get = |key: &str| Reflect::get(error, &key.into()).ok();
    let kind = get("kind").and_then(|kind| kind.as_f64());
    let kind = kind.and_then(|kind| FaultKind::ALL.get(kind as usize)).copied();
    let text = get("text").or_else(|| get("message")).and_then(|text| text.as_string());
    Fault {
        kind: kind.unwrap_or(FaultKind::Stopped),
        node: get("node").and_then(|node| node.as_string()),
        text: text.unwrap_or_else(|| "the engine's package stopped".to_owned()),
    }
}

/// `[[name, shape, elements], ...]`
fn list(inputs: &Named<'_>) -> List {
    let one = |(name, array): &(&str, Array<'_>)| {
        let elements: JsValue = match &array.elements {
            Elements::F32(v) => Float32Array::from(&v[..]).into(),
            Elements::I32(v) => Int32Array::from(&v[..]).into(),
            Elements::I8(v) => Int8Array::from(&v[..]).into(),
            Elements::U8(v) => Uint8Array::from(&v[..]).into(),
        };
        List::of3(&(*name).into(), &shape_of(array).into(), &elements)
    };
    inputs.iter().map(one).collect()
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

impl Library for Remote {
    type Model = Loaded;
    type Made = Made;

    fn open(weight_bytes: u64) -> Result<Self, Fault> {
        let open = OPEN.with_borrow(Clone::clone);
        let open = open.ok_or_else(|| Fault::new(FaultKind::Stopped, "nothing here opens the CPU engine"))?;
        let handle = open.call1(&JsValue::NULL, &(weight_bytes as f64).into()).map_err(|e| thrown(&e))?;
        Ok(Self(handle.unchecked_into()))
    }

    fn name(&self) -> String {
        self.0.name()
    }

    fn fill(&mut self, at: u64, bytes: &[u8]) -> Result<(), Fault> {
        self.0.fill(at as f64, &Uint8Array::from(bytes)).map_err(|e| thrown(&e))
    }

    fn load(&mut self, onnx: &[u8], fused: bool) -> Result<Loaded, Fault> {
        self.0.load(onnx, fused).map(Loaded).map_err(|e| thrown(&e))
    }

    fn run(&self, model: &Loaded, inputs: &Named<'_>, outputs: &[&str]) -> Result<Made, Fault> {
        self.0.run(&model.0, list(inputs), owned(outputs)).map(Made).map_err(|e| thrown(&e))
    }

    fn steps(
        &self,
        model: &Loaded,
        inputs: &Named<'_>,
        names: &[&str],
        steps: &[Step],
        wanted: &[u32],
    ) -> Result<(Vec<f64>, Made), Fault> {
        let steps = Step::words(steps);
        let made = self.0.steps(&model.0, list(inputs), owned(names), &steps, wanted);
        let made = made.map(Made).map_err(|e| thrown(&e))?;
        Ok((made.0.seconds(), made))
    }

    fn take(made: &mut Made, place: usize) -> Result<Array<'static>, Fault> {
        let array = made.0.take(place as u32).map_err(|e| thrown(&e))?;
        let array: Option<&List> = array.dyn_ref();
        let array = array.and_then(|array| array_from(&array.get(0), &array.get(1)));
        array.ok_or_else(|| Fault::new(FaultKind::NoArray, "a value that is no array"))
    }
}
