//! Between our models and the engine that runs a protocol (`crate/mpc`), which knows none: a graph becomes layers, its
//! weights numbers of a ring.
//!
//! BatchNorm behind a linear layer goes into its weights, as it is priced. Assumes one sample, one input and one output; an
//! operator that the engine has no layer for is refused by name.

mod lower;

pub use lower::{Lowered, lower};
