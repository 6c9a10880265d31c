//! Runs a model: the parts that both engines share, and the engines.
//!
//! `model` opens a file for running and gathers its weights (`weights`) into one buffer; `tensor`
//! is what goes in and comes out, `npy` and `npz` are its files; `batch` cuts inputs into slices
//! and joins outputs; `session` drives an engine over them. Nothing shared knows an engine;
//! an engine never sees a file.

pub mod accuracy;
pub mod batch;
#[cfg(feature = "lower")]
pub mod checked;
#[cfg(feature = "cpu")]
pub mod cpu;
#[cfg(feature = "lower")]
pub mod difference;
pub mod engine;
#[cfg(feature = "lower")]
#[allow(dead_code)]
pub mod gpu;
pub mod histogram;
pub mod model;
pub mod npy;
pub mod npz;
pub mod random;
#[cfg(feature = "cpu")]
pub mod ring;
pub mod session;
pub mod stats;
pub mod tensor;
pub mod weights;
