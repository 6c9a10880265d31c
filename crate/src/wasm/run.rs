//! The face of running: a model with its weights, arrays in, reports and arrays out.

use std::collections::HashMap;

use js_sys::{Array, BigUint64Array, Float32Array, Function, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::File;

use super::file::{BrowserFile, teller};
use super::{from_js, js_from_error, object, to_js};
use crate::api::{
    self, Code, Error, Given, NamedFile, Outcome, Result, RunOptions, RunRequest, RunSession, Seen, Settings,
    SummaryReport, Tensor,
};

/// A model that is open for running.
#[wasm_bindgen]
pub struct Runner {
    session: RunSession,
    /// Of the last run: the first output, and the channels of every value that has statistics.
    output: Option<(String, Tensor)>,
    channels: HashMap<String, Vec<SummaryReport>>,
}

#[wasm_bindgen]
impl Runner {
    /// Loads the model among the files with its weights; the others are its external data.
    /// `settings`: `{ set: { NAME: "1x3x32x32" | "4" } }`; `options`: `{ engine, batch }`.
    pub fn open(
        files: Vec<File>,
        #[wasm_bindgen(unchecked_param_type = "ShapeSettings")] settings: JsValue,
        #[wasm_bindgen(unchecked_param_type = "RunOptions")] options: JsValue,
        #[wasm_bindgen(unchecked_param_type = "(done: number, total: number) => void")] progress: &Function,
    ) -> Result<Self, JsValue> {
        let (settings, options): (Settings, RunOptions) = (from_js(settings)?, from_js(options)?);
        let files = files.into_iter().map(|file| Ok((file.name(), BrowserFile::new(file)?)));
        let files: Vec<(String, BrowserFile)> = files.collect::<Result<_, JsValue>>()?;
        let named: Vec<NamedFile<'_>> =
            files.iter().map(|(name, bytes)| NamedFile { name: name.clone(), bytes }).collect();
        let session = RunSession::open(&named, &settings, &options, &mut teller(progress))
            .map_err(|e| js_from_error(&e))?;
        Ok(Self { session, output: None, channels: HashMap::new() })
    }

    /// What the model reads and gives.
    #[wasm_bindgen(unchecked_return_type = "RunInfo")]
    pub fn info(&self) -> Result<JsValue, JsValue> {
        to_js(&self.session.info())
    }

    /// Runs on `data`: `{ inputs: [{ name, dtype, shape, bytes }], labels: array | null }`, or
    /// `{ samples, seed }` for random numbers.
    #[wasm_bindgen(unchecked_return_type = "{ report: RunReport; stats: StatsReport | null }")]
    pub async fn run(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "RunRequest")] request: JsValue,
        #[wasm_bindgen(unchecked_param_type = "RunData")] data: JsValue,
        #[wasm_bindgen(unchecked_param_type = "(done: number, total: number) => void")] progress: Function,
    ) -> Result<JsValue, JsValue> {
        let request: RunRequest = from_js(request)?;
        let given = self.given(&data)?;
        self.output = None;
        self.channels.clear();
        let outcome = self.session.run(given, &request, &mut teller(&progress)).await;
        let Outcome { outputs, report, mut stats } = outcome.map_err(|e| js_from_error(&e))?;
        self.output = outputs.into_iter().next();
        // A wide network has millions of bins: the page asks for those that it shows.
        for value in stats.iter_mut().flat_map(|stats| &mut stats.values) {
            self.channels.insert(value.name.clone(), std::mem::take(&mut value.channels));
        }
        object(&[("report", to_js(&report)?), ("stats", to_js(&stats)?)])
    }

    /// Runs in the arithmetic of a ring beside floating point: `reluctant.fixed/1`.
    #[wasm_bindgen(unchecked_return_type = "FixedReport")]
    pub fn fixed(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "FixedSettings")] settings: JsValue,
        #[wasm_bindgen(unchecked_param_type = "RunData")] data: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "(done: number, total: number) => void")] progress: &Function,
    ) -> Result<JsValue, JsValue> {
        let settings: api::FixedSettings = from_js(settings)?;
        let given = self.given(data)?;
        let report = self.session.fixed(given, &settings, &mut teller(progress));
        to_js(&report.map_err(|e| js_from_error(&e))?)
    }

    /// What the parties of a protocol take of the model and the first sample, each its own part. `argmax`: the client learns the best
    /// class alone.
    #[wasm_bindgen(
        unchecked_return_type = "{ network: Uint8Array<ArrayBuffer>; weights: Uint8Array<ArrayBuffer>; input: BigUint64Array<ArrayBuffer>; view: LiveView }"
    )]
    pub fn live(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "FixedSettings")] settings: JsValue,
        #[wasm_bindgen(unchecked_param_type = "RunData")] data: &JsValue,
        argmax: bool,
    ) -> Result<JsValue, JsValue> {
        let settings: api::FixedSettings = from_js(settings)?;
        let given = self.given(data)?;
        let api::Live { network, weights, input, view } =
            self.session.live(given, &settings, argmax).map_err(|e| js_from_error(&e))?;
        object(&[
            ("network", Uint8Array::from(&network[..]).into()),
            ("weights", Uint8Array::from(&weights[..]).into()),
            ("input", BigUint64Array::from(&input[..]).into()),
            ("view", to_js(&view)?),
        ])
    }

    /// Runs the model's own heads at the values named, and its end.
    pub async fn heads(
        &mut self,
        at: Vec<String>,
        #[wasm_bindgen(unchecked_param_type = "RunData")] data: JsValue,
        #[wasm_bindgen(unchecked_param_type = "(done: number, total: number) => void")] progress: Function,
    ) -> Result<Heads, JsValue> {
        let given = self.given(&data)?;
        let seen = self.session.heads(&at, given, &mut teller(&progress)).await;
        Ok(Heads { seen: Some(seen.map_err(|e| js_from_error(&e))?) })
    }

    /// Channel by channel, of a value of the last run.
    #[wasm_bindgen(unchecked_return_type = "Summary[]")]
    pub fn channels(&self, value: &str) -> Result<JsValue, JsValue> {
        let known = self.channels.get(value).ok_or_else(|| {
            js_from_error(
                &Error::new(Code::InvalidSetting, "the last run has no statistics of this value")
                    .value(value),
            )
        })?;
        to_js(known)
    }

    /// The first output of the last run as a .npy file: `{ name, bytes }`.
    #[wasm_bindgen(unchecked_return_type = "{ name: string; bytes: Uint8Array<ArrayBuffer> }")]
    pub fn output(&self) -> Result<JsValue, JsValue> {
        let Some((name, tensor)) = &self.output else {
            return Err(not_run());
        };
        let bytes = Uint8Array::from(&api::npy_from(tensor)[..]);
        object(&[("name", name.as_str().into()), ("bytes", bytes.into())])
    }
}

