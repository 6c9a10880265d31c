//! The GPU engine: a graph is lowered to a program of our kernels (`crate/gpu/src/kernels`), which an executor
//! runs.
//!
//! `lower` turns the graph into a `program`, plain data that needs no GPU; `engine` is what a session drives. A graph with an operator that is lacking is refused as a whole,
//! by the operator's name: no tensor travels back and forth in the middle of a network.
//!
//! NaN: ReLU, Clip, Max, Min and max pooling let a NaN through, as ONNX Runtime and NumPy do.

pub mod activation;
pub mod engine;
pub mod lower;
pub mod program;
#[cfg(test)]
pub(crate) mod tests;
