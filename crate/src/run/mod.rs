//! Runs a model: the parts that both engines share, and the engines.
//!
//! `model` opens a file for running and gathers its weights (`weights`) into one buffer; `tensor`
//! is what goes in and comes out, `npy` and `npz` are its files; `batch` cuts inputs into slices
//! and joins outputs; `session` drives an engine over them. Nothing shared knows an engine;
//! an engine never sees a file.

pub mod accuracy;
pub mod batch;
pub mod checked;
pub mod cpu;
pub mod difference;
pub mod engine;
#[allow(dead_code)]
pub mod gpu;
pub mod histogram;
pub mod model;
pub mod npy;
pub mod npz;
pub mod random;
pub mod ring;
pub mod session;
mod small_types;
pub mod stats;
pub mod tensor;
#[cfg(test)]
mod tests;
pub mod weights;
