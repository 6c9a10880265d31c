//! What runs models, and knows none of ours: bytes or listings in, arrays out.
//!
//! Each engine has a face that two implementations share: the library in this process, and the one of another wasm
//! package, reached through JavaScript. What prepares a model for an engine, and reads its faults, is above (`run`).

pub mod clock;
pub mod cpu;
pub mod gpu;
