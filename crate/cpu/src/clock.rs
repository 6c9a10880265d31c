//! Elapsed time, natively and in the browser (where the standard clock panics).

/// Seconds since some fixed moment.
#[cfg(not(target_arch = "wasm32"))]
pub fn seconds() -> f64 {
    use std::sync::OnceLock;
    use std::time::Instant;
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_secs_f64()
}

/// Seconds since the page was started.
#[cfg(target_arch = "wasm32")]
pub fn seconds() -> f64 {
    use wasm_bindgen::JsCast;
    let clock = js_sys::Reflect::get(&js_sys::global(), &"performance".into()).ok();
    let now = clock.as_ref().and_then(|clock| js_sys::Reflect::get(clock, &"now".into()).ok());
    let now = now.and_then(|now| now.dyn_into::<js_sys::Function>().ok());
    let millis = now.zip(clock).and_then(|(now, clock)| now.call0(&clock).ok()?.as_f64());
    millis.unwrap_or(0.0) / 1000.0
}
