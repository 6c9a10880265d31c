//! The executor of another wasm package, reached through JavaScript (`wasm` is its face). The page
//! says how it is opened, and its package is not loaded before.

// wasm-bindgen writes unsafe glue, and words are shown without a copy.
#![allow(unsafe_code)]

use std::cell::RefCell;

use js_sys::{Array, Float64Array, Function, Promise, Reflect, Uint32Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::listing::Listing;
use super::{Done, Executor, Fault, Fetch, Opened, Result, fault, wire};

#[wasm_bindgen]
extern "C" {
    /// `Gpu` of the other package.
    #[derive(Debug)]
    type Handle;
    #[wasm_bindgen(method, catch)]
    fn opened(this: &Handle) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn load(
        this: &Handle,
        numbers: &[u32],
        texts: Vec<String>,
        fetch: &mut dyn FnMut(f64, f64) -> JsValue,
    ) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn run(
        this: &Handle,
        loaded: &LoadedHandle,
        inputs: Array,
        seed: u32,
        timed: bool,
    ) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method)]
    fn destroy(this: &Handle);

    /// `Loaded` of the other package.
    #[derive(Debug)]
    type LoadedHandle;
    #[wasm_bindgen(method, getter)]
    fn bytes(this: &LoadedHandle) -> f64;
    #[wasm_bindgen(method)]
    fn free(this: &LoadedHandle);
}

thread_local! {
    static OPEN: RefCell<Option<Function>> = const { RefCell::new(None) };
}

/// Says what opens a GPU: a function that promises a handle, or throws a fault.
pub fn opens_gpu(open: Function) {
    OPEN.with_borrow_mut(|slot| *slot = Some(open));
}

/// A GPU behind JavaScript.
#[derive(Debug)]
pub struct Remote {
    handle: Handle,
    opened: Opened,
}

/// What is loaded there; let go with its owner.
#[derive(Debug)]
pub struct Loaded(LoadedHandle);

impl Drop for Loaded {
    fn drop(&mut self) {
        self.0.free();
    }
}

/// What the other side throws is a fault with a message, or a trap.
fn thrown(error: JsValue) -> Fault {
    let text = |key: &str| Reflect::get(&error, &key.into()).ok().and_then(|text| text.as_string());
    let message = text("message").unwrap_or_else(|| "the GPU's package stopped".to_owned());
    match text("hint").filter(|hint| !hint.is_empty()) {
        Some(hint) => fault(message).hint(hint),
        None => fault(message),
    }
}

impl Executor for Remote {
    type Loaded = Loaded;

    async fn open() -> Result<Self> {
        let open = OPEN.with_borrow(Clone::clone);
        let open = open.ok_or_else(|| fault("nothing here opens a GPU"))?;
        let promise = open.call0(&JsValue::NULL).map_err(thrown)?;
        let handle: Handle =
            JsFuture::from(Promise::resolve(&promise)).await.map_err(thrown)?.unchecked_into();
        let opened = handle.opened().map_err(thrown)?;
        let opened = serde_wasm_bindgen::from_value(opened).map_err(|e| thrown(e.into()))?;
        Ok(Self { handle, opened })
    }

    fn opened(&self) -> &Opened {
        &self.opened
    }

    async fn load(&self, listing: &Listing, fetch: &mut Fetch<'_>) -> Result<Loaded> {
        let (numbers, texts) = wire::write(listing);
        let (mut failed, mut held) = (None, Vec::new());
        let promise = {
            let mut fetch = |place: f64, from: f64| match fetch(place as usize, from as usize) {
                Ok(words) => {
                    held = words;
                    // SAFETY: the other package copies what it is shown before it calls again or returns, and
                    // nothing here allocates meanwhile; `held` lives beyond the call.
                    unsafe { Uint32Array::view(&held) }.into()
                }
                Err(e) => {
                    failed = Some(e);
                    JsValue::NULL
                }
            };
            self.handle.load(&numbers, texts, &mut fetch)
        };
        // What a weight is at fault with says more than what came of it; the promise is waited for
        // all the same, for scopes that stay open would catch the faults of the next run.
        let loaded = match promise {
            Ok(promise) => JsFuture::from(promise).await,
            Err(e) => Err(e),
        };
        match (failed, loaded) {
            (Some(e), _) => Err(e),
            (None, Ok(loaded)) => Ok(Loaded(loaded.unchecked_into())),
            (None, Err(e)) => Err(thrown(e)),
        }
    }

    fn bytes(loaded: &Loaded) -> u64 {
        loaded.0.bytes() as u64
    }

    async fn run(&self, loaded: &Loaded, inputs: &[Vec<u32>], seed: u32, timed: bool) -> Result<Done> {
        let inputs: Array = inputs.iter().map(|words| Uint32Array::from(&words[..])).collect();
        let done = self.handle.run(&loaded.0, inputs, seed, timed).await.map_err(thrown)?;
        let get = |key: &str| Reflect::get(&done, &key.into()).map_err(thrown);
        let outputs: Array = get("outputs")?.unchecked_into();
        let outputs = outputs.iter().map(|words| words.unchecked_into::<Uint32Array>().to_vec()).collect();
        let nanoseconds = get("nanoseconds")?.unchecked_into::<Float64Array>().to_vec();
        Ok(Done { outputs, nanoseconds })
    }

    fn destroy(&self) {
        self.handle.destroy();
    }
}
