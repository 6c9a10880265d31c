//! The page's face: opaque handles, plain objects, no logic. Runs in a worker only, since a file is
//! read with `FileReaderSync`.
//!
//! The engines have faces of their own (`crate/cpu`, `crate/gpu`), which the core calls through JavaScript.

// wasm-bindgen writes unsafe glue.
#![allow(unsafe_code)]

mod core;
mod design;
mod file;
mod lab;
mod replace;
mod run;
mod train;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

use crate::api::{Code, Error, Result};

/// The types that the functions name, for the page: those of `www/src/contract/core.ts`, where the file that
/// wasm-bindgen writes is kept beside it, and what crosses as JavaScript's own objects.
#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = "
import type { Advice, AscentReport, Atlas, BenchInfo, Calibrated, CalibrateSettings, CalibrationReport, Card, CellsSettings, CellsStart, CellView, Claim, CleanReport, CostCard, CostSettings, CostTable,
  Criticality, Diff, EqualiseReport, EqualiseSettings, Example, ExitSearch, ExitSearchSettings, ExitSweep, ExitsReport, ExploreReport, ExploreSettings, FixedReport, FixedSettings, FolderAsk, GatedReport, Gradient, LayerView, Link, LinkState, LinkView, LiveView, Measured, NtkReport, Opening, OwnProfile, PlanFile,
  Planned, PresetView, ProbeId, Protocol, ReluPrice, ReplaceSettings, Report, RunInfo, RunOptions, RunReport, RunRequest, Score, Setting,
  ShapeSettings, Spec, StagesRanked, StatsReport, Summary, SweepPoint, Terms, TrainingAsk, TrainingView, WhatIf, WorkRow } from './core';

/** Elements as they stand in a file: little-endian, row-major. */
export interface NumberArray {
  name: string;
  dtype: string;
  shape: number[];
  bytes: Uint8Array<ArrayBuffer>;
}

/** What a run is given: arrays, or so many random samples. */
export type RunData = { inputs: NumberArray[]; labels: NumberArray | null } | { samples: number; seed: number };
";

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
    // By way of text: what is read from files too has one reader then, and that is smaller than two.
    let text = js_sys::JSON::stringify(&value)?.as_string();
    serde_json::from_str(text.as_deref().unwrap_or("null")).map_err(|e| {
        js_from_error(&Error::new(Code::InvalidSetting, format!("the settings do not decode: {e}")))
    })
}

fn js_from_error(error: &Error) -> JsValue {
    to_js(error).unwrap_or_else(|e| e)
}

fn object(fields: &[(&str, JsValue)]) -> Result<JsValue, JsValue> {
    let object = js_sys::Object::new();
    for (name, value) in fields {
        js_sys::Reflect::set(&object, &(*name).into(), value)?;
    }
    Ok(object.into())
}
