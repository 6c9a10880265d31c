//! The page's face: opaque handles, plain objects, no logic. Runs in a worker only, since a file is
//! read with `FileReaderSync`.
//!
//! `core` is what a score needs, `run` what running a model needs; each package has one of them.

// wasm-bindgen writes unsafe glue.
#![allow(unsafe_code)]

#[cfg(feature = "web")]
mod core;
#[cfg(feature = "run")]
mod run;

use std::ops::ControlFlow;

use js_sys::{Function, Uint8Array};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;
use web_sys::{File, FileReaderSync};

use crate::api::{Code, Error, ReadAt, Result};

/// A browser file, read in ranges. Offsets travel as f64: exact to 2^53.
struct BrowserFile {
    file: File,
    reader: FileReaderSync,
}

impl BrowserFile {
    fn new(file: File) -> Result<Self, JsValue> {
        Ok(Self { file, reader: FileReaderSync::new()? })
    }

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

/// Tells the page how far the work is; what it throws stops the work.
fn teller(progress: &Function) -> impl FnMut(u64, u64) -> ControlFlow<()> {
    move |done, total| {
        let told = progress.call2(&JsValue::NULL, &(done as f64).into(), &(total as f64).into());
        if told.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }
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

fn from_js<T: DeserializeOwned>(value: JsValue) -> Result<T, JsValue> {
    serde_wasm_bindgen::from_value(value).map_err(|e| {
        js_from_error(&Error::new(Code::InvalidSetting, format!("the settings do not decode: {e}")))
    })
}

fn js_from_error(error: &Error) -> JsValue {
    to_js(error).unwrap_or_else(|e| e)
}