/// What heads of a model said of samples.
#[wasm_bindgen]
pub struct Heads {
    pub(super) seen: Option<Seen>,
}

#[wasm_bindgen]
impl Heads {
    /// Of a model that was not run.
    pub fn unseen() -> Self {
        Self { seen: None }
    }
}

pub(super) fn not_run() -> JsValue {
    js_from_error(&Error::new(Code::InvalidSetting, "nothing has been run yet"))
}

impl Runner {
    fn given(&self, data: &JsValue) -> Result<Given, JsValue> {
        let get = |key: &str| Reflect::get(data, &key.into());
        let given = match get("samples")?.as_f64() {
            Some(samples) => {
                self.session.random(samples as usize, get("seed")?.as_f64().unwrap_or(0.0) as u64)
            }
            None => {
                let inputs: Array = get("inputs")?.unchecked_into();
                let arrays = inputs.iter().map(|array| tensor_from_js(&array));
                let arrays = arrays.collect::<Result<_, JsValue>>()?;
                let labels = get("labels")?;
                let labels = if labels.is_object() { Some(tensor_from_js(&labels)?.1) } else { None };
                self.session.given(arrays, labels)
            }
        };
        given.map_err(|e| js_from_error(&e))
    }
}

/// What opens an engine on the CPU for a model: a function of the bytes of its weights that gives a `Library` of the other
/// package.
#[wasm_bindgen]
pub fn opens_cpu(#[wasm_bindgen(unchecked_param_type = "(weightBytes: number) => object")] open: Function) {
    api::opens_cpu(open);
}

/// What opens a GPU: a function that promises an open `Gpu` of the other package, or throws a fault.
#[wasm_bindgen]
pub fn opens_gpu(#[wasm_bindgen(unchecked_param_type = "() => Promise<object>")] open: Function) {
    api::opens_gpu(open);
}

/// A model that measures speed, a chain of `layers` equal ones: `{ bytes, macs }`. `kind`: `conv`, `gemm`.
#[wasm_bindgen(unchecked_return_type = "{ bytes: Uint8Array<ArrayBuffer>; macs: number }")]
pub fn probe(
    #[wasm_bindgen(unchecked_param_type = "ProbeId")] kind: JsValue,
    layers: u32,
) -> Result<JsValue, JsValue> {
    let kind: api::Probe = from_js(kind)?;
    let (bytes, macs) = kind.model(layers as usize).map_err(|e| js_from_error(&e))?;
    object(&[("bytes", Uint8Array::from(&bytes[..]).into()), ("macs", (macs as f64).into())])
}

/// All arrays of a .npy or .npz file: `[{ name, dtype, shape, bytes }]`.
#[wasm_bindgen(unchecked_return_type = "NumberArray[]")]
pub fn read_arrays(name: &str, bytes: &[u8]) -> Result<Array, JsValue> {
    let arrays = api::arrays(name, bytes).map_err(|e| js_from_error(&e))?;
    arrays.iter().map(|(name, tensor)| js_from_tensor(name, tensor)).collect()
}

/// The elements of such an array as float32.
#[wasm_bindgen(unchecked_return_type = "Float32Array<ArrayBuffer>")]
pub fn floats(
    #[wasm_bindgen(unchecked_param_type = "NumberArray")] array: &JsValue,
) -> Result<Float32Array, JsValue> {
    Ok(Float32Array::from(&tensor_from_js(array)?.1.to_f32()[..]))
}

fn js_from_tensor(name: &str, tensor: &Tensor) -> Result<JsValue, JsValue> {
    object(&[
        ("name", name.into()),
        ("dtype", tensor.dtype_name().into()),
        ("shape", to_js(&tensor.shape())?),
        ("bytes", Uint8Array::from(&tensor.to_le_bytes()[..]).into()),
    ])
}

pub(super) fn tensor_from_js(array: &JsValue) -> Result<(String, Tensor), JsValue> {
    let get = |key: &str| Reflect::get(array, &key.into());
    let name = get("name")?.as_string().unwrap_or_default();
    let dtype = get("dtype")?.as_string().unwrap_or_default();
    let shape: Vec<usize> = from_js(get("shape")?)?;
    let bytes = Uint8Array::new(&get("bytes")?).to_vec();
    let tensor = Tensor::from_bytes(&dtype, shape, &bytes).map_err(|e| js_from_error(&e.value(&name)))?;
    Ok((name, tensor))
}
