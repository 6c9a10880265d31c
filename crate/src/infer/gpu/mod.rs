//! The GPU engine: a graph is lowered to a program of our kernels (`kernels/*.wgsl`), which a device
//! runs through WebGPU (Vulkan natively).
//!
//! `lower` turns the graph into a `program`, plain data that needs no GPU; `device` is the GPU,
//! `shader` the kernels' texts and compiled pipelines, `memory` which buffer a tensor lives in, `run`
//! the program on the device. A graph with an operator that is lacking is refused as a whole, by the
//! operator's name: no tensor travels back and forth in the middle of a network. Never panics on a
//! lost device or a full memory: those are errors with `Code::Gpu`.
//!
//! NaN: ReLU, Clip, Max, Min and max pooling let a NaN through, as ONNX Runtime and NumPy do.

pub mod activation;
pub mod device;
pub mod engine;
pub mod lower;
mod memory;
pub mod program;
pub mod run;
pub mod shader;
#[cfg(test)]
mod tests;
mod wait;
