//! Arrays on their way between two packages: `[shape, elements]`, as typed arrays of JavaScript.

use std::borrow::Cow;

use js_sys::{Float32Array, Int8Array, Int32Array, Uint8Array, Uint32Array};
use wasm_bindgen::{JsCast, JsValue};

use super::{Array, Elements};

/// The sizes of an array.
pub fn shape_of(array: &Array<'_>) -> Uint32Array {
    let shape: Vec<u32> = array.shape.iter().map(|size| *size as u32).collect();
    Uint32Array::from(&shape[..])
}

/// An array of its own; None where the two are no typed arrays, or of other elements. Copies `elements` before anything
/// else can happen: they may be shown in place.
pub fn array_from(shape: &JsValue, elements: &JsValue) -> Option<Array<'static>> {
    let shape: &Uint32Array = shape.dyn_ref()?;
    let elements = if let Some(v) = elements.dyn_ref::<Float32Array>() {
        Elements::F32(Cow::Owned(v.to_vec()))
    } else if let Some(v) = elements.dyn_ref::<Int32Array>() {
        Elements::I32(Cow::Owned(v.to_vec()))
    } else if let Some(v) = elements.dyn_ref::<Int8Array>() {
        Elements::I8(Cow::Owned(v.to_vec()))
    } else {
        Elements::U8(Cow::Owned(elements.dyn_ref::<Uint8Array>()?.to_vec()))
    };
    let shape = shape.to_vec().into_iter().map(|size| size as usize).collect();
    Some(Array { shape: Cow::Owned(shape), elements })
}
